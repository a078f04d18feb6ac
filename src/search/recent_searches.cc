#include "search/recent_searches.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "search/analytics_limits.h"
#include "search/personal_text.h"

namespace attune::search {
namespace {

// Of what is over the limit, this part goes at once.
constexpr size_t kDroppedShare = 4;

}  // namespace

void RecentSearches::Note(const CountedSearch& search) {
  if (search.shoppers.empty() || !search.is_found || LooksPersonal(search.text)) return;
  MutexLock lock(mutex_);
  std::vector<RecentSearch>& recent = recent_[search.shoppers.front()];
  std::erase_if(recent, [&](const RecentSearch& one) { return one.text == search.text; });
  recent.insert(recent.begin(), {search.text, search.spelling, search.at_ms});
  if (recent.size() > kRecentSearchesMax) recent.pop_back();
  if (recent_.size() > kRecentShoppersMax) DropOldest();
}

void RecentSearches::Forget(ShopperHandle shopper) {
  MutexLock lock(mutex_);
  recent_.erase(shopper);
}

std::vector<RecentSearch> RecentSearches::Of(const std::vector<ShopperHandle>& shoppers) const {
  std::vector<RecentSearch> all;
  {
    MutexLock lock(mutex_);
    for (const ShopperHandle shopper : shoppers) {
      const auto found = recent_.find(shopper);
      if (found != recent_.end()) all.insert(all.end(), found->second.begin(), found->second.end());
    }
  }
  std::sort(all.begin(), all.end(), [](const RecentSearch& a, const RecentSearch& b) {
    return std::tuple(b.at_ms, a.text) < std::tuple(a.at_ms, b.text);
  });
  std::vector<RecentSearch> recent;
  for (RecentSearch& one : all) {
    const bool is_there = std::any_of(recent.begin(), recent.end(),
                                      [&](const RecentSearch& other) { return other.text == one.text; });
    if (!is_there) recent.push_back(std::move(one));
  }
  return recent;
}

RecentSearches::ByShopper RecentSearches::all() const {
  MutexLock lock(mutex_);
  return recent_;
}

void RecentSearches::Replace(ByShopper all) {
  absl::erase_if(all, [](const auto& one) { return one.second.empty(); });
  MutexLock lock(mutex_);
  recent_ = std::move(all);
}

void RecentSearches::DropOldest() {
  std::vector<std::pair<int64_t, ShopperHandle>> order;
  order.reserve(recent_.size());
  for (const auto& [shopper, recent] : recent_) order.emplace_back(recent.front().at_ms, shopper);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(order.size() / kDroppedShare);
  std::nth_element(order.begin(), end, order.end());
  for (auto one = order.begin(); one != end; ++one) recent_.erase(one->second);
}

}  // namespace attune::search
