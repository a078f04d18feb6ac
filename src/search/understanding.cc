#include "search/understanding.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <utility>

#include "search/limits.h"
#include "search/measures.h"

namespace attune::search {
namespace {

// Values that the same words may mean, the most frequent ones; and what is too unlikely to mention.
constexpr size_t kMeaningsMax = 4;
constexpr float kConfidenceMin = 0.1F;

// What shops' help pages are asked for, folded, of all languages together.
constexpr std::array<std::string_view, 46> kHelpWords = {
    "return",  "returns",       "refund",       "shipping",   "delivery",    "contact",    "warranty",
    "invoice", "payment",       "newsletter",   "impressum",  "rucksendung", "rucktausch", "retoure",
    "versand", "versandkosten", "lieferung",    "lieferzeit", "garantie",    "rechnung",   "zahlung",
    "kontakt", "retour",        "retourneren",  "verzending", "bezorging",   "livraison",  "remboursement",
    "facture", "devolucion",    "devoluciones", "envio",      "envios",      "factura",    "contacto",
    "reso",    "resi",          "spedizione",   "rimborso",   "fattura",     "frakt",      "leverans",
    "retur",   "zwrot",         "dostawa",      "reklamacja"};

uint32_t BitsFrom(size_t first, size_t length) { return ((1u << length) - 1) << first; }

class QueryUnderstanding {
 public:
  QueryUnderstanding(const std::vector<text::Token>& tokens, text::Language language,
                     const SearchFacts* facts)
      : language_(language), facts_(facts) {
    for (const text::Token& token : tokens) {
      if (token.role == text::TokenRole::kWhole && wholes_.size() < kQueryWordsMax) wholes_.push_back(token);
    }
  }

  Understanding Run() {
    found_.price = ReadPrice(wholes_, language_);
    taken_ = found_.price.words;
    if (facts_ != nullptr) TakeMeasures();
    const size_t longest = facts_ == nullptr ? 0 : std::min(kValueWordsMax, wholes_.size());
    for (size_t length = longest; length > 0; --length) {
      for (size_t first = 0; first + length <= wholes_.size(); ++first) TakeValues(first, length);
    }
    std::sort(found_.values.begin(), found_.values.end(),
              [](const UnderstoodValue& a, const UnderstoodValue& b) {
                return std::tuple(a.words & -a.words, -a.confidence, a.value) <
                       std::tuple(b.words & -b.words, -b.confidence, b.value);
              });
    found_.intent = IntentOf();
    return std::move(found_);
  }

 private:
  void TakeMeasures() {
    for (const Measure& measure : MeasuresOf(wholes_)) {
      const uint32_t words = BitsFrom(measure.first, measure.length);
      if ((words & taken_) == 0) Take(facts_->ValuesSpelled("=" + measure.text), words);
    }
  }

  void TakeValues(size_t first, size_t length) {
    const uint32_t words = BitsFrom(first, length);
    if ((words & taken_) != 0) return;
    std::string terms;
    bool has_meaning = false;
    for (size_t i = first; i < first + length; ++i) {
      terms += (terms.empty() ? "" : " ") + wholes_[i].term;
      has_meaning = has_meaning || !wholes_[i].is_stop_word;
    }
    if (has_meaning) Take(facts_->ValuesSpelled(terms), words);
  }

  void Take(std::span<const uint32_t> values, uint32_t words) {
    if (values.empty()) return;
    uint64_t products = 0;
    for (const uint32_t value : values) products += facts_->ValueOf(value).products;
    std::vector<UnderstoodValue> meanings;
    for (const uint32_t value : values) {
      const float confidence = static_cast<float>(facts_->ValueOf(value).products) /
                               static_cast<float>(std::max<uint64_t>(products, 1));
      if (confidence >= kConfidenceMin) meanings.push_back({value, words, confidence});
    }
    std::sort(meanings.begin(), meanings.end(), [](const UnderstoodValue& a, const UnderstoodValue& b) {
      return std::pair(-a.confidence, a.value) < std::pair(-b.confidence, b.value);
    });
    if (meanings.size() > kMeaningsMax) meanings.resize(kMeaningsMax);
    found_.values.insert(found_.values.end(), meanings.begin(), meanings.end());
    taken_ |= words;
  }

  SearchIntent IntentOf() const {
    uint32_t all = 0;
    bool is_help = false;
    bool has_code = false;
    for (size_t i = 0; i < wholes_.size(); ++i) {
      if (!wholes_[i].is_stop_word) all |= 1u << i;
      has_code = has_code || wholes_[i].kind == text::WordKind::kCode;
      is_help =
          is_help || std::find(kHelpWords.begin(), kHelpWords.end(), wholes_[i].surface) != kHelpWords.end();
    }
    uint32_t brand = 0;
    uint32_t category = 0;
    for (const UnderstoodValue& value : found_.values) {
      const std::string& field = facts_->ValueOf(value.value).field;
      if (field == "brand") brand |= value.words;
      if (field == "category") category |= value.words;
    }
    if (all == 0) return SearchIntent::kProducts;
    if ((all & ~brand) == 0) return SearchIntent::kBrand;
    if ((all & ~category) == 0) return SearchIntent::kCategory;
    if (is_help && found_.values.empty()) return SearchIntent::kHelp;
    return has_code ? SearchIntent::kProduct : SearchIntent::kProducts;
  }

  const text::Language language_;
  const SearchFacts* const facts_;
  std::vector<text::Token> wholes_;
  Understanding found_;
  uint32_t taken_ = 0;  // Bits of words that are explained.
};

}  // namespace

std::string_view SearchIntentName(SearchIntent intent) {
  switch (intent) {
    case SearchIntent::kProducts:
      return "products";
    case SearchIntent::kProduct:
      return "product";
    case SearchIntent::kCategory:
      return "category";
    case SearchIntent::kBrand:
      return "brand";
    case SearchIntent::kHelp:
      return "help";
  }
  return "";
}

uint32_t Understanding::explained() const {
  uint32_t bits = price.words;
  for (const UnderstoodValue& value : values) bits |= value.words;
  return bits;
}

Understanding Understand(const std::vector<text::Token>& tokens, text::Language language,
                         const SearchFacts* facts) {
  return QueryUnderstanding(tokens, language, facts).Run();
}

void SilencePrice(const Understanding& understanding, QueryWords& query) {
  const uint32_t silent = understanding.price.words;
  if ((query.required() & ~silent) == 0) return;  // Nothing else is asked for.
  for (size_t i = 0; i < query.words.size(); ++i) {
    if ((silent >> i & 1) == 0) continue;
    query.words[i].is_optional = true;
    query.words[i].alternatives.clear();
    query.words[i].idf = 0;
  }
}

}  // namespace attune::search
