// Fuzzes what the log of a store is read with: any bytes are a record, an entry of several, or kCorruption,
// and records keep what they said when they are written again.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "fuzz_target.h"
#include "storage/log_entry.h"
#include "storage/log_value.h"

namespace {

using namespace attune::storage;  // NOLINT: what is fuzzed.

// True when the bytes are an entry.
bool CheckEntry(std::string_view bytes) {
  LogEntryWriter writer;
  LogEntryReader reader(attune::Sequence(1), bytes);
  Record record;
  uint64_t count = 0;
  for (;;) {
    const attune::Result<bool> is_there = reader.Next(record);
    if (!is_there.ok()) {
      CHECK(is_there.status().code() == attune::StatusCode::kCorruption);
      return false;
    }
    if (!*is_there) break;
    CHECK(record.sequence.value() == ++count);
    writer.Add(record.kind, record.recorded_at_ms, record.payload);
  }
  CHECK(count > 0);
  CHECK(*CountLogRecords(attune::Sequence(1), bytes) == count);
  CHECK(*CountLogRecords(attune::Sequence(1), writer.value()) == count);
  LogEntryReader before(attune::Sequence(1), bytes);
  LogEntryReader after(attune::Sequence(1), writer.value());
  for (Record again; *before.Next(record);) {
    CHECK(*after.Next(again));
    CHECK(again.kind == record.kind && again.recorded_at_ms == record.recorded_at_ms);
    CHECK(again.payload == record.payload);
  }
  return true;
}

}  // namespace

std::vector<std::string> attune::fuzz::Seeds() {
  std::string value;
  storage::EncodeLogValue(storage::RecordKind::kEvent, 1'770'000'000'000, "payload", value);
  std::string empty;
  storage::EncodeLogValue(storage::RecordKind::kGeneration, 1, "", empty);
  storage::LogEntryWriter entry;
  entry.Add(storage::RecordKind::kEvent, 1'770'000'000'000, "payload");
  entry.Add(storage::RecordKind::kEvent, 1'770'000'000'000, "another");
  entry.Add(storage::RecordKind::kIdentity, 1'770'000'000'001, "");
  return {value, empty, std::string(entry.value())};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (CheckEntry(bytes)) ++attune::fuzz::accepted_count;
  const auto record = DecodeLogValue(attune::Sequence(1), std::nullopt, bytes);
  if (!record.ok()) {
    CHECK(record.status().code() == attune::StatusCode::kCorruption);
    return 0;
  }
  std::string value;
  EncodeLogValue(record->kind, record->recorded_at_ms, record->payload, value);
  const auto again = DecodeLogValue(attune::Sequence(1), std::nullopt, value);
  CHECK(again.ok());
  CHECK(again->kind == record->kind && again->recorded_at_ms == record->recorded_at_ms);
  CHECK(again->payload == record->payload);
  return 0;
}
