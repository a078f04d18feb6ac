// Derived state made anew from the log: what `attune rebuild` does.
//
//   whole log   the columns that a fold fills are emptied, and the log is folded from its first record
//   cut log     they are filled from the oldest base that the log goes on from (storage/retention.h), and the
//   log
//               is folded from there: as much is made anew as the log still can
//
// The watermark goes first and comes last.  Killed in between, a whole log is folded by the next opening, and
// a cut one is refused (kStateBehindLog, server/store_state.h) until the rebuild is run again.  What is no
// fold stays: event ids, decision records, the vault, keys and generation files.
//
// Thread safety: needs the store's folder for itself.

#ifndef ATTUNE_SERVER_REBUILD_H_
#define ATTUNE_SERVER_REBUILD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "storage/storage_engine.h"

namespace attune::server {

// The name of the error when a cut log has no base that it goes on from (kConflict).
inline constexpr std::string_view kNoBase = "no_base";

// Where a fold of the log of `folder` can begin, by sequence: the bases that the log goes on from, and 0
// (nothing) when the log is whole.  `engine` is the store in that folder.
Result<std::vector<Sequence>> FoldStarts(const std::string& folder, const storage::StorageEngine& engine);

// Returns how many records were folded.  Fails with kConflict (kNoBase).
Result<uint64_t> RebuildStore(const std::string& folder, const Clock& clock);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_REBUILD_H_
