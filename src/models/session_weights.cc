#include "models/session_weights.h"

#include <algorithm>
#include <array>
#include <vector>

#include "models/ranking_metrics.h"

namespace attune::models {
namespace {

constexpr size_t kQuestionBlock = 32;
constexpr uint32_t kCutoff = 20;

using Shares = std::array<float, kSessionPartCount>;

constexpr std::array<Shares, 24> kGrid = {{
    {1, 0.5f, 0.25f}, {1, 0, 0},         {1, 0.25f, 0}, {1, 0.5f, 0},  {1, 1, 0},     {1, 2, 0},
    {1, 0, 0.25f},    {1, 0.25f, 0.25f}, {1, 1, 0.25f}, {1, 2, 0.25f}, {1, 0, 0.5f},  {1, 0.25f, 0.5f},
    {1, 0.5f, 0.5f},  {1, 1, 0.5f},      {1, 2, 0.5f},  {1, 0, 1},     {1, 0.25f, 1}, {1, 0.5f, 1},
    {1, 1, 1},        {1, 2, 1},         {0, 1, 0},     {0, 1, 0.5f},  {0, 1, 1},     {0, 0, 1},
}};

constexpr std::array<float, 4> kFurtherGrid = {0, 0.25f, 0.5f, 1};

struct Question {
  uint32_t session = 0;
  uint32_t target_place = 0;
};

std::vector<Question> ListQuestions(const SessionNextModel& model, const Sequences& newest) {
  std::vector<Question> questions;
  for (size_t session = 0; session < newest.size(); ++session) {
    const auto products = newest.Of(session);
    for (size_t place = 1; place < products.size(); ++place) {
      if (!model.Knows(products[place])) continue;
      questions.push_back({static_cast<uint32_t>(session), static_cast<uint32_t>(place)});
    }
  }
  if (questions.size() <= kWeightQuestionsMax) return questions;
  std::vector<Question> sample;
  for (size_t i = 0; i < kWeightQuestionsMax; ++i) {
    sample.push_back(questions[i * questions.size() / kWeightQuestionsMax]);
  }
  return sample;
}

// Scratch of one thread.
struct Asker {
  std::vector<Seed> seeds;
  std::array<SparseAccumulator, kSessionPartCount> parts;
  SparseAccumulator any;
  SparseAccumulator near;
  SparseAccumulator further;
  std::vector<Shares> shares;  // Of each product that any part answers, without the target.

  void ShowPrefix(std::span<const uint32_t> prefix) {
    seeds.clear();
    for (size_t place = prefix.size(); place > 0 && seeds.size() < kSessionSeedsMax; --place) {
      seeds.push_back({ProductIndex(prefix[place - 1]), 1, 0, 0});
    }
  }

  // Fills `shares`; the result is the target's.
  Shares AskParts(const SessionNextModel& model, uint32_t target) {
    any.Start(model.product_count());
    Shares per_score = {};
    for (size_t part = 0; part < kSessionPartCount; ++part) {
      model.ScorePart(static_cast<SessionPart>(part), seeds, nullptr, parts[part]);
      any.AddScaled(parts[part], 1);
      const double sum = parts[part].PositiveSum();
      per_score[part] = sum > 0 ? static_cast<float>(1 / sum) : 0;
    }
    shares.clear();
    Shares target_shares = {};
    for (const uint32_t product : any.touched()) {
      Shares of_product = {};
      for (size_t part = 0; part < kSessionPartCount; ++part) {
        of_product[part] = per_score[part] * parts[part].ScoreOf(product);
      }
      if (product == target) {
        target_shares = of_product;
      } else {
        shares.push_back(of_product);
      }
    }
    return target_shares;
  }
};

float Blended(const Shares& weights, const Shares& shares) {
  float score = 0;
  for (size_t part = 0; part < kSessionPartCount; ++part) score += weights[part] * shares[part];
  return score;
}

float GainOf(double mid_rank) {
  return static_cast<float>(RecallOfRank(mid_rank, kCutoff) + MrrOfRank(mid_rank, kCutoff));
}

// The choice with the largest sum over questions, the first of equal ones.
template <size_t kChoices>
size_t BestChoice(const std::vector<std::array<float, kChoices>>& gains) {
  std::array<double, kChoices> sums{};
  for (const auto& of_question : gains) {
    for (size_t choice = 0; choice < kChoices; ++choice) {
      sums[choice] += static_cast<double>(of_question[choice]);
    }
  }
  return static_cast<size_t>(std::max_element(sums.begin(), sums.end()) - sums.begin());
}

// Calls ask(asker, question, target, gains of the question) for every question.
template <size_t kChoices, class Ask>
std::vector<std::array<float, kChoices>> AskAll(const std::vector<Question>& questions,
                                                const Sequences& newest, const TrainingControl& control,
                                                const Ask& ask) {
  std::vector<std::array<float, kChoices>> gains(questions.size());
  std::vector<Asker> askers(static_cast<size_t>(std::max(control.thread_count, 1)));
  ForEachTrainingBlock(questions.size(), kQuestionBlock, control,
                       [&](size_t begin, size_t end, size_t thread) {
                         for (size_t i = begin; i < end; ++i) {
                           const auto products = newest.Of(questions[i].session);
                           askers[thread].ShowPrefix(products.first(questions[i].target_place));
                           ask(askers[thread], products[questions[i].target_place], gains[i]);
                         }
                       });
  return gains;
}

}  // namespace

std::optional<SessionCut> CutForWeights(const Sequences& sessions) {
  const size_t held_out = std::min(sessions.size() / 10, kWeightSessionsMax);
  if (held_out < kWeightSessionsMin) return std::nullopt;
  SessionCut cut;
  const size_t cut_at = sessions.size() - held_out;
  const size_t begin = cut_at - std::min(cut_at, kWeightTrainingSessionsMax);
  for (size_t i = begin; i < cut_at; ++i) cut.training.Add(sessions.Of(i));
  for (size_t i = cut_at; i < sessions.size(); ++i) cut.newest.Add(sessions.Of(i));
  return cut;
}

Result<SessionWeights> ChooseWeights(const SessionNextModel& model, const Sequences& newest,
                                     const SessionWeights& defaults, const TrainingControl& control) {
  const std::vector<Question> questions = ListQuestions(model, newest);
  if (questions.empty()) return defaults;
  const auto part_gains = AskAll<kGrid.size()>(
      questions, newest, control, [&](Asker& asker, uint32_t target, std::array<float, kGrid.size()>& gains) {
        const Shares target_shares = asker.AskParts(model, target);
        for (size_t choice = 0; choice < kGrid.size(); ++choice) {
          const float target_score = Blended(kGrid[choice], target_shares);
          TargetRank rank;
          for (const Shares& shares : asker.shares) {
            const float score = Blended(kGrid[choice], shares);
            rank.better += score > target_score;
            rank.tied += score == target_score;
          }
          gains[choice] = GainOf(target_score > 0 ? rank.mid_rank() : kUnrankedTarget);
        }
      });
  RETURN_IF_ERROR(control.Check());
  SessionWeights weights;
  weights.parts = kGrid[BestChoice(part_gains)];
  const auto further_gains = AskAll<kFurtherGrid.size()>(
      questions, newest, control,
      [&](Asker& asker, uint32_t target, std::array<float, kFurtherGrid.size()>& gains) {
        model.ScoreParts(weights.parts, asker.seeds, nullptr, asker.near);
        model.ScoreFurther(asker.near, asker.further);
        const double sum = asker.further.PositiveSum();
        for (size_t choice = 0; choice < kFurtherGrid.size(); ++choice) {
          asker.any.Start(model.product_count());
          asker.any.AddScaled(asker.near, 1);
          if (sum > 0) {
            asker.any.AddScaled(asker.further,
                                static_cast<float>(static_cast<double>(kFurtherGrid[choice]) / sum));
          }
          gains[choice] = GainOf(asker.any.RankOf(target).mid_rank());
        }
      });
  RETURN_IF_ERROR(control.Check());
  weights.further = kFurtherGrid[BestChoice(further_gains)];
  return weights;
}

}  // namespace attune::models
