// Fuzzes the bodies of POST /v1/search and /v1/search/suggest: any bytes are requests or kInvalidArgument.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "fuzz_target.h"
#include "search/request_json.h"
#include "search/suggest_json.h"

std::vector<std::string> attune::fuzz::Seeds() {
  return {
      R"({"query":"desk lamp","shopper":{"anonymous_id":"a1"},"context":{"market":"DE","category":["Home"]},
    "filter":"price < 20","facets":["brand",{"field":"category","below":[],"limit":3,"containing":"a"}],
    "selected":{"brand":["Lumo"],"price":{"min":1,"max":2.5}},"sort":"newest","page":1,"limit":10,
    "distinct":{"field":"brand","products":2},"highlight":["title"],"typing":true,"personalize":40})",
      R"({"queries":[{"query":"lamp"},{"facets":["price"],"limit":0}]})",
      R"({"query":"des","limits":{"queries":8,"categories":3,"brands":3,"products":6,"recent":5}})"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto requests = attune::search::ParseSearchRequests(body);
  if (requests.ok()) ++attune::fuzz::accepted_count;
  CHECK(requests.ok() ? !requests->queries.empty()
                      : requests.status().code() == attune::StatusCode::kInvalidArgument);
  const auto suggest = attune::search::ParseSuggestRequest(body);
  CHECK(suggest.ok() ? suggest->search.is_typing
                     : suggest.status().code() == attune::StatusCode::kInvalidArgument);
  return 0;
}
