#include "load/request_maker.h"

#include <iterator>

namespace attune::bench {
namespace {

// A page view asks for one of these; two thirds are about a product.
constexpr const char* kPlacements[] = {"home_for_you",  "product_similar", "product_bought_together",
                                       "home_trending", "product_similar", "recently_viewed"};

}  // namespace

RequestMaker::RequestMaker(const LoadOptions& options, int64_t now_ms)
    : options_(options), now_ms_(now_ms), random_(options.seed) {}

uint64_t RequestMaker::DrawShopper() {
  const double unit = random_.NextUnit();
  return static_cast<uint64_t>(unit * unit * static_cast<double>(options_.shoppers));
}

std::string RequestMaker::RecommendationBody() {
  const std::string placement = kPlacements[random_.NextBelow(std::size(kPlacements))];
  std::string body = R"({"placement":")" + placement + R"(","shopper":{"anonymous_id":"sim-a)";
  body += std::to_string(DrawShopper()) + "\"}";
  if (placement.starts_with("product_")) {
    body +=
        R"(,"context":{"product_ids":["p)" + std::to_string(random_.NextBelow(options_.products)) + "\"]}";
  }
  return body + R"(,"limit":12})";
}

std::string RequestMaker::EventsBody() {
  std::string body = "[";
  for (uint32_t i = 0; i < options_.batch; ++i) {
    const bool is_new = options_.kind == "new-shoppers";
    const std::string shopper = is_new ? "load-" + std::to_string(options_.seed) + "-" + std::to_string(made_)
                                       : "sim-a" + std::to_string(DrawShopper());
    if (i > 0) body += ',';
    body += R"({"id":"load-)" + std::to_string(options_.seed) + "-" + std::to_string(made_++);
    body += R"(","type":"product_viewed","anonymous_id":")" + shopper + R"(","occurred_at":)" +
            std::to_string(now_ms_);
    body += R"(,"product_id":"p)" + std::to_string(random_.NextBelow(options_.products)) + "\"}";
  }
  return body + "]";
}

std::string RequestMaker::Next() {
  const bool is_recommendation = options_.kind == "recommendations";
  const std::string body = is_recommendation ? RecommendationBody() : EventsBody();
  std::string request =
      is_recommendation ? "POST /v1/recommendations HTTP/1.1\r\n" : "POST /v1/events HTTP/1.1\r\n";
  request += "Host: " + options_.host + "\r\nContent-Type: application/json\r\n";
  if (!options_.key.empty()) request += "Authorization: Bearer " + options_.key + "\r\n";
  return request + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace attune::bench
