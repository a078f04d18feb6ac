#include "server/embedding_answer.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

namespace attune::server {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::array;
using simdjson::dom::element;

Status Wrong(const std::string& what) { return InvalidArgument("the service's answer " + what); }

Result<std::vector<float>> ReadVector(const element& embedding, size_t dimensions) {
  array numbers;
  if (embedding.get(numbers) != SUCCESS) return Wrong("has an embedding that is not an array of numbers");
  std::vector<float> vector;
  bool is_zero = true;
  for (const element number : numbers) {
    double value = 0;
    if (number.get(value) != SUCCESS || !std::isfinite(static_cast<float>(value))) {
      return Wrong("has an embedding with something that is not a finite number");
    }
    if (vector.size() == kEmbeddingDimensionsMax) {
      return Wrong("has an embedding of more than " + std::to_string(kEmbeddingDimensionsMax) + " numbers");
    }
    vector.push_back(static_cast<float>(value));
    is_zero = is_zero && vector.back() == 0;
  }
  if (is_zero) return Wrong("has an embedding without direction");
  if (dimensions != 0 && vector.size() != dimensions) {
    return Wrong("has an embedding of " + std::to_string(vector.size()) + " numbers; " +
                 std::to_string(dimensions) + " are expected");
  }
  return vector;
}

}  // namespace

Result<std::vector<std::vector<float>>> ParseEmbeddingAnswer(std::string_view json, size_t count,
                                                             size_t dimensions) {
  simdjson::dom::parser parser;
  element document;
  if (parser.parse(json.data(), json.size()).get(document) != SUCCESS) return Wrong("is not JSON");
  array data;
  if (document["data"].get(data) != SUCCESS) return Wrong("has no array \"data\"");
  if (data.size() != count) {
    return Wrong("has " + std::to_string(data.size()) + " embeddings for " + std::to_string(count) +
                 " texts");
  }
  std::vector<std::vector<float>> vectors(count);
  for (const element entry : data) {
    uint64_t index = 0;
    if (entry["index"].get(index) != SUCCESS || index >= count || !vectors[index].empty()) {
      return Wrong("does not say once for each text which embedding is its own");
    }
    element embedding;
    if (entry["embedding"].get(embedding) != SUCCESS) return Wrong("lacks an embedding");
    ASSIGN_OR_RETURN(vectors[index], ReadVector(embedding, dimensions));
    dimensions = vectors[index].size();
  }
  return vectors;
}

}  // namespace attune::server
