// What is written is read back; what is damaged is refused, whatever the damage.

#include "models/model_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/random.h"
#include "models/generation_record.h"

namespace attune::models {
namespace {

std::string MakeFile() {
  ModelFileWriter file({Generation(7), Sequence(123), 1'700'000'000'000});
  file.Section("first").PutU32(42);
  SectionWriter& second = file.Section("second");
  second.PutArray(std::vector<float>{1.5f, -2});
  second.PutF64(0.25);
  second.PutU64(1ULL << 40);
  return file.Finish();
}

TEST(ModelFileTest, SectionsComeBackByName) {
  const auto file = ModelFile::Parse(MakeFile());
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->header(), (ModelFileHeader{Generation(7), Sequence(123), 1'700'000'000'000}));
  auto second = file->Section("second");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->TakeArray<float>(), (std::vector<float>{1.5f, -2}));
  EXPECT_EQ(second->TakeF64(), 0.25);
  EXPECT_EQ(second->TakeU64(), 1ULL << 40);
  EXPECT_TRUE(second->Finish().ok());
  EXPECT_TRUE(file->HasSection("first"));
  EXPECT_EQ(file->Section("third").status().code(), StatusCode::kCorruption);
}

TEST(ModelFileTest, EveryCutAndEveryFlippedByteIsNoticed) {
  const std::string bytes = MakeFile();
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(ModelFile::Parse(bytes.substr(0, cut)).ok()) << cut;
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    EXPECT_FALSE(ModelFile::Parse(damaged).ok()) << i;
  }
  EXPECT_FALSE(ModelFile::Parse(bytes + "x").ok());
}

TEST(ModelFileTest, AFileOfANewerVersionIsAConflict) {
  std::string bytes = MakeFile();
  bytes[8] = 9;
  EXPECT_EQ(ModelFile::Parse(bytes).status().code(), StatusCode::kConflict);
}

TEST(ModelFileTest, RandomBytesAreRefused) {
  Random random(1);
  for (int i = 0; i < 500; ++i) {
    std::string bytes = "ATTUNEGN";
    const size_t size = random.NextBelow(200);
    for (size_t k = 0; k < size; ++k) bytes.push_back(static_cast<char>(random.NextBelow(256)));
    EXPECT_FALSE(ModelFile::Parse(bytes).ok());
  }
}

TEST(ModelFileTest, AReaderNeverReadsPastItsSection) {
  SectionWriter out;
  out.PutU64(UINT64_MAX);  // A count that no section can hold.
  SectionReader huge("x", out.bytes());
  EXPECT_TRUE(huge.TakeArray<uint32_t>().empty());
  EXPECT_EQ(huge.Finish().code(), StatusCode::kCorruption);
  SectionReader left("x", out.bytes());
  left.TakeU32();
  EXPECT_EQ(left.Finish().code(), StatusCode::kCorruption);
  SectionReader unsound("x", out.bytes());
  unsound.TakeU64();
  unsound.Require(false);
  EXPECT_EQ(unsound.Finish().code(), StatusCode::kCorruption);
}

TEST(ModelFileTest, FilesAreReplacedWholeAndMissingOnesAreNotFound) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("attune_model_file_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "a.models").string();
  EXPECT_EQ(ReadModelFileBytes(path).status().code(), StatusCode::kNotFound);
  ASSERT_TRUE(WriteFileAtomically(path, "one").ok());
  ASSERT_TRUE(WriteFileAtomically(path, std::string("two\0three", 9)).ok());
  EXPECT_EQ(*ReadModelFileBytes(path), std::string("two\0three", 9));
  EXPECT_EQ(ReadModelFileBytes(folder.string()).status().code(), StatusCode::kCorruption);
  EXPECT_EQ(WriteFileAtomically((folder / "none" / "a").string(), "x").code(), StatusCode::kUnavailable);
  std::filesystem::remove_all(folder);
}

GenerationRecord MakeRecord() {
  return {Generation(42),     Sequence(1'000'000), 1'700'000'000'000, GenerationFileName(Generation(42)),
          0xfedcba9876543210, 12'345'678};
}

TEST(GenerationRecordTest, ComesBackAsItWas) {
  EXPECT_EQ(MakeRecord().file_name, "generation-000042.models");
  const auto decoded = DecodeGenerationRecord(EncodeGenerationRecord(MakeRecord()));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, MakeRecord());
}

TEST(GenerationRecordTest, TheExampleOfTheDocumentHolds) {
  const std::string bytes =
      EncodeGenerationRecord({Generation(1), Sequence(2), 0, GenerationFileName(Generation(1)), 1, 3});
  const std::string expected = std::string("\x08\x01\x10\x02\x18\x00\x22\x18", 8) +
                               "generation-000001.models" +
                               std::string("\x29\x01\x00\x00\x00\x00\x00\x00\x00\x30\x03", 11);
  EXPECT_EQ(bytes, expected);
}

TEST(GenerationRecordTest, FieldsOfLaterVersionsAreSkipped) {
  const std::string later =
      EncodeGenerationRecord(MakeRecord()) + std::string("\x78\x05", 2);  // Field 15, varint 5.
  const auto decoded = DecodeGenerationRecord(later);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, MakeRecord());
}

TEST(GenerationRecordTest, DamagedBytesAndUnsoundFieldsAreRefused) {
  const std::string bytes = EncodeGenerationRecord(MakeRecord());
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    const auto decoded = DecodeGenerationRecord(bytes.substr(0, cut));
    // A cut between two fields is a shorter record; it is refused while it lacks a name.
    if (decoded.ok()) {
      EXPECT_EQ(decoded->file_name, MakeRecord().file_name);
    }
  }
  EXPECT_EQ(DecodeGenerationRecord("").status().code(), StatusCode::kCorruption);
  for (const char* name : {"", "../models", "a/b", ".."}) {
    GenerationRecord record = MakeRecord();
    record.file_name = name;
    EXPECT_EQ(DecodeGenerationRecord(EncodeGenerationRecord(record)).status().code(), StatusCode::kCorruption)
        << name;
  }
}

}  // namespace
}  // namespace attune::models
