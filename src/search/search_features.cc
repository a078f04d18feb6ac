#include "search/search_features.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "search/document_words.h"
#include "search/limits.h"
#include "search/title_head.h"

namespace attune::search {
namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
// Hits that say what kind of thing is meant, and where in the space of vectors.
constexpr size_t kProfileHits = 20;
// Fewer titles that name the thing say nothing of its kind.
constexpr size_t kHeadHitsMin = 3;
constexpr float kSaturation = 1.2F;

constexpr std::array<std::string_view, kSearchFeatureCount> kNames = {"score",           "score_share",
                                                                      "score_of_idf",    "coverage",
                                                                      "proximity",       "exact",
                                                                      "title_score",     "brand_score",
                                                                      "category_score",  "tag_score",
                                                                      "attribute_score", "description_score",
                                                                      "title_matched",   "title_first",
                                                                      "title_last",      "title_length",
                                                                      "title_after_for", "values",
                                                                      "brand_meant",     "kind",
                                                                      "kind_score",      "price",
                                                                      "price_place",     "price_fits",
                                                                      "attributes",      "description_length",
                                                                      "query_cosine",    "hits_cosine",
                                                                      "query_length",    "head",
                                                                      "head_kind",       "head_kind_score"};

}  // namespace

std::string_view SearchFeatureName(size_t feature) { return kNames[feature]; }

SearchFeatures::SearchFeatures(const QueryWords& query, const Understanding& understanding,
                               std::span<const Hit> hits, const SearchIndex& index,
                               const RankingSources& sources)
    : query_(query), understanding_(understanding), hits_(hits), index_(index), sources_(sources) {
  rows_.resize(hits.size());
  for (Row& row : rows_) row.fill(kUnknown);
  if (hits.empty()) return;
  TakeTerms();
  for (size_t i = 0; i < hits.size(); ++i) {
    TakeTexts(i);
    if (sources.facts != nullptr) TakeFacts(i);
    TakePrice(i);
  }
  if (sources.facts != nullptr) {
    TakeKinds();
    TakeHeadKinds();
  }
  TakePlaces();
  if (sources.vectors != nullptr) TakeVectors();
}

void SearchFeatures::TakeTerms() {
  for (const QueryWord& word : query_.words) {
    total_idf_ += word.idf;
    for (const Alternative& alternative : word.alternatives) {
      for (const uint32_t term : alternative.terms) terms_.emplace_back(term, alternative.covers);
    }
  }
  std::sort(terms_.begin(), terms_.end());
  joining_ = {index_.words().Find("for"), index_.words().Find("with")};
}

void SearchFeatures::TakeTexts(size_t hit) {
  Row& row = rows_[hit];
  const float total = std::max(static_cast<float>(total_idf_), 1e-6F);
  row[kScore] = hits_[hit].score;
  row[kScoreShare] = hits_[hit].score / std::max(hits_[0].score, 1e-6F);
  row[kScoreOfIdf] = hits_[hit].score / total;
  row[kProximity] = hits_[hit].proximity / total;
  row[kExact] = static_cast<float>(hits_[hit].exact);
  row[kQueryLength] = static_cast<float>(query_.words.size());
  row[kCoverage] = 0;
  for (size_t w = 0; w < query_.words.size(); ++w) {
    if ((hits_[hit].matched_words >> w & 1) != 0) {
      row[kCoverage] += static_cast<float>(query_.words[w].idf) / total;
    }
  }
  const auto place = index_.PlaceOf(hits_[hit].product);
  if (!place) return;
  const Segment& segment = *index_.parts()[place->part].segment;
  PerField<std::array<float, kQueryWordsMax>> counts = {};
  uint32_t title_matched = 0;
  uint32_t title_first = std::numeric_limits<uint32_t>::max();
  uint32_t title_last = 0;
  uint32_t joining = std::numeric_limits<uint32_t>::max();
  uint32_t position_before = std::numeric_limits<uint32_t>::max();
  TitleHead head;
  ForEachDocumentWord(
      segment.WordsOf(place->document), [&](SearchField field, uint32_t word, uint32_t position) {
        const bool is_title = field == SearchField::kTitle;
        if (is_title && (word == joining_[0] || word == joining_[1])) joining = std::min(joining, position);
        const uint32_t term = index_.RecordOf(word).term;
        auto found = std::lower_bound(terms_.begin(), terms_.end(), std::pair(term, uint32_t{0}));
        if (is_title) {
          head.Add(index_.words().TextOf(word), position, found != terms_.end() && found->first == term);
        }
        for (; found != terms_.end() && found->first == term; ++found) {
          for (uint32_t rest = found->second; rest != 0; rest &= rest - 1) {
            ++counts[static_cast<size_t>(field)][static_cast<size_t>(__builtin_ctz(rest))];
          }
          if (!is_title) continue;
          title_matched += position != position_before ? 1 : 0;
          position_before = position;
          title_first = std::min(title_first, position);
          title_last = std::max(title_last, position);
        }
        return true;
      });
  for (size_t field = 0; field < kSearchFieldCount; ++field) {
    float score = 0;
    for (size_t w = 0; w < query_.words.size(); ++w) {
      const float count = counts[field][w];
      score += static_cast<float>(query_.words[w].idf) * count / (kSaturation + count);
    }
    row[kTitleScore + field] = score / total;
  }
  head.End();
  row[kHead] = head.is_head() ? 1 : 0;
  const PerField<uint16_t> lengths = segment.LengthsOf(place->document);
  const auto title = static_cast<float>(std::max<uint16_t>(lengths[0], 1));
  row[kTitleLength] = title;
  row[kTitleMatched] = static_cast<float>(title_matched) / title;
  row[kTitleAfterFor] = title_matched > 0 && joining < title_first ? 1 : 0;
  if (title_matched > 0) {
    row[kTitleFirst] = static_cast<float>(title_first) / title;
    row[kTitleLast] = title - 1 - static_cast<float>(title_last);
  }
  row[kDescriptionLength] =
      std::log1p(static_cast<float>(lengths[static_cast<size_t>(SearchField::kDescription)]));
}

void SearchFeatures::TakeFacts(size_t hit) {
  Row& row = rows_[hit];
  const ProductIndex product = hits_[hit].product;
  const std::span<const uint32_t> values = sources_.facts->ValuesOf(product);
  const float total = std::max(static_cast<float>(total_idf_), 1e-6F);
  std::array<float, kQueryWordsMax> explained = {};  // By word, its best meaning.
  for (const UnderstoodValue& meant : understanding_.values) {
    const bool has = std::binary_search(values.begin(), values.end(), meant.value);
    if (sources_.facts->ValueOf(meant.value).field == "brand") {
      row[kBrandMeant] = std::max(std::isnan(row[kBrandMeant]) ? 0.0F : row[kBrandMeant], has ? 1.0F : 0.0F);
    }
    if (!has) continue;
    for (uint32_t rest = meant.words; rest != 0; rest &= rest - 1) {
      float& best = explained[static_cast<size_t>(__builtin_ctz(rest))];
      best = std::max(best, meant.confidence);
    }
  }
  row[kValues] = 0;
  for (size_t w = 0; w < query_.words.size(); ++w) {
    row[kValues] += static_cast<float>(query_.words[w].idf) * explained[w] / total;
  }
  row[kAttributes] = std::log1p(static_cast<float>(sources_.facts->AttributesOf(product)));
}

void SearchFeatures::TakePrice(size_t hit) {
  Row& row = rows_[hit];
  const ProductIndex product = hits_[hit].product;
  float price = kUnknown;
  if (sources_.price_of) {
    price = static_cast<float>(sources_.price_of(product).value_or(std::numeric_limits<double>::quiet_NaN()));
  } else if (sources_.facts != nullptr) {
    price = sources_.facts->PriceOf(product);
  }
  row[kPrice] = std::log1p(price);
  const PricePhrase& asked = understanding_.price;
  if ((asked.min || asked.max) && !std::isnan(price)) {
    const bool fits = (!asked.min || static_cast<double>(price) >= *asked.min) &&
                      (!asked.max || static_cast<double>(price) <= *asked.max);
    row[kPriceFits] = fits ? 1 : 0;
  }
}

void SearchFeatures::TakeKinds() {
  // The best hits, and among them rather those that are what the query's values say.
  std::vector<std::pair<ProductIndex, float>> best;
  for (size_t i = 0; i < std::min(kProfileHits, hits_.size()); ++i) {
    best.emplace_back(hits_[i].product, rows_[i][kScoreShare] * (1 + rows_[i][kValues]));
  }
  std::erase_if(best, [](const auto& hit) { return hit.second <= 0; });
  const KindProfile profile(best, *sources_.facts);
  for (size_t i = 0; i < hits_.size(); ++i) rows_[i][kKindScore] = profile.ScoreOf(hits_[i].product);
}

void SearchFeatures::TakeHeadKinds() {
  std::vector<std::pair<ProductIndex, float>> named;
  for (size_t i = 0; i < hits_.size() && named.size() < kProfileHits; ++i) {
    if (rows_[i][kHead] > 0 && rows_[i][kScoreShare] > 0) {
      named.emplace_back(hits_[i].product, rows_[i][kScoreShare]);
    }
  }
  if (named.size() < kHeadHitsMin) {
    for (Row& row : rows_) row[kHeadKindScore] = row[kKindScore];
    return;
  }
  const KindProfile profile(named, *sources_.facts);
  for (size_t i = 0; i < hits_.size(); ++i) rows_[i][kHeadKindScore] = profile.ScoreOf(hits_[i].product);
}

void SearchFeatures::TakePlaces() {
  const auto place = [&](SearchFeature from, SearchFeature to) {
    std::vector<float> sorted;
    for (const Row& row : rows_) {
      if (!std::isnan(row[from])) sorted.push_back(row[from]);
    }
    std::sort(sorted.begin(), sorted.end());
    for (Row& row : rows_) {
      if (std::isnan(row[from])) continue;
      const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), row[from]);
      const auto middle = static_cast<float>((low - sorted.begin()) + (high - sorted.begin()) - 1) / 2;
      row[to] = sorted.size() < 2 ? 1 : middle / static_cast<float>(sorted.size() - 1);
    }
  };
  place(kPrice, kPricePlace);
  place(kKindScore, kKind);
  place(kHeadKindScore, kHeadKind);
}

void SearchFeatures::TakeVectors() {
  const std::vector<float> vector = sources_.vectors->Of(query_);
  std::vector<float> center;
  for (size_t i = 0; i < std::min(kProfileHits, hits_.size()); ++i) {
    const std::span<const float> own = sources_.product_vectors->Of(hits_[i].product.value());
    center.resize(std::max(center.size(), own.size()), 0.0F);
    for (size_t k = 0; k < own.size(); ++k) center[k] += rows_[i][kScoreShare] * own[k];
  }
  float squares = 0;
  for (const float value : center) squares += value * value;
  for (float& value : center) value /= std::sqrt(std::max(squares, 1e-12F));
  for (size_t i = 0; i < hits_.size(); ++i) {
    const ProductIndex product = hits_[i].product;
    if (!vector.empty()) rows_[i][kQueryCosine] = sources_.vectors->Cosine(vector, product);
    if (!center.empty()) rows_[i][kHitsCosine] = sources_.vectors->Cosine(center, product);
  }
}

}  // namespace attune::search
