// The fields of a shopper for the filter language: what a segment may ask.
//
//   orders >= 2 AND days_since_last_order > 60 AND affinity(category, "Shoes") > 0.4 AND is_customer
//
// The names are those of features/profile_fields.h, each a number, but is_customer, which is true or false;
// and affinity(category | brand | attribute, "value"), the share of the shopper's interest, 0 to 1.  A field
// without a value (days since an order, for who never ordered) matches nothing.
//
// Thread safety: pure functions; a ShopperFieldSource belongs to one thread.

#ifndef ATTUNE_FEATURES_SHOPPER_FIELD_SOURCE_H_
#define ATTUNE_FEATURES_SHOPPER_FIELD_SOURCE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "expressions/field_source.h"
#include "expressions/schema.h"
#include "features/profile_fields.h"
#include "features/shopper_profile.h"

namespace attune::features {

// A schema of these fields and no others.  Lives for ever.
const expressions::Schema& ShopperFilterSchema();

class ShopperFieldSource final : public expressions::FieldSource {
 public:
  // `profile` must outlive it.
  ShopperFieldSource(const ShopperProfile& profile, const FieldContext& context)
      : profile_(profile), context_(context) {}

  void Read(uint16_t field, std::string_view path, expressions::FieldValues& out) const override;
  void Call(uint16_t function, std::span<const expressions::Argument> arguments,
            expressions::FieldValues& out) const override;
  int64_t now_ms() const override { return context_.now_ms; }

 private:
  const ShopperProfile& profile_;
  const FieldContext context_;
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_SHOPPER_FIELD_SOURCE_H_
