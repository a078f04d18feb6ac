// What an LLM said that a query means: values of the catalogue, a price, an intent.
//
//   key       "en\nfancy cans for the train"    locale, and the words as behaviour is learned by them
//   meaning   category "headphon", attributes.type "nois cancel"     fields, and terms of values in them
//
// Values are kept by their terms and looked up when they are used, so that one that left the catalogue is
// told no more, and what is told is spelled as the catalogue spells it: never text of the model.
//
// Thread safety: value types and pure functions.

#ifndef ATTUNE_SEARCH_QUERY_MEANING_H_
#define ATTUNE_SEARCH_QUERY_MEANING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "search/search_facts.h"
#include "search/understanding.h"

namespace attune::search {

inline constexpr size_t kMeantValuesMax = 8;

struct MeantValue {
  std::string field;
  std::string terms;  // As SearchFacts::ValuesSpelled() takes them.

  friend bool operator==(const MeantValue&, const MeantValue&) = default;
};

struct QueryMeaning {
  std::vector<MeantValue> values;   // At most kMeantValuesMax; none: it was asked in vain.
  std::optional<double> price_min;  // In major units, included; likewise price_max.
  std::optional<double> price_max;
  std::optional<SearchIntent> intent;
  int64_t ask_again_at_ms = 0;

  friend bool operator==(const QueryMeaning&, const QueryMeaning&) = default;
};

// Empty when the query has no words.
std::string MeaningKey(std::string_view locale, std::string_view query);

struct MeaningKeyParts {
  std::string_view locale;
  std::string_view words;  // With one space between.
};
MeaningKeyParts PartsOf(std::string_view key);

// The value of this field with these terms; nothing: the catalogue has none.
std::optional<uint32_t> FindValue(const SearchFacts& facts, std::string_view field, std::string_view terms);

// What a meaning adds to what the words of the query say themselves.
struct AddedMeaning {
  std::vector<uint32_t> values;  // SearchFacts::ValueOf()
  std::optional<double> price_min;
  std::optional<double> price_max;
  std::optional<SearchIntent> intent;
};

// Words win: a field, a price or an intent that they name is not added to.
AddedMeaning AddedTo(const Understanding& said, const QueryMeaning& meaning, const SearchFacts& facts);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_QUERY_MEANING_H_
