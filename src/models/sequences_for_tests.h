// Written-out lists as Sequences, for tests.
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_SEQUENCES_FOR_TESTS_H_
#define ATTUNE_MODELS_SEQUENCES_FOR_TESTS_H_

#include <cstdint>
#include <vector>

#include "models/sequence_file.h"

namespace attune::models {

using Lists = std::vector<std::vector<uint32_t>>;

inline Sequences ToSequences(const Lists& lists) {
  Sequences sequences;
  for (const auto& list : lists) sequences.Add(list);
  return sequences;
}

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SEQUENCES_FOR_TESTS_H_
