// A sum of regression trees, laid out for speed: what the ranker answers with.
//
//   score(x) = base + sum over trees t of leaf_t(x),   added in the order of the trees, in 32-bit floats
//
// A tree is a perfect binary tree of its depth d: the children of node i are 2i+1 and 2i+2, so a walk needs
// neither child pointers nor a test for leaves, and takes exactly d steps.  A branch that ends early is
// filled with copies of its leaf.  Eight rows walk a tree side by side: one waits for memory while the others
// step.
//
// A row goes left when x < threshold.  A missing value is NaN, and goes where the node says: rows are spread
// out first, each value twice, once with "missing" as the smallest number and once as the largest, and a node
// reads the one that sends it its way.  The answers are those of XGBoost's own prediction to the bit
// (boosted_trees_test.cc), whatever the rows.
//
// Cost: depth * trees steps a row, less than a nanosecond each.
// Thread safety: immutable after the last AddTree.

#ifndef ATTUNE_MODELS_TREE_FOREST_H_
#define ATTUNE_MODELS_TREE_FOREST_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

// A tree as a trainer gives it: node 0 is the root, children come after their parents.
struct TrainedTree {
  static constexpr int32_t kNoChild = -1;
  struct Node {
    int32_t left = kNoChild;
    int32_t right = kNoChild;
    uint32_t feature = 0;
    float value = 0;  // The threshold; of a leaf, what it adds.
    bool is_missing_left = false;

    bool is_leaf() const { return left == kNoChild; }
  };
  std::vector<Node> nodes;
};

class TreeForest {
 public:
  static constexpr uint32_t kDepthMax = 8;
  static constexpr uint32_t kFeaturesMax = 4096;

  // REQUIRES: 0 < feature_count <= kFeaturesMax.
  explicit TreeForest(uint32_t feature_count, float base = 0) : feature_count_(feature_count), base_(base) {}

  // kInvalidArgument for a tree that is deeper than kDepthMax, reads features that are not there, or is no
  // tree.
  Status AddTree(const TrainedTree& tree);

  uint32_t feature_count() const { return feature_count_; }
  size_t tree_count() const { return trees_.size(); }
  size_t memory_bytes() const;

  // Adds trees [first, last) to `scores`, one per row of `rows` (feature_count() floats each).  Start() gives
  // what the first tree is added to.  REQUIRES: rows.size() == scores.size() * feature_count().
  void Add(std::span<const float> rows, size_t first, size_t last, std::span<float> scores) const;
  float Start() const { return base_; }

  // The whole score of every row.
  void Score(std::span<const float> rows, std::span<float> scores) const;

  // Drops the trees behind the first `count`.
  void KeepFirst(size_t count);

  void Save(SectionWriter& out) const;
  static Result<TreeForest> Load(SectionReader& in);

 private:
  struct Node {
    float threshold = 0;
    uint32_t value = 0;  // Of eight rows side by side: where the value of the first is.
  };
  struct Tree {
    uint32_t depth = 0;
    uint32_t first_node = 0;  // In nodes_: 2^depth - 1 of them.
    uint32_t first_leaf = 0;  // In leaves_: 2^depth of them.
  };
  template <uint32_t kDepth>
  void AddTreeTo(const Tree& tree, std::span<const float> values, std::span<float> scores) const;
  void AddTreesTo(size_t first, size_t last, std::span<const float> values, std::span<float> scores) const;
  void Place(const TrainedTree& tree, int32_t from, uint32_t depth, uint32_t at, const Tree& into);
  bool IsSound() const;

  uint32_t feature_count_;
  float base_;
  std::vector<Tree> trees_;
  std::vector<Node> nodes_;
  std::vector<float> leaves_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TREE_FOREST_H_
