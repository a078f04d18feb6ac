// Fuzzes what a stranger's request line meets first: targets, paths, query strings, percent-encoding, the
// router.
//
// What is decoded must encode and decode to itself again; what matches a route must have as many captures as
// its pattern, each within its limit.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/utf8.h"
#include "fuzz_target.h"
#include "http/limits.h"
#include "http/router.h"
#include "http/uri.h"

namespace {

using attune::http::PlusSign;
using attune::http::Route;
using attune::http::Router;

const Router& FuzzRouter() {
  static const Router* const router = [] {
    auto* made = new Router;
    for (const char* pattern : {"/v1/events", "/v1/products/{id}", "/v1/{kind}/{id}",
                                "/v1/shoppers/{id}/export", "/demo/{file...}"}) {
      Route route;
      route.method = "GET";
      route.pattern = pattern;
      made->Add(route);
    }
    return made;
  }();
  return *router;
}

}  // namespace

std::vector<std::string> attune::fuzz::Seeds() {
  return {"/v1/products/a%2Fb?kind=customer&q=desk+lamp", "http://x.example/v1/shoppers/s1/export",
          "/demo/css/site.css?", "a=b&c=%C3%A9"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto decoded = attune::http::DecodePercent(text, PlusSign::kKeep)) {
    const auto again = attune::http::DecodePercent(attune::http::EncodePercent(*decoded), PlusSign::kSpace);
    CHECK(again == decoded);
  }
  if (const auto fields = attune::http::ParseQuery(text); fields.ok()) {
    ++attune::fuzz::accepted_count;
    CHECK(fields->size() <= attune::http::kQueryParameterCountMax);
    for (const auto& field : *fields)
      CHECK(attune::IsCleanText(field.name) && attune::IsCleanText(field.value));
  }
  const auto target = attune::http::ParseTarget(text);
  if (!target.ok() || target->path.front() != '/') return 0;
  const auto match = FuzzRouter().Match("GET", target->path);
  if (!match.ok() || match->route == nullptr) return 0;
  for (const std::string& capture : match->captures) {
    CHECK(attune::IsCleanText(capture));
    CHECK(capture.size() <= attune::http::kPathSegmentBytesMax * attune::http::kPathSegmentCountMax);
  }
  return 0;
}
