// Reads the files of the published session protocols.
//
//   train:  3 4 5            => a session: products in the order of the clicks; the oldest session first
//   test:   3 4<TAB>5        => asked with the clicks 3, 4, a model should answer 5
//
// Items are decimal numbers and get dense indexes in the order in which the files first name them.  Empty
// lines are skipped; a line may end in CR LF.
//
// Limits: sequence_limits.h.  Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_SESSION_FILE_H_
#define ATTUNE_MODELS_SESSION_FILE_H_

#include <cstdint>
#include <istream>
#include <vector>

#include "base/status.h"
#include "models/sequence_file.h"

namespace attune::models {

// Fails with InvalidArgument, naming line and field, when a field is not a decimal number of 64 bits, a limit
// is passed, or there is no session at all; kUnavailable when reading stops short.
Result<Sequences> ReadSessionFile(std::istream& input, ItemNumbering& numbering);

struct SessionQuestions {
  Sequences prefixes;           // Of question i: at least one product, oldest first.
  std::vector<uint32_t> nexts;  // Of question i.
};

// As ReadSessionFile, and fails when a line does not have one tab with clicks before it and one item after
// it.
Result<SessionQuestions> ReadSessionQuestions(std::istream& input, ItemNumbering& numbering);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SESSION_FILE_H_
