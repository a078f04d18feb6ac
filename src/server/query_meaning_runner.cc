#include "server/query_meaning_runner.h"

#include <utility>
#include <vector>

namespace attune::server {
namespace {

constexpr int64_t kLookEveryMs = 1'000;

}  // namespace

QueryMeaningRunner::QueryMeaningRunner(StoreRegistry* registry, std::unique_ptr<LlmClient> client,
                                       const Clock* clock, http::AccessLog* log)
    : registry_(registry), client_(std::move(client)), clock_(clock), log_(log) {}

QueryMeaningRunner::~QueryMeaningRunner() { Stop(); }

void QueryMeaningRunner::Start() {
  thread_.Start(kLookEveryMs, [this] { return RunDue(); });
}

void QueryMeaningRunner::Stop() { thread_.Stop(); }

bool QueryMeaningRunner::RunDue() {
  MutexLock run_lock(run_mutex_);
  std::map<std::string, Entry> known = std::exchange(entries_, {});
  bool is_more_due = false;
  for (const std::shared_ptr<Store>& store : registry_->OpenStores()) {
    if (thread_.is_stopping()) break;
    if (!store->query_meanings().asked().is_on() || store->needs_reopen()) continue;
    const LlmSettings settings = store->settings().search.llm;
    Entry& entry = entries_[store->store_id()] = std::move(known[store->store_id()]);
    if (entry.run == nullptr || entry.store.lock() != store || entry.settings != settings) {
      entry = {store, settings, std::make_unique<QueryMeaningRun>(settings), {}};
    }
    is_more_due =
        entry.run->Turn(*store, *client_, *clock_, [this] { return thread_.is_stopping(); }) || is_more_due;
    Tell(store->store_id(), entry);
  }
  return is_more_due;
}

void QueryMeaningRunner::Tell(const std::string& store_id, Entry& entry) {
  const std::string& failure = entry.run->failure();
  if (failure == entry.told) return;
  entry.told = failure;
  if (log_ == nullptr || failure.empty()) return;
  log_->Write(http::LogLevel::kWarning, "query understanding failed",
              {{"store", store_id}, {"reason", failure}});
}

void QueryMeaningRunner::AddSamples(http::Metrics& metrics) const {
  const auto add = [this, &metrics](const char* name, const char* help,
                                    double (*read)(const QueryMeaningStatus&)) {
    metrics.AddSamples(name, help, [this, read] {
      std::vector<http::Metrics::Sample> samples;
      for (const auto& store : registry_->OpenStores()) {
        if (store->settings().search.llm.url.empty()) continue;
        samples.push_back({{{"store", store->store_id()}}, read(store->query_meaning_status())});
      }
      return samples;
    });
  };
  using Status = QueryMeaningStatus;
  add("attune_query_meanings", "Queries that an LLM has explained, or tried to.",
      [](const Status& status) { return static_cast<double>(status.known); });
  add("attune_query_meanings_waiting", "Queries that wait to be asked.",
      [](const Status& status) { return static_cast<double>(status.waiting); });
  add("attune_query_meanings_asked_today", "Requests of the store's day, which its budget bounds.",
      [](const Status& status) { return static_cast<double>(status.asked_today); });
  add("attune_query_meanings_requests_total", "Requests since the store was opened or its settings changed.",
      [](const Status& status) { return static_cast<double>(status.requests); });
  add("attune_query_meanings_failures_total", "Those of them that failed.",
      [](const Status& status) { return static_cast<double>(status.failures); });
  add("attune_query_meanings_failing", "1: the last request failed.",
      [](const Status& status) { return status.failure.empty() ? 0.0 : 1.0; });
}

}  // namespace attune::server
