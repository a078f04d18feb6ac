#include "catalog/feed_stage.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "catalog/limits.h"
#include "catalog/product_merge.h"

namespace attune::catalog {
namespace {

// Joins a later row of the same product: its fields win, its variants are added.
void Join(ProductChange& into, ProductChange&& row) {
  std::vector<Variant> variants = std::move(into.values.variants);
  std::vector<VariantFields> fields = std::move(into.variant_fields);
  for (size_t i = 0; i < row.values.variants.size(); ++i) {
    Variant& variant = row.values.variants[i];
    const auto known = std::find_if(variants.begin(), variants.end(), [&](const Variant& other) {
      return other.variant_id == variant.variant_id;
    });
    if (known == variants.end()) {
      if (variants.size() == kVariantsMax) continue;
      variants.push_back(std::move(variant));
      fields.push_back(row.variant_fields[i]);
    } else {
      *known = std::move(variant);
      fields[static_cast<size_t>(known - variants.begin())] = row.variant_fields[i];
    }
  }
  const bool has_variants = !variants.empty();
  // What the first row said of the product stands where the later one says nothing.
  FieldClocks clocks;
  into.values.variants.clear();
  into.variant_fields.clear();
  row.values.variants.clear();
  row.variant_fields.clear();
  row.updated_at_ms = std::max(row.updated_at_ms, into.updated_at_ms);
  MergeResult merged = MergeProduct(&into.values, row, 0, clocks);
  if (merged.is_changed) into.values = std::move(merged.product);
  into.fields = ProductFields(into.fields.bits() | row.fields.bits());
  into.updated_at_ms = row.updated_at_ms;
  into.values.variants = std::move(variants);
  into.variant_fields = std::move(fields);
  if (has_variants) into.fields.Add(ProductField::kVariants);
}

// Whether folding the change would alter anything but times.
bool Differs(const Product& current, const ProductChange& change) {
  FieldClocks clocks;
  const MergeResult merged = MergeProduct(&current, change, 0, clocks);
  if (!merged.is_changed) return false;
  Product timeless = merged.product;
  timeless.updated_at_ms = current.updated_at_ms;
  return !(timeless == current);
}

}  // namespace

struct FeedStage::State {
  int64_t feed_time_ms;
  std::vector<ProductChange> changes;
  absl::flat_hash_map<std::string, size_t> places;
};

FeedStage::FeedStage(int64_t feed_time_ms) : state_(std::make_unique<State>()) {
  state_->feed_time_ms = feed_time_ms;
}
FeedStage::~FeedStage() = default;

void FeedStage::Add(ProductChange change) {
  CHECK(change.kind == ProductChange::Kind::kMerge);
  change.replaces_variants = true;  // The feed is whole, whatever its rows are.
  const auto [place, is_new] = state_->places.emplace(change.product_id, state_->changes.size());
  if (is_new) {
    state_->changes.push_back(std::move(change));
  } else {
    Join(state_->changes[place->second], std::move(change));
  }
}

size_t FeedStage::product_count() const { return state_->changes.size(); }

Result<FeedSwap> FeedStage::Swap(const CatalogView& view, bool force) const {
  FeedSwap swap;
  if (state_->changes.empty() && !force) return Conflict("the feed holds no product; nothing was changed");
  for (const ProductChange& change : state_->changes) {
    const std::optional<ProductIndex> index = view.Resolve(change.product_id);
    const Product* const current = index ? view.Find(*index) : nullptr;
    const bool is_same = current != nullptr && current->product_id == change.product_id;
    if (is_same && !Differs(*current, change)) {
      ++swap.unchanged_count;
      continue;
    }
    ++swap.upserted_count;
    swap.changes.push_back(change);
  }
  for (uint32_t i = 0; i < view.index_count(); ++i) {
    const Product* const product = view.Find(ProductIndex(i));
    if (product == nullptr || product->is_hidden) continue;
    ++swap.visible_before;
    if (state_->places.contains(product->product_id)) continue;
    ProductChange hide;
    hide.kind = ProductChange::Kind::kHideAbsent;
    hide.product_id = product->product_id;
    hide.updated_at_ms = state_->feed_time_ms;
    swap.changes.push_back(std::move(hide));
    ++swap.hidden_count;
  }
  const double allowed = kFeedDropShareMax * static_cast<double>(swap.visible_before);
  if (!force && static_cast<double>(swap.hidden_count) > allowed) {
    return Conflict("the feed would hide " + std::to_string(swap.hidden_count) + " of " +
                    std::to_string(swap.visible_before) +
                    " visible products, more than a fifth; nothing was changed (force it if it is meant)");
  }
  return swap;
}

}  // namespace attune::catalog
