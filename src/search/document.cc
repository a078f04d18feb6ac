#include "search/document.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/utf8.h"
#include "catalog/offer_terms.h"
#include "search/exact_name.h"
#include "search/limits.h"
#include "text/codes.h"

namespace attune::search {
namespace {

using catalog::Attribute;
using catalog::AttributeList;
using catalog::AttributeView;
using catalog::Product;

constexpr std::string_view kAttributePrefix = "attributes.";
constexpr std::string_view kLevelSeparator = " > ";

// Texts of one field, one after the other; positions go on.
class FieldText {
 public:
  FieldText(const text::Analyzer& analyzer, std::vector<text::Token>& tokens)
      : analyzer_(analyzer), tokens_(tokens) {}

  void Add(std::string_view text) {
    text = Utf8Prefix(text, bytes_left_);
    bytes_left_ -= text.size();
    if (text.empty() || tokens_.size() >= kFieldWordsMax) return;
    const uint32_t offset = tokens_.empty() ? 0 : tokens_.back().position + 1;
    for (text::Token& token : analyzer_.Analyze(text)) {
      if (tokens_.size() >= kFieldWordsMax) return;
      token.position += offset;
      tokens_.push_back(std::move(token));
    }
  }

 private:
  const text::Analyzer& analyzer_;
  std::vector<text::Token>& tokens_;
  size_t bytes_left_ = kFieldBytesMax;
};

std::string NumberText(double number) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

// "maximum_weight.kg" -> "maximum weight kg".
std::string WordsOfPath(std::string_view path) {
  std::string words(path);
  for (char& letter : words) {
    if (letter == '_' || letter == '.') letter = ' ';
  }
  return words;
}

bool HasPath(const AttributeList* attributes, std::string_view path) {
  if (attributes == nullptr) return false;
  for (auto leaf = attributes->begin(); leaf != attributes->end(); ++leaf) {
    if (leaf.view().path == path) return true;
  }
  return false;
}

// But for what `translated` has a value of; null: nothing.
void AddAttributes(const AttributeList& attributes, const AttributeList* translated, FieldText& field) {
  std::string_view path_before;
  for (auto leaf = attributes.begin(); leaf != attributes.end(); ++leaf) {
    const AttributeView view = leaf.view();
    if (view.type == Attribute::Type::kBool && view.number == 0) continue;
    if (HasPath(translated, view.path)) continue;
    if (view.path != path_before) field.Add(WordsOfPath(view.path));
    path_before = view.path;
    if (view.type == Attribute::Type::kText) field.Add(view.text);
    if (view.type == Attribute::Type::kNumber) field.Add(NumberText(view.number));
  }
}

const std::vector<catalog::CategoryPath>& CategoriesOf(const Product& product,
                                                       const catalog::Translation* texts) {
  return texts == nullptr || texts->categories.empty() ? product.categories : texts->categories;
}

void AddCategories(const std::vector<catalog::CategoryPath>& paths, FieldText& field) {
  std::vector<std::string_view> levels;
  for (const catalog::CategoryPath& path : paths) {
    for (const std::string& level : path) {
      if (std::find(levels.begin(), levels.end(), level) != levels.end()) continue;
      levels.push_back(level);
      field.Add(level);
    }
  }
}

// What is in the variants and is told apart there: "size: 42".
void AddVariants(const Product& product, FieldText& field) {
  const AttributeList* before = nullptr;
  for (const catalog::Variant& variant : product.variants) {
    if (before == nullptr || !(variant.attributes == *before))
      AddAttributes(variant.attributes, nullptr, field);
    before = &variant.attributes;
  }
}

void AddNames(const Product& product, Document& document) {
  const auto add_id = [&](std::string_view id) {
    if (document.names.size() >= kNamesMax) return;
    const std::string joined = text::JoinedCode(id);
    if (!joined.empty()) document.names.push_back(HashName(NameKind::kId, joined));
  };
  const auto add_words = [&](NameKind kind, SearchField field) {
    const std::string text = SpelledOut(document.fields[static_cast<size_t>(field)]);
    if (!text.empty()) document.names.push_back(HashName(kind, text));
  };
  add_words(NameKind::kTitle, SearchField::kTitle);
  add_words(NameKind::kBrand, SearchField::kBrand);
  add_id(product.product_id);
  add_id(product.sku);
  for (const std::string& ean : product.eans) add_id(ean);
  for (const catalog::Variant& variant : product.variants) {
    add_id(variant.variant_id);
    add_id(variant.sku);
    add_id(variant.ean);
  }
}

class FacetValues {
 public:
  FacetValues(Document& document, uint16_t field) : document_(document), field_(field) {}

  void AddText(std::string_view text) {
    if (text.empty() || ++count_ > kFacetValuesMax) return;
    document_.values.emplace_back(field_, Utf8Prefix(text, kFacetValueBytesMax));
  }
  void AddNumber(double number) {
    if (++count_ <= kFacetValuesMax) document_.numbers.emplace_back(field_, number);
  }
  void AddAttributes(const AttributeList& attributes, std::string_view path) {
    for (auto leaf = attributes.begin(); leaf != attributes.end(); ++leaf) {
      const AttributeView view = leaf.view();
      if (view.path != path) continue;
      if (view.type == Attribute::Type::kText) AddText(view.text);
      if (view.type == Attribute::Type::kNumber) AddNumber(view.number);
      if (view.type == Attribute::Type::kBool) AddText(view.number != 0 ? "true" : "false");
    }
  }

 private:
  Document& document_;
  uint16_t field_;
  size_t count_ = 0;
};

}  // namespace

void AddFacetValues(const Product& product, const catalog::OfferTerms& terms, std::string_view name,
                    uint16_t field, Document& document) {
  FacetValues facet(document, field);
  if (name == "brand") {
    facet.AddText(product.brand);
  } else if (name == "category") {
    for (const catalog::CategoryPath& path : CategoriesOf(product, terms.translation)) {
      for (size_t levels = 1; levels <= path.size(); ++levels) facet.AddText(CategoryText(path, levels));
    }
  } else if (name == "tags") {
    for (const std::string& tag : product.tags) facet.AddText(tag);
  } else if (name == "price") {
    if (terms.price_minor) facet.AddNumber(MajorFromMinor(*terms.price_minor, terms.currency));
  } else if (name.starts_with(kAttributePrefix)) {
    const std::string_view path = name.substr(kAttributePrefix.size());
    const bool is_translated = terms.translation != nullptr && HasPath(&terms.translation->attributes, path);
    facet.AddAttributes(is_translated ? terms.translation->attributes : product.attributes, path);
    for (const catalog::Variant& variant : product.variants) facet.AddAttributes(variant.attributes, path);
  }
}

std::string CategoryText(const catalog::CategoryPath& path, size_t levels) {
  std::string text;
  for (size_t level = 0; level < levels; ++level) {
    if (level > 0) text += kLevelSeparator;
    text += path[level];
  }
  return text;
}

bool MakeSameDocument(const Product& a, const Product& b) {
  return a.product_id == b.product_id && a.title == b.title && a.description == b.description &&
         a.brand == b.brand && a.sku == b.sku && a.eans == b.eans && a.categories == b.categories &&
         a.price == b.price && a.tags == b.tags && a.attributes == b.attributes && a.variants == b.variants &&
         a.translations == b.translations;
}

Document MakeDocument(ProductIndex index, const Product& product, std::string_view locale,
                      const text::Analyzer& analyzer, const std::vector<std::string>& facet_fields) {
  Document document;
  document.product = index;
  document.product_id = product.product_id;
  const catalog::OfferTerms terms = catalog::ResolveTerms(product, {.locale = locale});
  const auto field = [&](SearchField of) {
    return FieldText(analyzer, document.fields[static_cast<size_t>(of)]);
  };
  field(SearchField::kTitle).Add(terms.title);
  field(SearchField::kBrand).Add(product.brand);
  FieldText categories = field(SearchField::kCategory);
  AddCategories(CategoriesOf(product, terms.translation), categories);
  FieldText tags = field(SearchField::kTags);
  for (const std::string& tag : product.tags) tags.Add(tag);
  FieldText attributes = field(SearchField::kAttributes);
  const AttributeList* const translated =
      terms.translation == nullptr ? nullptr : &terms.translation->attributes;
  AddAttributes(product.attributes, translated, attributes);
  if (translated != nullptr) AddAttributes(*translated, nullptr, attributes);
  AddVariants(product, attributes);
  field(SearchField::kDescription).Add(terms.description);
  AddNames(product, document);
  for (size_t i = 0; i < facet_fields.size(); ++i) {
    AddFacetValues(product, terms, facet_fields[i], static_cast<uint16_t>(i), document);
  }
  return document;
}

}  // namespace attune::search
