#include "models/top_n_choice.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/hash.h"
#include "models/sparse_parallel.h"
#include "models/top_n_measure.h"
#include "models/tunable_settings.h"

namespace attune::models {
namespace {

// Rows of the Gram matrix that are made to estimate how full it is.
constexpr uint32_t kSampledRows = 1'000;

// Processor seconds.  The step of the inverse was measured (about 20e9 a second on a busy virtual processor);
// the others are estimates.
constexpr double kSecondsPerPair = 4e-9;
constexpr double kSecondsPerCell = 60e-9;
constexpr double kSecondsPerSolveStep = 0.25e-9;     // Of neighbours^3 / 3.
constexpr double kSecondsPerGatheredCell = 1.5e-9;   // Of neighbours * cells of a row.
constexpr double kSecondsPerInverseStep = 1 / 22e9;  // Of products^3.

// A row of its own, outside of its cells.
constexpr uint64_t kBytesPerRow = 64;
constexpr uint64_t kBytesPerInteraction = 24;

// How many of its standard errors the mean of `after - before` lies above zero; 0 when they are all the same.
double StandardErrorsOfGain(const std::vector<double>& before, const std::vector<double>& after) {
  const auto count = static_cast<double>(before.size());
  double sum = 0;
  double square_sum = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    const double gain = after[i] - before[i];
    sum += gain;
    square_sum += gain * gain;
  }
  const double variance = square_sum - sum * sum / std::max(count, 1.0);
  return variance > 0 ? sum / std::sqrt(variance * count / std::max(count - 1, 1.0)) : 0;
}

// Runs trials within the budget.
class Chooser {
 public:
  Chooser(const Sequences& baskets, uint32_t product_count, const TopNChoiceOptions& options,
          const TrainingControl& control)
      : options_(options), control_(control), product_count_(product_count) {
    split_ = HoldOut(baskets, options.held_out_share, [&](size_t shopper, uint32_t product) {
      return static_cast<uint32_t>(MixHash64(MixHash64(shopper, options.seed), product) >> 32);
    });
    choice_.work = MeasureTopNWork(baskets, product_count);
  }

  Result<TopNChoice> Choose() {
    const std::vector<NamedTopN>& methods = options_.methods;
    for (size_t i = 0; i < methods.size(); ++i) {
      Report(methods[i].name, static_cast<double>(i) / static_cast<double>(methods.size()));
      TopNTrial trial;
      trial.name = methods[i].name;
      trial.options = methods[i].options;
      RETURN_IF_ERROR(TryOne(std::move(trial)).status());
    }
    if (!has_best_) return InvalidArgument("no method fits the budget", "budget");
    if (choice_.trials.front().was_tried && choice_.chosen != 0 &&
        StandardErrorsOfGain(first_ndcgs_, best_ndcgs_) < options_.standard_errors_min) {
      choice_.chosen = 0;
    }
    choice_.chosen_by_default = choice_.chosen;
    if (options_.tuning) RETURN_IF_ERROR(Tune());
    Report("choosing", 1);
    return std::move(choice_);
  }

 private:
  void Report(std::string_view stage, double share) const {
    if (options_.progress) options_.progress(stage, share);
  }

  // True when it was the best so far.
  Result<bool> TryOne(TopNTrial trial) {
    trial.cost = EstimateTopNCost(choice_.work, trial.options);
    const double with_final = (kTopNTrialOverhead + 1) * trial.cost.processor_seconds;
    const bool exists = trial.options.method != TopNMethod::kEase || product_count_ <= kEaseProductsMax;
    trial.was_tried = exists && spent_seconds_ + with_final <= options_.budget.processor_seconds &&
                      trial.cost.memory_bytes <= options_.budget.memory_bytes;
    bool is_best = false;
    if (trial.was_tried) {
      spent_seconds_ += kTopNTrialOverhead * trial.cost.processor_seconds;
      trial.options.threads = options_.threads;
      RETURN_IF_ERROR(control_.Check());
      ASSIGN_OR_RETURN(const auto source,
                       TrainTopN(split_.training, product_count_, trial.options, control_));
      TopNMeasureOptions measuring;
      measuring.shoppers_max = options_.shoppers_max;
      measuring.threads = options_.threads;
      TopNMeasures measures = MeasureTopN(*source, split_, measuring);
      trial.recall_at_20 = measures.recall();
      trial.ndcg_at_20 = measures.ndcg();
      is_best = !has_best_ || trial.ndcg_at_20 > choice_.best().ndcg_at_20;
      if (choice_.trials.empty()) first_ndcgs_ = measures.ndcgs;
      if (is_best) best_ndcgs_ = std::move(measures.ndcgs);
    }
    choice_.trials.push_back(std::move(trial));
    if (is_best) choice_.chosen = choice_.trials.size() - 1;
    has_best_ = has_best_ || is_best;
    return is_best;
  }

  // "sparse_ridge ridge=300": what differs from the best defaults.
  std::string NameOfTuned(TopNOptions options) const {
    TopNOptions defaults = choice_.best_default().options;
    std::string name(NameOf(options.method));
    for (const TunableSetting<TopNOptions>& setting : TopNSettings(options.method)) {
      const double value = ValueOf(setting.field(options));
      if (value == ValueOf(setting.field(defaults))) continue;
      char text[64];
      std::snprintf(text, sizeof(text), " %s=%.3g", setting.range.name.c_str(), value);
      name += text;
    }
    return name;
  }

  Status Tune() {
    const TopNTrial defaults = choice_.best_default();
    const auto objective = [&](const TopNOptions& tried) -> Result<std::optional<double>> {
      // The search begins at the defaults, which were tried.
      if (NameOfTuned(tried) == NameOf(tried.method)) return std::optional(defaults.ndcg_at_20);
      TopNTrial trial;
      trial.name = NameOfTuned(tried);
      trial.options = tried;
      RETURN_IF_ERROR(TryOne(std::move(trial)).status());
      const TopNTrial& last = choice_.trials.back();
      return last.was_tried ? std::optional(last.ndcg_at_20) : std::nullopt;
    };
    TuningOptions tuning = *options_.tuning;
    tuning.progress = options_.progress;
    ASSIGN_OR_RETURN(
        TunedOptions<TopNOptions> tuned,
        TuneOptions<TopNOptions>(defaults.options, TopNSettings(defaults.options.method), objective, tuning));
    choice_.tuning = std::move(tuned.report);
    return {};
  }

  const TopNChoiceOptions& options_;
  const TrainingControl& control_;
  const uint32_t product_count_;
  TopNSplit split_;
  TopNChoice choice_;
  std::vector<double> first_ndcgs_, best_ndcgs_;  // By asked shopper.
  bool has_best_ = false;
  double spent_seconds_ = 0;
};

}  // namespace

std::vector<NamedTopN> DefaultTopNMethods() {
  TopNOptions knn;
  knn.method = TopNMethod::kItemKnn;
  knn.knn = {.basket_exponent = 0.4, .row_exponent = 0.45, .column_exponent = 0.3, .neighbours_max = 300};
  TopNOptions rp3beta = knn;
  rp3beta.knn = Rp3BetaOptions(0.6, 0.4);
  rp3beta.knn.neighbours_max = 300;
  TopNOptions graph_filter = knn;
  graph_filter.knn = GraphFilterOptions();
  graph_filter.knn.neighbours_max = 300;
  const TopNOptions sparse;
  TopNOptions ease;
  ease.method = TopNMethod::kEase;
  return {{"item_knn", knn},
          {"rp3beta", rp3beta},
          {"graph_filter", graph_filter},
          {"sparse_ridge", sparse},
          {"ease", ease}};
}

TopNWork MeasureTopNWork(const Sequences& baskets, uint32_t product_count) {
  TopNWork work;
  work.products = product_count;
  std::vector<std::vector<uint32_t>> baskets_of(product_count);
  const uint64_t sampling = std::max<uint64_t>(product_count / kSampledRows, 1);
  std::vector<uint32_t> sampled;
  for (size_t basket = 0; basket < baskets.size(); ++basket) {
    const auto products = baskets.Of(basket);
    work.interactions += products.size();
    work.pairs += products.size() * products.size();
    for (const uint32_t product : products) {
      if (product % sampling == 0) baskets_of[product].push_back(static_cast<uint32_t>(basket));
    }
  }
  uint64_t rows = 0;
  uint64_t cells = 0;
  for (uint32_t product = 0; product < product_count; ++product) {
    if (product % sampling != 0) continue;
    ++rows;
    sampled.clear();
    for (const uint32_t basket : baskets_of[product]) {
      const auto others = baskets.Of(basket);
      sampled.insert(sampled.end(), others.begin(), others.end());
    }
    std::sort(sampled.begin(), sampled.end());
    cells += static_cast<uint64_t>(std::unique(sampled.begin(), sampled.end()) - sampled.begin());
  }
  if (rows > 0) work.cells_per_row = static_cast<double>(cells) / static_cast<double>(rows);
  return work;
}

TopNCost EstimateTopNCost(const TopNWork& work, const TopNOptions& options) {
  const double products = work.products;
  const double cells = products * work.cells_per_row;
  TopNCost cost;
  cost.processor_seconds = kSecondsPerPair * static_cast<double>(work.pairs) + kSecondsPerCell * cells;
  cost.memory_bytes = kBytesPerInteraction * work.interactions + kBytesPerRow * work.products;
  // Rows are held twice for a moment, when SparseRows is made of them.
  const auto rows_bytes = [&](double cells_max) {
    return static_cast<uint64_t>(2 * sizeof(Neighbour) * products * std::min(work.cells_per_row, cells_max));
  };
  switch (options.method) {
    case TopNMethod::kItemKnn:
      cost.memory_bytes += rows_bytes(options.knn.neighbours_max);
      return cost;
    case TopNMethod::kSparseRidge: {
      const double neighbours = std::min<double>(options.ridge.neighbours_max, work.cells_per_row);
      const double row = std::min<double>(options.ridge.gram_cells_per_row_max, work.cells_per_row);
      cost.processor_seconds += products * (kSecondsPerSolveStep * std::pow(neighbours, 3) / 3 +
                                            kSecondsPerGatheredCell * neighbours * row);
      cost.memory_bytes += rows_bytes(row) + rows_bytes(neighbours);
      return cost;
    }
    case TopNMethod::kEase:
      break;
  }
  cost.processor_seconds += kSecondsPerInverseStep * std::pow(products, 3);
  cost.memory_bytes += EaseBytes(work.products, options.ease.row_cells_max);
  return cost;
}

Result<TopNChoice> ChooseTopN(const Sequences& baskets, uint32_t product_count,
                              const TopNChoiceOptions& options, const TrainingControl& control) {
  if (!(options.held_out_share > 0 && options.held_out_share <= 0.5)) {
    return InvalidArgument("share must be above 0, at most 0.5", "held_out_share");
  }
  return Chooser(baskets, product_count, options, control).Choose();
}

std::string FormatTopNChoice(const TopNChoice& choice) {
  char line[256];
  std::string text;
  const auto add = [&](int length) {
    text.append(line, static_cast<size_t>(std::clamp<int>(length, 0, sizeof(line) - 1)));
  };
  add(std::snprintf(line, sizeof(line),
                    "%u products, %llu interactions, %.0f cells a row (%.2f %% of the Gram matrix)\n",
                    choice.work.products, static_cast<unsigned long long>(choice.work.interactions),
                    choice.work.cells_per_row, 100 * choice.work.density()));
  add(std::snprintf(line, sizeof(line), "  %-28s %9s %9s %10s %10s\n", "tried on a validation cut", "est. s",
                    "est. MB", "recall@20", "ndcg@20"));
  for (size_t i = 0; i < choice.trials.size(); ++i) {
    const TopNTrial& trial = choice.trials[i];
    const double megabytes = static_cast<double>(trial.cost.memory_bytes) / 1e6;
    if (!trial.was_tried) {
      add(std::snprintf(line, sizeof(line), "  %-28s %9.0f %9.0f   skipped: over the budget or its limits\n",
                        trial.name.c_str(), trial.cost.processor_seconds, megabytes));
      continue;
    }
    add(std::snprintf(line, sizeof(line), "%s %-28s %9.1f %9.0f %10.4f %10.4f\n",
                      i == choice.chosen ? ">" : " ", trial.name.c_str(), trial.cost.processor_seconds,
                      megabytes, trial.recall_at_20, trial.ndcg_at_20));
  }
  return text;
}

}  // namespace attune::models
