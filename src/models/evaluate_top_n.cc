#include "models/evaluate_top_n.h"

#include <absl/container/flat_hash_map.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/hash.h"
#include "models/ranking_metrics.h"
#include "models/sequence_limits.h"
#include "models/sparse_parallel.h"

namespace attune::models {
namespace {

constexpr size_t kUserBlock = 64;
constexpr uint32_t kCutoff = 20;

double PeakMemoryMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);  // ru_maxrss is in KiB.
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

// What is trained on and what is measured, line by line: of one user.
struct Split {
  Sequences training;
  Sequences held_out;  // Ascending, each product once.
};

void AddHeldOut(std::vector<uint32_t> products, Split& split) {
  std::sort(products.begin(), products.end());
  products.erase(std::unique(products.begin(), products.end()), products.end());
  split.held_out.Add(products);
}

Split SplitByFiles(SequenceFile train, const SequenceFile& test) {
  absl::flat_hash_map<uint64_t, size_t> test_line_by_user;
  for (size_t line = 0; line < test.users.size(); ++line) test_line_by_user[test.users[line]] = line;
  Split split;
  for (const uint64_t user : train.users) {
    const auto line = test_line_by_user.find(user);
    std::vector<uint32_t> products;
    if (line != test_line_by_user.end()) {
      const auto held_out = test.sequences.Of(line->second);
      products.assign(held_out.begin(), held_out.end());
      test_line_by_user.erase(line);
    }
    AddHeldOut(std::move(products), split);
  }
  split.training = std::move(train.sequences);
  // Users without a training line come last, in the order of the test file: nothing is known of them.
  for (size_t line = 0; line < test.users.size(); ++line) {
    if (!test_line_by_user.contains(test.users[line])) continue;
    split.training.Add({});
    const auto held_out = test.sequences.Of(line);
    AddHeldOut({held_out.begin(), held_out.end()}, split);
  }
  return split;
}

Split SplitByHash(const SequenceFile& train, const ItemNumbering& numbering, double share, uint64_t seed) {
  const auto threshold = static_cast<uint64_t>(share * 4294967296.0);
  Split split;
  std::vector<uint32_t> kept;
  for (size_t line = 0; line < train.users.size(); ++line) {
    kept.clear();
    std::vector<uint32_t> held_out;
    for (const uint32_t product : train.sequences.Of(line)) {
      const uint64_t draw = MixHash64(MixHash64(train.users[line], seed), numbering.items()[product]) >> 32;
      (draw < threshold ? held_out : kept).push_back(product);
    }
    split.training.Add(kept);
    AddHeldOut(std::move(held_out), split);
  }
  return split;
}

Result<Split> ReadSplit(std::istream& train, std::istream& test, const TopNEvaluationOptions& options,
                        ItemNumbering& numbering) {
  if (!(options.hold_out_share >= 0 && options.hold_out_share <= 0.9)) {
    return InvalidArgument("share must be 0 to 0.9", "hold_out_share");
  }
  ASSIGN_OR_RETURN(SequenceFile train_file, ReadSequenceFile(train, numbering));
  if (options.hold_out_share > 0) {
    return SplitByHash(train_file, numbering, options.hold_out_share, options.hold_out_seed);
  }
  Result<SequenceFile> test_file = ReadSequenceFile(test, numbering);
  if (!test_file.ok()) {
    const Status status = test_file.status();
    return Status(status.code(), status.message(), "test: " + status.field());
  }
  return SplitByFiles(std::move(train_file), *test_file);
}

// Scratch of one thread.
struct Asker {
  SparseAccumulator accumulator;
  std::vector<Seed> seeds;
  std::vector<ScoredProduct> slate;
  std::vector<uint32_t> ranked;
};

// Fills `asker.ranked`.  A history past kTransitionSeedsMax is scored by its latest products and masked
// whole.
void Rank(const TransitionSource& source, std::span<const uint32_t> history, Asker& asker) {
  asker.seeds.clear();
  for (size_t i = history.size(); i > 0; --i) asker.seeds.push_back({ProductIndex(history[i - 1]), 1, 0});
  source.Score(asker.seeds, asker.accumulator);
  for (const uint32_t product : history) asker.accumulator.Mask(product);
  asker.slate.clear();
  asker.accumulator.Strongest(kCutoff, asker.slate);
  asker.ranked.clear();
  for (const ScoredProduct& scored : asker.slate) asker.ranked.push_back(scored.product);
}

}  // namespace

Result<TopNEvaluation> EvaluateTopN(std::istream& train, std::istream& test, const Clock& clock,
                                    const TopNEvaluationOptions& options) {
  const auto progress = [&](std::string_view stage, double share) {
    if (options.progress) options.progress(stage, share);
  };
  progress("reading", 0);
  ItemNumbering numbering;
  ASSIGN_OR_RETURN(const Split split, ReadSplit(train, test, options, numbering));
  std::vector<size_t> users;
  for (size_t user = 0; user < split.held_out.size(); ++user) {
    if (!split.held_out.Of(user).empty()) users.push_back(user);
  }
  if (users.empty()) return InvalidArgument("no user has test items", "line 1");

  TopNEvaluation evaluation;
  evaluation.users = users.size();
  evaluation.items = numbering.item_count();
  evaluation.train_interactions = split.training.interaction_count();
  evaluation.test_interactions = split.held_out.interaction_count();
  progress("training", 0);
  TopNOptions model = options.model;
  model.threads = options.threads;
  const int64_t started = clock.SteadyMicros();
  ASSIGN_OR_RETURN(const std::shared_ptr<const TransitionSource> source,
                   TrainTopN(split.training, numbering.item_count(), model));
  evaluation.train_seconds = static_cast<double>(clock.SteadyMicros() - started) / 1e6;
  evaluation.model_bytes = source->memory_bytes();

  evaluation.recalls.resize(users.size());
  evaluation.ndcgs.resize(users.size());
  std::vector<double> micros(users.size());
  std::vector<Asker> askers(WorkerCount(options.threads));
  ForEachBlock(users.size(), kUserBlock, options.threads, [&](uint32_t worker, size_t begin, size_t end) {
    if (worker == 0) progress("scoring", static_cast<double>(begin) / static_cast<double>(users.size()));
    for (size_t i = begin; i < end; ++i) {
      const int64_t asked = clock.SteadyMicros();
      Rank(*source, split.training.Of(users[i]), askers[worker]);
      micros[i] = static_cast<double>(clock.SteadyMicros() - asked);
      evaluation.recalls[i] = ListRecallAt(askers[worker].ranked, split.held_out.Of(users[i]), kCutoff);
      evaluation.ndcgs[i] = ListNdcgAt(askers[worker].ranked, split.held_out.Of(users[i]), kCutoff);
    }
  });
  progress("scoring", 1);
  evaluation.recall_at_20 = MeanOf(evaluation.recalls);
  evaluation.ndcg_at_20 = MeanOf(evaluation.ndcgs);
  evaluation.predict_p99_ms = QuantileOf(std::move(micros), 0.99) / 1000;
  evaluation.peak_memory_mb = PeakMemoryMegabytes();
  return evaluation;
}

std::string FormatTopNTable(const TopNEvaluation& evaluation) {
  char text[512];
  const int length = std::snprintf(
      text, sizeof(text),
      "top-n: %llu users, %llu items, %llu training and %llu held-out interactions\n"
      "  recall@20  %.4f\n"
      "  ndcg@20    %.4f\n"
      "trained in %.2f s, model %.1f MB, answer p99 %.3f ms, peak memory %.0f MB\n",
      static_cast<unsigned long long>(evaluation.users), static_cast<unsigned long long>(evaluation.items),
      static_cast<unsigned long long>(evaluation.train_interactions),
      static_cast<unsigned long long>(evaluation.test_interactions), evaluation.recall_at_20,
      evaluation.ndcg_at_20, evaluation.train_seconds, static_cast<double>(evaluation.model_bytes) / 1e6,
      evaluation.predict_p99_ms, evaluation.peak_memory_mb);
  return std::string(text, static_cast<size_t>(std::clamp<int>(length, 0, sizeof(text) - 1)));
}

void WriteTopNJson(const TopNEvaluation& evaluation, JsonWriter& json) {
  json.BeginObject();
  json.Key("recall@20").Fixed(evaluation.recall_at_20, 6).Key("ndcg@20").Fixed(evaluation.ndcg_at_20, 6);
  json.Key("train_seconds").Fixed(evaluation.train_seconds, 3);
  json.Key("peak_memory_mb").Fixed(evaluation.peak_memory_mb, 1);
  json.EndObject();
}

}  // namespace attune::models
