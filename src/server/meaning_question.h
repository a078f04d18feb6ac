// What an LLM is told so that it can say what a query means: the query, the language, and what the store's
// products can be told apart by.
//
//   {"query":"fancy cans for the train","locale":"en",
//    "fields":{"category":["Headphones","Cables"],"attributes.colour":["Black","White"]}}
//
// Nothing else leaves the server: no shopper, no time, no product, no price.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SERVER_MEANING_QUESTION_H_
#define ATTUNE_SERVER_MEANING_QUESTION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "search/search_facts.h"

namespace attune::server {

// Raised whenever the same query may get another answer than before.
inline constexpr uint32_t kMeaningQuestionVersion = 1;
// Of the fields and values: some 2 000 tokens, which most models read in a second.
inline constexpr size_t kOfferedBytesMax = size_t{6} << 10;
inline constexpr size_t kOfferedFieldsMax = 24;

// The same for every query.
std::string_view MeaningInstructions();

// The fields that most products have with their most frequent values, as a JSON object.
std::string OfferedValuesJson(const search::SearchFacts& facts);

// `offered`: by OfferedValuesJson().
std::string MeaningQuestion(std::string_view words, std::string_view locale, std::string_view offered);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_MEANING_QUESTION_H_
