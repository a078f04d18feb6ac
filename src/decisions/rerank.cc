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
  for (const uint32_t row : OrderOf(trace)) {
    if (trace.chosen.size() >= trace.limit) break;
    CandidateRow& candidate = trace.rows[row];
    if (!counter.Take(input.catalog.GroupsOf(candidate.product))) {
      candidate.is_capped = true;
      passed_over.push_back(row);
      continue;
    }
    candidate.is_chosen = true;
    trace.chosen.push_back(row);
  }
  for (const uint32_t row : passed_over) {
    if (trace.chosen.size() >= trace.limit) return;
    trace.rows[row].is_capped = false;
    trace.rows[row].is_chosen = true;
    trace.are_caps_relaxed = true;
    trace.chosen.push_back(row);
  }
}

}  // namespace attune::decisions
