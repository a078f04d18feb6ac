// Decision and setting records: what goes in comes out, what is damaged is said to be, and the size is as
// stated.

#include "decisions/decision_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "decisions/replay.h"
#include "decisions/setting_record.h"

namespace attune::decisions {
namespace {

using testing::ElementsAre;

DecisionRecord Typical() {
  DecisionRecord record;
  record.id = DecisionId::Make(1'770'000'000'000, 12, 0x1234567890abcdef);
  record.now_ms = 1'770'000'000'000;
  record.seed = 0x1122334455667788;
  record.handles = {ShopperHandle(0xfedcba9876543210)};
  record.is_personalized = true;
  record.view_sequence = Sequence(4'000'000);
  record.profile_sequence = Sequence(10'123'456);
  record.catalog_sequence = Sequence(10'123'457);
  for (const char* model : {"also_viewed", "bestsellers", "bought_after", "bought_together", "buy_again",
                            "for_shoppers_like_you", "newest", "trending"}) {
    record.generations.push_back({model, Generation(41)});
  }
  record.request.placement = "product_similar";
  record.request.page_products = {ProductIndex(54'321)};
  record.request.market = "DE";
  record.request.locale = "de-DE";
  for (uint32_t i = 0; i < 12; ++i) {
    record.products.push_back({ProductIndex(90'000 + i), 1.0F / static_cast<float>(i + 1),
                               i < 6 ? "also_viewed" : "content_similar", 1});
  }
  return record;
}

DecisionRecord RandomRecord(Random& random) {
  DecisionRecord record = Typical();
  record.now_ms = static_cast<int64_t>(random.Next() >> 20);
  record.seed = random.NextBelow(3) == 0 ? 0 : random.Next();
  record.handles.clear();
  for (uint64_t i = random.NextBelow(4); i > 0; --i) record.handles.push_back(ShopperHandle(random.Next()));
  record.is_personalized = random.NextBelow(2) == 0;
  record.profile_sequence = Sequence(random.NextBelow(2) == 0 ? 0 : random.Next());
  record.generations.resize(random.NextBelow(9));
  if (random.NextBelow(2) == 0) record.generations.push_back({"own model", Generation(random.Next())});
  record.products.resize(random.NextBelow(13));
  for (RecordedProduct& product : record.products) {
    if (random.NextBelow(3) == 0) product.source = random.NextBelow(2) == 0 ? "own model" : "fallback/newest";
    if (random.NextBelow(5) == 0) product.propensity = 0.25F;
  }
  record.request.category = {"Home", "Lighting"};
  record.request.filter = random.NextBelow(2) == 0 ? "" : "price < 5";
  record.request.cart.resize(random.NextBelow(4));
  record.request.excluded.resize(random.NextBelow(4));
  if (random.NextBelow(2) == 0) record.request.personalization_consent = random.NextBelow(2) == 0;
  record.request.query = random.NextBelow(2) == 0 ? "" : "lamp";
  record.request.limit = static_cast<uint32_t>(random.NextBelow(3) * 7);
  record.fallback = random.NextBelow(2) == 0 ? "" : "bestsellers";
  record.are_caps_relaxed = random.NextBelow(2) == 0;
  for (uint64_t i = random.NextBelow(3); i > 0; --i)
    record.rules.emplace_back(i == 1 ? "newest" : "christmas");
  if (random.NextBelow(2) == 0) record.live_sequence = Sequence(1 + random.NextBelow(1000));
  if (random.NextBelow(2) == 0) record.vocabulary_sequence = Sequence(1 + random.NextBelow(1000));
  if (random.NextBelow(2) == 0) record.search = R"({"page":1,"personalize":50})";
  if (random.NextBelow(2) == 0) record.row_seed = ProductIndex(static_cast<uint32_t>(random.NextBelow(3)));
  if (random.NextBelow(2) == 0) {
    record.request.continues = DecisionId::Make(1'770'000'000'000, 12, random.Next());
    for (uint64_t i = random.NextBelow(30); i > 0; --i) {
      record.request.already_shown.push_back(ProductIndex(static_cast<uint32_t>(random.NextBelow(9999))));
    }
    record.request.used_row_seeds.resize(random.NextBelow(3));
  }
  return record;
}

TEST(DecisionRecordTest, RandomRecordsRoundTrip) {
  Random random(5);
  for (int round = 0; round < 2000; ++round) {
    const DecisionRecord record = RandomRecord(random);
    const Result<DecisionRecord> back = DecodeDecisionRecord(record.id, EncodeDecisionRecord(record));
    ASSERT_TRUE(back.ok()) << back.status().message();
    EXPECT_EQ(*back, record);
  }
}

TEST(DecisionRecordTest, ATypicalOneTakesAboutTwoHundredBytes) {
  const size_t bytes = EncodeDecisionRecord(Typical()).size() + DecisionKey(Typical().id).size();
  RecordProperty("bytes", static_cast<int>(bytes));
  EXPECT_LT(bytes, 250u);
  EXPECT_GT(bytes, 150u) << "has the record lost a part?";
}

TEST(DecisionRecordTest, DamagedBytesNeverCrashAndAreCorruptionOrAnotherRecord) {
  Random random(6);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = EncodeDecisionRecord(RandomRecord(random));
    for (uint64_t change = 0; change <= random.NextBelow(3); ++change) {
      if (random.NextBelow(4) == 0) {
        bytes.resize(random.NextBelow(bytes.size() + 1));
      } else if (!bytes.empty()) {
        bytes[random.NextBelow(bytes.size())] = static_cast<char>(random.Next());
      }
    }
    const Result<DecisionRecord> back = DecodeDecisionRecord(DecisionId{}, bytes);
    if (back.ok()) continue;
    ++refused;
    EXPECT_EQ(back.status().code(), StatusCode::kCorruption);
  }
  EXPECT_GT(refused, 2000);
}

TEST(DecisionRecordTest, TheExampleOfTheFormatPageIsTrue) {
  DecisionRecord record;
  record.now_ms = 1000;
  record.handles = {ShopperHandle(1)};
  record.is_personalized = true;
  record.view_sequence = Sequence(5);
  record.profile_sequence = Sequence(4);
  record.catalog_sequence = Sequence(6);
  record.products = {{ProductIndex(7), 1.0F, "also_viewed", 1}, {ProductIndex(9), 0.5F, "bestsellers", 1}};
  record.request.placement = "home_trending";
  const unsigned char bytes[] = {0x08, 0xe8, 0x07, 0x1a, 0x08, 1,    0,    0,    0,    0,    0,
                                 0,    0,    0x20, 0x01, 0x28, 0x05, 0x30, 0x04, 0x38, 0x06, 0x5a,
                                 0x02, 0x07, 0x09, 0x62, 0x08, 0,    0,    0x80, 0x3f, 0,    0,
                                 0,    0x3f, 0x6a, 0x02, 0x01, 0x07, 0x8a, 0x01, 0x0f, 0x0a, 0x0d};
  EXPECT_EQ(EncodeDecisionRecord(record),
            std::string(reinterpret_cast<const char*>(bytes), sizeof(bytes)) + "home_trending");
}

TEST(DecisionRecordTest, UnknownFieldsAreSkipped) {
  std::string bytes = EncodeDecisionRecord(Typical());
  bytes += "\xfa\x07\x03new";  // Field 127, length-delimited.
  const Result<DecisionRecord> back = DecodeDecisionRecord(Typical().id, bytes);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, Typical());
}

TEST(DecisionRecordTest, KeysSortByTime) {
  const DecisionId early = DecisionId::Make(1000, 0xffff, ~uint64_t{0});
  const DecisionId late = DecisionId::Make(1001, 0, 0);
  EXPECT_LT(DecisionKey(early), DecisionKey(late));
  EXPECT_EQ(FirstDecisionKeyAt(1001), DecisionKey(late));
  EXPECT_EQ(FirstDecisionKeyAt(-5), DecisionKey(DecisionId{}));
  EXPECT_EQ(ParseDecisionKey(DecisionKey(early)).value(), early);
  EXPECT_EQ(ParseDecisionKey("short").status().code(), StatusCode::kCorruption);
}

TEST(ReplayStopsTest, AreInTheOrderOfTheLog) {
  DecisionRecord record = Typical();
  std::vector<Sequence> sequences;
  for (const ReplayStop& stop : ReplayStops(record)) sequences.push_back(stop.sequence);
  EXPECT_THAT(sequences, ElementsAre(record.view_sequence, record.profile_sequence, record.catalog_sequence));
  record.is_personalized = false;
  EXPECT_EQ(ReplayStops(record).size(), 2u);
}

TEST(SettingRecordTest, RoundTripsAndRefusesDamage) {
  const SettingRecord put{"placements", "home_for_you",   3, false, R"({"limit":5})",
                          "key of Ada", 1'770'000'000'000};
  EXPECT_EQ(DecodeSettingRecord(EncodeSettingRecord(put)).value(), put);
  const SettingRecord deleted{"placements", "home", 4, true, "", "", 5};
  EXPECT_EQ(DecodeSettingRecord(EncodeSettingRecord(deleted)).value(), deleted);
  EXPECT_EQ(DecodeSettingRecord("").status().code(), StatusCode::kCorruption);
  std::string cut = EncodeSettingRecord(put);
  cut.resize(cut.size() / 2);
  EXPECT_EQ(DecodeSettingRecord(cut).status().code(), StatusCode::kCorruption);
  EXPECT_FALSE(IsSettingName(""));
  EXPECT_FALSE(IsSettingName("Home"));
  EXPECT_FALSE(IsSettingName("../x"));
  EXPECT_FALSE(IsSettingName(std::string(65, 'a')));
  EXPECT_TRUE(IsSettingName("home_for-you2"));
}

}  // namespace
}  // namespace attune::decisions
