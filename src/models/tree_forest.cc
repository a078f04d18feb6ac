#include "models/tree_forest.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "models/model_file.h"

namespace attune::models {
namespace {

// Rows that walk a tree together.
constexpr size_t kLanes = 8;
// Groups of a block: four groups of rows of 60 features are 15 kB, half of a core's nearest cache.
constexpr size_t kGroupsPerBlock = 4;

// Where the values of a feature are in a group: those in which a missing one goes left, then right.
uint32_t ValuesOf(uint32_t feature, bool is_missing_right) {
  return (2 * feature + (is_missing_right ? 1 : 0)) * static_cast<uint32_t>(kLanes);
}

// Lays rows out in groups of kLanes, value beside value.  Lanes of the last group without a row hold its last
// row.  A test for NaN is a coin toss to the processor, so there is none: lanes are chosen by masks.
void Spread(std::span<const float> rows, uint32_t feature_count, std::span<float> values) {
  constexpr float kFar = std::numeric_limits<float>::infinity();
  const size_t row_count = rows.size() / feature_count;
  float* group = values.data();
  for (size_t first = 0; first < row_count; first += kLanes) {
    const float* from[kLanes];
    for (size_t lane = 0; lane < kLanes; ++lane) {
      from[lane] = rows.data() + std::min(first + lane, row_count - 1) * feature_count;
    }
    // Two passes: the processor waits when it reads wide what was just written piece by piece.
    for (uint32_t feature = 0; feature < feature_count; ++feature) {
      for (size_t lane = 0; lane < kLanes; ++lane) group[2 * kLanes * feature + lane] = from[lane][feature];
    }
    for (uint32_t feature = 0; feature < feature_count; ++feature, group += 2 * kLanes) {
      float own[kLanes];
      std::copy_n(group, kLanes, own);
      for (size_t lane = 0; lane < kLanes; ++lane) {
        const bool is_missing = own[lane] != own[lane];
        group[lane] = is_missing ? -kFar : own[lane];
        group[kLanes + lane] = is_missing ? kFar : own[lane];
      }
    }
  }
}

// Steps from the root to the deepest leaf; nothing when the nodes are no tree within the bounds.
Result<uint32_t> DepthOf(const TrainedTree& tree, uint32_t feature_count) {
  if (tree.nodes.empty()) return InvalidArgument("a tree without nodes", "nodes");
  const auto count = static_cast<int32_t>(tree.nodes.size());
  std::vector<uint32_t> depth(tree.nodes.size(), 0);
  std::vector<uint8_t> has_parent(tree.nodes.size(), 0);
  uint32_t deepest = 0;
  for (int32_t i = 0; i < count; ++i) {
    const TrainedTree::Node& node = tree.nodes[static_cast<size_t>(i)];
    deepest = std::max(deepest, depth[static_cast<size_t>(i)]);
    if (node.is_leaf()) continue;
    if (node.feature >= feature_count) return InvalidArgument("a node reads a feature that is not there");
    for (const int32_t child : {node.left, node.right}) {
      if (child <= i || child >= count || has_parent[static_cast<size_t>(child)] != 0) {
        return InvalidArgument("the nodes are no tree", "nodes");
      }
      has_parent[static_cast<size_t>(child)] = 1;
      depth[static_cast<size_t>(child)] = depth[static_cast<size_t>(i)] + 1;
    }
  }
  if (deepest > TreeForest::kDepthMax) return InvalidArgument("the tree is too deep", "depth");
  return deepest;
}

}  // namespace

Status TreeForest::AddTree(const TrainedTree& tree) {
  ASSIGN_OR_RETURN(const uint32_t depth, DepthOf(tree, feature_count_));
  const Tree placed{depth, static_cast<uint32_t>(nodes_.size()), static_cast<uint32_t>(leaves_.size())};
  nodes_.resize(nodes_.size() + (size_t{1} << depth) - 1);
  leaves_.resize(leaves_.size() + (size_t{1} << depth));
  Place(tree, 0, depth, 0, placed);
  trees_.push_back(placed);
  return {};
}

// Puts what hangs below `from` at place `at`, `depth` steps above the leaves.
void TreeForest::Place(const TrainedTree& tree, int32_t from, uint32_t depth, uint32_t at, const Tree& into) {
  const TrainedTree::Node& node = tree.nodes[static_cast<size_t>(from)];
  if (depth == 0) {
    leaves_[into.first_leaf + at - ((1u << into.depth) - 1)] = node.value;
    return;
  }
  if (node.is_leaf()) {  // Both ways lead to a copy of it.
    Place(tree, from, depth - 1, 2 * at + 1, into);
    Place(tree, from, depth - 1, 2 * at + 2, into);
    return;
  }
  nodes_[into.first_node + at] = {node.value, ValuesOf(node.feature, !node.is_missing_left)};
  Place(tree, node.left, depth - 1, 2 * at + 1, into);
  Place(tree, node.right, depth - 1, 2 * at + 2, into);
}

template <uint32_t kDepth>
void TreeForest::AddTreeTo(const Tree& tree, std::span<const float> values, std::span<float> scores) const {
  const Node* const nodes = nodes_.data() + tree.first_node;
  const float* const leaves = leaves_.data() + tree.first_leaf;
  const float* group = values.data();
  // Written out lane by lane, so that the places stay in registers.
  const auto walk = [&]<size_t... kLane>(std::index_sequence<kLane...>, float* sums) {
    uint32_t at[kLanes] = {};
    for (uint32_t left = kDepth; left-- > 0;) {
      ((at[kLane] =
            2 * at[kLane] + 1 +
            static_cast<uint32_t>(group[nodes[at[kLane]].value + kLane] >= nodes[at[kLane]].threshold)),
       ...);
    }
    ((sums[kLane] += leaves[at[kLane] - ((1u << kDepth) - 1)]), ...);
  };
  for (size_t first = 0; first < scores.size(); first += kLanes) {
    walk(std::make_index_sequence<kLanes>(), scores.data() + first);
    group += size_t{2} * feature_count_ * kLanes;
  }
}

// REQUIRES: whole groups.
void TreeForest::AddTreesTo(size_t first, size_t last, std::span<const float> values,
                            std::span<float> scores) const {
  for (size_t i = first; i < last; ++i) {
    const Tree& tree = trees_[i];
    switch (tree.depth) {
      case 0:
        AddTreeTo<0>(tree, values, scores);
        break;
      case 1:
        AddTreeTo<1>(tree, values, scores);
        break;
      case 2:
        AddTreeTo<2>(tree, values, scores);
        break;
      case 3:
        AddTreeTo<3>(tree, values, scores);
        break;
      case 4:
        AddTreeTo<4>(tree, values, scores);
        break;
      case 5:
        AddTreeTo<5>(tree, values, scores);
        break;
      case 6:
        AddTreeTo<6>(tree, values, scores);
        break;
      case 7:
        AddTreeTo<7>(tree, values, scores);
        break;
      default:
        AddTreeTo<8>(tree, values, scores);
        break;
    }
  }
}

void TreeForest::Add(std::span<const float> rows, size_t first, size_t last, std::span<float> scores) const {
  CHECK(rows.size() == scores.size() * feature_count_);
  CHECK(first <= last && last <= trees_.size());
  constexpr size_t kRowsPerBlock = kLanes * kGroupsPerBlock;
  std::vector<float> values(size_t{2} * feature_count_ * kRowsPerBlock);
  float sums[kRowsPerBlock];
  for (size_t begin = 0; begin < scores.size(); begin += kRowsPerBlock) {
    const size_t count = std::min(kRowsPerBlock, scores.size() - begin);
    const size_t padded = (count + kLanes - 1) / kLanes * kLanes;
    Spread(rows.subspan(begin * feature_count_, count * feature_count_), feature_count_, values);
    std::fill_n(sums, padded, 0.0f);
    std::copy_n(scores.begin() + static_cast<ptrdiff_t>(begin), count, sums);
    AddTreesTo(first, last, std::span(values).first(padded * 2 * feature_count_), std::span(sums, padded));
    std::copy_n(sums, count, scores.begin() + static_cast<ptrdiff_t>(begin));
  }
}

void TreeForest::Score(std::span<const float> rows, std::span<float> scores) const {
  std::fill(scores.begin(), scores.end(), base_);
  Add(rows, 0, trees_.size(), scores);
}

void TreeForest::KeepFirst(size_t count) {
  if (count >= trees_.size()) return;
  nodes_.resize(trees_[count].first_node);
  leaves_.resize(trees_[count].first_leaf);
  trees_.resize(count);
}

size_t TreeForest::memory_bytes() const {
  return trees_.size() * sizeof(Tree) + nodes_.size() * sizeof(Node) + leaves_.size() * sizeof(float);
}

void TreeForest::Save(SectionWriter& out) const {
  std::vector<uint32_t> depths;
  std::vector<float> thresholds;
  std::vector<uint32_t> values;
  for (const Tree& tree : trees_) depths.push_back(tree.depth);
  for (const Node& node : nodes_) {
    thresholds.push_back(node.threshold);
    values.push_back(node.value);
  }
  out.PutU32(feature_count_);
  out.PutF32(base_);
  out.PutArray(depths);
  out.PutArray(thresholds);
  out.PutArray(values);
  out.PutArray(leaves_);
}

bool TreeForest::IsSound() const {
  size_t leaf_count = 0;
  for (const Tree& tree : trees_) leaf_count += size_t{1} << tree.depth;
  return leaf_count == leaves_.size() && leaf_count - trees_.size() == nodes_.size() &&
         std::all_of(nodes_.begin(), nodes_.end(), [this](const Node& node) {
           return node.value % kLanes == 0 && node.value / kLanes / 2 < feature_count_;
         });
}

Result<TreeForest> TreeForest::Load(SectionReader& in) {
  const uint32_t feature_count = in.TakeU32();
  TreeForest forest(feature_count, in.TakeF32());
  const std::vector<uint32_t> depths = in.TakeArray<uint32_t>();
  const std::vector<float> thresholds = in.TakeArray<float>();
  const std::vector<uint32_t> values = in.TakeArray<uint32_t>();
  forest.leaves_ = in.TakeArray<float>();
  uint32_t first_node = 0;
  uint32_t first_leaf = 0;
  bool is_sound = feature_count > 0 && feature_count <= kFeaturesMax && thresholds.size() == values.size();
  for (const uint32_t depth : depths) {
    is_sound = is_sound && depth <= kDepthMax;
    if (!is_sound) break;
    forest.trees_.push_back({depth, first_node, first_leaf});
    first_node += (1u << depth) - 1;
    first_leaf += 1u << depth;
  }
  for (size_t i = 0; is_sound && i < thresholds.size(); ++i) {
    forest.nodes_.push_back({thresholds[i], values[i]});
  }
  if (!is_sound || !forest.IsSound()) return Corruption("the trees of a ranker are damaged");
  return forest;
}

}  // namespace attune::models
