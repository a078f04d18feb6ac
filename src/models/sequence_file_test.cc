// Benchmark files: what is read, and how wrong ones are refused.

#include "models/sequence_file.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "base/random.h"

namespace attune::models {
namespace {

Result<SequenceFile> Read(const std::string& text) {
  std::istringstream input(text);
  ItemNumbering numbering;
  return ReadSequenceFile(input, numbering);
}

std::vector<uint32_t> Of(const SequenceFile& file, size_t line) {
  const auto items = file.sequences.Of(line);
  return {items.begin(), items.end()};
}

TEST(SequenceFile, ItemsAreNumberedInTheOrderOfTheFile) {
  std::istringstream input("1 10 11 12\n2 11 13\n");
  ItemNumbering numbering;
  const auto file = ReadSequenceFile(input, numbering);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->users, (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(Of(*file, 0), (std::vector<uint32_t>{0, 1, 2}));
  EXPECT_EQ(Of(*file, 1), (std::vector<uint32_t>{1, 3}));
  EXPECT_EQ(numbering.items(), (std::vector<uint64_t>{10, 11, 12, 13}));
  EXPECT_EQ(file->sequences.interaction_count(), 5u);
}

TEST(SequenceFile, TwoFilesShareANumbering) {
  std::istringstream train("1 10 11\n");
  std::istringstream test("1 11 12\n");
  ItemNumbering numbering;
  ASSERT_TRUE(ReadSequenceFile(train, numbering).ok());
  const auto file = ReadSequenceFile(test, numbering);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(Of(*file, 0), (std::vector<uint32_t>{1, 2}));
}

TEST(SequenceFile, SpacesTabsEmptyLinesAndWindowsEndingsAreFine) {
  const auto file = Read("\n1\t10  11 \r\n\r\n 2 10\n3");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->users, (std::vector<uint64_t>{1, 2, 3}));
  EXPECT_EQ(Of(*file, 0), (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(Of(*file, 1), (std::vector<uint32_t>{0}));
  EXPECT_TRUE(Of(*file, 2).empty());
}

TEST(SequenceFile, WrongFieldsAreNamed) {
  const auto field_of = [](const std::string& text) {
    const auto file = Read(text);
    EXPECT_FALSE(file.ok()) << text;
    if (file.ok()) return std::string();
    EXPECT_EQ(file.status().code(), StatusCode::kInvalidArgument);
    return file.status().field();
  };
  EXPECT_EQ(field_of("1 10\n2 ten\n"), "line 2, field 2");
  EXPECT_EQ(field_of("1 10\n\nx 1\n"), "line 3, field 1");
  EXPECT_EQ(field_of("1 10 -3\n"), "line 1, field 3");
  EXPECT_EQ(field_of("1 10 3.5\n"), "line 1, field 3");
  EXPECT_EQ(field_of("1 99999999999999999999\n"), "line 1, field 2");
  EXPECT_EQ(field_of("1 10\n2 10\n1 11\n"), "line 3, field 1");
  EXPECT_EQ(field_of(std::string("1 1\0 2\n", 7)), "line 1, field 2");
  EXPECT_EQ(field_of("1 \xff\xfe\n"), "line 1, field 2");
  EXPECT_EQ(field_of(""), "line 1");
  EXPECT_EQ(field_of("\n \n"), "line 1");
  EXPECT_EQ(field_of("1 " + std::string(5u << 20, '7') + "\n"), "line 1");
}

TEST(SequenceFile, MessagesHoldNoControlBytes) {
  const auto file = Read("1 a\x01\x7f" + std::string(200, 'b') + "\n");
  ASSERT_FALSE(file.ok());
  const std::string message = file.status().message();
  EXPECT_LT(message.size(), 100u);
  for (const char c : message) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(SequenceFile, RandomBytesNeverCrash) {
  Random random(17);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (uint64_t i = random.NextBelow(60); i > 0; --i) {
      text.push_back(random.NextBelow(4) == 0 ? static_cast<char>(random.NextBelow(256))
                                              : " \n\t0123456789"[random.NextBelow(13)]);
    }
    const auto file = Read(text);
    if (!file.ok()) {
      EXPECT_FALSE(file.status().message().empty());
    }
  }
}

}  // namespace
}  // namespace attune::models
