// Goal: what a shopper did not allow is nowhere: not in the log, not in a column, not in the vault, and not
// in the next answer. Method: a store in memory; every byte of its two engines is searched.

#include <gtest/gtest.h>

#include <string>

#include "server/store_for_tests.h"

namespace attune::server {
namespace {

using storage::Column;

class ConsentTest : public StoreTest {
 protected:
  void Set(const std::string& settings) {
    ASSERT_TRUE(store_->PutSetting(kStoreSettingKind, kStoreSettingId, settings, "test").ok());
  }
  // Keys, values and payloads of both engines, one after another.
  std::string Everything() {
    EXPECT_TRUE(store_->SaveSnapshot().ok());
    std::string all;
    for (const storage::MemoryStorage* engine : {&engine_, &vault_}) {
      for (int column = 0; column <= static_cast<int>(Column::kVault); ++column) {
        EXPECT_TRUE(engine
                        ->Scan(static_cast<Column>(column), "", "",
                               [&](std::string_view key, std::string_view value) {
                                 all.append(key).append(value);
                                 return true;
                               })
                        .ok());
      }
      EXPECT_TRUE(engine
                      ->ScanLog(Sequence(1),
                                [&](const storage::Record& record) {
                                  all.append(record.payload);
                                  return true;
                                })
                      .ok());
    }
    return all;
  }
  size_t VaultEntries() {
    size_t count = 0;
    EXPECT_TRUE(vault_.Scan(Column::kVault, "", "", [&](auto, auto) { return ++count > 0; }).ok());
    return count;
  }
  bool IsPersonalized(const std::string& shopper, const std::string& market) {
    const std::string answer = Recommend(R"({"placement":"home_for_you","shopper":)" + shopper +
                                         R"(,"context":{"market":")" + market + R"("}})");
    EXPECT_NE(answer.find("\"personalized\":"), std::string::npos) << answer;
    return answer.find("\"personalized\":true") != std::string::npos;
  }
};

constexpr const char* kSecrets[] = {"anon-7f3a",  "cust-7f3a", "evt-7f3a",
                                    "query-7f3a", "page-7f3a", "mail-7f3a"};

std::string SecretEvent(const std::string& rest) {
  return R"({"type":"product_viewed","product_id":"p1","id":"evt-7f3a","anonymous_id":"anon-7f3a",)"
         R"("customer_id":"cust-7f3a","query":"query-7f3a","page":{"url":"https://shop/page-7f3a",)"
         R"("referrer":"https://shop/page-7f3a"},"traits":{"email":"mail-7f3a"})" +
         rest + "}";
}

TEST_F(ConsentTest, WithoutAnalyticsConsentAnEventLeavesNoIdAnywhere) {
  Fill(2);
  Set(R"({"consent_default":"granted","consent_by_market":{"DE":"denied"}})");
  const size_t vault_entries = VaultEntries();
  for (const char* const rest :
       {R"(,"consent":{"analytics":false})", R"(,"consent":false)", R"(,"market":"DE")"}) {
    EXPECT_EQ(Events(SecretEvent(rest)), R"({"accepted":1,"duplicates":0,"rejected":[]})") << rest;
  }
  const std::string all = Everything();
  for (const char* const secret : kSecrets) EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  EXPECT_EQ(VaultEntries(), vault_entries) << "nobody was given a handle";
  EXPECT_NE(Product("p1").find("\"views\":3"), std::string::npos) << "it counts in totals: " << Product("p1");

  // The search finds what is there: the same event with consent.
  Events(SecretEvent(R"(,"market":"FR")"));
  EXPECT_NE(Everything().find("query-7f3a"), std::string::npos);
  EXPECT_GT(VaultEntries(), vault_entries);
}

TEST_F(ConsentTest, TheMarketDecidesForThoseWhoChoseNothing) {
  Fill(4);
  Set(R"({"consent_default":"denied","consent_by_market":{"US":"granted"}})");
  Events(R"({"type":"product_viewed","anonymous_id":"a","product_id":"p1","market":"US"})");
  EXPECT_TRUE(IsPersonalized(R"({"anonymous_id":"a"})", "US"));
  EXPECT_FALSE(IsPersonalized(R"({"anonymous_id":"a"})", "DE"));
  EXPECT_FALSE(IsPersonalized(R"({"anonymous_id":"a"})", ""));
  Set(R"({"consent_default":"denied"})");
  EXPECT_FALSE(IsPersonalized(R"({"anonymous_id":"a"})", "US")) << "a setting acts on the next request";
}

TEST_F(ConsentTest, AWithdrawalActsOnTheNextRequestHoweverItWasSaid) {
  Fill(4);
  for (const char* const type : {"consent_changed", "product_viewed", "page_viewed"}) {
    const std::string id = std::string("a-") + type;
    const std::string shopper = R"({"anonymous_id":")" + id + "\"}";
    Events(View(id, 1));
    ASSERT_TRUE(IsPersonalized(shopper, ""));
    Events(R"({"type":")" + std::string(type) + R"(","anonymous_id":")" + id +
           R"(","product_id":"p2","consent":{"personalization":false}})");
    EXPECT_FALSE(IsPersonalized(shopper, "")) << type;
    Events(View(id, 3));
    EXPECT_NE(Shopper(id).find("\"views\":1"), std::string::npos) << "no profile is written: " << Shopper(id);
  }
  // A customer's choice holds on every browser of the customer.
  Events(View("phone", 1));
  Events(R"({"type":"identify","anonymous_id":"phone","customer_id":"c"})");
  ASSERT_TRUE(IsPersonalized(R"({"anonymous_id":"phone"})", ""));
  Events(R"({"type":"consent_changed","customer_id":"c","consent":{"personalization":false}})");
  EXPECT_FALSE(IsPersonalized(R"({"anonymous_id":"phone"})", ""));
  EXPECT_FALSE(IsPersonalized(R"({"customer_id":"c"})", ""));
  Events(View("phone", 2));
  EXPECT_NE(Shopper("c").find("\"views\":1"), std::string::npos) << "nor is one written: " << Shopper("c");
}

}  // namespace
}  // namespace attune::server
