#include "catalog/import_mapping.h"

#include <algorithm>
#include <optional>

#include "base/utf8.h"
#include "catalog/limits.h"

namespace attune::catalog {
namespace {

struct Synonym {
  std::string_view column;  // Normal form.
  std::string_view target;
};

// Per target, the better column first.
constexpr Synonym kPlainSynonyms[] = {
    {"product_id", "product_id"},
    {"id", "product_id"},
    {"item_id", "product_id"},
    {"article_number", "product_id"},
    {"handle", "product_id"},
    {"item_group_id", "group_id"},
    {"parent_id", "group_id"},
    {"variant_id", "variant_id"},
    {"title", "title"},
    {"name", "title"},
    {"product_name", "title"},
    {"product_title", "title"},
    {"description", "description"},
    {"body_html", "description"},
    {"long_description", "description"},
    {"short_description", "description"},
    {"brand", "brand"},
    {"vendor", "brand"},
    {"supplier", "brand"},
    {"manufacturer", "brand"},
    {"category", "category"},
    {"product_type", "category"},
    {"product_category", "category"},
    {"category_path", "category"},
    {"google_product_category", "category"},
    {"categories", "categories"},
    {"price", "price"},
    {"regular_price", "price"},
    {"price_cents", "price_cents"},
    {"price_minor", "price_cents"},
    {"sale_price", "sale_price"},
    {"special_price", "sale_price"},
    {"sale_price_effective_date", "sale_price_effective_date"},
    {"sale_from", "sale_from"},
    {"sale_until", "sale_until"},
    {"compare_at_price", "compare_at_price"},
    {"currency", "currency"},
    {"cost", "cost"},
    {"cost_of_goods_sold", "cost"},
    {"cost_per_item", "cost"},
    {"stock", "stock"},
    {"quantity", "stock"},
    {"inventory_quantity", "stock"},
    {"inventory_qty", "stock"},
    {"in_stock", "in_stock"},
    {"availability", "availability"},
    {"image", "image"},
    {"image_link", "image"},
    {"image_url", "image"},
    {"image_src", "image"},
    {"product_image_url", "image"},
    {"img_500x500", "image"},
    {"img_high", "image"},
    {"img_low", "image"},
    {"img_thumb", "image"},
    {"url", "url"},
    {"link", "url"},
    {"product_url", "url"},
    {"tags", "tags"},
    {"created_at", "created_at"},
    {"date_added", "created_at"},
    {"date_released", "created_at"},
    {"updated_at", "updated_at"},
    {"sku", "sku"},
    {"mpn", "sku"},
    {"ean", "ean"},
    {"gtin", "ean"},
    {"barcode", "ean"},
    {"upc", "ean"},
    {"hidden", "hidden"},
    {"attributes", "attributes"},
    {"variants", "variants"},
    {"markets", "markets"},
    {"translations", "translations"},
    {"stock_at", "stock_at"},
    {"price_lists", "price_lists"},
    {"vectors", "vectors"},
    {"color", "attributes.color"},
    {"colour", "attributes.colour"},
    {"size", "attributes.size"},
    {"material", "attributes.material"},
    {"pattern", "attributes.pattern"},
    {"gender", "attributes.gender"},
    {"age_group", "attributes.age_group"},
    {"condition", "attributes.condition"},
    {"custom_label_0", "attributes.custom_label_0"},
    {"custom_label_1", "attributes.custom_label_1"},
    {"custom_label_2", "attributes.custom_label_2"},
    {"custom_label_3", "attributes.custom_label_3"},
    {"custom_label_4", "attributes.custom_label_4"},
};

constexpr Synonym kShopifySynonyms[] = {
    {"handle", "group_id"},
    {"url_handle", "group_id"},
    {"title", "title"},
    {"body_html", "description"},
    {"description", "description"},
    {"vendor", "brand"},
    {"product_category", "category"},
    {"type", "attributes.type"},
    {"tags", "tags"},
    {"published", "published"},
    {"published_on_online_store", "published"},
    {"status", "status"},
    {"option1_name", "option_name1"},
    {"option1_value", "option_value1"},
    {"option2_name", "option_name2"},
    {"option2_value", "option_value2"},
    {"option3_name", "option_name3"},
    {"option3_value", "option_value3"},
    {"variant_sku", "variant.sku"},
    {"sku", "variant.sku"},
    {"variant_barcode", "variant.ean"},
    {"barcode", "variant.ean"},
    {"variant_inventory_qty", "variant.stock"},
    {"inventory_quantity", "variant.stock"},
    {"variant_inventory_policy", "stock_policy"},
    {"continue_selling_when_out_of_stock", "stock_policy"},
    {"variant_price", "price"},
    {"price", "price"},
    {"variant_compare_at_price", "compare_at_price"},
    {"compare_at_price", "compare_at_price"},
    {"cost_per_item", "cost"},
    {"image_src", "image"},
    {"product_image_url", "image"},
    {"variant_image", "variant.image"},
    {"variant_image_url", "variant.image"},
};

constexpr std::string_view kExtraTargets[] = {
    "option_name1",  "option_value1", "option_name2",  "option_value2", "option_name3",
    "option_value3", "published",     "status",        "stock_policy",  "variant.sku",
    "variant.ean",   "variant.price", "variant.stock", "variant.image", "variant.in_stock"};

// Attributes of feeds that put them in columns of their own; the longest first.
constexpr std::string_view kAttributePrefixes[] = {"attr_t_", "attr_n_", "attr_b_", "attribute_", "attr_"};
constexpr std::string_view kAttributesTarget = "attributes.";
constexpr std::string_view kVariantAttributesTarget = "variant.attributes.";

struct Guessed {
  std::string target;
  size_t rank = 0;  // Less is better.
};

template <size_t n>
std::optional<Guessed> FindSynonym(const Synonym (&table)[n], std::string_view normal) {
  for (size_t i = 0; i < n; ++i) {
    if (table[i].column == normal) return Guessed{std::string(table[i].target), i};
  }
  return std::nullopt;
}

std::optional<Guessed> GuessTarget(std::string_view column, FeedKind kind) {
  if (column.starts_with(kAttributesTarget) && column.size() > kAttributesTarget.size()) {
    return Guessed{std::string(column), 0};
  }
  const std::string normal = NormalColumn(column);
  if (kind == FeedKind::kShopify) return FindSynonym(kShopifySynonyms, normal);
  std::optional<Guessed> guessed = FindSynonym(kPlainSynonyms, normal);
  // Icecat's prices are whole cents.
  if (guessed && kind == FeedKind::kIcecat && guessed->target == "price") guessed->target = "price_cents";
  if (guessed) return guessed;
  for (const std::string_view prefix : kAttributePrefixes) {
    if (normal.starts_with(prefix) && normal.size() > prefix.size()) {
      return Guessed{std::string(kAttributesTarget) + normal.substr(prefix.size()), 0};
    }
  }
  return std::nullopt;
}

// Fields that several columns may fill together.
bool IsSeveral(std::string_view target) {
  return target == "tags" || target == "ean" || target == "categories" || target.empty();
}

FeedKind KindOf(const std::vector<FieldMapping::Line>& lines) {
  bool has_supplier = false;
  bool has_icecat_image = false;
  bool has_handle = false;
  bool has_option = false;
  for (const FieldMapping::Line& line : lines) {
    const std::string normal = NormalColumn(line.column);
    has_supplier |= normal == "supplier";
    has_icecat_image |= normal == "img_500x500" || normal == "img_high";
    has_handle |= normal == "handle" || normal == "url_handle";
    has_option |= normal == "option1_name" || normal == "variant_price" || normal == "variant_sku";
  }
  if (has_handle && has_option) return FeedKind::kShopify;
  if (has_supplier && has_icecat_image) return FeedKind::kIcecat;
  return FeedKind::kPlain;
}

void AppendPadded(std::string_view text, size_t width, std::string& out) {
  out += text;
  // Count characters, not bytes, so that the table stands straight.
  size_t characters = 0;
  for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  if (characters < width) out.append(width - characters, ' ');
}

}  // namespace

std::string NormalColumn(std::string_view column) {
  if (column.starts_with("g:")) column.remove_prefix(2);
  std::string normal;
  for (const char c : column) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (is_upper) {
      normal += static_cast<char>(c - 'A' + 'a');
    } else if (is_plain) {
      normal += c;
    } else if (!normal.empty() && normal.back() != '_') {
      normal += '_';
    }
  }
  while (!normal.empty() && normal.back() == '_') normal.pop_back();
  return normal;
}

bool IsImportTarget(std::string_view target) {
  for (const std::string_view prefix : {kAttributesTarget, kVariantAttributesTarget}) {
    if (target.starts_with(prefix)) return target.size() > prefix.size();
  }
  const auto is_it = [&](const Synonym& synonym) { return synonym.target == target; };
  return std::any_of(std::begin(kPlainSynonyms), std::end(kPlainSynonyms), is_it) ||
         std::find(std::begin(kExtraTargets), std::end(kExtraTargets), target) != std::end(kExtraTargets);
}

FieldMapping FieldMapping::Guess(const std::vector<ImportRow>& rows) {
  FieldMapping mapping;
  for (const ImportRow& row : rows) {
    if (!row.problem.ok()) continue;
    for (const ImportCell& cell : row.cells) {
      Line& line = mapping.LineOf(cell.column);
      if (line.sample.empty() && !(cell.is_json && cell.value == "null")) line.sample = cell.value;
    }
  }
  mapping.kind_ = KindOf(mapping.lines_);
  for (Line& line : mapping.lines_) {
    const std::optional<Guessed> guessed = GuessTarget(line.column, mapping.kind_);
    if (guessed) line.target = guessed->target;
  }
  mapping.DropWeakerColumns();
  return mapping;
}

void FieldMapping::DropWeakerColumns() {
  std::map<std::string, std::pair<size_t, Line*>> best;
  for (Line& line : lines_) {
    if (IsSeveral(line.target)) continue;
    const std::optional<Guessed> guessed = GuessTarget(line.column, kind_);
    const size_t rank = guessed ? guessed->rank : 0;
    auto [place, is_new] = best.try_emplace(line.target, rank, &line);
    if (is_new) continue;
    if (rank < place->second.first) {
      place->second.second->target.clear();
      place->second = {rank, &line};
    } else {
      line.target.clear();
    }
  }
  // A name beside a title is a model name, worth a filter.
  for (Line& line : lines_) {
    if (line.target.empty() && NormalColumn(line.column) == "name" && kind_ == FeedKind::kIcecat) {
      line.target = "attributes.name";
    }
  }
}

FieldMapping::Line& FieldMapping::LineOf(const std::string& column) {
  const auto [place, is_new] = places_.try_emplace(column, lines_.size());
  if (is_new) lines_.push_back({column, {}, {}, false});
  return lines_[place->second];
}

Status FieldMapping::Override(std::string_view spec) {
  const size_t equals = spec.rfind('=');
  if (equals == std::string_view::npos || equals == 0) {
    return InvalidArgument("a mapping must be column=field, not: " + std::string(spec), "map");
  }
  const std::string_view target = spec.substr(equals + 1);
  if (!target.empty() && !IsImportTarget(target)) {
    return InvalidArgument("there is no field to map to: " + std::string(target), "map");
  }
  // A field has one column: the one that was named last.
  for (Line& other : lines_) {
    if (!IsSeveral(target) && other.target == target) other.target.clear();
  }
  Line& line = LineOf(std::string(spec.substr(0, equals)));
  line.target = std::string(target);
  line.is_overridden = true;
  return Status();
}

std::string_view FieldMapping::TargetOf(const std::string& column) {
  const auto known = places_.find(column);
  if (known != places_.end()) return lines_[known->second].target;
  if (lines_.size() >= kFeedDistinctColumnsMax) return {};
  const std::optional<Guessed> guessed = GuessTarget(column, kind_);
  Line& line = LineOf(column);
  if (guessed && (IsSeveral(guessed->target) || !has_target(guessed->target))) line.target = guessed->target;
  return line.target;
}

bool FieldMapping::has_target(std::string_view target) const {
  return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) { return line.target == target; });
}

std::string FieldMapping::ToText() const {
  size_t column_width = 6;
  size_t target_width = 5;
  for (const Line& line : lines_) {
    column_width = std::clamp(line.column.size(), column_width, size_t{40});
    target_width = std::clamp(line.target.size(), target_width, size_t{40});
  }
  std::string text;
  AppendPadded("column", column_width + 2, text);
  AppendPadded("field", target_width + 2, text);
  text += "sample\n";
  for (const Line& line : lines_) {
    AppendPadded(line.column, column_width + 2, text);
    AppendPadded(line.target.empty() ? "-" : line.target, target_width + 2, text);
    std::string sample(Utf8Prefix(line.sample, 40));
    std::replace_if(
        sample.begin(), sample.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    text += sample;
    text += line.is_overridden ? "  (as told)\n" : "\n";
  }
  return text;
}

}  // namespace attune::catalog
