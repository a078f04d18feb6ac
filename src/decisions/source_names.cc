#include "decisions/source_names.h"

#include <iterator>

namespace attune::decisions {
namespace {

// The place is the number on disk: never change one, only add at the end.
constexpr std::string_view kNames[] = {
    "",
    kAlsoViewed,
    kViewedNext,
    kBoughtAfter,
    kBoughtTogether,
    kContentSimilar,
    kForShoppersLikeYou,
    kBestsellers,
    kTrending,
    kNewest,
    kBuyAgain,
    kRecentlyViewed,
    kEditorial,
    "fallback/session_context",
    "fallback/category",
    "fallback/editorial",
    "fallback/bestsellers",
    "fallback/newest",
    kOwnFrequency,
    kAlsoBought,
    kSessionNext,
    kHistoryNext,
    kDeclared,
    kOnSale,
    kLooksAlike,
};

}  // namespace

uint8_t SourceNumber(std::string_view name) {
  if (name.empty()) return 0;
  for (size_t i = 1; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<uint8_t>(i);
  }
  return 0;
}

std::string_view SourceName(uint8_t number) { return number < std::size(kNames) ? kNames[number] : ""; }

}  // namespace attune::decisions
