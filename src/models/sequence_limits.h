// Limits of the item-to-item models and of their benchmark files, with unit and reason.

#ifndef ATTUNE_MODELS_SEQUENCE_LIMITS_H_
#define ATTUNE_MODELS_SEQUENCE_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace attune::models {

// Bytes of one line of a sequence file, and items on it: a shopper with more is a crawler, and the file is
// refused.
inline constexpr size_t kSequenceLineBytesMax = 4u << 20;
inline constexpr size_t kSequenceItemsMax = 200'000;

// Lines and items of one sequence file.
inline constexpr size_t kSequenceLinesMax = 50'000'000;
inline constexpr size_t kSequenceFileItemsMax = 500'000'000;

// Products of one model.  Ids are 32 bits; arrays of this length must be affordable.
inline constexpr uint32_t kModelProductsMax = 20'000'000;

// Neighbours kept for one product.  More than this never changes a slate and costs 8 bytes each.
inline constexpr uint32_t kNeighboursMax = 10'000;

// Steps that wait in a TransitionTrainer before they are folded into its rows: 24 bytes each, so 100 MB.
inline constexpr size_t kPendingStepsMax = 4'000'000;

// Seeds that one retrieval reads, the latest.  Bounds the work of a request with neighbours_max.
inline constexpr size_t kTransitionSeedsMax = 200;

// Products of one session that count, the latest: longer visits are crawlers or shared machines, and pairs
// grow with the square.
inline constexpr size_t kSessionProductsMax = 50;

// Seeds that session_next reads, the latest, and neighbour sessions it may weigh.  Bounds the work of a
// request.
inline constexpr size_t kSessionSeedsMax = 20;
inline constexpr uint32_t kSessionNeighboursMax = 5'000;

// Threads of one training or evaluation.
inline constexpr uint32_t kModelThreadsMax = 256;

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SEQUENCE_LIMITS_H_
