// The catalogue as a fold over the log: which write wins, replay, snapshots, failed commits, views.

#include "catalog/catalog_state.h"

#include <gtest/gtest.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <iostream>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "catalog/feed_stage.h"
#include "catalog/limits.h"
#include "catalog/product_json.h"
#include "catalog/product_record.h"
#include "storage/memory_storage.h"

namespace attune::catalog {
namespace {

using Kind = ProductChange::Kind;

ProductChange Change(Kind kind, std::string_view json, int64_t now_ms = 1000) {
  ProductParseOptions options;
  options.kind = kind;
  options.default_currency = *Currency::Parse("EUR");
  options.now_ms = now_ms;
  Result<ProductChange> change = ParseProductChange(json, options);
  EXPECT_TRUE(change.ok()) << change.status().message() << " " << change.status().field();
  return std::move(change).value();
}

ProductChange Delete(std::string_view id, int64_t at_ms) {
  ProductChange change;
  change.kind = Kind::kDelete;
  change.product_id = std::string(id);
  change.updated_at_ms = at_ms;
  return change;
}

// A log in a vector, and the state that it is folded into.
class Shop {
 public:
  Status Do(const ProductChange& change) {
    Result<std::string> payload = state.PrepareChange(change);
    if (!payload.ok()) return payload.status();
    Commit(*payload);
    return Status();
  }
  void Commit(const std::string& payload) {
    if (payload.empty()) return;
    log.push_back(payload);
    ASSERT_TRUE(Fold(state, log.size()).ok());
  }
  // Applies the record at `sequence` (from 1).
  Status Fold(CatalogState& into, size_t sequence) const {
    return into.Apply({Sequence(sequence), 500 + static_cast<int64_t>(sequence),
                       storage::RecordKind::kProduct, log[sequence - 1]});
  }
  const Product* Find(std::string_view id) { return Publish()->Find(*state.ids()->FindName(id)); }
  std::shared_ptr<const CatalogView> Publish() { return view = state.Publish(Sequence(log.size())); }

  CatalogState state;
  std::vector<std::string> log;
  std::shared_ptr<const CatalogView> view;
};

void ExpectSame(const CatalogView& a, const CatalogView& b) {
  ASSERT_EQ(a.index_count(), b.index_count());
  EXPECT_EQ(a.product_count(), b.product_count());
  for (uint32_t i = 0; i < a.index_count(); ++i) {
    EXPECT_EQ(a.IdOf(ProductIndex(i)), b.IdOf(ProductIndex(i)));
    const Product* const left = a.Find(ProductIndex(i));
    const Product* const right = b.Find(ProductIndex(i));
    ASSERT_EQ(left == nullptr, right == nullptr) << i;
    if (left != nullptr) {
      EXPECT_EQ(*left, *right);
    }
  }
}

TEST(CatalogStateTest, VectorsOfOneStoreHaveOneLength) {
  Shop shop;
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"a","vectors":{"image":[1,2,3]}})")).ok());
  EXPECT_EQ(shop.Do(Change(Kind::kPut, R"({"product_id":"b","vectors":{"image":[1,2]}})")).field(),
            "vectors.image");
  EXPECT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"b","vectors":{"image":[1,0,0]}})")).ok());
  EXPECT_EQ(shop.Find("b")->image_vector, (std::vector<float>{1, 0, 0}));
  EXPECT_TRUE(shop.Do(Change(Kind::kPatch, R"({"product_id":"b","title":"B"})")).ok());
  EXPECT_EQ(shop.Find("b")->image_vector.size(), 3u) << "a patch of something else leaves it";
  ASSERT_TRUE(shop.Do(Change(Kind::kPatch, R"({"product_id":"b","vectors":null})")).ok());
  ASSERT_TRUE(shop.Do(Delete("a", 2000)).ok());
  EXPECT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"b","vectors":{"image":[1,2]}})")).ok())
      << "nothing is left to compare it with";
}

TEST(CatalogStateTest, VectorsOfTextsHaveALengthOfTheirOwn) {
  Shop shop;
  ASSERT_TRUE(
      shop.Do(Change(Kind::kPut, R"({"product_id":"a","vectors":{"image":[1,2,3],"text":[1,2]}})")).ok());
  const Status wrong = shop.Do(Change(Kind::kPut, R"({"product_id":"b","vectors":{"text":[1,2,3]}})"));
  EXPECT_EQ(wrong.field(), "vectors.text");
  EXPECT_EQ(wrong.message(), "has 3 numbers, those of the store have 2");
  EXPECT_FALSE(shop.state.ids()->FindName("b"));
  ASSERT_TRUE(shop.Do(Change(Kind::kPatch, R"({"product_id":"a","vectors":{"text":[3,4]}})")).ok());
  EXPECT_EQ(shop.Find("a")->text_vector, (std::vector<float>{3, 4}));
  EXPECT_EQ(shop.Find("a")->image_vector.size(), 3u) << "each is a field";
  ASSERT_TRUE(shop.Do(Change(Kind::kPatch, R"({"product_id":"a","vectors":{"text":null}})")).ok());
  EXPECT_TRUE(shop.Find("a")->text_vector.empty());
  EXPECT_EQ(shop.Find("a")->image_vector.size(), 3u);
  EXPECT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"b","vectors":{"text":[1,2,3]}})")).ok());
}

TEST(CatalogStateTest, TheViewNamesWhatIsOnSaleTheDeepestFirst) {
  Shop shop;
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"a","price":10,"sale_price":9})")).ok());
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"b","price":10})")).ok());
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"c","price":10,"sale_price":5})")).ok());
  const auto names = [&shop] {
    std::vector<std::string> ids;
    const auto view = shop.Publish();
    for (const ProductIndex index : view->on_sale()) ids.emplace_back(view->IdOf(index));
    return ids;
  };
  EXPECT_EQ(names(), (std::vector<std::string>{"c", "a"}));
  ASSERT_TRUE(shop.Do(Change(Kind::kPatch, R"({"product_id":"a","sale_price":1})", 2000)).ok());
  ASSERT_TRUE(shop.Do(Change(Kind::kPatch, R"({"product_id":"c","sale_price":null})", 2000)).ok());
  ASSERT_TRUE(shop.Do(Change(Kind::kPatch,
                             R"({"product_id":"b","markets":{"CH":{"price":10,"sale_price":8}}})", 2000))
                  .ok());
  EXPECT_EQ(names(), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(shop.Do(Delete("a", 3000)).ok());
  EXPECT_EQ(names(), (std::vector<std::string>{"b"}));
}

TEST(CatalogStateTest, ANightlyFeedDoesNotUndoALivePatch) {
  Shop shop;
  ASSERT_TRUE(
      shop.Do(Change(Kind::kMerge, R"({"product_id":"p","price":24.90,"stock":12,"updated_at":200})")).ok());
  ASSERT_TRUE(shop.Do(Change(Kind::kPatch, R"({"product_id":"p","stock":3,"updated_at":930})")).ok());
  ASSERT_TRUE(
      shop.Do(Change(Kind::kMerge, R"({"product_id":"p","price":19.90,"stock":12,"updated_at":900})")).ok());
  EXPECT_EQ(shop.Find("p")->price.price_minor, 1990);
  EXPECT_EQ(shop.Find("p")->stock, 3);
  EXPECT_EQ(shop.Find("p")->updated_at_ms, 930);
  ASSERT_TRUE(shop.Do(Change(Kind::kMerge, R"({"product_id":"p","stock":12,"updated_at":940})")).ok());
  EXPECT_EQ(shop.Find("p")->stock, 12);
}

TEST(CatalogStateTest, APutReplacesAndAPatchAndAFeedKeepWhatTheyDoNotName) {
  Shop shop;
  const std::string whole =
      R"({"product_id":"p","title":"Lamp","brand":"Lumo","created_at":77,"stock_at":{"a":1}})";
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, whole, 10)).ok());
  ASSERT_TRUE(shop.Do(Change(Kind::kPatch, R"({"product_id":"p","stock_at":{"b":2}})", 20)).ok());
  EXPECT_EQ(shop.Find("p")->stock_at, (SortedMap<int64_t>{{"a", 1}, {"b", 2}}));
  ASSERT_TRUE(
      shop.Do(Change(Kind::kPatch, R"({"product_id":"p","stock_at":{"a":null},"brand":null})", 30)).ok());
  EXPECT_EQ(shop.Find("p")->stock_at, (SortedMap<int64_t>{{"b", 2}}));
  EXPECT_EQ(shop.Find("p")->brand, "");
  ASSERT_TRUE(
      shop.Do(Change(Kind::kMerge, R"({"product_id":"p","brand":"Nova","stock_at":{"c":3}})", 40)).ok());
  EXPECT_EQ(shop.Find("p")->title, "Lamp");
  EXPECT_EQ(shop.Find("p")->stock_at, (SortedMap<int64_t>{{"c", 3}}));
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"p","brand":"Nova"})", 50)).ok());
  EXPECT_EQ(shop.Find("p")->title, "");
  EXPECT_TRUE(shop.Find("p")->stock_at.empty());
  EXPECT_EQ(shop.Find("p")->created_at_ms, 77);
}

TEST(CatalogStateTest, VariantsArePatchedByTheirId) {
  Shop shop;
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"p","variants":[
      {"variant_id":"a","price":5,"stock":1},{"variant_id":"b","price":6,"stock":2}]})",
                             10))
                  .ok());
  ASSERT_TRUE(shop.Do(Change(Kind::kPatch, R"({"product_id":"p","variants":[
      {"variant_id":"b","stock":0},{"variant_id":"c","sku":"s"}]})",
                             20))
                  .ok());
  const Product* product = shop.Find("p");
  ASSERT_EQ(product->variants.size(), 3u);
  EXPECT_EQ(product->variants[0].stock, 1);
  EXPECT_EQ(product->variants[1].stock, 0);
  EXPECT_EQ(product->variants[1].price.price_minor, 600);
  EXPECT_EQ(shop.view->Resolve("s"), shop.view->Resolve("p"));
  // A feed says which variants there are, and keeps what it does not say of them.
  ASSERT_TRUE(
      shop.Do(Change(Kind::kMerge, R"({"product_id":"p","variants":[{"variant_id":"b","price":7}]})", 30))
          .ok());
  product = shop.Find("p");
  ASSERT_EQ(product->variants.size(), 1u);
  EXPECT_EQ(product->variants[0].price.price_minor, 700);
  EXPECT_EQ(product->variants[0].stock, 0);
  EXPECT_EQ(shop.view->Resolve("s"), std::nullopt);
}

TEST(CatalogStateTest, ADeletedProductStaysAwayFromOlderFeeds) {
  Shop shop;
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"p","sku":"s"})", 10)).ok());
  const ProductIndex index = *shop.Publish()->Resolve("p");
  ASSERT_TRUE(shop.Do(Delete("p", 50)).ok());
  EXPECT_EQ(shop.Find("p"), nullptr);
  EXPECT_EQ(shop.view->IdOf(index), "p");
  EXPECT_EQ(shop.view->Resolve("s"), std::nullopt);
  EXPECT_EQ(shop.Do(Delete("p", 60)).code(), StatusCode::kNotFound);
  ASSERT_TRUE(shop.Do(Change(Kind::kMerge, R"({"product_id":"p"})", 40)).ok());
  EXPECT_EQ(shop.Find("p"), nullptr);
  ASSERT_TRUE(shop.Do(Change(Kind::kMerge, R"({"product_id":"p"})", 70)).ok());
  EXPECT_NE(shop.Find("p"), nullptr);
  EXPECT_EQ(shop.view->Resolve("p"), index);
  ASSERT_TRUE(shop.Do(Delete("p", 60)).ok());  // Older than what is known.
  EXPECT_NE(shop.Find("p"), nullptr);
  EXPECT_EQ(shop.Publish()->product_count(), 1u);
}

TEST(CatalogStateTest, APatchOfAnUnknownProductIsNotFoundUnlessTheGroupMakesIt) {
  Shop shop;
  const ProductChange patch = Change(Kind::kPatch, R"({"product_id":"p","stock":1})", 20);
  EXPECT_EQ(shop.state.PrepareChange(patch).status().code(), StatusCode::kNotFound);
  const Result<std::string> put = shop.state.PrepareChange(Change(Kind::kPut, R"({"product_id":"p"})", 10));
  ASSERT_TRUE(put.ok());
  EXPECT_TRUE(shop.state.WillExist("p"));
  const Result<std::string> second = shop.state.PrepareChange(patch);
  ASSERT_TRUE(second.ok());
  shop.Commit(*put);
  shop.Commit(*second);
  EXPECT_EQ(shop.Find("p")->stock, 1);
}

TEST(CatalogStateTest, AFailedCommitLeavesNoTraceInTheLogsIndices) {
  Shop shop;
  std::string lost;
  EXPECT_EQ(shop.state.EnsureIndex("ghost", lost)->value(), 0u);
  EXPECT_FALSE(lost.empty());
  std::string again;
  EXPECT_EQ(shop.state.EnsureIndex("ghost", again)->value(), 0u);
  EXPECT_EQ(again, lost);  // Named again: the first mention may never reach the log.
  shop.state.DropPrepared();
  std::string kept;
  EXPECT_EQ(shop.state.EnsureIndex("real", kept)->value(), 0u);
  shop.Commit(kept);
  std::string none;
  EXPECT_EQ(shop.state.EnsureIndex("real", none)->value(), 0u);
  EXPECT_TRUE(none.empty());
  CatalogState replayed;
  ASSERT_TRUE(shop.Fold(replayed, 1).ok());
  ExpectSame(*shop.Publish(), *replayed.Publish(Sequence(1)));
  EXPECT_EQ(shop.view->IdOf(ProductIndex(0)), "real");
  EXPECT_EQ(shop.state.placeholder_count(), 1u);
}

TEST(CatalogStateTest, EnsureIndexRefusesWhatIsNoId) {
  CatalogState state;
  std::string payload;
  EXPECT_FALSE(state.EnsureIndex("", payload).ok());
  EXPECT_FALSE(state.EnsureIndex(std::string(kIdBytesMax + 1, 'x'), payload).ok());
  EXPECT_FALSE(state.EnsureIndex(std::string_view("a\0b", 3), payload).ok());
  EXPECT_FALSE(state.EnsureIndex("\xff", payload).ok());
  EXPECT_TRUE(payload.empty());
}

TEST(CatalogStateTest, AViewStandsStillWhileTheCatalogueMoves) {
  Shop shop;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(shop.Do(Change(Kind::kPut, "{\"product_id\":\"p" + std::to_string(i) + "\"}", 10)).ok());
  }
  const auto before = shop.Publish();
  EXPECT_FALSE(shop.state.has_unpublished_changes());
  ASSERT_TRUE(shop.Do(Change(Kind::kPatch, R"({"product_id":"p700","title":"new"})", 20)).ok());
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"q"})", 20)).ok());
  EXPECT_TRUE(shop.state.has_unpublished_changes());
  const auto after = shop.Publish();
  EXPECT_EQ(before->Find(ProductIndex(700))->title, "");
  EXPECT_EQ(after->Find(ProductIndex(700))->title, "new");
  EXPECT_EQ(before->Find(ProductIndex(3)), after->Find(ProductIndex(3)));  // Shared.
  EXPECT_EQ(before->Resolve("q"), std::nullopt);
  EXPECT_EQ(before->IdOf(ProductIndex(1000)), "");
  EXPECT_EQ(before->Find(ProductIndex(1000)), nullptr);
  EXPECT_EQ(after->Resolve("q"), ProductIndex(1000));
  EXPECT_EQ(after->Find(ProductIndex(0xffffffff)), nullptr);
}

TEST(CatalogStateTest, ASkuThatSeveralClaimLeadsToTheFirstWhateverTheOrder) {
  Shop shop;
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"a"})", 10)).ok());
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"b","sku":"s"})", 10)).ok());
  EXPECT_EQ(shop.Publish()->Resolve("s"), ProductIndex(1));
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"a","ean":"s"})", 20)).ok());
  EXPECT_EQ(shop.Publish()->Resolve("s"), ProductIndex(0));
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"a"})", 30)).ok());
  EXPECT_EQ(shop.Publish()->Resolve("s"), ProductIndex(1));
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"b"})", 30)).ok());
  EXPECT_EQ(shop.Publish()->Resolve("s"), std::nullopt);
}

TEST(CatalogStateTest, AmountsFollowTheDecimalsOfTheProductsCurrency) {
  Shop shop;
  ASSERT_TRUE(shop.Do(Change(Kind::kPut, R"({"product_id":"p","price":1200,"currency":"JPY"})", 10)).ok());
  EXPECT_EQ(shop.Find("p")->price.price_minor, 1200);
  ASSERT_TRUE(shop.Do(Change(Kind::kPatch, R"({"product_id":"p","price":1500,"cost":7})", 20)).ok());
  EXPECT_EQ(shop.Find("p")->price.price_minor, 1500);
  EXPECT_EQ(shop.Find("p")->cost_minor, 7);
  EXPECT_EQ(shop.Find("p")->price.currency.code(), "JPY");
}

TEST(CatalogStateTest, MalformedRecordsAreCorruptionAndNamesMustAgree) {
  Shop shop;
  ASSERT_TRUE(
      shop.Do(Change(Kind::kPut, R"({"product_id":"p","title":"Lamp","attributes":{"a":1}})", 10)).ok());
  Random random(5);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = shop.log[0];
    bytes[random.NextBelow(bytes.size())] = static_cast<char>(random.NextBelow(256));
    if (random.NextBelow(3) == 0) bytes.resize(random.NextBelow(bytes.size() + 1));
    CatalogState other;
    const Status status = other.Apply({Sequence(1), 1, storage::RecordKind::kProduct, bytes});
    EXPECT_TRUE(status.ok() || status.code() == StatusCode::kCorruption) << status.message();
  }
  std::string clash;
  AppendName({ProductIndex(0), "other"}, clash);
  EXPECT_EQ(shop.state.Apply({Sequence(9), 1, storage::RecordKind::kProduct, clash}).code(),
            StatusCode::kCorruption);
  EXPECT_TRUE(shop.state.Apply({Sequence(9), 1, storage::RecordKind::kEvent, clash}).ok());
}

TEST(CatalogStateTest, ARecordHasTheBytesThatItsDescriptionSays) {
  ProductChange change = Change(Kind::kPatch, R"({"product_id":"p1","stock":3})", 1000);
  std::string payload;
  AppendChange(ProductIndex(0), change, payload);
  EXPECT_EQ(payload, std::string("\x12\x13\x08\x02\x10\x00\x18\xd0\x0f\x20\x80\x04\x2a\x02\x58\x06\x4a\x03"
                                 "EUR",
                                 21));
}

std::string RandomChangeJson(Random& random, int64_t& at_ms) {
  at_ms = 1 + static_cast<int64_t>(random.NextBelow(50));
  std::string json = "{\"product_id\":\"p" + std::to_string(random.NextBelow(8)) + "\"";
  const auto maybe = [&](const std::string& member) {
    if (random.NextBelow(3) == 0) json += "," + member;
  };
  const std::string number = std::to_string(random.NextBelow(1000));
  maybe("\"title\":\"t" + number + "\"");
  maybe("\"price\":" + number);
  maybe("\"stock\":" + number);
  maybe("\"brand\":null");
  maybe("\"sku\":\"s" + std::to_string(random.NextBelow(5)) + "\"");
  maybe("\"attributes\":{\"n\":" + number + "}");
  maybe("\"hidden\":" + std::string(random.NextBelow(2) == 0 ? "true" : "false"));
  maybe("\"stock_at\":{\"x\":" + number + "}");
  maybe("\"variants\":[{\"variant_id\":\"v" + std::to_string(random.NextBelow(4)) + "\",\"stock\":" + number +
        "}]");
  return json + "}";
}

TEST(CatalogStateTest, ReplayAndSnapshotsGiveTheSameCatalogue) {
  Random random(42);
  for (int round = 0; round < 20; ++round) {
    Shop shop;
    const VirtualClock clock(1);
    storage::MemoryStorage engine(&clock);
    size_t watermark = 0;
    for (int step = 0; step < 120; ++step) {
      const auto pick = random.NextBelow(10);
      int64_t at_ms = 0;
      const std::string json = RandomChangeJson(random, at_ms);
      const Kind kind = pick < 3 ? Kind::kPut : pick < 6 ? Kind::kPatch : Kind::kMerge;
      if (pick == 9) {
        const Status status = shop.Do(Delete("p" + std::to_string(random.NextBelow(8)), at_ms));
        EXPECT_TRUE(status.ok() || status.code() == StatusCode::kNotFound);
      } else if (pick == 8) {
        std::string names;
        EXPECT_TRUE(shop.state.EnsureIndex("s" + std::to_string(random.NextBelow(9)), names).ok());
        shop.Commit(names);
      } else {
        const Status status = shop.Do(Change(kind, json, at_ms));
        EXPECT_TRUE(status.ok() || status.code() == StatusCode::kNotFound);
      }
      if (step == 40 || step == 80) {
        storage::WriteBatch batch;
        shop.state.SaveChanged(batch);
        ASSERT_TRUE(engine.Commit(batch, storage::Durability::kBuffered).ok());
        shop.state.ChangesSaved();
        EXPECT_EQ(shop.state.unsaved_count(), 0u);
        watermark = shop.log.size();
      }
    }
    CatalogState replayed;
    for (size_t i = 1; i <= shop.log.size(); ++i) ASSERT_TRUE(shop.Fold(replayed, i).ok());
    CatalogState loaded;
    ASSERT_TRUE(loaded.Load(engine).ok());
    for (size_t i = watermark + 1; i <= shop.log.size(); ++i) ASSERT_TRUE(shop.Fold(loaded, i).ok());
    const auto live = shop.Publish();
    ExpectSame(*live, *replayed.Publish(Sequence(1)));
    ExpectSame(*live, *loaded.Publish(Sequence(1)));
    EXPECT_EQ(loaded.placeholder_count(), shop.state.placeholder_count());
    for (int i = 0; i < 9; ++i) {
      for (const char* const letter : {"s", "v"}) {
        const std::string alias = letter + std::to_string(i);
        EXPECT_EQ(live->Resolve(alias), loaded.Publish(Sequence(1))->Resolve(alias)) << alias;
      }
    }
    for (uint32_t i = 0; i < live->index_count(); ++i) {
      const FieldClocks* const a = shop.state.ClocksOf(ProductIndex(i));
      const FieldClocks* const b = loaded.ClocksOf(ProductIndex(i));
      if (a != nullptr && b != nullptr) {
        EXPECT_TRUE(*a == *b) << i;
      }
    }
  }
}

TEST(CatalogStateTest, TheNewestWriteOfEachFieldWinsInAnyOrder) {
  Random random(11);
  for (int round = 0; round < 200; ++round) {
    Shop shop;
    // What the definition says: per field, the write with the largest time; of equal ones, the last.
    std::map<std::string, std::pair<int64_t, std::string>> newest;
    ASSERT_TRUE(shop.Do(Change(Kind::kMerge, R"({"product_id":"p"})", 1)).ok());
    for (int step = 0; step < 30; ++step) {
      const int64_t at_ms = 1 + static_cast<int64_t>(random.NextBelow(20));
      std::string json = "{\"product_id\":\"p\"";
      for (const char* const name : {"title", "brand", "url", "image"}) {
        const std::string field = name;
        if (random.NextBelow(2) == 0) continue;
        const std::string value = field + std::to_string(random.Next());
        json += ",\"" + field + "\":\"" + value + "\"";
        if (newest[field].first <= at_ms) newest[field] = {at_ms, value};
      }
      ASSERT_TRUE(
          shop.Do(Change(random.NextBelow(2) == 0 ? Kind::kPatch : Kind::kMerge, json + "}", at_ms)).ok());
    }
    const Product* const product = shop.Find("p");
    EXPECT_EQ(product->title, newest["title"].second);
    EXPECT_EQ(product->brand, newest["brand"].second);
    EXPECT_EQ(product->url, newest["url"].second);
    EXPECT_EQ(product->image, newest["image"].second);
  }
}

// The product of the API's documentation, with the number worked into every text.
std::string TypicalProduct(int number) {
  const std::string n = std::to_string(number);
  return R"({"product_id":"SKU-)" + n + R"(","title":"Desk lamp Nordic, dimmable, brass, model )" + n +
         R"(","description":"A desk lamp that turns, tilts and dims. Warm light at 2700 K, 480 lm, cable of 2 m. No. )" +
         n +
         R"(","brand":"Lumo","category":["Home","Lighting","Desk lamps"],"price":24.90,"sale_price":19.90,)" +
         R"("currency":"EUR","cost":9.10,"stock":12,"image":"https://cdn.example.com/images/products/)" + n +
         R"(.jpg","url":"https://shop.example.com/products/desk-lamp-)" + n +
         R"(","tags":["new"],"attributes":{"colour":"black","material":"brass","watts":6,"dimmable":true}})";
}

TEST(CatalogStateTest, AMillionProductsStayFarBelowOneAndAHalfGigabytes) {
#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "counts the bytes of glibc's allocator";
#else
  constexpr int kCount = 50'000;
  const size_t before = mallinfo2().uordblks;
  Shop shop;
  for (int i = 0; i < kCount; ++i) {
    const Result<std::string> payload = shop.state.PrepareChange(Change(Kind::kPut, TypicalProduct(i)));
    ASSERT_TRUE(payload.ok());
    ASSERT_TRUE(shop.state.Apply({Sequence(1), 1, storage::RecordKind::kProduct, *payload}).ok());
  }
  shop.Publish();
  shop.state.ChangesSaved();
  const size_t bytes = mallinfo2().uordblks - before;
  if (bytes == 0) GTEST_SKIP() << "another allocator is in use";
  std::cout << "bytes per product: " << bytes / kCount << " (Product alone: " << sizeof(Product) << ")\n";
  RecordProperty("bytes_per_product", static_cast<int>(bytes / kCount));
  EXPECT_LT(bytes / kCount, 1400u);
#endif
}

}  // namespace
}  // namespace attune::catalog
