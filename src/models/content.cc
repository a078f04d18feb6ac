#include "models/content.h"

#include <algorithm>
#include <cmath>
#include <string>

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

}  // namespace

Result<std::shared_ptr<const ContentModel>> ContentModel::Train(const catalog::CatalogView& catalog,
                                                                const ContentOptions& options,
                                                                const TrainingControl& control) {
  std::shared_ptr<ContentModel> model(new ContentModel());
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
  std::vector<Vector> vectors(count);
  for (size_t i = 0; i < count; ++i) vectors[i] = model->VectorOf(all[i]);
  all.clear();
  model->BuildPostings(vectors);
  control.Report(kName, 0.3);

  struct Scratch {
    SparseAccumulator accumulator;
    std::vector<ScoredProduct> scored;
  };
  std::vector<Scratch> scratch(static_cast<size_t>(std::max(control.thread_count, 1)));
  std::vector<std::vector<Neighbour>> rows(count);
  ForEachTrainingBlock(count, kBlockProducts, control, [&](size_t begin, size_t end, size_t thread) {
    for (size_t i = begin; i < end; ++i) {
      model->FindSimilar(vectors[i], static_cast<uint32_t>(i), scratch[thread].accumulator,
                         scratch[thread].scored, rows[i]);
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

void ContentModel::FindSimilar(const Vector& vector, uint32_t self, SparseAccumulator& accumulator,
                               std::vector<ScoredProduct>& scratch, std::vector<Neighbour>& out) const {
  accumulator.Start(static_cast<uint32_t>(is_trained_.size()));
  size_t left = options_.postings_max;
  for (const auto& [term, weight] : vector) {
    const auto row = std::span(postings_).subspan(offsets_[term], offsets_[term + 1] - offsets_[term]);
    if (row.size() > left) continue;  // A commoner term: a lighter and rarer one may still fit.
    left -= row.size();
    accumulator.AddRow(row, weight, 0);
  }
  if (self != kNoProduct) accumulator.Mask(self);
  scratch.clear();
  accumulator.Strongest(options_.neighbours_max, scratch);
  out.clear();
  for (const ScoredProduct& scored : scratch) {
    if (scored.score >= options_.similarity_min) out.push_back({scored.product, scored.score});
  }
}

void ContentModel::Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const {
  static thread_local SparseAccumulator accumulator;
  static thread_local SparseAccumulator fly_accumulator;
  static thread_local std::vector<ScoredProduct> scored;
  static thread_local std::vector<Neighbour> found;
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
    FindSimilar(VectorOf(ContentTermsOf(*product)), kNoProduct, fly_accumulator, scored, found);
    accumulator.AddRow(found, seeds[i].weight, i);
  }
  if (!query.may_repeat) {
    for (const Seed& seed : seeds) accumulator.Mask(seed.product.value());
  }
  scored.clear();
  accumulator.Strongest(limit, scored);
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

Result<std::shared_ptr<const ContentModel>> ContentModel::Load(SectionReader& in) {
  std::shared_ptr<ContentModel> model(new ContentModel());
  model->options_.neighbours_max = in.TakeU32();
  model->options_.terms_max = in.TakeU32();
  model->options_.postings_max = in.TakeU32();
  model->options_.similarity_min = in.TakeF32();
  const std::vector<char> rows = in.TakeArray<char>();
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
  ASSIGN_OR_RETURN(model->rows_, SparseRows::Parse(std::string_view(rows.data(), rows.size()), kRowsName));
  if (model->rows_.product_count() != product_count)
    return Corruption("model file: content rows do not match");
  model->postings_.reserve(products.size());
  for (size_t i = 0; i < products.size(); ++i) model->postings_.push_back({products[i], weights[i]});
  model->BuildDictionary();
  return std::shared_ptr<const ContentModel>(std::move(model));
}

}  // namespace attune::models
