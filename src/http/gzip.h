// Decompresses a gzip body without trusting it: output stops at a limit, so a bomb costs at most that limit.
//
// Thread safety: pure function.

#ifndef ATTUNE_HTTP_GZIP_H_
#define ATTUNE_HTTP_GZIP_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace attune::http {

enum class GunzipOutcome : uint8_t {
  kOk,
  kMalformed,  // No gzip, truncated, wrong checksum, or bytes after its end.
  kTooLarge,   // More than bytes_max come out of it.
};

// Reads one or more gzip members.  On failure `out` is empty.
GunzipOutcome Gunzip(std::string_view compressed, size_t bytes_max, std::string& out);

}  // namespace attune::http

#endif  // ATTUNE_HTTP_GZIP_H_
