#include "models/prospects.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "models/limits.h"

namespace attune::models {
namespace {

constexpr double kRankOffset = 10;
// Who looked at the product itself is nearest of all.
constexpr double kOwnNearness = 0.15;
constexpr double kHalfLifeMs = 30.0 * static_cast<double>(kDayMs);

struct Lead {
  std::string_view source;
  double weight;
};
constexpr Lead kLeads[] = {
    {"also_bought", 1}, {"bought_together", 0.7}, {"also_viewed", 0.5}, {"content_similar", 0.3}};

// By product, so that sums are in one order.
std::map<ProductIndex, double> NearnessTo(const ModelSet& models, const catalog::CatalogView& catalog,
                                          ProductIndex product, int64_t now_ms) {
  const Seed seed{product, 1, now_ms, 0};
  SourceQuery query;
  query.seeds = std::span(&seed, 1);
  query.now_ms = now_ms;
  query.catalog = &catalog;
  std::map<ProductIndex, double> nearness = {{product, kOwnNearness}};
  for (const Lead& lead : kLeads) {
    const CandidateSource* const source = models.Source(lead.source);
    if (source == nullptr) continue;
    std::vector<Candidate> neighbours;
    source->Retrieve(query, kProspectNeighbours, neighbours);
    for (size_t rank = 0; rank < neighbours.size(); ++rank) {
      nearness[neighbours[rank].product] += lead.weight / (kRankOffset + static_cast<double>(rank + 1));
    }
  }
  return nearness;
}

struct Sum {
  Prospect prospect;
  double largest = 0;
};

}  // namespace

std::vector<Prospect> FindProspects(const ModelSet& models, const catalog::CatalogView& catalog,
                                    ProductIndex product, int64_t now_ms, size_t limit) {
  absl::flat_hash_map<ShopperHandle, Sum> sums;  // Looked up, then copied out and sorted.
  for (const auto& [near, nearness] : NearnessTo(models, catalog, product, now_ms)) {
    for (const AudienceMember& member : models.audience().Of(near)) {
      const auto age_ms = static_cast<double>(std::max<int64_t>(now_ms - member.at_ms, 0));
      const double part = nearness * AudienceWeight(member.kind) * std::exp2(-age_ms / kHalfLifeMs);
      Sum& sum = sums[member.shopper];
      sum.prospect.shopper = member.shopper;
      sum.prospect.score += part;
      if (part <= sum.largest) continue;
      sum.largest = part;
      sum.prospect.because = near;
      sum.prospect.kind = member.kind;
    }
  }
  for (const AudienceMember& member : models.audience().Of(product)) {
    if (member.kind == InteractionKind::kPurchase) sums.erase(member.shopper);
  }
  std::vector<Prospect> prospects;
  prospects.reserve(sums.size());
  for (const auto& [shopper, sum] : sums) prospects.push_back(sum.prospect);
  std::sort(prospects.begin(), prospects.end(), [](const Prospect& a, const Prospect& b) {
    return a.score != b.score ? a.score > b.score : a.shopper < b.shopper;
  });
  if (prospects.size() > limit) prospects.resize(limit);
  return prospects;
}

}  // namespace attune::models
