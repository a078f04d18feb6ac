#include "events/identity_registry.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "events/identity_cipher.h"
#include "events/identity_traits.h"
#include "events/intake_harness_for_test.h"

namespace attune::events {
namespace {

TEST(Identity, AnIdKeepsItsHandle) {
  IntakeHarness store;
  store.WriteOne(store.View("a1"));
  const ShopperHandle first = store.Browser("a1");
  EXPECT_NE(first, ShopperHandle());
  store.WriteOne(store.View("a1"));
  EXPECT_EQ(store.Browser("a1"), first);
  store.Restart();
  EXPECT_EQ(store.Browser("a1"), first);
  store.Snapshot();
  store.Restart();
  EXPECT_EQ(store.Browser("a1"), first);
  EXPECT_EQ(*store.registry->ExternalIdOf(first), "a1");
}

TEST(Identity, TheSameTextAsBrowserAndCustomerIsTwoShoppers) {
  IntakeHarness store;
  store.WriteOne(store.View("x"));
  store.WriteOne(store.View("", "x"));
  EXPECT_NE(store.Browser("x"), store.Customer("x"));
}

TEST(Identity, TwoCommandsOfOneGroupShareANewShopper) {
  IntakeHarness store;
  const auto prepared = store.Write({{store.View("a1", "c1")}, {store.View("a1", "c1"), store.View("a1")}});
  EXPECT_EQ(prepared[0].records[0].event.shopper, prepared[1].records[0].event.shopper);
  EXPECT_EQ(prepared[0].identity_changes.size(), 3u);  // Two made, one linked.
  EXPECT_EQ(prepared[1].identity_changes.size(), 0u);
}

TEST(Identity, NoExternalIdIsEverWrittenInTheClear) {
  IntakeHarness store;
  IncomingEvent identify = store.View("anonymous-secret", "customer-secret");
  identify.type = EventType::kIdentify;
  identify.traits_json = R"({"email":"trait-secret"})";
  identify.id = "event-secret";
  store.WriteOne(identify);
  store.Snapshot();
  const std::string bytes = store.AllBytes();
  EXPECT_EQ(bytes.find("anonymous-secret"), std::string::npos);
  EXPECT_EQ(bytes.find("customer-secret"), std::string::npos);
  EXPECT_EQ(bytes.find("trait-secret"), std::string::npos);
  EXPECT_EQ(*store.registry->TraitsOf(store.Customer("customer-secret")), R"({"email":"trait-secret"})");
}

TEST(Identity, ABrowserNamedWithACustomerIsLinkedAndTheLastCustomerWins) {
  IntakeHarness store;
  store.WriteOne(store.View("a1", "c1"));
  store.WriteOne(store.View("a2", "c1"));
  const ShopperHandle a1 = store.Browser("a1"), a2 = store.Browser("a2");
  const ShopperHandle c1 = store.Customer("c1");
  EXPECT_EQ(*store.registry->PersonOf(a1), c1);
  EXPECT_EQ(*store.registry->PersonOf(c1), c1);
  EXPECT_EQ(*store.registry->HandlesOf(c1), (std::vector{c1, a1, a2}));

  store.clock.Advance(1000);
  store.WriteOne(store.View("a1", "c2"));
  const ShopperHandle c2 = store.Customer("c2");
  EXPECT_EQ(*store.registry->PersonOf(a1), c2);
  EXPECT_EQ(*store.registry->HandlesOf(c1), (std::vector{c1, a2}));

  IncomingEvent late = store.View("a1", "c1");  // Happened before the second customer came.
  late.occurred_at_ms -= 500;
  store.WriteOne(late);
  EXPECT_EQ(*store.registry->PersonOf(a1), c2);

  storage::WriteBatch batch;
  std::vector<IdentityChange> changes;
  IdentitySink sink{batch, store.clock.NowMs(), changes};
  ASSERT_TRUE(store.registry->Unlink(a1, store.clock.NowMs(), sink).ok());
  ASSERT_TRUE(store.store->Commit(batch, storage::Durability::kSynced).ok());
  ASSERT_TRUE(store.registry->Apply(changes[0]).ok());
  store.registry->OnGroupApplied();
  EXPECT_EQ(*store.registry->PersonOf(a1), a1);
  EXPECT_EQ(*store.registry->HandlesOf(c2), (std::vector{c2}));
}

TEST(Identity, OnlyTheLatestBrowsersOfACustomerStayLinked) {
  IntakeHarness store;
  for (size_t i = 0; i <= kHandlesPerPersonMax; ++i) store.WriteOne(store.View("a" + std::to_string(i), "c"));
  EXPECT_EQ(store.registry->HandlesOf(store.Customer("c"))->size(), kHandlesPerPersonMax + 1);
  EXPECT_EQ(*store.registry->PersonOf(store.Browser("a0")), store.Browser("a0"));
  EXPECT_EQ(*store.registry->PersonOf(store.Browser("a1")), store.Customer("c"));
}

TEST(Identity, ErasureMakesEverythingSealedUnreadable) {
  IntakeHarness store;
  IncomingEvent identify = store.View("a1", "c1");
  identify.type = EventType::kIdentify;
  identify.traits_json = R"({"name":"Ada"})";
  store.WriteOne(identify);
  store.Snapshot();
  const ShopperHandle c1 = store.Customer("c1");
  const ShopperHandle a1 = store.Browser("a1");
  const auto key = *store.registry->vault().KeyOf(c1);
  ASSERT_TRUE(key);

  store.Erase(c1);
  EXPECT_EQ(store.Customer("c1"), ShopperHandle());
  EXPECT_EQ(*store.registry->ExternalIdOf(c1), std::nullopt);
  EXPECT_EQ(*store.registry->vault().KeyOf(c1), std::nullopt);
  EXPECT_EQ(*store.registry->PersonOf(a1), a1);
  // The key is nowhere, so what older copies of the log hold stays closed.
  EXPECT_EQ(store.AllBytes().find(std::string(key->begin(), key->end())), std::string::npos);
  store.Restart();
  EXPECT_EQ(store.Customer("c1"), ShopperHandle());

  store.WriteOne(store.View("", "c1"));
  EXPECT_NE(store.Customer("c1"), ShopperHandle());
  EXPECT_NE(store.Customer("c1"), c1);
}

TEST(Identity, AnIdThatComesBackInTheGroupOfItsErasureIsANewShopper) {
  IntakeHarness store;
  store.WriteOne(store.View("", "c1"));
  const ShopperHandle before = store.Customer("c1");
  storage::WriteBatch batch;
  PreparedEvents erased, viewed;
  IdentitySink sink{batch, store.clock.NowMs(), erased.identity_changes};
  ASSERT_TRUE(store.registry->Erase(before, store.clock.NowMs(), sink).ok());
  std::vector<IncomingEvent> views = {store.View("", "c1")};
  const auto ahead = store.intake->LookAhead(views);
  ASSERT_TRUE(ahead.ok());
  store.intake->Prepare(views, *ahead, store.clock.NowMs(), batch, viewed);
  ASSERT_TRUE(store.store->Commit(batch, storage::Durability::kSynced).ok());
  ASSERT_TRUE(store.intake->Apply(erased).ok());
  ASSERT_TRUE(store.intake->Apply(viewed).ok());
  store.intake->OnGroupApplied();
  const ShopperHandle after = store.Customer("c1");
  EXPECT_NE(after, before);
  EXPECT_EQ(after, viewed.records[0].event.shopper);
  EXPECT_EQ(*store.registry->ExternalIdOf(after), "c1");
  EXPECT_EQ(*store.registry->vault().KeyOf(before), std::nullopt);
}

TEST(Identity, AVaultThatCannotBeWrittenDelaysErasureButNeverForgetsIt) {
  IntakeHarness store;
  store.WriteOne(store.View("", "c1"));
  const ShopperHandle c1 = store.Customer("c1");
  // The log takes the erasure, the vault fails right after.
  store.SetFailing(store.vault_engine, true);
  store.Erase(c1);
  ASSERT_TRUE(store.committed.ok());
  EXPECT_TRUE(store.registry->vault().KeyOf(c1)->has_value());
  storage::WriteBatch snapshot;
  store.registry->SaveChanged(snapshot);
  ASSERT_TRUE(store.engine.Commit(snapshot, storage::Durability::kSynced).ok());
  store.watermark = store.engine.last_sequence().value();
  store.SetFailing(store.vault_engine, false);
  store.Restart();
  store.WriteOne(store.View("", "c1"));
  EXPECT_FALSE(store.registry->vault().KeyOf(c1)->has_value());
  EXPECT_NE(store.Customer("c1"), c1);
  EXPECT_NE(store.Customer("c1"), ShopperHandle());
}

TEST(Identity, WhenTheVaultFailsNothingIsWritten) {
  IntakeHarness store;
  store.SetFailing(store.vault_engine, true);
  store.WriteOne(store.View("a1"));
  EXPECT_FALSE(store.committed.ok());
  EXPECT_EQ(store.engine.last_sequence(), Sequence(0));
  EXPECT_EQ(store.Browser("a1"), ShopperHandle());
  store.SetFailing(store.vault_engine, false);
  store.WriteOne(store.View("a1"));
  EXPECT_EQ(*store.registry->ExternalIdOf(store.Browser("a1")), "a1");
}

TEST(Identity, WhenTheLogFailsAfterTheVaultTheShopperIsNamedLater) {
  IntakeHarness store;
  store.SetFailing(store.engine, true);
  store.WriteOne(store.View("a1"));
  EXPECT_FALSE(store.committed.ok());
  store.SetFailing(store.engine, false);
  const auto prepared = store.WriteOne(store.View("a1"));
  EXPECT_EQ(prepared.identity_changes.size(), 1u);
  store.Restart();
  EXPECT_EQ(*store.registry->ExternalIdOf(store.Browser("a1")), "a1");
}

TEST(Identity, TheFoldOfTheLogIsTheSavedState) {
  IntakeHarness store;
  Random random(5);
  for (int i = 0; i < 400; ++i) {
    store.clock.Advance(static_cast<int64_t>(random.NextBelow(1000)));
    const std::string browser = "a" + std::to_string(random.NextBelow(20));
    const std::string customer = random.NextBelow(2) == 0 ? "" : "c" + std::to_string(random.NextBelow(6));
    store.WriteOne(store.View(browser, customer));
    if (random.NextBelow(25) == 0) store.Erase(store.Browser(browser));
    if (random.NextBelow(40) == 0 && !customer.empty()) store.Erase(store.Customer(customer));
    if (random.NextBelow(20) == 0) store.Snapshot();
    if (random.NextBelow(20) == 0) store.Restart();
  }
  std::map<std::string, std::string> replayed;
  {
    IntakeHarness other;  // The same log, folded from nothing.
    ASSERT_TRUE(store.engine
                    .ScanLog(Sequence(1),
                             [&](const storage::Record& record) {
                               if (record.kind == storage::RecordKind::kIdentity) {
                                 EXPECT_TRUE(
                                     other.registry->Apply(*DecodeIdentityChange(record.payload)).ok());
                               }
                               return true;
                             })
                    .ok());
    other.Snapshot();
    ASSERT_TRUE(other.engine
                    .Scan(storage::Column::kIdentity, {}, {},
                          [&](std::string_view key, std::string_view value) {
                            replayed.emplace(key, value);
                            return true;
                          })
                    .ok());
  }
  store.Snapshot();
  std::map<std::string, std::string> saved;
  ASSERT_TRUE(store.engine
                  .Scan(storage::Column::kIdentity, {}, {},
                        [&](std::string_view key, std::string_view value) {
                          saved.emplace(key, value);
                          return true;
                        })
                  .ok());
  EXPECT_GT(saved.size(), 10u);
  EXPECT_EQ(saved, replayed);
  // Links are the same from both ends.
  for (const auto& [key, value] : saved) {
    const auto state = *DecodeIdentityState(value);
    const ShopperHandle self(storage::NumberFromOrderedKey(std::string_view(key).substr(1)));
    for (const ShopperHandle member : state.members) EXPECT_EQ(*store.registry->PersonOf(member), self);
    if (state.owner != ShopperHandle()) {
      const auto handles = *store.registry->HandlesOf(state.owner);
      EXPECT_NE(std::find(handles.begin(), handles.end(), self), handles.end());
    }
  }
}

TEST(Identity, ReadersSeeWholeStatesWhileTheStrandWrites) {
  IntakeHarness store;
  for (int i = 0; i < 100; ++i) store.WriteOne(store.View("a" + std::to_string(i)));
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      while (!stop.load()) {
        for (int i = 0; i < 100; ++i) {
          const ShopperHandle handle = store.Browser("a" + std::to_string(i));
          CHECK(handle != ShopperHandle());
          const auto person = store.registry->PersonOf(handle);
          CHECK(person.ok() && store.registry->HandlesOf(*person).ok());
        }
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    store.WriteOne(store.View("a" + std::to_string(i % 100), "c" + std::to_string(i % 7)));
    if (i % 50 == 0) store.Snapshot();
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

TEST(IdentityCipher, OpensOnlyWithTheSameKeyShopperAndPurpose) {
  SeededRandomSource random(3);
  ShopperKey key{};
  key[0] = 1;
  ShopperKey other = key;
  other[31] = 1;
  const ShopperHandle shopper(9);
  std::string sealed = Seal(key, shopper, SealPurpose::kExternalId, "ada@example.org", random);
  EXPECT_EQ(Unseal(key, shopper, SealPurpose::kExternalId, sealed), "ada@example.org");
  EXPECT_EQ(Unseal(other, shopper, SealPurpose::kExternalId, sealed), std::nullopt);
  EXPECT_EQ(Unseal(key, ShopperHandle(8), SealPurpose::kExternalId, sealed), std::nullopt);
  EXPECT_EQ(Unseal(key, shopper, SealPurpose::kTraits, sealed), std::nullopt);
  EXPECT_EQ(Unseal(key, shopper, SealPurpose::kExternalId, "short"), std::nullopt);
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  EXPECT_EQ(Unseal(key, shopper, SealPurpose::kExternalId, sealed), std::nullopt);
}

TEST(IdentityTraits, NewNamesReplaceAndNullRemoves) {
  EXPECT_EQ(*MergeTraits("{}", R"({"a": 1, "b": {"c": [1]}})"), R"({"a":1,"b":{"c":[1]}})");
  EXPECT_EQ(*MergeTraits(R"({"a":1,"b":2})", R"({"b":null,"a":"x","d":false})"), R"({"a":"x","d":false})");
  EXPECT_FALSE(MergeTraits("{}", "[]").ok());
  std::string many = "{";
  for (size_t i = 0; i <= kTraitsMax; ++i) many += (i ? "," : "") + ("\"" + std::to_string(i) + "\":1");
  EXPECT_EQ(MergeTraits("{}", many + "}").status().field(), "traits");
}

TEST(IdentityRecord, BytesAreReadBackAndMutatedOnesNeverBreakTheDecoder) {
  Random random(11);
  for (int i = 0; i < 20'000; ++i) {
    IdentityChange change;
    change.kind = static_cast<IdentityChange::Kind>(1 + random.NextBelow(6));
    change.shopper = ShopperHandle(1 + random.Next() / 2);
    change.at_ms = static_cast<int64_t>(random.NextBelow(1u << 31));
    if (change.kind == IdentityChange::Kind::kMade) change.identity_kind = IdentityKind::kCustomer;
    change.sealed = std::string(random.NextBelow(50), 'x');
    change.owner = ShopperHandle(random.NextBelow(3));
    if (change.kind == IdentityChange::Kind::kConsent) change.consent.analytics = false;
    std::string bytes = EncodeIdentityChange(change);
    ASSERT_EQ(*DecodeIdentityChange(bytes), change);
    IdentityState state;
    state.sealed_id = change.sealed;
    state.owner = change.owner;
    state.members.assign(random.NextBelow(4), change.shopper);
    if (random.NextBelow(2) == 0) state.consent = Consent{false, true};
    std::string state_bytes = EncodeIdentityState(state);
    ASSERT_EQ(*DecodeIdentityState(state_bytes), state);
    bytes[random.NextBelow(bytes.size())] = static_cast<char>(random.NextBelow(256));
    state_bytes[random.NextBelow(state_bytes.size())] = static_cast<char>(random.NextBelow(256));
    const auto damaged = DecodeIdentityChange(bytes);
    if (!damaged.ok()) {
      EXPECT_EQ(damaged.status().code(), StatusCode::kCorruption);
    }
    const auto damaged_state = DecodeIdentityState(state_bytes);
    if (!damaged_state.ok()) {
      EXPECT_EQ(damaged_state.status().code(), StatusCode::kCorruption);
    }
  }
}

}  // namespace
}  // namespace attune::events
