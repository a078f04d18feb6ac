// The flattened trees answer what the library answers, to the bit; training is the same every time.

#include "models/boosted_trees.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr uint32_t kFeatures = 12;

// Some values repeat, some are missing, some are far out.
std::vector<float> RandomRows(Random& random, size_t count, double missing) {
  std::vector<float> rows(count * kFeatures);
  for (float& value : rows) {
    value = static_cast<float>(random.NextNormal());
    if (random.NextBelow(4) == 0) value = static_cast<float>(random.NextBelow(5));
    if (random.NextBelow(200) == 0) value *= 1e20f;
    if (random.NextUnit() < missing) value = std::numeric_limits<float>::quiet_NaN();
  }
  return rows;
}

// Squared error of something with steps and interactions.
BoostedTrees::Objective ObjectiveOf(const std::vector<float>& rows) {
  return [&rows](std::span<const float> predictions, std::span<float> gradients, std::span<float> hessians) {
    for (size_t i = 0; i < predictions.size(); ++i) {
      const float* row = rows.data() + i * kFeatures;
      float wanted = row[0] > 0 ? row[1] : -1;
      if (std::isnan(row[2])) wanted += 2;
      if (std::isnan(wanted)) wanted = 0.25f;
      gradients[i] = predictions[i] - std::min(3.0f, std::max(-3.0f, wanted));
      hessians[i] = 1;
    }
  };
}

std::string BytesOf(const TreeForest& forest) {
  SectionWriter out;
  forest.Save(out);
  return out.bytes();
}

TEST(BoostedTreesTest, FlattenedTreesAnswerAsTheLibraryDoesToTheBit) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::vector<float> rows = RandomRows(random, 700, 0.1 * static_cast<double>(seed % 4));
    BoostedTreesOptions options;
    options.trees = 40;
    options.depth = static_cast<uint32_t>(1 + seed);
    options.leaf_weight_min = seed % 2 == 0 ? 1 : 20;
    const auto trees = BoostedTrees::Train(rows, kFeatures, options, ObjectiveOf(rows), {});
    ASSERT_TRUE(trees.ok()) << trees.status().message();
    ASSERT_EQ((*trees)->forest().tree_count(), 40u);
    const std::vector<float> asked = RandomRows(random, 501, 0.3);
    const auto expected = (*trees)->PredictByLibrary(asked);
    ASSERT_TRUE(expected.ok()) << expected.status().message();
    std::vector<float> scores(501);
    (*trees)->forest().Score(asked, scores);
    double spread = 0;
    for (size_t i = 0; i < scores.size(); ++i) {
      EXPECT_EQ(std::bit_cast<uint32_t>(scores[i]), std::bit_cast<uint32_t>((*expected)[i])) << i;
      spread = std::max(spread, static_cast<double>(std::abs(scores[i] - scores[0])));
    }
    EXPECT_GT(spread, 0.1);  // The trees did learn something.
  }
}

TEST(BoostedTreesTest, TrainsTheSameTreesEveryTime) {
  Random random(7);
  const std::vector<float> rows = RandomRows(random, 2000, 0.2);
  const auto first = BoostedTrees::Train(rows, kFeatures, {}, ObjectiveOf(rows), {});
  const auto second = BoostedTrees::Train(rows, kFeatures, {}, ObjectiveOf(rows), {});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(BytesOf((*first)->forest()), BytesOf((*second)->forest()));
}

TEST(BoostedTreesTest, RefusesNothingToLearnFromAndStopsWhenCancelled) {
  const std::vector<float> none;
  EXPECT_EQ(BoostedTrees::Train(none, kFeatures, {}, ObjectiveOf(none), {}).status().code(),
            StatusCode::kInvalidArgument);
  Random random(1);
  const std::vector<float> rows = RandomRows(random, 100, 0);
  EXPECT_EQ(BoostedTrees::Train(rows, kFeatures, {.depth = 9}, ObjectiveOf(rows), {}).status().code(),
            StatusCode::kInvalidArgument);
  const std::atomic<bool> is_cancelled{true};
  TrainingControl control;
  control.is_cancelled = &is_cancelled;
  EXPECT_EQ(BoostedTrees::Train(rows, kFeatures, {}, ObjectiveOf(rows), control).status().code(),
            StatusCode::kUnavailable);
}

TEST(TreeForestTest, StagesAddUpAndPrefixesAreTheFirstTrees) {
  Random random(3);
  const std::vector<float> rows = RandomRows(random, 500, 0.2);
  const auto trees = BoostedTrees::Train(rows, kFeatures, {.trees = 30}, ObjectiveOf(rows), {});
  ASSERT_TRUE(trees.ok());
  TreeForest forest = (*trees)->forest();
  std::vector<float> whole(500);
  forest.Score(rows, whole);
  std::vector<float> staged(500, forest.Start());
  forest.Add(rows, 0, 11, staged);
  const std::vector<float> first = staged;
  forest.Add(rows, 11, 30, staged);
  EXPECT_EQ(staged, whole);
  forest.KeepFirst(11);
  forest.Score(rows, whole);
  EXPECT_EQ(whole, first);
}

TEST(TreeForestTest, ComesBackFromItsBytesAndRefusesDamage) {
  Random random(4);
  const std::vector<float> rows = RandomRows(random, 300, 0.2);
  const auto trees = BoostedTrees::Train(rows, kFeatures, {.trees = 5}, ObjectiveOf(rows), {});
  ASSERT_TRUE(trees.ok());
  const std::string bytes = BytesOf((*trees)->forest());
  SectionReader in("ranker", bytes);
  auto loaded = TreeForest::Load(in);
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(in.Finish().ok());
  EXPECT_EQ(BytesOf(*loaded), bytes);
  for (size_t cut = 0; cut < bytes.size(); cut += 7) {
    SectionReader damaged("ranker", std::string_view(bytes).substr(0, cut));
    const auto forest = TreeForest::Load(damaged);
    EXPECT_FALSE(forest.ok() && damaged.Finish().ok()) << cut;
  }
}

TEST(TreeForestTest, RefusesWhatIsNoTree) {
  TreeForest forest(2);
  EXPECT_FALSE(forest.AddTree({}).ok());
  TrainedTree loop;
  loop.nodes = {{0, 0, 0, 1, false}};
  EXPECT_FALSE(forest.AddTree(loop).ok());
  TrainedTree wrong_feature;
  wrong_feature.nodes = {{1, 2, 2, 1, false}, {}, {}};
  EXPECT_FALSE(forest.AddTree(wrong_feature).ok());
  TrainedTree shared;
  shared.nodes = {{1, 1, 0, 1, false}, {}};
  EXPECT_FALSE(forest.AddTree(shared).ok());
  TrainedTree leaf;
  leaf.nodes = {{TrainedTree::kNoChild, TrainedTree::kNoChild, 0, 0.5f, false}};
  ASSERT_TRUE(forest.AddTree(leaf).ok());
  float score = 0;
  const float row[2] = {1, 2};
  forest.Score(row, {&score, 1});
  EXPECT_EQ(score, 0.5f);
}

}  // namespace
}  // namespace attune::models
