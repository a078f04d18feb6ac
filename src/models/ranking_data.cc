#include "models/ranking_data.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "features/category_price_table.h"
#include "models/ranker_features.h"

namespace attune::models {
namespace {

// Shoppers of one block of work.
constexpr size_t kShoppersPerBlock = 16;

// One list to make.
struct ListTask {
  RankingCase at;
  uint64_t key = 0;
  uint32_t surface = 0;
  const ShownSlate* slate = nullptr;  // Null: what followed is what was wanted.
};

struct ShopperTask {
  std::vector<Interaction> rows;
  std::vector<ListTask> lists;  // By how much came before.
};

using SlatesByPerson = absl::flat_hash_map<ShopperHandle, std::vector<const ShownSlate*>>;

// The surface that a case serves, by stable hash among those of its kind; nothing when there is none.
std::optional<uint32_t> SurfaceOf(const RankerOptions& options, const RankingCase& at, uint64_t key) {
  std::vector<uint32_t> fitting;
  for (uint32_t i = 0; i < options.surfaces.size(); ++i) {
    if (options.surfaces[i].is_page == at.page.has_value()) fitting.push_back(i);
  }
  if (fitting.empty()) return std::nullopt;
  return fitting[MixHash64(key, 1) % fitting.size()];
}

std::optional<uint32_t> SurfaceOf(const RankerOptions& options, const SlateContext& context) {
  for (uint32_t i = 0; i < options.surfaces.size(); ++i) {
    const RankerSurface& surface = options.surfaces[i];
    if (surface.name == context.placement && (context.page || !surface.is_page)) return i;
  }
  return std::nullopt;
}

// Slates to learn from, by the person that saw them.
SlatesByPerson SlatesOf(const InteractionLog& log, const RankingRequest& request,
                        const RankerOptions& options) {
  SlatesByPerson slates;
  if (request.impressions == nullptr) return slates;
  for (const ShownSlate& slate : request.impressions->slates()) {
    if (slate.at_ms < request.from_ms || slate.at_ms >= request.until_ms) continue;
    if (slate.shopper == ShopperHandle() || !slate.context || !slate.has_outcome()) continue;
    if (SurfaceOf(options, *slate.context)) slates[log.PersonOf(slate.shopper)].push_back(&slate);
  }
  return slates;
}

// Calls visit(list) for everything that one shopper could give.
template <class Visit>
void VisitLists(std::span<const Interaction> rows, const SlatesByPerson& slates,
                const RankingRequest& request, const RankerOptions& options, const Visit& visit) {
  if (rows.back().at_ms >= request.from_ms) {
    for (const RankingCase& at :
         CasesOf(rows, request.from_ms, request.until_ms, options.features.session_idle_ms)) {
      const uint64_t key = at.KeyOf(rows.front().shopper);
      if (const auto surface = SurfaceOf(options, at, key)) visit({at, key, *surface, nullptr});
    }
  }
  const auto found = slates.find(rows.front().shopper);
  if (found == slates.end()) return;
  for (const ShownSlate* slate : found->second) {
    const auto before = std::partition_point(
        rows.begin(), rows.end(), [&](const Interaction& row) { return row.at_ms < slate->at_ms; });
    const uint32_t surface = *SurfaceOf(options, *slate->context);
    RankingCase at;
    at.at_ms = slate->at_ms;
    at.history_end = static_cast<size_t>(before - rows.begin());
    at.visit_end = at.history_end;
    if (options.surfaces[surface].is_page) at.page = slate->context->page;
    visit({at, MixHash64(slate->decision.low, slate->decision.high), surface, slate});
  }
}

// The largest key among the lists_max smallest.
uint64_t LargestKey(std::vector<uint64_t> keys, size_t lists_max) {
  if (keys.size() <= lists_max || lists_max == 0) return ~uint64_t{0};
  const auto nth = keys.begin() + static_cast<ptrdiff_t>(lists_max - 1);
  std::nth_element(keys.begin(), nth, keys.end());
  return *nth;
}

// Shoppers with lists to make: of cases and of slates those with the smallest keys.
std::vector<ShopperTask> TasksOf(const InteractionLog& log, const RankingRequest& request,
                                 const RankerOptions& options) {
  const SlatesByPerson slates = SlatesOf(log, request, options);
  std::vector<uint64_t> case_keys;
  std::vector<uint64_t> slate_keys;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    VisitLists(rows, slates, request, options, [&](const ListTask& list) {
      (list.slate == nullptr ? case_keys : slate_keys).push_back(list.key);
    });
  });
  const uint64_t largest_case = LargestKey(std::move(case_keys), request.lists_max);
  const uint64_t largest_slate = LargestKey(std::move(slate_keys), request.lists_max);
  std::vector<ShopperTask> tasks;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    ShopperTask task;
    size_t rows_needed = 0;
    VisitLists(rows, slates, request, options, [&](const ListTask& list) {
      if (list.key > (list.slate == nullptr ? largest_case : largest_slate)) return;
      rows_needed = std::max(rows_needed, list.at.visit_end);
      task.lists.push_back(list);
    });
    if (task.lists.empty()) return;
    std::sort(task.lists.begin(), task.lists.end(), [](const ListTask& a, const ListTask& b) {
      return a.at.history_end != b.at.history_end ? a.at.history_end < b.at.history_end : a.key < b.key;
    });
    task.rows.assign(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(rows_needed));
    tasks.push_back(std::move(task));
  });
  return tasks;
}

// The candidates of one moment in the order of the blend, with their features.
struct RankedCandidates {
  FusionResult fused;
  std::vector<float> features;

  std::span<const float> RowOf(size_t place) const {
    return std::span(features).subspan(place * kRankerFeatureCount, kRankerFeatureCount);
  }
  // fused.products.size() when it is not there.
  size_t PlaceOf(ProductIndex product) const {
    return static_cast<size_t>(
        std::find_if(fused.products.begin(), fused.products.end(),
                     [&](const FusedCandidate& one) { return one.product == product; }) -
        fused.products.begin());
  }
};

// The first kRankedProductsMax of the blend, and behind them what `slate` showed besides.
RankedCandidates CandidatesOf(const features::ShopperProfile& profile, const ListTask& list,
                              const PastState& past, const catalog::CatalogView* catalog,
                              const RankerOptions& options) {
  const RankingCase& at = list.at;
  const RankerSurface& surface = options.surfaces[list.surface];
  ShopperSignals signals = SignalsOf(profile, at.at_ms);
  if (surface.is_page) signals.seeds = {{*at.page, 1, at.at_ms, 0}};
  SourceQuery query = signals.Query(at.at_ms, catalog);
  query.may_repeat = surface.recipe.may_repeat;
  std::vector<std::vector<Candidate>> answers(surface.recipe.parts.size());
  for (size_t i = 0; i < answers.size(); ++i) {
    const CandidateSource* const source = past.models.Source(surface.recipe.parts[i].source);
    if (source != nullptr) source->Retrieve(query, surface.recipe.parts[i].limit, answers[i]);
  }
  RankedCandidates candidates;
  candidates.fused = Fuse(surface.recipe, answers, *past.models.ties());
  std::vector<FusedCandidate>& products = candidates.fused.products;
  products.resize(std::min(products.size(), kRankedProductsMax));
  for (size_t i = 0; list.slate != nullptr && i < list.slate->lines.size(); ++i) {
    const ProductIndex product = list.slate->lines[i].product;
    if (candidates.PlaceOf(product) == products.size()) products.push_back({product, 0, 0, {}, false});
  }
  candidates.features.resize(products.size() * kRankerFeatureCount);
  const RankerContext context{.recipe = surface.recipe,
                              .profile = &profile,
                              .catalog = catalog,
                              .statistics = past.statistics,
                              .page = at.page,
                              .cart = {},
                              .now_ms = at.at_ms,
                              .base_currency = options.base_currency,
                              .settings = options.features};
  RankerFeatures(context).Fill(candidates.fused, answers, 0, candidates.features);
  return candidates;
}

void AppendRow(std::span<const float> features, uint8_t outcome, double weight, RankingData& data) {
  data.features.insert(data.features.end(), features.begin(), features.end());
  data.outcomes.push_back(outcome);
  data.weights.push_back(static_cast<float>(weight));
}

// Which rows of a list stay: all that were wanted, and of the others those with the smallest hashes.
std::vector<size_t> RowsToKeep(const std::vector<uint8_t>& outcomes, const FusionResult& fused, uint64_t key,
                               size_t negatives_max) {
  std::vector<std::pair<uint64_t, size_t>> others;
  std::vector<size_t> kept;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] != kNothing || negatives_max == 0) {
      kept.push_back(i);
    } else {
      others.emplace_back(MixHash64(key, fused.products[i].product.value()), i);
    }
  }
  std::sort(others.begin(), others.end());
  for (size_t i = 0; i < std::min(others.size(), negatives_max); ++i) kept.push_back(others[i].second);
  std::sort(kept.begin(), kept.end());
  return kept;
}

void AppendCase(const RankedCandidates& candidates, const std::vector<RankingTarget>& targets,
                const RankingRequest& request, const ListTask& task, RankingData& data) {
  RankingList list;
  list.at_ms = task.at.at_ms;
  list.surface = task.surface;
  std::vector<uint8_t> outcomes(candidates.fused.products.size(), kNothing);
  for (const RankingTarget& target : targets) {
    const size_t place = candidates.PlaceOf(target.product);
    if (place == outcomes.size()) {
      list.missed.push_back(target.outcome);
    } else {
      outcomes[place] = target.outcome;
    }
  }
  if (request.needs_wanted && list.missed.size() == targets.size()) return;
  list.rows.begin = data.row_count();
  for (const size_t i : RowsToKeep(outcomes, candidates.fused, task.key, request.negatives_max)) {
    AppendRow(candidates.RowOf(i), outcomes[i], 1, data);
  }
  list.rows.end = data.row_count();
  data.lists.push_back(std::move(list));
}

// A slate as it was shown: what was not clicked was at least there to be seen.
void AppendSlate(const RankedCandidates& candidates, const RankingRequest& request, const ListTask& task,
                 RankingData& data) {
  RankingList list;
  list.at_ms = task.at.at_ms;
  list.surface = task.surface;
  list.rows.begin = data.row_count();
  for (const ShownSlate::Line& line : task.slate->lines) {
    const double weight = request.bias == nullptr ? 1 : request.bias->WeightOf(line.position);
    AppendRow(candidates.RowOf(candidates.PlaceOf(line.product)), line.outcome, weight, data);
    if (request.bias == nullptr) {
      const size_t row = (data.row_count() - 1) * kRankerFeatureCount;
      data.features[row + static_cast<size_t>(RankerFeature::kPosition)] = static_cast<float>(line.position);
    }
  }
  list.rows.end = data.row_count();
  data.lists.push_back(std::move(list));
}

// Oldest first; lists of one time by what stood before them.
RankingData SortedByTime(RankingData data) {
  std::vector<size_t> order(data.lists.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return data.lists[a].at_ms != data.lists[b].at_ms ? data.lists[a].at_ms < data.lists[b].at_ms : a < b;
  });
  std::vector<RankingList> lists;
  lists.reserve(order.size());
  for (const size_t i : order) lists.push_back(std::move(data.lists[i]));
  data.lists = std::move(lists);
  return data;
}

}  // namespace

std::span<const float> RankingData::FeaturesOf(const RankedRows& rows) const {
  return std::span(features).subspan(rows.begin * kRankerFeatureCount,
                                     (rows.end - rows.begin) * kRankerFeatureCount);
}

void RankingData::Append(const RankingData& more) {
  const size_t rows_before = row_count();
  for (RankingList list : more.lists) {
    list.rows.begin += rows_before;
    list.rows.end += rows_before;
    lists.push_back(std::move(list));
  }
  features.insert(features.end(), more.features.begin(), more.features.end());
  outcomes.insert(outcomes.end(), more.outcomes.begin(), more.outcomes.end());
  weights.insert(weights.end(), more.weights.begin(), more.weights.end());
}

RankingData MakeRankingData(const InteractionLog& log, const catalog::CatalogView* catalog,
                            const PastState& past, const RankingRequest& request,
                            const RankerOptions& options, const TrainingControl& control) {
  features::CategoryPriceTable prices(options.base_currency);
  for (uint32_t i = 0; catalog != nullptr && i < catalog->index_count(); ++i) {
    const catalog::Product* const product = catalog->Find(ProductIndex(i));
    if (product != nullptr) prices.Change(nullptr, product);
  }
  features::FoldContext fold;
  if (catalog != nullptr) {
    fold.find_product = [catalog](ProductIndex product) { return catalog->Find(product); };
    fold.prices = &prices;
  }
  fold.base_currency = options.base_currency;
  fold.settings = options.features;

  const std::vector<ShopperTask> tasks = TasksOf(log, request, options);
  std::vector<RankingData> parts((tasks.size() + kShoppersPerBlock - 1) / kShoppersPerBlock);
  ForEachTrainingBlock(tasks.size(), kShoppersPerBlock, control, [&](size_t begin, size_t end, size_t) {
    RankingData& part = parts[begin / kShoppersPerBlock];
    for (size_t i = begin; i < end; ++i) {
      ProfileReplay replay(fold);
      for (const ListTask& list : tasks[i].lists) {
        std::vector<RankingTarget> targets;
        if (list.slate == nullptr) targets = TargetsOf(tasks[i].rows, list.at);
        if (list.slate == nullptr && targets.empty()) continue;
        replay.AdvanceTo(tasks[i].rows, list.at.history_end);
        const RankedCandidates candidates = CandidatesOf(replay.profile(), list, past, catalog, options);
        if (list.slate != nullptr) {
          AppendSlate(candidates, request, list, part);
        } else {
          AppendCase(candidates, targets, request, list, part);
        }
      }
    }
  });
  RankingData data;
  for (const RankingData& part : parts) data.Append(part);
  return SortedByTime(std::move(data));
}

}  // namespace attune::models
