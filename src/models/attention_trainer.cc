#include "models/attention_trainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/hash.h"
#include "base/random.h"
#include "models/sequence_limits.h"

namespace attune::models {
namespace {

constexpr size_t kPacksPerBatch = 4;
constexpr float kFirstDecay = 0.9f;
constexpr float kSecondDecay = 0.98f;
constexpr float kAdamFloor = 1e-8f;
constexpr uint32_t kEpochsMin = 5;  // Fewer teach it less than counting does.

// Adam for `count` numbers.  `rate` has the correction of both moments in it.
void Descend(const float* gradient, size_t count, float rate, float* number, float* first, float* second) {
  for (size_t i = 0; i < count; ++i) {
    first[i] += (1 - kFirstDecay) * (gradient[i] - first[i]);
    second[i] += (1 - kSecondDecay) * (gradient[i] * gradient[i] - second[i]);
    number[i] -= rate * first[i] / (std::sqrt(second[i]) + kAdamFloor);
  }
}

Status CheckOptions(const AttentionOptions& options) {
  if (options.dimensions == 0 || options.dimensions > 512) {
    return InvalidArgument("dimensions must be 1 to 512", "dimensions");
  }
  if (options.length_max == 0 || options.length_max > 1000) {
    return InvalidArgument("length must be 1 to 1000", "length_max");
  }
  if (!(options.dropout >= 0 && options.dropout < 1)) return InvalidArgument("must be 0 to 1", "dropout");
  if (options.negatives == 0 || options.negatives > 100'000) {
    return InvalidArgument("negatives must be 1 to 100000", "negatives");
  }
  if (options.batch_sequences == 0 || options.batch_sequences > 100'000) {
    return InvalidArgument("sequences must be 1 to 100000", "batch_sequences");
  }
  if (!(options.learning_rate > 0 && options.learning_rate <= 1)) {
    return InvalidArgument("rate must be above 0 and at most 1", "learning_rate");
  }
  return {};
}

}  // namespace

AttentionCost CostOfAttention(const Sequences& sequences, uint32_t product_count,
                              const AttentionOptions& options) {
  const double dimensions = options.dimensions;
  double places = 0;
  double pairs = 0;  // Of places of one sequence.
  for (size_t i = 0; i < sequences.size(); ++i) {
    const size_t size = sequences.Of(i).size();
    if (size < 2) continue;
    const auto length = static_cast<double>(std::min<size_t>(size - 1, options.length_max));
    places += length;
    pairs += length * length;
  }
  AttentionCost cost;
  // Multiply and add, forward once and backward twice: six linear maps, scores of the negatives, and
  // attention.
  cost.operations_per_epoch =
      6 * (places * (6 * dimensions * dimensions + options.negatives * dimensions) + 2 * pairs * dimensions);
  const uint64_t numbers = uint64_t{product_count} * options.dimensions +
                           AttentionShape{product_count, options.dimensions, options.length_max}.block_size();
  cost.memory_bytes = numbers * 3 * sizeof(float);
  if (places == 0 || cost.memory_bytes > options.memory_bytes_max) return cost;
  const double fitting = std::floor(options.operations_max / cost.operations_per_epoch);
  cost.epochs = static_cast<uint32_t>(std::min<double>(options.epochs, fitting));
  if (cost.epochs < std::min(kEpochsMin, options.epochs)) cost.epochs = 0;
  return cost;
}

AttentionTrainer::AttentionTrainer(const Sequences& sequences, uint32_t product_count,
                                   const AttentionOptions& options)
    : sequences_(sequences),
      options_(options),
      shape_{product_count, options.dimensions, options.length_max},
      parameters_(MakeAttentionParameters<float>(shape_, options.seed)),
      product_moments_{std::vector<float>(parameters_.products.size()),
                       std::vector<float>(parameters_.products.size())},
      block_moments_{std::vector<float>(parameters_.block.size()),
                     std::vector<float>(parameters_.block.size())},
      packs_(kPacksPerBatch),
      gradients_(kPacksPerBatch),
      slot_of_(product_count, 0) {
  for (size_t i = 0; i < sequences.size(); ++i) {
    if (sequences.Of(i).size() > 1) order_.push_back(static_cast<uint32_t>(i));
  }
  const uint64_t batches = (order_.size() + options.batch_sequences - 1) / options.batch_sequences;
  steps_max_ = batches * options.epochs;
}

Result<AttentionTrainer> AttentionTrainer::Create(const Sequences& sequences, uint32_t product_count,
                                                  const AttentionOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  CHECK(product_count <= kModelProductsMax);
  return AttentionTrainer(sequences, product_count, options);
}

Result<double> AttentionTrainer::RunEpoch(const TrainingControl& control) {
  const uint64_t epoch_seed = MixHash64(options_.seed, ++epoch_);
  std::sort(order_.begin(), order_.end());
  Random random(epoch_seed);
  for (size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random.NextBelow(i)]);
  double loss = 0;
  size_t batches = 0;
  for (size_t begin = 0; begin < order_.size(); begin += options_.batch_sequences, ++batches) {
    const size_t count = std::min<size_t>(options_.batch_sequences, order_.size() - begin);
    loss += RunBatch(std::span(order_).subspan(begin, count), MixHash64(epoch_seed, begin + 1), control);
    RETURN_IF_ERROR(control.Check());
  }
  return batches == 0 ? 0 : loss / static_cast<double>(batches);
}

void AttentionTrainer::FillPack(std::span<const uint32_t> batch, AttentionPack& pack) const {
  pack.Clear();
  for (const uint32_t sequence : batch) {
    auto products = sequences_.Of(sequence);
    products = products.last(std::min<size_t>(products.size(), size_t{shape_.length_max} + 1));
    pack.Add(products.first(products.size() - 1), products.subspan(1));
  }
}

double AttentionTrainer::RunBatch(std::span<const uint32_t> batch, uint64_t batch_seed,
                                  const TrainingControl& control) {
  Random random(batch_seed);
  std::vector<uint32_t> negatives(options_.negatives);
  for (uint32_t& negative : negatives)
    negative = static_cast<uint32_t>(random.NextBelow(shape_.product_count));
  size_t places = 0;
  for (size_t i = 0; i < kPacksPerBatch; ++i) {
    const size_t begin = batch.size() * i / kPacksPerBatch;
    const size_t end = batch.size() * (i + 1) / kPacksPerBatch;
    FillPack(batch.subspan(begin, end - begin), packs_[i]);
    places += packs_[i].products.size();
  }
  const float scale = 1 / static_cast<float>(places);
  std::vector<double> losses(kPacksPerBatch);
  ForEachTrainingBlock(kPacksPerBatch, 1, control, [&](size_t begin, size_t end, size_t) {
    for (size_t i = begin; i < end; ++i) {
      const AttentionNoise noise{options_.dropout, MixHash64(batch_seed, i + 1)};
      losses[i] = static_cast<double>(
          AttentionLoss<float>(shape_, parameters_, packs_[i], negatives, scale, noise, gradients_[i]));
    }
  });
  if (control.IsCancelled()) return 0;
  block_gradient_.assign(shape_.block_size(), 0);
  for (size_t i = 0; i < kPacksPerBatch; ++i) {
    for (size_t k = 0; k < block_gradient_.size(); ++k) block_gradient_[k] += gradients_[i].block[k];
    Gather(packs_[i].products, gradients_[i].of_products);
    Gather(packs_[i].targets, gradients_[i].of_targets);
    Gather(negatives, gradients_[i].of_negatives);
  }
  Step();
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

void AttentionTrainer::Gather(std::span<const uint32_t> products, std::span<const float> gradients) {
  const size_t dimensions = shape_.dimensions;
  for (size_t i = 0; i < products.size(); ++i) {
    uint32_t& slot = slot_of_[products[i]];
    if (slot == 0) {
      touched_.push_back(products[i]);
      slot = static_cast<uint32_t>(touched_.size());
      row_gradients_.resize(touched_.size() * dimensions, 0);
    }
    float* const row = &row_gradients_[(slot - 1) * dimensions];
    for (size_t k = 0; k < dimensions; ++k) row[k] += gradients[i * dimensions + k];
  }
}

void AttentionTrainer::Step() {
  ++step_;
  const auto steps = static_cast<double>(step_);
  const double first = 1 - std::pow(static_cast<double>(kFirstDecay), steps);
  const double second = 1 - std::pow(static_cast<double>(kSecondDecay), steps);
  const double left = 1 - (steps - 1) / static_cast<double>(std::max(steps_max_, step_));
  const auto rate = static_cast<float>(options_.learning_rate * left * std::sqrt(second) / first);
  Descend(block_gradient_.data(), block_gradient_.size(), rate, parameters_.block.data(),
          block_moments_.first.data(), block_moments_.second.data());
  const size_t dimensions = shape_.dimensions;
  for (size_t i = 0; i < touched_.size(); ++i) {
    const size_t at = size_t{touched_[i]} * dimensions;
    Descend(&row_gradients_[i * dimensions], dimensions, rate, &parameters_.products[at],
            &product_moments_.first[at], &product_moments_.second[at]);
    slot_of_[touched_[i]] = 0;
  }
  touched_.clear();
  row_gradients_.clear();
}

}  // namespace attune::models
