#include "server/model_keeper.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "decisions/decision_record.h"
#include "events/event_record.h"
#include "events/identity_record.h"
#include "models/generation_check.h"
#include "search/search_record.h"
#include "storage/store_folder.h"

namespace attune::server {
namespace {

constexpr int kTrainerNice = 10;
constexpr int64_t kTrainerLooksEveryMs = 1000;
// Rest after a training, in its own durations: a large store trains a fifth of the time, whatever its
// interval says.
constexpr int64_t kRestPerTraining = 4;
// Fewer new records than this do not make a generation worth its file.
constexpr uint64_t kNewRecordsMin = 1;

}  // namespace

bool IsTrainingDue(const TrainingSchedule& schedule, const TrainingMoment& moment) {
  // A clock that was set back must not stop the training.
  const bool is_back = moment.since_ms < 0;
  if (!is_back && moment.since_ms < std::max(schedule.every_ms, moment.rest_ms)) return false;
  if (moment.is_damaged) return true;
  if (moment.new_records < kNewRecordsMin && !schedule.has_new_vectors) return false;
  if (is_back || moment.since_ms >= schedule.at_latest_ms) return true;
  return moment.new_records * 100 >= static_cast<uint64_t>(schedule.new_percent) * moment.trained_records;
}

ModelDirectory::ModelDirectory(std::shared_ptr<const models::ModelSet> set)
    : set_(std::move(set)), ties_(set_ == nullptr ? models::ProductTies::Make(nullptr) : set_->ties()) {}

const models::CandidateSource* ModelDirectory::Find(std::string_view name) const {
  return set_ == nullptr ? nullptr : set_->Source(name);
}

std::vector<decisions::SourceGeneration> ModelDirectory::generations() const {
  if (set_ == nullptr) return {};
  return {{"models", set_->generation()}};
}

ModelKeeper::ModelKeeper(const storage::StorageEngine* engine, const events::IdentityRegistry* identities,
                         std::string folder, const Clock* clock, http::AccessLog* log,
                         uint64_t interaction_rows_max)
    : engine_(engine),
      identities_(identities),
      folder_(std::move(folder)),
      clock_(clock),
      log_(log),
      published_(std::make_shared<const ModelDirectory>(nullptr)),
      status_(std::make_shared<const TrainingStatus>()),
      interactions_(interaction_rows_max),
      orders_(nullptr, events::OrderRules{}, 0) {}

ModelKeeper::~ModelKeeper() { StopTraining(); }

Status ModelKeeper::FoldLog(Sequence until) {
  if (folded_ == Sequence(0) && engine_->first_sequence() > Sequence(1)) RETURN_IF_ERROR(ReadLinks());
  Status folded;
  events::Event event;
  RETURN_IF_ERROR(engine_->ScanLog(Sequence(folded_.value() + 1), [&](const storage::Record& record) {
    if (record.sequence > until || is_cancelled_.load(std::memory_order_relaxed)) return false;
    if (record.kind == storage::RecordKind::kEvent) {
      folded = events::DecodeEvent(record.payload, event);
      if (!folded.ok()) return false;
      // Without the right to personalise, what a shopper did counts for products and not for the shopper.
      if (!event.consent.personalization) event.shopper = ShopperHandle();
      auto changes = orders_.Apply(event);
      folded = changes.status();
      if (!folded.ok()) return false;
      interactions_.AddEvent(event);
      impressions_.AddEvent(event);
      searches_.AddEvent(event);
      for (const events::OrderChange& change : *changes) interactions_.ApplyOrderChange(change);
    } else if (record.kind == storage::RecordKind::kIdentity) {
      const auto change = events::DecodeIdentityChange(record.payload);
      folded = change.status();
      using Kind = events::IdentityChange::Kind;
      if (folded.ok() && change->kind == Kind::kErased) {
        interactions_.ForgetShopper(change->shopper);
        impressions_.ForgetShopper(change->shopper);
        searches_.ForgetShopper(change->shopper);
      }
      if (folded.ok() && change->kind == Kind::kLinked) interactions_.Link(change->shopper, change->owner);
      if (folded.ok() && change->kind == Kind::kUnlinked) interactions_.Unlink(change->shopper);
    }
    folded_ = record.sequence;
    return folded.ok();
  }));
  return folded;
}

// The links whose records were cut off the log.  Later ones are folded again on the way to `until`, which
// lies behind the snapshot, so at `until` they are those of that moment.
Status ModelKeeper::ReadLinks() {
  constexpr size_t kStatesPerVisit = 10'000;
  std::optional<ShopperHandle> last = ShopperHandle();
  while (last) {
    ASSIGN_OR_RETURN(
        last, identities_->VisitSaved(*last, kStatesPerVisit,
                                      [this](ShopperHandle shopper, const events::IdentityState& state) {
                                        if (state.owner != ShopperHandle())
                                          interactions_.Link(shopper, state.owner);
                                      }));
  }
  return Status();
}

Status ModelKeeper::ReadSearches() {
  const int64_t now_ms = clock_->NowMs();
  const int64_t oldest_ms = now_ms - 2 * models::QueryClicks::kFadeMs;
  // Records are written late; those that were read already are not taken again.
  const int64_t since_ms = std::max({searches_read_ms_ - models::SearchLog::kLateMs, oldest_ms, int64_t{0}});
  RETURN_IF_ERROR(engine_->Scan(storage::Column::kDecisions, decisions::FirstDecisionKeyAt(since_ms), "",
                                [this](std::string_view key, std::string_view value) {
                                  if (is_cancelled_.load(std::memory_order_relaxed)) return false;
                                  const auto id = decisions::ParseDecisionKey(key);
                                  if (!id.ok()) return true;
                                  const auto record = decisions::DecodeDecisionRecord(*id, value);
                                  if (!record.ok() || record->search.empty()) return true;
                                  if (auto page = search::PageOf(*record))
                                    searches_.AddPage(*std::move(page));
                                  return true;
                                }));
  searches_read_ms_ = now_ms;
  searches_.Join(now_ms);
  return {};
}

// Nothing when the record is not written (yet), or gone.
std::optional<models::SlateContext> ModelKeeper::ContextOf(const DecisionId& decision) const {
  const auto bytes = engine_->Get(storage::Column::kDecisions, decisions::DecisionKey(decision));
  if (!bytes.ok() || !*bytes) return std::nullopt;
  const auto record = decisions::DecodeDecisionRecord(decision, **bytes);
  if (!record.ok()) return std::nullopt;
  models::SlateContext context{record->request.placement, std::nullopt};
  if (!record->request.page_products.empty()) context.page = record->request.page_products.front();
  return context;
}

Result<ModelKeeper::Trained> ModelKeeper::Train(const std::shared_ptr<const catalog::CatalogView>& catalog,
                                                const TrainingSchedule& schedule, Asked asked,
                                                const models::TrainingControl& control,
                                                const std::optional<models::RankerOptions>& ranker,
                                                const models::ExternalVectors* vectors) {
  TrainingStatus now = *status();
  ++now.trainings;
  models::TrainingControl timed = control;
  timed.clock = clock_;
  // The log, the file and the check may want memory that is not there, as the trainers may.
  const auto train = [&]() -> Result<Trained> {
    try {
      return TrainChecked(catalog.get(), schedule, asked, ranker, vectors, timed, now);
    } catch (const std::exception& thrown) {
      return Internal(std::string("training threw: ") + thrown.what());
    }
  };
  Result<Trained> trained = train();
  trained_at_ms_ = clock_->NowMs();
  if (control.IsCancelled() && !trained.ok()) return trained;  // The store closes: nothing failed.
  if (trained.ok()) {
    now.failure.clear();
    now.damage.clear();
    trained->status = std::make_shared<const TrainingStatus>(std::move(now));
    return trained;
  }
  // What serves stays what it was.
  TrainingStatus failed = *status();
  failed.trainings = now.trainings;
  failed.quality = now.quality;
  failed.drift = now.drift;
  failed.drift_since_ms = now.drift_since_ms;
  if (trained.status().code() != StatusCode::kConflict) {
    ++failed.failures;
    failed.failure = trained.status().message();
    failed.failed_at_ms = trained_at_ms_;
  }
  status_.Publish(std::make_shared<const TrainingStatus>(std::move(failed)));
  SaveStatus();
  return trained;
}

Result<ModelKeeper::Trained> ModelKeeper::TrainChecked(const catalog::CatalogView* catalog,
                                                       const TrainingSchedule& schedule, Asked asked,
                                                       const std::optional<models::RankerOptions>& ranker,
                                                       const models::ExternalVectors* vectors,
                                                       const models::TrainingControl& control,
                                                       TrainingStatus& status) {
  const Sequence until = engine_->last_sequence();
  RETURN_IF_ERROR(FoldLog(until));
  RETURN_IF_ERROR(control.Check());
  models::ModelFileHeader header;
  header.generation = Generation(last_generation_.value() + 1);
  header.watermark = until;
  header.trained_at_ms = clock_->NowMs();
  models::ModelSetOptions options;
  options.budget = schedule.budget;
  options.ranker = ranker;
  options.external_vectors = vectors;
  const models::TrainerReport* const also_bought = status.training.Find(models::kAlsoBought);
  if (also_bought != nullptr) options.also_bought.before = also_bought->choice;
  RETURN_IF_ERROR(ReadSearches());
  options.searches = &searches_;
  if (options.ranker) {
    impressions_.Resolve([this](const DecisionId& decision) { return ContextOf(decision); });
    options.ranker->impressions = &impressions_;
  }
  models::TrainingReport report;
  ASSIGN_OR_RETURN(const auto set,
                   models::TrainModelSet(interactions_, catalog, header, options, control, &report));
  const std::string bytes = set->Save();
  Trained trained;
  // What serves is what a restart and a replay will read.
  ASSIGN_OR_RETURN(trained.set, models::ModelSet::Load(bytes));
  const models::TrainingCounts counts_before = status.training.counts;
  status.training = std::move(report);
  RETURN_IF_ERROR(Check(*trained.set, counts_before, schedule, asked, status));
  trained.record = {.generation = header.generation,
                    .watermark = until,
                    .trained_at_ms = header.trained_at_ms,
                    .file_name = models::GenerationFileName(header.generation),
                    .file_checksum = StableHash64(bytes),
                    .file_bytes = bytes.size()};
  RETURN_IF_ERROR(storage::WriteFileDurably(folder_ + "/" + trained.record.file_name, bytes));
  status.generation = header.generation;
  status.watermark = until;
  status.trained_at_ms = header.trained_at_ms;
  status.file_bytes = bytes.size();
  trained_until_ = until;
  trained_records_ = until.value();
  last_generation_ = header.generation;
  RemoveOldFiles(trained.record);
  return trained;
}

Status ModelKeeper::Check(const models::ModelSet& set, const models::TrainingCounts& counts_before,
                          const TrainingSchedule& schedule, Asked asked, TrainingStatus& status) const {
  const auto serving = published();
  const models::ModelSet* const old = serving->set();
  const int64_t now_ms = clock_->NowMs();
  const models::ProbeSet probes =
      models::MakeProbes(interactions_, old == nullptr ? INT64_MAX : old->header().trained_at_ms, now_ms);
  const models::GenerationCheck check = models::CheckGeneration(set, probes.present);
  status.asked = check.asked;
  status.sources.clear();
  const std::vector<models::ModelSize> sizes = set.sizes();
  for (const models::SourceCheck& source : check.sources) {
    const auto size =
        std::find_if(sizes.begin(), sizes.end(), [&](const auto& one) { return one.name == source.source; });
    status.sources.push_back(
        {source.source, size == sizes.end() ? 0 : size->bytes, source.answered, source.products});
  }
  if (const auto faults = models::FindFaults(check); !faults.empty()) return Internal(faults.front());
  std::vector<std::string> drift;
  if (old != nullptr) {
    auto quality = models::MeasureGeneration(*old, probes.past);
    if (quality.asked > 0) status.quality = std::move(quality);
    drift = models::FindDrift(counts_before, status.training.counts);
    for (std::string& sentence : models::FindDrift(models::CheckGeneration(*old, probes.present), check)) {
      drift.push_back(std::move(sentence));
    }
  }
  status.drift = std::move(drift);
  if (status.drift.empty()) {
    status.drift_since_ms = 0;
    return {};
  }
  if (status.drift_since_ms == 0) status.drift_since_ms = now_ms;
  if (asked == Asked::kByPerson || now_ms - status.drift_since_ms >= schedule.drift_hold_ms) return {};
  return Conflict("the new generation is held back: " + status.drift.front());
}

Result<const models::InteractionLog*> ModelKeeper::Interactions() {
  RETURN_IF_ERROR(FoldLog(engine_->last_sequence()));
  return &interactions_;
}

void ModelKeeper::Publish(const Trained& trained) {
  published_.Publish(std::make_shared<const ModelDirectory>(trained.set));
  status_.Publish(trained.status);
}

void ModelKeeper::StartTraining(TrainAndPublish train, std::function<TrainingSchedule()> schedule,
                                TrainingTurn* turn) {
  trainer_ = std::thread([this, train = std::move(train), schedule = std::move(schedule), turn] {
    // This thread only: serving comes first.
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kTrainerNice);
    RunTrainer(train, schedule, turn);
  });
}

void ModelKeeper::RunTrainer(const TrainAndPublish& train, const std::function<TrainingSchedule()>& schedule,
                             TrainingTurn* turn) {
  int64_t rest_ms = 0;
  while (true) {
    {
      MutexLock lock(mutex_);
      if (!is_stopping_) wake_.WaitFor(lock, std::chrono::milliseconds(kTrainerLooksEveryMs));
      if (is_stopping_) return;
    }
    const TrainingMoment moment{.since_ms = clock_->NowMs() - trained_at_ms_,
                                .rest_ms = rest_ms,
                                .new_records = engine_->last_sequence().value() - trained_until_.value(),
                                .trained_records = trained_records_,
                                .is_damaged = !status()->damage.empty()};
    if (!IsTrainingDue(schedule(), moment)) continue;
    if (turn != nullptr && !turn->TryTake()) continue;
    models::TrainingControl control;
    control.is_cancelled = &is_cancelled_;
    const int64_t started_micros = clock_->SteadyMicros();
    const Status trained = train(control);
    if (turn != nullptr) turn->Return();
    rest_ms = kRestPerTraining * (clock_->SteadyMicros() - started_micros) / 1000;
    // The record of the generation itself is nothing to learn from.
    if (trained.ok() && trained_until_.value() + 1 == engine_->last_sequence().value()) {
      trained_until_ = engine_->last_sequence();
    }
    if (!trained.ok() && log_ != nullptr && !is_cancelled_) {
      log_->Write(http::LogLevel::kError, "training failed", {{"reason", trained.message()}});
    }
  }
}

void ModelKeeper::StopTraining() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  is_cancelled_ = true;
  wake_.NotifyAll();
  if (trainer_.joinable()) trainer_.join();
}

}  // namespace attune::server
