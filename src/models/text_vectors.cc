#include "models/text_vectors.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "base/random.h"
#include "models/als_solver.h"
#include "models/content_terms.h"

namespace attune::models {
namespace {

constexpr size_t kBlockRows = 256;
// Terms of more than this share of the products tell nothing.
constexpr double kCommonShare = 0.25;
constexpr size_t kCommonProductsMin = 50;
// Below this a column of the basis is noise.
constexpr double kTinyNorm = 1e-12;

// Sparse rows of weighted columns.
struct Table {
  std::vector<size_t> offsets = {0};
  std::vector<uint32_t> columns;
  std::vector<float> weights;

  size_t row_count() const { return offsets.size() - 1; }
  void Close() { offsets.push_back(columns.size()); }
};

Table Transposed(const Table& table, size_t column_count) {
  Table turned;
  turned.offsets.assign(column_count + 1, 0);
  for (const uint32_t column : table.columns) ++turned.offsets[column + 1];
  for (size_t i = 0; i < column_count; ++i) turned.offsets[i + 1] += turned.offsets[i];
  turned.columns.resize(table.columns.size());
  turned.weights.resize(table.columns.size());
  std::vector<size_t> next(turned.offsets.begin(), turned.offsets.end() - 1);
  for (size_t row = 0; row < table.row_count(); ++row) {
    for (size_t i = table.offsets[row]; i < table.offsets[row + 1]; ++i) {
      const size_t place = next[table.columns[i]]++;
      turned.columns[place] = static_cast<uint32_t>(row);
      turned.weights[place] = table.weights[i];
    }
  }
  return turned;
}

// Every row to length 1.
void Normalize(Table& table) {
  for (size_t row = 0; row < table.row_count(); ++row) {
    double squares = 0;
    for (size_t i = table.offsets[row]; i < table.offsets[row + 1]; ++i) {
      squares += static_cast<double>(table.weights[i]) * table.weights[i];
    }
    const double scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
    for (size_t i = table.offsets[row]; i < table.offsets[row + 1]; ++i) {
      table.weights[i] = static_cast<float>(table.weights[i] * scale);
    }
  }
}

// Row-major.
struct Dense {
  size_t width = 0;
  std::vector<float> values;

  Dense(size_t rows, size_t columns) : width(columns), values(rows * columns, 0) {}
  size_t row_count() const { return values.size() / width; }
  float* Row(size_t row) { return values.data() + row * width; }
  const float* Row(size_t row) const { return values.data() + row * width; }
};

// out += factor * table * in.
void AddProduct(const Table& table, const Dense& in, float factor, const TrainingControl& control,
                Dense& out) {
  ForEachTrainingBlock(table.row_count(), kBlockRows, control, [&](size_t begin, size_t end, size_t) {
    for (size_t row = begin; row < end; ++row) {
      float* const target = out.Row(row);
      for (size_t i = table.offsets[row]; i < table.offsets[row + 1]; ++i) {
        const float weight = factor * table.weights[i];
        const float* const source = in.Row(table.columns[i]);
        for (size_t k = 0; k < in.width; ++k) target[k] += weight * source[k];
      }
    }
  });
}

// Orthonormal columns that span the same space: the Gram matrix, its Cholesky factor, and back substitution
// (CholeskyQR), twice, since once squares the error.  A column that depends on those before becomes zero.
void Orthonormalize(Dense& matrix) {
  const size_t d = matrix.width;
  for (int pass = 0; pass < 2; ++pass) {
    std::vector<double> gram(d * d, 0);
    for (size_t row = 0; row < matrix.row_count(); ++row) {
      const float* const x = matrix.Row(row);
      for (size_t a = 0; a < d; ++a) {
        if (x[a] == 0) continue;
        for (size_t b = 0; b <= a; ++b) gram[a * d + b] += static_cast<double>(x[a]) * x[b];
      }
    }
    // In place: gram becomes L with gram = L L'.
    for (size_t a = 0; a < d; ++a) {
      for (size_t b = 0; b <= a; ++b) {
        double sum = gram[a * d + b];
        for (size_t k = 0; k < b; ++k) sum -= gram[a * d + k] * gram[b * d + k];
        if (a == b) {
          gram[a * d + a] = sum > kTinyNorm ? std::sqrt(sum) : 0;
        } else {
          gram[a * d + b] = gram[b * d + b] > 0 ? sum / gram[b * d + b] : 0;
        }
      }
    }
    for (size_t row = 0; row < matrix.row_count(); ++row) {
      float* const x = matrix.Row(row);
      for (size_t a = 0; a < d; ++a) {
        double sum = x[a];
        for (size_t k = 0; k < a; ++k) sum -= gram[a * d + k] * static_cast<double>(x[k]);
        x[a] = gram[a * d + a] > 0 ? static_cast<float>(sum / gram[a * d + a]) : 0;
      }
    }
  }
}

struct Features {
  Table table;  // By product; rows of length 1.
  std::vector<uint64_t> term_hashes;
};

Features CollectFeatures(const catalog::CatalogView& catalog, const TextVectorOptions& options,
                         const TrainingControl& control) {
  const size_t count = catalog.index_count();
  std::vector<ContentTerms> all(count);
  ForEachTrainingBlock(count, kBlockRows, control, [&](size_t begin, size_t end, size_t) {
    for (size_t i = begin; i < end; ++i) {
      const catalog::Product* product = catalog.Find(ProductIndex(static_cast<uint32_t>(i)));
      if (product != nullptr) all[i] = ContentTermsWithParts(*product, options.subword_weight);
    }
  });
  absl::flat_hash_map<uint64_t, uint32_t> product_count_by_term;
  size_t product_count = 0;
  for (const ContentTerms& terms : all) {
    product_count += terms.empty() ? 0 : 1;
    for (const auto& [term, weight] : terms) ++product_count_by_term[term];
  }
  const double count_max =
      std::max(kCommonShare * static_cast<double>(product_count), static_cast<double>(kCommonProductsMin));
  Features features;
  for (const auto& [term, products] : product_count_by_term) {
    if (products > 1 && products <= count_max) features.term_hashes.push_back(term);
  }
  std::sort(features.term_hashes.begin(), features.term_hashes.end());
  absl::flat_hash_map<uint64_t, uint32_t> place_by_term;
  for (uint32_t i = 0; i < features.term_hashes.size(); ++i) place_by_term[features.term_hashes[i]] = i;
  for (const ContentTerms& terms : all) {
    for (const auto& [term, weight] : terms) {
      const auto place = place_by_term.find(term);
      if (place == place_by_term.end()) continue;
      const double rarity = std::log(1 + static_cast<double>(product_count) / product_count_by_term[term]);
      features.table.columns.push_back(place->second);
      features.table.weights.push_back(static_cast<float>(weight * rarity));
    }
    features.table.Close();
  }
  Normalize(features.table);
  return features;
}

// The latest products of each shopper, each once.
Table CollectShoppers(const InteractionLog* log, uint32_t product_count, const TextVectorOptions& options) {
  Table shoppers;
  if (log == nullptr || options.shopper_share <= 0) return shoppers;
  std::vector<uint32_t> products;
  log->ForEachShopper([&](std::span<const Interaction> rows) {
    products.clear();
    for (size_t i = rows.size(); i-- > 0 && products.size() < options.shopper_products_max;) {
      const uint32_t product = rows[i].product.value();
      if (product >= product_count) continue;
      if (std::find(products.begin(), products.end(), product) == products.end()) products.push_back(product);
    }
    if (products.size() < 2) return;
    std::sort(products.begin(), products.end());
    shoppers.columns.insert(shoppers.columns.end(), products.begin(), products.end());
    shoppers.weights.insert(shoppers.weights.end(), products.size(), 1.0f);
    shoppers.Close();
  });
  Normalize(shoppers);
  return shoppers;
}

Status CheckOptions(const TextVectorOptions& options) {
  if (options.dimensions == 0 || options.dimensions > kTextDimensionsMax || options.dimensions % 8 != 0)
    return InvalidArgument("must be a multiple of 8, at most 256", "dimensions");
  if (options.iterations == 0 || options.iterations > 100)
    return InvalidArgument("must be from 1 to 100", "iterations");
  if (!(options.subword_weight >= 0 && options.subword_weight <= 10))
    return InvalidArgument("must be from 0 to 10", "subword_weight");
  if (!(options.shopper_share >= 0 && options.shopper_share <= 100))
    return InvalidArgument("must be from 0 to 100", "shopper_share");
  if (!(options.whitening >= 0 && options.whitening <= 1))
    return InvalidArgument("must be from 0 to 1", "whitening");
  return {};
}

Dense RandomBasis(const std::vector<uint64_t>& term_hashes, const TextVectorOptions& options) {
  Dense basis(term_hashes.size(), options.dimensions);
  for (size_t row = 0; row < term_hashes.size(); ++row) {
    Random random(MixHash64(options.seed, term_hashes[row]));
    for (size_t k = 0; k < options.dimensions; ++k)
      basis.Row(row)[k] = static_cast<float>(random.NextNormal());
  }
  return basis;
}

// Divides each column by its norm to the power of `whitening`, then makes each row length 1.
void Finish(float whitening, Dense& vectors) {
  std::vector<double> squares(vectors.width, 0);
  for (size_t row = 0; row < vectors.row_count(); ++row) {
    for (size_t k = 0; k < vectors.width; ++k) {
      squares[k] += static_cast<double>(vectors.Row(row)[k]) * vectors.Row(row)[k];
    }
  }
  std::vector<float> scales(vectors.width, 0);
  for (size_t k = 0; k < vectors.width; ++k) {
    if (squares[k] > kTinyNorm) scales[k] = static_cast<float>(std::pow(std::sqrt(squares[k]), -whitening));
  }
  for (size_t row = 0; row < vectors.row_count(); ++row) {
    float* const x = vectors.Row(row);
    double length = 0;
    for (size_t k = 0; k < vectors.width; ++k) {
      x[k] *= scales[k];
      length += static_cast<double>(x[k]) * x[k];
    }
    const auto scale = static_cast<float>(length > kTinyNorm ? 1 / std::sqrt(length) : 0);
    for (size_t k = 0; k < vectors.width; ++k) x[k] *= scale;
  }
}

}  // namespace

float ProductVectors::Cosine(uint32_t a, uint32_t b) const {
  const std::span<const float> x = Of(a);
  const std::span<const float> y = Of(b);
  return x.empty() || y.empty() ? 0 : DotProduct(x.data(), y.data(), x.size());
}

Result<ProductVectors> TrainTextVectors(const catalog::CatalogView& catalog, const InteractionLog* log,
                                        const TextVectorOptions& options, const TrainingControl& control) {
  RETURN_IF_ERROR(CheckOptions(options));
  const Features features = CollectFeatures(catalog, options, control);
  RETURN_IF_ERROR(control.Check());
  const size_t product_count = features.table.row_count();
  ProductVectors vectors;
  vectors.dimensions = options.dimensions;
  if (features.term_hashes.empty()) {
    vectors.values.assign(product_count * options.dimensions, 0);
    return vectors;
  }
  const Table products_by_term = Transposed(features.table, features.term_hashes.size());
  const Table shoppers = CollectShoppers(log, catalog.index_count(), options);
  const Table shoppers_by_product = Transposed(shoppers, product_count);
  Dense basis = RandomBasis(features.term_hashes, options);
  for (uint32_t iteration = 0; iteration < options.iterations; ++iteration) {
    Orthonormalize(basis);
    Dense by_product(product_count, options.dimensions);
    AddProduct(features.table, basis, 1, control, by_product);
    Dense by_shopper(shoppers.row_count(), options.dimensions);
    AddProduct(shoppers, by_product, 1, control, by_shopper);
    AddProduct(shoppers_by_product, by_shopper, options.shopper_share, control, by_product);
    std::fill(basis.values.begin(), basis.values.end(), 0.0f);
    AddProduct(products_by_term, by_product, 1, control, basis);
    RETURN_IF_ERROR(control.Check());
  }
  Orthonormalize(basis);
  Dense by_product(product_count, options.dimensions);
  AddProduct(features.table, basis, 1, control, by_product);
  RETURN_IF_ERROR(control.Check());
  Finish(options.whitening, by_product);
  vectors.values = std::move(by_product.values);
  return vectors;
}

}  // namespace attune::models
