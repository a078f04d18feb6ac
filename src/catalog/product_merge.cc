#include "catalog/product_merge.h"

#include <algorithm>
#include <optional>
#include <string>

namespace attune::catalog {
namespace {

using Kind = ProductChange::Kind;

template <class Map>
void MergeMap(Map& into, const Map& from, ProductField field, const ProductChange& change) {
  if (change.replaces_maps) into.clear();
  for (const auto& removed : change.removed) {
    if (removed.field == field) into.erase(removed.key);
  }
  // An empty map that removes nothing is a null: it clears.
  const bool names_keys =
      !from.empty() || std::any_of(change.removed.begin(), change.removed.end(),
                                   [&](const auto& removed) { return removed.field == field; });
  if (!names_keys) into.clear();
  for (const auto& [key, value] : from) into[key] = value;
}

void MergeVariant(Variant& into, const Variant& from, VariantFields fields) {
  if (fields.Has(VariantField::kSku)) into.sku = from.sku;
  if (fields.Has(VariantField::kEan)) into.ean = from.ean;
  if (fields.Has(VariantField::kPrice)) into.price.price_minor = from.price.price_minor;
  if (fields.Has(VariantField::kPrice)) into.price.currency = from.price.currency;
  if (fields.Has(VariantField::kSalePrice)) into.price.sale_price_minor = from.price.sale_price_minor;
  if (fields.Has(VariantField::kSaleDates)) {
    into.price.sale_from_ms = from.price.sale_from_ms;
    into.price.sale_until_ms = from.price.sale_until_ms;
  }
  if (fields.Has(VariantField::kStock)) into.stock = from.stock;
  if (fields.Has(VariantField::kInStock)) into.in_stock = from.in_stock;
  if (fields.Has(VariantField::kImage)) into.image = from.image;
  if (fields.Has(VariantField::kAttributes)) {
    into.attributes_json = from.attributes_json;
    into.attributes = from.attributes;
  }
  if (fields.Has(VariantField::kStockAt)) into.stock_at = from.stock_at;
}

Variant* FindVariant(std::vector<Variant>& variants, const std::string& variant_id) {
  for (Variant& variant : variants) {
    if (variant.variant_id == variant_id) return &variant;
  }
  return nullptr;
}

void MergeVariants(Product& into, const ProductChange& change) {
  const std::vector<Variant>& named = change.values.variants;
  if (named.empty()) {
    into.variants.clear();
    return;
  }
  std::vector<Variant> kept;
  if (!change.replaces_variants) kept = into.variants;
  for (size_t i = 0; i < named.size(); ++i) {
    const VariantFields fields =
        i < change.variant_fields.size() ? change.variant_fields[i] : kAllVariantFields;
    Variant* variant = FindVariant(kept, named[i].variant_id);
    if (variant == nullptr) {
      // A feed that says nothing of stock does not forget the stock that was patched.
      const Variant* const before =
          change.kind == Kind::kPut ? nullptr : FindVariant(into.variants, named[i].variant_id);
      kept.push_back(before == nullptr ? Variant() : *before);
      variant = &kept.back();
      variant->variant_id = named[i].variant_id;
    }
    MergeVariant(*variant, named[i], fields);
  }
  into.variants = std::move(kept);
}

void RescaleTag(PriceTag& tag, Currency from, Currency to) {
  if (!tag.currency.is_none()) return;  // Says its own.
  if (tag.price_minor) tag.price_minor = RescaleMinor(*tag.price_minor, from, to);
  if (tag.sale_price_minor) tag.sale_price_minor = RescaleMinor(*tag.sale_price_minor, from, to);
}

// Amounts of `change` as amounts of `to`.
Product RescaledValues(const ProductChange& change, Currency to) {
  Product values = change.values;
  const Currency from = change.amounts_currency;
  const Currency own = values.price.currency;
  values.price.currency = Currency();
  RescaleTag(values.price, from, to);
  values.price.currency = own;
  if (values.cost_minor) values.cost_minor = RescaleMinor(*values.cost_minor, from, to);
  for (Variant& variant : values.variants) RescaleTag(variant.price, from, to);
  for (auto& [name, list] : values.price_lists) RescaleTag(list, from, to);
  for (auto& [name, market] : values.markets) RescaleTag(market.price, from, to);
  return values;
}

// The fields that are simply replaced; true when `field` was one.
bool ReplaceField(Product& into, const Product& from, ProductField field) {
  switch (field) {
    case ProductField::kTitle:
      into.title = from.title;
      return true;
    case ProductField::kDescription:
      into.description = from.description;
      return true;
    case ProductField::kBrand:
      into.brand = from.brand;
      return true;
    case ProductField::kCategories:
      into.categories = from.categories;
      return true;
    case ProductField::kSalePrice:
      into.price.sale_price_minor = from.price.sale_price_minor;
      return true;
    case ProductField::kCost:
      into.cost_minor = from.cost_minor;
      return true;
    case ProductField::kInStock:
      into.in_stock = from.in_stock;
      return true;
    case ProductField::kStock:
      into.stock = from.stock;
      return true;
    case ProductField::kImage:
      into.image = from.image;
      return true;
    case ProductField::kUrl:
      into.url = from.url;
      return true;
    case ProductField::kTags:
      into.tags = from.tags;
      return true;
    case ProductField::kImageVector:
      into.image_vector = from.image_vector;
      return true;
    case ProductField::kTextVector:
      into.text_vector = from.text_vector;
      return true;
    case ProductField::kHidden:
      into.is_hidden_by_merchant = from.is_hidden_by_merchant;
      return true;
    case ProductField::kSku:
      into.sku = from.sku;
      return true;
    case ProductField::kEans:
      into.eans = from.eans;
      return true;
    default:
      return false;
  }
}

void MergeField(Product& into, const ProductChange& change, ProductField field) {
  const Product& from = change.values;
  if (ReplaceField(into, from, field)) return;
  switch (field) {
    case ProductField::kPrice:
      into.price.price_minor = from.price.price_minor;
      if (!from.price.currency.is_none()) into.price.currency = from.price.currency;
      return;
    case ProductField::kSaleDates:
      into.price.sale_from_ms = from.price.sale_from_ms;
      into.price.sale_until_ms = from.price.sale_until_ms;
      return;
    case ProductField::kAttributes:
      into.attributes_json = from.attributes_json;
      into.attributes = from.attributes;
      return;
    case ProductField::kCreatedAt:
      if (from.created_at_ms != 0) into.created_at_ms = from.created_at_ms;  // Never unlearned.
      return;
    case ProductField::kVariants:
      return MergeVariants(into, change);
    case ProductField::kMarkets:
      return MergeMap(into.markets, from.markets, field, change);
    case ProductField::kTranslations:
      return MergeMap(into.translations, from.translations, field, change);
    case ProductField::kStockAt:
      return MergeMap(into.stock_at, from.stock_at, field, change);
    case ProductField::kPriceLists:
      return MergeMap(into.price_lists, from.price_lists, field, change);
    case ProductField::kPresence:
      into.is_gone_from_feed = change.kind == Kind::kHideAbsent;
      return;
    default:
      return;
  }
}

// Deletes unless something newer was said of the product.
MergeResult MergeDelete(const Product* current, const ProductChange& change, FieldClocks& clocks) {
  MergeResult result;
  if (current != nullptr && current->updated_at_ms > change.updated_at_ms) {
    result.exists = true;
    return result;
  }
  result.is_changed = current != nullptr;
  clocks.SetAll(std::max(change.updated_at_ms, clocks.base_ms()));
  return result;
}

}  // namespace

FieldClocks& FieldClocks::operator=(const FieldClocks& other) {
  if (this == &other) return *this;
  base_ms_ = other.base_ms_;
  unwritten_bits_ = other.unwritten_bits_;
  exceptions_ = other.exceptions_ ? std::make_unique<std::vector<Exception>>(*other.exceptions_) : nullptr;
  return *this;
}

int64_t FieldClocks::Of(ProductField field) const {
  if (unwritten().Has(field)) return 0;
  if (exceptions_) {
    for (const auto& [known, time_ms] : *exceptions_) {
      if (known == field) return time_ms;
    }
  }
  return base_ms_;
}

void FieldClocks::Set(ProductField field, int64_t time_ms) {
  if (Of(field) == time_ms) return;
  ProductFields one;
  one.Add(field);
  unwritten_bits_ &= ~one.bits();
  if (Of(field) == time_ms) return;
  if (!exceptions_) exceptions_ = std::make_unique<std::vector<Exception>>();
  const auto place =
      std::lower_bound(exceptions_->begin(), exceptions_->end(), field,
                       [](const Exception& e, ProductField wanted) { return e.first < wanted; });
  const bool is_known = place != exceptions_->end() && place->first == field;
  if (is_known && time_ms == base_ms_) {
    exceptions_->erase(place);
    if (exceptions_->empty()) exceptions_ = nullptr;
  } else if (is_known) {
    place->second = time_ms;
  } else {
    exceptions_->insert(place, {field, time_ms});
  }
}

void FieldClocks::SetAll(int64_t time_ms) {
  base_ms_ = time_ms;
  unwritten_bits_ = 0;
  exceptions_ = nullptr;
}

void FieldClocks::SetFirst(ProductFields fields, int64_t time_ms) {
  SetAll(time_ms);
  unwritten_bits_ = kAllProductFields.bits() & ~fields.bits();
}

std::vector<FieldClocks::Exception> FieldClocks::exceptions() const {
  return exceptions_ ? *exceptions_ : std::vector<Exception>();
}

size_t FieldClocks::memory_bytes() const {
  return sizeof(*this) +
         (exceptions_ ? sizeof(std::vector<Exception>) + exceptions_->capacity() * sizeof(Exception) : 0);
}

bool operator==(const FieldClocks& a, const FieldClocks& b) {
  return a.base_ms_ == b.base_ms_ && a.unwritten_bits_ == b.unwritten_bits_ &&
         a.exceptions() == b.exceptions();
}

int64_t RescaleMinor(int64_t minor, Currency from, Currency to) {
  int64_t scaled = minor;
  for (int decimals = from.decimals(); decimals < to.decimals(); ++decimals) {
    if (scaled > kMoneyMaxMinor / 10 || scaled < -kMoneyMaxMinor / 10) return scaled;
    scaled *= 10;
  }
  for (int decimals = from.decimals(); decimals > to.decimals(); --decimals) scaled /= 10;
  return scaled;
}

MergeResult MergeProduct(const Product* current, const ProductChange& change, int64_t recorded_at_ms,
                         FieldClocks& clocks) {
  if (change.kind == Kind::kDelete) return MergeDelete(current, change, clocks);
  MergeResult result;
  result.exists = current != nullptr;
  const bool may_create = change.kind == Kind::kPut || change.kind == Kind::kMerge;
  if (current == nullptr && (!may_create || change.updated_at_ms < clocks.base_ms())) return result;

  Product next = current == nullptr ? Product() : *current;
  if (current == nullptr) next.product_id = change.product_id;
  ProductFields fields = change.kind == Kind::kHideAbsent ? ProductFields() : change.fields;
  if (may_create || change.kind == Kind::kHideAbsent) fields.Add(ProductField::kPresence);
  if (current == nullptr) clocks.SetFirst(fields, change.updated_at_ms);

  const bool takes_currency = fields.Has(ProductField::kPrice) && !change.values.price.currency.is_none() &&
                              clocks.Of(ProductField::kPrice) <= change.updated_at_ms;
  const Currency currency = takes_currency ? change.values.price.currency : next.price.currency;
  ProductChange rescaled;
  const bool needs_rescale = !currency.is_none() && currency.decimals() != change.amounts_currency.decimals();
  if (needs_rescale) {
    rescaled = change;
    rescaled.values = RescaledValues(change, currency);
  }
  bool is_any_written = false;
  for (int i = 0; i < kProductFieldCount; ++i) {
    const auto field = static_cast<ProductField>(i);
    if (!fields.Has(field) || clocks.Of(field) > change.updated_at_ms) continue;
    MergeField(next, needs_rescale ? rescaled : change, field);
    clocks.Set(field, change.updated_at_ms);
    is_any_written = true;
  }
  if (next.price.currency.is_none()) next.price.currency = change.amounts_currency;
  if (next.created_at_ms == 0) next.created_at_ms = recorded_at_ms;
  next.is_hidden = next.is_hidden_by_merchant || next.is_gone_from_feed;
  if (is_any_written) next.updated_at_ms = std::max(next.updated_at_ms, change.updated_at_ms);
  result.exists = true;
  result.is_changed = current == nullptr || !(next == *current);
  result.product = std::move(next);
  return result;
}

}  // namespace attune::catalog
