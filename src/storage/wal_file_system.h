// The file system under one RocksDB, so that a commit that failed leaves no trace.
//
// RocksDB appends a batch to its write-ahead log and then syncs it.  When either fails, the bytes may already
// be in the file, and a restart would find a batch that its writer was told is not there.  So, around each
// commit:
//
//     BeginCommit()          notes how long each log file is
//     ReserveLog(bytes)      allocates disk blocks for the batch: a full disk is met here, before anything is
//     written DB::Write(...) RollBackCommit()       when it failed: cuts the log files back and lets nothing
//     more be written to them
//
// A log file that was cut takes no more writes; the database must be opened again (RocksStorage does).  What
// remains open: a disk that fails the sync and then the cut as well, and loses power.
//
// Thread safety: RocksDB calls from any thread; BeginCommit, ReserveLog and RollBackCommit from the
// committing thread.

#ifndef ATTUNE_STORAGE_WAL_FILE_SYSTEM_H_
#define ATTUNE_STORAGE_WAL_FILE_SYSTEM_H_

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "base/mutex.h"

namespace attune::storage {

class WalFile;

class WalFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit WalFileSystem(const std::shared_ptr<rocksdb::FileSystem>& base);
  ~WalFileSystem() override;

  void BeginCommit();
  rocksdb::IOStatus ReserveLog(uint64_t bytes);
  // True when there was something to cut.
  bool RollBackCommit();
  // Of the log files open for writing.
  uint64_t wal_bytes() const;

  const char* Name() const override { return "attune.WalFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;

  // The files open now, shared with the files themselves, which may outlive a database that is closing.
  struct OpenFiles {
    mutable Mutex mutex;
    std::set<WalFile*> files GUARDED_BY(mutex);
    WalFile* newest GUARDED_BY(mutex) = nullptr;
  };

 private:
  const std::shared_ptr<OpenFiles> open_files_;
};

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_WAL_FILE_SYSTEM_H_
