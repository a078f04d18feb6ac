// Goal: what the API says of searches is what the log says, whatever restarts came between.
// Method: thousands of random searches, clicks, carts, orders and refunds of a dozen shoppers; a recount that
// holds every search and event and looks at all of them for each number; both must agree, before and after
// a stop, a crash, and the loss of the file.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "decisions/decision_record.h"
#include "events/event_record.h"
#include "server/store_for_tests.h"

namespace attune::server {
namespace {

using testing::HasSubstr;
using testing::Not;

namespace json = boost::json;

constexpr int64_t kHalfHourMs = 30 * kMinuteMs;

// ---- The recount ----

struct RawSearch {
  decisions::DecisionRecord record;
  std::string query;  // Lower case, spaces as one.
  uint32_t page = 0;
  std::vector<int64_t> clicks_ms;
  bool is_carted = false;
  bool is_bought = false;
};

struct Counted {
  uint64_t searches = 0, with_result = 0, clicked = 0, carted = 0, converted = 0, clicks = 0, carts = 0;
  std::vector<double> positions;
  int64_t cents = 0;
  std::set<std::string> typists;
  std::map<std::string, int> spellings;
  std::map<std::string, uint64_t> next;
};

std::string Simple(const std::string& text) {
  std::string simple;
  for (const char c : text) {
    if (c == ' ' && (simple.empty() || simple.back() == ' ')) continue;
    simple += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  while (!simple.empty() && simple.back() == ' ') simple.pop_back();
  return simple;
}

std::string OneSpaced(const std::string& text) {
  std::string spaced;
  for (const char c : text) {
    if (c != ' ' || (!spaced.empty() && spaced.back() != ' ')) spaced += c;
  }
  while (!spaced.empty() && spaced.back() == ' ') spaced.pop_back();
  return spaced;
}

class Recount {
 public:
  Recount(const storage::StorageEngine& engine, std::string market) : market_(std::move(market)) {
    EXPECT_TRUE(engine
                    .Scan(storage::Column::kDecisions, "", "",
                          [&](std::string_view key, std::string_view value) {
                            AddDecision(key, value);
                            return true;
                          })
                    .ok());
    EXPECT_TRUE(engine
                    .ScanLog(engine.first_sequence(),
                             [&](const storage::Record& record) {
                               if (record.kind != storage::RecordKind::kEvent) return true;
                               events_.emplace_back();
                               EXPECT_TRUE(events::DecodeEvent(record.payload, events_.back()).ok());
                               return true;
                             })
                    .ok());
    for (const events::Event& event : events_) Follow(event);
    for (const auto& [order, lines] : sold_) {
      for (const Sold& sold : lines)
        Credit(*sold.search, [&](Counted& counted) { counted.cents += sold.cents; });
    }
    for (const RawSearch& search : searches_) Count(search);
  }

  std::map<std::string, Counted> queries;
  Counted total;

 private:
  struct Sold {
    const RawSearch* search;
    ProductIndex product;
    int64_t quantity, cents;
  };

  void AddDecision(std::string_view key, std::string_view value) {
    const DecisionId id = decisions::ParseDecisionKey(key).value();
    RawSearch search;
    search.record = decisions::DecodeDecisionRecord(id, value).value();
    search.query = Simple(search.record.request.query);
    if (search.record.request.placement != "search" || search.query.empty()) return;
    const auto fields = json::parse(search.record.search).as_object();
    if (fields.contains("typing")) return;
    if (fields.contains("page")) search.page = fields.at("page").to_number<uint32_t>();
    searches_.push_back(std::move(search));
  }

  bool IsOfMarket(const RawSearch& search) const {
    return market_.empty() || search.record.request.market == market_;
  }
  template <class Change>
  void Credit(const RawSearch& search, const Change& change) {
    if (!IsOfMarket(search)) return;
    change(total);
    change(queries[search.query]);
  }

  RawSearch* Cause(const events::Event& event, const events::EventLine& line) {
    const DecisionId named = line.decision.is_none() ? event.decision : line.decision;
    RawSearch* cause = nullptr;
    for (RawSearch& search : searches_) {  // By time.
      const decisions::DecisionRecord& record = search.record;
      if (!named.is_none()) {
        if (record.id == named && event.received_at_ms - record.now_ms <= kDayMs) cause = &search;
        continue;
      }
      const int64_t age = event.occurred_at_ms - record.now_ms;
      const bool is_theirs = std::count(record.handles.begin(), record.handles.end(), event.shopper) > 0;
      const bool showed = std::any_of(record.products.begin(), record.products.end(),
                                      [&](const auto& one) { return one.product == line.product; });
      if (is_theirs && showed && age >= 0 && age <= kHalfHourMs &&
          event.received_at_ms - event.occurred_at_ms <= kHourMs) {
        cause = &search;
      }
    }
    return cause;
  }

  void Follow(const events::Event& event) {
    using events::EventType;
    if (event.type == EventType::kOrderCancelled || event.type == EventType::kOrderRefunded) {
      return Refund(event);
    }
    const bool is_known = sold_.contains(event.order_id);
    for (const events::EventLine& line : event.lines) {
      RawSearch* const cause = Cause(event, line);
      if (cause == nullptr) continue;
      if (event.type == EventType::kProductClicked) {
        cause->clicks_ms.push_back(event.received_at_ms);
        Credit(*cause, [&](Counted& counted) {
          ++counted.clicks;
          counted.positions.push_back(PositionOf(*cause, line));
        });
      }
      if (event.type == EventType::kProductAdded) {
        cause->is_carted = true;
        Credit(*cause, [](Counted& counted) { ++counted.carts; });
      }
      if (event.type == EventType::kOrderCompleted && !is_known) {
        cause->is_bought = true;
        sold_[event.order_id].push_back(
            {cause, line.product, line.quantity, line.price_minor.value_or(0) * line.quantity});
      }
    }
  }

  static double PositionOf(const RawSearch& search, const events::EventLine& line) {
    if (line.position) return *line.position;
    for (size_t i = 0; i < search.record.products.size(); ++i) {
      if (search.record.products[i].product == line.product) {
        return static_cast<double>(search.page * search.record.request.limit + i);
      }
    }
    ADD_FAILURE() << "a click on what was not shown";
    return 0;
  }

  void Refund(const events::Event& event) {
    const auto order = sold_.find(event.order_id);
    if (order == sold_.end()) return;
    for (Sold& sold : order->second) {
      const bool is_all = event.type == events::EventType::kOrderCancelled || event.lines.empty();
      int64_t back = is_all ? sold.quantity : 0;
      for (const events::EventLine& line : event.lines) {
        if (!is_all && line.product == sold.product) back = std::min(line.quantity, sold.quantity);
      }
      if (back == 0) continue;
      sold.cents -= back == sold.quantity ? sold.cents : sold.cents / sold.quantity * back;
      sold.quantity -= back;
    }
  }

  void Count(const RawSearch& search) {
    if (search.page != 0) return;
    const decisions::DecisionRecord& record = search.record;
    Credit(search, [&](Counted& counted) {
      ++counted.searches;
      // What fills an empty page is no result.
      if (!record.products.empty() && record.products.front().source == "search") ++counted.with_result;
      if (!search.clicks_ms.empty()) ++counted.clicked;
      if (search.is_carted) ++counted.carted;
      if (search.is_bought) ++counted.converted;
    });
    // Who typed it counts in every market.
    Counted& known = everywhere_[search.query];
    if (!record.handles.empty()) known.typists.insert(std::to_string(record.handles.front().value()));
    ++known.spellings[OneSpaced(record.request.query)];
    const RawSearch* const next = NextOf(search);
    if (next == nullptr || next->query == search.query || !IsOfMarket(search)) return;
    const bool is_clicked = std::any_of(search.clicks_ms.begin(), search.clicks_ms.end(),
                                        [&](int64_t ms) { return ms < next->record.now_ms; });
    if (!is_clicked) ++queries[search.query].next[next->query];
  }

  const RawSearch* NextOf(const RawSearch& search) const {
    for (const RawSearch& other : searches_) {
      if (other.record.id <= search.record.id || other.page != 0) continue;
      if (search.record.handles.empty() || other.record.handles != search.record.handles) continue;
      return other.record.now_ms - search.record.now_ms <= 2 * kMinuteMs ? &other : nullptr;
    }
    return nullptr;
  }

 public:
  bool IsShown(const std::string& query) const {
    const auto known = everywhere_.find(query);
    return known != everywhere_.end() && known->second.typists.size() >= 2;
  }
  std::string SpellingOf(const std::string& query) const {
    std::string best;
    int most = 0;
    for (const auto& [spelling, count] : everywhere_.at(query).spellings) {
      if (count > most) best = spelling;
      most = std::max(most, count);
    }
    return best;
  }

 private:
  const std::string market_;
  std::vector<RawSearch> searches_;
  std::vector<events::Event> events_;
  std::map<std::string, std::vector<Sold>> sold_;
  std::map<std::string, Counted> everywhere_;
};

// ---- The shop ----

class SearchAnalyticsTest : public StoreTest {
 protected:
  static constexpr int kProducts = 30;

  SearchAnalyticsTest() : dice_(31) {
    static const std::vector<std::string> kKinds = {"Lamp", "Chair", "Desk", "Shelf", "Mug"};
    static const std::vector<std::string> kLooks = {"oak", "red", "tall", "small", "old", "new"};
    for (int i = 0; i < kProducts; ++i) {
      const std::string& kind = kKinds[static_cast<size_t>(i) % kKinds.size()];
      const std::string body = R"({"title":")" + kLooks[static_cast<size_t>(i) / 5 % kLooks.size()] + " " +
                               kind + R"(","price":)" + std::to_string(10 + i) + R"(,"category":["Home",")" +
                               kind + R"(s"],"markets":{"DE":{"available":true},"FR":{"available":true}}})";
      const std::string id = "p" + std::to_string(i);
      EXPECT_TRUE(
          Wait([&](http::Done done) { store_->PutProduct(id, body, Secret(), std::move(done)); }).ok());
    }
    for (uint64_t i = 0; i < 12; ++i)
      Events(R"({"type":"page_viewed","anonymous_id":")" + Shopper_(i) + "\"}");
  }

  static std::string Shopper_(uint64_t i) { return "a" + std::to_string(i); }
  uint64_t Below(uint64_t bound) { return dice_.NextBelow(bound); }

  std::string Search(const std::string& body) {
    const auto answer = Wait([&](http::Done done) { store_->Search(body, Secret(), std::move(done)); });
    return answer.ok() ? answer->body : std::string(answer.status().message());
  }
  std::string Suggest(const std::string& body) {
    const auto answer = Wait([&](http::Done done) { store_->Suggest(body, Secret(), std::move(done)); });
    return answer.ok() ? answer->body
                       : std::string(answer.status().field()) + ": " + answer.status().message();
  }
  std::string Analytics(const std::string& market = "", uint32_t limit = 1000) {
    http::SearchAnalyticsQuery query;
    query.market = market;
    query.limit = limit;
    const auto answer =
        Wait([&](http::Done done) { store_->GetSearchAnalytics(query, Secret(), std::move(done)); });
    return answer.ok() ? answer->body : std::string(answer.status().message());
  }

  std::string RandomQuery() {
    static const std::vector<std::string> kQueries = {"lamp", "red lamp", "oak desk",  "chair", "tall chair",
                                                      "desk", "new mug",  "old shelf", "qqqq",  "wwww zzzz"};
    std::string query = kQueries[std::min(Below(kQueries.size()), Below(kQueries.size()))];
    if (Below(3) == 0) query[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(query[0])));
    if (Below(6) == 0) query = " " + query + "  ";
    return Below(40) == 0 ? "only " + std::to_string(Below(9)) + " " + query : query;
  }

  void SearchAtRandom() {
    const uint64_t shopper = Below(14);  // Some are unknown, or name nobody.
    const std::string who =
        shopper == 13 ? "" : R"(,"shopper":{"anonymous_id":")" + Shopper_(shopper) + "\"}";
    static const std::vector<std::string> kMarkets = {"", R"(,"context":{"market":"DE"})",
                                                      R"(,"context":{"market":"FR"})"};
    static const std::vector<std::string> kMore = {"",
                                                   "",
                                                   "",
                                                   "",
                                                   R"(,"typing":true)",
                                                   R"(,"page":1)",
                                                   R"(,"sort":"price_ascending")",
                                                   R"(,"personalize":0)"};
    const std::string answer = Search(R"({"query":")" + RandomQuery() + R"(","limit":4)" + who +
                                      kMarkets[Below(3)] + kMore[Below(kMore.size())] + "}");
    const json::object read = json::parse(answer).as_object();
    Shown shown{Shopper_(shopper), std::string(read.at("decision_id").as_string()), {}, {}};
    for (const json::value& hit : read.at("hits").as_array()) {
      shown.products.emplace_back(hit.at("product_id").as_string());
      shown.positions.push_back(hit.at("position").as_int64());
    }
    if (!shown.products.empty()) shown_.push_back(std::move(shown));
  }

  void ActAtRandom() {
    if (shown_.empty()) return;
    const size_t age = std::min(Below(shown_.size()), Below(20));
    const Shown& shown = shown_[shown_.size() - 1 - age];
    const size_t i = Below(shown.products.size());
    static const std::vector<std::string> kTypes = {"product_clicked", "product_clicked", "product_added"};
    std::string line = R"({"product_id":")" + shown.products[i] + R"(","quantity":)" +
                       std::to_string(1 + Below(3)) + R"(,"price":)" + std::to_string(5 + Below(20)) + ".5";
    const uint64_t how = Below(3);
    if (how < 2) line += R"(,"decision_id":")" + shown.decision + "\"";
    if (how < 1) line += R"(,"position":)" + std::to_string(shown.positions[i]);
    line += "}";
    const std::string when =
        Below(5) == 0 ? R"(,"occurred_at":)" +
                            std::to_string(clock_.NowMs() - static_cast<int64_t>(Below(90)) * kMinuteMs)
                      : "";
    const std::string who = R"(,"currency":"EUR","anonymous_id":")" + shown.shopper + "\"" + when;
    const uint64_t what = Below(10);
    if (what < 7) {
      Events(R"({"type":")" + kTypes[Below(3)] + R"(","products":[)" + line + "]" + who + "}");
    } else if (what < 9) {
      order_ += Below(8) == 0 ? 0 : 1;  // Now and then told twice.
      Events(R"({"type":"order_completed","order_id":"o)" + std::to_string(order_) + R"(","products":[)" +
             line + "]" + who + "}");
    } else {
      const std::string order = std::to_string(Below(static_cast<uint64_t>(order_) + 1));
      const bool is_refund = Below(2) == 0;
      Events(R"({"type":")" + std::string(is_refund ? "order_refunded" : "order_cancelled") +
             R"(","order_id":"o)" + order + R"(","id":"r)" + std::to_string(clock_.NowMs()) + "\"" +
             (is_refund && Below(2) == 0 ? R"(,"products":[)" + line + "]" : "") + who + "}");
    }
  }

  static void ExpectTally(const json::object& told, const Counted& counted, const std::string& of) {
    EXPECT_EQ(told.at("searches").to_number<uint64_t>(), counted.searches) << of;
    EXPECT_EQ(told.at("with_result").to_number<uint64_t>(), counted.with_result) << of;
    EXPECT_EQ(told.at("clicks").to_number<uint64_t>(), counted.clicks) << of;
    EXPECT_EQ(told.at("add_to_carts").to_number<uint64_t>(), counted.carts) << of;
    EXPECT_EQ(told.at("conversions").to_number<uint64_t>(), counted.converted) << of;
    const auto rate = [&](const char* name, uint64_t part) {
      if (counted.searches == 0) return;
      EXPECT_NEAR(told.at(name).to_number<double>(),
                  static_cast<double>(part) / static_cast<double>(counted.searches), 1e-6)
          << name << " of " << of;
    };
    rate("no_result_rate", counted.searches - counted.with_result);
    rate("click_through_rate", counted.clicked);
    rate("add_to_cart_rate", counted.carted);
    rate("conversion_rate", counted.converted);
    std::string amount = "0.00";
    for (const json::value& revenue : told.at("revenue").as_array())
      amount = revenue.at("amount").as_string();
    EXPECT_EQ(std::llround(std::stod(amount) * 100), counted.cents) << of;
    if (counted.positions.empty()) {
      EXPECT_TRUE(told.at("mean_position").is_null()) << of;
      return;
    }
    std::vector<double> sorted = counted.positions;
    std::sort(sorted.begin(), sorted.end());
    double sum = 0;
    for (const double position : sorted) sum += position;
    const auto count = static_cast<double>(sorted.size());
    EXPECT_NEAR(told.at("mean_position").to_number<double>(), sum / count, 1e-5) << of;
    const double median = (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
    EXPECT_NEAR(told.at("median_position").to_number<double>(), median, 1e-6) << of;
  }

  void ExpectRecount(const std::string& market) {
    const std::string answer = Analytics(market);
    const json::object told = json::parse(answer).as_object();
    const Recount recount(engine_, market);
    ExpectTally(told.at("totals").as_object(), recount.total, "totals");
    size_t shown = 0, no_result = 0, no_click = 0, refined = 0;
    std::map<std::string, const json::object*> top;
    for (const json::value& row : told.at("top").as_array()) {
      top[std::string(row.at("query").as_string())] = &row.as_object();
    }
    for (const auto& [query, counted] : recount.queries) {
      if (!recount.IsShown(query)) {
        EXPECT_EQ(top.count(query), 0U) << query;
        continue;
      }
      if (counted.searches > 0) ++shown;
      if (counted.searches > counted.with_result) ++no_result;
      if (counted.with_result > 0 && counted.clicks == 0) ++no_click;
      if (!counted.next.empty()) ++refined;
      if (counted.searches == 0) continue;
      const std::string spelling = recount.SpellingOf(query);
      ASSERT_EQ(top.count(spelling), 1U) << spelling;
      ExpectTally(*top[spelling], counted, spelling);
    }
    EXPECT_EQ(top.size(), shown);
    EXPECT_EQ(told.at("no_result").as_array().size(), no_result);
    EXPECT_EQ(told.at("no_click").as_array().size(), no_click);
    EXPECT_EQ(told.at("refined").as_array().size(), refined);
    ExpectRefinements(told.at("refined").as_array(), recount);
  }

  static void ExpectRefinements(const json::array& told, const Recount& recount) {
    for (const json::value& row : told) {
      const Counted& counted = recount.queries.at(Simple(std::string(row.at("query").as_string())));
      uint64_t all = 0;
      for (const auto& [query, count] : counted.next) all += count;
      EXPECT_EQ(row.at("refined").to_number<uint64_t>(), all) << row;
      for (const json::value& into : row.at("into").as_array()) {
        const auto next = counted.next.find(Simple(std::string(into.at("query").as_string())));
        ASSERT_NE(next, counted.next.end()) << row;
        EXPECT_EQ(into.at("count").to_number<uint64_t>(), next->second) << row;
      }
    }
  }

  // What the store saves as it is closed is lost, like after kill -9.
  void OpenAfterCrash() {
    const auto file = folder_ / "analytics" / "searches.counts";
    const auto kept = folder_.string() + "-kept";
    std::filesystem::remove(kept);
    const bool is_saved = std::filesystem::exists(file);
    if (is_saved) std::filesystem::copy(file, kept);
    store_.reset();
    std::filesystem::remove(file);
    if (is_saved) std::filesystem::rename(kept, file);
    Open();
  }

  struct Shown {
    std::string shopper, decision;
    std::vector<std::string> products;
    std::vector<int64_t> positions;
  };
  Random dice_;
  std::vector<Shown> shown_;
  int order_ = 0;
};

TEST_F(SearchAnalyticsTest, TheAnswerIsARecountOfTheLog) {
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 500; ++i) {
      clock_.Advance(static_cast<int64_t>(Below(round == 2 ? 600 : 40)) * kSecondMs);
      Below(5) < 3 ? SearchAtRandom() : ActAtRandom();
      if (Below(100) == 0) store_->Maintain();
    }
    ExpectRecount("");
    ExpectRecount("DE");
    if (round == 0) Open();
    if (round == 1) OpenAfterCrash();  // Nothing of round 1 was saved, or some of it.
    if (round == 2) {                  // All is counted again.
      store_.reset();
      std::filesystem::remove_all(folder_ / "analytics");
      Open();
    }
    ExpectRecount("");
    if (HasFailure()) return;
  }
  const Recount recount(engine_, "");
  EXPECT_GT(recount.total.clicks, 300U);
  EXPECT_GT(recount.total.carts, 100U);
  EXPECT_GT(recount.total.converted, 50U);
  EXPECT_GT(recount.total.cents, 10'000);
}

TEST_F(SearchAnalyticsTest, WhatIsTypedIsNoSearchAndADamagedFileIsCountedAgain) {
  Search(R"({"query":"la","typing":true})");
  Search(R"({"query":"lamp","limit":0})");
  Search(R"({"context":{"category":["Home"]}})");
  Suggest(R"({"query":"lam"})");
  EXPECT_THAT(Analytics(), HasSubstr(R"("totals":{"searches":0,)"));
  Search(R"({"query":"lamp"})");
  EXPECT_THAT(Analytics(), HasSubstr(R"("totals":{"searches":1,)"));
  store_.reset();
  std::filesystem::resize_file(folder_ / "analytics" / "searches.counts", 100);
  Open();
  EXPECT_THAT(Analytics(), HasSubstr(R"("totals":{"searches":1,)"));
}

TEST_F(SearchAnalyticsTest, AQueryIsNamedOnceTwoShoppersTypedItAndForgottenWithItsOnlyOne) {
  const auto search = [&](const std::string& shopper, const std::string& query) {
    Search(R"({"query":")" + query + R"(","shopper":{"anonymous_id":")" + shopper + "\"}}");
    clock_.Advance(kSecondMs);
  };
  search("a1", "red lamp");
  search("a1", "Red lamp");
  search("a1", "lamp of a b");
  EXPECT_THAT(Analytics(), HasSubstr(R"("top":[])"));
  const std::string asked = R"({"query":"la","shopper":{"anonymous_id":"a1"}})";
  EXPECT_THAT(Suggest(asked), HasSubstr(R"("recent":[{"text":"lamp of a b")"));
  EXPECT_THAT(
      Suggest(R"({"query":"la","shopper":{"anonymous_id":"a1"},"consent":{"personalization":false}})"),
      HasSubstr(R"("recent":[])"));
  EXPECT_THAT(Suggest(R"({"query":"la","shopper":{"anonymous_id":"a2"}})"), HasSubstr(R"("recent":[])"));
  search("a2", "RED  LAMP");
  EXPECT_THAT(Analytics(), HasSubstr(R"("top":[{"query":"RED LAMP","searches":3,)"));
  search("a3", "write to me@example.org lamp");
  search("a4", "write to me@example.org lamp");
  search("a3", "lamp 0170 1234567");
  search("a4", "lamp 0170 1234567");
  EXPECT_THAT(Analytics(), Not(HasSubstr("example.org")));
  EXPECT_THAT(Analytics(), Not(HasSubstr("1234567")));
  const auto exported = Wait([&](http::Done done) {
    store_->ExportShopper("a1", http::ShopperKind::kEither, Secret(), std::move(done));
  });
  ASSERT_TRUE(exported.ok());
  EXPECT_THAT(exported->body, HasSubstr(R"("recent_searches":[{"query":"lamp of a b")"));
  const auto erased = Wait([&](http::Done done) {
    store_->EraseShopper("a1", http::ShopperKind::kEither, Secret(), std::move(done));
  });
  ASSERT_TRUE(erased.ok());
  Maintain();
  EXPECT_THAT(Analytics(), HasSubstr(R"("searches":8,)"));  // Counted, and not named.
  std::ifstream file(folder_ / "analytics" / "searches.counts", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_THAT(bytes, HasSubstr("red lamp"));
  EXPECT_THAT(bytes, Not(HasSubstr("lamp of a b")));
  EXPECT_THAT(Suggest(asked), HasSubstr(R"("recent":[])"));
}

TEST_F(SearchAnalyticsTest, SuggestionsAreWhatOthersSearchedAndElseTheCatalogue) {
  EXPECT_THAT(
      Suggest(R"({"query":"la","limits":{"products":1}})"),
      HasSubstr(R"({"text":"Lamps","highlighted":"<em>La</em>mps","popularity":6,"source":"catalog"})"));
  for (const char* shopper : {"a1", "a2", "a3"}) {
    for (const char* query : {"tall lamp", "lava qqqq"}) {
      Search(R"({"query":")" + std::string(query) + R"(","shopper":{"anonymous_id":")" + shopper + "\"}}");
    }
    Search(R"({"query":"qqqq","shopper":{"anonymous_id":")" + std::string(shopper) + "\"}}");
  }
  Analytics();
  EXPECT_THAT(Suggest(R"({"query":"la"})"),
              HasSubstr(R"("text":"tall lamp","highlighted":"tall <em>la</em>mp")"));
  EXPECT_THAT(Suggest(R"({"query":"tall lmap"})"), HasSubstr(R"("text":"tall lamp")"));
  EXPECT_THAT(Suggest(R"({"query":"tal"})"), HasSubstr(R"("categories":[{"path":["Home",)"));
  EXPECT_THAT(Suggest(R"({"query":"qqq"})"), HasSubstr(R"("queries":[])"));  // Finds nothing.
  EXPECT_THAT(Suggest(R"({"query":"","limits":{"queries":1}})"), HasSubstr(R"("text":"tall lamp")"));
  EXPECT_EQ(Suggest(R"({"query":"la","limits":{"brands":21}})"), "limits.brands: must lie between 0 and 20");
  EXPECT_EQ(Suggest(R"({"query":"la","limits":3})").substr(0, 8), "limits: ");
  EXPECT_EQ(Suggest(R"({"queries":[{}]})").substr(0, 8), "queries:");
}

}  // namespace
}  // namespace attune::server
