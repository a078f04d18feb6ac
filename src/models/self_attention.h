// A small self-attentive sequence model (SASRec; Kang, McAuley 2018): one block, one head, and its gradient.
//
//   x_t = dropout(sqrt(d) E[product_t] + P[place from the end])           y = norm3(x + f) of the block:
//   a   = norm1(x);  h = a + Wo softmax(Wq a (Wk x)' / sqrt(d), earlier places only) Wv x
//   f   = h2 + dropout(W2 dropout(relu(W1 h2))),  h2 = norm2(h);  y = norm3(f)
//   score of product p after place t = y_t . E[p]
//
// Trained to rank the next product first among itself and shared negatives (sampled softmax):
//   loss = - sum over places log(e^{s+} / (e^{s+} + sum over negatives e^{s-}))
//
// Sequences are packed one behind the other without padding, so a short one costs what it holds.  Forward and
// backward are written by hand; the test compares every gradient with finite differences.
//
// Thread safety: pure functions; each thread brings its own pack and gradient.

#ifndef ATTUNE_MODELS_SELF_ATTENTION_H_
#define ATTUNE_MODELS_SELF_ATTENTION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace attune::models {

struct AttentionShape {
  uint32_t product_count = 0;
  uint32_t dimensions = 64;
  uint32_t length_max = 50;  // Places of one sequence, the latest.

  // Numbers in AttentionParameters::block.
  size_t block_size() const;
};

template <class Scalar>
struct AttentionParameters {
  std::vector<Scalar> products;  // E: product_count rows of `dimensions`.
  std::vector<Scalar> block;     // P, Wq, Wk, Wv, Wo, W1, W2 with their offsets, and the three norms.
};

// Small normal numbers, the same for a seed everywhere.
template <class Scalar>
AttentionParameters<Scalar> MakeAttentionParameters(const AttentionShape& shape, uint64_t seed);

// Sequences one behind the other: sequence i is [offsets[i], offsets[i + 1]), at most length_max places.
struct AttentionPack {
  std::vector<uint32_t> products;
  std::vector<uint32_t> targets;  // What came next, by place.
  std::vector<size_t> offsets = {0};

  void Clear();
  void Add(std::span<const uint32_t> products, std::span<const uint32_t> targets);
};

struct AttentionNoise {
  double dropout = 0;  // Share of numbers that are dropped.
  uint64_t seed = 0;
};

template <class Scalar>
struct AttentionGradient {
  std::vector<Scalar> block;
  // Rows of `dimensions`: by place of the pack, twice, and by negative.
  std::vector<Scalar> of_products;
  std::vector<Scalar> of_targets;
  std::vector<Scalar> of_negatives;
};

// The sum of the losses of the pack times `scale`, with its gradient.  A negative that is the target of a
// place is not counted there.
template <class Scalar>
Scalar AttentionLoss(const AttentionShape& shape, const AttentionParameters<Scalar>& parameters,
                     const AttentionPack& pack, std::span<const uint32_t> negatives, Scalar scale,
                     const AttentionNoise& noise, AttentionGradient<Scalar>& gradient);

// y after the last place of `products`, oldest first, without noise.  Empty for no products.
std::vector<float> EncodeSequence(const AttentionShape& shape, const AttentionParameters<float>& parameters,
                                  std::span<const uint32_t> products);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SELF_ATTENTION_H_
