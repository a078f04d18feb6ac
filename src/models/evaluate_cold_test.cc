// Hidden products teach nothing, are found by their texts, and the test's are not looked at by validation.

#include "models/evaluate_cold.h"

#include <gtest/gtest.h>

#include <sstream>

namespace attune::models {
namespace {

// Shoppers buy ten products of one of eight shelves; the shelf is the only word of a title.
ColdData Shop(uint32_t product_count = 400) {
  std::string titles = "item\tid\ttitle\n";
  std::string sequences;
  for (uint32_t i = 1; i <= product_count; ++i) {
    titles += std::to_string(i) + "\tA" + std::to_string(i) + "\tshelf" + std::to_string(i % 8) + "\n";
  }
  for (uint32_t shopper = 1; shopper <= 300; ++shopper) {
    sequences += std::to_string(shopper);
    for (uint32_t step = 0; step < 10; ++step) {
      const uint32_t place = (shopper * 7 + step * 13) % (product_count / 8);
      sequences += " " + std::to_string(place * 8 + shopper % 8 + 1 -
                                        (place * 8 + shopper % 8 >= product_count ? 8 : 0));
    }
    sequences += "\n";
  }
  std::istringstream sequence_input(sequences);
  std::istringstream title_input(titles);
  auto data = ReadColdSequences(sequence_input, title_input, nullptr);
  CHECK(data.ok());
  return std::move(data).value();
}

const ColdScores& Find(const ColdEvaluation& evaluation, std::string_view name) {
  for (const ColdScores& scores : evaluation.rankings) {
    if (scores.name == name) return scores;
  }
  CHECK(false);
  return evaluation.rankings.front();
}

TEST(EvaluateColdTest, TextsFindWhatBestsellersCannot) {
  const ColdData data = Shop();
  const auto evaluation = EvaluateCold(data, VirtualClock(1), {});
  ASSERT_TRUE(evaluation.ok()) << evaluation.status().message();
  EXPECT_GT(evaluation->hidden, 20u);
  EXPECT_LT(evaluation->hidden, 70u);
  EXPECT_GT(evaluation->cases, 50u);
  // Not all: of a shelf's fifty products, which read the same, only some fit into a row.
  EXPECT_GT(Find(*evaluation, "content_similar").recall_among_new, 0.5);
  EXPECT_GT(Find(*evaluation, "content_similar").recall_among_new,
            Find(*evaluation, "newest").recall_among_new + 0.2);
  EXPECT_EQ(Find(*evaluation, "bestsellers").recall_among_new, 0);
  EXPECT_LT(Find(*evaluation, "newest").recall_among_new, 0.8);
}

TEST(EvaluateColdTest, ValidationAndTestHideDifferentProducts) {
  const ColdData data = Shop();
  ColdEvaluationOptions options;
  const auto test = EvaluateCold(data, VirtualClock(1), options);
  options.is_validation = true;
  const auto validation = EvaluateCold(data, VirtualClock(1), options);
  ASSERT_TRUE(test.ok() && validation.ok());
  EXPECT_NE(test->cases, validation->cases);
  const auto again = EvaluateCold(data, VirtualClock(1), options);
  EXPECT_EQ(FormatColdTable(*again), FormatColdTable(*validation));
  options.threads = 3;
  EXPECT_EQ(FormatColdTable(*EvaluateCold(data, VirtualClock(1), options)), FormatColdTable(*validation));
}

TEST(EvaluateColdTest, SuppliedVectorsTakeThePlaceOfTrainedOnes) {
  // Of shelves that no title names.
  std::string titles = "item\tid\ttitle\n";
  std::string vectors;
  std::string sequences;
  for (uint32_t i = 1; i <= 400; ++i) {
    titles += std::to_string(i) + "\tA\tarticle" + std::to_string(i) + "\n";
    vectors += std::to_string(i) + "\t" + (i % 2 == 0 ? "1 0.1" : "-1 1e-1") + "\n";
  }
  for (uint32_t shopper = 1; shopper <= 300; ++shopper) {
    sequences += std::to_string(shopper);
    for (uint32_t step = 0; step < 10; ++step) {
      sequences += " " + std::to_string((shopper * 7 + step * 13) % 200 * 2 + shopper % 2 + 1);
    }
    sequences += "\n";
  }
  const auto evaluate = [&](const std::string* given) {
    std::istringstream sequence_input(sequences);
    std::istringstream title_input(titles);
    std::istringstream vector_input(given == nullptr ? "" : *given);
    const auto data =
        ReadColdSequences(sequence_input, title_input, nullptr, given == nullptr ? nullptr : &vector_input);
    CHECK(data.ok());
    const auto evaluation = EvaluateCold(*data, VirtualClock(1), {});
    CHECK(evaluation.ok());
    return *evaluation;
  };
  const ColdEvaluation with = evaluate(&vectors);
  EXPECT_TRUE(with.uses_supplied_vectors);
  EXPECT_GT(Find(with, "by vectors alone").recall_among_new, 0.2);
  const ColdEvaluation without = evaluate(nullptr);
  EXPECT_FALSE(without.uses_supplied_vectors);
  EXPECT_EQ(Find(without, "by terms alone").recall_among_new, 0);
}

TEST(EvaluateColdTest, WrongVectorsAreNamed) {
  const auto read = [](const std::string& vectors) {
    std::istringstream sequences("1 1 2 3\n");
    std::istringstream titles("h\n1\tA\tlamp\n");
    std::istringstream input(vectors);
    return ReadColdSequences(sequences, titles, nullptr, &input).status();
  };
  EXPECT_TRUE(read("1\t0.5 -1e-3\n9\t1 2\n").ok());
  for (const char* const wrong : {"1 0.5\n", "1\t\n", "1\tx\n", "1\t1,2\n", "1\t1  2\n", "1\tinf\n"}) {
    EXPECT_EQ(read(wrong).field(), "line 1") << wrong;
  }
  EXPECT_EQ(read("1\t1 2\n2\t1\n").field(), "line 2");
}

TEST(EvaluateColdTest, WrongInputIsNamed) {
  const auto read = [](const std::string& titles, const std::string& attributes) {
    std::istringstream sequences("1 1 2 3\n");
    std::istringstream title_input("h\n" + titles);
    std::istringstream attribute_input(attributes);
    return ReadColdSequences(sequences, title_input, &attribute_input).status();
  };
  EXPECT_TRUE(read("1\tA\tlamp\n", R"({"1": [4, 5], "2": []})").ok());
  EXPECT_EQ(read("x\tA\tlamp\n", "{}").field(), "line 2");
  EXPECT_EQ(read("1\tA\n", "{}").field(), "line 2");
  EXPECT_EQ(read("1\tA\tlamp\n", R"({"1": "a"})").field(), "byte 8");
  EXPECT_EQ(read("1\tA\tlamp\n", "[4]").field(), "byte 2");
  ColdEvaluationOptions options;
  options.hidden_share = 0.5;
  EXPECT_EQ(EvaluateCold(Shop(80), VirtualClock(1), options).status().field(), "hidden_share");
}

TEST(EvaluateColdTest, OrderLinesGiveTitles) {
  std::istringstream lines(
      "InvoiceNo\tStockCode\tDescription\tQuantity\tInvoiceDate\tUnitPrice\tCustomerID\tCountry\n"
      "1\t10a\t\t1\t2011-01-01 08:00:00\t1\t7\tUK\n"
      "1\t11\tRED LAMP\t1\t2011-01-01 08:00:00\t1\t7\tUK\n"
      "2\t10A\tBLUE CUP\t1\t2011-01-02 08:00:00\t1\t8\tUK\n"
      "2\t10A\tBLUE CUP damaged\t1\t2011-01-02 08:00:00\t1\t8\tUK\n");
  const auto data = ReadColdOrders(lines);
  ASSERT_TRUE(data.ok()) << data.status().message();
  ASSERT_EQ(data->catalog->index_count(), 2u);
  EXPECT_EQ(data->catalog->Find(ProductIndex(0))->product_id, "10A");
  EXPECT_EQ(data->catalog->Find(ProductIndex(0))->title, "BLUE CUP");
  EXPECT_EQ(data->catalog->Find(ProductIndex(1))->title, "RED LAMP");
  EXPECT_EQ(data->log.row_count(), 3u);
}

}  // namespace
}  // namespace attune::models
