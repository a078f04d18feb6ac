#include "catalog/import_source.h"

#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "catalog/limits.h"

namespace attune::catalog {
namespace {

constexpr size_t kBlockBytes = 64 * 1024;

class FileSource final : public ImportSource {
 public:
  FileSource(std::FILE* file, uint64_t size) : file_(file), size_(size) {}
  ~FileSource() override { std::fclose(file_); }

  Result<size_t> Read(char* into, size_t size) override {
    const size_t got = std::fread(into, 1, size, file_);
    if (got == 0 && std::ferror(file_) != 0) return Unavailable("the file cannot be read");
    position_ += got;
    return got;
  }
  uint64_t stored_position() const override { return position_; }
  uint64_t stored_size() const override { return size_; }

 private:
  std::FILE* const file_;
  const uint64_t size_;
  uint64_t position_ = 0;
};

class TextSource final : public ImportSource {
 public:
  explicit TextSource(std::string bytes) : bytes_(std::move(bytes)) {}

  Result<size_t> Read(char* into, size_t size) override {
    const size_t got = std::min(size, bytes_.size() - position_);
    std::memcpy(into, bytes_.data() + position_, got);
    position_ += got;
    return got;
  }
  uint64_t stored_position() const override { return position_; }
  uint64_t stored_size() const override { return bytes_.size(); }

 private:
  const std::string bytes_;
  size_t position_ = 0;
};

// What both decompressors share: the stored bytes, and the watch over growth.
class UnpackingSource : public ImportSource {
 public:
  UnpackingSource(std::unique_ptr<ImportSource> stored, std::string first)
      : input_(std::move(first)), stored_(std::move(stored)) {}

  uint64_t stored_position() const override { return stored_->stored_position(); }
  uint64_t stored_size() const override { return stored_->stored_size(); }

 protected:
  // More stored bytes into `input_`; false when there are none.
  Result<bool> Refill() {
    input_.resize(kBlockBytes);
    ASSIGN_OR_RETURN(const size_t got, stored_->Read(input_.data(), input_.size()));
    input_.resize(got);
    return got > 0;
  }

  Status CheckGrowth(size_t made) {
    unpacked_ += made;
    if (unpacked_ > kFeedBytesMax)
      return ResourceExhausted("the feed is larger than 64 GB when decompressed");
    if (unpacked_ > kFeedRatioFreeBytes && unpacked_ / kFeedRatioMax > stored_->stored_position()) {
      return ResourceExhausted("the feed grows more than 400-fold when decompressed: refused as a bomb");
    }
    return Status();
  }

  std::string input_;

 private:
  const std::unique_ptr<ImportSource> stored_;
  uint64_t unpacked_ = 0;
};

class GzipSource final : public UnpackingSource {
 public:
  GzipSource(std::unique_ptr<ImportSource> stored, std::string first)
      : UnpackingSource(std::move(stored), std::move(first)) {
    CHECK(inflateInit2(&stream_, 15 + 16) == Z_OK);  // 16: a gzip header.
    Point();
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  Result<size_t> Read(char* into, size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(size, kBlockBytes));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted) {
      if (stream_.avail_in == 0) {
        ASSIGN_OR_RETURN(const bool has_more, Refill());
        if (!has_more) {
          if (!at_member_end_) return Corruption("the .gz file ends too early");
          return size_t{0};
        }
        Point();
      }
      // A .gz file may hold several members, one after the other.
      if (at_member_end_ && inflateReset(&stream_) != Z_OK) return Corruption("the .gz file is damaged");
      at_member_end_ = false;
      const int outcome = inflate(&stream_, Z_NO_FLUSH);
      if (outcome != Z_OK && outcome != Z_STREAM_END) return Corruption("the .gz file is damaged");
      at_member_end_ = outcome == Z_STREAM_END;
    }
    const size_t made = wanted - stream_.avail_out;
    RETURN_IF_ERROR(CheckGrowth(made));
    return made;
  }

 private:
  void Point() {
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(input_.size());
  }

  z_stream stream_{};
  bool at_member_end_ = false;
};

class XzSource final : public UnpackingSource {
 public:
  XzSource(std::unique_ptr<ImportSource> stored, std::string first)
      : UnpackingSource(std::move(stored), std::move(first)) {
    CHECK(lzma_stream_decoder(&stream_, kXzMemoryBytesMax, LZMA_CONCATENATED) == LZMA_OK);
    Point();
  }
  ~XzSource() override { lzma_end(&stream_); }

  Result<size_t> Read(char* into, size_t size) override {
    if (is_done_) return size_t{0};
    stream_.next_out = reinterpret_cast<uint8_t*>(into);
    stream_.avail_out = std::min(size, kBlockBytes);
    const size_t wanted = stream_.avail_out;
    while (stream_.avail_out == wanted && !is_done_) {
      if (stream_.avail_in == 0 && !is_input_done_) {
        ASSIGN_OR_RETURN(const bool has_more, Refill());
        is_input_done_ = !has_more;
        Point();
      }
      const lzma_ret outcome = lzma_code(&stream_, is_input_done_ ? LZMA_FINISH : LZMA_RUN);
      if (outcome == LZMA_MEMLIMIT_ERROR)
        return ResourceExhausted("the .xz file needs more than 256 MB to unpack");
      if (outcome == LZMA_BUF_ERROR) return Corruption("the .xz file ends too early");
      if (outcome != LZMA_OK && outcome != LZMA_STREAM_END) return Corruption("the .xz file is damaged");
      is_done_ = outcome == LZMA_STREAM_END;
    }
    const size_t made = wanted - stream_.avail_out;
    RETURN_IF_ERROR(CheckGrowth(made));
    return made;
  }

 private:
  void Point() {
    stream_.next_in = reinterpret_cast<const uint8_t*>(input_.data());
    stream_.avail_in = input_.size();
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool is_input_done_ = false;
  bool is_done_ = false;
};

// Gives back bytes that were read to look at them.
class PrefixedSource final : public ImportSource {
 public:
  PrefixedSource(std::string first, std::unique_ptr<ImportSource> rest)
      : first_(std::move(first)), rest_(std::move(rest)) {}

  Result<size_t> Read(char* into, size_t size) override {
    if (given_ == first_.size()) return rest_->Read(into, size);
    const size_t got = std::min(size, first_.size() - given_);
    std::memcpy(into, first_.data() + given_, got);
    given_ += got;
    return got;
  }
  uint64_t stored_position() const override { return rest_->stored_position(); }
  uint64_t stored_size() const override { return rest_->stored_size(); }

 private:
  const std::string first_;
  const std::unique_ptr<ImportSource> rest_;
  size_t given_ = 0;
};

Result<std::unique_ptr<ImportSource>> Unpacked(std::unique_ptr<ImportSource> stored) {
  std::string first(kBlockBytes, '\0');
  ASSIGN_OR_RETURN(const size_t got, stored->Read(first.data(), first.size()));
  first.resize(got);
  using Source = std::unique_ptr<ImportSource>;
  if (first.starts_with("\x1f\x8b")) return Source(std::make_unique<GzipSource>(std::move(stored), first));
  if (first.starts_with(std::string_view("\xFD"
                                         "7zXZ\0",
                                         6))) {
    return Source(std::make_unique<XzSource>(std::move(stored), first));
  }
  return Source(std::make_unique<PrefixedSource>(std::move(first), std::move(stored)));
}

}  // namespace

Result<std::unique_ptr<ImportSource>> OpenImportFile(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return NotFound("cannot open " + path);
  uint64_t size = 0;
  if (std::fseek(file, 0, SEEK_END) == 0) {
    const long end = std::ftell(file);
    size = end > 0 ? static_cast<uint64_t>(end) : 0;
    if (std::fseek(file, 0, SEEK_SET) != 0) {
      std::fclose(file);
      return Unavailable("cannot read from the beginning of " + path);
    }
  }
  return Unpacked(std::make_unique<FileSource>(file, size));
}

Result<std::unique_ptr<ImportSource>> OpenImportText(std::string bytes) {
  return Unpacked(std::make_unique<TextSource>(std::move(bytes)));
}

Result<bool> ImportBuffer::Fill() {
  if (begin_ > 0) {
    bytes_.erase(0, begin_);
    begin_ = 0;
  }
  const size_t before = bytes_.size();
  bytes_.resize(before + kBlockBytes);
  Result<size_t> got = source_->Read(bytes_.data() + before, kBlockBytes);
  bytes_.resize(before + (got.ok() ? *got : 0));
  if (!got.ok()) return got.status();
  return *got > 0;
}

Result<std::string_view> ImportBuffer::Peek(size_t size) {
  while (bytes_.size() - begin_ < size) {
    ASSIGN_OR_RETURN(const bool has_more, Fill());
    if (!has_more) break;
  }
  return std::string_view(bytes_).substr(begin_);
}

void ImportBuffer::Skip(size_t size) {
  CHECK(size <= bytes_.size() - begin_);
  begin_ += size;
  position_ += size;
}

Result<bool> ImportBuffer::ReadLine(std::string_view& line) {
  size_t searched = 0;
  while (true) {
    const size_t end = bytes_.find('\n', begin_ + searched);
    if (end != std::string::npos) {
      line = std::string_view(bytes_).substr(begin_, end - begin_);
      Skip(end + 1 - begin_);
      break;
    }
    searched = bytes_.size() - begin_;
    if (searched > kFeedRecordBytesMax) return ResourceExhausted("a line is longer than 4 MB");
    ASSIGN_OR_RETURN(const bool has_more, Fill());
    if (has_more) continue;
    if (searched == 0) return false;
    line = std::string_view(bytes_).substr(begin_);
    Skip(line.size());
    break;
  }
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

}  // namespace attune::catalog
