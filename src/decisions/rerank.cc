#include "decisions/rerank.h"

namespace attune::decisions {
namespace {

uint32_t& CountOf(uint64_t key, std::vector<std::pair<uint64_t, uint32_t>>& counts) {
  for (auto& [known, count] : counts) {
    if (known == key) return count;
  }
  return counts.emplace_back(key, 0).second;
}

}  // namespace

bool DiversityCounter::Take(const catalog::ProductGroups& product) {
  uint32_t* brand = nullptr;
  uint32_t* category = nullptr;
  if (caps_.brand_max > 0 && product.brand != 0) {
    brand = &CountOf(product.brand, brands_);
    if (*brand >= caps_.brand_max) return false;
  }
  if (caps_.category_max > 0 && product.category != 0) {
    category = &CountOf(product.category, categories_);
    if (*category >= caps_.category_max) return false;
  }
  if (brand != nullptr) ++*brand;
  if (category != nullptr) ++*category;
  return true;
}

void Rerank(const DecideInput& input, DiversityCounter& counter, DecisionTrace& trace) {
  std::vector<uint32_t> passed_over;
  for (const PlacedRow& placed : trace.placed) {
    counter.Take(input.catalog.GroupsOf(trace.rows[placed.row].product));
  }
  const auto offer = [&](uint32_t row) {
    CandidateRow& candidate = trace.rows[row];
    if (trace.chosen.size() >= trace.limit || candidate.is_placed) return;
    if (!counter.Take(input.catalog.GroupsOf(candidate.product))) {
      candidate.is_capped = true;
      passed_over.push_back(row);
      return;
    }
    candidate.is_chosen = true;
    trace.chosen.push_back(row);
  };
  for (const uint32_t row : OrderOf(trace)) offer(row);
  for (const uint32_t row : trace.included) offer(row);
  for (const uint32_t row : passed_over) {
    if (trace.chosen.size() >= trace.limit) return;
    trace.rows[row].is_capped = false;
    trace.rows[row].is_chosen = true;
    trace.are_caps_relaxed = true;
    trace.chosen.push_back(row);
  }
}

}  // namespace attune::decisions
