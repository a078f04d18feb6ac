// Reads what an OpenAI-compatible /v1/embeddings answers.
//
//   {"data":[{"index":1,"embedding":[0.1,-0.2]},{"index":0,"embedding":[0.3,0.4]}], ...}
//
// Strict: a vector for each text, once, all of one length, of finite numbers, none of them zero.  Anything
// else is an error of the whole answer, so that nothing is half taken.  Other members are ignored.
//
// Thread safety: pure function.

#ifndef ATTUNE_SERVER_EMBEDDING_ANSWER_H_
#define ATTUNE_SERVER_EMBEDDING_ANSWER_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::server {

// Numbers of one vector: what encoders make (384 to 3 072).
inline constexpr size_t kEmbeddingDimensionsMax = 4'096;
// Texts of one request.
inline constexpr size_t kEmbeddingBatchMax = 256;
// Bytes of one answer: so many vectors of the usual largest length, with 24 bytes a number.
inline constexpr size_t kEmbeddingAnswerBytesMax = size_t{24} << 20;

// The vectors of `count` texts, in their order.  `dimensions`: numbers of each; 0: as many as the first has.
// Fails with kInvalidArgument; messages hold nothing of the answer but numbers.
Result<std::vector<std::vector<float>>> ParseEmbeddingAnswer(std::string_view json, size_t count,
                                                             size_t dimensions);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_EMBEDDING_ANSWER_H_
