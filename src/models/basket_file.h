// The two JSON files of the next-basket benchmark: what shoppers bought, basket by basket.
//
//   {"17850": [[-1], [3, 17, 4], [3, 9], [-1]], "13047": ...}
//
// A list per user, oldest basket first, between two [-1] that mark its ends (the form of Li et al., "A Next
// Basket Recommendation Reality Check", TOIS 2023).  Items are numbers; a basket names an item once.
//
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_BASKET_FILE_H_
#define ATTUNE_MODELS_BASKET_FILE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::models {

using Basket = std::vector<uint32_t>;  // Ascending, each once.
// By user; ordered, so that nothing depends on the order of the file.
using BasketsByUser = std::map<std::string, std::vector<Basket>, std::less<>>;

// kInvalidArgument names the user of what cannot be read, in `field`; `name` says which file.
Result<BasketsByUser> ReadBasketFile(std::string_view json, std::string_view name);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_BASKET_FILE_H_
