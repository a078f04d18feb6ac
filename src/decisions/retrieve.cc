#include "decisions/retrieve.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "decisions/declared_source.h"
#include "decisions/on_sale_source.h"
#include "decisions/row_seed.h"
#include "decisions/source_names.h"
#include "features/fold_event.h"
#include "models/for_you.h"

namespace attune::decisions {
namespace {

class SeedCollector {
 public:
  void Add(ProductIndex product, double weight, int64_t at_ms, SeedOrigin origin) {
    if (weight <= 0 || result_.seeds.size() >= kSeedsMax) return;
    const auto [place, is_new] = place_of_.emplace(product, result_.seeds.size());
    if (is_new) {
      result_.seeds.push_back({product, static_cast<float>(weight), at_ms, 0});
      result_.origins.push_back(origin);
      return;
    }
    models::Seed& seed = result_.seeds[place->second];
    seed.weight = std::max(seed.weight, static_cast<float>(weight));
    seed.at_ms = std::max(seed.at_ms, at_ms);
  }
  SeedSet Take() { return std::move(result_); }

 private:
  SeedSet result_;
  absl::flat_hash_map<ProductIndex, size_t> place_of_;
};

void AddSession(const DecideInput& input, double weight, SeedCollector& seeds) {
  const features::SessionState& session = input.profile->session;
  if (input.now_ms - session.last_event_at_ms >= kSessionIdleMs) return;
  double step = 1;
  for (size_t i = session.products.size(); i-- > 0;) {
    seeds.Add(session.products[i], weight * step, session.last_event_at_ms, SeedOrigin::kSession);
    step *= 0.8;  // Earlier clicks of a visit say less about where it is going.
  }
}

// What a product of the profile stands for: the cart and clicks are nearer than an order.
SeedOrigin OriginInProfile(const features::ShopperProfile& profile, ProductIndex product) {
  const auto is_it = [&](const auto& entry) { return entry.product == product; };
  if (std::any_of(profile.cart.begin(), profile.cart.end(), is_it)) return SeedOrigin::kCart;
  if (std::any_of(profile.purchases.begin(), profile.purchases.end(), is_it)) return SeedOrigin::kPurchase;
  return SeedOrigin::kRecent;
}

void AddProfile(const DecideInput& input, const SeedWeights& weights, SeedCollector& seeds) {
  const features::ShopperProfile& profile = *input.profile;
  if (weights.cart > 0 && input.request.cart.empty()) {
    const auto cart = features::ActiveCart(profile, input.now_ms, input.view.settings.features);
    for (size_t i = cart.size(); i-- > 0;) {
      seeds.Add(cart[i].product, weights.cart, cart[i].added_at_ms, SeedOrigin::kCart);
    }
  }
  if (weights.session > 0) AddSession(input, weights.session, seeds);
  if (weights.profile <= 0) return;
  for (const models::Seed& seed : models::SignalsOf(profile, input.now_ms).seeds) {
    seeds.Add(seed.product, weights.profile * static_cast<double>(seed.weight), seed.at_ms,
              OriginInProfile(profile, seed.product));
  }
}

void AddRecentlyViewed(const DecideInput& input, size_t limit, std::vector<models::Candidate>& out) {
  if (input.profile == nullptr) return;
  for (const features::RecentProduct& recent : input.profile->recent) {
    if (out.size() >= limit) return;
    out.push_back({recent.product, static_cast<float>(recent.view_count), {}, false});
  }
}

void AddEditorial(const DecideInput& input, size_t limit, std::vector<models::Candidate>& out) {
  for (const std::string& id : input.placement.editorial) {
    if (out.size() >= limit) return;
    const std::optional<ProductIndex> product = input.catalog.Resolve(id);
    if (product) out.push_back({*product, 0, {}, false});
  }
}

}  // namespace

models::SourceQuery QueryOf(const DecideInput& input, const SeedSet& seeds) {
  models::SourceQuery query;
  query.seeds = seeds.seeds;
  query.purchases = seeds.purchases;
  query.order_times = seeds.order_times;
  query.category = input.request.category;
  query.brand = input.request.brand;
  query.now_ms = input.now_ms;
  query.may_repeat = input.placement.recipe.may_repeat;
  query.catalog = &input.catalog;
  query.live = input.view.live.get();
  return query;
}

namespace {

// The eligible ones of `candidates`, each once, at most `depth`.
void KeepEligible(const std::vector<models::Candidate>& candidates, uint32_t depth,
                  const EligibilityFilter& filter, DecisionTrace& trace,
                  std::vector<models::Candidate>& eligible) {
  constexpr size_t kBlock = 32;
  eligible.clear();
  for (size_t begin = 0; begin < candidates.size(); begin += kBlock) {
    const size_t end = std::min(candidates.size(), begin + kBlock);
    for (size_t i = begin; i < end; ++i) {
      if (!trace.row_of.contains(candidates[i].product)) filter.Prefetch(candidates[i].product);
    }
    for (size_t i = begin; i < end; ++i) {
      if (eligible.size() >= depth) return;
      const uint32_t row = RowOf(candidates[i].product, filter, trace);
      if (trace.rows[row].verdict == FilterVerdict::kEligible) eligible.push_back(candidates[i]);
    }
  }
}

void FillList(const DecideInput& input, const models::SourceQuery& query, const EligibilityFilter& filter,
              const models::FusionPart& part, size_t place, DecisionTrace& trace) {
  SourceList& list = trace.lists[place];
  list.source = part.source;
  std::vector<models::Candidate>& eligible = trace.answers[place];
  std::vector<models::Candidate> candidates;
  // First ask: the depth and room for what filters usually remove.
  uint32_t ask = std::min(part.limit + part.limit / 2 + 10, kSourceAskMax);
  while (true) {
    candidates.clear();
    list.is_known = AskSource(input, part.source, query, ask, candidates);
    list.asked = ask;
    list.returned = static_cast<uint32_t>(candidates.size());
    KeepEligible(candidates, part.limit, filter, trace, eligible);
    if (candidates.size() < ask || eligible.size() >= part.limit || ask >= kSourceAskMax) return;
    ask = std::min(ask * 2, kSourceAskMax);
  }
}

}  // namespace

SeedSet CollectSeeds(const DecideInput& input, const SeedWeights& weights) {
  SeedCollector seeds;
  double step = 1;
  for (const ProductIndex product : input.request.page_products) {
    seeds.Add(product, weights.page * step, input.now_ms, SeedOrigin::kPage);
    step *= 0.9;
  }
  for (size_t i = input.request.cart.size(); i-- > 0;) {
    seeds.Add(input.request.cart[i], weights.cart, input.now_ms, SeedOrigin::kCart);
  }
  if (input.profile != nullptr) AddProfile(input, weights, seeds);
  SeedSet set = seeds.Take();
  if (input.profile == nullptr) return set;
  for (const features::Purchase& purchase : input.profile->purchases) {
    if (set.purchases.size() >= kPurchaseSeedsMax) break;
    set.purchases.push_back({purchase.product, static_cast<float>(purchase.order_count), purchase.last_at_ms,
                             purchase.first_at_ms});
  }
  set.order_times = models::OrderTimesOf(*input.profile);
  return set;
}

uint32_t RowOf(ProductIndex product, const EligibilityFilter& filter, DecisionTrace& trace) {
  const auto [place, is_new] = trace.row_of.emplace(product, static_cast<uint32_t>(trace.rows.size()));
  if (is_new) {
    CandidateRow row;
    row.product = product;
    row.verdict = filter.Check(product);
    trace.rows.push_back(row);
  }
  return place->second;
}

bool AskSource(const DecideInput& input, std::string_view source, const models::SourceQuery& query,
               size_t limit, std::vector<models::Candidate>& out) {
  if (source == kRecentlyViewed) {
    AddRecentlyViewed(input, limit, out);
    return true;
  }
  if (source == kEditorial) {
    AddEditorial(input, limit, out);
    return true;
  }
  if (source == kDeclared) {
    AddDeclared(input, query, limit, out);
    return true;
  }
  if (source == kOnSale) {
    AddOnSale(input, limit, out);
    return true;
  }
  const models::CandidateSource* const found = input.view.sources->Find(source);
  if (found == nullptr) return false;
  found->Retrieve(query, limit, out);
  return true;
}

namespace {

void RetrieveFor(const DecideInput& input, const EligibilityFilter& filter, DecisionTrace& trace) {
  const models::SourceQuery query = QueryOf(input, trace.seeds);
  const std::vector<models::FusionPart>& parts = input.placement.recipe.parts;
  trace.lists.resize(parts.size());
  trace.answers.resize(parts.size());
  trace.rows.reserve(parts.size() * kSourceDepthDefault);
  trace.row_of.reserve(parts.size() * kSourceDepthDefault);
  for (size_t i = 0; i < parts.size(); ++i) FillList(input, query, filter, parts[i], i, trace);
}

size_t EligibleCount(const DecisionTrace& trace) {
  absl::flat_hash_set<ProductIndex> products;
  for (const auto& answer : trace.answers) {
    for (const models::Candidate& candidate : answer) products.insert(candidate.product);
  }
  return products.size();
}

// Stands on one purchase: the first that the sources have enough to say about, else the one with most.
void RetrieveRow(const DecideInput& input, const EligibilityFilter& filter, DecisionTrace& trace) {
  const SeedSet all = CollectSeeds(input, {});
  const auto stand_on = [&](const std::optional<ProductIndex>& seed) {
    DecisionTrace next;
    next.limit = trace.limit;
    next.row_seed = seed;
    next.seeds.purchases = all.purchases;
    if (seed) {
      next.seeds.seeds.push_back({*seed, 1, input.now_ms, 0});
      next.seeds.origins.push_back(SeedOrigin::kPurchase);
    }
    RetrieveFor(input, filter, next);
    return next;
  };
  size_t most = 0;
  DecisionTrace best = stand_on(std::nullopt);
  const size_t enough = std::min<size_t>(kRowProductsMin, trace.limit);
  for (const ProductIndex seed : RowSeeds(input)) {
    DecisionTrace next = stand_on(seed);
    const size_t count = EligibleCount(next);
    if (count <= most) continue;
    most = count;
    best = std::move(next);
    if (most >= enough) break;
  }
  trace = std::move(best);
}

}  // namespace

void Retrieve(const DecideInput& input, const EligibilityFilter& filter, DecisionTrace& trace) {
  if (input.placement.row_seed == RowSeed::kPurchase) return RetrieveRow(input, filter, trace);
  trace.seeds = CollectSeeds(input, input.placement.seeds);
  RetrieveFor(input, filter, trace);
}

}  // namespace attune::decisions
