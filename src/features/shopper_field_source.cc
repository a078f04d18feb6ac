#include "features/shopper_field_source.h"

#include <optional>
#include <string>

namespace attune::features {
namespace {

using expressions::FieldType;
using expressions::FieldValue;
using expressions::Parameter;

constexpr std::string_view kTruthField = "is_customer";
constexpr uint16_t kAffinity = 0;

}  // namespace

const expressions::Schema& ShopperFilterSchema() {
  static const expressions::Schema* const schema = [] {
    auto* made = new expressions::Schema;
    const std::span<const std::string_view> names = NumberFieldNames();
    uint16_t field = 0;
    for (const std::string_view name : names) {
      made->AddField(std::string(name), field++, name == kTruthField ? FieldType::kBool : FieldType::kNumber);
    }
    made->AddFunction(
        "affinity", kAffinity, FieldType::kNumber,
        {{Parameter::Kind::kWord, {"category", "brand", "attribute"}}, {Parameter::Kind::kText, {}}});
    return made;
  }();
  return *schema;
}

void ShopperFieldSource::Read(uint16_t field, std::string_view /*path*/,
                              expressions::FieldValues& out) const {
  const std::string_view name = NumberFieldNames()[field];
  const std::optional<double> value = NumberField(profile_, name, context_);
  if (!value) return;
  out.Add(name == kTruthField ? FieldValue::Bool(*value > 0) : FieldValue::Number(*value));
}

void ShopperFieldSource::Call(uint16_t /*function*/, std::span<const expressions::Argument> arguments,
                              expressions::FieldValues& out) const {
  const std::optional<Affinity::Kind> kind = ParseAffinityKind(arguments[0].text);
  if (kind) out.Add(FieldValue::Number(AffinityField(profile_, *kind, arguments[1].text, context_)));
}

}  // namespace attune::features
