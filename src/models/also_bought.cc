#include "models/also_bought.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace attune::models {
namespace {

constexpr double kNano = 1e-9;

// Of one shopper, the latest: bounds the pairs.
constexpr size_t kShopperProductsMax = 500;
// Neighbours of a product, whichever method found them: 160 MB at 100 000 products.
constexpr uint32_t kRowCellsMax = 200;
// Where no memory is named, as TopNBudget has it.
constexpr uint64_t kChoiceBytesMax = TopNBudget{}.memory_bytes;
constexpr double kChoiceSecondsMax = TopNBudget{}.processor_seconds;

constexpr const char* kUsualName = "cosine";

// The usual one first, the others from the cheapest up.
std::vector<NamedTopN> MethodsOf(const TopNOptions& usual) {
  std::vector<NamedTopN> methods = {{kUsualName, usual}};
  for (NamedTopN& method : DefaultTopNMethods()) {
    method.options.knn.neighbours_max = kRowCellsMax;
    method.options.ridge.row_cells_max = kRowCellsMax;
    method.options.ease.row_cells_max = kRowCellsMax;
    methods.push_back(std::move(method));
  }
  return methods;
}

TopNBudget ChoiceBudget(const TrainingBudget& budget) {
  TopNBudget choice;
  choice.processor_seconds =
      budget.seconds > 0 ? kMethodChoiceBudgetShare * budget.seconds : kChoiceSecondsMax;
  choice.memory_bytes = budget.bytes > 0 ? budget.bytes : kChoiceBytesMax;
  return choice;
}

// The method that was chosen before, while that choice holds.
std::optional<NamedTopN> KeptMethod(uint64_t lists, const AlsoBoughtOptions& options) {
  if (!options.before) return std::nullopt;
  const double grown = kMethodKeptGrowth * static_cast<double>(options.before->lists);
  if (static_cast<double>(lists) >= grown) return std::nullopt;
  for (NamedTopN& method : MethodsOf(options.usual)) {
    if (method.name == options.before->method) return std::move(method);
  }
  return std::nullopt;  // A newer build knew it.
}

// What the lists hold at most, as the counts have it.
TopNWork WorkOf(const TrainingCounts& counts) {
  TopNWork work;
  work.products = counts.products;
  work.interactions = counts.purchases;
  work.pairs = counts.purchase_pairs;
  const double products = std::max<uint32_t>(counts.products, 1);
  work.cells_per_row = std::min(static_cast<double>(counts.purchase_pairs) / products, products);
  return work;
}

TrainingCost CostOf(const TopNWork& work, const TopNOptions& method) {
  const TopNCost cost = EstimateTopNCost(work, method);
  return {cost.processor_seconds, cost.memory_bytes};
}

// Of all trials that the choice would make of such work, and of the dearest of them once more.
TrainingCost ChoiceCost(const TopNWork& work, const TopNOptions& usual, const TopNBudget& budget) {
  TrainingCost all;
  double dearest = 0;
  for (const NamedTopN& method : MethodsOf(usual)) {
    const TrainingCost one = CostOf(work, method.options);
    const double with_final = (kTopNTrialOverhead + 1) * one.seconds;
    if (one.bytes > budget.memory_bytes || all.seconds + with_final > budget.processor_seconds) continue;
    all.seconds += kTopNTrialOverhead * one.seconds;
    all.bytes = std::max(all.bytes, one.bytes);
    dearest = std::max(dearest, one.seconds);
  }
  all.seconds += dearest;
  return all;
}

uint32_t ThreadsOf(const TrainingControl& control) {
  return static_cast<uint32_t>(std::max(control.thread_count, 1));
}

// Nothing when not even one method fits the budget's share.
Result<std::optional<TopNChoice>> Choose(const Sequences& lists, uint32_t product_count,
                                         const AlsoBoughtOptions& options, const TrainingBudget& budget,
                                         const TrainingControl& control) {
  TopNChoiceOptions choosing;
  choosing.budget = ChoiceBudget(budget);
  choosing.methods = MethodsOf(options.usual);
  choosing.standard_errors_min = kMethodStandardErrors;
  choosing.threads = ThreadsOf(control);
  auto chosen = ChooseTopN(lists, product_count, choosing, control);
  if (chosen.ok()) return std::optional(*std::move(chosen));
  if (chosen.status().field() == "budget") return std::optional<TopNChoice>();
  return chosen.status();
}

MethodChoice ReportOf(const TopNChoice& chosen, uint64_t lists) {
  MethodChoice choice;
  choice.lists = lists;
  choice.method = chosen.best().name;
  for (const TopNTrial& trial : chosen.trials) {
    choice.trials.push_back({trial.name, trial.was_tried, trial.ndcg_at_20});
  }
  return choice;
}

}  // namespace

TopNOptions AlsoBoughtOptions::UsualMethod() {
  TopNOptions usual;
  usual.method = TopNMethod::kItemKnn;
  usual.knn = {
      .basket_exponent = 0.5, .row_exponent = 0.5, .column_exponent = 0.5, .neighbours_max = kRowCellsMax};
  return usual;
}

Sequences PurchaseLists(const InteractionLog& log) {
  Sequences lists;
  std::vector<uint32_t> products;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    products.clear();
    size_t purchase_count = 0;
    for (size_t i = rows.size(); i-- > 0 && purchase_count < kShopperProductsMax;) {
      if (rows[i].kind != InteractionKind::kPurchase) continue;
      products.push_back(rows[i].product.value());
      ++purchase_count;
    }
    std::sort(products.begin(), products.end());
    products.erase(std::unique(products.begin(), products.end()), products.end());
    if (products.size() > 1) lists.Add(products);
  });
  return lists;
}

TrainerCosts AlsoBoughtCosts(const TrainingCounts& counts, const AlsoBoughtOptions& options,
                             const TrainingBudget& budget) {
  const TopNWork work = WorkOf(counts);
  TrainerCosts costs;
  costs.sparse = CostOf(work, options.usual);
  // Measured: pairs that are far apart in memory.
  costs.sparse.seconds +=
      (40 * static_cast<double>(counts.purchase_pairs) + 5'000.0 * counts.products) * kNano;
  costs.sparse.bytes += static_cast<uint64_t>(
      12 * std::min(static_cast<double>(counts.purchase_pairs), std::pow(counts.products, 2)));
  if (!options.may_choose || counts.purchase_lists < kMethodChoiceListsMin) return costs;
  const auto kept = KeptMethod(counts.purchase_lists, options);
  const TrainingCost more =
      kept ? CostOf(work, kept->options) : ChoiceCost(work, options.usual, ChoiceBudget(budget));
  costs.dense = {costs.sparse.seconds + more.seconds, std::max(costs.sparse.bytes, more.bytes)};
  return costs;
}

Result<AlsoBought> TrainAlsoBought(const InteractionLog& log, uint32_t product_count,
                                   const TrainingCounts& counts, TrainingForm form,
                                   const AlsoBoughtOptions& options, const TrainingBudget& budget,
                                   const TrainingControl& control) {
  const Sequences lists = PurchaseLists(log);
  AlsoBought trained;
  trained.method = options.usual;
  if (form == TrainingForm::kDense) {
    if (const auto kept = KeptMethod(counts.purchase_lists, options)) {
      trained.method = kept->options;
      trained.choice = options.before;
    } else {
      ASSIGN_OR_RETURN(const auto chosen, Choose(lists, product_count, options, budget, control));
      if (chosen) {
        trained.method = chosen->best().options;
        trained.choice = ReportOf(*chosen, counts.purchase_lists);
      }
    }
  }
  trained.method.threads = ThreadsOf(control);
  ASSIGN_OR_RETURN(trained.rows, TrainTopNRows(lists, product_count, trained.method, control));
  return trained;
}

}  // namespace attune::models
