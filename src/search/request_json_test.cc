#include "search/request_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace attune::search {
namespace {

using testing::ElementsAre;

TEST(SearchRequestJson, ReadsEveryField) {
  const auto read = ParseSearchRequests(R"({
    "query":"desk lamp","shopper":{"anonymous_id":"a1"},"context":{"market":"DE","locale":"de-AT",
    "query":"x"},
    "filter":"price < 50","personalize":70,"exclude":["p9"],"explain":true,"typing":true,
    "facets":["brand",{"field":"category","below":["Home","Lighting"],"limit":5},
              {"field":"attributes.colour","containing":"bl"}],
    "selected":{"brand":["Lumo","Zenit"],"price":{"min":10,"max":50.5},"attributes.dimmable":[true],
                "category":[["Home","Lighting"]],"tags":[]},
    "sort":"price_ascending","page":2,"limit":12,"distinct":{"field":"brand","products":2},
    "highlight":["title","description"],"someday":{}})");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_FALSE(read->is_batch);
  ASSERT_EQ(read->queries.size(), 1u);
  const SearchRequest& request = read->queries[0];
  EXPECT_EQ(request.base.placement, "search");
  EXPECT_EQ(request.base.context.query, "desk lamp");
  EXPECT_EQ(request.base.context.market, "DE");
  EXPECT_EQ(request.base.anonymous_id, "a1");
  EXPECT_EQ(request.base.filter, "price < 50");
  EXPECT_TRUE(request.base.explain);
  EXPECT_TRUE(request.is_typing);
  EXPECT_EQ(request.personalize, std::optional<uint32_t>(70));
  ASSERT_EQ(request.facets.size(), 3u);
  EXPECT_EQ(request.facets[0].values_max, kFacetAnswerDefault);
  EXPECT_FALSE(request.facets[0].is_one_level);
  EXPECT_EQ(request.facets[1].below, "Home > Lighting");
  EXPECT_TRUE(request.facets[1].is_one_level);
  EXPECT_EQ(request.facets[1].values_max, 5u);
  EXPECT_EQ(request.facets[2].containing, "bl");
  ASSERT_EQ(request.selected.size(), 4u);  // No tag is ticked.
  EXPECT_THAT(request.selected[0].values, ElementsAre("Lumo", "Zenit"));
  EXPECT_EQ(request.selected[1].low, 10);
  EXPECT_EQ(request.selected[1].high, 50.5);
  EXPECT_THAT(request.selected[2].values, ElementsAre("true"));
  EXPECT_THAT(request.selected[3].values, ElementsAre("Home > Lighting"));
  EXPECT_EQ(request.sort, SortOrder::kPriceAscending);
  EXPECT_EQ(request.first_hit(), 24u);
  EXPECT_EQ(request.distinct->products_max, 2u);
  EXPECT_TRUE(request.highlights_title);
  EXPECT_TRUE(request.highlights_description);
}

TEST(SearchRequestJson, EverythingMayBeLeftOut) {
  const auto read = ParseSearchRequests(R"({"query":null,"facets":null,"selected":null,"page":null})");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->queries[0].base.limit, kHitsDefault);
  EXPECT_EQ(read->queries[0].base.context.query, "");
  const auto counts_only = ParseSearchRequests(R"({"limit":0})");
  ASSERT_TRUE(counts_only.ok());
  EXPECT_EQ(counts_only->queries[0].base.limit, 0u);
}

TEST(SearchRequestJson, SeveralQueriesAtOnce) {
  const auto read = ParseSearchRequests(R"({"queries":[{"query":"a"},{"query":"b","limit":1}]})");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_TRUE(read->is_batch);
  ASSERT_EQ(read->queries.size(), 2u);
  EXPECT_EQ(read->queries[1].base.context.query, "b");
  EXPECT_EQ(read->queries[1].base.limit, 1u);
}

std::string FieldOf(const std::string& body) {
  const auto read = ParseSearchRequests(body);
  EXPECT_EQ(read.status().code(), StatusCode::kInvalidArgument) << body;
  return read.status().field();
}

TEST(SearchRequestJson, WrongFieldsAreNamed) {
  EXPECT_EQ(FieldOf(R"({"query":5})"), "query");
  EXPECT_EQ(FieldOf(R"({"query":")" + std::string(kQueryTextBytesMax + 1, 'a') + "\"}"), "query");
  EXPECT_EQ(FieldOf(R"({"limit":201})"), "limit");
  EXPECT_EQ(FieldOf(R"({"limit":-1})"), "limit");
  EXPECT_EQ(FieldOf(R"({"page":-1})"), "page");
  EXPECT_EQ(FieldOf(R"({"page":100,"limit":100})"), "page");
  EXPECT_EQ(FieldOf(R"({"page":4294967296})"), "page");
  EXPECT_EQ(FieldOf(R"({"sort":"cheap"})"), "sort");
  EXPECT_EQ(FieldOf(R"({"typing":1})"), "typing");
  EXPECT_EQ(FieldOf(R"({"personalize":101})"), "personalize");
  EXPECT_EQ(FieldOf(R"({"preview":[]})"), "preview");
  EXPECT_EQ(FieldOf(R"({"preview":{"rules":[{"id":"a","then":[{}]}]}})"), "preview.rules[0].then[0].do");
  EXPECT_EQ(FieldOf(R"({"fill_empty":0})"), "fill_empty");
  EXPECT_EQ(FieldOf(R"({"facets":"brand"})"), "facets");
  EXPECT_EQ(FieldOf(R"({"facets":["brand",7]})"), "facets[1]");
  EXPECT_EQ(FieldOf(R"({"facets":[{"limit":3}]})"), "facets[0].field");
  EXPECT_EQ(FieldOf(R"({"facets":[{"field":"brand","limit":1001}]})"), "facets[0].limit");
  EXPECT_EQ(FieldOf(R"({"selected":[]})"), "selected");
  EXPECT_EQ(FieldOf(R"({"selected":{"brand":"Sony"}})"), "selected.brand");
  EXPECT_EQ(FieldOf(R"({"selected":{"brand":["Sony",3]}})"), "selected.brand[1]");
  EXPECT_EQ(FieldOf(R"({"selected":{"price":{"min":"1"}}})"), "selected.price.min");
  EXPECT_EQ(FieldOf(R"({"selected":{"price":{"min":2,"max":1}}})"), "selected.price");
  EXPECT_EQ(FieldOf(R"({"distinct":{"field":"price"}})"), "distinct.field");
  EXPECT_EQ(FieldOf(R"({"distinct":{"field":"brand","products":0}})"), "distinct.products");
  EXPECT_EQ(FieldOf(R"({"highlight":["titles"]})"), "highlight[0]");
  EXPECT_EQ(FieldOf(R"({"context":{"market":5}})"), "context.market");
  EXPECT_EQ(FieldOf(R"({"queries":[]})"), "queries");
  EXPECT_EQ(FieldOf(R"({"queries":[{},{"sort":1}]})"), "queries[1].sort");
  EXPECT_EQ(FieldOf(R"({"queries":[5]})"), "queries[0]");
  EXPECT_EQ(FieldOf("[]"), "");
  EXPECT_EQ(FieldOf("{"), "");
  std::string many = R"({"queries":[{})";
  for (size_t i = 0; i < kQueriesPerRequestMax; ++i) many += ",{}";
  EXPECT_EQ(FieldOf(many + "]}"), "queries");
}

}  // namespace
}  // namespace attune::search
