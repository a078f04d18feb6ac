#include "catalog/product_fields.h"

#include "base/clock.h"

namespace attune::catalog {
namespace {

using Visit = std::function<bool(const FieldValue&)>;

enum Field : uint8_t {
  kProductId,
  kTitle,
  kDescription,
  kBrand,
  kCategory,
  kTags,
  kImage,
  kUrl,
  kVariantId,
  kPrice,
  kListPrice,
  kSalePrice,
  kCost,
  kMargin,
  kMarginPercent,
  kDiscountPercent,
  kOnSale,
  kInStock,
  kHasImage,
  kStock,
  kCreatedAt,
  kUpdatedAt,
  kAgeDays,
  kAttribute,
  kVariantAttribute,
  kVariantIds,
  kVariantSkus,
  kVariantEans,
  kVariantPrices,
  kVariantStocks,
};

struct FixedPath {
  std::string_view name;
  Field field;
  FieldType type;
  bool is_secret = false;
  bool is_several = false;
};

constexpr FixedPath kFixedPaths[] = {
    {"product_id", kProductId, FieldType::kText},
    {"title", kTitle, FieldType::kText},
    {"description", kDescription, FieldType::kText},
    {"brand", kBrand, FieldType::kText},
    {"category", kCategory, FieldType::kText, false, true},
    {"tags", kTags, FieldType::kText, false, true},
    {"image", kImage, FieldType::kText},
    {"url", kUrl, FieldType::kText},
    {"variant_id", kVariantId, FieldType::kText},
    {"price", kPrice, FieldType::kNumber},
    {"list_price", kListPrice, FieldType::kNumber},
    {"sale_price", kSalePrice, FieldType::kNumber},
    {"cost", kCost, FieldType::kNumber, true},
    {"margin", kMargin, FieldType::kNumber, true},
    {"margin_percent", kMarginPercent, FieldType::kNumber, true},
    {"discount_percent", kDiscountPercent, FieldType::kNumber},
    {"on_sale", kOnSale, FieldType::kBool},
    {"in_stock", kInStock, FieldType::kBool},
    {"has_image", kHasImage, FieldType::kBool},
    {"stock", kStock, FieldType::kNumber, true},
    {"created_at", kCreatedAt, FieldType::kTime},
    {"updated_at", kUpdatedAt, FieldType::kTime},
    {"age_days", kAgeDays, FieldType::kNumber},
    {"variants.variant_id", kVariantIds, FieldType::kText, false, true},
    {"variants.sku", kVariantSkus, FieldType::kText, false, true},
    {"variants.ean", kVariantEans, FieldType::kText, false, true},
    {"variants.price", kVariantPrices, FieldType::kNumber, false, true},
    {"variants.stock", kVariantStocks, FieldType::kNumber, true, true},
};

constexpr std::string_view kAttributesPrefix = "attributes.";
constexpr std::string_view kVariantsPrefix = "variants.";

bool GiveText(std::string_view text, const Visit& visit) {
  return text.empty() || visit({FieldType::kText, text, 0});
}

bool GiveNumber(double number, const Visit& visit) { return visit({FieldType::kNumber, {}, number}); }

bool GiveBool(bool answer, const Visit& visit) { return visit({FieldType::kBool, {}, answer ? 1.0 : 0.0}); }

bool GiveMoney(const std::optional<int64_t>& minor, Currency currency, const Visit& visit) {
  return !minor || GiveNumber(MajorFromMinor(*minor, currency), visit);
}

// Every level once, then the joined path when it has several levels.
bool GiveCategory(const CategoryPath& path, const Visit& visit) {
  std::string joined;
  for (const std::string& level : path) {
    if (!GiveText(level, visit)) return false;
    if (!joined.empty()) joined += " > ";
    joined += level;
    // Each broader path too, so that category: "Home > Lighting" finds "Home > Lighting > Lamps".
    if (joined.size() != level.size() && !GiveText(joined, visit)) return false;
  }
  return true;
}

bool GiveAttributes(const AttributeList& leaves, std::string_view path, const Visit& visit) {
  for (auto leaf = leaves.begin(); leaf != leaves.end(); ++leaf) {
    const AttributeView view = leaf.view();
    if (view.path < path) continue;
    if (view.path > path) break;  // Sorted.
    FieldValue value;
    value.text = view.text;
    value.number = view.number;
    value.type = view.type == Attribute::Type::kText     ? FieldType::kText
                 : view.type == Attribute::Type::kNumber ? FieldType::kNumber
                                                         : FieldType::kBool;
    if (!visit(value)) return false;
  }
  return true;
}

// Amounts that need both the price of the request and the product's cost, which are in one currency only
// where the market's currency is the product's own.
void GiveMargin(const Product& product, const OfferTerms& terms, bool is_percent, const Visit& visit) {
  if (!product.cost_minor || !terms.price_minor || !(terms.currency == product.price.currency)) return;
  const int64_t margin_minor = *terms.price_minor - *product.cost_minor;
  if (!is_percent) {
    GiveMoney(margin_minor, terms.currency, visit);
  } else if (*terms.price_minor > 0) {
    GiveNumber(100.0 * static_cast<double>(margin_minor) / static_cast<double>(*terms.price_minor), visit);
  }
}

void GiveDiscount(const OfferTerms& terms, const Visit& visit) {
  if (!terms.price_minor || !terms.list_price_minor || *terms.list_price_minor <= 0) return;
  const auto off = static_cast<double>(*terms.list_price_minor - *terms.price_minor);
  GiveNumber(100.0 * off / static_cast<double>(*terms.list_price_minor), visit);
}

void VisitVariantFields(const Product& product, const ProductPath& path, const Visit& visit) {
  for (const Variant& variant : product.variants) {
    bool goes_on = true;
    switch (path.field) {
      case kVariantAttribute:
        goes_on = GiveAttributes(variant.attributes, path.attribute, visit);
        break;
      case kVariantIds:
        goes_on = GiveText(variant.variant_id, visit);
        break;
      case kVariantSkus:
        goes_on = GiveText(variant.sku, visit);
        break;
      case kVariantEans:
        goes_on = GiveText(variant.ean, visit);
        break;
      case kVariantPrices:
        goes_on = GiveMoney(variant.price.price_minor, product.price.currency, visit);
        break;
      case kVariantStocks:
        goes_on = !variant.stock || GiveNumber(static_cast<double>(*variant.stock), visit);
        break;
      default:
        return;
    }
    if (!goes_on) return;
  }
}

// Fields that depend on what the request sees; true when `path` was one.
bool VisitTermsField(const Product& product, const OfferTerms& terms, const ProductPath& path,
                     const Visit& visit) {
  switch (path.field) {
    case kTitle:
      GiveText(terms.title, visit);
      return true;
    case kDescription:
      GiveText(terms.description, visit);
      return true;
    case kUrl:
      GiveText(terms.url, visit);
      return true;
    case kVariantId:
      GiveText(terms.variant_id(), visit);
      return true;
    case kPrice:
      GiveMoney(terms.price_minor, terms.currency, visit);
      return true;
    case kListPrice:
      GiveMoney(terms.list_price_minor, terms.currency, visit);
      return true;
    case kSalePrice:
      if (terms.is_on_sale) GiveMoney(terms.price_minor, terms.currency, visit);
      return true;
    case kMargin:
    case kMarginPercent:
      GiveMargin(product, terms, path.field == kMarginPercent, visit);
      return true;
    case kDiscountPercent:
      GiveDiscount(terms, visit);
      return true;
    case kOnSale:
      GiveBool(terms.is_on_sale, visit);
      return true;
    case kInStock:
      GiveBool(terms.is_available(), visit);
      return true;
    case kStock:
      if (terms.stock) GiveNumber(static_cast<double>(*terms.stock), visit);
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<ProductPath> ResolveProductPath(std::string_view path) {
  ProductPath resolved;
  for (const FixedPath& fixed : kFixedPaths) {
    if (fixed.name != path) continue;
    resolved.field = fixed.field;
    resolved.type = fixed.type;
    resolved.is_secret = fixed.is_secret;
    resolved.is_several = fixed.is_several;
    return resolved;
  }
  resolved.type = FieldType::kAny;
  resolved.is_several = true;
  if (path.starts_with(kAttributesPrefix) && path.size() > kAttributesPrefix.size()) {
    resolved.field = kAttribute;
    resolved.attribute = std::string(path.substr(kAttributesPrefix.size()));
    return resolved;
  }
  if (path.starts_with(kVariantsPrefix) && path.size() > kVariantsPrefix.size()) {
    resolved.field = kVariantAttribute;
    resolved.attribute = std::string(path.substr(kVariantsPrefix.size()));
    return resolved;
  }
  return std::nullopt;
}

std::vector<std::string_view> ProductPathNames() {
  std::vector<std::string_view> names;
  for (const FixedPath& fixed : kFixedPaths) names.push_back(fixed.name);
  names.push_back("attributes.<path>");
  names.push_back("variants.<attribute>");
  return names;
}

void VisitFieldValues(const Product& product, const OfferTerms& terms, int64_t now_ms,
                      const ProductPath& path, const Visit& visit) {
  if (VisitTermsField(product, terms, path, visit)) return;
  switch (path.field) {
    case kProductId:
      GiveText(product.product_id, visit);
      return;
    case kBrand:
      GiveText(product.brand, visit);
      return;
    case kCategory:
      for (const CategoryPath& category : product.categories) {
        if (!GiveCategory(category, visit)) return;
      }
      return;
    case kTags:
      for (const std::string& tag : product.tags) {
        if (!GiveText(tag, visit)) return;
      }
      return;
    case kImage:
      GiveText(product.image, visit);
      return;
    case kCost:
      GiveMoney(product.cost_minor, product.price.currency, visit);
      return;
    case kHasImage:
      GiveBool(!product.image.empty(), visit);
      return;
    case kCreatedAt:
      visit({FieldType::kTime, {}, static_cast<double>(product.created_at_ms)});
      return;
    case kUpdatedAt:
      visit({FieldType::kTime, {}, static_cast<double>(product.updated_at_ms)});
      return;
    case kAgeDays:
      GiveNumber(static_cast<double>(now_ms - product.created_at_ms) / static_cast<double>(kDayMs), visit);
      return;
    case kAttribute:
      GiveAttributes(product.attributes, path.attribute, visit);
      return;
    default:
      VisitVariantFields(product, path, visit);
  }
}

}  // namespace attune::catalog
