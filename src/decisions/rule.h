// A merchandising rule: what the shop wants done with a slate or a page of hits, and when.
//
//   when   touchpoints, query, categories, segment, placements, from, until: all that are named must hold
//   then   pin        products stand at a position, in the order named
//          list       a curated list stands first; what cannot be shown is passed over
//          boost      scores of products are multiplied by a factor above 1
//          bury       ... by a factor below 1
//          hide       products are not shown
//          include    products are candidates although nothing else names them
//          filter     only products that match are shown
//          replace_query, redirect, banner   for who renders the answer
//
// One set of rules serves search, browse and recommendations (decisions/choose_rules.h).
//
// Thread safety: value types; rules of a set are const.

#ifndef ATTUNE_DECISIONS_RULE_H_
#define ATTUNE_DECISIONS_RULE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expressions/expression.h"

namespace attune::decisions {

// Where a shopper is served.  Browse is a category page: hits without a query.
enum class Touchpoint : uint8_t { kSearch, kBrowse, kRecommendations };

std::string_view TouchpointName(Touchpoint touchpoint);
std::optional<Touchpoint> ParseTouchpoint(std::string_view name);

// Alternatives; none at all: the query does not matter.  Words are those of decisions/query_words.h.
struct QueryCondition {
  bool is_any = false;                             // Any query with a word in it.
  std::vector<std::vector<std::string>> exact;     // The words of the query, all and in this order.
  std::vector<std::vector<std::string>> contains;  // Words that are all in the query, in any order.

  bool is_empty() const { return !is_any && exact.empty() && contains.empty(); }
};

// A moment as it was written: with an offset it is one of the world, without one it is what the store's
// clocks show.
struct RuleMoment {
  int64_t ms = 0;
  bool is_local = false;
};

struct RuleCondition {
  std::vector<Touchpoint> touchpoints;  // Empty: all.
  QueryCondition query;
  std::vector<std::vector<std::string>> categories;  // Each from broad to narrow; its own ones included.
  std::string segment;                               // As written (features/shopper_field_source.h).
  std::shared_ptr<const expressions::Expression> parsed_segment;  // Null: none.
  std::vector<std::string> placements;                            // Ids; '*' stands for any characters.
  std::optional<RuleMoment> from;
  std::optional<RuleMoment> until;  // Not included.
};

// What a banner shows; the shop's page gives it its look.
struct Banner {
  std::string title;
  std::string text;
  std::string image;
  std::string url;

  friend bool operator==(const Banner&, const Banner&) = default;
};

struct RuleAction {
  enum class Kind : uint8_t {
    kPin,
    kList,
    kBoost,
    kBury,
    kHide,
    kInclude,
    kFilter,
    kReplaceQuery,
    kRedirect,
    kBanner,
  };
  Kind kind = Kind::kPin;

  // What it is about: exactly one of the three, where the kind is about products.
  std::vector<std::string> product_ids;
  std::string list;
  std::string filter;                                            // As written.
  std::shared_ptr<const expressions::Expression> parsed_filter;  // Null: none.

  uint32_t position = 0;  // kPin: of the first product, from 0.
  double factor = 1;      // kBoost, kBury.
  std::string query;      // kReplaceQuery.
  std::string url;        // kRedirect.
  Banner banner;          // kBanner.
};

std::string_view ActionName(RuleAction::Kind kind);
std::optional<RuleAction::Kind> ParseAction(std::string_view name);

struct Rule {
  std::string id;
  std::string title;  // For people.
  bool is_enabled = true;
  int priority = 0;  // Larger goes first; equal ones in the order of their ids.
  RuleCondition condition;
  std::vector<RuleAction> actions;
};

// Products that people chose, in their order.
struct CuratedList {
  std::string id;
  std::string title;
  std::vector<std::string> product_ids;
};

// "home_*" matches "home_for_you"; without a '*' the whole text.
bool MatchesPattern(std::string_view pattern, std::string_view text);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RULE_H_
