// Goal: anonymous shoppers who stayed away are forgotten, by the store's setting and by the log alone;
// customers, buyers and choices about consent are not. Method: a store in memory under a virtual clock, and
// its log folded again somewhere else.

#include "server/shopper_expiry.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "server/store_for_tests.h"

namespace attune::server {
namespace {

using storage::Column;

class ShopperExpiryTest : public StoreTest {
 protected:
  void Set(const std::string& settings) {
    ASSERT_TRUE(store_->PutSetting(kStoreSettingKind, kStoreSettingId, settings, "test").ok());
  }
  std::map<std::string, std::string> Saved(const storage::StorageEngine& engine, Column column) {
    std::map<std::string, std::string> entries;
    EXPECT_TRUE(engine
                    .Scan(column, "", "",
                          [&](std::string_view key, std::string_view value) {
                            entries.emplace(key, value);
                            return true;
                          })
                    .ok());
    return entries;
  }
  bool IsKnown(const std::string& id) { return Shopper(id).starts_with("{"); }
};

TEST_F(ShopperExpiryTest, OnlySilentAnonymousShoppersWithoutOrdersAreForgotten) {
  Fill(4);
  for (const char* id : {"silent", "active", "linked", "buyer", "refused"}) Events(View(id, 1));
  Events(R"({"type":"identify","anonymous_id":"linked","customer_id":"c"})");
  Events(
      R"({"type":"order_completed","anonymous_id":"buyer","order_id":"o1","products":[{"product_id":"p2","quantity":1,"price":12}]})");
  Events(
      R"({"type":"consent_changed","anonymous_id":"refused","consent":{"analytics":true,"personalization":false}})");
  clock_.Advance(80 * kDayMs);
  Events(View("active", 2));
  clock_.Advance(11 * kDayMs);
  Maintain();
  ASSERT_TRUE(store_->SaveSnapshot().ok());
  EXPECT_FALSE(IsKnown("silent"));
  for (const char* id : {"active", "linked", "c", "buyer"}) EXPECT_TRUE(IsKnown(id)) << id;
  EXPECT_NE(Shopper("buyer").find("\"orders\":1"), std::string::npos);
  EXPECT_NE(Shopper("refused").find("\"views\":0"), std::string::npos) << Shopper("refused");
  EXPECT_EQ(store_->state().expired_count(), 2u);
  EXPECT_EQ(Saved(engine_, Column::kIdentity).size(), 5u) << "active, linked, c, buyer, refused";
  EXPECT_EQ(Saved(engine_, Column::kProfiles).size(), 5u);
  // The keys are gone, too: two entries for each of the five who are known, and the vault's own.
  const size_t vault_entries = Saved(vault_, Column::kVault).size();
  Events(View("silent", 3));
  EXPECT_NE(Shopper("silent").find("\"views\":1"), std::string::npos) << "comes back as a stranger";
  EXPECT_EQ(Saved(vault_, Column::kVault).size(), vault_entries + 2);
  // What was refused still holds.
  Events(View("refused", 3));
  EXPECT_NE(Shopper("refused").find("\"views\":0"), std::string::npos) << Shopper("refused");
  // Nothing is left to forget: a second round writes no record.
  clock_.Advance(2 * kExpiryRoundPauseMs);
  const Sequence last = engine_.last_sequence();
  Maintain();
  EXPECT_EQ(engine_.last_sequence(), last);
}

TEST_F(ShopperExpiryTest, TheStoreSaysHowLong) {
  Fill(2);
  Events(View("a", 1));
  Set(R"({"anonymous_days_max":0})");
  clock_.Advance(3000 * kDayMs);
  Maintain();
  EXPECT_NE(Shopper("a").find("\"views\":1"), std::string::npos) << "0: never";
  Set(R"({"anonymous_days_max":3001})");
  Maintain();
  EXPECT_TRUE(IsKnown("a"));
  Set(R"({"anonymous_days_max":2999})");
  EXPECT_NE(Shopper("a").find("\"views\":0"), std::string::npos) << "reads as empty before the sweep comes";
  clock_.Advance(kExpiryRoundPauseMs);
  Maintain();
  EXPECT_FALSE(IsKnown("a"));
}

TEST_F(ShopperExpiryTest, FoldingTheLogAgainForgetsTheSameShoppersAtTheSamePlaces) {
  Fill(6);
  Random random(5);
  for (int day = 0; day < 40; ++day) {
    Set(R"({"anonymous_days_max":)" + std::to_string(5 + day % 3) + "}");
    for (int i = 0; i < 6; ++i) {
      Events(View("a" + std::to_string(random.NextBelow(30)), static_cast<int>(random.NextBelow(6))));
    }
    if (day % 7 == 3) {
      Events(R"({"type":"order_completed","anonymous_id":"a)" + std::to_string(random.NextBelow(30)) +
             R"(","order_id":"o)" + std::to_string(day) +
             R"(","products":[{"product_id":"p1","quantity":1,"price":9}]})");
    }
    clock_.Advance(kDayMs);
    Maintain();
  }
  EXPECT_GT(store_->state().expired_count(), 10u);
  ASSERT_TRUE(store_->SaveSnapshot().ok());
  // Another engine, with the same log and no sweep.
  storage::MemoryStorage copy(&clock_);
  storage::WriteBatch batch;
  ASSERT_TRUE(engine_
                  .ScanLog(Sequence(1),
                           [&](const storage::Record& record) {
                             batch.AppendRecord(record.kind, record.recorded_at_ms,
                                                std::string(record.payload));
                             return true;
                           })
                  .ok());
  ASSERT_TRUE(copy.Commit(batch, storage::Durability::kSynced).ok());
  storage::MemoryStorage vault(&clock_);
  auto again = StoreState::Open(&copy, &vault, &random_, {});
  ASSERT_TRUE(again.ok()) << again.status().message();
  ASSERT_TRUE((*again)->Save().ok());
  for (const Column column : {Column::kProfiles, Column::kIdentity, Column::kOrders}) {
    EXPECT_EQ(Saved(copy, column), Saved(engine_, column));
  }
  EXPECT_EQ((*again)->expired_count(), store_->state().expired_count());
}

}  // namespace
}  // namespace attune::server
