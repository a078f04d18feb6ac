#include "storage/storage_engine.h"

#include <array>
#include <string>
#include <utility>

#include "storage/limits.h"

namespace attune::storage {
namespace {

constexpr std::array<std::string_view, kColumnCount> kColumnNames = {
    "meta",      "products", "profiles", "identity",  "orders",
    "event_ids", "features", "settings", "decisions", "vault"};

Status CheckOperation(const WriteBatch::Operation& operation) {
  if (static_cast<int>(operation.column) >= kColumnCount) return InvalidArgument("unknown column");
  if (operation.key.size() > kKeyBytesMax) {
    return InvalidArgument("a key is longer than " + std::to_string(kKeyBytesMax) +
                           " bytes, in column: " + std::string(ColumnName(operation.column)));
  }
  if (operation.kind == WriteBatch::Operation::Kind::kDeleteRange) {
    if (operation.value.empty()) return InvalidArgument("a range to delete has no end");
    if (operation.value.size() > kKeyBytesMax) {
      return InvalidArgument("the end of a range is longer than " + std::to_string(kKeyBytesMax) + " bytes");
    }
  }
  if (operation.value.size() > kValueBytesMax) {
    return InvalidArgument("a value is larger than " + std::to_string(kValueBytesMax) +
                           " bytes, in column: " + std::string(ColumnName(operation.column)));
  }
  return Status();
}

}  // namespace

Result<std::vector<std::optional<std::string>>> StorageEngine::GetMany(
    Column column, std::span<const std::string> keys) const {
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  for (const std::string& key : keys) {
    ASSIGN_OR_RETURN(auto value, Get(column, key));
    values.push_back(std::move(value));
  }
  return values;
}

std::string_view ColumnName(Column column) {
  CHECK(static_cast<int>(column) < kColumnCount);
  return kColumnNames[static_cast<size_t>(column)];
}

void WriteBatch::RollBackTo(const Mark& mark) {
  CHECK(mark.records <= records_.size());
  CHECK(mark.operations <= operations_.size());
  records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(mark.records), records_.end());
  operations_.erase(operations_.begin() + static_cast<std::ptrdiff_t>(mark.operations), operations_.end());
  bytes_ = mark.bytes;
}

std::string OrderedKey(uint64_t number) {
  std::string key(8, '\0');
  for (size_t i = 0; i < 8; ++i) key[i] = static_cast<char>(static_cast<uint8_t>(number >> (56 - 8 * i)));
  return key;
}

uint64_t NumberFromOrderedKey(std::string_view key) {
  CHECK(key.size() >= 8);
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) number = (number << 8) | static_cast<uint8_t>(key[i]);
  return number;
}

std::string TimeValue(int64_t time_ms) { return OrderedKey(static_cast<uint64_t>(time_ms)); }

Status CheckBatch(const WriteBatch& batch) {
  if (batch.bytes() > kBatchBytesMax) {
    return InvalidArgument("a batch is larger than " + std::to_string(kBatchBytesMax) + " bytes");
  }
  for (const WriteBatch::PendingRecord& record : batch.records()) {
    if (record.payload.size() > kValueBytesMax) {
      return InvalidArgument("a record is larger than " + std::to_string(kValueBytesMax) + " bytes");
    }
    if (record.recorded_at_ms < 0) return InvalidArgument("a record is from before 1970");
  }
  for (const WriteBatch::Operation& operation : batch.operations())
    RETURN_IF_ERROR(CheckOperation(operation));
  return Status();
}

}  // namespace attune::storage
