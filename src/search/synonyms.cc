#include "search/synonyms.h"

#include <algorithm>
#include <utility>

#include "search/exact_name.h"

namespace attune::search {
namespace {

std::vector<std::string> TermsOf(const std::vector<text::Token>& tokens) {
  std::vector<std::string> terms;
  for (const text::Token& token : tokens) {
    if (token.role == text::TokenRole::kWhole) terms.push_back(token.term);
  }
  return terms;
}

}  // namespace

Synonyms::Synonyms(const std::vector<SynonymRule>& rules, const text::Analyzer& analyzer) {
  for (const SynonymRule& rule : rules) {
    for (const std::string& from : rule.from) {
      for (const std::string& to : rule.to.empty() ? rule.from : rule.to) Add(from, to, analyzer);
    }
  }
}

void Synonyms::Add(const std::string& from, const std::string& to, const text::Analyzer& analyzer) {
  const std::vector<std::string> words = TermsOf(analyzer.Analyze(from));
  const std::vector<text::Token> tokens = analyzer.Analyze(to);
  Replacement replacement = {SpelledOut(tokens), TermsOf(tokens)};
  if (words.empty() || words.size() > kWordsMax) return;
  if (replacement.terms.empty() || replacement.terms.size() > kWordsMax || replacement.terms == words) return;
  std::sort(replacement.terms.begin(), replacement.terms.end());
  replacement.terms.erase(std::unique(replacement.terms.begin(), replacement.terms.end()),
                          replacement.terms.end());
  std::string key;
  for (const std::string& word : words) key += (key.empty() ? "" : " ") + word;
  replacements_[key].push_back(std::move(replacement));
}

std::span<const Synonyms::Replacement> Synonyms::Find(std::string_view terms) const {
  const auto place = replacements_.find(std::string(terms));
  if (place == replacements_.end()) return {};
  return place->second;
}

}  // namespace attune::search
