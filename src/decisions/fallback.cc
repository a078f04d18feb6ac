#include "decisions/fallback.h"

#include <algorithm>

#include "decisions/retrieve.h"
#include "decisions/source_names.h"
#include "features/affinities.h"
#include "features/decayed_value.h"
#include "features/preferences.h"

namespace attune::decisions {
namespace {

class Ladder {
 public:
  Ladder(const DecideInput& input, const EligibilityFilter& filter, DiversityCounter& counter,
         DecisionTrace& trace)
      : input_(input), filter_(filter), counter_(counter), trace_(trace) {}

  void Run() {
    bool has_newest = false;
    for (const Rung rung : input_.placement.fallback) {
      if (IsFull()) return;
      has_newest = has_newest || rung == Rung::kNewest;
      Enter(rung);
      Stand(rung);
    }
    TakeBack();
    if (IsFull()) return;
    if (!has_newest || trace_.rungs.back().rung != Rung::kNewest) Enter(Rung::kNewest);
    WalkCatalog();
  }

 private:
  bool IsFull() const { return trace_.chosen.size() >= trace_.limit; }
  void Enter(Rung rung) { trace_.rungs.push_back({rung, 0}); }

  void Stand(Rung rung) {
    switch (rung) {
      case Rung::kSessionContext:
        return StandOnSession();
      case Rung::kCategory: {
        for (std::vector<std::string> path = LadderCategory(input_); !path.empty() && !IsFull();
             path.pop_back()) {
          Ask(kBestsellers, {}, path);
          Ask(kNewest, {}, path);
        }
        return;
      }
      case Rung::kEditorial:
        return Ask(kEditorial, {}, {});
      case Rung::kBestsellers:
        return Ask(kBestsellers, {}, {});
      case Rung::kNewest:
        return Ask(kNewest, {}, {});
    }
  }

  void StandOnSession() {
    const SeedSet seeds = CollectSeeds(input_, {.page = 1, .cart = 0.5, .session = 1, .profile = 0});
    if (seeds.seeds.empty()) return;
    for (const std::string_view source : {kViewedNext, kAlsoViewed, kContentSimilar}) Ask(source, seeds, {});
  }

  void Ask(std::string_view source, const SeedSet& seeds, const std::vector<std::string>& category) {
    if (IsFull()) return;
    models::SourceQuery query = QueryOf(input_, seeds);
    query.category = category;
    query.brand = {};
    std::vector<models::Candidate> candidates;
    uint32_t ask = trace_.limit * 2 + 16;
    size_t seen = 0;
    const size_t passed_over_max = passed_over_.size() + size_t{kPassedOverPerPlace} * trace_.limit;
    const auto is_done = [&] { return IsFull() || passed_over_.size() >= passed_over_max; };
    while (true) {
      candidates.clear();
      AskSource(input_, source, query, ask, candidates);
      for (; seen < candidates.size() && !is_done(); ++seen) Offer(candidates[seen].product, true);
      if (candidates.size() < ask || is_done() || ask >= kSourceAskMax) return;
      ask = std::min(ask * 2, kSourceAskMax);
    }
  }

  void Offer(ProductIndex product, bool holds_caps) {
    const uint32_t row = RowOf(product, filter_, trace_);
    CandidateRow& candidate = trace_.rows[row];
    if (candidate.verdict != FilterVerdict::kEligible || candidate.is_chosen || candidate.is_capped) return;
    if (!counter_.Take(input_.catalog.GroupsOf(product))) {
      if (holds_caps) {
        candidate.is_capped = true;
        candidate.rung = CurrentRung();
        passed_over_.push_back(row);
        return;
      }
      trace_.are_caps_relaxed = true;
    }
    Choose(row, CurrentRung());
  }

  uint8_t CurrentRung() const { return static_cast<uint8_t>(trace_.rungs.size() - 1); }

  void Choose(uint32_t row, uint8_t rung) {
    CandidateRow& candidate = trace_.rows[row];
    candidate.is_chosen = true;
    candidate.is_capped = false;
    candidate.rung = rung;
    ++trace_.rungs[rung].added;
    trace_.chosen.push_back(row);
  }

  void TakeBack() {
    for (const uint32_t row : passed_over_) {
      if (IsFull()) return;
      trace_.are_caps_relaxed = true;
      Choose(row, trace_.rows[row].rung);
    }
  }

  // Only what is chosen gets a row: the walk may pass a million products.
  void WalkCatalog() {
    for (uint32_t i = input_.catalog.index_count(); i-- > 0 && !IsFull();) {
      const ProductIndex product(i);
      if (trace_.row_of.contains(product)) continue;
      if (filter_.Check(product) == FilterVerdict::kEligible) Offer(product, false);
    }
  }

  const DecideInput& input_;
  const EligibilityFilter& filter_;
  DiversityCounter& counter_;
  DecisionTrace& trace_;
  std::vector<uint32_t> passed_over_;
};

const std::vector<std::string>* MainCategory(const DecideInput& input, ProductIndex index) {
  const catalog::Product* const product = input.catalog.Find(index);
  return product == nullptr || product->categories.empty() ? nullptr : &product->categories.front();
}

}  // namespace

void FillFromLadder(const DecideInput& input, const EligibilityFilter& filter, DiversityCounter& counter,
                    DecisionTrace& trace) {
  if (trace.chosen.size() < trace.limit) Ladder(input, filter, counter, trace).Run();
}

std::vector<std::string> LadderCategory(const DecideInput& input) {
  if (!input.request.category.empty()) return input.request.category;
  for (const ProductIndex product : input.request.page_products) {
    if (const auto* const category = MainCategory(input, product)) return *category;
  }
  for (const ProductIndex product : input.request.cart) {
    if (const auto* const category = MainCategory(input, product)) return *category;
  }
  if (input.profile == nullptr) return {};
  const std::vector<ProductIndex>& session = input.profile->session.products;
  if (input.now_ms - input.profile->session.last_event_at_ms < kSessionIdleMs) {
    for (size_t i = session.size(); i-- > 0;) {
      if (const auto* const category = MainCategory(input, session[i])) return *category;
    }
  }
  std::string_view favourite;
  double strongest = 0;
  for (const features::Affinity& affinity : input.profile->affinities) {
    if (affinity.kind != features::Affinity::Kind::kCategory) continue;
    const double weight = features::ValueAt(affinity.weight, input.now_ms, kAffinityHalfLifeMs);
    if (weight <= strongest) continue;
    strongest = weight;
    favourite = affinity.value;
  }
  for (const features::PreferenceStrength& said : features::StrongestPreferences(
           input.profile->preferences, input.now_ms, input.view.settings.features)) {
    if (said.kind != features::Affinity::Kind::kCategory || said.weight <= strongest) continue;
    strongest = said.weight;
    favourite = said.value;
  }
  return favourite.empty() ? std::vector<std::string>() : features::SplitCategory(favourite);
}

}  // namespace attune::decisions
