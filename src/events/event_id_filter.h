// Says of an event id that it is certainly not in a set, or perhaps: a Bloom filter whose bits of one id lie
// in one cache line.
//
//   16 bits an id, 6 of them asked: of 1 000 ids that are not there, one or two are "perhaps"
//
// Its bytes are kept on disk (docs/formats/events.md): the places of the bits never change.
//
// Thread safety: value type.

#ifndef ATTUNE_EVENTS_EVENT_ID_FILTER_H_
#define ATTUNE_EVENTS_EVENT_ID_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/identity_vault.h"

namespace attune::events {

class EventIdFilter {
 public:
  // Empty, with room for `id_count` ids.
  explicit EventIdFilter(size_t id_count);
  // What ToBytes() wrote; nothing when the bytes are no filter.
  static std::optional<EventIdFilter> FromBytes(std::string_view bytes);
  std::string ToBytes() const;

  void Add(const Hash128& id);
  bool MayContain(const Hash128& id) const;
  // Starts to bring what MayContain() will look at into the processor's cache.
  void Prefetch(const Hash128& id) const { __builtin_prefetch(blocks_.data() + BlockOf(id)); }

  size_t memory_bytes() const { return blocks_.capacity() * sizeof(Block); }

 private:
  static constexpr size_t kWordsPerBlock = 8;
  struct alignas(64) Block {
    uint64_t words[kWordsPerBlock] = {};
  };

  EventIdFilter() = default;
  size_t BlockOf(const Hash128& id) const;

  std::vector<Block> blocks_;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_EVENT_ID_FILTER_H_
