#include "storage/memory_storage.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "base/record_wire.h"
#include "storage/event_id_expiry.h"
#include "storage/log_value.h"

namespace attune::storage {
namespace {

constexpr char kFileName[] = "memory_storage.pb";

// The file: 1 first sequence (varint); 2 records in order (bytes, LogValue); 3 entries (message).
constexpr protozero::pbf_tag_type kFirstField = 1;
constexpr protozero::pbf_tag_type kRecordField = 2;
constexpr protozero::pbf_tag_type kEntryField = 3;
// An entry: 1 column (varint), 2 key (bytes), 3 value (bytes).
constexpr protozero::pbf_tag_type kColumnField = 1;
constexpr protozero::pbf_tag_type kKeyField = 2;
constexpr protozero::pbf_tag_type kValueField = 3;
// As HasKnownWire() takes them.
constexpr std::string_view kFileWires = "vbb";
constexpr std::string_view kEntryWires = "vbb";

std::string_view View(const protozero::data_view& view) { return {view.data(), view.size()}; }

}  // namespace

MemoryStorage::MemoryStorage(const Clock* clock, int64_t event_id_window_ms)
    : clock_(clock), event_id_window_ms_(event_id_window_ms) {
  CHECK(clock != nullptr);
}

bool MemoryStorage::IsVisible(Column column, std::string_view value) const {
  return column != Column::kEventIds || !IsExpiredEventId(value, event_id_window_ms_, clock_->NowMs());
}

Sequence MemoryStorage::LastSequence() const { return Sequence{first_ + log_.size() - 1}; }

void MemoryStorage::ApplyOperation(const WriteBatch::Operation& operation) {
  Entries& entries = columns_[static_cast<size_t>(operation.column)];
  switch (operation.kind) {
    case WriteBatch::Operation::Kind::kPut:
      entries[operation.key] = operation.value;
      break;
    case WriteBatch::Operation::Kind::kDelete:
      entries.erase(operation.key);
      break;
    case WriteBatch::Operation::Kind::kDeleteRange:
      if (operation.key < operation.value) {
        entries.erase(entries.lower_bound(operation.key), entries.lower_bound(operation.value));
      }
      break;
  }
}

Result<Sequence> MemoryStorage::Commit(const WriteBatch& batch, Durability /*durability*/) {
  RETURN_IF_ERROR(CheckBatch(batch));
  WriterLock lock(mutex_);
  const Sequence first{LastSequence().value() + 1};
  for (const WriteBatch::PendingRecord& record : batch.records()) {
    log_.push_back({record.kind, record.recorded_at_ms, std::make_shared<const std::string>(record.payload)});
  }
  for (const WriteBatch::Operation& operation : batch.operations()) ApplyOperation(operation);
  return first;
}

Result<std::optional<std::string>> MemoryStorage::Get(Column column, std::string_view key) const {
  ReaderLock lock(mutex_);
  const Entries& entries = columns_[static_cast<size_t>(column)];
  const auto found = entries.find(key);
  if (found == entries.end() || !IsVisible(column, found->second)) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

Status MemoryStorage::Scan(Column column, std::string_view begin, std::string_view end,
                           const Visit& visit) const {
  std::vector<std::pair<std::string, std::string>> copy;
  {
    ReaderLock lock(mutex_);
    const Entries& entries = columns_[static_cast<size_t>(column)];
    for (auto entry = entries.lower_bound(begin); entry != entries.end(); ++entry) {
      if (!end.empty() && entry->first >= end) break;
      if (IsVisible(column, entry->second)) copy.emplace_back(*entry);
    }
  }
  for (const auto& [key, value] : copy) {
    if (!visit(key, value)) break;
  }
  return Status();
}

Status MemoryStorage::ScanLog(Sequence from, const VisitRecord& visit) const {
  std::vector<StoredRecord> copy;
  uint64_t sequence = 0;
  {
    ReaderLock lock(mutex_);
    sequence = std::max(from.value(), first_);
    const uint64_t skipped = std::min<uint64_t>(sequence - first_, log_.size());
    copy.assign(log_.begin() + static_cast<std::ptrdiff_t>(skipped), log_.end());
  }
  for (const StoredRecord& record : copy) {
    if (!visit({Sequence{sequence++}, record.recorded_at_ms, record.kind, *record.payload})) break;
  }
  return Status();
}

Sequence MemoryStorage::first_sequence() const {
  ReaderLock lock(mutex_);
  return Sequence{first_};
}

Sequence MemoryStorage::last_sequence() const {
  ReaderLock lock(mutex_);
  return LastSequence();
}

uint64_t MemoryStorage::ApproximateBytes(Column column, std::string_view begin, std::string_view end) const {
  uint64_t bytes = 0;
  ReaderLock lock(mutex_);
  const Entries& entries = columns_[static_cast<size_t>(column)];
  for (auto entry = entries.lower_bound(begin); entry != entries.end(); ++entry) {
    if (!end.empty() && entry->first >= end) break;
    bytes += entry->first.size() + entry->second.size();
  }
  return bytes;
}

Status MemoryStorage::TruncateLogBefore(Sequence keep_from) {
  WriterLock lock(mutex_);
  if (keep_from.value() > LastSequence().value() + 1) {
    return InvalidArgument("the log cannot be cut past its end");
  }
  while (first_ < keep_from.value()) {
    log_.pop_front();
    ++first_;
  }
  return Status();
}

std::string MemoryStorage::Serialize() const {
  std::string bytes;
  std::string value;
  protozero::pbf_writer writer(bytes);
  ReaderLock lock(mutex_);
  writer.add_uint64(kFirstField, first_);
  for (const StoredRecord& record : log_) {
    EncodeLogValue(record.kind, record.recorded_at_ms, *record.payload, value);
    writer.add_bytes(kRecordField, value.data(), value.size());
  }
  for (size_t column = 0; column < columns_.size(); ++column) {
    for (const auto& [key, entry_value] : columns_[column]) {
      protozero::pbf_writer entry(writer, kEntryField);
      entry.add_uint64(kColumnField, column);
      entry.add_bytes(kKeyField, key.data(), key.size());
      entry.add_bytes(kValueField, entry_value.data(), entry_value.size());
    }
  }
  return bytes;
}

Status MemoryStorage::Deserialize(std::string_view bytes) {
  WriterLock lock(mutex_);
  protozero::pbf_reader reader(protozero::data_view(bytes.data(), bytes.size()));
  while (reader.next()) {
    if (!HasKnownWire(reader, kFileWires)) return Corruption("a checkpoint has a field of another type");
    if (reader.tag() == kFirstField) {
      first_ = reader.get_uint64();
    } else if (reader.tag() == kRecordField) {
      ASSIGN_OR_RETURN(const Record record,
                       DecodeLogValue(Sequence{first_ + log_.size()}, std::nullopt, View(reader.get_view())));
      log_.push_back(
          {record.kind, record.recorded_at_ms, std::make_shared<const std::string>(record.payload)});
    } else if (reader.tag() == kEntryField) {
      protozero::pbf_reader entry = reader.get_message();
      uint64_t column = kColumnCount;
      std::string key;
      std::string value;
      while (entry.next()) {
        if (!HasKnownWire(entry, kEntryWires)) return Corruption("a checkpoint has a field of another type");
        if (entry.tag() == kColumnField) {
          column = entry.get_uint64();
        } else if (entry.tag() == kKeyField) {
          key = entry.get_bytes();
        } else if (entry.tag() == kValueField) {
          value = entry.get_bytes();
        } else {
          entry.skip();
        }
      }
      if (column >= kColumnCount) return Corruption("a checkpoint names an unknown column");
      columns_[column][std::move(key)] = std::move(value);
    } else {
      reader.skip();
    }
  }
  return first_ == 0 ? Corruption("a checkpoint has no first sequence") : Status();
}

Status MemoryStorage::Checkpoint(const std::string& directory) {
  std::error_code error;
  if (std::filesystem::exists(directory, error)) {
    return Conflict("the folder for a checkpoint already exists: " + directory);
  }
  std::filesystem::create_directories(directory, error);
  std::ofstream file(std::filesystem::path(directory) / kFileName, std::ios::binary);
  const std::string bytes = Serialize();
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) {
    std::filesystem::remove_all(directory, error);
    return Unavailable("cannot write a checkpoint: " + directory);
  }
  return Status();
}

Result<std::unique_ptr<MemoryStorage>> MemoryStorage::Open(const std::string& directory, const Clock* clock,
                                                           int64_t event_id_window_ms) {
  std::ifstream file(std::filesystem::path(directory) / kFileName, std::ios::binary);
  if (!file) return NotFound("no checkpoint in folder: " + directory);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  auto storage = std::make_unique<MemoryStorage>(clock, event_id_window_ms);
  try {
    RETURN_IF_ERROR(storage->Deserialize(bytes));
  } catch (const protozero::exception&) {
    return Corruption("a checkpoint is malformed: " + directory);
  }
  return storage;
}

StorageStatistics MemoryStorage::statistics() const {
  StorageStatistics statistics;
  ReaderLock lock(mutex_);
  for (const StoredRecord& record : log_) statistics.log_bytes += record.payload->size();
  for (const Entries& entries : columns_) {
    for (const auto& [key, value] : entries) statistics.memory_bytes += key.size() + value.size();
  }
  for (const auto& [key, value] : columns_[static_cast<size_t>(Column::kDecisions)]) {
    statistics.decision_bytes += key.size() + value.size();
  }
  statistics.memory_bytes += statistics.log_bytes;
  return statistics;
}

}  // namespace attune::storage
