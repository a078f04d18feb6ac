// The search that every other is held against: BM25 over one text a product, and nothing else.
//
//   words   runs of a-z and 0-9 in lower case, one s at the end cut off
//   score   sum over the query's words of  ln(1 + (N - n + 0.5) / (n + 0.5)) * tf (k1 + 1) / (tf + k1 (1 - b
//   + b
//           length / mean length)),  k1 1.2, b 0.75
//
// Any word of the query is enough; ties are broken by the order of the documents.
//
// Thread safety: as a standard container.

#ifndef ATTUNE_SEARCH_PLAIN_BM25_H_
#define ATTUNE_SEARCH_PLAIN_BM25_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace attune::search {

class PlainBm25 {
 public:
  // Documents are numbered from 0 in the order of these calls.
  void Add(std::string_view text);

  // All documents that hold a word of the query, best first.
  std::vector<uint32_t> Search(std::string_view query) const;

 private:
  static std::vector<std::string> WordsOf(std::string_view text);

  absl::flat_hash_map<std::string, std::vector<std::pair<uint32_t, uint32_t>>> postings_;  // Document, count.
  std::vector<uint32_t> lengths_;
  uint64_t total_length_ = 0;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_PLAIN_BM25_H_
