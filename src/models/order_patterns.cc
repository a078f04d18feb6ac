#include "models/order_patterns.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/clock.h"
#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr double kFadeDays = 120;
constexpr float kRidge = 3;
constexpr uint32_t kNoPlace = UINT32_MAX;
constexpr std::string_view kFollowing = "following";
constexpr std::string_view kTogether = "together";

// The `count` largest in absolute value.
void KeepLargest(std::vector<Neighbour>& row, size_t count) {
  if (row.size() <= count) return;
  const auto is_larger = [](const Neighbour& a, const Neighbour& b) {
    const float of_a = std::abs(a.weight);
    const float of_b = std::abs(b.weight);
    return of_a != of_b ? of_a > of_b : a.product < b.product;
  };
  std::nth_element(row.begin(), row.begin() + static_cast<ptrdiff_t>(count), row.end(), is_larger);
  row.resize(count);
}

// What scales the vector to length 1; 0 for one without a length.
float ScaleOf(std::span<const Neighbour> vector) {
  double squares = 0;
  for (const Neighbour& entry : vector) squares += double{entry.weight} * double{entry.weight};
  return static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 0);
}

}  // namespace

OrderPatterns::OrderPatterns(SparseRows following, std::vector<float> again, SparseRows together)
    : following_(std::move(following)), again_(std::move(again)), together_(std::move(together)) {
  CHECK(following_.product_count() == again_.size() && together_.product_count() == again_.size());
}

void OrderPatterns::AddFollowing(std::span<const Neighbour> vector, uint32_t product_count,
                                 SparseAccumulator& scores) const {
  scores.Start(product_count);
  const float scale = ScaleOf(vector);
  if (scale == 0) return;
  for (const Neighbour& entry : vector) {
    const float factor = entry.weight * scale;
    if (entry.product < again_.size() && again_[entry.product] != 0) {
      scores.Add(entry.product, factor * again_[entry.product], entry.product);
    }
    scores.AddRow(following_.Of(entry.product), factor, entry.product);
  }
}

void OrderPatterns::AddTogether(std::span<const Neighbour> vector, uint32_t product_count,
                                SparseAccumulator& scores) const {
  scores.Start(product_count);
  for (const Neighbour& entry : vector) scores.AddRow(together_.Of(entry.product), 1, entry.product);
}

size_t OrderPatterns::memory_bytes() const {
  return following_.memory_bytes() + together_.memory_bytes() + again_.size() * sizeof(float);
}

void OrderPatterns::Save(SectionWriter& out) const {
  const auto put = [&](const std::string& bytes) { out.PutArray(std::span<const char>(bytes)); };
  put(following_.Serialize(kFollowing));
  out.PutArray(again_);
  put(together_.Serialize(kTogether));
}

Result<OrderPatterns> OrderPatterns::Load(SectionReader& in) {
  const std::string_view following_bytes = in.TakeText();
  std::vector<float> again = in.TakeArray<float>();
  const std::string_view together_bytes = in.TakeText();
  ASSIGN_OR_RETURN(SparseRows following, SparseRows::Parse(following_bytes, kFollowing));
  ASSIGN_OR_RETURN(SparseRows together, SparseRows::Parse(together_bytes, kTogether));
  const bool is_sound =
      following.product_count() == again.size() && together.product_count() == again.size() &&
      std::all_of(again.begin(), again.end(), [](float weight) { return std::isfinite(weight); });
  in.Require(is_sound);
  if (!is_sound) return OrderPatterns();
  return OrderPatterns(std::move(following), std::move(again), std::move(together));
}

void OrderHistory::Add(std::vector<Neighbour> bought_before, std::vector<uint32_t> order, int64_t at_ms) {
  const float scale = ScaleOf(bought_before);
  for (Neighbour& entry : bought_before) entry.weight *= scale;
  order.resize(std::min(order.size(), kVectorProductsMax));
  orders_.push_back({at_ms, std::move(bought_before), std::move(order)});
  if (orders_.size() > kOrderPatternOrdersMax) orders_.pop_front();
}

// The matrices of one Learn(), over the products that are sold most.
class OrderPatternLearning {
 public:
  OrderPatternLearning(const OrderHistory& history, int64_t now_ms) : history_(history), now_ms_(now_ms) {
    ChooseProducts();
  }

  Result<OrderPatterns> Run(const TrainingControl& control) {
    std::vector<float> again(history_.product_count_, 0);
    ASSIGN_OR_RETURN(SparseRows following, Following(control, again));
    return OrderPatterns(std::move(following), std::move(again), Together());
  }

 private:
  using Matrix = Eigen::MatrixXf;

  double WeightOf(const OrderHistory::Order& order) const {
    return std::exp(-static_cast<double>(now_ms_ - order.at_ms) / static_cast<double>(kDayMs) / kFadeDays);
  }

  void ChooseProducts() {
    std::vector<double> sold(history_.product_count_, 0);
    for (const OrderHistory::Order& order : history_.orders_) {
      for (const uint32_t product : order.products) sold[product] += WeightOf(order);
    }
    for (uint32_t product = 0; product < sold.size(); ++product) {
      if (sold[product] > 0) products_.push_back(product);
    }
    std::sort(products_.begin(), products_.end(),
              [&](uint32_t a, uint32_t b) { return std::pair(-sold[a], a) < std::pair(-sold[b], b); });
    products_.resize(std::min(products_.size(), kOrderPatternProductsMax));
    std::sort(products_.begin(), products_.end());
    places_.assign(history_.product_count_, kNoPlace);
    for (uint32_t i = 0; i < products_.size(); ++i) places_[products_[i]] = i;
  }

  // Their places; products without one are left out.
  std::vector<uint32_t> PlacesOf(std::span<const uint32_t> products) const {
    std::vector<uint32_t> places;
    for (const uint32_t product : products) {
      if (places_[product] != kNoPlace) places.push_back(places_[product]);
    }
    return places;
  }

  Result<SparseRows> Following(const TrainingControl& control, std::vector<float>& again) const {
    const auto size = static_cast<Eigen::Index>(products_.size());
    Matrix gram = Matrix::Zero(size, size);
    Matrix weights = Matrix::Zero(size, size);  // X'DY, and then W.
    std::vector<Neighbour> before;
    for (const OrderHistory::Order& order : history_.orders_) {
      before.clear();
      for (const Neighbour& entry : order.before) {
        if (places_[entry.product] != kNoPlace) before.push_back({places_[entry.product], entry.weight});
      }
      const auto weight = static_cast<float>(WeightOf(order));
      const float held = weight / std::sqrt(static_cast<float>(std::max<size_t>(order.products.size(), 1)));
      const std::vector<uint32_t> places = PlacesOf(order.products);
      for (const Neighbour& a : before) {
        for (const Neighbour& b : before) {
          if (b.product <= a.product) gram(a.product, b.product) += weight * a.weight * b.weight;
        }
        for (const uint32_t b : places) weights(a.product, b) += held * a.weight;
      }
    }
    RETURN_IF_ERROR(control.Check());
    gram.diagonal().array() += kRidge;
    Eigen::LLT<Eigen::Ref<Matrix>> cholesky(gram);  // Reads the lower triangle.
    RETURN_IF_ERROR(control.Check());
    cholesky.solveInPlace(weights);
    return RowsOf(weights, &again);
  }

  SparseRows Together() const {
    const auto size = static_cast<Eigen::Index>(products_.size());
    Matrix counts = Matrix::Zero(size, size);
    for (const OrderHistory::Order& order : history_.orders_) {
      const std::vector<uint32_t> places = PlacesOf(order.products);
      for (const uint32_t a : places) {
        for (const uint32_t b : places) counts(b, a) += 1;
      }
    }
    const Eigen::VectorXf lengths = counts.diagonal().array().max(1.0F).sqrt();
    for (Eigen::Index column = 0; column < size; ++column) {
      counts.col(column).array() /= lengths.array() * lengths(column);
    }
    return RowsOf(counts, nullptr);
  }

  SparseRows RowsOf(const Matrix& matrix, std::vector<float>* diagonal) const {
    std::vector<std::vector<Neighbour>> rows(history_.product_count_);
    for (size_t a = 0; a < products_.size(); ++a) {
      std::vector<Neighbour>& row = rows[products_[a]];
      for (size_t b = 0; b < products_.size(); ++b) {
        const float weight = matrix(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b));
        if (a != b && weight != 0 && std::isfinite(weight)) row.push_back({products_[b], weight});
      }
      KeepLargest(row, kOrderPatternNeighboursMax);
      row.shrink_to_fit();
      const float own = matrix(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(a));
      if (diagonal != nullptr && std::isfinite(own)) (*diagonal)[products_[a]] = own;
    }
    return SparseRows(std::move(rows));
  }

  const OrderHistory& history_;
  const int64_t now_ms_;
  std::vector<uint32_t> products_;  // Ascending.
  std::vector<uint32_t> places_;    // Of each product in products_.
};

Result<OrderPatterns> OrderHistory::Learn(int64_t now_ms, const TrainingControl& control) const {
  return OrderPatternLearning(*this, now_ms).Run(control);
}

}  // namespace attune::models
