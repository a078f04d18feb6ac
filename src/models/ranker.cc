#include "models/ranker.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr std::string_view kObjectiveNames[] = {"blend", "click", "conversion", "revenue", "profit"};
constexpr uint32_t kGuardsMax = 64;

void PutText(std::string_view text, SectionWriter& out) { out.PutArray(std::span<const char>(text)); }

std::string TakeText(SectionReader& in) {
  const std::vector<char> text = in.TakeArray<char>();
  return {text.begin(), text.end()};
}

std::string FeatureNames() {
  std::string names;
  for (size_t i = 0; i < kRankerFeatureCount; ++i) names.append(RankerFeatureName(i)).append("\n");
  return names;
}

void PutHead(const RankerHead& head, SectionWriter& out) {
  head.forest.Save(out);
  for (const IsotonicCurve* curve : {&head.click, &head.cart, &head.purchase}) curve->Save(out);
}

Result<std::shared_ptr<const RankerHead>> TakeHead(SectionReader& in) {
  auto head = std::make_shared<RankerHead>();
  ASSIGN_OR_RETURN(head->forest, TreeForest::Load(in));
  in.Require(head->forest.feature_count() == kRankerFeatureCount);
  for (IsotonicCurve* curve : {&head->click, &head->cart, &head->purchase}) *curve = IsotonicCurve::Load(in);
  return std::shared_ptr<const RankerHead>(std::move(head));
}

void PutGuard(const RankerGuard& guard, SectionWriter& out) {
  PutText(guard.surface, out);
  out.PutU32(guard.is_page ? 1 : 0);
  out.PutU32(guard.is_purchase ? 1 : 0);
  out.PutU32(guard.serves ? 1 : 0);
  out.PutU32(guard.lists);
  for (const double value :
       {guard.ndcg_blend, guard.ndcg_ranker, guard.ndcg_full, guard.gain_low, guard.gain_high}) {
    out.PutF64(value);
  }
}

RankerGuard TakeGuard(SectionReader& in) {
  RankerGuard guard;
  guard.surface = TakeText(in);
  guard.is_page = in.TakeU32() != 0;
  guard.is_purchase = in.TakeU32() != 0;
  guard.serves = in.TakeU32() != 0;
  guard.lists = in.TakeU32();
  for (double* value :
       {&guard.ndcg_blend, &guard.ndcg_ranker, &guard.ndcg_full, &guard.gain_low, &guard.gain_high}) {
    *value = in.TakeF64();
  }
  return guard;
}

// The mean share of margin among candidates whose cost is known; 1 when none is.
double KnownMargin(const RankerContext& context, const FusionResult& fused, size_t count) {
  double margins = 0;
  size_t known = 0;
  for (size_t i = 0; i < count; ++i) {
    const catalog::Product* const product = context.catalog->Find(fused.products[i].product);
    if (product == nullptr || !product->cost_minor) continue;
    const std::optional<int64_t> price = PriceMinorAt(*product, context.now_ms);
    if (!price || *price <= 0) continue;
    margins += static_cast<double>(*price - *product->cost_minor) / static_cast<double>(*price);
    ++known;
  }
  return known == 0 ? 1 : margins / static_cast<double>(known);
}

}  // namespace

std::string_view RankObjectiveName(RankObjective objective) {
  return kObjectiveNames[static_cast<size_t>(objective)];
}

std::optional<RankObjective> ParseRankObjective(std::string_view name) {
  for (size_t i = 0; i < std::size(kObjectiveNames); ++i) {
    if (kObjectiveNames[i] == name) return static_cast<RankObjective>(i);
  }
  return std::nullopt;
}

std::string_view RankerOutcomeName(RankerOutcome outcome) {
  constexpr std::string_view kNames[] = {"too_little_data", "published", "worse", "previous_kept", "not_due"};
  return kNames[static_cast<size_t>(outcome)];
}

std::vector<uint32_t> OrderInStages(const TreeForest& forest, size_t first_trees, size_t finalists,
                                    std::span<const float> rows,
                                    const std::function<bool(uint32_t, uint32_t)>& is_before,
                                    std::vector<float>& scores) {
  const size_t width = forest.feature_count();
  const size_t count = rows.size() / width;
  first_trees = std::min(first_trees, forest.tree_count());
  finalists = std::min(finalists, count);
  scores.assign(count, forest.Start());
  forest.Add(rows, 0, first_trees, scores);
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  const auto is_better = [&](uint32_t a, uint32_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : is_before(a, b);
  };
  if (finalists < count) std::sort(order.begin(), order.end(), is_better);
  std::vector<float> final_rows(finalists * width);  // Side by side.
  std::vector<float> sums(finalists);
  for (size_t i = 0; i < finalists; ++i) {
    std::copy_n(rows.begin() + static_cast<ptrdiff_t>(order[i] * width), width,
                final_rows.begin() + static_cast<ptrdiff_t>(i * width));
    sums[i] = scores[order[i]];
  }
  forest.Add(final_rows, first_trees, forest.tree_count(), sums);
  for (size_t i = 0; i < finalists; ++i) scores[order[i]] = sums[i];
  std::sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(finalists), is_better);
  return order;
}

bool Ranker::Serves(std::string_view placement, bool is_page, RankObjective objective) const {
  if (!has_trees() || objective == RankObjective::kBlend) return false;
  const bool is_purchase = objective != RankObjective::kClick && parts_.purchase != parts_.click;
  bool has_kind = false;
  bool all_serve = true;
  for (const RankerGuard& guard : parts_.guards) {
    if (guard.is_purchase != is_purchase) continue;
    if (guard.surface == placement) return guard.serves;
    if (guard.is_page != is_page) continue;
    has_kind = true;
    all_serve = all_serve && guard.serves;
  }
  return has_kind && all_serve;
}

RankedOrder Ranker::Rank(const RankerContext& context, const FusionResult& fused,
                         std::span<const std::vector<Candidate>> answers, RankObjective objective,
                         const ProductTies& ties) const {
  CHECK(has_trees() && objective != RankObjective::kBlend);
  RankedOrder ranked;
  const size_t count = std::min(fused.products.size(), kRankedProductsMax);
  ranked.features.resize(count * kRankerFeatureCount);
  RankerFeatures(context).Fill(fused, answers, 0, ranked.features);
  ranked.order.resize(count);
  std::iota(ranked.order.begin(), ranked.order.end(), 0u);
  const bool is_money = objective == RankObjective::kRevenue || objective == RankObjective::kProfit;
  if (is_money && context.catalog != nullptr) {
    OrderByMoney(context, fused, objective, ties, ranked);
  } else {
    OrderByScore(fused, objective, ties, ranked);
  }
  return ranked;
}

const IsotonicCurve& Ranker::CurveFor(RankObjective objective) const {
  constexpr float kBest = std::numeric_limits<float>::max();
  const RankerHead& head = HeadFor(objective);
  if (objective == RankObjective::kClick) return head.click;
  if (head.purchase.At(kBest) > 0) return head.purchase;
  return head.cart.At(kBest) > 0 ? head.cart : head.click;
}

void Ranker::OrderByScore(const FusionResult& fused, RankObjective objective, const ProductTies& ties,
                          RankedOrder& ranked) const {
  const RankerHead& head = HeadFor(objective);
  const size_t count = ranked.order.size();
  const size_t finalists = std::min<size_t>(count, parts_.finalists);
  std::vector<float> scores;
  ranked.order = OrderInStages(
      head.forest, parts_.first_trees, finalists, ranked.features,
      [&](uint32_t a, uint32_t b) {
        return ties.IsBefore(fused.products[a].product.value(), fused.products[b].product.value());
      },
      scores);
  const IsotonicCurve& curve = CurveFor(objective);
  ranked.values.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    ranked.values.push_back(i < finalists
                                ? curve.At(scores[ranked.order[i]])
                                : ranked.values[finalists - 1] / static_cast<double>(i - finalists + 2));
  }
}

void Ranker::OrderByMoney(const RankerContext& context, const FusionResult& fused, RankObjective objective,
                          const ProductTies& ties, RankedOrder& ranked) const {
  const RankerHead& head = HeadFor(objective);
  const size_t count = ranked.order.size();
  std::vector<float> scores(count);
  head.forest.Score(ranked.features, scores);
  const bool is_profit = objective == RankObjective::kProfit;
  const double usual_margin = is_profit ? KnownMargin(context, fused, count) : 1;
  std::vector<double> values(count, 0);
  for (size_t i = 0; i < count; ++i) {
    const catalog::Product* const product = context.catalog->Find(fused.products[i].product);
    const std::optional<int64_t> price =
        product == nullptr ? std::nullopt : PriceMinorAt(*product, context.now_ms);
    if (!price) continue;
    double worth = static_cast<double>(*price) * usual_margin;
    if (is_profit && product->cost_minor) worth = static_cast<double>(*price - *product->cost_minor);
    values[i] = CurveFor(objective).At(scores[i]) * worth;
  }
  // Chances are steps; within one the score decides.
  std::sort(ranked.order.begin(), ranked.order.end(), [&](uint32_t a, uint32_t b) {
    if (values[a] != values[b]) return values[a] > values[b];
    if (scores[a] != scores[b]) return scores[a] > scores[b];
    return ties.IsBefore(fused.products[a].product.value(), fused.products[b].product.value());
  });
  for (const uint32_t at : ranked.order) ranked.values.push_back(values[at]);
}

void Ranker::Score(std::span<const float> rows, RankObjective objective, std::span<float> scores) const {
  HeadFor(objective).forest.Score(rows, scores);
}

OutcomeChances Ranker::ChancesOf(std::span<const float> row) const {
  float click = 0;
  float purchase = 0;
  parts_.click->forest.Score(row, {&click, 1});
  parts_.purchase->forest.Score(row, {&purchase, 1});
  return {parts_.click->click.At(click), parts_.purchase->cart.At(purchase),
          parts_.purchase->purchase.At(purchase)};
}

std::vector<Ranker::GroupGain> Ranker::GainsOf(std::span<const float> row, RankObjective objective) const {
  const TreeForest& forest = HeadFor(objective).forest;
  std::vector<float> rows;
  for (size_t group = 0; group <= kFeatureGroupCount; ++group)
    rows.insert(rows.end(), row.begin(), row.end());
  for (size_t feature = 0; feature < kRankerFeatureCount; ++feature) {
    rows[static_cast<size_t>(GroupOfFeature(feature)) * kRankerFeatureCount + feature] =
        std::numeric_limits<float>::quiet_NaN();
  }
  std::array<float, kFeatureGroupCount + 1> scores{};
  forest.Score(rows, scores);
  std::vector<GroupGain> gains;
  for (size_t group = 0; group < kFeatureGroupCount; ++group) {
    gains.push_back(
        {static_cast<FeatureGroup>(group), static_cast<double>(scores[kFeatureGroupCount] - scores[group])});
  }
  std::sort(gains.begin(), gains.end(), [](const GroupGain& a, const GroupGain& b) {
    const double size_a = std::abs(a.gain);
    const double size_b = std::abs(b.gain);
    return size_a != size_b ? size_a > size_b : a.group < b.group;
  });
  return gains;
}

size_t Ranker::memory_bytes() const {
  if (!has_trees()) return 0;
  size_t bytes = parts_.click->forest.memory_bytes() + parts_.statistics->memory_bytes();
  if (parts_.purchase != parts_.click) bytes += parts_.purchase->forest.memory_bytes();
  return bytes;
}

void Ranker::Save(SectionWriter& out) const {
  PutText(FeatureNames(), out);
  out.PutU32(static_cast<uint32_t>(parts_.outcome));
  out.PutU64(static_cast<uint64_t>(parts_.trained_at_ms));
  out.PutU64(parts_.row_count);
  out.PutU64(parts_.list_count);
  out.PutU32(parts_.first_trees);
  out.PutU32(parts_.finalists);
  out.PutU32(static_cast<uint32_t>(parts_.guards.size()));
  for (const RankerGuard& guard : parts_.guards) PutGuard(guard, out);
  const uint32_t heads = !has_trees() ? 0 : parts_.purchase == parts_.click ? 1 : 2;
  out.PutU32(heads);
  if (heads > 0) PutHead(*parts_.click, out);
  if (heads > 1) PutHead(*parts_.purchase, out);
  if (heads > 0) parts_.statistics->Save(out);
}

Result<std::shared_ptr<const Ranker>> Ranker::Load(SectionReader& in) {
  if (TakeText(in) != FeatureNames()) return std::shared_ptr<const Ranker>();
  RankerParts parts;
  const uint32_t outcome = in.TakeU32();
  in.Require(outcome <= static_cast<uint32_t>(RankerOutcome::kNotDue));
  parts.outcome =
      static_cast<RankerOutcome>(std::min(outcome, static_cast<uint32_t>(RankerOutcome::kNotDue)));
  parts.trained_at_ms = static_cast<int64_t>(in.TakeU64());
  parts.row_count = in.TakeU64();
  parts.list_count = in.TakeU64();
  parts.first_trees = in.TakeU32();
  parts.finalists = in.TakeU32();
  const uint32_t guards = in.TakeU32();
  in.Require(guards <= kGuardsMax);
  for (uint32_t i = 0; i < std::min(guards, kGuardsMax); ++i) parts.guards.push_back(TakeGuard(in));
  const uint32_t heads = in.TakeU32();
  in.Require(heads <= 2 && (heads == 0 || parts.finalists > 0));
  if (heads > 0) {
    ASSIGN_OR_RETURN(parts.click, TakeHead(in));
    parts.purchase = parts.click;
    if (heads > 1) {
      ASSIGN_OR_RETURN(parts.purchase, TakeHead(in));
    }
    ASSIGN_OR_RETURN(parts.statistics, ProductStatistics::Load(in));
  }
  RETURN_IF_ERROR(in.Finish());
  return std::make_shared<const Ranker>(std::move(parts));
}

}  // namespace attune::models
