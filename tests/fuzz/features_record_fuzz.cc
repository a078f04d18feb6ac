// Fuzzes the stored bytes of shoppers and of products' counts: any bytes are a value or kCorruption, and what
// was read is written and read again the same, and can be asked.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "features/fold_event.h"
#include "features/product_features.h"
#include "features/profile_record.h"
#include "features/sample_history.h"
#include "fuzz_target.h"

namespace {

using namespace attune;
using namespace attune::features;

constexpr ShopperHandle kShopper(7);

std::string ProfileBytes(uint64_t seed) {
  Random random(seed);
  const SampleShop shop(seed);
  const FoldContext context = shop.Context();
  ShopperProfile profile;
  profile.shopper = kShopper;
  uint64_t sequence = 100;
  for (const events::Event& event : SampleEvents(random, shop.product_count(), 20, 3, 30 * kDayMs)) {
    FoldEvent(event, Sequence(++sequence), context, profile);
  }
  for (int i = 0; i < 3; ++i) {
    for (const auto& change : MakeSampleOrder(random, shop.product_count(), i, 300 * kDayMs).Changes()) {
      FoldOrderChange(change, Sequence(++sequence), context, profile);
    }
  }
  return EncodeProfile(profile);
}

}  // namespace

std::vector<std::string> attune::fuzz::Seeds() {
  ProductFeatures product;
  AddCounts({5, 2, 1, 1, 2490}, kSampleStartMs, FeatureSettings{}, product);
  product.view_count = 5;
  product.category_key = 99;
  return {ProfileBytes(1), ProfileBytes(2), EncodeProductFeatures(product)};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto profile = DecodeProfile(kShopper, bytes, FeatureSettings{}); profile.ok()) {
    ++attune::fuzz::accepted_count;
    const std::string written = EncodeProfile(*profile);
    const auto again = DecodeProfile(kShopper, written, FeatureSettings{});
    CHECK(again.ok());
    CHECK(EncodeProfile(*again) == written);
  } else {
    CHECK(profile.status().code() == StatusCode::kCorruption);
  }
  if (const auto product = DecodeProductFeatures(bytes); product.ok()) {
    ++attune::fuzz::accepted_count;
    (void)TrialsOf(*product);
    const auto again = DecodeProductFeatures(EncodeProductFeatures(*product));
    CHECK(again.ok() && *again == *product);
  } else {
    CHECK(product.status().code() == StatusCode::kCorruption);
  }
  return 0;
}
