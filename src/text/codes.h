// Article numbers and other names that are made of letters and digits: "TN-2110", "L 77 B", "iphone7".
//
// Everybody writes them in another way, so they are compared joined ("tn2110"), and their parts ("tn",
// "2110") are known too.  They are never stemmed, and typing errors in them are never forgiven: another
// digit is another thing.
//
// Thread safety: pure functions.

#ifndef ATTUNE_TEXT_CODES_H_
#define ATTUNE_TEXT_CODES_H_

#include <string>
#include <string_view>
#include <vector>

namespace attune::text {

// Its letters and digits, folded: "TN-2110 / B" -> "tn2110b".  A decimal point stays, or 1.5 l would be 15
// l: "1,5l" -> "1.5l".
std::string JoinedCode(std::string_view code);

// Its runs of letters and of digits, folded: "TN-2110b" -> "tn", "2110", "b".  A decimal point stays:
// "2,4GHz" -> "2.4", "ghz".
std::vector<std::string> CodeParts(std::string_view code);

}  // namespace attune::text

#endif  // ATTUNE_TEXT_CODES_H_
