// Do we find the shoppers whom a treatment moves?  (`attune evaluate uplift`)
//
// A randomised experiment is read (uplift_data.h), every row is scored by a model that never saw it
// (uplift_learner.h), and the scores are held against the outcomes (qini.h), with bootstrap intervals.  The
// protocol has no settings that are chosen on the rows that are measured.
//
// The S-learner is the model; the effect learner is measured beside it, as a second opinion.  Also told: the
// effect on everyone alike with its interval.
//
// Thread safety: pure function; training starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_EVALUATE_UPLIFT_H_
#define ATTUNE_MODELS_EVALUATE_UPLIFT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/status.h"
#include "models/qini.h"
#include "models/uplift_data.h"

namespace attune::models {

struct UpliftEvaluationOptions {
  UpliftColumns columns;
  QiniBootstrapOptions bootstrap;  // Threads and widening are set by the protocol.
  uint32_t folds = 5;
  uint64_t seed = 1;
  uint32_t threads = 1;
  std::function<void(std::string_view stage, double share)> progress;  // May be empty.
};

struct UpliftScores {
  UpliftFigures figures;
  UpliftInterval interval;
};

struct UpliftEvaluation {
  uint64_t treated = 0;  // Rows.
  uint64_t untreated = 0;
  uint64_t left_out = 0;
  uint64_t features = 0;
  uint32_t folds = 0;
  double treated_mean = 0;  // Of the outcome.
  double untreated_mean = 0;
  double effect_error = 0;  // Standard error of treated_mean - untreated_mean.
  UpliftScores s_learner;
  UpliftScores effect_learner;

  double effect() const { return treated_mean - untreated_mean; }
};

// Fails as CsvTable::Read, ReadUpliftData, CrossFitUplift and QiniMeasure::Create do.
Result<UpliftEvaluation> EvaluateUplift(std::string_view csv, const UpliftEvaluationOptions& options);

std::string FormatUpliftTable(const UpliftEvaluation& evaluation);
// {"qini":..,"qini_low":..,"qini_high":..,"uplift@10":..,"uplift@10_low":..,..,"effect":..,"effect_learner":
// {..}}
void WriteUpliftJson(const UpliftEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_UPLIFT_H_
