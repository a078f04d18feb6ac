// Numbers in as many bytes as they need: 7 bits a byte, the lowest first, the highest bit says that more
// follow.
//
// ReadVarint trusts its bytes: what comes from a file is checked first (ReadVarintWithin).
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_VARINT_H_
#define ATTUNE_SEARCH_VARINT_H_

#include <cstdint>
#include <string>

namespace attune::search {

inline constexpr uint32_t kVarintBits = 7;
inline constexpr uint32_t kVarintMore = 0x80;

inline void AppendVarint(uint32_t value, std::string& out) {
  while (value >= kVarintMore) {
    out += static_cast<char>(static_cast<uint8_t>(value | kVarintMore));
    value >>= kVarintBits;
  }
  out += static_cast<char>(static_cast<uint8_t>(value));
}

inline uint32_t VarintSize(uint32_t value) {
  uint32_t size = 1;
  for (; value >= kVarintMore; value >>= kVarintBits) ++size;
  return size;
}

// Moves `at` behind the number.
inline uint32_t ReadVarint(const char*& at) {
  auto byte = static_cast<uint8_t>(*at++);
  if (byte < kVarintMore) return byte;
  uint32_t value = byte & (kVarintMore - 1);
  for (uint32_t shift = kVarintBits;; shift += kVarintBits) {
    byte = static_cast<uint8_t>(*at++);
    value |= static_cast<uint32_t>(byte & (kVarintMore - 1)) << shift;
    if (byte < kVarintMore) return value;
  }
}

// False when the number does not end before `end` or does not fit.
inline bool ReadVarintWithin(const char*& at, const char* end, uint32_t& value) {
  uint64_t wide = 0;
  for (uint32_t shift = 0; at < end && shift <= 4 * kVarintBits; shift += kVarintBits) {
    const auto byte = static_cast<uint8_t>(*at++);
    wide |= static_cast<uint64_t>(byte & (kVarintMore - 1)) << shift;
    if (byte >= kVarintMore) continue;
    value = static_cast<uint32_t>(wide);
    return wide == value;
  }
  return false;
}

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_VARINT_H_
