#include "http/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <atomic>
#include <utility>

#include "base/mutex.h"

namespace attune::http {
namespace {

constexpr int kStatusFirst = 100;
constexpr size_t kStatusCount = 500;

// Seconds: from half the budget of a recommendation to a slow export.
const prometheus::Histogram::BucketBoundaries kDurations = {0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                            0.025,   0.05,   0.1,   0.25,   1,     5};

}  // namespace

struct Metrics::State {
  struct RouteCounters {
    prometheus::Labels labels;
    prometheus::Histogram* seconds = nullptr;
    // By status - 100; made when first needed, so that only series that exist are shown.
    std::array<std::atomic<prometheus::Counter*>, kStatusCount> by_status{};
  };
  struct ReadGauge {
    prometheus::Gauge* gauge;
    std::function<double()> read;
  };
  struct ReadSamples {
    prometheus::Family<prometheus::Gauge>* family;
    std::function<std::vector<Sample>()> read;
    std::vector<prometheus::Gauge*> shown;
  };

  std::shared_ptr<prometheus::Registry> registry;
  prometheus::Family<prometheus::Counter>* requests = nullptr;
  prometheus::Family<prometheus::Histogram>* seconds = nullptr;
  std::vector<std::unique_ptr<RouteCounters>> routes;  // The last one: no route.
  Mutex mutex;
  std::vector<ReadGauge> gauges GUARDED_BY(mutex);
  std::vector<ReadSamples> samples GUARDED_BY(mutex);

  void AddRoute(prometheus::Labels labels) {
    auto counters = std::make_unique<RouteCounters>();
    counters->seconds = &seconds->Add(labels, kDurations);
    counters->labels = std::move(labels);
    routes.push_back(std::move(counters));
  }
};

Metrics::Metrics(std::shared_ptr<prometheus::Registry> registry) : state_(std::make_unique<State>()) {
  state_->registry = registry ? std::move(registry) : std::make_shared<prometheus::Registry>();
  state_->requests = &prometheus::BuildCounter()
                          .Name("attune_http_requests_total")
                          .Help("Requests answered, by route, method and HTTP status")
                          .Register(*state_->registry);
  state_->seconds = &prometheus::BuildHistogram()
                         .Name("attune_http_request_seconds")
                         .Help("Time from the whole request to its answer, by route")
                         .Register(*state_->registry);
  SetRoutes({});
}

Metrics::~Metrics() = default;

prometheus::Registry& Metrics::registry() { return *state_->registry; }

void Metrics::SetRoutes(const std::vector<Route>& routes) {
  state_->routes.clear();
  for (const Route& route : routes) {
    state_->AddRoute({{"route", route.pattern}, {"method", route.method}});
  }
  state_->AddRoute({{"route", "none"}, {"method", "any"}});
}

void Metrics::CountRequest(size_t route_index, int status, int64_t duration_us) {
  const size_t none = state_->routes.size() - 1;
  State::RouteCounters& route = *state_->routes[route_index < none ? route_index : none];
  route.seconds->Observe(static_cast<double>(duration_us) / 1e6);
  const auto slot = static_cast<size_t>(status - kStatusFirst);
  if (slot >= kStatusCount) return;
  prometheus::Counter* counter = route.by_status[slot].load(std::memory_order_acquire);
  if (counter == nullptr) {
    prometheus::Labels labels = route.labels;
    labels["status"] = std::to_string(status);
    counter = &state_->requests->Add(labels);  // The same one when two threads come at once.
    route.by_status[slot].store(counter, std::memory_order_release);
  }
  counter->Increment();
}

void Metrics::AddGauge(const std::string& name, const std::string& help, std::function<double()> read) {
  prometheus::Gauge& gauge =
      prometheus::BuildGauge().Name(name).Help(help).Register(*state_->registry).Add({});
  MutexLock lock(state_->mutex);
  state_->gauges.push_back({&gauge, std::move(read)});
}

void Metrics::AddSamples(const std::string& name, const std::string& help,
                         std::function<std::vector<Sample>()> read) {
  prometheus::Family<prometheus::Gauge>& family =
      prometheus::BuildGauge().Name(name).Help(help).Register(*state_->registry);
  MutexLock lock(state_->mutex);
  state_->samples.push_back({&family, std::move(read), {}});
}

void Metrics::AddListener(const Listener& listener) {
  const auto add = [this, &listener](std::string name, std::string help, auto member) {
    AddGauge("attune_http_" + std::move(name), std::move(help), [&listener, member] {
      const ListenerStatistics statistics = listener.statistics();
      return static_cast<double>(statistics.*member);
    });
  };
  add("connections", "Open connections", &ListenerStatistics::connections_open);
  add("in_flight", "Requests handed to a handler and not yet answered",
      &ListenerStatistics::requests_in_flight);
  add("body_bytes", "Bytes of received bodies held", &ListenerStatistics::body_bytes_in_flight);
  add("connections_accepted", "Connections since the start", &ListenerStatistics::connections_accepted);
  add("connections_refused", "Connections over the limit, since the start",
      &ListenerStatistics::connections_refused);
  add("requests_refused", "Requests over a limit of the server, since the start",
      &ListenerStatistics::requests_refused);
  add("requests_malformed", "Requests that were no HTTP, since the start",
      &ListenerStatistics::requests_malformed);
  add("requests_timed_out", "Requests that came too slowly, since the start",
      &ListenerStatistics::requests_timed_out);
  add("bytes_received", "Bytes of bodies received since the start", &ListenerStatistics::bytes_received);
  add("bytes_sent", "Bytes sent since the start", &ListenerStatistics::bytes_sent);
}

std::string Metrics::Scrape() const {
  {
    MutexLock lock(state_->mutex);
    for (const State::ReadGauge& gauge : state_->gauges) gauge.gauge->Set(gauge.read());
    for (State::ReadSamples& samples : state_->samples) {
      for (prometheus::Gauge* const shown : samples.shown) samples.family->Remove(shown);
      samples.shown.clear();
      for (const Sample& sample : samples.read()) {
        prometheus::Gauge& gauge =
            samples.family->Add(prometheus::Labels(sample.labels.begin(), sample.labels.end()));
        gauge.Set(sample.value);
        samples.shown.push_back(&gauge);
      }
    }
  }
  return prometheus::TextSerializer().Serialize(state_->registry->Collect());
}

}  // namespace attune::http
