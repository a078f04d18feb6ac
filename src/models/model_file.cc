#include "models/model_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/hash.h"
#include "models/limits.h"

namespace attune::models {
namespace {

static_assert(std::endian::native == std::endian::little, "model files are little endian, read by copying");

constexpr std::string_view kMagic = "ATTUNEGN";

template <class T>
void Append(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

Status NotOurs(std::string_view what) { return Corruption("model file: " + std::string(what)); }

Status SystemError(std::string_view what, const std::string& path) {
  return Unavailable(std::string(what) + " " + path + ": " + std::generic_category().message(errno));
}

// Closes at the end of its scope.
class FileDescriptor {
 public:
  explicit FileDescriptor(int value) : value_(value) {}
  ~FileDescriptor() {
    if (value_ >= 0) ::close(value_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

}  // namespace

Status SectionReader::Finish() const {
  if (is_bad_) return NotOurs("section is short or not sound: " + name_);
  if (position_ != bytes_.size()) return NotOurs("section has bytes left: " + name_);
  return {};
}

SectionWriter& ModelFileWriter::Section(std::string_view name) {
  CHECK(sections_.size() < kModelSectionsMax);
  CHECK(!name.empty() && name.size() <= kModelSectionNameBytesMax);
  for (const Named& section : sections_) CHECK(section.name != name);
  return sections_.emplace_back(std::string(name), SectionWriter()).writer;
}

std::string ModelFileWriter::Finish() const {
  std::string out(kMagic);
  Append(kModelFileVersion, out);
  Append(static_cast<uint32_t>(sections_.size()), out);
  Append(header_.generation.value(), out);
  Append(header_.watermark.value(), out);
  Append(header_.trained_at_ms, out);
  for (const Named& section : sections_) {
    Append(static_cast<uint32_t>(section.name.size()), out);
    out += section.name;
    Append(static_cast<uint64_t>(section.writer.bytes().size()), out);
    Append(StableHash64(section.writer.bytes()), out);
  }
  Append(StableHash64(out), out);
  for (const Named& section : sections_) out += section.writer.bytes();
  return out;
}

Result<ModelFile> ModelFile::Parse(std::string bytes) {
  ModelFile file;
  file.bytes_ = std::move(bytes);
  const std::string_view all = file.bytes_;
  if (!all.starts_with(kMagic)) return NotOurs("wrong magic");
  size_t position = kMagic.size();
  const auto take = [&all, &position](auto& value) {
    if (all.size() - position < sizeof(value)) return false;
    std::memcpy(&value, all.data() + position, sizeof(value));
    position += sizeof(value);
    return true;
  };
  uint32_t version = 0;
  uint32_t section_count = 0;
  uint64_t generation = 0;
  uint64_t watermark = 0;
  if (!take(version)) return NotOurs("header is short");
  if (version > kModelFileVersion) return Conflict("model file: written by a newer version of attune");
  if (!take(section_count) || !take(generation) || !take(watermark) || !take(file.header_.trained_at_ms)) {
    return NotOurs("header is short");
  }
  if (version != kModelFileVersion || section_count > kModelSectionsMax)
    return NotOurs("header is not sound");
  file.header_.generation = Generation(generation);
  file.header_.watermark = Sequence(watermark);
  std::vector<uint64_t> checksums;
  for (uint32_t i = 0; i < section_count; ++i) {
    uint32_t name_bytes = 0;
    uint64_t checksum = 0;
    Entry entry;
    if (!take(name_bytes) || name_bytes > kModelSectionNameBytesMax || all.size() - position < name_bytes) {
      return NotOurs("table of sections is not sound");
    }
    entry.name = all.substr(position, name_bytes);
    position += name_bytes;
    if (!take(entry.size) || !take(checksum)) return NotOurs("table of sections is short");
    file.entries_.push_back(std::move(entry));
    checksums.push_back(checksum);
  }
  const uint64_t header_checksum = StableHash64(all.substr(0, position));
  uint64_t written_checksum = 0;
  if (!take(written_checksum) || written_checksum != header_checksum)
    return NotOurs("header has a wrong checksum");
  for (size_t i = 0; i < file.entries_.size(); ++i) {
    Entry& entry = file.entries_[i];
    if (all.size() - position < entry.size) return NotOurs("section is cut off: " + entry.name);
    entry.offset = position;
    position += entry.size;
    if (StableHash64(all.substr(entry.offset, entry.size)) != checksums[i]) {
      return NotOurs("section has a wrong checksum: " + entry.name);
    }
  }
  if (position != all.size()) return NotOurs("bytes after the last section");
  return file;
}

bool ModelFile::HasSection(std::string_view name) const {
  return std::any_of(entries_.begin(), entries_.end(), [name](const Entry& e) { return e.name == name; });
}

Result<SectionReader> ModelFile::Section(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.name == name) {
      return SectionReader(name, std::string_view(bytes_).substr(entry.offset, entry.size));
    }
  }
  return NotOurs("no section: " + std::string(name));
}

Status WriteFileAtomically(const std::string& path, std::string_view bytes) {
  const std::string pending = path + ".pending";
  {
    const FileDescriptor file(::open(pending.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.value() < 0) return SystemError("cannot create", pending);
    while (!bytes.empty()) {
      const ssize_t written = ::write(file.value(), bytes.data(), std::min<size_t>(bytes.size(), 1U << 30));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return SystemError("cannot write", pending);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    if (::fsync(file.value()) != 0) return SystemError("cannot sync", pending);
  }
  if (::rename(pending.c_str(), path.c_str()) != 0) return SystemError("cannot rename", pending);
  const std::string directory = std::filesystem::path(path).parent_path().string();
  const FileDescriptor folder(
      ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.value() < 0 || ::fsync(folder.value()) != 0) return SystemError("cannot sync folder of", path);
  return {};
}

Result<std::string> ReadModelFileBytes(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.value() < 0) {
    if (errno == ENOENT) return NotFound("no model file: " + path);
    return SystemError("cannot open", path);
  }
  struct stat facts{};
  if (::fstat(file.value(), &facts) != 0) return SystemError("cannot read", path);
  if (!S_ISREG(facts.st_mode)) return NotOurs("not a file: " + path);
  const auto size = static_cast<uint64_t>(facts.st_size);
  if (size > kModelFileBytesMax) return NotOurs("larger than any model file: " + path);
  std::string bytes(size, '\0');
  for (size_t position = 0; position < bytes.size();) {
    const ssize_t count = ::read(file.value(), bytes.data() + position, bytes.size() - position);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("cannot read", path);
    if (count == 0) return NotOurs("file became shorter while it was read: " + path);
    position += static_cast<size_t>(count);
  }
  return bytes;
}

}  // namespace attune::models
