#include "models/als.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "base/random.h"
#include "models/als_solver.h"
#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr size_t kBlockRows = 128;
constexpr uint32_t kNoRow = UINT32_MAX;
// Observations of all rows of one side, compressed.
struct Matrix {
  std::vector<uint64_t> offsets{0};
  std::vector<uint32_t> columns;
  std::vector<float> weights;

  size_t row_count() const { return offsets.size() - 1; }
  AlsObservations Row(size_t row) const {
    const size_t begin = offsets[row];
    const size_t count = offsets[row + 1] - begin;
    return {std::span(columns).subspan(begin, count), std::span(weights).subspan(begin, count)};
  }
};

float WeightOf(InteractionKind kind, const AlsOptions& options) {
  switch (kind) {
    case InteractionKind::kView:
      return options.view_weight;
    case InteractionKind::kCart:
      return options.cart_weight;
    case InteractionKind::kPurchase:
      return options.purchase_weight;
  }
  return 0;
}

// What one shopper did, as (product, weight) by product; of too many the latest.
void CollectShopper(std::span<const Interaction> rows, const AlsOptions& options,
                    std::vector<std::pair<uint32_t, float>>& out) {
  out.clear();
  absl::flat_hash_map<uint32_t, size_t> position_by_product;
  for (size_t i = rows.size(); i-- > 0;) {
    const uint32_t product = rows[i].product.value();
    const float weight = WeightOf(rows[i].kind, options);
    const auto found = position_by_product.find(product);
    if (found != position_by_product.end()) {
      out[found->second].second = std::min(out[found->second].second + weight, options.weight_max);
    } else if (out.size() < options.shopper_products_max) {
      position_by_product[product] = out.size();
      out.emplace_back(product, std::min(weight, options.weight_max));
    }
  }
  std::sort(out.begin(), out.end());
}

Matrix CollectShoppers(const InteractionLog& log, const AlsOptions& options) {
  std::vector<uint64_t> hashes;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    hashes.push_back(MixHash64(rows.front().shopper.value(), 0));
  });
  uint64_t hash_max = UINT64_MAX;
  if (hashes.size() > options.shoppers_max && options.shoppers_max > 0) {
    const auto last = hashes.begin() + options.shoppers_max - 1;
    std::nth_element(hashes.begin(), last, hashes.end());
    hash_max = *last;
  }
  Matrix shoppers;
  std::vector<std::pair<uint32_t, float>> row;
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    if (MixHash64(rows.front().shopper.value(), 0) > hash_max) return;
    CollectShopper(rows, options, row);
    for (const auto& [product, weight] : row) {
      shoppers.columns.push_back(product);
      shoppers.weights.push_back(weight);
    }
    shoppers.offsets.push_back(shoppers.columns.size());
  });
  return shoppers;
}

// Keeps only products with enough shoppers and renumbers the columns; returns the kept products, increasing.
std::vector<uint32_t> KeepSupported(uint32_t product_count, uint32_t support_min, Matrix& shoppers) {
  std::vector<uint32_t> support(product_count, 0);
  for (const uint32_t product : shoppers.columns) ++support[product];
  std::vector<uint32_t> products;
  std::vector<uint32_t> row_by_product(product_count, kNoRow);
  for (uint32_t i = 0; i < product_count; ++i) {
    if (support[i] < std::max(support_min, 1u)) continue;
    row_by_product[i] = static_cast<uint32_t>(products.size());
    products.push_back(i);
  }
  Matrix kept;
  for (size_t row = 0; row < shoppers.row_count(); ++row) {
    const AlsObservations all = shoppers.Row(row);
    for (size_t k = 0; k < all.rows.size(); ++k) {
      if (row_by_product[all.rows[k]] == kNoRow) continue;
      kept.columns.push_back(row_by_product[all.rows[k]]);
      kept.weights.push_back(all.weights[k]);
    }
    if (kept.columns.size() > kept.offsets.back()) kept.offsets.push_back(kept.columns.size());
  }
  shoppers = std::move(kept);
  return products;
}

Matrix Transpose(const Matrix& matrix, size_t column_count) {
  Matrix out;
  out.offsets.assign(column_count + 1, 0);
  for (const uint32_t column : matrix.columns) ++out.offsets[column + 1];
  for (size_t i = 0; i < column_count; ++i) out.offsets[i + 1] += out.offsets[i];
  out.columns.resize(matrix.columns.size());
  out.weights.resize(matrix.columns.size());
  std::vector<uint64_t> next(out.offsets.begin(), out.offsets.end() - 1);
  for (uint32_t row = 0; row < matrix.row_count(); ++row) {
    const AlsObservations observed = matrix.Row(row);
    for (size_t k = 0; k < observed.rows.size(); ++k) {
      const uint64_t place = next[observed.rows[k]]++;
      out.columns[place] = row;
      out.weights[place] = observed.weights[k];
    }
  }
  return out;
}

// The prior shrinks coordinates that nothing speaks for, sweep by sweep, into numbers whose products no
// processor multiplies at full speed.
constexpr float kNegligible = 1e-18f;
void DropNegligible(std::span<float> coordinates) {
  for (float& value : coordinates) value = std::abs(value) < kNegligible ? 0 : value;
}

float Ridge(size_t observed, size_t other_side, const AlsOptions& options) {
  return options.regularization *
         (static_cast<float>(observed) + options.unobserved_weight * static_cast<float>(other_side));
}

// One half step: solves all rows of `observations` against the fixed `factors`, in blocks of coordinates.
void SolveProducts(const Matrix& observations, std::span<const float> factors, const AlsOptions& options,
                   const TrainingControl& control, std::vector<float>& solved) {
  const size_t dimensions = options.dimensions;
  const std::vector<float> gram = ScaledGram(factors, dimensions, options.unobserved_weight, control);
  const size_t other_side = factors.size() / dimensions;
  ForEachTrainingBlock(observations.row_count(), kBlockRows, control, [&](size_t begin, size_t end, size_t) {
    for (size_t row = begin; row < end; ++row) {
      const AlsObservations observed = observations.Row(row);
      const std::span<float> x = std::span(solved).subspan(row * dimensions, dimensions);
      SolveRow(gram, factors, observed, Ridge(observed.rows.size(), other_side, options),
               options.block_dimensions, x);
      DropNegligible(x);
    }
  });
}

// The same for shoppers, most of whom have seen little.
void SolveShoppers(const Matrix& observations, std::span<const float> factors, const AlsOptions& options,
                   const TrainingControl& control, std::vector<float>& solved) {
  const size_t dimensions = options.dimensions;
  const std::vector<float> gram = ScaledGram(factors, dimensions, options.unobserved_weight, control);
  const size_t other_side = factors.size() / dimensions;
  const FewObservationsSolver few(gram, factors, dimensions, control);
  ForEachTrainingBlock(observations.row_count(), kBlockRows, control, [&](size_t begin, size_t end, size_t) {
    for (size_t row = begin; row < end; ++row) {
      const AlsObservations observed = observations.Row(row);
      const std::span<float> x = std::span(solved).subspan(row * dimensions, dimensions);
      const float ridge = Ridge(observed.rows.size(), other_side, options);
      if (observed.rows.size() <= FewObservationsSolver::kObservationsMax) {
        few.Solve(observed, ridge, x);
      } else {
        SolveRow(gram, factors, observed, ridge, dimensions, x);  // One block: exact, too.
      }
      DropNegligible(x);
    }
  });
}

Status CheckOptions(const AlsOptions& options) {
  if (options.dimensions == 0 || options.dimensions % 8 != 0 || options.dimensions > kAlsDimensionsMax) {
    return InvalidArgument("dimensions must be a multiple of 8, at most 128", "als.dimensions");
  }
  if (options.block_dimensions == 0 || options.block_dimensions % 8 != 0) {
    return InvalidArgument("must be a multiple of 8", "als.block_dimensions");
  }
  if (!(options.regularization > 0)) return InvalidArgument("must be positive", "als.regularization");
  if (!(options.unobserved_weight >= 0)) {
    return InvalidArgument("must not be negative", "als.unobserved_weight");
  }
  return {};
}

// Latest first, each product once with its largest weight.
void CollectFoldIn(const SourceQuery& query, std::vector<Seed>& out) {
  out.clear();
  const auto add = [&out](const Seed& seed, float weight) {
    for (Seed& there : out) {
      if (there.product == seed.product) {
        there.weight = std::max(there.weight, weight);
        return;
      }
    }
    if (out.size() < kAlsFoldInProductsMax) out.push_back({seed.product, weight, seed.at_ms, 0});
  };
  for (const Seed& seed : query.seeds) add(seed, seed.weight);
  for (const Seed& purchase : query.purchases) add(purchase, 1);
}

}  // namespace

Result<std::shared_ptr<const AlsModel>> AlsModel::Train(const InteractionLog& log,
                                                        std::shared_ptr<const ProductTies> ties,
                                                        const AlsOptions& options,
                                                        const TrainingControl& control) {
  RETURN_IF_ERROR(CheckOptions(options));
  std::shared_ptr<AlsModel> model(new AlsModel());
  model->options_ = options;
  Matrix by_shopper = CollectShoppers(log, options);
  model->products_ = KeepSupported(log.product_index_count(), options.product_support_min, by_shopper);
  const Matrix by_product = Transpose(by_shopper, model->products_.size());
  std::vector<float> factors(model->products_.size() * options.dimensions);
  for (size_t row = 0; row < model->products_.size(); ++row) {
    Random random(MixHash64(options.seed, ties->HashOf(model->products_[row])));
    for (size_t k = 0; k < options.dimensions; ++k) {
      factors[row * options.dimensions + k] =
          static_cast<float>(0.1 * random.NextNormal() / std::sqrt(static_cast<double>(options.dimensions)));
    }
  }
  std::vector<float> shopper_factors(by_shopper.row_count() * options.dimensions, 0);
  for (uint32_t iteration = 0; iteration < options.iterations; ++iteration) {
    SolveShoppers(by_shopper, factors, options, control, shopper_factors);
    RETURN_IF_ERROR(control.Check());
    SolveProducts(by_product, shopper_factors, options, control, factors);
    RETURN_IF_ERROR(control.Check());
    control.Report(kName, static_cast<double>(iteration + 1) / options.iterations);
  }
  model->Prepare(std::move(factors), *ties);
  return std::shared_ptr<const AlsModel>(std::move(model));
}

void AlsModel::Prepare(std::vector<float> factors, const ProductTies& ties) {
  row_by_product_.assign(products_.empty() ? 0 : products_.back() + 1, kNoRow);
  for (uint32_t row = 0; row < products_.size(); ++row) row_by_product_[products_[row]] = row;
  DropNegligible(factors);  // Files of older builds hold them.
  gram_ = ScaledGram(factors, options_.dimensions, options_.unobserved_weight, {});
  auto table = std::make_shared<VectorTable>();
  table->dimensions = options_.dimensions;
  table->values = std::move(factors);
  for (const uint32_t product : products_) table->tie_hashes.push_back(ties.HashOf(product));
  table_ = std::move(table);
  index_ = MakeNearestNeighbours(table_, Similarity::kInnerProduct);
}

std::span<const float> AlsModel::VectorOf(ProductIndex product) const {
  if (product.value() >= row_by_product_.size() || row_by_product_[product.value()] == kNoRow) return {};
  return table_->Row(row_by_product_[product.value()]);
}

std::vector<float> AlsModel::FoldIn(std::span<const uint32_t> rows, std::span<const float> weights) const {
  if (rows.empty()) return {};
  std::vector<float> x(options_.dimensions, 0);
  // One block: the exact solution.
  SolveRow(gram_, table_->values, {rows, weights}, Ridge(rows.size(), products_.size(), options_),
           options_.dimensions, x);
  return x;
}

std::vector<float> AlsModel::FoldIn(std::span<const Seed> products) const {
  std::vector<uint32_t> rows;
  std::vector<float> weights;
  for (const Seed& seed : products) {
    const size_t i = seed.product.value();
    if (i >= row_by_product_.size() || row_by_product_[i] == kNoRow || !(seed.weight > 0)) continue;
    rows.push_back(row_by_product_[i]);
    weights.push_back(std::min(seed.weight, options_.weight_max));
  }
  return FoldIn(rows, weights);
}

std::vector<float> AlsModel::FoldInRows(std::span<const Interaction> log_rows,
                                        const AlsOptions& options) const {
  std::vector<std::pair<uint32_t, float>> observed;
  CollectShopper(log_rows, options, observed);
  std::vector<uint32_t> rows;
  std::vector<float> weights;
  for (const auto& [product, weight] : observed) {
    if (product >= row_by_product_.size() || row_by_product_[product] == kNoRow) continue;
    rows.push_back(row_by_product_[product]);
    weights.push_back(weight);
  }
  return FoldIn(rows, weights);
}

float AlsModel::Score(std::span<const float> shopper, ProductIndex product) const {
  const std::span<const float> y = VectorOf(product);
  return y.empty() || shopper.size() != y.size() ? 0 : DotProduct(shopper.data(), y.data(), y.size());
}

void AlsModel::Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const {
  static thread_local std::vector<Seed> known;
  static thread_local std::vector<NearRow> near;
  if (limit == 0) return;
  CollectFoldIn(query, known);
  const std::vector<float> x = FoldIn(known);
  if (x.empty()) return;
  const std::span<const Seed> masked = query.may_repeat ? std::span<const Seed>() : query.seeds;
  index_->Find(x, limit + masked.size(), near);
  for (const NearRow& row : near) {
    if (limit == 0 || !(row.similarity > 0)) return;
    const ProductIndex product(products_[row.row]);
    if (std::any_of(masked.begin(), masked.end(),
                    [&](const Seed& seed) { return seed.product == product; })) {
      continue;
    }
    out.push_back({product, row.similarity, {}, false});
    --limit;
  }
}

size_t AlsModel::memory_bytes() const {
  return (products_.size() + row_by_product_.size()) * sizeof(uint32_t) + gram_.size() * sizeof(float) +
         table_->memory_bytes() + index_->memory_bytes();
}

void AlsModel::Save(SectionWriter& out) const {
  out.PutU32(options_.dimensions);
  out.PutF32(options_.unobserved_weight);
  out.PutF32(options_.regularization);
  out.PutF32(options_.weight_max);
  out.PutArray(products_);
  out.PutArray(table_->values);
}

Result<std::shared_ptr<const AlsModel>> AlsModel::Load(SectionReader& in,
                                                       std::shared_ptr<const ProductTies> ties) {
  std::shared_ptr<AlsModel> model(new AlsModel());
  AlsOptions& options = model->options_;
  options.dimensions = in.TakeU32();
  options.unobserved_weight = in.TakeF32();
  options.regularization = in.TakeF32();
  options.weight_max = in.TakeF32();
  model->products_ = in.TakeArray<uint32_t>();
  std::vector<float> factors = in.TakeArray<float>();
  const std::vector<uint32_t>& products = model->products_;
  in.Require(options.dimensions > 0 && options.dimensions % 8 == 0 &&
             options.dimensions <= kAlsDimensionsMax);
  in.Require(options.unobserved_weight >= 0 && options.regularization > 0 && options.weight_max > 0);
  in.Require(std::isfinite(options.unobserved_weight) && std::isfinite(options.regularization) &&
             std::isfinite(options.weight_max));
  in.Require(std::all_of(factors.begin(), factors.end(), [](float factor) { return std::isfinite(factor); }));
  in.Require(factors.size() == products.size() * size_t{options.dimensions});
  in.Require(std::is_sorted(products.begin(), products.end()) &&
             std::adjacent_find(products.begin(), products.end()) == products.end());
  // A product index far above the number of rows would make a table as large as it says.
  in.Require(products.empty() || products.back() < kProductIndexMax);
  RETURN_IF_ERROR(in.Finish());
  model->Prepare(std::move(factors), *ties);
  return std::shared_ptr<const AlsModel>(std::move(model));
}

}  // namespace attune::models
