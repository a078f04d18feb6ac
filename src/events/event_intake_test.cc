#include "events/event_intake.h"

#include <gtest/gtest.h>

#include "events/intake_harness_for_test.h"

namespace attune::events {
namespace {

std::vector<Event> LoggedEvents(const IntakeHarness& store) {
  std::vector<Event> events;
  EXPECT_TRUE(store.engine
                  .ScanLog(Sequence(1),
                           [&](const storage::Record& record) {
                             if (record.kind != storage::RecordKind::kEvent) return true;
                             EXPECT_TRUE(DecodeEvent(record.payload, events.emplace_back()).ok());
                             return true;
                           })
                  .ok());
  return events;
}

TEST(EventIntake, WhatIsPreparedIsWhatTheLogHolds) {
  IntakeHarness store;
  IncomingEvent event = store.View("a1", "c1");
  event.id = "e1";
  event.query = "lamp";
  event.lines[0].price_minor = 100;
  const PreparedEvents prepared = store.WriteOne(event);
  ASSERT_EQ(prepared.records.size(), 1u);
  const auto logged = LoggedEvents(store);
  ASSERT_EQ(logged.size(), 1u);
  EXPECT_EQ(logged[0], prepared.records[0].event);
  EXPECT_EQ(logged[0].shopper, store.Customer("c1"));
  EXPECT_EQ(prepared.records[0].offset, 3u);  // After two identities and a link.
}

TEST(EventIntake, AnEventIdCountsOnce) {
  IntakeHarness store;
  IncomingEvent event = store.View("a1");
  event.id = "e1";
  const auto prepared = store.Write({{event, event}, {event}});
  EXPECT_EQ(prepared[0].outcomes, (std::vector{IntakeOutcome::kAccepted, IntakeOutcome::kDuplicate}));
  EXPECT_EQ(prepared[1].outcomes, (std::vector{IntakeOutcome::kDuplicate}));
  EXPECT_EQ(store.WriteOne(event).duplicate_count, 1u);
  store.Restart();
  EXPECT_EQ(store.WriteOne(event).duplicate_count, 1u);
  EXPECT_EQ(LoggedEvents(store).size(), 1u);
  // Without an id nothing is known to be a duplicate.
  store.WriteOne(store.View("a1"));
  store.WriteOne(store.View("a1"));
  EXPECT_EQ(LoggedEvents(store).size(), 3u);
}

TEST(EventIntake, AFailedGroupLeavesNothingBehind) {
  IntakeHarness store;
  IncomingEvent event = store.View("a1");
  event.id = "e1";
  store.SetFailing(store.engine, true);
  store.WriteOne(event);
  EXPECT_FALSE(store.committed.ok());
  store.SetFailing(store.engine, false);
  EXPECT_EQ(store.WriteOne(event).accepted_count, 1u);
  EXPECT_EQ(LoggedEvents(store).size(), 1u);
}

TEST(EventIntake, WithoutAnalyticsConsentNothingLeadsToAPerson) {
  IntakeHarness store;
  IncomingEvent event = store.View("browser-1", "customer-1");
  event.type = EventType::kOrderCompleted;
  event.id = "event-1";
  event.order_id = "o1";
  event.page_url = "https://shop/account/customer-1";
  event.decision = {1, 2};
  event.lines[0].decision = {1, 2};
  event.consent.analytics = false;
  store.WriteOne(event);
  store.Snapshot();
  const auto logged = LoggedEvents(store);
  ASSERT_EQ(logged.size(), 1u);
  EXPECT_EQ(logged[0].shopper, ShopperHandle());
  EXPECT_EQ(logged[0].id, "");
  EXPECT_EQ(logged[0].page_url, "");
  EXPECT_TRUE(logged[0].decision.is_none());
  EXPECT_TRUE(logged[0].lines[0].decision.is_none());
  EXPECT_EQ(logged[0].lines[0].product, ProductIndex(0));  // Totals know what was bought.
  EXPECT_EQ(store.Browser("browser-1"), ShopperHandle());
  EXPECT_EQ(store.Customer("customer-1"), ShopperHandle());
  ASSERT_TRUE(store.intake->SaveIds(store.engine.last_sequence()).ok());
  bool has_event_ids = false;
  ASSERT_TRUE(store.engine
                  .Scan(storage::Column::kEventIds, {}, {},
                        [&](std::string_view key, std::string_view) {
                          has_event_ids = has_event_ids || key != "s";  // What was saved, not which ids.
                          return true;
                        })
                  .ok());
  EXPECT_FALSE(has_event_ids);
}

TEST(EventIntake, WithdrawalHoldsFromTheNextEventOn) {
  IntakeHarness store;
  store.WriteOne(store.View("a1"));
  IncomingEvent withdrawal = store.View("a1");
  withdrawal.type = EventType::kConsentChanged;
  withdrawal.lines.clear();
  withdrawal.consent = {false, false};
  const auto prepared = store.WriteOne(withdrawal);
  EXPECT_EQ(prepared.records[0].event.shopper, store.Browser("a1"));  // Folds must learn whose it is.
  EXPECT_EQ(*store.registry->RecordedConsent(store.Browser("a1")), (Consent{false, false}));
  EXPECT_EQ(store.WriteOne(store.View("a1")).records[0].event.shopper, ShopperHandle());
  store.Restart();
  EXPECT_EQ(store.WriteOne(store.View("a1")).records[0].event.shopper, ShopperHandle());

  IncomingEvent grant = withdrawal;
  grant.consent = {true, true};
  store.WriteOne(grant);
  EXPECT_EQ(store.WriteOne(store.View("a1")).records[0].event.shopper, store.Browser("a1"));
}

TEST(EventIntake, ARefusalOfAStrangerIsRememberedOnlyWhereTheDefaultWouldTrack) {
  IntakeHarness granted;
  IncomingEvent refusal = granted.View("a1");
  refusal.type = EventType::kConsentChanged;
  refusal.lines.clear();
  refusal.consent = {false, false};
  granted.WriteOne(refusal);
  EXPECT_EQ(granted.WriteOne(granted.View("a1")).records[0].event.shopper, ShopperHandle());

  IntakeHarness denied({ConsentDefault::kDenied, {}});
  denied.WriteOne(refusal);
  EXPECT_EQ(denied.Browser("a1"), ShopperHandle());
}

TEST(EventIntake, TheMarketsDefaultComesBeforeTheStores) {
  IntakeHarness store({ConsentDefault::kGranted, {{"DE", ConsentDefault::kDenied}}});
  IncomingEvent german = store.View("a1");
  german.market = "DE";
  EXPECT_EQ(store.WriteOne(german).records[0].event.shopper, ShopperHandle());
  EXPECT_NE(store.WriteOne(store.View("a1")).records[0].event.shopper, ShopperHandle());
  german.consent = {true, true};
  EXPECT_EQ(store.WriteOne(german).records[0].event.shopper, store.Browser("a1"));
  german.consent = {};
  EXPECT_EQ(store.WriteOne(german).records[0].event.shopper,
            store.Browser("a1"));  // What was granted stays so.
}

TEST(EventIntake, TraitsAddUpAcrossOneGroup) {
  IntakeHarness store;
  IncomingEvent first = store.View("", "c1");
  first.type = EventType::kIdentify;
  first.lines.clear();
  IncomingEvent second = first;
  first.traits_json = R"({"a":1})";
  second.traits_json = R"({"b":2})";
  store.Write({{first}, {second}});
  EXPECT_EQ(*store.registry->TraitsOf(store.Customer("c1")), R"({"a":1,"b":2})");
}

TEST(EventIntake, TraitsThatOutgrowAShopperAreRefusedByName) {
  IntakeHarness store;
  IncomingEvent event = store.View("", "c1");
  event.type = EventType::kIdentify;
  event.lines.clear();
  event.traits_json = "{\"a\":\"" + std::string(kTraitsBytesMax - 100, 'x') + "\"}";
  EXPECT_EQ(store.WriteOne(event).accepted_count, 1u);
  event.traits_json = "{\"b\":\"" + std::string(kTraitsBytesMax - 100, 'x') + "\"}";
  const PreparedEvents prepared = store.WriteOne(event);
  ASSERT_EQ(prepared.failures.size(), 1u);
  EXPECT_EQ(prepared.failures[0].status.field(), "traits");
}

TEST(ConsentPolicy, StatedComesBeforeRecordedComesBeforeDefault) {
  const ConsentDefaults defaults{ConsentDefault::kGranted, {{"DE", ConsentDefault::kDenied}}};
  const Consent all{true, true}, none{false, false};
  EXPECT_EQ(ResolveConsent(defaults, "", {}, {}), all);
  EXPECT_EQ(ResolveConsent(defaults, "DE", {}, {}), none);
  const std::array<std::optional<Consent>, 2> one = {std::nullopt, Consent{true, false}};
  EXPECT_EQ(ResolveConsent(defaults, "DE", one, {}), (Consent{true, false}));
  const std::array<std::optional<Consent>, 2> two = {Consent{false, true}, Consent{true, false}};
  EXPECT_EQ(ResolveConsent(defaults, "", two, {}), none);
  EXPECT_EQ(ResolveConsent(defaults, "", two, {true, std::nullopt}), (Consent{true, false}));
}

TEST(ConsentPolicy, OnlyAChangeIsRecorded) {
  const Consent granted{true, true};
  EXPECT_EQ(ConsentToRecord(std::nullopt, granted, {}), std::nullopt);
  EXPECT_EQ(ConsentToRecord(std::nullopt, granted, {true, true}), std::nullopt);
  EXPECT_EQ(ConsentToRecord(std::nullopt, granted, {false, std::nullopt}), (Consent{false, true}));
  EXPECT_EQ(ConsentToRecord(Consent{false, true}, granted, {true, std::nullopt}), granted);
}

}  // namespace
}  // namespace attune::events
