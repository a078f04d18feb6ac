#include "search/made_queries.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/hash.h"
#include "base/random.h"
#include "models/catalog_of_products.h"
#include "search/exact_name.h"
#include "search/told_values.h"
#include "text/codes.h"

namespace attune::search {
namespace {

using Verdict = ToldValues::Verdict;

enum class Kind : uint8_t { kValue, kBrandValue, kTwoValues, kPrice, kSynonym, kModel };
constexpr std::array<std::string_view, 6> kKindNames = {"value", "brand_value", "two_values",
                                                        "price", "synonym",     "model"};

// How else people say it.  Words as they are folded.
constexpr std::array<std::pair<std::string_view, std::string_view>, 30> kSynonyms = {{
    {"notebook", "laptop"},
    {"headphones", "earphones"},
    {"grey", "gray"},
    {"multicolour", "multicolor"},
    {"battery", "accumulator"},
    {"fan", "ventilator"},
    {"cooler", "heatsink"},
    {"wireless", "cordless"},
    {"wired", "corded"},
    {"hdd", "hard disk"},
    {"ssd", "solid state drive"},
    {"processor", "cpu"},
    {"sleeve", "pouch"},
    {"rack", "cabinet"},
    {"briefcase", "bag"},
    {"aluminium", "aluminum"},
    {"gloss", "glossy"},
    {"matte", "mat"},
    {"tower", "case"},
    {"monitor", "screen"},
    {"graphics", "video"},
    {"motherboard", "mainboard"},
    {"lamp", "bulb"},
    {"speaker", "loudspeaker"},
    {"projector", "beamer"},
    {"mouse", "mice"},
    {"phone", "mobile"},
    {"toner", "cartridge"},
    {"cable", "cord"},
    {"pc", "computer"},
}};

constexpr std::array<std::string_view, 5> kPriceWords = {"under ", "below ", "less than ", "up to ", "max "};
constexpr size_t kFragmentMin = 4;
constexpr double kCheapShare = 1.0 / 3;
constexpr double kPriceShareMin = 0.2;
constexpr double kPriceShareMax = 0.8;
constexpr size_t kPricedMin = 5;
constexpr uint32_t kAttemptsPerQuery = 40;
constexpr uint64_t kBlindSeed = 0x626c696e64;
constexpr int kWanted = 3;
constexpr int kRelated = 1;

struct Conditions {
  std::string brand;  // Empty: any.
  std::vector<uint32_t> values;
  std::optional<double> price_max;
  bool is_cheap = false;
  std::string fragment;  // Of a code; empty: none.
};

class QueryMaker {
 public:
  QueryMaker(const catalog::CatalogView& catalog, const text::Analyzer& analyzer, uint64_t seed)
      : catalog_(catalog), told_(catalog, analyzer), random_(seed) {
    for (uint32_t i = 0; i < catalog.index_count(); ++i) TakeProduct(i, analyzer);
  }

  std::vector<JudgedQuery> Make(uint32_t count) {
    std::vector<JudgedQuery> queries;
    absl::flat_hash_set<std::string> known;
    if (blind_.empty()) return queries;
    for (uint64_t attempt = 0; attempt < uint64_t{kAttemptsPerQuery} * count && queries.size() < count;
         ++attempt) {
      const auto kind = static_cast<Kind>(attempt % kKindNames.size());
      const uint32_t source = blind_[random_.NextBelow(blind_.size())];
      Conditions conditions;
      const std::string text = TextOf(kind, source, conditions);
      if (text.empty() || known.contains(text)) continue;
      JudgedQuery query = Judge(conditions);
      if (IdealGain(query) == 0) continue;
      known.insert(text);
      query.text = text;
      query.kind = kKindNames[static_cast<size_t>(kind)];
      queries.push_back(std::move(query));
    }
    return queries;
  }

  MadeQueries Blinded() const {
    MadeQueries made;
    made.is_blind.assign(catalog_.index_count(), 0);
    for (const uint32_t i : blind_) made.is_blind[i] = 1;
    std::vector<catalog::Product> products(catalog_.index_count());
    for (uint32_t i = 0; i < catalog_.index_count(); ++i) {
      const catalog::Product* product = catalog_.Find(ProductIndex(i));
      if (product == nullptr) continue;
      products[i] = *product;
      if (made.is_blind[i] != 0) HideFrom(products[i]);
    }
    made.catalog = models::CatalogOfProducts(std::move(products));
    return made;
  }

 private:
  struct Known {
    std::string brand;                 // Its words.
    std::optional<double> price;       // In major units.
    std::vector<std::string> codes;    // Joined.
    std::vector<std::string> spelled;  // The same with a space between letters and digits.
  };

  void TakeProduct(uint32_t index, const text::Analyzer& analyzer) {
    Known& known = known_.emplace_back();
    const catalog::Product* product = catalog_.Find(ProductIndex(index));
    if (product == nullptr) return;
    if (StableHash64(product->product_id, kBlindSeed) % 2 == 0) blind_.push_back(index);
    known.brand = SpelledOut(analyzer.Analyze(product->brand));
    if (product->price.price_minor) {
      known.price = MajorFromMinor(*product->price.price_minor, product->price.currency);
    }
    for (const text::Token& token : analyzer.Analyze(product->title)) {
      if (token.kind != text::WordKind::kCode || token.role != text::TokenRole::kWhole) continue;
      known.codes.push_back(token.surface);
      std::string spelled;
      for (const std::string& part : text::CodeParts(token.surface)) {
        spelled += (spelled.empty() ? "" : " ") + part;
      }
      known.spelled.push_back(std::move(spelled));
    }
  }

  void HideFrom(catalog::Product& product) const {
    std::vector<catalog::Attribute> kept;
    for (const catalog::Attribute& attribute : product.attributes) {
      if (!told_.IsRead(attribute.path)) kept.push_back(attribute);
    }
    product.attributes = catalog::AttributeList(std::move(kept));
    product.attributes_json.clear();
  }

  // Empty when the product does not give one of the kind.
  std::string TextOf(Kind kind, uint32_t source, Conditions& conditions) {
    if (kind == Kind::kModel) return ModelText(source, conditions);
    const std::vector<uint32_t> told = told_.ToldOf(source);
    if (told.empty()) return {};
    const uint32_t value = told[random_.NextBelow(told.size())];
    conditions.values = {value};
    std::string text = told_.values()[value].text;
    switch (kind) {
      case Kind::kBrandValue:
        return WithBrand(source, text, conditions);
      case Kind::kTwoValues:
        return WithSecond(told, text, conditions);
      case Kind::kPrice:
        return WithPrice(std::move(text), conditions);
      case Kind::kSynonym:
        if (random_.NextBelow(2) == 0) text = WithBrand(source, text, conditions);
        return WithSynonym(text);
      default:
        return text;
    }
  }

  std::string WithBrand(uint32_t source, const std::string& text, Conditions& conditions) {
    const std::string& brand = known_[source].brand;
    if (brand.empty() || text.find(brand) != std::string::npos) return {};
    conditions.brand = brand;
    return random_.NextBelow(2) == 0 ? brand + " " + text : text + " " + brand;
  }

  std::string WithSecond(const std::vector<uint32_t>& told, const std::string& text, Conditions& conditions) {
    const uint32_t other = told[random_.NextBelow(told.size())];
    const ToldValues::Value& first = told_.values()[conditions.values[0]];
    const ToldValues::Value& second = told_.values()[other];
    if (first.path == second.path) return {};
    for (const std::string& term : second.terms) {
      if (std::binary_search(first.terms.begin(), first.terms.end(), term)) return {};
    }
    conditions.values.push_back(other);
    return text + " " + second.text;
  }

  std::string WithPrice(std::string text, Conditions& conditions) {
    std::vector<double> prices;
    for (const uint32_t product : told_.values()[conditions.values[0]].products) {
      if (known_[product].price) prices.push_back(*known_[product].price);
    }
    if (prices.size() < kPricedMin) return {};
    std::sort(prices.begin(), prices.end());
    const auto at = [&](double share) {
      return prices[static_cast<size_t>(share * static_cast<double>(prices.size() - 1))];
    };
    if (random_.NextBelow(3) == 0) {
      conditions.is_cheap = true;
      conditions.price_max = at(kCheapShare);
      return "cheap " + text;
    }
    const double wanted = at(kPriceShareMin + (kPriceShareMax - kPriceShareMin) * random_.NextUnit());
    double round = 1;
    for (const double step : {2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0}) {
      if (step <= wanted) round = step;
    }
    const double limit = round * static_cast<double>(static_cast<int64_t>(wanted / round));
    if (limit < prices.front() || limit < 1) return {};
    conditions.price_max = limit;
    text += " ";
    text += kPriceWords[random_.NextBelow(kPriceWords.size())];
    text += std::to_string(static_cast<int64_t>(limit));
    if (random_.NextBelow(2) == 0) text += " euro";
    return text;
  }

  static std::string WithSynonym(const std::string& text) {
    for (const auto& [word, synonym] : kSynonyms) {
      const std::string padded = " " + text + " ";
      const size_t at = padded.find(" " + std::string(word) + " ");
      if (at == std::string::npos) continue;
      return text.substr(0, at) + std::string(synonym) + text.substr(at + word.size());
    }
    return {};
  }

  std::string ModelText(uint32_t source, Conditions& conditions) {
    const Known& known = known_[source];
    if (known.codes.empty() || known.brand.empty()) return {};
    const size_t which = random_.NextBelow(known.codes.size());
    const std::string& code = known.codes[which];
    if (code.size() <= kFragmentMin) return {};
    conditions.brand = known.brand;
    if (random_.NextBelow(2) == 0) {
      conditions.fragment = code;
      return known.brand + " " + known.spelled[which];
    }
    const size_t length =
        code.size() - 1 - random_.NextBelow(std::min<size_t>(3, code.size() - kFragmentMin));
    conditions.fragment = code.substr(0, std::max(length, kFragmentMin));
    return known.brand + " " + conditions.fragment;
  }

  JudgedQuery Judge(const Conditions& conditions) const {
    std::vector<std::pair<ProductIndex, int>> wanted;
    std::vector<ProductIndex> unknown;
    std::vector<ProductIndex> unwanted;
    for (const uint32_t product : blind_) {
      const std::optional<int> grade = GradeOf(product, conditions);
      if (!grade) {
        unknown.emplace_back(product);
      } else if (*grade == 0) {
        unwanted.emplace_back(product);
      } else {
        wanted.emplace_back(ProductIndex(product), *grade);
      }
    }
    JudgedQuery query;
    query.grades = std::move(wanted);
    query.others_are_unwanted = unknown.size() < unwanted.size();
    for (const ProductIndex product : query.others_are_unwanted ? unknown : unwanted) {
      query.grades.emplace_back(product, query.others_are_unwanted ? JudgedQuery::kUnjudged : 0);
    }
    std::sort(query.grades.begin(), query.grades.end());
    return query;
  }

  std::optional<int> GradeOf(uint32_t product, const Conditions& conditions) const {
    const Known& known = known_[product];
    if (!conditions.brand.empty() && known.brand != conditions.brand) return 0;
    if (!conditions.fragment.empty()) {
      const bool has = std::any_of(known.codes.begin(), known.codes.end(), [&](const std::string& code) {
        return code.starts_with(conditions.fragment);
      });
      return has ? kWanted : 0;
    }
    Verdict verdict = Verdict::kYes;
    for (const uint32_t value : conditions.values) verdict = std::min(verdict, told_.Has(product, value));
    if (verdict == Verdict::kNo) return 0;
    if (conditions.price_max && known.price && *known.price > *conditions.price_max) {
      if (!conditions.is_cheap) return 0;
      return verdict == Verdict::kYes ? std::optional(kRelated) : std::nullopt;
    }
    if (verdict == Verdict::kUnknown || (conditions.price_max && !known.price)) return std::nullopt;
    return kWanted;
  }

  const catalog::CatalogView& catalog_;
  const ToldValues told_;
  Random random_;
  std::vector<Known> known_;     // By product.
  std::vector<uint32_t> blind_;  // Ascending.
};

}  // namespace

Result<MadeQueries> MakeQueries(const catalog::CatalogView& catalog, const text::Analyzer& analyzer,
                                const MadeQueriesOptions& options) {
  QueryMaker maker(catalog, analyzer, options.seed);
  MadeQueries made = maker.Blinded();
  made.queries = maker.Make(options.count);
  if (made.queries.empty()) return InvalidArgument("the catalogue has no attributes to make queries of");
  return made;
}

}  // namespace attune::search
