#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/time_text.h"
#include "events/import_stream.h"
#include "events/order_book.h"
#include "events/order_line_import.h"

namespace attune::events {
namespace {

constexpr int64_t kNow = 1'767'225'600'000;  // 2026-01-01T00:00:00Z, a Thursday.
const Currency kGbp = *Currency::Parse("GBP");

EventImportOptions Base() {
  EventImportOptions options;
  options.now_ms = kNow;
  options.default_currency = kGbp;
  return options;
}

std::unique_ptr<catalog::ImportSource> Source(std::string text) {
  auto source = catalog::OpenImportText(std::move(text));
  CHECK(source.ok());
  return std::move(source).value();
}

std::unique_ptr<OrderLineImport> OpenLines(std::string text, OrderLineImportOptions options = {}) {
  options.base = Base();
  auto import = OrderLineImport::Open(Source(std::move(text)), options);
  EXPECT_TRUE(import.ok()) << import.status().message();
  return import.ok() ? std::move(import).value() : nullptr;
}

std::vector<IncomingEvent> All(EventStream& stream) {
  std::vector<IncomingEvent> events;
  IncomingEvent event;
  for (;;) {
    const auto has_more = stream.Next(event);
    EXPECT_TRUE(has_more.ok());
    if (!has_more.ok() || !*has_more) return events;
    events.push_back(event);
  }
}

constexpr char kHeader[] =
    "InvoiceNo\tStockCode\tDescription\tQuantity\tInvoiceDate\tUnitPrice\tCustomerID\tCountry\n";

TEST(OrderLineImport, RowsOfAnOrderBecomeOneEvent) {
  const auto import = OpenLines(std::string(kHeader) +
                                "1\tA1\tLamp\t2\t2010-12-01 08:26:00\t2.55\t17850.0\tUnited Kingdom\n"
                                "1\tB2\tVase \t1\t2010-12-01 08:26:00\t3\t17850.0\tUnited Kingdom\n"
                                "1\tA1\tLamp\t3\t2010-12-01 08:26:00\t2.55\t17850.0\tUnited Kingdom\n");
  const auto events = All(*import);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, EventType::kOrderCompleted);
  EXPECT_EQ(events[0].order_id, "1");
  EXPECT_EQ(events[0].customer_id, "17850");
  EXPECT_EQ(events[0].market, "United Kingdom");
  EXPECT_EQ(events[0].occurred_at_ms, *ParseTime("2010-12-01T08:26:00Z"));
  EXPECT_TRUE(events[0].is_backfill);
  EXPECT_TRUE(events[0].is_verified);
  ASSERT_EQ(events[0].lines.size(), 2u);
  EXPECT_EQ(events[0].lines[0].quantity, 5);
  EXPECT_EQ(events[0].lines[0].price_minor, 255);
  EXPECT_EQ(events[0].currency, kGbp);
}

TEST(OrderLineImport, AReturnTakesFromTheLatestEarlierOrdersOfTheCustomer) {
  const auto import = OpenLines(std::string(kHeader) +
                                "1\tA1\tLamp\t2\t2010-12-01 08:00:00\t2\t7\tUK\n"
                                "2\tA1\tLamp\t3\t2010-12-02 08:00:00\t2\t7\tUK\n"
                                "C9\tA1\tLamp\t-4\t2010-12-03 08:00:00\t2\t7\tUK\n"
                                "3\tA1\tLamp\t9\t2010-12-04 08:00:00\t2\t7\tUK\n"
                                "C8\tA1\tLamp\t-1\t2010-12-05 08:00:00\t2\t8\tUK\n"   // Another customer.
                                "C7\tB1\tVase\t-1\t2010-12-05 08:00:00\t2\t7\tUK\n"   // Never bought.
                                "C6\tA1\tLamp\t-1\t2010-12-05 08:00:00\t2\t\tUK\n");  // Nobody.
  const auto events = All(*import);
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[2].type, EventType::kOrderRefunded);
  OrderBook book(nullptr, {ExchangeRates(kGbp), true}, 10);
  for (const IncomingEvent& incoming : events) {
    Event event;
    event.type = incoming.type;
    event.order_id = incoming.order_id;
    event.occurred_at_ms = incoming.occurred_at_ms;
    event.currency = incoming.currency;
    for (const IncomingLine& line : incoming.lines) {
      event.lines.emplace_back().quantity = line.quantity;
      event.lines.back().price_minor = line.price_minor;
    }
    ASSERT_TRUE(book.Apply(event).ok());
  }
  EXPECT_EQ(book.Find("1")->lines[0].quantity, 1);
  EXPECT_FALSE(book.Find("2")->stands);
  EXPECT_EQ(book.Find("3")->lines[0].quantity, 9);
  EXPECT_EQ(import->tally().CountOf("a return without an earlier order of this customer and product"), 3u);
  EXPECT_EQ(import->tally().rows_taken, 4u);
  EXPECT_EQ(import->tally().rows_left_out(), 3u);
}

TEST(OrderLineImport, ServicesGiftsAndUnreadableRowsAreLeftOutWithTheirReason) {
  const std::string text = std::string(kHeader) +
                           "1\tPOST\tPostage\t1\t2010-12-01 08:00:00\t18\t7\tUK\n"
                           "1\tC2\tCarriage\t1\t2010-12-01 08:00:00\t18\t7\tUK\n"
                           "1\tgift_0001_20\tVoucher\t1\t2010-12-01 08:00:00\t18\t7\tUK\n"
                           "1\tA1\tLamp\t1\t2010-12-01 08:00:00\t0\t7\tUK\n"
                           "1\tA1\tLamp\tmany\t2010-12-01 08:00:00\t1\t7\tUK\n"
                           "1\tA1\tLamp\t1\tlately\t1\t7\tUK\n"
                           "1\tA1\tLamp\t1\t2010-12-01 08:00:00\tfree\t7\tUK\n"
                           "\tA1\tLamp\t1\t2010-12-01 08:00:00\t1\t7\tUK\n"
                           "1\tA1\tLamp\t1\t2030-12-01 08:00:00\t1\t7\tUK\n"
                           "1\tA1\tLamp\t99999999999\t2010-12-01 08:00:00\t1\t7\tUK\n"
                           "2\tA1\tLamp\t1\t2010-12-01 08:00:00\t1\t\tUK\n";
  const auto import = OpenLines(text);
  EXPECT_EQ(import->tally().CountOf("a service, not a product"), 3u);
  EXPECT_EQ(import->tally().CountOf("the price is zero or less"), 1u);
  EXPECT_EQ(import->tally().CountOf("the quantity is no whole number"), 1u);
  EXPECT_EQ(import->tally().CountOf("the quantity is too large"), 1u);
  EXPECT_EQ(import->tally().CountOf("the time cannot be read"), 1u);
  EXPECT_EQ(import->tally().CountOf("the time is in the future"), 1u);
  EXPECT_EQ(import->tally().CountOf("the price is no number"), 1u);
  EXPECT_EQ(import->tally().CountOf("no order id"), 1u);
  const auto events = All(*import);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].customer_id, "");
  EXPECT_NE(import->tally().ToText(1).find("line 2: POST"), std::string::npos) << import->tally().ToText(1);

  OrderLineImportOptions keep;
  keep.leaves_out_codes_without_digit = false;
  keep.service_codes = {"*_20"};
  EXPECT_EQ(OpenLines(text, keep)->tally().CountOf("a service, not a product"), 1u);
}

TEST(OrderLineImport, ColumnsAreGuessedShownAndOverridden) {
  EXPECT_EQ(GuessOrderColumn("Unit Price"), OrderColumn::kUnitPrice);
  EXPECT_EQ(GuessOrderColumn("order_id"), OrderColumn::kOrderId);
  EXPECT_EQ(GuessOrderColumn("colour"), std::nullopt);
  OrderLineImportOptions options;
  options.overrides = {"product_id=Thing"};
  const auto import = OpenLines("Order,Thing,SKU,Date\n1,T1,S1,12/31/2010 8:05\n", options);
  EXPECT_EQ(import->MappingText(), "order_id = Order, product_id = Thing, time = Date; not used: SKU");
  const auto events = All(*import);
  EXPECT_EQ(events[0].lines[0].product_id, "T1");
  EXPECT_EQ(events[0].lines[0].price_minor, std::nullopt);
  EXPECT_EQ(events[0].occurred_at_ms, *ParseTime("2010-12-31T08:05:00Z"));

  options.base = Base();
  for (const char* bad : {"nonsense", "nonsense=Thing", "product_id=Absent"}) {
    options.overrides = {bad};
    EXPECT_FALSE(OrderLineImport::Open(Source("Order,Thing,Date\n1,2,2010-01-01\n"), options).ok()) << bad;
  }
  EXPECT_FALSE(OrderLineImport::Open(Source("Colour,Size\nred,1\n"), OrderLineImportOptions()).ok());
  EXPECT_FALSE(OrderLineImport::Open(Source(""), OrderLineImportOptions()).ok());
}

TEST(OrderLineImport, TimesMoveByWholeWeeksToYesterdayOrJustBefore) {
  OrderLineImportOptions options;
  options.shift_latest_to_now = true;
  for (const char* last :
       {"2010-12-09 12:50:00", "2025-12-31 23:59:59", "2026-01-01 00:00:00", "2027-05-05 05:05:05"}) {
    const auto import =
        OpenLines(std::string(kHeader) + "1\tA1\tx\t1\t2010-12-01 08:00:00\t1\t7\tUK\n2\tA1\tx\t1\t" + last +
                      "\t1\t7\tUK\n",
                  options);
    const auto events = All(*import);
    const int64_t latest = events.back().occurred_at_ms;
    EXPECT_LT(latest, kNow) << last;
    EXPECT_GE(latest, kNow - 7 * kDayMs) << last;
    EXPECT_EQ((latest - *ParseTime(last)) % (7 * kDayMs), 0) << last;
    EXPECT_EQ(import->tally().notes().size(), 1u);
  }
}

TEST(OrderLineImport, TheRowsAreACatalogueToBeginWith) {
  const auto import = OpenLines(std::string(kHeader) +
                                "1\tA1\tLamp\t2\t2010-12-01 08:00:00\t2\t7\tUK\n"
                                "2\tA1\tlamp?\t2\t2010-12-01 08:00:00\t9\t7\tUK\n"
                                "3\tA1\tLamp\t2\t2010-12-01 08:00:00\t3\t7\tUK\n"
                                "3\tPOST\tPostage\t2\t2010-12-01 08:00:00\t3\t7\tUK\n");
  EXPECT_EQ(import->products(), (std::vector<DerivedProduct>{{"A1", "Lamp", 300, kGbp, 3}}));
}

TEST(OrderLineImport, AStoppedImportGoesOnWhereItWas) {
  std::string text = kHeader;
  for (int i = 0; i < 20; ++i) {
    text +=
        std::to_string(100 - i) + "\tA1\tx\t1\t2010-12-" + std::to_string(10 + i) + " 08:00:00\t1\t7\tUK\n";
  }
  const auto whole = All(*OpenLines(text));
  OrderLineImportOptions options;
  const auto first = OpenLines(text, options);
  std::vector<IncomingEvent> events;
  IncomingEvent event;
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(*first->Next(event));
    events.push_back(event);
  }
  options.base = Base();
  options.base.skip = first->done();
  auto second = OrderLineImport::Open(Source(text), options);
  for (const IncomingEvent& rest : All(**second)) events.push_back(rest);
  EXPECT_EQ(events, whole);
}

TEST(EventImport, LinesAreEventsAndBadOnesAreTold) {
  auto stream = OpenEventImport(Source("{\"type\":\"product_viewed\",\"product_id\":\"a\"}\n"
                                       "\n"
                                       "[{\"type\":\"page_viewed\"},{\"type\":\"page_viewed\"}]\r\n"
                                       "nonsense\n"
                                       "{\"type\":\"product_viewed\"}\n"
                                       "{\"type\":\"page_viewed\",\"occurred_at\":\"2020-01-01\"}"),
                                Base());
  ASSERT_TRUE(stream.ok());
  const auto events = All(**stream);
  ASSERT_EQ(events.size(), 4u);
  for (const IncomingEvent& event : events) EXPECT_TRUE(event.is_backfill);
  EXPECT_EQ(events[3].occurred_at_ms, *ParseTime("2020-01-01"));
  const ImportTally& tally = (*stream)->tally();
  EXPECT_EQ(tally.rows_read, 6u);
  EXPECT_EQ(tally.rows_taken, 3u);
  EXPECT_EQ(tally.rows_left_out(), 2u);
  EXPECT_EQ(tally.CountOf("product_id this event needs a product"), 1u);
  EventImportOptions options = Base();
  options.skip = 3;
  auto rest = OpenEventImport(
      Source("{\"type\":\"page_viewed\"}\n\n{\"type\":\"page_viewed\"}\n{\"type\":\"cart_viewed\"}"),
      options);
  const auto last = All(**rest);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].type, EventType::kCartViewed);
}

TEST(CustomerImport, CsvColumnsAreTraitsAndConsentComesFirst) {
  auto stream = OpenCustomerImport(Source("customer_id,name,plan,analytics_consent,personalization_consent\n"
                                          "c1,Ada,gold,yes,no\nc2,Bob,,,\n,Eve,,,\nc3,Joe,x,perhaps,\n"),
                                   Base());
  ASSERT_TRUE(stream.ok());
  const auto events = All(**stream);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].type, EventType::kConsentChanged);
  EXPECT_EQ(events[0].customer_id, "c1");
  EXPECT_EQ(events[0].consent, (StatedConsent{true, false}));
  EXPECT_EQ(events[1].type, EventType::kIdentify);
  EXPECT_EQ(events[1].traits_json, R"({"name":"Ada","plan":"gold"})");
  EXPECT_EQ(events[2].traits_json, R"({"name":"Bob"})");
  EXPECT_EQ((*stream)->tally().CountOf("the row names no customer"), 1u);
  EXPECT_EQ((*stream)->tally().CountOf("consent is neither yes nor no"), 1u);
}

TEST(CustomerImport, NdjsonKeepsNestedTraits) {
  auto stream = OpenCustomerImport(Source("{\"customer_id\":7,\"traits\":{\"a\":{\"b\":1}},\"consent\":{"
                                          "\"analytics\":false}}\n{\"customer_id\":\"x\"}\n"),
                                   Base());
  ASSERT_TRUE(stream.ok());
  const auto events = All(**stream);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].consent.analytics, false);
  EXPECT_EQ(events[1].customer_id, "7");
  EXPECT_EQ(events[1].traits_json, R"({"a":{"b":1}})");
  EXPECT_FALSE(OpenCustomerImport(Source(" \n"), Base()).ok());
}

// The whole of Online Retail, when the data is beside the project.
TEST(OrderLineImport, OnlineRetailComesInWhole) {
  std::filesystem::path data;
  for (std::filesystem::path at = std::filesystem::current_path(); data.empty() && at.has_relative_path();
       at = at.parent_path()) {
    const auto candidate = at.parent_path() / "shared/data/online_retail/online_retail.tsv.xz";
    if (std::filesystem::exists(candidate)) data = candidate;
  }
  if (data.empty()) GTEST_SKIP() << "../shared/data is not there";
  auto source = catalog::OpenImportFile(data.string());
  ASSERT_TRUE(source.ok());
  OrderLineImportOptions options;
  options.base = Base();
  options.shift_latest_to_now = true;
  auto import = OrderLineImport::Open(std::move(source).value(), options);
  ASSERT_TRUE(import.ok()) << import.status().message();
  const auto events = All(**import);
  const ImportTally& tally = (*import)->tally();
  EXPECT_EQ(tally.rows_read, 541'909u);
  EXPECT_EQ(tally.rows_taken + tally.rows_left_out(), tally.rows_read) << tally.ToText(0);
  EXPECT_GT(events.size(), 20'000u);
  EXPECT_GT((*import)->products().size(), 3'500u);
  for (size_t i = 1; i < events.size(); ++i)
    EXPECT_LE(events[i - 1].occurred_at_ms, events[i].occurred_at_ms);
  std::printf("%s%s\n%zu products\n", tally.ToText(0).c_str(), (*import)->MappingText().c_str(),
              (*import)->products().size());
}

}  // namespace
}  // namespace attune::events
