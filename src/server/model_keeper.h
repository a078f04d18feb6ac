// The models of one store: the published generation, the trainer's own fold of the log, and the files of
// generations.
//
//   log --(trainer thread)--> InteractionLog --train--> ModelSet --> file in <store>/models --> kGeneration
//   record
//
// The trainer reads the log at its own pace and at low priority; what it makes serves only once its record
// was applied (Publish, on the writer strand).  A generation file stays for replay until it is old or there
// are too many.
//
// When to train (TrainingSchedule): not before `every_ms` after the last training, nor within four times its
// duration; then when the log grew by `new_percent` of what the last generation had seen, and at the latest
// after `at_latest_ms` when it grew at all.
//
// What may go wrong, and what serves then (training_status.h tells all of it):
//
//   a trainer fails or throws     the published generation; tried again when it is due
//   a trainer has no budget       a generation without that model, and the reason
//   drift (generation_check.h)    the published generation, until drift_hold_ms have passed: then the data
//   are
//                                 the new truth.  A training that a person asked for is never held back
//   a generation file is damaged  after a restart the newest older file that can be read, and the store
//   trains
//                                 at once
//   the process dies in a training  what it left behind is removed at the next start, and training starts
//   anew
//
// Thread safety: published(), status() from any thread; Publish on the writer strand; Train one thread at a
// time.

#ifndef ATTUNE_SERVER_MODEL_KEEPER_H_
#define ATTUNE_SERVER_MODEL_KEEPER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/published.h"
#include "catalog/catalog_view.h"
#include "decisions/store_view.h"
#include "events/identity_registry.h"
#include "events/order_book.h"
#include "http/access_log.h"
#include "models/generation_record.h"
#include "models/impression_log.h"
#include "models/interaction_log.h"
#include "models/model_set.h"
#include "models/search_log.h"
#include "models/training_control.h"
#include "server/training_status.h"
#include "server/training_turn.h"
#include "storage/storage_engine.h"

namespace attune::server {

// A model set as the decisions room asks for it.
class ModelDirectory final : public decisions::SourceDirectory {
 public:
  explicit ModelDirectory(std::shared_ptr<const models::ModelSet> set);
  const models::CandidateSource* Find(std::string_view name) const override;
  const models::ProductTies& ties() const override { return *ties_; }
  const models::ProductTally* tally() const override { return set_ == nullptr ? nullptr : &set_->tally(); }
  const models::QueryClicks* query_clicks() const override {
    return set_ == nullptr ? nullptr : &set_->query_clicks();
  }
  const models::VectorLookup* vectors() const override { return set_ == nullptr ? nullptr : set_->vectors(); }
  const models::Ranker* ranker() const override { return set_ == nullptr ? nullptr : set_->ranker().get(); }
  std::vector<decisions::SourceGeneration> generations() const override;
  const models::ModelSet* set() const { return set_.get(); }

 private:
  const std::shared_ptr<const models::ModelSet> set_;  // Null: nothing is trained yet.
  const std::shared_ptr<const models::ProductTies> ties_;
};

struct TrainingSchedule {
  int64_t every_ms = kMinuteMs;
  int64_t new_percent = 1;
  int64_t at_latest_ms = kHourMs;
  int64_t drift_hold_ms = kDayMs;
  bool has_new_vectors = false;  // Fetched since the last training: worth one without a new record.
  models::TrainingBudget budget;
};

// What the schedule looks at.
struct TrainingMoment {
  int64_t since_ms = 0;          // Since the last training, good or bad; negative: the clock was set back.
  int64_t rest_ms = 0;           // That it earned.
  uint64_t new_records = 0;      // Of the log, since the generation that serves.
  uint64_t trained_records = 0;  // That it has seen.
  bool is_damaged = false;       // An older generation serves because the newest cannot be read.
};
bool IsTrainingDue(const TrainingSchedule& schedule, const TrainingMoment& moment);

class ModelKeeper {
 public:
  // Pointers must outlive the keeper; `log` may be null.
  ModelKeeper(const storage::StorageEngine* engine, const events::IdentityRegistry* identities,
              std::string folder, const Clock* clock, http::AccessLog* log, uint64_t interaction_rows_max);
  ~ModelKeeper();

  // Reads the file of the generation that the log says was published last, and removes what a training that
  // did not finish left behind.  When the file is gone or damaged the newest older one that can be read
  // serves: its record is returned, so that the log says what serves.
  std::optional<models::GenerationRecord> LoadPublished(
      const std::optional<models::GenerationRecord>& record);

  std::shared_ptr<const ModelDirectory> published() const { return published_.Acquire(); }
  std::shared_ptr<const TrainingStatus> status() const { return status_.Acquire(); }

  struct Trained {
    models::GenerationRecord record;
    std::shared_ptr<const models::ModelSet> set;
    std::shared_ptr<const TrainingStatus> status;
  };
  // A person asks for it, or the schedule.
  enum class Asked : uint8_t { kByPerson, kBySchedule };
  // Folds what is new in the log, trains, checks, and writes the file.  Fails with kConflict when drift holds
  // the generation back.  Every outcome is in status().  `ranker`: one is trained, on impressions, too.
  // `vectors`: of texts, fetched; null: none.
  Result<Trained> Train(const std::shared_ptr<const catalog::CatalogView>& catalog,
                        const TrainingSchedule& schedule, Asked asked, const models::TrainingControl& control,
                        const std::optional<models::RankerOptions>& ranker = {},
                        const models::ExternalVectors* vectors = nullptr);
  void Publish(const Trained& trained);
  // What a training would learn from now; for evaluation.  Good until the next call of Train.
  Result<const models::InteractionLog*> Interactions();
  // Writes status() beside the generations.
  void SaveStatus();

  // Trains on a thread of its own, at low priority, as schedule() says.
  using TrainAndPublish = std::function<Status(const models::TrainingControl& control)>;
  // `turn`: trainings by schedule wait for it; null: for none.
  void StartTraining(TrainAndPublish train, std::function<TrainingSchedule()> schedule, TrainingTurn* turn);
  // Cancels a training that runs, and waits for its end.
  void StopTraining();

  // Reads a generation file; for replay.
  static Result<std::shared_ptr<const models::ModelSet>> ReadGeneration(
      const std::string& folder, const models::GenerationRecord& record);
  // The status as it was last written to a models folder; kNotFound before the first training.
  static Result<TrainingStatus> ReadTrainingStatus(const std::string& folder);

 private:
  Status FoldLog(Sequence until);
  Status ReadLinks();
  // Takes the records of searches since the last time.
  Status ReadSearches();
  std::optional<models::SlateContext> ContextOf(const DecisionId& decision) const;
  void RunTrainer(const TrainAndPublish& train, const std::function<TrainingSchedule()>& schedule,
                  TrainingTurn* turn);
  Result<Trained> TrainChecked(const catalog::CatalogView* catalog, const TrainingSchedule& schedule,
                               Asked asked, const std::optional<models::RankerOptions>& ranker,
                               const models::ExternalVectors* vectors, const models::TrainingControl& control,
                               TrainingStatus& status);
  // Whether the set may serve; what was found is in `status`.
  Status Check(const models::ModelSet& set, const models::TrainingCounts& counts_before,
               const TrainingSchedule& schedule, Asked asked, TrainingStatus& status) const;
  std::optional<models::GenerationRecord> LoadOlder(Generation damaged);
  void RemoveOldFiles(const models::GenerationRecord& newest);

  const storage::StorageEngine* const engine_;
  const events::IdentityRegistry* const identities_;
  const std::string folder_;
  const Clock* const clock_;
  http::AccessLog* const log_;
  Published<ModelDirectory> published_;
  Published<TrainingStatus> status_;

  // Of the thread that trains.
  models::InteractionLog interactions_;
  models::ImpressionLog impressions_;
  models::SearchLog searches_;
  int64_t searches_read_ms_ = 0;  // Records up to here were read.
  events::OrderBook orders_;
  Sequence folded_;
  Sequence trained_until_;
  uint64_t trained_records_ = 0;  // Of the log, that the last generation had seen.
  int64_t trained_at_ms_ = 0;
  Generation last_generation_;

  Mutex mutex_;
  ConditionVariable wake_;
  bool is_stopping_ GUARDED_BY(mutex_) = false;
  std::atomic<bool> is_cancelled_{false};
  std::thread trainer_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_MODEL_KEEPER_H_
