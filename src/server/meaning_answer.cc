#include "server/meaning_answer.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace attune::server {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::array;
using simdjson::dom::element;

// Of nested arrays and objects: services add what they like around the text, the text itself needs three.
constexpr size_t kAnswerDepthMax = 32;
constexpr size_t kTextDepthMax = 8;

Status Wrong(const std::string& what) { return InvalidArgument("the service's answer " + what); }

// The text of the first choice.  `parser` owns it.
Result<std::string_view> TextOf(std::string_view body, simdjson::dom::parser& parser) {
  element document;
  if (parser.allocate(body.size() + 1, kAnswerDepthMax) != SUCCESS ||
      parser.parse(body.data(), body.size()).get(document) != SUCCESS) {
    return Wrong("is not JSON");
  }
  std::string_view text;
  if (document["choices"].at(0)["message"]["content"].get(text) != SUCCESS) {
    return Wrong("has no text in choices[0].message.content");
  }
  if (text.size() > kMeaningTextBytesMax) return Wrong("has a text that is longer than the server takes");
  return text;
}

// Models like to put JSON between marks and words.
std::string_view WithinBraces(std::string_view text) {
  const size_t begin = text.find('{');
  const size_t end = text.rfind('}');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
  return text.substr(begin, end + 1 - begin);
}

void TakeValues(const element& meant, const search::SearchFacts& facts, const text::Analyzer& analyzer,
                search::QueryMeaning& meaning) {
  array values;
  if (meant["values"].get(values) != SUCCESS) return;
  size_t looked_at = 0;
  for (const element value : values) {
    if (++looked_at > kAnsweredValuesMax || meaning.values.size() == search::kMeantValuesMax) return;
    std::string_view field;
    std::string_view text;
    if (value["field"].get(field) != SUCCESS || value["value"].get(text) != SUCCESS) continue;
    search::MeantValue known{std::string(field), search::ValueTerms(text, analyzer)};
    if (known.terms.empty() || !search::FindValue(facts, known.field, known.terms)) continue;
    if (std::find(meaning.values.begin(), meaning.values.end(), known) != meaning.values.end()) continue;
    meaning.values.push_back(std::move(known));
  }
}

// Nothing where it is no number that a price can be.
std::optional<double> PriceOf(const element& meant, const char* bound) {
  double price = 0;
  if (meant["price"][bound].get(price) != SUCCESS || !std::isfinite(price) || price < 0) return std::nullopt;
  return price;
}

void TakePrice(const element& meant, const search::SearchFacts& facts, search::QueryMeaning& meaning) {
  const auto [least, largest] = facts.PriceRange();
  const std::optional<double> min = PriceOf(meant, "min");
  const std::optional<double> max = PriceOf(meant, "max");
  // Comparisons with NaN are false: a catalogue without prices takes none.
  const bool overlaps =
      min.value_or(0) <= static_cast<double>(largest) && max.value_or(HUGE_VAL) >= static_cast<double>(least);
  if (!overlaps || (min && max && *min > *max)) return;
  meaning.price_min = min;
  meaning.price_max = max;
}

void TakeIntent(const element& meant, search::QueryMeaning& meaning) {
  std::string_view name;
  if (meant["intent"].get(name) != SUCCESS) return;
  using search::SearchIntent;
  for (const SearchIntent intent :
       {SearchIntent::kProduct, SearchIntent::kCategory, SearchIntent::kBrand, SearchIntent::kHelp}) {
    if (name == search::SearchIntentName(intent)) meaning.intent = intent;
  }
}

}  // namespace

Result<search::QueryMeaning> ReadMeaningAnswer(std::string_view body, const search::SearchFacts& facts,
                                               const text::Analyzer& analyzer) {
  simdjson::dom::parser outer;
  ASSIGN_OR_RETURN(const std::string_view text, TextOf(body, outer));
  const std::string_view object = WithinBraces(text);
  simdjson::dom::parser inner;
  element meant;
  if (object.empty() || inner.allocate(object.size() + 1, kTextDepthMax) != SUCCESS ||
      inner.parse(object.data(), object.size()).get(meant) != SUCCESS || !meant.is_object()) {
    return Wrong("holds no JSON object");
  }
  search::QueryMeaning meaning;
  TakeValues(meant, facts, analyzer, meaning);
  TakePrice(meant, facts, meaning);
  TakeIntent(meant, meaning);
  return meaning;
}

}  // namespace attune::server
