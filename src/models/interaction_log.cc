#include "models/interaction_log.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "base/status.h"

namespace attune::models {
namespace {

using RowIndex = uint32_t;

struct OrderLineKey {
  uint64_t order_hash;
  uint32_t product;

  friend bool operator==(const OrderLineKey&, const OrderLineKey&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const OrderLineKey& key) {
    return H::combine(std::move(state), key.order_hash, key.product);
  }
};

bool IsOlder(const Interaction& a, const Interaction& b) {
  return std::tuple(a.at_ms, a.order_hash, a.product, a.kind, a.quantity) <
         std::tuple(b.at_ms, b.order_hash, b.product, b.kind, b.quantity);
}

}  // namespace

uint64_t OrderHash(std::string_view order_id) {
  const uint64_t hash = StableHash64(order_id);
  return hash == 0 ? 1 : hash;
}

struct InteractionLog::Columns {
  uint64_t rows_max = 0;
  std::vector<uint32_t> shopper;  // Index into `handles`; 0: nobody.
  std::vector<uint32_t> product;
  std::vector<uint8_t> kind;  // 0: the row was taken away.
  std::vector<float> quantity;
  std::vector<int64_t> at_ms;
  std::vector<uint64_t> order_hash;
  std::vector<uint64_t> handles{0};
  absl::flat_hash_map<uint64_t, uint32_t> shopper_by_handle;
  absl::flat_hash_map<uint64_t, uint64_t> customer_by_browser;
  absl::flat_hash_map<OrderLineKey, RowIndex> row_by_order_line;
  absl::flat_hash_map<uint64_t, int64_t> revenue_by_order;  // Of orders with a row.
  uint64_t count_by_kind[4] = {0, 0, 0, 0};
  uint32_t product_index_count = 0;

  uint64_t alive() const { return kind.size() - count_by_kind[0]; }

  Interaction RowAt(size_t i) const {
    return {ShopperHandle(handles[shopper[i]]),
            ProductIndex(product[i]),
            InteractionKind{kind[i]},
            quantity[i],
            at_ms[i],
            order_hash[i]};
  }

  uint32_t ShopperIndex(ShopperHandle handle) {
    if (handle.value() == 0) return 0;
    const auto [found, is_new] =
        shopper_by_handle.try_emplace(handle.value(), static_cast<uint32_t>(handles.size()));
    if (is_new) handles.push_back(handle.value());
    return found->second;
  }

  void Append(const Interaction& row) {
    if (row.kind == InteractionKind::kPurchase && row.order_hash != 0) {
      const OrderLineKey key{row.order_hash, row.product.value()};
      const auto [found, is_new] = row_by_order_line.try_emplace(key, static_cast<RowIndex>(kind.size()));
      if (!is_new) {
        quantity[found->second] += row.quantity;
        return;
      }
    }
    shopper.push_back(ShopperIndex(row.shopper));
    product.push_back(row.product.value());
    kind.push_back(static_cast<uint8_t>(row.kind));
    quantity.push_back(row.quantity);
    at_ms.push_back(row.at_ms);
    order_hash.push_back(row.order_hash);
    ++count_by_kind[static_cast<size_t>(row.kind)];
    product_index_count = std::max(product_index_count, row.product.value() + 1);
    if (kind.size() > rows_max + rows_max / 8) Compact();
  }

  void TakeAway(RowIndex row) {
    row_by_order_line.erase({order_hash[row], product[row]});
    --count_by_kind[kind[row]];
    ++count_by_kind[0];
    kind[row] = 0;
  }

  // Drops what was taken away, and then the oldest rows above rows_max; the others keep their order.
  void Compact() {
    std::vector<RowIndex> kept;
    kept.reserve(alive());
    for (RowIndex i = 0; i < kind.size(); ++i) {
      if (kind[i] != 0) kept.push_back(i);
    }
    if (kept.size() > rows_max) {
      const auto is_newer = [this](RowIndex a, RowIndex b) {
        return at_ms[a] != at_ms[b] ? at_ms[a] > at_ms[b] : a > b;
      };
      std::nth_element(kept.begin(), kept.begin() + static_cast<ptrdiff_t>(rows_max), kept.end(), is_newer);
      kept.resize(rows_max);
      std::sort(kept.begin(), kept.end());
    }
    Columns next;
    next.rows_max = rows_max;
    next.customer_by_browser = std::move(customer_by_browser);
    for (const RowIndex i : kept) {
      next.Append(RowAt(i));
      const auto revenue = revenue_by_order.find(order_hash[i]);
      if (revenue != revenue_by_order.end()) next.revenue_by_order.insert(*revenue);
    }
    next.product_index_count = product_index_count;
    *this = std::move(next);
  }

  // The handle of the person that each shopper index is.
  std::vector<uint64_t> PersonByShopper() const {
    std::vector<uint64_t> persons(handles);
    for (uint64_t& handle : persons) {
      const auto found = customer_by_browser.find(handle);
      if (found != customer_by_browser.end()) handle = found->second;
    }
    return persons;
  }

  // Rows that `is_wanted`, grouped by `group_of` (dense numbers below group_count): offsets and row numbers.
  template <class GroupOf>
  std::pair<std::vector<uint32_t>, std::vector<RowIndex>> Group(size_t group_count, GroupOf group_of) const {
    std::vector<uint32_t> offsets(group_count + 1, 0);
    for (size_t i = 0; i < kind.size(); ++i) {
      if (const auto group = group_of(i)) ++offsets[*group + 1];
    }
    std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
    std::vector<RowIndex> rows(offsets.back());
    std::vector<uint32_t> next(offsets.begin(), offsets.end() - 1);
    for (size_t i = 0; i < kind.size(); ++i) {
      if (const auto group = group_of(i)) rows[next[*group]++] = static_cast<RowIndex>(i);
    }
    return {std::move(offsets), std::move(rows)};
  }
};

InteractionLog::InteractionLog(uint64_t rows_max) : columns_(std::make_unique<Columns>()) {
  columns_->rows_max = std::clamp<uint64_t>(rows_max, 1, 1ULL << 31);
}
InteractionLog::~InteractionLog() = default;
InteractionLog::InteractionLog(InteractionLog&&) noexcept = default;
InteractionLog& InteractionLog::operator=(InteractionLog&&) noexcept = default;

void InteractionLog::Add(const Interaction& row) { columns_->Append(row); }

void InteractionLog::AddEvent(const events::Event& event) {
  slates_.AddEvent(event);
  InteractionKind kind;
  switch (event.type) {
    case events::EventType::kProductViewed:
      kind = InteractionKind::kView;
      break;
    case events::EventType::kProductAdded:
    case events::EventType::kWishlistProductAddedToCart:
      kind = InteractionKind::kCart;
      break;
    default:
      return;
  }
  const ShopperHandle shopper = event.consent.personalization ? event.shopper : ShopperHandle(0);
  for (const events::EventLine& line : event.lines) {
    const float quantity = kind == InteractionKind::kView ? 1.0f : static_cast<float>(line.quantity);
    Add({shopper, line.product, kind, quantity, event.occurred_at_ms, 0});
  }
}

void InteractionLog::ApplyOrderChange(const events::OrderChange& change) {
  const uint64_t order = OrderHash(change.order_id);
  for (const events::OrderChange::Line& line : change.lines) {
    const auto found = columns_->row_by_order_line.find({order, line.product.value()});
    if (found == columns_->row_by_order_line.end()) {
      // Not there and not new: the row left because it was too old.
      if (!line.is_first || line.quantity_delta <= 0) continue;
      Add({change.shopper, line.product, InteractionKind::kPurchase, static_cast<float>(line.quantity_delta),
           change.ordered_at_ms, order});
      continue;
    }
    const RowIndex row = found->second;
    columns_->quantity[row] += static_cast<float>(line.quantity_delta);
    if (line.is_gone || columns_->quantity[row] <= 0) columns_->TakeAway(row);
  }
  const bool is_new = change.order_count_delta > 0;
  if (is_new || columns_->revenue_by_order.contains(order)) {
    columns_->revenue_by_order[order] += change.revenue_minor_delta;
  }
  if (change.order_count_delta < 0) columns_->revenue_by_order.erase(order);
}

int64_t InteractionLog::OrderRevenue(uint64_t order_hash) const {
  const auto found = columns_->revenue_by_order.find(order_hash);
  return found == columns_->revenue_by_order.end() ? 0 : found->second;
}

void InteractionLog::Link(ShopperHandle browser, ShopperHandle customer) {
  columns_->customer_by_browser[browser.value()] = customer.value();
}

void InteractionLog::Unlink(ShopperHandle browser) { columns_->customer_by_browser.erase(browser.value()); }

ShopperHandle InteractionLog::PersonOf(ShopperHandle shopper) const {
  const auto found = columns_->customer_by_browser.find(shopper.value());
  return found == columns_->customer_by_browser.end() ? shopper : ShopperHandle(found->second);
}

void InteractionLog::ForgetShopper(ShopperHandle shopper) {
  absl::erase_if(columns_->customer_by_browser, [shopper](const auto& link) {
    return link.first == shopper.value() || link.second == shopper.value();
  });
  const auto found = columns_->shopper_by_handle.find(shopper.value());
  if (found == columns_->shopper_by_handle.end()) return;
  for (uint32_t& index : columns_->shopper) {
    if (index == found->second) index = 0;
  }
  columns_->handles[found->second] = 0;
  columns_->shopper_by_handle.erase(found);
}

uint64_t InteractionLog::row_count() const { return columns_->alive(); }

uint64_t InteractionLog::count(InteractionKind kind) const {
  return columns_->count_by_kind[static_cast<size_t>(kind)];
}

uint32_t InteractionLog::product_index_count() const { return columns_->product_index_count; }

int64_t InteractionLog::latest_at_ms() const {
  bool is_found = false;
  int64_t latest = 0;
  for (size_t i = 0; i < columns_->kind.size(); ++i) {
    if (columns_->kind[i] == 0) continue;
    latest = is_found ? std::max(latest, columns_->at_ms[i]) : columns_->at_ms[i];
    is_found = true;
  }
  return latest;
}

size_t InteractionLog::memory_bytes() const {
  const Columns& c = *columns_;
  return c.kind.capacity() * (sizeof(uint32_t) * 2 + 1 + sizeof(float) + sizeof(int64_t) * 2) +
         c.handles.capacity() * sizeof(uint64_t) + c.shopper_by_handle.capacity() * 17 +
         c.row_by_order_line.capacity() * 25 + c.revenue_by_order.capacity() * 17;
}

void InteractionLog::ForEachRow(const VisitRow& visit) const {
  for (size_t i = 0; i < columns_->kind.size(); ++i) {
    if (columns_->kind[i] != 0) visit(columns_->RowAt(i));
  }
}

void InteractionLog::ForEachShopper(const VisitRows& visit) const {
  const Columns& c = *columns_;
  const std::vector<uint64_t> person_by_shopper = c.PersonByShopper();
  std::vector<uint64_t> persons(person_by_shopper);
  std::sort(persons.begin(), persons.end());
  persons.erase(std::unique(persons.begin(), persons.end()), persons.end());
  std::vector<uint32_t> place_by_shopper;  // In `persons`, which is the order of the visits.
  place_by_shopper.reserve(person_by_shopper.size());
  for (const uint64_t person : person_by_shopper) {
    const auto at = std::lower_bound(persons.begin(), persons.end(), person);
    place_by_shopper.push_back(static_cast<uint32_t>(at - persons.begin()));
  }
  const auto [offsets, rows] = c.Group(persons.size(), [&](size_t i) -> std::optional<uint32_t> {
    if (c.kind[i] == 0 || c.shopper[i] == 0) return std::nullopt;
    return place_by_shopper[c.shopper[i]];
  });
  std::vector<Interaction> group;
  for (size_t place = 0; place < persons.size(); ++place) {
    group.clear();
    for (uint32_t i = offsets[place]; i < offsets[place + 1]; ++i) {
      group.push_back(c.RowAt(rows[i]));
      group.back().shopper = ShopperHandle(persons[place]);
    }
    if (group.empty()) continue;
    std::sort(group.begin(), group.end(), IsOlder);
    visit(group);
  }
}

void InteractionLog::ForEachOrder(const VisitRows& visit) const {
  const Columns& c = *columns_;
  std::vector<std::tuple<uint64_t, uint32_t, RowIndex>> lines;
  lines.reserve(c.count_by_kind[static_cast<size_t>(InteractionKind::kPurchase)]);
  for (RowIndex i = 0; i < c.kind.size(); ++i) {
    if (c.kind[i] == static_cast<uint8_t>(InteractionKind::kPurchase) && c.order_hash[i] != 0) {
      lines.emplace_back(c.order_hash[i], c.product[i], i);
    }
  }
  std::sort(lines.begin(), lines.end());
  std::vector<Interaction> group;
  for (size_t i = 0; i < lines.size();) {
    group.clear();
    const uint64_t order = std::get<0>(lines[i]);
    for (; i < lines.size() && std::get<0>(lines[i]) == order; ++i)
      group.push_back(c.RowAt(std::get<2>(lines[i])));
    visit(group);
  }
}

}  // namespace attune::models
