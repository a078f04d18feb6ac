// Goal: no text that a shopper can type, and no value that a page can send, breaks a search.
// Method: ten thousand requests of random sorts (random_request.h) to a server with the electronics
// store, in every field that takes text; each answer is 200, or a 400 that names a field.  How long the
// round trips take is printed.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "catalog/product_import.h"
#include "catalog/product_json.h"
#include "catalog/product_merge.h"
#include "server/random_request.h"
#include "server/test_server.h"

namespace attune::server {
namespace {

constexpr int kRequests = 10'000;
constexpr int kProductsPerBatch = 2'000;

void PostProducts(HttpClient& client, std::string& lines) {
  const auto answer = client.Call("POST", "/v1/products", lines, "content-type: application/x-ndjson\r\n");
  ASSERT_EQ(answer.status, 200) << answer.body.substr(0, 500);
  ASSERT_TRUE(Contains(answer.body, R"("rejected":[])")) << answer.body.substr(0, 500);
  lines.clear();
}

// The feed as the shop would send it.
void PutElectronics(HttpClient& client) {
  auto source = catalog::OpenImportFile(ATTUNE_SOURCE_DIR "/data/electronics/products.ndjson.xz");
  ASSERT_TRUE(source.ok()) << source.status().message();
  catalog::ProductImportOptions options;
  options.default_currency = *Currency::Parse("EUR");
  auto import = catalog::ProductImport::Open(std::move(source).value(), options);
  ASSERT_TRUE(import.ok()) << import.status().message();
  std::string lines;
  int count = 0;
  const auto add = [&](const catalog::ProductChange& change) {
    JsonWriter json;
    catalog::FieldClocks clocks;
    const catalog::Product product = catalog::MergeProduct(nullptr, change, 0, clocks).product;
    catalog::WriteProductJson(json, product, catalog::Audience::kSecret);
    lines += json.TakeText() + "\n";
    if (++count % kProductsPerBatch == 0) PostProducts(client, lines);
    return Status();
  };
  const Status done =
      catalog::RunProductImport(**import, SystemClock(), add, [](const catalog::ImportProgress&) {});
  ASSERT_TRUE(done.ok()) << done.message();
  PostProducts(client, lines);
}

double Percentile(std::vector<double>& sorted, double share) {
  return sorted[static_cast<size_t>(static_cast<double>(sorted.size() - 1) * share)];
}

TEST(SearchServerTest, AnyTextIsAnsweredOrRefusedByName) {
  TestServer server("search");
  HttpClient client(server);
  PutElectronics(client);
  RandomRequest random(11);
  int found = 0;
  int refused = 0;
  std::vector<double> took_ms;
  for (int i = 0; i < kRequests; ++i) {
    bool is_broken = false;
    const std::string body = random.Body(is_broken);
    const auto started = std::chrono::steady_clock::now();
    const auto answer = client.Call("POST", "/v1/search", body);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
    took_ms.push_back(took.count());
    if (answer.status == 200) {
      ++found;
      ASSERT_TRUE(Contains(answer.body, R"("total":)")) << body;
      continue;
    }
    ++refused;
    ASSERT_EQ(answer.status, 400) << body << answer.body;
    ASSERT_TRUE(Contains(answer.body, R"("message":")")) << answer.body;
    // What is no JSON has no fields.
    if (!is_broken) {
      ASSERT_TRUE(Contains(answer.body, R"("field":")")) << answer.body << body;
    }
  }
  std::sort(took_ms.begin(), took_ms.end());
  std::cout << "round trips: p50 " << Percentile(took_ms, 0.5) << " ms, p99 " << Percentile(took_ms, 0.99)
            << " ms, at most " << took_ms.back() << " ms; " << found << " answered, " << refused
            << " refused\n";
  EXPECT_GT(found, kRequests / 2);
  EXPECT_GT(refused, kRequests / 20);
  const auto toner = client.Call("POST", "/v1/search", R"({"query":"brother tn-2110"})");
  EXPECT_TRUE(Contains(toner.body, R"("product_id":"1365844")")) << toner.body;
}

}  // namespace
}  // namespace attune::server
