// Goal: the store answers like a plain map of profiles whatever it holds in memory, keeps its budget, loses
// nothing that was not saved, and forgets the silent. Method: random updates, saves, failed saves, evictions
// and erasures against a map; many handles in a small budget; readers beside a writer (for TSan); sweeps by
// hand.

#include "features/profile_store.h"

#include <map>
#include <thread>

#include "base/hash.h"
#include "features/failing_storage.h"
#include "features/fold_event.h"
#include "features/profile_record.h"
#include "features/sample_history.h"
#include "gtest/gtest.h"

namespace attune::features {
namespace {

events::Event ViewAt(int64_t at_ms, uint32_t product) {
  events::Event event;
  event.type = events::EventType::kProductViewed;
  event.occurred_at_ms = event.received_at_ms = at_ms;
  event.lines.resize(1);
  event.lines[0].product = ProductIndex(product);
  return event;
}

Status UpdateWithView(ProfileStore& store, ShopperHandle shopper, uint64_t sequence, int64_t at_ms,
                      const FoldContext& context) {
  return store.Update(shopper, Sequence(sequence), [&](ShopperProfile& profile) {
    return FoldEvent(ViewAt(at_ms, static_cast<uint32_t>(sequence % 40)), Sequence(sequence), context,
                     profile);
  });
}

void Save(ProfileStore& store, storage::StorageEngine& engine) {
  storage::WriteBatch batch;
  store.SaveChanged(batch);
  ASSERT_TRUE(engine.Commit(batch, storage::Durability::kBuffered).ok());
  store.MarkSaved();
}

TEST(ProfileStore, AnswersLikeAMapWhateverIsInMemory) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const SampleShop shop(seed);
    const FoldContext context = shop.Context();
    FailingStorage engine;
    ProfileStore store(&engine, {.budget_bytes = 200'000, .settings = context.settings});
    std::map<uint64_t, ShopperProfile> expected;
    for (uint64_t step = 1; step <= 4000; ++step) {
      const ShopperHandle shopper(MixHash64(random.NextBelow(600), 9));
      const uint64_t action = random.NextBelow(100);
      if (action < 70) {
        const int64_t at_ms = kSampleStartMs + static_cast<int64_t>(step) * kMinuteMs;
        ASSERT_TRUE(UpdateWithView(store, shopper, step, at_ms, context).ok());
        ShopperProfile& profile = expected[shopper.value()];
        profile.shopper = shopper;
        FoldEvent(ViewAt(at_ms, static_cast<uint32_t>(step % 40)), Sequence(step), context, profile);
      } else if (action < 72) {
        store.Erase(shopper);
        expected.erase(shopper.value());
      } else if (action < 75) {
        Save(store, engine);
      } else if (action < 77) {
        storage::WriteBatch lost;
        store.SaveChanged(lost);
        store.MarkSaveFailed();
      } else {
        const auto profile = store.Read(shopper);
        ASSERT_TRUE(profile.ok());
        ShopperProfile nothing;
        nothing.shopper = shopper;
        EXPECT_EQ(*profile, expected.contains(shopper.value()) ? expected[shopper.value()] : nothing);
      }
    }
    Save(store, engine);
    EXPECT_EQ(engine.entry_count(), expected.size());
    // A store that starts on the same disk answers the same.
    ProfileStore restarted(&engine, {.budget_bytes = 200'000, .settings = context.settings});
    for (const auto& [handle, profile] : expected) EXPECT_EQ(*restarted.Read(ShopperHandle(handle)), profile);
    EXPECT_GT(store.statistics().eviction_count, 0U);
  }
}

TEST(ProfileStore, ManyShoppersFitASmallBudget) {
  const SampleShop shop(1);
  const FoldContext context = shop.Context();
  FailingStorage engine;
  constexpr size_t kBudgetBytes = 2'000'000;
  ProfileStore store(&engine, {.budget_bytes = kBudgetBytes, .settings = context.settings});
  constexpr uint64_t kShopperCount = 60'000;
  uint64_t bytes_max = 0;
  for (uint64_t i = 1; i <= kShopperCount; ++i) {
    ASSERT_TRUE(UpdateWithView(store, ShopperHandle(MixHash64(i, 3)), i, kSampleStartMs, context).ok());
    if (store.NeedsSave()) Save(store, engine);
    if (i % 100 == 0) bytes_max = std::max(bytes_max, store.statistics().bytes);
  }
  EXPECT_LE(bytes_max, kBudgetBytes);
  EXPECT_LT(store.statistics().entry_count, kShopperCount / 4);
  for (uint64_t i = 1; i <= kShopperCount; i += 97) {
    EXPECT_EQ(store.Read(ShopperHandle(MixHash64(i, 3)))->last_sequence, Sequence(i));
  }
}

TEST(ProfileStore, UnsavedProfilesAreNeverEvicted) {
  const SampleShop shop(1);
  const FoldContext context = shop.Context();
  FailingStorage engine;
  ProfileStore store(&engine, {.budget_bytes = 10'000, .settings = context.settings});
  for (uint64_t i = 1; i <= 2000; ++i) {
    ASSERT_TRUE(UpdateWithView(store, ShopperHandle(i), i, kSampleStartMs, context).ok());
  }
  EXPECT_TRUE(store.NeedsSave());
  for (uint64_t i = 1; i <= 2000; ++i) EXPECT_EQ(store.Read(ShopperHandle(i))->last_sequence, Sequence(i));
  Save(store, engine);
  EXPECT_FALSE(store.NeedsSave());
  EXPECT_LE(store.statistics().bytes, 10'000U);
}

TEST(ProfileStore, AProfileThatChangesDuringASaveStaysDirty) {
  const FoldContext context;
  FailingStorage engine;
  ProfileStore store(&engine, {});
  const ShopperHandle shopper(5);
  ASSERT_TRUE(UpdateWithView(store, shopper, 1, kSampleStartMs, context).ok());
  storage::WriteBatch batch;
  store.SaveChanged(batch);
  ASSERT_TRUE(UpdateWithView(store, shopper, 2, kSampleStartMs + 1, context).ok());
  ASSERT_TRUE(engine.Commit(batch, storage::Durability::kBuffered).ok());
  store.MarkSaved();
  EXPECT_GT(store.statistics().dirty_bytes, 0U);
  Save(store, engine);
  EXPECT_EQ(store.statistics().dirty_bytes, 0U);
  ProfileStore restarted(&engine, {});
  EXPECT_EQ(restarted.Read(shopper)->event_count, 2U);
}

TEST(ProfileStore, ARecordIsFoldedOnceHoweverOftenTheLogIsReplayed) {
  const FoldContext context;
  FailingStorage engine;
  ProfileStore store(&engine, {});
  for (int replay = 0; replay < 3; ++replay) {
    for (uint64_t sequence = 1; sequence <= 5; ++sequence) {
      ASSERT_TRUE(UpdateWithView(store, ShopperHandle(5), sequence, kSampleStartMs, context).ok());
    }
  }
  EXPECT_EQ(store.Read(ShopperHandle(5))->event_count, 5U);
}

TEST(ProfileStore, AFoldThatChangesNothingLeavesNothingBehind) {
  FailingStorage engine;
  ProfileStore store(&engine, {});
  ASSERT_TRUE(store.Update(ShopperHandle(5), Sequence(1), [](ShopperProfile&) { return false; }).ok());
  EXPECT_EQ(store.statistics().entry_count, 0U);
  EXPECT_EQ(store.Read(ShopperHandle(5))->last_sequence, Sequence());
}

TEST(ProfileStore, ADiskThatDoesNotAnswerIsAStatusAndChangesNothing) {
  const FoldContext context;
  FailingStorage engine;
  ProfileStore store(&engine, {});
  engine.FailReads(true);
  EXPECT_EQ(UpdateWithView(store, ShopperHandle(5), 1, kSampleStartMs, context).code(),
            StatusCode::kUnavailable);
  EXPECT_EQ(store.Read(ShopperHandle(5)).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(store.Expire(ShopperHandle(5), Sequence(1)).code(), StatusCode::kUnavailable);
  engine.FailReads(false);
  EXPECT_EQ(store.Read(ShopperHandle(5))->event_count, 0U);
}

TEST(ProfileStore, DamagedBytesAreReportedAndTheNextEventStartsAnew) {
  const FoldContext context;
  FailingStorage engine;
  storage::WriteBatch batch;
  batch.Put(storage::Column::kProfiles, storage::OrderedKey(5), "\x09not a profile");
  ASSERT_TRUE(engine.Commit(batch, storage::Durability::kSynced).ok());
  ProfileStore store(&engine, {});
  EXPECT_EQ(store.Read(ShopperHandle(5)).status().code(), StatusCode::kCorruption);
  ASSERT_TRUE(UpdateWithView(store, ShopperHandle(5), 1, kSampleStartMs, context).ok());
  EXPECT_EQ(store.Read(ShopperHandle(5))->event_count, 1U);
  EXPECT_EQ(store.statistics().corrupt_count, 1U);
}

TEST(ProfileStore, AnExpiredProfileIsGoneAndOneThatCameBackStays) {
  const FoldContext context;
  FailingStorage engine;
  ProfileStore store(&engine, {});
  for (uint64_t shopper = 1; shopper <= 3; ++shopper) {
    ASSERT_TRUE(UpdateWithView(store, ShopperHandle(shopper), shopper, kSampleStartMs, context).ok());
  }
  ASSERT_TRUE(store
                  .Update(ShopperHandle(2), Sequence(4),
                          [](ShopperProfile& profile) { return profile.has_consent_record = true; })
                  .ok());
  Save(store, engine);
  ASSERT_TRUE(UpdateWithView(store, ShopperHandle(3), 20, kSampleStartMs, context).ok());
  for (uint64_t shopper = 1; shopper <= 3; ++shopper) {
    ASSERT_TRUE(store.Expire(ShopperHandle(shopper), Sequence(10)).ok());
  }
  Save(store, engine);
  EXPECT_EQ(engine.entry_count(), 2U);
  EXPECT_EQ(store.Read(ShopperHandle(1))->event_count, 0U);
  EXPECT_EQ(store.Read(ShopperHandle(2))->event_count, 0U);
  EXPECT_TRUE(store.Read(ShopperHandle(2))->has_consent_record) << "a choice outlives silence";
  EXPECT_EQ(store.Read(ShopperHandle(2))->last_sequence, Sequence(10));
  EXPECT_EQ(store.Read(ShopperHandle(3))->event_count, 2U)
      << "the record was folded into a profile that contains a later one: a replay, and done already";
}

TEST(ProfileStore, ExpiringAndStartingAnewComeToTheSameProfile) {
  const FoldContext context;
  FailingStorage engine;
  ProfileStore swept(&engine, {});
  FailingStorage other_engine;
  ProfileStore unswept(&other_engine, {});
  const int64_t later_ms = kSampleStartMs + 100 * kDayMs;
  for (ProfileStore* store : {&swept, &unswept}) {
    ASSERT_TRUE(UpdateWithView(*store, ShopperHandle(3), 1, kSampleStartMs, context).ok());
  }
  ASSERT_TRUE(swept.Expire(ShopperHandle(3), Sequence(2)).ok());
  for (ProfileStore* store : {&swept, &unswept}) {
    ASSERT_TRUE(UpdateWithView(*store, ShopperHandle(3), 3, later_ms + 1, context).ok());
  }
  EXPECT_EQ(*swept.Read(ShopperHandle(3)), *unswept.Read(ShopperHandle(3)));
}

TEST(ProfileStore, AConsistentReadIsOfOneMoment) {
  const FoldContext context;
  FailingStorage engine;
  ProfileStore store(&engine, {.budget_bytes = 50'000, .settings = {}});
  const std::vector<ShopperHandle> person = {ShopperHandle(1), ShopperHandle(2)};
  // The writer always changes the first handle, then the second: a consistent read sees 1 ahead by at most
  // one event.
  std::atomic<bool> is_done{false};
  std::thread writer([&] {
    for (uint64_t i = 1; i <= 4000; ++i) {
      ASSERT_TRUE(UpdateWithView(store, person[i % 2 == 1 ? 0 : 1], i,
                                 kSampleStartMs + static_cast<int64_t>(i), context)
                      .ok());
      ASSERT_TRUE(UpdateWithView(store, ShopperHandle(1000 + i), i, kSampleStartMs, context).ok());
      if (store.NeedsSave()) Save(store, engine);
    }
    is_done = true;
  });
  uint64_t consistent_count = 0;
  while (!is_done || consistent_count == 0) {
    const auto read = store.ReadConsistent(person);
    ASSERT_TRUE(read.ok());
    if (!read->is_consistent) continue;
    ++consistent_count;
    const uint64_t first = read->profiles[0].event_count;
    const uint64_t second = read->profiles[1].event_count;
    EXPECT_TRUE(first == second || first == second + 1) << first << " and " << second;
    EXPECT_EQ(read->sequence.value(), first + second);
  }
  writer.join();
}

TEST(ProfileStore, ReadersNeverSeeAnOlderProfileThanBefore) {
  const FoldContext context;
  FailingStorage engine;
  ProfileStore store(&engine, {.budget_bytes = 20'000, .settings = {}});
  std::atomic<bool> is_done{false};
  std::vector<std::thread> readers;
  for (uint64_t r = 0; r < 3; ++r) {
    readers.emplace_back([&, r] {
      Random random(r);
      std::map<uint64_t, uint64_t> seen;
      while (!is_done) {
        const uint64_t handle = 1 + random.NextBelow(200);
        const auto profile = store.Read(ShopperHandle(handle));
        ASSERT_TRUE(profile.ok());
        EXPECT_GE(profile->last_sequence.value(), seen[handle]);
        seen[handle] = profile->last_sequence.value();
      }
    });
  }
  Random random(77);
  for (uint64_t i = 1; i <= 20'000; ++i) {
    ASSERT_TRUE(
        UpdateWithView(store, ShopperHandle(1 + random.NextBelow(200)), i, kSampleStartMs, context).ok());
    if (i % 50 == 0) Save(store, engine);
  }
  is_done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace attune::features
