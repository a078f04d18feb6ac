#include "search/query_words.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/utf8.h"
#include "search/exact_name.h"
#include "search/limits.h"
#include "search/scoring.h"
#include "search/spelling.h"
#include "text/codes.h"

namespace attune::search {
namespace {

// What an alternative is worth beside the word itself.
constexpr float kJoinedWeight = 0.9F;
constexpr float kSplitWeight = 0.8F;
constexpr float kSynonymWeight = 0.9F;
constexpr float kPrefixWeight = 0.7F;
constexpr float kOneEditWeight = 0.6F;
constexpr float kTwoEditsWeight = 0.4F;
// A known word is corrected only to one that is this many times as frequent.
constexpr uint32_t kRareTimes = 20;
// Parts of a word that is split: shorter ones are found in everything.
constexpr size_t kSplitBytesMin = 2;
// An id that stands among other words: shorter ones are numbers of something else.
constexpr size_t kIdBytesMin = 4;
constexpr uint64_t kNoName = 0;

bool HasDigit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char letter) { return letter >= '0' && letter <= '9'; });
}

class QueryReading {
 public:
  QueryReading(const SearchIndex& index, const QueryOptions& options) : index_(index), options_(options) {}

  QueryWords Read(std::string_view text, const std::vector<text::Token>& tokens) {
    TakeNames(text, tokens);
    TakeWholes(tokens);
    TakeParts(tokens);
    for (uint32_t i = 0; i < query_.words.size(); ++i) {
      AddExact(i);
      AddId(i);
      if (i + 1 < query_.words.size()) AddJoined(i);
      if (options_.synonyms != nullptr) AddSynonyms(i);
    }
    if (!query_.words.empty()) AddPrefixes(static_cast<uint32_t>(query_.words.size()) - 1);
    for (uint32_t i = 0; i < query_.words.size(); ++i) {
      AddTypos(i);
      AddSplit(i);
      Weigh(query_.words[i]);
    }
    return std::move(query_);
  }

 private:
  struct Place {
    text::Token token;
    bool is_known = false;               // Some alternative is right as it was typed.
    uint32_t documents_with_prefix = 0;  // Of the most frequent word that it begins.
  };

  void TakeNames(std::string_view text, const std::vector<text::Token>& tokens) {
    const std::string joined = text::JoinedCode(text);
    if (!joined.empty()) query_.id_name = HashName(NameKind::kId, joined);
    const std::string spelled = SpelledOut(tokens);
    if (spelled.empty()) return;
    query_.title_name = HashName(NameKind::kTitle, spelled);
    query_.brand_name = HashName(NameKind::kBrand, spelled);
  }

  void TakeWholes(const std::vector<text::Token>& tokens) {
    bool has_meaning = false;
    for (const text::Token& token : tokens) {
      if (token.role != text::TokenRole::kWhole || query_.words.size() == kQueryWordsMax) continue;
      query_.words.push_back({token.surface, token.is_stop_word, {}, 0});
      places_.push_back({token});
      has_meaning = has_meaning || !token.is_stop_word;
    }
    if (has_meaning) return;
    for (QueryWord& word : query_.words) word.is_optional = false;
  }

  // Joined tokens cover what lies within their place; parts of one token stand for it together.
  void TakeParts(const std::vector<text::Token>& tokens) {
    for (const text::Token& token : tokens) {
      if (token.role == text::TokenRole::kJoined) {
        uint32_t covers = 0;
        uint32_t first = kQueryWordsMax;
        for (uint32_t i = 0; i < places_.size(); ++i) {
          const text::Token& whole = places_[i].token;
          if (whole.begin < token.begin || whole.end > token.end) continue;
          covers |= 1u << i;
          first = std::min(first, i);
        }
        if (covers != 0)
          AddTerm(first, AlternativeKind::kJoined, token.surface, token.term, kJoinedWeight, covers);
      }
    }
    for (uint32_t i = 0; i < places_.size(); ++i) {
      Alternative split = {AlternativeKind::kSplit, {}, kNoName, kSplitWeight, 1u << i, 0, {}};
      for (const text::Token& token : tokens) {
        if (token.position != places_[i].token.position) continue;
        if (token.role != text::TokenRole::kCodePart && token.role != text::TokenRole::kCompoundPart)
          continue;
        split.terms.push_back(index_.words().Find(token.term));
        if (!split.text.empty()) split.text += ' ';
        split.text += token.surface;
      }
      AddTogether(i, std::move(split));
    }
  }

  uint32_t DocumentsWithTerm(uint32_t term) const {
    return term == Lexicon::kNone ? 0 : index_.RecordOf(term).documents_with_term;
  }

  void Add(uint32_t word, Alternative alternative) {
    if (alternative.documents == 0) return;
    for (Alternative& known : query_.words[word].alternatives) {
      if (known.kind == AlternativeKind::kId || known.terms != alternative.terms) continue;
      known.weight = std::max(known.weight, alternative.weight);
      known.covers |= alternative.covers;
      return;
    }
    query_.words[word].alternatives.push_back(std::move(alternative));
  }

  void AddTerm(uint32_t word, AlternativeKind kind, std::string_view text, std::string_view term,
               float weight, uint32_t covers) {
    const uint32_t number = index_.words().Find(term);
    Add(word, {kind, {number}, kNoName, weight, covers, DocumentsWithTerm(number), std::string(text)});
  }

  // All terms of the alternative, in one document.
  void AddTogether(uint32_t word, Alternative split) {
    if (split.terms.size() < 2) return;
    std::sort(split.terms.begin(), split.terms.end());
    split.terms.erase(std::unique(split.terms.begin(), split.terms.end()), split.terms.end());
    split.documents = DocumentsWithTerm(split.terms.front());
    for (const uint32_t term : split.terms)
      split.documents = std::min(split.documents, DocumentsWithTerm(term));
    if (split.documents > 0) places_[word].is_known = true;
    Add(word, std::move(split));
  }

  void AddExact(uint32_t word) {
    const text::Token& token = places_[word].token;
    AddTerm(word, AlternativeKind::kExact, token.surface, token.term, 1, 1u << word);
    if (DocumentsWithTerm(index_.words().Find(token.term)) > 0) places_[word].is_known = true;
  }

  void AddId(uint32_t word) {
    const std::string& text = query_.words[word].text;
    if (text.size() < kIdBytesMin || !HasDigit(text)) return;
    const uint64_t name = HashName(NameKind::kId, text::JoinedCode(text));
    uint32_t count = 0;
    for (const SearchIndex::Part& part : index_.parts()) {
      part.segment->ForEachNamed(name, [&](uint32_t document) { count += part.Lives(document) ? 1 : 0; });
    }
    if (count == 0) return;
    places_[word].is_known = true;
    query_.words[word].alternatives.push_back({AlternativeKind::kId, {}, name, 1, 1u << word, count, text});
  }

  // "t light" may be written "tlight"; its term is that of the joined word.
  void AddJoined(uint32_t word) {
    const std::string joined = query_.words[word].text + query_.words[word + 1].text;
    const uint32_t number = index_.words().Find(joined);
    if (number == Lexicon::kNone || index_.RecordOf(number).documents_with_word == 0) return;
    const uint32_t term = index_.RecordOf(number).term;
    const uint32_t covers = 3u << word;
    Add(word,
        {AlternativeKind::kJoined, {term}, kNoName, kJoinedWeight, covers, DocumentsWithTerm(term), joined});
    places_[word].is_known = places_[word + 1].is_known = true;
  }

  // Of the word, and of it with those behind it.
  void AddSynonyms(uint32_t word) {
    std::string terms;
    uint32_t covers = 0;
    for (uint32_t i = word; i < std::min<size_t>(query_.words.size(), word + Synonyms::kWordsMax); ++i) {
      terms += (terms.empty() ? "" : " ") + places_[i].token.term;
      covers |= 1u << i;
      for (const Synonyms::Replacement& replacement : options_.synonyms->Find(terms)) {
        Alternative synonym = {AlternativeKind::kSynonym, {}, kNoName, kSynonymWeight, covers, 0,
                               replacement.text};
        uint32_t documents = index_.document_count();
        for (const std::string& term : replacement.terms) {
          synonym.terms.push_back(index_.words().Find(term));
          documents = std::min(documents, DocumentsWithTerm(synonym.terms.back()));
        }
        if (documents == 0) continue;
        std::sort(synonym.terms.begin(), synonym.terms.end());
        synonym.documents = documents;
        for (uint32_t covered = word; covered <= i; ++covered) places_[covered].is_known = true;
        Add(word, std::move(synonym));
      }
    }
  }

  void AddPrefixes(uint32_t word) {
    if (options_.prefix == PrefixUse::kNever) return;
    if (options_.prefix == PrefixUse::kUnknownWord && places_[word].is_known) return;
    const std::string& prefix = query_.words[word].text;
    std::vector<std::pair<uint32_t, uint32_t>> found;  // Documents, word.
    index_.words().ForEachWithPrefix(prefix, [&](uint32_t longer) {
      const uint32_t documents = index_.RecordOf(longer).documents_with_word;
      if (documents > 0) found.emplace_back(documents, longer);
      return true;
    });
    AddWords(word, found, kPrefixWordsMax, AlternativeKind::kPrefix, kPrefixWeight);
    if (!found.empty()) places_[word].documents_with_prefix = found.front().first;
  }

  // The most frequent first; the order of equals is that of their letters.
  void AddWords(uint32_t word, std::vector<std::pair<uint32_t, uint32_t>>& found, size_t count_max,
                AlternativeKind kind, float weight) {
    const Lexicon& words = index_.words();
    const size_t count = std::min(count_max, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<ptrdiff_t>(count), found.end(),
                      [&](const auto& a, const auto& b) {
                        if (a.first != b.first) return a.first > b.first;
                        return words.TextOf(a.second) < words.TextOf(b.second);
                      });
    found.resize(count);
    for (const auto& [documents, other] : found) {
      const uint32_t term = index_.RecordOf(other).term;
      Add(word, {kind,
                 {term},
                 kNoName,
                 weight,
                 1u << word,
                 DocumentsWithTerm(term),
                 std::string(words.TextOf(other))});
    }
  }

  void AddTypos(uint32_t word) {
    const text::Token& token = places_[word].token;
    if (!options_.forgives_typos || token.kind != text::WordKind::kWord || token.is_stop_word) return;
    const size_t letters = CharactersOf(token.surface).size();
    if (letters < kOneTypoLetters) return;
    const bool is_known = places_[word].is_known;
    uint32_t documents_min = 1;
    if (is_known) {
      documents_min = DocumentsWithTerm(index_.words().Find(token.term));
      if (documents_min == 0) return;  // Known as something else: two words.
      documents_min *= kRareTimes;
    } else if (options_.prefix == PrefixUse::kAlways) {
      documents_min = std::max(1u, places_[word].documents_with_prefix * kRareTimes);  // It may go on.
    }
    if (documents_min > index_.document_count()) return;
    const int edits_max = !is_known && letters >= kTwoTyposLetters ? 2 : 1;
    std::vector<std::pair<uint32_t, uint32_t>> found;
    int fewest = edits_max + 1;
    for (const auto& [other, edits] : index_.words().FindNear(token.surface, edits_max)) {
      const uint32_t documents = index_.RecordOf(other).documents_with_word;
      if (documents < documents_min || edits > fewest) continue;
      if (edits < fewest) found.clear();
      fewest = edits;
      found.emplace_back(documents, other);
    }
    AddWords(word, found, kTypoWordsMax, AlternativeKind::kTypo,
             fewest == 1 ? kOneEditWeight : kTwoEditsWeight);
  }

  // Two words written as one; only when nothing is known of it as it was typed.
  void AddSplit(uint32_t word) {
    const std::string text = query_.words[word].text;
    if (places_[word].is_known || places_[word].token.kind != text::WordKind::kWord) return;
    Alternative best;
    for (size_t at = kSplitBytesMin; at + kSplitBytesMin <= text.size(); ++at) {
      const uint32_t left = index_.words().Find(std::string_view(text).substr(0, at));
      if (left == Lexicon::kNone || index_.RecordOf(left).documents_with_word == 0) continue;
      const uint32_t right = index_.words().Find(std::string_view(text).substr(at));
      if (right == Lexicon::kNone || index_.RecordOf(right).documents_with_word == 0) continue;
      const uint32_t documents =
          std::min(index_.RecordOf(left).documents_with_word, index_.RecordOf(right).documents_with_word);
      if (documents <= best.documents) continue;
      best = {AlternativeKind::kSplit,
              {index_.RecordOf(left).term, index_.RecordOf(right).term},
              kNoName,
              kSplitWeight,
              1u << word,
              documents,
              text.substr(0, at) + " " + text.substr(at)};
    }
    AddTogether(word, std::move(best));
  }

  // The best alternative is what the word means, however it was found: it counts as much as the other words.
  void Weigh(QueryWord& word) const {
    uint32_t documents = 0;
    float best = 0;
    for (const Alternative& alternative : word.alternatives) {
      documents = std::max(documents, alternative.documents);
      best = std::max(best, alternative.weight);
    }
    for (Alternative& alternative : word.alternatives) alternative.weight /= best;
    word.idf = Scoring::Idf(index_.document_count(), documents);
  }

  const SearchIndex& index_;
  const QueryOptions& options_;
  QueryWords query_;
  std::vector<Place> places_;  // One per word.
};

}  // namespace

std::string_view AlternativeKindName(AlternativeKind kind) {
  switch (kind) {
    case AlternativeKind::kExact:
      return "exact";
    case AlternativeKind::kPrefix:
      return "prefix";
    case AlternativeKind::kTypo:
      return "typo";
    case AlternativeKind::kJoined:
      return "joined";
    case AlternativeKind::kSplit:
      return "split";
    case AlternativeKind::kId:
      return "id";
    case AlternativeKind::kSynonym:
      return "synonym";
  }
  return "";
}

uint32_t QueryWords::required() const {
  uint32_t bits = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    if (!words[i].is_optional) bits |= 1u << i;
  }
  return bits;
}

std::string CorrectedText(const QueryWords& query) {
  std::string text;
  bool is_corrected = false;
  for (const QueryWord& word : query.words) {
    const auto best =
        std::max_element(word.alternatives.begin(), word.alternatives.end(),
                         [](const Alternative& a, const Alternative& b) { return a.weight < b.weight; });
    const bool is_typo =
        best != word.alternatives.end() &&
        std::all_of(word.alternatives.begin(), word.alternatives.end(), [](const Alternative& alternative) {
          return alternative.kind == AlternativeKind::kTypo;
        });
    text += (text.empty() ? "" : " ") + (is_typo ? best->text : word.text);
    is_corrected = is_corrected || is_typo;
  }
  return is_corrected ? text : std::string();
}

QueryWords ReadQuery(std::string_view text, const text::Analyzer& analyzer, const SearchIndex& index,
                     const QueryOptions& options) {
  text = Utf8Prefix(text, kQueryBytesMax);
  return ReadQuery(text, analyzer.Analyze(text), index, options);
}

QueryWords ReadQuery(std::string_view text, const std::vector<text::Token>& tokens, const SearchIndex& index,
                     const QueryOptions& options) {
  return QueryReading(index, options).Read(text, tokens);
}

}  // namespace attune::search
