// Goal: what a store has acknowledged can be searched, before and after a restart, whatever became of the
// files of its indexes.

#include "server/search_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "catalog/product_json.h"
#include "server/store_for_tests.h"

namespace attune::server {
namespace {

using testing::HasSubstr;
using testing::Not;

class SearchStoreTest : public StoreTest {
 protected:
  std::string Search(const std::string& body, const std::optional<http::Caller>& caller = {}) {
    const auto answer =
        Wait([&](http::Done done) { store_->Search(body, caller.value_or(Secret()), std::move(done)); });
    return answer.ok() ? answer->body : answer.status().field() + ": " + answer.status().message();
  }
  std::string Find(const std::string& query) { return Search(R"({"query":")" + query + "\"}"); }
  void PutTitle(const std::string& id, const std::string& title, const std::string& more = "") {
    const auto answer = Wait([&](http::Done done) {
      store_->PutProduct(id, R"({"title":")" + title + R"(","price":5)" + more + "}", Secret(),
                         std::move(done));
    });
    ASSERT_TRUE(answer.ok()) << answer.status().message();
  }
  void Delete(const std::string& id) {
    ASSERT_TRUE(Wait([&](http::Done done) { store_->DeleteProduct(id, Secret(), std::move(done)); }).ok());
  }
  void PatchSettings(const std::string& body) {
    const auto answer =
        Wait([&](http::Done done) { store_->PatchStoreSettings(body, {}, Secret(), std::move(done)); });
    ASSERT_TRUE(answer.ok()) << answer.status().message();
  }
  std::vector<std::filesystem::path> Files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "search")) {
      files.push_back(entry.path());
    }
    return files;
  }
  // As after a crash: what the store saves when it is closed is not there.
  void OpenAfterCrash() {
    const auto kept = folder_.string() + "-kept";
    std::filesystem::remove_all(kept);
    std::filesystem::create_directories(folder_ / "search");
    std::filesystem::copy(folder_ / "search", kept);
    store_.reset();
    std::filesystem::remove_all(folder_ / "search");
    std::filesystem::rename(kept, folder_ / "search");
    Open();
  }
};

TEST_F(SearchStoreTest, AChangeIsSearchableWithItsAcknowledgement) {
  EXPECT_THAT(Find("lamp"), HasSubstr(R"("total":0)"));
  PutTitle("p1", "Desk lamp");
  EXPECT_THAT(Find("lamp"), HasSubstr(R"("total":1)"));
  PutTitle("p1", "Oak chair");
  EXPECT_THAT(Find("lamp"), HasSubstr(R"("total":0)"));
  EXPECT_THAT(Find("chairs"), HasSubstr(R"("product_id":"p1")"));
  Delete("p1");
  EXPECT_THAT(Find("chair"), HasSubstr(R"("total":0)"));
}

TEST_F(SearchStoreTest, ARestartReadsTheIndexAndIndexesWhatChangedSince) {
  for (int i = 0; i < 20; ++i) PutTitle("p" + std::to_string(i), "Desk lamp number " + std::to_string(i));
  const std::string before = Find("desk lamp");
  Open();
  EXPECT_EQ(store_->search_statistics().loaded, 1u);
  EXPECT_EQ(store_->search_statistics().made, 0u);
  const auto without_id = [](const std::string& answer) { return answer.substr(answer.find("\"query\"")); };
  EXPECT_EQ(without_id(Find("desk lamp")), without_id(before));
  PutTitle("p3", "Oak chair");
  PutTitle("new", "Oak table");
  Delete("p4");
  OpenAfterCrash();
  EXPECT_EQ(store_->search_statistics().loaded, 1u);
  EXPECT_THAT(Find("oak"), HasSubstr(R"("total":2)"));
  EXPECT_THAT(Find("desk lamp"), HasSubstr(R"("total":18)"));
}

TEST_F(SearchStoreTest, DamagedForeignAndMissingFilesAreMadeAnew) {
  PutTitle("p1", "Desk lamp");
  Open();
  ASSERT_EQ(Files().size(), 1u);
  const std::filesystem::path file = Files()[0];
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::string flipped = bytes;
  flipped[bytes.size() / 2] = static_cast<char>(flipped[bytes.size() / 2] ^ 1);
  for (const std::string& damaged :
       {flipped, bytes.substr(0, bytes.size() / 3), std::string(), std::string("x")}) {
    store_.reset();
    std::ofstream(file, std::ios::binary | std::ios::trunc) << damaged;
    Open();
    EXPECT_EQ(store_->search_statistics().made, 1u);
    EXPECT_THAT(Find("lamp"), HasSubstr(R"("total":1)"));
  }
  store_.reset();
  std::filesystem::remove(file);
  Open();
  EXPECT_THAT(Find("lamp"), HasSubstr(R"("total":1)"));
}

TEST_F(SearchStoreTest, EachLanguageOfTheProductsHasItsIndex) {
  PutTitle("p1", "Lamps for desks", R"(,"translations":{"de":{"title":"Tischlampen"}})");
  PutTitle("p2", "Oak chair");
  const auto in = [&](const std::string& locale, const std::string& query) {
    return Search(R"({"query":")" + query + R"(","context":{"locale":")" + locale + "\"}}");
  };
  EXPECT_THAT(in("de-AT", "tischlampe"), HasSubstr(R"("total":1)"));
  EXPECT_THAT(in("de", "lamps for desks"), Not(HasSubstr(R"("matched_by":"all_words")")));
  EXPECT_THAT(in("en", "desk lamp"), HasSubstr(R"("total":1)"));
  EXPECT_THAT(in("fr", "desk lamp"), HasSubstr(R"("total":1)"));  // No French: the store's own.
  EXPECT_THAT(in("de", "chair"), HasSubstr(R"("total":1)"));      // Not translated: found as it is.
  EXPECT_EQ(store_->search_statistics().locales.size(), 2u);
  Open();
  EXPECT_EQ(store_->search_statistics().loaded, 2u);
  EXPECT_THAT(in("de", "tischlampe"), HasSubstr(R"("total":1)"));
}

class SearchCompoundsTest : public SearchStoreTest {
 protected:
  SearchCompoundsTest() {
    PatchSettings(R"({"default_locale":"nl"})");
    for (int i = 0; i < 6; ++i) PutTitle("tas" + std::to_string(i), "Tas");
    for (int i = 0; i < 3; ++i) PutTitle("fiets" + std::to_string(i), "Fiets");
    PutTitle("fietstas", "Fietstas, zwart");
    PutTitle("zadel", "Zadel");
  }
  bool Finds(const std::string& query, const std::string& id) {
    return Search(R"({"fill_empty":false,"query":")" + query + R"(","limit":200})")
               .find("\"product_id\":\"" + id + "\"") != std::string::npos;
  }
};

TEST_F(SearchCompoundsTest, PartsFindTheirCompound) {
  EXPECT_TRUE(Finds("tas", "fietstas"));
  EXPECT_TRUE(Finds("tassen", "fietstas"));
  EXPECT_TRUE(Finds("fiets", "fietstas"));
  EXPECT_TRUE(Finds("tas fiets", "fietstas"));
  EXPECT_FALSE(Finds("helm", "fietstas"));
  // And the other way: a compound finds the text that holds its parts.
  PutTitle("losse", "Tas voor op de fiets");
  EXPECT_TRUE(Finds("fietstas", "losse"));
  EXPECT_FALSE(Finds("fietstas", "tas1"));
}

TEST_F(SearchCompoundsTest, ARestartKeepsTheVocabulary) {
  const uint64_t made = store_->search_statistics().made;
  EXPECT_GT(made, 0u);
  Open();
  EXPECT_EQ(store_->search_statistics().loaded, 1u);
  EXPECT_EQ(store_->search_statistics().made, 0u);
  EXPECT_TRUE(Finds("tas", "fietstas"));
  PutTitle("later", "Fietstas, rood");  // Taken apart by the vocabulary at hand.
  EXPECT_EQ(store_->search_statistics().made, 0u);
  EXPECT_TRUE(Finds("tas", "later"));
}

TEST_F(SearchCompoundsTest, AnOutgrownVocabularyIsLearnedAnew) {
  PutTitle("kinderhelm", "Kinderhelm");
  EXPECT_FALSE(Finds("helm", "kinderhelm"));  // Neither word was known.
  for (int i = 0; i < 12; ++i) PutTitle("more" + std::to_string(i), i % 2 == 0 ? "Helm" : "Kinderen, kinder");
  EXPECT_TRUE(Finds("helm", "kinderhelm"));
}

TEST_F(SearchStoreTest, WordsThatStandBeforeOthersAreParts) {
  PatchSettings(R"({"default_locale":"de"})");
  for (int i = 0; i < 3; ++i) PutTitle("l" + std::to_string(i), "Lampen");
  for (int i = 0; i < 3; ++i) PutTitle("t" + std::to_string(i), "Tisch");
  PutTitle("stehlampe", "Stehlampe");
  PutTitle("stehtisch", "Stehtisch");
  for (int i = 0; i < 4; ++i) PutTitle("x" + std::to_string(i), "Kissen");
  EXPECT_THAT(Find("lampe"), HasSubstr(R"("product_id":"stehlampe")"));
  EXPECT_THAT(Find("tische"), HasSubstr(R"("product_id":"stehtisch")"));
  EXPECT_THAT(Find("lampe"), Not(HasSubstr(R"("product_id":"stehtisch")")));
}

TEST_F(SearchStoreTest, OtherFacetFieldsMakeOtherIndexes) {
  PutTitle("p1", "Lamp", R"(,"attributes":{"colour":"black"})");
  const std::string asked = R"({"facets":["attributes.colour"],"limit":0})";
  const std::string counted = R"("values":[{"value":"black","count":1}])";
  EXPECT_THAT(Search(asked), HasSubstr(counted));
  PatchSettings(R"({"search":{"facets":["attributes.colour"]}})");
  EXPECT_THAT(Search(asked), HasSubstr(counted));
  EXPECT_THAT(Search(R"({"facets":["brand"]})"), HasSubstr("facets[0]: no such facet: brand"));
  Open();
  EXPECT_EQ(store_->search_statistics().loaded, 1u);
  EXPECT_THAT(Search(asked), HasSubstr(counted));
}

TEST_F(SearchStoreTest, AnswersTellThePublicNoSecrets) {
  PutTitle("p1", "Lamp", R"(,"cost":2,"stock":7)");
  http::Caller browser = Secret();
  browser.is_public = true;
  browser.may_explain = false;
  EXPECT_THAT(Search(R"({"query":"lamp","explain":true})"), HasSubstr(R"("cost":2)"));
  const std::string seen = Search(R"({"query":"lamp","explain":true})", browser);
  EXPECT_THAT(seen, HasSubstr(R"("product_id":"p1")"));
  for (const char* secret : {"cost", "stock\":7", "ranking", "alternatives"}) {
    EXPECT_THAT(seen, Not(HasSubstr(secret)));
  }
}

TEST_F(SearchStoreTest, AMistakeInOneOfSeveralQueriesNamesIt) {
  PutTitle("p1", "Lamp");
  EXPECT_THAT(Search(R"({"queries":[{"query":"lamp"},{"query":"chair"}]})"), HasSubstr(R"({"results":[{)"));
  EXPECT_THAT(Search(R"({"queries":[{},{"filter":"price >"}]})"), HasSubstr("queries[1].filter: "));
}

// An index that a thread makes while products change has the changes.
TEST(SearchKeeper, ChangesMeanwhileAreInTheIndex) {
  VirtualClock clock(kTestNowMs);
  storage::MemoryStorage engine(&clock);
  catalog::CatalogState state;
  const auto put = [&](int number, const std::string& title) {
    const std::string id = "p" + std::to_string(number);
    const auto change = catalog::ParseProductChange(R"({"title":")" + title + "\"}",
                                                    {.kind = catalog::ProductChange::Kind::kPut,
                                                     .product_id = id,
                                                     .default_currency = *Currency::Parse("EUR"),
                                                     .now_ms = kTestNowMs});
    ASSERT_TRUE(change.ok());
    const auto payload = state.PrepareChange(*change);
    ASSERT_TRUE(payload.ok());
    ASSERT_TRUE(state
                    .Apply({Sequence(static_cast<uint64_t>(number) + 1), kTestNowMs,
                            storage::RecordKind::kProduct, *payload})
                    .ok());
  };
  constexpr int kProducts = 3'000;
  for (int i = 0; i < kProducts; ++i) put(i, "lamp");
  Published<catalog::CatalogView> catalogs(state.Publish(Sequence(kProducts)));
  const std::string folder = std::string(::testing::TempDir()) + "/attune-search-keeper";
  SearchKeeper keeper({.engine = &engine,
                       .catalogs = &catalogs,
                       .folder = folder,
                       .clock = &clock,
                       .log = nullptr,
                       .store_id = "shop",
                       .inline_products_max = 10});
  keeper.Open({"en", {}}, Sequence(kProducts), Sequence(kProducts));
  for (int i = 0; i < 5; ++i) {
    put(i, "chair");
    catalogs.Publish(state.Publish(Sequence(static_cast<uint64_t>(kProducts + i))));
    keeper.Apply({ProductIndex(static_cast<uint32_t>(i))}, Sequence(static_cast<uint64_t>(kProducts + i)));
  }
  keeper.WaitUntilMade();
  const auto set = keeper.indexes().Acquire();
  ASSERT_EQ(set->locales.size(), 1u);
  const search::SearchIndex& index = *set->locales[0].index;
  EXPECT_EQ(index.document_count(), static_cast<uint32_t>(kProducts));
  EXPECT_EQ(index.RecordOf(index.words().Find("chair")).documents_with_word, 5u);
  EXPECT_EQ(index.RecordOf(index.words().Find("lamp")).documents_with_word,
            static_cast<uint32_t>(kProducts - 5));
  for (int i = 0; i < 20; ++i) keeper.Maintain();
  EXPECT_EQ(keeper.indexes().Acquire()->locales[0].index->document_count(), static_cast<uint32_t>(kProducts));
}

}  // namespace
}  // namespace attune::server
