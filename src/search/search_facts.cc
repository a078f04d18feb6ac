#include "search/search_facts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "catalog/offer_terms.h"
#include "search/document.h"
#include "search/measures.h"

namespace attune::search {
namespace {

constexpr double kKindShareMax = 0.6;
constexpr size_t kValueBytesMax = 64;

std::vector<text::Token> WholesOf(std::vector<text::Token> tokens) {
  std::erase_if(tokens, [](const text::Token& token) { return token.role != text::TokenRole::kWhole; });
  return tokens;
}

void SortOnce(std::vector<uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  numbers.shrink_to_fit();
}

}  // namespace

std::string ValueTerms(std::string_view text, const text::Analyzer& analyzer) {
  std::string terms;
  if (text.size() > kValueBytesMax) return terms;
  const std::vector<text::Token> wholes = WholesOf(analyzer.Analyze(text));
  if (wholes.size() > kValueWordsMax) return terms;
  for (const text::Token& token : wholes) terms += (terms.empty() ? "" : " ") + token.term;
  return terms;
}

class SearchFacts::Builder {
 public:
  Builder(std::string_view locale, const text::Analyzer& analyzer) : locale_(locale), analyzer_(analyzer) {}

  std::shared_ptr<const SearchFacts> Build(const catalog::CatalogView& catalog,
                                           const std::atomic<bool>* is_stopping) {
    const uint32_t count = catalog.index_count();
    facts_->values_of_.resize(count);
    facts_->kinds_of_.resize(count);
    facts_->prices_.assign(count, std::numeric_limits<float>::quiet_NaN());
    facts_->attributes_.assign(count, 0);
    for (uint32_t i = 0; i < count; ++i) {
      if (is_stopping != nullptr && *is_stopping) return nullptr;
      const catalog::Product* product = catalog.Find(ProductIndex(i));
      if (product != nullptr) TakeProduct(i, *product);
    }
    KeepTellingKinds();
    for (const auto& values : facts_->values_of_) {
      for (const uint32_t value : values) ++facts_->values_[value].products;
    }
    return std::move(facts_);
  }

 private:
  void TakeProduct(uint32_t index, const catalog::Product& product) {
    ++facts_->product_count_;
    const catalog::OfferTerms terms = catalog::ResolveTerms(product, {.locale = locale_});
    if (terms.price_minor) {
      facts_->prices_[index] = static_cast<float>(MajorFromMinor(*terms.price_minor, terms.currency));
    }
    AddValue(index, "brand", product.brand);
    for (const std::string& tag : product.tags) AddValue(index, "tags", tag);
    const catalog::Translation* const translated = terms.translation;
    const bool has_categories = translated != nullptr && !translated->categories.empty();
    for (const catalog::CategoryPath& path : has_categories ? translated->categories : product.categories) {
      for (size_t levels = 1; levels <= path.size(); ++levels) {
        AddValue(index, "category", path[levels - 1]);
        AddKind(index, "category " + CategoryText(path, levels));
      }
    }
    AddAttributes(index, product.attributes);
    if (translated != nullptr) AddAttributes(index, translated->attributes);
    for (const catalog::Variant& variant : product.variants) AddAttributes(index, variant.attributes);
    for (const Measure& measure : MeasuresOf(WholesOf(analyzer_.Analyze(terms.title)))) {
      AddKnown(index, "measure", measure.text, "=" + measure.text);
    }
    SortOnce(facts_->values_of_[index]);
    SortOnce(facts_->kinds_of_[index]);
  }

  void AddAttributes(uint32_t index, const catalog::AttributeList& attributes) {
    for (auto leaf = attributes.begin(); leaf != attributes.end(); ++leaf) {
      const catalog::AttributeView view = leaf.view();
      ++facts_->attributes_[index];
      AddKind(index, "has " + std::string(view.path));
      if (view.type == catalog::Attribute::Type::kText) {
        AddValue(index, "attributes." + std::string(view.path), view.text);
      }
    }
  }

  void AddKind(uint32_t index, const std::string& name) {
    const auto next = static_cast<uint32_t>(kinds_.size());
    facts_->kinds_of_[index].push_back(kinds_.try_emplace(name, next).first->second);
  }

  void AddValue(uint32_t index, std::string_view field, std::string_view text) {
    if (text.empty() || text.size() > kValueBytesMax) return;
    auto [spelled, is_new] = spellings_.try_emplace(std::string(text));
    if (is_new) spelled->second = ValueTerms(text, analyzer_);
    if (!spelled->second.empty()) AddKnown(index, field, text, spelled->second);
  }

  void AddKnown(uint32_t index, std::string_view field, std::string_view text, const std::string& terms) {
    const auto next = static_cast<uint32_t>(facts_->values_.size());
    const auto [place, is_new] = numbers_.try_emplace(std::string(field) + "\n" + terms, next);
    if (is_new) {
      facts_->values_.push_back({std::string(field), std::string(text), 0});
      facts_->by_terms_[terms].push_back(next);
    }
    facts_->values_of_[index].push_back(place->second);
  }

  void KeepTellingKinds() {
    std::vector<uint32_t> products(kinds_.size(), 0);
    for (const auto& kinds : facts_->kinds_of_) {
      for (const uint32_t kind : kinds) ++products[kind];
    }
    std::vector<uint32_t> renamed(kinds_.size(), 0);
    for (uint32_t kind = 0; kind < products.size(); ++kind) {
      if (products[kind] < 2 || products[kind] > kKindShareMax * facts_->product_count_) continue;
      facts_->kind_products_.push_back(products[kind]);
      renamed[kind] = static_cast<uint32_t>(facts_->kind_products_.size());
    }
    for (auto& kinds : facts_->kinds_of_) {
      std::erase_if(kinds, [&](uint32_t kind) { return renamed[kind] == 0; });
      for (uint32_t& kind : kinds) kind = renamed[kind] - 1;
    }
  }

  const std::string locale_;
  const text::Analyzer& analyzer_;
  std::shared_ptr<SearchFacts> facts_{new SearchFacts()};
  absl::flat_hash_map<std::string, std::string> spellings_;  // Of a text, its terms.
  absl::flat_hash_map<std::string, uint32_t> numbers_;
  absl::flat_hash_map<std::string, uint32_t> kinds_;
};

std::shared_ptr<const SearchFacts> SearchFacts::Build(const catalog::CatalogView& catalog,
                                                      std::string_view locale, const text::Analyzer& analyzer,
                                                      const std::atomic<bool>* is_stopping) {
  return Builder(locale, analyzer).Build(catalog, is_stopping);
}

std::span<const uint32_t> SearchFacts::ValuesSpelled(std::string_view terms) const {
  const auto place = by_terms_.find(std::string(terms));
  if (place == by_terms_.end()) return {};
  return place->second;
}

std::span<const uint32_t> SearchFacts::ValuesOf(ProductIndex product) const {
  if (product.value() >= values_of_.size()) return {};
  return values_of_[product.value()];
}

std::span<const uint32_t> SearchFacts::KindsOf(ProductIndex product) const {
  if (product.value() >= kinds_of_.size()) return {};
  return kinds_of_[product.value()];
}

float SearchFacts::PriceOf(ProductIndex product) const {
  if (product.value() >= prices_.size()) return std::numeric_limits<float>::quiet_NaN();
  return prices_[product.value()];
}

std::pair<float, float> SearchFacts::PriceRange() const {
  std::pair<float, float> range(std::numeric_limits<float>::quiet_NaN(),
                                std::numeric_limits<float>::quiet_NaN());
  for (const float price : prices_) {
    range = {std::fmin(range.first, price), std::fmax(range.second, price)};  // Which pass over NaN.
  }
  return range;
}

uint32_t SearchFacts::AttributesOf(ProductIndex product) const {
  return product.value() < attributes_.size() ? attributes_[product.value()] : 0;
}

size_t SearchFacts::memory_bytes() const {
  size_t bytes =
      prices_.size() * (sizeof(float) + sizeof(uint32_t)) + kind_products_.size() * sizeof(uint32_t);
  bytes += (values_of_.size() + kinds_of_.size()) * sizeof(std::vector<uint32_t>);
  for (const auto& values : values_of_) bytes += values.capacity() * sizeof(uint32_t);
  for (const auto& kinds : kinds_of_) bytes += kinds.capacity() * sizeof(uint32_t);
  for (const Value& value : values_) bytes += sizeof(value) + value.field.capacity() + value.text.capacity();
  return bytes;
}

}  // namespace attune::search
