#include "models/content.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/hash.h"
#include "models/content_terms.h"
#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr size_t kBlockProducts = 64;
constexpr uint32_t kNoProduct = UINT32_MAX;
// Below this many products even a word of all of them may tell something.
constexpr size_t kCommonProductsMin = 50;
// Seeds of one query that are scored on the fly; each costs as much as postings_max says.
constexpr size_t kUntrainedSeedsMax = 5;
constexpr std::string_view kRowsName = "content";

// The order of a row where similarities are equal: by a hash of both ids.  With one order for all rows, of a
// hundred products that read the same every row would hold the same thirty, and nobody would find the others.
class RowOrder {
 public:
  RowOrder(const ProductTies& ties, uint32_t self)
      : ties_(ties), own_hash_(self == kNoProduct ? 0 : ties.HashOf(self)) {}

  bool operator()(const Neighbour& a, const Neighbour& b) const {
    if (a.weight != b.weight) return a.weight > b.weight;
    const uint64_t hash_a = MixHash64(ties_.HashOf(a.product), own_hash_);
    const uint64_t hash_b = MixHash64(ties_.HashOf(b.product), own_hash_);
    return hash_a != hash_b ? hash_a < hash_b : ties_.IsBefore(a.product, b.product);
  }

  // Cuts `row` to its first `keep`.
  void Keep(size_t keep, std::vector<Neighbour>& row) const {
    if (row.size() <= keep) return;
    std::nth_element(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(keep), row.end(), *this);
    row.resize(keep);
  }

 private:
  const ProductTies& ties_;
  const uint64_t own_hash_;
};

}  // namespace

Result<std::shared_ptr<const ContentModel>> ContentModel::Train(const catalog::CatalogView& catalog,
                                                                const ProductVectors* vectors,
                                                                std::shared_ptr<const ProductTies> ties,
                                                                const ContentOptions& options,
                                                                const TrainingControl& control) {
  std::shared_ptr<ContentModel> model(new ContentModel(std::move(ties)));
  model->options_ = options;
  const size_t count = catalog.index_count();
  model->is_trained_.assign(count, 0);
  std::vector<ContentTerms> all(count);
  ForEachTrainingBlock(count, kBlockProducts, control, [&](size_t begin, size_t end, size_t) {
    for (size_t i = begin; i < end; ++i) {
      const catalog::Product* product = catalog.Find(ProductIndex(static_cast<uint32_t>(i)));
      if (product == nullptr) continue;
      model->is_trained_[i] = 1;
      all[i] = ContentTermsOf(*product);
    }
  });
  RETURN_IF_ERROR(control.Check());
  model->ChooseTerms(all);
  std::vector<Vector> by_terms(count);
  for (size_t i = 0; i < count; ++i) by_terms[i] = model->VectorOf(all[i]);
  all.clear();
  model->BuildPostings(by_terms);
  control.Report(kName, 0.3);

  const VectorSearch search = model->MakeSearch(vectors);
  const bool has_vectors = search.vectors != nullptr;
  std::vector<Scratch> scratch(static_cast<size_t>(std::max(control.thread_count, 1)));
  std::vector<std::vector<Neighbour>> rows(count);
  ForEachTrainingBlock(count, kBlockProducts, control, [&](size_t begin, size_t end, size_t thread) {
    for (size_t i = begin; i < end; ++i) {
      const auto self = static_cast<uint32_t>(i);
      const size_t keep = has_vectors ? options.candidates_max : options.neighbours_max;
      model->FindSimilar(by_terms[i], self, keep, scratch[thread]);
      if (has_vectors) model->BlendVectors(search, self, scratch[thread]);
      rows[i] = scratch[thread].row;
    }
  });
  RETURN_IF_ERROR(control.Check());
  model->rows_ = SparseRows(std::move(rows));
  control.Report(kName, 1);
  return std::shared_ptr<const ContentModel>(std::move(model));
}

void ContentModel::ChooseTerms(const std::vector<ContentTerms>& all) {
  absl::flat_hash_map<uint64_t, uint32_t> product_count_by_term;
  size_t product_count = 0;
  for (const ContentTerms& terms : all) {
    product_count += terms.empty() ? 0 : 1;
    for (const auto& [term, weight] : terms) ++product_count_by_term[term];
  }
  const auto count_max = static_cast<size_t>(std::max(
      options_.common_share * static_cast<double>(product_count), static_cast<double>(kCommonProductsMin)));
  for (const auto& [term, count] : product_count_by_term) {
    if (count > 1 && count <= count_max) term_hashes_.push_back(term);
  }
  std::sort(term_hashes_.begin(), term_hashes_.end());
  rarities_.reserve(term_hashes_.size());
  for (const uint64_t term : term_hashes_) {
    const double share = static_cast<double>(product_count) / product_count_by_term[term];
    rarities_.push_back(static_cast<float>(std::log(1 + share)));
  }
  BuildDictionary();
}

void ContentModel::BuildDictionary() {
  term_by_hash_.reserve(term_hashes_.size());
  for (uint32_t i = 0; i < term_hashes_.size(); ++i) term_by_hash_[term_hashes_[i]] = i;
}

ContentModel::Vector ContentModel::VectorOf(const ContentTerms& terms) const {
  Vector vector;
  for (const auto& [hash, weight] : terms) {
    const auto found = term_by_hash_.find(hash);
    if (found != term_by_hash_.end()) vector.emplace_back(found->second, weight * rarities_[found->second]);
  }
  std::sort(vector.begin(), vector.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (vector.size() > options_.terms_max) vector.resize(options_.terms_max);
  float square_sum = 0;
  for (const auto& [term, weight] : vector) square_sum += weight * weight;
  const float scale = square_sum > 0 ? 1 / std::sqrt(square_sum) : 0;
  for (auto& [term, weight] : vector) weight *= scale;
  return vector;
}

void ContentModel::BuildPostings(const std::vector<Vector>& vectors) {
  offsets_.assign(term_hashes_.size() + 1, 0);
  for (const Vector& vector : vectors) {
    for (const auto& [term, weight] : vector) ++offsets_[term + 1];
  }
  for (size_t i = 0; i < term_hashes_.size(); ++i) offsets_[i + 1] += offsets_[i];
  postings_.resize(offsets_.back());
  std::vector<uint32_t> next(offsets_.begin(), offsets_.end() - 1);
  for (uint32_t product = 0; product < vectors.size(); ++product) {
    for (const auto& [term, weight] : vectors[product]) postings_[next[term]++] = {product, weight};
  }
}

void ContentModel::FindSimilar(const Vector& vector, uint32_t self, size_t keep, Scratch& scratch) const {
  SparseAccumulator& accumulator = scratch.accumulator;
  accumulator.Start(static_cast<uint32_t>(is_trained_.size()));
  size_t left = options_.postings_max;
  for (const auto& [term, weight] : vector) {
    const auto row = std::span(postings_).subspan(offsets_[term], offsets_[term + 1] - offsets_[term]);
    if (row.size() > left) continue;  // A commoner term: a lighter and rarer one may still fit.
    left -= row.size();
    accumulator.AddRow(row, weight, 0);
  }
  scratch.row.clear();
  for (const uint32_t product : accumulator.touched()) {
    const float score = accumulator.ScoreOf(product);
    if (product != self && score >= options_.similarity_min) scratch.row.push_back({product, score});
  }
  RowOrder(*ties_, self).Keep(keep, scratch.row);
}

ContentModel::VectorSearch ContentModel::MakeSearch(const ProductVectors* vectors) const {
  VectorSearch search;
  if (vectors == nullptr) return search;
  search.share = vectors->is_external ? options_.external_vector_share : options_.vector_share;
  if (!(search.share > 0)) return {};
  search.vectors = vectors;
  const uint32_t count = vectors->product_count();
  if (!vectors->is_external || count <= options_.vector_products_max) return search;
  auto table = std::make_shared<VectorTable>();
  table->dimensions = vectors->dimensions;
  table->values = vectors->values;
  for (uint32_t product = 0; product < count; ++product) {
    table->tie_hashes.push_back(static_cast<uint32_t>(ties_->HashOf(product)));
  }
  search.index = MakeNearestNeighbours(std::move(table), Similarity::kCosine);
  return search;
}

void ContentModel::FindNear(const VectorSearch& search, uint32_t self, Scratch& scratch) const {
  scratch.near.clear();
  const uint32_t count = std::min(search.vectors->product_count(), static_cast<uint32_t>(is_trained_.size()));
  const auto offer = [&](uint32_t other, float cosine) {
    if (other == self || other >= count || is_trained_[other] == 0) return;
    if (cosine >= options_.similarity_min) scratch.near.push_back({other, cosine});
  };
  if (search.index != nullptr) {
    search.index->Find(search.vectors->Of(self), options_.candidates_max + size_t{1}, scratch.found);
    for (const NearRow& found : scratch.found) offer(found.row, found.similarity);
  } else if (count <= options_.vector_products_max) {
    for (uint32_t other = 0; other < count; ++other) offer(other, search.vectors->Cosine(self, other));
  }
  RowOrder(*ties_, self).Keep(options_.candidates_max, scratch.near);
}

void ContentModel::BlendVectors(const VectorSearch& search, uint32_t self, Scratch& scratch) const {
  const ProductVectors& vectors = *search.vectors;
  FindNear(search, self, scratch);
  scratch.candidates.clear();
  for (const Neighbour& neighbour : scratch.row) scratch.candidates.push_back(neighbour.product);
  for (const Neighbour& neighbour : scratch.near) scratch.candidates.push_back(neighbour.product);
  std::sort(scratch.candidates.begin(), scratch.candidates.end());
  scratch.candidates.erase(std::unique(scratch.candidates.begin(), scratch.candidates.end()),
                           scratch.candidates.end());
  scratch.row.clear();
  for (const uint32_t candidate : scratch.candidates) {
    const float by_vector = std::max(vectors.Cosine(self, candidate), 0.0f);
    const float blended =
        (1 - search.share) * scratch.accumulator.ScoreOf(candidate) + search.share * by_vector;
    if (blended >= options_.similarity_min) scratch.row.push_back({candidate, blended});
  }
  RowOrder(*ties_, self).Keep(options_.neighbours_max, scratch.row);
}

void ContentModel::Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const {
  static thread_local SparseAccumulator accumulator;
  static thread_local Scratch fly;
  static thread_local std::vector<ScoredProduct> scored;
  const auto seeds = query.seeds.first(std::min(query.seeds.size(), kSeedsMax));
  accumulator.Start(static_cast<uint32_t>(is_trained_.size()));
  size_t untrained_count = 0;
  for (uint32_t i = 0; i < seeds.size(); ++i) {
    const uint32_t seed = seeds[i].product.value();
    if (seed < is_trained_.size() && is_trained_[seed] != 0) {
      accumulator.AddRow(rows_.Of(seed), seeds[i].weight, i);
      continue;
    }
    if (query.catalog == nullptr || untrained_count == kUntrainedSeedsMax) continue;
    const catalog::Product* product = query.catalog->Find(seeds[i].product);
    if (product == nullptr) continue;
    ++untrained_count;
    FindSimilar(VectorOf(ContentTermsOf(*product)), kNoProduct, options_.neighbours_max, fly);
    accumulator.AddRow(fly.row, seeds[i].weight, i);
  }
  if (!query.may_repeat) {
    for (const Seed& seed : seeds) accumulator.Mask(seed.product.value());
  }
  scored.clear();
  accumulator.Strongest(limit, scored, ties_.get());
  for (const ScoredProduct& product : scored) {
    out.push_back({ProductIndex(product.product), product.score, seeds[product.because].product, true});
  }
}

size_t ContentModel::memory_bytes() const {
  return rows_.memory_bytes() + is_trained_.size() +
         term_hashes_.size() * (sizeof(uint64_t) + sizeof(float)) + offsets_.size() * sizeof(uint32_t) +
         postings_.size() * sizeof(Neighbour) +
         term_by_hash_.capacity() * (sizeof(uint64_t) + sizeof(uint64_t) + 1);
}

void ContentModel::Save(SectionWriter& out) const {
  out.PutU32(options_.neighbours_max);
  out.PutU32(options_.terms_max);
  out.PutU32(options_.postings_max);
  out.PutF32(options_.similarity_min);
  const std::string rows = rows_.Serialize(kRowsName);
  out.PutArray(std::span<const char>(rows));
  out.PutArray(is_trained_);
  out.PutArray(term_hashes_);
  out.PutArray(rarities_);
  out.PutArray(offsets_);
  std::vector<uint32_t> products;
  std::vector<float> weights;
  products.reserve(postings_.size());
  weights.reserve(postings_.size());
  for (const Neighbour& posting : postings_) {
    products.push_back(posting.product);
    weights.push_back(posting.weight);
  }
  out.PutArray(products);
  out.PutArray(weights);
}

Result<std::shared_ptr<const ContentModel>> ContentModel::Load(SectionReader& in,
                                                               std::shared_ptr<const ProductTies> ties) {
  std::shared_ptr<ContentModel> model(new ContentModel(std::move(ties)));
  model->options_.neighbours_max = in.TakeU32();
  model->options_.terms_max = in.TakeU32();
  model->options_.postings_max = in.TakeU32();
  model->options_.similarity_min = in.TakeF32();
  const std::string_view rows = in.TakeText();
  model->is_trained_ = in.TakeArray<uint8_t>();
  model->term_hashes_ = in.TakeArray<uint64_t>();
  model->rarities_ = in.TakeArray<float>();
  model->offsets_ = in.TakeArray<uint32_t>();
  const std::vector<uint32_t> products = in.TakeArray<uint32_t>();
  const std::vector<float> weights = in.TakeArray<float>();
  const std::vector<uint32_t>& offsets = model->offsets_;
  const size_t product_count = model->is_trained_.size();
  in.Require(product_count <= kProductIndexMax && model->term_hashes_.size() == model->rarities_.size());
  in.Require(offsets.size() == model->term_hashes_.size() + 1 && offsets.front() == 0 &&
             std::is_sorted(offsets.begin(), offsets.end()) && offsets.back() == products.size());
  in.Require(products.size() == weights.size());
  in.Require(std::all_of(products.begin(), products.end(),
                         [product_count](uint32_t product) { return product < product_count; }));
  RETURN_IF_ERROR(in.Finish());
  ASSIGN_OR_RETURN(model->rows_, SparseRows::Parse(rows, kRowsName));
  if (model->rows_.product_count() != product_count)
    return Corruption("model file: content rows do not match");
  model->postings_.reserve(products.size());
  for (size_t i = 0; i < products.size(); ++i) model->postings_.push_back({products[i], weights[i]});
  model->BuildDictionary();
  return std::shared_ptr<const ContentModel>(std::move(model));
}

}  // namespace attune::models
