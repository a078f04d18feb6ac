// How well a document holds a word: BM25F over weighted fields (Robertson and Zaragoza, "The Probabilistic
// Relevance Framework: BM25 and Beyond", 2009).
//
//   tf    = sum over fields of  weight * count / (1 - b + b * length / mean length)
//   score = weight of the alternative * idf * tf * (k1 + 1) / (k1 + tf)
//   idf   = ln(1 + (N - n + 0.5) / (n + 0.5))      N documents, n of them with the word
//
// A word that stands for several terms (inflections, what a prefix may become, what was meant by a typing
// error) has one idf, that of its most frequent term: a rare misspelling must not outweigh what it is a
// misspelling of. Of its terms the best counts.
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_SCORING_H_
#define ATTUNE_SEARCH_SCORING_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "search/limits.h"
#include "search/search_field.h"
#include "search/search_index.h"
#include "search/segment.h"

namespace attune::search {

struct FieldWeight {
  double weight = 1;
  double b = 0.75;  // How much a long text counts less, 0 to 1.
};

// Textbook values: short fields are worth more, and hardly suffer from being long.  That of attributes is
// decided on made queries (docs/models/search.md).
struct ScoringOptions {
  double k1 = 1.2;
  PerField<FieldWeight> fields = {{
      {3.0, 0.5},   // Title.
      {2.0, 0.3},   // Brand.
      {2.0, 0.3},   // Category.
      {1.5, 0.3},   // Tags.
      {0.1, 0.75},  // Attributes: many words, of what a product works with and comes in, too.
      {1.0, 0.75},  // Description.
  }};
};

class Scoring {
 public:
  Scoring(const ScoringOptions& options, const SearchIndex& index) : k1_(static_cast<float>(options.k1)) {
    for (size_t field = 0; field < kSearchFieldCount; ++field) {
      const auto [weight, b] = options.fields[field];
      const double mean = std::max(index.MeanLengthOf(static_cast<SearchField>(field)), kMeanLengthMin);
      for (size_t length = 0; length <= kFieldWordsMax; ++length) {
        per_count_[field][length] =
            static_cast<float>(weight / (1 - b + b * static_cast<double>(length) / mean));
      }
    }
  }

  // In [0, k1 + 1): without idf and the alternative's weight.
  float Of(const Posting& posting, const PerField<uint16_t>& lengths) const {
    float tf = 0;
    for (uint32_t rest = posting.fields; rest != 0; rest &= rest - 1) {
      const auto field = static_cast<size_t>(__builtin_ctz(rest));
      tf += static_cast<float>(posting.counts[field]) * per_count_[field][lengths[field]];
    }
    return tf * (k1_ + 1) / (k1_ + tf);
  }

  // Above which Of() never comes.
  float best() const { return k1_ + 1; }

  static double Idf(uint32_t documents, uint32_t documents_with_word) {
    const double with = documents_with_word;
    return std::log(1 + (static_cast<double>(documents) - with + kHalf) / (with + kHalf));
  }

 private:
  static constexpr double kMeanLengthMin = 1e-9;  // Of a field that no document has.
  static constexpr double kHalf = 0.5;

  float k1_;
  PerField<std::array<float, kFieldWordsMax + 1>> per_count_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SCORING_H_
