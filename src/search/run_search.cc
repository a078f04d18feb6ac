#include "search/run_search.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "catalog/offer_terms.h"
#include "catalog/product_fields.h"
#include "decisions/decide_input.h"
#include "decisions/filter.h"
#include "decisions/query_words.h"
#include "search/behaviour_key.h"
#include "search/document.h"
#include "search/limits.h"
#include "search/order.h"
#include "search/product_search.h"

namespace attune::search {
namespace {

using catalog::Product;

constexpr std::string_view kPriceField = "price";
constexpr std::string_view kAttributePrefix = "attributes.";
// Hits that are ranked where a rule boosts some: a boost lifts what stands further down.
constexpr uint32_t kBoostedHits = 1'000;

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

decisions::DecideInput DecideInputOf(const SearchInput& input) {
  const bool is_browse = decisions::QueryWords(input.resolved.query).empty();
  return {.request = input.resolved,
          .view = input.view,
          .placement = SearchPlacement(),
          .profile = input.profile,
          .catalog = input.catalog,
          .now_ms = input.now_ms,
          .seed = 0,
          .touchpoint = is_browse ? decisions::Touchpoint::kBrowse : decisions::Touchpoint::kSearch};
}

class Search {
 public:
  // `filter` is one of DecideInputOf().
  Search(const SearchInput& input, const decisions::DecideInput& decide,
         const decisions::EligibilityFilter& filter)
      : input_(input), filter_(filter), rules_(decide, filter) {}

  Result<SearchOutcome> Run() {
    RETURN_IF_ERROR(CheckFields());
    SearchOutcome outcome;
    const ProductSearchOptions options = OptionsOf();
    const ProductSearch search(
        index(), *input_.texts.analyzer,
        {.facts = input_.facts, .vectors = nullptr, .product_vectors = nullptr, .price_of = PriceReader()});
    SearchCandidates candidates = search.Find(TextOf(filter_.rules()), options);
    const MatchResult& matched = candidates.found;
    outcome.rung = matched.rung;
    outcome.total = matched.total;
    outcome.corrected_query = CorrectedText(candidates.query);
    TakePage(matched, OrderHits(candidates), outcome);
    if (MayFill(candidates, outcome)) Fill(options.match, outcome);
    for (const FacetRequest& facet : input_.request.facets) {
      outcome.facets.push_back(CountFacet(facet, index(), options.match, matched));
    }
    for (FoundProduct& found : outcome.products) found.moves = rules_.MovesOf(found.ranked);
    outcome.words = std::move(candidates.query);
    outcome.understanding = std::move(candidates.understanding);
    outcome.rules = filter_.rules();
    outcome.passed_over = rules_.passed_over();
    return outcome;
  }

 private:
  const SearchIndex& index() const { return *input_.texts.index; }

  // What is looked for.
  std::string_view TextOf(const decisions::ActiveRules& rules) const {
    return rules.replaced_query.empty() ? std::string_view(input_.resolved.query) : rules.replaced_query;
  }

  ProductSearchOptions OptionsOf() const {
    ProductSearchOptions options;
    options.query = {.prefix = input_.request.is_typing ? PrefixUse::kAlways : PrefixUse::kUnknownWord,
                     .forgives_typos = true,
                     .synonyms = input_.synonyms};
    options.makes_features = false;  // There are no trees.
    options.ranked_hits = is_ranked() ? Window() : 0;
    MatchOptions& match = options.match;
    match.enough = 1;  // Counts and pages are of what holds every word, where anything does.
    match.hits_max = is_ranked() ? HitsWanted() : 0;
    match.allows = [this](ProductIndex product) {
      return filter_.Check(product) == decisions::FilterVerdict::kEligible;
    };
    match.named = rules_.named();
    match.selections = input_.request.selected;
    AddOutside(match.outside);
    return options;
  }

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
  uint32_t Window() const { return rules_.has_boosts() ? kBoostedHits : kRankedHits; }
  // How far down the order is looked at: with `distinct` nobody knows how many hits are passed over.
  uint32_t HitsWanted() const {
    if (input_.request.distinct) return kHitsMax;
    if (!is_ranked()) return input_.request.end_hit();
    const auto places = static_cast<uint32_t>(rules_.place_count());
    return std::min(std::max(input_.request.end_hit() + places, Window()), kHitsMax);
  }

  std::vector<RankedHit> OrderHits(SearchCandidates& candidates) const {
    MatchResult& matched = candidates.found;
    // Without words no product fits better than another.
    const bool has_words = !candidates.query.words.empty();
    if (!is_ranked() || !has_words) {
      matched.hits = OrderByKey(index(), matched, HitsWanted(), KeyOfOrder());
      candidates.scores.clear();
      candidates.features.clear();
    }
    if (!is_ranked()) {
      std::vector<RankedHit> ordered(matched.hits.size());
      for (size_t i = 0; i < ordered.size(); ++i) ordered[i].hit = matched.hits[i];
      return ordered;
    }
    RankInput input{.view = input_.view,
                    .catalog = input_.catalog,
                    .profile = input_.profile,
                    .dial = input_.dial,
                    .now_ms = input_.now_ms,
                    .price_of = PriceReader(),
                    .factor_of = {},
                    .window = Window(),
                    .behaviour = BehaviourKey(input_.resolved)};
    if (rules_.has_boosts()) {
      input.factor_of = [this](ProductIndex product) { return rules_.FactorOf(product); };
    }
    std::vector<RankedHit> ranked = RankHits(candidates, input);
    rules_.Place(index(), matched, ranked);
    return ranked;
  }

  bool MayFill(const SearchCandidates& candidates, const SearchOutcome& outcome) const {
    return outcome.total == 0 && !candidates.query.words.empty() && input_.request.fills_empty &&
           !input_.request.is_typing && input_.request.page == 0;
  }

  // Every product that the request may see, in the order of what shoppers of this query chose, else of what
  // is popular.
  void Fill(const MatchOptions& match, SearchOutcome& outcome) const {
    MatchOptions all = match;
    all.hits_max = 0;
    const MatchResult matched = Match(QueryWords(), index(), all);
    const models::QueryClicks* const clicks =
        input_.view.sources == nullptr ? nullptr : input_.view.sources->query_clicks();
    absl::flat_hash_map<ProductIndex, double> chosen;
    if (clicks != nullptr) {
      for (const auto& one : clicks->Of(BehaviourKey(input_.resolved))) {
        if (one.lift > 0) chosen[one.product] = static_cast<double>(one.lift);
      }
    }
    const auto wanted = [&chosen](ProductIndex product) -> std::optional<double> {
      const auto found = chosen.find(product);
      return found == chosen.end() ? std::nullopt : std::optional<double>(found->second);
    };
    std::vector<Hit> hits;
    if (!chosen.empty()) hits = OrderByKey(index(), matched, input_.request.base.limit, wanted);
    std::erase_if(hits, [&chosen](const Hit& hit) { return !chosen.contains(hit.product); });
    outcome.rung = hits.empty() ? Rung::kPopular : Rung::kChosen;
    if (hits.empty()) hits = OrderByKey(index(), matched, input_.request.base.limit, KeyOfPopularity());
    if (hits.empty()) outcome.rung = Rung::kAny;
    for (Hit& hit : hits) {
      hit.rung = outcome.rung;
      FoundProduct& found = outcome.products.emplace_back();
      found.ranked.hit = hit;
    }
  }

  std::function<std::optional<double>(ProductIndex)> PriceReader() const {
    return [this](ProductIndex product) { return PriceOf(product); };
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
    return KeyOfPopularity();
  }

  std::function<std::optional<double>(ProductIndex)> KeyOfPopularity() const {
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
      for (const RankedHit& hit : hits) ordered.push_back({hit, 1, {}});
    }
    outcome.reachable = std::min<uint64_t>(outcome.reachable, kHitsMax);
    const size_t begin = std::min<size_t>(input_.request.first_hit(), ordered.size());
    const size_t end = std::min<size_t>(input_.request.end_hit(), ordered.size());
    outcome.products.assign(ordered.begin() + static_cast<ptrdiff_t>(begin),
                            ordered.begin() + static_cast<ptrdiff_t>(end));
  }

  const SearchInput& input_;
  const decisions::EligibilityFilter& filter_;
  const RuleHits rules_;
};

}  // namespace

Result<SearchOutcome> RunSearch(const SearchInput& input) {
  const decisions::DecideInput decide = DecideInputOf(input);
  ASSIGN_OR_RETURN(const auto filter, decisions::EligibilityFilter::Create(decide));
  return Search(input, decide, filter).Run();
}

Result<SearchVerdict> VerdictOf(const SearchInput& input, ProductIndex product) {
  const decisions::DecideInput decide = DecideInputOf(input);
  ASSIGN_OR_RETURN(const auto filter, decisions::EligibilityFilter::Create(decide));
  const decisions::Rule* const rule = filter.RuleAgainst(product);
  return SearchVerdict{filter.Check(product), filter.Detail(product), rule == nullptr ? "" : rule->id};
}

}  // namespace attune::search
