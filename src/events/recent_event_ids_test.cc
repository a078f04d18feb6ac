// What was committed last is held, and what is not held is said to be not covered.

#include "events/recent_event_ids.h"

#include <gtest/gtest.h>

#include "events/event_intake.h"
#include "events/intake_harness_for_test.h"

namespace attune::events {
namespace {

Hash128 Id(uint8_t number) {
  Hash128 id{};
  id[0] = number;
  return id;
}

TEST(RecentEventIds, HoldsTheOpenGroupAndTheLatestClosedOnes) {
  RecentEventIds ids(/*ids_max=*/6);
  ids.Add(Id(1));
  ids.Add(Id(2));
  EXPECT_TRUE(ids.Contains(Id(1)));
  EXPECT_EQ(ids.closed_groups(), 0u);
  ids.CloseGroup();  // Two ids and a group count three.
  ids.Add(Id(3));
  ids.CloseGroup();
  EXPECT_TRUE(ids.Covers(0));
  EXPECT_TRUE(ids.Contains(Id(1)));
  ids.Add(Id(4));
  ids.CloseGroup();  // The first group leaves.
  EXPECT_FALSE(ids.Contains(Id(1)));
  EXPECT_TRUE(ids.Contains(Id(3)));
  EXPECT_FALSE(ids.Covers(0));
  EXPECT_TRUE(ids.Covers(1));
}

TEST(RecentEventIds, ADroppedGroupLeavesNothing) {
  RecentEventIds ids(10);
  ids.Add(Id(1));
  ids.DropGroup();
  EXPECT_FALSE(ids.Contains(Id(1)));
  EXPECT_EQ(ids.closed_groups(), 0u);
}

TEST(RecentEventIds, EmptyGroupsLeaveToo) {
  RecentEventIds ids(4);
  for (int i = 0; i < 100; ++i) ids.CloseGroup();
  EXPECT_TRUE(ids.Covers(96));
  EXPECT_FALSE(ids.Covers(95));
}

IncomingEvent ViewWithId(const IntakeHarness& store, const std::string& id) {
  IncomingEvent event = store.View("a1");
  event.id = id;
  return event;
}

// Looks ahead, lets others write in between, and only then has its turn.
IntakeOutcome OutcomeAfter(IntakeHarness& store, const std::string& id,
                           const std::vector<std::string>& between) {
  std::vector<IncomingEvent> late = {ViewWithId(store, id)};
  const auto ahead = store.intake->LookAhead(late);
  CHECK(ahead.ok());
  for (const std::string& other : between) store.WriteOne(ViewWithId(store, other));
  storage::WriteBatch batch;
  PreparedEvents prepared;
  store.intake->Prepare(late, *ahead, store.clock.NowMs(), batch, prepared);
  store.intake->OnCommitFailed();
  return prepared.outcomes.at(0);
}

TEST(LookAhead, AnEventThatWasWrittenAfterTheLookIsADuplicate) {
  IntakeHarness store;
  EXPECT_EQ(OutcomeAfter(store, "e1", {}), IntakeOutcome::kAccepted);
  EXPECT_EQ(OutcomeAfter(store, "e1", {"e2"}), IntakeOutcome::kAccepted);
  EXPECT_EQ(OutcomeAfter(store, "e1", {"e1"}), IntakeOutcome::kDuplicate);
}

TEST(LookAhead, ALookFromLongAgoIsRepeated) {
  IntakeHarness store;
  std::vector<std::string> between = {"late"};
  for (size_t i = 0; i < kRecentEventIdsMax / 2 + 10; ++i) between.push_back("other" + std::to_string(i));
  EXPECT_EQ(OutcomeAfter(store, "late", between), IntakeOutcome::kDuplicate);
}

}  // namespace
}  // namespace attune::events
