// The features of all products of a store, folded from events and order changes.
//
// Dense: entries sit in blocks of 256 products behind 64 locks; a product costs 152 bytes, whether it was
// ever seen or not (1 M products: 152 MB), and nothing for blocks of which no product was seen.
//
// Views and carts follow events, orders, units and revenue follow order changes, so a cancelled order leaves
// no trace. Events without consent count here too: these are totals without anybody's name.
//
// A record must be folded once: SaveChanged belongs into the same batch as the watermark from which the log
// is replayed.
//
// Thread safety: Fold*, Save*, Mark* and Load on the writer strand; the rest from any thread.

#ifndef ATTUNE_FEATURES_PRODUCT_FEATURE_STORE_H_
#define ATTUNE_FEATURES_PRODUCT_FEATURE_STORE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/status.h"
#include "events/event.h"
#include "features/feature_settings.h"
#include "features/fold_event.h"
#include "features/product_features.h"
#include "storage/storage_engine.h"

namespace attune::features {

class ProductFeatureStore {
 public:
  explicit ProductFeatureStore(const FeatureSettings& settings) : settings_(settings) {}

  ProductFeatureStore(const ProductFeatureStore&) = delete;
  ProductFeatureStore& operator=(const ProductFeatureStore&) = delete;

  void FoldEvent(const events::Event& event, const FoldContext& context);
  void FoldOrderChange(const events::OrderChange& change, const FoldContext& context);

  // The thread that folds: starts to bring what it will look at into the processor's cache.
  void Prefetch(ProductIndex product) const ATTUNE_THREAD_ANNOTATION(no_thread_safety_analysis);

  // The features as they were last folded (decay with CountsAt()); empty ones for a product never seen.
  ProductFeatures Read(ProductIndex product) const;

  struct Signals {
    std::optional<double> conversion;
    std::optional<double> trend;
  };
  // The derived ones as of `now_ms`.
  Signals ReadSignals(ProductIndex product, int64_t now_ms) const;

  // Adds the features that changed since the last save to `batch`; then MarkSaved() or MarkSaveFailed().
  void SaveChanged(storage::WriteBatch& batch);
  void MarkSaved();
  void MarkSaveFailed();

  // Reads all saved features.  REQUIRES: nothing was folded yet.  Fails with the engine's status or
  // kCorruption.
  Status Load(const storage::StorageEngine& engine);

  // Of the first event that named a product; 0: none yet.
  int64_t first_at_ms() const;
  size_t memory_bytes() const;

 private:
  static constexpr size_t kStripeCount = 64;
  static constexpr size_t kBlockSize = 256;

  struct Entry {
    ProductFeatures features;
    bool is_dirty = false;   // In dirty_.
    bool is_saving = false;  // In saving_, and not changed since.
  };
  struct Stripe {
    mutable Mutex mutex;
    // Of every kStripeCount-th block; null: no product of it was seen.
    std::vector<std::unique_ptr<std::array<Entry, kBlockSize>>> blocks GUARDED_BY(mutex);
  };

  // What a record changes of one product.
  struct Change {
    ProductCounts counts;
    int64_t views = 0;
    int64_t carts = 0;
    int64_t orders = 0;
    int64_t units = 0;
    int64_t revenue_minor = 0;
  };
  void Apply(ProductIndex product, const Change& change, int64_t at_ms, const FoldContext& context);
  void Count(const ProductFeatures& before, const ProductFeatures& after);

  static size_t BlockOf(ProductIndex product) { return product.value() / kBlockSize; }
  Stripe& StripeOf(ProductIndex product) { return stripes_[BlockOf(product) % kStripeCount]; }
  const Stripe& StripeOf(ProductIndex product) const { return stripes_[BlockOf(product) % kStripeCount]; }
  static Entry& EntryFor(ProductIndex product, Stripe& stripe) REQUIRES(stripe.mutex);
  static const Entry* FindEntry(ProductIndex product, const Stripe& stripe) REQUIRES(stripe.mutex);

  const FeatureSettings settings_;
  std::array<Stripe, kStripeCount> stripes_;

  mutable Mutex sums_mutex_;
  ConversionSums store_sums_ GUARDED_BY(sums_mutex_);
  absl::flat_hash_map<uint64_t, ConversionSums> category_sums_ GUARDED_BY(sums_mutex_);
  int64_t first_at_ms_ GUARDED_BY(sums_mutex_) = 0;

  // The writer strand's own.
  std::vector<ProductIndex> dirty_;
  std::vector<ProductIndex> saving_;
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_PRODUCT_FEATURE_STORE_H_
