#include "load/request_maker.h"

#include <iterator>

namespace attune::bench {
namespace {

// A page view asks for one of these; two thirds are about a product.
constexpr const char* kPlacements[] = {"home_for_you",  "product_similar", "product_bought_together",
                                       "home_trending", "product_similar", "recently_viewed"};

constexpr uint64_t kRequestsPerVisit = 8;
// Numbers of the simulator's names that searches draw.
constexpr uint64_t kKinds = 100;
constexpr uint64_t kBrands = 50;
// Of 200 events; the others are product views.
constexpr uint64_t kListViewsIn200 = 34;
constexpr uint64_t kAdditionsIn200 = 12;
constexpr uint64_t kOrdersIn200 = 3;

}  // namespace

RequestMaker::RequestMaker(const LoadOptions& options, int64_t now_ms)
    : options_(options), now_ms_(now_ms), random_(options.seed), visits_(options.visits) {
  for (std::string& shopper : visits_) shopper = ComingShopper();
}

std::string RequestMaker::ComingShopper() {
  if (options_.kind == "new-shoppers") {
    return "load-" + std::to_string(options_.seed) + "-" + std::to_string(came_++);
  }
  const double unit = random_.NextUnit();
  return "sim-a" +
         std::to_string(static_cast<uint64_t>(unit * unit * static_cast<double>(options_.shoppers)));
}

const std::string& RequestMaker::NextShopper() {
  std::string& shopper = visits_[random_.NextBelow(visits_.size())];
  if (random_.NextBelow(kRequestsPerVisit) == 0) shopper = ComingShopper();
  return shopper;
}

std::string RequestMaker::RecommendationBody() {
  const std::string placement = kPlacements[random_.NextBelow(std::size(kPlacements))];
  std::string body =
      R"({"placement":")" + placement + R"(","shopper":{"anonymous_id":")" + NextShopper() + "\"}";
  if (placement.starts_with("product_")) body += R"(,"context":{"product_ids":[)" + Product() + "]}";
  return body + R"(,"limit":12})";
}

std::string RequestMaker::SearchBody() {
  // The simulator's words: "Product 17 of kind 63", "Brand 9", colours.
  const std::string kind = std::to_string(random_.NextBelow(kKinds));
  const std::string brand = std::to_string(random_.NextBelow(kBrands));
  const std::string number = std::to_string(random_.NextBelow(options_.products));
  const bool is_mistyped = random_.NextBelow(4) == 0;
  const std::string queries[] = {(is_mistyped ? "prodcut kind " : "product kind ") + kind,
                                 (is_mistyped ? "wihte brand " : "white brand ") + brand,
                                 "kind " + kind + (is_mistyped ? " balck" : " black"),
                                 (is_mistyped ? "prduct " : "product ") + number};
  return R"({"query":")" + queries[random_.NextBelow(std::size(queries))] +
         R"(","shopper":{"anonymous_id":")" + NextShopper() +
         R"("},"facets":["brand","category","price"],"limit":24})";
}

void RequestMaker::AppendEvent(std::string& body) {
  const std::string id = "load-" + std::to_string(options_.seed) + "-" + std::to_string(made_++);
  body += R"({"id":")" + id + R"(","anonymous_id":")" + NextShopper() + R"(","occurred_at":)" +
          std::to_string(now_ms_);
  const uint64_t draw = random_.NextBelow(200);
  if (draw < kListViewsIn200) {
    body += R"(,"type":"product_list_viewed","category":"Area 3 > Kind 63"})";
  } else if (draw < kListViewsIn200 + kAdditionsIn200) {
    body += R"(,"type":"product_added","currency":"EUR","products":[{"product_id":)" + Product() +
            R"(,"quantity":1,"price":9.95}]})";
  } else if (draw < kListViewsIn200 + kAdditionsIn200 + kOrdersIn200) {
    body += R"(,"type":"order_completed","currency":"EUR","order_id":"o-)" + id +
            R"(","products":[{"product_id":)" + Product() + R"(,"quantity":1,"price":9.95},{"product_id":)" +
            Product() + R"(,"quantity":2,"price":4.5}]})";
  } else {
    body += R"(,"type":"product_viewed","product_id":)" + Product() + "}";
  }
}

std::string RequestMaker::EventsBody() {
  std::string body = "[";
  for (uint32_t i = 0; i < options_.batch; ++i) {
    if (i > 0) body += ',';
    AppendEvent(body);
  }
  return body + "]";
}

std::string RequestMaker::Next() {
  const bool is_recommendation = options_.kind == "recommendations";
  const bool is_search = options_.kind == "search";
  const std::string body = is_recommendation ? RecommendationBody() : is_search ? SearchBody() : EventsBody();
  const std::string path = is_recommendation ? "recommendations" : is_search ? "search" : "events";
  std::string request = "POST /v1/" + path + " HTTP/1.1\r\n";
  request += "Host: " + options_.host + "\r\nContent-Type: application/json\r\n";
  if (!options_.key.empty()) request += "Authorization: Bearer " + options_.key + "\r\n";
  return request + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace attune::bench
