#include "decisions/explain.h"

#include <array>
#include <cmath>
#include <optional>
#include <span>

#include "decisions/apply_rules.h"
#include "decisions/declared_source.h"
#include "decisions/fallback.h"
#include "decisions/on_sale_source.h"
#include "decisions/source_names.h"

namespace attune::decisions {
namespace {

std::optional<SeedOrigin> OriginOf(const SeedSet& seeds, ProductIndex product) {
  for (size_t i = 0; i < seeds.seeds.size(); ++i) {
    if (seeds.seeds[i].product == product) return seeds.origins[i];
  }
  return std::nullopt;
}

// "Because you viewed X": what the shopper did with the seed.
std::string BecauseOf(SeedOrigin origin, const std::string& title) {
  switch (origin) {
    case SeedOrigin::kPage:
      return "Goes with " + title;
    case SeedOrigin::kSession:
    case SeedOrigin::kRecent:
      return "Because you viewed " + title;
    case SeedOrigin::kCart:
      return "Because " + title + " is in your cart";
    case SeedOrigin::kPurchase:
      return "Because you bought " + title;
  }
  return {};
}

// Of sources that go from product to product.
std::string ReasonFromSeed(std::string_view source, SeedOrigin origin, const std::string& title) {
  if (source == kBoughtTogether) return "Often bought together with " + title;
  if (source == kBoughtAfter) return "Often bought after " + title;
  if (source == kContentSimilar) return "Similar to " + title;
  if (source == kLooksAlike) return "Looks like " + title;
  if (origin != SeedOrigin::kPage) return BecauseOf(origin, title);
  if (source == kAlsoViewed) return "Often viewed together with " + title;
  if (source == kAlsoBought) return "Also bought by those who bought " + title;
  if (source == kViewedNext) return "Often viewed after " + title;
  return BecauseOf(origin, title);
}

std::string BuyAgainReason(const DecideInput& input, ProductIndex product) {
  if (input.profile != nullptr) {
    for (const features::Purchase& purchase : input.profile->purchases) {
      if (purchase.product != product || purchase.order_count < 2) continue;
      return "You bought this " + std::to_string(purchase.order_count) + " times";
    }
  }
  return "You bought this before";
}

// next_order names repeats and new products alike.
std::string NextOrderReason(const DecideInput& input, ProductIndex product) {
  const auto is_it = [&](const features::Purchase& purchase) { return purchase.product == product; };
  const bool has_bought = input.profile != nullptr && std::any_of(input.profile->purchases.begin(),
                                                                  input.profile->purchases.end(), is_it);
  return has_bought ? BuyAgainReason(input, product) : "Popular with shoppers like you";
}

std::string DeclaredReason(const DecideInput& input, ProductIndex index) {
  const catalog::Product* const product = input.catalog.Find(index);
  const std::string name = product == nullptr ? "" : DeclaredNameOf(input, *product);
  return name.empty() ? "Suits what you told us" : "Because you chose " + name;
}

std::string OnSaleReason(const DecideInput& input, ProductIndex index) {
  const catalog::Product* const product = input.catalog.Find(index);
  const std::optional<double> discount = product == nullptr ? std::nullopt : DiscountOf(input, *product);
  if (!discount) return "On sale";
  return std::to_string(std::lround(*discount * 100)) + " % off";
}

// Of sources that look at the shop as a whole, or at the shopper alone.
std::string ReasonWithoutSeed(const DecideInput& input, std::string_view source, ProductIndex product) {
  const std::vector<std::string>& category = input.request.category;
  const std::string within = category.empty() ? "" : " in " + category.back();
  if (source == kBestsellers) return "Bestseller" + within;
  if (source == kTrending) return category.empty() ? "Trending now" : "Trending" + within;
  if (source == kNewest) return category.empty() ? "New in the shop" : "New" + within;
  if (source == kBuyAgain || source == kOwnFrequency) return BuyAgainReason(input, product);
  if (source == kNextOrder) return NextOrderReason(input, product);
  if (source == kRecentlyViewed) return "You viewed this recently";
  if (source == kEditorial) return "Chosen by the shop";
  if (source == kForShoppersLikeYou) return "Popular with shoppers like you";
  if (source == kDeclared) return DeclaredReason(input, product);
  if (source == kOnSale) return OnSaleReason(input, product);
  return "Picked for you";
}

// The strongest groups that moved a product up (sign 1) or down (-1), at most two.
std::string WordsOf(const std::vector<models::Ranker::GroupGain>& gains, int sign) {
  constexpr size_t kGroupsToldMax = 2;
  std::string words;
  size_t told = 0;
  for (const models::Ranker::GroupGain& gain : gains) {
    if (told == kGroupsToldMax || !(gain.gain * sign > 0)) continue;
    words.append(told == 0 ? "" : " and ").append(models::FeatureGroupWords(gain.group));
    ++told;
  }
  return words;
}

std::string RungReason(const DecideInput& input, Rung rung) {
  switch (rung) {
    case Rung::kSessionContext:
      return "Goes with what you looked at";
    case Rung::kCategory: {
      const std::vector<std::string> category = LadderCategory(input);
      return category.empty() ? "From this category" : "From " + category.back();
    }
    case Rung::kEditorial:
      return "Chosen by the shop";
    case Rung::kBestsellers:
      return "Bestseller";
    case Rung::kNewest:
      return "Latest in the shop";
  }
  return {};
}

}  // namespace

std::string_view TitleOf(const DecideInput& input, ProductIndex index) {
  const catalog::Product* const product = input.catalog.Find(index);
  if (product == nullptr) return input.catalog.IdOf(index);
  const std::string_view locale = input.request.locale;
  for (const std::string_view wanted : {locale, locale.substr(0, locale.find_first_of("-_"))}) {
    const auto found = product->translations.find(wanted);
    if (found != product->translations.end() && !found->second.title.empty()) return found->second.title;
  }
  return product->title.empty() ? std::string_view(product->product_id) : std::string_view(product->title);
}

std::string SourceOf(const DecideInput& input, const DecisionTrace& trace, uint32_t row) {
  const CandidateRow& candidate = trace.rows[row];
  if (const Rule* const rule = RuleThatPlaced(trace, row)) return std::string(kRulePrefix) + rule->id;
  if (candidate.rung != kNoRung) {
    return std::string(kFallbackPrefix) + std::string(RungName(trace.rungs[candidate.rung].rung));
  }
  return input.placement.recipe.parts[trace.fused.products[candidate.rank].strongest_part].source;
}

std::string ReasonOf(const DecideInput& input, const DecisionTrace& trace, uint32_t row) {
  const CandidateRow& candidate = trace.rows[row];
  if (RuleThatPlaced(trace, row) != nullptr) return "Chosen by the shop";
  if (candidate.rung != kNoRung) return RungReason(input, trace.rungs[candidate.rung].rung);
  const models::FusedCandidate& fused = trace.fused.products[candidate.rank];
  const std::string_view source = input.placement.recipe.parts[fused.strongest_part].source;
  const bool is_about_repeats =
      source == kBuyAgain || source == kOwnFrequency || source == kNextOrder || source == kRecentlyViewed;
  if (fused.has_because && !is_about_repeats) {
    const std::optional<SeedOrigin> origin = OriginOf(trace.seeds, fused.because);
    const std::string title(TitleOf(input, fused.because));
    if (origin) return ReasonFromSeed(source, *origin, title);
    return BecauseOf(SeedOrigin::kPurchase, title);  // Not among the seeds: one of the purchases.
  }
  return ReasonWithoutSeed(input, source, candidate.product);
}

std::vector<SourcePart> PartsOf(const DecideInput& input, const DecisionTrace& trace, uint32_t row) {
  std::vector<SourcePart> parts;
  const models::FusionRecipe& recipe = input.placement.recipe;
  const ProductIndex product = trace.rows[row].product;
  for (size_t i = 0; i < trace.answers.size(); ++i) {
    const std::vector<models::Candidate>& answer = trace.answers[i];
    for (uint32_t rank = 0; rank < answer.size(); ++rank) {
      if (answer[rank].product != product) continue;
      const double contribution = recipe.parts[i].weight / (recipe.k + rank + 1);
      parts.push_back({recipe.parts[i].source, rank, static_cast<double>(answer[rank].score), contribution});
      break;
    }
  }
  return parts;
}

std::optional<RankingReason> RankingReasonOf(const DecideInput& input, const DecisionTrace& trace,
                                             uint32_t row) {
  const models::Ranker* const ranker = input.view.sources->ranker();
  const CandidateRow& candidate = trace.rows[row];
  if (ranker == nullptr || !trace.ranking.is_used || candidate.rung != kNoRung ||
      candidate.rank >= trace.ranking.place_of.size()) {
    return std::nullopt;
  }
  const auto features =
      std::span(trace.ranking.features)
          .subspan(size_t{trace.ranking.place_of[candidate.rank]} * models::kRankerFeatureCount,
                   models::kRankerFeatureCount);
  RankingReason reason;
  reason.objective = input.placement.objective;
  reason.chances = ranker->ChancesOf(features);
  reason.gains = ranker->GainsOf(features, reason.objective);
  const std::string up = WordsOf(reason.gains, 1);
  const std::string down = WordsOf(reason.gains, -1);
  if (!up.empty()) reason.words = "Up by " + up;
  if (!down.empty()) reason.words += (up.empty() ? "Down by " : ", down by ") + down;
  return reason;
}

std::vector<Removal> RemovalsOf(const DecisionTrace& trace) {
  std::array<Removal, kFilterVerdictCount> all;
  for (const CandidateRow& row : trace.rows) {
    Removal& removal = all[static_cast<size_t>(row.verdict)];
    ++removal.count;
    if (removal.examples.size() < kExplainedProductsMax) removal.examples.push_back(row.product);
  }
  std::vector<Removal> removals;
  for (size_t i = 1; i < all.size(); ++i) {
    if (all[i].count == 0) continue;
    all[i].verdict = static_cast<FilterVerdict>(i);
    removals.push_back(std::move(all[i]));
  }
  return removals;
}

}  // namespace attune::decisions
