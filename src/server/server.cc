#include "server/server.h"

#include <sys/resource.h>
#include <csignal>

#include <utility>

namespace attune::server {
namespace {

bool IsLoopback(const std::string& address) {
  return address == "::1" || address == "localhost" || address.starts_with("127.");
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

void BlockStopSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void WaitForStopSignal() {
  const sigset_t signals = StopSignals();
  int received = 0;
  sigwait(&signals, &received);
}

void RaiseOpenFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Server::Server(const ServerOptions& options, const Clock* clock, RandomSource* random)
    : options_(options),
      clock_(clock),
      random_(random),
      log_(options.log_level, *clock),
      memory_(options.memory_limit_bytes),
      companion_(options.writer_threads > 1 ? std::make_unique<CompanionThread>() : nullptr),
      writers_(std::make_unique<storage::WriterPool>(options.writer_threads)) {}

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, const Clock* clock,
                                              RandomSource* random) {
  if (options.is_open && !IsLoopback(options.address)) {
    return InvalidArgument("--open asks for no key, so it listens on this machine only; leave --address out",
                           "address");
  }
  if (options.memory_limit_bytes > 0 && options.memory_limit_bytes < kMemoryLimitBytesMin) {
    return InvalidArgument("must be at least 256M", "memory-limit");
  }
  std::unique_ptr<Server> server(new Server(options, clock, random));
  RETURN_IF_ERROR(server->Open());
  return server;
}

Status Server::Open() {
  RaiseOpenFileLimit();
  StoreServices services;
  services.clock = clock_;
  services.random = random_;
  services.writers = writers_.get();
  services.companion = companion_.get();
  services.training_turn = &training_turn_;
  services.budget = MakeMemoryBudget(options_.memory_limit_bytes, MachineBytes());
  storage::StorageResourceOptions resources;
  resources.block_cache_bytes = services.budget.block_cache_bytes;
  resources.write_buffer_bytes = services.budget.write_buffer_bytes;
  services.storage = storage::StorageResources::Create(resources);
  services.memory = &memory_;
  services.trains = options_.trains;
  services.log = &log_;
  registry_ = std::make_unique<StoreRegistry>(options_.data, services, &keys_);
  RETURN_IF_ERROR(registry_->Scan());
  FeedFetchOptions fetch;
  fetch.allows_private = options_.private_feeds;
  feeds_ =
      std::make_unique<FeedRunner>(registry_.get(), std::make_unique<CurlFeedFetcher>(fetch), clock_, &log_);
  EmbeddingClientOptions ask;
  ask.allows_private = options_.private_feeds;
  embeddings_ = std::make_unique<EmbeddingRunner>(registry_.get(), std::make_unique<CurlEmbeddingClient>(ask),
                                                  clock_, &log_);
  query_meanings_ = std::make_unique<QueryMeaningRunner>(
      registry_.get(), std::make_unique<CurlLlmClient>(options_.private_feeds), clock_, &log_);
  http::ApiOptions api;
  api.is_open = options_.is_open;
  api.trusts_forwarded_for = options_.trusts_forwarded_for;
  if (!options_.demo_folder.empty()) {
    ASSIGN_OR_RETURN(api.demo, http::StaticFiles::Load(options_.demo_folder));
  }
  api_ = std::make_unique<http::Api>(std::move(api), registry_.get(), &keys_, &metrics_, &log_, clock_);
  AddGauges();
  AddModelSamples();
  AddLiveSessionSamples();
  AddTrainerSamples();
  AddRankerSamples();
  AddSearchSamples();
  AddFeedGauges();
  AddEmbeddingSamples();
  query_meanings_->AddSamples(metrics_);
  http::ListenerOptions listen;
  listen.address = options_.address == "localhost" ? "127.0.0.1" : options_.address;
  listen.port = options_.port;
  listen.thread_count = options_.io_threads;
  ASSIGN_OR_RETURN(listener_, http::Listener::Start(
                                  listen,
                                  [this](const http::Request& request, http::Respond respond) {
                                    api_->Handle(request, std::move(respond));
                                  },
                                  [this](std::string_view method, std::string_view path) {
                                    return api_->BodyBytesMax(method, path);
                                  },
                                  *clock_, *random_));
  metrics_.AddListener(*listener_);
  registry_->Start();
  feeds_->Start();
  embeddings_->Start();
  query_meanings_->Start();
  return Status();
}

void Server::AddGauges() {
  metrics_.AddGauge("attune_stores_open", "Stores that are open now.",
                    [this] { return static_cast<double>(registry_->open_count()); });
  metrics_.AddGauge("attune_memory_resident_bytes", "Resident memory of the process.",
                    [] { return static_cast<double>(ResidentBytes()); });
  metrics_.AddGauge("attune_memory_pressure", "0: none; 1: caches are given back; 2: writes are refused.",
                    [this] { return static_cast<double>(memory_.pressure()); });
  const auto sum = [this](auto read) {
    return [this, read] {
      double total = 0;
      for (const auto& store : registry_->OpenStores()) total += static_cast<double>(read(*store));
      return total;
    };
  };
  metrics_.AddGauge("attune_events_total", "Events in the logs of the open stores.",
                    sum([](const Store& store) { return store.state().event_count(); }));
  metrics_.AddGauge("attune_log_sequence", "Last sequences of the open stores, added up.",
                    sum([](const Store& store) { return store.state().applied_sequence().value(); }));
  metrics_.AddGauge("attune_decision_records_total", "Decision records taken since the stores were opened.",
                    sum([](const Store& store) { return store.decision_statistics().recorded; }));
  metrics_.AddGauge("attune_decision_record_bytes_total", "Their bytes.",
                    sum([](const Store& store) { return store.decision_statistics().recorded_bytes; }));
  metrics_.AddGauge("attune_decision_records_dropped_total",
                    "Decision records lost because their buffer was full.",
                    sum([](const Store& store) { return store.decision_statistics().dropped; }));
  metrics_.AddGauge("attune_profile_cache_bytes", "Profiles in memory.",
                    sum([](const Store& store) { return store.state().profiles().statistics().bytes; }));
  metrics_.AddGauge("attune_shoppers_expired_total",
                    "Anonymous shoppers forgotten for their silence since the stores were opened.",
                    sum([](const Store& store) { return store.state().expired_count(); }));
  metrics_.AddGauge("attune_disk_bytes", "Files of the open stores.",
                    sum([](const Store& store) { return store.storage_statistics().disk_bytes; }));
}

void Server::AddFeedGauges() {
  const auto add = [this](const char* name, const char* help, uint64_t FeedStatistics::* member) {
    metrics_.AddGauge(name, help,
                      [this, member] { return static_cast<double>(feeds_->statistics().*member); });
  };
  add("attune_feed_runs_applied_total", "Feeds swapped in since the start.", &FeedStatistics::applied);
  add("attune_feed_runs_unchanged_total", "Feeds found unchanged since the start.",
      &FeedStatistics::unchanged);
  add("attune_feed_runs_refused_total", "Feeds refused as empty or too small since the start.",
      &FeedStatistics::refused);
  add("attune_feed_runs_failed_total", "Feeds not fetched or not readable since the start.",
      &FeedStatistics::failed);
  add("attune_feeds_failing", "Scheduled feeds whose last run was refused or failed.",
      &FeedStatistics::failing);
  metrics_.AddGauge("attune_feed_age_seconds",
                    "Since the feed that was longest not swapped in or found unchanged; 0: there is none.",
                    [this] {
                      const int64_t applied_ms = feeds_->statistics().oldest_applied_ms;
                      return applied_ms == 0 ? 0.0 : static_cast<double>(clock_->NowMs() - applied_ms) / 1e3;
                    });
}

// Of the stores that are open and have a service of embeddings.
void Server::AddEmbeddingSamples() {
  const auto add = [this](const char* name, const char* help, auto read) {
    metrics_.AddSamples(name, help, [this, read] {
      std::vector<http::Metrics::Sample> samples;
      for (const auto& [store_id, statistics] : embeddings_->statistics()) {
        samples.push_back({{{"store", store_id}}, static_cast<double>(read(statistics))});
      }
      return samples;
    });
  };
  using Statistics = EmbeddingStatistics;
  add("attune_embeddings_kept", "Visible products whose fetched vector is of their text of now.",
      [](const Statistics& statistics) { return statistics.counts.kept; });
  add("attune_embeddings_waiting", "Products whose text waits to be sent.",
      [](const Statistics& statistics) { return statistics.counts.waiting; });
  add("attune_embeddings_refused", "Products whose text the service does not take.",
      [](const Statistics& statistics) { return statistics.counts.refused; });
  add("attune_embeddings_requests_total", "Requests since the store was opened or its settings changed.",
      [](const Statistics& statistics) { return statistics.counts.requests; });
  add("attune_embeddings_failures_total", "Those of them that failed.",
      [](const Statistics& statistics) { return statistics.counts.failures; });
  add("attune_embeddings_failing", "1: the last request failed.",
      [](const Statistics& statistics) { return statistics.is_failing ? 1 : 0; });
  metrics_.AddSamples(
      "attune_embeddings_serving",
      "1: the similar products that serve know the fetched vectors; 0: the trained ones.", [this] {
        std::vector<http::Metrics::Sample> samples;
        for (const auto& store : registry_->OpenStores()) {
          if (store->settings().embeddings.url.empty()) continue;
          samples.push_back({{{"store", store->store_id()}}, store->serves_fetched_vectors() ? 1.0 : 0.0});
        }
        return samples;
      });
}

// Of the stores that are open: a closed one trains nothing.
void Server::AddModelSamples() {
  const auto add = [this](const char* name, const char* help, double (*read)(const TrainingStatus&)) {
    metrics_.AddSamples(name, help, [this, read] {
      std::vector<http::Metrics::Sample> samples;
      for (const auto& store : registry_->OpenStores()) {
        samples.push_back({{{"store", store->store_id()}}, read(*store->training_status())});
      }
      return samples;
    });
  };
  add("attune_models_generation", "The generation of models that serves; 0: none.",
      [](const TrainingStatus& status) { return static_cast<double>(status.generation.value()); });
  add("attune_models_watermark", "The last record of the log that the models have seen.",
      [](const TrainingStatus& status) { return static_cast<double>(status.watermark.value()); });
  add("attune_models_trained_timestamp_seconds", "When that generation was trained.",
      [](const TrainingStatus& status) { return static_cast<double>(status.trained_at_ms) / 1e3; });
  add("attune_models_file_bytes", "Its file.",
      [](const TrainingStatus& status) { return static_cast<double>(status.file_bytes); });
  add("attune_models_trainings_total", "Trainings tried.",
      [](const TrainingStatus& status) { return static_cast<double>(status.trainings); });
  add("attune_models_training_failures_total", "Trainings that failed.",
      [](const TrainingStatus& status) { return static_cast<double>(status.failures); });
  add("attune_models_training_failed", "1: the last training failed and the older generation serves.",
      [](const TrainingStatus& status) { return status.failure.empty() ? 0.0 : 1.0; });
  add("attune_models_drift", "What the last training found much smaller than before; 0: nothing.",
      [](const TrainingStatus& status) { return static_cast<double>(status.drift.size()); });
  add("attune_models_damaged", "1: a generation file could not be read and an older one serves.",
      [](const TrainingStatus& status) { return status.damage.empty() ? 0.0 : 1.0; });
  add("attune_models_alert", "1: failed, drifted or damaged.",
      [](const TrainingStatus& status) { return status.is_alert() ? 1.0 : 0.0; });
}

void Server::AddLiveSessionSamples() {
  const auto add = [this](const char* name, const char* help, double (*read)(const models::LiveSessions&)) {
    metrics_.AddSamples(name, help, [this, read] {
      std::vector<http::Metrics::Sample> samples;
      for (const auto& store : registry_->OpenStores()) {
        const auto view = store->view();
        const double value = view->live == nullptr ? 0 : read(*view->live);
        samples.push_back({{{"store", store->store_id()}}, value});
      }
      return samples;
    });
  };
  add("attune_live_sessions", "Visits since the training that session_next answers from.",
      [](const models::LiveSessions& live) { return static_cast<double>(live.session_count()); });
  add("attune_live_sequence", "The last record of the log that these visits may hold; 0: there are none.",
      [](const models::LiveSessions& live) { return static_cast<double>(live.sequence().value()); });
  add("attune_live_bytes", "Memory of these visits.",
      [](const models::LiveSessions& live) { return static_cast<double>(live.memory_bytes()); });
}

void Server::AddTrainerSamples() {
  const auto add = [this](const char* name, const char* help, const char* label, auto list, auto name_of,
                          auto read) {
    metrics_.AddSamples(name, help, [this, label, list, name_of, read] {
      std::vector<http::Metrics::Sample> samples;
      for (const auto& store : registry_->OpenStores()) {
        const auto status = store->training_status();
        for (const auto& one : list(*status)) {
          samples.push_back({{{"store", store->store_id()}, {label, name_of(one)}}, read(one)});
        }
      }
      return samples;
    });
  };
  using models::TrainerReport;
  const auto trainers = [](const TrainingStatus& status) { return status.training.trainers; };
  const auto trainer_name = [](const TrainerReport& trainer) { return trainer.name; };
  add("attune_model_train_seconds", "What each trainer of the generation took.", "trainer", trainers,
      trainer_name, [](const TrainerReport& trainer) { return trainer.seconds; });
  add("attune_model_skipped", "1: the budget did not hold this trainer.", "trainer", trainers, trainer_name,
      [](const TrainerReport& trainer) {
        return trainer.form == models::TrainingForm::kSkipped ? 1.0 : 0.0;
      });
  const auto sources = [](const TrainingStatus& status) { return status.sources; };
  const auto source_name = [](const SourceStatus& source) { return source.name; };
  add("attune_model_bytes", "Memory of each candidate source.", "source", sources, source_name,
      [](const SourceStatus& source) { return static_cast<double>(source.bytes); });
  add("attune_model_products", "Products that each candidate source showed to a sample of shoppers.",
      "source", sources, source_name,
      [](const SourceStatus& source) { return static_cast<double>(source.products); });
}

// One sample per open store, placement and objective that the guard of its ranker has judged.
void Server::AddRankerSamples() {
  using Samples = std::vector<http::Metrics::Sample>;
  const auto add = [this](const char* name, const char* help, auto append) {
    metrics_.AddSamples(name, help, [this, append] {
      Samples samples;
      for (const auto& store : registry_->OpenStores()) {
        const auto ranker = store->ranker();
        for (size_t i = 0; ranker != nullptr && i < ranker->parts().guards.size(); ++i) {
          const models::RankerGuard& guard = ranker->parts().guards[i];
          const http::Metrics::Sample sample{{{"store", store->store_id()},
                                              {"placement", guard.surface},
                                              {"objective", guard.is_purchase ? "conversion" : "click"}},
                                             0};
          append(guard, sample, samples);
        }
      }
      return samples;
    });
  };
  add("attune_ranker_serves",
      "1: the learned order serves; 0: it was no better than the blend, which serves.",
      [](const models::RankerGuard& guard, http::Metrics::Sample sample, Samples& samples) {
        sample.value = guard.serves ? 1 : 0;
        samples.push_back(std::move(sample));
      });
  add("attune_ranker_guard_lists", "Lists of the held-out tail that the guard judged by.",
      [](const models::RankerGuard& guard, http::Metrics::Sample sample, Samples& samples) {
        sample.value = guard.lists;
        samples.push_back(std::move(sample));
      });
  add("attune_ranker_ndcg", "NDCG@20 of both orders on the held-out tail.",
      [](const models::RankerGuard& guard, const http::Metrics::Sample& sample, Samples& samples) {
        for (const bool is_ranker : {false, true}) {
          samples.push_back(sample);
          samples.back().labels.emplace_back("order", is_ranker ? "ranker" : "blend");
          samples.back().value = is_ranker ? guard.ndcg_ranker : guard.ndcg_blend;
        }
      });
  metrics_.AddSamples("attune_ranker_outcome", "1: what became of the ranker's last training.", [this] {
    Samples samples;
    for (const auto& store : registry_->OpenStores()) {
      const auto ranker = store->ranker();
      if (ranker == nullptr) continue;
      samples.push_back({{{"store", store->store_id()},
                          {"outcome", std::string(models::RankerOutcomeName(ranker->parts().outcome))}},
                         1});
    }
    return samples;
  });
}

// One sample per open store, and of its indexes one per locale.
void Server::AddSearchSamples() {
  using Samples = std::vector<http::Metrics::Sample>;
  const auto add = [this](const char* name, const char* help, double (*read)(const SearchStatistics&)) {
    metrics_.AddSamples(name, help, [this, read] {
      Samples samples;
      for (const auto& store : registry_->OpenStores()) {
        samples.push_back({{{"store", store->store_id()}}, read(store->search_statistics())});
      }
      return samples;
    });
  };
  add("attune_search_indexes_made_total",
      "Search indexes made of the whole catalogue since the store opened.",
      [](const SearchStatistics& search) { return static_cast<double>(search.made); });
  add("attune_search_indexes_loaded_total", "Search indexes read from a file.",
      [](const SearchStatistics& search) { return static_cast<double>(search.loaded); });
  add("attune_search_making", "1: a search index is being made.",
      [](const SearchStatistics& search) { return search.is_making ? 1.0 : 0.0; });
  const auto add_of_locales = [this](const char* name, const char* help,
                                     double (*read)(const SearchStatistics::Locale&)) {
    metrics_.AddSamples(name, help, [this, read] {
      Samples samples;
      for (const auto& store : registry_->OpenStores()) {
        for (const SearchStatistics::Locale& one : store->search_statistics().locales) {
          samples.push_back({{{"store", store->store_id()}, {"locale", one.locale}}, read(one)});
        }
      }
      return samples;
    });
  };
  add_of_locales("attune_search_products", "Products of a search index.",
                 [](const SearchStatistics::Locale& one) { return static_cast<double>(one.products); });
  add_of_locales("attune_search_parts", "Segments of a search index.",
                 [](const SearchStatistics::Locale& one) { return static_cast<double>(one.parts); });
  add_of_locales("attune_search_bytes", "Memory of a search index.",
                 [](const SearchStatistics::Locale& one) { return static_cast<double>(one.bytes); });
  AddSearchAnalyticsSamples();
}

void Server::AddSearchAnalyticsSamples() {
  using Samples = std::vector<http::Metrics::Sample>;
  const auto add = [this](const char* name, const char* help,
                          double (*read)(const SearchAnalyticsStatistics&)) {
    metrics_.AddSamples(name, help, [this, read] {
      Samples samples;
      for (const auto& store : registry_->OpenStores()) {
        samples.push_back({{{"store", store->store_id()}}, read(store->analytics_statistics())});
      }
      return samples;
    });
  };
  add("attune_search_queries", "Different queries that search analytics counts.",
      [](const SearchAnalyticsStatistics& counted) { return static_cast<double>(counted.queries); });
  add("attune_search_open", "Searches whose outcomes are still counted.",
      [](const SearchAnalyticsStatistics& counted) { return static_cast<double>(counted.open_searches); });
  add("attune_search_suggestions", "Texts that may be suggested to who types.",
      [](const SearchAnalyticsStatistics& counted) { return static_cast<double>(counted.suggestions); });
}

Server::~Server() { Stop(); }

void Server::Stop() {
  if (!listener_) return;
  listener_->Stop(kStopGraceMs);
  feeds_->Stop();
  embeddings_->Stop();
  query_meanings_->Stop();
  registry_->Stop();
  listener_.reset();
}

}  // namespace attune::server
