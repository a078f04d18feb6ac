// Declared preferences: the latest word counts, it fades slowly, it comes back from its bytes.

#include "features/preferences.h"

#include <gtest/gtest.h>

#include "features/compose.h"
#include "features/fold_event.h"
#include "features/limits.h"
#include "features/profile_record.h"

namespace attune::features {
namespace {

constexpr int64_t kNowMs = 1'767'225'600'000;

events::Event Said(int64_t at_ms, std::vector<events::DeclaredPreference> preferences) {
  events::Event event;
  event.type = events::EventType::kPreferencesDeclared;
  event.occurred_at_ms = event.received_at_ms = at_ms;
  event.shopper = ShopperHandle(1);
  event.preferences = std::move(preferences);
  return event;
}

constexpr auto kBrand = events::PreferenceKind::kBrand;
constexpr auto kAttribute = events::PreferenceKind::kAttribute;

TEST(Preferences, TheLatestWordCountsInAnyOrder) {
  const events::Event early = Said(kNowMs - 10, {{kBrand, "Lumo", 1000}, {kAttribute, "colour=black", 500}});
  const events::Event late = Said(kNowMs, {{kBrand, "Lumo", 0}});
  for (const bool late_first : {false, true}) {
    std::vector<Preference> held;
    AddPreferences(late_first ? late : early, held);
    AddPreferences(late_first ? early : late, held);
    const auto strongest = StrongestPreferences(held, kNowMs, {});
    ASSERT_EQ(strongest.size(), 1u);
    EXPECT_EQ(strongest[0].value, "colour=black");
    EXPECT_NEAR(strongest[0].weight, kPreferenceWeight / 2, 1e-6);
  }
}

TEST(Preferences, FadeWithTheirOwnHalfLife) {
  std::vector<Preference> held;
  AddPreferences(Said(kNowMs, {{kBrand, "Lumo", 1000}}), held);
  const FeatureSettings settings;
  EXPECT_NEAR(StrongestPreferences(held, kNowMs + settings.preference_half_life_ms, settings)[0].weight,
              kPreferenceWeight / 2, 1e-9);
}

TEST(Preferences, AreBoundedAndTheOldestLeave) {
  std::vector<Preference> held;
  for (size_t i = 0; i < kPreferencesMax + 10; ++i) {
    AddPreferences(Said(kNowMs + static_cast<int64_t>(i), {{kBrand, "b" + std::to_string(i), 1000}}), held);
  }
  EXPECT_EQ(held.size(), kPreferencesMax);
  for (const Preference& said : held) EXPECT_GE(said.declared_at_ms, kNowMs + 10);
}

TEST(Preferences, FoldComposeAndComeBackFromTheirBytes) {
  const FoldContext context;
  ShopperProfile phone;
  phone.shopper = ShopperHandle(1);
  FoldEvent(Said(kNowMs, {{kBrand, "Lumo", 1000}, {kAttribute, "colour=black", 0}}), Sequence(1), context,
            phone);
  const auto decoded = DecodeProfile(ShopperHandle(1), EncodeProfile(phone), {});
  ASSERT_TRUE(decoded.ok()) << decoded.status().message();
  EXPECT_EQ(*decoded, phone);
  ShopperProfile laptop;
  laptop.shopper = ShopperHandle(2);
  FoldEvent(Said(kNowMs + 5, {{kBrand, "Lumo", 200}, {kBrand, "Nord", 1000}}), Sequence(2), context, laptop);
  const ShopperProfile both[] = {phone, laptop};
  const ShopperProfile person = Compose(both, {});
  ASSERT_EQ(person.preferences.size(), 3u);
  EXPECT_EQ(person.preferences[0].permille, 200u);
  EXPECT_TRUE(person.affinities.empty()) << "words are kept apart from deeds";
}

}  // namespace
}  // namespace attune::features
