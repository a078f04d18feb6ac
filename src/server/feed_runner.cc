#include "server/feed_runner.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "server/feed_run.h"

namespace attune::server {
namespace {

constexpr int64_t kLookEveryMs = 1'000;

}  // namespace

FeedRunner::FeedRunner(StoreRegistry* registry, std::unique_ptr<FeedFetcher> fetcher, const Clock* clock,
                       http::AccessLog* log)
    : registry_(registry), fetcher_(std::move(fetcher)), clock_(clock), log_(log) {}

FeedRunner::~FeedRunner() { Stop(); }

void FeedRunner::Start() {
  thread_.Start(kLookEveryMs, [this] {
    RunDue();
    return false;
  });
}

void FeedRunner::Stop() { thread_.Stop(); }

void FeedRunner::RunDue() {
  MutexLock run_lock(run_mutex_);
  std::map<std::string, std::shared_ptr<Store>> open;
  for (auto& store : registry_->OpenStores()) open[store->store_id()] = store;
  for (const std::string& store_id : registry_->StoreIds()) {
    if (thread_.is_stopping()) return;
    const std::shared_ptr<Store> store = OpenIfNeeded(store_id, std::move(open[store_id]));
    if (store) RunOne(store_id, *store);
  }
}

std::shared_ptr<Store> FeedRunner::OpenIfNeeded(const std::string& store_id, std::shared_ptr<Store> open) {
  {
    MutexLock lock(mutex_);
    const auto known = known_.find(store_id);
    if (known != known_.end()) {
      const int64_t now_ms = clock_->NowMs();
      if (now_ms < known->second.not_before_ms) return nullptr;
      if (!open && now_ms < known->second.due_at_ms) return nullptr;
    }
  }
  if (open) return open->needs_reopen() ? nullptr : std::move(open);
  if (!registry_->HasFeedMarker(store_id)) return nullptr;
  auto opened = registry_->Open(store_id);
  if (opened.ok()) return std::move(opened).value();
  MutexLock lock(mutex_);
  known_[store_id].not_before_ms = clock_->NowMs() + kFeedRetryMs;  // The registry has logged why.
  return nullptr;
}

void FeedRunner::RunOne(const std::string& store_id, Store& store) {
  const FeedSettings settings = store.settings().feed;
  std::optional<FeedState> last = store.feed_state();
  const std::optional<int64_t> due_at_ms = FeedDueAtMs(settings, last);
  if (!due_at_ms || clock_->NowMs() < *due_at_ms) return Remember(store_id, settings, last);
  const auto ran = RunFeed(store, *fetcher_, *clock_, [this] { return thread_.is_stopping(); });
  if (!ran.ok()) {  // What it did could not be saved: not again at once.
    {
      MutexLock lock(mutex_);
      known_[store_id].not_before_ms = clock_->NowMs() + kFeedRetryMs;
    }
    if (log_ != nullptr) {
      log_->Write(http::LogLevel::kError, "feed not saved",
                  {{"store", store_id}, {"reason", ran.status().message()}});
    }
    return;
  }
  if (log_ != nullptr) {
    const bool is_good = ran->reason.empty();
    log_->Write(is_good ? http::LogLevel::kInfo : http::LogLevel::kWarning, "feed",
                {{"store", store_id},
                 {"outcome", std::string(FeedOutcomeName(ran->outcome))},
                 {"products", std::to_string(ran->products)},
                 {"written", std::to_string(ran->written)},
                 {"hidden", std::to_string(ran->hidden)},
                 {"reason", ran->reason}});
  }
  Remember(store_id, settings, *ran);
  MutexLock lock(mutex_);
  statistics_.applied += ran->outcome == FeedOutcome::kApplied ? 1 : 0;
  statistics_.unchanged += ran->outcome == FeedOutcome::kUnchanged ? 1 : 0;
  statistics_.refused += ran->outcome == FeedOutcome::kRefused ? 1 : 0;
  statistics_.failed += ran->outcome == FeedOutcome::kFailed ? 1 : 0;
}

void FeedRunner::Remember(const std::string& store_id, const FeedSettings& settings,
                          const std::optional<FeedState>& last) {
  const std::optional<int64_t> due_at_ms = FeedDueAtMs(settings, last);
  MutexLock lock(mutex_);
  Known& known = known_[store_id];
  known = {};
  known.due_at_ms = due_at_ms.value_or(std::numeric_limits<int64_t>::max());
  if (!due_at_ms || !last) return;
  known.is_failing = !last->reason.empty();
  known.applied_at_ms = last->applied_at_ms;
}

FeedStatistics FeedRunner::statistics() const {
  MutexLock lock(mutex_);
  FeedStatistics statistics = statistics_;
  for (const auto& [store_id, known] : known_) {
    if (known.is_failing) ++statistics.failing;
    if (known.applied_at_ms == 0) continue;
    statistics.oldest_applied_ms = statistics.oldest_applied_ms == 0
                                       ? known.applied_at_ms
                                       : std::min(statistics.oldest_applied_ms, known.applied_at_ms);
  }
  return statistics;
}

}  // namespace attune::server
