// The bytes of a feed, one after the other: a file or text in memory, .gz and .xz decompressed on the way.
//
// What a file is, is told by its first bytes, not by its name.  A compressed file may grow to kFeedBytesMax
// and, past the first 64 MB, to 400 times its size: beyond that it is taken for a bomb and refused.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_CATALOG_IMPORT_SOURCE_H_
#define ATTUNE_CATALOG_IMPORT_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace attune::catalog {

class ImportSource {
 public:
  virtual ~ImportSource() = default;

  // Fills at most `size` bytes and returns how many; 0 at the end.  Fails with kCorruption when a compressed
  // file is damaged or cut off, and with kResourceExhausted at the limits.
  virtual Result<size_t> Read(char* into, size_t size) = 0;

  // Of the stored (compressed) bytes, for progress; the size is 0 when it is not known.
  virtual uint64_t stored_position() const = 0;
  virtual uint64_t stored_size() const = 0;
};

// Fails with kNotFound when the file cannot be opened.
Result<std::unique_ptr<ImportSource>> OpenImportFile(const std::string& path);

// Takes .gz and .xz bytes too.
Result<std::unique_ptr<ImportSource>> OpenImportText(std::string bytes);

// Bytes in front of a reader: looks ahead without taking, and gives lines.
class ImportBuffer {
 public:
  explicit ImportBuffer(std::unique_ptr<ImportSource> source) : source_(std::move(source)) {}

  // At least `size` bytes unless the source ends before; valid until the next call.
  Result<std::string_view> Peek(size_t size);
  void Skip(size_t size);

  // The next line without its end (\n or \r\n); false at the end of the source.  Fails with
  // kResourceExhausted when it is longer than kFeedRecordBytesMax.  Valid until the next call.
  Result<bool> ReadLine(std::string_view& line);

  uint64_t position() const { return position_; }  // Bytes taken, after decompression.
  const ImportSource& source() const { return *source_; }

 private:
  // Reads more; false at the end.
  Result<bool> Fill();

  const std::unique_ptr<ImportSource> source_;
  std::string bytes_;
  size_t begin_ = 0;  // Of what is not taken.
  uint64_t position_ = 0;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_IMPORT_SOURCE_H_
