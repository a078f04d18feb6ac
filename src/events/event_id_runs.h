// The event ids of the last days as they lie on the disk: sorted runs, each with a filter that stays in
// memory.
//
//   run 7   filter | chunk 0 | chunk 1 | ... | chunk 2^k - 1        chunks by the first k bits of the hash
//
// An id that is not there costs one look at each filter; one that is there, or that a filter suspects, one
// read of a chunk.  A run holds at most kEventIdsPerRun ids: 10 million ids of a week are 20 runs.
//
// The value of every key begins with the receipt of the latest id of its run, so that the engine drops all
// keys of a run when the last of its ids has expired (storage/event_id_expiry.h).  Single ids expire by their
// own time, to the millisecond.
//
// Folders of format 1 have a key per id instead; they are asked, too, until the last of them has expired.
//
// Bytes: docs/formats/events.md.  Memory: two bytes an id.
// Thread safety: FindAny from any thread; the rest from one thread at a time.

#ifndef ATTUNE_EVENTS_EVENT_ID_RUNS_H_
#define ATTUNE_EVENTS_EVENT_ID_RUNS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/published.h"
#include "base/status.h"
#include "events/event_id_filter.h"
#include "events/identity_vault.h"
#include "storage/storage_engine.h"

namespace attune::events {

struct SeenEventId {
  Hash128 id{};
  int64_t received_at_ms = 0;
};

class EventIdRuns {
 public:
  // Reads the filters.  `engine` must outlive this.
  static Result<std::unique_ptr<EventIdRuns>> Open(storage::StorageEngine* engine);

  // For each id whether it was seen within kEventIdWindowMs before its `received_at_ms`.  Fails with
  // kUnavailable when the disk cannot be read.
  Result<std::vector<bool>> FindAny(std::span<const SeenEventId> ids) const;

  // How many saves there were.  FindAny() knows those before the call, and what it says of their ids holds
  // until the save after the next one.
  uint64_t save_count() const { return save_count_.load(std::memory_order_acquire); }
  // All ids of records up to this one are in the runs.
  Sequence saved_sequence() const { return saved_sequence_; }

  // Adds a run of `ids`, those of the records up to `sequence` since the save before; ids that have expired
  // by the latest of them are left out.  One commit, not synced: the log has them.  When it fails, nothing
  // has changed.
  Status Save(std::vector<SeenEventId> ids, Sequence sequence);

 private:
  struct Run {
    uint64_t number = 0;
    int64_t latest_ms = 0;
    uint64_t id_count = 0;
    int chunk_bits = 0;
    EventIdFilter filter{0};
  };
  using RunPointer = std::shared_ptr<const Run>;
  using Runs = std::vector<RunPointer>;  // By number.

  struct Suspect {
    size_t place = 0;  // Among the ids that are asked for.
    const Run* run = nullptr;
  };

  explicit EventIdRuns(storage::StorageEngine* engine);
  Status LoadRuns();
  Status LoadState();
  Status FindInRuns(std::span<const SeenEventId> ids, std::vector<bool>& found) const;
  Status FindSingle(std::span<const SeenEventId> ids, std::vector<bool>& found) const;
  Status AddIdsOf(const Run& run, std::vector<SeenEventId>& ids) const;
  static Run MakeRun(uint64_t number, std::vector<SeenEventId> ids, storage::WriteBatch& batch);
  void PutState(Sequence sequence, storage::WriteBatch& batch) const;

  storage::StorageEngine* const engine_;
  Published<Runs> runs_;
  std::atomic<uint64_t> save_count_{0};
  Sequence saved_sequence_;
  // 0: none.  Its ids are in another run; its chunks stay until the next save, for who began to look before.
  uint64_t replaced_run_ = 0;
  int64_t single_ids_until_ms_ = 0;  // Keys of format 1 may be there for events received before this.
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_EVENT_ID_RUNS_H_
