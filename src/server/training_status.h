// What a store's models are and how their last training went: for `attune models`, GET /v1/models and
// /metrics.
//
// Kept beside the generations as <store>/models/status.json, rewritten after each training, so that a closed
// data folder can be asked too.  It is told, never relied on: models are what their files say, and a status
// that is lost or damaged begins anew.
//
// Thread safety: value types; pure functions.

#ifndef ATTUNE_SERVER_TRAINING_STATUS_H_
#define ATTUNE_SERVER_TRAINING_STATUS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "models/generation_check.h"
#include "models/training_plan.h"

namespace attune::server {

inline constexpr const char* kTrainingStatusFile = "status.json";

// One candidate source of the generation that serves.
struct SourceStatus {
  std::string name;
  uint64_t bytes = 0;
  uint32_t answered = 0;  // Of TrainingStatus::asked sample shoppers.
  uint32_t products = 0;  // Distinct, in those answers.
};

struct TrainingStatus {
  // ---- The generation that serves; 0: none ----
  Generation generation;
  Sequence watermark;
  int64_t trained_at_ms = 0;
  uint64_t file_bytes = 0;
  models::TrainingReport training;
  uint32_t asked = 0;
  std::vector<SourceStatus> sources;

  // Of the last generation that was replaced, on what shoppers did while it served.
  models::GenerationQuality quality;

  // ---- The trainer ----
  uint64_t trainings = 0;  // That were tried, since the store was made.
  uint64_t failures = 0;   // Of those.
  std::string failure;     // Of the last one; empty: it went well.
  int64_t failed_at_ms = 0;
  std::vector<std::string> drift;  // What holds a new generation back, or was let through at last.
  int64_t drift_since_ms = 0;
  std::string damage;  // A generation file that could not be read; until the next training.

  bool is_alert() const { return !failure.empty() || !drift.empty() || !damage.empty(); }
};

// {"generation":4,"watermark":..,"trained_at":"..","bytes":..,"trainers":[{..}],"sources":[{..}], ..}
std::string TrainingStatusToJson(const TrainingStatus& status);
// kCorruption when it is not ours.
Result<TrainingStatus> ParseTrainingStatus(std::string_view json);

// A table for people.
std::string FormatTrainingStatus(const TrainingStatus& status);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_TRAINING_STATUS_H_
