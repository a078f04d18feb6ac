// Copies folders of a store: by hard link where a moment must be caught, by bytes where a copy must stand
// alone.
//
// A fingerprint tells whether bytes are what they were:  f = seed;  for each block of 1 MiB: f =
// StableHash64(block, f). It is no defence against somebody who forges a backup.
//
// Files that a running store keeps for itself (LOCK, LOG, PROBE, what ends in .partial or begins with a dot)
// stay out.
//
// Thread safety: pure functions over the file system; a TreeCopy belongs to one thread.

#ifndef ATTUNE_STORAGE_FILE_COPY_H_
#define ATTUNE_STORAGE_FILE_COPY_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace attune::storage {

struct CopiedFile {
  std::string path;  // Below the folder copied, with '/'.
  uint64_t bytes = 0;
  uint64_t fingerprint = 0;

  friend bool operator==(const CopiedFile&, const CopiedFile&) = default;
};

// Regular files below `folder` by name, deep ones too.  Top-level names in `skip` stay out.
Result<std::vector<std::string>> ListTree(const std::string& folder, const std::set<std::string>& skip);

// Hard links (copies, where the file system cannot) `path` of `from` into `to`.  A file that exists there
// stays.
Status LinkFile(const std::string& from, const std::string& to, const std::string& path);

// Copies bytes, synced.  A file that shares its bytes with one copied before (a hard link) becomes a hard
// link again.
class TreeCopy {
 public:
  TreeCopy(std::string from, std::string to) : from_(std::move(from)), to_(std::move(to)) {}
  Result<CopiedFile> Copy(const std::string& path);

 private:
  struct Source {
    uint64_t device = 0;
    uint64_t inode = 0;
    auto operator<=>(const Source&) const = default;
  };
  const std::string from_;
  const std::string to_;
  std::map<Source, CopiedFile> copied_;
};

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_FILE_COPY_H_
