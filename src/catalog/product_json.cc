#include "catalog/product_json.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "catalog/attributes_json.h"
#include "catalog/limits.h"
#include "catalog/product_dom.h"
#include "catalog/product_json_parts.h"

namespace attune::catalog {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;
using Kind = ProductChange::Kind;

// Reads one product into a change, member by member.
class ProductReader {
 public:
  ProductReader(const ProductParseOptions& options, ProductChange& change)
      : options_(options), change_(change) {}

  Status Read(const object& members) {
    change_.kind = options_.kind;
    change_.product_id = std::string(options_.product_id);
    change_.updated_at_ms = std::max<int64_t>(options_.now_ms, 1);
    RETURN_IF_ERROR(ReadOwnCurrency(members));
    for (const simdjson::dom::key_value_pair member : members) {
      RETURN_IF_ERROR(ReadMember(member.key, member.value));
    }
    if (change_.product_id.empty()) return InvalidArgument("is required", "product_id");
    RETURN_IF_ERROR(CheckSaleDates(change_.values.price, "sale_until"));
    if (change_.kind == Kind::kPut) change_.fields = kAllProductFields;
    change_.replaces_variants = change_.kind != Kind::kPatch;
    change_.replaces_maps = change_.kind != Kind::kPatch;
    return Status();
  }

 private:
  using Handler = Status (ProductReader::*)(const element& value);
  struct Member {
    std::string_view name;
    Handler handler;
  };

  // Amounts may stand before the currency that they are in.
  Status ReadOwnCurrency(const object& members) {
    currency_ = options_.default_currency;
    element code;
    const bool is_named = members.at_key("currency").get(code) == simdjson::SUCCESS && !code.is_null();
    if (is_named) {
      ASSIGN_OR_RETURN(currency_, ReadCurrency(code, "currency"));
      element price;
      const bool has_price = members.at_key("price").get(price) == simdjson::SUCCESS;
      if (options_.kind == Kind::kPatch && !has_price) {
        return InvalidArgument("can only be changed together with price", "currency");
      }
    }
    change_.amounts_currency = currency_;
    if (is_named || options_.kind == Kind::kPut) change_.values.price.currency = currency_;
    return Status();
  }

  Status ReadMember(std::string_view name, const element& value) {
    static constexpr std::array<Member, 30> kMembers = {{
        {"product_id", &ProductReader::OnProductId},
        {"title", &ProductReader::OnTitle},
        {"description", &ProductReader::OnDescription},
        {"brand", &ProductReader::OnBrand},
        {"category", &ProductReader::OnCategory},
        {"categories", &ProductReader::OnCategories},
        {"price", &ProductReader::OnPrice},
        {"sale_price", &ProductReader::OnSalePrice},
        {"sale_from", &ProductReader::OnSaleFrom},
        {"sale_until", &ProductReader::OnSaleUntil},
        {"sale_price_effective_date", &ProductReader::OnSaleInterval},
        {"cost", &ProductReader::OnCost},
        {"in_stock", &ProductReader::OnInStock},
        {"stock", &ProductReader::OnStock},
        {"image", &ProductReader::OnImage},
        {"url", &ProductReader::OnUrl},
        {"tags", &ProductReader::OnTags},
        {"vectors", &ProductReader::OnVectors},
        {"attributes", &ProductReader::OnAttributes},
        {"created_at", &ProductReader::OnCreatedAt},
        {"updated_at", &ProductReader::OnUpdatedAt},
        {"variants", &ProductReader::OnVariants},
        {"markets", &ProductReader::OnMarkets},
        {"translations", &ProductReader::OnTranslations},
        {"stock_at", &ProductReader::OnStockAt},
        {"price_lists", &ProductReader::OnPriceLists},
        {"hidden", &ProductReader::OnHidden},
        {"sku", &ProductReader::OnSku},
        {"ean", &ProductReader::OnEan},
        {"eans", &ProductReader::OnEan},
    }};
    for (const Member& member : kMembers) {
      if (member.name == name) return (this->*member.handler)(value);
    }
    return Status();  // Unknown fields are ignored.
  }

  void Named(ProductField field) { change_.fields.Add(field); }

  Status Text(ProductField field, const element& value, std::string_view name, size_t bytes_max,
              std::string& into, bool or_number = false) {
    Named(field);
    into.clear();
    if (value.is_null()) return Status();
    ASSIGN_OR_RETURN(into, ReadText(value, name, bytes_max, or_number));
    return Status();
  }

  Status Money(ProductField field, const element& value, std::string_view name,
               std::optional<int64_t>& into) {
    Named(field);
    into = std::nullopt;
    if (value.is_null()) return Status();
    ASSIGN_OR_RETURN(into, ReadMoney(value, name, currency_));
    return Status();
  }

  Status Time(ProductField field, const element& value, std::string_view name, std::optional<int64_t>& into) {
    Named(field);
    into = std::nullopt;
    if (value.is_null()) return Status();
    ASSIGN_OR_RETURN(into, ReadTime(value, name));
    return Status();
  }

  Status OnProductId(const element& value) {
    ASSIGN_OR_RETURN(std::string id, ReadText(value, "product_id", kIdBytesMax, true));
    if (id.empty()) return InvalidArgument("must not be empty", "product_id");
    if (!options_.product_id.empty() && id != options_.product_id) {
      return InvalidArgument("differs from the product id of the path", "product_id");
    }
    change_.product_id = std::move(id);
    return Status();
  }

  Status OnTitle(const element& v) {
    return Text(ProductField::kTitle, v, "title", kTitleBytesMax, product().title);
  }
  Status OnDescription(const element& v) {
    return Text(ProductField::kDescription, v, "description", kDescriptionBytesMax, product().description);
  }
  Status OnBrand(const element& v) {
    return Text(ProductField::kBrand, v, "brand", kBrandBytesMax, product().brand);
  }
  Status OnImage(const element& v) {
    return Text(ProductField::kImage, v, "image", kUrlBytesMax, product().image);
  }
  Status OnUrl(const element& v) { return Text(ProductField::kUrl, v, "url", kUrlBytesMax, product().url); }
  Status OnSku(const element& v) {
    return Text(ProductField::kSku, v, "sku", kIdBytesMax, product().sku, true);
  }

  Status OnPrice(const element& v) { return Money(ProductField::kPrice, v, "price", tag().price_minor); }
  Status OnSalePrice(const element& v) {
    return Money(ProductField::kSalePrice, v, "sale_price", tag().sale_price_minor);
  }
  Status OnCost(const element& v) { return Money(ProductField::kCost, v, "cost", product().cost_minor); }
  Status OnSaleFrom(const element& v) {
    return Time(ProductField::kSaleDates, v, "sale_from", tag().sale_from_ms);
  }
  Status OnSaleUntil(const element& v) {
    return Time(ProductField::kSaleDates, v, "sale_until", tag().sale_until_ms);
  }
  Status OnSaleInterval(const element& value) {
    Named(ProductField::kSaleDates);
    return ReadSaleInterval(value, "sale_price_effective_date", tag());
  }

  Status OnCategory(const element& value) {
    Named(ProductField::kCategories);
    return ReadMainCategory(value, "category", product().categories);
  }

  Status OnCategories(const element& value) {
    Named(ProductField::kCategories);
    return ReadCategories(value, "categories", product().categories);
  }

  Status OnInStock(const element& value) {
    Named(ProductField::kInStock);
    product().in_stock = true;
    if (value.is_null()) return Status();
    ASSIGN_OR_RETURN(product().in_stock, ReadBool(value, "in_stock"));
    return Status();
  }

  Status OnStock(const element& value) {
    Named(ProductField::kStock);
    product().stock = std::nullopt;
    if (value.is_null()) return Status();
    ASSIGN_OR_RETURN(product().stock, ReadInteger(value, "stock", -kStockMax, kStockMax));
    return Status();
  }

  // An array of texts without empty ones and doubles.
  Status Texts(const element& value, std::string_view name, size_t count_max, size_t bytes_max,
               bool or_number, std::vector<std::string>& into) {
    into.clear();
    if (value.is_null()) return Status();
    array elements;
    if (value.get(elements) != simdjson::SUCCESS) {
      return InvalidArgument("must be an array of texts", std::string(name));
    }
    size_t index = 0;
    for (const element one : elements) {
      const std::string field = std::string(name) + "[" + std::to_string(index++) + "]";
      ASSIGN_OR_RETURN(std::string text, ReadText(one, field, bytes_max, or_number));
      if (text.empty() || std::find(into.begin(), into.end(), text) != into.end()) continue;
      if (into.size() == count_max) {
        return InvalidArgument("has more than " + std::to_string(count_max) + " entries", std::string(name));
      }
      into.push_back(std::move(text));
    }
    into.shrink_to_fit();
    return Status();
  }

  Status OnTags(const element& value) {
    Named(ProductField::kTags);
    return Texts(value, "tags", kTagsMax, kTagBytesMax, false, product().tags);
  }

  // {"image": [0.1, -0.3, ...], "text": [...]}; null clears both.
  Status OnVectors(const element& value) {
    object vectors;
    if (value.get(vectors) == simdjson::SUCCESS) {
      RETURN_IF_ERROR(OnVector(ProductField::kImageVector, vectors["image"], "vectors.image",
                               kImageVectorLengthMax, product().image_vector));
      return OnVector(ProductField::kTextVector, vectors["text"], "vectors.text", kTextVectorLengthMax,
                      product().text_vector);
    }
    if (!value.is_null()) return InvalidArgument("must be an object", "vectors");
    Named(ProductField::kImageVector);
    Named(ProductField::kTextVector);
    product().image_vector.clear();
    product().text_vector.clear();
    return Status();
  }

  // null clears it, as a key of a map; what is absent is not named.
  Status OnVector(ProductField field, const simdjson::simdjson_result<element>& member, std::string_view name,
                  size_t dimensions_max, std::vector<float>& into) {
    element vector;
    if (member.get(vector) != simdjson::SUCCESS) return Status();
    Named(field);
    into.clear();
    if (vector.is_null()) return Status();
    ASSIGN_OR_RETURN(into, ReadVector(vector, name, dimensions_max));
    return Status();
  }

  Status OnEan(const element& value) {
    Named(ProductField::kEans);
    if (value.is_array() || value.is_null()) {
      return Texts(value, "ean", kEansMax, kIdBytesMax, true, product().eans);
    }
    ASSIGN_OR_RETURN(std::string ean, ReadText(value, "ean", kIdBytesMax, true));
    product().eans.clear();
    if (!ean.empty()) product().eans.push_back(std::move(ean));
    return Status();
  }

  Status OnAttributes(const element& value) {
    Named(ProductField::kAttributes);
    ASSIGN_OR_RETURN(AttributesDocument document, ReadAttributes(value, "attributes"));
    product().attributes_json = std::move(document.json);
    product().attributes = std::move(document.leaves);
    return Status();
  }

  Status OnCreatedAt(const element& value) {
    if (value.is_null()) return Status();  // A product's age is never unlearned.
    Named(ProductField::kCreatedAt);
    ASSIGN_OR_RETURN(product().created_at_ms, ReadTime(value, "created_at"));
    return Status();
  }

  Status OnUpdatedAt(const element& value) {
    if (value.is_null()) return Status();
    ASSIGN_OR_RETURN(const int64_t time_ms, ReadTime(value, "updated_at"));
    change_.updated_at_ms = std::clamp<int64_t>(time_ms, 1, change_.updated_at_ms);
    return Status();
  }

  Status OnHidden(const element& value) {
    Named(ProductField::kHidden);
    product().is_hidden_by_merchant = false;
    if (value.is_null()) return Status();
    ASSIGN_OR_RETURN(product().is_hidden_by_merchant, ReadBool(value, "hidden"));
    return Status();
  }

  // An empty object in a patch names no key, so it changes nothing.
  bool NamesMap(ProductField field, const element& value) {
    object members;
    if (options_.kind == Kind::kPatch && value.get(members) == simdjson::SUCCESS && members.size() == 0) {
      return false;
    }
    Named(field);
    return true;
  }

  Status OnVariants(const element& value) {
    array elements;
    const bool is_empty = value.get(elements) == simdjson::SUCCESS && elements.size() == 0;
    if (options_.kind == Kind::kPatch && is_empty) return Status();
    Named(ProductField::kVariants);
    return ReadVariants(value, currency_, change_);
  }
  Status OnMarkets(const element& value) {
    if (!NamesMap(ProductField::kMarkets, value)) return Status();
    return ReadMarkets(value, currency_, change_);
  }
  Status OnTranslations(const element& value) {
    if (!NamesMap(ProductField::kTranslations, value)) return Status();
    return ReadTranslations(value, change_);
  }
  Status OnStockAt(const element& value) {
    if (!NamesMap(ProductField::kStockAt, value)) return Status();
    return ReadProductStockAt(value, change_);
  }
  Status OnPriceLists(const element& value) {
    if (!NamesMap(ProductField::kPriceLists, value)) return Status();
    return ReadPriceLists(value, currency_, change_);
  }

  Product& product() { return change_.values; }
  PriceTag& tag() { return change_.values.price; }

  const ProductParseOptions& options_;
  ProductChange& change_;
  Currency currency_;
};

Result<ProductChange> ReadChange(const element& document, const ProductParseOptions& options) {
  object members;
  if (document.get(members) != simdjson::SUCCESS) return InvalidArgument("a product must be a JSON object");
  ProductChange change;
  RETURN_IF_ERROR(ProductReader(options, change).Read(members));
  return change;
}

Result<element> ParseDocument(std::string_view json, simdjson::dom::parser& parser) {
  element document;
  const simdjson::error_code error = parser.parse(json.data(), json.size()).get(document);
  if (error != simdjson::SUCCESS) {
    return InvalidArgument(std::string("the body is not JSON: ") + simdjson::error_message(error));
  }
  return document;
}

simdjson::dom::parser& ThreadParser() {
  thread_local simdjson::dom::parser parser;
  return parser;
}

void Collect(size_t index, Result<ProductChange> read, ProductBatch& batch) {
  if (read.ok()) {
    batch.changes.push_back(std::move(read).value());
    batch.indices.push_back(index);
  } else {
    batch.rejections.push_back({index, read.status()});
  }
}

Status TooMany() { return InvalidArgument("a batch holds at most 10000 products; send several"); }

std::string_view WithoutMargins(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

Result<ProductBatch> ParseLines(std::string_view body, const ProductParseOptions& options) {
  ProductBatch batch;
  size_t index = 0;
  while (!body.empty()) {
    const size_t end = body.find('\n');
    const std::string_view line = WithoutMargins(body.substr(0, end));
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (line.empty()) continue;
    if (index == kBatchProductsMax) return TooMany();
    Collect(index++, ParseProductChange(line, options), batch);
  }
  return batch;
}

}  // namespace

Result<ProductChange> ParseProductChange(std::string_view json, const ProductParseOptions& options) {
  if (json.size() > kProductJsonBytesMax) return InvalidArgument("a product is at most 4 MB of JSON");
  ASSIGN_OR_RETURN(const element document, ParseDocument(json, ThreadParser()));
  return ReadChange(document, options);
}

Result<ProductBatch> ParseProductBatch(std::string_view body, const ProductParseOptions& options) {
  body = WithoutMargins(body);
  if (body.empty()) return InvalidArgument("the body is empty");
  const std::string_view first_line = WithoutMargins(body.substr(0, body.find('\n')));
  if (first_line.front() == '{' && first_line.back() == '}') return ParseLines(body, options);
  ASSIGN_OR_RETURN(const element document, ParseDocument(body, ThreadParser()));
  ProductBatch batch;
  if (document.is_object()) {
    Collect(0, ReadChange(document, options), batch);
    return batch;
  }
  array elements;
  if (document.get(elements) != simdjson::SUCCESS) {
    return InvalidArgument("the body must be an array of products, or one product per line");
  }
  size_t index = 0;
  for (const element one : elements) {
    if (index == kBatchProductsMax) return TooMany();
    Collect(index++, ReadChange(one, options), batch);
  }
  return batch;
}

}  // namespace attune::catalog
