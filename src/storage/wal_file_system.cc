#include "storage/wal_file_system.h"

#include <algorithm>
#include <utility>

#include "storage/limits.h"

namespace attune::storage {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// One write-ahead log file.  Appended to by one thread at a time (RocksDB's write leader).
class WalFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WalFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<WalFileSystem::OpenFiles> open_files)
      : FSWritableFileOwnerWrapper(std::move(file)), open_files_(std::move(open_files)) {
    MutexLock lock(open_files_->mutex);
    open_files_->files.insert(this);
    open_files_->newest = this;
  }

  ~WalFile() override { Forget(); }

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (is_cut_) return CutError();
    const IOStatus status = FSWritableFileOwnerWrapper::Append(data, options, debug);
    NoteAppended(data.size(), status);
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& check,
                  IODebugContext* debug) override {
    if (is_cut_) return CutError();
    const IOStatus status = FSWritableFileOwnerWrapper::Append(data, options, check, debug);
    NoteAppended(data.size(), status);
    return status;
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return is_cut_ ? CutError() : FSWritableFileOwnerWrapper::Flush(options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return is_cut_ ? CutError() : FSWritableFileOwnerWrapper::Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return is_cut_ ? CutError() : FSWritableFileOwnerWrapper::Fsync(options, debug);
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return is_cut_ ? CutError() : FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  // Allocation is ours (Reserve): RocksDB's would set aside a whole write buffer per idle store.
  void PrepareWrite(size_t /*offset*/, size_t /*length*/, const IOOptions& /*options*/,
                    IODebugContext* /*debug*/) override {}

  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    Forget();
    const uint64_t size = size_.load();
    if (!is_cut_ && allocated_ > size) {
      // Gives back the blocks set aside beyond the end.
      FSWritableFileOwnerWrapper::Truncate(size, options, debug).PermitUncheckedError();
    }
    return FSWritableFileOwnerWrapper::Close(options, debug);
  }

  void BeginCommit() {
    mark_ = size_.load();
    is_marked_ = true;
  }

  IOStatus Reserve(uint64_t bytes) {
    const uint64_t size = size_.load();
    if (size + bytes <= allocated_) return IOStatus::OK();
    uint64_t step = std::max(bytes, kWalAllocationStepBytes);
    IOStatus status = FSWritableFileOwnerWrapper::Allocate(size, step, IOOptions(), nullptr);
    if (!status.ok() && step > bytes) {
      step = bytes;  // The last corner of a full disk.
      status = FSWritableFileOwnerWrapper::Allocate(size, step, IOOptions(), nullptr);
    }
    if (status.ok()) allocated_ = size + step;
    // File systems that cannot allocate ahead say something else; whether they are full is found out by the
    // write.
    return status.IsNoSpace() ? status : IOStatus::OK();
  }

  // Files made during the commit have no mark: all of them goes.
  bool RollBack() {
    const uint64_t keep = is_marked_ ? mark_ : 0;
    if (!wrote_badly_ && size_.load() <= keep) return false;
    IOStatus status = FSWritableFileOwnerWrapper::Truncate(keep, IOOptions(), nullptr);
    if (status.ok()) status = FSWritableFileOwnerWrapper::Fsync(IOOptions(), nullptr);
    status.PermitUncheckedError();
    size_ = keep;
    is_cut_ = true;
    return true;
  }

  uint64_t size() const { return size_.load(); }

 private:
  static IOStatus CutError() { return IOStatus::IOError("this log file was cut back after a failed write"); }

  void NoteAppended(size_t bytes, const IOStatus& status) {
    if (status.ok()) {
      size_ += bytes;
    } else {
      wrote_badly_ = true;  // Some of the bytes may be in the file.
    }
  }

  void Forget() {
    MutexLock lock(open_files_->mutex);
    open_files_->files.erase(this);
    if (open_files_->newest == this) open_files_->newest = nullptr;
  }

  const std::shared_ptr<WalFileSystem::OpenFiles> open_files_;
  std::atomic<uint64_t> size_{0};
  std::atomic<bool> is_cut_{false};
  std::atomic<bool> wrote_badly_{false};
  std::atomic<uint64_t> allocated_{0};
  uint64_t mark_ = 0;  // Under OpenFiles::mutex, with is_marked_.
  bool is_marked_ = false;
};

WalFileSystem::WalFileSystem(const std::shared_ptr<rocksdb::FileSystem>& base)
    : FileSystemWrapper(base), open_files_(std::make_shared<OpenFiles>()) {}

WalFileSystem::~WalFileSystem() = default;

void WalFileSystem::BeginCommit() {
  MutexLock lock(open_files_->mutex);
  for (WalFile* file : open_files_->files) file->BeginCommit();
}

IOStatus WalFileSystem::ReserveLog(uint64_t bytes) {
  MutexLock lock(open_files_->mutex);
  return open_files_->newest == nullptr ? IOStatus::OK() : open_files_->newest->Reserve(bytes);
}

bool WalFileSystem::RollBackCommit() {
  bool any = false;
  MutexLock lock(open_files_->mutex);
  for (WalFile* file : open_files_->files) any = file->RollBack() || any;
  return any;
}

uint64_t WalFileSystem::wal_bytes() const {
  uint64_t bytes = 0;
  MutexLock lock(open_files_->mutex);
  for (const WalFile* file : open_files_->files) bytes += file->size();
  return bytes;
}

IOStatus WalFileSystem::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSWritableFile>* result,
                                        IODebugContext* debug) {
  const IOStatus status = FileSystemWrapper::NewWritableFile(name, options, result, debug);
  if (status.ok() && name.ends_with(".log")) {
    *result = std::make_unique<WalFile>(std::move(*result), open_files_);
  }
  return status;
}

}  // namespace attune::storage
