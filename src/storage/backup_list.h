// The list in a backup: what was copied, and what it must still be.
//
//     attune-backup 1
//     last_sequence 1042
//     vault 0
//     file 9ae16a3b2f90404f 16 store/FORMAT
//     file 0d2f85b1a1c03d5e 20971520 store/db/000012.sst
//
// One line each, fields parted by one space, the path last.  Text, so that an operator can read it.
//
// Thread safety: pure functions.

#ifndef ATTUNE_STORAGE_BACKUP_LIST_H_
#define ATTUNE_STORAGE_BACKUP_LIST_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "storage/file_copy.h"

namespace attune::storage {

inline constexpr char kBackupListName[] = "BACKUP";

struct BackupList {
  Sequence last_sequence;
  bool has_vault = false;
  std::vector<CopiedFile> files;

  friend bool operator==(const BackupList&, const BackupList&) = default;
};

std::string FormatBackupList(const BackupList& list);

// kCorruption names the line at fault.  Paths that lead out of the backup are refused.
Result<BackupList> ParseBackupList(std::string_view text);

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_BACKUP_LIST_H_
