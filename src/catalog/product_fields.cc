#include "catalog/product_fields.h"

#include "base/clock.h"

namespace attune::catalog {
namespace {

using expressions::FieldType;
using expressions::FieldValue;
using expressions::FieldValues;

enum Field : uint16_t {
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
  kDiscountPercent,
  kOnSale,
  kInStock,
  kHasImage,
  kCreatedAt,
  kUpdatedAt,
  kAge,
  kAgeDays,
  kAttributes,
  kVariants,
  kCost,
  kMargin,
  kMarginPercent,
  kStock,
};
static_assert(kStock < kProductFieldNumbersEnd);

struct NamedField {
  std::string_view name;
  Field field;
  FieldType type;
  FieldScope scope = FieldScope::kEverybody;
};

constexpr NamedField kFields[] = {
    {"product_id", kProductId, FieldType::kText},
    {"title", kTitle, FieldType::kText},
    {"description", kDescription, FieldType::kText},
    {"brand", kBrand, FieldType::kText},
    {"category", kCategory, FieldType::kPath},
    {"tags", kTags, FieldType::kText},
    {"image", kImage, FieldType::kText},
    {"url", kUrl, FieldType::kText},
    {"variant_id", kVariantId, FieldType::kText},
    {"price", kPrice, FieldType::kNumber},
    {"list_price", kListPrice, FieldType::kNumber},
    {"sale_price", kSalePrice, FieldType::kNumber},
    {"discount_percent", kDiscountPercent, FieldType::kNumber},
    {"on_sale", kOnSale, FieldType::kBool},
    {"in_stock", kInStock, FieldType::kBool},
    {"has_image", kHasImage, FieldType::kBool},
    {"created_at", kCreatedAt, FieldType::kTime},
    {"updated_at", kUpdatedAt, FieldType::kTime},
    {"age", kAge, FieldType::kDuration},
    {"age_days", kAgeDays, FieldType::kNumber},
    {"cost", kCost, FieldType::kNumber, FieldScope::kShop},
    {"margin", kMargin, FieldType::kNumber, FieldScope::kShop},
    {"margin_percent", kMarginPercent, FieldType::kNumber, FieldScope::kShop},
    {"stock", kStock, FieldType::kNumber, FieldScope::kShop},
};

void AddText(std::string_view text, FieldValues& out) {
  if (!text.empty()) out.Add(FieldValue::Text(text));
}

void AddMoney(const std::optional<int64_t>& minor, Currency currency, FieldValues& out) {
  if (minor) out.Add(FieldValue::Number(MajorFromMinor(*minor, currency)));
}

void AddWhole(const std::optional<int64_t>& number, FieldValues& out) {
  if (number) out.Add(FieldValue::Number(static_cast<double>(*number)));
}

// 0 is what a product has that nobody dated.
void AddTime(int64_t time_ms, FieldValues& out) {
  if (time_ms != 0) out.Add(FieldValue::Number(static_cast<double>(time_ms)));
}

void AddAttributes(const AttributeList& leaves, std::string_view path, FieldValues& out) {
  for (auto leaf = leaves.begin(); leaf != leaves.end(); ++leaf) {
    const AttributeView view = leaf.view();
    if (view.path < path) continue;
    if (view.path > path) return;  // Sorted.
    switch (view.type) {
      case Attribute::Type::kText:
        out.Add(FieldValue::Text(view.text));
        break;
      case Attribute::Type::kNumber:
        out.Add(FieldValue::Number(view.number));
        break;
      case Attribute::Type::kBool:
        out.Add(FieldValue::Bool(view.number != 0));
        break;
    }
  }
}

}  // namespace

void AddProductFields(expressions::Schema& schema, FieldScope scope) {
  for (const NamedField& field : kFields) {
    if (field.scope == FieldScope::kShop && scope != FieldScope::kShop) continue;
    schema.AddField(std::string(field.name), field.field, field.type);
  }
  schema.AddOpenField("attributes", kAttributes);
  schema.AddOpenField("variants", kVariants);
}

const expressions::Schema& ProductFilterSchema(FieldScope scope) {
  const auto make = [](FieldScope of) {
    auto* schema = new expressions::Schema;
    AddProductFields(*schema, of);
    return schema;
  };
  static const expressions::Schema* const everybody = make(FieldScope::kEverybody);
  static const expressions::Schema* const shop = make(FieldScope::kShop);
  return scope == FieldScope::kShop ? *shop : *everybody;
}

void ProductFieldSource::Read(uint16_t field, std::string_view path, FieldValues& out) const {
  switch (field) {
    case kProductId:
      return AddText(product_.product_id, out);
    case kBrand:
      return AddText(product_.brand, out);
    case kCategory:
      for (const CategoryPath& category : product_.categories) out.Add(FieldValue::Path(category));
      return;
    case kTags:
      for (const std::string& tag : product_.tags) AddText(tag, out);
      return;
    case kHasImage:
      return out.Add(FieldValue::Bool(!terms_.image.empty()));
    case kCreatedAt:
      return AddTime(product_.created_at_ms, out);
    case kUpdatedAt:
      return AddTime(product_.updated_at_ms, out);
    case kAge:
    case kAgeDays:
      if (product_.created_at_ms != 0) {
        const auto age_ms = static_cast<double>(now_ms_ - product_.created_at_ms);
        out.Add(FieldValue::Number(field == kAge ? age_ms : age_ms / static_cast<double>(kDayMs)));
      }
      return;
    case kAttributes:
      AddAttributes(product_.attributes, path, out);
      for (const Variant& variant : product_.variants) AddAttributes(variant.attributes, path, out);
      return;
    case kVariants:
      return ReadVariants(path, out);
    case kCost:
      return AddMoney(product_.cost_minor, product_.price.currency, out);
    default:
      ReadTerms(field, out);
  }
}

void ProductFieldSource::ReadTerms(uint16_t field, FieldValues& out) const {
  switch (field) {
    case kTitle:
      return AddText(terms_.title, out);
    case kDescription:
      return AddText(terms_.description, out);
    case kImage:
      return AddText(terms_.image, out);
    case kUrl:
      return AddText(terms_.url, out);
    case kVariantId:
      return AddText(terms_.variant_id(), out);
    case kPrice:
      return AddMoney(terms_.price_minor, terms_.currency, out);
    case kListPrice:
      return AddMoney(terms_.list_price_minor, terms_.currency, out);
    case kSalePrice:
      if (terms_.is_on_sale) AddMoney(terms_.price_minor, terms_.currency, out);
      return;
    case kDiscountPercent:
      if (terms_.price_minor && terms_.list_price_minor.value_or(0) > 0) {
        const auto off = static_cast<double>(*terms_.list_price_minor - *terms_.price_minor);
        out.Add(FieldValue::Number(100.0 * off / static_cast<double>(*terms_.list_price_minor)));
      }
      return;
    case kOnSale:
      return out.Add(FieldValue::Bool(terms_.is_on_sale));
    case kInStock:
      return out.Add(FieldValue::Bool(terms_.is_available()));
    case kStock:
      return AddWhole(terms_.stock, out);
    case kMargin:
    case kMarginPercent:
      return ReadMargin(field == kMarginPercent, out);
    default:
      return;
  }
}

// Cost is in the product's currency, so there is a margin only where the request pays in it.
void ProductFieldSource::ReadMargin(bool is_percent, FieldValues& out) const {
  if (!product_.cost_minor || !terms_.price_minor || !(terms_.currency == product_.price.currency)) return;
  const int64_t margin_minor = *terms_.price_minor - *product_.cost_minor;
  if (!is_percent) return AddMoney(margin_minor, terms_.currency, out);
  if (*terms_.price_minor <= 0) return;
  out.Add(FieldValue::Number(100.0 * static_cast<double>(margin_minor) /
                             static_cast<double>(*terms_.price_minor)));
}

void ProductFieldSource::ReadVariants(std::string_view path, FieldValues& out) const {
  for (const Variant& variant : product_.variants) {
    if (path == "variant_id") {
      AddText(variant.variant_id, out);
    } else if (path == "sku") {
      AddText(variant.sku, out);
    } else if (path == "ean") {
      AddText(variant.ean, out);
    } else if (path == "price") {
      AddMoney(variant.price.price_minor, product_.price.currency, out);
    } else if (path == "stock") {
      if (scope_ == FieldScope::kShop) AddWhole(variant.stock, out);
    } else {
      AddAttributes(variant.attributes, path, out);
    }
  }
}

// Products have no functions.
void ProductFieldSource::Call(uint16_t, std::span<const expressions::Argument>, FieldValues&) const {}

}  // namespace attune::catalog
