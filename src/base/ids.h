// The identities that rooms pass to each other.
//
//   ProductIndex   dense position of a product in its store: [0, catalog.product_count()).  Given in the
//   order in which
//                  the log first names the product, never reused, so it is the same after every replay.  It
//                  never leaves the process; the external name is product_id.
//   ShopperHandle  random 64-bit name of one shopper identity (a browser or a customer).  0 means "nobody".
//   Sequence       position of a record in a store's log, from 1.  0 means "before the first record".
//   Generation     which training of a model, from 1 per model name.  0 means "none yet".
//   DecisionId     128 bits: time, store and a random part; printed as 32 lower-case hex digits.
//
// Thread safety: value types.

#ifndef ATTUNE_BASE_IDS_H_
#define ATTUNE_BASE_IDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/strong_id.h"

namespace attune {

using ProductIndex = StrongId<struct ProductIndexTag, uint32_t>;
using ShopperHandle = StrongId<struct ShopperHandleTag, uint64_t>;
using Sequence = StrongId<struct SequenceTag, uint64_t>;
using Generation = StrongId<struct GenerationTag, uint64_t>;

// Layout, most significant first: 48 bits milliseconds since 1970, 16 bits store tag, 64 bits random.  So ids
// sort by time, and the record of a decision is found from its id alone.
struct DecisionId {
  uint64_t high = 0;
  uint64_t low = 0;

  static DecisionId Make(int64_t time_ms, uint16_t store_tag, uint64_t random) {
    return {(static_cast<uint64_t>(time_ms) << 16) | store_tag, random};
  }
  // Exactly 32 lower-case hex digits; nothing otherwise.
  static std::optional<DecisionId> Parse(std::string_view text);

  int64_t time_ms() const { return static_cast<int64_t>(high >> 16); }
  uint16_t store_tag() const { return static_cast<uint16_t>(high); }
  bool is_none() const { return high == 0 && low == 0; }
  std::string ToString() const;

  friend auto operator<=>(const DecisionId&, const DecisionId&) = default;
};

}  // namespace attune

#endif  // ATTUNE_BASE_IDS_H_
