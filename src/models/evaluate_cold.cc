#include "models/evaluate_cold.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "catalog/limits.h"
#include "models/catalog_of_products.h"
#include "models/evaluate_store_history.h"
#include "models/external_vectors.h"
#include "models/popularity.h"
#include "models/product_ties.h"
#include "models/ranking_metrics.h"
#include "models/sequence_file.h"
#include "models/text_fields.h"
#include "models/transition_source.h"

namespace attune::models {
namespace {

constexpr uint32_t kCutoff = 20;
constexpr uint64_t kHideSeed = 0xc01d;
// So that hidden ones are left after the others were taken out.
constexpr size_t kAskMax = 5'000;
constexpr int64_t kStepMs = kMinuteMs;

struct Case {
  std::vector<Seed> seeds;        // Latest first.
  std::vector<uint32_t> targets;  // Ascending.
  int64_t now_ms = 0;
};

// Titles by item number.
Status ReadTitles(std::istream& input, ItemNumbering& numbering, std::vector<catalog::Product>& products) {
  std::string line;
  std::getline(input, line);  // The header.
  for (uint64_t number = 2; std::getline(input, line); ++number) {
    const std::vector<std::string_view> fields = SplitTabs(line);
    const auto item = ParseNumber<uint64_t>(fields.front());
    if (!item || fields.size() < 3) {
      return InvalidArgument("titles: no item, id and title", "line " + std::to_string(number));
    }
    const uint32_t index = numbering.IndexOf(*item);
    if (index >= products.size()) products.resize(index + 1);
    products[index].title = fields[2];
  }
  return {};
}

// {"4": [1, 2], "83": [4]}: numbers before a colon are items, the others attributes of the last one.
Status ReadAttributes(std::istream& input, ItemNumbering& numbering,
                      std::vector<catalog::Product>& products) {
  const std::string text(std::istreambuf_iterator<char>(input), {});
  std::optional<uint32_t> item;
  bool is_list = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '[' || c == ']') is_list = c == '[';
    if (c < '0' || c > '9') {
      if (std::string_view("{}[]\":, \n\r").find(c) != std::string_view::npos) continue;
      return InvalidArgument("attributes: not an object of lists of numbers",
                             "byte " + std::to_string(i + 1));
    }
    size_t end = i;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    const auto number = ParseNumber<uint64_t>(std::string_view(text).substr(i, end - i));
    if (!number || (is_list && !item)) {
      return InvalidArgument("attributes: not an object of lists of numbers",
                             "byte " + std::to_string(i + 1));
    }
    if (is_list) {
      products[*item].tags.push_back(std::to_string(*number));
    } else {
      item = numbering.IndexOf(*number);
      if (*item >= products.size()) products.resize(*item + 1);
    }
    i = end - 1;
  }
  return {};
}

// In [0, 1): below hidden_share the test hides it, below twice that the validation.
double HidingOf(const catalog::CatalogView& catalog, uint32_t product) {
  const uint64_t hash = StableHash64(catalog.IdOf(ProductIndex(product)), kHideSeed);
  return static_cast<double>(hash >> 11) * 0x1.0p-53;
}

class ColdEvaluator {
 public:
  ColdEvaluator(const ColdData& data, const Clock& clock, const ColdEvaluationOptions& options)
      : data_(data), clock_(clock), options_(options) {
    control_.thread_count = options.threads;
  }

  Result<ColdEvaluation> Evaluate() {
    Hide();
    CollectCases();
    if (cases_.empty()) return InvalidArgument("no shopper has a hidden product and one before it");
    const catalog::CatalogView& catalog = *data_.catalog;
    const auto ties = ProductTies::Make(&catalog);
    int64_t started = clock_.SteadyMicros();
    ASSIGN_OR_RETURN(const ProductVectors vectors, VectorsOfTexts());
    result_.vector_seconds = static_cast<double>(clock_.SteadyMicros() - started) / 1e6;
    started = clock_.SteadyMicros();
    ASSIGN_OR_RETURN(const auto both,
                     ContentModel::Train(catalog, &vectors, ties, options_.content, control_));
    result_.content_seconds = static_cast<double>(clock_.SteadyMicros() - started) / 1e6;
    started = clock_.SteadyMicros();
    ASSIGN_OR_RETURN(SparseRows rows, TrainColdProducts(visible_, *both, options_.cold_products, control_));
    result_.cold_seconds = static_cast<double>(clock_.SteadyMicros() - started) / 1e6;
    const TransitionSource new_for_you(std::string(kNewForYou),
                                       {{std::make_shared<const SparseRows>(std::move(rows)), 0, 1}});
    Ask(kNewForYou, new_for_you, false);
    Ask("content_similar", *both, false);
    ASSIGN_OR_RETURN(const auto terms,
                     ContentModel::Train(catalog, nullptr, ties, options_.content, control_));
    Ask("by terms alone", *terms, false);
    ContentOptions by_vector = options_.content;
    by_vector.vector_share = by_vector.external_vector_share = 1;
    ASSIGN_OR_RETURN(const auto alone, ContentModel::Train(catalog, &vectors, ties, by_vector, control_));
    Ask("by vectors alone", *alone, false);
    PopularityOptions whole;
    whole.store_list_max = whole.category_list_max = catalog.index_count();
    const PopularityModels popularity = TrainPopularity(visible_, &catalog, *ties, whole, LatestMs());
    Ask("newest", *popularity.newest, false);
    Ask("newest of the category", *popularity.newest, true);
    Ask("bestsellers", *popularity.bestsellers, false);
    Ask("bestsellers of the category", *popularity.bestsellers, true);
    return std::move(result_);
  }

 private:
  // As serving chooses them (model_set.cc).
  Result<ProductVectors> VectorsOfTexts() {
    ASSIGN_OR_RETURN(ExternalVectorsUse use,
                     ChooseExternalVectors(nullptr, *data_.catalog, kExternalDimensions, control_));
    result_.uses_supplied_vectors = use.vectors.has_value();
    if (use.vectors) return std::move(*use.vectors);
    return TrainTextVectors(*data_.catalog, &visible_, options_.text_vectors, control_);
  }

  void Hide() {
    const catalog::CatalogView& catalog = *data_.catalog;
    std::vector<uint8_t> is_active(catalog.index_count(), 0);
    data_.log.ForEachRow([&](const Interaction& row) {
      if (row.product.value() < is_active.size()) is_active[row.product.value()] = 1;
    });
    is_hidden_.assign(catalog.index_count(), 0);
    is_out_.assign(catalog.index_count(), 0);
    for (uint32_t i = 0; i < catalog.index_count(); ++i) {
      if (is_active[i] == 0 || catalog.Find(ProductIndex(i)) == nullptr) continue;
      ++result_.products;
      const double place = HidingOf(catalog, i);
      const bool is_test = place < options_.hidden_share;
      is_out_[i] = options_.is_validation && is_test ? 1 : 0;
      is_hidden_[i] = options_.is_validation ? !is_test && place < 2 * options_.hidden_share : is_test;
      result_.hidden += is_hidden_[i];
    }
    data_.log.ForEachRow([&](const Interaction& row) {
      if (row.product.value() < is_hidden_.size() && Knows(row.product.value())) visible_.Add(row);
    });
  }
  bool Knows(uint32_t product) const { return is_hidden_[product] == 0 && is_out_[product] == 0; }
  int64_t LatestMs() const { return data_.log.latest_at_ms(); }

  void CollectCases() {
    double target_count = 0;
    data_.log.ForEachShopper([&](std::span<const Interaction> rows) {
      const auto is_hidden = [this](const Interaction& row) { return is_hidden_[row.product.value()] != 0; };
      const auto first = std::find_if(rows.begin(), rows.end(), is_hidden);
      if (first == rows.end()) return;
      Case one;
      one.now_ms = first->at_ms;
      std::vector<uint32_t> seen;
      for (auto row = first; row-- != rows.begin() && one.seeds.size() < options_.seeds_max;) {
        const uint32_t product = row->product.value();
        if (row->at_ms >= first->at_ms || !Knows(product)) continue;
        if (std::find(seen.begin(), seen.end(), product) != seen.end()) continue;
        seen.push_back(product);
        one.seeds.push_back({row->product, 1, row->at_ms, 0});
      }
      if (one.seeds.empty()) return;
      for (auto row = first; row != rows.end(); ++row) {
        if (is_hidden(*row)) one.targets.push_back(row->product.value());
      }
      std::sort(one.targets.begin(), one.targets.end());
      one.targets.erase(std::unique(one.targets.begin(), one.targets.end()), one.targets.end());
      target_count += static_cast<double>(one.targets.size());
      cases_.push_back(std::move(one));
    });
    result_.cases = cases_.size();
    result_.mean_targets = target_count / std::max<double>(static_cast<double>(cases_.size()), 1);
  }

  void Ask(std::string_view name, const CandidateSource& source, bool in_category) {
    std::vector<double> recalls_new;
    std::vector<double> ndcgs_new;
    std::vector<double> recalls_all;
    std::vector<Candidate> answer;
    for (const Case& one : cases_) {
      SourceQuery query;
      query.seeds = one.seeds;
      query.now_ms = one.now_ms;
      query.catalog = data_.catalog.get();
      const catalog::Product* const last = data_.catalog->Find(one.seeds.front().product);
      if (in_category && last != nullptr && !last->categories.empty()) query.category = last->categories[0];
      answer.clear();
      source.Retrieve(query, kAskMax, answer);
      std::vector<uint32_t> among_new;
      std::vector<uint32_t> among_all;
      for (const Candidate& candidate : answer) {
        const uint32_t product = candidate.product.value();
        if (is_out_[product] != 0) continue;
        if (among_all.size() < kCutoff) among_all.push_back(product);
        if (is_hidden_[product] != 0 && among_new.size() < kCutoff) among_new.push_back(product);
      }
      recalls_new.push_back(ListRecallAt(among_new, one.targets, kCutoff));
      ndcgs_new.push_back(ListNdcgAt(among_new, one.targets, kCutoff));
      recalls_all.push_back(ListRecallAt(among_all, one.targets, kCutoff));
    }
    result_.rankings.push_back(
        {std::string(name), MeanOf(recalls_new), MeanOf(ndcgs_new), MeanOf(recalls_all)});
    if (options_.progress) {
      options_.progress(name, static_cast<double>(result_.rankings.size()) / kRankings);
    }
  }

  static constexpr int kRankings = 8;

  const ColdData& data_;
  const Clock& clock_;
  const ColdEvaluationOptions& options_;
  TrainingControl control_;
  std::vector<uint8_t> is_hidden_;
  std::vector<uint8_t> is_out_;  // Of the validation: not there at all.
  InteractionLog visible_;
  std::vector<Case> cases_;
  ColdEvaluation result_;
};

// Numbers between spaces; nothing when one is not a number that is finite.
std::optional<std::vector<float>> ReadNumbers(std::string_view text) {
  std::vector<float> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    float number = 0;
    const auto [after, error] = std::from_chars(at, end, number);
    if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
    numbers.push_back(number);
    at = after;
    if (at == end) break;
    if (*at != ' ') return std::nullopt;
    ++at;
  }
  return numbers;
}

// By product id; of items that are not there nothing is kept.
Status ReadVectors(std::istream& input, std::vector<catalog::Product>& products) {
  std::unordered_map<std::string, size_t> index_of;
  for (size_t i = 0; i < products.size(); ++i) index_of.emplace(products[i].product_id, i);
  std::string line;
  size_t length = 0;
  for (uint64_t number = 1; std::getline(input, line); ++number) {
    const std::vector<std::string_view> fields = SplitTabs(line);
    const std::string place = "line " + std::to_string(number);
    if (fields.size() != 2) return InvalidArgument("vectors: not an item and numbers", place);
    auto numbers = ReadNumbers(fields[1]);
    if (!numbers || numbers->empty() || numbers->size() > catalog::kTextVectorLengthMax) {
      return InvalidArgument("vectors: not numbers between spaces, or too many", place);
    }
    if (length == 0) length = numbers->size();
    if (numbers->size() != length) return InvalidArgument("vectors: of another length", place);
    const auto product = index_of.find(std::string(fields[0]));
    if (product != index_of.end()) products[product->second].text_vector = std::move(*numbers);
  }
  return {};
}

Result<ColdData> Assemble(std::vector<catalog::Product> products, std::istream* vectors, InteractionLog log) {
  for (size_t i = 0; i < products.size(); ++i) {
    if (products[i].product_id.empty()) products[i].product_id = "p" + std::to_string(i);
  }
  if (vectors != nullptr) RETURN_IF_ERROR(ReadVectors(*vectors, products));
  return ColdData{std::move(log), CatalogOfProducts(std::move(products))};
}

}  // namespace

Result<ColdData> ReadColdSequences(std::istream& sequences, std::istream& titles, std::istream* attributes,
                                   std::istream* vectors) {
  ItemNumbering numbering;
  ASSIGN_OR_RETURN(const SequenceFile file, ReadSequenceFile(sequences, numbering));
  std::vector<catalog::Product> products(numbering.item_count());
  RETURN_IF_ERROR(ReadTitles(titles, numbering, products));
  if (attributes != nullptr) RETURN_IF_ERROR(ReadAttributes(*attributes, numbering, products));
  for (uint32_t i = 0; i < products.size(); ++i)
    products[i].product_id = std::to_string(numbering.items()[i]);
  InteractionLog log;
  for (size_t shopper = 0; shopper < file.sequences.size(); ++shopper) {
    int64_t at_ms = 0;
    for (const uint32_t product : file.sequences.Of(shopper)) {
      log.Add({ShopperHandle(shopper + 1), ProductIndex(product), InteractionKind::kPurchase, 1,
               at_ms += kStepMs, 0});
    }
  }
  return Assemble(std::move(products), vectors, std::move(log));
}

Result<ColdData> ReadColdOrders(std::istream& order_lines, std::istream* vectors) {
  ASSIGN_OR_RETURN(const StoreHistory history, ReadStoreHistory(order_lines));
  std::vector<catalog::Product> products(history.product_count);
  for (uint32_t i = 0; i < history.product_count; ++i) {
    products[i].product_id = history.product_codes[i];
    products[i].title = history.product_titles[i];
  }
  InteractionLog log;
  for (const StoreOrder& order : history.orders) {
    for (const uint32_t product : order.products) {
      log.Add({order.shopper, ProductIndex(product), InteractionKind::kPurchase, 1, order.at_ms,
               OrderHash(order.order_id)});
    }
  }
  return Assemble(std::move(products), vectors, std::move(log));
}

Result<ColdEvaluation> EvaluateCold(const ColdData& data, const Clock& clock,
                                    const ColdEvaluationOptions& options) {
  if (!(options.hidden_share > 0 && options.hidden_share <= 0.4)) {
    return InvalidArgument("must be above 0 and at most 0.4", "hidden_share");
  }
  return ColdEvaluator(data, clock, options).Evaluate();
}

std::string FormatColdTable(const ColdEvaluation& evaluation) {
  char line[160];
  std::string text;
  const auto append = [&](const char* format, auto... values) {
    std::snprintf(line, sizeof(line), format, values...);
    text += line;
  };
  append("%llu of %llu products hidden; %llu shoppers asked for %.2f of them each\n",
         static_cast<unsigned long long>(evaluation.hidden),
         static_cast<unsigned long long>(evaluation.products),
         static_cast<unsigned long long>(evaluation.cases), evaluation.mean_targets);
  append("trained in: %s %.1f s, likeness %.1f s, new_for_you %.1f s\n\n",
         evaluation.uses_supplied_vectors ? "supplied vectors" : "vectors", evaluation.vector_seconds,
         evaluation.content_seconds, evaluation.cold_seconds);
  append("%-30s %12s %12s %12s\n", "", "new recall@20", "new ndcg@20", "all recall@20");
  for (const ColdScores& scores : evaluation.rankings) {
    append("%-30s %12.4f %12.4f %12.4f\n", scores.name.c_str(), scores.recall_among_new,
           scores.ndcg_among_new, scores.recall_among_all);
  }
  return text;
}

void WriteColdJson(const ColdEvaluation& evaluation, JsonWriter& json) {
  json.BeginObject().Key("products").Uint(evaluation.products).Key("hidden").Uint(evaluation.hidden);
  json.Key("cases").Uint(evaluation.cases).Key("mean_targets").Fixed(evaluation.mean_targets, 6);
  for (const ColdScores& scores : evaluation.rankings) {
    json.Key(scores.name).BeginObject().Key("recall@20").Fixed(scores.recall_among_new, 6);
    json.Key("ndcg@20").Fixed(scores.ndcg_among_new, 6);
    json.Key("recall_all@20").Fixed(scores.recall_among_all, 6).EndObject();
  }
  if (evaluation.uses_supplied_vectors) json.Key("supplied_vectors").Bool(true);
  json.Key("vector_seconds").Fixed(evaluation.vector_seconds, 3);
  json.Key("content_seconds").Fixed(evaluation.content_seconds, 3);
  json.Key("cold_seconds").Fixed(evaluation.cold_seconds, 3).EndObject();
}

}  // namespace attune::models
