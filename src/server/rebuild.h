// Derived state made anew from the log: what `attune rebuild` does.
//
// The columns that a fold fills are emptied together with the watermark, in one commit, and the log is folded
// from its first record.  Killed in between, the next opening goes on.  What is no fold stays: event ids,
// decision records, the vault, keys and generation files.
//
// Thread safety: needs the store's folder for itself.

#ifndef ATTUNE_SERVER_REBUILD_H_
#define ATTUNE_SERVER_REBUILD_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/status.h"

namespace attune::server {

// Returns how many records were folded.  Fails with kConflict when the log no longer begins with its first
// record: then the state before it is in a base snapshot (docs/operations/backup.md) and cannot be made from
// the log alone.
Result<uint64_t> RebuildStore(const std::string& folder, const Clock& clock);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_REBUILD_H_
