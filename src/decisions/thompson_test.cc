// The stated chances are those of the draws: counted over many draws, summed over all arms, and against what
// is known in closed form.

#include "decisions/thompson.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/hash.h"
#include "decisions/limits.h"

namespace attune::decisions {
namespace {

std::vector<RateBelief> RandomArms(Random& random, size_t count) {
  std::vector<RateBelief> arms;
  for (size_t i = 0; i < count; ++i) {
    const auto trials = static_cast<double>(random.NextBelow(200));
    const double successes = std::floor(trials * random.NextUnit() * 0.2);
    arms.push_back({0.6 + successes, 19.4 + trials - successes});
  }
  return arms;
}

TEST(ThompsonTest, EqualArmsHaveEqualChances) {
  for (size_t count = 1; count <= kThompsonPoolMax; ++count) {
    const std::vector<RateBelief> arms(count, RateBelief{1.5, 30});
    for (size_t slot = 0; slot < std::min<size_t>(count, kThompsonSlotsMax); ++slot) {
      EXPECT_NEAR(ThompsonChance(arms, count / 2, slot), 1.0 / static_cast<double>(count), 1e-12);
    }
  }
}

TEST(ThompsonTest, ChancesOfASlotAddUpToOne) {
  Random random(1);
  for (int round = 0; round < 30; ++round) {
    const std::vector<RateBelief> arms = RandomArms(random, 2 + random.NextBelow(kThompsonPoolMax - 1));
    for (size_t slot = 0; slot < std::min<size_t>(arms.size(), kThompsonSlotsMax); ++slot) {
      double sum = 0;
      for (size_t arm = 0; arm < arms.size(); ++arm) sum += ThompsonChance(arms, arm, slot);
      EXPECT_NEAR(sum, 1, 1e-10) << arms.size() << " arms, slot " << slot;
    }
  }
}

TEST(ThompsonTest, TwoArmsComeNearTheClosedForm) {
  // P(Beta(2, 1) > Beta(1, 1)) = 2/3.  The histogram differs from the Beta by its bins only.
  const std::vector<RateBelief> arms = {{2, 1}, {1, 1}};
  EXPECT_NEAR(ThompsonChance(arms, 0, 0), 2.0 / 3, 1e-3);
}

TEST(ThompsonTest, StatedChancesAreThoseOfTheDraws) {
  constexpr uint64_t kSeed = 20261124;
  constexpr int kDraws = 40'000;
  Random random(kSeed);
  for (const size_t count : {size_t{2}, size_t{5}, kThompsonPoolMax}) {
    const std::vector<RateBelief> arms = RandomArms(random, count);
    const size_t slots = std::min<size_t>(count, kThompsonSlotsMax);
    std::vector<std::vector<int>> won(slots, std::vector<int>(count, 0));
    for (int draw = 0; draw < kDraws; ++draw) {
      Random own(MixHash64(kSeed, static_cast<uint64_t>(draw)));
      const ThompsonChoice choice = ChooseByThompson(arms, slots, own);
      for (size_t slot = 0; slot < slots; ++slot) ++won[slot][choice.winners[slot]];
    }
    for (size_t slot = 0; slot < slots; ++slot) {
      for (size_t arm = 0; arm < count; ++arm) {
        const double chance = ThompsonChance(arms, arm, slot);
        const double deviation = std::sqrt(chance * (1 - chance) / kDraws);
        EXPECT_NEAR(won[slot][arm] / double{kDraws}, chance, 4.5 * deviation + 1e-9)
            << "seed " << kSeed << ", arm " << arm << " of " << count << ", slot " << slot;
      }
    }
  }
}

TEST(ThompsonTest, TheChancesGivenAreThoseOfTheWinners) {
  Random random(3);
  const std::vector<RateBelief> arms = RandomArms(random, 7);
  const ThompsonChoice choice = ChooseByThompson(arms, 3, random);
  ASSERT_EQ(choice.winners.size(), 3u);
  for (size_t slot = 0; slot < 3; ++slot) {
    EXPECT_EQ(choice.chances[slot], ThompsonChance(arms, choice.winners[slot], slot));
  }
}

TEST(ThompsonTest, SuccessesMakeAnArmWinMore) {
  const std::vector<RateBelief> arms = {{0.6 + 8, 19.4 + 92}, {0.6 + 1, 19.4 + 99}, {0.6, 19.4}};
  EXPECT_GT(ThompsonChance(arms, 0, 0), ThompsonChance(arms, 1, 0));
  EXPECT_GT(ThompsonChance(arms, 2, 0), ThompsonChance(arms, 1, 0)) << "the unknown is worth a try";
}

}  // namespace
}  // namespace attune::decisions
