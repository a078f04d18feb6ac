#include "decisions/product_fields.h"

#include <algorithm>

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
  schema->AddField("on_sale", kOnSale, FieldType::kBool);
  schema->AddField("discount_percent", kDiscountPercent, FieldType::kNumber);
  schema->AddField("in_stock", kInStock, FieldType::kBool);
  schema->AddField("created_at", kCreatedAt, FieldType::kTime);
  schema->AddField("updated_at", kUpdatedAt, FieldType::kTime);
  schema->AddField("age", kAge, FieldType::kDuration);
  schema->AddOpenField("attributes", kAttributes);
  if (is_internal) {
    schema->AddField("cost", kCost, FieldType::kNumber);
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
    case kMarginPercent:
      if (product_.cost_minor && offer_.price_minor && *offer_.price_minor > 0 &&
          offer_.currency == product_.price.currency) {
        const auto price = static_cast<double>(*offer_.price_minor);
        out.Add(FieldValue::Number(100.0 * (price - static_cast<double>(*product_.cost_minor)) / price));
      }
      return;
    case kStock:
      if (offer_.stock) out.Add(FieldValue::Number(static_cast<double>(*offer_.stock)));
      return;
    default:
      return;
  }
}

void ProductFields::Call(uint16_t, std::span<const expressions::Argument>, FieldValues&) const {}

}  // namespace attune::decisions
