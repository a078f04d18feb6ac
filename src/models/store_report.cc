#include "models/store_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/time_text.h"
#include "models/popularity.h"
#include "models/ranking_metrics.h"
#include "models/text_vectors.h"

namespace attune::models {
namespace {

constexpr uint32_t kCutoff = 20;
constexpr int64_t kWeekMs = 7 * kDayMs;

size_t GroupOf(size_t order_count) {
  return order_count == 0 ? 0 : order_count == 1 ? 1 : order_count < 5 ? 2 : 3;
}

events::EventType TypeOf(InteractionKind kind) {
  switch (kind) {
    case InteractionKind::kPurchase:
      return events::EventType::kOrderCompleted;
    case InteractionKind::kCart:
      return events::EventType::kProductAdded;
    case InteractionKind::kView:
      break;
  }
  return events::EventType::kProductViewed;
}

// The parts of a profile that SignalsOf() reads, from a shopper's rows, oldest first.
features::ShopperProfile ProfileOf(std::span<const Interaction> rows) {
  features::ShopperProfile profile;
  absl::flat_hash_map<uint32_t, size_t> recent;
  absl::flat_hash_map<uint32_t, size_t> bought;
  for (size_t i = rows.size(); i-- > 0;) {
    const Interaction& row = rows[i];
    if (recent.try_emplace(row.product.value(), profile.recent.size()).second) {
      profile.recent.push_back({row.product, TypeOf(row.kind), row.at_ms, 1});
    }
    if (row.kind != InteractionKind::kPurchase) continue;
    const auto [place, is_new] = bought.try_emplace(row.product.value(), profile.purchases.size());
    if (is_new) profile.purchases.push_back({row.product, 0, 0, row.at_ms, row.at_ms, {}});
    features::Purchase& purchase = profile.purchases[place->second];
    ++purchase.order_count;
    purchase.first_at_ms = row.at_ms;
    const bool continues = !profile.orders.empty() && profile.orders.back().order_id_hash == row.order_hash &&
                           profile.orders.back().ordered_at_ms == row.at_ms;
    if (!continues) profile.orders.push_back({row.order_hash, row.at_ms, 0, {}});
    profile.orders.back().products.push_back(row.product);
  }
  return profile;
}

struct Case {
  ShopperSignals signals;
  std::vector<uint32_t> targets;  // Ascending, each once.
  size_t group = 0;
};

// What one ranking showed to all cases.
struct Shown {
  std::vector<double> recalls, ndcgs;
  std::array<std::vector<double>, kHistoryGroups> recalls_by_group;
  absl::flat_hash_set<uint32_t> products;
  double similarity_sum = 0;
  double pair_count = 0;
  double novelty_sum = 0;
  double buyer_sum = 0;
  double shown_count = 0;
};

class Reporter {
 public:
  Reporter(const InteractionLog& log, const catalog::CatalogView* catalog, const Clock& clock,
           const StoreReportOptions& options)
      : log_(log), catalog_(catalog), options_(options) {
    control_.thread_count = options.threads;
    control_.clock = &clock;
    control_.progress = options.progress;
  }

  Result<StoreReport> Report() {
    FindCut();
    CollectCases();
    if (cases_.empty()) return InvalidArgument("nobody bought anything after the cut");
    ASSIGN_OR_RETURN(models_, TrainModelSet(before_, catalog_, {Generation(1), Sequence(1), report_.cut_ms},
                                            options_.models, control_, &report_.training));
    if (catalog_ != nullptr) {
      TrainingControl quiet = control_;
      quiet.progress = {};
      ASSIGN_OR_RETURN(vectors_, TrainTextVectors(*catalog_, nullptr, options_.models.text_vectors, quiet));
    }
    Rank("home_for_you", [this](const Case& one) { return HomeForYou(one); });
    Rank("bestsellers_7_days", [this](const Case&) { return week_bestsellers_; });
    for (const std::string_view name : models_->source_names()) {
      const CandidateSource& source = *models_->Source(name);
      Rank(name, [&](const Case& one) {
        std::vector<Candidate> answer;
        source.Retrieve(QueryOf(one), kCutoff, answer);
        return ProductsOf(answer);
      });
    }
    return std::move(report_);
  }

 private:
  void FindCut() {
    std::vector<int64_t> times;
    log_.ForEachRow([&](const Interaction& row) {
      if (row.kind == InteractionKind::kPurchase) times.push_back(row.at_ms);
    });
    if (times.empty()) return;
    const auto place = std::min(
        static_cast<size_t>(options_.history_share * static_cast<double>(times.size())), times.size() - 1);
    std::nth_element(times.begin(), times.begin() + static_cast<ptrdiff_t>(place), times.end());
    report_.cut_ms = times[place];
    absl::flat_hash_map<uint32_t, uint32_t> week;
    log_.ForEachRow([&](const Interaction& row) {
      (row.at_ms < report_.cut_ms ? report_.rows_before : report_.rows_after) += 1;
      if (row.at_ms >= report_.cut_ms) return;
      before_.Add(row);
      if (row.kind == InteractionKind::kPurchase && row.at_ms >= report_.cut_ms - kWeekMs) {
        ++week[row.product.value()];
      }
    });
    std::vector<std::pair<uint32_t, uint32_t>> ranked(week.begin(), week.end());
    std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    for (size_t i = 0; i < std::min<size_t>(ranked.size(), kCutoff); ++i) {
      week_bestsellers_.push_back(ranked[i].first);
    }
  }

  void CollectCases() {
    double target_buyers = 0;
    double target_count = 0;
    before_.ForEachShopper([&](std::span<const Interaction> rows) {
      absl::flat_hash_set<uint32_t> bought;
      for (const Interaction& row : rows) {
        if (row.kind == InteractionKind::kPurchase) bought.insert(row.product.value());
      }
      for (const uint32_t product : bought) ++buyers_[product];
      shopper_count_ += bought.empty() ? 0 : 1;
    });
    report_.products = buyers_.size();
    log_.ForEachShopper([&](std::span<const Interaction> rows) {
      const auto cut = std::partition_point(
          rows.begin(), rows.end(), [this](const Interaction& row) { return row.at_ms < report_.cut_ms; });
      Case one;
      for (auto row = cut; row != rows.end(); ++row) {
        if (row->kind == InteractionKind::kPurchase) one.targets.push_back(row->product.value());
      }
      if (one.targets.empty()) return;
      std::sort(one.targets.begin(), one.targets.end());
      one.targets.erase(std::unique(one.targets.begin(), one.targets.end()), one.targets.end());
      const features::ShopperProfile profile = ProfileOf(std::span(rows.begin(), cut));
      one.signals = SignalsOf(profile, report_.cut_ms, options_.signals);
      one.group = GroupOf(profile.orders.size());
      ++report_.cases_by_history[one.group];
      for (const uint32_t target : one.targets) target_buyers += BuyersOf(target);
      target_count += static_cast<double>(one.targets.size());
      cases_.push_back(std::move(one));
    });
    report_.cases = cases_.size();
    mean_target_buyers_ = target_count > 0 ? target_buyers / target_count : 0;
  }

  double BuyersOf(uint32_t product) const {
    const auto found = buyers_.find(product);
    return found == buyers_.end() ? 0 : found->second;
  }

  SourceQuery QueryOf(const Case& one) const {
    SourceQuery query = one.signals.Query(report_.cut_ms, catalog_);
    query.may_repeat = options_.recipe.may_repeat;
    return query;
  }

  static std::vector<uint32_t> ProductsOf(const std::vector<Candidate>& answer) {
    std::vector<uint32_t> products;
    for (const Candidate& candidate : answer) products.push_back(candidate.product.value());
    return products;
  }

  std::vector<uint32_t> HomeForYou(const Case& one) const {
    const SourceQuery query = QueryOf(one);
    std::vector<std::vector<Candidate>> answers(options_.recipe.parts.size());
    for (size_t i = 0; i < answers.size(); ++i) {
      const CandidateSource* const source = models_->Source(options_.recipe.parts[i].source);
      if (source != nullptr) source->Retrieve(query, options_.recipe.parts[i].limit, answers[i]);
    }
    std::vector<uint32_t> ranked;
    for (const FusedCandidate& fused : Fuse(options_.recipe, answers, *models_->ties()).products) {
      if (ranked.size() == kCutoff) return ranked;
      ranked.push_back(fused.product.value());
    }
    const CandidateSource* const bestsellers = models_->Source(PopularityModel::kBestsellers);
    std::vector<Candidate> fill;
    SourceQuery anyone;
    anyone.now_ms = report_.cut_ms;
    if (bestsellers != nullptr) bestsellers->Retrieve(anyone, 2 * kCutoff, fill);
    for (const uint32_t product : ProductsOf(fill)) {
      if (ranked.size() == kCutoff) break;
      if (std::find(ranked.begin(), ranked.end(), product) == ranked.end()) ranked.push_back(product);
    }
    return ranked;
  }

  template <class Answer>
  void Rank(std::string_view name, const Answer& answer) {
    Shown shown;
    for (const Case& one : cases_) Add(answer(one), one, shown);
    ReportedRanking ranking;
    ranking.name = name;
    ranking.recall_at_20 = MeanOf(shown.recalls);
    ranking.ndcg_at_20 = MeanOf(shown.ndcgs);
    for (size_t i = 0; i < kHistoryGroups; ++i) {
      ranking.recall_by_history[i] = MeanOf(shown.recalls_by_group[i]);
    }
    const auto share = [](double part, double whole) { return whole > 0 ? part / whole : 0; };
    ranking.coverage =
        share(static_cast<double>(shown.products.size()), static_cast<double>(report_.products));
    ranking.diversity = vectors_.product_count() > 0 && shown.pair_count > 0
                            ? 1 - shown.similarity_sum / shown.pair_count
                            : 0;
    ranking.novelty = share(shown.novelty_sum, shown.shown_count);
    ranking.popularity = share(share(shown.buyer_sum, shown.shown_count), mean_target_buyers_);
    report_.rankings.push_back(std::move(ranking));
    control_.Report(name, static_cast<double>(report_.rankings.size()) /
                              static_cast<double>(models_->source_names().size() + 2));
  }

  void Add(const std::vector<uint32_t>& ranked, const Case& one, Shown& shown) const {
    shown.recalls.push_back(ListRecallAt(ranked, one.targets, kCutoff));
    shown.ndcgs.push_back(ListNdcgAt(ranked, one.targets, kCutoff));
    shown.recalls_by_group[one.group].push_back(shown.recalls.back());
    for (size_t i = 0; i < ranked.size(); ++i) {
      shown.products.insert(ranked[i]);
      const double buyers = BuyersOf(ranked[i]);
      shown.buyer_sum += buyers;
      shown.shown_count += 1;
      // A product that nobody bought is as novel as one that half a shopper did.
      shown.novelty_sum -= std::log2(std::max(buyers, 0.5) / std::max(shopper_count_, 1.0));
      for (size_t j = 0; j < i; ++j) {
        shown.similarity_sum += vectors_.Cosine(ranked[i], ranked[j]);
        shown.pair_count += 1;
      }
    }
  }

  const InteractionLog& log_;
  const catalog::CatalogView* const catalog_;
  const StoreReportOptions& options_;
  TrainingControl control_;
  InteractionLog before_;
  std::vector<Case> cases_;
  std::vector<uint32_t> week_bestsellers_;
  absl::flat_hash_map<uint32_t, double> buyers_;
  double shopper_count_ = 0;
  double mean_target_buyers_ = 0;
  ProductVectors vectors_;
  std::shared_ptr<const ModelSet> models_;
  StoreReport report_;
};

void AppendLine(std::string& text, const char* format, auto... values) {
  char line[256];
  const int length = std::snprintf(line, sizeof(line), format, values...);
  text.append(line, static_cast<size_t>(std::clamp<int>(length, 0, sizeof(line) - 1)));
  text += '\n';
}

}  // namespace

Result<StoreReport> MakeStoreReport(const InteractionLog& log, const catalog::CatalogView* catalog,
                                    const Clock& clock, const StoreReportOptions& options) {
  if (!(options.history_share > 0 && options.history_share < 1)) {
    return InvalidArgument("must be between 0 and 1", "history_share");
  }
  RETURN_IF_ERROR(CheckRecipe(options.recipe));
  return Reporter(log, catalog, clock, options).Report();
}

std::string FormatStoreReport(const StoreReport& report) {
  std::string text;
  AppendLine(text, "cut at %s: %llu rows before, %llu after; %llu shoppers bought after it",
             FormatTime(report.cut_ms).c_str(), static_cast<unsigned long long>(report.rows_before),
             static_cast<unsigned long long>(report.rows_after),
             static_cast<unsigned long long>(report.cases));
  AppendLine(text, "with 0 orders before: %llu, 1: %llu, 2-4: %llu, 5+: %llu; models trained in %.1f s\n",
             static_cast<unsigned long long>(report.cases_by_history[0]),
             static_cast<unsigned long long>(report.cases_by_history[1]),
             static_cast<unsigned long long>(report.cases_by_history[2]),
             static_cast<unsigned long long>(report.cases_by_history[3]), report.training.seconds);
  AppendLine(text, "%-23s %7s %7s %7s %7s %7s %7s %8s %9s %8s %10s", "", "recall", "ndcg", "0", "1", "2-4",
             "5+", "coverage", "diversity", "novelty", "popularity");
  for (const ReportedRanking& ranking : report.rankings) {
    AppendLine(text, "%-23s %7.4f %7.4f %7.4f %7.4f %7.4f %7.4f %8.3f %9.3f %8.2f %10.2f",
               ranking.name.c_str(), ranking.recall_at_20, ranking.ndcg_at_20, ranking.recall_by_history[0],
               ranking.recall_by_history[1], ranking.recall_by_history[2], ranking.recall_by_history[3],
               ranking.coverage, ranking.diversity, ranking.novelty, ranking.popularity);
  }
  return text;
}

void WriteStoreReportJson(const StoreReport& report, JsonWriter& json) {
  json.BeginObject().Key("cut").String(FormatTime(report.cut_ms));
  json.Key("rows_before").Uint(report.rows_before).Key("rows_after").Uint(report.rows_after);
  json.Key("products").Uint(report.products).Key("cases").Uint(report.cases);
  json.Key("cases_by_history").BeginObject();
  for (size_t i = 0; i < kHistoryGroups; ++i) {
    json.Key(kHistoryGroupNames[i]).Uint(report.cases_by_history[i]);
  }
  json.EndObject().Key("train_seconds").Fixed(report.training.seconds, 3).Key("rankings").BeginObject();
  for (const ReportedRanking& ranking : report.rankings) {
    json.Key(ranking.name).BeginObject().Key("recall@20").Fixed(ranking.recall_at_20, 6);
    json.Key("ndcg@20").Fixed(ranking.ndcg_at_20, 6).Key("recall_by_history").BeginObject();
    for (size_t i = 0; i < kHistoryGroups; ++i) {
      json.Key(kHistoryGroupNames[i]).Fixed(ranking.recall_by_history[i], 6);
    }
    json.EndObject().Key("coverage").Fixed(ranking.coverage, 6);
    json.Key("diversity").Fixed(ranking.diversity, 6).Key("novelty").Fixed(ranking.novelty, 4);
    json.Key("popularity").Fixed(ranking.popularity, 4).EndObject();
  }
  json.EndObject().EndObject();
}

}  // namespace attune::models
