// Goal: an answer is taken whole or not at all, and every way to be wrong is told apart.

#include "server/embedding_answer.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace attune::server {
namespace {

TEST(EmbeddingAnswerTest, VectorsStandInTheOrderOfTheTexts) {
  const auto vectors = ParseEmbeddingAnswer(
      R"({"object":"list","data":[{"index":1,"embedding":[3,4e-1]},{"index":0,"embedding":[1,-2.5]}],"usage":{}})",
      2, 0);
  ASSERT_TRUE(vectors.ok()) << vectors.status().message();
  EXPECT_EQ((*vectors)[0], (std::vector<float>{1, -2.5F}));
  EXPECT_EQ((*vectors)[1], (std::vector<float>{3, 0.4F}));
}

TEST(EmbeddingAnswerTest, WhatIsWrongIsSaid) {
  const std::pair<const char*, const char*> cases[] = {
      {"<html>busy</html>", "is not JSON"},
      {"", "is not JSON"},
      {"[1,2]", "has no array \"data\""},
      {R"({"data":{}})", "has no array \"data\""},
      {R"({"data":[{"index":0,"embedding":[1,2]}]})", "has 1 embeddings for 2 texts"},
      {R"({"data":[{"index":0,"embedding":[1,2]},{"index":0,"embedding":[1,2]}]})", "once for each text"},
      {R"({"data":[{"index":0,"embedding":[1,2]},{"index":2,"embedding":[1,2]}]})", "once for each text"},
      {R"({"data":[{"index":0,"embedding":[1,2]},{"index":-1,"embedding":[1,2]}]})", "once for each text"},
      {R"({"data":[{"index":0,"embedding":[1,2]},{"embedding":[1,2]}]})", "once for each text"},
      {R"({"data":[{"index":0,"embedding":[1,2]},{"index":1}]})", "lacks an embedding"},
      {R"({"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":"AAAA"}]})",
       "not an array of numbers"},
      {R"({"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1]}]})",
       "has an embedding of 1 numbers; 2 are expected"},
      {R"({"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,null]}]})", "not a finite number"},
      {R"({"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,NaN]}]})", "is not JSON"},
      {R"({"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,1e39]}]})", "not a finite number"},
      {R"({"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[0,0]}]})", "without direction"},
      {R"({"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[1]}]})", "without direction"},
  };
  for (const auto& [json, message] : cases) {
    const auto vectors = ParseEmbeddingAnswer(json, 2, 0);
    ASSERT_FALSE(vectors.ok()) << json;
    EXPECT_EQ(vectors.status().code(), StatusCode::kInvalidArgument);
    EXPECT_NE(vectors.status().message().find(message), std::string::npos) << vectors.status().message();
  }
}

TEST(EmbeddingAnswerTest, TheLengthIsTheOneThatIsKeptAndHasALimit) {
  const std::string two = R"({"data":[{"index":0,"embedding":[1,2]}]})";
  EXPECT_TRUE(ParseEmbeddingAnswer(two, 1, 2).ok());
  EXPECT_EQ(ParseEmbeddingAnswer(two, 1, 3).status().message(),
            "the service's answer has an embedding of 2 numbers; 3 are expected");
  const auto answer_of = [](size_t numbers) {
    std::string json = R"({"data":[{"index":0,"embedding":[1)";
    for (size_t i = 1; i < numbers; ++i) json += ",1";
    return json + "]}]}";
  };
  EXPECT_TRUE(ParseEmbeddingAnswer(answer_of(kEmbeddingDimensionsMax), 1, 0).ok());
  EXPECT_FALSE(ParseEmbeddingAnswer(answer_of(kEmbeddingDimensionsMax + 1), 1, 0).ok());
}

}  // namespace
}  // namespace attune::server
