// Fuzzes what the log of a store is read with: any bytes are a record or kCorruption, and a record keeps what
// it said when it is written again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "fuzz_target.h"
#include "storage/log_value.h"

std::vector<std::string> attune::fuzz::Seeds() {
  std::string value;
  storage::EncodeLogValue(storage::RecordKind::kEvent, 1'770'000'000'000, "payload", value);
  std::string empty;
  storage::EncodeLogValue(storage::RecordKind::kGeneration, 1, "", empty);
  return {value, empty};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace attune::storage;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto record = DecodeLogValue(attune::Sequence(1), bytes);
  if (!record.ok()) {
    CHECK(record.status().code() == attune::StatusCode::kCorruption);
    return 0;
  }
  ++attune::fuzz::accepted_count;
  std::string value;
  EncodeLogValue(record->kind, record->recorded_at_ms, record->payload, value);
  const auto again = DecodeLogValue(attune::Sequence(1), value);
  CHECK(again.ok());
  CHECK(again->kind == record->kind && again->recorded_at_ms == record->recorded_at_ms);
  CHECK(again->payload == record->payload);
  return 0;
}
