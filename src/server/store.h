// One running store: its storage, its writer, its state, its models, and the answers it gives.
//
//   POST /v1/events ---> IngestCommand --> WriterStrand --> StoreState.Apply --> Publish --> answer
//   POST /v1/recommendations ---> Recommender over (StoreView, CatalogView, profile)
//   POST /v1/search ---> Searcher over (StoreView, IndexSet, CatalogView, profile)   (server/search_keeper.h)
//   trainer thread ---> generation file --> GenerationCommand --> StoreView swap
//   maintenance ---> visits since the training --> StoreView swap   (server/live_session_keeper.h)
//   maintenance (server/store_registry.h) ---> decision log twenty times a second; snapshots, retention
//   server/feed_runner.h ---> feed fetched, Swap(), SaveFeedState()
//   server/embedding_runner.h ---> vectors of texts fetched, SaveVectors()
//   server/query_meaning_runner.h ---> meanings of queries asked, query_meanings()
//
// Thread safety: all public methods from any thread, but for Open and the destructor.

#ifndef ATTUNE_SERVER_STORE_H_
#define ATTUNE_SERVER_STORE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/companion_thread.h"
#include "base/mutex.h"
#include "base/published.h"
#include "base/random.h"
#include "catalog/feed_stage.h"
#include "decisions/decision_log.h"
#include "http/access_log.h"
#include "http/backend.h"
#include "models/prospects.h"
#include "recommend/recommender.h"
#include "search/searcher.h"
#include "server/decision_source.h"
#include "server/feed_state.h"
#include "server/live_session_keeper.h"
#include "server/memory_limit.h"
#include "server/model_keeper.h"
#include "server/profile_source.h"
#include "server/query_meaning_keeper.h"
#include "server/search_analytics_keeper.h"
#include "server/search_facts_keeper.h"
#include "server/search_keeper.h"
#include "server/shopper_expiry.h"
#include "server/slow_answer.h"
#include "server/store_state.h"
#include "server/write_commands.h"
#include "storage/backup.h"
#include "storage/rocks_storage.h"
#include "storage/writer_strand.h"

namespace attune::server {

// An empty file in the store's folder while its settings name a feed, so that a closed store with a feed is
// told from one without.  Made anew when the store is opened.
inline constexpr const char* kFeedMarkerName = "scheduled-feed";

// What all stores of a process share.  Outlives them.
struct StoreServices {
  const Clock* clock = nullptr;
  RandomSource* random = nullptr;
  storage::WriterPool* writers = nullptr;
  CompanionThread* companion = nullptr;  // Of the writers; null: they fold alone.
  std::shared_ptr<storage::StorageResources> storage;
  MemoryGauge* memory = nullptr;   // Null: no limit.
  http::AccessLog* log = nullptr;  // Null: silent.
  MemoryBudget budget;
  TrainingTurn* training_turn = nullptr;  // Of all stores; null: this one waits for none.
  bool trains = true;                     // False: models change only by TrainNow().
};

// How many of the latest decisions GET /v1/decisions/{id} makes again from what they were made from (about 60
// kB each): those asked for with a key that may explain.  Older ones are answered as they were recorded, and
// `attune replay` makes those again (docs/operations/retention.md).
inline constexpr size_t kExplainedDecisionsMax = 256;
// Likewise of searches.  They hold the indexes of their moment, most of which they share.
inline constexpr size_t kExplainedSearchesMax = 64;
// Bytes of the live visits that they were made from, together: a busy store has new ones every second, and
// explains the decisions of fewer seconds.
inline constexpr size_t kExplainedLiveBytesMax = size_t{32} << 20;

struct RuleDryRunRequest;  // server/store_rules.cc

class Store final : public http::StoreBackend, private storage::WriterStrand::GroupListener {
 public:
  // Opens or makes the store in `folder`: the snapshot is loaded, the rest of the log folded, the last
  // generation's models read.  Fails as RocksStorage::Open and StoreState::Open do.
  static Result<std::unique_ptr<Store>> Open(const std::string& store_id, const std::string& folder,
                                             const StoreServices& services);
  // The same over engines of the caller's: for tests in memory.  `folder` holds the generation files.
  static Result<std::unique_ptr<Store>> OpenOn(const std::string& store_id, const std::string& folder,
                                               std::unique_ptr<storage::StorageEngine> engine,
                                               std::unique_ptr<storage::StorageEngine> vault,
                                               const StoreServices& services);
  // Finishes what is queued, writes a snapshot and the waiting decision records.
  ~Store() override;

  // ---- http::StoreBackend ----
  void IngestEvents(std::string body, const http::Caller& caller, http::Done done) override;
  void PutProduct(std::string product_id, std::string body, const http::Caller& caller,
                  http::Done done) override;
  void PatchProduct(std::string product_id, std::string body, const http::Caller& caller,
                    http::Done done) override;
  void DeleteProduct(std::string product_id, const http::Caller& caller, http::Done done) override;
  void UpsertProducts(std::string body, http::BatchFormat format, http::BatchMode mode,
                      const http::Caller& caller, http::Done done) override;
  void ReplaceProducts(std::string body, http::BatchFormat format, bool force, const http::Caller& caller,
                       http::Done done) override;
  void ListProducts(uint32_t cursor, uint32_t limit, const http::Caller& caller, http::Done done) override;
  void GetProduct(std::string product_id, const http::Caller& caller, http::Done done) override;
  void Recommend(std::string body, const http::Caller& caller, http::Done done) override;
  void Search(std::string body, const http::Caller& caller, http::Done done) override;
  void Suggest(std::string body, const http::Caller& caller, http::Done done) override;
  void GetSearchAnalytics(const http::SearchAnalyticsQuery& query, const http::Caller& caller,
                          http::Done done) override;
  void GetDecision(std::string decision_id, std::string why_not, const http::Caller& caller,
                   http::Done done) override;
  void GetShopper(std::string id, http::ShopperKind kind, const http::Caller& caller,
                  http::Done done) override;
  void EraseShopper(std::string id, http::ShopperKind kind, const http::Caller& caller,
                    http::Done done) override;
  void ExportShopper(std::string id, http::ShopperKind kind, const http::Caller& caller,
                     http::Done done) override;
  void ListSettings(std::string kind, const http::Caller& caller, http::Done done) override;
  void ReadSetting(std::string kind, std::string id, const http::Caller& caller, http::Done done) override;
  void WriteSetting(std::string kind, std::string id, std::string body, http::Precondition precondition,
                    const http::Caller& caller, http::Done done) override;
  void DeleteSetting(std::string kind, std::string id, http::Precondition precondition,
                     const http::Caller& caller, http::Done done) override;
  void GetRuleConflicts(const http::Caller& caller, http::Done done) override;
  void DryRunRules(std::string body, const http::Caller& caller, http::Done done) override;

  void ReadStoreSettings(const http::Caller& caller, http::Done done) override;
  void PatchStoreSettings(std::string body, http::Precondition precondition, const http::Caller& caller,
                          http::Done done) override;
  void ListProspects(std::string product_id, uint32_t limit, const http::Caller& caller,
                     http::Done done) override;
  void GetTrending(http::TrendKind kind, uint32_t limit, const http::Caller& caller,
                   http::Done done) override;
  void GetFeed(const http::Caller& caller, http::Done done) override;
  void GetModels(const http::Caller& caller, http::Done done) override;

  // ---- For importers and the command line: wait until it is done ----
  Result<IngestResult> Ingest(events::EventBody body);
  Result<ProductsResult> Change(std::vector<catalog::ProductChange> changes);
  Status Swap(catalog::FeedSwap swap);
  Status PutSetting(const std::string& kind, const std::string& id, const std::string& json,
                    const std::string& author);
  // Runs `work` on the writer strand, between groups.
  Status OnStrand(std::function<Status()> work);
  // Trains a generation on everything in the log and publishes it.  kBySchedule: drift may hold it back.
  Status TrainNow(const models::TrainingControl& control,
                  ModelKeeper::Asked asked = ModelKeeper::Asked::kByPerson);
  // Writes a snapshot.
  Status SaveSnapshot();
  Result<storage::BackupSummary> BackUp(const std::string& directory, bool with_vault);

  // What became of the scheduled feed; nothing before its first run.
  std::optional<FeedState> feed_state() const;
  Status SaveFeedState(const FeedState& state);
  // Keeps fetched vectors (server/fetched_vectors.h); a training with them is due soon after.
  Status SaveVectors(std::shared_ptr<storage::WriteBatch> batch, int64_t now_ms);
  // Refuses writes while memory is short or the store must be opened again.
  Status MayWrite() const;

  std::shared_ptr<const TrainingStatus> training_status() const { return models_->status(); }

  // Called every second or so by one thread: decision records, snapshots, retention.
  void Maintain();
  // Writes the decision records that wait.  Often, so that no write is long enough to be felt by a request.
  // What cannot be written waits, is counted, and is tried again.
  Status FlushDecisions();
  // Gives back what can be had again: write buffers go to disk.
  void ReleaseMemory();
  // The disk could not be read while folding: the store must be closed and opened again.
  bool needs_reopen() const { return needs_reopen_.load(std::memory_order_relaxed); }
  int64_t last_used_ms() const { return last_used_ms_.load(std::memory_order_relaxed); }
  // Closing would throw the work of minutes away.
  bool is_training() const { return is_training_.load(std::memory_order_acquire); }

  const std::string& store_id() const { return store_id_; }
  const std::string& folder() const { return folder_; }
  const StoreState& state() const { return *state_; }
  StoreSettings settings() const { return state_->documents_view()->settings; }
  storage::StorageEngine& engine() { return *engine_; }
  storage::StorageStatistics storage_statistics() const { return engine_->statistics(); }
  decisions::DecisionLogStatistics decision_statistics() const { return decision_log_->statistics(); }
  std::shared_ptr<const decisions::StoreView> view() const { return views_->Acquire(); }
  // Whether the generation that serves was trained with fetched vectors.
  bool serves_fetched_vectors() const;
  SearchStatistics search_statistics() const { return search_->statistics(); }
  SearchAnalyticsStatistics analytics_statistics() const { return analytics_->statistics(); }
  QueryMeaningKeeper& query_meanings() { return *query_meanings_; }
  QueryMeaningStatus query_meaning_status() const;
  // Days since 1970 on the store's clocks.
  int64_t LocalDay(int64_t now_ms) const;
  // For tests: until every index is there.
  void WaitUntilSearchable() { search_->WaitUntilMade(); }
  // Of the generation that serves; null: none was trained.
  std::shared_ptr<const models::Ranker> ranker() const;

 private:
  Store(std::string store_id, std::string folder, const StoreServices& services);

  Status Start();
  TrainingSchedule Schedule() const;
  // Says in the log that an older generation serves again.
  void PublishOlder(const models::GenerationRecord& record);
  void OnGroupApplied() override;
  void OnCommitFailed(const Status& status) override;
  // The view of the state after `sequence`, with the live visits that serve.
  void PublishView(Sequence sequence) EXCLUDES(view_mutex_);
  // The same for a generation that begins to serve, with its own.
  void PublishView(Sequence sequence, LiveSessionKeeper::Sessions live) EXCLUDES(view_mutex_);
  void OpenSearch();
  void OpenDecisionLog();
  // REQUIRES: OpenSearch() was called, and there is a decision log.
  void OpenSearcher();
  // Publishes the visits since the training, if there are new ones.
  void RefreshLiveSessions() EXCLUDES(view_mutex_);
  Status LoadFeedState();
  // Makes or removes the marker file, as the settings say.
  void MarkFeed() const;
  // What must wait for the disk before events are written, on the caller's thread.
  Result<events::IntakeLookAhead> LookAhead(const events::EventBody& body) const;
  void Submit(std::unique_ptr<storage::WriteCommand> command,
              const std::function<void(const Status&)>& refused);
  void ChangeOne(const std::string& product_id, Result<catalog::ProductChange> change, http::Done done);
  Status TrainAndPublish(const models::TrainingControl& control, ModelKeeper::Asked asked);
  void LogRanker(const models::ModelSet& set) const;
  // Says in the log when vectors of texts were supplied or fetched and could not be used.
  void LogContent(const models::TrainingReport& report) const;
  Status SaveColumns(std::shared_ptr<const storage::WriteBatch> batch);
  void ApplyRetention();
  void SweepIdleShoppers();
  using Recommendation = std::shared_ptr<const recommend::Recommendation>;
  void KeepRecent(Recommendation made);
  using SearchResult = std::shared_ptr<const search::SearchResult>;
  void KeepRecentSearch(SearchResult made);
  SearchResult FindRecentSearch(const DecisionId& id) const;
  // Counts searches up to now.  False: there is more.
  Result<bool> CatchUpAnalytics();
  Result<http::Answer> ReportSearches(const http::SearchAnalyticsQuery& query);
  // The answer of DryRunRules(), as long as it takes.
  Result<http::Answer> RunDry(const RuleDryRunRequest& request) const;
  Result<http::Answer> ExportPerson(ShopperHandle person) const;
  Result<std::optional<std::string>> ProspectJson(const models::Prospect& prospect, ProductIndex product,
                                                  const catalog::CatalogView& catalog, int64_t now_ms) const;
  Recommendation FindRecent(const DecisionId& id) const;
  Result<std::optional<ShopperHandle>> FindPerson(const std::string& id, http::ShopperKind kind) const;
  void Touch() { last_used_ms_.store(services_.clock->NowMs(), std::memory_order_relaxed); }

  const std::string store_id_;
  const std::string folder_;
  const StoreServices services_;
  std::unique_ptr<storage::StorageEngine> engine_;
  std::unique_ptr<storage::StorageEngine> vault_engine_;
  storage::RocksStorage* rocks_ = nullptr;        // engine_, when it is one.
  storage::RocksStorage* rocks_vault_ = nullptr;  // vault_engine_, when it is one.
  std::unique_ptr<StoreState> state_;
  std::unique_ptr<storage::StorageEngine> vault_first_;  // What the strand commits through.
  std::unique_ptr<events::EventIntake> intake_;
  WriterContext writer_;
  std::unique_ptr<LiveSessionKeeper> live_;
  Mutex view_mutex_;  // Of who publishes: the strand, and maintenance.
  std::unique_ptr<Published<decisions::StoreView>> views_;
  std::unique_ptr<ProfileSource> profile_source_;
  std::unique_ptr<decisions::DecisionLog> decision_log_;
  std::unique_ptr<DecisionSource> decision_source_;
  std::unique_ptr<recommend::Recommender> recommender_;
  std::unique_ptr<SearchKeeper> search_;
  std::unique_ptr<SearchFactsKeeper> search_facts_;
  std::unique_ptr<SearchAnalyticsKeeper> analytics_;
  std::unique_ptr<QueryMeaningKeeper> query_meanings_;
  std::unique_ptr<search::Searcher> searcher_;
  std::unique_ptr<storage::WriterStrand> strand_;
  // The latest decisions with all that they were made from, so that a fresh one explains itself at once.
  mutable Mutex recent_mutex_;
  std::deque<Recommendation> recent_ GUARDED_BY(recent_mutex_);
  std::deque<SearchResult> recent_searches_ GUARDED_BY(recent_mutex_);
  size_t recent_live_bytes_ GUARDED_BY(recent_mutex_) = 0;  // Of their visits since the training.
  std::unique_ptr<ModelKeeper> models_;
  SlowAnswer export_;
  SlowAnswer dry_run_;
  SlowAnswer search_report_;
  Mutex flush_mutex_;  // Of who writes decisions.
  mutable Mutex feed_mutex_;
  std::optional<FeedState> feed_state_ GUARDED_BY(feed_mutex_);
  std::atomic<int64_t> vectors_changed_at_ms_{0};  // Of the fetched vectors; 0: never.
  std::atomic<bool> needs_reopen_{false};
  std::atomic<int64_t> last_used_ms_{0};
  Mutex train_mutex_;  // One training at a time.
  std::atomic<bool> is_training_{false};
  // Of the maintaining thread.
  int64_t live_due_micros_ = 0;
  int64_t retention_at_ms_ = 0;
  uint64_t retention_at_decision_bytes_ = 0;  // Recorded when retention was last applied.
  std::unique_ptr<ExpirySweep> sweep_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_STORE_H_
