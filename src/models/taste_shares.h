// How much of a shopper's interest a product meets: the shares of its category levels, its brand and its
// attributes.
//
//   interest: category "Home" .7, "Home > Lighting" .5, brand "Lumo" .4, attribute "colour=black" .2
//   a lamp of {"Home", "Lighting", "Desk"}, brand "Zenit", colour black
//     => levels .7, .5 and 0, brand 0, attributes .2
//
// Made once a request and asked for hundreds of products, so products are told by what is quick to compare:
// brands by the hash that the catalogue keeps (product_groups.h), attributes by their texts as they lie, and
// only where length and ends of the text are those of a liked one.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_TASTE_SHARES_H_
#define ATTUNE_MODELS_TASTE_SHARES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "catalog/attribute_list.h"
#include "catalog/product.h"
#include "features/shopper_profile.h"

namespace attune::models {

class TasteShares {
 public:
  // NaN: there is no such level.
  struct Levels {
    float first = std::numeric_limits<float>::quiet_NaN();
    float second = std::numeric_limits<float>::quiet_NaN();
    float leaf = std::numeric_limits<float>::quiet_NaN();
  };

  // Of nobody.
  TasteShares() = default;
  // `affinities` must outlive this.
  TasteShares(const std::vector<features::Affinity>& affinities, int64_t now_ms, int64_t half_life_ms);

  // Whether nothing is liked.
  bool empty() const { return categories_.empty() && brands_.empty() && attributes_.empty(); }

  // The first kCategoryLevelsMax levels count; the last of those is the leaf.
  Levels OfPath(const catalog::CategoryPath& path) const;
  // `brand`: ProductGroups::brand.
  float OfBrand(uint64_t brand) const;
  // The strongest of the first kAttributesPerProductMax texts; NaN: it has none.
  float OfAttributes(const catalog::AttributeList& attributes) const;

 private:
  static constexpr size_t kTextSlots = 256;
  struct LikedAttribute {
    std::string_view path;
    std::string_view text;
    float share = 0;
    uint32_t next = 0;  // Of the same slot: one past its place in attributes_; 0: none.
  };

  static size_t SlotOf(std::string_view text);
  void AddAttribute(std::string_view value, float share);
  float OfAttribute(const catalog::AttributeView& leaf) const;

  absl::flat_hash_map<uint64_t, float> categories_;  // By a hash of the levels down to it.
  absl::flat_hash_map<uint64_t, float> brands_;      // By ProductGroups::brand.
  std::vector<LikedAttribute> attributes_;
  std::array<uint32_t, kTextSlots> first_ = {};  // As LikedAttribute::next.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TASTE_SHARES_H_
