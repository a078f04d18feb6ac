// Field numbers of the profile record, for its two halves (profile_writer.cc, profile_reader.cc).  On disk:
// never change one, never reuse one.  Meaning of each: docs/formats/profiles.md.

#ifndef ATTUNE_FEATURES_PROFILE_RECORD_FIELDS_H_
#define ATTUNE_FEATURES_PROFILE_RECORD_FIELDS_H_

#include <cstdint>
#include <string_view>

#include "protozero/types.hpp"

namespace attune::features::record {

enum ProfileField : protozero::pbf_tag_type {
  kLastSequence = 1,
  kLastSeen = 2,
  kFirstSeenAgo = 3,
  kLastReceived = 4,
  kFlags = 5,
  kConsentAt = 6,
  kEventCount = 7,
  kViewCount = 8,
  kOrderCount = 9,
  kRevenue = 10,
  kFirstOrderAt = 11,
  kLastOrderAt = 12,
  kSessionNumber = 13,
  kSessionSpans = 14,
  kAffinityValues = 15,
  kAffinityWeights = 16,
  kAffinityAsOf = 17,
  kPriceBandSums = 18,
  kPriceBandAsOf = 19,
  kRecentProducts = 20,
  kRecentTypes = 21,
  kRecentTimes = 22,
  kRecentViews = 23,
  kCartSettledAt = 24,
  kCartSettledLine = 25,
  kCartStep = 26,
  kPurchaseProducts = 27,
  kPurchaseOrders = 28,
  kPurchaseUnits = 29,
  kPurchaseFirstAt = 30,
  kPurchaseTimeCounts = 31,
  kPurchaseTimes = 32,
  kOrder = 33,
  kHours = 34,
  kShownProducts = 35,
  kShownSlates = 36,
  kShownSlatePlaces = 37,
  kShownTimes = 38,
  kPreference = 39,
};

enum Flag : uint32_t {
  kIsCustomer = 1,
  kHasConsentRecord = 2,
  kHasAnalyticsConsent = 4,
  kHasPersonalizationConsent = 8,
};

enum CartLineField : protozero::pbf_tag_type {
  kLineProduct = 1,
  kLineVariant = 2,
  kLineQuantity = 3,
  kLineAddedAt = 4
};
enum CartStepField : protozero::pbf_tag_type { kStepKind = 1, kStepAt = 2, kStepLine = 3 };
enum OrderField : protozero::pbf_tag_type {
  kOrderIdHash = 1,
  kOrderedAt = 2,
  kOrderRevenue = 3,
  kOrderProducts = 4,
};
enum PreferenceField : protozero::pbf_tag_type {
  kPreferenceKind = 1,
  kPreferenceValue = 2,
  kPreferencePermille = 3,
  kPreferenceAt = 4,
};

// As HasKnownWire() takes them.
inline constexpr std::string_view kProfileWires = "vvvvvvvvvvvvvbbbbbbbbbbvbbbbbbbbbbbbbbb";
inline constexpr std::string_view kCartLineWires = "vbvv";
inline constexpr std::string_view kCartStepWires = "vvb";
inline constexpr std::string_view kOrderWires = "fvvb";
inline constexpr std::string_view kPreferenceWires = "vbvv";

// Times are kept as differences to a base.  Unsigned arithmetic wraps around, so any two numbers come back.
inline int64_t Difference(int64_t time_ms, int64_t base_ms) {
  return static_cast<int64_t>(static_cast<uint64_t>(time_ms) - static_cast<uint64_t>(base_ms));
}
inline int64_t FromDifference(int64_t difference_ms, int64_t base_ms) {
  return static_cast<int64_t>(static_cast<uint64_t>(difference_ms) + static_cast<uint64_t>(base_ms));
}

}  // namespace attune::features::record

#endif  // ATTUNE_FEATURES_PROFILE_RECORD_FIELDS_H_
