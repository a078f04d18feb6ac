// Random shops and shoppers for the tests and benchmarks of this room: seeded, so every run sees the same
// ones.
//
// Thread safety: value types.

#ifndef ATTUNE_FEATURES_SAMPLE_HISTORY_H_
#define ATTUNE_FEATURES_SAMPLE_HISTORY_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/product.h"
#include "events/event.h"
#include "features/category_price_table.h"
#include "features/fold_event.h"

namespace attune::features {

inline constexpr int64_t kSampleStartMs = 1767225600000;  // 2026-01-01T00:00:00Z, a Thursday.

// A small shop whose names all stay below the bounds of limits.h; every ninth index has no product.
class SampleShop {
 public:
  explicit SampleShop(uint64_t seed, uint32_t product_count = 40)
      : products_(product_count), prices_(*Currency::Parse("EUR")) {
    static const std::vector<std::vector<catalog::CategoryPath>> kPaths = {
        {{"Home", "Lighting"}},
        {{"Home", "Lighting", "Desk"}, {"Office", "Desk"}},
        {{"Home"}},
        {},
        {{"Garden", "Tools"}, {"Garden", "Gifts"}},
    };
    static const std::vector<std::string> kBrands = {"Lumo", "Zenit", "", "Oak & Co"};
    static const std::vector<std::string> kColours = {"black", "white", "red"};
    Random random(seed);
    for (catalog::Product& product : products_) {
      product.categories = kPaths[random.NextBelow(kPaths.size())];
      product.brand = kBrands[random.NextBelow(kBrands.size())];
      product.price.price_minor = static_cast<int64_t>(500 + random.NextBelow(20000));
      product.attributes.push_back(
          {"colour", catalog::Attribute::Type::kText, kColours[random.NextBelow(kColours.size())], 0});
      product.attributes.push_back({"height", catalog::Attribute::Type::kNumber, "", 42});
      prices_.Change(nullptr, &product);
    }
  }

  const catalog::Product* Find(ProductIndex index) const {
    if (index.value() >= products_.size() || index.value() % 9 == 8) return nullptr;
    return &products_[index.value()];
  }
  uint32_t product_count() const { return static_cast<uint32_t>(products_.size()); }
  const CategoryPrices& prices() const { return prices_; }

  // Lives as long as the shop.  The store's clocks are an hour ahead of UTC; nothing expires.
  FoldContext Context() const {
    FoldContext context;
    context.find_product = [this](ProductIndex index) { return Find(index); };
    context.zone_offset_ms = [](int64_t) { return kHourMs; };
    context.prices = &prices_;
    context.base_currency = *Currency::Parse("EUR");
    context.settings.anonymous_expiry_ms = 0;
    return context;
  }

 private:
  std::vector<catalog::Product> products_;
  CategoryPriceTable prices_;
};

inline constexpr events::EventType kSampleTypes[] = {
    events::EventType::kProductViewed,  events::EventType::kProductViewed,
    events::EventType::kProductClicked, events::EventType::kProductAdded,
    events::EventType::kProductRemoved, events::EventType::kCartViewed,
    events::EventType::kPageViewed,     events::EventType::kProductAddedToWishlist,
    events::EventType::kOrderCompleted, events::EventType::kProductListViewed,
    events::EventType::kSlateViewed,    events::EventType::kProductsSearched,
    events::EventType::kOrderCancelled, events::EventType::kProductViewed,
};

inline events::Event SampleEvent(Random& random, uint32_t product_count, int64_t at_ms) {
  events::Event event;
  event.type = kSampleTypes[random.NextBelow(std::size(kSampleTypes))];
  event.occurred_at_ms = at_ms;
  event.received_at_ms = at_ms + 50;
  event.shopper = ShopperHandle(7);
  const uint64_t line_count = event.type == events::EventType::kCartViewed ? random.NextBelow(4) : 1;
  for (uint64_t i = 0; i < line_count; ++i) {
    events::EventLine line;
    line.product = ProductIndex(static_cast<uint32_t>(random.NextBelow(product_count)));
    if (random.NextBelow(3) == 0) line.variant_id = "v" + std::to_string(random.NextBelow(2));
    line.quantity = static_cast<int64_t>(1 + random.NextBelow(3));
    event.lines.push_back(line);
  }
  if (event.type == events::EventType::kProductListViewed) event.category = {"Home", "Lighting"};
  return event;
}

// `visit_count` visits within `span_ms`, some events each, sorted by time.
inline std::vector<events::Event> SampleEvents(Random& random, uint32_t product_count, size_t event_count,
                                               size_t visit_count, int64_t span_ms) {
  std::vector<int64_t> visits;
  for (size_t i = 0; i < visit_count; ++i) {
    visits.push_back(kSampleStartMs + static_cast<int64_t>(random.NextBelow(static_cast<uint64_t>(span_ms))));
  }
  std::vector<events::Event> events;
  for (size_t i = 0; i < event_count; ++i) {
    const int64_t visit_ms = visits[random.NextBelow(visits.size())];
    events.push_back(SampleEvent(random, product_count,
                                 visit_ms + static_cast<int64_t>(random.NextBelow(10 * kMinuteMs))));
  }
  std::sort(events.begin(), events.end(), [](const events::Event& a, const events::Event& b) {
    return a.occurred_at_ms < b.occurred_at_ms;
  });
  return events;
}

// An order as the order book would know it, and the changes that it reports.
struct SampleOrder {
  struct Line {
    ProductIndex product;
    int64_t quantity = 0;
    int64_t unit_price_minor = 0;
    int64_t returned = 0;  // Units refunded later.
  };
  std::string order_id;
  int64_t ordered_at_ms = 0;
  bool is_cancelled = false;
  std::vector<Line> lines;

  // The first completion of what `quantity_of` says is bought of each line; nothing when that is nothing.
  template <class QuantityOf>
  std::vector<events::OrderChange> Completion(QuantityOf quantity_of) const {
    events::OrderChange change{order_id, ShopperHandle(7), ordered_at_ms, 1, 0, {}};
    for (const Line& line : lines) {
      const int64_t quantity = quantity_of(line);
      if (quantity == 0) continue;
      const int64_t revenue_minor = quantity * line.unit_price_minor;
      change.revenue_minor_delta += revenue_minor;
      change.lines.push_back({line.product, quantity, revenue_minor, true, false});
    }
    if (change.lines.empty()) return {};
    return {change};
  }

  // What really happened: all lines bought, then some units given back, then perhaps all of it cancelled.
  std::vector<events::OrderChange> Changes() const {
    std::vector<events::OrderChange> changes = Completion([](const Line& line) { return line.quantity; });
    int64_t kept_units = 0;
    for (const Line& line : lines) kept_units += line.quantity - line.returned;
    events::OrderChange refund{order_id, ShopperHandle(7), ordered_at_ms, kept_units == 0 ? -1 : 0, 0, {}};
    for (const Line& line : lines) {
      if (line.returned == 0) continue;
      const int64_t revenue_minor = -line.returned * line.unit_price_minor;
      refund.revenue_minor_delta += revenue_minor;
      refund.lines.push_back(
          {line.product, -line.returned, revenue_minor, false, line.returned == line.quantity});
    }
    if (!refund.lines.empty()) changes.push_back(refund);
    if (!is_cancelled || kept_units == 0) return changes;
    events::OrderChange cancel{order_id, ShopperHandle(7), ordered_at_ms, -1, 0, {}};
    for (const Line& line : lines) {
      const int64_t kept = line.quantity - line.returned;
      if (kept == 0) continue;
      cancel.revenue_minor_delta -= kept * line.unit_price_minor;
      cancel.lines.push_back({line.product, -kept, -kept * line.unit_price_minor, false, true});
    }
    changes.push_back(cancel);
    return changes;
  }

  // The same order as if what was given back or cancelled had never been bought.
  std::vector<events::OrderChange> KeptPart() const {
    if (is_cancelled) return {};
    return Completion([](const Line& line) { return line.quantity - line.returned; });
  }
};

inline SampleOrder MakeSampleOrder(Random& random, uint32_t product_count, int number, int64_t span_ms) {
  SampleOrder order;
  order.order_id = "o" + std::to_string(number);
  order.ordered_at_ms =
      kSampleStartMs + static_cast<int64_t>(random.NextBelow(static_cast<uint64_t>(span_ms)));
  order.is_cancelled = random.NextBelow(4) == 0;
  const uint64_t line_count = 1 + random.NextBelow(5);
  for (uint64_t i = 0; i < line_count; ++i) {
    const ProductIndex product(static_cast<uint32_t>(random.NextBelow(product_count)));
    const bool is_held =
        std::any_of(order.lines.begin(), order.lines.end(),
                    [product](const SampleOrder::Line& line) { return line.product == product; });
    if (is_held) continue;
    SampleOrder::Line line{product, static_cast<int64_t>(1 + random.NextBelow(3)),
                           static_cast<int64_t>(100 + random.NextBelow(5000)), 0};
    if (random.NextBelow(3) == 0)
      line.returned = static_cast<int64_t>(random.NextBelow(static_cast<uint64_t>(line.quantity) + 1));
    order.lines.push_back(line);
  }
  return order;
}

template <class T>
void Shuffle(Random& random, std::vector<T>& values) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.NextBelow(i)]);
}

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_SAMPLE_HISTORY_H_
