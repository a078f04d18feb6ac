// A copy of a store that can be carried away, taken while the store runs, and the way back.
//
//   on the committing thread   Stage(): a checkpoint and hard links in "<store>/.backup"; milliseconds
//   on any thread              WriteTo(): copies the bytes to the target, with a list of fingerprints
//
//   <backup>/BACKUP            the list; text, docs/formats/storage.md
//   <backup>/store/...         the store folder: database, models/, bases/
//   <backup>/vault/...         the vault, only when asked for
//
// Without the vault a backup holds no key to anybody's identity: who is erased stays erased, also in old
// backups.
//
// Files beside the database are taken twice, before and after the checkpoint, so that each generation that
// the log names is there.  They must be replaced by rename and never written in place.
//
// Thread safety: as stated at each function.

#ifndef ATTUNE_STORAGE_BACKUP_H_
#define ATTUNE_STORAGE_BACKUP_H_

#include <cstdint>
#include <memory>
#include <string>

#include "base/ids.h"
#include "base/status.h"
#include "storage/rocks_storage.h"

namespace attune::storage {

struct BackupOptions {
  RocksStorage* vault = nullptr;  // Null leaves it out.
  bool with_bases = true;         // Without them the log cannot be folded again from before its first record.
};

struct BackupSummary {
  uint64_t files = 0;
  uint64_t bytes = 0;  // Files that share their bytes count each.
  Sequence last_sequence;
  bool has_vault = false;

  friend bool operator==(const BackupSummary&, const BackupSummary&) = default;
};

class StagedBackup {
 public:
  // On the committing thread of both engines, one at a time per store.  What an interrupted backup left is
  // removed.
  static Result<std::unique_ptr<StagedBackup>> Stage(RocksStorage& store, const BackupOptions& options);
  // Removes the staged links.
  ~StagedBackup();

  StagedBackup(const StagedBackup&) = delete;
  StagedBackup& operator=(const StagedBackup&) = delete;

  // From any thread, once.  `directory` must not exist; it appears when it is complete and on the disk.
  Result<BackupSummary> WriteTo(const std::string& directory) const;

 private:
  StagedBackup(std::string folder, Sequence last_sequence, bool has_vault);
  const std::string folder_;
  const Sequence last_sequence_;
  const bool has_vault_;
};

struct RestoreOptions {
  // How the restored store is opened to look at it.
  RocksOptions rocks;
  bool with_vault = true;  // When the backup has it.
};

// Copies a backup to `store_folder`, which must be empty or not exist, and verifies it: each file's
// fingerprint, then every record of the log.  The vault comes to "<store_folder>/vault".
//   kConflict    the folder holds something
//   kNotFound    there is no backup
//   kCorruption  the backup is damaged; nothing is left at `store_folder`
Result<BackupSummary> RestoreBackup(const std::string& directory, const std::string& store_folder,
                                    const RestoreOptions& options);

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_BACKUP_H_
