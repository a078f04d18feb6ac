// Do words of a query stand together in a product's text?  "power bank" means a power bank, not a bank of
// sockets with a power switch.
//
//   boost = sum over neighbours (a, b) of the query:  min(idf a, idf b) / (1 + gap)^2, the best of all places
//   gap   = words between a and b; one more when b stands before a
//
// (After Rasolofo and Savoy, "Term Proximity Scoring for Keyword-Based Retrieval Systems", ECIR 2003.)  Only
// short fields are read: title, brand, category, tags; places in two fields do not stand together.
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_PROXIMITY_H_
#define ATTUNE_SEARCH_PROXIMITY_H_

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "search/query_words.h"
#include "search/search_index.h"

namespace attune::search {

class Proximity {
 public:
  // `index` must outlive it.
  Proximity(const QueryWords& query, const SearchIndex& index);

  // Whether there are two words that could stand together.
  bool is_useful() const { return pairs_.size() > 1; }
  // Of a document with these words (document_words.h).
  float Of(std::string_view document_words) const;

 private:
  const SearchIndex& index_;
  std::vector<std::pair<uint32_t, uint32_t>> terms_;  // Term and bits of its words, ascending.
  std::vector<float> pairs_;                          // Of word i and i + 1; the last is 0.
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_PROXIMITY_H_
