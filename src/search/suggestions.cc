#include "search/suggestions.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/utf8.h"
#include "features/decayed_value.h"
#include "search/analytics_limits.h"
#include "search/query_text.h"
#include "search/spelling.h"
#include "text/edit_distance.h"

namespace attune::search {
namespace {

// As in queries (query_words.h): letters from which one error is forgiven, and two.
constexpr size_t kOneTypoLetters = 4;
constexpr size_t kTwoTypoLetters = 8;
// What a query is worth that was last wanted long ago.
constexpr double kLeastDemand = 0.01;

std::vector<std::string_view> WordsOf(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

void AppendEscaped(std::string_view text, std::string& html) {
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
}

// Bytes of `word` that are spelled like the longest of `typed` that it begins with.
size_t TypedBytes(std::string_view word, const std::vector<std::string_view>& typed) {
  const std::string normal = NormalQuery(word);
  std::string_view longest;
  for (const std::string_view one : typed) {
    if (one.size() > longest.size() && normal.starts_with(one)) longest = one;
  }
  if (longest.empty()) return 0;
  size_t bytes = 0;
  while (bytes < word.size()) {
    bytes += std::max<size_t>(1, Utf8SequenceLength(word.substr(bytes)));
    if (NormalQuery(word.substr(0, bytes)).size() >= longest.size()) break;
  }
  return std::min(bytes, word.size());
}

}  // namespace

Suggestions::Suggestions(std::vector<Suggestion> texts) : texts_(std::move(texts)) {
  std::sort(texts_.begin(), texts_.end(), [](const Suggestion& a, const Suggestion& b) {
    return std::tie(b.weight, a.normal, a.language) < std::tie(a.weight, b.normal, b.language);
  });
  for (uint32_t text = 0; text < texts_.size(); ++text) {
    const std::string& normal = texts_[text].normal;
    for (uint32_t offset = 0; offset < normal.size(); ++offset) {
      if (offset == 0 || normal[offset - 1] == ' ' || normal[offset - 1] == '-') {
        starts_.push_back({text, offset});
      }
    }
  }
  std::sort(starts_.begin(), starts_.end(), [this](const WordStart& a, const WordStart& b) {
    return std::tuple(From(a), a.text, a.offset) < std::tuple(From(b), b.text, b.offset);
  });
}

std::vector<const Suggestion*> Suggestions::Find(std::string_view typed, std::string_view language,
                                                 size_t limit) const {
  const auto is_asked = [&](const Suggestion& one) {
    return language.empty() || one.language.empty() || one.language == language;
  };
  if (typed.empty()) {
    std::vector<const Suggestion*> best;
    for (const Suggestion& one : texts_) {
      if (best.size() == limit) break;
      if (is_asked(one)) best.push_back(&one);
    }
    return best;
  }
  std::vector<Fit> fits;
  FindPrefixes(typed, language, fits);
  absl::flat_hash_set<uint32_t> found;
  for (const Fit& fit : fits) {
    if (found.size() < limit) found.insert(fit.text);
  }
  if (found.size() < limit) FindMistyped(typed, language, fits);
  return Best(std::move(fits), limit);
}

void Suggestions::FindPrefixes(std::string_view typed, std::string_view language,
                               std::vector<Fit>& fits) const {
  auto at = std::lower_bound(
      starts_.begin(), starts_.end(), typed,
      [this](const WordStart& start, std::string_view wanted) { return From(start) < wanted; });
  for (; at != starts_.end() && From(*at).starts_with(typed); ++at) {
    const Suggestion& one = texts_[at->text];
    if (!language.empty() && !one.language.empty() && one.language != language) continue;
    fits.push_back({at->text, 0, at->offset == 0 ? kWholePrefix * one.weight : one.weight});
  }
}

void Suggestions::FindMistyped(std::string_view typed, std::string_view language,
                               std::vector<Fit>& fits) const {
  const size_t letters = CharactersOf(typed).size();
  if (letters < kOneTypoLetters) return;
  const int edits_max = letters < kTwoTypoLetters ? 1 : 2;
  const std::string_view first = typed.substr(0, std::max<size_t>(1, Utf8SequenceLength(typed)));
  auto at = std::lower_bound(
      starts_.begin(), starts_.end(), first,
      [this](const WordStart& start, std::string_view wanted) { return From(start) < wanted; });
  for (size_t compared = 0; at != starts_.end() && compared < kComparedMax; ++at, ++compared) {
    const std::string_view from = From(*at);
    if (!from.starts_with(first)) break;
    const Suggestion& one = texts_[at->text];
    if (!language.empty() && !one.language.empty() && one.language != language) continue;
    // The prefix that is compared is at most so much longer than what was typed.
    const std::string_view head = Utf8Prefix(from, typed.size() + size_t{8});
    const int edits = text::PrefixEditDistance(typed, head, edits_max);
    if (edits == 0 || edits > edits_max) continue;
    fits.push_back({at->text, edits, at->offset == 0 ? kWholePrefix * one.weight : one.weight});
  }
}

std::vector<const Suggestion*> Suggestions::Best(std::vector<Fit> fits, size_t limit) const {
  const auto is_better = [](const Fit& a, const Fit& b) {
    return std::tie(a.edits, b.worth, a.text) < std::tie(b.edits, a.worth, b.text);
  };
  // A text fits at several of its words.
  constexpr size_t kFitsPerText = 8;
  const size_t kept = std::min(fits.size(), limit * kFitsPerText);
  std::partial_sort(fits.begin(), fits.begin() + static_cast<std::ptrdiff_t>(kept), fits.end(), is_better);
  std::vector<const Suggestion*> best;
  for (size_t i = 0; i < kept && best.size() < limit; ++i) {
    const Suggestion* const one = &texts_[fits[i].text];
    if (std::find(best.begin(), best.end(), one) == best.end()) best.push_back(one);
  }
  return best;
}

std::vector<Suggestion> SuggestedQueries(const SearchAnalytics& analytics, std::string_view language,
                                         int64_t now_ms) {
  std::vector<Suggestion> all;
  for (const auto& [number, query] : analytics.queries()) {
    if (!query.IsShown() || !query.last_found) continue;
    for (const auto& [spoken, demand] : query.demand) {
      const double weight = features::ValueAt(demand, now_ms, kDemandHalfLifeMs);
      if (weight < kLeastDemand) continue;
      all.push_back({query.spelling(), query.text, spoken.empty() ? std::string(language) : spoken, weight});
    }
  }
  if (all.size() <= kSuggestedQueriesMax) return all;
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(kSuggestedQueriesMax);
  std::nth_element(all.begin(), end, all.end(), [](const Suggestion& a, const Suggestion& b) {
    return std::tie(b.weight, a.normal) < std::tie(a.weight, b.normal);
  });
  all.erase(end, all.end());
  return all;
}

std::string MarkTyped(std::string_view text, std::string_view typed) {
  const std::vector<std::string_view> words_typed = WordsOf(typed);
  std::string html;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    const size_t bytes = TypedBytes(word, words_typed);
    if (bytes > 0) {
      html += "<em>";
      AppendEscaped(word.substr(0, bytes), html);
      html += "</em>";
    }
    AppendEscaped(word.substr(bytes), html);
    if (end < text.size()) html += ' ';
    at = end + 1;
  }
  return html;
}

}  // namespace attune::search
