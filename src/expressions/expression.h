// A filter, parsed and checked: true or false for one product (or one shopper).
//
//   price < 50 AND brand IN ("Sony","Bose") AND NOT category: "Toys"
//
// Grammar (keywords in any case; AND binds tighter than OR, NOT tightest):
//
//   expression := conjunction { OR conjunction }          operand := field | function "(" arguments ")"
//   conjunction := negation { AND negation }              field   := name { "." ( name | text ) }
//   negation   := NOT negation | "(" expression ")" | TRUE | FALSE | EXISTS field | comparison
//   comparison := operand ( "=" | "!=" | "<" | "<=" | ">" | ">=" | ":" ) literal
//              |  operand [NOT] IN "(" literal { "," literal } ")"
//              |  operand [NOT] BETWEEN literal AND literal        both ends included
//              |  operand [NOT] CONTAINS text
//              |  operand                                          only for a true-or-false one: "= true"
//   literal    := ["-"] number | text | true | false | time | duration | NOW [ ("+"|"-") duration ]
//
// Meaning
//   several values   a comparison is true when any value matches; BETWEEN needs one value within both ends.
//   missing field    matches nothing, so each comparison is false; EXISTS tells it apart.
//   != , NOT IN ...  are exactly NOT ( = ), NOT ( IN ): true when no value matches, also when the field is
//   missing. = and IN         compare text exactly, a category path as a whole ("Home > Lighting"). : "has":
//   text regardless of ASCII case; a category path when the names written ("Lighting", or
//                    "Home > Lighting") are consecutive levels of it, so the product lies within that
//                    category.
//   CONTAINS         a part of the text, regardless of ASCII case.
//   attributes.x     values are compared only with literals of their own type; another type matches nothing.
//
// Thread safety: immutable.

#ifndef ATTUNE_EXPRESSIONS_EXPRESSION_H_
#define ATTUNE_EXPRESSIONS_EXPRESSION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "expressions/field_source.h"
#include "expressions/schema.h"

namespace attune::expressions {

// A value as written in a filter.
struct Literal {
  enum class Kind : uint8_t { kNumber, kText, kBool, kTime, kDuration, kNow };
  Kind kind = Kind::kNumber;
  double number = 0;   // kBool: 0 or 1; kTime, kDuration: milliseconds; kNow: milliseconds from now.
  std::string text;    // kText.
  std::string folded;  // kText: in ASCII lower case, for ':' and CONTAINS.
  std::vector<std::string> levels;  // kText compared with a path: its names.
};

// What stands left of a comparison.
struct Operand {
  bool is_function = false;
  uint16_t number = 0;  // Of the field or function in the schema.
  FieldType type = FieldType::kNumber;
  std::string name;                   // As declared: "attributes", "affinity".
  std::string path;                   // Of an open field: segments joined by '.'.
  std::vector<std::string> segments;  // Of an open field, for printing.
  std::vector<Argument> arguments;
};

// One node of the tree, in the order "node, then its children"; `end` is one past the last node below it.
struct Node {
  enum class Kind : uint8_t {
    kConstant,
    kAnd,
    kOr,
    kNot,
    kExists,
    kEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kHas,
    kIn,
    kBetween,
    kContains,
  };
  Kind kind = Kind::kConstant;
  bool is_negated = false;  // != , NOT IN, NOT BETWEEN, NOT CONTAINS.
  bool value = false;       // kConstant.
  uint32_t end = 0;
  uint32_t operand = 0;  // Index into operands.
  uint32_t literal = 0;  // Index of the first literal.
  uint32_t literal_count = 0;
};

class Expression {
 public:
  // Fails with kInvalidArgument: what is wrong, the column, and the name that was perhaps meant.  The Status
  // names `status_field` ("filter") as its field.  An empty text is an error: no filter is the caller's
  // business.
  static Result<Expression> Parse(std::string_view text, const Schema& schema, std::string_view status_field);

  // Cost: one Read() per comparison reached; AND and OR stop early.
  bool Matches(const FieldSource& source) const;

  // The first part of the outermost AND that is false (the whole expression when it is no AND), in canonical
  // form: the answer to "why was this product filtered?".  Empty when the expression is true.
  std::string FirstFalsePart(const FieldSource& source) const;

  // The one spelling of this filter.  Parsing it again gives an equal tree, if it is within kTextBytesMax.
  std::string ToText() const;

  size_t term_count() const { return operands_.size(); }

 private:
  friend class Parser;
  Expression() = default;
  std::string TextOf(uint32_t node) const;
  // `in_parentheses`: when the node is an AND or an OR.
  void AppendNode(uint32_t at, bool in_parentheses, std::string& out) const;

  std::vector<Node> nodes_;
  std::vector<Operand> operands_;
  std::vector<Literal> literals_;
};

}  // namespace attune::expressions

#endif  // ATTUNE_EXPRESSIONS_EXPRESSION_H_
