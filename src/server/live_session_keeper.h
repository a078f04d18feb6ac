// The visits of a store since its last training, on their way into the answers of other shoppers.
//
//   strand:       Note(event)*, HandOver(sequence)            a few nanoseconds an event
//   maintenance:  Build(models)  =>  LiveSessions             published with the StoreView (server/store.h)
//   restart:      Build() first reads what the log holds behind the training, some records a call
//
// What Build gives is a function of the log between the models' watermark and its sequence() alone
// (models/live_window.h), so a decision can be made again
// (server/live_session_reader.h).
//
// Thread safety: Note and HandOver on the writer strand; the others from any thread.

#ifndef ATTUNE_SERVER_LIVE_SESSION_KEEPER_H_
#define ATTUNE_SERVER_LIVE_SESSION_KEEPER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "base/mutex.h"
#include "base/status.h"
#include "events/event.h"
#include "events/identity_record.h"
#include "models/live_sessions.h"
#include "models/live_window.h"
#include "models/model_set.h"
#include "storage/storage_engine.h"

namespace attune::server {

// Records that one Build() reads of the log, at most: about a fifth of a second.
inline constexpr uint64_t kLiveRecordsPerBuild = 100'000;

class LiveSessionKeeper {
 public:
  // Notes will begin behind `opened_at`; what lies before is read from the log.  `engine` outlives this.
  LiveSessionKeeper(const storage::StorageEngine* engine, Sequence opened_at)
      : engine_(engine), opened_at_(opened_at), handed_until_(opened_at) {}

  // ---- Strand, in the order of the log ----
  void Note(Sequence sequence, const events::Event& event);
  void Note(Sequence sequence, const events::IdentityChange& change);
  // Everything up to `applied` was noted, and maybe more.
  void HandOver(Sequence applied);

  // ---- Any thread ----
  using Sessions = std::shared_ptr<const models::LiveSessions>;
  // The visits that `set` has not learned from, up to the last HandOver(); null when there are none, when the
  // set has no session_next, and while the log is still being read.  The same pointer as long as nothing was
  // looked at.  Fails when the disk cannot be read, and goes on from there the next time.
  Result<Sessions> Build(const models::ModelSet& set);
  // No earlier generation than one with this watermark serves any more.
  void DropThrough(Sequence watermark);

 private:
  Status ReadLog(Sequence watermark) REQUIRES(build_mutex_);
  bool TakeOver() REQUIRES(build_mutex_);

  const storage::StorageEngine* const engine_;
  const Sequence opened_at_;

  std::vector<models::LiveRow> noted_;  // Strand.

  Mutex hand_mutex_;  // After build_mutex_.
  std::deque<models::LiveRow> handed_
      GUARDED_BY(hand_mutex_);  // The latest; the rest would leave the window.
  Sequence handed_until_ GUARDED_BY(hand_mutex_);

  Mutex build_mutex_;
  models::LiveWindow window_ GUARDED_BY(build_mutex_);
  bool has_read_log_ GUARDED_BY(build_mutex_) = false;
  // What was built last, and of which generation.
  Sessions built_ GUARDED_BY(build_mutex_);
  Generation built_for_ GUARDED_BY(build_mutex_);
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_LIVE_SESSION_KEEPER_H_
