// Goal: settings read back as written, every default holds, and every mistake names its field.

#include "server/store_settings.h"

#include <gtest/gtest.h>

namespace attune::server {
namespace {

TEST(StoreSettings, AnEmptyDocumentIsAStore) {
  const auto settings = ParseStoreSettings("{}");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->base_currency.code(), "EUR");
  EXPECT_EQ(settings->time_zone, "UTC");
  EXPECT_TRUE(settings->consent_default);
  EXPECT_FALSE(settings->is_test);
}

TEST(StoreSettings, RoundTrips) {
  const char* text =
      R"({"title":"Giftshop","base_currency":"gbp","exchange_rates":{"USD":0.79},"time_zone":"Europe/London",)"
      R"("consent_default":"denied","consent_by_market":{"US":"granted"},"environment":"test",)"
      R"("feed":{"url":"https://shop.example/feed.xml","format":"google","every_minutes":60,"force":true,"decimal_comma":true,)"
      R"("columns":{"Colour":"attributes.colour","Margin":""}},)"
      R"("embeddings":{"url":"https://ai.example/v1/embeddings","model":"small","dimensions":512,)"
      R"("api_key_env":"ATTUNE_EMBEDDINGS_KEY","batch_size":128}})";
  const auto settings = ParseStoreSettings(text);
  ASSERT_TRUE(settings.ok()) << settings.status().message();
  EXPECT_EQ(settings->base_currency.code(), "GBP");
  EXPECT_FALSE(settings->consent_default);
  EXPECT_TRUE(settings->consent_by_market.at("US"));
  EXPECT_TRUE(settings->is_test);
  EXPECT_EQ(settings->embeddings.dimensions, 512);
  EXPECT_EQ(settings->embeddings.batch_size, 128);
  const std::string written = StoreSettingsToJson(*settings);
  EXPECT_EQ(StoreSettingsToJson(*ParseStoreSettings(written)), written);
}

TEST(StoreSettings, ARateOfManyDigitsReadsBackAsWritten) {
  const auto settings =
      ParseStoreSettings(R"({"exchange_rates":{"EUR":1.666666666666666666666666666666666666667,)"
                         R"("USD":0.79,"JPY":1e-300}})");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->exchange_rates.at("EUR"), 1.66666666667);
  EXPECT_EQ(settings->exchange_rates.at("USD"), 0.79);
  EXPECT_EQ(settings->exchange_rates.at("JPY"), 1e-300);
  const std::string written = StoreSettingsToJson(*settings);
  EXPECT_EQ(StoreSettingsToJson(*ParseStoreSettings(written)), written);
}

TEST(StoreSettings, MistakesNameTheirField) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"base_currency":"EURO"})", "base_currency"},
      {R"({"exchange_rates":{"USD":0}})", "exchange_rates.USD"},
      {R"({"consent_default":"maybe"})", "consent_default"},
      {R"({"consent_by_market":{"DE":true}})", "consent_by_market.DE"},
      {R"({"train_every_seconds":0})", "train_every_seconds"},
      {R"({"title":7})", "title"},
      {R"({"feed":{"url":"ftp://x"}})", "feed.url"},
      {R"({"feed":{"format":"pdf"}})", "feed.format"},
      {R"({"feed":{"columns":{"a":7}}})", "feed.columns.a"},
      {R"({"embeddings":{"url":"http://a.example"}})", "embeddings.model"},
      {R"({"embeddings":{"api_key_env":"ATTUNE_EMBEDDINGS_key"}})", "embeddings.api_key_env"},
  };
  for (const auto& [text, field] : cases) {
    const auto settings = ParseStoreSettings(text);
    ASSERT_FALSE(settings.ok()) << text;
    EXPECT_EQ(settings.status().field(), field);
  }
  EXPECT_FALSE(ParseStoreSettings("[]").ok());
  EXPECT_FALSE(ParseStoreSettings("{").ok());
}

}  // namespace
}  // namespace attune::server
