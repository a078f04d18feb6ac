// Which fields and functions a filter may name, and of which type they are.
//
//   Schema schema;
//   schema.AddField("price", kPrice, FieldType::kNumber);
//   schema.AddOpenField("attributes", kAttributes);            // attributes.colour, attributes.size.eu, ...
//   schema.AddFunction("affinity", kAffinity, FieldType::kNumber,
//                      {{Parameter::Kind::kWord, {"category", "brand"}}, {Parameter::Kind::kText, {}}});
//
// Each use of the language (products, segments, rules) has one schema, made once at start.
//
// Thread safety: const after it is filled.

#ifndef ATTUNE_EXPRESSIONS_SCHEMA_H_
#define ATTUNE_EXPRESSIONS_SCHEMA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attune::expressions {

enum class FieldType : uint8_t {
  kNumber,
  kText,
  kBool,
  kTime,      // Milliseconds since the epoch.
  kDuration,  // Milliseconds.
  kPath,      // A category path.
  kAny,       // Known only when read: attributes.  The literal's type decides.
};

std::string_view FieldTypeName(FieldType type);

struct Parameter {
  enum class Kind : uint8_t { kWord, kText, kNumber, kDuration };
  Kind kind = Kind::kText;
  std::vector<std::string> words;  // kWord: the allowed ones.
};

struct FieldInfo {
  std::string name;
  uint16_t number = 0;
  FieldType type = FieldType::kNumber;
  bool is_open = false;  // Takes a path after a dot.
};

struct FunctionInfo {
  std::string name;
  uint16_t number = 0;
  FieldType result = FieldType::kNumber;
  std::vector<Parameter> parameters;
};

class Schema {
 public:
  // Names are written in lower case, words joined by '_'; each name is added once.
  void AddField(std::string name, uint16_t number, FieldType type);
  void AddOpenField(std::string name, uint16_t number);
  void AddFunction(std::string name, uint16_t number, FieldType result, std::vector<Parameter> parameters);

  // Null for an unknown name.
  const FieldInfo* FindField(std::string_view name) const;
  const FunctionInfo* FindFunction(std::string_view name) const;

  // The known name closest to a wrong one; empty when none is close.
  std::string SuggestField(std::string_view wrong) const;
  std::string SuggestFunction(std::string_view wrong) const;

 private:
  std::vector<FieldInfo> fields_;
  std::vector<FunctionInfo> functions_;
};

// The one of `names` with the fewest edits from `wrong`, when they are at most a third of its length (at
// least one); the first such in order; empty when none is.  ASCII case is ignored.
std::string ClosestName(std::string_view wrong, const std::vector<std::string_view>& names);

}  // namespace attune::expressions

#endif  // ATTUNE_EXPRESSIONS_SCHEMA_H_
