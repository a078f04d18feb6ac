#include "server/embedding_text.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace attune::server {
namespace {

catalog::Product Lamp() {
  catalog::Product product;
  product.product_id = "p1";
  product.title = "Desk lamp";
  product.brand = "Lumo";
  product.categories = {{"Home", "Lighting"}, {"Gifts"}};
  product.tags = {"new", "led"};
  product.attributes = {{"colour", catalog::Attribute::Type::kText, "black", 0},
                        {"dimmable", catalog::Attribute::Type::kBool, "", 1},
                        {"watt", catalog::Attribute::Type::kNumber, "", 7.5}};
  return product;
}

TEST(EmbeddingTextTest, SaysWhatTheProductIs) {
  EXPECT_EQ(EmbeddingTextOf(Lamp()),
            "Desk lamp\nLumo\nHome > Lighting\nGifts\ncolour: black\ndimmable: yes\nwatt: 7.5\nnew, led");
  EXPECT_EQ(EmbeddingTextOf({}), "");
}

TEST(EmbeddingTextTest, PriceAndStockAreNotAskedForAnew) {
  catalog::Product other = Lamp();
  other.stock = 3;
  other.price.price_minor = 100;
  other.updated_at_ms = 5;
  EXPECT_EQ(EmbeddingTextOf(other), EmbeddingTextOf(Lamp()));
  other.tags = {"new"};
  EXPECT_NE(EmbeddingTextHash(EmbeddingTextOf(other)), EmbeddingTextHash(EmbeddingTextOf(Lamp())));
}

TEST(EmbeddingTextTest, ALongTextIsCutBetweenCharacters) {
  catalog::Product product = Lamp();
  product.title = "x";
  for (size_t i = 0; i < kEmbeddingTextBytesMax; ++i) product.title += "é";
  const std::string text = EmbeddingTextOf(product);
  EXPECT_GE(text.size() + 2, kEmbeddingTextBytesMax);
  EXPECT_LE(text.size(), kEmbeddingTextBytesMax);
  EXPECT_TRUE(IsValidUtf8(text));
}

TEST(EmbeddingTextTest, AnotherModelOrLengthIsAnotherSpaceAndAnotherAddressIsNot) {
  const EmbeddingSettings settings{
      .url = "http://a", .model = "m", .dimensions = 0, .api_key_env = "", .batch_size = 1};
  EmbeddingSettings other = settings;
  other.url = "http://b";
  other.batch_size = 2;
  EXPECT_EQ(EmbeddingModelHash(other), EmbeddingModelHash(settings));
  other.model = "n";
  EXPECT_NE(EmbeddingModelHash(other), EmbeddingModelHash(settings));
  other.model = "m";
  other.dimensions = 8;
  EXPECT_NE(EmbeddingModelHash(other), EmbeddingModelHash(settings));
}

}  // namespace
}  // namespace attune::server
