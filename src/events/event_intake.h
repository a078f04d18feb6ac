// The way of an event into the log: on the writer strand, between its arrival and the commit of its group.
//
//   any thread   IncomingEvent -> LookAhead: hashes of ids, is the event known already?, caches of who it is
//   warm strand       known already? -> who? -> consent -> products -> Event -> record in the batch
//
// Whatever must wait for the disk is asked ahead, for all events of a request at once and by the threads that
// read requests; the strand asks again only what may have changed since (recent_event_ids.h).
//
//   duplicate  the same event id within the window (storage/limits.h), also twice within one group: accepted
//   once who        the customer's handle when it names one, else the browser's; both named: the browser is
//   linked consent    consent_policy.h.  A choice that differs from what is on record is recorded for every
//   shopper named; a
//              refusal makes a handle only by consent_changed, and only where the store's default would track
//              otherwise
//
// The event was checked when it was read, so what is appended is final.  Refused here are only traits that
// outgrow a shopper, and anything when the store cannot be read (kUnavailable: retry).
//
// Thread safety: LookAhead from any thread; the rest on the writer strand.

#ifndef ATTUNE_EVENTS_EVENT_INTAKE_H_
#define ATTUNE_EVENTS_EVENT_INTAKE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "events/consent_policy.h"
#include "events/event.h"
#include "events/event_id_runs.h"
#include "events/identity_registry.h"
#include "events/incoming_event.h"
#include "events/limits.h"
#include "events/product_namer.h"
#include "events/recent_event_ids.h"
#include "storage/storage_engine.h"

namespace attune::events {

enum class IntakeOutcome : uint8_t { kAccepted, kDuplicate, kRejected };

// What a batch of events became; the writer's command keeps it from Prepare to Done.
struct PreparedEvents {
  struct Record {
    size_t offset = 0;  // Of its record among the records that this command appended.
    Event event;
    bool is_customer = false;  // The event's shopper, as of its record; false when it has none.
  };
  std::vector<Record> records;                   // Accepted ones, in the order of the log.
  std::vector<IntakeOutcome> outcomes;           // One per incoming event.
  std::vector<IdentityChange> identity_changes;  // To fold, in this order, before the events.
  struct Failure {
    size_t index = 0;  // Of the incoming event.
    Status status;
  };
  std::vector<Failure> failures;  // One per rejected event.
  size_t accepted_count = 0;
  size_t duplicate_count = 0;
};

// What was found out about arriving events before the strand had its turn; one entry per event.
struct IntakeLookAhead {
  struct Entry {
    Hash128 id{};  // Zero for an event without an id.
    Hash128 browser{};
    Hash128 customer{};
    IdentityRegistry::Ahead known_browser;
    IdentityRegistry::Ahead known_customer;
    bool is_known = false;  // An event of this id is in the runs.
  };
  std::vector<Entry> entries;
  uint64_t as_of_save = 0;              // EventIdRuns::save_count() before the runs were asked.
  std::vector<ShopperHandle> shoppers;  // Those named that have a handle, in no order.
};

class EventIntake {
 public:
  // Reads the ids of the records that no run holds yet from the log.  All pointers must outlive the intake.
  static Result<std::unique_ptr<EventIntake>> Open(storage::StorageEngine* engine, IdentityRegistry* registry,
                                                   ProductNamer* namer, ConsentDefaults defaults);

  void SetConsentDefaults(ConsentDefaults defaults) { defaults_ = std::move(defaults); }

  // Any thread.  Fails with kUnavailable when the disk cannot be read.
  Result<IntakeLookAhead> LookAhead(std::span<const IncomingEvent> incoming) const;

  // Appends what the events become to `batch`.  Earlier commands of the group count as done.  Takes the
  // events' memory.  REQUIRES: ahead.entries[i] is about incoming[i].
  void Prepare(std::span<IncomingEvent> incoming, const IntakeLookAhead& ahead, int64_t recorded_at_ms,
               storage::WriteBatch& batch, PreparedEvents& prepared);

  // Folds the identity changes of one command; call it in Apply, before the events are folded elsewhere.
  Status Apply(const PreparedEvents& prepared);

  // The end of a group: both forget what was only prepared.
  void OnGroupApplied();
  void OnCommitFailed();

  // When no group waits for its commit; `applied`: the last record applied, or one before it.  Saves the ids
  // of the events since the last save; when that fails, they stay in memory and in the log.
  Status SaveIds(Sequence applied);
  // Likewise, when there are enough of them.
  Status SaveIdsIfDue(Sequence applied);

 private:
  struct Shopper {
    IdentityRegistry::Known known;
    bool is_named = false;
  };

  EventIntake(std::unique_ptr<EventIdRuns> runs, IdentityRegistry* registry, ProductNamer* namer,
              ConsentDefaults defaults);
  Status RecoverIds(const storage::StorageEngine& engine);
  Status PrepareOne(IncomingEvent& incoming, const IntakeLookAhead::Entry& ahead, uint64_t as_of_save,
                    size_t first_record, IdentitySink& sink, PreparedEvents& prepared);
  Result<bool> IsDuplicate(const SeenEventId& seen, bool is_known, uint64_t as_of_save) const;
  Status LookupShoppers(const IncomingEvent& incoming, const IntakeLookAhead::Entry& ahead, Shopper& browser,
                        Shopper& customer) const;
  Status RecordConsent(const IncomingEvent& incoming, std::string_view external_id, Shopper& shopper,
                       IdentitySink& sink);
  Status MakeShoppers(const IncomingEvent& incoming, Shopper& browser, Shopper& customer, IdentitySink& sink);
  Event ToEvent(IncomingEvent& incoming);

  const std::unique_ptr<EventIdRuns> runs_;
  IdentityRegistry* const registry_;
  ProductNamer* const namer_;
  ConsentDefaults defaults_;
  RecentEventIds recent_ids_;
  size_t save_at_count_ = kEventIdsPerRun;  // Later after a save that failed.
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_EVENT_INTAKE_H_
