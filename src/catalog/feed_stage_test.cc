// A replacing feed: joined rows, hidden products, refusals, and one swap.

#include "catalog/feed_stage.h"

#include <gtest/gtest.h>

#include <string>

#include "catalog/catalog_state.h"
#include "catalog/product_json.h"

namespace attune::catalog {
namespace {

ProductChange Row(const std::string& json, int64_t now_ms = 1000) {
  ProductParseOptions options;
  options.kind = ProductChange::Kind::kMerge;
  options.default_currency = *Currency::Parse("EUR");
  options.now_ms = now_ms;
  Result<ProductChange> change = ParseProductChange(json, options);
  EXPECT_TRUE(change.ok()) << change.status().message();
  return std::move(change).value();
}

std::string Id(int number) { return "{\"product_id\":\"p" + std::to_string(number) + "\",\"title\":\"t\"}"; }

class FeedStageTest : public testing::Test {
 protected:
  void Apply(const FeedSwap& swap) {
    storage::WriteBatch batch;
    ASSERT_TRUE(state_.PrepareSwap(swap, 5000, batch).ok());
    for (const auto& record : batch.records()) {
      ASSERT_TRUE(state_.Apply({Sequence(++sequence_), 5000, record.kind, record.payload}).ok());
    }
  }
  std::shared_ptr<const CatalogView> View() { return state_.Publish(Sequence(sequence_)); }
  const Product* Find(const std::string& id) {
    view_ = View();
    const auto index = view_->Resolve(id);
    return index ? view_->Find(*index) : nullptr;
  }
  // Replaces the catalogue by products first..last-1.
  Result<FeedSwap> Feed(int first, int last, int64_t at_ms, bool force = false) {
    FeedStage stage(at_ms);
    for (int i = first; i < last; ++i) stage.Add(Row(Id(i), at_ms));
    return stage.Swap(*View(), force);
  }

  CatalogState state_;
  uint64_t sequence_ = 0;
  std::shared_ptr<const CatalogView> view_;
};

TEST_F(FeedStageTest, ProductsThatAreGoneAreHiddenAndComeBack) {
  Apply(*Feed(0, 100, 1000));
  EXPECT_EQ(View()->product_count(), 100u);
  const Result<FeedSwap> second = Feed(10, 105, 2000);
  ASSERT_TRUE(second.ok()) << second.status().message();
  EXPECT_EQ(second->upserted_count, 5u);
  EXPECT_EQ(second->unchanged_count, 90u);
  EXPECT_EQ(second->hidden_count, 10u);
  EXPECT_EQ(second->visible_before, 100u);
  Apply(*second);
  EXPECT_TRUE(Find("p3")->is_hidden);
  EXPECT_FALSE(Find("p50")->is_hidden);
  EXPECT_NE(Find("p104"), nullptr);
  Apply(*Feed(0, 105, 3000));
  EXPECT_FALSE(Find("p3")->is_hidden);
}

TEST_F(FeedStageTest, AMerchantsHidingOutlivesFeeds) {
  Apply(*Feed(0, 10, 1000));
  ProductChange hide = Row(R"({"product_id":"p1","hidden":true})", 1500);
  hide.kind = ProductChange::Kind::kPatch;
  const Result<std::string> payload = state_.PrepareChange(hide);
  ASSERT_TRUE(payload.ok());
  ASSERT_TRUE(state_.Apply({Sequence(++sequence_), 5000, storage::RecordKind::kProduct, *payload}).ok());
  Apply(*Feed(0, 10, 2000));
  EXPECT_TRUE(Find("p1")->is_hidden);
}

TEST_F(FeedStageTest, AnEmptyFeedAndOneThatDropsMoreThanAFifthAreRefusedUnlessForced) {
  Apply(*Feed(0, 100, 1000));
  EXPECT_EQ(Feed(0, 0, 2000).status().code(), StatusCode::kConflict);
  EXPECT_TRUE(Feed(20, 100, 2000).ok());
  const Result<FeedSwap> refused = Feed(21, 100, 2000);
  EXPECT_EQ(refused.status().code(), StatusCode::kConflict);
  EXPECT_NE(refused.status().message().find("21 of 100"), std::string::npos);
  const Result<FeedSwap> forced = Feed(0, 0, 2000, true);
  ASSERT_TRUE(forced.ok());
  EXPECT_EQ(forced->hidden_count, 100u);
}

TEST_F(FeedStageTest, AFeedThatIsOlderThanAProductDoesNotHideIt) {
  Apply(*Feed(0, 10, 1000));
  Apply(*Feed(10, 11, 3000, true));
  EXPECT_TRUE(Find("p0")->is_hidden);
  const auto result = Feed(0, 10, 2000, true);  // Made before the feed that brought p10.
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->hidden_count, 1u);
  Apply(*result);
  EXPECT_FALSE(Find("p10")->is_hidden);
}

TEST_F(FeedStageTest, RowsOfOneProductAreJoinedWhereverTheyStand) {
  FeedStage stage(1000);
  stage.Add(Row(R"({"product_id":"shoe","title":"Shoe","variants":[{"variant_id":"b","price":5}]})"));
  stage.Add(Row(R"({"product_id":"hat"})"));
  stage.Add(Row(R"({"product_id":"shoe","brand":"Run","variants":[{"variant_id":"w","price":6}]})"));
  EXPECT_EQ(stage.product_count(), 2u);
  Apply(*stage.Swap(*View(), false));
  ASSERT_EQ(Find("shoe")->variants.size(), 2u);
  EXPECT_EQ(Find("shoe")->title, "Shoe");
  EXPECT_EQ(Find("shoe")->brand, "Run");
  FeedStage next(2000);
  next.Add(Row(R"({"product_id":"shoe","variants":[{"variant_id":"w","price":7}]})", 2000));
  next.Add(Row(R"({"product_id":"hat"})", 2000));
  Apply(*next.Swap(*View(), false));
  ASSERT_EQ(Find("shoe")->variants.size(), 1u);
  EXPECT_EQ(Find("shoe")->variants[0].price.price_minor, 700);
}

}  // namespace
}  // namespace attune::catalog
