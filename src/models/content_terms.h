// The words and facts of a product that say what it is, with how much each counts in its text.
//
//   title words 2, category levels 1.5 each, brand 1, tags 1, attribute=value .7, description words .5
//   a term seen n times counts weight * (1 + ln n)
//
// Words are runs of letters and digits, ASCII folded to lower case; other scripts stay as they are, byte for
// byte. Terms are hashes: the word "red" of a title and of a description are one term, the brand "Red" is
// another.
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_CONTENT_TERMS_H_
#define ATTUNE_MODELS_CONTENT_TERMS_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "catalog/product.h"

namespace attune::models {

// (term, weight), each term once, by term.
using ContentTerms = std::vector<std::pair<uint64_t, float>>;

ContentTerms ContentTermsOf(const catalog::Product& product);

// The same, with the parts of four bytes of the words of its title, their ends marked: "<lamp>" has the parts
// "<lam", "lamp", "amp>".  A part counts part_weight times its word, shared among the parts of a word.
ContentTerms ContentTermsWithParts(const catalog::Product& product, float part_weight);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_CONTENT_TERMS_H_
