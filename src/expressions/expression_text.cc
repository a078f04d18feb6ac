// The canonical spelling of a filter.

#include <charconv>
#include <cmath>

#include "base/clock.h"
#include "base/time_text.h"
#include "expressions/expression.h"

namespace attune::expressions {
namespace {

void AppendQuoted(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void AppendNumber(double number, std::string& out) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), number);
  out.append(buffer, end);
}

// In the largest unit that divides it.
void AppendDuration(double duration_ms, std::string& out) {
  const auto ms = static_cast<int64_t>(duration_ms);
  struct Unit {
    int64_t ms;
    std::string_view name;
  };
  constexpr Unit kUnits[] = {{kDayMs, "d"}, {kHourMs, "h"}, {kMinuteMs, "m"}, {kSecondMs, "s"}, {1, "ms"}};
  for (const Unit& unit : kUnits) {
    if (ms % unit.ms != 0) continue;
    out += std::to_string(ms / unit.ms);
    out += unit.name;
    return;
  }
}

void AppendLiteral(const Literal& literal, std::string& out) {
  switch (literal.kind) {
    case Literal::Kind::kNumber:
      return AppendNumber(literal.number, out);
    case Literal::Kind::kText:
      return AppendQuoted(literal.text, out);
    case Literal::Kind::kBool:
      out += literal.number != 0 ? "true" : "false";
      return;
    case Literal::Kind::kTime:
      out += FormatTime(static_cast<int64_t>(literal.number));
      return;
    case Literal::Kind::kDuration:
      return AppendDuration(literal.number, out);
    case Literal::Kind::kNow:
      out += "now";
      if (literal.number == 0) return;
      out += literal.number > 0 ? " + " : " - ";
      return AppendDuration(std::abs(literal.number), out);
  }
}

bool IsPlainName(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !is_letter(name[0])) return false;
  for (const char c : name) {
    if (!is_letter(c) && (c < '0' || c > '9')) return false;
  }
  return true;
}

void AppendOperand(const Operand& operand, std::string& out) {
  out += operand.name;
  for (const std::string& segment : operand.segments) {
    out += '.';
    if (IsPlainName(segment)) {
      out += segment;
    } else {
      AppendQuoted(segment, out);
    }
  }
  if (!operand.is_function) return;
  out += '(';
  for (size_t i = 0; i < operand.arguments.size(); ++i) {
    const Argument& argument = operand.arguments[i];
    if (i > 0) out += ", ";
    if (argument.kind == Argument::Kind::kWord) out += argument.text;
    if (argument.kind == Argument::Kind::kText) AppendQuoted(argument.text, out);
    if (argument.kind == Argument::Kind::kNumber) AppendNumber(argument.number, out);
    if (argument.kind == Argument::Kind::kDuration) AppendDuration(argument.number, out);
  }
  out += ')';
}

std::string_view OperatorText(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kEqual:
      return node.is_negated ? " != " : " = ";
    case Node::Kind::kLess:
      return " < ";
    case Node::Kind::kLessOrEqual:
      return " <= ";
    case Node::Kind::kGreater:
      return " > ";
    case Node::Kind::kGreaterOrEqual:
      return " >= ";
    case Node::Kind::kHas:
      return ": ";
    case Node::Kind::kIn:
      return node.is_negated ? " NOT IN " : " IN ";
    case Node::Kind::kBetween:
      return node.is_negated ? " NOT BETWEEN " : " BETWEEN ";
    case Node::Kind::kContains:
      return node.is_negated ? " NOT CONTAINS " : " CONTAINS ";
    default:
      return {};
  }
}

}  // namespace

void Expression::AppendNode(uint32_t at, bool in_parentheses, std::string& out) const {
  const Node& node = nodes_[at];
  switch (node.kind) {
    case Node::Kind::kConstant:
      out += node.value ? "TRUE" : "FALSE";
      return;
    case Node::Kind::kNot: {
      out += "NOT ";
      AppendNode(at + 1, true, out);
      return;
    }
    case Node::Kind::kAnd:
    case Node::Kind::kOr: {
      if (in_parentheses) out += '(';
      for (uint32_t child = at + 1; child < node.end; child = nodes_[child].end) {
        if (child != at + 1) out += node.kind == Node::Kind::kAnd ? " AND " : " OR ";
        AppendNode(child, node.kind == Node::Kind::kAnd, out);
      }
      if (in_parentheses) out += ')';
      return;
    }
    case Node::Kind::kExists:
      out += "EXISTS ";
      AppendOperand(operands_[node.operand], out);
      return;
    default:
      AppendOperand(operands_[node.operand], out);
      out += OperatorText(node);
      if (node.kind == Node::Kind::kIn) out += '(';
      for (uint32_t i = 0; i < node.literal_count; ++i) {
        if (i > 0) out += node.kind == Node::Kind::kIn ? ", " : " AND ";
        AppendLiteral(literals_[node.literal + i], out);
      }
      if (node.kind == Node::Kind::kIn) out += ')';
      return;
  }
}

std::string Expression::TextOf(uint32_t node) const {
  std::string text;
  AppendNode(node, false, text);
  return text;
}

std::string Expression::ToText() const { return TextOf(0); }

}  // namespace attune::expressions
