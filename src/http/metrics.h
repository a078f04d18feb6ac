// Counters of the HTTP room, and the page on which all rooms' metrics are read (Prometheus text format,
// /metrics).
//
//   attune_http_requests_total{route,method,status}   attune_http_request_seconds{route} (histogram)
//   attune_http_in_flight, attune_http_connections, ...  gauges read from the listener at the moment of the
//   scrape
//
// Other rooms add their own families to registry(), or collectors that are asked at each scrape.  Labels hold
// routes ("/v1/products/{id}"), stores and models, never paths: no ids of products or shoppers, and so a
// bounded number of series.
//
// Thread safety: all methods from any thread; AddCollector before the first scrape.

#ifndef ATTUNE_HTTP_METRICS_H_
#define ATTUNE_HTTP_METRICS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/listener.h"
#include "http/router.h"

namespace prometheus {
class Registry;
}

namespace attune::http {

class Metrics {
 public:
  // `registry`: where to put the families; null: one of our own.
  explicit Metrics(std::shared_ptr<prometheus::Registry> registry = nullptr);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  prometheus::Registry& registry();

  // Once, before requests are counted.
  void SetRoutes(const std::vector<Route>& routes);

  // `route_index` of SetRoutes(); kNoRoute for requests that no route took.
  static constexpr size_t kNoRoute = SIZE_MAX;
  void CountRequest(size_t route_index, int status, int64_t duration_us);

  // A sample taken at each scrape: name, help, and a function that reads the current value.
  void AddGauge(const std::string& name, const std::string& help, std::function<double()> read);
  // The same for what there are several of: each sample has its labels, as pairs of name and value.  One that
  // is not read again at the next scrape is gone.
  struct Sample {
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
  };
  void AddSamples(const std::string& name, const std::string& help,
                  std::function<std::vector<Sample>()> read);
  // The gauges of a listener, which must outlive the last Scrape().
  void AddListener(const Listener& listener);

  // The page, text/plain; version=0.0.4.
  std::string Scrape() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attune::http

#endif  // ATTUNE_HTTP_METRICS_H_
