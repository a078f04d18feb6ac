// The folder of one store, as files:
//
//   <store>/FORMAT      "attune-storage 2\n": the format version.  Written last when a folder is made.
//   <store>/LOCK        held (flock) by the one process that has the store open
//   <store>/db/         RocksDB
//   <store>/...         what other rooms put beside it (models/), base snapshots (bases/), the vault (vault/,
//   a store
//                       folder of its own)
//
// FORMAT is a file and not a key, so that a newer folder is refused before anything in it is opened.
//
// Thread safety: pure functions over the file system; a FolderLock belongs to one owner.

#ifndef ATTUNE_STORAGE_STORE_FOLDER_H_
#define ATTUNE_STORAGE_STORE_FOLDER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"

namespace attune::storage {

// Version 1: the columns of storage_engine.h, `log`, and the keys of docs/formats/storage.md.
// Version 2: an entry of `log` holds the records of a commit (storage/log_entry.h).
inline constexpr uint32_t kFormatVersion = 2;

std::string DatabaseFolder(const std::string& store_folder);  // "<store>/db"

// The version in FORMAT; nothing when there is no such file; kCorruption when it does not read as one.
Result<std::optional<uint32_t>> ReadFormatVersion(const std::string& store_folder);

// Atomic and durable.
Status WriteFormatVersion(const std::string& store_folder, uint32_t version);

// Replaces `path` by `bytes` so that a crash leaves the old or the new file, and the new one once this
// returned ok.
Status WriteFileDurably(const std::string& path, const std::string& bytes);

// Makes names created in or removed from `folder` survive power loss.
Status SyncFolder(const std::string& folder);

// "cannot create folder: /x: Permission denied" for the errno at hand.
Status FileError(const std::string& what, const std::string& path, int error_number);

// The exclusive lock on a store folder.  Released by the destructor and by the end of the process.
class FolderLock {
 public:
  // kConflict when another process, or another engine of this one, holds it.
  static Result<FolderLock> Take(const std::string& store_folder);

  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_STORE_FOLDER_H_
