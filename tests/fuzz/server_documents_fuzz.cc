// Fuzzes configuration documents: store settings, placements, rules, lists, and whatever else the server
// keeps by kind. What is taken as settings is written and read again the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "fuzz_target.h"
#include "server/store_documents.h"
#include "server/store_settings.h"

std::vector<std::string> attune::fuzz::Seeds() {
  return {attune::server::StoreSettingsToJson({}),
          R"({"title":"Shop","base_currency":"GBP","exchange_rates":{"EUR":1.17},"time_zone":"Europe/Berlin",
    "consent_by_market":{"DE":"denied"},"feed":{"url":"https://shop.example/f.csv","every_minutes":60},
    "embeddings":{"url":"https://ai.example/v1/embeddings","model":"m","api_key_env":"ATTUNE_EMBEDDINGS_K"},
    "search":{"llm":{"url":"https://ai.example/v1/chat/completions","model":"m","api_key_env":"ATTUNE_LLM_K"}}})",
          R"({"title":"Lamps","sources":[{"source":"als","weight":0.5,"depth":7}],"rank_offset":10,
    "seeds":{"page":1,"cart":2,"session":3,"profile":4},"limit":3,"limit_max":4,"within_category":true,
    "filter":"margin_percent > 20","exclude":{"cart":false,
    "bought_within_days_by_category":{"Home > Light":365}},
    "diversity":{"brand_max":3},"fallback":["category","newest"],"editorial":["p1"],"record_share":0.5})",
          R"({"title":"Lamps","enabled":true,"priority":10,"when":{"touchpoints":["search"],
    "query":{"any":true,"exact":["lamp"],"contains":["desk lamp"]},"categories":["Home > Lighting"],
    "segment":"orders >= 2 AND affinity(category, \"Home\") > 0.2","placements":["home_*"],
    "from":"2026-12-01","until":"2026-12-27T12:00:00Z"},
    "then":[{"do":"pin","product_ids":["p1"],"position":3},{"do":"boost","filter":"price < 5","factor":2},
    {"do":"redirect","url":"/sale"},{"do":"banner","banner":{"title":"T"}},{"do":"list","list":"top"}]})",
          R"({"title":"Top","product_ids":["p1","p2"]})"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace attune::server;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  for (const char* kind : {kPlacementKind, kRuleKind, kListKind}) {
    const attune::Status checked = StoreDocuments::Check(kind, "mine", json);
    CHECK(checked.ok() || checked.code() == attune::StatusCode::kInvalidArgument);
    if (checked.ok()) ++attune::fuzz::accepted_count;
  }
  const attune::Status status = StoreDocuments::Check(kStoreSettingKind, kStoreSettingId, json);
  CHECK(status.ok() || status.code() == attune::StatusCode::kInvalidArgument);
  if (const auto settings = ParseStoreSettings(json); settings.ok()) {
    ++attune::fuzz::accepted_count;
    const std::string written = StoreSettingsToJson(*settings);
    const auto again = ParseStoreSettings(written);
    CHECK(again.ok());
    CHECK(StoreSettingsToJson(*again) == written);
  }
  return 0;
}
