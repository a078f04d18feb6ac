#include "models/next_item_blend.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <utility>

#include "models/ranking_metrics.h"
#include "models/sequence_limits.h"

namespace attune::models {
namespace {

constexpr std::array<float, 6> kShareGrid = {0, 0.25f, 0.5f, 1, 2, 4};
constexpr size_t kQuestionBlock = 16;
constexpr uint32_t kCutoff = 10;
constexpr size_t kSequenceMin = 3;  // Shorter ones keep all they have.

struct Cut {
  Sequences training;
  std::vector<uint32_t> asked;  // Sequences whose last product was held out.
};

Cut HoldOutLast(const Sequences& sequences) {
  Cut cut;
  size_t long_enough = 0;
  for (size_t i = 0; i < sequences.size(); ++i) {
    const auto products = sequences.Of(i);
    const bool is_asked = products.size() >= kSequenceMin && long_enough++ % kHeldOutEvery == 0 &&
                          cut.asked.size() < kHeldOutMax;
    if (is_asked) cut.asked.push_back(static_cast<uint32_t>(i));
    cut.training.Add(is_asked ? products.first(products.size() - 1) : products);
  }
  return cut;
}

void MakeSeeds(std::span<const uint32_t> history, std::vector<Seed>& seeds) {
  seeds.clear();
  for (size_t i = history.size(); i > 0 && seeds.size() < kTransitionSeedsMax; --i) {
    seeds.push_back({ProductIndex(history[i - 1]), 1, 0, 0});
  }
}

}  // namespace

NextItemBlend::NextItemBlend(std::shared_ptr<const TransitionSource> counting, const AttentionShape& shape,
                             AttentionParameters<float> attention, float attention_share)
    : counting_(std::move(counting)),
      shape_(shape),
      attention_(std::move(attention)),
      attention_share_(attention_share) {}

Result<std::shared_ptr<const NextItemBlend>> NextItemBlend::Train(const Sequences& sequences,
                                                                  uint32_t product_count,
                                                                  const NextItemBlendOptions& options,
                                                                  const TrainingControl& control) {
  NextItemOptions counting_options = options.counting;
  counting_options.threads = static_cast<uint32_t>(std::max(control.thread_count, 1));
  ASSIGN_OR_RETURN(std::shared_ptr<const TransitionSource> counting,
                   TrainNextItem(sequences, product_count, counting_options));
  const auto without_attention = [&] {
    return std::shared_ptr<const NextItemBlend>(
        new NextItemBlend(counting, AttentionShape{product_count, 0, 0}, {}, 0));
  };
  const Cut cut = HoldOutLast(sequences);
  AttentionOptions attention_options = options.attention;
  attention_options.epochs = CostOfAttention(cut.training, product_count, options.attention).epochs;
  if (attention_options.epochs == 0 || cut.asked.empty()) return without_attention();
  ASSIGN_OR_RETURN(AttentionTrainer trainer,
                   AttentionTrainer::Create(cut.training, product_count, attention_options));
  for (uint32_t epoch = 0; epoch < attention_options.epochs; ++epoch) {
    control.Report("attention", static_cast<double>(epoch) / attention_options.epochs);
    RETURN_IF_ERROR(trainer.RunEpoch(control).status());
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const TransitionSource> earlier,
                   TrainNextItem(cut.training, product_count, counting_options));
  const NextItemBlend candidate(std::move(earlier), trainer.shape(), trainer.parameters(), 1);
  std::vector<std::array<double, kShareGrid.size()>> gains(cut.asked.size());
  ForEachTrainingBlock(cut.asked.size(), kQuestionBlock, control, [&](size_t begin, size_t end, size_t) {
    SparseAccumulator accumulator;
    std::vector<Seed> seeds;
    for (size_t i = begin; i < end; ++i) {
      const auto products = sequences.Of(cut.asked[i]);
      const uint32_t target = products.back();
      MakeSeeds(products.first(products.size() - 1), seeds);
      for (size_t choice = 0; choice < kShareGrid.size(); ++choice) {
        candidate.ScoreWithShare(seeds, kShareGrid[choice], accumulator);
        for (const Seed& seed : seeds) accumulator.Mask(seed.product.value());
        const double mid_rank =
            accumulator.IsMasked(target) ? kUnrankedTarget : accumulator.RankOf(target).mid_rank();
        gains[i][choice] = RecallOfRank(mid_rank, kCutoff) + NdcgOfRank(mid_rank, kCutoff);
      }
    }
  });
  RETURN_IF_ERROR(control.Check());
  std::array<double, kShareGrid.size()> sums{};
  for (const auto& of_question : gains) {
    for (size_t choice = 0; choice < kShareGrid.size(); ++choice) sums[choice] += of_question[choice];
  }
  const auto best = static_cast<size_t>(std::max_element(sums.begin(), sums.end()) - sums.begin());
  control.Report("attention", 1);
  if (kShareGrid[best] == 0) return without_attention();
  return std::shared_ptr<const NextItemBlend>(
      new NextItemBlend(std::move(counting), trainer.shape(), trainer.parameters(), kShareGrid[best]));
}

void NextItemBlend::ScoreWithShare(std::span<const Seed> seeds, float share,
                                   SparseAccumulator& accumulator) const {
  if (share <= 0 || attention_.products.empty()) {
    counting_->Score(seeds, accumulator, /*may_repeat=*/true);
    return;
  }
  thread_local SparseAccumulator counted;
  counting_->Score(seeds, counted, /*may_repeat=*/true);
  const double sum = counted.PositiveSum();
  accumulator.Start(shape_.product_count);
  if (sum > 0) accumulator.AddScaled(counted, static_cast<float>(1 / sum));
  std::vector<uint32_t> history;
  for (size_t i = std::min<size_t>(seeds.size(), shape_.length_max); i > 0; --i) {
    if (seeds[i - 1].product.value() < shape_.product_count) history.push_back(seeds[i - 1].product.value());
  }
  const std::vector<float> shopper = EncodeSequence(shape_, attention_, history);
  if (shopper.empty()) return;
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const RowMajor> products(attention_.products.data(), shape_.product_count,
                                            shape_.dimensions);
  const Eigen::Map<const Eigen::VectorXf> point(shopper.data(), static_cast<Eigen::Index>(shopper.size()));
  Eigen::VectorXf shares = products * point;
  shares = (shares.array() - shares.maxCoeff()).exp().matrix();
  shares *= share / shares.sum();
  for (uint32_t product = 0; product < shape_.product_count; ++product) {
    accumulator.Add(product, shares(product), 0);
  }
}

void NextItemBlend::Score(std::span<const Seed> seeds, SparseAccumulator& accumulator,
                          bool may_repeat) const {
  ScoreWithShare(seeds, attention_share_, accumulator);
  if (may_repeat) return;
  for (const Seed& seed : seeds) accumulator.Mask(seed.product.value());
}

void NextItemBlend::Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const {
  thread_local SparseAccumulator accumulator;
  thread_local std::vector<ScoredProduct> strongest;
  if (query.seeds.empty()) return;
  Score(query.seeds, accumulator, query.may_repeat);
  strongest.clear();
  accumulator.Strongest(limit, strongest);
  for (const ScoredProduct& scored : strongest) {
    out.push_back({ProductIndex(scored.product), scored.score, query.seeds[scored.because].product, true});
  }
}

size_t NextItemBlend::memory_bytes() const {
  return counting_->memory_bytes() +
         (attention_.products.capacity() + attention_.block.capacity()) * sizeof(float);
}

}  // namespace attune::models
