// Goal: a catalogue teaches the words that its compounds are made of, the same ones whenever it is asked.

#include "search/learned_vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "catalog/catalog_state.h"
#include "catalog/product_json.h"

namespace attune::search {
namespace {

using testing::ElementsAre;

constexpr int64_t kNowMs = 1'790'000'000'000;

std::shared_ptr<const catalog::CatalogView> CatalogOf(const std::vector<std::string>& titles) {
  catalog::CatalogState state;
  uint64_t sequence = 0;
  for (const std::string& title : titles) {
    ++sequence;
    const auto change = catalog::ParseProductChange(R"({"title":")" + title + "\"}",
                                                    {.kind = catalog::ProductChange::Kind::kPut,
                                                     .product_id = "p" + std::to_string(sequence),
                                                     .default_currency = *Currency::Parse("EUR"),
                                                     .now_ms = kNowMs});
    const auto payload = state.PrepareChange(*change);
    EXPECT_TRUE(state.Apply({Sequence(sequence), kNowMs, storage::RecordKind::kProduct, *payload}).ok());
  }
  return state.Publish(Sequence(sequence));
}

TEST(LearnedVocabulary, InflectionsCountTogether) {
  const auto words =
      LearnedVocabulary::Learn(*CatalogOf({"Lampe", "Lampen", "Lampen, Lampe", "Jacke 4K", "für die"}), "de");
  ASSERT_NE(words, nullptr);
  EXPECT_EQ(words->CountOf("lampe"), 3u);
  EXPECT_EQ(words->CountOf("lampen"), 3u);
  EXPECT_EQ(words->CountOf("jacke"), 1u);
  EXPECT_EQ(words->CountOf("hose"), 0u);
  EXPECT_EQ(LearnedVocabulary::Learn(*CatalogOf({"Lampen"}), "de")->CountOf("lampe"), 1u);
  EXPECT_EQ(LearnedVocabulary::Learn(*CatalogOf({"Lampor"}), "sv")->CountOf("lampa"), 1u);
  EXPECT_EQ(LearnedVocabulary::Learn(*CatalogOf({"Bok"}), "sv")->CountOf("bocker"), 1u);
  for (const char* plural : {"jassen", "huizen", "brieven", "bomen"}) {
    EXPECT_EQ(LearnedVocabulary::Learn(*CatalogOf({"Jas", "Huis", "Brief", "Boom"}), "nl")->CountOf(plural),
              1u)
        << plural;
  }
  EXPECT_EQ(words->CountOf("4k"), 0u);
  EXPECT_EQ(words->learned_from(), Sequence(5));
  EXPECT_EQ(words->product_count(), 5u);
}

TEST(LearnedVocabulary, WhatStandsBeforeTwoWordsIsAWord) {
  const std::vector<std::string> titles = {"Lampe",      "Lampen",    "Tisch",        "Tische",
                                           "Stehlampe",  "Stehtisch", "Hanglampe",    "Hanglampen",
                                           "Tischlampe", "Arbeit",    "Arbeitslampe", "Arbeitstisch"};
  const auto words = LearnedVocabulary::Learn(*CatalogOf(titles), "de");
  EXPECT_EQ(words->CountOf("steh"), 2u);
  EXPECT_EQ(words->CountOf("hang"), 0u);     // Before one word only, in two inflections.
  EXPECT_EQ(words->CountOf("arbeits"), 0u);  // A form of a word.
  EXPECT_THAT(text::SplitCompound("stehlampe", text::Language::kGerman, *words),
              ElementsAre("steh", "lampe"));
}

TEST(LearnedVocabulary, TheSameCatalogueTeachesTheSame) {
  const std::vector<std::string> titles = {"Lampe", "Tisch", "Stehlampe", "Stehtisch", "Kissen"};
  const auto a = LearnedVocabulary::Learn(*CatalogOf(titles), "de");
  const auto b = LearnedVocabulary::Learn(*CatalogOf(titles), "de");
  EXPECT_EQ(a->words(), b->words());
}

TEST(LearnedVocabulary, OtherLanguagesAndEmptyShopsHaveNone) {
  EXPECT_EQ(LearnedVocabulary::Learn(*CatalogOf({"Lamp"}), "en"), nullptr);
  EXPECT_EQ(LearnedVocabulary::Learn(*CatalogOf({}), "de"), nullptr);
  EXPECT_NE(LearnedVocabulary::Learn(*CatalogOf({"Lampa"}), "sv"), nullptr);
}

TEST(MakeAnalyzer, KeepsItsVocabulary) {
  auto analyzer = MakeAnalyzer(
      "de", std::make_shared<const LearnedVocabulary>(
                Sequence(1), 9, std::vector<LearnedVocabulary::Word>{{"lampe", 9}, {"tisch", 9}}));
  EXPECT_EQ(analyzer->Analyze("Tischlampe").size(), 3u);
  EXPECT_EQ(MakeAnalyzer("de", nullptr)->Analyze("Tischlampe").size(), 1u);
}

}  // namespace
}  // namespace attune::search
