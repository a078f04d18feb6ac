// How much of each product a store sells: ever, in the last 90, 30 and 7 days, and to how many who come back
// for it.
//
// Kept order by order while a trainer walks through a store's history, and saved as it stands at the end.
// Shares are given as logarithms of parts per thousand, drawn towards 0 sales by half a sale or less, so that
// they add up in a linear score.
//
// Thread safety: Add* and Advance from one thread at a time; const methods from any.

#ifndef ATTUNE_MODELS_PRODUCT_SALES_H_
#define ATTUNE_MODELS_PRODUCT_SALES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "base/status.h"
#include "models/product_ties.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

class ProductSales {
 public:
  explicit ProductSales(uint32_t product_count);

  // One line of an order.  REQUIRES: times do not go back.
  void Add(uint32_t product, int64_t at_ms);
  // A shopper buys `product` for the first time; for the second time.
  void AddBuyer(uint32_t product) { ++counts_[product].buyers; }
  void AddRepeater(uint32_t product) { ++counts_[product].repeaters; }
  // Lines that are older than their window at `now_ms` leave it.
  void Advance(int64_t now_ms);

  uint32_t product_count() const { return static_cast<uint32_t>(counts_.size()); }
  int64_t as_of_ms() const { return as_of_ms_; }
  // Of a product that came later: as of one that was never sold.
  float LogShareEver(uint32_t product) const;
  float LogShareOfQuarter(uint32_t product) const;
  float LogShareOfMonth(uint32_t product) const;
  float LogShareOfWeek(uint32_t product) const;
  // Of those who bought it, the share who did so again.
  float LogRepeatShare(uint32_t product) const;
  // Days from its last sale to as_of_ms().
  float DaysUnsold(uint32_t product) const;
  // The most sold of the last 30 days, then of the last 7 that are not among those; both at most so many.
  std::vector<uint32_t> Bestsellers(size_t month_count, size_t week_count, const ProductTies& ties) const;

  size_t memory_bytes() const { return counts_.size() * sizeof(Counts); }
  void Save(SectionWriter& out) const;
  // Of older builds, which did not count the quarter: as if the month were all that was sold in it.
  static Result<ProductSales> Load(SectionReader& in);

 private:
  struct Counts {
    uint32_t ever = 0;
    uint32_t month = 0;
    uint32_t week = 0;
    uint32_t buyers = 0;
    uint32_t repeaters = 0;
    uint32_t quarter = 0;
    int64_t last_sold_ms = 0;
  };
  const Counts& CountsOf(uint32_t product) const;
  std::vector<uint32_t> Strongest(uint32_t Counts::* window, size_t count, const ProductTies& ties) const;

  std::vector<Counts> counts_;
  uint64_t ever_ = 0, quarter_ = 0, month_ = 0, week_ = 0;  // Of all products.
  int64_t as_of_ms_ = 0;
  std::deque<std::pair<int64_t, uint32_t>> lines_;  // Of the quarter, oldest first.
  size_t month_begin_ = 0, week_begin_ = 0;         // Where in lines_ those windows begin.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_PRODUCT_SALES_H_
