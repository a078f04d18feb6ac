// All models of a store, trained together from one fold of its log, immutable and published as one.
//
//   InteractionLog + CatalogView --TrainModelSet--> ModelSet --Save--> generation file
//                                                      \----Source(name)----> candidates for a request
//
// A set answers by source names: also_viewed, viewed_next, bought_after, also_bought, bought_together,
// content_similar, for_shoppers_like_you, bestsellers, trending, newest, buy_again, own_frequency,
// looks_alike.  Every set has all of them; one that found nothing to learn from answers nothing.
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
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/als.h"
#include "models/bought_together.h"
#include "models/buy_again.h"
#include "models/candidate_source.h"
#include "models/content.h"
#include "models/interaction_log.h"
#include "models/item_knn.h"
#include "models/looks_alike.h"
#include "models/model_file.h"
#include "models/popularity.h"
#include "models/product_audience.h"
#include "models/product_tally.h"
#include "models/product_ties.h"
#include "models/training_control.h"
#include "models/transition_training.h"
#include "models/vector_lookup.h"

namespace attune::models {

inline constexpr std::string_view kAlsoBought = "also_bought";

struct ModelSetOptions {
  TransitionTrainingOptions transitions;
  // also_bought: what the same shoppers bought, in any order and at any time.  Heavy shoppers count less.
  ItemKnnOptions also_bought = {.basket_exponent = 0.5, .row_exponent = 0.5, .column_exponent = 0.5};
  BoughtTogetherOptions bought_together;
  PopularityOptions popularity;
  ContentOptions content;
  AlsOptions als;
  BuyAgainOptions buy_again;
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
  Generation generation() const { return header_.generation; }
  Sequence watermark() const { return header_.watermark; }
  const std::shared_ptr<const ProductTies>& ties() const { return ties_; }
  const ProductTally& tally() const { return *tally_; }
  const ProductAudience& audience() const { return *audience_; }
  const TrendingShelves& trending_shelves() const { return *popularity_.trending_shelves; }
  const VectorLookup& vectors() const { return *als_; }

  // A generation file (docs/formats/models.md).
  std::string Save() const;
  // kCorruption for bytes that Save() did not write; kConflict for those of a newer version.
  static Result<std::shared_ptr<const ModelSet>> Load(std::string bytes);

 private:
  friend class ModelSetTrainer;
  ModelSet() = default;
  void ListSources();
  static Status LoadLaterSections(const ModelFile& file, ModelSet& set);

  ModelFileHeader header_;
  std::shared_ptr<const ProductTies> ties_;
  TransitionSources transitions_;
  std::shared_ptr<const TransitionSource> also_bought_;
  std::shared_ptr<const TransitionSource> bought_together_;
  PopularityModels popularity_;
  std::shared_ptr<const ContentModel> content_;
  std::shared_ptr<const AlsModel> als_;
  std::shared_ptr<const BuyAgainModel> buy_again_;
  std::shared_ptr<const OwnFrequencySource> own_frequency_;
  std::shared_ptr<const ProductTally> tally_;
  std::shared_ptr<const ProductAudience> audience_;
  std::shared_ptr<const LooksAlikeModel> looks_alike_;
  std::vector<const CandidateSource*> sources_;
};

// `header` names the generation, the watermark and the time to train for.  Null `catalog`: no content, no
// newest, no categories.  Fails with kInvalidArgument, naming the option, and with kUnavailable when
// cancelled.
Result<std::shared_ptr<const ModelSet>> TrainModelSet(const InteractionLog& log,
                                                      const catalog::CatalogView* catalog,
                                                      const ModelFileHeader& header,
                                                      const ModelSetOptions& options,
                                                      const TrainingControl& control);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_MODEL_SET_H_
