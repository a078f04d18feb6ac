// What LiveSessionKeeper had built at a sequence, made again from the log: for replay.
//
// Asked in the order of the sequences it reads each record once; asked for an earlier one it begins anew, at
// most models::kLiveRecordsMax records before.
//
// Thread safety: one thread.

#ifndef ATTUNE_SERVER_LIVE_SESSION_READER_H_
#define ATTUNE_SERVER_LIVE_SESSION_READER_H_

#include <cstdint>
#include <deque>
#include <memory>

#include "base/ids.h"
#include "base/status.h"
#include "models/live_sessions.h"
#include "models/live_window.h"
#include "models/model_set.h"
#include "storage/storage_engine.h"

namespace attune::server {

class LiveSessionReader {
 public:
  // `engine` outlives this.
  explicit LiveSessionReader(const storage::StorageEngine* engine) : engine_(engine) {}

  using Sessions = std::shared_ptr<const models::LiveSessions>;
  // Null as of LiveSessionKeeper::Build().  Fails with kNotFound when the log does not go back that far.
  Result<Sessions> Read(const models::ModelSet& set, Sequence until);

 private:
  Status ReadWindow(Sequence watermark, Sequence until);

  struct Made {
    Generation generation;
    Sequence until;
    Sessions sessions;
  };

  const storage::StorageEngine* const engine_;
  models::LiveWindow window_;
  Sequence begin_{UINT64_MAX};  // The window holds what lies behind it; the largest: nothing was read.
  std::deque<Made> made_;       // The latest: decisions of one second share them.
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_LIVE_SESSION_READER_H_
