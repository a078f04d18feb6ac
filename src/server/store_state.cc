#include "server/store_state.h"

#include <absl/container/flat_hash_set.h>

#include <utility>
#include <vector>

#include "base/prefetch.h"
#include "catalog/product_record.h"
#include "events/event_record.h"
#include "events/identity_record.h"
#include "search/document.h"
#include "server/shopper_expiry.h"

namespace attune::server {
namespace {

constexpr std::string_view kTotalsKey = "totals";
constexpr std::string_view kChangedKey = "changed";  // catalog_changed, view_changed.
constexpr size_t kCachedOrdersMax = 100'000;         // About 30 MB.
// A snapshot is written when so many things changed: more would make its batch long, fewer would write too
// often.
constexpr size_t kSnapshotChangesMax = 20'000;
constexpr int64_t kSnapshotEveryMs = 10 * kSecondMs;

events::ConsentDefault ToDefault(bool is_granted) {
  return is_granted ? events::ConsentDefault::kGranted : events::ConsentDefault::kDenied;
}

}  // namespace

events::ConsentDefaults ConsentDefaultsOf(const StoreSettings& settings) {
  events::ConsentDefaults defaults;
  defaults.store = ToDefault(settings.consent_default);
  for (const auto& [market, is_granted] : settings.consent_by_market) {
    defaults.markets[market] = ToDefault(is_granted);
  }
  return defaults;
}

features::FeatureSettings FeatureSettingsOf(const StoreSettings& settings) {
  features::FeatureSettings features;
  features.anonymous_expiry_ms = settings.anonymous_days_max * kDayMs;
  return features;
}

StoreState::StoreState(storage::StorageEngine* engine, const StoreStateOptions& options)
    : engine_(engine),
      orders_(engine, events::OrderRules{}, kCachedOrdersMax),
      profiles_(engine, {.budget_bytes = options.profile_budget_bytes, .settings = {}}),
      product_features_(features::FeatureSettings{}),
      catalog_view_(catalog_.Publish(Sequence(0))),
      documents_view_(documents_.view()) {}

StoreState::~StoreState() = default;

Result<std::unique_ptr<StoreState>> StoreState::Open(storage::StorageEngine* engine,
                                                     storage::StorageEngine* vault_engine,
                                                     RandomSource* random, const StoreStateOptions& options) {
  std::unique_ptr<StoreState> state(new StoreState(engine, options));
  ASSIGN_OR_RETURN(state->identities_,
                   events::IdentityRegistry::Open(engine, vault_engine, random, options.identity_caches));
  state->OnSettingsChanged();
  Sequence watermark;
  if (!options.from_scratch) {
    RETURN_IF_ERROR(state->Load());
    ASSIGN_OR_RETURN(const auto saved, engine->Get(storage::Column::kMeta, kWatermarkKey));
    if (saved && saved->size() == 8) watermark = Sequence(storage::NumberFromOrderedKey(*saved));
  }
  if (watermark.value() + 1 < engine->first_sequence().value()) {
    return Conflict(std::string(kStateBehindLog) + ": the state ends at " +
                    std::to_string(watermark.value()) + ", the log begins at " +
                    std::to_string(engine->first_sequence().value()) + "; run attune rebuild");
  }
  state->applied_ = watermark.value();
  RETURN_IF_ERROR(state->FoldLogFrom(Sequence(watermark.value() + 1), options.fold_until));
  state->Publish(state->applied_sequence());
  return state;
}

Status StoreState::Load() {
  RETURN_IF_ERROR(documents_.Load(*engine_));
  OnSettingsChanged();
  RETURN_IF_ERROR(catalog_.Load(*engine_));
  RETURN_IF_ERROR(product_features_.Load(*engine_));
  const uint32_t index_count = catalog_.ids()->index_count();
  for (uint32_t i = 0; i < index_count; ++i) {
    if (const catalog::Product* product = catalog_.Find(ProductIndex(i))) prices_->Change(nullptr, product);
  }
  ASSIGN_OR_RETURN(const auto generation, engine_->Get(storage::Column::kMeta, "generation"));
  if (generation) {
    ASSIGN_OR_RETURN(generation_, models::DecodeGenerationRecord(*generation));
  }
  ASSIGN_OR_RETURN(const auto saved, engine_->Get(storage::Column::kMeta, kWatermarkKey));
  ASSIGN_OR_RETURN(const auto changed, engine_->Get(storage::Column::kMeta, kChangedKey));
  if (changed && changed->size() == 16) {
    catalog_changed_ = Sequence(storage::NumberFromOrderedKey(*changed));
    view_changed_ = Sequence(storage::NumberFromOrderedKey(std::string_view(*changed).substr(8)));
  } else if (saved && saved->size() == 8) {
    // Saved by a build that did not say: as late as can be.
    catalog_changed_ = view_changed_ = Sequence(storage::NumberFromOrderedKey(*saved));
  }
  ASSIGN_OR_RETURN(const auto totals, engine_->Get(storage::Column::kMeta, kTotalsKey));
  if (totals && totals->size() == 16) {
    event_count_ = storage::NumberFromOrderedKey(*totals);
    view_event_count_ = storage::NumberFromOrderedKey(std::string_view(*totals).substr(8));
  }
  return Status();
}

Status StoreState::FoldLogFrom(Sequence from, std::optional<Sequence> until) {
  Status folded;
  RETURN_IF_ERROR(engine_->ScanLog(from, [&](const storage::Record& record) {
    if (until && record.sequence > *until) return false;
    folded = Apply(record);
    ++replayed_on_open_;
    // A long replay must not keep everything that it changed in memory.
    if (folded.ok() && !until && changed_count() >= kSnapshotChangesMax) folded = Save();
    return folded.ok();
  }));
  return folded;
}

Status StoreState::Apply(const storage::Record& record) {
  RETURN_IF_ERROR(FoldQueued(nullptr));
  switch (record.kind) {
    case storage::RecordKind::kEvent: {
      events::Event event;
      RETURN_IF_ERROR(events::DecodeEvent(record.payload, event));
      RETURN_IF_ERROR(QueueEvent(record.sequence, event, std::nullopt));
      return FoldQueued(nullptr);
    }
    case storage::RecordKind::kProduct:
      RETURN_IF_ERROR(ApplyProducts(record));
      catalog_changed_ = record.sequence;
      break;
    case storage::RecordKind::kIdentity:
      RETURN_IF_ERROR(ApplyIdentity(record));
      break;
    case storage::RecordKind::kSetting:
      RETURN_IF_ERROR(ApplySetting(record));
      view_changed_ = record.sequence;
      break;
    case storage::RecordKind::kGeneration: {
      ASSIGN_OR_RETURN(generation_, models::DecodeGenerationRecord(record.payload));
      view_changed_ = record.sequence;
      break;
    }
  }
  applied_.store(record.sequence.value(), std::memory_order_release);
  return Status();
}

Status StoreState::QueueEvent(Sequence sequence, const events::Event& event,
                              std::optional<bool> is_customer) {
  ASSIGN_OR_RETURN(std::vector<events::OrderChange> changes, orders_.Apply(event));
  product_features_.FoldEvent(event, fold_context_);
  for (const events::OrderChange& change : changes) product_features_.FoldOrderChange(change, fold_context_);
  if (live_ != nullptr) live_->Note(sequence, event);
  profile_folds_.Add(sequence, event, is_customer, std::move(changes));
  event_count_.fetch_add(1, std::memory_order_relaxed);
  if (event.type == events::EventType::kProductViewed) {
    if (view_event_count_.fetch_add(1, std::memory_order_relaxed) == 0) view_changed_ = sequence;
  }
  queued_ = sequence;
  return Status();
}

void StoreState::NoteIdentity(Sequence sequence, const events::IdentityChange& change) {
  if (live_ != nullptr) live_->Note(sequence, change);
}

void StoreState::Prefetch(const events::Event& event) const {
  for (const events::EventLine& line : event.lines) {
    product_features_.Prefetch(line.product);
    const catalog::Product* const product = catalog_.Find(line.product);
    // From its brand to its price: what folds ask for.
    if (product != nullptr) PrefetchBetween(&product->brand, &product->price + 1);
  }
}

Status StoreState::FoldQueued(CompanionThread* companion) {
  if (queued_.value() == 0) return Status();
  const Status folded = profile_folds_.Run(fold_context_, companion, profiles_);
  applied_.store(std::exchange(queued_, Sequence()).value(), std::memory_order_release);
  return folded;
}

Status StoreState::ApplyProducts(const storage::Record& record) {
  ASSIGN_OR_RETURN(const catalog::ProductRecord products, catalog::DecodeProductRecord(record.payload));
  // Each product once, however often the record changes it: from before the first change to after the last.
  absl::flat_hash_set<ProductIndex> seen;
  std::vector<std::pair<ProductIndex, std::optional<catalog::Product>>> before;
  for (const catalog::IndexedChange& changed : products.changes) {
    if (!seen.insert(changed.index).second) continue;
    const catalog::Product* product = catalog_.Find(changed.index);
    before.emplace_back(changed.index, product == nullptr ? std::nullopt : std::optional(*product));
  }
  RETURN_IF_ERROR(catalog_.ApplyDecoded(products, record.recorded_at_ms));
  for (const auto& [index, old] : before) {
    const catalog::Product* const now = catalog_.Find(index);
    prices_->Change(old ? &*old : nullptr, now);
    const bool both = old && now != nullptr;
    if (!notes_changed_products_ || (both ? search::MakeSameDocument(*old, *now) : !old && now == nullptr)) {
      continue;
    }
    changed_products_.push_back(index);
  }
  return Status();
}

Status StoreState::ApplyIdentity(const storage::Record& record) {
  ASSIGN_OR_RETURN(const events::IdentityChange change, events::DecodeIdentityChange(record.payload));
  NoteIdentity(record.sequence, change);
  if (change.kind == events::IdentityChange::Kind::kExpired) return ApplyExpiry(record.sequence, change);
  RETURN_IF_ERROR(identities_->Apply(change));
  if (change.kind == events::IdentityChange::Kind::kErased) profiles_.Erase(change.shopper);
  return Status();
}

Status StoreState::ApplyExpiry(Sequence sequence, const events::IdentityChange& change) {
  // Asked again, because an event of the shopper may stand between the sweep's look and this record.
  ASSIGN_OR_RETURN(const auto state, identities_->StateOf(change.shopper));
  if (state == nullptr) return Status();
  ASSIGN_OR_RETURN(const features::ShopperProfile profile, profiles_.Read(change.shopper));
  if (!IsIdleShopper(*state, profile, change.at_ms, fold_context_.settings)) return Status();
  RETURN_IF_ERROR(identities_->Apply(change));
  RETURN_IF_ERROR(profiles_.Expire(change.shopper, sequence));
  expired_count_.fetch_add(1, std::memory_order_relaxed);
  return Status();
}

Status StoreState::ApplySetting(const storage::Record& record) {
  RETURN_IF_ERROR(documents_.Apply(record));
  OnSettingsChanged();
  return Status();
}

void StoreState::OnSettingsChanged() {
  const StoreSettings& settings = documents_.view()->settings;
  if (!prices_ || fold_context_.base_currency != settings.base_currency) {
    prices_ = std::make_unique<features::CategoryPriceTable>(settings.base_currency);
    const uint32_t index_count = catalog_.ids()->index_count();
    for (uint32_t i = 0; i < index_count; ++i) {
      if (const catalog::Product* product = catalog_.Find(ProductIndex(i))) prices_->Change(nullptr, product);
    }
  }
  // An unknown zone was refused when the document was written; a database that lost it since means UTC.
  const auto zone = features::StoreTime::Load(settings.time_zone);
  store_time_ = zone.ok() ? *zone : features::StoreTime();
  fold_context_.find_product = [this](ProductIndex index) { return catalog_.Find(index); };
  fold_context_.zone_offset_ms = [this](int64_t utc_ms) { return store_time_.OffsetMs(utc_ms); };
  fold_context_.is_customer = [this](ShopperHandle shopper) {
    const auto state = identities_->StateOf(shopper);
    return state.ok() && *state != nullptr && events::IsCustomer(**state);
  };
  fold_context_.settings = FeatureSettingsOf(settings);
  fold_context_.prices = prices_.get();
  fold_context_.base_currency = settings.base_currency;
  events::OrderRules rules{.rates = events::ExchangeRates(settings.base_currency),
                           .prices_include_tax = settings.prices_include_tax};
  for (const auto& [code, rate] : settings.exchange_rates) {
    // Both were checked when the document was written.
    if (const auto currency = Currency::Parse(code)) (void)rules.rates.Add(*currency, 0, rate);
  }
  orders_.SetRules(std::move(rules));
}

std::vector<ProductIndex> StoreState::TakeChangedProducts() { return std::exchange(changed_products_, {}); }

void StoreState::Publish(Sequence sequence) {
  if (live_ != nullptr) live_->HandOver(sequence);
  if (catalog_.has_unpublished_changes()) catalog_view_.Publish(catalog_.Publish(sequence));
  if (documents_view_.Acquire() != documents_.view()) documents_view_.Publish(documents_.view());
}

size_t StoreState::changed_count() const {
  return catalog_.unsaved_count() + identities_->changed_count() + orders_.changed_count();
}

Status StoreState::SaveIfDue(int64_t now_ms) {
  if (saved_at_ms_ == 0) saved_at_ms_ = now_ms;
  const bool is_late = now_ms - saved_at_ms_ >= kSnapshotEveryMs;
  if (!is_late && changed_count() < kSnapshotChangesMax && !profiles_.NeedsSave()) return Status();
  saved_at_ms_ = now_ms;
  return Save();
}

Status StoreState::Save() {
  // Product features and orders hold the queued events already: the watermark must not stand before them.
  RETURN_IF_ERROR(FoldQueued(nullptr));
  storage::WriteBatch batch;
  catalog_.SaveChanged(batch);
  identities_->SaveChanged(batch);
  orders_.SaveChanged(batch);
  profiles_.SaveChanged(batch);
  product_features_.SaveChanged(batch);
  documents_.SaveChanged(batch);
  if (generation_)
    batch.Put(storage::Column::kMeta, "generation", models::EncodeGenerationRecord(*generation_));
  batch.Put(storage::Column::kMeta, std::string(kTotalsKey),
            storage::OrderedKey(event_count_) + storage::OrderedKey(view_event_count_));
  batch.Put(storage::Column::kMeta, std::string(kChangedKey),
            storage::OrderedKey(catalog_changed_.value()) + storage::OrderedKey(view_changed_.value()));
  batch.Put(storage::Column::kMeta, std::string(kWatermarkKey), storage::OrderedKey(applied_));
  const auto committed = engine_->Commit(batch, storage::Durability::kBuffered);
  if (!committed.ok()) {
    profiles_.MarkSaveFailed();
    product_features_.MarkSaveFailed();
    return committed.status();
  }
  catalog_.ChangesSaved();
  identities_->OnSaved();
  orders_.OnSaved();
  profiles_.MarkSaved();
  product_features_.MarkSaved();
  documents_.Saved();
  return Status();
}

ProductIndex StoreState::IndexFor(std::string_view external_id) {
  const auto index = catalog_.EnsureIndex(external_id, name_payload_);
  CHECK(index.ok());  // EnsureProduct() was asked before.
  return *index;
}

Result<ProductIndex> StoreState::EnsureProduct(std::string_view external_id) {
  return catalog_.EnsureIndex(external_id, name_payload_);
}

std::string StoreState::TakeNamePayload() { return std::exchange(name_payload_, {}); }

}  // namespace attune::server
