#include "decisions/rule.h"

#include <iterator>

namespace attune::decisions {
namespace {

constexpr std::string_view kTouchpointNames[] = {"search", "browse", "recommendations"};
constexpr std::string_view kActionNames[] = {"pin",     "list",   "boost",         "bury",     "hide",
                                             "include", "filter", "replace_query", "redirect", "banner"};

}  // namespace

std::string_view TouchpointName(Touchpoint touchpoint) {
  return kTouchpointNames[static_cast<size_t>(touchpoint)];
}

std::optional<Touchpoint> ParseTouchpoint(std::string_view name) {
  for (size_t i = 0; i < std::size(kTouchpointNames); ++i) {
    if (kTouchpointNames[i] == name) return static_cast<Touchpoint>(i);
  }
  return std::nullopt;
}

std::string_view ActionName(RuleAction::Kind kind) { return kActionNames[static_cast<size_t>(kind)]; }

std::optional<RuleAction::Kind> ParseAction(std::string_view name) {
  for (size_t i = 0; i < std::size(kActionNames); ++i) {
    if (kActionNames[i] == name) return static_cast<RuleAction::Kind>(i);
  }
  return std::nullopt;
}

bool MatchesPattern(std::string_view pattern, std::string_view text) {
  // The last '*' may stand for more whenever what follows it does not fit.
  size_t star = std::string_view::npos;
  size_t star_text = 0;
  size_t at = 0;
  size_t text_at = 0;
  while (text_at < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      star_text = text_at;
    } else if (at < pattern.size() && pattern[at] == text[text_at]) {
      ++at;
      ++text_at;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      text_at = ++star_text;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace attune::decisions
