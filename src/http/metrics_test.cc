#include "http/metrics.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace attune::http {
namespace {

TEST(MetricsTest, CountsByRouteAndStatusFromManyThreads) {
  Metrics metrics;
  Route route;
  route.method = "GET";
  route.pattern = "/v1/products/{id}";
  metrics.SetRoutes({route});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&metrics] {
      for (int i = 0; i < 500; ++i) metrics.CountRequest(0, i % 2 == 0 ? 200 : 404, 700);
    });
  }
  for (std::thread& thread : threads) thread.join();
  metrics.CountRequest(Metrics::kNoRoute, 404, 10);
  metrics.CountRequest(0, 99'999, 10);
  const std::string page = metrics.Scrape();
  EXPECT_NE(
      page.find("attune_http_requests_total{method=\"GET\",route=\"/v1/products/{id}\",status=\"200\"} 1000"),
      std::string::npos)
      << page;
  EXPECT_NE(page.find("status=\"404\"} 1000"), std::string::npos);
  EXPECT_NE(page.find("route=\"none\",status=\"404\"} 1"), std::string::npos);
  EXPECT_NE(page.find("attune_http_request_seconds_count{method=\"GET\",route=\"/v1/products/{id}\"} 2001"),
            std::string::npos);
}

TEST(MetricsTest, GaugesAreReadAtEachScrape) {
  Metrics metrics;
  double value = 1;
  metrics.AddGauge("attune_test_gauge", "A test", [&value] { return value; });
  EXPECT_NE(metrics.Scrape().find("attune_test_gauge 1"), std::string::npos);
  value = 7;
  EXPECT_NE(metrics.Scrape().find("attune_test_gauge 7"), std::string::npos);
}

TEST(MetricsTest, SamplesHaveLabelsAndGoWhenTheyAreNotReadAgain) {
  Metrics metrics;
  std::vector<Metrics::Sample> samples = {{{{"store", "a"}}, 1}, {{{"store", "b"}}, 2}};
  metrics.AddSamples("attune_test_sample", "A test", [&samples] { return samples; });
  const std::string page = metrics.Scrape();
  EXPECT_NE(page.find("attune_test_sample{store=\"a\"} 1"), std::string::npos) << page;
  EXPECT_NE(page.find("attune_test_sample{store=\"b\"} 2"), std::string::npos) << page;
  samples.pop_back();
  samples[0].value = 5;
  const std::string later = metrics.Scrape();
  EXPECT_NE(later.find("attune_test_sample{store=\"a\"} 5"), std::string::npos) << later;
  EXPECT_EQ(later.find("store=\"b\""), std::string::npos) << later;
}

}  // namespace
}  // namespace attune::http
