#include "server/embedding_runner.h"

#include <utility>

namespace attune::server {
namespace {

constexpr int64_t kLookEveryMs = 1'000;

}  // namespace

EmbeddingRunner::EmbeddingRunner(StoreRegistry* registry, std::unique_ptr<EmbeddingClient> client,
                                 const Clock* clock, http::AccessLog* log)
    : registry_(registry), client_(std::move(client)), clock_(clock), log_(log) {}

EmbeddingRunner::~EmbeddingRunner() { Stop(); }

void EmbeddingRunner::Start() {
  thread_.Start(kLookEveryMs, [this] { return RunDue(); });
}

void EmbeddingRunner::Stop() { thread_.Stop(); }

bool EmbeddingRunner::RunDue() {
  MutexLock run_lock(run_mutex_);
  std::map<std::string, Entry> known = std::exchange(entries_, {});
  bool is_more_due = false;
  for (const std::shared_ptr<Store>& store : registry_->OpenStores()) {
    if (thread_.is_stopping()) break;
    const EmbeddingSettings settings = store->settings().embeddings;
    if (settings.url.empty() || store->needs_reopen()) continue;
    Entry& entry = entries_[store->store_id()] = std::move(known[store->store_id()]);
    is_more_due = RunOne(store, settings, entry) || is_more_due;
  }
  std::map<std::string, EmbeddingStatistics> statistics;
  for (const auto& [store_id, entry] : entries_) {
    statistics[store_id] = {entry.run ? entry.run->counts() : EmbeddingCounts(), !entry.told.empty()};
  }
  MutexLock lock(mutex_);
  statistics_ = std::move(statistics);
  return is_more_due;
}

bool EmbeddingRunner::RunOne(const std::shared_ptr<Store>& store, const EmbeddingSettings& settings,
                             Entry& entry) {
  if (entry.store.lock() != store || entry.settings != settings) {
    entry = {};
    entry.store = store;
    entry.settings = settings;
  }
  if (clock_->NowMs() < entry.not_before_ms) return false;
  if (!entry.run) {
    auto opened = EmbeddingRun::Open(*store, settings);
    if (!opened.ok()) {
      entry.not_before_ms = clock_->NowMs() + kServiceRetryMaxMs;
      Tell(store->store_id(), opened.status().message(), entry);
      return false;
    }
    entry.run = std::make_unique<EmbeddingRun>(std::move(opened).value());
  }
  const uint64_t fetched_before = entry.run->counts().fetched;
  const bool is_more_due =
      entry.run->Turn(*store, *client_, *clock_, [this] { return thread_.is_stopping(); });
  const EmbeddingCounts counts = entry.run->counts();
  Tell(store->store_id(), entry.run->failure(), entry);
  if (log_ != nullptr && counts.fetched > fetched_before && counts.waiting == 0) {
    log_->Write(http::LogLevel::kInfo, "embeddings",
                {{"store", store->store_id()}, {"kept", std::to_string(counts.kept)}});
  }
  return is_more_due;
}

void EmbeddingRunner::Tell(const std::string& store_id, const std::string& failure, Entry& entry) {
  if (failure == entry.told) return;
  entry.told = failure;
  if (log_ == nullptr || failure.empty()) return;
  log_->Write(http::LogLevel::kWarning, "embeddings failed", {{"store", store_id}, {"reason", failure}});
}

std::map<std::string, EmbeddingStatistics> EmbeddingRunner::statistics() const {
  MutexLock lock(mutex_);
  return statistics_;
}

}  // namespace attune::server
