#include "http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace attune::http {
namespace {

constexpr size_t kFirstChunkBytes = 16 * 1024;
constexpr int kGzipOnly = 16 + MAX_WBITS;  // zlib's way to say: a gzip header, no raw or zlib stream.

// Inflates members until the input ends.  `stream` is initialized and its input set.
GunzipOutcome InflateAll(z_stream& stream, size_t bytes_max, std::string& out) {
  while (true) {
    if (out.size() == static_cast<size_t>(stream.total_out)) {
      // One byte more than allowed, so that "exactly at the limit" and "beyond it" can be told apart.
      const size_t next = std::min(std::max(kFirstChunkBytes, out.size() * 2), bytes_max + 1);
      if (next <= out.size()) return GunzipOutcome::kTooLarge;
      out.resize(next);
    }
    const size_t written = static_cast<size_t>(stream.total_out);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + written);
    stream.avail_out = static_cast<uInt>(out.size() - written);
    const int outcome = inflate(&stream, Z_NO_FLUSH);
    if (stream.total_out > bytes_max) return GunzipOutcome::kTooLarge;
    if (outcome == Z_STREAM_END) {
      if (stream.avail_in == 0) return GunzipOutcome::kOk;
      const uLong total = stream.total_out;
      if (inflateReset(&stream) != Z_OK) return GunzipOutcome::kMalformed;
      stream.total_out = total;  // Counts the output of all members.
      continue;
    }
    if (outcome != Z_OK && !(outcome == Z_BUF_ERROR && stream.avail_out == 0))
      return GunzipOutcome::kMalformed;
    if (stream.avail_in == 0 && stream.avail_out > 0) return GunzipOutcome::kMalformed;  // Truncated.
  }
}

}  // namespace

GunzipOutcome Gunzip(std::string_view compressed, size_t bytes_max, std::string& out) {
  out.clear();
  if (compressed.size() > std::numeric_limits<uInt>::max()) return GunzipOutcome::kTooLarge;
  if (bytes_max >= std::numeric_limits<uInt>::max()) bytes_max = std::numeric_limits<uInt>::max() - 1;
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return GunzipOutcome::kMalformed;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  const GunzipOutcome outcome = InflateAll(stream, bytes_max, out);
  out.resize(outcome == GunzipOutcome::kOk ? static_cast<size_t>(stream.total_out) : 0);
  inflateEnd(&stream);
  return outcome;
}

}  // namespace attune::http
