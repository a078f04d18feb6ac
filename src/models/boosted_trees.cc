#include "models/boosted_trees.h"

#include <simdjson.h>
#include <xgboost/c_api.h>

#include <cstring>
#include <limits>
#include <string>
#include <utility>

namespace attune::models {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;

// Of a call of the library: 0 is success.
Status Check(int outcome) {
  return outcome == 0 ? Status() : Internal(std::string("xgboost: ") + XGBGetLastError());
}

// The array interface of XGBoost's documents: where the values are, and their shape.
std::string ArrayOf(std::span<const float> rows, uint32_t feature_count) {
  return R"({"data":[)" + std::to_string(reinterpret_cast<uintptr_t>(rows.data())) + R"(,true],"shape":[)" +
         std::to_string(rows.size() / feature_count) + "," + std::to_string(feature_count) +
         R"(],"typestr":"<f4","version":3})";
}

template <class Visit>
Status ForEachOf(const element& tree, std::string_view key, size_t count, const Visit& visit) {
  array values;
  if (tree[key].get(values) != simdjson::SUCCESS || values.size() != count) {
    return Internal("xgboost wrote a tree that cannot be read: " + std::string(key));
  }
  size_t i = 0;
  for (const element value : values) visit(i++, value);
  return {};
}

int64_t IntegerOf(const element& value) {
  int64_t number = 0;
  bool flag = false;
  if (value.get(number) == simdjson::SUCCESS) return number;
  return value.get(flag) == simdjson::SUCCESS && flag ? 1 : 0;
}

Result<TrainedTree> ReadTree(const element& from) {
  array lefts;
  if (from["left_children"].get(lefts) != simdjson::SUCCESS) return Internal("xgboost wrote no tree");
  TrainedTree tree;
  tree.nodes.resize(lefts.size());
  const size_t count = tree.nodes.size();
  RETURN_IF_ERROR(ForEachOf(from, "left_children", count, [&](size_t i, const element& value) {
    tree.nodes[i].left = static_cast<int32_t>(IntegerOf(value));
  }));
  RETURN_IF_ERROR(ForEachOf(from, "right_children", count, [&](size_t i, const element& value) {
    tree.nodes[i].right = static_cast<int32_t>(IntegerOf(value));
  }));
  RETURN_IF_ERROR(ForEachOf(from, "split_indices", count, [&](size_t i, const element& value) {
    tree.nodes[i].feature = static_cast<uint32_t>(IntegerOf(value));
  }));
  RETURN_IF_ERROR(ForEachOf(from, "default_left", count, [&](size_t i, const element& value) {
    tree.nodes[i].is_missing_left = IntegerOf(value) != 0;
  }));
  // Written with as many digits as a float needs, so reading by way of a double gives it back.
  RETURN_IF_ERROR(ForEachOf(from, "split_conditions", count, [&](size_t i, const element& value) {
    double number = 0;
    if (value.get(number) == simdjson::SUCCESS) tree.nodes[i].value = static_cast<float>(number);
  }));
  return tree;
}

}  // namespace

BoostedTrees::~BoostedTrees() {
  if (booster_ != nullptr) XGBoosterFree(booster_);
  if (matrix_ != nullptr) XGDMatrixFree(matrix_);
}

Status BoostedTrees::Start(std::span<const float> rows, const BoostedTreesOptions& options) {
  RETURN_IF_ERROR(Check(XGDMatrixCreateFromMat_omp(rows.data(), rows.size() / forest_.feature_count(),
                                                   forest_.feature_count(),
                                                   std::numeric_limits<float>::quiet_NaN(), &matrix_, 1)));
  RETURN_IF_ERROR(Check(XGBoosterCreate(&matrix_, 1, &booster_)));
  const std::pair<const char*, std::string> settings[] = {
      {"nthread", "1"},
      {"verbosity", "0"},
      {"tree_method", "hist"},
      {"base_score", "0"},
      {"objective", "reg:squarederror"},  // Not used: the gradients are the caller's.
      {"disable_default_eval_metric", "1"},
      {"max_depth", std::to_string(options.depth)},
      {"max_bin", std::to_string(options.bins)},
      {"learning_rate", std::to_string(options.learning_rate)},
      {"min_child_weight", std::to_string(options.leaf_weight_min)},
      {"lambda", std::to_string(options.l2)},
  };
  for (const auto& [name, value] : settings) {
    RETURN_IF_ERROR(Check(XGBoosterSetParam(booster_, name, value.c_str())));
  }
  return {};
}

Status BoostedTrees::Grow(size_t row_count, uint32_t tree_count, const Objective& objective,
                          const TrainingControl& control) {
  std::vector<float> gradients(row_count);
  std::vector<float> hessians(row_count);
  for (uint32_t tree = 0; tree < tree_count; ++tree) {
    RETURN_IF_ERROR(control.Check());
    bst_ulong count = 0;
    const float* predictions = nullptr;
    // 1: sums of leaves as they are; the last 1: for training, so the library may go on from its cache.
    RETURN_IF_ERROR(Check(XGBoosterPredict(booster_, matrix_, 1, 0, 1, &count, &predictions)));
    if (count != row_count) return Internal("xgboost predicts another number of rows");
    objective({predictions, row_count}, gradients, hessians);
    RETURN_IF_ERROR(
        Check(XGBoosterBoostOneIter(booster_, matrix_, gradients.data(), hessians.data(), row_count)));
    control.Report("trees", static_cast<double>(tree + 1) / tree_count);
  }
  return {};
}

Status BoostedTrees::ReadTrees() {
  bst_ulong size = 0;
  const char* text = nullptr;
  RETURN_IF_ERROR(Check(XGBoosterSaveModelToBuffer(booster_, R"({"format":"json"})", &size, &text)));
  simdjson::dom::parser parser;
  element document;
  array trees;
  if (parser.parse(text, size).get(document) != simdjson::SUCCESS ||
      document["learner"]["gradient_booster"]["model"]["trees"].get(trees) != simdjson::SUCCESS) {
    return Internal("xgboost wrote a model that cannot be read");
  }
  for (const element tree : trees) {
    ASSIGN_OR_RETURN(const TrainedTree read, ReadTree(tree));
    RETURN_IF_ERROR(forest_.AddTree(read));
  }
  return {};
}

Result<std::unique_ptr<BoostedTrees>> BoostedTrees::Train(std::span<const float> rows, uint32_t feature_count,
                                                          const BoostedTreesOptions& options,
                                                          const Objective& objective,
                                                          const TrainingControl& control) {
  if (feature_count == 0 || rows.empty() || rows.size() % feature_count != 0) {
    return InvalidArgument("no rows to learn from", "rows");
  }
  if (options.depth == 0 || options.depth > TreeForest::kDepthMax) {
    return InvalidArgument("must lie between 1 and 8", "depth");
  }
  std::unique_ptr<BoostedTrees> made(new BoostedTrees(feature_count));
  RETURN_IF_ERROR(made->Start(rows, options));
  RETURN_IF_ERROR(made->Grow(rows.size() / feature_count, options.trees, objective, control));
  RETURN_IF_ERROR(made->ReadTrees());
  return made;
}

Result<std::vector<float>> BoostedTrees::PredictByLibrary(std::span<const float> rows) const {
  // The prediction names its cache: without "cache_id" the library refuses the settings.
  constexpr const char* kSettings =
      R"({"type":1,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,)"
      R"("cache_id":0,"missing":NaN})";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* scores = nullptr;
  const std::string values = ArrayOf(rows, forest_.feature_count());
  RETURN_IF_ERROR(Check(
      XGBoosterPredictFromDense(booster_, values.c_str(), kSettings, nullptr, &shape, &dimensions, &scores)));
  return std::vector<float>(scores, scores + rows.size() / forest_.feature_count());
}

}  // namespace attune::models
