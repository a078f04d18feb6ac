#include "models/next_order_weights.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr float kInputMax = 4;
constexpr double kScaleMin = 1e-3;

// Inputs of own rows in files of older builds: before kQuarterShare, and before kFollowing.
constexpr std::array<size_t, 2> kInputsBefore = {kQuarterShare, kFollowing};

// Terms of `inputs` inputs as terms of `more` inputs more, the last, that count nothing.
void AppendWithMoreInputs(std::span<const double> terms, size_t inputs, size_t more,
                          std::vector<double>& out) {
  out.insert(out.end(), terms.begin(), terms.begin() + static_cast<ptrdiff_t>(1 + inputs));
  out.insert(out.end(), more, 0);
  size_t pair = 1 + inputs;
  for (size_t i = 0; i < inputs; ++i) {
    for (size_t j = i; j < inputs; ++j) out.push_back(terms[pair++]);
    out.insert(out.end(), more, 0);
  }
  out.insert(out.end(), more * (more + 1) / 2, 0);
}

}  // namespace

NextOrderWeights::NextOrderWeights() : weights_(kOwnTerms + kNewTerms, 0) {
  scale_.fill(1);
  weights_[1 + kOrderCount] = 1;
  weights_[1 + kVectorWeight] = 0.5;
  weights_[1 + kMonthShare] = 0.3;
  weights_[1 + kNeighbours] = 0.3;
  double* const fresh = weights_.data() + kOwnTerms;
  fresh[0] = -2;
  fresh[1 + kMonthShare - kFirstSharedInput] = 0.3;
  fresh[1 + kNeighbours - kFirstSharedInput] = 0.3;
}

void NextOrderWeights::FillTerms(const NextOrderRow& row, RowInputs& terms) const {
  const size_t begin = row.is_own ? 0 : size_t{kFirstSharedInput};
  std::array<double, kNextOrderInputs> z{};
  for (size_t i = begin; i < kNextOrderInputs; ++i) {
    z[i] = static_cast<double>(std::clamp((row.inputs[i] - centre_[i]) * scale_[i], -kInputMax, kInputMax));
  }
  terms.first = row.is_own ? 0 : kOwnTerms;
  terms.values.resize(row.is_own ? kOwnTerms : kNewTerms);
  double* term = terms.values.data();
  *term++ = 1;
  for (size_t i = begin; i < kNextOrderInputs; ++i) *term++ = z[i];
  for (size_t i = begin; i < kNextOrderInputs; ++i) {
    for (size_t j = i; j < kNextOrderInputs; ++j) *term++ = z[i] * z[j] / 2;
  }
}

void NextOrderWeights::Centre(std::span<const NextOrderCase> cases) {
  std::array<double, kNextOrderInputs> sum{};
  std::array<double, kNextOrderInputs> squares{};
  double count = 0;
  for (const NextOrderCase& one : cases) {
    for (const NextOrderRow& row : one.rows) {
      if (!row.is_own) continue;
      ++count;
      for (size_t i = 0; i < kNextOrderInputs; ++i) {
        const auto input = static_cast<double>(row.inputs[i]);
        sum[i] += input;
        squares[i] += input * input;
      }
    }
  }
  if (count == 0) return;
  for (size_t i = 0; i < kNextOrderInputs; ++i) {
    const double mean = sum[i] / count;
    const double deviation = std::sqrt(std::max(squares[i] / count - mean * mean, 0.0));
    centre_[i] = static_cast<float>(mean);
    scale_[i] = static_cast<float>(1 / std::max(deviation, kScaleMin));
  }
}

namespace {

// An order counts by the share of it that is among the rows: of the rest nothing can be learned.
double ShareOf(const NextOrderCase& one) {
  return static_cast<double>(one.chosen.size()) /
         static_cast<double>(std::max<size_t>(one.order_products, one.chosen.size()));
}

}  // namespace

Result<NextOrderWeights> NextOrderWeights::Learn(std::span<const NextOrderCase> cases,
                                                 const ListwiseOptions& options,
                                                 const TrainingControl& control) {
  NextOrderWeights learned;
  if (cases.size() < kNextOrderCasesMin) return learned;
  learned.Centre(cases);
  std::vector<ChoiceList> lists;
  for (const NextOrderCase& one : cases) {
    lists.push_back({static_cast<uint32_t>(one.rows.size()), one.chosen, ShareOf(one)});
  }
  const auto fill = [&](size_t list, uint32_t row, RowInputs& terms) {
    learned.FillTerms(cases[list].rows[row], terms);
  };
  ASSIGN_OR_RETURN(learned.weights_,
                   LearnListwiseWeights(lists, fill, NextOrderWeights().weights_, options, control));
  learned.is_learned_ = true;
  return learned;
}

float NextOrderWeights::Score(const NextOrderRow& row) const {
  thread_local RowInputs terms;
  FillTerms(row, terms);
  double score = 0;
  for (size_t i = 0; i < terms.values.size(); ++i) score += terms.values[i] * weights_[terms.first + i];
  return static_cast<float>(score);
}

void NextOrderWeights::Save(SectionWriter& out) const {
  out.PutU32(is_learned_ ? 1 : 0);
  out.PutArray(std::span<const float>(centre_));
  out.PutArray(std::span<const float>(scale_));
  out.PutArray(weights_);
}

Result<NextOrderWeights> NextOrderWeights::Load(SectionReader& in) {
  NextOrderWeights weights;
  weights.is_learned_ = in.TakeU32() != 0;
  auto centre = in.TakeArray<float>();
  auto scale = in.TakeArray<float>();
  auto terms = in.TakeArray<double>();
  for (const size_t inputs : kInputsBefore) {
    const size_t own_terms = TermsOf(inputs);
    const size_t new_inputs = inputs - kFirstSharedInput;
    if (centre.size() != inputs || scale.size() != inputs ||
        terms.size() != own_terms + TermsOf(new_inputs)) {
      continue;
    }
    centre.resize(kNextOrderInputs, 0);
    scale.resize(kNextOrderInputs, 1);
    const std::span<const double> before = terms;
    std::vector<double> now;
    AppendWithMoreInputs(before.first(own_terms), inputs, kNextOrderInputs - inputs, now);
    AppendWithMoreInputs(before.subspan(own_terms), new_inputs, kNextOrderInputs - inputs, now);
    terms = std::move(now);
    break;
  }
  const auto is_finite = [](const auto& values) {
    return std::all_of(values.begin(), values.end(), [](auto value) { return std::isfinite(value); });
  };
  const bool is_whole = centre.size() == kNextOrderInputs && scale.size() == kNextOrderInputs &&
                        terms.size() == kOwnTerms + kNewTerms && is_finite(centre) && is_finite(scale) &&
                        is_finite(terms);
  in.Require(is_whole);
  if (!is_whole) return weights;
  std::copy(centre.begin(), centre.end(), weights.centre_.begin());
  std::copy(scale.begin(), scale.end(), weights.scale_.begin());
  weights.weights_ = terms;
  return weights;
}

}  // namespace attune::models
