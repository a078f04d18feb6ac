// One contract for both implementations, and how many of the true neighbours the graph finds.

#include "models/nearest_neighbours.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/hash.h"
#include "base/random.h"
#include "models/als_solver.h"
#include "models/exact_neighbours.h"
#include "models/graph_neighbours.h"

namespace attune::models {
namespace {

constexpr uint64_t kSeed = 77;

// Like factors of a store: products of 40 tastes, whose lengths differ as popularity does.
std::shared_ptr<const VectorTable> TableLikeFactors(size_t rows, size_t dimensions, uint64_t seed) {
  auto table = std::make_shared<VectorTable>();
  table->dimensions = dimensions;
  Random random(seed);
  std::vector<float> tastes(40 * dimensions);
  for (float& value : tastes) value = static_cast<float>(random.NextNormal());
  for (size_t row = 0; row < rows; ++row) {
    const float* taste = tastes.data() + random.NextBelow(40) * dimensions;
    const double unit = random.NextUnit();
    const double length = 0.05 + unit * unit * unit;
    for (size_t i = 0; i < dimensions; ++i) {
      table->values.push_back(
          static_cast<float>(length * (static_cast<double>(taste[i]) + 0.7 * random.NextNormal())));
    }
    table->tie_hashes.push_back(static_cast<uint32_t>(MixHash64(row, 0)));
  }
  return table;
}

std::vector<float> QueryLikeShopper(const VectorTable& table, Random& random) {
  std::vector<float> query(table.dimensions, 0);
  for (int i = 0; i < 3; ++i) {
    const auto row = table.Row(random.NextBelow(table.row_count()));
    for (size_t k = 0; k < query.size(); ++k) query[k] += row[k];
  }
  return query;
}

std::vector<NearRow> BruteForce(const VectorTable& table, Similarity similarity, std::span<const float> query,
                                size_t limit) {
  std::vector<NearRow> all;
  for (uint32_t row = 0; row < table.row_count(); ++row) {
    const auto values = table.Row(row);
    float score = DotProduct(query.data(), values.data(), values.size());
    if (similarity == Similarity::kCosine) score = score * InverseNorm(query) * InverseNorm(values);
    all.push_back({row, score});
  }
  std::sort(all.begin(), all.end(),
            [&](const NearRow& a, const NearRow& b) { return IsNearer(table, a, b); });
  all.resize(std::min(limit, all.size()));
  return all;
}

struct Kind {
  const char* name;
  std::shared_ptr<const NearestNeighbours> (*make)(std::shared_ptr<const VectorTable>, Similarity);
  double recall_min;  // Of the true ten, on the tables of these tests.
};

class NearestNeighboursTest : public testing::TestWithParam<std::tuple<Kind, Similarity>> {
 protected:
  std::shared_ptr<const NearestNeighbours> Make(std::shared_ptr<const VectorTable> table) const {
    return std::get<0>(GetParam()).make(std::move(table), similarity());
  }
  Similarity similarity() const { return std::get<1>(GetParam()); }
  double recall_min() const { return std::get<0>(GetParam()).recall_min; }
};

TEST_P(NearestNeighboursTest, FindsTheNearestInOrderWithTheirSimilarities) {
  const auto table = TableLikeFactors(5'000, 32, kSeed);
  const auto index = Make(table);
  Random random(kSeed + 1);
  double hits = 0;
  constexpr int kQueries = 60;
  std::vector<NearRow> found;
  for (int i = 0; i < kQueries; ++i) {
    const std::vector<float> query = QueryLikeShopper(*table, random);
    const std::vector<NearRow> expected = BruteForce(*table, similarity(), query, 10);
    index->Find(query, 10, found);
    ASSERT_EQ(found.size(), 10u);
    std::set<uint32_t> rows;
    for (size_t k = 0; k < found.size(); ++k) {
      EXPECT_TRUE(rows.insert(found[k].row).second);
      if (k > 0) {
        EXPECT_TRUE(IsNearer(*table, found[k - 1], found[k]));
      }
      hits += static_cast<double>(std::count(expected.begin(), expected.end(), found[k]));
    }
    if (recall_min() == 1) {
      EXPECT_EQ(found, expected);
    }
  }
  EXPECT_GE(hits / (10.0 * kQueries), recall_min());
  RecordProperty("recall_at_10", std::to_string(hits / (10.0 * kQueries)));
}

TEST_P(NearestNeighboursTest, AQueryWithoutDirectionFindsNothing) {
  const auto index = Make(TableLikeFactors(100, 16, kSeed));
  std::vector<NearRow> found = {{1, 1}};
  index->Find(std::vector<float>(16, 0), 5, found);
  EXPECT_TRUE(found.empty());
  std::vector<float> unsound(16, 1);
  unsound[3] = std::nanf("");
  index->Find(unsound, 5, found);
  EXPECT_TRUE(found.empty());
  index->Find(std::vector<float>(16, 1), 0, found);
  EXPECT_TRUE(found.empty());
}

TEST_P(NearestNeighboursTest, SmallTablesAreAnsweredWhole) {
  std::vector<NearRow> found;
  for (const size_t rows : {size_t{0}, size_t{1}, size_t{7}}) {
    const auto table = TableLikeFactors(rows, 8, kSeed + rows);
    Make(table)->Find(std::vector<float>(8, 0.5f), 50, found);
    EXPECT_EQ(found.size(), rows);
  }
}

TEST_P(NearestNeighboursTest, EqualRowsStandByTheirHashes) {
  auto table = std::make_shared<VectorTable>();
  table->dimensions = 8;
  for (uint32_t row = 0; row < 40; ++row) {
    for (int i = 0; i < 8; ++i) table->values.push_back(row % 2 == 0 ? 1.0f : 0.0f);
    table->tie_hashes.push_back(static_cast<uint32_t>(MixHash64(row, 3)));
  }
  std::vector<NearRow> found;
  Make(table)->Find(std::vector<float>(8, 1), 40, found);
  ASSERT_EQ(found.size(), 40u);
  for (size_t i = 1; i < found.size(); ++i) EXPECT_TRUE(IsNearer(*table, found[i - 1], found[i]));
  EXPECT_EQ(found[19].row % 2, 0u);
  EXPECT_EQ(found[20].similarity, 0) << "a zero row is similar to nothing";
}

TEST_P(NearestNeighboursTest, TheSameTableAnswersTheSameTwice) {
  const auto table = TableLikeFactors(1'000, 24, kSeed + 5);
  const auto first = Make(table);
  const auto second = Make(table);
  Random random(kSeed + 6);
  std::vector<NearRow> a;
  std::vector<NearRow> b;
  for (int i = 0; i < 20; ++i) {
    const std::vector<float> query = QueryLikeShopper(*table, random);
    first->Find(query, 30, a);
    second->Find(query, 30, b);
    EXPECT_EQ(a, b);
  }
}

template <class Index>
std::shared_ptr<const NearestNeighbours> MakeOne(std::shared_ptr<const VectorTable> table,
                                                 Similarity similarity) {
  return std::make_shared<const Index>(std::move(table), similarity);
}

constexpr Kind kExact = {"Exact", &MakeOne<ExactNeighbours>, 1};
constexpr Kind kGraph = {"Graph", &MakeOne<GraphNeighbours>, 0.98};

INSTANTIATE_TEST_SUITE_P(Both, NearestNeighboursTest,
                         testing::Combine(testing::Values(kExact, kGraph),
                                          testing::Values(Similarity::kInnerProduct, Similarity::kCosine)),
                         [](const testing::TestParamInfo<std::tuple<Kind, Similarity>>& each) {
                           return std::string(std::get<0>(each.param).name) +
                                  (std::get<1>(each.param) == Similarity::kCosine ? "Cosine"
                                                                                  : "InnerProduct");
                         });

TEST(NearestNeighboursChoiceTest, ASmallTableIsScanned) {
  EXPECT_EQ(MakeNearestNeighbours(TableLikeFactors(10, 8, 1), Similarity::kCosine)->kind(), "exact");
}

}  // namespace
}  // namespace attune::models
