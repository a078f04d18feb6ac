// Are products found that nobody has touched yet?  (`attune evaluate cold`)
//
// A random tenth of the products is hidden: all their rows leave the log that the models learn from; their
// texts and attributes stay in the catalogue.  For every shopper with a hidden product and another one before
// it, the models are asked at that moment, from the latest products before; to be found are the hidden
// products of that shopper.
//
//   recall@20 among new   only hidden products are ranked: which of the new ones to show to whom
//   recall@20 among all   every product is ranked: a new one must stand before those that people know
//
// Asked are new_for_you and content_similar as they serve, the latter by terms alone and by vectors alone
// too, and what a shop would do without: newest and bestsellers, of the store and of the category of the last
// product.  Hiding follows a stable hash of the product id.  Validation, for choosing options: the products
// that the test would hide are taken out altogether, and another tenth is hidden.
//
// Thread safety: pure function; training starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_EVALUATE_COLD_H_
#define ATTUNE_MODELS_EVALUATE_COLD_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/cold_products.h"
#include "models/content.h"
#include "models/interaction_log.h"
#include "models/text_vectors.h"

namespace attune::models {

// What happened in a shop, and what its products are.
struct ColdData {
  InteractionLog log;
  std::shared_ptr<const catalog::CatalogView> catalog;
};

// `sequences`: "user item item ..." per line, oldest first.  `titles`: item, anything, title per line, with a
// header.  `attributes`: {"item":[attribute,..],..}; null: none.  `vectors`: of products' texts, as the shop
// may supply them, "item<tab>number number ..." per line, all of one length; null: none.  Fails with
// kInvalidArgument, naming the place, when one of them is not so.
Result<ColdData> ReadColdSequences(std::istream& sequences, std::istream& titles, std::istream* attributes,
                                   std::istream* vectors = nullptr);
// Order lines as in evaluate_store_history.h, with their column Description.  An item of `vectors` is a
// product's code.
Result<ColdData> ReadColdOrders(std::istream& order_lines, std::istream* vectors = nullptr);

struct ColdEvaluationOptions {
  double hidden_share = 0.1;
  uint32_t seeds_max = 20;  // Of a shopper, the latest before the first hidden product.
  bool is_validation = false;
  TextVectorOptions text_vectors;
  ContentOptions content;
  ColdProductOptions cold_products;
  int threads = 1;
  std::function<void(std::string_view stage, double share)> progress;  // May be empty.
};

struct ColdScores {
  std::string name;
  double recall_among_new = 0;  // At 20.
  double ndcg_among_new = 0;
  double recall_among_all = 0;
};

struct ColdEvaluation {
  uint64_t products = 0, hidden = 0, cases = 0;
  double mean_targets = 0;
  std::vector<ColdScores> rankings;  // new_for_you first.
  bool uses_supplied_vectors = false;
  // Of training the vectors, the neighbours, and new_for_you.
  double vector_seconds = 0, content_seconds = 0, cold_seconds = 0;
};

// Fails as the trainers do, and with kInvalidArgument when no shopper can be asked.
Result<ColdEvaluation> EvaluateCold(const ColdData& data, const Clock& clock,
                                    const ColdEvaluationOptions& options);

std::string FormatColdTable(const ColdEvaluation& evaluation);
// {"products":..,"hidden":..,"cases":..,"new_for_you":{"recall@20":..,"ndcg@20":..,"recall_all@20":..},..}
void WriteColdJson(const ColdEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_COLD_H_
