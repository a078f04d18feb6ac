#include "models/session_next.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "models/model_file.h"
#include "models/sequence_limits.h"
#include "models/session_weights.h"

namespace attune::models {
namespace {

constexpr std::array<std::string_view, kSessionPartCount> kPartNames = {"session_knn", "session_linear",
                                                                        "transitions"};

Status CheckTau(double tau, std::string_view field) {
  if (!(tau >= 0.01 && tau <= 1e6)) return InvalidArgument("tau must be 0.01 to 1e6", std::string(field));
  return {};
}

Status CheckOptions(const SessionNextOptions& options) {
  RETURN_IF_ERROR(CheckSessionKnnOptions(options.knn));
  RETURN_IF_ERROR(CheckTau(options.linear_tau, "linear_tau"));
  RETURN_IF_ERROR(CheckTau(options.transition_tau, "transition_tau"));
  for (const float weight : options.weights.parts) {
    if (!(weight >= 0 && weight <= 100)) return InvalidArgument("weight must be 0 to 100", "weights");
  }
  if (!(options.weights.further >= 0 && options.weights.further <= 100)) {
    return InvalidArgument("weight must be 0 to 100", "weights");
  }
  return {};
}

// Time is the number of the session, so that evidence ages by the share of the sessions that are newer.
Result<SparseRows> TrainTransitions(const Sequences& sessions, uint32_t product_count,
                                    const SessionNextOptions& options, const TrainingControl& control) {
  TransitionOptions transitions = options.transitions;
  transitions.threads = static_cast<uint32_t>(std::max(control.thread_count, 1));
  const auto session_count = static_cast<int64_t>(sessions.size());
  transitions.half_life_ms = 0;
  if (options.linear.ageing > 0) {
    const double half_life = std::log(2.0) * static_cast<double>(session_count) / options.linear.ageing;
    transitions.half_life_ms = std::max<int64_t>(std::llround(half_life), 1);
  }
  ASSIGN_OR_RETURN(TransitionTrainer trainer, TransitionTrainer::Create(transitions));
  std::vector<TransitionStep> steps;
  for (int64_t session = 0; session < session_count; ++session) {
    steps.clear();
    auto products = sessions.Of(static_cast<size_t>(session));
    products = products.last(std::min(products.size(), kSessionProductsMax));
    for (const uint32_t product : products) {
      steps.push_back({ProductIndex(product), static_cast<uint32_t>(steps.size()), session});
    }
    RETURN_IF_ERROR(trainer.Add(steps));
  }
  trainer.Fold(session_count);
  return trainer.Train(product_count);
}

// Adds up the rows of the seeds, each by its place.
void AddRows(const SparseRows& rows, std::span<const float> repeats, double tau, std::span<const Seed> seeds,
             SparseAccumulator& accumulator) {
  for (size_t age = 0; age < seeds.size(); ++age) {
    const float factor = seeds[age].weight * static_cast<float>(std::exp(-static_cast<double>(age) / tau));
    if (factor == 0 || !std::isfinite(factor)) continue;
    const uint32_t product = seeds[age].product.value();
    accumulator.AddRow(rows.Of(product), factor, static_cast<uint32_t>(age));
    if (product < repeats.size() && repeats[product] != 0) {
      accumulator.Add(product, factor * repeats[product], static_cast<uint32_t>(age));
    }
  }
}

// Adds `weight` times what each product has of the sum of `scores`.
void AddShares(const SparseAccumulator& scores, float weight, SparseAccumulator& accumulator) {
  const double sum = scores.PositiveSum();
  if (sum > 0) accumulator.AddScaled(scores, static_cast<float>(static_cast<double>(weight) / sum));
}

void SaveRows(const SparseRows& rows, std::string_view name, SectionWriter& out) {
  const std::string bytes = rows.Serialize(name);
  out.PutArray(std::span<const char>(bytes));
}

Result<SparseRows> LoadRows(std::string_view name, SectionReader& in) {
  return SparseRows::Parse(in.TakeText(), name);
}

}  // namespace

SessionNextOptions HistoryNextOptions() {
  SessionNextOptions options;
  options.knn.seed_tau = 100;
  options.knn.match_exponent = 2;
  options.knn.candidate_exponent = 0.25;
  options.knn.distance_tau = 6;
  options.knn.before = 1;
  options.knn.ageing = 0;
  options.linear.full_share = 0.8;
  options.linear.ridge = 5;
  options.linear.ageing = 0;
  options.linear_tau = 100;
  options.transitions.reverse = 1;
  options.transition_tau = 100;
  options.weights = {{1, 1, 1}, 0.5f};
  options.choose_weights = false;
  return options;
}

std::string_view SessionPartName(SessionPart part) { return kPartNames[static_cast<size_t>(part)]; }

SessionNextModel::SessionNextModel(std::string_view name, SessionKnn knn, SessionLinear linear,
                                   SparseRows transitions, std::shared_ptr<const ProductTies> ties,
                                   const SessionNextOptions& options)
    : name_(name),
      knn_(std::move(knn)),
      linear_rows_(std::make_shared<const SparseRows>(std::move(linear.rows))),
      linear_repeats_(std::move(linear.repeats)),
      transition_rows_(std::make_shared<const SparseRows>(std::move(transitions))),
      ties_(std::move(ties)),
      linear_tau_(options.linear_tau),
      transition_tau_(options.transition_tau),
      weights_(options.weights) {}

Result<std::shared_ptr<SessionNextModel>> SessionNextModel::TrainParts(
    std::string_view name, const Sequences& sessions, uint32_t product_count,
    std::shared_ptr<const ProductTies> ties, const SessionNextOptions& options,
    const TrainingControl& control) {
  SessionKnn knn(SessionIndex(sessions, product_count, options.knn.sessions_per_product_max), options.knn);
  RETURN_IF_ERROR(control.Check());
  ASSIGN_OR_RETURN(SparseRows transitions, TrainTransitions(sessions, product_count, options, control));
  ASSIGN_OR_RETURN(SessionLinear linear,
                   TrainSessionLinear(sessions, product_count, options.linear, control));
  return std::shared_ptr<SessionNextModel>(new SessionNextModel(
      name, std::move(knn), std::move(linear), std::move(transitions), std::move(ties), options));
}

Result<std::shared_ptr<const SessionNextModel>> SessionNextModel::Train(
    std::string_view name, const Sequences& sessions, uint32_t product_count,
    std::shared_ptr<const ProductTies> ties, const SessionNextOptions& options,
    const TrainingControl& control) {
  RETURN_IF_ERROR(CheckOptions(options));
  SessionWeights weights = options.weights;
  if (options.choose_weights) {
    const std::optional<SessionCut> cut = CutForWeights(sessions);
    if (cut.has_value()) {
      control.Report("session weights", 0);
      ASSIGN_OR_RETURN(const std::shared_ptr<SessionNextModel> earlier,
                       TrainParts(name, cut->training, product_count, ties, options, control));
      ASSIGN_OR_RETURN(weights, ChooseWeights(*earlier, cut->newest, options.weights, control));
    }
  }
  control.Report("session models", 0.5);
  ASSIGN_OR_RETURN(const std::shared_ptr<SessionNextModel> model,
                   TrainParts(name, sessions, product_count, std::move(ties), options, control));
  model->weights_ = weights;
  control.Report("session models", 1);
  return std::shared_ptr<const SessionNextModel>(model);
}

uint32_t SessionNextModel::ProductCountWith(const LiveSessions* live) const {
  return live == nullptr ? product_count() : std::max(product_count(), live->product_count());
}

void SessionNextModel::ScorePart(SessionPart part, std::span<const Seed> seeds, const LiveSessions* live,
                                 SparseAccumulator& accumulator) const {
  seeds = seeds.first(std::min(seeds.size(), kSessionSeedsMax));
  accumulator.Start(ProductCountWith(live));
  switch (part) {
    case SessionPart::kKnn:
      return knn_.Score(seeds, live, accumulator);
    case SessionPart::kLinear:
      return AddRows(*linear_rows_, linear_repeats_, linear_tau_, seeds, accumulator);
    case SessionPart::kTransitions:
      return AddRows(*transition_rows_, {}, transition_tau_, seeds, accumulator);
  }
}

void SessionNextModel::ScoreParts(const std::array<float, kSessionPartCount>& weights,
                                  std::span<const Seed> seeds, const LiveSessions* live,
                                  SparseAccumulator& accumulator) const {
  thread_local SparseAccumulator part_scores;
  accumulator.Start(ProductCountWith(live));
  for (size_t part = 0; part < kSessionPartCount; ++part) {
    if (weights[part] <= 0) continue;
    ScorePart(static_cast<SessionPart>(part), seeds, live, part_scores);
    AddShares(part_scores, weights[part], accumulator);
  }
}

void SessionNextModel::ScoreFurther(SparseAccumulator& near, SparseAccumulator& accumulator) const {
  thread_local std::vector<ScoredProduct> best;
  best.clear();
  near.Strongest(kFurtherSeeds, best, ties_.get());
  accumulator.Start(product_count());
  for (const ScoredProduct& from : best) {
    accumulator.AddRow(linear_rows_->Of(from.product), from.score, from.because);
  }
}

void SessionNextModel::Score(std::span<const Seed> seeds, const LiveSessions* live,
                             SparseAccumulator& accumulator) const {
  thread_local SparseAccumulator further;
  ScoreParts(weights_.parts, seeds, live, accumulator);
  if (weights_.further <= 0) return;
  ScoreFurther(accumulator, further);
  AddShares(further, weights_.further, accumulator);
}

void SessionNextModel::Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const {
  thread_local SparseAccumulator accumulator;
  thread_local std::vector<ScoredProduct> strongest;
  // History_next is not about visits.
  Score(query.seeds, name_ == kSessionNext ? query.live : nullptr, accumulator);
  if (!query.may_repeat) {
    for (const Seed& seed : query.seeds) accumulator.Mask(seed.product.value());
  }
  strongest.clear();
  accumulator.Strongest(limit, strongest, ties_.get());
  for (const ScoredProduct& scored : strongest) {
    out.push_back({ProductIndex(scored.product), scored.score, query.seeds[scored.because].product, true});
  }
}

size_t SessionNextModel::memory_bytes() const {
  return knn_.memory_bytes() + linear_rows_->memory_bytes() + transition_rows_->memory_bytes() +
         linear_repeats_.capacity() * sizeof(float);
}

void SessionNextModel::Save(SectionWriter& out) const {
  const SessionKnnOptions& knn = knn_.options();
  out.PutU32(knn.sessions_per_product_max);
  out.PutU32(knn.neighbours_max);
  for (const double value :
       {knn.seed_tau, knn.match_exponent, knn.candidate_exponent, knn.length_exponent, knn.sharpness,
        knn.ageing, knn.distance_tau, knn.before, knn.repeat, linear_tau_, transition_tau_}) {
    out.PutF64(value);
  }
  for (const float weight : weights_.parts) out.PutF32(weight);
  out.PutF32(weights_.further);
  knn_.index().Save(out);
  out.PutArray(linear_repeats_);
  SaveRows(*linear_rows_, SessionPartName(SessionPart::kLinear), out);
  SaveRows(*transition_rows_, SessionPartName(SessionPart::kTransitions), out);
}

Result<std::shared_ptr<const SessionNextModel>> SessionNextModel::Load(
    std::string_view name, SectionReader& in, std::shared_ptr<const ProductTies> ties) {
  SessionNextOptions options;
  options.knn.sessions_per_product_max = in.TakeU32();
  options.knn.neighbours_max = in.TakeU32();
  SessionKnnOptions& knn = options.knn;
  for (double* const value : {&knn.seed_tau, &knn.match_exponent, &knn.candidate_exponent,
                              &knn.length_exponent, &knn.sharpness, &knn.ageing, &knn.distance_tau,
                              &knn.before, &knn.repeat, &options.linear_tau, &options.transition_tau}) {
    *value = in.TakeF64();
  }
  for (float& weight : options.weights.parts) weight = in.TakeF32();
  options.weights.further = in.TakeF32();
  SessionIndex index = SessionIndex::Load(in);
  SessionLinear linear;
  linear.repeats = in.TakeArray<float>();
  in.Require(CheckOptions(options).ok() && linear.repeats.size() == index.product_count());
  for (const float repeat : linear.repeats) in.Require(std::isfinite(repeat));
  ASSIGN_OR_RETURN(linear.rows, LoadRows(SessionPartName(SessionPart::kLinear), in));
  ASSIGN_OR_RETURN(SparseRows transitions, LoadRows(SessionPartName(SessionPart::kTransitions), in));
  in.Require(linear.rows.product_count() == index.product_count() &&
             transitions.product_count() == index.product_count());
  RETURN_IF_ERROR(in.Finish());
  return std::shared_ptr<const SessionNextModel>(
      new SessionNextModel(name, SessionKnn(std::move(index), options.knn), std::move(linear),
                           std::move(transitions), std::move(ties), options));
}

}  // namespace attune::models
