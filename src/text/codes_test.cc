#include "text/codes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/numbers.h"

namespace attune::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CodesTest, JoinedInAnySpelling) {
  for (const char* code : {"TN-2110", "tn 2110", "TN2110", "Tn_2110", "(TN/2110)", "ＴＮ-2110"}) {
    EXPECT_EQ(JoinedCode(code), "tn2110") << code;
  }
  EXPECT_EQ(JoinedCode("L-77-B"), "l77b");
  EXPECT_EQ(JoinedCode("1,5l"), "1.5l");
  EXPECT_EQ(JoinedCode("15l"), "15l");
  EXPECT_EQ(JoinedCode("--"), "");
}

TEST(CodesTest, PartsAreLettersOrDigits) {
  EXPECT_THAT(CodeParts("TN-2110b"), ElementsAre("tn", "2110", "b"));
  EXPECT_THAT(CodeParts("iPhone7"), ElementsAre("iphone", "7"));
  EXPECT_THAT(CodeParts("2,4GHz"), ElementsAre("2.4", "ghz"));
  EXPECT_THAT(CodeParts("AB-CD 12-34"), ElementsAre("ab", "cd", "12", "34"));
  EXPECT_THAT(CodeParts("Größe42"), ElementsAre("grosse", "42"));
  EXPECT_THAT(CodeParts("\xff."), IsEmpty());
}

TEST(NumbersTest, OneSpelling) {
  EXPECT_EQ(PlainNumber("1500", Language::kGerman), "1500");
  EXPECT_EQ(PlainNumber("1.500", Language::kGerman), "1500");
  EXPECT_EQ(PlainNumber("1,500", Language::kEnglish), "1500");
  EXPECT_EQ(PlainNumber("1.500,50", Language::kGerman), "1500.50");
  EXPECT_EQ(PlainNumber("1,500.50", Language::kEnglish), "1500.50");
  EXPECT_EQ(PlainNumber("1,500.50", Language::kGerman), "1500.50");
  EXPECT_EQ(PlainNumber("1,5", Language::kFrench), "1.5");
  EXPECT_EQ(PlainNumber("1.5", Language::kFrench), "1.5");
  EXPECT_EQ(PlainNumber("0.125", Language::kGerman), "0.125");
  EXPECT_EQ(PlainNumber("1,234,567", Language::kGerman), "1234567");
  EXPECT_EQ(PlainNumber("3.0.2", Language::kEnglish), "3.0.2");
  EXPECT_EQ(PlainNumber("2.0", Language::kEnglish), "2.0");
  EXPECT_EQ(PlainNumber("0012", Language::kEnglish), "0012");
}

}  // namespace
}  // namespace attune::text
