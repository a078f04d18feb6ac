#include "search/highlight.h"

#include <algorithm>

#include "base/utf8.h"
#include "search/limits.h"

namespace attune::search {
namespace {

constexpr std::string_view kCut = "…";

void AppendEscaped(std::string_view text, std::string& out) {
  for (const char letter : text) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += letter;
    }
  }
}

// The places lie within the text.
template <class Places>
std::string MarkPlaces(std::string_view text, size_t begin, size_t end, const Places& places) {
  std::string out;
  size_t at = begin;
  for (const auto& place : places) {
    if (place.begin < begin || place.end > end) continue;
    AppendEscaped(text.substr(at, place.begin - at), out);
    out += "<em>";
    AppendEscaped(text.substr(place.begin, place.end - place.begin), out);
    out += "</em>";
    at = place.end;
  }
  AppendEscaped(text.substr(at, end - at), out);
  return out;
}

// The nearest begin of a word at or behind `at`; `at` itself when there is none near.
size_t WordBeginFrom(std::string_view text, size_t at, size_t until) {
  if (at == 0) return 0;
  const size_t space = text.find(' ', at);
  return space < until ? space + 1 : at;
}

}  // namespace

Highlighter::Highlighter(const QueryWords& query, const LocaleIndex& texts) : texts_(texts) {
  for (const QueryWord& word : query.words) {
    for (const Alternative& alternative : word.alternatives) {
      terms_.insert(alternative.terms.begin(), alternative.terms.end());
    }
  }
  terms_.erase(Lexicon::kNone);
}

std::vector<Highlighter::Place> Highlighter::Find(std::string_view text) const {
  std::vector<Place> places;
  if (terms_.empty()) return places;
  for (const text::Token& token : texts_.analyzer->Analyze(text)) {
    const uint32_t term = texts_.index->words().Find(token.term);
    if (term == Lexicon::kNone || !terms_.contains(term)) continue;
    places.push_back({token.begin, token.end, term});
  }
  // Parts and joined words lie over each other.
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<Place> apart;
  for (const Place& place : places) {
    if (!apart.empty() && place.begin < apart.back().end) {
      apart.back().end = std::max(apart.back().end, place.end);
    } else {
      apart.push_back(place);
    }
  }
  return apart;
}

std::string Highlighter::Mark(std::string_view text) const {
  return MarkPlaces(text, 0, text.size(), Find(text));
}

std::string Highlighter::Snippet(std::string_view text) const {
  const std::vector<Place> places = Find(text);
  size_t first = 0;
  size_t most = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    absl::flat_hash_set<uint32_t> terms;
    for (size_t j = i; j < places.size() && places[j].end - places[i].begin <= kSnippetBytes; ++j) {
      terms.insert(places[j].term);
    }
    if (terms.size() <= most) continue;
    most = terms.size();
    first = i;
  }
  size_t begin = 0;
  if (!places.empty() && places[first].begin > kSnippetLeadBytes && text.size() > kSnippetBytes) {
    begin = Utf8Prefix(text, places[first].begin - kSnippetLeadBytes).size();
    begin = WordBeginFrom(text, begin, places[first].begin);
  }
  size_t end = begin + Utf8Prefix(text.substr(begin), kSnippetBytes).size();
  if (end < text.size()) {
    const size_t space = text.substr(begin, end - begin).find_last_of(' ');
    if (space != std::string_view::npos && begin + space > begin + kSnippetBytes / 2) end = begin + space;
  }
  std::string out(begin > 0 ? kCut : "");
  out += MarkPlaces(text, begin, end, places);
  if (end < text.size()) out += kCut;
  return out;
}

}  // namespace attune::search
