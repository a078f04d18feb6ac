#include "server/replay_store.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "decisions/decision_record.h"
#include "decisions/replay.h"
#include "server/model_keeper.h"
#include "server/profile_source.h"
#include "server/store_state.h"
#include "server/store_view_of.h"
#include "storage/memory_storage.h"
#include "storage/rocks_storage.h"

namespace attune::server {
namespace {

// The log of one engine and columns of its own.
class LentLog final : public storage::StorageEngine {
 public:
  explicit LentLog(const storage::StorageEngine* log) : log_(log) {}

  Result<Sequence> Commit(const storage::WriteBatch& batch, storage::Durability durability) override {
    return columns_.Commit(batch, durability);
  }
  Result<std::optional<std::string>> Get(storage::Column column, std::string_view key) const override {
    return columns_.Get(column, key);
  }
  Status Scan(storage::Column column, std::string_view begin, std::string_view end,
              const Visit& visit) const override {
    return columns_.Scan(column, begin, end, visit);
  }
  Status ScanLog(Sequence from, const VisitRecord& visit) const override {
    return log_->ScanLog(from, visit);
  }
  Sequence first_sequence() const override { return log_->first_sequence(); }
  Sequence last_sequence() const override { return log_->last_sequence(); }
  uint64_t ApproximateBytes(storage::Column column, std::string_view begin,
                            std::string_view end) const override {
    return columns_.ApproximateBytes(column, begin, end);
  }
  Status TruncateLogBefore(Sequence /*keep_from*/) override {
    return InvalidArgument("a lent log is not cut");
  }
  Status Checkpoint(const std::string& /*directory*/) override {
    return InvalidArgument("a lent log is not copied");
  }
  storage::StorageStatistics statistics() const override { return columns_.statistics(); }

 private:
  const storage::StorageEngine* const log_;
  SystemClock clock_;
  storage::MemoryStorage columns_{&clock_};
};

// A decision that waits for the parts of its state.
struct Pending {
  decisions::DecisionRecord record;
  size_t missing = 0;
  std::shared_ptr<const decisions::StoreView> view;
  std::shared_ptr<const catalog::CatalogView> catalog;
  std::vector<features::ShopperProfile> profiles;  // Of the handles of the record.
};

class Replayer {
 public:
  Replayer(std::string models_folder, StoreState* state)
      : models_folder_(std::move(models_folder)), state_(state) {}

  void Add(decisions::DecisionRecord record) {
    auto pending = std::make_shared<Pending>();
    pending->record = std::move(record);
    const auto stops = decisions::ReplayStops(pending->record);
    pending->missing = stops.size();
    for (const decisions::ReplayStop& stop : stops) stops_[stop.sequence].emplace_back(stop.what, pending);
  }

  // Everything up to `sequence` is folded.
  Status Reach(Sequence sequence) {
    while (!stops_.empty() && stops_.begin()->first <= sequence) {
      const Sequence stop = stops_.begin()->first;
      const auto waiting = std::move(stops_.begin()->second);
      stops_.erase(stops_.begin());
      state_->Publish(stop);
      for (const auto& [what, pending] : waiting) RETURN_IF_ERROR(Capture(what, stop, *pending));
    }
    return Status();
  }

  ReplayReport report;

 private:
  Status Capture(decisions::ReplayStop::What what, Sequence sequence, Pending& pending) {
    using What = decisions::ReplayStop::What;
    if (what == What::kCatalog) pending.catalog = state_->catalog().Publish(sequence);
    if (what == What::kView) {
      pending.view = MakeStoreView(*state_, sequence, ModelsAt());
    }
    if (what == What::kProfile) {
      ASSIGN_OR_RETURN(auto read, state_->profiles().ReadConsistent(pending.record.handles));
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

  Status Finish(const Pending& pending) {
    if (pending.view->sources == nullptr) {
      ++report.not_replayable;
      return Status();
    }
    // Looked at as the request did: at its time, under the settings of its view.
    const features::ShopperProfile person = ComposePerson(
        pending.profiles, {.now_ms = pending.record.now_ms, .settings = pending.view->settings.features});
    const features::ShopperProfile* const profile = pending.record.is_personalized ? &person : nullptr;
    ASSIGN_OR_RETURN(const decisions::Replay replay,
                     decisions::ReplayDecision(
                         pending.record,
                         {.view = *pending.view, .profile = profile, .catalog = *pending.catalog}, nullptr));
    ++report.replayed;
    if (replay.is_same) {
      ++report.same;
    } else {
      report.differences.emplace_back(pending.record.id.ToString(), replay.difference);
    }
    return Status();
  }

  const std::string models_folder_;
  StoreState* const state_;
  std::map<Sequence, std::vector<std::pair<decisions::ReplayStop::What, std::shared_ptr<Pending>>>> stops_;
  std::shared_ptr<const ModelDirectory> models_;
  Generation models_generation_;
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

}  // namespace

Result<ReplayReport> ReplayStore(const std::string& folder, const std::string& decision_id, uint64_t last) {
  const SystemClock clock;
  storage::RocksOptions options;
  options.clock = &clock;
  options.resources = storage::StorageResources::Create({});
  options.create_if_missing = false;
  ASSIGN_OR_RETURN(auto engine, storage::RocksStorage::Open(folder, options));
  ASSIGN_OR_RETURN(auto vault, storage::RocksStorage::Open(folder + "/vault", options));
  if (engine->first_sequence() > Sequence(1)) return Conflict("the log was cut; replay needs all of it");
  LentLog lent(engine.get());
  SecureRandomSource random;
  ASSIGN_OR_RETURN(auto state, StoreState::Open(&lent, vault.get(), &random,
                                                {.fold_until = Sequence(0), .from_scratch = true}));
  ASSIGN_OR_RETURN(std::vector<decisions::DecisionRecord> records, ReadRecords(*engine, decision_id, last));
  Replayer replayer(folder + "/models", state.get());
  for (decisions::DecisionRecord& record : records) replayer.Add(std::move(record));
  RETURN_IF_ERROR(replayer.Reach(Sequence(0)));
  Status folded;
  int64_t saved_ms = 0;
  RETURN_IF_ERROR(engine->ScanLog(Sequence(1), [&](const storage::Record& record) {
    folded = state->Apply(record);
    if (folded.ok()) folded = replayer.Reach(record.sequence);
    if (folded.ok() && record.recorded_at_ms > saved_ms) {
      saved_ms = record.recorded_at_ms;
      folded = state->SaveIfDue(saved_ms);
    }
    return folded.ok();
  }));
  RETURN_IF_ERROR(folded);
  return replayer.report;
}

}  // namespace attune::server
