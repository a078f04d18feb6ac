#include "search/run_search.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "catalog/offer_terms.h"
#include "catalog/product_fields.h"
#include "decisions/decide_input.h"
#include "decisions/filter.h"
#include "search/document.h"
#include "search/limits.h"
#include "search/order.h"

namespace attune::search {
namespace {

using catalog::Product;

constexpr std::string_view kPriceField = "price";
constexpr std::string_view kAttributePrefix = "attributes.";

// What keeps a product from a search beside stock and markets: the category of the page, and nothing that is
// in a cart or was bought.
decisions::Placement MakeSearchPlacement() {
  decisions::Placement placement;
  placement.id = kSearchPlacement;
  placement.is_within_category = true;
  placement.exclude.page_products = false;
  placement.exclude.cart = false;
  return placement;
}

const decisions::Placement& SearchPlacement() {
  static const decisions::Placement placement = MakeSearchPlacement();
  return placement;
}

class Search {
 public:
  explicit Search(const SearchInput& input)
      : input_(input),
        decide_{input.resolved, input.view, SearchPlacement(), nullptr, input.catalog, input.now_ms, 0} {}

  Result<SearchOutcome> Run() {
    RETURN_IF_ERROR(CheckFields());
    ASSIGN_OR_RETURN(const auto filter, decisions::EligibilityFilter::Create(decide_));
    SearchOutcome outcome;
    outcome.words =
        ReadQuery(input_.resolved.query, *input_.texts.analyzer, index(),
                  {.prefix = input_.request.is_typing ? PrefixUse::kAlways : PrefixUse::kUnknownWord,
                   .forgives_typos = true});
    MatchOptions options;
    options.enough = 1;  // Counts and pages are of what holds every word, where anything does.
    options.hits_max = is_ranked() && !outcome.words.words.empty() ? HitsWanted() : 0;
    options.allows = [&filter](ProductIndex product) {
      return filter.Check(product) == decisions::FilterVerdict::kEligible;
    };
    options.selections = input_.request.selected;
    AddOutside(options.outside);
    const MatchResult matched = Match(outcome.words, index(), options);
    outcome.rung = matched.rung;
    outcome.total = matched.total;
    outcome.corrected_query = CorrectedText(outcome.words);
    TakePage(matched, OrderHits(matched, outcome), outcome);
    for (const FacetRequest& facet : input_.request.facets) {
      outcome.facets.push_back(CountFacet(facet, index(), options, matched));
    }
    return outcome;
  }

 private:
  const SearchIndex& index() const { return *input_.texts.index; }

  // Facets and selections of what no product can have would be empty, and hide a mistake.
  Status CheckField(const std::string& field, const std::string& place) const {
    if (FindFacetField(index(), field) >= 0 || field.starts_with(kAttributePrefix)) return {};
    std::string known;
    for (const std::string& name : index().facet_fields()) known += name + ", ";
    return InvalidArgument("no such facet: " + field + "; there are " + known + "attributes.<name>", place);
  }
  Status CheckFields() const {
    for (size_t i = 0; i < input_.request.facets.size(); ++i) {
      RETURN_IF_ERROR(CheckField(input_.request.facets[i].field, "facets[" + std::to_string(i) + "]"));
    }
    for (const FacetSelection& selection : input_.request.selected) {
      RETURN_IF_ERROR(CheckField(selection.field, "selected." + selection.field));
    }
    return {};
  }

  bool is_ranked() const { return input_.request.sort == SortOrder::kRelevance; }
  // How far down the order is looked at: with `distinct` nobody knows how many hits are passed over.
  uint32_t HitsWanted() const {
    if (input_.request.distinct) return kHitsMax;
    return is_ranked() ? std::max(input_.request.end_hit(), kRankWindow) : input_.request.end_hit();
  }

  std::vector<RankedHit> OrderHits(const MatchResult& matched, const SearchOutcome& outcome) const {
    // Without words no product fits better than another.
    const bool has_words = !outcome.words.words.empty();
    const std::vector<Hit> hits =
        is_ranked() && has_words ? matched.hits : OrderByKey(index(), matched, HitsWanted(), KeyOfOrder());
    if (!is_ranked()) {
      std::vector<RankedHit> ordered(hits.size());
      for (size_t i = 0; i < hits.size(); ++i) ordered[i].hit = hits[i];
      return ordered;
    }
    return RankHits(hits, {.view = input_.view,
                           .catalog = input_.catalog,
                           .profile = input_.profile,
                           .dial = input_.dial,
                           .now_ms = input_.now_ms,
                           .price_of = [this](ProductIndex product) { return PriceOf(product); }});
  }

  catalog::OfferTerms TermsOf(const Product& product) const {
    const decisions::ResolvedRequest& request = input_.resolved;
    return catalog::ResolveTerms(
        product, {request.market, request.locale, request.location, request.price_list, input_.now_ms});
  }

  std::optional<double> PriceOf(ProductIndex index) const {
    const Product* const product = input_.catalog.Find(index);
    if (product == nullptr) return std::nullopt;
    const catalog::OfferTerms terms = TermsOf(*product);
    if (!terms.price_minor) return std::nullopt;
    return MajorFromMinor(*terms.price_minor, terms.currency);
  }

  std::function<std::optional<double>(ProductIndex)> KeyOfOrder() const {
    switch (input_.request.sort) {
      case SortOrder::kPriceDescending:
        return [this](ProductIndex product) { return PriceOf(product); };
      case SortOrder::kPriceAscending:
        return [this](ProductIndex product) {
          std::optional<double> price = PriceOf(product);
          if (price) price = -*price;
          return price;
        };
      case SortOrder::kNewest:
        return [this](ProductIndex index) -> std::optional<double> {
          const Product* const product = input_.catalog.Find(index);
          if (product == nullptr) return std::nullopt;
          return static_cast<double>(product->created_at_ms);
        };
      case SortOrder::kPopularity:
      case SortOrder::kRelevance:
        break;
    }
    const models::ProductTally* const tally =
        input_.view.sources == nullptr ? nullptr : input_.view.sources->tally();
    return [tally](ProductIndex product) -> std::optional<double> {
      return tally == nullptr ? 0 : tally->PopularityOf(product);
    };
  }

  // Prices of this request, and attributes that the index does not count.
  void AddOutside(std::vector<OutsideField>& outside) const {
    const auto add = [&](const std::string& field) {
      const bool is_price = field == kPriceField;
      const bool has_own_price = !input_.resolved.market.empty() || !input_.resolved.price_list.empty();
      if (FindFacetField(index(), field) >= 0 && !(is_price && has_own_price)) return;
      if (FindOutside(outside, field) != nullptr) return;
      outside.push_back({field, [this, field](ProductIndex product, ProductValues& values) {
                           ReadField(field, product, values);
                         }});
    };
    for (const FacetRequest& facet : input_.request.facets) add(facet.field);
    for (const FacetSelection& selection : input_.request.selected) add(selection.field);
  }

  void ReadField(const std::string& field, ProductIndex index, ProductValues& values) const {
    const Product* const product = input_.catalog.Find(index);
    if (product == nullptr) return;
    Document document;
    catalog::OfferTerms terms;  // Resolved for the price alone, which costs more.
    if (field == kPriceField) terms = TermsOf(*product);
    terms.translation = catalog::TranslationOf(*product, input_.texts.locale);
    AddFacetValues(*product, terms, field, 0, document);
    for (auto& [number, text] : document.values) values.texts.push_back(std::move(text));
    for (const auto& [number, value] : document.numbers) values.numbers.push_back(value);
  }

  void TakePage(const MatchResult& matched, const std::vector<RankedHit>& hits,
                SearchOutcome& outcome) const {
    outcome.reachable = matched.total;
    std::vector<FoundProduct> ordered;
    if (input_.request.distinct) {
      DistinctOutcome kept = KeepDistinct(*input_.request.distinct, index(), matched, hits, input_.catalog);
      ordered = std::move(kept.products);
      // Of more than kHitsMax hits the ones behind are not looked at.
      outcome.reachable = matched.total > kHitsMax ? ordered.size() : kept.reachable;
    } else {
      for (const RankedHit& hit : hits) ordered.push_back({hit, 1});
    }
    outcome.reachable = std::min<uint64_t>(outcome.reachable, kHitsMax);
    const size_t begin = std::min<size_t>(input_.request.first_hit(), ordered.size());
    const size_t end = std::min<size_t>(input_.request.end_hit(), ordered.size());
    outcome.products.assign(ordered.begin() + static_cast<ptrdiff_t>(begin),
                            ordered.begin() + static_cast<ptrdiff_t>(end));
  }

  const SearchInput& input_;
  const decisions::DecideInput decide_;
};

}  // namespace

Result<SearchOutcome> RunSearch(const SearchInput& input) { return Search(input).Run(); }

Result<decisions::FilterVerdict> VerdictOf(const SearchInput& input, ProductIndex product) {
  const decisions::DecideInput decide{input.resolved, input.view, SearchPlacement(), nullptr, input.catalog,
                                      input.now_ms,   0};
  ASSIGN_OR_RETURN(const auto filter, decisions::EligibilityFilter::Create(decide));
  return filter.Check(product);
}

}  // namespace attune::search
