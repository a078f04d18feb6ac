#include "search/evaluate_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "models/text_vectors.h"
#include "search/folded_rankers.h"
#include "search/limits.h"
#include "search/linear_ranker.h"
#include "search/match.h"
#include "search/measured_search.h"
#include "search/product_search.h"
#include "search/query_vectors.h"
#include "search/search_facts.h"
#include "search/search_index.h"
#include "text/analyzer.h"

namespace attune::search {
namespace {

constexpr double kMicrosPerSecond = 1e6;
// Of what is off by default, to show what it is worth.
constexpr float kTriedKind = 0.1F;
constexpr float kTriedCosine = 0.3F;
constexpr double kMicrosPerMs = 1e3;

// What is searched, and what is asked.
struct QuerySet {
  const catalog::CatalogView& catalog;
  std::vector<JudgedQuery> queries;
  std::function<bool(ProductIndex)> is_listed;  // The others are dropped from what is found.
  bool is_made = false;
};

double QuantileOf(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::max<size_t>(rank, 1) - 1];
}

struct Measured {
  SearchQuality quality;
  std::vector<double> condensed;  // By query.
};

Measured Measure(std::string name, const QuerySet& set, const MeasuredSearch& search, const Clock& clock) {
  Measured measured;
  measured.quality.name = std::move(name);
  std::vector<double> times_ms;
  std::map<std::string, std::pair<double, double>> by_kind;  // Sum and count.
  const auto count = static_cast<double>(set.queries.size());
  for (const JudgedQuery& query : set.queries) {
    const int64_t started = clock.SteadyMicros();
    search(query.text, kJudgedPlaces);
    times_ms.push_back(static_cast<double>(clock.SteadyMicros() - started) / kMicrosPerMs);
    std::vector<ProductIndex> found = search(query.text, kHitsMax);
    std::erase_if(found, [&](ProductIndex product) { return !set.is_listed(product); });
    const ListQuality quality = QualityOf(query, found);
    measured.quality.ndcg_at_10 += quality.ndcg / count;
    measured.quality.ndcg_condensed_at_10 += quality.condensed / count;
    measured.quality.judged_at_10 += quality.judged / count;
    measured.condensed.push_back(quality.condensed);
    by_kind[query.kind].first += quality.condensed;
    by_kind[query.kind].second += 1;
  }
  if (set.is_made) {
    for (const auto& [kind, sum] : by_kind) {
      measured.quality.condensed_by_kind[kind] = sum.first / sum.second;
    }
  }
  measured.quality.p50_ms = QuantileOf(times_ms, 0.5);
  measured.quality.p99_ms = QuantileOf(times_ms, 0.99);
  return measured;
}

std::string Line(const char* format, const auto&... values) {
  std::array<char, 256> text{};
  const int length = std::snprintf(text.data(), text.size(), format, values...);
  return {text.data(), static_cast<size_t>(std::clamp<int>(length, 0, text.size() - 1))};
}

// A row of the table: the index, with parts of it off.
struct Variant {
  std::string name;
  QueryOptions query;
  MatchOptions match;
};

std::vector<Variant> Variants(const ProductSearchOptions& options) {
  Variant served = {"served", options.query, options.match};
  Variant words = served;
  words.name = "BM25F, any word";
  words.query = {PrefixUse::kNever, false};
  words.match.proximity = 0;
  words.match.first_rung = Rung::kAny;
  words.match.puts_exact_first = false;
  Variant ladder = words;
  ladder.name = "+ all words first";
  ladder.match.first_rung = Rung::kAll;
  ladder.match.enough = 1;
  Variant page = ladder;
  page.name = "+ fewer, for a page";
  page.match.enough = served.match.enough;
  Variant proximity = page;
  proximity.name = "+ proximity";
  proximity.match.proximity = served.match.proximity;
  Variant forgiving = proximity;
  forgiving.name = "+ typos and prefixes";
  forgiving.query = served.query;
  served.name = "+ exact names";
  return {words, ladder, page, proximity, forgiving, served};
}

// Adds rows to an evaluation, each with its gains.
class Rows {
 public:
  Rows(const QuerySet& set, const Clock& clock, const SearchEvaluationOptions& options,
       SearchEvaluation& evaluation)
      : set_(set), clock_(clock), options_(options), evaluation_(evaluation) {}

  // Steps are over the row before, or over the row of that place.
  Status Add(const std::string& name, const MeasuredSearch& search, std::optional<size_t> over = {}) {
    if (options_.progress) options_.progress(name, 0);
    Measured measured = Measure(name, set_, search, clock_);
    condensed_.push_back(std::move(measured.condensed));
    const size_t before = over.value_or(condensed_.size() < 2 ? 0 : condensed_.size() - 2);
    ASSIGN_OR_RETURN(measured.quality.gain, models::PairedBootstrap(condensed_.back(), condensed_.front()));
    ASSIGN_OR_RETURN(measured.quality.step_gain,
                     models::PairedBootstrap(condensed_.back(), condensed_[before]));
    evaluation_.rows.push_back(std::move(measured.quality));
    return Status();
  }

 private:
  const QuerySet& set_;
  const Clock& clock_;
  const SearchEvaluationOptions& options_;
  SearchEvaluation& evaluation_;
  std::vector<std::vector<double>> condensed_;  // By row, by query.
};

// The rows beyond words.
Status AddRanked(const QuerySet& set, const SearchIndex& index, const text::Analyzer& analyzer,
                 const SearchEvaluationOptions& options, Rows& rows, SearchEvaluation& evaluation) {
  const auto facts = SearchFacts::Build(set.catalog, options.locale, analyzer);
  models::TrainingControl control;
  control.thread_count = 2;
  ASSIGN_OR_RETURN(models::ProductVectors trained,
                   models::TrainTextVectors(set.catalog, nullptr, {}, control));
  const auto products = std::make_shared<const models::ProductVectors>(std::move(trained));
  const auto vectors = QueryVectors::Build(index, products);
  const ProductSearch search(index, analyzer, {facts.get(), vectors.get(), products.get()});
  const auto add = [&](const std::string& name, ProductSearchOptions ranked, const FoldedRankers* rankers,
                       std::optional<size_t> over = {}) {
    const auto found = [&, ranked, rankers](const std::string& text, uint32_t hits) mutable {
      ranked.match.hits_max = hits;
      SearchCandidates candidates = search.Find(text, ranked);
      ProductSearch::Rank(rankers == nullptr ? nullptr : &rankers->For(text), candidates);
      std::vector<ProductIndex> products_found;
      for (const Hit& hit : candidates.found.hits) products_found.push_back(hit.product);
      return products_found;
    };
    return rows.Add(name, found, over);
  };
  RETURN_IF_ERROR(add("+ understanding (served)", options.served, nullptr));
  evaluation.served_row = evaluation.rows.size() - 1;
  FoldedTraining training;
  training.from_clicks = set.is_made;
  training.is_listed = set.is_listed;
  training.hits_max = kLinearHits;
  training.learn = [](std::span<const RankingExample> examples) { return TrainLinearRanker(examples, {}); };
  ProductSearchOptions weighed = options.served;
  weighed.match.enough = std::max<uint64_t>(weighed.match.enough, kLinearHits);  // What it may choose from.
  const auto linear = FoldedRankers::Train(set.queries, search, weighed, training);
  if (linear.ok()) RETURN_IF_ERROR(add("+ weights, by fold", weighed, &*linear));
  ProductSearchOptions tried = options.served;
  tried.weights.kind = std::max(tried.weights.kind, kTriedKind);
  RETURN_IF_ERROR(add("+ kind (not weights)", tried, nullptr, evaluation.served_row));
  tried.weights.query_cosine = std::max(tried.weights.query_cosine, kTriedCosine);
  RETURN_IF_ERROR(add("+ vectors", tried, nullptr));
  training.hits_max = kTreeHits;
  training.learn = [](std::span<const RankingExample> examples) {
    return TrainSearchRanker(examples, {}, models::TrainingControl());
  };
  const auto rankers = FoldedRankers::Train(set.queries, search, tried, training);
  if (!rankers.ok()) return Status();  // Too few queries to learn from.
  return add("+ trees, by fold", tried, &*rankers);
}

Result<SearchEvaluation> Evaluate(QuerySet set, const Clock& clock, const SearchEvaluationOptions& options) {
  SearchEvaluation evaluation;
  evaluation.products = set.catalog.product_count();
  evaluation.is_made = set.is_made;
  const size_t judged = set.queries.size();
  std::erase_if(set.queries, [](const JudgedQuery& query) { return IdealGain(query) == 0; });
  evaluation.queries = set.queries.size();
  evaluation.queries_left_out = judged - set.queries.size();
  if (set.queries.empty()) return InvalidArgument("no query has a product of grade 1 or more");

  Rows rows(set, clock, options, evaluation);
  const auto texts = PlainTexts(set.catalog);
  RETURN_IF_ERROR(rows.Add("plain BM25", PlainSearch(texts)));
  for (const OtherSearch& other : options.others) RETURN_IF_ERROR(rows.Add(other.name, other.make(texts)));

  const text::Analyzer analyzer(text::LanguageOfLocale(options.locale));
  const int64_t started = clock.SteadyMicros();
  const auto index = IndexCatalog(set.catalog, options.locale, analyzer);
  evaluation.index_seconds = static_cast<double>(clock.SteadyMicros() - started) / kMicrosPerSecond;
  for (Variant& variant : Variants(options.served)) {
    RETURN_IF_ERROR(rows.Add(variant.name, [&](const std::string& text, uint32_t hits) {
      variant.match.hits_max = hits;
      const QueryWords query = ReadQuery(text, analyzer, *index, variant.query);
      std::vector<ProductIndex> found;
      for (const Hit& hit : Match(query, *index, variant.match).hits) found.push_back(hit.product);
      return found;
    }));
  }
  RETURN_IF_ERROR(AddRanked(set, *index, analyzer, options, rows, evaluation));
  return evaluation;
}

}  // namespace

Result<SearchEvaluation> EvaluateSearch(const catalog::CatalogView& catalog, std::istream& judgements,
                                        const Clock& clock, const SearchEvaluationOptions& options) {
  ASSIGN_OR_RETURN(std::vector<JudgedQuery> queries, ReadJudgements(judgements, catalog));
  return Evaluate({catalog, std::move(queries), [](ProductIndex) { return true; }}, clock, options);
}

Result<SearchEvaluation> EvaluateMadeQueries(const catalog::CatalogView& catalog,
                                             const MadeQueriesOptions& made, const Clock& clock,
                                             const SearchEvaluationOptions& options) {
  const text::Analyzer analyzer(text::LanguageOfLocale(options.locale));
  ASSIGN_OR_RETURN(const MadeQueries queries, MakeQueries(catalog, analyzer, made));
  const auto is_blind = [&](ProductIndex product) { return queries.is_blind[product.value()] != 0; };
  return Evaluate({*queries.catalog, queries.queries, is_blind, true}, clock, options);
}

std::string FormatSearchTable(const SearchEvaluation& evaluation) {
  std::string text = Line(
      "search: %llu products, %llu %s queries (%llu without a relevant product left out), "
      "indexed in %.2f s\n",
      static_cast<unsigned long long>(evaluation.products),
      static_cast<unsigned long long>(evaluation.queries), evaluation.is_made ? "made" : "judged",
      static_cast<unsigned long long>(evaluation.queries_left_out), evaluation.index_seconds);
  text += Line("  %-24s %8s %10s %9s %27s %23s %8s %8s\n", "", "ndcg@10", "condensed", "judged@10",
               "condensed gain, 95 %", "over the row before", "p50 ms", "p99 ms");
  for (const SearchQuality& row : evaluation.rows) {
    text += Line("  %-24s %8.4f %10.4f %9.3f   %+.4f [%+.4f %+.4f] %+.4f [%+.4f %+.4f] %8.3f %8.3f\n",
                 row.name.c_str(), row.ndcg_at_10, row.ndcg_condensed_at_10, row.judged_at_10,
                 row.gain.mean_difference, row.gain.low, row.gain.high, row.step_gain.mean_difference,
                 row.step_gain.low, row.step_gain.high, row.p50_ms, row.p99_ms);
  }
  if (!evaluation.is_made) return text;
  text += Line("  %-24s", "condensed by kind");
  for (const auto& [kind, condensed] : evaluation.rows.front().condensed_by_kind)
    text += Line(" %11s", kind.c_str());
  for (const SearchQuality& row : evaluation.rows) {
    text += Line("\n  %-24s", row.name.c_str());
    for (const auto& [kind, condensed] : row.condensed_by_kind) text += Line(" %11.4f", condensed);
  }
  return text + "\n";
}

void WriteSearchJson(const SearchEvaluation& evaluation, JsonWriter& json) {
  const auto write = [&json](const SearchQuality& row) {
    json.Key("ndcg@10").Fixed(row.ndcg_at_10, 6).Key("ndcg_condensed@10").Fixed(row.ndcg_condensed_at_10, 6);
    json.Key("judged@10").Fixed(row.judged_at_10, 6);
    json.Key("p50_ms").Fixed(row.p50_ms, 3).Key("p99_ms").Fixed(row.p99_ms, 3);
  };
  json.BeginObject();
  write(evaluation.served());
  json.Key("queries").Uint(evaluation.queries).Key("products").Uint(evaluation.products);
  json.Key("index_seconds").Fixed(evaluation.index_seconds, 3);
  json.Key("rows").BeginObject();
  for (const SearchQuality& row : evaluation.rows) {
    json.Key(row.name).BeginObject();
    write(row);
    json.Key("gain_low").Fixed(row.gain.low, 6).Key("gain_high").Fixed(row.gain.high, 6);
    json.Key("step_gain_low").Fixed(row.step_gain.low, 6).Key("step_gain_high").Fixed(row.step_gain.high, 6);
    json.EndObject();
  }
  json.EndObject().EndObject();
}

}  // namespace attune::search
