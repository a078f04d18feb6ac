// Scenarios: text files that tell a story of requests and answers, and the program that plays them.
//
//   # A new shop has an answer with its first product.
//   > PUT /v1/products/p1
//   {"title":"Desk lamp","price":24.90}
//   < 201
//   {"product_id":"p1"}
//
//   advance 5m
//
//   # A shopper's browser asks.
//   > POST /v1/recommendations as browser
//   origin: https://shop.example
//   {"placement":"home_trending"}
//   < 200
//   ...
//
// Blocks are parted by empty lines.  A block is a comment, or one of
//
//   advance 90s | 5m | 2h | 3d     moves the clock
//   reopen                         stops the server and starts it again
//   train                          trains and publishes a generation
//   > METHOD PATH [as KEY]         a request (keys: golden_shop.h; "nobody" sends none; else "server"), its
//                                  headers, its body, and after "<" the answer
//
// In requests `$decision2` is the second decision id that was answered, and `$identity(c1)` a token that
// proves c1. Decision ids are written as `$decision1` in answers too, so that files change only when meaning
// does; the bytes themselves are in Play::transcript.  JSON is laid out by width, which changes no value.
//
// Thread safety: pure functions and value types.

#ifndef ATTUNE_TESTS_GOLDEN_SCENARIO_H_
#define ATTUNE_TESTS_GOLDEN_SCENARIO_H_

#include <string>
#include <string_view>

#include "base/status.h"
#include "golden/golden_shop.h"

namespace attune::golden {

struct Play {
  std::string text;        // The scenario with the answers that came.
  std::string transcript;  // All bytes of all answers.
};

// Fails with kInvalidArgument and the line when the scenario cannot be read.
Result<Play> PlayScenario(std::string_view scenario, GoldenShop& shop);

// JSON with a line per member where it would be wider than kAnswerColumns, but for lists of numbers and
// texts. Text that is no JSON is unchanged.
inline constexpr size_t kAnswerColumns = 108;
std::string LayOutJson(std::string_view json);

}  // namespace attune::golden

#endif  // ATTUNE_TESTS_GOLDEN_SCENARIO_H_
