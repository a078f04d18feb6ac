// What was committed last is held, and what is not held is said to be not covered.

#include "events/recent_event_ids.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "events/event_intake.h"
#include "events/intake_harness_for_test.h"
#include "storage/limits.h"

namespace attune::events {
namespace {

constexpr int64_t kNowMs = 1'767'225'600'000;

SeenEventId Seen(uint8_t number) {
  SeenEventId seen;
  seen.id[0] = number;
  seen.received_at_ms = kNowMs;
  return seen;
}

TEST(RecentEventIds, HoldsWhatTheLastTwoSavesLeft) {
  RecentEventIds ids;
  const auto contains = [&ids](uint8_t number, uint64_t as_of) {
    return ids.Contains(Seen(number).id, kNowMs, as_of);
  };
  ids.Add(Seen(1));
  EXPECT_TRUE(contains(1, 0));
  ids.CloseGroup();
  EXPECT_EQ(ids.unsaved_count(), 1u);
  EXPECT_EQ(ids.Unsaved().at(0).id, Seen(1).id);
  ids.OnSaved();
  EXPECT_EQ(ids.unsaved_count(), 0u);
  EXPECT_TRUE(contains(1, 0));
  EXPECT_FALSE(contains(1, 1));  // Who looked after the save knows already.
  EXPECT_TRUE(ids.Covers(0));
  ids.Add(Seen(2));
  ids.CloseGroup();
  EXPECT_TRUE(contains(1, 0));
  EXPECT_TRUE(contains(2, 1));
  ids.OnSaved();
  EXPECT_FALSE(ids.Covers(0));
  EXPECT_TRUE(ids.Covers(1));
  EXPECT_TRUE(contains(2, 1));
}

TEST(RecentEventIds, ADroppedGroupLeavesNothing) {
  RecentEventIds ids;
  ids.Add(Seen(1));
  ids.CloseGroup();
  ids.Add(Seen(2));
  ids.DropGroup();
  EXPECT_TRUE(ids.Contains(Seen(1).id, kNowMs, 0));
  EXPECT_FALSE(ids.Contains(Seen(2).id, kNowMs, 0));
  EXPECT_EQ(ids.unsaved_count(), 1u);
}

TEST(RecentEventIds, AnIdExpiresToTheMillisecond) {
  RecentEventIds ids;
  ids.Add(Seen(1));
  ids.CloseGroup();
  EXPECT_TRUE(ids.Contains(Seen(1).id, kNowMs + storage::kEventIdWindowMs - 1, 0));
  EXPECT_FALSE(ids.Contains(Seen(1).id, kNowMs + storage::kEventIdWindowMs, 0));
}

IncomingEvent ViewWithId(const IntakeHarness& store, const std::string& id) {
  IncomingEvent event = store.View("a1");
  event.id = id;
  return event;
}

// Looks ahead, lets others write in between, and only then has its turn.
template <class Between>
IntakeOutcome OutcomeAfter(IntakeHarness& store, const std::string& id, const Between& between) {
  std::vector<IncomingEvent> late = {ViewWithId(store, id)};
  const auto ahead = store.intake->LookAhead(late);
  CHECK(ahead.ok());
  between();
  storage::WriteBatch batch;
  PreparedEvents prepared;
  store.intake->Prepare(late, *ahead, store.clock.NowMs(), batch, prepared);
  store.intake->OnCommitFailed();
  return prepared.outcomes.at(0);
}

TEST(LookAhead, AnEventThatWasWrittenAfterTheLookIsADuplicate) {
  IntakeHarness store;
  const auto write = [&store](const std::string& id) { store.WriteOne(ViewWithId(store, id)); };
  const auto save = [&store] { ASSERT_TRUE(store.intake->SaveIds(store.engine.last_sequence()).ok()); };
  EXPECT_EQ(OutcomeAfter(store, "e1", [] {}), IntakeOutcome::kAccepted);
  EXPECT_EQ(OutcomeAfter(store, "e1", [&] { write("e2"); }), IntakeOutcome::kAccepted);
  EXPECT_EQ(OutcomeAfter(store, "e1", [&] { write("e1"); }), IntakeOutcome::kDuplicate);
  // Saved since the look, once or often.
  for (int saves = 1; saves < 5; ++saves) {
    const std::string id = "saved " + std::to_string(saves);
    const auto write_and_save = [&] {
      write(id);
      for (int i = 0; i < saves; ++i) {
        save();
        write(id + " and " + std::to_string(i));
      }
    };
    EXPECT_EQ(OutcomeAfter(store, id, write_and_save), IntakeOutcome::kDuplicate);
    EXPECT_EQ(OutcomeAfter(store, "new", save), IntakeOutcome::kAccepted);
    // Saved before the look, and moved to another run since.
    EXPECT_EQ(OutcomeAfter(store, "e1", save), IntakeOutcome::kDuplicate);
    EXPECT_EQ(OutcomeAfter(store, id, write_and_save), IntakeOutcome::kDuplicate);
  }
}

TEST(LookAhead, AfterARestartIdsComeFromTheRunsAndFromTheLog) {
  IntakeHarness store;
  store.WriteOne(ViewWithId(store, "saved"));
  ASSERT_TRUE(store.intake->SaveIds(store.engine.last_sequence()).ok());
  store.WriteOne(ViewWithId(store, "logged"));
  store.Restart();
  EXPECT_EQ(OutcomeAfter(store, "saved", [] {}), IntakeOutcome::kDuplicate);
  EXPECT_EQ(OutcomeAfter(store, "logged", [] {}), IntakeOutcome::kDuplicate);
  EXPECT_EQ(OutcomeAfter(store, "new", [] {}), IntakeOutcome::kAccepted);
}

TEST(LookAhead, ASaveThatFailsLosesNothing) {
  IntakeHarness store;
  store.WriteOne(ViewWithId(store, "e1"));
  store.SetFailing(store.engine, true);
  EXPECT_FALSE(store.intake->SaveIds(store.engine.last_sequence()).ok());
  store.SetFailing(store.engine, false);
  EXPECT_EQ(OutcomeAfter(store, "e1", [] {}), IntakeOutcome::kDuplicate);
  ASSERT_TRUE(store.intake->SaveIds(store.engine.last_sequence()).ok());
  EXPECT_EQ(OutcomeAfter(store, "e1", [] {}), IntakeOutcome::kDuplicate);
}

}  // namespace
}  // namespace attune::events
