#include "search/query_vectors.h"

#include <algorithm>
#include <cmath>

namespace attune::search {
namespace {

constexpr double kCommonShare = 0.25;
constexpr float kByteScale = 127;

// False when there is nothing to scale.
bool MakeLengthOne(std::vector<float>& vector) {
  float squares = 0;
  for (const float value : vector) squares += value * value;
  if (squares <= 0) return false;
  const float scale = 1 / std::sqrt(squares);
  for (float& value : vector) value *= scale;
  return true;
}

}  // namespace

std::shared_ptr<const QueryVectors> QueryVectors::Build(
    const SearchIndex& index, std::shared_ptr<const models::ProductVectors> products) {
  auto vectors = std::make_shared<QueryVectors>();
  const uint32_t dimensions = products->dimensions;
  const uint32_t term_count = index.words().size();
  vectors->words_.assign(size_t{term_count} * dimensions, 0);
  vectors->has_vector_.assign(term_count, 0);
  std::vector<float> sum(dimensions);
  for (uint32_t term = 0; term < term_count; ++term) {
    const uint32_t documents = index.RecordOf(term).documents_with_term;
    if (documents < 2 || documents > kCommonShare * index.document_count()) continue;
    std::fill(sum.begin(), sum.end(), 0.0F);
    for (const SearchIndex::Part& part : index.parts()) {
      auto [count, postings] = part.segment->PostingsOf(term);
      for (Posting posting; postings.Next(posting);) {
        if (!part.Lives(posting.document)) continue;
        const std::span<const float> own = products->Of(part.segment->ProductOf(posting.document).value());
        for (size_t k = 0; k < own.size(); ++k) sum[k] += own[k];
      }
    }
    if (!MakeLengthOne(sum)) continue;
    vectors->has_vector_[term] = 1;
    int8_t* const row = vectors->words_.data() + size_t{term} * dimensions;
    for (size_t k = 0; k < dimensions; ++k) row[k] = static_cast<int8_t>(std::lround(sum[k] * kByteScale));
  }
  vectors->products_ = std::move(products);
  return vectors;
}

std::vector<float> QueryVectors::Of(const QueryWords& query) const {
  const uint32_t dimensions = products_->dimensions;
  std::vector<float> sum(dimensions, 0.0F);
  for (const QueryWord& word : query.words) {
    float best = 0;
    uint32_t term = Lexicon::kNone;
    for (const Alternative& alternative : word.alternatives) {
      if (alternative.terms.size() != 1 || alternative.weight <= best) continue;
      if (alternative.terms[0] >= has_vector_.size() || has_vector_[alternative.terms[0]] == 0) continue;
      best = alternative.weight;
      term = alternative.terms[0];
    }
    if (term == Lexicon::kNone) continue;
    const int8_t* const row = words_.data() + size_t{term} * dimensions;
    const float weight = static_cast<float>(word.idf) / kByteScale;
    for (size_t k = 0; k < dimensions; ++k) sum[k] += weight * static_cast<float>(row[k]);
  }
  if (!MakeLengthOne(sum)) sum.clear();
  return sum;
}

float QueryVectors::Cosine(std::span<const float> query, ProductIndex product) const {
  const std::span<const float> own = products_->Of(product.value());
  float cosine = 0;
  for (size_t k = 0; k < own.size(); ++k) cosine += query[k] * own[k];
  return cosine;
}

std::vector<std::pair<ProductIndex, float>> QueryVectors::Nearest(std::span<const float> query,
                                                                  size_t count) const {
  std::vector<std::pair<ProductIndex, float>> all;
  for (uint32_t product = 0; product < products_->product_count(); ++product) {
    all.emplace_back(ProductIndex(product), Cosine(query, ProductIndex(product)));
  }
  const size_t kept = std::min(count, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<ptrdiff_t>(kept), all.end(),
                    [](const auto& a, const auto& b) {
                      return std::pair(-a.second, a.first) < std::pair(-b.second, b.first);
                    });
  all.resize(kept);
  return all;
}

}  // namespace attune::search
