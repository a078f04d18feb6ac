#include "storage/rocks_storage.h"

#include <rocksdb/convenience.h>
#include <rocksdb/utilities/checkpoint.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <system_error>
#include <utility>

#include "base/record_wire.h"
#include "storage/event_id_expiry.h"
#include "storage/log_entry.h"
#include "storage/rocks_database.h"

namespace attune::storage {
namespace {

namespace fs = std::filesystem;

constexpr char kLogBoundsKey[] = "log_bounds";
constexpr protozero::pbf_tag_type kFirstField = 1;
constexpr protozero::pbf_tag_type kLastField = 2;
constexpr std::string_view kBoundsWires = "vv";  // As HasKnownWire() takes them.

constexpr size_t kScanReadaheadBytes = 2u << 20;

// Where the log begins, and where it ended when it was last cut (it may be empty since).
struct LogBounds {
  uint64_t first = 1;
  uint64_t last = 0;
};

std::string EncodeBounds(const LogBounds& bounds) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  writer.add_uint64(kFirstField, bounds.first);
  writer.add_uint64(kLastField, bounds.last);
  return bytes;
}

Result<LogBounds> DecodeBounds(const std::string& bytes) {
  LogBounds bounds;
  try {
    protozero::pbf_reader reader(bytes);
    while (reader.next()) {
      if (!HasKnownWire(reader, kBoundsWires)) return Corruption("the bounds of the log are malformed");
      if (reader.tag() == kFirstField) {
        bounds.first = reader.get_uint64();
      } else if (reader.tag() == kLastField) {
        bounds.last = reader.get_uint64();
      } else {
        reader.skip();
      }
    }
  } catch (const protozero::exception&) {
    return Corruption("the bounds of the log are malformed");
  }
  if (bounds.first == 0 || bounds.first > bounds.last + 1) {
    return Corruption("the bounds of the log are malformed");
  }
  return bounds;
}

bool OnlyDeletes(const WriteBatch& batch) {
  return batch.records().empty() &&
         std::all_of(batch.operations().begin(), batch.operations().end(), [](const auto& operation) {
           return operation.kind != WriteBatch::Operation::Kind::kPut;
         });
}

bool OnlyRanges(const WriteBatch& batch) {
  return batch.records().empty() &&
         std::all_of(batch.operations().begin(), batch.operations().end(), [](const auto& operation) {
           return operation.kind == WriteBatch::Operation::Kind::kDeleteRange;
         });
}

Result<uint64_t> FirstSequenceOf(const rocksdb::Iterator& entry) {
  if (entry.key().size() != 8) return Corruption("the log has a malformed key");
  return NumberFromOrderedKey(ToView(entry.key()));
}

Result<uint64_t> LastSequenceOf(const rocksdb::Iterator& entry) {
  ASSIGN_OR_RETURN(const uint64_t first, FirstSequenceOf(entry));
  ASSIGN_OR_RETURN(const uint64_t count, CountLogRecords(Sequence{first}, ToView(entry.value())));
  return first + count - 1;
}

// To the entry that holds the record, or would hold it: the last one that does not begin behind it.
void SeekToRecord(uint64_t sequence, rocksdb::Iterator& entries) {
  entries.SeekForPrev(OrderedKey(sequence));
  if (!entries.Valid() && entries.status().ok()) entries.SeekToFirst();
}

// Tables that lie in the range whole go at once; the rest goes with the next compactions.
void DropTables(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, std::string_view begin,
                std::string_view end) {
  const rocksdb::Slice from = ToSlice(begin);
  const rocksdb::Slice to = ToSlice(end);
  rocksdb::DeleteFilesInRange(&db, family, &from, &to, /*include_end=*/false).PermitUncheckedError();
}

Status CheckFreeSpace(const std::string& folder, uint64_t free_bytes_min) {
  struct statvfs disk = {};
  if (::statvfs(folder.c_str(), &disk) != 0) return FileError("cannot look at the disk", folder, errno);
  const uint64_t free_bytes = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
  if (free_bytes >= free_bytes_min) return Status();
  return Unavailable("the disk is full; nothing was kept; free bytes: " + std::to_string(free_bytes) +
                     ", needed: " + std::to_string(free_bytes_min) + ", folder: " + folder);
}

uint64_t IntProperty(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, const std::string& name) {
  uint64_t value = 0;
  return family != nullptr && db.GetIntProperty(family, name, &value) ? value : 0;
}

uint64_t LiveBytes(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
  return IntProperty(db, family, rocksdb::DB::Properties::kEstimateLiveDataSize) +
         IntProperty(db, family, rocksdb::DB::Properties::kCurSizeAllMemTables);
}

}  // namespace

class RocksStorage::Database {
 public:
  Database(const std::string& store_folder, const RocksOptions& options, FolderLock lock)
      : options_(options), lock_(std::move(lock)), rocks_(store_folder, options) {}

  Status Open(uint32_t found_version);
  Status FindLogBounds();
  void AppendRecords(rocksdb::WriteBatch& target, const WriteBatch& batch);
  Status AppendTo(rocksdb::WriteBatch& target, const WriteBatch& batch);
  // Where the entries end that hold only records below `sequence`.
  Result<uint64_t> EntryEndBefore(uint64_t sequence);
  Status MakeMissingColumns(const WriteBatch& batch);
  bool IsVisible(Column column, std::string_view value) const {
    return column != Column::kEventIds ||
           !IsExpiredEventId(value, options_.event_id_window_ms, options_.clock->NowMs());
  }

  const RocksOptions options_;
  const FolderLock lock_;
  mutable RocksDatabase rocks_;
  uint32_t found_version_ = 0;
  uint32_t version_ = 0;  // What FORMAT says now.
  std::atomic<uint64_t> first_{1};
  std::atomic<uint64_t> last_{0};
};

Status RocksStorage::Database::Open(uint32_t found_version) {
  found_version_ = found_version;
  version_ = found_version;
  RETURN_IF_ERROR(rocks_.Open());
  return FindLogBounds();
}

Status RocksStorage::Database::FindLogBounds() {
  std::string bytes;
  const rocksdb::Status found =
      rocks_.db().Get(rocksdb::ReadOptions(), rocks_.engine(), kLogBoundsKey, &bytes);
  LogBounds bounds;
  if (found.ok()) {
    ASSIGN_OR_RETURN(bounds, DecodeBounds(bytes));
  } else if (!found.IsNotFound()) {
    return ToStatus(found, "cannot read a store", rocks_.store_folder());
  }
  const std::unique_ptr<rocksdb::Iterator> iterator(
      rocks_.db().NewIterator(rocksdb::ReadOptions(), rocks_.log()));
  iterator->SeekToLast();
  if (iterator->Valid()) {
    ASSIGN_OR_RETURN(bounds.last, LastSequenceOf(*iterator));
  } else if (!iterator->status().ok()) {
    return ToStatus(iterator->status(), "cannot read a store", rocks_.store_folder());
  }
  first_ = bounds.first;
  last_ = bounds.last;
  return Status();
}

Result<uint64_t> RocksStorage::Database::EntryEndBefore(uint64_t sequence) {
  const std::unique_ptr<rocksdb::Iterator> iterator(
      rocks_.db().NewIterator(rocksdb::ReadOptions(), rocks_.log()));
  SeekToRecord(sequence, *iterator);
  if (!iterator->Valid()) {
    RETURN_IF_ERROR(ToStatus(iterator->status(), "cannot read a store", rocks_.store_folder()));
    return sequence;
  }
  ASSIGN_OR_RETURN(const uint64_t begin, FirstSequenceOf(*iterator));
  ASSIGN_OR_RETURN(const uint64_t last, LastSequenceOf(*iterator));
  return begin <= sequence && sequence <= last ? begin : sequence;
}

Status RocksStorage::Database::MakeMissingColumns(const WriteBatch& batch) {
  std::vector<Column> missing;
  for (const WriteBatch::Operation& operation : batch.operations()) {
    if (operation.kind == WriteBatch::Operation::Kind::kPut && rocks_.column(operation.column) == nullptr &&
        std::find(missing.begin(), missing.end(), operation.column) == missing.end()) {
      missing.push_back(operation.column);
    }
  }
  return missing.empty() ? Status() : rocks_.MakeColumns(missing);
}

void RocksStorage::Database::AppendRecords(rocksdb::WriteBatch& target, const WriteBatch& batch) {
  uint64_t first = last_ + 1;
  LogEntryWriter entry;
  const auto write_entry = [&] {
    if (entry.empty()) return;
    target.Put(rocks_.log(), OrderedKey(first), ToSlice(entry.value())).PermitUncheckedError();
    first += entry.count();
    entry.Clear();
  };
  for (const WriteBatch::PendingRecord& record : batch.records()) {
    if (entry.bytes() + record.payload.size() > kLogEntryBytesMax) write_entry();
    entry.Add(record.kind, record.recorded_at_ms, record.payload);
  }
  write_entry();
}

Status RocksStorage::Database::AppendTo(rocksdb::WriteBatch& target, const WriteBatch& batch) {
  RETURN_IF_ERROR(MakeMissingColumns(batch));
  AppendRecords(target, batch);
  for (const WriteBatch::Operation& operation : batch.operations()) {
    rocksdb::ColumnFamilyHandle* family = rocks_.column(operation.column);
    switch (operation.kind) {
      case WriteBatch::Operation::Kind::kPut:
        target.Put(family, operation.key, operation.value).PermitUncheckedError();
        break;
      case WriteBatch::Operation::Kind::kDelete:
        if (family != nullptr) target.Delete(family, operation.key).PermitUncheckedError();
        break;
      case WriteBatch::Operation::Kind::kDeleteRange:
        if (family != nullptr && operation.key < operation.value) {
          target.DeleteRange(family, operation.key, operation.value).PermitUncheckedError();
        }
        break;
    }
  }
  return Status();
}

RocksStorage::RocksStorage(std::unique_ptr<Database> database) : database_(std::move(database)) {}
RocksStorage::~RocksStorage() = default;

namespace {

// What is in a folder before it is opened.
struct FoundFolder {
  uint32_t version = 0;  // 0 when it is new.
};

Result<FoundFolder> LookAtFolder(const std::string& folder, const RocksOptions& options) {
  std::error_code error;
  const bool exists = fs::is_directory(folder, error);
  const bool has_database = fs::exists(DatabaseFolder(folder) + "/CURRENT", error);
  ASSIGN_OR_RETURN(const std::optional<uint32_t> version, ReadFormatVersion(folder));
  if (!version) {
    if (!options.create_if_missing && !has_database) return NotFound("no store in folder: " + folder);
    if (!exists && !fs::create_directories(folder, error)) {
      return Unavailable("cannot create the store folder: " + folder + ": " + error.message());
    }
    return FoundFolder{};
  }
  if (*version > options.format_version) {
    return Conflict("this folder was written by a newer attune; use that one or restore a backup; format: " +
                    std::to_string(*version) + ", this binary's: " + std::to_string(options.format_version) +
                    ", folder: " + folder);
  }
  if (!has_database) return Corruption("a store folder has lost its database: " + folder);
  return FoundFolder{*version};
}

Status Upgrade(RocksStorage& storage, const RocksOptions& options, uint32_t found_version) {
  const std::string checkpoint =
      storage.store_folder() + "/before-format-" + std::to_string(options.format_version);
  std::error_code error;
  // One that exists is from a first try that was killed, and still is what the folder was before.
  if (!fs::exists(checkpoint, error)) RETURN_IF_ERROR(storage.Checkpoint(checkpoint));
  for (uint32_t version = found_version + 1; version <= options.format_version; ++version) {
    const auto step =
        std::find_if(options.format_steps.begin(), options.format_steps.end(),
                     [version](const FormatStep& candidate) { return candidate.to == version; });
    if (step == options.format_steps.end()) {
      return Internal("no upgrade to format: " + std::to_string(version));
    }
    RETURN_IF_ERROR(step->upgrade(storage));
  }
  return WriteFormatVersion(storage.store_folder(), options.format_version);
}

}  // namespace

std::vector<FormatStep> KnownFormatSteps() {
  return {{2, [](StorageEngine& /*engine*/) { return Status(); }}};
}

Result<std::unique_ptr<RocksStorage>> RocksStorage::Open(const std::string& store_folder,
                                                         const RocksOptions& options) {
  CHECK(options.clock != nullptr);
  CHECK(options.resources != nullptr);
  ASSIGN_OR_RETURN(FoundFolder found, LookAtFolder(store_folder, options));
  ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(store_folder));
  // Again, now that nobody else can change it.
  ASSIGN_OR_RETURN(found, LookAtFolder(store_folder, options));
  auto database = std::make_unique<Database>(store_folder, options, std::move(lock));
  RETURN_IF_ERROR(database->Open(found.version == 0 ? options.format_version : found.version));
  std::unique_ptr<RocksStorage> storage(new RocksStorage(std::move(database)));
  if (found.version == 0) {
    // FORMAT comes last, so a folder without one was never handed out; data in it means that FORMAT was lost.
    if (storage->last_sequence().value() != 0) {
      return Corruption("a store folder has lost its FORMAT file: " + store_folder);
    }
    RETURN_IF_ERROR(WriteFormatVersion(store_folder, options.format_version));
  } else if (found.version < options.format_version) {
    RETURN_IF_ERROR(Upgrade(*storage, options, found.version));
    storage->database_->version_ = options.format_version;
  }
  return storage;
}

Result<Sequence> RocksStorage::Commit(const WriteBatch& batch, Durability durability) {
  Database& database = *database_;
  RETURN_IF_ERROR(CheckBatch(batch));
  const Sequence first{database.last_ + 1};
  if (batch.empty()) return first;
  RETURN_IF_ERROR(database.rocks_.RecoverIfNeeded());
  if (!OnlyDeletes(batch)) {
    RETURN_IF_ERROR(CheckFreeSpace(database.rocks_.store_folder(), database.options_.free_bytes_min));
  }
  rocksdb::WriteBatch target(batch.bytes() + 32 * (batch.records().size() + batch.operations().size()));
  RETURN_IF_ERROR(database.AppendTo(target, batch));
  RETURN_IF_ERROR(database.rocks_.Write(target, durability == Durability::kSynced));
  database.last_ += batch.records().size();
  if (OnlyRanges(batch)) {
    for (const WriteBatch::Operation& operation : batch.operations()) {
      rocksdb::ColumnFamilyHandle* const family = database.rocks_.column(operation.column);
      if (family != nullptr && operation.key < operation.value) {
        DropTables(database.rocks_.db(), family, operation.key, operation.value);
      }
    }
  }
  return first;
}

Result<std::optional<std::string>> RocksStorage::Get(Column column, std::string_view key) const {
  const RocksDatabase::Reader reader(database_->rocks_);
  RETURN_IF_ERROR(reader.status());
  rocksdb::ColumnFamilyHandle* const family = reader.column(column);
  if (family == nullptr) return std::optional<std::string>();
  std::string value;
  const rocksdb::Status status = reader.db().Get(rocksdb::ReadOptions(), family, ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return ToStatus(status, "cannot read a store", store_folder());
  if (!database_->IsVisible(column, value)) return std::optional<std::string>();
  return std::optional<std::string>(std::move(value));
}

Result<std::vector<std::optional<std::string>>> RocksStorage::GetMany(
    Column column, std::span<const std::string> keys) const {
  std::vector<std::optional<std::string>> values(keys.size());
  const RocksDatabase::Reader reader(database_->rocks_);
  RETURN_IF_ERROR(reader.status());
  rocksdb::ColumnFamilyHandle* const family = reader.column(column);
  if (family == nullptr || keys.empty()) return values;
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> found(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  reader.db().MultiGet(rocksdb::ReadOptions(), family, keys.size(), slices.data(), found.data(),
                       statuses.data());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return ToStatus(statuses[i], "cannot read a store", store_folder());
    if (database_->IsVisible(column, ToView(found[i]))) values[i] = found[i].ToString();
  }
  return values;
}

Status RocksStorage::Scan(Column column, std::string_view begin, std::string_view end,
                          const Visit& visit) const {
  const RocksDatabase::Reader reader(database_->rocks_);
  RETURN_IF_ERROR(reader.status());
  rocksdb::ColumnFamilyHandle* const family = reader.column(column);
  if (family == nullptr) return Status();
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const rocksdb::Slice bound = ToSlice(end);
  if (!end.empty()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> iterator(reader.db().NewIterator(options, family));
  uint32_t visited = 0;
  for (iterator->Seek(ToSlice(begin)); iterator->Valid(); iterator->Next()) {
    if (++visited % kScanCheckInterval == 0 && reader.leave_soon()) {
      return Unavailable("the store is recovering from a failed disk; retry");
    }
    const std::string_view value = ToView(iterator->value());
    if (database_->IsVisible(column, value) && !visit(ToView(iterator->key()), value)) return Status();
  }
  return ToStatus(iterator->status(), "cannot read a store", store_folder());
}

Status RocksStorage::ScanLog(Sequence from, const VisitRecord& visit) const {
  const RocksDatabase::Reader reader(database_->rocks_);
  RETURN_IF_ERROR(reader.status());
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = kScanReadaheadBytes;
  uint64_t expected = std::max(from.value(), database_->first_.load());
  const std::unique_ptr<rocksdb::Iterator> iterator(reader.db().NewIterator(options, reader.log()));
  SeekToRecord(expected, *iterator);
  for (bool is_first = true; iterator->Valid(); iterator->Next(), is_first = false) {
    ASSIGN_OR_RETURN(const uint64_t begin, FirstSequenceOf(*iterator));
    // The log may have been cut between the look at first_sequence() and the iterator's moment.
    if (begin > expected) expected = std::max(expected, database_->first_.load());
    if (begin > expected || (begin < expected && !is_first)) {
      return Corruption("the log has a gap at sequence: " + std::to_string(expected));
    }
    LogEntryReader records(Sequence{begin}, ToView(iterator->value()));
    Record record;
    for (;;) {
      ASSIGN_OR_RETURN(const bool is_there, records.Next(record));
      if (!is_there) break;
      if (record.sequence.value() < expected) continue;
      if (expected % kScanCheckInterval == 0 && reader.leave_soon()) {
        return Unavailable("the store is recovering from a failed disk; retry");
      }
      ++expected;
      if (!visit(record)) return Status();
    }
  }
  return ToStatus(iterator->status(), "cannot read a store", store_folder());
}

Sequence RocksStorage::first_sequence() const { return Sequence{database_->first_.load()}; }
Sequence RocksStorage::last_sequence() const { return Sequence{database_->last_.load()}; }
const std::string& RocksStorage::store_folder() const { return database_->rocks_.store_folder(); }
uint32_t RocksStorage::found_format_version() const { return database_->found_version_; }

uint64_t RocksStorage::ApproximateBytes(Column column, std::string_view begin, std::string_view end) const {
  const RocksDatabase::Reader reader(database_->rocks_);
  if (!reader.status().ok()) return 0;
  rocksdb::ColumnFamilyHandle* const family = reader.column(column);
  if (family == nullptr) return 0;
  const std::string last(kKeyBytesMax, '\xff');
  const rocksdb::Range range(ToSlice(begin), end.empty() ? rocksdb::Slice(last) : ToSlice(end));
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  options.include_files = true;
  uint64_t bytes = 0;
  reader.db().GetApproximateSizes(options, family, &range, 1, &bytes).PermitUncheckedError();
  return bytes;
}

Status RocksStorage::TruncateLogBefore(Sequence keep_from) {
  Database& database = *database_;
  const LogBounds bounds{keep_from.value(), database.last_};
  if (keep_from.value() > bounds.last + 1) return InvalidArgument("the log cannot be cut past its end");
  const uint64_t first = database.first_;
  if (keep_from.value() <= first) return Status();
  RETURN_IF_ERROR(database.rocks_.RecoverIfNeeded());
  // An entry that holds records on both sides of the cut stays; what is before first_sequence() is not read.
  const std::string begin = OrderedKey(0);
  ASSIGN_OR_RETURN(const uint64_t end_sequence, database.EntryEndBefore(keep_from.value()));
  const std::string end = OrderedKey(end_sequence);
  rocksdb::WriteBatch batch;
  batch.DeleteRange(database.rocks_.log(), begin, end).PermitUncheckedError();
  batch.Put(database.rocks_.engine(), kLogBoundsKey, EncodeBounds(bounds)).PermitUncheckedError();
  RETURN_IF_ERROR(database.rocks_.Write(batch, /*sync=*/true));
  database.first_ = keep_from.value();
  DropTables(database.rocks_.db(), database.rocks_.log(), begin, end);
  return Status();
}

Status RocksStorage::Checkpoint(const std::string& directory) {
  std::error_code error;
  if (fs::exists(directory, error))
    return Conflict("the folder for a checkpoint already exists: " + directory);
  RETURN_IF_ERROR(database_->rocks_.RecoverIfNeeded());
  const std::string partial = directory + ".partial";
  fs::remove_all(partial, error);
  if (!fs::create_directories(partial, error)) {
    return Unavailable("cannot create a folder: " + partial + ": " + error.message());
  }
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(&database_->rocks_.db(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(DatabaseFolder(partial));
  Status result = ToStatus(status, "cannot write a checkpoint", partial);
  if (result.ok()) result = WriteFormatVersion(partial, database_->version_);
  if (result.ok()) {
    fs::rename(partial, directory, error);
    if (error) result = Unavailable("cannot rename a folder: " + partial + ": " + error.message());
  }
  if (!result.ok()) {
    fs::remove_all(partial, error);
    return result;
  }
  const fs::path parent = fs::path(directory).parent_path();
  return SyncFolder(parent.string());
}

StorageStatistics RocksStorage::statistics() const {
  StorageStatistics statistics;
  const RocksDatabase::Reader reader(database_->rocks_);
  if (!reader.status().ok()) return statistics;
  const auto add = [&](rocksdb::ColumnFamilyHandle* family) {
    statistics.disk_bytes += IntProperty(reader.db(), family, rocksdb::DB::Properties::kTotalSstFilesSize);
    statistics.memory_bytes += IntProperty(reader.db(), family, rocksdb::DB::Properties::kSizeAllMemTables);
    statistics.memory_bytes +=
        IntProperty(reader.db(), family, rocksdb::DB::Properties::kEstimateTableReadersMem);
  };
  add(reader.log());
  for (int column = 0; column < kColumnCount; ++column) add(reader.column(static_cast<Column>(column)));
  statistics.disk_bytes += database_->rocks_.wal_bytes();
  statistics.log_bytes = LiveBytes(reader.db(), reader.log());
  statistics.decision_bytes = LiveBytes(reader.db(), reader.column(Column::kDecisions));
  return statistics;
}

Status RocksStorage::ReleaseMemory() {
  const RocksDatabase::Reader reader(database_->rocks_);
  RETURN_IF_ERROR(reader.status());
  std::vector<rocksdb::ColumnFamilyHandle*> families = {reader.log()};
  for (int column = 0; column < kColumnCount; ++column) {
    if (auto* const family = reader.column(static_cast<Column>(column))) families.push_back(family);
  }
  rocksdb::FlushOptions options;
  options.wait = false;
  return ToStatus(reader.db().Flush(options, families), "cannot flush a store", store_folder());
}

Status RocksStorage::Compact(Column column) {
  const RocksDatabase::Reader reader(database_->rocks_);
  RETURN_IF_ERROR(reader.status());
  rocksdb::ColumnFamilyHandle* const family = reader.column(column);
  if (family == nullptr) return Status();
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  return ToStatus(reader.db().CompactRange(options, family, nullptr, nullptr), "cannot compact a store",
                  store_folder());
}

Status RocksStorage::DropColumn(Column column) {
  RETURN_IF_ERROR(database_->rocks_.RecoverIfNeeded());
  return database_->rocks_.DropColumn(column);
}

}  // namespace attune::storage
