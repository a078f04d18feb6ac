#include "events/event_id_filter.h"

#include <algorithm>

namespace attune::events {
namespace {

constexpr size_t kBitsPerId = 16;
constexpr size_t kBitsPerBlock = 512;
constexpr int kBitsAsked = 6;
constexpr int kBitsOfPlace = 9;  // A place within a block.
constexpr size_t kBlockBytes = kBitsPerBlock / 8;

// Bytes of a hash as a number, least significant first on every machine.
uint64_t Word(const Hash128& id, size_t first) {
  uint64_t word = 0;
  for (size_t i = 0; i < 8; ++i) word |= static_cast<uint64_t>(id[first + i]) << (8 * i);
  return word;
}

}  // namespace

EventIdFilter::EventIdFilter(size_t id_count)
    : blocks_(std::max<size_t>(1, (id_count * kBitsPerId + kBitsPerBlock - 1) / kBitsPerBlock)) {}

std::optional<EventIdFilter> EventIdFilter::FromBytes(std::string_view bytes) {
  if (bytes.empty() || bytes.size() % kBlockBytes != 0) return std::nullopt;
  EventIdFilter filter;
  filter.blocks_.resize(bytes.size() / kBlockBytes);
  size_t at = 0;
  for (Block& block : filter.blocks_) {
    for (uint64_t& word : block.words) {
      for (size_t i = 0; i < 8; ++i)
        word |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[at++])) << (8 * i);
    }
  }
  return filter;
}

std::string EventIdFilter::ToBytes() const {
  std::string bytes;
  bytes.reserve(blocks_.size() * kBlockBytes);
  for (const Block& block : blocks_) {
    for (const uint64_t word : block.words) {
      for (size_t i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(word >> (8 * i)));
    }
  }
  return bytes;
}

size_t EventIdFilter::BlockOf(const Hash128& id) const {
  return static_cast<size_t>((Word(id, 0) >> 32) * blocks_.size() >> 32);  // Fewer than 2^32 blocks.
}

void EventIdFilter::Add(const Hash128& id) {
  Block& block = blocks_[BlockOf(id)];
  uint64_t places = Word(id, 8);
  for (int i = 0; i < kBitsAsked; ++i, places >>= kBitsOfPlace) {
    const size_t place = places % kBitsPerBlock;
    block.words[place / 64] |= uint64_t{1} << (place % 64);
  }
}

bool EventIdFilter::MayContain(const Hash128& id) const {
  const Block& block = blocks_[BlockOf(id)];
  uint64_t places = Word(id, 8);
  for (int i = 0; i < kBitsAsked; ++i, places >>= kBitsOfPlace) {
    const size_t place = places % kBitsPerBlock;
    if ((block.words[place / 64] >> (place % 64) & 1) == 0) return false;
  }
  return true;
}

}  // namespace attune::events
