// A query as it is counted, and whether it may be shown to others than who typed it.
//
//   "  Desk   LAMP "  ->  "desk lamp"        one spelling for what differs in case, accents and spaces
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_QUERY_TEXT_H_
#define ATTUNE_SEARCH_QUERY_TEXT_H_

#include <string>
#include <string_view>

namespace attune::search {

// Letters folded (text/fold.h), white space as one space, at most kCountedQueryBytesMax bytes; empty: nothing
// to count.
std::string NormalQuery(std::string_view text);

// As it was typed, but for white space and length.
std::string TidyQuery(std::string_view text);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_QUERY_TEXT_H_
