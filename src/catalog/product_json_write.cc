#include "base/time_text.h"
#include "catalog/product_json.h"

namespace attune::catalog {
namespace {

void WriteText(JsonWriter& json, std::string_view key, std::string_view text) {
  if (!text.empty()) json.Key(key).String(text);
}

void WriteMoney(JsonWriter& json, std::string_view key, const std::optional<int64_t>& minor,
                Currency currency) {
  // The decimal text is a JSON number as it stands, and exact.
  if (minor) json.Key(key).Raw(FormatMinor(*minor, currency));
}

void WriteTag(JsonWriter& json, const PriceTag& tag, Currency inherited) {
  const Currency currency = tag.currency.is_none() ? inherited : tag.currency;
  WriteMoney(json, "price", tag.price_minor, currency);
  WriteMoney(json, "sale_price", tag.sale_price_minor, currency);
  if (tag.sale_from_ms) json.Key("sale_from").String(FormatTime(*tag.sale_from_ms));
  if (tag.sale_until_ms) json.Key("sale_until").String(FormatTime(*tag.sale_until_ms));
  if (!tag.currency.is_none()) json.Key("currency").String(tag.currency.code());
}

// A browser learns whether there is any.  The shop's own systems get what they once sent, so that a product
// that was read and put back is the same.
void WriteStock(JsonWriter& json, const std::optional<bool>& in_stock, const std::optional<int64_t>& stock,
                const SortedMap<int64_t>& stock_at, Audience audience) {
  if (audience == Audience::kPublic) {
    json.Key("in_stock").Bool(in_stock.value_or(true) && stock.value_or(1) > 0);
    return;
  }
  if (in_stock) json.Key("in_stock").Bool(*in_stock);
  if (stock) json.Key("stock").Int(*stock);
  if (stock_at.empty()) return;
  json.Key("stock_at").BeginObject();
  for (const auto& [location, units] : stock_at) json.Key(location).Int(units);
  json.EndObject();
}

void WritePath(JsonWriter& json, const CategoryPath& path) {
  json.BeginArray();
  for (const std::string& level : path) json.String(level);
  json.EndArray();
}

void WriteCategories(JsonWriter& json, const std::vector<CategoryPath>& categories) {
  if (categories.empty()) return;
  WritePath(json.Key("category"), categories.front());
  if (categories.size() == 1) return;
  json.Key("categories").BeginArray();
  for (const CategoryPath& path : categories) WritePath(json, path);
  json.EndArray();
}

void WriteTexts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.Key(key).BeginArray();
  for (const std::string& text : texts) json.String(text);
  json.EndArray();
}

void WriteVariants(JsonWriter& json, const Product& product, Audience audience) {
  if (product.variants.empty()) return;
  json.Key("variants").BeginArray();
  for (const Variant& variant : product.variants) {
    json.BeginObject().Key("variant_id").String(variant.variant_id);
    WriteText(json, "sku", variant.sku);
    WriteText(json, "ean", variant.ean);
    WriteTag(json, variant.price, product.price.currency);
    WriteStock(json, variant.in_stock, variant.stock, variant.stock_at, audience);
    WriteText(json, "image", variant.image);
    if (!variant.attributes_json.empty()) json.Key("attributes").Raw(variant.attributes_json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteMarkets(JsonWriter& json, const Product& product) {
  if (!product.markets.empty()) {
    json.Key("markets").BeginObject();
    for (const auto& [name, terms] : product.markets) {
      json.Key(name).BeginObject();
      WriteTag(json, terms.price, product.price.currency);
      WriteText(json, "url", terms.url);
      if (terms.is_available) json.Key("available").Bool(*terms.is_available);
      json.EndObject();
    }
    json.EndObject();
  }
  if (!product.translations.empty()) {
    json.Key("translations").BeginObject();
    for (const auto& [language, texts] : product.translations) {
      json.Key(language).BeginObject();
      WriteText(json, "title", texts.title);
      WriteText(json, "description", texts.description);
      WriteText(json, "url", texts.url);
      WriteCategories(json, texts.categories);
      if (!texts.attributes_json.empty()) json.Key("attributes").Raw(texts.attributes_json);
      json.EndObject();
    }
    json.EndObject();
  }
}

// Prices agreed with some customers are not for everybody's eyes.
void WritePriceLists(JsonWriter& json, const Product& product) {
  if (product.price_lists.empty()) return;
  json.Key("price_lists").BeginObject();
  for (const auto& [name, tag] : product.price_lists) {
    json.Key(name).BeginObject();
    WriteTag(json, tag, product.price.currency);
    json.EndObject();
  }
  json.EndObject();
}

}  // namespace

void WriteProductJson(JsonWriter& json, const Product& product, Audience audience) {
  const bool is_secret = audience == Audience::kSecret;
  json.BeginObject().Key("product_id").String(product.product_id);
  WriteText(json, "title", product.title);
  WriteText(json, "description", product.description);
  WriteText(json, "brand", product.brand);
  WriteText(json, "sku", product.sku);
  WriteTexts(json, "ean", product.eans);
  WriteCategories(json, product.categories);
  WriteTag(json, product.price, Currency());
  if (is_secret) WriteMoney(json, "cost", product.cost_minor, product.price.currency);
  WriteStock(json, product.in_stock, product.stock, product.stock_at, audience);
  WriteText(json, "image", product.image);
  WriteText(json, "url", product.url);
  WriteTexts(json, "tags", product.tags);
  if (!product.attributes_json.empty()) json.Key("attributes").Raw(product.attributes_json);
  json.Key("created_at").String(FormatTime(product.created_at_ms));
  json.Key("updated_at").String(FormatTime(product.updated_at_ms));
  if (is_secret) json.Key("hidden").Bool(product.is_hidden_by_merchant);
  WriteVariants(json, product, audience);
  WriteMarkets(json, product);
  if (is_secret) WritePriceLists(json, product);
  json.EndObject();
}

}  // namespace attune::catalog
