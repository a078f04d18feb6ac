#include "decisions/product_fields.h"

#include "base/clock.h"

namespace attune::decisions {
namespace {

using expressions::FieldType;
using expressions::FieldValue;
using expressions::FieldValues;
using expressions::Schema;

enum Field : uint16_t {
  kProductId,
  kTitle,
  kBrand,
  kCategory,
  kTags,
  kCreatedAt,
  kUpdatedAt,
  kAge,
  kAttributes,
  kPrice,
  kListPrice,
  kOnSale,
  kDiscountPercent,
  kInStock,
  kCost,
  kMarginPercent,
  kStock,
  kSalePrice,
  kHasImage,
  kAgeDays,
  kMargin,
  kVariants,
};

Schema* MakeSchema(bool is_internal) {
  auto* schema = new Schema;
  schema->AddField("product_id", kProductId, FieldType::kText);
  schema->AddField("title", kTitle, FieldType::kText);
  schema->AddField("brand", kBrand, FieldType::kText);
  schema->AddField("category", kCategory, FieldType::kPath);
  schema->AddField("tags", kTags, FieldType::kText);
  schema->AddField("price", kPrice, FieldType::kNumber);
  schema->AddField("list_price", kListPrice, FieldType::kNumber);
  schema->AddField("sale_price", kSalePrice, FieldType::kNumber);
  schema->AddField("on_sale", kOnSale, FieldType::kBool);
  schema->AddField("discount_percent", kDiscountPercent, FieldType::kNumber);
  schema->AddField("in_stock", kInStock, FieldType::kBool);
  schema->AddField("created_at", kCreatedAt, FieldType::kTime);
  schema->AddField("updated_at", kUpdatedAt, FieldType::kTime);
  schema->AddField("age", kAge, FieldType::kDuration);
  schema->AddField("age_days", kAgeDays, FieldType::kNumber);
  schema->AddField("has_image", kHasImage, FieldType::kBool);
  schema->AddOpenField("attributes", kAttributes);
  schema->AddOpenField("variants", kVariants);
  if (is_internal) {
    schema->AddField("cost", kCost, FieldType::kNumber);
    schema->AddField("margin", kMargin, FieldType::kNumber);
    schema->AddField("margin_percent", kMarginPercent, FieldType::kNumber);
    schema->AddField("stock", kStock, FieldType::kNumber);
  }
  return schema;
}

void AddAttributes(const catalog::AttributeList& attributes, std::string_view path, FieldValues& out) {
  for (auto leaf = attributes.begin(); leaf != attributes.end(); ++leaf) {
    const catalog::AttributeView view = leaf.view();
    if (view.path != path) continue;
    switch (view.type) {
      case catalog::Attribute::Type::kText:
        out.Add(FieldValue::Text(view.text));
        break;
      case catalog::Attribute::Type::kNumber:
        out.Add(FieldValue::Number(view.number));
        break;
      case catalog::Attribute::Type::kBool:
        out.Add(FieldValue::Bool(view.number != 0));
        break;
    }
  }
}

void AddText(std::string_view text, FieldValues& out) {
  if (!text.empty()) out.Add(FieldValue::Text(text));
}

// variants.sku, variants.ean, variants.variant_id; anything else is an attribute of a variant.
void AddVariants(const catalog::Product& product, std::string_view path, FieldValues& out) {
  for (const catalog::Variant& variant : product.variants) {
    if (path == "sku") {
      AddText(variant.sku, out);
    } else if (path == "ean") {
      AddText(variant.ean, out);
    } else if (path == "variant_id") {
      AddText(variant.variant_id, out);
    } else {
      AddAttributes(variant.attributes, path, out);
    }
  }
}

void AddTime(int64_t time_ms, FieldValues& out) {
  if (time_ms != 0) out.Add(FieldValue::Number(static_cast<double>(time_ms)));
}

double DiscountPercent(const catalog::OfferTerms& offer) {
  if (!offer.is_on_sale || !offer.price_minor || !offer.list_price_minor || *offer.list_price_minor <= 0)
    return 0;
  const auto list_price = static_cast<double>(*offer.list_price_minor);
  return 100.0 * (list_price - static_cast<double>(*offer.price_minor)) / list_price;
}

}  // namespace

const Schema& RequestFilterSchema() {
  static const Schema* const schema = MakeSchema(false);
  return *schema;
}

const Schema& PlacementFilterSchema() {
  static const Schema* const schema = MakeSchema(true);
  return *schema;
}

void ProductFields::Read(uint16_t field, std::string_view path, FieldValues& out) const {
  switch (field) {
    case kProductId:
      return AddText(product_.product_id, out);
    case kTitle:
      return AddText(product_.title, out);
    case kBrand:
      return AddText(product_.brand, out);
    case kCategory:
      for (const catalog::CategoryPath& category : product_.categories) out.Add(FieldValue::Path(category));
      return;
    case kTags:
      for (const std::string& tag : product_.tags) out.Add(FieldValue::Text(tag));
      return;
    case kCreatedAt:
      return AddTime(product_.created_at_ms, out);
    case kUpdatedAt:
      return AddTime(product_.updated_at_ms, out);
    case kAge:
      if (product_.created_at_ms != 0) {
        out.Add(FieldValue::Number(static_cast<double>(now_ms_ - product_.created_at_ms)));
      }
      return;
    case kAttributes:
      AddAttributes(product_.attributes, path, out);
      for (const catalog::Variant& variant : product_.variants) AddAttributes(variant.attributes, path, out);
      return;
    case kVariants:
      return AddVariants(product_, path, out);
    case kHasImage:
      return out.Add(FieldValue::Bool(!product_.image.empty()));
    case kAgeDays:
      if (product_.created_at_ms != 0) {
        const auto age_ms = static_cast<double>(now_ms_ - product_.created_at_ms);
        out.Add(FieldValue::Number(age_ms / static_cast<double>(kDayMs)));
      }
      return;
    default:
      return ReadOffer(field, out);
  }
}

void ProductFields::ReadOffer(uint16_t field, FieldValues& out) const {
  const auto add_money = [&](const std::optional<int64_t>& minor) {
    if (minor) out.Add(FieldValue::Number(MajorFromMinor(*minor, offer_.currency)));
  };
  switch (field) {
    case kPrice:
      return add_money(offer_.price_minor);
    case kListPrice:
      return add_money(offer_.list_price_minor);
    case kOnSale:
      return out.Add(FieldValue::Bool(offer_.is_on_sale));
    case kDiscountPercent:
      return out.Add(FieldValue::Number(DiscountPercent(offer_)));
    case kInStock:
      return out.Add(FieldValue::Bool(offer_.availability != catalog::Availability::kOutOfStock &&
                                      offer_.availability != catalog::Availability::kNotAtLocation));
    case kCost:
      if (product_.cost_minor) {
        out.Add(FieldValue::Number(MajorFromMinor(*product_.cost_minor, product_.price.currency)));
      }
      return;
    case kMargin:
    case kMarginPercent:
      return ReadMargin(field == kMarginPercent, out);
    case kSalePrice:
      if (offer_.is_on_sale) add_money(offer_.price_minor);
      return;
    case kStock:
      if (offer_.stock) out.Add(FieldValue::Number(static_cast<double>(*offer_.stock)));
      return;
    default:
      return;
  }
}

// Only in the currency of the cost: an amount in another one would be no margin.
void ProductFields::ReadMargin(bool in_percent, FieldValues& out) const {
  if (!product_.cost_minor || !offer_.price_minor || !(offer_.currency == product_.price.currency)) return;
  const int64_t margin_minor = *offer_.price_minor - *product_.cost_minor;
  if (!in_percent) return out.Add(FieldValue::Number(MajorFromMinor(margin_minor, offer_.currency)));
  if (*offer_.price_minor <= 0) return;
  out.Add(FieldValue::Number(100.0 * static_cast<double>(margin_minor) /
                             static_cast<double>(*offer_.price_minor)));
}

void ProductFields::Call(uint16_t, std::span<const expressions::Argument>, FieldValues&) const {}

}  // namespace attune::decisions
