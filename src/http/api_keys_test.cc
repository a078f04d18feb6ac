#include "http/api_keys.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>

#include "http/key_file.h"
#include "http/key_table.h"
#include "http/limits.h"

namespace attune::http {
namespace {

constexpr int64_t kNow = 1'770'000'000'000;

KeyRequest Secret(ScopeSet scopes) {
  KeyRequest request;
  request.label = "backend";
  request.scopes = scopes;
  return request;
}

KeyRequest Public(std::vector<std::string> origins) {
  KeyRequest request;
  request.kind = KeyKind::kPublic;
  request.origins = std::move(origins);
  return request;
}

class ApiKeysTest : public testing::Test {
 protected:
  NewKey Make(const KeyRequest& request) {
    auto made = CreateKey(request, kNow, random_, store_);
    EXPECT_TRUE(made.ok()) << made.status().message();
    return *made;
  }
  KeyTable::Outcome Try(const KeyRegistry& registry, const std::string& text, int64_t now_ms = kNow) {
    return registry.table()->Find(text, now_ms).outcome;
  }

  SeededRandomSource random_{5};
  StoreKeys store_{"giftshop", {}, {}};
};

TEST_F(ApiKeysTest, TextIsLongRandomAndNotKept) {
  std::set<std::string> texts;
  for (int i = 0; i < 100; ++i) {
    const NewKey made = Make(Secret(ScopeBit(Scope::kRead)));
    EXPECT_EQ(made.text.size(), 53u);
    EXPECT_TRUE(made.text.starts_with("attune_sk_"));
    EXPECT_TRUE(texts.insert(made.text).second);
  }
  const std::string bytes = EncodeStoreKeys(store_);
  for (const std::string& text : texts) EXPECT_EQ(bytes.find(text.substr(10)), std::string::npos);
}

TEST_F(ApiKeysTest, WrongRequestsNameTheField) {
  const auto field = [this](const KeyRequest& request) {
    return CreateKey(request, kNow, random_, store_).status().field();
  };
  EXPECT_EQ(field(Secret(0)), "scopes");
  EXPECT_EQ(field(Secret(64)), "scopes");
  EXPECT_EQ(field(Public({})), "origins");
  EXPECT_EQ(field(Public({"shop.example"})), "origins");
  EXPECT_EQ(field(Public({"https://shop.example/path"})), "origins");
  KeyRequest request = Secret(1);
  request.expires_at_ms = kNow;
  EXPECT_EQ(field(request), "expires_at");
  request = Secret(1);
  request.label = std::string("a\0b", 3);
  EXPECT_EQ(field(request), "label");
  request = Secret(1);
  request.is_demo = true;
  EXPECT_EQ(field(request), "demo");
  EXPECT_TRUE(store_.keys.empty());
}

TEST_F(ApiKeysTest, TheNumberOfKeysIsBounded) {
  for (size_t i = 0; i < kKeysPerStoreMax; ++i) Make(Secret(1));
  EXPECT_EQ(CreateKey(Secret(1), kNow, random_, store_).status().code(), StatusCode::kResourceExhausted);
}

TEST_F(ApiKeysTest, RevokedAtOnceAndForGood) {
  const NewKey made = Make(Secret(kAllScopes));
  KeyRegistry registry;
  registry.SetStore(store_);
  EXPECT_EQ(Try(registry, made.text), KeyTable::Outcome::kLive);
  ASSERT_TRUE(RevokeKey(made.id, kNow + 1, store_).ok());
  registry.SetStore(store_);
  EXPECT_EQ(Try(registry, made.text), KeyTable::Outcome::kUnknown);
  EXPECT_EQ(RevokeKey("k00000000", kNow, store_).code(), StatusCode::kNotFound);
  EXPECT_EQ(RotateKey(made.id, kNow, kNow, random_, store_).status().code(), StatusCode::kConflict);
}

TEST_F(ApiKeysTest, RotationHasTwoLiveValuesAndNeverThree) {
  const NewKey first = Make(Secret(1));
  KeyRegistry registry;
  const auto second = RotateKey(first.id, kNow + 1'000, kNow, random_, store_);
  ASSERT_TRUE(second.ok());
  registry.SetStore(store_);
  EXPECT_EQ(Try(registry, first.text, kNow + 999), KeyTable::Outcome::kLive);
  EXPECT_EQ(Try(registry, first.text, kNow + 1'000), KeyTable::Outcome::kExpired);
  EXPECT_EQ(Try(registry, second->text, kNow + 1'000'000), KeyTable::Outcome::kLive);
  const auto third = RotateKey(first.id, kNow + 2'000, kNow, random_, store_);
  ASSERT_TRUE(third.ok());
  registry.SetStore(store_);
  EXPECT_EQ(Try(registry, first.text), KeyTable::Outcome::kUnknown);
  EXPECT_EQ(Try(registry, second->text), KeyTable::Outcome::kLive);
  EXPECT_EQ(Try(registry, third->text), KeyTable::Outcome::kLive);
}

TEST_F(ApiKeysTest, RotationNeverLengthensTheOldValueAndKeepsTheLifetime) {
  KeyRequest request = Secret(1);
  request.expires_at_ms = kNow + 500;
  const NewKey made = Make(request);
  ASSERT_TRUE(RotateKey(made.id, kNow + 1'000, kNow + 100, random_, store_).ok());
  EXPECT_EQ(store_.keys[0].values[1].expires_at_ms, kNow + 500);
  EXPECT_EQ(store_.keys[0].values[0].expires_at_ms, kNow + 600);
}

TEST_F(ApiKeysTest, LastUseIsCoarseSurvivesNewTablesAndIsPersisted) {
  const NewKey made = Make(Secret(1));
  KeyRegistry registry;
  registry.SetStore(store_);
  Try(registry, made.text, kNow);
  Try(registry, made.text, kNow + kLastUseResolutionMs - 1);
  EXPECT_EQ(registry.Snapshot("giftshop").keys[0].values[0].last_used_at_ms, kNow);
  registry.SetStore(store_);  // What the command line wrote knows nothing of the use.
  EXPECT_EQ(registry.Snapshot("giftshop").keys[0].values[0].last_used_at_ms, kNow);
  Try(registry, made.text, kNow + kLastUseResolutionMs);
  EXPECT_EQ(registry.Snapshot("giftshop").keys[0].values[0].last_used_at_ms, kNow + kLastUseResolutionMs);
}

TEST_F(ApiKeysTest, NonsenseIsNoKey) {
  const NewKey made = Make(Secret(1));
  KeyRegistry registry;
  registry.SetStore(store_);
  for (const std::string& text :
       {std::string(), std::string("attune_sk_"), made.text + "x", made.text.substr(1),
        "attune_pk_" + made.text.substr(10), std::string(53, 'a')}) {
    EXPECT_EQ(Try(registry, text), KeyTable::Outcome::kUnknown) << text;
  }
  registry.RemoveStore("giftshop");
  EXPECT_EQ(Try(registry, made.text), KeyTable::Outcome::kUnknown);
}

TEST_F(ApiKeysTest, KeysOfOneStoreOpenOnlyThatStore) {
  const NewKey gift = Make(Secret(1));
  StoreKeys other{"electronics", {}, {}};
  const NewKey electronic = *CreateKey(Secret(1), kNow, random_, other);
  KeyRegistry registry;
  registry.SetStore(store_);
  registry.SetStore(other);
  const auto table = registry.table();
  EXPECT_EQ(table->Find(gift.text, kNow).entry->store->store_id, "giftshop");
  EXPECT_EQ(table->Find(electronic.text, kNow).entry->store->store_id, "electronics");
}

TEST_F(ApiKeysTest, OriginsAreOfLivePublicKeys) {
  Make(Public({"https://shop.example", "http://localhost:3000"}));
  KeyRegistry registry;
  registry.SetStore(store_);
  EXPECT_TRUE(registry.table()->AllowsOrigin("https://shop.example"));
  EXPECT_FALSE(registry.table()->AllowsOrigin("https://evil.example"));
  EXPECT_FALSE(registry.table()->AllowsOrigin("null"));
  ASSERT_TRUE(RevokeKey(store_.keys[0].id, kNow, store_).ok());
  registry.SetStore(store_);
  EXPECT_FALSE(registry.table()->AllowsOrigin("https://shop.example"));
}

TEST_F(ApiKeysTest, BytesComeBackAndEveryCutIsNoticedOrHarmless) {
  Make(Secret(kAllScopes));
  KeyRequest demo = Public({"*"});
  demo.is_demo = true;
  Make(demo);
  ASSERT_TRUE(RotateKey(store_.keys[0].id, kNow + 1, kNow, random_, store_).ok());
  ASSERT_TRUE(RevokeKey(store_.keys[1].id, kNow, store_).ok());
  RotateIdentitySecret(random_, store_);
  const std::string bytes = EncodeStoreKeys(store_);
  EXPECT_EQ(*DecodeStoreKeys(bytes), store_);
  EXPECT_EQ(*DecodeStoreKeys(bytes + "\xfa\x01\x01x"), store_);  // Field 31, from the future.
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    const auto decoded = DecodeStoreKeys(bytes.substr(0, cut));
    if (decoded.ok()) {
      EXPECT_NE(*decoded, store_);
    } else {
      EXPECT_EQ(decoded.status().code(), StatusCode::kCorruption);
    }
  }
}

TEST_F(ApiKeysTest, AnyBytesAreKeysOrCorruption) {
  Make(Secret(kAllScopes));
  Make(Public({"https://shop.example"}));
  const std::string good = EncodeStoreKeys(store_);
  Random random(12);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (uint64_t i = 0, count = 1 + random.NextBelow(4); i < count; ++i) {
      bytes[random.NextBelow(bytes.size())] = static_cast<char>(random.NextBelow(256));
    }
    const auto decoded = DecodeStoreKeys(bytes);
    if (!decoded.ok()) {
      EXPECT_EQ(decoded.status().code(), StatusCode::kCorruption);
    }
  }
}

TEST_F(ApiKeysTest, BytesAreThoseOfTheDocumentedExample) {
  const StoreKeys store{
      "s", {{"k00000001", "", KeyKind::kSecret, 1, {}, false, 0, {{std::string(32, '\xaa'), 1, 0, 0}}}}, {}};
  const std::string expected =
      std::string("\x0a\x01s\x12\x3f\x0a\x09k00000001\x12\x00\x18\x02\x20\x01\x30\x00\x38\x00", 26) +
      std::string("\x42\x28\x0a\x20", 4) + std::string(32, '\xaa') +
      std::string("\x10\x01\x18\x00\x20\x00", 6);
  EXPECT_EQ(EncodeStoreKeys(store), expected);
}

TEST_F(ApiKeysTest, FileIsReplacedAsOneAndChangesAreSeen) {
  const std::string path = testing::TempDir() + "attune_keys_" + std::to_string(::getpid());
  std::remove(path.c_str());
  EXPECT_EQ(KeyFileStamp(path), 0u);
  EXPECT_EQ(ReadKeyFile(path).status().code(), StatusCode::kNotFound);
  Make(Secret(1));
  ASSERT_TRUE(WriteKeyFile(path, store_).ok());
  const uint64_t stamp = KeyFileStamp(path);
  EXPECT_NE(stamp, 0u);
  EXPECT_EQ(*ReadKeyFile(path), store_);
  Make(Secret(1));
  ASSERT_TRUE(WriteKeyFile(path, store_).ok());
  EXPECT_NE(KeyFileStamp(path), stamp);
  EXPECT_EQ(*ReadKeyFile(path), store_);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(40);
    file.put('\x7f');
  }
  EXPECT_EQ(ReadKeyFile(path).status().code(), StatusCode::kCorruption);
  std::remove(path.c_str());
  EXPECT_EQ(WriteKeyFile("/nonexistent/folder/keys", store_).code(), StatusCode::kUnavailable);
}

TEST_F(ApiKeysTest, DescriptionShowsStateAndNoSecret) {
  const NewKey made = Make(Secret(ScopeBit(Scope::kRead) | ScopeBit(Scope::kAdmin)));
  const std::string line = DescribeKey(store_.keys[0], kNow);
  EXPECT_EQ(line, made.id + "  secret  read,admin  live  never used  \"backend\"");
  ASSERT_TRUE(RevokeKey(made.id, kNow, store_).ok());
  EXPECT_NE(DescribeKey(store_.keys[0], kNow).find("revoked 2026-02-02T"), std::string::npos);
}

}  // namespace
}  // namespace attune::http
