#include "models/product_sales.h"

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr int64_t kQuarterMs = 90 * kDayMs;
constexpr int64_t kMonthMs = 30 * kDayMs;
constexpr int64_t kWeekMs = 7 * kDayMs;

// Saved of each product; without the last one in files of older builds.
constexpr size_t kColumns = 6;

// Of an unsold product: it would wait this long for its first sale.
constexpr float kDaysUnsoldMax = 10'000;

float LogShare(uint32_t count, double prior, uint64_t all) {
  return static_cast<float>(std::log((count + prior) / (static_cast<double>(all) + 1) * 1000));
}

}  // namespace

ProductSales::ProductSales(uint32_t product_count) : counts_(product_count) {}

void ProductSales::Add(uint32_t product, int64_t at_ms) {
  Counts& counts = counts_[product];
  ++counts.ever;
  ++counts.quarter;
  ++counts.month;
  ++counts.week;
  counts.last_sold_ms = at_ms;
  ++ever_;
  ++quarter_;
  ++month_;
  ++week_;
  lines_.emplace_back(at_ms, product);
  Advance(at_ms);
}

void ProductSales::Advance(int64_t now_ms) {
  as_of_ms_ = std::max(as_of_ms_, now_ms);
  const auto leaves = [&](size_t line, int64_t window_ms) {
    return line < lines_.size() && lines_[line].first < as_of_ms_ - window_ms;
  };
  for (; leaves(week_begin_, kWeekMs); ++week_begin_, --week_) --counts_[lines_[week_begin_].second].week;
  for (; leaves(month_begin_, kMonthMs); ++month_begin_, --month_) {
    --counts_[lines_[month_begin_].second].month;
  }
  // What leaves the quarter has left the month and the week.
  for (; leaves(0, kQuarterMs); lines_.pop_front(), --month_begin_, --week_begin_, --quarter_) {
    --counts_[lines_.front().second].quarter;
  }
}

const ProductSales::Counts& ProductSales::CountsOf(uint32_t product) const {
  static const Counts unsold;
  return product < counts_.size() ? counts_[product] : unsold;
}

float ProductSales::LogShareEver(uint32_t product) const {
  return LogShare(CountsOf(product).ever, 0.5, ever_);
}

float ProductSales::LogShareOfQuarter(uint32_t product) const {
  return LogShare(CountsOf(product).quarter, 0.5, quarter_);
}

float ProductSales::LogShareOfMonth(uint32_t product) const {
  return LogShare(CountsOf(product).month, 0.5, month_);
}

float ProductSales::LogShareOfWeek(uint32_t product) const {
  return LogShare(CountsOf(product).week, 0.3, week_);
}

float ProductSales::LogRepeatShare(uint32_t product) const {
  const Counts& counts = CountsOf(product);
  return static_cast<float>(std::log((counts.repeaters + 2.0) / (counts.buyers + 15.0)));
}

float ProductSales::DaysUnsold(uint32_t product) const {
  const Counts& counts = CountsOf(product);
  if (counts.ever == 0) return kDaysUnsoldMax;
  return static_cast<float>(static_cast<double>(as_of_ms_ - counts.last_sold_ms) / kDayMs);
}

std::vector<uint32_t> ProductSales::Strongest(uint32_t Counts::* window, size_t count,
                                              const ProductTies& ties) const {
  std::vector<uint32_t> products;
  for (uint32_t i = 0; i < product_count(); ++i) {
    if (counts_[i].*window > 0) products.push_back(i);
  }
  const size_t kept = std::min(count, products.size());
  std::partial_sort(products.begin(), products.begin() + static_cast<ptrdiff_t>(kept), products.end(),
                    [&](uint32_t a, uint32_t b) {
                      const uint32_t sold_a = counts_[a].*window;
                      const uint32_t sold_b = counts_[b].*window;
                      return sold_a != sold_b ? sold_a > sold_b : ties.IsBefore(a, b);
                    });
  products.resize(kept);
  return products;
}

std::vector<uint32_t> ProductSales::Bestsellers(size_t month_count, size_t week_count,
                                                const ProductTies& ties) const {
  std::vector<uint32_t> products = Strongest(&Counts::month, month_count, ties);
  for (const uint32_t product : Strongest(&Counts::week, week_count, ties)) {
    if (std::find(products.begin(), products.end(), product) == products.end()) products.push_back(product);
  }
  return products;
}

void ProductSales::Save(SectionWriter& out) const {
  std::vector<uint32_t> columns;
  std::vector<int64_t> last_sold;
  for (const Counts& counts : counts_) {
    columns.insert(columns.end(),
                   {counts.ever, counts.month, counts.week, counts.buyers, counts.repeaters, counts.quarter});
    last_sold.push_back(counts.last_sold_ms);
  }
  out.PutU64(static_cast<uint64_t>(as_of_ms_));
  out.PutArray(columns);
  out.PutArray(last_sold);
}

Result<ProductSales> ProductSales::Load(SectionReader& in) {
  const auto as_of_ms = static_cast<int64_t>(in.TakeU64());
  const auto columns = in.TakeArray<uint32_t>();
  const auto last_sold = in.TakeArray<int64_t>();
  const bool has_quarter = columns.size() == kColumns * last_sold.size();
  const size_t width = has_quarter ? kColumns : kColumns - 1;
  const bool is_whole = columns.size() == width * last_sold.size() && last_sold.size() <= kProductIndexMax;
  in.Require(is_whole);
  ProductSales sales(is_whole ? static_cast<uint32_t>(last_sold.size()) : 0);
  sales.as_of_ms_ = as_of_ms;
  for (size_t i = 0; i < sales.counts_.size(); ++i) {
    const uint32_t* const column = columns.data() + width * i;
    const uint32_t quarter = has_quarter ? column[5] : column[1];
    sales.counts_[i] = {column[0], column[1], column[2], column[3], column[4], quarter, last_sold[i]};
    sales.ever_ += column[0];
    sales.quarter_ += quarter;
    sales.month_ += column[1];
    sales.week_ += column[2];
    in.Require(column[4] <= column[3] && column[1] <= column[0] && column[2] <= column[0] &&
               quarter <= column[0]);
  }
  return sales;
}

}  // namespace attune::models
