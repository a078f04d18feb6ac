#include "storage/rocks_database.h"

#include <fcntl.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "storage/rocks_tuning.h"

namespace attune::storage {
namespace {

// Beyond the bytes of a batch, what RocksDB writes around them: at most 7 per 32 kB block, and the batch's
// own header.
constexpr uint64_t kWalOverheadBytes = 4096;

std::shared_ptr<rocksdb::FileSystem> BaseFileSystem(const RocksOptions& options) {
  return options.file_system ? options.file_system : rocksdb::FileSystem::Default();
}

}  // namespace

Status ToStatus(const rocksdb::Status& status, std::string_view what, const std::string& folder) {
  if (status.ok()) return Status();
  std::string message = std::string(what) + ", folder: " + folder + ": " + status.ToString();
  if (status.IsCorruption()) return Corruption(std::move(message));
  if (status.IsInvalidArgument() || status.IsNotSupported()) return Internal(std::move(message));
  return Unavailable(std::move(message));
}

// Notes the errors of flushes and compactions after which RocksDB takes no more writes.
class RocksDatabase::ErrorListener final : public rocksdb::EventListener {
 public:
  explicit ErrorListener(std::shared_ptr<std::atomic<bool>> needs_recovery)
      : needs_recovery_(std::move(needs_recovery)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* error) override {
    if (error->severity() >= rocksdb::Status::Severity::kHardError) needs_recovery_->store(true);
  }
  // We open again ourselves; two that repair at once would be one too many.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status error,
                            bool* auto_recovery) override {
    if (error.severity() >= rocksdb::Status::Severity::kHardError) *auto_recovery = false;
  }

 private:
  const std::shared_ptr<std::atomic<bool>> needs_recovery_;
};

RocksDatabase::RocksDatabase(std::string store_folder, const RocksOptions& options)
    : store_folder_(std::move(store_folder)),
      options_(options),
      file_system_(std::make_shared<WalFileSystem>(BaseFileSystem(options))),
      env_(rocksdb::NewCompositeEnv(file_system_)),
      needs_recovery_(std::make_shared<std::atomic<bool>>(false)) {}

RocksDatabase::~RocksDatabase() { Close(); }

void RocksDatabase::Close() {
  if (!db_) return;
  const auto destroy = [this](rocksdb::ColumnFamilyHandle* handle) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  };
  for (auto& column : columns_) destroy(column.exchange(nullptr));
  for (rocksdb::ColumnFamilyHandle* handle : dropped_) destroy(handle);
  dropped_.clear();
  destroy(std::exchange(log_, nullptr));
  destroy(std::exchange(engine_, nullptr));
  // Buffers need no flush: the log holds them.  A result is of no use here, what was acknowledged is synced.
  rocksdb::CancelAllBackgroundWork(db_.get(), /*wait=*/true);
  db_->Close().PermitUncheckedError();
  db_.reset();
}

Status RocksDatabase::Open() {
  const Status status = OpenFamilies();
  if (!status.ok()) Close();
  return status;
}

Status RocksDatabase::OpenFamilies() {
  const std::string folder = DatabaseFolder(store_folder_);
  rocksdb::DBOptions options = MakeDatabaseOptions(*options_.resources, env_.get());
  options.listeners.push_back(std::make_shared<ErrorListener>(needs_recovery_));
  needs_recovery_->store(false);

  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, folder, &names).ok()) {
    names = {rocksdb::kDefaultColumnFamilyName};  // A new folder; a damaged one fails below.
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) {
    if (name == rocksdb::kDefaultColumnFamilyName) {
      families.emplace_back(name, MakeEngineOptions(*options_.resources));
    } else if (name == kLogColumnFamily) {
      families.emplace_back(name, MakeLogOptions(*options_.resources));
    } else {
      int column = 0;
      while (column < kColumnCount && ColumnName(static_cast<Column>(column)) != name) ++column;
      if (column == kColumnCount) {
        return Corruption("a store folder has an unknown column, folder: " + store_folder_ + ": " + name);
      }
      families.emplace_back(name, MakeColumnOptions(*options_.resources, static_cast<Column>(column),
                                                    options_.clock, options_.event_id_window_ms));
    }
  }

  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, folder, families, &handles, &db);
  if (!status.ok()) return ToStatus(status, "cannot open a store", store_folder_);
  db_.reset(db);
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (handle->GetName() == rocksdb::kDefaultColumnFamilyName) engine_ = handle;
    if (handle->GetName() == kLogColumnFamily) log_ = handle;
    for (int column = 0; column < kColumnCount; ++column) {
      if (ColumnName(static_cast<Column>(column)) == handle->GetName()) {
        columns_[static_cast<size_t>(column)].store(handle, std::memory_order_release);
      }
    }
  }
  if (log_ == nullptr) {
    status = db_->CreateColumnFamily(MakeLogOptions(*options_.resources), kLogColumnFamily, &log_);
    if (!status.ok()) return ToStatus(status, "cannot make the log of a store", store_folder_);
  }
  return Status();
}

Status RocksDatabase::Reader::status() const {
  if (!pass_ || !database_.db_) return Unavailable("the store is recovering from a failed disk; retry");
  return Status();
}

Status RocksDatabase::ProbeDisk() const {
  const std::string path = store_folder_ + "/PROBE";
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0) return FileError("cannot write to the store folder", path, errno);
  const std::string bytes(kProbeBytes, 'p');
  Status status;
  const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
  if (written != static_cast<ssize_t>(bytes.size())) {
    status = FileError("cannot write to the store folder", path, written < 0 ? errno : ENOSPC);
  } else if (::fsync(descriptor) != 0) {
    status = FileError("cannot write to the store folder", path, errno);
  }
  ::close(descriptor);
  ::unlink(path.c_str());
  return status;
}

Status RocksDatabase::RecoverIfNeeded() {
  if (db_ && !needs_recovery_->load()) return Status();
  RETURN_IF_ERROR(ProbeDisk());
  gate_.Close();
  Close();
  const Status status = Open();
  if (status.ok()) gate_.Open();
  return status;
}

Status RocksDatabase::MakeColumns(const std::vector<Column>& columns) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(columns.size());
  for (const Column column : columns) {
    families.emplace_back(
        std::string(ColumnName(column)),
        MakeColumnOptions(*options_.resources, column, options_.clock, options_.event_id_window_ms));
  }
  // Those that were made before one failed are returned too.
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status = db_->CreateColumnFamilies(families, &handles);
  for (size_t i = 0; i < handles.size(); ++i) {
    columns_[static_cast<size_t>(columns[i])].store(handles[i], std::memory_order_release);
  }
  if (!status.ok()) needs_recovery_->store(true);
  return ToStatus(status, "cannot make a column; nothing was kept", store_folder_);
}

Status RocksDatabase::DropColumn(Column column) {
  rocksdb::ColumnFamilyHandle* handle = columns_[static_cast<size_t>(column)].load();
  if (handle == nullptr) return Status();
  const rocksdb::Status status = db_->DropColumnFamily(handle);
  if (!status.ok()) return ToStatus(status, "cannot drop a column", store_folder_);
  columns_[static_cast<size_t>(column)].store(nullptr);
  dropped_.push_back(handle);
  return Status();
}

Status RocksDatabase::Write(rocksdb::WriteBatch& batch, bool sync) {
  file_system_->BeginCommit();
  const uint64_t bytes = batch.GetDataSize();
  const rocksdb::IOStatus reserved = file_system_->ReserveLog(bytes + bytes / 1024 + kWalOverheadBytes);
  if (!reserved.ok()) return ToStatus(reserved, "cannot write to the store; nothing was kept", store_folder_);
  rocksdb::WriteOptions options;
  options.sync = sync;
  const rocksdb::Status status = db_->Write(options, &batch);
  if (status.ok()) return Status();
  file_system_->RollBackCommit();
  needs_recovery_->store(true);
  return ToStatus(status, "cannot write to the store; nothing was kept", store_folder_);
}

}  // namespace attune::storage
