// Placements as configuration: what is read is what is written, and what is wrong is named.

#include "decisions/placement_json.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "decisions/placement_set.h"

namespace attune::decisions {
namespace {

std::string Written(const Placement& placement) {
  JsonWriter json;
  WritePlacement(json, placement);
  return json.TakeText();
}

Status ErrorOf(std::string_view json) { return ParsePlacement("mine", json).status(); }

TEST(PlacementJsonTest, BuiltInPlacementsComeBackAsTheyAre) {
  ASSERT_EQ(BuiltInPlacements().size(), 11u);
  for (const Placement& placement : BuiltInPlacements()) {
    const std::string written = Written(placement);
    const Result<Placement> back = ParsePlacement("a_new_id", written);
    ASSERT_TRUE(back.ok()) << back.status().field() << ": " << back.status().message();
    Placement renamed = *back;
    renamed.id = placement.id;
    EXPECT_EQ(Written(renamed), written);
    EXPECT_EQ(models::CheckRecipe(placement.recipe), Status());
  }
}

TEST(PlacementJsonTest, ReadsEveryField) {
  const Result<Placement> read = ParsePlacement("mine", R"({
    "title":"Lamps","sources":[{"source":"als","weight":0.5,"depth":7}],"rank_offset":10,
    "seeds":{"page":1,"cart":2,"session":3,"profile":4},"limit":3,"limit_max":4,"within_category":true,
    "may_repeat":true,"about_views":true,"filter":"margin_percent > 20",
    "exclude":{"page_products":false,"cart":false,"bought_within_days":30,
               "bought_within_days_by_category":{"Home > Lighting":365}},
    "row_seed":"purchase",
    "diversity":{"brand_max":3,"category_max":4,"method":"dpp","relevance":0.5},
    "rotation":{"slates":5,"keep":0.5},"popularity_exponent":0.25,
    "exploration":{"epsilon":0.05,"new_slots":2,"new_impressions_max":50,"goal":"cart"},
    "objective":"revenue",
    "fallback":["category","newest"],"editorial":["p1","p2"],
    "record_share":0.5,"unknown":{"is":"ignored"}})");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(
      Written(*read),
      R"({"id":"mine","title":"Lamps","sources":[{"source":"als","weight":0.5,"depth":7}],"rank_offset":10,)"
      R"("seeds":{"page":1,"cart":2,"session":3,"profile":4},"limit":3,"limit_max":4,"within_category":true,)"
      R"("may_repeat":true,"about_views":true,"filter":"margin_percent > 20",)"
      R"("exclude":{"page_products":false,"cart":false,"bought_within_days":30,)"
      R"("bought_within_days_by_category":{"Home > Lighting":365}},)"
      R"("row_seed":"purchase",)"
      R"("diversity":{"brand_max":3,"category_max":4,"method":"dpp","relevance":0.5},)"
      R"("rotation":{"slates":5,"keep":0.5},"popularity_exponent":0.25,)"
      R"("exploration":{"epsilon":0.05,"new_slots":2,"new_impressions_max":50,"goal":"cart"},)"
      R"("objective":"revenue","fallback":["category","newest"],)"
      R"("editorial":["p1","p2"],"record_share":0.5})");
  EXPECT_NE(read->parsed_filter, nullptr);
}

TEST(PlacementJsonTest, WrongRerankingIsNamed) {
  const auto field_of = [](const std::string& rest) {
    return ErrorOf(R"({"based_on":"home_trending",)" + rest + "}").field();
  };
  EXPECT_EQ(field_of(R"("diversity":{"method":"maximal"})"), "diversity.method");
  EXPECT_EQ(field_of(R"("diversity":{"relevance":1})"), "diversity.relevance");
  EXPECT_EQ(field_of(R"("rotation":{"slates":21})"), "rotation.slates");
  EXPECT_EQ(field_of(R"("rotation":{"keep":1.5})"), "rotation.keep");
  EXPECT_EQ(field_of(R"("rotation":5)"), "rotation");
  EXPECT_EQ(field_of(R"("popularity_exponent":-1)"), "popularity_exponent");
  EXPECT_EQ(field_of(R"("exploration":{"epsilon":2})"), "exploration.epsilon");
  EXPECT_EQ(field_of(R"("exploration":{"new_slots":5})"), "exploration.new_slots");
  EXPECT_EQ(field_of(R"("exploration":{"new_impressions_max":0})"), "exploration.new_impressions_max");
  EXPECT_EQ(field_of(R"("exploration":{"goal":"joy"})"), "exploration.goal");
  EXPECT_EQ(field_of(R"("row_seed":"view")"), "row_seed");
}

TEST(PlacementJsonTest, StartsFromTheBuiltInOfItsIdOrOfBasedOn) {
  EXPECT_EQ(ParsePlacement("home_for_you", R"({"limit":5})")->recipe,
            ParsePlacement("x", R"({"based_on":"home_for_you"})")->recipe);
  EXPECT_EQ(ParsePlacement("home_for_you", R"({"limit":5})")->limit_default, 5u);
  EXPECT_EQ(ErrorOf(R"({"based_on":"nothing"})").field(), "based_on");
  EXPECT_EQ(ErrorOf("{}").field(), "sources");
}

TEST(PlacementJsonTest, WrongFieldsAreNamed) {
  const auto field_of = [](const std::string& fields) {
    const Status status = ErrorOf(R"({"based_on":"home_for_you",)" + fields + "}");
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << fields;
    return status.field();
  };
  EXPECT_EQ(field_of(R"("sources":[{"source":"a"},{"source":"b","weight":-1}])"), "sources[1].weight");
  EXPECT_EQ(field_of(R"("sources":[{"source":"a"},{"source":"a"}])"), "sources[1].source");
  EXPECT_EQ(field_of(R"("sources":[{}])"), "sources[0].source");
  EXPECT_EQ(field_of(R"("sources":[{"source":"a","depth":0}])"), "sources[0].depth");
  EXPECT_EQ(field_of(R"("sources":7)"), "sources");
  EXPECT_EQ(field_of(R"("sources":[])"), "sources");
  EXPECT_EQ(field_of(R"("limit":"ten")"), "limit");
  EXPECT_EQ(field_of(R"("limit":100)"), "limit");
  EXPECT_EQ(field_of(R"("limit_max":1000)"), "limit_max");
  EXPECT_EQ(field_of(R"("filter":"prise < 5")"), "filter");
  EXPECT_EQ(field_of(R"("exclude":{"bought_within_days":-1})"), "exclude.bought_within_days");
  EXPECT_EQ(field_of(R"("exclude":{"bought_within_days_by_category":{"Toys":"x"}})"),
            "exclude.bought_within_days_by_category.Toys");
  EXPECT_EQ(field_of(R"("fallback":["category","category"])"), "fallback[1]");
  EXPECT_EQ(field_of(R"("fallback":["random"])"), "fallback[0]");
  EXPECT_EQ(field_of(R"("editorial":[""])"), "editorial[0]");
  EXPECT_EQ(field_of(R"("objective":"fame")"), "objective");
  EXPECT_EQ(field_of(R"("record_share":1.5)"), "record_share");
  EXPECT_EQ(field_of(R"("seeds":{"page":"x"})"), "seeds.page");
  EXPECT_EQ(field_of(R"("diversity":[])"), "diversity");
  EXPECT_EQ(field_of("\"title\":\"a\\u0000b\""), "title");
  EXPECT_EQ(ErrorOf("[]").message(), "the document is not a JSON object");
  EXPECT_EQ(ErrorOf("{").message(), "the document is not JSON");
  EXPECT_EQ(ParsePlacement("No Id", "{}").status().field(), "id");
  EXPECT_EQ(ErrorOf(std::string(kSettingBytesMax + 1, ' ')).code(), StatusCode::kInvalidArgument);
}

TEST(PlacementJsonTest, MutatedDocumentsNeverCrash) {
  Random random(3);
  const std::string seed = Written(BuiltInPlacements()[4]);
  int accepted = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string json = seed;
    for (uint64_t change = 0; change <= random.NextBelow(3); ++change) {
      json[random.NextBelow(json.size())] = static_cast<char>(random.Next());
    }
    const Result<Placement> read = ParsePlacement("mine", json);
    if (read.ok()) {
      ++accepted;
      EXPECT_TRUE(ParsePlacement("mine", Written(*read)).ok());
    }
  }
  EXPECT_GT(accepted, 50);
}

TEST(PlacementSetTest, ChangesMakeANewSetAndDeletionRestoresTheBuiltIn) {
  auto first = std::make_shared<const PlacementSet>();
  Placement changed = *first->Find("home_for_you");
  changed.limit_default = 33;
  const auto second = first->Put(changed).value();
  EXPECT_EQ(first->Find("home_for_you")->limit_default, kSlateProductsDefault);
  EXPECT_EQ(second->Find("home_for_you")->limit_default, 33u);
  EXPECT_EQ(second->Delete("home_for_you")->Find("home_for_you")->limit_default, kSlateProductsDefault);
  changed.id = "mine";
  const auto third = second->Put(changed).value();
  EXPECT_EQ(third->All().size(), 12u);
  EXPECT_EQ(third->Delete("mine")->Find("mine"), nullptr);
  EXPECT_EQ(third->Suggest("mien"), "mine");
}

}  // namespace
}  // namespace attune::decisions
