#include "models/evaluate_next_basket.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <utility>

#include "models/basket_file.h"
#include "models/purchase_vector.h"
#include "models/ranking_metrics.h"

namespace attune::models {
namespace {

constexpr uint32_t kCutoff = 10;
constexpr int64_t kBasketEveryMs = 7 * kDayMs;
constexpr int64_t kNowMs = 30 * 365 * kDayMs;
constexpr std::array<double, 6> kAlphas = {0.05, 0.1, 0.3, 0.5, 0.7, 0.9};
constexpr size_t kRankings = 5;
constexpr std::array<std::string_view, kRankings> kNames = {"next_order", "g_top_freq", "p_top_freq",
                                                            "gp_top_freq", "tifu_knn"};

struct User {
  std::vector<Basket> history;  // Oldest first.
  Basket future;                // Empty: not asked for.
};

int64_t TimeOf(size_t baskets_after) {
  return kNowMs - static_cast<int64_t>(baskets_after + 1) * kBasketEveryMs;
}

// What a profile would hold of a user.
struct History {
  explicit History(const std::vector<Basket>& baskets) {
    std::map<uint32_t, Seed> by_item;
    for (size_t i = 0; i < baskets.size(); ++i) {
      const int64_t at_ms = TimeOf(baskets.size() - 1 - i);
      order_times.insert(order_times.begin(), at_ms);
      for (const uint32_t item : baskets[i]) {
        const auto [seed, is_new] = by_item.try_emplace(item, Seed{ProductIndex(item), 0, at_ms, at_ms});
        seed->second.weight += 1;
        seed->second.at_ms = at_ms;
      }
    }
    for (const auto& [unused, seed] : by_item) purchases.push_back(seed);
    std::sort(purchases.begin(), purchases.end(), [](const Seed& a, const Seed& b) {
      return a.at_ms != b.at_ms ? a.at_ms > b.at_ms : a.product < b.product;
    });
  }
  std::vector<Seed> purchases;
  std::vector<int64_t> order_times;
};

// All rankings of one history.
class Rankings {
 public:
  static Result<Rankings> Train(const std::vector<User>& users, uint32_t item_count,
                                const NextOrderTraining& training) {
    InteractionLog log;
    std::vector<uint32_t> baskets(item_count, 0);
    uint64_t order = 0;
    for (size_t user = 0; user < users.size(); ++user) {
      const std::vector<Basket>& history = users[user].history;
      for (size_t i = 0; i < history.size(); ++i) {
        ++order;
        for (const uint32_t item : history[i]) {
          ++baskets[item];
          log.Add({ShopperHandle(user + 1), ProductIndex(item), InteractionKind::kPurchase, 1,
                   TimeOf(history.size() - 1 - i), order});
        }
      }
    }
    const auto ties = ProductTies::Make(nullptr);
    ASSIGN_OR_RETURN(auto model, NextOrderModel::Train(log, kNowMs, ties, training, {}));
    return Rankings(std::move(model), ties, std::move(baskets));
  }

  std::vector<uint32_t> NextOrder(const History& history) const {
    SourceQuery query;
    query.purchases = history.purchases;
    query.order_times = history.order_times;
    query.now_ms = kNowMs;
    query.may_repeat = true;
    std::vector<Candidate> answer;
    model_->Retrieve(query, kCutoff, answer);
    std::vector<uint32_t> ranked;
    for (const Candidate& one : answer) ranked.push_back(one.product.value());
    return Filled(std::move(ranked));
  }
  std::vector<uint32_t> GlobalTop() const { return Filled({}); }
  std::vector<uint32_t> PersonalTop(const History& history) const {
    std::vector<double> scores(baskets_.size(), 0);
    for (const Seed& seed : history.purchases) {
      scores[seed.product.value()] =
          static_cast<double>(seed.weight) + static_cast<double>(seed.at_ms) / 1e15;
    }
    return Filled(Strongest(scores));
  }
  std::vector<uint32_t> PersonalAndGlobalTop(const History& history) const {
    const double most = std::max<uint32_t>(baskets_[by_baskets_.front()], 1);
    std::vector<double> scores(baskets_.size(), 0);
    for (size_t i = 0; i < scores.size(); ++i) scores[i] = 0.5 * baskets_[i] / most;
    for (const Seed& seed : history.purchases)
      scores[seed.product.value()] += static_cast<double>(seed.weight);
    return Strongest(scores);
  }
  std::vector<uint32_t> TifuKnn(const History& history, double alpha) const {
    const NextOrderOptions& options = model_->options();
    const auto vector = PurchaseVector(history.purchases, history.order_times, options.decay);
    SparseAccumulator nearby;
    const ShopperNeighbours& neighbours = model_->store().neighbours;
    neighbours.Score(neighbours.Nearest(vector, options.neighbours), nearby);
    std::vector<double> scores(baskets_.size(), 0);
    for (uint32_t i = 0; i < std::min<size_t>(scores.size(), neighbours.product_count()); ++i) {
      scores[i] = (1 - alpha) * static_cast<double>(nearby.ScoreOf(i));
    }
    for (const Neighbour& own : vector) scores[own.product] += alpha * static_cast<double>(own.weight);
    return Filled(Strongest(scores));
  }

 private:
  Rankings(std::shared_ptr<const NextOrderModel> model, std::shared_ptr<const ProductTies> ties,
           std::vector<uint32_t> baskets)
      : model_(std::move(model)), ties_(std::move(ties)), baskets_(std::move(baskets)) {
    std::vector<double> scores(baskets_.begin(), baskets_.end());
    by_baskets_ = Strongest(scores);
  }
  // The best kCutoff with a positive score.
  std::vector<uint32_t> Strongest(const std::vector<double>& scores) const {
    std::vector<uint32_t> items;
    for (uint32_t i = 0; i < scores.size(); ++i) {
      if (scores[i] > 0) items.push_back(i);
    }
    const size_t kept = std::min<size_t>(kCutoff, items.size());
    std::partial_sort(items.begin(), items.begin() + static_cast<ptrdiff_t>(kept), items.end(),
                      [&](uint32_t a, uint32_t b) {
                        return scores[a] != scores[b] ? scores[a] > scores[b] : ties_->IsBefore(a, b);
                      });
    items.resize(kept);
    return items;
  }
  std::vector<uint32_t> Filled(std::vector<uint32_t> ranked) const {
    for (const uint32_t item : by_baskets_) {
      if (ranked.size() >= kCutoff) break;
      if (std::find(ranked.begin(), ranked.end(), item) == ranked.end()) ranked.push_back(item);
    }
    return ranked;
  }

  std::shared_ptr<const NextOrderModel> model_;
  std::shared_ptr<const ProductTies> ties_;
  std::vector<uint32_t> baskets_;     // By item.
  std::vector<uint32_t> by_baskets_;  // The kCutoff most bought.
};

// The last basket of each history becomes its future.
std::vector<User> Earlier(const std::vector<User>& users) {
  std::vector<User> earlier;
  for (const User& user : users) {
    earlier.push_back({user.history, {}});
    if (user.history.size() < 2) continue;
    earlier.back().future = user.history.back();
    earlier.back().history.pop_back();
  }
  return earlier;
}

Result<double> ChooseAlpha(const std::vector<User>& users, uint32_t item_count,
                           const NextOrderTraining& training) {
  const std::vector<User> earlier = Earlier(users);
  NextOrderTraining quick = training;
  quick.cases_max = 0;  // Neighbours are all that is asked for.
  ASSIGN_OR_RETURN(const Rankings rankings, Rankings::Train(earlier, item_count, quick));
  std::array<double, kAlphas.size()> recalls{};
  for (const User& user : earlier) {
    if (user.future.empty()) continue;
    const History history(user.history);
    for (size_t i = 0; i < kAlphas.size(); ++i) {
      recalls[i] += ListRecallAt(rankings.TifuKnn(history, kAlphas[i]), user.future, kCutoff);
    }
  }
  return kAlphas[static_cast<size_t>(std::max_element(recalls.begin(), recalls.end()) - recalls.begin())];
}

// Users of both files; items numbered as given.
Result<std::vector<User>> Join(BasketsByUser history, const BasketsByUser& future, uint32_t& item_count) {
  std::vector<User> users;
  bool is_any_asked = false;
  for (auto& [id, baskets] : history) {
    if (baskets.empty()) continue;
    User user{std::move(baskets), {}};
    const auto found = future.find(id);
    if (found != future.end() && !found->second.empty()) user.future = found->second.front();
    is_any_asked = is_any_asked || !user.future.empty();
    for (const Basket& basket : user.history) item_count = std::max(item_count, basket.back() + 1);
    if (!user.future.empty()) item_count = std::max(item_count, user.future.back() + 1);
    users.push_back(std::move(user));
  }
  if (!is_any_asked) return InvalidArgument("no user has a history and a future", "future");
  return users;
}

// Collects what one user adds to every ranking.
class Scorer {
 public:
  explicit Scorer(NextBasketEvaluation& evaluation) : evaluation_(evaluation) {
    evaluation_.rankings.resize(kRankings);
    for (size_t i = 0; i < kRankings; ++i) evaluation_.rankings[i].name = kNames[i];
  }
  void Begin(const User& user, const History& history) {
    future_ = &user.future;
    repeats_.clear();
    others_.clear();
    for (const uint32_t item : user.future) {
      const auto is_it = [&](const Seed& seed) { return seed.product.value() == item; };
      (std::any_of(history.purchases.begin(), history.purchases.end(), is_it) ? repeats_ : others_)
          .push_back(item);
    }
    item_count_ += static_cast<double>(user.future.size());
    repeat_count_ += static_cast<double>(repeats_.size());
    ++evaluation_.users;
  }
  void Add(size_t ranking, const std::vector<uint32_t>& ranked) {
    NextBasketScores& scores = evaluation_.rankings[ranking];
    scores.recalls.push_back(ListRecallAt(ranked, *future_, kCutoff));
    scores.ndcgs.push_back(ListNdcgAt(ranked, *future_, kCutoff));
    if (!repeats_.empty()) repeat_recalls_[ranking].push_back(ListRecallAt(ranked, repeats_, kCutoff));
    if (!others_.empty()) explore_recalls_[ranking].push_back(ListRecallAt(ranked, others_, kCutoff));
  }
  Status Finish(const BootstrapOptions& bootstrap) {
    const NextBasketScores* best = nullptr;
    for (size_t i = 0; i < kRankings; ++i) {
      NextBasketScores& scores = evaluation_.rankings[i];
      scores.recall_at_10 = MeanOf(scores.recalls);
      scores.ndcg_at_10 = MeanOf(scores.ndcgs);
      scores.recall_repeat_at_10 = MeanOf(repeat_recalls_[i]);
      scores.recall_explore_at_10 = MeanOf(explore_recalls_[i]);
      if (i > 0 && (best == nullptr || scores.recall_at_10 > best->recall_at_10)) best = &scores;
    }
    evaluation_.repeat_share = repeat_count_ / item_count_;
    evaluation_.best_other = best->name;
    ASSIGN_OR_RETURN(evaluation_.recall_gain,
                     PairedBootstrap(evaluation_.rankings.front().recalls, best->recalls, bootstrap));
    return {};
  }

 private:
  NextBasketEvaluation& evaluation_;
  const Basket* future_ = nullptr;
  std::vector<uint32_t> repeats_, others_;
  double item_count_ = 0, repeat_count_ = 0;
  std::array<std::vector<double>, kRankings> repeat_recalls_, explore_recalls_;
};

}  // namespace

Result<NextBasketEvaluation> EvaluateNextBasket(std::string_view history, std::string_view future,
                                                const Clock& clock, const NextBasketOptions& options) {
  ASSIGN_OR_RETURN(BasketsByUser history_baskets, ReadBasketFile(history, "history"));
  ASSIGN_OR_RETURN(const BasketsByUser future_baskets, ReadBasketFile(future, "future"));
  NextBasketEvaluation evaluation;
  uint32_t item_count = 0;
  ASSIGN_OR_RETURN(const std::vector<User> users,
                   Join(std::move(history_baskets), future_baskets, item_count));
  evaluation.items = item_count;
  ASSIGN_OR_RETURN(evaluation.tifu_alpha, ChooseAlpha(users, item_count, options.model));
  const int64_t started = clock.SteadyMicros();
  ASSIGN_OR_RETURN(const Rankings rankings, Rankings::Train(users, item_count, options.model));
  evaluation.train_seconds = static_cast<double>(clock.SteadyMicros() - started) / 1e6;
  Scorer scorer(evaluation);
  std::vector<double> micros;
  for (const User& user : users) {
    if (user.future.empty()) continue;
    const History known(user.history);
    scorer.Begin(user, known);
    const int64_t asked = clock.SteadyMicros();
    const std::vector<uint32_t> answer = rankings.NextOrder(known);
    micros.push_back(static_cast<double>(clock.SteadyMicros() - asked));
    scorer.Add(0, answer);
    scorer.Add(1, rankings.GlobalTop());
    scorer.Add(2, rankings.PersonalTop(known));
    scorer.Add(3, rankings.PersonalAndGlobalTop(known));
    scorer.Add(4, rankings.TifuKnn(known, evaluation.tifu_alpha));
  }
  RETURN_IF_ERROR(scorer.Finish(options.bootstrap));
  evaluation.predict_p99_ms = QuantileOf(std::move(micros), 0.99) / 1000;
  return evaluation;
}

std::string FormatNextBasketTable(const NextBasketEvaluation& evaluation) {
  char line[256];
  std::snprintf(line, sizeof(line),
                "next basket: %llu users, %llu items, %.1f %% of the future bought before\n",
                static_cast<unsigned long long>(evaluation.users),
                static_cast<unsigned long long>(evaluation.items), 100 * evaluation.repeat_share);
  std::string text = line;
  std::snprintf(line, sizeof(line), "  %-14s %9s %9s %14s %15s\n", "", "recall@10", "ndcg@10",
                "repeat recall", "explore recall");
  text += line;
  for (const NextBasketScores& scores : evaluation.rankings) {
    std::snprintf(line, sizeof(line), "  %-14s %9.4f %9.4f %14.4f %15.4f\n", scores.name.c_str(),
                  scores.recall_at_10, scores.ndcg_at_10, scores.recall_repeat_at_10,
                  scores.recall_explore_at_10);
    text += line;
  }
  std::snprintf(line, sizeof(line),
                "  recall@10 over %s: %+.4f, 95 %% interval [%+.4f, %+.4f]; alpha of tifu_knn %.2f\n"
                "trained in %.2f s, answer p99 %.3f ms",
                evaluation.best_other.c_str(), evaluation.recall_gain.mean_difference,
                evaluation.recall_gain.low, evaluation.recall_gain.high, evaluation.tifu_alpha,
                evaluation.train_seconds, evaluation.predict_p99_ms);
  return text + line;
}

void WriteNextBasketJson(const NextBasketEvaluation& evaluation, JsonWriter& json) {
  const auto write = [&](const NextBasketScores& scores) {
    json.Key("recall@10").Fixed(scores.recall_at_10, 6).Key("ndcg@10").Fixed(scores.ndcg_at_10, 6);
    json.Key("recall_repeat@10").Fixed(scores.recall_repeat_at_10, 6);
    json.Key("recall_explore@10").Fixed(scores.recall_explore_at_10, 6);
  };
  json.BeginObject();
  json.Key("users").Uint(evaluation.users).Key("items").Uint(evaluation.items);
  write(evaluation.rankings.front());
  for (size_t i = 1; i < evaluation.rankings.size(); ++i) {
    json.Key(evaluation.rankings[i].name).BeginObject();
    write(evaluation.rankings[i]);
    json.EndObject();
  }
  json.Key("best_other").String(evaluation.best_other);
  json.Key("recall_gain").Fixed(evaluation.recall_gain.mean_difference, 6);
  json.Key("recall_gain_low").Fixed(evaluation.recall_gain.low, 6);
  json.Key("recall_gain_high").Fixed(evaluation.recall_gain.high, 6);
  json.Key("tifu_alpha").Fixed(evaluation.tifu_alpha, 2);
  json.Key("train_seconds").Fixed(evaluation.train_seconds, 3);
  json.Key("predict_p99_ms").Fixed(evaluation.predict_p99_ms, 3);
  json.EndObject();
}

}  // namespace attune::models
