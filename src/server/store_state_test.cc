// A snapshot holds every record up to its watermark once, whatever waits when it is written.

#include "server/store_state.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "events/event_record.h"
#include "storage/memory_storage.h"

namespace attune::server {
namespace {

TEST(StoreStateTest, ASnapshotWithQueuedEventsCountsThemOnceAfterAReplay) {
  constexpr int64_t kNowMs = 1'790'000'000'000;
  VirtualClock clock(kNowMs);
  storage::MemoryStorage engine(&clock);
  storage::MemoryStorage vault(&clock);
  SeededRandomSource random(1);
  const auto open = [&] {
    auto opened = StoreState::Open(&engine, &vault, &random, {});
    CHECK(opened.ok());
    return std::move(opened).value();
  };
  events::Event event;
  event.type = events::EventType::kProductViewed;
  event.received_at_ms = event.occurred_at_ms = kNowMs;
  event.shopper = ShopperHandle(5);
  event.lines.resize(1);
  event.lines[0].product = ProductIndex(0);

  auto state = open();
  storage::WriteBatch batch;
  batch.AppendRecord(storage::RecordKind::kEvent, kNowMs, events::EncodeEvent(event));
  ASSERT_TRUE(engine.Commit(batch, storage::Durability::kSynced).ok());
  ASSERT_TRUE(state->QueueEvent(Sequence(1), event, std::nullopt).ok());
  ASSERT_TRUE(state->Save().ok());
  state = open();
  EXPECT_EQ(state->product_features().Read(ProductIndex(0)).view_count, 1u);
  EXPECT_EQ(state->profiles().Read(ShopperHandle(5))->view_count, 1u);
  EXPECT_EQ(state->event_count(), 1u);
}

}  // namespace
}  // namespace attune::server
