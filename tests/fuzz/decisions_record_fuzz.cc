// Fuzzes what the decisions room keeps: decision records, their keys, and setting records.  Any bytes are a
// value or kCorruption, and a value is written and read again the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "decisions/decision_record.h"
#include "decisions/setting_record.h"
#include "fuzz_target.h"

namespace {

using namespace attune;
using namespace attune::decisions;

DecisionRecord Whole() {
  DecisionRecord record;
  record.id = DecisionId::Make(1'770'000'000'000, 12, 34);
  record.now_ms = 1'770'000'000'000;
  record.seed = 7;
  record.handles = {ShopperHandle(8), ShopperHandle(9)};
  record.is_personalized = true;
  record.view_sequence = Sequence(4);
  record.profile_sequence = Sequence(5);
  record.catalog_sequence = Sequence(6);
  record.generations = {{"also_viewed", Generation(41)}, {"own model", Generation(2)}};
  record.request.placement = "product_similar";
  record.request.page_products = {ProductIndex(54)};
  record.request.category = {"Home", "Light"};
  record.request.filter = "price < 5";
  record.request.limit = 8;
  record.request.personalization_consent = false;
  record.products = {{ProductIndex(1), 0.5F, "also_viewed", 1}, {ProductIndex(2), 0.25F, "own model", 0.5F}};
  record.fallback = "bestsellers";
  record.are_caps_relaxed = true;
  return record;
}

}  // namespace

std::vector<std::string> attune::fuzz::Seeds() {
  SettingRecord setting;
  setting.kind = "placement";
  setting.id = "mine";
  setting.json = "{}";
  setting.author = "k1";
  setting.changed_at_ms = 5;
  return {EncodeDecisionRecord(Whole()), EncodeSettingRecord(setting), DecisionKey(Whole().id)};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const DecisionId id = Whole().id;
  if (const auto record = DecodeDecisionRecord(id, bytes); record.ok()) {
    ++attune::fuzz::accepted_count;
    const std::string written = EncodeDecisionRecord(*record);
    const auto again = DecodeDecisionRecord(id, written);
    CHECK(again.ok());
    CHECK(EncodeDecisionRecord(*again) == written);
  } else {
    CHECK(record.status().code() == StatusCode::kCorruption);
  }
  if (const auto setting = DecodeSettingRecord(bytes); setting.ok()) {
    ++attune::fuzz::accepted_count;
    const auto again = DecodeSettingRecord(EncodeSettingRecord(*setting));
    CHECK(again.ok() && *again == *setting);
  }
  if (const auto key = ParseDecisionKey(bytes); key.ok()) {
    ++attune::fuzz::accepted_count;
    CHECK(DecisionKey(*key) == bytes);
  }
  return 0;
}
