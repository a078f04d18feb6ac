#include "search/evaluate_typos.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "search/match.h"
#include "search/query_words.h"
#include "search/typo_queries.h"

namespace attune::search {
namespace {

constexpr uint32_t kPlaces = 10;
constexpr std::string_view kOwnName = "attune";

// 0: the first; kPlaces: not among the first ten.
size_t PlaceOf(ProductIndex product, const std::vector<ProductIndex>& found) {
  const auto end = found.begin() + static_cast<ptrdiff_t>(std::min<size_t>(kPlaces, found.size()));
  const auto place = std::find(found.begin(), end, product);
  return place == end ? kPlaces : static_cast<size_t>(place - found.begin());
}

std::map<std::string, TypoRates> RatesOf(const std::vector<TypoQuery>& queries,
                                         const MeasuredSearch& search) {
  std::map<std::string, TypoRates> rates;
  for (const TypoQuery& query : queries) {
    TypoRates& rate = rates[query.kind];
    ++rate.queries;
    const size_t typed = PlaceOf(query.meant, search(query.typed, kPlaces));
    const size_t right = PlaceOf(query.meant, search(query.right, kPlaces));
    rate.first += typed == 0 ? 1 : 0;
    rate.among_ten += typed < kPlaces ? 1 : 0;
    rate.first_right += right == 0 ? 1 : 0;
    rate.among_ten_right += right < kPlaces ? 1 : 0;
  }
  for (auto& [kind, rate] : rates) {
    const auto count = static_cast<double>(rate.queries);
    for (double* share : {&rate.first, &rate.among_ten, &rate.first_right, &rate.among_ten_right}) {
      *share /= count;
    }
  }
  return rates;
}

std::string Line(const char* format, const auto&... values) {
  std::array<char, 256> text{};
  const int length = std::snprintf(text.data(), text.size(), format, values...);
  return {text.data(), static_cast<size_t>(std::clamp<int>(length, 0, text.size() - 1))};
}

}  // namespace

Result<TypoEvaluation> EvaluateTypos(const catalog::CatalogView& catalog,
                                     const TypoEvaluationOptions& options) {
  const text::Analyzer analyzer(text::LanguageOfLocale(options.locale));
  const ProductTexts texts = PlainTexts(catalog);
  const MeasuredSearch plain = PlainSearch(texts);
  const std::vector<TypoQuery> queries = MakeTypoQueries(catalog, analyzer, options.count, options.seed);
  if (queries.empty()) return InvalidArgument("the catalogue has no titles to mistype");
  TypoEvaluation evaluation;
  evaluation.products = catalog.product_count();
  const auto index = IndexCatalog(catalog, options.locale, analyzer);
  evaluation.rates[std::string(kOwnName)] = RatesOf(queries, [&](const std::string& text, uint32_t hits) {
    MatchOptions match;
    match.hits_max = hits;
    std::vector<ProductIndex> found;
    for (const Hit& hit : Match(ReadQuery(text, analyzer, *index, {}), *index, match).hits) {
      found.push_back(hit.product);
    }
    return found;
  });
  evaluation.rates["plain BM25"] = RatesOf(queries, plain);
  for (const OtherSearch& other : options.others) {
    evaluation.rates[other.name] = RatesOf(queries, other.make(texts));
  }
  return evaluation;
}

std::string FormatTypoTable(const TypoEvaluation& evaluation) {
  std::string text = Line("search: mistyped titles of %llu products\n  %-22s %-15s %8s %9s %9s %12s %12s\n",
                          static_cast<unsigned long long>(evaluation.products), "", "", "queries", "first",
                          "top 10", "right: first", "top 10");
  for (const auto& [name, kinds] : evaluation.rates) {
    for (const auto& [kind, rate] : kinds) {
      text += Line("  %-22s %-15s %8llu %9.3f %9.3f %12.3f %12.3f\n", name.c_str(), kind.c_str(),
                   static_cast<unsigned long long>(rate.queries), rate.first, rate.among_ten,
                   rate.first_right, rate.among_ten_right);
    }
  }
  return text;
}

void WriteTypoJson(const TypoEvaluation& evaluation, JsonWriter& json) {
  json.BeginObject();
  json.Key("products").Uint(evaluation.products).Key("rows").BeginObject();
  for (const auto& [name, kinds] : evaluation.rates) {
    json.Key(name).BeginObject();
    for (const auto& [kind, rate] : kinds) {
      json.Key(kind).BeginObject();
      json.Key("queries").Uint(rate.queries).Key("first").Fixed(rate.first, 6);
      json.Key("among_ten").Fixed(rate.among_ten, 6).Key("first_right").Fixed(rate.first_right, 6);
      json.Key("among_ten_right").Fixed(rate.among_ten_right, 6).EndObject();
    }
    json.EndObject();
  }
  json.EndObject().EndObject();
}

}  // namespace attune::search
