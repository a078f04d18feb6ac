#include "server/store.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <utility>

#include "base/hash.h"
#include "events/vault_first_storage.h"
#include "server/embedding_text.h"
#include "server/fetched_vectors.h"
#include "server/ranker_options_of.h"
#include "server/store_view_of.h"
#include "storage/retention.h"

namespace attune::server {
namespace {

constexpr int64_t kRetentionEveryMs = 10 * kMinuteMs;
// Retention is also applied whenever this part of decision_bytes_max was written since: what may stand above
// it.
constexpr uint64_t kDecisionBytesShare = 16;
// Rest after live sessions were built, in what that took: a tenth of a core at most.
constexpr int64_t kRestPerLiveBuild = 10;

// Waits for a command that answers by callback.
template <class T>
class Waiter {
 public:
  void Set(T value) { promise_.set_value(std::move(value)); }
  T Get() { return promise_.get_future().get(); }

 private:
  std::promise<T> promise_;
};

storage::RocksOptions RocksOptionsOf(const StoreServices& services) {
  storage::RocksOptions options;
  options.clock = services.clock;
  options.resources = services.storage;
  return options;
}

}  // namespace

Store::Store(std::string store_id, std::string folder, const StoreServices& services)
    : store_id_(std::move(store_id)), folder_(std::move(folder)), services_(services) {}

Result<std::unique_ptr<Store>> Store::Open(const std::string& store_id, const std::string& folder,
                                           const StoreServices& services) {
  const storage::RocksOptions options = RocksOptionsOf(services);
  ASSIGN_OR_RETURN(std::unique_ptr<storage::RocksStorage> engine,
                   storage::RocksStorage::Open(folder, options));
  ASSIGN_OR_RETURN(std::unique_ptr<storage::RocksStorage> vault,
                   storage::RocksStorage::Open(folder + "/vault", options));
  storage::RocksStorage* rocks = engine.get();
  storage::RocksStorage* rocks_vault = vault.get();
  ASSIGN_OR_RETURN(auto store, OpenOn(store_id, folder, std::move(engine), std::move(vault), services));
  store->rocks_ = rocks;
  store->rocks_vault_ = rocks_vault;
  return store;
}

Result<std::unique_ptr<Store>> Store::OpenOn(const std::string& store_id, const std::string& folder,
                                             std::unique_ptr<storage::StorageEngine> engine,
                                             std::unique_ptr<storage::StorageEngine> vault,
                                             const StoreServices& services) {
  std::unique_ptr<Store> store(new Store(store_id, folder, services));
  store->engine_ = std::move(engine);
  store->vault_engine_ = std::move(vault);
  RETURN_IF_ERROR(store->Start());
  return store;
}

Status Store::Start() {
  std::error_code error;
  std::filesystem::create_directories(folder_ + "/models", error);
  if (error) return Unavailable("cannot make the folder " + folder_ + "/models: " + error.message());
  StoreStateOptions options;
  options.profile_budget_bytes = services_.budget.profile_bytes;
  options.identity_caches = events::IdentityCacheSizes::Of(services_.budget.identity_bytes);
  ASSIGN_OR_RETURN(state_, StoreState::Open(engine_.get(), vault_engine_.get(), services_.random, options));
  live_ = std::make_unique<LiveSessionKeeper>(engine_.get(), state_->applied_sequence());
  state_->FeedLiveSessions(live_.get());
  vault_first_ = std::make_unique<events::VaultFirstStorage>(engine_.get(), &state_->identities());
  ASSIGN_OR_RETURN(intake_, events::EventIntake::Open(engine_.get(), &state_->identities(), state_.get(),
                                                      ConsentDefaultsOf(settings())));
  writer_.state = state_.get();
  writer_.intake = intake_.get();
  writer_.clock = services_.clock;
  writer_.companion = services_.companion;
  models_ =
      std::make_unique<ModelKeeper>(engine_.get(), &state_->identities(), folder_ + "/models",
                                    services_.clock, services_.log, services_.budget.interaction_rows_max);
  const std::optional<models::GenerationRecord> older = models_->LoadPublished(state_->generation());
  views_ = std::make_unique<Published<decisions::StoreView>>(std::make_shared<const decisions::StoreView>());
  PublishView(state_->applied_sequence());
  profile_source_ = std::make_unique<ProfileSource>(state_.get());
  OpenSearch();
  strand_ = std::make_unique<storage::WriterStrand>(services_.writers, vault_first_.get(),
                                                    static_cast<storage::WriterStrand::GroupListener*>(this),
                                                    storage::WriterLimits{});
  OpenDecisionLog();
  decision_source_ = std::make_unique<DecisionSource>(decision_log_.get(), engine_.get());
  OpenSearcher();
  sweep_ = std::make_unique<ExpirySweep>(state_.get(), engine_.get());
  recommender_ = std::make_unique<recommend::Recommender>(
      recommend::Recommender::Parts{.views = views_.get(),
                                    .catalogs = &state_->catalog_views(),
                                    .profiles = profile_source_.get(),
                                    .decisions = decision_source_.get(),
                                    .log = decision_log_.get(),
                                    .clock = services_.clock,
                                    .random = services_.random,
                                    .store_tag = static_cast<uint16_t>(StableHash64(store_id_))});
  if (older) PublishOlder(*older);
  RETURN_IF_ERROR(LoadFeedState());
  ASSIGN_OR_RETURN(vectors_changed_at_ms_, VectorsChangedAtMs(*engine_));
  MarkFeed();
  Touch();
  if (services_.trains) {
    models_->StartTraining(
        [this](const models::TrainingControl& control) {
          return TrainNow(control, ModelKeeper::Asked::kBySchedule);
        },
        [this] { return Schedule(); }, services_.training_turn);
  }
  return Status();
}

void Store::OpenDecisionLog() {
  decision_log_ = std::make_unique<decisions::DecisionLog>([this](const storage::WriteBatch& batch) {
    auto waiter = std::make_shared<Waiter<Status>>();
    RETURN_IF_ERROR(
        strand_->Submit(MakeColumnsCommand(std::make_shared<const storage::WriteBatch>(batch),
                                           [waiter](const Status& status) { waiter->Set(status); })));
    const Status written = waiter->Get();
    if (written.ok()) analytics_->TakeDecisions(batch);
    return written;
  });
}

void Store::OpenSearch() {
  search_ = std::make_unique<SearchKeeper>(SearchKeeper::Parts{.engine = engine_.get(),
                                                               .catalogs = &state_->catalog_views(),
                                                               .folder = folder_ + "/search",
                                                               .clock = services_.clock,
                                                               .log = services_.log,
                                                               .store_id = store_id_});
  state_->NoteChangedProducts();
  search_->Open(SearchKeeperSettingsOf(settings()), state_->applied_sequence(), state_->catalog_changed());
  search_facts_ = std::make_unique<SearchFactsKeeper>(
      SearchFactsKeeper::Parts{.indexes = &search_->indexes(), .clock = services_.clock});
  analytics_ = std::make_unique<SearchAnalyticsKeeper>(
      SearchAnalyticsKeeper::Parts{.engine = engine_.get(),
                                   .catalogs = &state_->catalog_views(),
                                   .path = folder_ + "/analytics/searches.counts",
                                   .locale = [this] { return settings().default_locale; },
                                   .clock = services_.clock,
                                   .log = services_.log,
                                   .store_id = store_id_});
  analytics_->Open();
  query_meanings_ =
      std::make_unique<QueryMeaningKeeper>(QueryMeaningKeeper::Parts{.indexes = &search_->indexes(),
                                                                     .facts = &search_facts_->facts(),
                                                                     .folder = folder_ + "/search",
                                                                     .log = services_.log,
                                                                     .store_id = store_id_});
  query_meanings_->Configure(settings().search.llm);
}

Store::~Store() {
  if (models_) models_->StopTraining();
  if (!strand_) return;
  (void)FlushDecisions();
  (void)SaveSnapshot();
  strand_->Stop();
  if (needs_reopen()) return;
  search_->Save();
  if (analytics_->CatchUp(state_->applied_sequence()).ok()) analytics_->Save();
}

Status Store::MayWrite() const {
  if (needs_reopen())
    return Unavailable("the store's disk could not be read; the store is being opened again");
  if (services_.memory != nullptr && services_.memory->pressure() == MemoryPressure::kCritical) {
    return Unavailable("the memory limit is reached; writes are refused until there is room");
  }
  return Status();
}

void Store::Submit(std::unique_ptr<storage::WriteCommand> command,
                   const std::function<void(const Status&)>& refused) {
  Touch();
  Status may = MayWrite();
  if (may.ok()) may = strand_->Submit(std::move(command));
  if (!may.ok()) refused(may);
}

void Store::OnGroupApplied() {
  writer_.prepared_documents.clear();
  writer_.Note(state_->FoldQueued(writer_.companion));
  intake_->OnGroupApplied();
  const Sequence applied = state_->applied_sequence();
  const Sequence settings_before = state_->documents_view()->sequence;
  state_->Publish(applied);
  search_->Apply(state_->TakeChangedProducts(), applied);
  if (state_->documents_view()->sequence != settings_before) {
    intake_->SetConsentDefaults(ConsentDefaultsOf(settings()));
    search_->Configure(SearchKeeperSettingsOf(settings()));
    query_meanings_->Configure(settings().search.llm);
    PublishView(applied);
    MarkFeed();
  } else if (state_->has_view_events() != views_->Acquire()->has_view_events) {
    PublishView(applied);
  }
  if (!writer_.failure.ok()) {
    needs_reopen_ = true;
    if (services_.log != nullptr) {
      services_.log->Write(http::LogLevel::kError, "store state failed",
                           {{"store", store_id_}, {"reason", writer_.failure.message()}});
    }
    return;
  }
  // A snapshot that cannot be written now is written later: the log has everything.
  (void)state_->SaveIfDue(services_.clock->NowMs());
  (void)intake_->SaveIdsIfDue(applied);
}

void Store::OnCommitFailed(const Status& status) {
  writer_.prepared_documents.clear();
  intake_->OnCommitFailed();
  state_->catalog().DropPrepared();
  (void)state_->TakeNamePayload();
  if (services_.log != nullptr) {
    services_.log->Write(http::LogLevel::kError, "commit failed",
                         {{"store", store_id_}, {"reason", status.message()}});
  }
}

void Store::PublishView(Sequence sequence) {
  MutexLock lock(view_mutex_);
  views_->Publish(MakeStoreView(*state_, sequence, models_->published(), views_->Acquire()->live));
}

void Store::PublishView(Sequence sequence, LiveSessionKeeper::Sessions live) {
  MutexLock lock(view_mutex_);
  views_->Publish(MakeStoreView(*state_, sequence, models_->published(), std::move(live)));
}

void Store::RefreshLiveSessions() {
  const int64_t started_micros = services_.clock->SteadyMicros();
  const auto models = models_->published();
  if (models->set() == nullptr || started_micros < live_due_micros_) return;
  auto live = live_->Build(*models->set());
  const int64_t now_micros = services_.clock->SteadyMicros();
  live_due_micros_ = now_micros + kRestPerLiveBuild * (now_micros - started_micros);
  if (!live.ok()) return;  // Tried again; until then what was there serves.
  {
    MutexLock lock(view_mutex_);
    const auto serving = views_->Acquire();
    if (serving->sources != models) return;  // A generation came meanwhile, with visits of its own.
    if (serving->live != *live) {
      auto next = std::make_shared<decisions::StoreView>(*serving);
      next->live = std::move(live).value();
      views_->Publish(std::move(next));
    }
  }
  live_->DropThrough(models->set()->watermark());
}

Result<events::IntakeLookAhead> Store::LookAhead(const events::EventBody& body) const {
  ASSIGN_OR_RETURN(events::IntakeLookAhead ahead, intake_->LookAhead(body.events));
  RETURN_IF_ERROR(state_->profiles().WarmUp(ahead.shoppers));
  return ahead;
}

Result<IngestResult> Store::Ingest(events::EventBody body) {
  ASSIGN_OR_RETURN(events::IntakeLookAhead ahead, LookAhead(body));
  auto waiter = std::make_shared<Waiter<Result<IngestResult>>>();
  Submit(MakeIngestCommand(&writer_, std::move(body), std::move(ahead),
                           [waiter](const Status& status, IngestResult result) {
                             waiter->Set(status.ok() ? Result<IngestResult>(std::move(result)) : status);
                           }),
         [waiter](const Status& status) { waiter->Set(status); });
  return waiter->Get();
}

Result<ProductsResult> Store::Change(std::vector<catalog::ProductChange> changes) {
  auto waiter = std::make_shared<Waiter<Result<ProductsResult>>>();
  Submit(MakeProductsCommand(&writer_, std::move(changes),
                             [waiter](const Status& status, ProductsResult result) {
                               waiter->Set(status.ok() ? Result<ProductsResult>(std::move(result)) : status);
                             }),
         [waiter](const Status& status) { waiter->Set(status); });
  return waiter->Get();
}

Status Store::Swap(catalog::FeedSwap swap) {
  auto waiter = std::make_shared<Waiter<Status>>();
  const auto done = [waiter](const Status& status) { waiter->Set(status); };
  Submit(MakeSwapCommand(&writer_, std::make_shared<const catalog::FeedSwap>(std::move(swap)), done), done);
  return waiter->Get();
}

Status Store::PutSetting(const std::string& kind, const std::string& id, const std::string& json,
                         const std::string& author) {
  RETURN_IF_ERROR(StoreDocuments::Check(kind, id, json));
  auto waiter = std::make_shared<Waiter<Status>>();
  Submit(
      MakeDocumentCommand(
          &writer_, {.kind = kind, .id = id, .json = json, .edit = {}, .author = author, .precondition = {}},
          [waiter](const Status& status, uint64_t) { waiter->Set(status); }),
      [waiter](const Status& status) { waiter->Set(status); });
  return waiter->Get();
}

Status Store::OnStrand(std::function<Status()> work) {
  auto waiter = std::make_shared<Waiter<Status>>();
  auto outcome = std::make_shared<Status>();
  RETURN_IF_ERROR(strand_->Submit(MakeStrandCommand(
      [outcome, work = std::move(work)] { *outcome = work(); },
      [waiter, outcome](const Status& status) { waiter->Set(status.ok() ? *outcome : status); })));
  return waiter->Get();
}

Status Store::SaveSnapshot() {
  if (needs_reopen()) return Unavailable("the state is not complete");
  return OnStrand([this] {
    RETURN_IF_ERROR(state_->Save());
    return intake_->SaveIds(state_->applied_sequence());
  });
}

TrainingSchedule Store::Schedule() const {
  const StoreSettings current = settings();
  TrainingSchedule schedule;
  schedule.every_ms = current.train_every_seconds * kSecondMs;
  schedule.new_percent = current.train_new_percent;
  schedule.at_latest_ms = current.train_at_latest_seconds * kSecondMs;
  schedule.drift_hold_ms = current.train_drift_hold_seconds * kSecondMs;
  schedule.budget.seconds = static_cast<double>(current.train_cpu_seconds_max);
  schedule.budget.bytes = current.train_bytes_max == 0 ? services_.budget.training_bytes
                                                       : static_cast<uint64_t>(current.train_bytes_max);
  schedule.has_new_vectors =
      !current.embeddings.url.empty() && vectors_changed_at_ms_ > training_status()->trained_at_ms;
  return schedule;
}

void Store::PublishOlder(const models::GenerationRecord& record) {
  auto waiter = std::make_shared<Waiter<Status>>();
  Status said = strand_->Submit(MakeGenerationCommand(
      &writer_, record, [this](Sequence sequence) { PublishView(sequence); },
      [waiter](const Status& status) { waiter->Set(status); }));
  if (said.ok()) said = waiter->Get();
  // It serves all the same; what it decides cannot be replayed.
  if (!said.ok() && services_.log != nullptr) {
    services_.log->Write(http::LogLevel::kWarning, "older generation not recorded",
                         {{"store", store_id_}, {"reason", said.message()}});
  }
}

Status Store::TrainNow(const models::TrainingControl& control, ModelKeeper::Asked asked) {
  MutexLock lock(train_mutex_);
  is_training_ = true;
  Status done = TrainAndPublish(control, asked);
  is_training_ = false;
  return done;
}

Status Store::TrainAndPublish(const models::TrainingControl& control, ModelKeeper::Asked asked) {
  std::optional<KeptVectors> vectors;
  if (const EmbeddingSettings embeddings = settings().embeddings; !embeddings.url.empty()) {
    auto opened = KeptVectors::Open(engine_.get(), EmbeddingModelHash(embeddings));
    if (opened.ok()) {
      vectors = std::move(opened).value();
    } else if (services_.log != nullptr) {  // No reason to be without a generation.
      services_.log->Write(http::LogLevel::kWarning, "fetched vectors not used",
                           {{"store", store_id_}, {"reason", opened.status().message()}});
    }
  }
  ASSIGN_OR_RETURN(const ModelKeeper::Trained trained,
                   models_->Train(state_->catalog_view(), Schedule(), asked, control,
                                  RankerOptionsOf(*state_, ranker()), vectors ? &*vectors : nullptr));
  // Those of the generation before are among what this one has learned from.
  auto built = live_->Build(*trained.set);
  const LiveSessionKeeper::Sessions live = built.ok() ? std::move(built).value() : nullptr;
  LogRanker(*trained.set);
  LogContent(trained.status->training);
  auto waiter = std::make_shared<Waiter<Status>>();
  RETURN_IF_ERROR(strand_->Submit(MakeGenerationCommand(
      &writer_, trained.record,
      [this, trained, live](Sequence sequence) {
        models_->Publish(trained);
        PublishView(sequence, live);
      },
      [waiter](const Status& status) { waiter->Set(status); })));
  RETURN_IF_ERROR(waiter->Get());
  models_->SaveStatus();
  return Status();
}

void Store::LogRanker(const models::ModelSet& set) const {
  if (services_.log == nullptr || set.ranker() == nullptr) return;
  const models::RankerParts& parts = set.ranker()->parts();
  if (parts.outcome == models::RankerOutcome::kNotDue) return;  // Told already.
  const std::string generation = std::to_string(set.generation().value());
  services_.log->Write(http::LogLevel::kInfo, "ranker",
                       {{"store", store_id_},
                        {"generation", generation},
                        {"outcome", std::string(models::RankerOutcomeName(parts.outcome))}});
  for (const models::RankerGuard& guard : parts.guards) {
    services_.log->Write(http::LogLevel::kInfo, "ranker guard",
                         {{"store", store_id_},
                          {"generation", generation},
                          {"placement", guard.surface},
                          {"objective", guard.is_purchase ? "conversion" : "click"},
                          {"serves", guard.serves ? "yes" : "no"},
                          {"lists", std::to_string(guard.lists)},
                          {"ndcg_blend", std::to_string(guard.ndcg_blend)},
                          {"ndcg_ranker", std::to_string(guard.ndcg_ranker)}});
  }
}

bool Store::serves_fetched_vectors() const {
  const auto status = training_status();
  const models::TrainerReport* const content = status->training.Find("content");
  return content != nullptr && content->uses_external_vectors && !content->uses_supplied_vectors;
}

void Store::LogContent(const models::TrainingReport& report) const {
  const models::TrainerReport* const content = report.Find("content");
  if (services_.log == nullptr || content == nullptr || content->reason.empty()) return;
  if (content->form == models::TrainingForm::kSkipped) return;  // Of another reason.
  services_.log->Write(http::LogLevel::kWarning, "text vectors not used",
                       {{"store", store_id_}, {"reason", content->reason}});
}

std::shared_ptr<const models::Ranker> Store::ranker() const {
  const auto published = models_->published();
  return published->set() == nullptr ? nullptr : published->set()->ranker();
}

Result<storage::BackupSummary> Store::BackUp(const std::string& directory, bool with_vault) {
  if (rocks_ == nullptr) return InvalidArgument("a store in memory cannot be backed up");
  std::unique_ptr<storage::StagedBackup> staged;
  const Status on_strand = OnStrand([&] {
    RETURN_IF_ERROR(state_->Save());
    auto made = storage::StagedBackup::Stage(*rocks_, {.vault = with_vault ? rocks_vault_ : nullptr});
    if (!made.ok()) return made.status();
    staged = std::move(made).value();
    return Status();
  });
  if (!on_strand.ok()) return on_strand;
  return staged->WriteTo(directory);
}

Status Store::LoadFeedState() {
  ASSIGN_OR_RETURN(const auto saved, engine_->Get(storage::Column::kMeta, kFeedStateKey));
  if (!saved) return Status();
  MutexLock lock(feed_mutex_);
  ASSIGN_OR_RETURN(feed_state_, DecodeFeedState(*saved));
  return Status();
}

void Store::MarkFeed() const {
  const std::string path = folder_ + "/" + kFeedMarkerName;
  if (!settings().feed.url.empty()) {
    std::ofstream marker(path);
    return;
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

std::optional<FeedState> Store::feed_state() const {
  MutexLock lock(feed_mutex_);
  return feed_state_;
}

Status Store::SaveFeedState(const FeedState& state) {
  auto batch = std::make_shared<storage::WriteBatch>();
  batch->Put(storage::Column::kMeta, kFeedStateKey, EncodeFeedState(state));
  RETURN_IF_ERROR(SaveColumns(std::move(batch)));
  MutexLock lock(feed_mutex_);
  feed_state_ = state;
  return Status();
}

Status Store::SaveVectors(std::shared_ptr<storage::WriteBatch> batch, int64_t now_ms) {
  RETURN_IF_ERROR(MayWrite());
  Touch();  // A store that is busy with them is not idle.
  PutVectorsChanged(now_ms, *batch);
  RETURN_IF_ERROR(SaveColumns(std::move(batch)));
  vectors_changed_at_ms_ = now_ms;
  return Status();
}

Status Store::SaveColumns(std::shared_ptr<const storage::WriteBatch> batch) {
  auto waiter = std::make_shared<Waiter<Status>>();
  RETURN_IF_ERROR(strand_->Submit(
      MakeColumnsCommand(std::move(batch), [waiter](const Status& status) { waiter->Set(status); })));
  return waiter->Get();
}

void Store::ReleaseMemory() {
  if (rocks_ != nullptr) (void)rocks_->ReleaseMemory();
  if (rocks_vault_ != nullptr) (void)rocks_vault_->ReleaseMemory();
}

Status Store::FlushDecisions() {
  if (needs_reopen()) return Status();
  MutexLock lock(flush_mutex_);
  return decision_log_->FlushOnce();
}

void Store::ApplyRetention() {
  const int64_t now_ms = services_.clock->NowMs();
  if (rocks_ == nullptr) return;
  const StoreSettings current = settings();
  const uint64_t recorded_bytes = decision_log_->statistics().recorded_bytes;
  // Under load the cap cannot wait for the clock.
  const bool is_filling = recorded_bytes - retention_at_decision_bytes_ >=
                          static_cast<uint64_t>(current.decision_bytes_max) / kDecisionBytesShare;
  if (!is_filling && now_ms - retention_at_ms_ < kRetentionEveryMs) return;
  retention_at_ms_ = now_ms;
  retention_at_decision_bytes_ = recorded_bytes;
  storage::RetentionLimits limits;
  limits.log_age_max_ms = current.log_days_max == 0 ? INT64_MAX / 2 : current.log_days_max * kDayMs;
  limits.log_bytes_max =
      current.log_bytes_max == 0 ? UINT64_MAX / 2 : static_cast<uint64_t>(current.log_bytes_max);
  limits.decision_age_max_ms = current.decision_days_max * kDayMs;
  limits.decision_bytes_max = static_cast<uint64_t>(current.decision_bytes_max);
  const Status applied = OnStrand([&] {
    RETURN_IF_ERROR(state_->Save());
    // What is cut from the log must be known without it.
    RETURN_IF_ERROR(intake_->SaveIds(state_->applied_sequence()));
    return storage::ApplyRetention(*rocks_, state_->applied_sequence(), RocksOptionsOf(services_), limits)
        .status();
  });
  if (!applied.ok() && services_.log != nullptr) {
    services_.log->Write(http::LogLevel::kWarning, "retention failed",
                         {{"store", store_id_}, {"reason", applied.message()}});
  }
}

void Store::SweepIdleShoppers() {
  if (!strand_->is_idle() || !MayWrite().ok()) return;
  auto idle = sweep_->Step(services_.clock->NowMs());
  Status done = idle.status();
  if (idle.ok() && !idle->empty()) {
    auto waiter = std::make_shared<Waiter<Status>>();
    done = strand_->Submit(MakeExpireCommand(&writer_, std::move(idle).value(),
                                             [waiter](const Status& status) { waiter->Set(status); }));
    if (done.ok()) done = waiter->Get();
  }
  if (!done.ok() && services_.log != nullptr) {
    services_.log->Write(http::LogLevel::kWarning, "expiry failed",
                         {{"store", store_id_}, {"reason", done.message()}});
  }
}

void Store::Maintain() {
  if (needs_reopen()) return;
  SweepIdleShoppers();  // First: what follows makes the strand busy.
  RefreshLiveSessions();
  (void)FlushDecisions();
  (void)OnStrand([this] { return state_->SaveIfDue(services_.clock->NowMs()); });
  if (CatchUpAnalytics().ok()) {  // Before retention deletes what is not counted yet.
    analytics_->RefreshSuggestions(false);
    analytics_->SaveIfDue();
  }
  ApplyRetention();
  search_->Maintain();
  search_facts_->Maintain();
}

}  // namespace attune::server
