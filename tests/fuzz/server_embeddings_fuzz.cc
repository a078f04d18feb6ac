// Fuzzes what a service of embeddings answers, and the bytes that its vectors are kept as.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "fuzz_target.h"
#include "server/embedding_answer.h"
#include "server/fetched_vectors.h"

std::vector<std::string> attune::fuzz::Seeds() {
  return {
      R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.25,-1.5e-3]}],"model":"m"})",
      R"({"data":[{"index":1,"embedding":[1,2,3]},{"index":0,"embedding":[0,0,-1]}],"usage":{"total_tokens":5}})",
      attune::server::EncodeFetchedVector({1, 2, {0.5F, -1, 3}})};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace attune::server;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const size_t count : {size_t{1}, size_t{2}}) {
    const auto vectors = ParseEmbeddingAnswer(bytes, count, 0);
    if (!vectors.ok()) {
      CHECK(vectors.status().code() == attune::StatusCode::kInvalidArgument);
      continue;
    }
    ++attune::fuzz::accepted_count;
    CHECK(vectors->size() == count);
    for (const auto& vector : *vectors) {
      CHECK(!vector.empty() && vector.size() == vectors->front().size());
      CHECK(vector.size() <= kEmbeddingDimensionsMax);
      for (const float number : vector) CHECK(std::isfinite(number));
    }
  }
  const auto kept = DecodeFetchedVector(bytes);
  if (kept.ok()) {
    ++attune::fuzz::accepted_count;
    const auto again = DecodeFetchedVector(EncodeFetchedVector(*kept));
    CHECK(again.ok() && *again == *kept);
  } else {
    CHECK(kept.status().code() == attune::StatusCode::kCorruption);
  }
  return 0;
}
