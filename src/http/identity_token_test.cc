#include "http/identity_token.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "http/limits.h"

namespace attune::http {
namespace {

constexpr int64_t kNow = 1'770'000'000'000;
const std::vector<std::string> kSecrets = {"attune_is_new", "attune_is_old"};

TEST(IdentityTokenTest, ProvesTheCustomerUnderEitherSecret) {
  for (const std::string& secret : kSecrets) {
    const auto customer =
        VerifyIdentityToken(SignIdentityToken(secret, "c é/1", kNow + kHourMs), kSecrets, kNow);
    ASSERT_TRUE(customer.ok()) << customer.status().message();
    EXPECT_EQ(*customer, "c é/1");
  }
}

TEST(IdentityTokenTest, IsThatOfTheDocumentedScript) {
  // From the Python of identity_token.h with secret "attune_is_new", customer "c1", expiry 1770003600.
  EXPECT_EQ(SignIdentityToken("attune_is_new", "c1", 1'770'003'600'000),
            "YzE.1770003600.ZzZcXnvOacyNlDz_5ESG2JnCML0H1DBzqZYGoVBOoV0");
}

TEST(IdentityTokenTest, ExpiryIsHeldAndBounded) {
  const std::string token = SignIdentityToken(kSecrets[0], "c1", kNow + 10'000);
  EXPECT_TRUE(VerifyIdentityToken(token, kSecrets, kNow + 9'000).ok());
  EXPECT_FALSE(VerifyIdentityToken(token, kSecrets, kNow + 10'000).ok());
  const std::string eternal =
      SignIdentityToken(kSecrets[0], "c1", kNow + kIdentityTokenLifetimeMaxMs + 2'000);
  EXPECT_FALSE(VerifyIdentityToken(eternal, kSecrets, kNow).ok());
}

TEST(IdentityTokenTest, AnyChangedCharacterIsRefused) {
  const std::string token = SignIdentityToken(kSecrets[0], "customer-1", kNow + kHourMs);
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'b', '7', '.', '-', '=', '\0'}) {
      if (token[i] == c) continue;
      std::string changed = token;
      changed[i] = c;
      const auto customer = VerifyIdentityToken(changed, kSecrets, kNow);
      EXPECT_FALSE(customer.ok()) << changed;
    }
  }
}

TEST(IdentityTokenTest, NonsenseIsRefused) {
  for (const std::string& token :
       {std::string(), std::string("."), std::string(".."), std::string("a.b.c"), std::string("YzE.1.YzE"),
        std::string(5'000, 'a'), "YzE.99999999999999999999." + std::string(43, 'A'),
        "." + std::string(60, '.')}) {
    const Status status = VerifyIdentityToken(token, kSecrets, kNow).status();
    EXPECT_EQ(status.code(), StatusCode::kPermissionDenied) << token;
    EXPECT_EQ(status.field(), "identity_token");
  }
  EXPECT_FALSE(VerifyIdentityToken(SignIdentityToken(kSecrets[0], "c1", kNow + kHourMs), {}, kNow).ok());
  EXPECT_FALSE(VerifyIdentityToken(SignIdentityToken(kSecrets[0], "", kNow + kHourMs), kSecrets, kNow).ok());
}

}  // namespace
}  // namespace attune::http
