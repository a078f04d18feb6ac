// Xapian, as its documentation sets it up, over the texts of products: what attune's search is held against.
//
//   words     TermGenerator and QueryParser with the English stemmer, default flags: any word is enough
//   ranking   the default, BM25Weight: k1 1, b 0.5
//   spelling  the words of the texts as dictionary (TermGenerator::FLAG_SPELLING); words of a query that no
//   text
//             holds are replaced by Database::get_spelling_suggestion().  QueryParser's own correction is not
//             used: it changes words that are right to more frequent ones within two edits.
//
// Thread safety: none; one thread.

#ifndef ATTUNE_BENCH_XAPIAN_XAPIAN_SEARCH_H_
#define ATTUNE_BENCH_XAPIAN_XAPIAN_SEARCH_H_

#include "search/evaluate_search.h"

namespace attune::search {

// `corrects`: with spelling.  The database is a folder under the temporary directory, removed with the
// search.
OtherSearch XapianSearch(bool corrects);

}  // namespace attune::search

#endif  // ATTUNE_BENCH_XAPIAN_XAPIAN_SEARCH_H_
