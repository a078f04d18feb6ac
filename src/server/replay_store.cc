#include "server/replay_store.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "decisions/decision_record.h"
#include "decisions/replay.h"
#include "decisions/rule_dry_run.h"
#include "decisions/rule_preview.h"
#include "search/search_record.h"
#include "server/dry_run_json.h"
#include "server/live_session_reader.h"
#include "server/model_keeper.h"
#include "server/profile_source.h"
#include "server/rebuild.h"
#include "server/search_keeper.h"
#include "server/store_state.h"
#include "server/store_view_of.h"
#include "storage/memory_storage.h"
#include "storage/retention.h"
#include "storage/rocks_storage.h"

namespace attune::server {
namespace {

// The log of one engine and the columns of another.
class LentLog final : public storage::StorageEngine {
 public:
  LentLog(const storage::StorageEngine* log, storage::StorageEngine* columns)
      : log_(log), columns_(columns) {}

  Result<Sequence> Commit(const storage::WriteBatch& batch, storage::Durability durability) override {
    return columns_->Commit(batch, durability);
  }
  Result<std::optional<std::string>> Get(storage::Column column, std::string_view key) const override {
    return columns_->Get(column, key);
  }
  Status Scan(storage::Column column, std::string_view begin, std::string_view end,
              const Visit& visit) const override {
    return columns_->Scan(column, begin, end, visit);
  }
  Status ScanLog(Sequence from, const VisitRecord& visit) const override {
    return log_->ScanLog(from, visit);
  }
  Sequence first_sequence() const override { return log_->first_sequence(); }
  Sequence last_sequence() const override { return log_->last_sequence(); }
  uint64_t ApproximateBytes(storage::Column column, std::string_view begin,
                            std::string_view end) const override {
    return columns_->ApproximateBytes(column, begin, end);
  }
  Status TruncateLogBefore(Sequence /*keep_from*/) override {
    return InvalidArgument("a lent log is not cut");
  }
  Status Checkpoint(const std::string& /*directory*/) override {
    return InvalidArgument("a lent log is not copied");
  }
  storage::StorageStatistics statistics() const override { return columns_->statistics(); }

 private:
  const storage::StorageEngine* const log_;
  storage::StorageEngine* const columns_;
};

// A folder that is there for as long as this.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) { Remove(); }
  ~TemporaryFolder() { Remove(); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  void Remove() const {
    std::error_code error;  // What is left over is removed by the next replay.
    std::filesystem::remove_all(path_, error);
  }
  const std::string path_;
};

// A decision that waits for the parts of its state.
struct Pending {
  decisions::DecisionRecord record;
  size_t missing = 0;
  bool is_too_old = false;
  std::shared_ptr<const decisions::StoreView> view;
  SearchKeeperSettings search;                   // Likewise.
  std::shared_ptr<const ModelDirectory> models;  // Of the view; null: their file is gone.
  std::shared_ptr<const catalog::CatalogView> catalog;
  std::shared_ptr<const catalog::CatalogView> learned_from;  // Of the vocabulary; null: there was none.
  std::vector<features::ShopperProfile> profiles;            // Of the handles of the record.
};

class Replayer {
 public:
  // The state is that after `start`.
  // `log` is whole from `start` on, and maybe before.
  Replayer(std::string models_folder, const storage::StorageEngine* log, StoreState* state, Sequence start,
           const decisions::RuleDraft* draft)
      : models_folder_(std::move(models_folder)), state_(state), start_(start), draft_(draft), live_(log) {}

  void Add(decisions::DecisionRecord record) {
    auto pending = std::make_shared<Pending>();
    pending->record = std::move(record);
    const auto stops = decisions::ReplayStops(pending->record);
    pending->missing = stops.size();
    for (const decisions::ReplayStop& stop : stops) {
      stops_[std::max(stop.sequence, start_)].emplace_back(stop.what, pending);
    }
  }

  bool is_done() const { return stops_.empty(); }

  // Everything up to `sequence` is folded.
  Status Reach(Sequence sequence) {
    while (!stops_.empty() && stops_.begin()->first <= sequence) {
      const Sequence stop = stops_.begin()->first;
      const auto waiting = std::move(stops_.begin()->second);
      stops_.erase(stops_.begin());
      state_->Publish(stop);
      for (const auto& [what, pending] : waiting) RETURN_IF_ERROR(Capture(what, *pending));
    }
    return Status();
  }

  // What the draft changes in all that was replayed; empty: there is none.
  std::string DryRun() const {
    if (draft_ == nullptr) return {};
    return DryRunToJson(dry_run_.report(), *state_->catalog_view(),
                        state_->documents_view()->settings.base_currency);
  }

  ReplayReport report;

 private:
  // The state is that of the stop, or of the start when the stop lies before it: then it serves only when
  // what was read has not changed in between.
  Status Capture(decisions::ReplayStop::What what, Pending& pending) {
    using What = decisions::ReplayStop::What;
    const decisions::DecisionRecord& record = pending.record;
    if (what == What::kCatalog) {
      pending.is_too_old |=
          record.catalog_sequence < start_ && state_->catalog_changed() > record.catalog_sequence;
      pending.catalog = state_->catalog().Publish(record.catalog_sequence);
    }
    if (what == What::kVocabulary) {
      pending.is_too_old |=
          record.vocabulary_sequence < start_ && state_->catalog_changed() > record.vocabulary_sequence;
      pending.learned_from = state_->catalog().Publish(record.vocabulary_sequence);
    }
    if (what == What::kView) {
      pending.is_too_old |= record.view_sequence < start_ && state_->view_changed() > record.view_sequence;
      pending.models = ModelsAt();
      pending.view = MakeStoreView(*state_, record.view_sequence, pending.models, nullptr);
      pending.search = SearchKeeperSettingsOf(state_->documents_view()->settings);
    }
    if (what == What::kProfile) {
      ASSIGN_OR_RETURN(auto read, state_->profiles().ReadConsistent(record.handles));
      pending.is_too_old |= record.profile_sequence < start_ && read.sequence != record.profile_sequence;
      pending.profiles = std::move(read.profiles);
    }
    if (--pending.missing > 0) return Status();
    return Finish(pending);
  }

  // The models published by now; null when their file is gone.
  std::shared_ptr<const ModelDirectory> ModelsAt() {
    if (!state_->generation()) return std::make_shared<const ModelDirectory>(nullptr);
    const Generation generation = state_->generation()->generation;
    if (models_ == nullptr || generation != models_generation_) {
      auto set = ModelKeeper::ReadGeneration(models_folder_, *state_->generation());
      models_ = set.ok() ? std::make_shared<const ModelDirectory>(std::move(set).value()) : nullptr;
      models_generation_ = generation;
    }
    return models_;
  }

  // Adds the visits since the training, where the decision read some.
  Status ReadLive(Pending& pending) {
    const Sequence until = pending.record.live_sequence;
    if (until == Sequence() || pending.models == nullptr || pending.models->set() == nullptr) return Status();
    auto live = live_.Read(*pending.models->set(), until);
    pending.is_too_old |= live.status().code() == StatusCode::kNotFound;
    if (pending.is_too_old) return Status();
    RETURN_IF_ERROR(live.status());
    auto view = std::make_shared<decisions::StoreView>(*pending.view);
    view->live = std::move(live).value();
    pending.view = std::move(view);
    return Status();
  }

  Status Finish(Pending& pending) {
    if (!pending.is_too_old) RETURN_IF_ERROR(ReadLive(pending));
    if (pending.is_too_old) {
      report.too_old.push_back(pending.record.id.ToString());
      return Status();
    }
    if (pending.models == nullptr) {
      ++report.not_replayable;
      return Status();
    }
    // Looked at as the request did: at its time, under the settings of its view.
    const features::ShopperProfile person = ComposePerson(
        pending.profiles, {.now_ms = pending.record.now_ms, .settings = pending.view->settings.features});
    const features::ShopperProfile* const profile = pending.record.is_personalized ? &person : nullptr;
    if (!pending.record.search.empty()) {
      const search::LocaleIndex& texts = TextsOf(pending);
      ASSIGN_OR_RETURN(const search::SearchReplay replay,
                       search::ReplaySearch(pending.record, *pending.view, *pending.catalog, texts, profile));
      Report(pending.record.id, replay.is_same, replay.difference);
      return draft_ == nullptr ? Status() : TryDraft(pending, profile);
    }
    ASSIGN_OR_RETURN(const decisions::Replay replay,
                     decisions::ReplayDecision(
                         pending.record,
                         {.view = *pending.view, .profile = profile, .catalog = *pending.catalog}, nullptr));
    Report(pending.record.id, replay.is_same, replay.difference);
    return draft_ == nullptr ? Status() : TryDraft(pending, profile);
  }

  void Report(const DecisionId& id, bool is_same, const std::string& difference) {
    ++report.replayed;
    if (is_same) {
      ++report.same;
    } else {
      report.differences.emplace_back(id.ToString(), difference);
    }
  }

  // The index of a catalogue, which searches that follow each other share.
  const search::LocaleIndex& TextsOf(const Pending& pending) {
    const catalog::CatalogView& catalog = *pending.catalog;
    const std::string chosen = SearchLocaleOf(catalog, pending.record.request.locale, pending.search);
    if (texts_.index != nullptr && texts_.locale == chosen && texts_sequence_ == catalog.sequence() &&
        texts_.index->facet_fields() == pending.search.facets &&
        texts_.vocabulary_sequence() == pending.record.vocabulary_sequence) {
      return texts_;
    }
    if (texts_.locale != chosen || texts_.vocabulary_sequence() != pending.record.vocabulary_sequence) {
      texts_.vocabulary = pending.learned_from == nullptr
                              ? nullptr
                              : search::LearnedVocabulary::Learn(*pending.learned_from, chosen);
    }
    texts_ = MakeLocaleIndex(catalog, chosen, pending.search.facets, texts_.vocabulary);
    texts_sequence_ = catalog.sequence();
    return texts_;
  }

  // Of the decision that was replayed just now, whose index is at hand.
  decltype(decisions::DryRunOptions::remake_search) Searches() const {
    return [this](const decisions::DecisionRecord& record, const decisions::StoreView& view,
                  const decisions::DryRunState& state, int64_t now_ms) {
      return search::RemakeSearch(record, view, state.catalog, texts_, state.profile, now_ms);
    };
  }

  Status TryDraft(const Pending& pending, const features::ShopperProfile* profile) {
    ASSIGN_OR_RETURN(const auto view, decisions::WithRules(*pending.view, *draft_));
    dry_run_.Add(pending.record, {*pending.view, *view, profile, *pending.catalog});
    return Status();
  }

  const std::string models_folder_;
  StoreState* const state_;
  const Sequence start_;
  const decisions::RuleDraft* const draft_;  // Null: none is tried.
  decisions::RuleDryRun dry_run_{{.at_ms = {}, .value_of = {}, .remake_search = Searches()}};
  LiveSessionReader live_;
  std::map<Sequence, std::vector<std::pair<decisions::ReplayStop::What, std::shared_ptr<Pending>>>> stops_;
  std::shared_ptr<const ModelDirectory> models_;
  Generation models_generation_;
  search::LocaleIndex texts_;
  Sequence texts_sequence_;
};

Result<std::vector<decisions::DecisionRecord>> ReadRecords(const storage::StorageEngine& engine,
                                                           const std::string& decision_id, uint64_t last) {
  std::vector<decisions::DecisionRecord> records;
  if (!decision_id.empty()) {
    const auto id = DecisionId::Parse(decision_id);
    if (!id) return InvalidArgument("must be 32 lower-case hex digits", "decision");
    ASSIGN_OR_RETURN(const auto bytes, engine.Get(storage::Column::kDecisions, decisions::DecisionKey(*id)));
    if (!bytes) return NotFound("no record of decision " + decision_id);
    ASSIGN_OR_RETURN(decisions::DecisionRecord record, decisions::DecodeDecisionRecord(*id, *bytes));
    records.push_back(std::move(record));
    return records;
  }
  Status read;
  RETURN_IF_ERROR(
      engine.Scan(storage::Column::kDecisions, "", "", [&](std::string_view key, std::string_view value) {
        const auto id = decisions::ParseDecisionKey(key);
        read = id.status();
        if (!read.ok()) return false;
        auto record = decisions::DecodeDecisionRecord(*id, value);
        read = record.status();
        if (read.ok()) records.push_back(std::move(record).value());
        return read.ok();
      }));
  RETURN_IF_ERROR(read);
  if (records.size() > last) records.erase(records.begin(), records.end() - static_cast<ptrdiff_t>(last));
  return records;
}

// The newest start before all that any of the records read; the oldest one when a record read more than that.
Sequence StartFor(const std::vector<decisions::DecisionRecord>& records,
                  const std::vector<Sequence>& starts) {
  Sequence oldest_read = starts.back();
  for (const decisions::DecisionRecord& record : records) {
    oldest_read = std::min(oldest_read, decisions::ReplayStops(record).front().sequence);
  }
  Sequence chosen = starts.front();
  for (const Sequence start : starts) {
    if (start <= oldest_read) chosen = start;
  }
  return chosen;
}

// Columns that hold the state after `start`, to fold on.
Result<std::unique_ptr<storage::StorageEngine>> ColumnsAt(Sequence start, const std::string& folder,
                                                          const TemporaryFolder& copy,
                                                          const storage::RocksOptions& options) {
  if (start == Sequence(0)) {
    return std::unique_ptr<storage::StorageEngine>(std::make_unique<storage::MemoryStorage>(options.clock));
  }
  {
    ASSIGN_OR_RETURN(auto base, storage::RocksStorage::Open(storage::BaseFolder(folder, start), options));
    RETURN_IF_ERROR(base->Checkpoint(copy.path()));
  }
  ASSIGN_OR_RETURN(auto columns, storage::RocksStorage::Open(copy.path(), options));
  return std::unique_ptr<storage::StorageEngine>(std::move(columns));
}

Status FoldThrough(const storage::StorageEngine& log, Sequence start, StoreState& state, Replayer& replayer) {
  RETURN_IF_ERROR(replayer.Reach(start));
  Status folded;
  int64_t saved_ms = 0;
  RETURN_IF_ERROR(log.ScanLog(Sequence(start.value() + 1), [&](const storage::Record& record) {
    folded = state.Apply(record);
    if (folded.ok()) folded = replayer.Reach(record.sequence);
    if (folded.ok() && record.recorded_at_ms > saved_ms) {
      saved_ms = record.recorded_at_ms;
      folded = state.SaveIfDue(saved_ms);
    }
    return folded.ok() && !replayer.is_done();
  }));
  return folded;
}

}  // namespace

Result<ReplayReport> ReplayStore(const std::string& folder, const std::string& decision_id, uint64_t last,
                                 const decisions::RuleDraft* draft) {
  const SystemClock clock;
  storage::RocksOptions options;
  options.clock = &clock;
  options.resources = storage::StorageResources::Create({});
  options.create_if_missing = false;
  ASSIGN_OR_RETURN(auto engine, storage::RocksStorage::Open(folder, options));
  ASSIGN_OR_RETURN(auto vault, storage::RocksStorage::Open(folder + "/vault", options));
  ASSIGN_OR_RETURN(std::vector<decisions::DecisionRecord> records, ReadRecords(*engine, decision_id, last));
  ASSIGN_OR_RETURN(const std::vector<Sequence> starts, FoldStarts(folder, *engine));
  const Sequence start = StartFor(records, starts);
  const TemporaryFolder copy(folder + "/.replay");
  ASSIGN_OR_RETURN(const auto columns, ColumnsAt(start, folder, copy, options));
  LentLog lent(engine.get(), columns.get());
  SecureRandomSource random;
  ASSIGN_OR_RETURN(auto state, StoreState::Open(&lent, vault.get(), &random,
                                                {.fold_until = start, .from_scratch = start == Sequence(0)}));
  Replayer replayer(folder + "/models", engine.get(), state.get(), start, draft);
  for (decisions::DecisionRecord& record : records) replayer.Add(std::move(record));
  RETURN_IF_ERROR(FoldThrough(*engine, start, *state, replayer));
  if (!decision_id.empty() && !replayer.report.too_old.empty()) {
    return Conflict(std::string(kDecisionTooOld) +
                    ": it read what changed before the oldest base, at sequence " +
                    std::to_string(start.value()));
  }
  replayer.report.dry_run = replayer.DryRun();
  return std::move(replayer.report);
}

}  // namespace attune::server
