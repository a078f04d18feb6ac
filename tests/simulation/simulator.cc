// attune-simulator: simulated shoppers of one shop, sent to a running server through its public API, or to a
// file.
//
//   attune-simulator --catalog products.ndjson --shoppers 3000 --days 30 --level realistic --url
//   http://127.0.0.1:8080 attune-simulator --make-up 100000 --shoppers 1000000 --events 10000000 --out
//   events.ndjson
//
// It judges the engine, so it stands apart: it knows the public API and nothing of the server's rooms.  Every
// id that it makes begins with "sim-".  Same seed, same events.

#include <curl/curl.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/json_writer.h"
#include "base/time_text.h"
#include "simulation/shop.h"
#include "simulation/shopper.h"

namespace attune::simulation {
namespace {

constexpr size_t kBatchEvents = 500;
constexpr long kRequestTimeoutSeconds = 60;
constexpr int kRetriesMax = 20;

struct Options {
  std::string catalog;
  uint32_t make_up = 0;
  double price_divisor = 1;
  uint32_t shoppers = 1000;
  int days = 30;
  uint64_t events = UINT64_MAX;
  std::string level = "realistic";
  uint64_t seed = 20261;
  std::string until;
  std::string url;
  std::string key;
  std::string store;
  std::string out;
  std::string catalog_out;
  bool backfill = false;
};

// Where events go: lines of a file, or batches to a server.
class Sink {
 public:
  explicit Sink(const Options& options) : options_(options) {
    if (!options.out.empty()) file_.open(options.out);
    if (!options.url.empty()) curl_ = curl_easy_init();
  }
  ~Sink() {
    if (curl_ != nullptr) curl_easy_cleanup(curl_);
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  bool Add(const std::string& event) {
    if (file_.is_open()) {
      file_ << event << '\n';
      return file_.good();
    }
    batch_ += batch_.empty() ? "[" : ",";
    batch_ += event;
    return ++batched_ < kBatchEvents || Flush();
  }

  bool Flush() {
    if (curl_ == nullptr || batch_.empty()) return true;
    batch_ += "]";
    const bool sent = Post();
    batch_.clear();
    batched_ = 0;
    return sent;
  }

 private:
  static size_t Keep(char* bytes, size_t size, size_t count, void* to) {
    static_cast<std::string*>(to)->append(bytes, size * count);
    return size * count;
  }

  bool Post() {
    curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
    if (!options_.key.empty())
      headers = curl_slist_append(headers, ("Authorization: Bearer " + options_.key).c_str());
    if (!options_.store.empty())
      headers = curl_slist_append(headers, ("x-attune-store: " + options_.store).c_str());
    curl_easy_setopt(curl_, CURLOPT_URL, (options_.url + "/v1/events").c_str());
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT, kRequestTimeoutSeconds);
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(batch_.size()));
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, batch_.data());
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &Sink::Keep);
    bool sent = false;
    for (int attempt = 0; attempt < kRetriesMax && !sent; ++attempt) {
      std::string answer;
      curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer);
      const CURLcode code = curl_easy_perform(curl_);
      long status = 0;
      curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
      sent = code == CURLE_OK && status == 200;
      if (!sent && code == CURLE_OK && status != 429 && status != 503) {
        std::cerr << "the server answered " << status << ": " << answer << "\n";
        break;
      }
      if (code != CURLE_OK) {
        std::cerr << "cannot send to " << options_.url << ": " << curl_easy_strerror(code) << "\n";
        break;
      }
    }
    curl_slist_free_all(headers);
    return sent;
  }

  const Options& options_;
  std::ofstream file_;
  CURL* curl_ = nullptr;
  std::string batch_;
  size_t batched_ = 0;
};

std::string ToJson(const SimulatedEvent& event, const Shopper& shopper, const Shop& shop, bool backfill,
                   uint64_t number) {
  JsonWriter json;
  json.BeginObject().Key("id").String("sim-e" + std::to_string(number)).Key("type").String(event.type);
  json.Key("occurred_at").Int(event.at_ms).Key("anonymous_id").String(shopper.anonymous_id());
  if (shopper.is_customer) json.Key("customer_id").String(shopper.customer_id());
  if (!event.order_id.empty()) json.Key("order_id").String(event.order_id);
  if (event.products.empty()) json.Key("category").String(shop.CategoryName(event.category));
  if (!event.products.empty()) {
    json.Key("products").BeginArray();
    for (const uint32_t product : event.products) {
      json.BeginObject().Key("product_id").String(shop.products()[product].product_id).Key("quantity").Int(1);
      json.Key("price").Fixed(shop.products()[product].price, 2).EndObject();
    }
    json.EndArray().Key("currency").String("EUR");
  }
  if (backfill) json.Key("backfill").Bool(true);
  json.EndObject();
  return json.TakeText();
}

int Run(const Options& options) {
  const auto parameters = ParametersOf(options.level);
  if (!parameters) {
    std::cerr << "--level must be easy, realistic or null, not " << options.level << "\n";
    return 2;
  }
  const auto shop = options.make_up > 0
                        ? Result<Shop>(Shop::MakeUp(options.make_up, *parameters, options.seed))
                        : Shop::Read(options.catalog, options.price_divisor, *parameters, options.seed);
  if (!shop.ok()) {
    std::cerr << shop.status().message() << "\n";
    return 2;
  }
  if (!options.catalog_out.empty()) std::ofstream(options.catalog_out) << shop->ToNdjson();
  const auto until = options.until.empty() ? SystemClock().NowMs() : ParseTime(options.until).value_or(0);
  Sink sink(options);
  Random random(options.seed);
  uint64_t sent = 0;
  const double sessions_per_day = parameters->sessions_per_month / 30.0;
  for (int day = 0; day < options.days && sent < options.events; ++day) {
    const int64_t day_ms = until - (options.days - day) * kDayMs;
    std::vector<SimulatedEvent> events;
    const auto sessions = static_cast<uint64_t>(std::llround(options.shoppers * sessions_per_day));
    for (uint64_t s = 0; s < std::max<uint64_t>(1, sessions); ++s) {
      const auto number = static_cast<uint32_t>(random.NextBelow(options.shoppers));
      const Shopper shopper = Shopper::Draw(number, *shop, *parameters, options.seed);
      const int64_t start_ms = day_ms + static_cast<int64_t>(random.NextBelow(kDayMs - kHourMs));
      SimulateSession(shopper, *shop, *parameters, start_ms, random, events);
    }
    // Events of one moment stay in the order in which they were drawn.
    std::vector<size_t> order(events.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(), [&events](size_t a, size_t b) {
      return events[a].at_ms != events[b].at_ms ? events[a].at_ms < events[b].at_ms : a < b;
    });
    for (const size_t place : order) {
      if (sent >= options.events) break;
      const SimulatedEvent& event = events[place];
      const Shopper shopper = Shopper::Draw(event.shopper, *shop, *parameters, options.seed);
      if (!sink.Add(ToJson(event, shopper, *shop, options.backfill, sent++))) return 1;
    }
    std::cerr << "\rday " << day + 1 << " of " << options.days << ", " << sent << " simulated events"
              << std::flush;
  }
  std::cerr << "\n";
  return sink.Flush() ? 0 : 1;
}

}  // namespace
}  // namespace attune::simulation

int main(int argc, char** argv) {
  attune::simulation::Options options;
  CLI::App app("Simulated shoppers for attune; everything it sends is marked \"sim-\".");
  auto* catalog =
      app.add_option("--catalog", options.catalog, "products as NDJSON")->check(CLI::ExistingFile);
  app.add_option("--make-up", options.make_up, "make up this many products instead")->excludes(catalog);
  app.add_option("--catalog-out", options.catalog_out, "write the made-up products there");
  app.add_option("--price-divisor", options.price_divisor, "100 when prices are in cents");
  app.add_option("--shoppers", options.shoppers, "how many")->check(CLI::Range(1, 100'000'000));
  app.add_option("--days", options.days, "how many days of history")->check(CLI::Range(1, 3650));
  app.add_option("--events", options.events, "stop after so many events");
  app.add_option("--level", options.level, "easy, realistic or null (tests/simulation/parameters.h)");
  app.add_option("--seed", options.seed, "same seed, same events");
  app.add_option("--until", options.until, "end of the history (RFC 3339); now when left out");
  app.add_option("--url", options.url, "send to this server");
  app.add_option("--key", options.key, "its API key");
  app.add_option("--store", options.store, "the store, on a server without keys");
  app.add_option("--out", options.out, "or write NDJSON to this file");
  app.add_flag("--backfill", options.backfill, "mark events as history");
  CLI11_PARSE(app, argc, argv);
  if (options.url.empty() == options.out.empty()) {
    std::cerr << "give --url or --out\n";
    return 2;
  }
  return attune::simulation::Run(options);
}
