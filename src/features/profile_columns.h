// The columns of a stored profile (profile_record_fields.h) between reading and assembling: what lies beside
// each other in the record, by field.
//
// Ownership: text points into the bytes that are read.  Thread safety: one thread; kept for its memory.

#ifndef ATTUNE_FEATURES_PROFILE_COLUMNS_H_
#define ATTUNE_FEATURES_PROFILE_COLUMNS_H_

#include <cstdint>
#include <string_view>
#include <vector>

namespace attune::features {

// The record as columns, before anything is believed.
struct ProfileColumns {
  int64_t first_seen_ago_ms = 0;
  int64_t last_received = 0;
  uint32_t flags = 0;
  int64_t consent_at = 0;
  int64_t first_order_at = 0;
  int64_t last_order_at = 0;
  std::vector<int64_t> session_spans;
  std::string_view affinity_values;
  std::vector<float> affinity_weights;
  std::vector<int64_t> affinity_as_of;
  std::vector<float> price_band_sums;
  std::vector<int64_t> price_band_as_of;
  std::vector<uint64_t> recent_products;
  std::vector<uint64_t> recent_types;
  std::vector<int64_t> recent_times;
  std::vector<uint64_t> recent_views;
  bool has_cart_settled = false;
  int64_t cart_settled_at = 0;
  std::vector<std::string_view> cart_settled_lines;
  std::vector<std::string_view> cart_steps;
  std::vector<uint64_t> purchase_products;
  std::vector<uint64_t> purchase_orders;
  std::vector<int64_t> purchase_units;
  std::vector<int64_t> purchase_first_at;
  std::vector<uint64_t> purchase_time_counts;
  std::vector<int64_t> purchase_times;
  std::vector<std::string_view> orders;
  std::vector<uint64_t> hours;
  std::vector<uint64_t> shown_products;
  std::vector<uint64_t> shown_slates;
  std::vector<uint64_t> shown_slate_places;
  std::vector<int64_t> shown_times;
  std::vector<std::string_view> preferences;

  // Empties everything and keeps the memory.
  void Clear() {
    first_seen_ago_ms = last_received = consent_at = first_order_at = last_order_at = cart_settled_at = 0;
    flags = 0;
    has_cart_settled = false;
    affinity_values = {};
    session_spans.clear();
    affinity_weights.clear();
    affinity_as_of.clear();
    price_band_sums.clear();
    price_band_as_of.clear();
    recent_products.clear();
    recent_types.clear();
    recent_times.clear();
    recent_views.clear();
    cart_settled_lines.clear();
    cart_steps.clear();
    purchase_products.clear();
    purchase_orders.clear();
    purchase_units.clear();
    purchase_first_at.clear();
    purchase_time_counts.clear();
    purchase_times.clear();
    orders.clear();
    hours.clear();
    shown_products.clear();
    shown_slates.clear();
    shown_slate_places.clear();
    shown_times.clear();
    preferences.clear();
  }
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_PROFILE_COLUMNS_H_
