// Fuzzes the filter language: no text may crash the parser, and what parses must print, parse again to the
// same spelling, and evaluate.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expressions/expression.h"
#include "expressions/limits.h"
#include "fuzz_target.h"

namespace {

using attune::expressions::Argument;
using attune::expressions::Expression;
using attune::expressions::FieldSource;
using attune::expressions::FieldType;
using attune::expressions::FieldValue;
using attune::expressions::FieldValues;
using attune::expressions::Parameter;
using attune::expressions::Schema;

// Answers every field with a number and a text, so that each comparison is reached.
class AnySource final : public FieldSource {
 public:
  void Read(uint16_t field, std::string_view path, FieldValues& out) const override {
    out.Add(FieldValue::Number(field));
    out.Add(FieldValue::Text(path));
  }
  void Call(uint16_t, std::span<const Argument> arguments, FieldValues& out) const override {
    out.Add(FieldValue::Number(static_cast<double>(arguments.size())));
  }
  int64_t now_ms() const override { return 1'000'000'000'000; }
};

const Schema& FuzzSchema() {
  static const Schema* const schema = [] {
    auto* made = new Schema;
    made->AddField("price", 0, FieldType::kNumber);
    made->AddField("brand", 1, FieldType::kText);
    made->AddField("in_stock", 2, FieldType::kBool);
    made->AddField("created_at", 3, FieldType::kTime);
    made->AddField("age", 4, FieldType::kDuration);
    made->AddField("category", 5, FieldType::kPath);
    made->AddOpenField("attributes", 6);
    made->AddFunction("affinity", 0, FieldType::kNumber,
                      {{Parameter::Kind::kWord, {"category", "brand"}}, {Parameter::Kind::kText, {}}});
    return made;
  }();
  return *schema;
}

}  // namespace

std::vector<std::string> attune::fuzz::Seeds() {
  return {R"(price < 20 AND (brand IN ("Lumo", 'Oak\u0020Co') OR NOT in_stock))",
          R"(affinity(category, "Home") > 0.5 AND attributes.'a b'.c != "red")",
          R"(created_at > now - 9d AND age BETWEEN 1.5d AND 1w AND category: "Home > Light")"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = Expression::Parse(text, FuzzSchema(), "filter");
  if (!parsed.ok()) return 0;
  ++attune::fuzz::accepted_count;
  const AnySource source;
  const bool matches = parsed->Matches(source);
  const std::string canonical = parsed->ToText();
  if (canonical.size() > attune::expressions::kTextBytesMax) return 0;
  const auto again = Expression::Parse(canonical, FuzzSchema(), "filter");
  CHECK(again.ok());
  CHECK(again->ToText() == canonical);
  CHECK(again->Matches(source) == matches);
  return 0;
}
