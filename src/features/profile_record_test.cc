// Goal: a profile comes back from its bytes exactly, the bytes are small, and bytes that are not ours are
// refused. Method: random shoppers folded and round-tripped at every step; truncations and flipped bits of
// real records; sizes of two typical shoppers.

#include "features/profile_record.h"

#include <cmath>

#include "features/fold_event.h"
#include "features/limits.h"
#include "features/sample_history.h"
#include "gtest/gtest.h"
#include "protozero/pbf_writer.hpp"

namespace attune::features {
namespace {

constexpr ShopperHandle kShopper(7);

ShopperProfile Decoded(const std::string& bytes) {
  auto decoded = DecodeProfile(kShopper, bytes, FeatureSettings{});
  EXPECT_TRUE(decoded.ok()) << decoded.status().message();
  return decoded.ok() ? *decoded : ShopperProfile{};
}

// A shopper after some events and orders, in random order of arrival.
ShopperProfile RandomProfile(uint64_t seed, size_t event_count, int order_count) {
  Random random(seed);
  const SampleShop shop(seed);
  const FoldContext context = shop.Context();
  auto events = SampleEvents(random, shop.product_count(), event_count, 1 + event_count / 8, 300 * kDayMs);
  if (seed % 2 == 0) Shuffle(random, events);
  ShopperProfile profile;
  profile.shopper = kShopper;
  uint64_t sequence = 1000000;
  for (const events::Event& event : events) FoldEvent(event, Sequence(++sequence), context, profile);
  for (int i = 0; i < order_count; ++i) {
    for (const auto& change : MakeSampleOrder(random, shop.product_count(), i, 300 * kDayMs).Changes()) {
      FoldOrderChange(change, Sequence(++sequence), context, profile);
    }
  }
  return profile;
}

TEST(ProfileRecord, ComesBackExactly) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    const ShopperProfile profile = RandomProfile(seed, seed, static_cast<int>(seed % 40));
    EXPECT_EQ(Decoded(EncodeProfile(profile)), profile);
  }
}

TEST(ProfileRecord, AProfileOfNothingAndOneOfOrdersOnlyComeBack) {
  ShopperProfile nothing;
  nothing.shopper = kShopper;
  EXPECT_EQ(Decoded(EncodeProfile(nothing)), nothing);
  EXPECT_LE(EncodeProfile(nothing).size(), 4U);
  const ShopperProfile buyer = RandomProfile(5, 0, 12);
  EXPECT_EQ(buyer.event_count, 0U);
  EXPECT_EQ(Decoded(EncodeProfile(buyer)), buyer);
}

TEST(ProfileRecord, ConsentAndCustomerComeBack) {
  ShopperProfile profile;
  profile.shopper = kShopper;
  profile.is_customer = true;
  profile.has_consent_record = true;
  profile.consent = {true, false};
  profile.consent_at_ms = 12345;
  profile.last_received_ms = 99;
  EXPECT_EQ(Decoded(EncodeProfile(profile)), profile);
}

TEST(ProfileRecord, UnknownFieldsAreSkipped) {
  const ShopperProfile profile = RandomProfile(3, 40, 3);
  std::string bytes = EncodeProfile(profile);
  protozero::pbf_writer writer(bytes);
  writer.add_string(900, "of a later version");
  writer.add_fixed32(901, 7);
  EXPECT_EQ(Decoded(bytes), profile);
}

TEST(ProfileRecord, MalformedBytesAreCorruptionAndNeverACrash) {
  Random random(11);
  const std::string bytes = EncodeProfile(RandomProfile(12, 120, 10));
  size_t refused_count = 0;
  const auto try_decoding = [&refused_count](const std::string& malformed) {
    const auto decoded = DecodeProfile(kShopper, malformed, FeatureSettings{});
    if (decoded.ok()) return;
    ++refused_count;
    EXPECT_EQ(decoded.status().code(), StatusCode::kCorruption);
  };
  for (size_t length = 0; length < bytes.size(); ++length) try_decoding(bytes.substr(0, length));
  EXPECT_GT(refused_count, bytes.size() / 2);
  for (int i = 0; i < 20000; ++i) {
    std::string flipped = bytes;
    for (uint64_t flips = 1 + random.NextBelow(3); flips > 0; --flips) {
      flipped[random.NextBelow(flipped.size())] = static_cast<char>(random.NextBelow(256));
    }
    try_decoding(flipped);
  }
  for (int i = 0; i < 5000; ++i) {
    std::string noise(random.NextBelow(60), '\0');
    for (char& c : noise) c = static_cast<char>(random.NextBelow(256));
    try_decoding(noise);
  }
}

TEST(ProfileRecord, ColumnsThatDoNotAgreeAreCorruption) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  const std::vector<uint64_t> products = {1, 2, 3};
  writer.add_packed_uint64(20, products.begin(), products.end());
  EXPECT_EQ(DecodeProfile(kShopper, bytes, FeatureSettings{}).status().code(), StatusCode::kCorruption);

  bytes.clear();
  protozero::pbf_writer(bytes).add_string(1, "a number was promised");
  EXPECT_EQ(DecodeProfile(kShopper, bytes, FeatureSettings{}).status().code(), StatusCode::kCorruption);

  bytes.clear();
  const std::vector<float> not_numbers = {std::nanf(""), 1};
  const std::vector<int64_t> times = {0, 0};
  protozero::pbf_writer band(bytes);
  band.add_packed_float(18, not_numbers.begin(), not_numbers.end());
  band.add_packed_sint64(19, times.begin(), times.end());
  EXPECT_EQ(DecodeProfile(kShopper, bytes, FeatureSettings{}).status().code(), StatusCode::kCorruption);
}

TEST(ProfileRecord, AVisitOfFiveViewsIsSmall) {
  const SampleShop shop(4, 1000);
  ShopperProfile profile;
  for (uint32_t i = 0; i < 5; ++i) {
    events::Event event;
    event.type = events::EventType::kProductViewed;
    event.occurred_at_ms = kSampleStartMs + i * 40 * kSecondMs;
    event.received_at_ms = event.occurred_at_ms + 120;
    event.lines.resize(1);
    event.lines[0].product = ProductIndex(i * 190);
    FoldEvent(event, Sequence(5000000 + i), shop.Context(), profile);
  }
  const size_t bytes = EncodeProfile(profile).size();
  RecordProperty("five_views_bytes", static_cast<int>(bytes));
  EXPECT_LE(bytes, 250U);
}

TEST(ProfileRecord, AHeavyShopperStaysUnderThreeKilobytes) {
  // A thousand events and twenty orders over most of a year; the impressions name no decision, so that each
  // is a slate of its own.
  const ShopperProfile profile = RandomProfile(21, 1000, 20);
  const size_t bytes = EncodeProfile(profile).size();
  RecordProperty("heavy_bytes", static_cast<int>(bytes));
  EXPECT_LE(bytes, 3072U);
}

}  // namespace
}  // namespace attune::features
