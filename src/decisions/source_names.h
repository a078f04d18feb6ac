// The candidate sources that attune knows by name, and the numbers under which decision records keep them.
//
// A source with another name works all the same; records spell its name out.
//
// Thread safety: pure functions.

#ifndef ATTUNE_DECISIONS_SOURCE_NAMES_H_
#define ATTUNE_DECISIONS_SOURCE_NAMES_H_

#include <cstdint>
#include <string_view>

namespace attune::decisions {

inline constexpr std::string_view kAlsoViewed = "also_viewed";
inline constexpr std::string_view kViewedNext = "viewed_next";
inline constexpr std::string_view kBoughtAfter = "bought_after";
inline constexpr std::string_view kBoughtTogether = "bought_together";
inline constexpr std::string_view kContentSimilar = "content_similar";
inline constexpr std::string_view kForShoppersLikeYou = "for_shoppers_like_you";
inline constexpr std::string_view kBestsellers = "bestsellers";
inline constexpr std::string_view kTrending = "trending";
inline constexpr std::string_view kNewest = "newest";
inline constexpr std::string_view kAlsoBought = "also_bought";
inline constexpr std::string_view kBuyAgain = "buy_again";
inline constexpr std::string_view kOwnFrequency = "own_frequency";
inline constexpr std::string_view kSessionNext = "session_next";
inline constexpr std::string_view kHistoryNext = "history_next";
inline constexpr std::string_view kNextOrder = "next_order";  // Without a number: records spell it out.
inline constexpr std::string_view kDeclared = "declared_preferences";  // From the profile.
inline constexpr std::string_view kOnSale = "on_sale";                 // From the catalogue and the profile.
inline constexpr std::string_view kLooksAlike = "looks_alike";
inline constexpr std::string_view kRecentlyViewed = "recently_viewed";  // From the profile, not from a model.
inline constexpr std::string_view kEditorial = "editorial";             // From the placement's own list.

// What comes before the rung in the source of a product from the ladder: "fallback/bestsellers".
inline constexpr std::string_view kFallbackPrefix = "fallback/";
// And before the id in the source of a product that a merchandising rule put there: "rule/christmas".
inline constexpr std::string_view kRulePrefix = "rule/";

// 0 for a name without a number.
uint8_t SourceNumber(std::string_view name);
// Empty for a number without a name.
std::string_view SourceName(uint8_t number);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_SOURCE_NAMES_H_
