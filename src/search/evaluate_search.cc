#include "search/evaluate_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "models/csv_table.h"
#include "search/limits.h"
#include "search/match.h"
#include "search/plain_bm25.h"
#include "search/search_index.h"
#include "text/analyzer.h"

namespace attune::search {
namespace {

constexpr size_t kPlaces = 10;
constexpr double kGradeMax = 3;
constexpr uint32_t kIndexBatch = 1000;
constexpr double kMicrosPerSecond = 1e6;
constexpr double kMicrosPerMs = 1e3;

struct JudgedQuery {
  std::string text;
  std::map<std::string, int, std::less<>> grades;  // By product id.
};

// Ids of products, best first; the first argument is the query, the second how many are looked at.
using Searcher = std::function<std::vector<std::string_view>(const std::string& query, uint32_t hits)>;

Result<std::vector<JudgedQuery>> ReadJudgements(std::istream& in) {
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  ASSIGN_OR_RETURN(const models::CsvTable table, models::CsvTable::Read(text));
  ASSIGN_OR_RETURN(const size_t query, table.Column("query"));
  ASSIGN_OR_RETURN(const size_t product, table.Column("product_id"));
  ASSIGN_OR_RETURN(const size_t grade, table.Column("grade"));
  std::map<std::string, JudgedQuery> queries;
  for (size_t row = 0; row < table.row_count(); ++row) {
    ASSIGN_OR_RETURN(const double value, table.Number(row, grade));
    if (value < 0 || value > kGradeMax || value != std::floor(value)) {
      return table.CellError(row, grade, "be 0, 1, 2 or 3");
    }
    JudgedQuery& judged = queries[table.Cell(row, query)];
    judged.text = table.Cell(row, query);
    judged.grades[table.Cell(row, product)] = static_cast<int>(value);
  }
  std::vector<JudgedQuery> list;
  for (auto& [name, judged] : queries) list.push_back(std::move(judged));
  return list;
}

double GainOf(int grade) { return std::exp2(grade) - 1; }

double DiscountOf(size_t place) { return 1 / std::log2(static_cast<double>(place) + 2); }

double IdealGain(const JudgedQuery& query) {
  std::vector<int> grades;
  for (const auto& [product, grade] : query.grades) grades.push_back(grade);
  std::sort(grades.rbegin(), grades.rend());
  double gain = 0;
  for (size_t i = 0; i < std::min(kPlaces, grades.size()); ++i) gain += GainOf(grades[i]) * DiscountOf(i);
  return gain;
}

struct QueryQuality {
  double ndcg = 0;
  double condensed = 0;
  double judged = 0;
};

QueryQuality Judge(const JudgedQuery& query, const std::vector<std::string_view>& found) {
  QueryQuality quality;
  size_t condensed_place = 0;
  for (size_t place = 0; place < found.size(); ++place) {
    const auto grade = query.grades.find(found[place]);
    if (grade == query.grades.end()) continue;
    const double gain = GainOf(grade->second);
    if (place < kPlaces) {
      quality.ndcg += gain * DiscountOf(place);
      quality.judged += 1.0 / kPlaces;
    }
    if (condensed_place < kPlaces) quality.condensed += gain * DiscountOf(condensed_place++);
  }
  const double ideal = IdealGain(query);
  quality.ndcg /= ideal;
  quality.condensed /= ideal;
  return quality;
}

double QuantileOf(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::max<size_t>(rank, 1) - 1];
}

struct Measured {
  SearchQuality quality;
  std::vector<double> condensed;  // Of each query.
};

Measured Measure(std::string name, const std::vector<JudgedQuery>& queries, const Searcher& search,
                 const Clock& clock) {
  Measured measured;
  measured.quality.name = std::move(name);
  std::vector<double> times_ms;
  const auto count = static_cast<double>(queries.size());
  for (const JudgedQuery& query : queries) {
    const int64_t started = clock.SteadyMicros();
    search(query.text, kPlaces);
    times_ms.push_back(static_cast<double>(clock.SteadyMicros() - started) / kMicrosPerMs);
    const QueryQuality quality = Judge(query, search(query.text, kHitsMax));
    measured.quality.ndcg_at_10 += quality.ndcg / count;
    measured.quality.ndcg_condensed_at_10 += quality.condensed / count;
    measured.quality.judged_at_10 += quality.judged / count;
    measured.condensed.push_back(quality.condensed);
  }
  measured.quality.p50_ms = QuantileOf(times_ms, 0.5);
  measured.quality.p99_ms = QuantileOf(times_ms, 0.99);
  return measured;
}

std::string NameOf(const catalog::Product& product) {
  for (auto leaf = product.attributes.begin(); leaf != product.attributes.end(); ++leaf) {
    if (leaf.view().path == "name") return std::string(leaf.view().text);
  }
  return {};
}

class PlainSearch {
 public:
  explicit PlainSearch(const catalog::CatalogView& catalog) : catalog_(catalog) {
    for (uint32_t i = 0; i < catalog.index_count(); ++i) {
      const catalog::Product* product = catalog.Find(ProductIndex(i));
      if (product == nullptr) continue;
      bm25_.Add(product->title + " " + NameOf(*product) + " " + product->brand + " " + product->description);
      products_.emplace_back(i);
    }
  }

  std::vector<std::string_view> Search(const std::string& query, uint32_t hits) const {
    std::vector<std::string_view> ids;
    for (const uint32_t document : bm25_.Search(query)) {
      if (ids.size() == hits) break;
      ids.push_back(catalog_.IdOf(products_[document]));
    }
    return ids;
  }

 private:
  const catalog::CatalogView& catalog_;
  PlainBm25 bm25_;
  std::vector<ProductIndex> products_;
};

std::shared_ptr<const SearchIndex> IndexCatalog(const catalog::CatalogView& catalog, std::string_view locale,
                                                const text::Analyzer& analyzer) {
  auto index = SearchIndex::Empty({});
  std::vector<DocumentChange> changes;
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    const catalog::Product* product = catalog.Find(ProductIndex(i));
    if (product == nullptr) continue;
    changes.push_back({ProductIndex(i), MakeDocument(ProductIndex(i), *product, locale, analyzer, {})});
    if (changes.size() < kIndexBatch) continue;
    index = index->With(changes);
    changes.clear();
  }
  index = index->With(changes);
  const auto plan = SearchIndex::MergeAll(index);
  return index->WithMerged(plan, SearchIndex::Merge(plan));
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

std::vector<Variant> Variants() {
  Variant served = {"served", {}, {}};
  Variant words = served;
  words.name = "BM25F, any word";
  words.query = {PrefixUse::kNever, false};
  words.match.proximity = 0;
  words.match.first_rung = Rung::kAny;
  words.match.puts_exact_first = false;
  Variant ladder = words;
  ladder.name = "+ all words first";
  ladder.match.first_rung = Rung::kAll;
  Variant proximity = ladder;
  proximity.name = "+ proximity";
  proximity.match.proximity = served.match.proximity;
  Variant forgiving = proximity;
  forgiving.name = "+ typos and prefixes";
  forgiving.query = served.query;
  served.name = "+ exact names (served)";
  return {words, ladder, proximity, forgiving, served};
}

}  // namespace

Result<SearchEvaluation> EvaluateSearch(const catalog::CatalogView& catalog, std::istream& judgements,
                                        const Clock& clock, const SearchEvaluationOptions& options) {
  ASSIGN_OR_RETURN(std::vector<JudgedQuery> queries, ReadJudgements(judgements));
  SearchEvaluation evaluation;
  evaluation.products = catalog.product_count();
  const size_t judged = queries.size();
  std::erase_if(queries, [](const JudgedQuery& query) { return IdealGain(query) == 0; });
  evaluation.queries = queries.size();
  evaluation.queries_left_out = judged - queries.size();
  if (queries.empty()) return InvalidArgument("no query has a product of grade 1 or more");

  const PlainSearch plain(catalog);
  const Measured base = Measure(
      "plain BM25", queries,
      [&](const std::string& query, uint32_t hits) { return plain.Search(query, hits); }, clock);
  evaluation.rows.push_back(base.quality);

  const text::Analyzer analyzer(text::LanguageOfLocale(options.locale));
  const int64_t started = clock.SteadyMicros();
  const auto index = IndexCatalog(catalog, options.locale, analyzer);
  evaluation.index_seconds = static_cast<double>(clock.SteadyMicros() - started) / kMicrosPerSecond;
  for (Variant& variant : Variants()) {
    const Searcher search = [&](const std::string& text, uint32_t hits) {
      variant.match.hits_max = hits;
      const QueryWords query = ReadQuery(text, analyzer, *index, variant.query);
      std::vector<std::string_view> ids;
      for (const Hit& hit : Match(query, *index, variant.match).hits)
        ids.push_back(catalog.IdOf(hit.product));
      return ids;
    };
    Measured measured = Measure(variant.name, queries, search, clock);
    ASSIGN_OR_RETURN(measured.quality.gain, models::PairedBootstrap(measured.condensed, base.condensed));
    evaluation.rows.push_back(std::move(measured.quality));
  }
  return evaluation;
}

std::string FormatSearchTable(const SearchEvaluation& evaluation) {
  std::string text = Line(
      "search: %llu products, %llu judged queries (%llu without a relevant product left out), "
      "indexed in %.2f s\n",
      static_cast<unsigned long long>(evaluation.products),
      static_cast<unsigned long long>(evaluation.queries),
      static_cast<unsigned long long>(evaluation.queries_left_out), evaluation.index_seconds);
  text += Line("  %-24s %8s %10s %9s %22s %8s %8s\n", "", "ndcg@10", "condensed", "judged@10",
               "condensed gain, 95 %", "p50 ms", "p99 ms");
  for (const SearchQuality& row : evaluation.rows) {
    text += Line("  %-24s %8.4f %10.4f %9.3f   %+.4f %+.4f %+.4f %8.3f %8.3f\n", row.name.c_str(),
                 row.ndcg_at_10, row.ndcg_condensed_at_10, row.judged_at_10, row.gain.low,
                 row.gain.mean_difference, row.gain.high, row.p50_ms, row.p99_ms);
  }
  return text;
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
    json.EndObject();
  }
  json.EndObject().EndObject();
}

}  // namespace attune::search
