// The recursive-descent parser and type checker behind Expression::Parse.

#include <algorithm>
#include <utility>

#include "expressions/expression.h"
#include "expressions/lexer.h"
#include "expressions/limits.h"

namespace attune::expressions {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Folded(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) c = Lower(c);
  return folded;
}

bool IsKeyword(const Token& token, std::string_view upper) {
  return token.kind == Token::Kind::kWord && Folded(token.text) == Folded(upper);
}

bool IsReserved(const Token& token) {
  constexpr std::string_view kReserved[] = {"and",    "or",       "not",  "in",    "between",
                                            "exists", "contains", "true", "false", "now"};
  return token.kind == Token::Kind::kWord &&
         std::find(std::begin(kReserved), std::end(kReserved), Folded(token.text)) != std::end(kReserved);
}

// "Home > Lighting" => {"Home", "Lighting"}.
std::vector<std::string> SplitLevels(std::string_view text) {
  std::vector<std::string> levels;
  while (true) {
    const size_t cut = text.find('>');
    std::string_view level = text.substr(0, cut);
    while (!level.empty() && level.front() == ' ') level.remove_prefix(1);
    while (!level.empty() && level.back() == ' ') level.remove_suffix(1);
    levels.emplace_back(level);
    if (cut == std::string_view::npos) return levels;
    text.remove_prefix(cut + 1);
  }
}

bool LiteralLess(const Literal& a, const Literal& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  return a.kind == Literal::Kind::kText ? a.text < b.text : a.number < b.number;
}

bool LiteralEqual(const Literal& a, const Literal& b) { return !LiteralLess(a, b) && !LiteralLess(b, a); }

std::string_view LiteralKindName(Literal::Kind kind) {
  switch (kind) {
    case Literal::Kind::kNumber:
      return "a number";
    case Literal::Kind::kText:
      return "text";
    case Literal::Kind::kBool:
      return "true or false";
    case Literal::Kind::kTime:
    case Literal::Kind::kNow:
      return "a time";
    case Literal::Kind::kDuration:
      return "a duration";
  }
  return "unknown";
}

bool Fits(Literal::Kind literal, FieldType type) {
  switch (type) {
    case FieldType::kNumber:
      return literal == Literal::Kind::kNumber;
    case FieldType::kText:
    case FieldType::kPath:
      return literal == Literal::Kind::kText;
    case FieldType::kBool:
      return literal == Literal::Kind::kBool;
    case FieldType::kTime:
      return literal == Literal::Kind::kTime || literal == Literal::Kind::kNow;
    case FieldType::kDuration:
      return literal == Literal::Kind::kDuration;
    case FieldType::kAny:
      return literal == Literal::Kind::kNumber || literal == Literal::Kind::kText ||
             literal == Literal::Kind::kBool;
  }
  return false;
}

bool IsOrdered(Node::Kind kind) {
  return kind == Node::Kind::kLess || kind == Node::Kind::kLessOrEqual || kind == Node::Kind::kGreater ||
         kind == Node::Kind::kGreaterOrEqual || kind == Node::Kind::kBetween;
}

// What to write for a field of this type, in an error.
std::string_view LiteralHint(FieldType type) {
  switch (type) {
    case FieldType::kDuration:
      return "such as 30d";
    case FieldType::kTime:
      return "such as 2026-01-31 or now - 30d";
    case FieldType::kText:
    case FieldType::kPath:
      return "between quotes";
    default:
      return {};
  }
}

}  // namespace

class Parser {
 public:
  Parser(std::string_view source, std::vector<Token> tokens, const Schema& schema,
         std::string_view status_field)
      : source_(source), tokens_(std::move(tokens)), schema_(schema), status_field_(status_field) {}

  Result<Expression> Run() {
    if (Current().kind == Token::Kind::kEnd) return Error("the filter is empty");
    RETURN_IF_ERROR(ParseOr(0));
    if (Current().kind != Token::Kind::kEnd) {
      return Error(Current().Is(")") ? "this closing parenthesis has no opening one"
                                     : "expected AND, OR or the end of the filter");
    }
    return std::move(result_);
  }

 private:
  const Token& Current() const { return tokens_[at_]; }
  void Advance() {
    if (at_ + 1 < tokens_.size()) ++at_;
  }
  Status ErrorAt(size_t byte, std::string message) const {
    return SyntaxError(source_, byte, std::move(message), status_field_);
  }
  Status Error(std::string message) const { return ErrorAt(Current().begin, std::move(message)); }

  uint32_t Open(Node::Kind kind) {
    result_.nodes_.push_back({});
    result_.nodes_.back().kind = kind;
    return static_cast<uint32_t>(result_.nodes_.size() - 1);
  }
  void Close(uint32_t node) { result_.nodes_[node].end = static_cast<uint32_t>(result_.nodes_.size()); }

  // Puts a node before those that were parsed from `begin` on, and makes them its first child.
  void Wrap(uint32_t begin, Node::Kind kind) {
    Node parent;
    parent.kind = kind;
    result_.nodes_.insert(result_.nodes_.begin() + begin, parent);
    for (size_t i = begin + 1; i < result_.nodes_.size(); ++i) ++result_.nodes_[i].end;
  }

  // "(a AND b) AND c" is one AND of three: a child of its parent's kind is replaced by its children.
  void Flatten(uint32_t parent) {
    std::vector<Node>& nodes = result_.nodes_;
    uint32_t child = parent + 1;
    while (child < nodes.size()) {
      if (nodes[child].kind != nodes[parent].kind) {
        child = nodes[child].end;
        continue;
      }
      nodes.erase(nodes.begin() + child);
      for (size_t i = child; i < nodes.size(); ++i) --nodes[i].end;
    }
  }

  Status ParseOr(int depth) { return ParseChain(depth, Node::Kind::kOr); }
  Status ParseChain(int depth, Node::Kind kind) {
    if (depth > kDepthMax) {
      return Error("the filter is nested too deep; at most " + std::to_string(kDepthMax) + " levels");
    }
    const auto parse_part = [&] {
      return kind == Node::Kind::kOr ? ParseChain(depth, Node::Kind::kAnd) : ParseNot(depth);
    };
    const auto begin = static_cast<uint32_t>(result_.nodes_.size());
    RETURN_IF_ERROR(parse_part());
    const std::string_view keyword = kind == Node::Kind::kOr ? "OR" : "AND";
    if (!IsKeyword(Current(), keyword)) return {};
    Wrap(begin, kind);
    while (IsKeyword(Current(), keyword)) {
      Advance();
      RETURN_IF_ERROR(parse_part());
    }
    Flatten(begin);
    Close(begin);
    return {};
  }

  Status ParseNot(int depth) {
    if (!IsKeyword(Current(), "NOT")) return ParsePrimary(depth);
    if (depth >= kDepthMax) {
      return Error("the filter is nested too deep; at most " + std::to_string(kDepthMax) + " levels");
    }
    Advance();
    const uint32_t node = Open(Node::Kind::kNot);
    RETURN_IF_ERROR(ParseNot(depth + 1));
    Close(node);
    return {};
  }

  Status ParsePrimary(int depth) {
    if (Current().Is("(")) {
      const size_t opened_at = Current().begin;
      Advance();
      RETURN_IF_ERROR(ParseOr(depth + 1));
      if (Current().kind == Token::Kind::kEnd) return ErrorAt(opened_at, "this parenthesis is never closed");
      if (!Current().Is(")")) return Error("expected AND, OR or a closing parenthesis");
      Advance();
      return {};
    }
    if (++term_count_ > kTermsMax) {
      return Error("the filter has too many comparisons; at most " + std::to_string(kTermsMax));
    }
    if (IsKeyword(Current(), "TRUE") || IsKeyword(Current(), "FALSE")) {
      const uint32_t node = Open(Node::Kind::kConstant);
      result_.nodes_[node].value = IsKeyword(Current(), "TRUE");
      Advance();
      Close(node);
      return {};
    }
    const uint32_t node = Open(Node::Kind::kExists);
    RETURN_IF_ERROR(IsKeyword(Current(), "EXISTS") ? ParseExists(node) : ParseComparison(node));
    Close(node);
    return {};
  }

  Status ParseExists(uint32_t node) {
    Advance();
    return ParseOperand(node);
  }

  Status ParseOperand(uint32_t node) {
    const Token name = Current();
    if (name.kind == Token::Kind::kEnd) return Error("the filter ends where a field is expected");
    if (name.kind != Token::Kind::kWord) return Error("expected a field name");
    if (IsReserved(name)) return Error("expected a field name before " + name.text);
    Advance();
    Operand operand;
    RETURN_IF_ERROR(Current().Is("(") ? ParseCall(name, operand) : ParseField(name, operand));
    result_.nodes_[node].operand = static_cast<uint32_t>(result_.operands_.size());
    result_.operands_.push_back(std::move(operand));
    return {};
  }

  Status UnknownName(const Token& name, std::string_view what, const std::string& suggestion) const {
    std::string message = "unknown " + std::string(what) + ": " + name.text;
    if (!suggestion.empty()) message += "; did you mean " + suggestion + "?";
    return ErrorAt(name.begin, std::move(message));
  }

  Status ParseField(const Token& name, Operand& operand) {
    const FieldInfo* const field = schema_.FindField(name.text);
    if (field == nullptr) return UnknownName(name, "field", schema_.SuggestField(name.text));
    operand.number = field->number;
    operand.type = field->type;
    operand.name = field->name;
    if (!field->is_open) {
      if (Current().Is(".")) return Error("the field " + field->name + " has no parts");
      return {};
    }
    while (Current().Is(".")) {
      Advance();
      if (Current().kind != Token::Kind::kWord && Current().kind != Token::Kind::kText) {
        return Error("expected a name after the dot");
      }
      if (Current().text.empty()) return Error("the name after the dot is empty");
      operand.segments.push_back(Current().text);
      operand.path += (operand.path.empty() ? "" : ".") + Current().text;
      Advance();
    }
    if (operand.segments.empty()) return Error("expected a dot and a name after " + field->name);
    return {};
  }

  Status ParseCall(const Token& name, Operand& operand) {
    const FunctionInfo* const function = schema_.FindFunction(name.text);
    if (function == nullptr) return UnknownName(name, "function", schema_.SuggestFunction(name.text));
    operand.is_function = true;
    operand.number = function->number;
    operand.type = function->result;
    operand.name = function->name;
    Advance();
    for (size_t i = 0; i < function->parameters.size(); ++i) {
      if (i > 0) {
        if (!Current().Is(",")) return Error("expected a comma and argument " + std::to_string(i + 1));
        Advance();
      }
      RETURN_IF_ERROR(ParseArgument(function->parameters[i], operand));
    }
    if (!Current().Is(")")) return Error("expected ) after the arguments of " + function->name);
    Advance();
    return {};
  }

  Status ParseArgument(const Parameter& parameter, Operand& operand) {
    const Token& token = Current();
    Argument argument;
    argument.text = token.text;
    argument.number = token.number;
    switch (parameter.kind) {
      case Parameter::Kind::kWord: {
        const auto& words = parameter.words;
        if (token.kind != Token::Kind::kWord ||
            std::find(words.begin(), words.end(), token.text) == words.end()) {
          std::string message = "expected one of";
          for (const std::string& word : words) message += (word == words.front() ? " " : ", ") + word;
          return Error(std::move(message));
        }
        argument.kind = Argument::Kind::kWord;
        break;
      }
      case Parameter::Kind::kText:
        if (token.kind != Token::Kind::kText) return Error("expected text between quotes");
        argument.kind = Argument::Kind::kText;
        break;
      case Parameter::Kind::kNumber:
        if (token.kind != Token::Kind::kNumber) return Error("expected a number");
        argument.kind = Argument::Kind::kNumber;
        break;
      case Parameter::Kind::kDuration:
        if (token.kind != Token::Kind::kDuration) return Error("expected a duration such as 30d");
        argument.kind = Argument::Kind::kDuration;
        break;
    }
    operand.arguments.push_back(std::move(argument));
    Advance();
    return {};
  }

  // The kind of comparison that the current token begins; kExists for none.
  Node::Kind ComparisonKind() const {
    const Token& token = Current();
    if (token.Is("=") || token.Is("!=")) return Node::Kind::kEqual;
    if (token.Is("<")) return Node::Kind::kLess;
    if (token.Is("<=")) return Node::Kind::kLessOrEqual;
    if (token.Is(">")) return Node::Kind::kGreater;
    if (token.Is(">=")) return Node::Kind::kGreaterOrEqual;
    if (token.Is(":")) return Node::Kind::kHas;
    if (IsKeyword(token, "IN")) return Node::Kind::kIn;
    if (IsKeyword(token, "BETWEEN")) return Node::Kind::kBetween;
    if (IsKeyword(token, "CONTAINS")) return Node::Kind::kContains;
    return Node::Kind::kExists;
  }

  Status ParseComparison(uint32_t node) {
    const size_t operand_at = Current().begin;
    RETURN_IF_ERROR(ParseOperand(node));
    const FieldType type = result_.operands_.back().type;
    Node parsed = result_.nodes_[node];
    parsed.is_negated = Current().Is("!=");
    if (IsKeyword(Current(), "NOT")) {
      parsed.is_negated = true;
      Advance();
      const Node::Kind kind = ComparisonKind();
      if (kind != Node::Kind::kIn && kind != Node::Kind::kBetween && kind != Node::Kind::kContains) {
        return Error("expected IN, BETWEEN or CONTAINS after NOT");
      }
    }
    parsed.kind = ComparisonKind();
    parsed.literal = static_cast<uint32_t>(result_.literals_.size());
    if (parsed.kind == Node::Kind::kExists) {
      if (type != FieldType::kBool) {
        if (Current().kind == Token::Kind::kEnd)
          return Error("the filter ends where a comparison is expected");
        return Error("expected a comparison: = != < <= > >= : IN BETWEEN or CONTAINS");
      }
      parsed.kind = Node::Kind::kEqual;
      Literal yes;
      yes.kind = Literal::Kind::kBool;
      yes.number = 1;
      result_.literals_.push_back(std::move(yes));
    } else {
      RETURN_IF_ERROR(CheckKind(parsed.kind, type, operand_at));
      Advance();
      RETURN_IF_ERROR(ParseLiterals(parsed.kind, type));
    }
    parsed.literal_count = static_cast<uint32_t>(result_.literals_.size()) - parsed.literal;
    result_.nodes_[node] = parsed;
    return {};
  }

  Status CheckKind(Node::Kind kind, FieldType type, size_t operand_at) const {
    const bool is_orderable = type == FieldType::kNumber || type == FieldType::kTime ||
                              type == FieldType::kDuration || type == FieldType::kAny;
    if (IsOrdered(kind) && !is_orderable) {
      return ErrorAt(operand_at, "wrong type: " + result_.operands_.back().name + " is " +
                                     std::string(FieldTypeName(type)) + " and has no order");
    }
    if (kind == Node::Kind::kContains && type != FieldType::kText && type != FieldType::kAny) {
      return ErrorAt(operand_at, "wrong type: CONTAINS needs text, and " + result_.operands_.back().name +
                                     " is " + std::string(FieldTypeName(type)));
    }
    return {};
  }

  Status ParseLiterals(Node::Kind kind, FieldType type) {
    if (kind == Node::Kind::kIn) return ParseList(type);
    RETURN_IF_ERROR(ParseLiteral(kind, type));
    if (kind != Node::Kind::kBetween) return {};
    if (!IsKeyword(Current(), "AND")) return Error("expected AND and the upper end of BETWEEN");
    Advance();
    return ParseLiteral(kind, type);
  }

  // Sorted and without repeats: the canonical form, and what the evaluator searches.
  Status ParseList(FieldType type) {
    if (!Current().Is("(")) return Error("expected ( after IN");
    const auto first = static_cast<std::ptrdiff_t>(result_.literals_.size());
    size_t count = 0;
    do {
      Advance();
      if (++count > kListValuesMax) {
        return Error("the list is too long; at most " + std::to_string(kListValuesMax) + " values");
      }
      RETURN_IF_ERROR(ParseLiteral(Node::Kind::kIn, type));
    } while (Current().Is(","));
    if (!Current().Is(")")) return Error("expected a comma or ) in the list");
    Advance();
    auto& literals = result_.literals_;
    std::sort(literals.begin() + first, literals.end(), LiteralLess);
    literals.erase(std::unique(literals.begin() + first, literals.end(), LiteralEqual), literals.end());
    return {};
  }

  Status ReadLiteral(Literal& literal) {
    const Token& token = Current();
    literal.number = token.number;
    switch (token.kind) {
      case Token::Kind::kNumber:
        literal.kind = Literal::Kind::kNumber;
        break;
      case Token::Kind::kDuration:
        literal.kind = Literal::Kind::kDuration;
        break;
      case Token::Kind::kTime:
        literal.kind = Literal::Kind::kTime;
        break;
      case Token::Kind::kText:
        literal.kind = Literal::Kind::kText;
        literal.text = token.text;
        break;
      case Token::Kind::kWord:
        return ReadWordLiteral(literal);
      case Token::Kind::kSymbol:
        if (!token.Is("-")) return Error("expected a value");
        Advance();
        if (Current().kind != Token::Kind::kNumber) return Error("expected a number after the minus sign");
        literal.kind = Literal::Kind::kNumber;
        literal.number =
            Current().number == 0 ? 0 : -Current().number;  // No negative zero: one spelling of 0.
        break;
      case Token::Kind::kEnd:
        return Error("the filter ends where a value is expected");
    }
    Advance();
    return {};
  }

  Status ReadWordLiteral(Literal& literal) {
    const Token& word = Current();
    if (IsKeyword(word, "TRUE") || IsKeyword(word, "FALSE")) {
      literal.kind = Literal::Kind::kBool;
      literal.number = IsKeyword(word, "TRUE") ? 1 : 0;
      Advance();
      return {};
    }
    if (!IsKeyword(word, "NOW"))
      return Error("expected a value; text stands between quotes: \"" + word.text + "\"");
    literal.kind = Literal::Kind::kNow;
    Advance();
    if (!Current().Is("+") && !Current().Is("-")) return {};
    const double sign = Current().Is("+") ? 1 : -1;
    Advance();
    if (Current().kind != Token::Kind::kDuration) return Error("expected a duration such as 30d");
    literal.number = Current().number == 0 ? 0 : sign * Current().number;
    Advance();
    return {};
  }

  // A quoted time is a time where one is expected: created_at > "2026-01-31".
  Status ReadQuotedTime(Literal& literal, size_t begin) const {
    ASSIGN_OR_RETURN(const std::vector<Token> tokens, Tokenize(literal.text, status_field_));
    if (tokens.size() != 2 || tokens[0].kind != Token::Kind::kTime) {
      return ErrorAt(begin, "this is no date or time; write 2026-01-31 or 2026-01-31T09:30:00Z");
    }
    literal.kind = Literal::Kind::kTime;
    literal.number = tokens[0].number;
    literal.text.clear();
    return {};
  }

  Status ParseLiteral(Node::Kind kind, FieldType type) {
    const size_t begin = Current().begin;
    Literal literal;
    RETURN_IF_ERROR(ReadLiteral(literal));
    if (type == FieldType::kTime && literal.kind == Literal::Kind::kText) {
      Status status = ReadQuotedTime(literal, begin);
      if (!status.ok())
        return ErrorAt(begin, "this is no date or time; write 2026-01-31 or 2026-01-31T09:30:00Z");
    }
    if (!Fits(literal.kind, type) ||
        (kind == Node::Kind::kContains && literal.kind != Literal::Kind::kText) ||
        (IsOrdered(kind) && (literal.kind == Literal::Kind::kText || literal.kind == Literal::Kind::kBool))) {
      const FieldType expected = kind == Node::Kind::kContains ? FieldType::kText
                                 : type == FieldType::kAny     ? FieldType::kNumber
                                                               : type;
      std::string message = "wrong type: expected " + std::string(FieldTypeName(expected));
      if (const std::string_view hint = LiteralHint(expected); !hint.empty())
        message += " " + std::string(hint);
      return ErrorAt(begin, message + ", not " + std::string(LiteralKindName(literal.kind)));
    }
    if (literal.kind == Literal::Kind::kText) {
      literal.folded = Folded(literal.text);
      if (type == FieldType::kPath) {
        literal.levels = SplitLevels(kind == Node::Kind::kHas ? literal.folded : literal.text);
      }
    }
    result_.literals_.push_back(std::move(literal));
    return {};
  }

  const std::string_view source_;
  const std::vector<Token> tokens_;
  const Schema& schema_;
  const std::string_view status_field_;
  size_t at_ = 0;
  size_t term_count_ = 0;
  Expression result_;
};

Result<Expression> Expression::Parse(std::string_view text, const Schema& schema,
                                     std::string_view status_field) {
  ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(text, status_field));
  return Parser(text, std::move(tokens), schema, status_field).Run();
}

}  // namespace attune::expressions
