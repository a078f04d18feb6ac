// What a shopper looks at next: counting and regression (next_item_model.h), and where it helps the
// self-attentive model (attention_trainer.h).
//
//   score(b) = counted(b) / sum of counted  +  attention_share * e^{logit(b)} / sum of e^{logit}
//
// The share is chosen on a cut of the training sequences: of every kHeldOutEvery-th sequence the last product
// is held out, both models are trained without it, and asked for it.  Of a fixed grid the share with the
// largest recall@10 + ndcg@10 wins; 0 wins ties, and then no attention is kept: a store pays for it only
// where it pays. The counting part that serves is trained on everything.
//
// The self-attentive model is not started when its cost does not fit its budget (CostOfAttention).
//
// Thread safety: immutable; any number of threads.

#ifndef ATTUNE_MODELS_NEXT_ITEM_BLEND_H_
#define ATTUNE_MODELS_NEXT_ITEM_BLEND_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "models/attention_trainer.h"
#include "models/candidate_source.h"
#include "models/next_item_model.h"
#include "models/self_attention.h"
#include "models/sequence_file.h"
#include "models/sparse_accumulator.h"
#include "models/training_control.h"
#include "models/transition_source.h"

namespace attune::models {

inline constexpr size_t kHeldOutEvery = 8;
// Sequences with a held-out product that are asked, at most.
inline constexpr size_t kHeldOutMax = 4'000;

struct NextItemBlendOptions {
  NextItemOptions counting;
  AttentionOptions attention;
};

class NextItemBlend final : public CandidateSource {
 public:
  // `sequences` oldest product first.  REQUIRES: products < product_count.  Fails with InvalidArgument,
  // naming the option, and with kUnavailable when cancelled.
  static Result<std::shared_ptr<const NextItemBlend>> Train(const Sequences& sequences,
                                                            uint32_t product_count,
                                                            const NextItemBlendOptions& options,
                                                            const TrainingControl& control);

  std::string_view name() const override { return counting_->name(); }
  void Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const override;

  // Retrieve up to the choice; seeds masked unless they may repeat.
  void Score(std::span<const Seed> seeds, SparseAccumulator& accumulator, bool may_repeat = false) const;

  // 0: the self-attentive model was not trained, or did not help.
  float attention_share() const { return attention_share_; }
  size_t memory_bytes() const;

 private:
  NextItemBlend(std::shared_ptr<const TransitionSource> counting, const AttentionShape& shape,
                AttentionParameters<float> attention, float attention_share);

  // As Score, with another share.
  void ScoreWithShare(std::span<const Seed> seeds, float share, SparseAccumulator& accumulator) const;

  const std::shared_ptr<const TransitionSource> counting_;
  const AttentionShape shape_;
  const AttentionParameters<float> attention_;
  const float attention_share_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_NEXT_ITEM_BLEND_H_
