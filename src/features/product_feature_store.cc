#include "features/product_feature_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/hash.h"
#include "base/prefetch.h"
#include "features/affinities.h"
#include "features/limits.h"
#include "features/purchases.h"

namespace attune::features {
namespace {

// Names the main category; 0 for none.
uint64_t CategoryKey(const catalog::Product& product) {
  if (product.categories.empty() || product.categories.front().empty()) return 0;
  static thread_local std::string joined;  // Each event comes here: it keeps its memory.
  JoinCategory(product.categories.front(), joined);
  return StableHash64(joined);
}

bool IsCartEvent(events::EventType type) {
  return type == events::EventType::kProductAdded || type == events::EventType::kWishlistProductAddedToCart;
}

}  // namespace

ProductFeatureStore::Entry& ProductFeatureStore::EntryFor(ProductIndex product, Stripe& stripe) {
  const size_t place = BlockOf(product) / kStripeCount;
  if (place >= stripe.blocks.size()) stripe.blocks.resize(place + 1);
  if (stripe.blocks[place] == nullptr)
    stripe.blocks[place] = std::make_unique<std::array<Entry, kBlockSize>>();
  return (*stripe.blocks[place])[product.value() % kBlockSize];
}

const ProductFeatureStore::Entry* ProductFeatureStore::FindEntry(ProductIndex product, const Stripe& stripe) {
  const size_t place = BlockOf(product) / kStripeCount;
  if (place >= stripe.blocks.size() || stripe.blocks[place] == nullptr) return nullptr;
  return &(*stripe.blocks[place])[product.value() % kBlockSize];
}

void ProductFeatureStore::Prefetch(ProductIndex product) const {
  const Entry* const entry = FindEntry(product, StripeOf(product));
  if (entry != nullptr) attune::Prefetch(*entry);
}

void ProductFeatureStore::FoldEvent(const events::Event& event, const FoldContext& context) {
  Change change;
  if (event.type == events::EventType::kProductViewed) {
    change.views = 1;
    change.counts.views = 1;
  } else if (IsCartEvent(event.type)) {
    change.carts = 1;
    change.counts.carts = 1;
  } else {
    return;
  }
  const size_t line_count = std::min(event.lines.size(), kEventLinesFoldedMax);
  for (size_t i = 0; i < line_count; ++i) {
    Apply(event.lines[i].product, change, event.occurred_at_ms, context);
  }
}

void ProductFeatureStore::FoldOrderChange(const events::OrderChange& change, const FoldContext& context) {
  for (const events::OrderChange::Line& line : change.lines) {
    Change of_product;
    of_product.orders = (line.is_first ? 1 : 0) - (line.is_gone ? 1 : 0);
    of_product.units = line.quantity_delta;
    of_product.revenue_minor = line.revenue_minor_delta;
    of_product.counts.orders = static_cast<double>(of_product.orders);
    of_product.counts.units = static_cast<double>(line.quantity_delta);
    of_product.counts.revenue_minor = static_cast<double>(line.revenue_minor_delta);
    Apply(line.product, of_product, change.ordered_at_ms, context);
  }
}

void ProductFeatureStore::Apply(ProductIndex product, const Change& change, int64_t at_ms,
                                const FoldContext& context) {
  const catalog::Product* found = context.find_product ? context.find_product(product) : nullptr;
  const uint64_t category_key = found == nullptr ? 0 : CategoryKey(*found);
  ProductFeatures before;
  ProductFeatures after;
  {
    Stripe& stripe = StripeOf(product);
    const MutexLock lock(stripe.mutex);
    Entry& entry = EntryFor(product, stripe);
    before = entry.features;
    ProductFeatures& features = entry.features;
    AddCounts(change.counts, at_ms, settings_, features);
    features.view_count += static_cast<uint64_t>(change.views);
    features.cart_count += static_cast<uint64_t>(change.carts);
    features.order_count = SaturatingSum(features.order_count, change.orders);
    features.unit_count = SaturatingSum(features.unit_count, change.units);
    features.revenue_minor = SaturatingSum(features.revenue_minor, change.revenue_minor);
    if (found != nullptr) features.category_key = category_key;
    after = features;
    if (!entry.is_dirty) dirty_.push_back(product);
    entry.is_dirty = true;
    entry.is_saving = false;
  }
  Count(before, after);
}

void ProductFeatureStore::Count(const ProductFeatures& before, const ProductFeatures& after) {
  const MutexLock lock(sums_mutex_);
  const ConversionTrials was = TrialsOf(before);
  const ConversionTrials is = TrialsOf(after);
  store_sums_.Add(was, -1);
  store_sums_.Add(is, 1);
  store_sums_.view_count += static_cast<int64_t>(after.view_count) - static_cast<int64_t>(before.view_count);
  if (before.category_key != 0) category_sums_[before.category_key].Add(was, -1);
  if (after.category_key != 0) category_sums_[after.category_key].Add(is, 1);
  if (first_at_ms_ == 0 || after.first_at_ms < first_at_ms_) first_at_ms_ = after.first_at_ms;
}

ProductFeatures ProductFeatureStore::Read(ProductIndex product) const {
  const Stripe& stripe = StripeOf(product);
  const MutexLock lock(stripe.mutex);
  const Entry* entry = FindEntry(product, stripe);
  return entry == nullptr ? ProductFeatures{} : entry->features;
}

ProductFeatureStore::Signals ProductFeatureStore::ReadSignals(ProductIndex product, int64_t now_ms) const {
  const ProductFeatures features = Read(product);
  ConversionSums store;
  ConversionSums category;
  int64_t first_at_ms = 0;
  {
    const MutexLock lock(sums_mutex_);
    store = store_sums_;
    const auto found = category_sums_.find(features.category_key);
    if (found != category_sums_.end()) category = found->second;
    first_at_ms = first_at_ms_;
  }
  return {Conversion(TrialsOf(features), category, store), Trend(features, first_at_ms, now_ms, settings_)};
}

void ProductFeatureStore::SaveChanged(storage::WriteBatch& batch) {
  // What a failed or forgotten save left behind is dirty again.
  MarkSaveFailed();
  std::sort(dirty_.begin(), dirty_.end());
  for (const ProductIndex product : dirty_) {
    Stripe& stripe = StripeOf(product);
    ProductFeatures features;
    {
      const MutexLock lock(stripe.mutex);
      Entry& entry = EntryFor(product, stripe);
      entry.is_dirty = false;
      entry.is_saving = true;
      features = entry.features;
    }
    batch.Put(storage::Column::kFeatures, storage::OrderedKey(product.value()),
              EncodeProductFeatures(features));
  }
  saving_ = std::move(dirty_);
  dirty_.clear();
}

void ProductFeatureStore::MarkSaved() {
  for (const ProductIndex product : saving_) {
    Stripe& stripe = StripeOf(product);
    const MutexLock lock(stripe.mutex);
    EntryFor(product, stripe).is_saving = false;
  }
  saving_.clear();
}

void ProductFeatureStore::MarkSaveFailed() {
  for (const ProductIndex product : saving_) {
    Stripe& stripe = StripeOf(product);
    const MutexLock lock(stripe.mutex);
    Entry& entry = EntryFor(product, stripe);
    entry.is_saving = false;
    if (entry.is_dirty) continue;  // It changed meanwhile and is listed already.
    entry.is_dirty = true;
    dirty_.push_back(product);
  }
  saving_.clear();
}

Status ProductFeatureStore::Load(const storage::StorageEngine& engine) {
  Status fault;
  const auto visit = [&](std::string_view key, std::string_view value) {
    Result<ProductFeatures> features = DecodeProductFeatures(value);
    const uint64_t number = key.size() == sizeof(uint64_t) ? storage::NumberFromOrderedKey(key) : UINT64_MAX;
    if (!features.ok() || number > UINT32_MAX) {
      fault = features.ok() ? Corruption("product features: a key is no product index") : features.status();
      return false;
    }
    const ProductIndex product(static_cast<uint32_t>(number));
    {
      Stripe& stripe = StripeOf(product);
      const MutexLock lock(stripe.mutex);
      EntryFor(product, stripe).features = *features;
    }
    Count(ProductFeatures{}, *features);
    return true;
  };
  RETURN_IF_ERROR(engine.Scan(storage::Column::kFeatures, {}, {}, visit));
  return fault;
}

int64_t ProductFeatureStore::first_at_ms() const {
  const MutexLock lock(sums_mutex_);
  return first_at_ms_;
}

size_t ProductFeatureStore::memory_bytes() const {
  size_t bytes = sizeof(*this);
  for (const Stripe& stripe : stripes_) {
    const MutexLock lock(stripe.mutex);
    bytes += stripe.blocks.capacity() * sizeof(stripe.blocks[0]);
    for (const auto& block : stripe.blocks) {
      if (block != nullptr) bytes += sizeof(*block);
    }
  }
  const MutexLock lock(sums_mutex_);
  return bytes + category_sums_.capacity() * (sizeof(uint64_t) + sizeof(ConversionSums) + 1);
}

}  // namespace attune::features
