#include "catalog/product_codec.h"

#include <protozero/pbf_message.hpp>
#include <protozero/pbf_writer.hpp>

#include <optional>
#include <utility>

#include "base/record_wire.h"
#include "catalog/attributes_json.h"

namespace attune::catalog {
namespace {

using protozero::pbf_reader;
using protozero::pbf_writer;

// Field numbers are on disk: never change one, never reuse one.
enum ProductTag : protozero::pbf_tag_type {
  kProductId = 1,
  kTitle = 2,
  kDescription = 3,
  kBrand = 4,
  kSku = 5,
  kEan = 6,
  kCategory = 7,
  kPrice = 8,
  kCost = 9,
  kInStock = 10,
  kStock = 11,
  kImage = 12,
  kUrl = 13,
  kTag = 14,
  kAttributes = 15,
  kCreatedAt = 16,
  kUpdatedAt = 17,
  kHiddenByMerchant = 18,
  kGoneFromFeed = 19,
  kVariant = 20,
  kMarket = 21,
  kTranslation = 22,
  kStockAt = 23,
  kPriceList = 24,
  kImageVector = 25,
  kTextVector = 26,
};
enum PriceTagTag : protozero::pbf_tag_type {
  kAmount = 1,
  kSaleAmount = 2,
  kSaleFrom = 3,
  kSaleUntil = 4,
  kCurrency = 5
};
enum VariantTag : protozero::pbf_tag_type {
  kVariantId = 1,
  kVariantSku = 2,
  kVariantEan = 3,
  kVariantPrice = 4,
  kVariantStock = 5,
  kVariantInStock = 6,
  kVariantImage = 7,
  kVariantAttributes = 8,
  kVariantStockAt = 9,
  kVariantFields = 10,
};
// Entries of maps: the key is field 1 everywhere.
enum EntryTag : protozero::pbf_tag_type {
  kKey = 1,
  kSecond = 2,
  kThird = 3,
  kFourth = 4,
  kFifth = 5,
  kSixth = 6
};

// As HasKnownWire() takes them.
constexpr std::string_view kProductWires = "bbbbbbbbvvvbbbbvvvvbbbbbbb";
constexpr std::string_view kPriceTagWires = "vvvvb";
constexpr std::string_view kVariantWires = "bbbbvvbbbv";
constexpr std::string_view kStockWires = "bv";
constexpr std::string_view kMarketWires = "bbbv";
constexpr std::string_view kTranslationWires = "bbbbbb";
constexpr std::string_view kPriceListWires = "bb";
constexpr std::string_view kCategoryWires = "b";

Status OtherWire() { return Corruption("product bytes: a field of another type"); }

std::string_view ViewOf(pbf_reader& reader) {
  const protozero::data_view view = reader.get_view();
  return {view.data(), view.size()};
}

std::string TextOf(pbf_reader& reader) { return std::string(ViewOf(reader)); }

void AddText(pbf_writer& writer, protozero::pbf_tag_type tag, std::string_view text) {
  if (!text.empty()) writer.add_bytes(tag, text.data(), text.size());
}

void AddOptional(pbf_writer& writer, protozero::pbf_tag_type tag, const std::optional<int64_t>& value) {
  if (value) writer.add_sint64(tag, *value);
}

void WriteTag(pbf_writer& parent, protozero::pbf_tag_type tag, const PriceTag& price) {
  if (price == PriceTag()) return;
  pbf_writer writer(parent, tag);
  AddOptional(writer, kAmount, price.price_minor);
  AddOptional(writer, kSaleAmount, price.sale_price_minor);
  AddOptional(writer, kSaleFrom, price.sale_from_ms);
  AddOptional(writer, kSaleUntil, price.sale_until_ms);
  AddText(writer, kCurrency, price.currency.code());
}

Result<PriceTag> ReadTag(pbf_reader reader) {
  PriceTag price;
  while (reader.next()) {
    if (!HasKnownWire(reader, kPriceTagWires)) return OtherWire();
    switch (reader.tag()) {
      case kAmount:
        price.price_minor = reader.get_sint64();
        break;
      case kSaleAmount:
        price.sale_price_minor = reader.get_sint64();
        break;
      case kSaleFrom:
        price.sale_from_ms = reader.get_sint64();
        break;
      case kSaleUntil:
        price.sale_until_ms = reader.get_sint64();
        break;
      case kCurrency: {
        const std::optional<Currency> currency = Currency::Parse(ViewOf(reader));
        if (!currency) return Corruption("product bytes: a currency of not three letters");
        price.currency = *currency;
        break;
      }
      default:
        reader.skip();
    }
  }
  return price;
}

void WriteStockAt(pbf_writer& parent, protozero::pbf_tag_type tag, const SortedMap<int64_t>& stock_at) {
  for (const auto& [location, stock] : stock_at) {
    pbf_writer writer(parent, tag);
    writer.add_bytes(kKey, location);
    writer.add_sint64(kSecond, stock);
  }
}

Status ReadStockAt(pbf_reader reader, SortedMap<int64_t>& stock_at) {
  std::string_view location;
  int64_t stock = 0;
  while (reader.next()) {
    if (!HasKnownWire(reader, kStockWires)) return OtherWire();
    switch (reader.tag()) {
      case kKey:
        location = ViewOf(reader);
        break;
      case kSecond:
        stock = reader.get_sint64();
        break;
      default:
        reader.skip();
    }
  }
  stock_at[location] = stock;
  return Status();
}

void WriteVariant(pbf_writer& parent, const Variant& variant, const VariantFields* fields) {
  pbf_writer writer(parent, kVariant);
  AddText(writer, kVariantId, variant.variant_id);
  AddText(writer, kVariantSku, variant.sku);
  AddText(writer, kVariantEan, variant.ean);
  WriteTag(writer, kVariantPrice, variant.price);
  AddOptional(writer, kVariantStock, variant.stock);
  if (variant.in_stock) writer.add_bool(kVariantInStock, *variant.in_stock);
  AddText(writer, kVariantImage, variant.image);
  AddText(writer, kVariantAttributes, variant.attributes_json);
  WriteStockAt(writer, kVariantStockAt, variant.stock_at);
  if (fields != nullptr) writer.add_uint32(kVariantFields, fields->bits());
}

Status ReadAttributes(std::string_view json, std::string& kept, AttributeList& leaves) {
  Result<AttributesDocument> document = ParseAttributes(json, "attributes");
  if (!document.ok()) return Corruption("product bytes: attributes do not parse");
  kept = std::move(document->json);
  leaves = std::move(document->leaves);
  return Status();
}

Result<Variant> ReadVariant(pbf_reader reader, VariantFields& fields) {
  Variant variant;
  fields = kAllVariantFields;
  while (reader.next()) {
    if (!HasKnownWire(reader, kVariantWires)) return OtherWire();
    switch (reader.tag()) {
      case kVariantId:
        variant.variant_id = TextOf(reader);
        break;
      case kVariantSku:
        variant.sku = TextOf(reader);
        break;
      case kVariantEan:
        variant.ean = TextOf(reader);
        break;
      case kVariantPrice: {
        ASSIGN_OR_RETURN(variant.price, ReadTag(reader.get_message()));
        break;
      }
      case kVariantStock:
        variant.stock = reader.get_sint64();
        break;
      case kVariantInStock:
        variant.in_stock = reader.get_uint32() != 0;
        break;
      case kVariantImage:
        variant.image = TextOf(reader);
        break;
      case kVariantAttributes:
        RETURN_IF_ERROR(ReadAttributes(ViewOf(reader), variant.attributes_json, variant.attributes));
        break;
      case kVariantStockAt:
        RETURN_IF_ERROR(ReadStockAt(reader.get_message(), variant.stock_at));
        break;
      case kVariantFields:
        fields = VariantFields(reader.get_uint32());
        break;
      default:
        reader.skip();
    }
  }
  return variant;
}

void WriteCategory(pbf_writer& parent, protozero::pbf_tag_type tag, const CategoryPath& path) {
  pbf_writer writer(parent, tag);
  for (const std::string& level : path) writer.add_bytes(kKey, level);
}

Result<CategoryPath> ReadCategory(pbf_reader reader) {
  CategoryPath path;
  while (reader.next()) {
    if (!HasKnownWire(reader, kCategoryWires)) return OtherWire();
    if (reader.tag() == kKey) {
      path.push_back(TextOf(reader));
    } else {
      reader.skip();
    }
  }
  return path;
}

void WriteMaps(pbf_writer& parent, const Product& product) {
  for (const auto& [name, market] : product.markets) {
    pbf_writer writer(parent, kMarket);
    writer.add_bytes(kKey, name);
    WriteTag(writer, kSecond, market.price);
    AddText(writer, kThird, market.url);
    if (market.is_available) writer.add_bool(kFourth, *market.is_available);
  }
  for (const auto& [language, texts] : product.translations) {
    pbf_writer writer(parent, kTranslation);
    writer.add_bytes(kKey, language);
    AddText(writer, kSecond, texts.title);
    AddText(writer, kThird, texts.description);
    AddText(writer, kFourth, texts.url);
    AddText(writer, kFifth, texts.attributes_json);
    for (const CategoryPath& path : texts.categories) WriteCategory(writer, kSixth, path);
  }
  WriteStockAt(parent, kStockAt, product.stock_at);
  for (const auto& [name, list] : product.price_lists) {
    pbf_writer writer(parent, kPriceList);
    writer.add_bytes(kKey, name);
    WriteTag(writer, kSecond, list);
  }
}

Status ReadMarket(pbf_reader reader, Product& product) {
  std::string_view name;
  MarketTerms terms;
  while (reader.next()) {
    if (!HasKnownWire(reader, kMarketWires)) return OtherWire();
    switch (reader.tag()) {
      case kKey:
        name = ViewOf(reader);
        break;
      case kSecond: {
        ASSIGN_OR_RETURN(terms.price, ReadTag(reader.get_message()));
        break;
      }
      case kThird:
        terms.url = TextOf(reader);
        break;
      case kFourth:
        terms.is_available = reader.get_uint32() != 0;
        break;
      default:
        reader.skip();
    }
  }
  product.markets[name] = std::move(terms);
  return Status();
}

Status ReadTranslation(pbf_reader reader, Product& product) {
  std::string_view language;
  Translation texts;
  while (reader.next()) {
    if (!HasKnownWire(reader, kTranslationWires)) return OtherWire();
    switch (reader.tag()) {
      case kKey:
        language = ViewOf(reader);
        break;
      case kSecond:
        texts.title = TextOf(reader);
        break;
      case kThird:
        texts.description = TextOf(reader);
        break;
      case kFourth:
        texts.url = TextOf(reader);
        break;
      case kFifth:
        RETURN_IF_ERROR(ReadAttributes(ViewOf(reader), texts.attributes_json, texts.attributes));
        break;
      case kSixth: {
        ASSIGN_OR_RETURN(CategoryPath path, ReadCategory(reader.get_message()));
        texts.categories.push_back(std::move(path));
        break;
      }
      default:
        reader.skip();
    }
  }
  product.translations[language] = std::move(texts);
  return Status();
}

Status ReadPriceList(pbf_reader reader, Product& product) {
  std::string_view name;
  PriceTag price;
  while (reader.next()) {
    if (!HasKnownWire(reader, kPriceListWires)) return OtherWire();
    switch (reader.tag()) {
      case kKey:
        name = ViewOf(reader);
        break;
      case kSecond: {
        ASSIGN_OR_RETURN(price, ReadTag(reader.get_message()));
        break;
      }
      default:
        reader.skip();
    }
  }
  product.price_lists[name] = price;
  return Status();
}

void WriteVector(pbf_writer& writer, protozero::pbf_tag_type tag, const std::vector<float>& vector) {
  if (!vector.empty()) writer.add_packed_float(tag, vector.begin(), vector.end());
}

void ReadVector(pbf_reader& reader, std::vector<float>& vector) {
  const auto numbers = reader.get_packed_float();
  vector.assign(numbers.begin(), numbers.end());
}

// The fields that are more than one value; true when `reader` stood on one of them and it was read.
Result<bool> ReadNested(pbf_reader& reader, Product& product, std::vector<VariantFields>* variant_fields) {
  switch (reader.tag()) {
    case kCategory: {
      ASSIGN_OR_RETURN(CategoryPath path, ReadCategory(reader.get_message()));
      product.categories.push_back(std::move(path));
      return true;
    }
    case kPrice: {
      ASSIGN_OR_RETURN(product.price, ReadTag(reader.get_message()));
      return true;
    }
    case kAttributes:
      RETURN_IF_ERROR(ReadAttributes(ViewOf(reader), product.attributes_json, product.attributes));
      return true;
    case kImageVector:
      ReadVector(reader, product.image_vector);
      return true;
    case kTextVector:
      ReadVector(reader, product.text_vector);
      return true;
    case kVariant: {
      VariantFields fields;
      ASSIGN_OR_RETURN(Variant variant, ReadVariant(reader.get_message(), fields));
      product.variants.push_back(std::move(variant));
      if (variant_fields != nullptr) variant_fields->push_back(fields);
      return true;
    }
    case kMarket:
      RETURN_IF_ERROR(ReadMarket(reader.get_message(), product));
      return true;
    case kTranslation:
      RETURN_IF_ERROR(ReadTranslation(reader.get_message(), product));
      return true;
    case kStockAt:
      RETURN_IF_ERROR(ReadStockAt(reader.get_message(), product.stock_at));
      return true;
    case kPriceList:
      RETURN_IF_ERROR(ReadPriceList(reader.get_message(), product));
      return true;
    default:
      return false;
  }
}

Result<Product> ReadProduct(pbf_reader reader, std::vector<VariantFields>* variant_fields) {
  Product product;
  while (reader.next()) {
    if (!HasKnownWire(reader, kProductWires)) return OtherWire();
    ASSIGN_OR_RETURN(const bool is_read, ReadNested(reader, product, variant_fields));
    if (is_read) continue;
    switch (reader.tag()) {
      case kProductId:
        product.product_id = TextOf(reader);
        break;
      case kTitle:
        product.title = TextOf(reader);
        break;
      case kDescription:
        product.description = TextOf(reader);
        break;
      case kBrand:
        product.brand = TextOf(reader);
        break;
      case kSku:
        product.sku = TextOf(reader);
        break;
      case kEan:
        product.eans.push_back(TextOf(reader));
        break;
      case kCost:
        product.cost_minor = reader.get_sint64();
        break;
      case kInStock:
        product.in_stock = reader.get_uint32() != 0;
        break;
      case kStock:
        product.stock = reader.get_sint64();
        break;
      case kImage:
        product.image = TextOf(reader);
        break;
      case kUrl:
        product.url = TextOf(reader);
        break;
      case kTag:
        product.tags.push_back(TextOf(reader));
        break;
      case kCreatedAt:
        product.created_at_ms = reader.get_sint64();
        break;
      case kUpdatedAt:
        product.updated_at_ms = reader.get_sint64();
        break;
      case kHiddenByMerchant:
        product.is_hidden_by_merchant = reader.get_uint32() != 0;
        break;
      case kGoneFromFeed:
        product.is_gone_from_feed = reader.get_uint32() != 0;
        break;
      default:
        reader.skip();
    }
  }
  product.is_hidden = product.is_hidden_by_merchant || product.is_gone_from_feed;
  product.categories.shrink_to_fit();
  product.tags.shrink_to_fit();
  product.eans.shrink_to_fit();
  product.variants.shrink_to_fit();
  return product;
}

}  // namespace

std::string EncodeProduct(const Product& product, const std::vector<VariantFields>& variant_fields) {
  std::string bytes;
  pbf_writer writer(bytes);
  AddText(writer, kProductId, product.product_id);
  AddText(writer, kTitle, product.title);
  AddText(writer, kDescription, product.description);
  AddText(writer, kBrand, product.brand);
  AddText(writer, kSku, product.sku);
  for (const std::string& ean : product.eans) writer.add_bytes(kEan, ean);
  for (const CategoryPath& path : product.categories) WriteCategory(writer, kCategory, path);
  WriteTag(writer, kPrice, product.price);
  AddOptional(writer, kCost, product.cost_minor);
  if (!product.in_stock) writer.add_bool(kInStock, false);
  AddOptional(writer, kStock, product.stock);
  AddText(writer, kImage, product.image);
  AddText(writer, kUrl, product.url);
  for (const std::string& tag : product.tags) writer.add_bytes(kTag, tag);
  AddText(writer, kAttributes, product.attributes_json);
  if (product.created_at_ms != 0) writer.add_sint64(kCreatedAt, product.created_at_ms);
  if (product.updated_at_ms != 0) writer.add_sint64(kUpdatedAt, product.updated_at_ms);
  if (product.is_hidden_by_merchant) writer.add_bool(kHiddenByMerchant, true);
  if (product.is_gone_from_feed) writer.add_bool(kGoneFromFeed, true);
  const bool has_fields = variant_fields.size() == product.variants.size();
  for (size_t i = 0; i < product.variants.size(); ++i) {
    WriteVariant(writer, product.variants[i], has_fields ? &variant_fields[i] : nullptr);
  }
  WriteMaps(writer, product);
  WriteVector(writer, kImageVector, product.image_vector);
  WriteVector(writer, kTextVector, product.text_vector);
  return bytes;
}

Result<Product> DecodeProduct(std::string_view bytes, std::vector<VariantFields>* variant_fields) {
  try {
    return ReadProduct(pbf_reader(bytes.data(), bytes.size()), variant_fields);
  } catch (const protozero::exception& error) {
    return Corruption(std::string("product bytes: ") + error.what());
  }
}

}  // namespace attune::catalog
