#include "models/looks_alike.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "catalog/catalog_view.h"
#include "catalog/limits.h"
#include "models/code_scan.h"
#include "models/limits.h"
#include "models/model_file.h"
#include "models/vector_codes.h"

namespace attune::models {
namespace {

static_assert(catalog::kImageVectorLengthMax <= kScanWidthMax,
              "every vector that a product may have is scanned");

// The codes are good to about a hundredth; so many times more are scored again than are asked for.
constexpr size_t kRescoredTimes = 3;
constexpr size_t kRescoredMin = 64;

// Empty for a vector without direction.
std::vector<float> Normalized(std::span<const float> vector) {
  double squares = 0;
  for (const float number : vector) squares += static_cast<double>(number) * static_cast<double>(number);
  if (!(squares > 0) || !std::isfinite(squares)) return {};
  const double length = std::sqrt(squares);
  std::vector<float> unit;
  unit.reserve(vector.size());
  for (const float number : vector) unit.push_back(static_cast<float>(static_cast<double>(number) / length));
  return unit;
}

float Dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return static_cast<float>(sum);
}

// The length that most products have; the smaller of equals.
size_t UsualLength(const catalog::CatalogView& catalog) {
  std::map<size_t, size_t> counts;
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    const catalog::Product* const product = catalog.Find(ProductIndex(i));
    if (product != nullptr && !product->image_vector.empty()) ++counts[product->image_vector.size()];
  }
  size_t usual = 0;
  size_t most = 0;
  for (const auto& [length, count] : counts) {
    if (count > most) {
      most = count;
      usual = length;
    }
  }
  return usual;
}

}  // namespace

std::shared_ptr<const LooksAlikeModel> LooksAlikeModel::Train(const catalog::CatalogView& catalog,
                                                              std::shared_ptr<const ProductTies> ties) {
  std::shared_ptr<LooksAlikeModel> model(new LooksAlikeModel());
  model->ties_ = std::move(ties);
  const size_t length = UsualLength(catalog);
  model->dimensions_ = static_cast<uint32_t>(length);
  const size_t width = PaddedCodeWidth(length);
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    if (model->products_.size() == kLooksAlikeProductsMax) break;
    const catalog::Product* const product = catalog.Find(ProductIndex(i));
    if (product == nullptr || length == 0 || product->image_vector.size() != length) continue;
    const std::vector<float> unit = Normalized(product->image_vector);
    if (unit.empty()) continue;
    model->products_.push_back(i);
    model->codes_.resize(model->codes_.size() + width, 0);
    model->scales_.push_back(
        EncodeVector(unit, kByteCodeMax, std::span(model->codes_).last(width).first(length)));
  }
  return model;
}

void LooksAlikeModel::Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const {
  if (products_.empty() || query.catalog == nullptr || limit == 0) return;
  static thread_local std::vector<float> scores;
  static thread_local std::vector<int8_t> code;
  static thread_local std::vector<uint32_t> rows;
  absl::flat_hash_map<uint32_t, Candidate> best;  // By product; copied out and sorted.
  const auto is_seed = [&query](uint32_t product) {
    return std::any_of(query.seeds.begin(), query.seeds.end(),
                       [product](const Seed& seed) { return seed.product.value() == product; });
  };
  const size_t seed_count = std::min(query.seeds.size(), kLooksAlikeSeedsMax);
  for (size_t s = 0; s < seed_count; ++s) {
    const ProductIndex seed = query.seeds[s].product;
    const catalog::Product* const asked = query.catalog->Find(seed);
    if (asked == nullptr || asked->image_vector.size() != dimensions_) continue;
    const std::vector<float> unit = Normalized(asked->image_vector);
    if (unit.empty()) continue;
    code.assign(PaddedCodeWidth(dimensions_), 0);
    (void)EncodeVector(unit, kByteCodeMax, std::span(code).first(dimensions_));
    scores.resize(products_.size());
    Scan(codes_, scales_, code, scores);
    rows.resize(products_.size());
    for (uint32_t row = 0; row < rows.size(); ++row) rows[row] = row;
    const size_t kept = std::min(rows.size(), std::max(kRescoredMin, limit * kRescoredTimes) + seed_count);
    const auto is_better = [&](uint32_t a, uint32_t b) {
      return scores[a] != scores[b] ? scores[a] > scores[b] : ties_->IsBefore(products_[a], products_[b]);
    };
    std::nth_element(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(kept - 1), rows.end(), is_better);
    for (size_t i = 0; i < kept; ++i) {
      const uint32_t product = products_[rows[i]];
      if (product == seed.value() || (!query.may_repeat && is_seed(product))) continue;
      const catalog::Product* const found = query.catalog->Find(ProductIndex(product));
      if (found == nullptr || found->image_vector.size() != dimensions_) continue;
      const float score = Dot(unit, Normalized(found->image_vector));
      const auto [known, is_new] =
          best.try_emplace(product, Candidate{ProductIndex(product), score, seed, true});
      if (!is_new && score > known->second.score) known->second = {ProductIndex(product), score, seed, true};
    }
  }
  std::vector<Candidate> ranked;
  ranked.reserve(best.size());
  for (const auto& [product, candidate] : best) ranked.push_back(candidate);
  std::sort(ranked.begin(), ranked.end(), [this](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : ties_->IsBefore(a.product.value(), b.product.value());
  });
  if (ranked.size() > limit) ranked.resize(limit);
  out.insert(out.end(), ranked.begin(), ranked.end());
}

void LooksAlikeModel::Save(SectionWriter& out) const {
  out.PutU32(dimensions_);
  out.PutArray(products_);
  out.PutArray(codes_);
  out.PutArray(scales_);
}

Result<std::shared_ptr<const LooksAlikeModel>> LooksAlikeModel::Load(
    SectionReader& in, std::shared_ptr<const ProductTies> ties) {
  std::shared_ptr<LooksAlikeModel> model(new LooksAlikeModel());
  model->ties_ = std::move(ties);
  model->dimensions_ = in.TakeU32();
  model->products_ = in.TakeArray<uint32_t>();
  model->codes_ = in.TakeArray<int8_t>();
  model->scales_ = in.TakeArray<float>();
  in.Require(model->dimensions_ <= catalog::kImageVectorLengthMax &&
             model->scales_.size() == model->products_.size() &&
             model->codes_.size() == model->products_.size() * PaddedCodeWidth(model->dimensions_) &&
             std::all_of(model->products_.begin(), model->products_.end(),
                         [](uint32_t product) { return product < kProductIndexMax; }) &&
             std::all_of(model->scales_.begin(), model->scales_.end(),
                         [](float scale) { return std::isfinite(scale); }));
  RETURN_IF_ERROR(in.Finish());
  return std::shared_ptr<const LooksAlikeModel>(std::move(model));
}

}  // namespace attune::models
