#include "catalog/import_assemble.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/json_writer.h"
#include "catalog/import_amount.h"

namespace attune::catalog {
namespace {

constexpr std::string_view kAttributes = "attributes.";
constexpr std::string_view kVariantAttributes = "variant.attributes.";
// Of rows that are variants, these attributes tell them apart.
constexpr std::string_view kVaryingAttributes[] = {"attributes.color", "attributes.colour", "attributes.size",
                                                   "attributes.material", "attributes.pattern"};
// Fields that go into the product's JSON as they are.
constexpr std::string_view kPlainFields[] = {
    "title",      "brand",    "url",          "sale_from", "sale_until",  "created_at", "markets",
    "updated_at", "variants", "translations", "stock_at",  "price_lists", "vectors"};

const FeedValue* First(const MappedRow& row, std::string_view target) {
  const auto found = row.fields.find(target);
  return found == row.fields.end() || found->second.empty() ? nullptr : &found->second.front();
}

// The first that is there, even if it is empty.
const FeedValue* FirstOf(const MappedRow& row, std::string_view target, std::string_view other) {
  const FeedValue* const value = First(row, target);
  return value != nullptr ? value : First(row, other);
}

std::string TextOf(const MappedRow& row, std::string_view target) {
  const FeedValue* const value = First(row, target);
  return value == nullptr || value->is_empty() ? std::string() : value->text;
}

std::string Quoted(std::string_view text) {
  std::string json;
  AppendJsonString(text, json);
  return json;
}

std::string AsJson(const FeedValue& value) {
  if (value.is_empty()) return "null";
  return value.is_json ? value.text : Quoted(value.text);
}

// Times and milliseconds alike.
std::string TimeJson(const FeedValue& value) {
  const bool is_number = !value.text.empty() && value.text.size() < 16 &&
                         value.text.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? value.text : AsJson(value);
}

// 42 and 0.5 are numbers; 042, 1e3 and a telephone number are texts.
std::string AttributeJson(const FeedValue& value) {
  if (value.is_json) return value.text;
  if (value.text.empty()) return "null";
  if (value.text == "true" || value.text == "false") return value.text;
  double number = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto parsed = std::from_chars(value.text.data(), end, number, std::chars_format::fixed);
  if (value.text.size() < 16 && parsed.ec == std::errc() && parsed.ptr == end) {
    JsonWriter json;
    json.Double(number);
    if (json.text() == value.text) return value.text;
  }
  return Quoted(value.text);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

Result<bool> Answer(const FeedValue& value, std::string_view field) {
  const std::string word = Lower(value.text);
  for (const std::string_view yes : {"true", "yes", "1", "y", "active"}) {
    if (word == yes) return true;
  }
  for (const std::string_view no : {"false", "no", "0", "n"}) {
    if (word == no) return false;
  }
  return InvalidArgument("must be yes or no, not: " + value.text.substr(0, 40), std::string(field));
}

Result<bool> IsAvailable(const FeedValue& value) {
  std::string word = Lower(value.text);
  std::replace(word.begin(), word.end(), ' ', '_');
  // What is ordered ahead can be sold.
  for (const std::string_view yes :
       {"in_stock", "available", "preorder", "pre_order", "backorder", "limited_availability"}) {
    if (word == yes) return true;
  }
  for (const std::string_view no : {"out_of_stock", "unavailable", "sold_out", "discontinued"}) {
    if (word == no) return false;
  }
  return Answer(value, "availability");
}

// Markup of a shop's editor to plain text: tags out, the usual entities back.
std::string WithoutMarkup(std::string_view html) {
  std::string text;
  bool is_tag = false;
  for (const char c : html) {
    if (c == '<') {
      is_tag = true;
      if (!text.empty() && text.back() != ' ') text += ' ';
    } else if (c == '>') {
      is_tag = false;
    } else if (!is_tag && !((c == ' ' || c == '\n' || c == '\r') && (text.empty() || text.back() == ' '))) {
      text += c == '\n' || c == '\r' ? ' ' : c;
    }
  }
  constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
      {"&nbsp;", " "}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
  for (const auto& [entity, plain] : kEntities) {
    for (size_t at = text.find(entity); at != std::string::npos; at = text.find(entity, at + plain.size())) {
      text.replace(at, entity.size(), plain);
    }
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// The amounts of one row, in one currency.
struct RowPrices {
  Currency currency;
  bool is_currency_said = false;
  bool has_price = false;
  bool has_sale = false;
  bool has_cost = false;
  std::optional<int64_t> price;
  std::optional<int64_t> sale;
  std::optional<int64_t> cost;
};

// `in` is the currency of the row; an amount that says another is refused.
Result<std::optional<int64_t>> ReadAmount(const FeedValue& value, std::string_view field, Currency in,
                                          bool decimal_comma) {
  if (value.is_empty()) return std::optional<int64_t>();
  std::optional<int64_t> minor;
  if (value.is_json) {
    double number = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto parsed = std::from_chars(value.text.data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end) minor = MinorFromNumber(number, in);
  } else {
    const Result<FeedAmount> amount = ParseFeedAmount(value.text, decimal_comma);
    if (!amount.ok())
      return InvalidArgument(amount.status().message() + ": " + value.text.substr(0, 40), std::string(field));
    if (!amount->currency.is_none() && !(amount->currency == in)) {
      return InvalidArgument("is in another currency than the row: " + value.text.substr(0, 40),
                             std::string(field));
    }
    minor = ParseMinor(amount->digits, in);
  }
  if (!minor) return InvalidArgument("is not an amount: " + value.text.substr(0, 40), std::string(field));
  return minor;
}

Result<std::optional<int64_t>> ReadCents(const FeedValue& value) {
  if (value.is_empty()) return std::optional<int64_t>();
  int64_t cents = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto parsed = std::from_chars(value.text.data(), end, cents);
  if (parsed.ec != std::errc() || parsed.ptr != end || cents < 0 || cents > kMoneyMaxMinor) {
    return InvalidArgument("must be whole minor units (cents): " + value.text.substr(0, 40), "price_cents");
  }
  return std::optional<int64_t>(cents);
}

Result<Currency> CurrencyOf(const MappedRow& row, const AssembleOptions& options, bool& is_said) {
  is_said = true;
  if (const FeedValue* const code = First(row, "currency"); code != nullptr && !code->is_empty()) {
    const std::optional<Currency> currency = Currency::Parse(code->text);
    if (!currency) return InvalidArgument("must be a currency code of three letters", "currency");
    return *currency;
  }
  for (const std::string_view field : {"price", "sale_price", "cost", "compare_at_price"}) {
    const FeedValue* const value = First(row, field);
    if (value == nullptr || value->is_json) continue;
    const Result<FeedAmount> amount = ParseFeedAmount(value->text, options.decimal_comma);
    if (amount.ok() && !amount->currency.is_none()) return amount->currency;
  }
  is_said = false;
  return options.default_currency;
}

Result<RowPrices> PricesOf(const MappedRow& row, const AssembleOptions& options) {
  RowPrices prices;
  ASSIGN_OR_RETURN(prices.currency, CurrencyOf(row, options, prices.is_currency_said));
  const auto read = [&](std::string_view field, bool& is_there, std::optional<int64_t>& into) -> Status {
    const FeedValue* const value = First(row, field);
    is_there |= value != nullptr;
    if (value == nullptr) return Status();
    ASSIGN_OR_RETURN(into, ReadAmount(*value, field, prices.currency, options.decimal_comma));
    return Status();
  };
  RETURN_IF_ERROR(read("price", prices.has_price, prices.price));
  if (const FeedValue* const cents = First(row, "price_cents")) {
    prices.has_price = true;
    ASSIGN_OR_RETURN(prices.price, ReadCents(*cents));
  }
  RETURN_IF_ERROR(read("sale_price", prices.has_sale, prices.sale));
  RETURN_IF_ERROR(read("cost", prices.has_cost, prices.cost));
  std::optional<int64_t> compare_at;
  RETURN_IF_ERROR(read("compare_at_price", prices.has_sale, compare_at));
  // Shops that write what it cost before beside what it costs now.
  if (compare_at && prices.price && *compare_at > *prices.price) {
    prices.sale = prices.price;
    prices.price = compare_at;
  }
  return prices;
}

std::string AmountJson(const std::optional<int64_t>& minor, Currency currency) {
  return minor ? Quoted(FormatMinor(*minor, currency)) : "null";
}

using Members = std::map<std::string, std::string>;  // Name to JSON.

void AddPrices(const RowPrices& prices, Members& members) {
  if (prices.has_price) members["price"] = AmountJson(prices.price, prices.currency);
  if (prices.has_sale) members["sale_price"] = AmountJson(prices.sale, prices.currency);
}

std::string ObjectOf(const Members& members) {
  JsonWriter json;
  json.BeginObject();
  for (const auto& [name, value] : members) json.Key(name).Raw(value);
  json.EndObject();
  return json.TakeText();
}

// "in_stock" from its column or in words, and "stock".
Status AddStock(const MappedRow& row, Members& members) {
  if (const FeedValue* const stock = FirstOf(row, "variant.stock", "stock"))
    members["stock"] = AsJson(*stock);
  if (const FeedValue* const words = First(row, "availability"); words != nullptr && !words->is_empty()) {
    ASSIGN_OR_RETURN(const bool is_available, IsAvailable(*words));
    members["in_stock"] = is_available ? "true" : "false";
  }
  if (const FeedValue* const answer = FirstOf(row, "variant.in_stock", "in_stock")) {
    members["in_stock"] = "null";
    if (!answer->is_empty()) {
      ASSIGN_OR_RETURN(const bool is_in_stock, Answer(*answer, "in_stock"));
      members["in_stock"] = is_in_stock ? "true" : "false";
    }
  }
  // A shop that sells on when nothing is left has no use for a count.
  if (const FeedValue* const policy = First(row, "stock_policy")) {
    const std::string word = Lower(policy->text);
    if (word == "continue" || word == "true") members["stock"] = "null";
  }
  return Status();
}

void AddCodes(const MappedRow& row, bool is_variant, Members& members) {
  if (const FeedValue* const sku = FirstOf(row, "variant.sku", "sku")) members["sku"] = AsJson(*sku);
  if (is_variant) {
    if (const FeedValue* const ean = FirstOf(row, "variant.ean", "ean")) members["ean"] = AsJson(*ean);
    return;
  }
  const FeedValue* const one = FirstOf(row, "variant.ean", "ean");
  if (one == nullptr) return;
  const auto all = row.fields.find("ean");
  if (one->is_json || one->is_empty() || all == row.fields.end()) {
    members["ean"] = AsJson(*one);
    return;
  }
  JsonWriter json;
  json.BeginArray();
  for (const FeedValue& value : all->second) {
    if (!value.is_empty()) json.Raw(AsJson(value));
  }
  members["ean"] = json.EndArray().TakeText();
}

void AddAttributes(const MappedRow& row, bool is_grouped, Members& members) {
  Members attributes;
  bool is_any = false;
  for (const auto& [target, values] : row.fields) {
    if (!target.starts_with(kAttributes) || values.empty()) continue;
    const bool varies = std::find(std::begin(kVaryingAttributes), std::end(kVaryingAttributes), target) !=
                        std::end(kVaryingAttributes);
    if (is_grouped && varies) continue;
    is_any = true;
    if (!values.front().is_empty())
      attributes[target.substr(kAttributes.size())] = AttributeJson(values.front());
  }
  const FeedValue* const document = First(row, "attributes");
  if (!is_any && document != nullptr) members["attributes"] = AsJson(*document);
  if (is_any) members["attributes"] = ObjectOf(attributes);
}

void AddCategories(const MappedRow& row, Members& members) {
  if (const auto found = row.fields.find("category"); found != row.fields.end() && !found->second.empty()) {
    members["category"] = AsJson(found->second.front());
    if (found->second.size() > 1) {
      JsonWriter json;
      json.BeginArray();
      for (const FeedValue& value : found->second) json.Raw(AsJson(value));
      members["categories"] = json.EndArray().TakeText();
    }
  }
  if (const FeedValue* const several = First(row, "categories")) {
    // In one cell, paths stand between bars.
    if (several->is_json || several->is_empty()) {
      members["categories"] = AsJson(*several);
      return;
    }
    JsonWriter json;
    json.BeginArray();
    std::string_view rest = several->text;
    while (!rest.empty()) {
      const size_t bar = rest.find('|');
      json.String(rest.substr(0, bar));
      rest.remove_prefix(bar == std::string_view::npos ? rest.size() : bar + 1);
    }
    members["categories"] = json.EndArray().TakeText();
  }
}

void AddTags(const MappedRow& row, Members& members) {
  const FeedValue* const tags = First(row, "tags");
  if (tags == nullptr) return;
  if (tags->is_json || tags->is_empty()) {
    members["tags"] = AsJson(*tags);
    return;
  }
  JsonWriter json;
  json.BeginArray();
  std::string_view rest = tags->text;
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    std::string_view tag = rest.substr(0, comma);
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    while (tag.ends_with(' ')) tag.remove_suffix(1);
    if (!tag.empty()) json.String(tag);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  members["tags"] = json.EndArray().TakeText();
}

Status AddHidden(const MappedRow& row, Members& members) {
  bool is_hidden = false;
  bool is_said = false;
  if (const FeedValue* const hidden = First(row, "hidden"); hidden != nullptr && !hidden->is_empty()) {
    is_said = true;
    ASSIGN_OR_RETURN(is_hidden, Answer(*hidden, "hidden"));
  }
  if (const FeedValue* const published = First(row, "published");
      published != nullptr && !published->is_empty()) {
    is_said = true;
    ASSIGN_OR_RETURN(const bool is_published, Answer(*published, "published"));
    is_hidden |= !is_published;
  }
  if (const std::string status = Lower(TextOf(row, "status")); !status.empty()) {
    is_said = true;
    is_hidden |= status != "active";
  }
  if (is_said) members["hidden"] = is_hidden ? "true" : "false";
  return Status();
}

// What the product as a whole has of a row.
Status AddProductFields(const MappedRow& row, FeedKind kind, bool has_variants, Members& members) {
  for (const std::string_view field : kPlainFields) {
    const FeedValue* const value = First(row, field);
    if (value == nullptr) continue;
    const bool is_time = field.ends_with("_at") || field.starts_with("sale_");
    members[std::string(field)] = is_time && field != "stock_at" ? TimeJson(*value) : AsJson(*value);
  }
  if (const FeedValue* const text = First(row, "description")) {
    const bool is_markup = kind == FeedKind::kShopify && !text->is_json;
    members["description"] = is_markup ? Quoted(WithoutMarkup(text->text)) : AsJson(*text);
  }
  if (const FeedValue* const dates = First(row, "sale_price_effective_date")) {
    members["sale_price_effective_date"] = AsJson(*dates);
  }
  if (const FeedValue* const image = First(row, "image")) members["image"] = AsJson(*image);
  AddCategories(row, members);
  AddTags(row, members);
  AddAttributes(row, has_variants, members);
  RETURN_IF_ERROR(AddHidden(row, members));
  if (has_variants) return Status();
  AddCodes(row, false, members);
  return AddStock(row, members);
}

// One variant of a group.  `option_names` are those of the group's first row.
Result<std::string> VariantJson(const MappedRow& row, const std::vector<std::string>& option_names,
                                const AssembleOptions& options) {
  Members members;
  Members attributes;
  std::string made_id = row.product_id;
  for (size_t i = 0; i < option_names.size(); ++i) {
    const std::string value = TextOf(row, "option_value" + std::to_string(i + 1));
    if (value.empty()) continue;
    made_id += "/" + value;
    if (!option_names[i].empty()) attributes[option_names[i]] = Quoted(value);
  }
  for (const auto& [target, values] : row.fields) {
    if (values.empty() || values.front().is_empty()) continue;
    const bool varies = std::find(std::begin(kVaryingAttributes), std::end(kVaryingAttributes), target) !=
                        std::end(kVaryingAttributes);
    if (varies) attributes[target.substr(kAttributes.size())] = AttributeJson(values.front());
    if (target.starts_with(kVariantAttributes)) {
      attributes[target.substr(kVariantAttributes.size())] = AttributeJson(values.front());
    }
  }
  if (!attributes.empty()) members["attributes"] = ObjectOf(attributes);
  std::string id = TextOf(row, "variant_id");
  if (id.empty()) id = TextOf(row, "product_id");
  if (id.empty()) id = TextOf(row, "variant.sku");
  members["variant_id"] = Quoted(id.empty() ? made_id : id);
  ASSIGN_OR_RETURN(const RowPrices prices, PricesOf(row, options));
  AddPrices(prices, members);
  if (const FeedValue* const dates = First(row, "sale_price_effective_date")) {
    members["sale_price_effective_date"] = AsJson(*dates);
  }
  if (const FeedValue* const image = FirstOf(row, "variant.image", "image"))
    members["image"] = AsJson(*image);
  AddCodes(row, true, members);
  RETURN_IF_ERROR(AddStock(row, members));
  return ObjectOf(members);
}

// A row of a Shopify export may bring another image and no variant.
bool HasVariant(const MappedRow& row, FeedKind kind) {
  if (kind != FeedKind::kShopify) return row.is_variant;
  return !TextOf(row, "price").empty() || !TextOf(row, "variant.sku").empty() ||
         !TextOf(row, "option_value1").empty();
}

}  // namespace

Result<MappedRow> MapRow(ImportRow row, FieldMapping& mapping) {
  MappedRow mapped;
  mapped.line = row.line;
  for (ImportCell& cell : row.cells) {
    const std::string_view target = mapping.TargetOf(cell.column);
    if (target.empty()) continue;
    mapped.fields[std::string(target)].push_back({std::move(cell.value), cell.is_json});
  }
  mapped.product_id = TextOf(mapped, "group_id");
  mapped.is_variant = !mapped.product_id.empty() || !TextOf(mapped, "variant_id").empty();
  if (mapped.product_id.empty()) mapped.product_id = TextOf(mapped, "product_id");
  if (mapped.product_id.empty()) return InvalidArgument("is required", "product_id");
  return mapped;
}

Result<std::string> AssembleProductJson(const std::vector<MappedRow>& rows, FeedKind kind,
                                        const AssembleOptions& options) {
  const MappedRow& first = rows.front();
  std::vector<std::string> option_names;
  for (int i = 1; i <= 3; ++i) option_names.push_back(TextOf(first, "option_name" + std::to_string(i)));
  const auto variant_count =
      std::count_if(rows.begin(), rows.end(), [&](const MappedRow& row) { return HasVariant(row, kind); });
  const bool is_plain_shopify =
      kind == FeedKind::kShopify && variant_count <= 1 && TextOf(first, "option_value1") == "Default Title";
  const bool has_variants = variant_count > 0 && !is_plain_shopify;

  Members members;
  members["product_id"] = Quoted(first.product_id);
  RETURN_IF_ERROR(AddProductFields(first, kind, has_variants, members));
  ASSIGN_OR_RETURN(const RowPrices prices, PricesOf(first, options));
  AddPrices(prices, members);
  if (prices.has_cost) members["cost"] = AmountJson(prices.cost, prices.currency);
  if (prices.is_currency_said || options.says_currency) members["currency"] = Quoted(prices.currency.code());
  if (has_variants) {
    JsonWriter variants;
    variants.BeginArray();
    for (const MappedRow& row : rows) {
      if (!HasVariant(row, kind)) continue;
      ASSIGN_OR_RETURN(const std::string variant, VariantJson(row, option_names, options));
      variants.Raw(variant);
    }
    members["variants"] = variants.EndArray().TakeText();
  }
  return ObjectOf(members);
}

}  // namespace attune::catalog
