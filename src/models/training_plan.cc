#include "models/training_plan.h"

#include <algorithm>
#include <cstdio>
#include <span>

#include "models/limits.h"

namespace attune::models {
namespace {

std::string Seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g s", seconds);
  return text;
}

std::string Bytes(uint64_t bytes) {
  constexpr uint64_t kMegabyte = 1 << 20;
  return std::to_string((bytes + kMegabyte - 1) / kMegabyte) + " MB";
}

// Why a cost is too high; empty when it is not.
std::string Excess(const TrainingCost& cost, const TrainingBudget& budget, double spent_seconds) {
  if (budget.bytes > 0 && cost.bytes > budget.bytes) {
    return "would take " + Bytes(cost.bytes) + " of memory, " + Bytes(budget.bytes) + " are allowed";
  }
  if (budget.seconds > 0 && spent_seconds + cost.seconds > budget.seconds) {
    return "would take " + Seconds(cost.seconds) + " of processor time, " +
           Seconds(std::max(budget.seconds - spent_seconds, 0.0)) + " are left";
  }
  return {};
}

}  // namespace

TrainingCounts CountForTraining(const InteractionLog& log, const catalog::CatalogView* catalog) {
  TrainingCounts counts;
  counts.rows = log.row_count();
  counts.views = log.count(InteractionKind::kView);
  counts.carts = log.count(InteractionKind::kCart);
  counts.purchases = log.count(InteractionKind::kPurchase);
  counts.products = std::max(log.product_index_count(), catalog == nullptr ? 0 : catalog->index_count());
  for (uint32_t i = 0; catalog != nullptr && i < catalog->index_count(); ++i) {
    const catalog::Product* const product = catalog->Find(ProductIndex(i));
    counts.catalog_products += product == nullptr ? 0 : 1;
    counts.visible_products += product == nullptr || product->is_hidden ? 0 : 1;
    counts.image_numbers += product == nullptr ? 0 : product->image_vector.size();
    counts.text_numbers += product == nullptr ? 0 : product->text_vector.size();
  }
  std::vector<uint32_t> all;
  std::vector<uint32_t> bought;
  const auto distinct = [](std::vector<uint32_t>& products) {
    std::sort(products.begin(), products.end());
    products.erase(std::unique(products.begin(), products.end()), products.end());
    return static_cast<uint64_t>(products.size());
  };
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    all.clear();
    bought.clear();
    for (const Interaction& row : rows) {
      all.push_back(row.product.value());
      if (row.kind == InteractionKind::kPurchase) bought.push_back(row.product.value());
    }
    ++counts.shoppers;
    counts.cells += distinct(all);
    const uint64_t bought_count = distinct(bought);
    counts.purchase_pairs += bought_count * bought_count;
    counts.purchase_lists += bought_count > 1 ? 1 : 0;
  });
  log.ForEachOrder([&](std::span<const Interaction> rows) {
    ++counts.orders;
    const uint64_t size = std::min<uint64_t>(rows.size(), kOrderProductsMax);
    counts.order_pairs += size * size;
  });
  return counts;
}

std::string_view TrainingFormName(TrainingForm form) {
  switch (form) {
    case TrainingForm::kDense:
      return "dense";
    case TrainingForm::kSparse:
      return "sparse";
    case TrainingForm::kSkipped:
      break;
  }
  return "skipped";
}

TrainerReport ChooseForm(const TrainerCosts& costs, const TrainingBudget& budget, double spent_seconds) {
  TrainerReport report;
  if (costs.dense) {
    report.form = TrainingForm::kDense;
    report.estimate = *costs.dense;
    report.reason = Excess(*costs.dense, budget, spent_seconds);
    if (report.reason.empty()) return report;
    report.reason = "dense " + report.reason;
  }
  report.form = TrainingForm::kSparse;
  report.estimate = costs.sparse;
  const std::string excess = Excess(costs.sparse, budget, spent_seconds);
  if (excess.empty()) return report;
  report.form = TrainingForm::kSkipped;
  report.reason = excess;
  return report;
}

const TrainerReport* TrainingReport::Find(std::string_view name) const {
  for (const TrainerReport& trainer : trainers) {
    if (trainer.name == name) return &trainer;
  }
  return nullptr;
}

}  // namespace attune::models
