// Xapian, as its documentation sets it up, over the texts of products: what attune's search is held against.
//
//   words     TermGenerator and QueryParser with the English stemmer, default flags: any word is enough
//   ranking   the default, BM25Weight: k1 1, b 0.5
//   spelling  the words of the texts as dictionary; a query that has a correction is asked as corrected
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
