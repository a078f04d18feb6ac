#include "features/shown_products.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "features/limits.h"

namespace attune::features {
namespace {

bool IsLater(const ShownProduct& a, const ShownProduct& b) {
  if (a.shown_at_ms != b.shown_at_ms) return a.shown_at_ms > b.shown_at_ms;
  return std::tie(a.slate, a.product) < std::tie(b.slate, b.product);
}

void Put(const ShownProduct& entry, std::vector<ShownProduct>& shown) {
  const auto known = std::find_if(shown.begin(), shown.end(), [&entry](const ShownProduct& other) {
    return other.slate == entry.slate && other.product == entry.product;
  });
  if (known != shown.end()) {
    if (known->shown_at_ms >= entry.shown_at_ms) return;
    shown.erase(known);
  }
  const auto place = std::upper_bound(shown.begin(), shown.end(), entry, IsLater);
  if (place == shown.end() && shown.size() >= kShownProductsMax) return;
  shown.insert(place, entry);
  if (shown.size() > kShownProductsMax) shown.pop_back();
}

// Whether two handles have seen the same slate: rare, and only then an entry may be in both lists.
bool SharesSlate(const std::vector<ShownProduct>& a, const std::vector<ShownProduct>& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (i > 0 && a[i].slate == a[i - 1].slate) continue;
    const auto is_it = [slate = a[i].slate](const ShownProduct& other) { return other.slate == slate; };
    if (std::any_of(b.begin(), b.end(), is_it)) return true;
  }
  return false;
}

uint64_t SlateOf(const events::Event& event, const events::EventLine& line) {
  const DecisionId& decision = line.decision == DecisionId{} ? event.decision : line.decision;
  if (decision == DecisionId{}) return MixHash64(static_cast<uint64_t>(event.occurred_at_ms), 0);
  return MixHash64(decision.low, decision.high);
}

}  // namespace

void AddShown(const events::Event& event, std::vector<ShownProduct>& shown) {
  const size_t line_count = std::min(event.lines.size(), kShownProductsMax);
  for (size_t i = 0; i < line_count; ++i) {
    Put({event.lines[i].product, SlateOf(event, event.lines[i]), event.occurred_at_ms}, shown);
  }
}

void MergeShown(const std::vector<ShownProduct>& from, std::vector<ShownProduct>& shown) {
  if (SharesSlate(from, shown)) {
    for (const ShownProduct& entry : from) Put(entry, shown);
    return;
  }
  std::vector<ShownProduct> merged;
  merged.reserve(from.size() + shown.size());
  std::merge(from.begin(), from.end(), shown.begin(), shown.end(), std::back_inserter(merged), IsLater);
  if (merged.size() > kShownProductsMax) merged.resize(kShownProductsMax);
  shown = std::move(merged);
}

std::vector<IgnoredProduct> IgnoredProducts(const ShopperProfile& profile, size_t slates_max) {
  absl::flat_hash_map<ProductIndex, int64_t> turned_at_ms;
  for (const RecentProduct& recent : profile.recent) turned_at_ms[recent.product] = recent.last_at_ms;
  for (const Purchase& purchase : profile.purchases) {
    int64_t& at_ms = turned_at_ms[purchase.product];
    at_ms = std::max(at_ms, purchase.last_at_ms);
  }
  std::vector<uint64_t> slates;
  std::vector<IgnoredProduct> ignored;
  for (const ShownProduct& entry : profile.shown) {
    if (std::find(slates.begin(), slates.end(), entry.slate) == slates.end()) {
      if (slates.size() >= slates_max) continue;  // A late part of a slate that counts may still follow.
      slates.push_back(entry.slate);
    }
    const auto turned = turned_at_ms.find(entry.product);
    if (turned != turned_at_ms.end() && turned->second >= entry.shown_at_ms) continue;
    ignored.push_back({entry.product, 1});
  }
  std::sort(ignored.begin(), ignored.end(),
            [](const IgnoredProduct& a, const IgnoredProduct& b) { return a.product < b.product; });
  size_t kept = 0;
  for (size_t i = 0; i < ignored.size(); ++i) {
    if (kept > 0 && ignored[kept - 1].product == ignored[i].product) {
      ++ignored[kept - 1].times;
    } else {
      ignored[kept++] = ignored[i];
    }
  }
  ignored.resize(kept);
  return ignored;
}

}  // namespace attune::features
