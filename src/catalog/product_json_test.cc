// Products as JSON: everything that the API says is read and written, what is wrong is named, and no bytes
// break it.

#include "catalog/product_json.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "base/time_text.h"
#include "catalog/limits.h"

namespace attune::catalog {
namespace {

constexpr int64_t kNowMs = 1800000000000;

constexpr std::string_view kLamp = R"({
  "product_id":"p1","title":"Desk lamp","description":"Bright.","brand":"Lumo","category":["Home","Lighting"],
  "categories":[["Home","Lighting"],"Sale > Lamps"],"price":24.90,"sale_price":"19.9","currency":"EUR",
  "sale_from":"2026-01-01T00:00:00Z","sale_until":1790000000000,"cost":9.10,"in_stock":true,"stock":12,
  "image":"https://x/1.jpg","url":"https://x/p1","tags":["new","new","led"],
  "attributes":{"colour":"black","size":{"eu":42},"fits":["a","b"],"dimmable":true,"note":null},
  "created_at":"2026-01-31T00:00:00Z","updated_at":1799999999999,"sku":4711,"ean":["1","2"],
  "variants":[{"variant_id":"p1-b","sku":"L-77-B","ean":"400","price":24.90,"stock":4,
    "attributes":{"size":"M"}}],
  "markets":{"CH":{"price":"26.50","currency":"CHF","url":"https://ch/p1","available":true}},
  "translations":{"de":{"title":"Tischlampe","category":["Haus","Licht"],"attributes":{"colour":"schwarz"}}},
  "stock_at":{"berlin":3},"price_lists":{"b2b":{"price":20}},
  "something_new":{"ignored":[1,2]}})";

ProductParseOptions Options(ProductChange::Kind kind = ProductChange::Kind::kPut) {
  ProductParseOptions options;
  options.kind = kind;
  options.default_currency = *Currency::Parse("EUR");
  options.now_ms = kNowMs;
  return options;
}

Status StatusOf(std::string_view json) { return ParseProductChange(json, Options()).status(); }
std::string FieldOf(std::string_view json) { return StatusOf(json).field(); }

TEST(ProductJsonTest, VectorsAreReadAndWrongOnesNamed) {
  const auto vector_of = [](const std::string& vectors) {
    return ParseProductChange(R"({"product_id":"p1","vectors":)" + vectors + "}",
                              Options(ProductChange::Kind::kPatch));
  };
  const auto read = vector_of(R"({"image":[0.5,-1,2e1],"sound":[1]})");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->values.image_vector, (std::vector<float>{0.5F, -1, 20}));
  EXPECT_TRUE(read->fields.Has(ProductField::kImageVector));
  EXPECT_FALSE(read->fields.Has(ProductField::kTextVector)) << "each vector is a field";
  const auto texts = vector_of(R"({"text":[0.25,1],"image":null})");
  ASSERT_TRUE(texts.ok()) << texts.status().message();
  EXPECT_EQ(texts->values.text_vector, (std::vector<float>{0.25F, 1}));
  EXPECT_TRUE(texts->values.image_vector.empty());
  EXPECT_TRUE(texts->fields.Has(ProductField::kImageVector)) << "null takes it away";
  EXPECT_TRUE(texts->fields.Has(ProductField::kTextVector));
  EXPECT_TRUE(vector_of("null")->fields.Has(ProductField::kImageVector)) << "null takes both away";
  EXPECT_TRUE(vector_of("null")->fields.Has(ProductField::kTextVector));
  EXPECT_TRUE(vector_of("{}")->fields.empty());
  EXPECT_EQ(vector_of("5").status().field(), "vectors");
  EXPECT_EQ(vector_of(R"({"image":[]})").status().field(), "vectors.image");
  EXPECT_EQ(vector_of(R"({"image":[0,0]})").status().field(), "vectors.image");
  EXPECT_EQ(vector_of(R"({"image":[1,"2"]})").status().field(), "vectors.image[1]");
  EXPECT_EQ(vector_of(R"({"image":[1e300]})").status().field(), "vectors.image[0]");
  std::string many = "1";
  for (size_t i = 0; i < kImageVectorLengthMax; ++i) many += ",1";
  EXPECT_EQ(vector_of("{\"image\":[" + many + "]}").status().field(), "vectors.image");
  EXPECT_TRUE(vector_of("{\"text\":[" + many + "]}").ok()) << "encoders of texts make longer ones";
  for (size_t i = kImageVectorLengthMax; i < kTextVectorLengthMax; ++i) many += ",1";
  EXPECT_EQ(vector_of("{\"text\":[" + many + "]}").status().field(), "vectors.text");
  EXPECT_EQ(vector_of(R"({"text":[0]})").status().field(), "vectors.text");
  EXPECT_EQ(vector_of(R"({"text":[1,null]})").status().field(), "vectors.text[1]");
}

TEST(ProductJsonTest, EveryFieldIsRead) {
  const Result<ProductChange> change = ParseProductChange(kLamp, Options());
  ASSERT_TRUE(change.ok()) << change.status().message() << change.status().field();
  const Product& lamp = change->values;
  EXPECT_EQ(change->product_id, "p1");
  EXPECT_EQ(change->updated_at_ms, 1799999999999);
  EXPECT_EQ(change->fields, kAllProductFields);
  EXPECT_EQ(lamp.title, "Desk lamp");
  EXPECT_EQ(lamp.sku, "4711");
  EXPECT_EQ(lamp.eans, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(lamp.categories, (std::vector<CategoryPath>{{"Home", "Lighting"}, {"Sale", "Lamps"}}));
  EXPECT_EQ(lamp.price.price_minor, 2490);
  EXPECT_EQ(lamp.price.sale_price_minor, 1990);
  EXPECT_EQ(lamp.price.sale_from_ms, ParseTime("2026-01-01"));
  EXPECT_EQ(lamp.price.sale_until_ms, 1790000000000);
  EXPECT_EQ(lamp.cost_minor, 910);
  EXPECT_EQ(lamp.stock, 12);
  EXPECT_EQ(lamp.tags, (std::vector<std::string>{"new", "led"}));
  EXPECT_EQ(lamp.attributes_json,
            R"({"colour":"black","size":{"eu":42},"fits":["a","b"],"dimmable":true,"note":null})");
  const AttributeList leaves = {{"colour", Attribute::Type::kText, "black", 0},
                                {"dimmable", Attribute::Type::kBool, "", 1},
                                {"fits", Attribute::Type::kText, "a", 0},
                                {"fits", Attribute::Type::kText, "b", 0},
                                {"size.eu", Attribute::Type::kNumber, "", 42}};
  EXPECT_EQ(lamp.attributes, leaves);
  ASSERT_EQ(lamp.variants.size(), 1u);
  EXPECT_EQ(lamp.variants[0].ean, "400");
  EXPECT_EQ(lamp.variants[0].stock, 4);
  EXPECT_EQ(lamp.markets.find("CH")->second.price.price_minor, 2650);
  EXPECT_EQ(lamp.markets.find("CH")->second.price.currency.code(), "CHF");
  EXPECT_EQ(lamp.translations.find("de")->second.title, "Tischlampe");
  const Translation& german = lamp.translations.find("de")->second;
  EXPECT_EQ(german.categories, (std::vector<CategoryPath>{{"Haus", "Licht"}}));
  EXPECT_EQ(german.attributes_json, R"({"colour":"schwarz"})");
  EXPECT_EQ(german.attributes, (AttributeList{{"colour", Attribute::Type::kText, "schwarz", 0}}));
  EXPECT_EQ(lamp.stock_at.find("berlin")->second, 3);
  EXPECT_EQ(lamp.price_lists.find("b2b")->second.price_minor, 2000);
}

TEST(ProductJsonTest, WhatIsWrongIsNamedByItsPath) {
  EXPECT_EQ(FieldOf(R"({"title":"x"})"), "product_id");
  EXPECT_EQ(FieldOf(R"({"product_id":""})"), "product_id");
  EXPECT_EQ(FieldOf(R"({"product_id":null})"), "product_id");
  EXPECT_EQ(FieldOf(R"({"product_id":"a\u0000b"})"), "product_id");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","title":5})"), "title");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","price":"19,90"})"), "price");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","price":-1})"), "price");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","price":1e300})"), "price");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","price":true})"), "price");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","price":"1.005"})"), "price");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","currency":"EURO"})"), "currency");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","stock":1.5})"), "stock");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","stock":1e18})"), "stock");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","in_stock":"perhaps"})"), "in_stock");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","tags":"new"})"), "tags");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","tags":["a",1]})"), "tags[1]");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","created_at":"soon"})"), "created_at");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","category":7})"), "category");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","categories":["a",["b",3]]})"), "categories[1]");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","attributes":[1]})"), "attributes");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","attributes":{"a":"x\u0000"}})"), "attributes.a");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","variants":[{"variant_id":"a"},{"sku":"x"}]})"),
            "variants[1].variant_id");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","variants":[{"variant_id":"a"},{"variant_id":"a"}]})"),
            "variants[1].variant_id");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","variants":[{"variant_id":"a"},{"variant_id":"b","price":"x"}]})"),
            "variants[1].price");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","markets":{"DE":{"price":[]}}})"), "markets.DE.price");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","markets":{"":{}}})"), "markets");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","translations":{"de":{"title":1}}})"), "translations.de.title");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","translations":{"de":{"category":1}}})"),
            "translations.de.category");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","translations":{"de":{"categories":[[1]]}}})"),
            "translations.de.categories[0]");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","translations":{"de":{"attributes":[]}}})"),
            "translations.de.attributes");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","stock_at":{"x":"many"}})"), "stock_at.x");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","price_lists":{"b2b":"cheap"}})"), "price_lists.b2b");
  EXPECT_EQ(FieldOf(R"({"product_id":"p","sale_from":2000,"sale_until":1000})"), "sale_until");
  EXPECT_EQ(StatusOf("[]").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(StatusOf("").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(StatusOf("{\"product_id\":\"\xff\"}").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(StatusOf(R"({"product_id":"p"} x)").code(), StatusCode::kInvalidArgument);
}

TEST(ProductJsonTest, LimitsHoldAtTheirEdge) {
  const auto with = [](std::string_view field, const std::string& value) {
    return R"({"product_id":"p",")" + std::string(field) + "\":" + value + "}";
  };
  const auto text = [](size_t size) { return "\"" + std::string(size, 'x') + "\""; };
  EXPECT_TRUE(StatusOf(with("title", text(kTitleBytesMax))).ok());
  EXPECT_EQ(FieldOf(with("title", text(kTitleBytesMax + 1))), "title");
  EXPECT_TRUE(StatusOf(with("description", text(kDescriptionBytesMax))).ok());
  EXPECT_EQ(FieldOf(with("description", text(kDescriptionBytesMax + 1))), "description");
  EXPECT_EQ(FieldOf(R"({"product_id":)" + text(kIdBytesMax + 1) + "}"), "product_id");
  const auto nested = [](size_t depth) {
    return std::string(depth * 5, ' ')
               .replace(0, depth * 5,
                        [&] {
                          std::string open;
                          for (size_t i = 0; i < depth; ++i) open += "{\"a\":";
                          return open;
                        }()) +
           "1" + std::string(depth, '}');
  };
  EXPECT_TRUE(StatusOf(with("attributes", nested(kAttributesDepthMax))).ok());
  EXPECT_EQ(FieldOf(with("attributes", nested(kAttributesDepthMax + 1))), "attributes");
  EXPECT_EQ(FieldOf(with("attributes", "{\"a\":" + text(kAttributesBytesMax) + "}")), "attributes");
  std::string variants = "[";
  for (size_t i = 0; i <= kVariantsMax; ++i) {
    variants += (i == 0 ? "" : ",") + std::string("{\"variant_id\":") + std::to_string(i) + "}";
  }
  EXPECT_EQ(FieldOf(with("variants", variants + "]")), "variants");
  EXPECT_EQ(FieldOf(with("category", R"("a>b>c>d>e>f>g>h>i>j>k")")), "category");
  EXPECT_FALSE(StatusOf(std::string(100000, '[')).ok());
  EXPECT_FALSE(StatusOf(with("attributes", nested(5000))).ok());
}

TEST(ProductJsonTest, APatchNamesItsFieldsAndNullClears) {
  const Result<ProductChange> patch = ParseProductChange(
      R"({"stock":null,"brand":"","markets":{"DE":null,"AT":{"price":3}},"translations":{}})", [] {
        ProductParseOptions options = Options(ProductChange::Kind::kPatch);
        options.product_id = "p1";
        return options;
      }());
  ASSERT_TRUE(patch.ok());
  ProductFields expected;
  expected.Add(ProductField::kStock);
  expected.Add(ProductField::kBrand);
  expected.Add(ProductField::kMarkets);
  EXPECT_EQ(patch->fields, expected);
  EXPECT_EQ(patch->product_id, "p1");
  EXPECT_EQ(patch->values.stock, std::nullopt);
  ASSERT_EQ(patch->removed.size(), 1u);
  EXPECT_EQ(patch->removed[0].key, "DE");
  EXPECT_FALSE(
      ParseProductChange(R"({"product_id":"p","currency":"USD"})", Options(ProductChange::Kind::kPatch))
          .ok());
}

TEST(ProductJsonTest, AClockThatRunsAheadIsHeldToNow) {
  const auto change =
      ParseProductChange(R"({"product_id":"p","updated_at":"2999-01-01T00:00:00Z"})", Options());
  EXPECT_EQ(change->updated_at_ms, kNowMs);
}

TEST(ProductJsonTest, TheIdOfThePathMustAgree) {
  ProductParseOptions options = Options();
  options.product_id = "p1";
  EXPECT_TRUE(ParseProductChange(R"({"title":"x"})", options).ok());
  EXPECT_EQ(ParseProductChange(R"({"product_id":"p2"})", options).status().field(), "product_id");
}

TEST(ProductJsonTest, ABatchIsAnArrayOrLinesAndTakesWhatIsRight) {
  for (const std::string_view body :
       {R"([{"product_id":"a"},{"title":"no id"},{"product_id":"c"}])",
        "{\"product_id\":\"a\"}\n\n{\"title\":\"no id\"}\r\n{\"product_id\":\"c\"}\n"}) {
    const Result<ProductBatch> batch = ParseProductBatch(body, Options());
    ASSERT_TRUE(batch.ok());
    EXPECT_EQ(batch->changes.size(), 2u);
    EXPECT_EQ(batch->indices, (std::vector<size_t>{0, 2}));
    ASSERT_EQ(batch->rejections.size(), 1u);
    EXPECT_EQ(batch->rejections[0].index, 1u);
    EXPECT_EQ(batch->rejections[0].status.field(), "product_id");
  }
  EXPECT_EQ(ParseProductBatch("{\n \"product_id\": \"a\"\n}", Options())->changes.size(), 1u);
  EXPECT_FALSE(ParseProductBatch("7", Options()).ok());
  EXPECT_FALSE(ParseProductBatch("  ", Options()).ok());
  std::string many = "[";
  for (size_t i = 0; i <= kBatchProductsMax; ++i) many += i == 0 ? "1" : ",1";
  EXPECT_FALSE(ParseProductBatch(many + "]", Options()).ok());
}

TEST(ProductJsonTest, ThePublicSeesNoCostNoStockAndNoLists) {
  Product lamp = ParseProductChange(kLamp, Options())->values;
  lamp.product_id = "p1";
  JsonWriter open;
  WriteProductJson(open, lamp, Audience::kPublic);
  for (const std::string_view secret :
       {"cost", "\"stock\"", "stock_at", "price_lists", "b2b", "9.10", "hidden"}) {
    EXPECT_EQ(open.text().find(secret), std::string::npos) << secret;
  }
  EXPECT_NE(open.text().find("\"in_stock\":true"), std::string::npos);
  EXPECT_NE(open.text().find("\"price\":24.90"), std::string::npos);
  JsonWriter full;
  WriteProductJson(full, lamp, Audience::kSecret);
  const Result<ProductChange> again = ParseProductChange(full.text(), Options());
  ASSERT_TRUE(again.ok()) << again.status().field() << full.text();
  Product expected = lamp;
  Product read = again->values;
  read.product_id = "p1";
  expected.updated_at_ms = read.updated_at_ms;
  EXPECT_EQ(read, expected);
}

TEST(ProductJsonTest, NoBytesBreakIt) {
  Random random(20260101);
  const std::string seed(kLamp);
  size_t accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = seed;
    const uint64_t edits = 1 + random.NextBelow(4);
    for (uint64_t i = 0; i < edits; ++i) {
      if (bytes.empty()) break;
      const size_t at = random.NextBelow(bytes.size());
      switch (random.NextBelow(4)) {
        case 0:
          bytes[at] = static_cast<char>(random.NextBelow(256));
          break;
        case 1:
          bytes.erase(at, 1 + random.NextBelow(8));
          break;
        case 2:
          bytes.insert(at, seed, random.NextBelow(seed.size()), random.NextBelow(20));
          break;
        default:
          bytes.resize(at + 1);
      }
    }
    const Result<ProductChange> change = ParseProductChange(bytes, Options());
    if (change.ok()) {
      ++accepted;
      EXPECT_LE(change->values.attributes_json.size(), kAttributesBytesMax);
    } else {
      EXPECT_EQ(change.status().code(), StatusCode::kInvalidArgument);
      EXPECT_FALSE(change.status().message().empty());
    }
  }
  EXPECT_GT(accepted, 100u);
}

}  // namespace
}  // namespace attune::catalog
