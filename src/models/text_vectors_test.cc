// Products of one kind are near, also when only their shoppers say so; nothing depends on threads or on the
// order of the catalogue.

#include "models/text_vectors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/catalog_of_products.h"

namespace attune::models {
namespace {

catalog::Product Make(const std::string& id, const std::string& title) {
  catalog::Product product;
  product.product_id = id;
  product.title = title;
  return product;
}

// Two shelves that share no word: lamps and cups, each word in several products.
std::vector<catalog::Product> Shelves() {
  std::vector<catalog::Product> products;
  const char* const lamps[] = {"desk lamp brass", "floor lamp brass", "desk lamp oak", "floor lamp oak"};
  const char* const cups[] = {"tea cup blue", "coffee cup blue", "tea cup white", "coffee cup white"};
  for (const char* title : lamps) products.push_back(Make("l" + std::to_string(products.size()), title));
  for (const char* title : cups) products.push_back(Make("c" + std::to_string(products.size()), title));
  return products;
}

TextVectorOptions Small() {
  TextVectorOptions options;
  options.dimensions = 8;
  options.iterations = 8;
  return options;
}

ProductVectors TrainOrDie(const std::vector<catalog::Product>& products, const InteractionLog* log = nullptr,
                          const TextVectorOptions& options = Small(), int threads = 1) {
  TrainingControl control;
  control.thread_count = threads;
  auto vectors = TrainTextVectors(*CatalogOfProducts(products), log, options, control);
  CHECK(vectors.ok());
  return std::move(vectors).value();
}

TEST(TextVectorsTest, VectorsHaveLengthOneAndShelvesAreApart) {
  const ProductVectors vectors = TrainOrDie(Shelves());
  ASSERT_EQ(vectors.product_count(), 8u);
  for (uint32_t i = 0; i < 8; ++i) EXPECT_NEAR(vectors.Cosine(i, i), 1, 1e-5);
  EXPECT_GT(vectors.Cosine(0, 1), 0.2f);
  EXPECT_NEAR(vectors.Cosine(0, 5), 0, 1e-3);
}

TEST(TextVectorsTest, WhatShoppersBuyTogetherComesNearThoughNoWordIsShared) {
  InteractionLog log;
  // Everybody who buys a lamp buys a blue cup, never a white one.
  for (uint64_t shopper = 1; shopper <= 40; ++shopper) {
    for (const uint32_t product :
         {static_cast<uint32_t>(shopper % 4), static_cast<uint32_t>(4 + shopper % 2)}) {
      log.Add({ShopperHandle(shopper), ProductIndex(product), InteractionKind::kPurchase, 1, 1000, shopper});
    }
  }
  TextVectorOptions options = Small();
  options.shopper_share = 3;
  const ProductVectors with = TrainOrDie(Shelves(), &log, options);
  EXPECT_GT(with.Cosine(0, 4), with.Cosine(0, 6));
  options.shopper_share = 0;
  const ProductVectors without = TrainOrDie(Shelves(), &log, options);
  EXPECT_EQ(without.values, TrainOrDie(Shelves(), nullptr, options).values);
  EXPECT_GT(with.Cosine(0, 4), without.Cosine(0, 4) + 0.01f);
}

TEST(TextVectorsTest, PartsOfWordsJoinWhatIsWrittenTogether) {
  std::vector<catalog::Product> products = {Make("a", "nagellack rot"), Make("b", "nagelfeile rot"),
                                            Make("c", "kerze gelb"),    Make("d", "kerzenhalter gelb"),
                                            Make("e", "nagelschere"),   Make("f", "kerzenwachs")};
  TextVectorOptions options = Small();
  const ProductVectors with = TrainOrDie(products, nullptr, options);
  EXPECT_GT(with.Cosine(0, 4), 0.2f);
  EXPECT_GT(with.Cosine(0, 4), with.Cosine(0, 5));
  options.subword_weight = 0;
  EXPECT_EQ(TrainOrDie(products, nullptr, options).Cosine(0, 4), 0);  // No word is shared.
}

TEST(TextVectorsTest, ThreadsDoNotChangeABit) {
  EXPECT_EQ(TrainOrDie(Shelves(), nullptr, Small(), 1).values,
            TrainOrDie(Shelves(), nullptr, Small(), 4).values);
}

TEST(TextVectorsTest, ProductsWithoutTextAndStoresWithoutProductsHaveZeros) {
  std::vector<catalog::Product> products = Shelves();
  products.push_back(Make("x", ""));
  products.push_back(Make("y", "unheard-of"));  // A word of one product only joins nothing.
  const ProductVectors vectors = TrainOrDie(products);
  EXPECT_EQ(vectors.Cosine(8, 8), 0);
  EXPECT_EQ(vectors.Cosine(9, 9), 0);
  EXPECT_EQ(vectors.Cosine(0, 10'000), 0);
  for (const float value : vectors.values) EXPECT_TRUE(std::isfinite(value));
  EXPECT_EQ(TrainOrDie({}).product_count(), 0u);
  EXPECT_EQ(TrainOrDie({Make("a", "alone")}).Cosine(0, 0), 0);
}

TEST(TextVectorsTest, WrongOptionsAreNamedAndCancelledTrainingGivesNothing) {
  const auto catalog = CatalogOfProducts(Shelves());
  const auto field_of = [&](auto change) {
    TextVectorOptions options;
    change(options);
    return TrainTextVectors(*catalog, nullptr, options, {}).status().field();
  };
  EXPECT_EQ(field_of([](auto& o) { o.dimensions = 0; }), "dimensions");
  EXPECT_EQ(field_of([](auto& o) { o.dimensions = 12; }), "dimensions");
  EXPECT_EQ(field_of([](auto& o) { o.dimensions = 264; }), "dimensions");
  EXPECT_EQ(field_of([](auto& o) { o.iterations = 0; }), "iterations");
  EXPECT_EQ(field_of([](auto& o) { o.subword_weight = -1; }), "subword_weight");
  EXPECT_EQ(field_of([](auto& o) { o.shopper_share = NAN; }), "shopper_share");
  EXPECT_EQ(field_of([](auto& o) { o.whitening = 2; }), "whitening");
  std::atomic<bool> is_cancelled{true};
  TrainingControl control;
  control.is_cancelled = &is_cancelled;
  EXPECT_EQ(TrainTextVectors(*catalog, nullptr, Small(), control).status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace attune::models
