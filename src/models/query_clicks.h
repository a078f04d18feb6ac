// What shoppers wanted of a query: which of its hits they turned to more often than one looks at such a
// place.
//
//   value  v(q,p) = clicks + 3 carts + 10 purchases, each once per shopper and page
//   looks  e(q,p) = sum over its showings of theta of the position (position_bias.h; where that can not be
//                   told, theta_k = 1 / log2(k + 2)).  Both fade: * 2^(-age / kFadeMs)
//   usual  m(q)   = (V(q) + M K) / (E(q) + K)    V, E: of all products; M: sum V / sum E; K = kQueryLooks
//   rate   r(q,p) = (v + m(q) K') / (e + K'),    lift = ln(r / m) / kLiftEnd, clipped to [-1, 1]
//
// K' is what the store's clicks n say of how much products differ, 1 / t clicks, in looks of the query:
// t = sum((n - mu)^2 - n) / sum(mu^2), mu = e N(q) / E(q), over all; t <= 0: no lift is claimed; of a few
// clicks it is kProductLooks.  Position bias: Joachims, Swaminathan and Schnabel (2017).  Empirical Bayes of
// counts with a gamma prior: DuMouchel (1999).
//
// Bounded: the kQueriesMax queries of the largest value, of each the kProductsMax strongest products.
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_QUERY_CLICKS_H_
#define ATTUNE_MODELS_QUERY_CLICKS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"

namespace attune::models {

class SearchLog;
class SectionReader;
class SectionWriter;

class QueryClicks {
 public:
  static constexpr std::string_view kName = "query_clicks";
  static constexpr int64_t kFadeMs = 90 * kDayMs;
  static constexpr double kQueryLooks = 20;
  static constexpr double kProductLooks = 10;
  static constexpr double kLiftEnd = 2;   // About the rate times 7, or over 7.
  static constexpr double kValueMin = 3;  // Of a query; less of it is chance.
  static constexpr size_t kQueriesMax = 200'000;
  static constexpr size_t kProductsMax = 100;

  struct Product {
    ProductIndex product;
    float lift = 0;   // In [-1, 1].
    float value = 0;  // v(q,p)
  };

  static std::shared_ptr<const QueryClicks> Train(const SearchLog& log, int64_t now_ms);
  QueryClicks() = default;  // Nothing was searched for.

  // Ascending by product; none for a query of which too little is known.
  std::span<const Product> Of(uint64_t query) const;
  size_t query_count() const { return queries_.size(); }
  size_t memory_bytes() const;

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const QueryClicks>> Load(SectionReader& in);

 private:
  std::vector<uint64_t> queries_;  // Ascending.
  std::vector<uint32_t> ends_;     // Of the products of each.
  std::vector<Product> products_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_QUERY_CLICKS_H_
