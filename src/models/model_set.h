// All models of a store, trained together from one fold of its log, immutable and published as one.
//
//   InteractionLog + CatalogView --TrainModelSet--> ModelSet --Save--> generation file
//                                                      \----Source(name)----> candidates for a request
//
// A set answers by source names: also_viewed, viewed_next, bought_after, also_bought, bought_together,
// content_similar, new_for_you, for_shoppers_like_you, bestsellers, trending, newest, buy_again,
// own_frequency, next_order, session_next, history_next, looks_alike.  One that found nothing to learn from
// answers nothing; one that the budget of the training skipped is not there.  Beside them it may hold the
// learned order of a placement's candidates (models/ranker.h).
//
// Each trainer estimates its cost first, and is skipped, with the reason in the report, when the budget does
// not hold it (training_plan.h).  To add a trainer: a member, a line in ModelSetTrainer::Trainers(), an
// estimate in model_set_costs.cc, and a section in Save() and Load().
//
// Training is a pure function of the log's rows, the catalogue, the options and now_ms: the same bytes for
// any number of threads.  A generation file that is loaded answers as the set that wrote it did.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_MODEL_SET_H_
#define ATTUNE_MODELS_MODEL_SET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/als.h"
#include "models/also_bought.h"
#include "models/bought_together.h"
#include "models/buy_again.h"
#include "models/candidate_source.h"
#include "models/cold_products.h"
#include "models/content.h"
#include "models/customer_value.h"
#include "models/external_vectors.h"
#include "models/interaction_log.h"
#include "models/looks_alike.h"
#include "models/model_file.h"
#include "models/next_order.h"
#include "models/popularity.h"
#include "models/product_audience.h"
#include "models/product_tally.h"
#include "models/product_ties.h"
#include "models/query_clicks.h"
#include "models/ranker.h"
#include "models/ranker_options.h"
#include "models/session_next.h"
#include "models/training_control.h"
#include "models/training_plan.h"
#include "models/transition_training.h"
#include "models/vector_lookup.h"

namespace attune::models {

class SearchLog;

struct ModelSetOptions {
  TransitionTrainingOptions transitions;
  AlsoBoughtOptions also_bought;
  BoughtTogetherOptions bought_together;
  PopularityOptions popularity;
  TextVectorOptions text_vectors;
  ContentOptions content;
  ColdProductOptions cold_products;
  AlsOptions als;
  BuyAgainOptions buy_again;
  SessionNextOptions session_next;
  SessionNextOptions history_next = HistoryNextOptions();
  NextOrderTraining next_order;
  std::optional<RankerOptions> ranker;  // Nothing: none is trained.
  // Names of the trainers that run (models/source_trainers.h); nothing: all.
  std::optional<std::vector<std::string_view>> trainers;
  // Vectors of texts that a service made; null: none.  They, or those that are supplied with the products,
  // are used as models/external_vectors.h says, else the trained ones are; the report of "content" says which
  // and why.
  const ExternalVectors* external_vectors = nullptr;
  // What searches showed and what became of it; null: nothing is learned of queries.
  const SearchLog* searches = nullptr;
  // What was made of them already, for the ranker's models of the past; null: nothing.
  std::shared_ptr<const ProductVectors> used_vectors;
  TrainingBudget budget;  // No limit.
};

struct ModelSize {
  std::string_view name;
  size_t bytes = 0;
};

class ModelSet {
 public:
  // Null for a name that is not a source.
  const CandidateSource* Source(std::string_view name) const;
  // In a fixed order.
  std::vector<std::string_view> source_names() const;
  std::vector<ModelSize> sizes() const;

  const ModelFileHeader& header() const { return header_; }
  // Null when none was trained, or one for other features than this build makes.
  const std::shared_ptr<const Ranker>& ranker() const { return ranker_; }
  Generation generation() const { return header_.generation; }
  Sequence watermark() const { return header_.watermark; }
  const std::shared_ptr<const ProductTies>& ties() const { return ties_; }
  // Empty when the budget skipped them, and in a file that was written before there were any.
  const ProductTally& tally() const;
  const ProductAudience& audience() const;
  const TrendingShelves& trending_shelves() const;
  // Empty likewise, and where nothing was searched for.
  const QueryClicks& query_clicks() const;
  // Null when the budget skipped it, and in a file that was written before there was one.
  const CustomerValue* customer_value() const { return customer_value_.get(); }
  // Null when the budget skipped it, and in a file that was written before there was one.
  const SessionNextModel* session_next() const { return session_next_.get(); }
  // Null without a model that has vectors of products.
  const VectorLookup* vectors() const { return als_.get(); }

  // A generation file (docs/formats/models.md).
  std::string Save() const;
  // kCorruption for bytes that Save() did not write; kConflict for those of a newer version.
  static Result<std::shared_ptr<const ModelSet>> Load(std::string bytes);

 private:
  friend class ModelSetTrainer;
  ModelSet() = default;
  void ListSources();
  Status LoadCounts(const ModelFile& file);

  ModelFileHeader header_;
  std::shared_ptr<const ProductTies> ties_;
  TransitionSources transitions_;
  std::shared_ptr<const TransitionSource> also_bought_;
  std::shared_ptr<const TransitionSource> bought_together_;
  PopularityModels popularity_;
  std::shared_ptr<const ContentModel> content_;
  std::shared_ptr<const TransitionSource> new_for_you_;
  std::shared_ptr<const AlsModel> als_;
  std::shared_ptr<const BuyAgainModel> buy_again_;
  std::shared_ptr<const OwnFrequencySource> own_frequency_;
  std::shared_ptr<const SessionNextModel> session_next_;
  std::shared_ptr<const SessionNextModel> history_next_;
  std::shared_ptr<const NextOrderModel> next_order_;
  std::shared_ptr<const LooksAlikeModel> looks_alike_;
  std::shared_ptr<const ProductTally> tally_;
  std::shared_ptr<const QueryClicks> query_clicks_;
  std::shared_ptr<const ProductAudience> audience_;
  std::shared_ptr<const CustomerValue> customer_value_;
  std::shared_ptr<const Ranker> ranker_;
  std::vector<const CandidateSource*> sources_;
};

// `header` names the generation, the watermark and the time to train for.  Null `catalog`: no content, no
// newest, no categories.  Fails with kInvalidArgument, naming the option, with kUnavailable when cancelled,
// and with kInternal when a trainer threw.  `report`, where given, says what each trainer did, also when the
// training failed.
Result<std::shared_ptr<const ModelSet>> TrainModelSet(
    const InteractionLog& log, const catalog::CatalogView* catalog, const ModelFileHeader& header,
    const ModelSetOptions& options, const TrainingControl& control, TrainingReport* report = nullptr);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_MODEL_SET_H_
