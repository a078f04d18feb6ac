#include "search/told_values.h"

#include <algorithm>
#include <utility>

#include "search/exact_name.h"

namespace attune::search {
namespace {

constexpr size_t kWordsMax = 3;
constexpr size_t kLettersMin = 3;
constexpr size_t kLettersMax = 30;
constexpr size_t kProductsMin = 10;
constexpr double kProductsShareMax = 0.05;
constexpr double kToldShareMin = 0.2;
// A path of which most products have a value of their own is a name.
constexpr double kDistinctShareMax = 0.5;

bool IsAskable(const std::vector<text::Token>& tokens, const std::string& text) {
  if (text.size() < kLettersMin || text.size() > kLettersMax) return false;
  size_t words = 0;
  bool has_meaning = false;
  for (const text::Token& token : tokens) {
    if (token.kind != text::WordKind::kWord) return false;
    if (token.role != text::TokenRole::kWhole) continue;
    ++words;
    has_meaning = has_meaning || !token.is_stop_word;
  }
  return has_meaning && words <= kWordsMax;
}

std::vector<std::string> TermsOf(const std::vector<text::Token>& tokens) {
  std::vector<std::string> terms;
  for (const text::Token& token : tokens) {
    if (token.role == text::TokenRole::kWhole) terms.push_back(token.term);
  }
  std::sort(terms.begin(), terms.end());
  return terms;
}

}  // namespace

ToldValues::ToldValues(const catalog::CatalogView& catalog, const text::Analyzer& analyzer) {
  TakeLeaves(catalog, analyzer);
  ChooseTold(catalog, analyzer);
}

void ToldValues::TakeLeaves(const catalog::CatalogView& catalog, const text::Analyzer& analyzer) {
  absl::flat_hash_map<std::string, uint32_t> numbers;
  leaves_.resize(catalog.index_count());
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    const catalog::Product* product = catalog.Find(ProductIndex(i));
    if (product == nullptr) continue;
    for (auto leaf = product->attributes.begin(); leaf != product->attributes.end(); ++leaf) {
      const catalog::AttributeView view = leaf.view();
      if (view.type != catalog::Attribute::Type::kText) continue;
      const auto [path, is_new_path] =
          path_numbers_.try_emplace(std::string(view.path), static_cast<uint32_t>(paths_.size()));
      if (is_new_path) paths_.emplace_back(view.path);
      const std::vector<text::Token> tokens = analyzer.Analyze(view.text);
      const std::string text = SpelledOut(tokens);
      const auto [place, is_new] = numbers.try_emplace(std::to_string(path->second) + ' ' + text,
                                                       static_cast<uint32_t>(values_.size()));
      if (is_new) values_.push_back({path->second, text, TermsOf(tokens), IsAskable(tokens, text), {}});
      std::vector<uint32_t>& products = values_[place->second].products;
      if (products.empty() || products.back() != i) products.push_back(i);
      leaves_[i].push_back({path->second, place->second});
    }
  }
}

void ToldValues::ChooseTold(const catalog::CatalogView& catalog, const text::Analyzer& analyzer) {
  std::vector<size_t> products(paths_.size(), 0);
  std::vector<size_t> distinct(paths_.size(), 0);
  for (const Value& value : values_) {
    products[value.path] += value.products.size();
    ++distinct[value.path];
  }
  std::vector<std::vector<std::string>> said(catalog.index_count());
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    const catalog::Product* product = catalog.Find(ProductIndex(i));
    if (product != nullptr) said[i] = TermsOf(analyzer.Analyze(product->title + " " + product->description));
  }
  is_read_.assign(paths_.size(), 0);
  for (Value& value : values_) {
    const auto count = static_cast<double>(value.products.size());
    const auto say = std::count_if(value.products.begin(), value.products.end(), [&](uint32_t product) {
      return std::includes(said[product].begin(), said[product].end(), value.terms.begin(),
                           value.terms.end());
    });
    value.is_told = value.is_told && value.products.size() >= kProductsMin &&
                    count <= kProductsShareMax * catalog.product_count() &&
                    static_cast<double>(say) >= kToldShareMin * count &&
                    static_cast<double>(distinct[value.path]) <=
                        kDistinctShareMax * static_cast<double>(products[value.path]);
    if (value.is_told) is_read_[value.path] = 1;
  }
}

bool ToldValues::IsRead(std::string_view path) const {
  const auto place = path_numbers_.find(std::string(path));
  return place != path_numbers_.end() && is_read_[place->second] != 0;
}

std::vector<uint32_t> ToldValues::ToldOf(uint32_t product) const {
  std::vector<uint32_t> told;
  for (const Leaf& leaf : leaves_[product]) {
    if (values_[leaf.value].is_told) told.push_back(leaf.value);
  }
  return told;
}

ToldValues::Verdict ToldValues::Has(uint32_t product, uint32_t value) const {
  const Value& wanted = values_[value];
  Verdict verdict = Verdict::kUnknown;
  for (const Leaf& leaf : leaves_[product]) {
    if (leaf.path != wanted.path) continue;
    if (leaf.value == value) return Verdict::kYes;
    const std::vector<std::string>& terms = values_[leaf.value].terms;
    if (std::includes(terms.begin(), terms.end(), wanted.terms.begin(), wanted.terms.end())) {
      return Verdict::kUnknown;
    }
    verdict = Verdict::kNo;
  }
  return verdict;
}

}  // namespace attune::search
