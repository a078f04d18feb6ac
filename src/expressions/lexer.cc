#include "expressions/lexer.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "expressions/limits.h"

namespace attune::expressions {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsWordPart(char c) { return IsWordStart(c) || IsDigit(c); }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::optional<uint32_t> ParseHex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t value = 0;
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the end is given as a pointer.
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
  if (error != std::errc() || end != text.data() + 4) return std::nullopt;
  return value;
}

void AppendUtf8(uint32_t point, std::string& out) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// Milliseconds of one unit; 0 for an unknown one.
int64_t UnitMs(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit == "s") return kSecondMs;
  if (unit == "m") return kMinuteMs;
  if (unit == "h") return kHourMs;
  if (unit == "d") return kDayMs;
  if (unit == "w") return 7 * kDayMs;
  return 0;
}

class Lexer {
 public:
  Lexer(std::string_view source, std::string_view status_field)
      : source_(source), status_field_(status_field) {}

  Result<std::vector<Token>> Run() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < source_.size() && IsSpace(source_[at_])) ++at_;
      Token token;
      token.begin = at_;
      if (at_ < source_.size()) RETURN_IF_ERROR(Next(token));
      tokens.push_back(std::move(token));
      if (tokens.back().kind == Token::Kind::kEnd) return tokens;
    }
  }

 private:
  Status Error(size_t byte, std::string message) const {
    return SyntaxError(source_, byte, std::move(message), status_field_);
  }

  Status Next(Token& token) {
    const char c = source_[at_];
    if (c == '"' || c == '\'') return Text(token);
    if (IsDigit(c)) return LooksLikeTime() ? Time(token) : Number(token);
    if (IsWordStart(c)) return Word(token);
    return Symbol(token);
  }

  Status Word(Token& token) {
    const size_t begin = at_;
    while (at_ < source_.size() && IsWordPart(source_[at_])) ++at_;
    if (at_ - begin > kNameBytesMax) return Error(begin, "the name is too long");
    token.kind = Token::Kind::kWord;
    token.text = source_.substr(begin, at_ - begin);
    return {};
  }

  Status Symbol(Token& token) {
    const std::string_view two = source_.substr(at_, 2);
    if (two == "==") return Error(at_, "write = for equality, not ==");
    if (two == "<>") return Error(at_, "write != for inequality, not <>");
    if (two == "&&") return Error(at_, "write AND, not &&");
    if (two == "||") return Error(at_, "write OR, not ||");
    const bool is_two = two == "!=" || two == "<=" || two == ">=";
    const std::string_view symbol = is_two ? two : source_.substr(at_, 1);
    constexpr std::string_view kSingles = "(),.:=<>+-";
    if (!is_two && kSingles.find(symbol[0]) == std::string_view::npos) {
      if (symbol[0] == '!') return Error(at_, "write NOT, not !");
      const size_t length = Utf8SequenceLength(source_.substr(at_));
      return Error(at_, "unexpected character " + std::string(source_.substr(at_, length)));
    }
    token.kind = Token::Kind::kSymbol;
    token.text = symbol;
    at_ += symbol.size();
    return {};
  }

  bool LooksLikeTime() const {
    for (size_t i = 0; i < 4; ++i) {
      if (at_ + i >= source_.size() || !IsDigit(source_[at_ + i])) return false;
    }
    return at_ + 5 < source_.size() && source_[at_ + 4] == '-' && IsDigit(source_[at_ + 5]);
  }

  // A date is ten characters; a time of day follows only after a T, so that "2026-01-31 AND" ends at the
  // blank.
  Status Time(Token& token) {
    const size_t begin = at_;
    at_ = std::min(source_.size(), begin + 10);
    if (at_ < source_.size() && (source_[at_] == 'T' || source_[at_] == 't')) {
      while (at_ < source_.size() &&
             std::string_view("0123456789Tt:.Zz+-").find(source_[at_]) != std::string_view::npos)
        ++at_;
    }
    const std::optional<int64_t> time = ParseTime(source_.substr(begin, at_ - begin));
    if (!time) return Error(begin, "this is no date or time; write 2026-01-31 or 2026-01-31T09:30:00Z");
    token.kind = Token::Kind::kTime;
    token.number = static_cast<double>(*time);
    return {};
  }

  Status Number(Token& token) {
    const size_t begin = at_;
    const char* const first = source_.data() + at_;
    const char* const last = source_.data() + source_.size();
    const auto [end, error] = std::from_chars(first, last, token.number);
    if (error != std::errc() || !std::isfinite(token.number))
      return Error(begin, "the number is out of range");
    at_ += static_cast<size_t>(end - first);
    token.kind = Token::Kind::kNumber;
    const size_t unit_begin = at_;
    while (at_ < source_.size() && IsWordPart(source_[at_])) ++at_;
    if (at_ == unit_begin) return {};
    const int64_t unit = UnitMs(source_.substr(unit_begin, at_ - unit_begin));
    if (unit == 0) {
      return Error(unit_begin, "unknown unit: " +
                                   std::string(Utf8Prefix(source_.substr(unit_begin, at_ - unit_begin), 16)) +
                                   "; durations end in ms, s, m, h, d or w");
    }
    token.kind = Token::Kind::kDuration;
    token.number = std::round(token.number * static_cast<double>(unit));
    if (token.number > static_cast<double>(kDurationMaxMs)) return Error(begin, "the duration is too long");
    return {};
  }

  Status Text(Token& token) {
    const size_t begin = at_;
    const char quote = source_[at_++];
    token.kind = Token::Kind::kText;
    while (at_ < source_.size() && source_[at_] != quote) {
      if (source_[at_] != '\\') {
        token.text += source_[at_++];
        continue;
      }
      RETURN_IF_ERROR(Escape(token.text));
    }
    if (at_ >= source_.size()) return Error(begin, "the text has no closing quote");
    ++at_;
    return {};
  }

  Status Escape(std::string& out) {
    const size_t begin = at_++;
    const char c = at_ < source_.size() ? source_[at_] : '\0';
    constexpr std::string_view kNames = "\"'\\/nrt";
    constexpr std::string_view kMeanings = "\"'\\/\n\r\t";
    if (const size_t known = kNames.find(c); c != '\0' && known != std::string_view::npos) {
      out += kMeanings[known];
      ++at_;
      return {};
    }
    if (c != 'u') return Error(begin, "unknown escape; use \\\" \\\\ \\n \\r \\t or \\uXXXX");
    std::optional<uint32_t> point = ParseHex4(source_.substr(at_ + 1));
    if (!point) return Error(begin, "\\u needs four hex digits");
    at_ += 5;
    if (*point >= 0xd800 && *point < 0xdc00 && source_.substr(at_, 2) == "\\u") {
      const std::optional<uint32_t> low = ParseHex4(source_.substr(at_ + 2));
      if (low && *low >= 0xdc00 && *low < 0xe000) {
        point = 0x10000 + ((*point - 0xd800) << 10) + (*low - 0xdc00);
        at_ += 6;
      }
    }
    if (*point == 0 || (*point >= 0xd800 && *point < 0xe000)) return Error(begin, "\\u names no character");
    AppendUtf8(*point, out);
    return {};
  }

  const std::string_view source_;
  const std::string_view status_field_;
  size_t at_ = 0;
};

}  // namespace

Status SyntaxError(std::string_view source, size_t byte, std::string message, std::string_view status_field) {
  size_t column = 1;
  for (size_t i = 0; i < byte && i < source.size(); ++i) {
    if ((static_cast<unsigned char>(source[i]) & 0xc0) != 0x80) ++column;
  }
  return InvalidArgument(std::move(message) + " (column " + std::to_string(column) + ")",
                         std::string(status_field));
}

Result<std::vector<Token>> Tokenize(std::string_view source, std::string_view status_field) {
  if (source.size() > kTextBytesMax) {
    return InvalidArgument("the filter is too long; at most " + std::to_string(kTextBytesMax) + " bytes",
                           std::string(status_field));
  }
  if (!IsCleanText(source)) return InvalidArgument("the filter is not UTF-8 text", std::string(status_field));
  return Lexer(source, status_field).Run();
}

}  // namespace attune::expressions
