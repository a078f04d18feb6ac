// Events from a file: history of a shop, one IncomingEvent after the other.
//
//   order lines (CSV, TSV), events (NDJSON), customers (CSV, NDJSON)  -->  EventStream  -->  the writer, in
//   batches
//
// Everything that comes out is marked as backfill: it trains and counts, but fires nothing.  The same file
// and options give the same events in the same order, so an import that stopped goes on with `skip` = done().
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_EVENTS_IMPORT_STREAM_H_
#define ATTUNE_EVENTS_IMPORT_STREAM_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/status.h"
#include "catalog/import_source.h"
#include "events/incoming_event.h"

namespace attune::events {

// What became of the rows of a file.
//
//   541909 rows: 529223 taken, 12686 not; 22190 events
//     price is zero or less: 2515
//       line 624: 22139
class ImportTally {
 public:
  uint64_t rows_read = 0;
  uint64_t rows_taken = 0;
  uint64_t events = 0;

  // A row, or `rows` of them, did not become an event; 0: only a part of a row.
  void LeaveOut(std::string_view reason, uint64_t line, std::string_view example, uint64_t rows = 1);
  // Something a reader of the report must know; counts no row.
  void Note(std::string note) { notes_.push_back(std::move(note)); }

  uint64_t rows_left_out() const { return rows_left_out_; }
  uint64_t CountOf(std::string_view reason) const;
  const std::vector<std::string>& notes() const { return notes_; }
  // For people.  `seconds` 0: without the rate.
  std::string ToText(double seconds) const;

 private:
  struct Reason {
    uint64_t count = 0;
    std::vector<std::pair<uint64_t, std::string>> examples;
  };
  std::map<std::string, Reason, std::less<>> reasons_;
  std::vector<std::string> notes_;
  uint64_t rows_left_out_ = 0;
};

class EventStream {
 public:
  virtual ~EventStream() = default;
  // False at the end.  Fails when the rest of the file cannot be read.
  virtual Result<bool> Next(IncomingEvent& event) = 0;
  // What the next run may skip when everything given so far is durable.
  virtual uint64_t done() const = 0;
  virtual const ImportTally& tally() const = 0;
  // Of the file's stored bytes, for progress; the size is 0 when it is not known.
  virtual uint64_t stored_position() const = 0;
  virtual uint64_t stored_size() const = 0;
};

struct EventImportOptions {
  int64_t now_ms = 0;         // Of the import: events are received at this time.
  Currency default_currency;  // Of amounts that name none.
  uint64_t skip = 0;          // done() of the run before.
};

// One event, or an array of events, per line, in the form of POST /v1/events.
Result<std::unique_ptr<EventStream>> OpenEventImport(std::unique_ptr<catalog::ImportSource> source,
                                                     const EventImportOptions& options);

// NDJSON {"customer_id":..., "traits":{...}, "consent":{...}}, or CSV and TSV with a column customer_id (or
// id, customer, email), optional columns consent, analytics_consent and personalization_consent, and traits
// in the others. Gives an identify per customer, before it a consent_changed where consent is said.
Result<std::unique_ptr<EventStream>> OpenCustomerImport(std::unique_ptr<catalog::ImportSource> source,
                                                        const EventImportOptions& options);

// Runs an import to its end: batches of at most `batch_max` events go to `on_batch`, which may stop the run
// by failing; `on_progress` is called about once a second and at the end.
struct ImportProgress {
  uint64_t rows = 0;
  uint64_t events = 0;
  uint64_t stored_position = 0;
  uint64_t stored_size = 0;
  double events_per_second = 0;
};
Status RunEventImport(EventStream& stream, const Clock& clock, size_t batch_max,
                      const std::function<Status(std::vector<IncomingEvent> batch, uint64_t done)>& on_batch,
                      const std::function<void(const ImportProgress&)>& on_progress);

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_IMPORT_STREAM_H_
