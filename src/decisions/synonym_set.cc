#include "decisions/synonym_set.h"

#include <simdjson.h>

#include <utility>

#include "decisions/json_fields.h"
#include "decisions/limits.h"
#include "decisions/setting_document.h"

namespace attune::decisions {
namespace {

using simdjson::dom::object;

Status ReadWords(const object& document, const std::string& key, std::vector<std::string>& out) {
  return ReadTexts(document, key, key, kSynonymWordsMax, kRuleQueryBytesMax, out);
}

}  // namespace

Result<Synonym> ParseSynonym(std::string_view id, std::string_view json) {
  simdjson::dom::parser parser;
  object document;
  RETURN_IF_ERROR(OpenSettingDocument(id, json, parser, document));
  Synonym synonym{.id = std::string(id), .locale = {}, .rule = {}};
  std::vector<std::string> words;
  std::string placeholder;
  RETURN_IF_ERROR(ReadText(document, "locale", "locale", kLocaleBytesMax, synonym.locale));
  RETURN_IF_ERROR(ReadWords(document, "words", words));
  RETURN_IF_ERROR(ReadWords(document, "from", synonym.rule.from));
  RETURN_IF_ERROR(ReadWords(document, "to", synonym.rule.to));
  RETURN_IF_ERROR(ReadText(document, "placeholder", "placeholder", kRuleQueryBytesMax, placeholder));
  if (words.empty()) {
    if (!placeholder.empty()) return InvalidArgument("expected the words that stand for it", "words");
    if (synonym.rule.from.empty()) return InvalidArgument("expected words, or from and to", "words");
    if (synonym.rule.to.empty()) return InvalidArgument("expected what is found as well", "to");
    return synonym;
  }
  if (!synonym.rule.from.empty()) return InvalidArgument("words are two-way; use from or words", "from");
  if (!synonym.rule.to.empty()) return InvalidArgument("words are two-way; use from and to", "to");
  if (placeholder.empty() && words.size() < 2) return InvalidArgument("at least two words", "words");
  synonym.rule.from = std::move(words);
  if (!placeholder.empty()) synonym.rule.to = {std::move(placeholder)};
  return synonym;
}

std::vector<const Synonym*> SynonymSet::All() const {
  std::vector<const Synonym*> all;
  for (const auto& [id, synonym] : synonyms_) all.push_back(synonym.get());
  return all;
}

std::vector<SynonymRule> SynonymSet::RulesFor(std::string_view locale) const {
  const std::string_view language = locale.substr(0, locale.find_first_of("-_"));
  std::vector<SynonymRule> rules;
  for (const auto& [id, synonym] : synonyms_) {
    const std::string& own = synonym->locale;
    if (own.empty() || own == locale || own == language) rules.push_back(synonym->rule);
  }
  return rules;
}

Result<std::shared_ptr<const SynonymSet>> SynonymSet::Put(Synonym synonym) const {
  auto next = std::make_shared<SynonymSet>(*this);
  std::string id = synonym.id;
  next->synonyms_[std::move(id)] = std::make_shared<const Synonym>(std::move(synonym));
  if (next->synonyms_.size() > kSynonymsMax) {
    return ResourceExhausted("a store has at most " + std::to_string(kSynonymsMax) + " synonyms");
  }
  return std::shared_ptr<const SynonymSet>(std::move(next));
}

std::shared_ptr<const SynonymSet> SynonymSet::Delete(std::string_view id) const {
  auto next = std::make_shared<SynonymSet>(*this);
  const auto found = next->synonyms_.find(id);
  if (found != next->synonyms_.end()) next->synonyms_.erase(found);
  return next;
}

}  // namespace attune::decisions
