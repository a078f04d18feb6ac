// What a shopper looks at next in this visit (session_next): three models of sessions, blended.  Over whole
// histories, with other options, what goes with everything a shopper did (history_next).
//
//   share_m(b) = score_m(b) / sum over products with a positive score of score_m
//   near(b)    = sum over m in {session_knn, session_linear, transitions} of weight_m * share_m(b)
//   score(b)   = near(b) + further * share of (sum over the kFurtherSeeds best p of near(p) * B[p->b])
//
//   session_knn     what shoppers with a visit like this one looked at     session_knn.h
//   session_linear  what this visit's products predict, solved for         session_linear.h
//   transitions     what follows what                                      transition_trainer.h
//   further         one more step: what the best answers predict; it reaches products that no visit like this
//                   one held (a random walk of two steps; Choi et al. 2022 walk on)
//
// Each model spreads one vote over the products, so models of different units blend without calibration.  The
// weights are chosen at every training on the store's own newest sessions: the three models are trained on
// the sessions before them, asked for every next click in them, and the weights with the largest hit_rate@20
// + mrr@20 win (ChooseWeights).  A store with too few sessions gets the defaults.
//
// Seeds are the running session's products, latest first; a seed counts weight * e^{-place / tau}.  Seeds
// that the query may repeat stay candidates: shoppers go back to what they looked at.
//
// Visits since the training stand beside those that session_knn was trained on (live_sessions.h), where a
// query gives them; the other parts, and the weights, are as they were trained.
//
// Thread safety: immutable; any number of threads.

#ifndef ATTUNE_MODELS_SESSION_NEXT_H_
#define ATTUNE_MODELS_SESSION_NEXT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "models/candidate_source.h"
#include "models/product_ties.h"
#include "models/sequence_file.h"
#include "models/session_knn.h"
#include "models/session_linear.h"
#include "models/sparse_accumulator.h"
#include "models/training_control.h"
#include "models/transition_source.h"
#include "models/transition_trainer.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

inline constexpr std::string_view kSessionNext = "session_next";
inline constexpr std::string_view kHistoryNext = "history_next";

enum class SessionPart : uint8_t { kKnn = 0, kLinear = 1, kTransitions = 2 };
inline constexpr size_t kSessionPartCount = 3;
// "session_knn", "session_linear", "transitions".
std::string_view SessionPartName(SessionPart part);

struct SessionWeights {
  std::array<float, kSessionPartCount> parts = {1, 0.5f, 0.25f};  // By SessionPart.
  float further = 0.25f;

  friend bool operator==(const SessionWeights&, const SessionWeights&) = default;
};

// Products whose rows make the further step.
inline constexpr size_t kFurtherSeeds = 20;

struct SessionNextOptions {
  SessionKnnOptions knn;
  SessionLinearOptions linear;
  double linear_tau = 3;
  // half_life_ms is not read: `ageing` of the linear part is that of the transitions too.
  TransitionOptions transitions = {.reverse = 0.6, .column_exponent = 0.3};
  double transition_tau = 2;
  SessionWeights weights;
  bool choose_weights = true;
};

// The same models over whole histories instead of visits (HistoriesByAge in visits.h): order and age of what
// a shopper did count little, and every weight is fixed, since the next click is not what it is asked for.
SessionNextOptions HistoryNextOptions();

class SessionNextModel final : public CandidateSource {
 public:
  // `sessions` oldest first; those of one product teach nothing and may be left out.  REQUIRES: products <
  // product_count.  Fails with InvalidArgument, naming the option, and with kUnavailable when cancelled.
  static Result<std::shared_ptr<const SessionNextModel>> Train(std::string_view name,
                                                               const Sequences& sessions,
                                                               uint32_t product_count,
                                                               std::shared_ptr<const ProductTies> ties,
                                                               const SessionNextOptions& options,
                                                               const TrainingControl& control);

  std::string_view name() const override { return name_; }
  void Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const override;

  // Retrieve up to the choice; seeds are not masked.  `live`: of MakeLive(); null: none.
  void Score(std::span<const Seed> seeds, const LiveSessions* live, SparseAccumulator& accumulator) const;
  // Of one model; of the weighted three; and the further step from these.
  void ScorePart(SessionPart part, std::span<const Seed> seeds, const LiveSessions* live,
                 SparseAccumulator& accumulator) const;
  void ScoreParts(const std::array<float, kSessionPartCount>& weights, std::span<const Seed> seeds,
                  const LiveSessions* live, SparseAccumulator& accumulator) const;
  void ScoreFurther(SparseAccumulator& near, SparseAccumulator& accumulator) const;

  // `visits` that came after those it learned from, oldest first, for SourceQuery::live.
  std::shared_ptr<const LiveSessions> MakeLive(const Sequences& visits, Sequence sequence) const {
    return knn_.MakeLive(visits, sequence);
  }

  const SessionWeights& weights() const { return weights_; }
  // True when a session that it learned from held `product`.
  bool Knows(uint32_t product) const { return knn_.index().CountOf(product) > 0; }
  uint32_t product_count() const { return knn_.index().product_count(); }
  size_t memory_bytes() const;

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const SessionNextModel>> Load(std::string_view name, SectionReader& in,
                                                              std::shared_ptr<const ProductTies> ties);

 private:
  uint32_t ProductCountWith(const LiveSessions* live) const;
  SessionNextModel(std::string_view name, SessionKnn knn, SessionLinear linear, SparseRows transitions,
                   std::shared_ptr<const ProductTies> ties, const SessionNextOptions& options);
  // The three models, with the weights of the options.
  static Result<std::shared_ptr<SessionNextModel>> TrainParts(std::string_view name,
                                                              const Sequences& sessions,
                                                              uint32_t product_count,
                                                              std::shared_ptr<const ProductTies> ties,
                                                              const SessionNextOptions& options,
                                                              const TrainingControl& control);

  const std::string name_;
  const SessionKnn knn_;
  const std::shared_ptr<const SparseRows> linear_rows_;
  const std::vector<float> linear_repeats_;
  const std::shared_ptr<const SparseRows> transition_rows_;
  const std::shared_ptr<const ProductTies> ties_;
  const double linear_tau_;
  const double transition_tau_;
  SessionWeights weights_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SESSION_NEXT_H_
