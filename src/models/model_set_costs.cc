#include "models/model_set_costs.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "models/limits.h"
#include "models/model_set.h"
#include "models/search_log.h"
#include "models/sequence_limits.h"

namespace attune::models {
namespace {

constexpr double kNano = 1e-9;
// Words, categories, attributes and parts of words; a long description has more.
constexpr double kFeaturesPerProduct = 80;

double Of(uint64_t count) { return static_cast<double>(count); }

uint64_t BytesOf(double bytes) { return static_cast<uint64_t>(bytes); }

// Sums of pairs are kept once per pair of products, however often it was seen.
double DistinctPairs(uint64_t pairs, uint32_t products) { return std::min(Of(pairs), std::pow(products, 2)); }

// Pairs of one session, and one system of regressors per product that has sessions.
TrainerCosts SessionCosts(uint64_t clicks, uint64_t sequences, uint32_t products,
                          const SessionNextOptions& options) {
  const double length = std::min<double>(Of(clicks) / std::max(Of(sequences), 1.0) + 1,
                                         static_cast<double>(kSessionProductsMax));
  const double pairs = Of(clicks) * length;
  // A product can not have more regressors than it has pairs.
  const double active = std::min<double>(products, Of(clicks));
  const double regressors = std::min<double>(options.linear.regressors_max, active == 0 ? 0 : pairs / active);
  const double rounds = options.choose_weights ? 2 : 1;
  TrainerCosts costs;
  costs.sparse.seconds =
      rounds * (150 * pairs + active * (20'000 + std::pow(regressors, 3) * 0.5) + 500.0 * products) * kNano;
  const double cells = std::min<double>(pairs, active * options.linear.gram_cells_per_row_max);
  costs.sparse.bytes = BytesOf(40 * cells + 24 * Of(clicks) + 100.0 * products);
  return costs;
}

}  // namespace

TrainerCosts PopularityCosts(const TrainingCounts& counts, const ModelSetOptions& /*options*/) {
  TrainerCosts costs;
  costs.sparse.seconds = (100 * Of(counts.rows) + 2'000 * Of(counts.products)) * kNano;
  costs.sparse.bytes = BytesOf(200.0 * counts.products);
  return costs;
}

// Two sums in an ordered map a line, and the estimate of what is looked at.
TrainerCosts QueryClicksCosts(const TrainingCounts& /*counts*/, const ModelSetOptions& options) {
  constexpr double kLinesPerPage = 24;
  TrainerCosts costs;
  if (options.searches == nullptr) return costs;
  const double lines = Of(options.searches->pages().size()) * kLinesPerPage;
  costs.sparse.seconds = 600 * lines * kNano;
  costs.sparse.bytes = BytesOf(80 * lines);
  return costs;
}

// One power of two a row.
TrainerCosts TallyCosts(const TrainingCounts& counts, const ModelSetOptions& /*options*/) {
  TrainerCosts costs;
  costs.sparse.seconds = (60 * Of(counts.rows) + 100 * Of(counts.products)) * kNano;
  costs.sparse.bytes =
      BytesOf((sizeof(double) + sizeof(float) + sizeof(SlateOutcomes)) * Of(counts.products));
  return costs;
}

// Three counts of at most window_max pairs a row, and one ridge system per product.
TrainerCosts TransitionCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  const double rows_of_shopper = Of(counts.rows) / std::max(Of(counts.shoppers), 1.0);
  const double window = std::min<double>(options.transitions.viewed_next.transitions.window_max,
                                         std::max(rows_of_shopper, 2.0));
  const double pairs = Of(counts.rows) * window;
  const double neighbours = options.transitions.viewed_next.ridge.neighbours_max;
  TrainerCosts costs;
  costs.sparse.seconds = (120 * pairs + counts.products * std::pow(neighbours, 3) * 1.5) * kNano;
  costs.sparse.bytes = BytesOf(3 * 16 * DistinctPairs(static_cast<uint64_t>(pairs), counts.products) +
                               8.0 * counts.products * options.transitions.viewed_next.ridge.row_cells_max);
  return costs;
}

TrainerCosts AlsoBoughtCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  return AlsoBoughtCosts(counts, options.also_bought, options.budget);
}

TrainerCosts BoughtTogetherCosts(const TrainingCounts& counts, const ModelSetOptions& /*options*/) {
  TrainerCosts costs;
  costs.sparse.seconds = (150 * Of(counts.order_pairs) + 10'000 * Of(counts.products)) * kNano;
  costs.sparse.bytes = BytesOf(16 * DistinctPairs(counts.order_pairs, counts.products));
  return costs;
}

// Turning external vectors to their axes (external_vectors.h): of the sample, then of all; and asking an
// index for the neighbours of each product, where they are too many to be held against each other.
TrainingCost ExternalVectorCost(const TrainingCounts& counts, const ModelSetOptions& options, double given) {
  constexpr double kIterations = 6;
  constexpr double kGraphNanosPerProduct = 2'000'000;
  const double products = counts.catalog_products;
  const double width = kExternalDimensions;
  const double sample = std::min<double>(products, kAxesProductsMax);
  const double turns = (4 * kIterations * sample + 2 * products) * given * width;
  const double asked = counts.products > kExactVectorsMax ? kGraphNanosPerProduct : 15 * products;
  const double index = products > options.content.vector_products_max ? products * asked : 0;
  return {(0.5 * turns + index) * kNano, BytesOf(8 * sample * given + 4 * width * 4 * counts.products)};
}

// Each product reads at most postings_max entries of inverted lists, and in a small catalogue every vector.
TrainerCosts ContentCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  const double products = counts.catalog_products;
  const double postings =
      std::min<double>(options.content.postings_max, products * options.content.terms_max);
  TrainerCosts costs;
  const double d = options.text_vectors.dimensions;
  const double features = products * kFeaturesPerProduct;
  const double near = products <= options.content.vector_products_max ? products : 0;
  const double vectors =
      options.text_vectors.iterations * d * (2 * features + 2 * Of(counts.cells) + d * products);
  costs.sparse.seconds = (products * (20'000 + 4 * postings + 0.2 * d * near) + 0.6 * vectors) * kNano;
  costs.sparse.bytes =
      BytesOf(products * (40.0 * options.content.terms_max + 8.0 * options.content.neighbours_max + 16 * d) +
              8 * features);
  // Those that would be tried: supplied, and fetched.
  const double supplied = std::ceil(Of(counts.text_numbers) / std::max(products, 1.0));
  const double fetched =
      options.external_vectors == nullptr ? 0 : static_cast<double>(options.external_vectors->dimensions());
  if (const double given = std::max(supplied, fetched); given > 0) {
    const TrainingCost external = ExternalVectorCost(counts, options, given);
    costs.sparse.seconds += external.seconds;
    costs.sparse.bytes += external.bytes;
  }
  return costs;
}

// Every supplied vector is brought to length 1 and to codes of a byte a number.
TrainerCosts LooksAlikeCosts(const TrainingCounts& counts, const ModelSetOptions& /*options*/) {
  TrainerCosts costs;
  costs.sparse.seconds = (20 * Of(counts.image_numbers) + 200.0 * counts.catalog_products) * kNano;
  costs.sparse.bytes = BytesOf(2 * Of(counts.image_numbers) + 16.0 * counts.catalog_products);
  return costs;
}

// Cosines of what shoppers touched, and the two steps from each product (were all of them cold).
TrainerCosts ColdProductCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  constexpr double kAlikeMax = 200;
  const double basket = std::min<double>(Of(counts.cells) / std::max(Of(counts.shoppers), 1.0) * 3,
                                         options.cold_products.shopper_products_max);
  const double pairs = Of(counts.cells) * basket;
  const double steps = counts.catalog_products * kAlikeMax * options.content.neighbours_max;
  TrainerCosts costs;
  costs.sparse.seconds = (40 * pairs + 3 * steps + 5'000 * Of(counts.products)) * kNano;
  costs.sparse.bytes =
      BytesOf(12 * DistinctPairs(static_cast<uint64_t>(pairs), counts.products) +
              16 * kAlikeMax * counts.products + 8 * std::min(steps, kAlikeMax * 10 * counts.products));
  return costs;
}

// An iteration solves every shopper in as many unknowns as it has cells, and takes a sweep of Newton steps
// for every product: for each block of b dimensions the b x b matrix of the observed cells, a part of the f x
// f Gram matrix, and a solve.
TrainerCosts AlsCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  const double f = options.als.dimensions;
  const double block = std::min(f, static_cast<double>(options.als.block_dimensions));
  const double shoppers = std::min<double>(Of(counts.shoppers), options.als.shoppers_max);
  const double cells = Of(counts.cells);
  const double cells_of_shopper = std::min(cells / std::max(shoppers, 1.0), f);
  const double for_shoppers = cells * f * (cells_of_shopper / 2 + 3) + 2 * shoppers * f * f;
  const double for_products = cells * f * (block + 2) + counts.products * f * (f + block * block / 3);
  TrainerCosts costs;
  costs.sparse.seconds = options.als.iterations * (for_shoppers + for_products) * 0.3 * kNano;
  costs.sparse.bytes = BytesOf(4 * f * (shoppers + 2 * counts.products) + 16 * cells);
  return costs;
}

// For each of the orders that weights are learned on, its rows and, of the purchases, the shoppers with the
// same taste; of those at most kComparedBuyersMax.
TrainerCosts NextOrderCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  constexpr double kNsPerCase = 2.5e6;
  constexpr double kBytesPerCase = 25'000;
  const double purchases = std::min<double>(Of(counts.purchases), kNextOrderRowsMax);
  const double cases = std::min<double>(Of(counts.purchases), Of(options.next_order.cases_max));
  TrainerCosts costs;
  costs.sparse.seconds = (500 * purchases + cases * std::min(5 * purchases, kNsPerCase)) * kNano;
  costs.sparse.bytes = BytesOf(64 * purchases + kBytesPerCase * cases);
  return costs;
}

TrainerCosts BuyAgainCosts(const TrainingCounts& counts, const ModelSetOptions& /*options*/) {
  TrainerCosts costs;
  costs.sparse.seconds = (300 * Of(counts.purchases) + 2'000 * Of(counts.products)) * kNano;
  costs.sparse.bytes = BytesOf(24 * Of(counts.purchases) + 64.0 * counts.products);
  return costs;
}

// A place in a heap for each product of each shopper.
TrainerCosts AudienceCosts(const TrainingCounts& counts, const ModelSetOptions& /*options*/) {
  const double members =
      std::min(Of(counts.cells), Of(kAudienceEntriesMax) + Of(kAudienceMin * counts.products));
  TrainerCosts costs;
  costs.sparse.seconds = (100 * Of(counts.rows) + 300 * Of(counts.cells) + 500 * Of(counts.products)) * kNano;
  costs.sparse.bytes = BytesOf(3 * sizeof(AudienceMember) * members + 32 * Of(counts.products));
  return costs;
}

// One visit of the log, and some twenty Newton steps over the customers.
TrainerCosts CustomerValueCosts(const TrainingCounts& counts, const ModelSetOptions& /*options*/) {
  const double buyers = std::min(Of(counts.shoppers), Of(counts.purchases));
  TrainerCosts costs;
  costs.sparse.seconds =
      (100 * Of(counts.rows) + 20'000 * std::min(buyers, Of(kLifetimeFitCustomersMax))) * kNano;
  costs.sparse.bytes = BytesOf(64 * buyers + 16 * Of(counts.purchases));
  return costs;
}

TrainerCosts SessionNextCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  return SessionCosts(counts.views, counts.shoppers, counts.products, options.session_next);
}

TrainerCosts HistoryNextCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  return SessionCosts(counts.rows, counts.shoppers, counts.products, options.history_next);
}

namespace {

// What may have to be trained once more for the past (source_trainers.h).
struct NamedEstimate {
  std::string_view trainer;
  TrainerCosts (*estimate)(const TrainingCounts& counts, const ModelSetOptions& options);
};
constexpr NamedEstimate kPastEstimates[] = {{"popularity", &PopularityCosts},
                                            {"transitions", &TransitionCosts},
                                            {"session_next", &SessionNextCosts},
                                            {"also_bought", &AlsoBoughtCosts},
                                            {"bought_together", &BoughtTogetherCosts},
                                            {"content", &ContentCosts},
                                            {"looks_alike", &LooksAlikeCosts},
                                            {"new_for_you", &ColdProductCosts},
                                            {"als", &AlsCosts},
                                            {"buy_again", &BuyAgainCosts},
                                            {"next_order", &NextOrderCosts},
                                            {"history_next", &HistoryNextCosts}};

// Nothing: all are.
bool IsAsked(const std::optional<std::vector<std::string_view>>& trainers, std::string_view trainer) {
  return !trainers || std::find(trainers->begin(), trainers->end(), trainer) != trainers->end();
}

// `counts` as a sample of the shoppers has them.
TrainingCounts SampleCounts(TrainingCounts counts, double share) {
  for (uint64_t* const count :
       {&counts.rows, &counts.views, &counts.carts, &counts.purchases, &counts.shoppers, &counts.orders,
        &counts.cells, &counts.purchase_pairs, &counts.purchase_lists, &counts.order_pairs}) {
    *count = static_cast<uint64_t>(share * Of(*count));
  }
  return counts;
}

}  // namespace

// The models of the past once per part, or once on a sample of a large log, a request per list, and two heads
// of trees on the rows.  Sparse: on a part of the lists (RankerOptions::sparse_share).
TrainerCosts RankerCosts(const TrainingCounts& counts, const ModelSetOptions& options) {
  constexpr double kSecondsPerRow = 500 * kNano;  // Statistics and cases of each part.
  constexpr double kSecondsPerList = 0.001;
  constexpr double kSecondsPerRowAndTree = 0.3e-6;
  // Rows to learn from are there once, and per head in the library's own two forms; rows to judge by are
  // there twice while they are cut in two.
  constexpr double kTrainRowBytes = 5 * 4.0 * kRankerFeatureCount;
  constexpr double kHeldOutRowBytes = 2 * 4.0 * kRankerFeatureCount;
  constexpr uint64_t kPastRowBytes = 40;  // Of an InteractionLog.
  const RankerOptions& ranker = *options.ranker;
  const bool is_large = counts.rows > ranker.past_rows_max;
  const double trainings = is_large ? 1 : ranker.parts;
  const TrainingCounts past =
      is_large ? SampleCounts(counts, Of(ranker.past_rows_max) / Of(counts.rows)) : counts;
  double models = 0;
  uint64_t largest = 0;
  for (const NamedEstimate& one : kPastEstimates) {
    if (!IsAsked(options.trainers, one.trainer)) continue;
    const TrainerCosts costs = one.estimate(past, options);
    models += costs.sparse.seconds;
    largest = std::max(largest, costs.sparse.bytes);
  }
  const auto cost_of = [&](double share) {
    // Slates that were shown come on top of cases.
    const double train_lists = share * Of(ranker.train_lists_max) * (ranker.impressions == nullptr ? 1 : 2);
    const double held_out_lists = share * Of(ranker.held_out_lists_max);
    const double train_rows = train_lists * (Of(ranker.negatives_max) + 5);
    TrainingCost cost;
    cost.seconds = trainings * models + Of(counts.rows) * kSecondsPerRow +
                   (train_lists + held_out_lists) * kSecondsPerList +
                   2 * train_rows * ranker.trees.trees * kSecondsPerRowAndTree;
    const double rows_bytes =
        train_rows * kTrainRowBytes + held_out_lists * Of(kRankedProductsMax) * kHeldOutRowBytes;
    cost.bytes = kPastRowBytes * past.rows + largest + BytesOf(rows_bytes);
    return cost;
  };
  TrainerCosts costs;
  costs.dense = cost_of(1);
  costs.sparse = cost_of(ranker.sparse_share);
  return costs;
}

}  // namespace attune::models
