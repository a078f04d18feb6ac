// Whether a query looks like something of a person, which must not leave the server and is shown to nobody
// else: an e-mail address, or digits as telephone, card, order and account numbers have them.  Names and
// addresses of streets look like any other words; what is told outside has to be asked for by several
// shoppers, too (waiting_queries.h).
//
//   "jane@example.com", "+49 30 1234-567", "4111 1111 1111 1111", "12.03.1984"   -> true
//   "iphone 14 128 gb", "lamp under 50"                                          -> false
//
// Thread safety: pure function.

#ifndef ATTUNE_SEARCH_PERSONAL_TEXT_H_
#define ATTUNE_SEARCH_PERSONAL_TEXT_H_

#include <string_view>

namespace attune::search {

bool LooksPersonal(std::string_view text);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_PERSONAL_TEXT_H_
