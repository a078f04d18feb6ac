#include "search/folded_rankers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "search/click_simulation.h"

namespace attune::search {
namespace {

constexpr size_t kFolds = 5;
constexpr uint64_t kFoldSeed = 0x666f6c64;
constexpr uint64_t kClickSeed = 1;

void Keep(const SearchCandidates& found, size_t hit, float gain, RankingExample& example) {
  example.rows.push_back(found.features[hit]);
  example.base.push_back(found.scores[hit]);
  example.gains.push_back(gain);
}

RankingExample JudgedExample(const JudgedQuery& query, const SearchCandidates& found) {
  RankingExample example;
  for (size_t hit = 0; hit < found.features.size(); ++hit) {
    const std::optional<int> grade = query.GradeOf(found.found.hits[hit].product);
    if (grade) Keep(found, hit, static_cast<float>(GainOf(*grade)), example);
  }
  return example;
}

// Of what is shown, in the order in which it is: the candidates without those that are not listed.
class ClickedExamples {
 public:
  explicit ClickedExamples(const std::function<bool(ProductIndex)>& is_listed) : is_listed_(is_listed) {}

  void Add(const JudgedQuery& query, const SearchCandidates& found) {
    std::vector<std::optional<int>> grades;
    RankingExample& example = examples_.emplace_back();
    for (size_t hit = 0; hit < found.features.size(); ++hit) {
      const ProductIndex product = found.found.hits[hit].product;
      if (!is_listed_(product)) continue;
      grades.push_back(query.GradeOf(product));
      Keep(found, hit, 0, example);
    }
    clicks_.Show(grades);
  }

  std::vector<RankingExample> Take() {
    const std::vector<std::vector<float>> gains = clicks_.Gains();
    for (size_t i = 0; i < examples_.size(); ++i) {
      examples_[i].gains = gains[i];
      examples_[i].rows.resize(gains[i].size());
      examples_[i].base.resize(gains[i].size());
    }
    return std::move(examples_);
  }

 private:
  const std::function<bool(ProductIndex)>& is_listed_;
  ClickSimulation clicks_{kClickSeed};
  std::vector<RankingExample> examples_;
};

}  // namespace

size_t FoldedRankers::FoldOf(std::string_view query) { return StableHash64(query, kFoldSeed) % kFolds; }

Result<FoldedRankers> FoldedRankers::Train(const std::vector<JudgedQuery>& queries,
                                           const ProductSearch& search, const ProductSearchOptions& options,
                                           const FoldedTraining& training) {
  std::vector<RankingExample> examples;
  ClickedExamples clicked(training.is_listed);
  for (const JudgedQuery& query : queries) {
    SearchCandidates found = search.Find(query.text, options);
    ProductSearch::Rank(nullptr, found);
    found.features.resize(std::min<size_t>(training.hits_max, found.features.size()));
    if (training.from_clicks) {
      clicked.Add(query, found);
    } else {
      examples.push_back(JudgedExample(query, found));
    }
  }
  if (training.from_clicks) examples = clicked.Take();
  FoldedRankers folds;
  for (size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<RankingExample> train;
    for (size_t i = 0; i < queries.size(); ++i) {
      if (FoldOf(queries[i].text) != fold) train.push_back(examples[i]);
    }
    ASSIGN_OR_RETURN(SearchRanker ranker, training.learn(train));
    folds.rankers_.push_back(std::move(ranker));
  }
  return folds;
}

}  // namespace attune::search
