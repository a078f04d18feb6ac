// What a request sees: prices by market and list, sales by the clock, stock by variant and location.

#include "catalog/offer_terms.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "catalog/product_chunk.h"
#include "catalog/product_fields.h"

namespace attune::catalog {
namespace {

Product Lamp() {
  Product lamp;
  lamp.product_id = "p1";
  lamp.title = "Desk lamp";
  lamp.url = "https://shop/p1";
  lamp.price.currency = *Currency::Parse("EUR");
  lamp.price.price_minor = 2490;
  return lamp;
}

Variant MakeVariant(const std::string& id, std::optional<int64_t> price_minor) {
  Variant variant;
  variant.variant_id = id;
  variant.price.price_minor = price_minor;
  return variant;
}

TEST(OfferTermsTest, ASaleCountsOnlyBetweenItsTimesAndBelowThePrice) {
  Product lamp = Lamp();
  lamp.price.sale_price_minor = 1990;
  lamp.price.sale_from_ms = 100;
  lamp.price.sale_until_ms = 200;
  const auto price_at = [&](int64_t now_ms) { return *ResolveTerms(lamp, {.now_ms = now_ms}).price_minor; };
  EXPECT_EQ(price_at(99), 2490);
  EXPECT_EQ(price_at(100), 1990);
  EXPECT_EQ(price_at(199), 1990);
  EXPECT_EQ(price_at(200), 2490);
  EXPECT_TRUE(ResolveTerms(lamp, {.now_ms = 150}).is_on_sale);
  EXPECT_EQ(ResolveTerms(lamp, {.now_ms = 150}).list_price_minor, 2490);
  lamp.price.sale_price_minor = 2490;
  EXPECT_FALSE(ResolveTerms(lamp, {.now_ms = 150}).is_on_sale);
}

TEST(OfferTermsTest, AListWinsOverAMarketAndAPriceReplacesTheSaleBelowIt) {
  Product lamp = Lamp();
  lamp.price.sale_price_minor = 1990;
  lamp.markets["CH"].price.price_minor = 2690;
  lamp.markets["CH"].price.currency = *Currency::Parse("CHF");
  lamp.markets["CH"].url = "https://shop.ch/p1";
  lamp.price_lists["b2b"].price_minor = 1500;
  lamp.price_lists["club"].sale_price_minor = 1800;

  EXPECT_EQ(ResolveTerms(lamp, {}).price_minor, 1990);
  EXPECT_EQ(ResolveTerms(lamp, {.market = "FR"}).price_minor, 1990);
  const OfferTerms swiss = ResolveTerms(lamp, {.market = "CH"});
  EXPECT_EQ(swiss.price_minor, 2690);
  EXPECT_FALSE(swiss.is_on_sale);
  EXPECT_EQ(swiss.currency.code(), "CHF");
  EXPECT_EQ(swiss.url, "https://shop.ch/p1");
  EXPECT_EQ(ResolveTerms(lamp, {.price_list = "b2b"}).price_minor, 1500);
  EXPECT_EQ(ResolveTerms(lamp, {.price_list = "b2b"}).list_price_minor, 1500);
  EXPECT_EQ(ResolveTerms(lamp, {.price_list = "club"}).price_minor, 1800);
  EXPECT_EQ(ResolveTerms(lamp, {.price_list = "club"}).list_price_minor, 2490);
  EXPECT_EQ(ResolveTerms(lamp, {.market = "CH", .price_list = "b2b"}).price_minor, 1500);
}

TEST(OfferTermsTest, TheBestVariantIsTheCheapestThatCanBeHad) {
  Product lamp = Lamp();
  lamp.variants = {MakeVariant("black", 2600), MakeVariant("white", 1900), MakeVariant("red", 2200),
                   MakeVariant("blue", 2200)};
  lamp.variants[1].stock = 0;
  const OfferTerms terms = ResolveTerms(lamp, {});
  EXPECT_EQ(terms.variant_id(), "red");
  EXPECT_EQ(terms.price_minor, 2200);
  EXPECT_TRUE(terms.is_available());
  for (Variant& variant : lamp.variants) variant.in_stock = false;
  EXPECT_EQ(ResolveTerms(lamp, {}).availability, Availability::kOutOfStock);
  EXPECT_EQ(ResolveTerms(lamp, {}).variant_id(), "black");
}

TEST(OfferTermsTest, WhatCannotBeHadSaysWhy) {
  Product lamp = Lamp();
  EXPECT_TRUE(ResolveTerms(lamp, {.location = "berlin"}).is_available());  // No location on record.
  lamp.stock_at["berlin"] = 3;
  lamp.stock_at["munich"] = 0;
  EXPECT_TRUE(ResolveTerms(lamp, {.location = "berlin"}).is_available());
  EXPECT_EQ(ResolveTerms(lamp, {.location = "berlin"}).stock, 3);
  EXPECT_EQ(ResolveTerms(lamp, {.location = "munich"}).availability, Availability::kNotAtLocation);
  EXPECT_EQ(ResolveTerms(lamp, {.location = "paris"}).availability, Availability::kNotAtLocation);
  EXPECT_TRUE(ResolveTerms(lamp, {}).is_available());
  lamp.stock = 0;
  EXPECT_EQ(ResolveTerms(lamp, {}).availability, Availability::kOutOfStock);
  lamp.stock = 5;
  lamp.in_stock = false;
  EXPECT_EQ(ResolveTerms(lamp, {}).availability, Availability::kOutOfStock);
  lamp.in_stock = true;
  lamp.markets["DE"].is_available = false;
  EXPECT_EQ(ResolveTerms(lamp, {.market = "DE"}).availability, Availability::kNotInMarket);
  EXPECT_TRUE(ResolveTerms(lamp, {.market = "FR"}).is_available());
  lamp.is_hidden = true;
  EXPECT_EQ(ResolveTerms(lamp, {}).availability, Availability::kHidden);
}

TEST(OfferTermsTest, TextsFollowTheLocaleAndThenItsLanguage) {
  Product lamp = Lamp();
  lamp.translations["de"].title = "Tischlampe";
  lamp.translations["de"].url = "https://shop/de/p1";
  lamp.translations["de-AT"].title = "Schreibtischlampe";
  EXPECT_EQ(ResolveTerms(lamp, {.locale = "de-AT"}).title, "Schreibtischlampe");
  EXPECT_EQ(ResolveTerms(lamp, {.locale = "de_CH"}).title, "Tischlampe");
  EXPECT_EQ(ResolveTerms(lamp, {.locale = "fr"}).title, "Desk lamp");
  EXPECT_EQ(ResolveTerms(lamp, {.locale = "de"}).url, "https://shop/de/p1");
}

std::string ValuesOf(const Product& product, std::string_view field, std::string_view path = {},
                     int64_t now_ms = 0, FieldScope scope = FieldScope::kShop) {
  expressions::Schema schema;
  AddProductFields(schema, scope);
  const expressions::FieldInfo* const info = schema.FindField(field);
  if (info == nullptr) return "unknown";
  const OfferTerms terms = ResolveTerms(product, {.now_ms = now_ms});
  expressions::FieldValues values;
  ProductFieldSource(product, terms, now_ms, scope).Read(info->number, path, values);
  std::string joined;
  values.Any([&](const expressions::FieldValue& value) {
    joined += "[";
    if (value.kind == expressions::FieldValue::Kind::kPath) {
      for (const std::string& level : value.path) joined += level + ">";
    } else if (value.kind == expressions::FieldValue::Kind::kText) {
      joined += value.text;
    } else {
      joined += std::to_string(value.number).substr(0, 5);
    }
    joined += "]";
    return false;
  });
  return joined;
}

// A product whose availability rests on a few of the things that it may rest on.
Product ProductByChance(Random& random) {
  Product product = Lamp();
  const auto chance = [&random] { return random.NextBelow(4) == 0; };
  product.is_hidden = chance() && chance();
  product.in_stock = !chance();
  if (chance()) product.stock = static_cast<int64_t>(random.NextBelow(3)) - 1;
  if (chance()) product.stock_at["berlin"] = static_cast<int64_t>(random.NextBelow(2));
  if (chance()) product.markets["de"].is_available = random.NextBelow(2) == 0;
  if (chance()) product.markets["at"].url = "https://shop.at/p1";
  for (uint64_t i = random.NextBelow(3); i > 0; --i) {
    Variant variant = MakeVariant("v" + std::to_string(i), 100);
    if (chance()) variant.in_stock = random.NextBelow(2) == 0;
    if (chance()) variant.stock = static_cast<int64_t>(random.NextBelow(2));
    if (chance()) variant.stock_at["berlin"] = static_cast<int64_t>(random.NextBelow(2));
    product.variants.push_back(variant);
  }
  return product;
}

TEST(OfferTermsTest, WhatIsAvailableToAllIsAvailableInEveryContext) {
  Random random(7);
  size_t available_to_all = 0;
  size_t available_to_some = 0;
  for (int i = 0; i < 5'000; ++i) {
    const Product product = ProductByChance(random);
    size_t contexts = 0;
    size_t available = 0;
    for (const char* const market : {"", "de", "at"}) {
      for (const char* const location : {"", "berlin", "graz"}) {
        ++contexts;
        available += ResolveTerms(product, {.market = market, .location = location}).is_available() ? 1 : 0;
      }
    }
    if (IsAvailableToAll(product)) {
      ++available_to_all;
      EXPECT_EQ(available, contexts);
    } else {
      available_to_some += available > 0 ? 1 : 0;
    }
  }
  EXPECT_GT(available_to_all, 500u);
  EXPECT_GT(available_to_some, 500u) << "the products should be of every kind";
}

TEST(OfferTermsTest, AChunkKnowsWhatItHolds) {
  ProductChunk chunk;
  EXPECT_FALSE(chunk.IsAvailableToAll(3)) << "no product";
  chunk.Put(3, std::make_shared<const Product>(Lamp()));
  EXPECT_TRUE(chunk.IsAvailableToAll(3));
  EXPECT_EQ(chunk.Groups(3).brand, 0u);
  Product sold_out = Lamp();
  sold_out.stock = 0;
  sold_out.brand = "Lumen";
  chunk.Put(3, std::make_shared<const Product>(sold_out));
  EXPECT_FALSE(chunk.IsAvailableToAll(3));
  EXPECT_NE(chunk.Groups(3).brand, 0u);
  chunk.Put(3, nullptr);
  EXPECT_FALSE(chunk.IsAvailableToAll(3));
  EXPECT_EQ(chunk.Groups(3).brand, 0u);
  EXPECT_EQ(chunk.Find(3), nullptr);
}

TEST(ProductFieldsTest, ValuesAreThoseOfTheRequestAndMissingOnesAreNone) {
  Product lamp = Lamp();
  lamp.categories = {{"Home", "Lighting"}, {"Sale"}};
  lamp.attributes = {{"size.eu", Attribute::Type::kNumber, "", 42},
                     {"colour", Attribute::Type::kText, "black", 0},
                     {"colour", Attribute::Type::kText, "grey", 0}};
  lamp.cost_minor = 1245;
  lamp.price.sale_price_minor = 1992;
  lamp.variants = {MakeVariant("a", std::nullopt)};
  lamp.variants[0].attributes = {{"size", Attribute::Type::kText, "M", 0}};
  lamp.variants[0].stock = 2;
  EXPECT_EQ(ValuesOf(lamp, "category"), "[Home>Lighting>][Sale>]");
  EXPECT_EQ(ValuesOf(lamp, "price"), "[19.92]");
  EXPECT_EQ(ValuesOf(lamp, "list_price"), "[24.90]");
  EXPECT_EQ(ValuesOf(lamp, "sale_price"), "[19.92]");
  EXPECT_EQ(ValuesOf(lamp, "discount_percent"), "[20.00]");
  EXPECT_EQ(ValuesOf(lamp, "margin"), "[7.470]");
  EXPECT_EQ(ValuesOf(lamp, "margin_percent"), "[37.50]");
  EXPECT_EQ(ValuesOf(lamp, "on_sale"), "[1.000]");
  EXPECT_EQ(ValuesOf(lamp, "in_stock"), "[1.000]");
  EXPECT_EQ(ValuesOf(lamp, "stock"), "[2.000]");
  EXPECT_EQ(ValuesOf(lamp, "brand"), "");
  EXPECT_EQ(ValuesOf(lamp, "has_image"), "[0.000]");
  EXPECT_EQ(ValuesOf(lamp, "attributes", "colour"), "[black][grey]");
  EXPECT_EQ(ValuesOf(lamp, "attributes", "size.eu"), "[42.00]");
  EXPECT_EQ(ValuesOf(lamp, "attributes", "size"), "[M]") << "attributes of variants are found too";
  EXPECT_EQ(ValuesOf(lamp, "variants", "size"), "[M]");
  EXPECT_EQ(ValuesOf(lamp, "variants", "variant_id"), "[a]");
  lamp.cost_minor = std::nullopt;
  EXPECT_EQ(ValuesOf(lamp, "margin"), "");
  lamp.price.sale_price_minor = std::nullopt;
  EXPECT_EQ(ValuesOf(lamp, "discount_percent"), "[0.000]");
}

TEST(ProductFieldsTest, WhatNobodyDatedHasNoAge) {
  Product lamp = Lamp();
  lamp.created_at_ms = 0;
  for (const char* const field : {"created_at", "age", "age_days"}) {
    EXPECT_EQ(ValuesOf(lamp, field, "", 3 * 86400000LL), "") << field;
  }
  lamp.created_at_ms = 86400000LL;
  EXPECT_EQ(ValuesOf(lamp, "age_days", "", 3 * 86400000LL), "[2.000]");
}

TEST(ProductFieldsTest, WhatOnlyTheShopMayKnowIsUnknownToOthers) {
  Product lamp = Lamp();
  lamp.variants = {MakeVariant("a", 100)};
  lamp.variants[0].stock = 2;
  for (const char* const secret : {"cost", "margin", "margin_percent", "stock"}) {
    EXPECT_EQ(ValuesOf(lamp, secret, "", 0, FieldScope::kEverybody), "unknown");
  }
  EXPECT_EQ(ValuesOf(lamp, "variants", "stock", 0, FieldScope::kEverybody), "");
  EXPECT_EQ(ValuesOf(lamp, "variants", "stock"), "[2.000]");
  EXPECT_EQ(ValuesOf(lamp, "variants", "price", 0, FieldScope::kEverybody), "[1.000]");
}

}  // namespace
}  // namespace attune::catalog
