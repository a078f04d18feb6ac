// Trains the self-attentive model on sequences: Adam on shuffled batches, the next product against shared
// negatives.
//
// What it will cost is known before it starts (AttentionCost), and the number of epochs is cut to fit the
// budget: in operations, not in seconds, so that the same input gives the same bytes on a slow machine and on
// a fast one.
//
// Each batch is cut into a fixed number of packs; packs run on any number of threads, and their gradients are
// added in the order of the packs.  Rows of E that a batch does not touch are left alone, their moments too.
//
// Memory: 12 bytes a number of the model, and the rows of one batch.
// Deterministic for a seed and for any number of threads.  Thread safety: one thread at a time; RunEpoch
// starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_ATTENTION_TRAINER_H_
#define ATTUNE_MODELS_ATTENTION_TRAINER_H_

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "models/self_attention.h"
#include "models/sequence_file.h"
#include "models/training_control.h"

namespace attune::models {

struct AttentionOptions {
  uint32_t dimensions = 64;
  uint32_t length_max = 50;
  double dropout = 0.2;
  uint32_t negatives = 256;  // Of one batch.
  uint32_t batch_sequences = 128;
  double learning_rate = 1e-3;  // At the start; it falls to nothing over the epochs.
  uint32_t epochs = 40;
  double operations_max = 4e12;  // About three minutes on two cores.
  uint64_t memory_bytes_max = uint64_t{2} << 30;
  uint64_t seed = 1;
};

struct AttentionCost {
  double operations_per_epoch = 0;  // Floating point, forward and backward.
  uint64_t memory_bytes = 0;
  uint32_t epochs = 0;  // That fit the budget; 0: it is not worth starting, or does not fit the memory.
};

AttentionCost CostOfAttention(const Sequences& sequences, uint32_t product_count,
                              const AttentionOptions& options);

class AttentionTrainer {
 public:
  // `sequences` must outlive the trainer; products oldest first.  REQUIRES: products < product_count.  Fails
  // with InvalidArgument, naming the option, when one is out of range.
  static Result<AttentionTrainer> Create(const Sequences& sequences, uint32_t product_count,
                                         const AttentionOptions& options);

  // One pass over all sequences.  The result is the mean loss of a place.  Fails with kUnavailable when
  // cancelled; the parameters are then of no use.
  Result<double> RunEpoch(const TrainingControl& control);

  const AttentionShape& shape() const { return shape_; }
  const AttentionParameters<float>& parameters() const { return parameters_; }

 private:
  AttentionTrainer(const Sequences& sequences, uint32_t product_count, const AttentionOptions& options);

  struct Moments {
    std::vector<float> first;
    std::vector<float> second;
  };

  double RunBatch(std::span<const uint32_t> batch, uint64_t batch_seed, const TrainingControl& control);
  void FillPack(std::span<const uint32_t> batch, AttentionPack& pack) const;
  // Adds rows of gradients to those of the batch.
  void Gather(std::span<const uint32_t> products, std::span<const float> gradients);
  void Step();

  const Sequences& sequences_;
  const AttentionOptions options_;
  const AttentionShape shape_;
  AttentionParameters<float> parameters_;
  Moments product_moments_;
  Moments block_moments_;
  std::vector<uint32_t> order_;  // Of the sequences that teach something.
  uint64_t epoch_ = 0;
  uint64_t step_ = 0;
  uint64_t steps_max_ = 0;
  std::vector<AttentionPack> packs_;
  std::vector<AttentionGradient<float>> gradients_;
  std::vector<float> block_gradient_;
  std::vector<uint32_t> slot_of_;     // By product: one more than its place in touched_, 0 when it has none.
  std::vector<uint32_t> touched_;     // Products of the batch.
  std::vector<float> row_gradients_;  // By place in touched_.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_ATTENTION_TRAINER_H_
