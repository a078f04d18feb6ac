// Goal: a scheduled feed becomes the catalogue, by the clock, and never spoils it: as one, unless it is empty
// or would hide too much, and without undoing what was written since it was made.
// Method: a real server on a virtual clock, a real HTTP server for the feed, and the public API.

#include <gtest/gtest.h>
#include <zlib.h>

#include "server/feed_server_for_tests.h"
#include "server/shop_server_for_tests.h"

namespace attune::server {
namespace {

class FeedServerTest : public ShopServerTest {
 protected:
  // Trains by schedule, as a shop's server does.
  FeedServerTest() { Restart(); }

  void Restart() {
    ServerOptions options = OptionsOfTest();
    options.trains = true;
    Start(options);
  }
  // Schedules the feed, hourly, with `more` fields of it.
  void Schedule(const std::string& more = "") {
    const auto answer =
        Ask("PATCH", "/v1/settings",
            R"({"feed":{"every_minutes":60,"url":")" + feed_.Url("/feed") + "\"" + more + "}}");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  // After this every feed that is due by the clock has run.
  std::string Run() {
    server_->feeds().RunDue();
    return Ask("GET", "/v1/feed").body;
  }
  std::string Product(const std::string& id) { return Ask("GET", "/v1/products/" + id).body; }
  static bool Has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  static std::string Csv(int products, const std::string& stock = "9") {
    std::string text = "id,title,price,stock\n";
    for (int i = 0; i < products; ++i) {
      text += "p" + std::to_string(i) + ",Lamp " + std::to_string(i) + ",24.90," + stock + "\n";
    }
    return text;
  }

  FeedServer feed_;
};

TEST_F(FeedServerTest, AFeedBecomesTheCatalogueAndIsDueByTheClock) {
  feed_.Serve(Csv(10), "\"v1\"");
  EXPECT_TRUE(Has(Ask("GET", "/v1/feed").body, "\"scheduled\":false"));
  Schedule();
  const std::string ran = Run();
  EXPECT_TRUE(Has(ran, "\"outcome\":\"applied\",\"reason\":null")) << ran;
  EXPECT_TRUE(Has(ran, "\"products\":10,\"written\":10,\"unchanged\":0,\"hidden\":0")) << ran;
  EXPECT_TRUE(Has(Product("p3"), "\"title\":\"Lamp 3\""));
  EXPECT_EQ(feed_.requests().size(), 1u);

  clock_.Advance(59 * kMinuteMs);
  Run();
  EXPECT_EQ(feed_.requests().size(), 1u);  // Not due yet.
  clock_.Advance(kMinuteMs);
  EXPECT_TRUE(Has(Run(), "\"outcome\":\"unchanged\""));
  EXPECT_EQ(feed_.requests().size(), 2u);
  EXPECT_EQ(feed_.requests().back().Header("if-none-match"), "\"v1\"");

  // Nine of ten: what is gone is hidden.
  feed_.Serve(Csv(9), "\"v2\"");
  clock_.Advance(kHourMs);
  EXPECT_TRUE(Has(Run(), "\"products\":9,\"written\":0,\"unchanged\":9,\"hidden\":1"));
  const std::string slate =
      Ask("POST", "/v1/recommendations", R"({"placement":"home_trending","limit":20})").body;
  EXPECT_TRUE(Has(slate, "\"p8\"")) << slate;
  EXPECT_FALSE(Has(slate, "\"p9\"")) << slate;
}

TEST_F(FeedServerTest, AnEmptyOrShrunkenFeedIsRefusedUnlessTheSettingForcesIt) {
  feed_.Serve(Csv(10), "\"v1\"");
  Schedule();
  Run();
  clock_.Advance(kHourMs);
  feed_.Serve(Csv(7), "\"v2\"");
  const std::string refused = Run();
  EXPECT_TRUE(Has(refused, "\"outcome\":\"refused\"")) << refused;
  EXPECT_TRUE(Has(refused, "would hide 3 of 10")) << refused;
  EXPECT_TRUE(
      Has(Ask("POST", "/v1/recommendations", R"({"placement":"home_trending","limit":20})").body, "\"p9\""));
  clock_.Advance(kHourMs);
  feed_.Serve("id,title,price,stock\n", "\"v3\"");
  const std::string empty = Run();
  EXPECT_TRUE(Has(empty, "\"outcome\":\"refused\"") && Has(empty, "holds no product")) << empty;
  EXPECT_EQ(feed_.requests().back().Header("if-none-match"), "\"v1\"");  // The one that is swapped in.

  const std::string metrics = Ask("GET", "/metrics").body;
  EXPECT_TRUE(Has(metrics, "attune_feed_runs_refused_total 2")) << metrics;
  EXPECT_TRUE(Has(metrics, "attune_feed_runs_applied_total 1"));
  EXPECT_TRUE(Has(metrics, "attune_feeds_failing 1"));
  EXPECT_TRUE(Has(metrics, "attune_feed_age_seconds 7200"));

  feed_.Serve(Csv(7), "\"v4\"");
  Schedule(R"(,"force":true)");
  EXPECT_TRUE(Has(Run(), "\"outcome\":\"applied\""));  // Other settings are due at once.
  EXPECT_TRUE(Has(Ask("GET", "/metrics").body, "attune_feeds_failing 0"));
}

TEST_F(FeedServerTest, ANightlyFeedDoesNotUndoALivePatch) {
  feed_.Serve(Csv(10));
  Schedule();
  Run();
  clock_.Advance(30 * kMinuteMs);
  ASSERT_EQ(Ask("PATCH", "/v1/products/p3", R"({"stock":3})").status, 200);
  clock_.Advance(30 * kMinuteMs);
  // Made (2026-09-21T14:13:20Z + 10 min) before the patch, and says another stock and another price.
  std::string csv = Csv(10, "12");
  csv.replace(csv.find("p3,Lamp 3,24.90"), 15, "p3,Lamp 3,19.90");
  feed_.Serve(csv, "", "Mon, 21 Sep 2026 14:23:20 GMT");
  EXPECT_TRUE(Has(Run(), "\"outcome\":\"applied\""));
  EXPECT_TRUE(Has(Product("p3"), "\"stock\":3")) << Product("p3");
  EXPECT_TRUE(Has(Product("p3"), "19.9")) << Product("p3");
  EXPECT_TRUE(Has(Product("p4"), "\"stock\":12")) << Product("p4");

  // One that was made after the patch wins.
  clock_.Advance(kHourMs);
  feed_.Serve(Csv(10, "13"), "", "Mon, 21 Sep 2026 15:23:20 GMT");
  Run();
  EXPECT_TRUE(Has(Product("p3"), "\"stock\":13")) << Product("p3");
}

TEST_F(FeedServerTest, AFeedThatCannotBeHadChangesNothingAndIsTriedAgainSooner) {
  feed_.Serve(Csv(10));
  Schedule();
  Run();
  clock_.Advance(kHourMs);
  feed_.Fail(500);
  const std::string failed = Run();
  EXPECT_TRUE(Has(failed, "\"outcome\":\"failed\"") && Has(failed, "status 500")) << failed;
  clock_.Advance(kFeedRetryMs);
  feed_.Serve("\x1f\x8b that is no gzip");
  EXPECT_TRUE(Has(Run(), "the .gz file is damaged"));
  EXPECT_TRUE(Has(Product("p3"), "\"title\":\"Lamp 3\""));
  EXPECT_EQ(feed_.requests().size(), 3u);
}

TEST_F(FeedServerTest, AGzipFeedIsReadDirectlyAndRefusedRowsAreTold) {
  const std::string csv = Csv(10) + "p10,Lamp,a lot,1\n";
  std::string packed(compressBound(csv.size()) + 32, '\0');
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(csv.data()));
  stream.avail_in = static_cast<uInt>(csv.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  feed_.Serve(packed);
  Schedule(R"(,"columns":{"stock":""})");
  const std::string ran = Run();
  EXPECT_TRUE(Has(ran, "\"rows\":11,\"rows_rejected\":1,\"products\":10")) << ran;
  EXPECT_TRUE(Has(ran, "1 rows: price")) << ran;
  EXPECT_FALSE(Has(Product("p3"), "\"stock\":9"));  // The column was left out.
}

TEST_F(FeedServerTest, TheLastRunAndItsValidatorsSurviveARestartAlsoOfAClosedStore) {
  feed_.Serve(Csv(10), "\"v1\"");
  Schedule();
  Run();
  Restart();
  EXPECT_EQ(server_->stores().open_count(), 0u);
  EXPECT_TRUE(Has(Run(), "\"outcome\":\"applied\""));
  EXPECT_EQ(feed_.requests().size(), 1u);
  Restart();
  clock_.Advance(kHourMs);
  server_->feeds().RunDue();  // No request has opened the store.
  EXPECT_EQ(feed_.requests().size(), 2u);
  EXPECT_EQ(feed_.requests().back().Header("if-none-match"), "\"v1\"");
  ASSERT_EQ(Ask("PATCH", "/v1/settings", R"({"feed":null})").status, 200);
  Restart();
  clock_.Advance(kHourMs);
  server_->feeds().RunDue();
  EXPECT_EQ(server_->stores().open_count(), 0u);  // A store without a feed stays closed.
}

TEST_F(FeedServerTest, SettingsAreReadAndChangedOverHttp) {
  const auto initial = Ask("GET", "/v1/settings");
  EXPECT_EQ(initial.status, 200);
  EXPECT_EQ(initial.Header("etag"), "\"0\"");
  EXPECT_TRUE(Has(initial.body, "\"base_currency\":\"EUR\"")) << initial.body;

  const auto changed = Ask("PATCH", "/v1/settings",
                           R"({"title":"Shop","base_currency":"GBP","exchange_rates":{"USD":0.8,"EUR":0.9},)"
                           R"("feed":{"url":"http://shop:hush@127.0.0.1:9/feed?token=quiet"}})",
                           "if-match: \"0\"\r\n");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.Header("etag"), "\"1\"");
  EXPECT_TRUE(Has(changed.body, "\"changed_by\":\"open\"")) << changed.body;
  EXPECT_TRUE(Has(changed.body, "http://shop:***@127.0.0.1:9/feed?token=***")) << changed.body;
  EXPECT_FALSE(Has(changed.body, "hush") || Has(changed.body, "quiet"));

  // What was masked stays when it comes back; null returns to the default; other fields stay.
  const auto again =
      Ask("PATCH", "/v1/settings",
          R"({"title":null,"exchange_rates":{"EUR":null},)"
          R"("feed":{"url":"http://shop:***@127.0.0.1:9/feed?token=***","every_minutes":30}})");
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_TRUE(Has(again.body, R"("title":"")") && Has(again.body, R"("base_currency":"GBP")")) << again.body;
  EXPECT_TRUE(Has(again.body, R"("exchange_rates":{"USD":0.8})")) << again.body;
  const auto store = server_->stores().Open("shop");
  ASSERT_TRUE(store.ok());
  EXPECT_EQ((*store)->settings().feed.url, "http://shop:hush@127.0.0.1:9/feed?token=quiet");
  EXPECT_EQ((*store)->settings().feed.every_minutes, 30);

  // In force with the next request: an amount without a currency is in the store's.
  ASSERT_EQ(Ask("PUT", "/v1/products/p1", R"({"title":"Lamp","price":5})").status, 201);
  EXPECT_TRUE(Has(Product("p1"), "GBP")) << Product("p1");
}

TEST_F(FeedServerTest, AWrongSettingIsNamedAndChangesNothing) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"base_currency":"EURO"})", "base_currency"},
      {R"({"time_zone":"Mars/Olympus"})", "time_zone"},
      {R"({"feed":{"url":"file:///etc/hostname"}})", "feed.url"},
      {R"({"feed":{"url":"http://a.example","format":"pdf"}})", "feed.format"},
      {R"({"feed":{"columns":{"a":"no such field"}}})", "feed.columns.a"},
      {R"({"feed":{"every_minutes":1}})", "feed.every_minutes"},
  };
  for (const auto& [body, field] : cases) {
    const auto answer = Ask("PATCH", "/v1/settings", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_TRUE(Has(answer.body, "\"field\":\"" + std::string(field) + "\"")) << answer.body;
  }
  EXPECT_EQ(Ask("PATCH", "/v1/settings", "[]").status, 400);
  EXPECT_EQ(Ask("PATCH", "/v1/settings", R"({"title":"x"})", "if-match: \"7\"\r\n").status, 412);
  EXPECT_EQ(Ask("GET", "/v1/settings").Header("etag"), "\"0\"");
}

TEST_F(FeedServerTest, ProductsAreListedPageByPageAsTheyBecameKnown) {
  EXPECT_EQ(Ask("GET", "/v1/products").body, R"({"products":[],"next":null})");
  ASSERT_EQ(
      Ask("POST", "/v1/events", R"({"type":"product_viewed","anonymous_id":"a","product_id":"unknown"})")
          .status,
      200);
  std::string body;
  for (int i = 0; i < 5; ++i) body += R"({"product_id":"p)" + std::to_string(i) + "\",\"title\":\"Lamp\"}\n";
  ASSERT_EQ(Ask("POST", "/v1/products", body).status, 200);
  std::string seen;
  std::string path = "/v1/products?limit=2";
  for (int pages = 0; pages < 10; ++pages) {
    const std::string page = Ask("GET", path).body;
    for (int i = 0; i < 5; ++i) {
      if (Has(page, "\"product_id\":\"p" + std::to_string(i) + "\"")) seen += std::to_string(i);
    }
    EXPECT_FALSE(Has(page, "unknown"));
    if (Has(page, "\"next\":null")) break;
    const size_t next = page.rfind("\"next\":\"") + 8;
    path = "/v1/products?limit=2&cursor=" + page.substr(next, page.find('"', next) - next);
  }
  EXPECT_EQ(seen, "01234");
  for (const char* wrong : {"limit=0", "limit=1001", "limit=x", "cursor=-1", "cursor=p1"}) {
    EXPECT_EQ(Ask("GET", "/v1/products?" + std::string(wrong)).status, 400) << wrong;
  }
}

TEST_F(FeedServerTest, AMergingBatchChangesTheFieldsItNames) {
  const std::string whole =
      R"({"product_id":"p1","title":"Lamp","price":5,"variants":[{"variant_id":"v1"},{"variant_id":"v2"}]})";
  ASSERT_EQ(Ask("POST", "/v1/products", whole).status, 200);
  ASSERT_EQ(Ask("POST", "/v1/products?merge=true", R"({"product_id":"p1","title":"Lantern"})").status, 200);
  EXPECT_TRUE(Has(Product("p1"), "Lantern") && Has(Product("p1"), "\"price\"")) << Product("p1");
  const std::string one = R"({"product_id":"p1","variants":[{"variant_id":"v3"}]})";
  ASSERT_EQ(Ask("POST", "/v1/products?merge=true&keep_variants=true", one).status, 200);
  EXPECT_TRUE(Has(Product("p1"), "\"v1\"") && Has(Product("p1"), "\"v3\"")) << Product("p1");
  ASSERT_EQ(Ask("POST", "/v1/products?merge=true", one).status, 200);
  EXPECT_FALSE(Has(Product("p1"), "\"v1\"")) << Product("p1");
  ASSERT_EQ(Ask("POST", "/v1/products", R"({"product_id":"p1","title":"Lamp"})").status, 200);
  EXPECT_FALSE(Has(Product("p1"), "\"v3\"")) << Product("p1");
  EXPECT_EQ(Ask("POST", "/v1/products?keep_variants=true", one).status, 400);
  EXPECT_EQ(Ask("POST", "/v1/products?merge=true&replace=true", one).status, 400);
}

}  // namespace
}  // namespace attune::server
