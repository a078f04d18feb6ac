#include "http/router.h"

#include <gtest/gtest.h>

namespace attune::http {
namespace {

Route Named(std::string method, std::string pattern) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  return route;
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    // The general before the special: precedence must not come from the order.
    for (const char* pattern : {"/v1/{kind}/{id}", "/v1/products/{id}", "/v1/products/new", "/demo/{file...}",
                                "/v1/shoppers/{id}/export"}) {
      router_.Add(Named("GET", pattern));
    }
    router_.Add(Named("PUT", "/v1/products/{id}"));
  }

  std::string PatternOf(std::string_view method, std::string_view path) {
    const auto match = router_.Match(method, path);
    return match.ok() && match->route != nullptr ? match->route->pattern : "";
  }

  Router router_;
};

TEST_F(RouterTest, LiteralsWinOverCapturesWhateverTheOrder) {
  EXPECT_EQ(PatternOf("GET", "/v1/products/new"), "/v1/products/new");
  EXPECT_EQ(PatternOf("GET", "/v1/products/p1"), "/v1/products/{id}");
  EXPECT_EQ(PatternOf("GET", "/v1/other/p1"), "/v1/{kind}/{id}");
}

TEST_F(RouterTest, CapturesAreDecodedAndNeverEmpty) {
  EXPECT_EQ(router_.Match("GET", "/v1/products/a%2Fb%20c")->captures, (std::vector<std::string>{"a/b c"}));
  EXPECT_EQ(router_.Match("GET", "/v1/x/y")->captures, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(PatternOf("GET", "/v1/products/"), "");
  EXPECT_EQ(PatternOf("GET", "/v1/products"), "");
  EXPECT_EQ(PatternOf("GET", "/v1/products/p1/"), "");
}

TEST_F(RouterTest, RestTakesWhatIsLeft) {
  EXPECT_EQ(router_.Match("GET", "/demo/a/b.js")->captures, (std::vector<std::string>{"a/b.js"}));
  EXPECT_EQ(router_.Match("GET", "/demo/")->captures, (std::vector<std::string>{""}));
  EXPECT_EQ(router_.Match("GET", "/demo")->captures, (std::vector<std::string>{""}));
  EXPECT_EQ(PatternOf("GET", "/demonstration"), "");
}

TEST_F(RouterTest, HeadIsServedByGet) {
  EXPECT_EQ(PatternOf("HEAD", "/v1/products/p1"), "/v1/products/{id}");
}

TEST_F(RouterTest, KnownPathWithOtherMethodListsWhatIsAllowed) {
  const auto match = router_.Match("DELETE", "/v1/products/p1");
  ASSERT_TRUE(match.ok());
  EXPECT_EQ(match->route, nullptr);
  EXPECT_EQ(match->allowed, (std::vector<std::string>{"GET", "HEAD", "OPTIONS", "PUT"}));
}

TEST_F(RouterTest, UnknownPathAllowsNothing) {
  const auto match = router_.Match("GET", "/v2/products/p1");
  ASSERT_TRUE(match.ok());
  EXPECT_EQ(match->route, nullptr);
  EXPECT_TRUE(match->allowed.empty());
}

TEST_F(RouterTest, UndecodablePathIsAnError) {
  EXPECT_EQ(router_.Match("GET", "/v1/products/%zz").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(router_.Match("GET", "/v1/products/%00").status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace attune::http
