#include "search/search_analytics.h"

#include <algorithm>
#include <tuple>

#include "events/order_book.h"
#include "features/decayed_value.h"
#include "search/analytics_limits.h"
#include "search/personal_text.h"

namespace attune::search {
namespace {

// Of what is over a limit, this part goes at once.
constexpr size_t kDroppedShare = 4;

std::pair<uint64_t, uint64_t> KeyOf(const DecisionId& id) { return {id.high, id.low}; }

template <class T>
bool Contains(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

const std::string& KnownQuery::spelling() const {
  const auto most = std::max_element(spellings.begin(), spellings.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.second, b.first) < std::tuple(b.second, a.first);
  });
  return most == spellings.end() ? text : most->first;
}

bool KnownQuery::IsShown() const { return is_shared && !LooksPersonal(text); }

bool SearchAnalytics::OpenSearch::Showed(ProductIndex product) const { return Contains(shown, product); }

bool SearchAnalytics::OpenSearch::IsRefined() const {
  if (next_ms == 0 || query == kNoQuery || next_query == kNoQuery || next_query == query) return false;
  return first_click_ms == 0 || first_click_ms >= next_ms;
}

const KnownQuery* SearchAnalytics::Find(QueryNumber query) const {
  const auto found = queries_.find(query);
  return found == queries_.end() ? nullptr : &found->second;
}

// ---- Searches ----

void SearchAnalytics::Fold(const CountedSearch& search) {
  if (serials_.contains(KeyOf(search.id))) return;
  latest_ms_ = std::max(latest_ms_, search.at_ms);
  const QueryNumber query = Number(search);
  const DayMarket day = DayOf(search);
  if (search.is_first_page) {
    NoteQuery(search, queries_[query]);
    Count(day, query, [&](SearchTally& tally) {
      ++tally.searches;
      if (search.is_found) ++tally.with_result;
    });
    recent_->Note(search);
    NoteRefinement(search, query);
  }
  Open({.id = search.id,
        .day = day,
        .query = query,
        .shoppers = search.shoppers,
        .shown = search.shown,
        .first_position = search.first_position,
        .is_first_page = search.is_first_page});
  CloseOld();
  DropOldDays();
}

DayMarket SearchAnalytics::DayOf(const CountedSearch& search) const {
  DayMarket day{search.at_ms / kDayMs, search.market};
  if (days_.contains(day)) return day;
  const auto first = days_.lower_bound({day.day, {}});
  const auto end = days_.lower_bound({day.day + 1, {}});
  if (static_cast<size_t>(std::distance(first, end)) >= kAnalyticsMarketsMax) day.market.clear();
  return day;
}

QueryNumber SearchAnalytics::Number(const CountedSearch& search) {
  const auto known = numbers_.find(search.text);
  if (known != numbers_.end()) return known->second;
  if (queries_.size() >= kCountedQueriesMax) DropLeastSearched();
  queries_[++last_number_].text = search.text;
  numbers_[search.text] = last_number_;
  return last_number_;
}

void SearchAnalytics::NoteQuery(const CountedSearch& search, KnownQuery& query) {
  ++query.searches;
  const auto spelled = std::find_if(query.spellings.begin(), query.spellings.end(),
                                    [&](const auto& one) { return one.first == search.spelling; });
  if (spelled != query.spellings.end()) {
    ++spelled->second;
  } else if (query.spellings.size() < kQuerySpellingsMax) {
    query.spellings.emplace_back(search.spelling, 1);
  }
  if (!query.is_shared && !search.shoppers.empty()) {
    if (query.only_shopper == ShopperHandle()) {
      query.only_shopper = search.shoppers.front();
      typed_by_one_[query.only_shopper].push_back(numbers_.at(query.text));
    } else if (!Contains(search.shoppers, query.only_shopper)) {
      query.is_shared = true;
      query.only_shopper = {};
    }
  }
  if (search.at_ms >= query.last_ms) {
    query.last_ms = search.at_ms;
    query.last_found = search.is_found;
  }
  if (!search.is_found) return;
  auto demand = std::find_if(query.demand.begin(), query.demand.end(),
                             [&](const auto& one) { return one.first == search.language; });
  if (demand == query.demand.end()) {
    if (query.demand.size() >= kQueryLanguagesMax) return;
    demand = query.demand.insert(demand, {search.language, {}});
  }
  features::AddDecayed(1, search.at_ms, kDemandHalfLifeMs, demand->second);
}

void SearchAnalytics::NoteRefinement(const CountedSearch& search, QueryNumber query) {
  OpenSearch* before = nullptr;
  for (const ShopperHandle shopper : search.shoppers) {
    const auto serials = searches_of_.find(shopper);
    if (serials == searches_of_.end()) continue;
    for (const uint64_t serial : serials->second) {
      OpenSearch* const one = At(serial);
      if (!one->is_first_page || !(one->id < search.id)) continue;
      if (before == nullptr || before->id < one->id) before = one;
    }
  }
  if (before == nullptr || before->id.time_ms() < search.at_ms - kRefinementWindowMs) return;
  if (before->next_ms != 0 && before->next_ms <= search.at_ms) return;
  if (before->IsRefined()) ChangeRefinement(*before, -1);
  before->next_ms = search.at_ms;
  before->next_query = query;
  if (before->IsRefined()) ChangeRefinement(*before, 1);
}

void SearchAnalytics::ChangeRefinement(const OpenSearch& refined, int64_t count) {
  const auto day = days_.find(refined.day);
  if (day == days_.end()) return;
  const auto tally = day->second.queries.find(refined.query);
  if (tally != day->second.queries.end()) tally->second.AddRefinement(refined.next_query, count);
}

void SearchAnalytics::Count(const DayMarket& day, QueryNumber query, const Change& change) {
  DayTally& tallies = days_[day];
  change(tallies.total);
  if (!queries_.contains(query)) return;
  const auto [tally, is_new] = tallies.queries.try_emplace(query);
  change(tally->second);
  if (is_new) ++query_days_;
}

void SearchAnalytics::Open(OpenSearch search) {
  const uint64_t serial = first_serial_ + open_.size();
  serials_[KeyOf(search.id)] = serial;
  for (const ShopperHandle shopper : search.shoppers) searches_of_[shopper].push_back(serial);
  open_.push_back(std::move(search));
}

void SearchAnalytics::CloseOld() {
  // What is closed is beyond every window, whatever comes late.
  const int64_t end_ms = latest_ms_ - kSearchOutcomeWindowMs - kSearchMatchLateMaxMs;
  while (!open_.empty() && (open_.size() > kOpenSearchesMax || open_.front().id.time_ms() < end_ms)) {
    const OpenSearch& oldest = open_.front();
    serials_.erase(KeyOf(oldest.id));
    for (const ShopperHandle shopper : oldest.shoppers) {
      const auto serials = searches_of_.find(shopper);
      if (serials == searches_of_.end()) continue;
      std::erase(serials->second, first_serial_);
      if (serials->second.empty()) searches_of_.erase(serials);
    }
    open_.pop_front();
    ++first_serial_;
  }
}

// ---- Events ----

void SearchAnalytics::Fold(const events::Event& event) {
  using events::EventType;
  if (event.is_backfill) return;
  latest_ms_ = std::max(latest_ms_, event.received_at_ms);
  switch (event.type) {
    case EventType::kProductClicked:
    case EventType::kSlateClicked:
      for (const events::EventLine& line : event.lines) Click(event, line);
      return;
    case EventType::kProductAdded:
      for (const events::EventLine& line : event.lines) AddToCart(event, line);
      return;
    case EventType::kOrderCompleted:
      return Buy(event);
    case EventType::kOrderCancelled:
    case EventType::kOrderRefunded:
      return TakeBack(event);
    default:
      return;
  }
}

SearchAnalytics::OpenSearch* SearchAnalytics::SearchOf(const events::Event& event,
                                                       const events::EventLine& line) {
  const DecisionId& named = line.decision.is_none() ? event.decision : line.decision;
  if (named.is_none()) return LastThatShowed(event, line.product);
  const auto serial = serials_.find(KeyOf(named));
  if (serial == serials_.end()) return nullptr;
  OpenSearch* const search = At(serial->second);
  return event.received_at_ms - named.time_ms() > kSearchOutcomeWindowMs ? nullptr : search;
}

SearchAnalytics::OpenSearch* SearchAnalytics::LastThatShowed(const events::Event& event,
                                                             ProductIndex product) {
  if (event.received_at_ms - event.occurred_at_ms > kSearchMatchLateMaxMs) return nullptr;
  const auto serials = searches_of_.find(event.shopper);
  if (event.shopper == ShopperHandle() || serials == searches_of_.end()) return nullptr;
  OpenSearch* last = nullptr;
  for (const uint64_t serial : serials->second) {
    OpenSearch* const one = At(serial);
    const int64_t age_ms = event.occurred_at_ms - one->id.time_ms();
    if (age_ms < 0 || age_ms > kSearchMatchWindowMs || !one->Showed(product)) continue;
    if (last == nullptr || last->id < one->id) last = one;
  }
  return last;
}

void SearchAnalytics::Click(const events::Event& event, const events::EventLine& line) {
  OpenSearch* const search = SearchOf(event, line);
  if (search == nullptr) return;
  std::optional<uint32_t> position = line.position;
  const auto shown = std::find(search->shown.begin(), search->shown.end(), line.product);
  if (!position && shown != search->shown.end()) {
    position = search->first_position + static_cast<uint32_t>(shown - search->shown.begin());
  }
  const bool is_first = search->is_first_page && !search->is_clicked;
  Count(search->day, search->query, [&](SearchTally& tally) {
    tally.AddClick(position);
    if (is_first) ++tally.clicked;
  });
  search->is_clicked = true;
  const bool was_refined = search->IsRefined();
  if (search->first_click_ms == 0 || event.received_at_ms < search->first_click_ms) {
    search->first_click_ms = event.received_at_ms;
  }
  if (was_refined && !search->IsRefined()) ChangeRefinement(*search, -1);
}

void SearchAnalytics::AddToCart(const events::Event& event, const events::EventLine& line) {
  OpenSearch* const search = SearchOf(event, line);
  if (search == nullptr) return;
  const bool is_first = search->is_first_page && !search->is_carted;
  Count(search->day, search->query, [&](SearchTally& tally) {
    ++tally.carts;
    if (is_first) ++tally.carted;
  });
  search->is_carted = true;
}

void SearchAnalytics::Buy(const events::Event& event) {
  if (!event.is_verified) return;
  const uint64_t order = events::OrderIdHash(event.order_id);
  if (!event.order_id.empty() && orders_.contains(order)) return;  // Told twice.
  std::vector<SoldLine> sold;
  for (const events::EventLine& line : event.lines) {
    OpenSearch* const search = SearchOf(event, line);
    if (search == nullptr) continue;
    const int64_t revenue_minor =
        line.price_minor.value_or(0) * line.quantity - line.discount_minor.value_or(0);
    const bool is_first = search->is_first_page && !search->is_converted;
    Count(search->day, search->query, [&](SearchTally& tally) {
      if (is_first) ++tally.converted;
      if (line.price_minor) tally.AddRevenue(event.currency, revenue_minor);
    });
    search->is_converted = true;
    sold.push_back({search->day, search->query, line.product, line.quantity,
                    line.price_minor ? revenue_minor : 0, event.currency});
  }
  if (sold.empty() || event.order_id.empty()) return;
  orders_[order] = std::move(sold);
  order_age_.push_back(order);
  if (order_age_.size() <= kSearchOrdersMax) return;
  orders_.erase(order_age_.front());
  order_age_.pop_front();
}

void SearchAnalytics::TakeBack(const events::Event& event) {
  const auto order = orders_.find(events::OrderIdHash(event.order_id));
  if (!event.is_verified || order == orders_.end()) return;
  const auto take = [&](SoldLine& sold, int64_t quantity) {
    quantity = std::min(quantity, sold.quantity);
    if (quantity <= 0) return;
    const int64_t minor =
        quantity == sold.quantity ? sold.revenue_minor : sold.revenue_minor / sold.quantity * quantity;
    sold.quantity -= quantity;
    sold.revenue_minor -= minor;
    if (minor == 0 || !days_.contains(sold.day)) return;
    Count(sold.day, sold.query, [&](SearchTally& tally) { tally.AddRevenue(sold.currency, -minor); });
  };
  const bool is_whole = event.type == events::EventType::kOrderCancelled || event.lines.empty();
  for (SoldLine& sold : order->second) {
    if (is_whole) take(sold, sold.quantity);
  }
  if (is_whole) return;
  for (const events::EventLine& line : event.lines) {
    const auto sold = std::find_if(order->second.begin(), order->second.end(), [&](const SoldLine& one) {
      return one.product == line.product && one.quantity > 0;
    });
    if (sold != order->second.end()) take(*sold, line.quantity);
  }
}

// ---- What is kept ----

void SearchAnalytics::Forget(ShopperHandle shopper) {
  recent_->Forget(shopper);
  if (const auto serials = searches_of_.find(shopper); serials != searches_of_.end()) {
    for (const uint64_t serial : serials->second) std::erase(At(serial)->shoppers, shopper);
    searches_of_.erase(serials);
  }
  const auto typed = typed_by_one_.find(shopper);
  if (typed == typed_by_one_.end()) return;
  absl::flat_hash_set<QueryNumber> theirs;
  for (const QueryNumber number : typed->second) {
    const KnownQuery* const query = Find(number);
    if (query != nullptr && query->only_shopper == shopper) theirs.insert(number);
  }
  typed_by_one_.erase(typed);
  Drop(theirs);
}

void SearchAnalytics::Drop(const absl::flat_hash_set<QueryNumber>& queries) {
  if (queries.empty()) return;
  for (auto& [day, tallies] : days_) {
    for (const QueryNumber query : queries) query_days_ -= tallies.queries.erase(query);
  }
  for (const QueryNumber number : queries) {
    const auto query = queries_.find(number);
    if (query == queries_.end()) continue;
    numbers_.erase(query->second.text);
    queries_.erase(query);
  }
}

void SearchAnalytics::DropLeastSearched() {
  std::vector<std::tuple<uint64_t, int64_t, QueryNumber>> order;
  order.reserve(queries_.size());
  for (const auto& [number, query] : queries_) order.emplace_back(query.searches, query.last_ms, number);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(order.size() / kDroppedShare);
  std::nth_element(order.begin(), end, order.end());
  absl::flat_hash_set<QueryNumber> least;
  for (auto one = order.begin(); one != end; ++one) least.insert(std::get<QueryNumber>(*one));
  Drop(least);
}

void SearchAnalytics::DropOldDays() {
  while (!days_.empty() && days_.begin()->first.day < days_.rbegin()->first.day - kAnalyticsDaysMax) {
    query_days_ -= days_.begin()->second.queries.size();
    days_.erase(days_.begin());
  }
  for (auto& [day, tallies] : days_) {
    if (query_days_ <= kQueryDaysMax) return;
    query_days_ -= tallies.queries.size();
    tallies.queries.clear();
  }
}

void SearchAnalytics::Index() {
  for (const auto& [number, query] : queries_) {
    numbers_[query.text] = number;
    if (query.only_shopper != ShopperHandle()) typed_by_one_[query.only_shopper].push_back(number);
  }
  for (const auto& [day, tallies] : days_) query_days_ += tallies.queries.size();
  for (size_t i = 0; i < open_.size(); ++i) {
    serials_[KeyOf(open_[i].id)] = i;
    for (const ShopperHandle shopper : open_[i].shoppers) searches_of_[shopper].push_back(i);
  }
}

}  // namespace attune::search
