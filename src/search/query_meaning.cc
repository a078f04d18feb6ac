#include "search/query_meaning.h"

#include <algorithm>

#include "decisions/query_words.h"

namespace attune::search {
namespace {

constexpr char kKeySeparator = '\n';

bool NamesField(const std::vector<uint32_t>& values, std::string_view field, const SearchFacts& facts) {
  return std::any_of(values.begin(), values.end(),
                     [&](uint32_t value) { return facts.ValueOf(value).field == field; });
}

// An intent that its values bear out.
bool IsBorneOut(SearchIntent intent, const std::vector<uint32_t>& values, const SearchFacts& facts) {
  if (intent == SearchIntent::kBrand) return NamesField(values, "brand", facts);
  if (intent == SearchIntent::kCategory) return NamesField(values, "category", facts);
  return true;
}

}  // namespace

std::string MeaningKey(std::string_view locale, std::string_view query) {
  const std::vector<std::string> words = decisions::QueryWords(query);
  if (words.empty()) return {};
  std::string key(locale);
  char separator = kKeySeparator;
  for (const std::string& word : words) {
    key += separator;
    key += word;
    separator = ' ';
  }
  return key;
}

MeaningKeyParts PartsOf(std::string_view key) {
  const size_t end = std::min(key.find(kKeySeparator), key.size());
  return {key.substr(0, end), key.substr(std::min(end + 1, key.size()))};
}

std::optional<uint32_t> FindValue(const SearchFacts& facts, std::string_view field, std::string_view terms) {
  for (const uint32_t value : facts.ValuesSpelled(terms)) {
    if (facts.ValueOf(value).field == field) return value;
  }
  return std::nullopt;
}

AddedMeaning AddedTo(const Understanding& said, const QueryMeaning& meaning, const SearchFacts& facts) {
  AddedMeaning added;
  const auto is_said = [&](std::string_view field) {
    return std::any_of(said.values.begin(), said.values.end(), [&](const UnderstoodValue& value) {
      return facts.ValueOf(value.value).field == field;
    });
  };
  for (const MeantValue& meant : meaning.values) {
    const auto value = FindValue(facts, meant.field, meant.terms);
    if (!value || is_said(meant.field)) continue;
    if (std::find(added.values.begin(), added.values.end(), *value) == added.values.end()) {
      added.values.push_back(*value);
    }
  }
  if (!said.price.is_said()) {
    added.price_min = meaning.price_min;
    added.price_max = meaning.price_max;
  }
  const bool says_nothing = said.intent == SearchIntent::kProducts && said.values.empty();
  if (says_nothing && meaning.intent && IsBorneOut(*meaning.intent, added.values, facts)) {
    added.intent = meaning.intent;
  }
  return added;
}

}  // namespace attune::search
