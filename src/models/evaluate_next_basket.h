// The next-basket benchmark, on the code that serves (`attune evaluate next-basket`).
//
// Protocol (Li et al., TOIS 2023): of every user of the future file, the first basket there, asked for after
// all baskets of the history file.  All items of both files are ranked, bought ones too; 10 are shown; a
// short answer is filled up with bestsellers.  recall@10 divides by the basket, ndcg@10 by the best order;
// both also over repeats (items of the user's history) and over new items apart, each over the users who have
// some.
//
// The files have no times: everybody's last basket of the history is put on the same day, and each one before
// it a week earlier.  Item numbers are taken for ids only.  Compared with, on the same history:
//
//   g_top_freq    items by baskets of all users
//   p_top_freq    items by baskets of the user, the latest first among equals; then g_top_freq
//   gp_top_freq   baskets of the user + .5 * baskets of all / the most of any
//   tifu_knn      alpha * the user's purchase vector + (1 - alpha) * its neighbours'; alpha chosen by asking
//                 for the last basket of the history
//
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_EVALUATE_NEXT_BASKET_H_
#define ATTUNE_MODELS_EVALUATE_NEXT_BASKET_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "models/bootstrap.h"
#include "models/next_order.h"

namespace attune::models {

struct NextBasketOptions {
  NextOrderTraining model;
  BootstrapOptions bootstrap;
};

struct NextBasketScores {
  std::string name;
  double recall_at_10 = 0;
  double ndcg_at_10 = 0;
  double recall_repeat_at_10 = 0;
  double recall_explore_at_10 = 0;
  std::vector<double> recalls, ndcgs;  // One per user.
};

struct NextBasketEvaluation {
  uint64_t users = 0;
  uint64_t items = 0;
  double repeat_share = 0;                 // Of the items of all future baskets.
  std::vector<NextBasketScores> rankings;  // next_order, then the others.
  std::string best_other;                  // By recall.
  BootstrapInterval recall_gain;           // next_order minus that.
  double tifu_alpha = 0;
  double train_seconds = 0;
  double predict_p99_ms = 0;
};

// Fails as ReadBasketFile does, and with kInvalidArgument when no user has both history and future.
Result<NextBasketEvaluation> EvaluateNextBasket(std::string_view history, std::string_view future,
                                                const Clock& clock, const NextBasketOptions& options);

std::string FormatNextBasketTable(const NextBasketEvaluation& evaluation);
// {"recall@10":..,"ndcg@10":..,"recall_repeat@10":..,"recall_explore@10":.., and an object per other ranking}
void WriteNextBasketJson(const NextBasketEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_NEXT_BASKET_H_
