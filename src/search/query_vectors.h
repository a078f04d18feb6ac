// Vectors of words, from the vectors of the products that hold them: what brings a query near products that
// do not share its words.
//
//   v_word  = the sum of the vectors of the products with the word, made length 1
//   v_query = the sum over its words of idf * v_word, made length 1; words without a vector are left out
//
// Products' vectors are those of the models (models/text_vectors.h).  Words of one product only, and of more
// than kCommonShare of all, have none.
//
// Cost: a byte a dimension and word.  Made in the background, of one picture of the index; a word that came
// later has no vector yet.
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_QUERY_VECTORS_H_
#define ATTUNE_SEARCH_QUERY_VECTORS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "models/text_vectors.h"
#include "search/query_words.h"
#include "search/search_index.h"

namespace attune::search {

class QueryVectors {
 public:
  static std::shared_ptr<const QueryVectors> Build(const SearchIndex& index,
                                                   std::shared_ptr<const models::ProductVectors> products);

  // Of length 1; empty when no word has a vector.
  std::vector<float> Of(const QueryWords& query) const;
  // In [-1, 1]; 0 for a product without a vector.  REQUIRES: `query` came from Of() and is not empty.
  float Cosine(std::span<const float> query, ProductIndex product) const;
  // The nearest products, nearest first.  Looks at every product.
  std::vector<std::pair<ProductIndex, float>> Nearest(std::span<const float> query, size_t count) const;

  size_t memory_bytes() const { return words_.capacity() + has_vector_.capacity(); }

 private:
  std::shared_ptr<const models::ProductVectors> products_;
  std::vector<int8_t> words_;  // Row-major, by term.
  std::vector<uint8_t> has_vector_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_QUERY_VECTORS_H_
