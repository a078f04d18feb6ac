// The keys of a store as one small file in its folder, which `attune keys` changes while the server runs.
//
//   <data>/<store>/keys     docs/formats/keys.md; readable by its owner only
//
// It is a file of its own, not a column of the store's engine, because the command line must be able to
// revoke a key while the engine's folder is locked by the server.  The server looks at the file's stamp a few
// times a second.
//
// Thread safety: one writer at a time; a reader sees the old file or the new one, never a part.

#ifndef ATTUNE_HTTP_KEY_FILE_H_
#define ATTUNE_HTTP_KEY_FILE_H_

#include <cstdint>
#include <string>

#include "base/status.h"
#include "http/api_keys.h"

namespace attune::http {

// Changes whenever the file was replaced; 0 when there is none.
uint64_t KeyFileStamp(const std::string& path);

// Fails with kNotFound when there is no file, with kCorruption when it is not ours, with kUnavailable else.
Result<StoreKeys> ReadKeyFile(const std::string& path);

// Replaces the file as one, and syncs it.  Fails with kUnavailable, and then the old file stands.
Status WriteKeyFile(const std::string& path, const StoreKeys& store);

}  // namespace attune::http

#endif  // ATTUNE_HTTP_KEY_FILE_H_
