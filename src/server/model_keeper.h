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
// Thread safety: published() from any thread; Publish on the writer strand; Train one thread at a time.

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
#include "models/interaction_log.h"
#include "models/model_set.h"
#include "models/training_control.h"
#include "storage/storage_engine.h"

namespace attune::server {

// A model set as the decisions room asks for it.
class ModelDirectory final : public decisions::SourceDirectory {
 public:
  explicit ModelDirectory(std::shared_ptr<const models::ModelSet> set);
  const models::CandidateSource* Find(std::string_view name) const override;
  const models::ProductTies& ties() const override { return *ties_; }
  const models::ProductTally* tally() const override { return set_ == nullptr ? nullptr : &set_->tally(); }
  const models::VectorLookup* vectors() const override {
    return set_ == nullptr ? nullptr : &set_->vectors();
  }
  std::vector<decisions::SourceGeneration> generations() const override;
  const models::ModelSet* set() const { return set_.get(); }

 private:
  const std::shared_ptr<const models::ModelSet> set_;  // Null: nothing is trained yet.
  const std::shared_ptr<const models::ProductTies> ties_;
};

class ModelKeeper {
 public:
  // Pointers must outlive the keeper; `log` may be null.
  ModelKeeper(const storage::StorageEngine* engine, const events::IdentityRegistry* identities,
              std::string folder, const Clock* clock, http::AccessLog* log, uint64_t interaction_rows_max);
  ~ModelKeeper();

  // Reads the file of the generation that the log says was published last.  A file that is gone or damaged
  // leaves the store without models until the next training; the log says so.
  void LoadPublished(const std::optional<models::GenerationRecord>& record);

  std::shared_ptr<const ModelDirectory> published() const { return published_.Acquire(); }

  struct Trained {
    models::GenerationRecord record;
    std::shared_ptr<const models::ModelSet> set;
  };
  // Folds what is new in the log, trains, and writes the file.
  Result<Trained> Train(const std::shared_ptr<const catalog::CatalogView>& catalog,
                        const models::TrainingControl& control);
  void Publish(const Trained& trained);

  // Trains on a thread of its own, at low priority: soon after the first events, then whenever there are new
  // ones and `interval_ms()` has passed.
  using TrainAndPublish = std::function<Status(const models::TrainingControl& control)>;
  void StartTraining(TrainAndPublish train, std::function<int64_t()> interval_ms);
  // Cancels a training that runs, and waits for its end.
  void StopTraining();

  // Reads a generation file; for replay.
  static Result<std::shared_ptr<const models::ModelSet>> ReadGeneration(
      const std::string& folder, const models::GenerationRecord& record);

 private:
  Status FoldLog(Sequence until);
  Status ReadLinks();
  void RunTrainer(const TrainAndPublish& train, const std::function<int64_t()>& interval_ms);
  void RemoveOldFiles(const models::GenerationRecord& newest);

  const storage::StorageEngine* const engine_;
  const events::IdentityRegistry* const identities_;
  const std::string folder_;
  const Clock* const clock_;
  http::AccessLog* const log_;
  Published<ModelDirectory> published_;

  // The training thread's own.
  models::InteractionLog interactions_;
  events::OrderBook orders_;
  Sequence folded_;
  Sequence trained_until_;
  Generation last_generation_;

  Mutex mutex_;
  ConditionVariable wake_;
  bool is_stopping_ GUARDED_BY(mutex_) = false;
  std::atomic<bool> is_cancelled_{false};
  std::thread trainer_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_MODEL_KEEPER_H_
