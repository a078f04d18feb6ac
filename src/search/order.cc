#include "search/order.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"

namespace attune::search {
namespace {

struct Keyed {
  bool has_key = false;
  double key = 0;
  uint64_t tie = 0;
  ProductIndex product;
};

bool IsBefore(const Keyed& a, const Keyed& b) {
  return std::tuple(a.has_key, a.key, b.tie) > std::tuple(b.has_key, b.key, a.tie);
}

template <class Visit>
void ForEachMatched(const SearchIndex& index, const MatchResult& matched, const Visit& visit) {
  for (size_t p = 0; p < matched.matched.size(); ++p) {
    const Segment& segment = *index.parts()[p].segment;
    matched.matched[p].ForEach([&](uint32_t document) { visit(segment, document); });
  }
}

// What products are alike in; 0: it has no value.
class Likeness {
 public:
  Likeness(const Distinct& distinct, const catalog::CatalogView& catalog) : catalog_(catalog) {
    constexpr std::string_view kPrefix = "attributes.";
    is_brand_ = distinct.field == "brand";
    if (!is_brand_) path_ = std::string_view(distinct.field).substr(kPrefix.size());
  }

  uint64_t Of(ProductIndex product) const {
    if (is_brand_) return catalog_.GroupsOf(product).brand;
    const catalog::Product* const found = catalog_.Find(product);
    if (found == nullptr) return 0;
    for (auto leaf = found->attributes.begin(); leaf != found->attributes.end(); ++leaf) {
      const catalog::AttributeView view = leaf.view();
      if (view.path != path_) continue;
      if (view.type == catalog::Attribute::Type::kText) return StableHash64(view.text, kTextSeed);
      return MixHash64(kNumberSeed, std::bit_cast<uint64_t>(view.number));
    }
    return 0;
  }

 private:
  static constexpr uint64_t kTextSeed = 1;
  static constexpr uint64_t kNumberSeed = 2;

  const catalog::CatalogView& catalog_;
  bool is_brand_ = false;
  std::string_view path_;
};

}  // namespace

std::vector<Hit> OrderByKey(const SearchIndex& index, const MatchResult& matched, uint32_t hits_max,
                            const std::function<std::optional<double>(ProductIndex)>& key) {
  std::vector<Keyed> keyed;
  keyed.reserve(matched.total);
  ForEachMatched(index, matched, [&](const Segment& segment, uint32_t document) {
    const ProductIndex product = segment.ProductOf(document);
    const std::optional<double> value = key(product);
    keyed.push_back({value.has_value(), value.value_or(0), segment.TieOf(document), product});
  });
  const size_t kept = std::min<size_t>(hits_max, keyed.size());
  std::partial_sort(keyed.begin(), keyed.begin() + static_cast<ptrdiff_t>(kept), keyed.end(), IsBefore);
  std::vector<Hit> hits(kept);
  for (size_t i = 0; i < kept; ++i) hits[i].product = keyed[i].product;
  return hits;
}

DistinctOutcome KeepDistinct(const Distinct& distinct, const SearchIndex& index, const MatchResult& matched,
                             const std::vector<RankedHit>& hits, const catalog::CatalogView& catalog) {
  const Likeness likeness(distinct, catalog);
  absl::flat_hash_map<uint64_t, uint64_t> alike;
  DistinctOutcome outcome;
  ForEachMatched(index, matched, [&](const Segment& segment, uint32_t document) {
    const uint64_t value = likeness.Of(segment.ProductOf(document));
    if (value == 0) {
      ++outcome.reachable;
    } else {
      ++alike[value];
    }
  });
  for (const auto& [value, count] : alike) {
    outcome.reachable += std::min<uint64_t>(count, distinct.products_max);
  }
  absl::flat_hash_map<uint64_t, uint32_t> shown;
  for (const RankedHit& hit : hits) {
    const uint64_t value = likeness.Of(hit.hit.product);
    if (value != 0 && ++shown[value] > distinct.products_max) continue;
    outcome.products.push_back({hit, value == 0 ? 1 : alike[value], {}});
  }
  return outcome;
}

}  // namespace attune::search
