#include "expressions/expression.h"

#include <algorithm>

namespace attune::expressions {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// `folded` is in lower case already.
bool EqualsFolded(std::string_view text, std::string_view folded) {
  return text.size() == folded.size() &&
         std::equal(text.begin(), text.end(), folded.begin(), [](char a, char b) { return Lower(a) == b; });
}

bool ContainsFolded(std::string_view text, std::string_view folded) {
  return std::search(text.begin(), text.end(), folded.begin(), folded.end(),
                     [](char a, char b) { return Lower(a) == b; }) != text.end() ||
         folded.empty();
}

bool PathEquals(std::span<const std::string> path, const std::vector<std::string>& levels) {
  return std::equal(path.begin(), path.end(), levels.begin(), levels.end());
}

// The levels (in lower case) stand one after another somewhere in the path.
bool PathHas(std::span<const std::string> path, const std::vector<std::string>& levels) {
  return std::search(path.begin(), path.end(), levels.begin(), levels.end(),
                     [](const std::string& a, const std::string& b) { return EqualsFolded(a, b); }) !=
         path.end();
}

bool IsOfKind(const FieldValue& value, const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::kText:
      return value.kind == FieldValue::Kind::kText || value.kind == FieldValue::Kind::kPath;
    case Literal::Kind::kBool:
      return value.kind == FieldValue::Kind::kBool;
    default:
      return value.kind == FieldValue::Kind::kNumber;
  }
}

class Evaluation {
 public:
  Evaluation(const std::vector<Node>& nodes, const std::vector<Operand>& operands,
             const std::vector<Literal>& literals, const FieldSource& source)
      : nodes_(nodes), operands_(operands), literals_(literals), source_(source) {}

  bool Of(uint32_t at) {
    const Node& node = nodes_[at];
    switch (node.kind) {
      case Node::Kind::kConstant:
        return node.value;
      case Node::Kind::kAnd:
        for (uint32_t child = at + 1; child < node.end; child = nodes_[child].end) {
          if (!Of(child)) return false;
        }
        return true;
      case Node::Kind::kOr:
        for (uint32_t child = at + 1; child < node.end; child = nodes_[child].end) {
          if (Of(child)) return true;
        }
        return false;
      case Node::Kind::kNot:
        return !Of(at + 1);
      default:
        return Compare(node) != node.is_negated;
    }
  }

 private:
  bool Compare(const Node& node) {
    const Operand& operand = operands_[node.operand];
    values_.Clear();
    if (operand.is_function) {
      source_.Call(operand.number, operand.arguments, values_);
    } else {
      source_.Read(operand.number, operand.path, values_);
    }
    if (node.kind == Node::Kind::kExists) return !values_.empty();
    return values_.Any([&](const FieldValue& value) { return Holds(node, value); });
  }

  double NumberOf(const Literal& literal) const {
    return literal.kind == Literal::Kind::kNow ? static_cast<double>(source_.now_ms()) + literal.number
                                               : literal.number;
  }

  bool Equal(const FieldValue& value, const Literal& literal) const {
    if (!IsOfKind(value, literal)) return false;
    if (value.kind == FieldValue::Kind::kText) return value.text == literal.text;
    if (value.kind == FieldValue::Kind::kPath) return PathEquals(value.path, literal.levels);
    return value.number == NumberOf(literal);
  }

  bool Has(const FieldValue& value, const Literal& literal) const {
    if (!IsOfKind(value, literal)) return false;
    if (value.kind == FieldValue::Kind::kText) return EqualsFolded(value.text, literal.folded);
    if (value.kind == FieldValue::Kind::kPath) return PathHas(value.path, literal.levels);
    return value.number == NumberOf(literal);
  }

  bool In(const Node& node, const FieldValue& value) const {
    const auto first = literals_.begin() + node.literal;
    const auto last = first + node.literal_count;
    const auto equal = [&](const Literal& literal) { return Equal(value, literal); };
    if (value.kind == FieldValue::Kind::kPath || (last - 1)->kind == Literal::Kind::kNow) {
      return std::any_of(first, last, equal);
    }
    // Sorted by kind first (numbers, texts, booleans ...), then by value.
    const auto found = std::partition_point(first, last, [&](const Literal& literal) {
      if (value.kind == FieldValue::Kind::kText) {
        return literal.kind < Literal::Kind::kText ||
               (literal.kind == Literal::Kind::kText && literal.text < value.text);
      }
      if (value.kind == FieldValue::Kind::kBool) {
        return literal.kind < Literal::Kind::kBool ||
               (literal.kind == Literal::Kind::kBool && literal.number < value.number);
      }
      return literal.kind != Literal::Kind::kText && literal.kind != Literal::Kind::kBool &&
             literal.number < value.number;
    });
    return found != last && equal(*found);
  }

  bool Holds(const Node& node, const FieldValue& value) const {
    const Literal& literal = literals_[node.literal];
    switch (node.kind) {
      case Node::Kind::kEqual:
        return Equal(value, literal);
      case Node::Kind::kHas:
        return Has(value, literal);
      case Node::Kind::kIn:
        return In(node, value);
      case Node::Kind::kContains:
        return value.kind == FieldValue::Kind::kText && ContainsFolded(value.text, literal.folded);
      case Node::Kind::kLess:
        return IsOfKind(value, literal) && value.number < NumberOf(literal);
      case Node::Kind::kLessOrEqual:
        return IsOfKind(value, literal) && value.number <= NumberOf(literal);
      case Node::Kind::kGreater:
        return IsOfKind(value, literal) && value.number > NumberOf(literal);
      case Node::Kind::kGreaterOrEqual:
        return IsOfKind(value, literal) && value.number >= NumberOf(literal);
      case Node::Kind::kBetween:
        return IsOfKind(value, literal) && value.number >= NumberOf(literal) &&
               value.number <= NumberOf(literals_[node.literal + 1]);
      default:
        return false;
    }
  }

  const std::vector<Node>& nodes_;
  const std::vector<Operand>& operands_;
  const std::vector<Literal>& literals_;
  const FieldSource& source_;
  FieldValues values_;
};

}  // namespace

bool Expression::Matches(const FieldSource& source) const {
  return Evaluation(nodes_, operands_, literals_, source).Of(0);
}

std::string Expression::FirstFalsePart(const FieldSource& source) const {
  Evaluation evaluation(nodes_, operands_, literals_, source);
  if (nodes_[0].kind != Node::Kind::kAnd) return evaluation.Of(0) ? std::string() : ToText();
  for (uint32_t child = 1; child < nodes_[0].end; child = nodes_[child].end) {
    if (!evaluation.Of(child)) return TextOf(child);
  }
  return {};
}

}  // namespace attune::expressions
