// Fuzzes generation files and the records that name them.  A file's checksums refuse almost all damage, so
// they are made to hold first: what is tested is that a model refuses what it cannot answer from.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/status.h"
#include "fuzz_target.h"
#include "models/generation_record.h"
#include "models/limits.h"
#include "models/model_file.h"
#include "models/model_set.h"

namespace {

using namespace attune;
using namespace attune::models;

constexpr int64_t kNowMs = 1'770'000'000'000;

// A file with every section of a trained set.
std::string TrainedFile() {
  InteractionLog log;
  for (uint64_t shopper = 1; shopper <= 12; ++shopper) {
    for (uint32_t i = 0; i < 4; ++i) {
      const int64_t at_ms = kNowMs - static_cast<int64_t>(shopper * kHourMs) + i * 1000;
      log.Add({ShopperHandle(shopper), ProductIndex((static_cast<uint32_t>(shopper) + i) % 6),
               InteractionKind::kView, 1, at_ms, 0});
    }
    events::OrderChange order;
    order.order_id = "o" + std::to_string(shopper);
    order.shopper = ShopperHandle(shopper);
    order.ordered_at_ms = kNowMs - static_cast<int64_t>(shopper) * kHourMs;
    for (uint32_t i = 0; i < 2; ++i) order.lines.push_back({ProductIndex(i), 1, 10, true, false});
    log.ApplyOrderChange(order);
  }
  ModelSetOptions options;
  options.als.dimensions = 8;
  TrainingControl control;
  control.thread_count = 1;
  const auto set = TrainModelSet(log, nullptr, {Generation(3), Sequence(77), kNowMs}, options, control);
  CHECK(set.ok());
  return (*set)->Save();
}

// `bytes` with the checksums that its own contents ask for, where it has the layout of a file
// (docs/formats/models.md).
std::string WithTrueChecksums(std::string bytes) {
  constexpr size_t kCountAt = 12;
  constexpr size_t kTableAt = 40;
  if (bytes.size() < kTableAt) return bytes;
  uint32_t section_count = 0;
  std::memcpy(&section_count, bytes.data() + kCountAt, sizeof(section_count));
  struct Section {
    size_t checksum_at;
    uint64_t size;
  };
  std::vector<Section> sections;
  size_t at = kTableAt;
  for (uint32_t i = 0; i < std::min(section_count, kModelSectionsMax); ++i) {
    uint32_t name_size = 0;
    if (bytes.size() - at < sizeof(name_size)) return bytes;
    std::memcpy(&name_size, bytes.data() + at, sizeof(name_size));
    at += sizeof(name_size);
    if (bytes.size() - at < name_size + 2 * sizeof(uint64_t)) return bytes;
    at += name_size;
    Section& section = sections.emplace_back();
    std::memcpy(&section.size, bytes.data() + at, sizeof(section.size));
    section.checksum_at = at + sizeof(section.size);
    at = section.checksum_at + sizeof(uint64_t);
  }
  if (bytes.size() - at < sizeof(uint64_t)) return bytes;
  size_t section_at = at + sizeof(uint64_t);
  for (const Section& section : sections) {
    if (bytes.size() - section_at < section.size) return bytes;
    const uint64_t checksum = StableHash64(std::string_view(bytes).substr(section_at, section.size));
    std::memcpy(bytes.data() + section.checksum_at, &checksum, sizeof(checksum));
    section_at += section.size;
  }
  const uint64_t checksum = StableHash64(std::string_view(bytes).substr(0, at));
  std::memcpy(bytes.data() + at, &checksum, sizeof(checksum));
  return bytes;
}

void Ask(const ModelSet& set) {
  const std::vector<Seed> seeds = {{ProductIndex(2), 1, kNowMs, 0}, {ProductIndex(4'000'000), 1, kNowMs, 0}};
  SourceQuery query;
  query.seeds = seeds;
  query.purchases = seeds;
  query.now_ms = kNowMs;
  for (const std::string_view name : set.source_names()) {
    std::vector<Candidate> out;
    set.Source(name)->Retrieve(query, 5, out);
    CHECK(out.size() <= 5);
  }
}

}  // namespace

std::vector<std::string> attune::fuzz::Seeds() {
  const GenerationRecord record = {
      Generation(3), Sequence(77), kNowMs, GenerationFileName(Generation(3)), 5, 9};
  return {TrainedFile(), EncodeGenerationRecord(record)};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto record = DecodeGenerationRecord(bytes); record.ok()) {
    ++attune::fuzz::accepted_count;
    const auto again = DecodeGenerationRecord(EncodeGenerationRecord(*record));
    CHECK(again.ok() && *again == *record);
  } else {
    CHECK(record.status().code() == StatusCode::kCorruption);
  }
  if (const auto set = ModelSet::Load(WithTrueChecksums(std::string(bytes))); set.ok()) {
    ++attune::fuzz::accepted_count;
    CHECK((*set)->Save().size() <= size);
    Ask(**set);
  }
  return 0;
}
