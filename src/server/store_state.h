// All derived state of one store, and the one fold that makes it: a record of the log in, state changed.
//
//   log --Apply--> catalogue, identities, orders, profiles, product features, settings, generation
//                       |                                                  |
//                  CatalogView (any thread)                     profiles, features (any thread)
//
// A snapshot is one atomic batch of everything that changed plus the watermark, the sequence of the last
// record applied. Open() loads the last snapshot and folds the log from the watermark on, so a crash costs
// the records since then.
//
// Invariants
//   (1) State is a function of the log alone: no clock and no randomness is asked while folding.
//   (2) Records are applied once, in the order of the log.
// Thread safety: as marked; "strand" means the store's writer strand, or the one thread that replays.

#ifndef ATTUNE_SERVER_STORE_STATE_H_
#define ATTUNE_SERVER_STORE_STATE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/companion_thread.h"
#include "base/ids.h"
#include "base/published.h"
#include "base/random.h"
#include "base/status.h"
#include "catalog/catalog_state.h"
#include "events/event_intake.h"
#include "events/identity_registry.h"
#include "events/order_book.h"
#include "features/category_price_table.h"
#include "features/fold_event.h"
#include "features/product_feature_store.h"
#include "features/profile_store.h"
#include "features/store_time.h"
#include "models/generation_record.h"
#include "server/live_session_keeper.h"
#include "server/profile_folds.h"
#include "server/store_documents.h"
#include "server/store_settings.h"
#include "storage/storage_engine.h"

namespace attune::server {

// The name of the error when the state ends before the log begins (kConflict): the records between are gone,
// and only a rebuild from a base can make the state whole.
inline constexpr std::string_view kStateBehindLog = "state_behind_log";
// In Column::kMeta: the last sequence that the saved state contains.
inline constexpr std::string_view kWatermarkKey = "watermark";

struct StoreStateOptions {
  size_t profile_budget_bytes = size_t{64} << 20;
  events::IdentityCacheSizes identity_caches = {};
  // Records to fold at most; for replay, which stops at a sequence.  Nothing: to the end.
  std::optional<Sequence> fold_until;
  // Starts from nothing instead of the last snapshot: rebuild and replay.
  bool from_scratch = false;
};

// Who may be tracked when they chose nothing.
events::ConsentDefaults ConsentDefaultsOf(const StoreSettings& settings);

features::FeatureSettings FeatureSettingsOf(const StoreSettings& settings);

class StoreState final : public events::ProductNamer {
 public:
  // Loads the snapshot and folds the rest of the log.  All pointers must outlive the state.  Fails with
  // kConflict (kStateBehindLog) when records between the two were cut.
  static Result<std::unique_ptr<StoreState>> Open(storage::StorageEngine* engine,
                                                  storage::StorageEngine* vault_engine, RandomSource* random,
                                                  const StoreStateOptions& options);
  ~StoreState() override;

  // ---- Strand ----

  // Folds one record, after what is queued.  Fails with kCorruption when the payload is not ours, and when
  // the disk cannot be read.
  Status Apply(const storage::Record& record);
  // The same for an event that need not be decoded first, but for its shopper's profile, which waits for
  // FoldQueued(). `event` must live until then.  `is_customer`: of its shopper, when the caller knows.
  Status QueueEvent(Sequence sequence, const events::Event& event, std::optional<bool> is_customer);
  // Who a shopper is has changed by the record at `sequence`, which Apply() is not called with: for the live
  // sessions.
  void NoteIdentity(Sequence sequence, const events::IdentityChange& change);
  // Starts to bring what QueueEvent() will look at into the processor's cache.
  void Prefetch(const events::Event& event) const;
  // Folds the queued events into profiles, half of them on `companion`; null: all on this thread.
  Status FoldQueued(CompanionThread* companion);

  // From now on `live` is told of views and of who shoppers are; it must outlive the state.
  void FeedLiveSessions(LiveSessionKeeper* live) { live_ = live; }

  // From now on TakeChangedProducts() tells which products are found by other words, or are others, than
  // before; each may be named several times.
  void NoteChangedProducts() { notes_changed_products_ = true; }
  std::vector<ProductIndex> TakeChangedProducts();

  // Makes what was applied up to `sequence` visible to other threads.
  void Publish(Sequence sequence);

  // Writes a snapshot if one is due: enough changed, or `now_ms` is long after the last one.
  Status SaveIfDue(int64_t now_ms);
  Status Save();

  // ProductNamer.  REQUIRES: EnsureProduct() succeeded for this id in this group.
  ProductIndex IndexFor(std::string_view external_id) override;
  // The index of the id, a new one if it has none; what must be logged is added to name_payload().
  Result<ProductIndex> EnsureProduct(std::string_view external_id);
  // The names given since the last call, as the payload of a kProduct record; empty: none.
  std::string TakeNamePayload();

  catalog::CatalogState& catalog() { return catalog_; }
  events::IdentityRegistry& identities() { return *identities_; }
  const events::IdentityRegistry& identities() const { return *identities_; }
  events::OrderBook& orders() { return orders_; }
  // The last records that changed what a CatalogView, and what a StoreView holds.
  Sequence catalog_changed() const { return catalog_changed_; }
  Sequence view_changed() const { return view_changed_; }
  features::ProfileStore& profiles() { return profiles_; }
  StoreDocuments& documents() { return documents_; }

  // ---- Any thread ----

  std::shared_ptr<const catalog::CatalogView> catalog_view() const { return catalog_view_.Acquire(); }
  const Published<catalog::CatalogView>& catalog_views() const { return catalog_view_; }
  std::shared_ptr<const DocumentsView> documents_view() const { return documents_view_.Acquire(); }
  const features::ProfileStore& profiles() const { return profiles_; }
  const features::ProductFeatureStore& product_features() const { return product_features_; }
  Sequence applied_sequence() const { return Sequence(applied_.load(std::memory_order_acquire)); }
  bool has_view_events() const { return view_event_count_.load(std::memory_order_relaxed) > 0; }
  uint64_t event_count() const { return event_count_.load(std::memory_order_relaxed); }
  uint64_t replayed_on_open() const { return replayed_on_open_; }
  features::FeatureSettings feature_settings() const { return FeatureSettingsOf(documents_view()->settings); }
  // Shoppers forgotten for silence since the state was opened.
  uint64_t expired_count() const { return expired_count_.load(std::memory_order_relaxed); }

  // The last published generation, as its record said; nothing before the first.  Strand, or before serving.
  const std::optional<models::GenerationRecord>& generation() const { return generation_; }

 private:
  StoreState(storage::StorageEngine* engine, const StoreStateOptions& options);

  Status Load();
  Status FoldLogFrom(Sequence from, std::optional<Sequence> until);
  Status ApplyProducts(const storage::Record& record);
  Status ApplyIdentity(const storage::Record& record);
  Status ApplyExpiry(Sequence sequence, const events::IdentityChange& change);
  Status ApplySetting(const storage::Record& record);
  void OnSettingsChanged();
  size_t changed_count() const;

  storage::StorageEngine* const engine_;
  catalog::CatalogState catalog_;
  std::unique_ptr<events::IdentityRegistry> identities_;
  events::OrderBook orders_;
  features::ProfileStore profiles_;
  features::ProductFeatureStore product_features_;
  std::unique_ptr<features::CategoryPriceTable> prices_;
  features::StoreTime store_time_;
  features::FoldContext fold_context_;
  StoreDocuments documents_;
  std::optional<models::GenerationRecord> generation_;
  std::string name_payload_;
  bool notes_changed_products_ = false;
  std::vector<ProductIndex> changed_products_;
  LiveSessionKeeper* live_ = nullptr;  // Null: nobody asks.
  ProfileFolds profile_folds_;
  Sequence queued_;  // Of the last event queued; 0: none waits.
  Sequence catalog_changed_;
  Sequence view_changed_;
  int64_t saved_at_ms_ = 0;
  uint64_t replayed_on_open_ = 0;

  Published<catalog::CatalogView> catalog_view_;
  Published<DocumentsView> documents_view_;
  std::atomic<uint64_t> applied_{0};
  std::atomic<uint64_t> view_event_count_{0};
  std::atomic<uint64_t> event_count_{0};
  std::atomic<uint64_t> expired_count_{0};
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_STORE_STATE_H_
