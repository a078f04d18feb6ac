#include "base/json_writer.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/status.h"
#include "base/utf8.h"

namespace attune {
namespace {

void AppendEscaped(char c, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += kDigits[(static_cast<unsigned char>(c) >> 4) & 15];
  out += kDigits[static_cast<unsigned char>(c) & 15];
}

// The bytes at the beginning of `value` that stand for themselves and are ASCII, eight at a time: a byte of
// one of the words below has its high bit set where there is something to look at.
size_t PlainPrefix(std::string_view value) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = kOnes * 0x80;
  const auto zeros = [](uint64_t word) { return (word - kOnes) & ~word; };
  size_t i = 0;
  for (; i + sizeof(uint64_t) <= value.size(); i += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, value.data() + i, sizeof(word));
    const uint64_t control = (word - kOnes * 0x20) & ~word;
    const uint64_t quote = zeros(word ^ (kOnes * '"'));
    const uint64_t backslash = zeros(word ^ (kOnes * '\\'));
    if (((word | control | quote | backslash) & kHighs) != 0) break;
  }
  return i;
}

}  // namespace

void AppendJsonString(std::string_view value, std::string& out) {
  out += '"';
  size_t plain_begin = 0;
  size_t i = 0;
  while (i < value.size()) {
    i += PlainPrefix(value.substr(i));
    if (i == value.size()) break;
    const auto c = static_cast<unsigned char>(value[i]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    const size_t length = c < 0x80 ? 0 : Utf8SequenceLength(value.substr(i));
    if (length > 0) {
      i += length;
      continue;
    }
    out.append(value, plain_begin, i - plain_begin);
    if (c < 0x80) {
      AppendEscaped(value[i], out);
    } else {
      out += "\xEF\xBF\xBD";
    }
    plain_begin = ++i;
  }
  out.append(value, plain_begin, value.size() - plain_begin);
  out += '"';
}

void JsonWriter::Separate() {
  if (needs_comma_) text_ += ',';
  needs_comma_ = true;
}

JsonWriter& JsonWriter::BeginObject() {
  Separate();
  text_ += '{';
  ++depth_;
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  text_ += '}';
  --depth_;
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  Separate();
  text_ += '[';
  ++depth_;
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  text_ += ']';
  --depth_;
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  Separate();
  AppendJsonString(key, text_);
  text_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  Separate();
  AppendJsonString(value, text_);
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) {
  Separate();
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  text_.append(buffer, end);
  return *this;
}

JsonWriter& JsonWriter::Uint(uint64_t value) {
  Separate();
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  text_.append(buffer, end);
  return *this;
}

JsonWriter& JsonWriter::Double(double value) {
  if (!std::isfinite(value)) return Null();
  Separate();
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  text_.append(buffer, end);
  return *this;
}

JsonWriter& JsonWriter::Fixed(double value, int decimals) {
  if (!std::isfinite(value) || std::abs(value) > 1e15) return Double(value);
  Separate();
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed, decimals).ptr;
  std::string_view digits(buffer, static_cast<size_t>(end - buffer));
  if (digits.find('.') != std::string_view::npos) {
    while (digits.back() == '0') digits.remove_suffix(1);
    if (digits.back() == '.') digits.remove_suffix(1);
  }
  text_ += digits == "-0" ? "0" : digits;
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) {
  Separate();
  text_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::Null() {
  Separate();
  text_ += "null";
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  Separate();
  text_ += json;
  return *this;
}

std::string JsonWriter::TakeText() {
  CHECK(depth_ == 0);
  needs_comma_ = false;
  return std::move(text_);
}

}  // namespace attune
