#include "text/edit_distance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "text/limits.h"

namespace attune::text {
namespace {

// The recurrence of the optimal string alignment distance, as it is defined.
int Reference(const std::string& a, const std::string& b) {
  std::vector<std::vector<int>> table(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = static_cast<int>(i + j);
        continue;
      }
      table[i][j] = std::min(
          {table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
      }
    }
  }
  return table[a.size()][b.size()];
}

TEST(EditDistanceTest, CountsEdits) {
  EXPECT_EQ(EditDistance("kettle", "kettle", 2), 0);
  EXPECT_EQ(EditDistance("kettel", "kettle", 2), 1);
  EXPECT_EQ(EditDistance("lampe", "lamp", 2), 1);
  EXPECT_EQ(EditDistance("hedphones", "headphone", 2), 2);
  EXPECT_EQ(EditDistance("ca", "abc", 3), 3);  // Restricted: no part is edited twice.
  EXPECT_EQ(EditDistance("", "ab", 2), 2);
  EXPECT_EQ(EditDistance("", "abc", 2), 3);
}

TEST(EditDistanceTest, CountsLettersNotBytes) {
  EXPECT_EQ(EditDistance("szafa", "šzafa", 2), 1);
  EXPECT_EQ(EditDistance("冷蔵庫", "冷庫蔵", 2), 1);
  EXPECT_EQ(EditDistance("a\xff", "a\xfe", 2), 1);
}

TEST(EditDistanceTest, LongWordsAreOnlyEqual) {
  const std::string word(kEditDistanceLettersMax + 1, 'a');
  EXPECT_EQ(EditDistance(word, word, 2), 0);
  EXPECT_EQ(EditDistance(word, word + "b", 2), 3);
}

TEST(EditDistanceTest, AgreesWithItsDefinition) {
  Random random(13);
  const auto word = [&random] {
    std::string made;
    for (uint64_t i = random.NextBelow(8); i > 0; --i) made += static_cast<char>('a' + random.NextBelow(3));
    return made;
  };
  for (int i = 0; i < 50'000; ++i) {
    const std::string a = word();
    const std::string b = word();
    const auto bound = static_cast<int>(random.NextBelow(5));
    const int expected = Reference(a, b);
    ASSERT_EQ(EditDistance(a, b, bound), std::min(expected, bound + 1)) << a << " " << b;
    int nearest = expected;
    for (size_t length = 0; length < b.size(); ++length) {
      nearest = std::min(nearest, Reference(a, b.substr(0, length)));
    }
    ASSERT_EQ(PrefixEditDistance(a, b, bound), std::min(nearest, bound + 1)) << a << " " << b;
  }
}

TEST(EditDistanceTest, AWordThatIsStillTypedIsNearToWhatItMayBecome) {
  EXPECT_EQ(PrefixEditDistance("kett", "kettles", 1), 0);
  EXPECT_EQ(PrefixEditDistance("ketl", "kettles", 1), 1);
  EXPECT_EQ(PrefixEditDistance("headpohn", "headphones", 2), 1);
  EXPECT_EQ(PrefixEditDistance("kettles", "ket", 2), 3);
  EXPECT_EQ(PrefixEditDistance("", "kettle", 1), 0);
}

}  // namespace
}  // namespace attune::text
