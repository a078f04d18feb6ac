#include "catalog/product_json_parts.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/time_text.h"
#include "base/utf8.h"
#include "catalog/attributes_json.h"
#include "catalog/limits.h"
#include "catalog/product_dom.h"

namespace attune::catalog {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::string Below(std::string_view field, std::string_view name) {
  return std::string(field) + "." + std::string(name);
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Status AddLevel(std::string_view level, std::string_view field, CategoryPath& path) {
  level = Trimmed(level);
  if (level.empty()) return Status();
  if (path.size() == kCategoryDepthMax) {
    return InvalidArgument("a category path is deeper than 10 levels", std::string(field));
  }
  if (level.size() > kCategoryLevelBytesMax) {
    return InvalidArgument("a category name is longer than 256 bytes", std::string(field));
  }
  path.emplace_back(level);
  return Status();
}

// Visits the members of an object of named things.
template <class Visit>
Status ForEachKey(const element& value, std::string_view field, size_t keys_max, const Visit& visit) {
  object members;
  if (value.get(members) != simdjson::SUCCESS)
    return InvalidArgument("must be an object", std::string(field));
  if (members.size() > keys_max) {
    return InvalidArgument("has more than " + std::to_string(keys_max) + " entries", std::string(field));
  }
  for (const simdjson::dom::key_value_pair member : members) {
    if (member.key.empty() || member.key.size() > kMapKeyBytesMax || !IsCleanText(member.key)) {
      return InvalidArgument("a name must be 1 to 64 bytes of clean text", std::string(field));
    }
    RETURN_IF_ERROR(visit(member.key, member.value, Below(field, member.key)));
  }
  return Status();
}

std::optional<element> Member(const element& value, std::string_view name) {
  element member;
  if (value.at_key(name).get(member) != simdjson::SUCCESS) return std::nullopt;
  return member;
}

// `name` of `value` as time; nothing when absent or null.
Status ReadOptionalTime(const element& value, std::string_view name, std::string_view field,
                        std::optional<int64_t>& time_ms) {
  const std::optional<element> member = Member(value, name);
  if (!member || member->is_null()) return Status();
  ASSIGN_OR_RETURN(time_ms, ReadTime(*member, Below(field, name)));
  return Status();
}

Status ReadStockAt(const element& value, std::string_view field, SortedMap<int64_t>& stock_at,
                   std::vector<std::string>* removed) {
  if (value.is_null()) return Status();
  return ForEachKey(value, field, kLocationsMax,
                    [&](std::string_view location, const element& stock, const std::string& path) -> Status {
                      if (stock.is_null()) {
                        if (removed != nullptr) removed->emplace_back(location);
                        return Status();
                      }
                      ASSIGN_OR_RETURN(stock_at[location], ReadInteger(stock, path, -kStockMax, kStockMax));
                      return Status();
                    });
}

// The price fields of a variant; true when `name` was one.
Result<bool> ReadVariantPrice(std::string_view name, const element& value, const std::string& field,
                              Currency currency, Variant& variant, VariantFields& fields) {
  const bool is_null = value.is_null();
  if (name == "price" || name == "sale_price") {
    std::optional<int64_t> minor;
    if (!is_null) {
      ASSIGN_OR_RETURN(minor, ReadMoney(value, field, currency));
    }
    (name == "price" ? variant.price.price_minor : variant.price.sale_price_minor) = minor;
    fields.Add(name == "price" ? VariantField::kPrice : VariantField::kSalePrice);
    return true;
  }
  if (name == "sale_from" || name == "sale_until") {
    std::optional<int64_t> time_ms;
    if (!is_null) {
      ASSIGN_OR_RETURN(time_ms, ReadTime(value, field));
    }
    (name == "sale_from" ? variant.price.sale_from_ms : variant.price.sale_until_ms) = time_ms;
    fields.Add(VariantField::kSaleDates);
    return true;
  }
  if (name == "sale_price_effective_date") {
    RETURN_IF_ERROR(ReadSaleInterval(value, field, variant.price));
    fields.Add(VariantField::kSaleDates);
    return true;
  }
  return false;
}

Result<bool> ReadVariantText(std::string_view name, const element& value, const std::string& field,
                             Variant& variant, VariantFields& fields) {
  std::string* into = nullptr;
  VariantField which = VariantField::kSku;
  size_t bytes_max = kIdBytesMax;
  if (name == "sku") {
    into = &variant.sku;
  } else if (name == "ean") {
    into = &variant.ean;
    which = VariantField::kEan;
  } else if (name == "image") {
    into = &variant.image;
    which = VariantField::kImage;
    bytes_max = kUrlBytesMax;
  } else {
    return false;
  }
  fields.Add(which);
  if (value.is_null()) {
    into->clear();
  } else {
    ASSIGN_OR_RETURN(*into, ReadText(value, field, bytes_max, true));
  }
  return true;
}

Status ReadVariantField(std::string_view name, const element& value, const std::string& field,
                        Currency currency, Variant& variant, VariantFields& fields) {
  ASSIGN_OR_RETURN(const bool is_price, ReadVariantPrice(name, value, field, currency, variant, fields));
  if (is_price) return Status();
  ASSIGN_OR_RETURN(const bool is_text, ReadVariantText(name, value, field, variant, fields));
  if (is_text) return Status();
  if (name == "variant_id") {
    ASSIGN_OR_RETURN(variant.variant_id, ReadText(value, field, kIdBytesMax, true));
  } else if (name == "stock") {
    fields.Add(VariantField::kStock);
    variant.stock = std::nullopt;
    if (value.is_null()) return Status();
    ASSIGN_OR_RETURN(variant.stock, ReadInteger(value, field, -kStockMax, kStockMax));
  } else if (name == "in_stock") {
    fields.Add(VariantField::kInStock);
    variant.in_stock = std::nullopt;
    if (value.is_null()) return Status();
    ASSIGN_OR_RETURN(variant.in_stock, ReadBool(value, field));
  } else if (name == "attributes") {
    fields.Add(VariantField::kAttributes);
    ASSIGN_OR_RETURN(AttributesDocument document, ReadAttributes(value, field));
    variant.attributes_json = std::move(document.json);
    variant.attributes = std::move(document.leaves);
  } else if (name == "stock_at") {
    fields.Add(VariantField::kStockAt);
    variant.stock_at.clear();
    RETURN_IF_ERROR(ReadStockAt(value, field, variant.stock_at, nullptr));
  }
  return Status();
}

// Texts, and what search and facets show in their place.
Result<Translation> ReadTranslation(const element& texts, const std::string& field) {
  Translation read;
  const auto read_text = [&](const char* name, size_t bytes_max, std::string& text) -> Status {
    const auto value = Member(texts, name);
    if (!value || value->is_null()) return Status();
    ASSIGN_OR_RETURN(text, ReadText(*value, field + "." + name, bytes_max));
    return Status();
  };
  RETURN_IF_ERROR(read_text("title", kTitleBytesMax, read.title));
  RETURN_IF_ERROR(read_text("description", kDescriptionBytesMax, read.description));
  RETURN_IF_ERROR(read_text("url", kUrlBytesMax, read.url));
  if (const auto paths = Member(texts, "categories")) {
    RETURN_IF_ERROR(ReadCategories(*paths, field + ".categories", read.categories));
  }
  if (const auto path = Member(texts, "category")) {
    RETURN_IF_ERROR(ReadMainCategory(*path, field + ".category", read.categories));
  }
  if (const auto attributes = Member(texts, "attributes"); attributes && !attributes->is_null()) {
    ASSIGN_OR_RETURN(AttributesDocument document, ReadAttributes(*attributes, field + ".attributes"));
    read.attributes_json = std::move(document.json);
    read.attributes = std::move(document.leaves);
  }
  return read;
}

}  // namespace

Result<std::vector<float>> ReadVector(const element& value, std::string_view field, size_t dimensions_max) {
  array numbers;
  if (value.get(numbers) != simdjson::SUCCESS) {
    return InvalidArgument("must be an array of numbers", std::string(field));
  }
  if (numbers.size() > dimensions_max) {
    return InvalidArgument("has more than " + std::to_string(dimensions_max) + " numbers",
                           std::string(field));
  }
  std::vector<float> vector;
  vector.reserve(numbers.size());
  bool has_direction = false;
  for (const element one : numbers) {
    double number = 0;
    const bool is_number = one.get(number) == simdjson::SUCCESS;
    const auto rounded = static_cast<float>(number);
    if (!is_number || !std::isfinite(rounded)) {
      return InvalidArgument("must be a number",
                             std::string(field) + "[" + std::to_string(vector.size()) + "]");
    }
    has_direction = has_direction || rounded != 0;
    vector.push_back(rounded);
  }
  if (!has_direction) return InvalidArgument("must not be empty or all zero", std::string(field));
  return vector;
}

Result<CategoryPath> ReadCategoryPath(const element& value, std::string_view field) {
  CategoryPath path;
  if (value.is_null()) return path;
  if (value.is_string()) {
    ASSIGN_OR_RETURN(const std::string joined,
                     ReadText(value, field, kCategoryDepthMax * (kCategoryLevelBytesMax + 3)));
    std::string_view rest = joined;
    while (true) {
      const size_t end = rest.find('>');
      RETURN_IF_ERROR(AddLevel(rest.substr(0, end), field, path));
      if (end == std::string_view::npos) return path;
      rest.remove_prefix(end + 1);
    }
  }
  array levels;
  if (value.get(levels) != simdjson::SUCCESS) {
    return InvalidArgument("must be an array of names, or \"Broad > Narrow\"", std::string(field));
  }
  for (const element level : levels) {
    ASSIGN_OR_RETURN(const std::string name, ReadText(level, field, kCategoryLevelBytesMax));
    RETURN_IF_ERROR(AddLevel(name, field, path));
  }
  return path;
}

Status ReadSaleInterval(const element& value, std::string_view field, PriceTag& tag) {
  tag.sale_from_ms = std::nullopt;
  tag.sale_until_ms = std::nullopt;
  std::string_view text;
  if (value.is_null() || (value.get(text) == simdjson::SUCCESS && text.empty())) return Status();
  const size_t slash = text.find('/');
  std::optional<int64_t> from;
  std::optional<int64_t> until;
  if (slash != std::string_view::npos) {
    from = ParseTime(Trimmed(text.substr(0, slash)));
    until = ParseTime(Trimmed(text.substr(slash + 1)));
  }
  if (!from || !until) return InvalidArgument("must be two times with a slash between", std::string(field));
  tag.sale_from_ms = from;
  tag.sale_until_ms = until;
  return Status();
}

Status CheckSaleDates(const PriceTag& tag, std::string_view field) {
  if (tag.sale_from_ms && tag.sale_until_ms && *tag.sale_until_ms <= *tag.sale_from_ms) {
    return InvalidArgument("a sale must end after it starts", std::string(field));
  }
  return Status();
}

Result<PriceTag> ReadPriceTag(const element& value, std::string_view field, Currency currency) {
  PriceTag tag;
  if (!value.is_object()) {
    ASSIGN_OR_RETURN(tag.price_minor, ReadMoney(value, field, currency));
    return tag;
  }
  if (const auto code = Member(value, "currency"); code && !code->is_null()) {
    ASSIGN_OR_RETURN(tag.currency, ReadCurrency(*code, Below(field, "currency")));
    currency = tag.currency;
  }
  if (const auto price = Member(value, "price"); price && !price->is_null()) {
    ASSIGN_OR_RETURN(tag.price_minor, ReadMoney(*price, Below(field, "price"), currency));
  }
  if (const auto price = Member(value, "sale_price"); price && !price->is_null()) {
    ASSIGN_OR_RETURN(tag.sale_price_minor, ReadMoney(*price, Below(field, "sale_price"), currency));
  }
  RETURN_IF_ERROR(ReadOptionalTime(value, "sale_from", field, tag.sale_from_ms));
  RETURN_IF_ERROR(ReadOptionalTime(value, "sale_until", field, tag.sale_until_ms));
  RETURN_IF_ERROR(CheckSaleDates(tag, Below(field, "sale_until")));
  return tag;
}

Status ReadVariants(const element& value, Currency currency, ProductChange& change) {
  change.values.variants.clear();
  change.variant_fields.clear();
  if (value.is_null()) return Status();
  array elements;
  if (value.get(elements) != simdjson::SUCCESS) return InvalidArgument("must be an array", "variants");
  if (elements.size() > kVariantsMax) return InvalidArgument("has more than 200 variants", "variants");
  std::set<std::string> seen;
  size_t index = 0;
  for (const element one : elements) {
    const std::string field = "variants[" + std::to_string(index++) + "]";
    object members;
    if (one.get(members) != simdjson::SUCCESS) return InvalidArgument("must be an object", field);
    Variant variant;
    VariantFields fields;
    for (const simdjson::dom::key_value_pair member : members) {
      const std::string path = Below(field, member.key);
      RETURN_IF_ERROR(ReadVariantField(member.key, member.value, path, currency, variant, fields));
    }
    if (variant.variant_id.empty()) return InvalidArgument("is required", field + ".variant_id");
    if (!seen.insert(variant.variant_id).second) {
      return InvalidArgument("names a variant twice: " + variant.variant_id, field + ".variant_id");
    }
    RETURN_IF_ERROR(CheckSaleDates(variant.price, field + ".sale_until"));
    change.values.variants.push_back(std::move(variant));
    change.variant_fields.push_back(fields);
  }
  return Status();
}

Status ReadMarkets(const element& value, Currency currency, ProductChange& change) {
  if (value.is_null()) return Status();
  return ForEachKey(value, "markets", kMarketsMax,
                    [&](std::string_view market, const element& terms, const std::string& field) -> Status {
                      if (terms.is_null()) {
                        change.removed.push_back({ProductField::kMarkets, std::string(market)});
                        return Status();
                      }
                      if (!terms.is_object()) return InvalidArgument("must be an object", field);
                      MarketTerms read;
                      ASSIGN_OR_RETURN(read.price, ReadPriceTag(terms, field, currency));
                      if (const auto url = Member(terms, "url"); url && !url->is_null()) {
                        ASSIGN_OR_RETURN(read.url, ReadText(*url, field + ".url", kUrlBytesMax));
                      }
                      if (const auto is_available = Member(terms, "available");
                          is_available && !is_available->is_null()) {
                        ASSIGN_OR_RETURN(read.is_available, ReadBool(*is_available, field + ".available"));
                      }
                      change.values.markets[market] = std::move(read);
                      return Status();
                    });
}

Status ReadMainCategory(const element& value, const std::string& field, std::vector<CategoryPath>& paths) {
  ASSIGN_OR_RETURN(CategoryPath path, ReadCategoryPath(value, field));
  if (path.empty()) return Status();
  std::erase(paths, path);
  paths.insert(paths.begin(), std::move(path));
  return Status();
}

Status ReadCategories(const element& value, const std::string& field, std::vector<CategoryPath>& paths) {
  if (value.is_null()) return Status();
  array elements;
  if (value.get(elements) != simdjson::SUCCESS) return InvalidArgument("must be an array of paths", field);
  size_t index = 0;
  for (const element one : elements) {
    ASSIGN_OR_RETURN(CategoryPath path, ReadCategoryPath(one, field + "[" + std::to_string(index++) + "]"));
    if (path.empty() || std::find(paths.begin(), paths.end(), path) != paths.end()) continue;
    if (paths.size() == kCategoryPathsMax) return InvalidArgument("has more than 20 paths", field);
    paths.push_back(std::move(path));
  }
  return Status();
}

Status ReadTranslations(const element& value, ProductChange& change) {
  if (value.is_null()) return Status();
  return ForEachKey(value, "translations", kTranslationsMax,
                    [&](std::string_view language, const element& texts, const std::string& field) -> Status {
                      if (texts.is_null()) {
                        change.removed.push_back({ProductField::kTranslations, std::string(language)});
                        return Status();
                      }
                      if (!texts.is_object()) return InvalidArgument("must be an object", field);
                      ASSIGN_OR_RETURN(change.values.translations[language], ReadTranslation(texts, field));
                      return Status();
                    });
}

Status ReadPriceLists(const element& value, Currency currency, ProductChange& change) {
  if (value.is_null()) return Status();
  return ForEachKey(value, "price_lists", kPriceListsMax,
                    [&](std::string_view list, const element& price, const std::string& field) -> Status {
                      if (price.is_null()) {
                        change.removed.push_back({ProductField::kPriceLists, std::string(list)});
                        return Status();
                      }
                      ASSIGN_OR_RETURN(change.values.price_lists[list], ReadPriceTag(price, field, currency));
                      return Status();
                    });
}

Status ReadProductStockAt(const element& value, ProductChange& change) {
  std::vector<std::string> removed;
  RETURN_IF_ERROR(ReadStockAt(value, "stock_at", change.values.stock_at, &removed));
  for (std::string& location : removed) {
    change.removed.push_back({ProductField::kStockAt, std::move(location)});
  }
  return Status();
}

}  // namespace attune::catalog
