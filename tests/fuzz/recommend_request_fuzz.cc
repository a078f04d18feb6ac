// Fuzzes the body of POST /v1/recommend: any bytes are a request or kInvalidArgument.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "fuzz_target.h"
#include "recommend/request_json.h"

std::vector<std::string> attune::fuzz::Seeds() {
  return {
      R"({"placement":"product_similar","shopper":{"anonymous_id":"a1","customer_id":"c1"},
    "context":{"product_ids":["p1","p2"],"cart":["p3"],"category":["Home","Light"],"brand":"Lumo",
    "query":"lamp",
    "market":"DE","locale":"de-DE","device":"phone"},"limit":5,"filter":"price < 20","explain":true})",
      R"({"placement":"x","shopper":null,"context":{"category":"Home > Light","cart":null},"limit":null})"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto request = attune::recommend::ParseRecommendationRequest(body);
  if (request.ok()) ++attune::fuzz::accepted_count;
  CHECK(request.ok() || request.status().code() == attune::StatusCode::kInvalidArgument);
  return 0;
}
