// The latest views of a store, record by record: what becomes visits of LiveSessions before a training.
//
//   log ... W [ view view link view erase ... ] L        Visits(W) = the visits of the views behind W
//
// A visit is what it is for the trainers (visits.h): views of one person, 30 minutes apart at most, of two
// products at least; what they may not learn from is not here either: events without consent to
// personalisation, and those of nobody.  History that is imported (backfill) is nothing that happens now, and
// waits for the training.  Two differences, until the next training:
//
//   a visit that was open at W    its views up to W are the training's, those behind it a visit of their own
//   a link that is older than the window, or than W    is not known: the browser is its own person
//
// Invariants
//   (1) Rows are those of the records in (L - kLiveRecordsMax, L], the kLiveRowsMax latest of them: a pure
//   function of these records, wherever the reading began.  So a replay that reads them from the log has the
//   same rows, and a restart reads no more than kLiveRecordsMax records.
// Memory: 32 bytes a row: 3.2 MB when full.  Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_LIVE_WINDOW_H_
#define ATTUNE_MODELS_LIVE_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "events/event.h"
#include "events/identity_record.h"
#include "models/product_ties.h"
#include "models/sequence_file.h"
#include "storage/record.h"

namespace attune::models {

struct LiveRow {
  enum class Kind : uint8_t { kView, kLinked, kUnlinked, kErased };
  Sequence sequence;
  ShopperHandle shopper;
  uint64_t detail = 0;   // kView: when, in milliseconds; kLinked: the customer's handle.
  ProductIndex product;  // kView.
  Kind kind = Kind::kView;

  friend bool operator==(const LiveRow&, const LiveRow&) = default;
};

// Append what a record says to `rows`: nothing, for most.
void AppendLiveRows(Sequence sequence, const events::Event& event, std::vector<LiveRow>& rows);
void AppendLiveRows(Sequence sequence, const events::IdentityChange& change, std::vector<LiveRow>& rows);
// Fails with kCorruption when the payload is not ours.
Status AppendLiveRows(const storage::Record& record, std::vector<LiveRow>& rows);

// Where a window that ends at `until`, behind a training up to `watermark`, begins: after this sequence.
Sequence LiveWindowStart(Sequence watermark, Sequence until);

class LiveWindow {
 public:
  // Rows of the records up to `until`, in the order of the log, behind those that are there.
  void Append(std::span<const LiveRow> rows, Sequence until);
  // Forgets what a training up to `watermark` has learned from.
  void DropThrough(Sequence watermark);

  // The last record that was read.
  Sequence until() const { return until_; }
  size_t row_count() const { return rows_.size(); }

  // The visits behind `watermark`; the one that ended first comes first.
  Sequences Visits(Sequence watermark, const ProductTies& ties) const;

 private:
  std::vector<bool> FindErased() const;

  std::deque<LiveRow> rows_;
  Sequence until_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_LIVE_WINDOW_H_
