// Reads what an LLM answers, and believes nothing of it that the catalogue does not bear out.
//
//   {"choices":[{"message":{"content":"{\"values\":[{\"field\":\"brand\",\"value\":\"Philips\"}],
//                                       \"price\":{\"min\":null,\"max\":50},\"intent\":\"products\"}"}}], ..}
//
// Taken are values that the catalogue has in that field, by their spelling; a price that is a number and
// overlaps the catalogue's own; an intent that exists.  The rest is dropped, and no text of the model is kept
// anywhere.
//
// Thread safety: pure function.

#ifndef ATTUNE_SERVER_MEANING_ANSWER_H_
#define ATTUNE_SERVER_MEANING_ANSWER_H_

#include <cstddef>
#include <string_view>

#include "base/status.h"
#include "search/query_meaning.h"
#include "search/search_facts.h"
#include "text/analyzer.h"

namespace attune::server {

// Of the text that the model wrote; of the values that are looked at in it.
inline constexpr size_t kMeaningTextBytesMax = size_t{16} << 10;
inline constexpr size_t kAnsweredValuesMax = 64;

// ask_again_at_ms stays 0.  Fails with kInvalidArgument when there is no JSON object to read; messages hold
// nothing of the answer.
Result<search::QueryMeaning> ReadMeaningAnswer(std::string_view body, const search::SearchFacts& facts,
                                               const text::Analyzer& analyzer);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_MEANING_ANSWER_H_
