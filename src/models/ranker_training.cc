#include "models/ranker_training.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "models/bootstrap.h"
#include "models/impression_log.h"
#include "models/lambda_gradient.h"
#include "models/model_set.h"
#include "models/position_bias.h"
#include "models/ranking_data.h"
#include "models/ranking_metrics.h"

namespace attune::models {
namespace {

constexpr size_t kCutoff = 20;
// Numbers of trees that are tried are multiples of this.
constexpr size_t kTreeStep = 10;
// Shares of shoppers are taken by so many bits of their hash.
constexpr int kSampleBits = 24;
constexpr uint64_t kSampleSeed = 0x7061737473;
// What was wanted is worth to the head of purchases.
constexpr float kBoughtGain = 3;
constexpr float kCartedGain = 1;

enum class HeadKind : uint8_t { kClick, kPurchase };

float GainOf(uint8_t outcome, HeadKind kind) {
  if (kind == HeadKind::kClick) return (outcome & kTurned) != 0 ? 1.0f : 0.0f;
  if ((outcome & kBought) != 0) return kBoughtGain;
  return (outcome & kCarted) != 0 ? kCartedGain : 0.0f;
}

std::vector<float> GainsOf(const RankingData& data, HeadKind kind) {
  std::vector<float> gains(data.row_count());
  for (size_t i = 0; i < gains.size(); ++i) gains[i] = GainOf(data.outcomes[i], kind);
  return gains;
}

// The best that could be shown, products that are no candidates included.
double IdealOf(const RankingData& data, const RankingList& list, HeadKind kind) {
  std::vector<float> gains;
  for (size_t i = list.rows.begin; i < list.rows.end; ++i) gains.push_back(GainOf(data.outcomes[i], kind));
  for (const uint8_t outcome : list.missed) gains.push_back(GainOf(outcome, kind));
  return IdealGain(gains, kCutoff);
}

size_t ListsWith(const RankingData& data, HeadKind kind) {
  return static_cast<size_t>(
      std::count_if(data.lists.begin(), data.lists.end(),
                    [&](const RankingList& list) { return IdealOf(data, list, kind) > 0; }));
}

// Lists [begin, end) of `data`, rows and all.
RankingData Part(const RankingData& data, size_t begin, size_t end) {
  RankingData part;
  for (size_t i = begin; i < end; ++i) {
    RankingList list = data.lists[i];
    const std::span<const float> features = data.FeaturesOf(list.rows);
    part.features.insert(part.features.end(), features.begin(), features.end());
    const auto from = static_cast<ptrdiff_t>(list.rows.begin);
    const auto to = static_cast<ptrdiff_t>(list.rows.end);
    part.outcomes.insert(part.outcomes.end(), data.outcomes.begin() + from, data.outcomes.begin() + to);
    part.weights.insert(part.weights.end(), data.weights.begin() + from, data.weights.begin() + to);
    list.rows = {part.row_count() - (list.rows.end - list.rows.begin), part.row_count()};
    part.lists.push_back(std::move(list));
  }
  return part;
}

// The mean NDCG of lists in which something was wanted.
double MeanNdcg(const RankingData& data, HeadKind kind, std::span<const float> gains,
                std::span<const float> scores) {
  double sum = 0;
  size_t count = 0;
  for (const RankingList& list : data.lists) {
    const double ideal = IdealOf(data, list, kind);
    if (ideal <= 0) continue;
    const size_t size = list.rows.end - list.rows.begin;
    sum += NdcgOfScores(gains.subspan(list.rows.begin, size), scores.subspan(list.rows.begin, size), kCutoff,
                        ideal);
    ++count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

// Keeps as many trees as rank the tuning lists best.
void ChooseTrees(const RankingData& tuning, HeadKind kind, TreeForest& forest) {
  const std::vector<float> gains = GainsOf(tuning, kind);
  std::vector<float> scores(tuning.row_count(), forest.Start());
  double best = -1;
  size_t best_count = 0;
  for (size_t count = 0; count < forest.tree_count();) {
    const size_t next = std::min(count + kTreeStep, forest.tree_count());
    forest.Add(tuning.features, count, next, scores);
    count = next;
    const double ndcg = MeanNdcg(tuning, kind, gains, scores);
    if (ndcg > best) {
      best = ndcg;
      best_count = count;
    }
  }
  forest.KeepFirst(best_count);
}

IsotonicCurve CurveOf(const RankingData& tuning, std::span<const float> scores, uint8_t outcome) {
  std::vector<ScoredOutcome> rows(tuning.row_count());
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {scores[i], (tuning.outcomes[i] & outcome) != 0 ? 1.0f : 0.0f, 1};
  }
  return IsotonicCurve::Fit(std::move(rows));
}

Result<std::shared_ptr<const RankerHead>> TrainHead(const RankingData& train, const RankingData& tuning,
                                                    HeadKind kind, const BoostedTreesOptions& options,
                                                    const TrainingControl& control) {
  const std::vector<float> gains = GainsOf(train, kind);
  std::vector<RankedRows> lists;
  for (const RankingList& list : train.lists) lists.push_back(list.rows);
  ASSIGN_OR_RETURN(
      const std::unique_ptr<BoostedTrees> trees,
      BoostedTrees::Train(
          train.features, kRankerFeatureCount, options,
          [&](std::span<const float> scores, std::span<float> gradients, std::span<float> hessians) {
            LambdaGradients(lists, gains, train.weights, scores, gradients, hessians);
          },
          control));
  auto head = std::make_shared<RankerHead>();
  head->forest = trees->forest();
  ChooseTrees(tuning, kind, head->forest);
  std::vector<float> scores(tuning.row_count());
  head->forest.Score(tuning.features, scores);
  head->click = CurveOf(tuning, scores, kTurned);
  head->cart = CurveOf(tuning, scores, kCarted);
  head->purchase = CurveOf(tuning, scores, kBought);
  return std::shared_ptr<const RankerHead>(std::move(head));
}

// NDCG of every list of one surface in which something was wanted: by the blend, in two stages, in full.
struct SurfaceScores {
  std::vector<double> blend, staged, full;
};

SurfaceScores ScoreSurface(const RankingData& data, uint32_t surface, HeadKind kind, const TreeForest& forest,
                           const RankerOptions& options) {
  SurfaceScores result;
  const std::vector<float> gains = GainsOf(data, kind);
  for (const RankingList& list : data.lists) {
    const double ideal = IdealOf(data, list, kind);
    if (list.surface != surface || ideal <= 0) continue;
    const size_t size = list.rows.end - list.rows.begin;
    const std::span<const float> own = std::span(gains).subspan(list.rows.begin, size);
    const std::span<const float> rows = data.FeaturesOf(list.rows);
    std::vector<float> scores(size, 0);
    result.blend.push_back(NdcgOfScores(own, scores, kCutoff, ideal));  // All alike: the order of the rows.
    const std::vector<uint32_t> order = OrderInStages(
        forest, options.first_trees, options.finalists, rows, [](uint32_t a, uint32_t b) { return a < b; },
        scores);
    for (size_t rank = 0; rank < size; ++rank) scores[order[rank]] = -static_cast<float>(rank);
    result.staged.push_back(NdcgOfScores(own, scores, kCutoff, ideal));
    forest.Score(rows, scores);
    result.full.push_back(NdcgOfScores(own, scores, kCutoff, ideal));
  }
  return result;
}

class RankerTrainer {
 public:
  RankerTrainer(const InteractionLog& log, const catalog::CatalogView* catalog, int64_t now_ms,
                const RankerOptions& options, const PastTrainer& train_past, const TrainingControl& control)
      : log_(log),
        catalog_(catalog),
        now_ms_(now_ms),
        options_(options),
        train_past_(train_past),
        control_(control) {}

  Result<std::shared_ptr<const Ranker>> Train() {
    if (IsYoung()) return Carried(RankerOutcome::kNotDue);
    parts_.trained_at_ms = now_ms_;
    parts_.row_count = log_.row_count();
    parts_.first_trees = options_.first_trees;
    parts_.finalists = static_cast<uint32_t>(options_.finalists);
    if (log_.row_count() < options_.rows_min) return std::make_shared<const Ranker>(std::move(parts_));
    RETURN_IF_ERROR(CollectLists());
    if (train_.lists.size() < options_.train_lists_min ||
        guard_.lists.size() < options_.held_out_lists_min / 2) {
      return std::make_shared<const Ranker>(std::move(parts_));
    }
    parts_.list_count = train_.lists.size();
    RETURN_IF_ERROR(TrainHeads());
    if (IsWorseThanPrevious()) return Carried(RankerOutcome::kPreviousKept);
    ASSIGN_OR_RETURN(parts_.guards, GuardsOf(*parts_.click, *parts_.purchase));
    const bool serves = std::any_of(parts_.guards.begin(), parts_.guards.end(),
                                    [](const RankerGuard& guard) { return guard.serves; });
    parts_.outcome = serves ? RankerOutcome::kPublished : RankerOutcome::kWorse;
    parts_.statistics = StatisticsAt(log_, now_ms_);
    return std::make_shared<const Ranker>(std::move(parts_));
  }

 private:
  bool IsYoung() const {
    if (options_.previous == nullptr) return false;
    const RankerParts& previous = options_.previous->parts();
    return now_ms_ - previous.trained_at_ms < options_.retrain_every_ms &&
           static_cast<double>(log_.row_count()) <
               static_cast<double>(previous.row_count) * (1 + options_.retrain_growth);
  }

  std::shared_ptr<const ProductStatistics> StatisticsAt(const InteractionLog& log, int64_t now_ms) const {
    return ProductStatistics::Count(log, catalog_, options_.features, options_.base_currency, now_ms);
  }

  // The ranker before, with the statistics of today.
  Result<std::shared_ptr<const Ranker>> Carried(RankerOutcome outcome) const {
    RankerParts carried = options_.previous->parts();
    if (outcome == RankerOutcome::kPreviousKept) {
      ASSIGN_OR_RETURN(carried.guards, GuardsOf(*carried.click, *carried.purchase));
      carried.trained_at_ms = now_ms_;  // Looked at: the next training has its time to come.
      carried.row_count = log_.row_count();
    }
    carried.outcome = outcome;
    if (carried.click != nullptr) carried.statistics = StatisticsAt(log_, now_ms_);
    return std::make_shared<const Ranker>(std::move(carried));
  }

  bool IsLarge() const { return log_.row_count() > options_.past_rows_max; }
  uint32_t PartCount() const { return IsLarge() ? 2 : options_.parts; }

  // Times at which parts begin, from the shares of rows before them.
  std::vector<int64_t> Cuts() const {
    std::vector<int64_t> times;
    log_.ForEachRow([&](const Interaction& row) { times.push_back(row.at_ms); });
    std::vector<int64_t> cuts;
    if (times.empty()) return cuts;
    std::sort(times.begin(), times.end());
    for (uint32_t part = 0; part < PartCount(); ++part) {
      const double share = 1 - options_.window_share * (PartCount() - part) / PartCount();
      cuts.push_back(times[static_cast<size_t>(share * static_cast<double>(times.size() - 1))]);
    }
    return cuts;
  }

  Status CollectLists() {
    const std::vector<int64_t> cuts = Cuts();
    std::optional<PositionBias> bias;
    if (options_.impressions != nullptr && !cuts.empty()) {
      bias = PositionBias::Estimate(options_.impressions->ShownProducts(cuts.back()));
    }
    std::shared_ptr<const ModelSet> models;
    for (size_t part = 0; part < cuts.size(); ++part) {
      const bool is_held_out = part + 1 == cuts.size();
      if (models == nullptr || !IsLarge()) {
        ASSIGN_OR_RETURN(models, train_past_(PastOf(log_, cuts[part], options_.past_rows_max), cuts[part]));
      }
      const auto statistics = StatisticsAt(log_, cuts[part]);
      RankingRequest request;
      request.from_ms = cuts[part];
      request.until_ms = is_held_out ? INT64_MAX : cuts[part + 1];
      request.lists_max =
          is_held_out ? options_.held_out_lists_max : options_.train_lists_max / (PartCount() - 1);
      request.negatives_max = is_held_out ? 0 : options_.negatives_max;
      request.needs_wanted = !is_held_out;
      if (!is_held_out) request.impressions = options_.impressions;
      request.bias = bias ? &*bias : nullptr;
      RankingData data = MakeRankingData(log_, catalog_, {*models, *statistics}, request, options_, control_);
      RETURN_IF_ERROR(control_.Check());
      control_.Report("ranker_lists", static_cast<double>(part + 1) / static_cast<double>(cuts.size()));
      if (!is_held_out) {
        train_.Append(data);
        continue;
      }
      const size_t half = data.lists.size() / 2;
      tuning_ = Part(data, 0, half);
      guard_ = Part(data, half, data.lists.size());
    }
    return {};
  }

  // One head when turning and buying are the same, or too few bought.
  bool NeedsOwnPurchaseHead() const {
    if (ListsWith(train_, HeadKind::kPurchase) < options_.train_lists_min) return false;
    return std::any_of(train_.outcomes.begin(), train_.outcomes.end(),
                       [](uint8_t outcome) { return outcome != kNothing && (outcome & kBought) == 0; });
  }

  Status TrainHeads() {
    TrainingControl quiet = control_;
    quiet.progress = {};
    quiet.thread_count = 1;
    const auto train = [&](HeadKind kind) { return TrainHead(train_, tuning_, kind, options_.trees, quiet); };
    if (!NeedsOwnPurchaseHead()) {
      ASSIGN_OR_RETURN(parts_.click, train(HeadKind::kClick));
      parts_.purchase = parts_.click;
      return {};
    }
    using TrainedHead = Result<std::shared_ptr<const RankerHead>>;
    std::array<TrainedHead, 2> heads = {TrainedHead(Unavailable("training was cancelled")),
                                        TrainedHead(Unavailable("training was cancelled"))};
    ForEachTrainingBlock(heads.size(), 1, control_, [&](size_t begin, size_t, size_t) {
      heads[begin] = train(begin == 0 ? HeadKind::kClick : HeadKind::kPurchase);
    });
    ASSIGN_OR_RETURN(parts_.click, std::move(heads[0]));
    ASSIGN_OR_RETURN(parts_.purchase, std::move(heads[1]));
    return {};
  }

  // Over all surfaces of the guard, by the head for purchases.
  bool IsWorseThanPrevious() const {
    if (options_.previous == nullptr || !options_.previous->has_trees()) return false;
    const HeadKind kind = parts_.purchase == parts_.click ? HeadKind::kClick : HeadKind::kPurchase;
    std::vector<double> now;
    std::vector<double> before;
    for (uint32_t surface = 0; surface < options_.surfaces.size(); ++surface) {
      const SurfaceScores mine = ScoreSurface(guard_, surface, kind, parts_.purchase->forest, options_);
      const SurfaceScores its =
          ScoreSurface(guard_, surface, kind, options_.previous->parts().purchase->forest, options_);
      now.insert(now.end(), mine.staged.begin(), mine.staged.end());
      before.insert(before.end(), its.staged.begin(), its.staged.end());
    }
    const auto gain = PairedBootstrap(now, before);
    return gain.ok() && gain->high < 0;
  }

  Result<std::vector<RankerGuard>> GuardsOf(const RankerHead& click, const RankerHead& purchase) const {
    std::vector<RankerGuard> guards;
    for (const bool is_purchase : {false, true}) {
      if (is_purchase && &click == &purchase) continue;
      for (uint32_t surface = 0; surface < options_.surfaces.size(); ++surface) {
        ASSIGN_OR_RETURN(RankerGuard guard, GuardOf(is_purchase ? purchase : click, surface, is_purchase));
        guards.push_back(std::move(guard));
      }
    }
    return guards;
  }

  Result<RankerGuard> GuardOf(const RankerHead& head, uint32_t surface, bool is_purchase) const {
    const HeadKind kind = is_purchase ? HeadKind::kPurchase : HeadKind::kClick;
    const SurfaceScores scores = ScoreSurface(guard_, surface, kind, head.forest, options_);
    RankerGuard guard;
    guard.surface = options_.surfaces[surface].name;
    guard.is_page = options_.surfaces[surface].is_page;
    guard.is_purchase = is_purchase;
    guard.lists = static_cast<uint32_t>(scores.blend.size());
    if (guard.lists < options_.held_out_lists_min / 2) return guard;
    ASSIGN_OR_RETURN(const BootstrapInterval gain, PairedBootstrap(scores.staged, scores.blend));
    guard.ndcg_blend = MeanOf(scores.blend);
    guard.ndcg_ranker = MeanOf(scores.staged);
    guard.ndcg_full = MeanOf(scores.full);
    guard.gain_low = gain.low;
    guard.gain_high = gain.high;
    guard.serves = gain.low > 0;
    return guard;
  }

  const InteractionLog& log_;
  const catalog::CatalogView* const catalog_;
  const int64_t now_ms_;
  const RankerOptions& options_;
  const PastTrainer& train_past_;
  const TrainingControl& control_;
  RankerParts parts_;
  RankingData train_;
  RankingData tuning_;
  RankingData guard_;
};

}  // namespace

InteractionLog PastOf(const InteractionLog& log, int64_t now_ms, uint64_t rows_max) {
  const double share =
      static_cast<double>(rows_max) / static_cast<double>(std::max(log.row_count(), rows_max));
  const auto key_max = static_cast<uint64_t>(share * static_cast<double>(1 << kSampleBits));
  const auto is_taken = [&](uint64_t key) {
    return MixHash64(key, kSampleSeed) >> (64 - kSampleBits) < key_max;
  };
  InteractionLog past;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    if (!is_taken(rows.front().shopper.value())) return;
    for (const Interaction& row : rows) {
      if (row.at_ms < now_ms) past.Add(row);
    }
  });
  log.ForEachRow([&](const Interaction& row) {
    // Nobody's rows: of one order all or none.
    if (row.shopper != ShopperHandle() || row.at_ms >= now_ms) return;
    if (is_taken(row.order_hash != 0 ? row.order_hash : static_cast<uint64_t>(row.at_ms))) past.Add(row);
  });
  return past;
}

Result<std::shared_ptr<const Ranker>> TrainRanker(const InteractionLog& log,
                                                  const catalog::CatalogView* catalog, int64_t now_ms,
                                                  const RankerOptions& options, const PastTrainer& train_past,
                                                  const TrainingControl& control) {
  if (options.parts < 2) return InvalidArgument("at least 2 parts", "ranker.parts");
  if (!(options.window_share > 0 && options.window_share < 1)) {
    return InvalidArgument("must lie between 0 and 1", "ranker.window_share");
  }
  if (options.surfaces.empty()) return InvalidArgument("no placement to learn for", "ranker.surfaces");
  return RankerTrainer(log, catalog, now_ms, options, train_past, control).Train();
}

}  // namespace attune::models
