// One generation of a store's models as bytes: a header, and a named, checksummed section per model.
//
//   ModelFileWriter file(header);                      ASSIGN_OR_RETURN(ModelFile file,
//   ModelFile::Parse(bytes)); file.Section("als").PutArray<float>(factors); ASSIGN_OR_RETURN(SectionReader
//   in, file.Section("als")); WriteFileAtomically(path, file.Finish());          factors =
//   in.TakeArray<float>();
//                                                      RETURN_IF_ERROR(in.Finish());
//
// Layout (docs/formats/models.md): little endian; magic, version, generation, watermark, time, table of
// sections, checksum of all that; then the sections.  Every number that a reader takes is checked against the
// bytes that are there, so that no file, however damaged, makes it read outside or allocate more than the
// file's own size.
//
// Thread safety: one thread at a time; a parsed ModelFile is immutable.

#ifndef ATTUNE_MODELS_MODEL_FILE_H_
#define ATTUNE_MODELS_MODEL_FILE_H_

#include <cstdint>
#include <cstring>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace attune::models {

inline constexpr uint32_t kModelFileVersion = 1;

struct ModelFileHeader {
  Generation generation;
  Sequence watermark;         // The last record of the log that the models have seen.
  int64_t trained_at_ms = 0;  // The time the models were trained for: "now" of every decay.

  friend bool operator==(const ModelFileHeader&, const ModelFileHeader&) = default;
};

class SectionWriter {
 public:
  void PutU32(uint32_t value) { PutRaw(value); }
  void PutU64(uint64_t value) { PutRaw(value); }
  void PutF32(float value) { PutRaw(value); }
  void PutF64(double value) { PutRaw(value); }
  // The count as 64 bits, then the elements.
  template <class T>
  void PutArray(std::span<const T> values) {
    static_assert(std::is_arithmetic_v<T>);
    PutU64(values.size());
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }
  template <class T>
  void PutArray(const std::vector<T>& values) {
    PutArray(std::span<const T>(values));
  }
  const std::string& bytes() const { return bytes_; }

 private:
  template <class T>
  void PutRaw(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }

  std::string bytes_;
};

// After the first short read everything that is taken is zero or empty, and Finish() says so.
class SectionReader {
 public:
  SectionReader(std::string_view name, std::string_view bytes) : name_(name), bytes_(bytes) {}

  uint32_t TakeU32() { return TakeRaw<uint32_t>(); }
  uint64_t TakeU64() { return TakeRaw<uint64_t>(); }
  float TakeF32() { return TakeRaw<float>(); }
  double TakeF64() { return TakeRaw<double>(); }
  template <class T>
  std::vector<T> TakeArray() {
    static_assert(std::is_arithmetic_v<T>);
    const uint64_t count = TakeU64();
    if (is_bad_ || count > (bytes_.size() - position_) / sizeof(T)) {
      is_bad_ = true;
      return {};
    }
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), bytes_.data() + position_, count * sizeof(T));
    position_ += count * sizeof(T);
    return values;
  }
  // An array of characters, in place: valid as long as the bytes of the section.
  std::string_view TakeText() {
    const uint64_t count = TakeU64();
    if (is_bad_ || count > bytes_.size() - position_) {
      is_bad_ = true;
      return {};
    }
    const std::string_view text = bytes_.substr(position_, count);
    position_ += count;
    return text;
  }
  // Nothing is left: what newer builds append is not there.
  bool IsAtEnd() const { return !is_bad_ && position_ == bytes_.size(); }
  // Marks the section as not ours when `is_sound` is false: for invariants that a model needs.
  void Require(bool is_sound) { is_bad_ = is_bad_ || !is_sound; }

  // kCorruption when bytes were missing or are left, or a Require() failed.  Call it before using what was
  // taken.
  Status Finish() const;

 private:
  template <class T>
  T TakeRaw() {
    T value{};
    if (is_bad_ || bytes_.size() - position_ < sizeof(T)) {
      is_bad_ = true;
      return value;
    }
    std::memcpy(&value, bytes_.data() + position_, sizeof(T));
    position_ += sizeof(T);
    return value;
  }

  std::string name_;
  std::string_view bytes_;
  size_t position_ = 0;
  bool is_bad_ = false;
};

class ModelFileWriter {
 public:
  explicit ModelFileWriter(const ModelFileHeader& header) : header_(header) {}

  // REQUIRES: a new name of at most kModelSectionNameBytesMax bytes; at most kModelSectionsMax sections.
  SectionWriter& Section(std::string_view name);
  std::string Finish() const;

 private:
  struct Named {
    std::string name;
    SectionWriter writer;
  };
  ModelFileHeader header_;
  std::deque<Named> sections_;
};

class ModelFile {
 public:
  // Takes the bytes and checks all of them.  kCorruption for anything that Finish() did not write; kConflict
  // for a version that is newer than this build.
  static Result<ModelFile> Parse(std::string bytes);

  const ModelFileHeader& header() const { return header_; }
  bool HasSection(std::string_view name) const;
  // kCorruption when there is none.  The reader lives as long as this file.
  Result<SectionReader> Section(std::string_view name) const;

 private:
  struct Entry {
    std::string name;
    uint64_t offset = 0;
    uint64_t size = 0;
  };
  std::string bytes_;
  ModelFileHeader header_;
  std::vector<Entry> entries_;
};

// Writes to a neighbour name, syncs, and renames: readers see the old file or the whole new one.
Status WriteFileAtomically(const std::string& path, std::string_view bytes);
// kNotFound when there is no such file; kCorruption when it is larger than kModelFileBytesMax.
Result<std::string> ReadModelFileBytes(const std::string& path);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_MODEL_FILE_H_
