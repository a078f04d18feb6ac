// The RocksDB behind a RocksStorage: opened, written through the guard of WalFileSystem, and opened again
// after the disk failed.  Knows families and bytes; sequences and records are RocksStorage's.
//
// Only for the .cc files of this room: it brings RocksDB's headers.
// Thread safety: Reader from any thread; all else from the committing thread.

#ifndef ATTUNE_STORAGE_ROCKS_DATABASE_H_
#define ATTUNE_STORAGE_ROCKS_DATABASE_H_

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/read_gate.h"
#include "storage/rocks_storage.h"
#include "storage/wal_file_system.h"

namespace attune::storage {

// RocksDB's word for what went wrong, as ours.
Status ToStatus(const rocksdb::Status& status, std::string_view what, const std::string& folder);

inline rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class RocksDatabase {
 public:
  RocksDatabase(std::string store_folder, const RocksOptions& options);
  ~RocksDatabase();

  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;

  Status Open();

  // A pass to read.  Keep it for one call, and leave soon once leave_soon().
  class Reader {
   public:
    explicit Reader(RocksDatabase& database) : database_(database), pass_(database.gate_) {}
    // kUnavailable while the database is being opened again.
    Status status() const;
    bool leave_soon() const { return database_.gate_.closing(); }
    rocksdb::DB& db() const { return *database_.db_; }
    rocksdb::ColumnFamilyHandle* log() const { return database_.log_; }
    // Null for a column in which nothing was ever put.
    rocksdb::ColumnFamilyHandle* column(Column column) const {
      return database_.columns_[static_cast<size_t>(column)].load(std::memory_order_acquire);
    }

   private:
    RocksDatabase& database_;
    ReadGate::Pass pass_;
  };

  // Opens again if the disk had failed and works now; kUnavailable while it does not.
  Status RecoverIfNeeded();
  // Makes families that are not there yet; together, since each call rewrites RocksDB's options file.
  Status MakeColumns(const std::vector<Column>& columns);
  Status DropColumn(Column column);
  // All of `batch` or nothing.  REQUIRES: RecoverIfNeeded() was ok.
  Status Write(rocksdb::WriteBatch& batch, bool sync);

  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* log() const { return log_; }
  rocksdb::ColumnFamilyHandle* engine() const { return engine_; }
  rocksdb::ColumnFamilyHandle* column(Column column) const {
    return columns_[static_cast<size_t>(column)].load(std::memory_order_acquire);
  }
  const std::string& store_folder() const { return store_folder_; }
  uint64_t wal_bytes() const { return file_system_->wal_bytes(); }

 private:
  class ErrorListener;

  void Close();
  Status OpenFamilies();
  Status ProbeDisk() const;

  const std::string store_folder_;
  const RocksOptions options_;
  const std::shared_ptr<WalFileSystem> file_system_;
  const std::unique_ptr<rocksdb::Env> env_;
  const std::shared_ptr<std::atomic<bool>> needs_recovery_;  // Set by RocksDB's threads too.

  mutable ReadGate gate_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* engine_ = nullptr;
  rocksdb::ColumnFamilyHandle* log_ = nullptr;
  std::array<std::atomic<rocksdb::ColumnFamilyHandle*>, kColumnCount> columns_{};
  std::vector<rocksdb::ColumnFamilyHandle*>
      dropped_;  // Readers may still use them; freed when the database closes.
};

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_ROCKS_DATABASE_H_
