// Records go into an entry and come out as they were; bytes that are no entry are corruption.

#include "storage/log_entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "storage/log_value.h"

namespace attune::storage {
namespace {

using ::testing::ElementsAre;

struct Seen {
  uint64_t sequence;
  RecordKind kind;
  int64_t recorded_at_ms;
  std::string payload;

  friend bool operator==(const Seen&, const Seen&) = default;
};

Result<std::vector<Seen>> ReadAll(Sequence first, std::string_view value) {
  std::vector<Seen> all;
  LogEntryReader reader(first, value);
  Record record;
  for (;;) {
    ASSIGN_OR_RETURN(const bool is_there, reader.Next(record));
    if (!is_there) return all;
    all.push_back({record.sequence.value(), record.kind, record.recorded_at_ms, std::string(record.payload)});
  }
}

TEST(LogEntryTest, OneRecordIsTheEntryOfFormat1) {
  LogEntryWriter writer;
  writer.Add(RecordKind::kEvent, 1767225600000, "hi");
  std::string value;
  EncodeLogValue(RecordKind::kEvent, 1767225600000, "hi", value);
  EXPECT_EQ(writer.value(), value);
  EXPECT_EQ(*CountLogRecords(Sequence(1042), value), 1u);
  EXPECT_THAT(*ReadAll(Sequence(1042), value),
              ElementsAre(Seen{1042, RecordKind::kEvent, 1767225600000, "hi"}));
}

// The example of docs/formats/storage.md.
TEST(LogEntryTest, SeveralRecordsSayTheirTimeOnce) {
  LogEntryWriter writer;
  writer.Add(RecordKind::kEvent, 1767225600000, "hi");
  writer.Add(RecordKind::kIdentity, 1767225600000, "!");
  EXPECT_EQ(writer.value(), std::string_view("\x22\x0d\x08\x01\x10\x80\xd0\xea\xb6\xb7\x33\x1a\x02\x68\x69"
                                             "\x22\x05\x08\x03\x1a\x01\x21",
                                             22));
  EXPECT_THAT(*ReadAll(Sequence(7), writer.value()),
              ElementsAre(Seen{7, RecordKind::kEvent, 1767225600000, "hi"},
                          Seen{8, RecordKind::kIdentity, 1767225600000, "!"}));
}

TEST(LogEntryTest, RandomGroupsComeBack) {
  Random random(11);
  LogEntryWriter writer;
  for (int round = 0; round < 200; ++round) {
    writer.Clear();
    EXPECT_TRUE(writer.empty());
    std::vector<Seen> expected;
    const uint64_t first = 1 + random.NextBelow(uint64_t{1} << 50);
    const uint64_t count = 1 + random.NextBelow(20);
    for (uint64_t i = 0; i < count; ++i) {
      Seen record{first + i, static_cast<RecordKind>(1 + random.NextBelow(255)),
                  static_cast<int64_t>(random.NextBelow(3)) * 1'000'000'000'000,
                  std::string(random.NextBelow(300), 'p')};
      writer.Add(record.kind, record.recorded_at_ms, record.payload);
      expected.push_back(std::move(record));
    }
    const std::string value(writer.value());
    EXPECT_EQ(writer.count(), count);
    EXPECT_EQ(*CountLogRecords(Sequence(first), value), count);
    EXPECT_EQ(*ReadAll(Sequence(first), value), expected);
    // Cut short it is corruption, or fewer records; never others.
    const auto cut = ReadAll(Sequence(first), std::string_view(value).substr(0, value.size() - 1));
    if (cut.ok()) {
      ASSERT_LT(cut->size(), expected.size());
    } else {
      EXPECT_EQ(cut.status().code(), StatusCode::kCorruption);
    }
  }
}

TEST(LogEntryTest, BytesThatAreNoEntryAreCorruption) {
  for (const std::string& bytes : {std::string(), std::string("\x22", 1), std::string("\x2a\x00", 2),
                                   std::string("\x22\x00", 2), std::string("\xff\xff\xff", 3)}) {
    const auto read = ReadAll(Sequence(1), bytes);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.status().code(), StatusCode::kCorruption);
  }
  EXPECT_EQ(CountLogRecords(Sequence(1), std::string_view("\x22\x05", 2)).status().code(),
            StatusCode::kCorruption);
}

}  // namespace
}  // namespace attune::storage
