#include "models/number_lines.h"

#include <algorithm>
#include <charconv>

#include "models/sequence_limits.h"

namespace attune::models {
namespace {

// What the message shows of a wrong field: enough to find it, and no control bytes.
std::string Shown(std::string_view field) {
  std::string shown;
  for (const char c : field.substr(0, 40)) shown.push_back(c >= 0x20 && c < 0x7f ? c : '?');
  return shown;
}

}  // namespace

std::string FieldPlace(size_t line, size_t field) {
  return "line " + std::to_string(line) + ", field " + std::to_string(field);
}

Result<bool> ReadNumberLine(std::istream& input, size_t line_number, std::string& line) {
  line.clear();
  std::streambuf* const buffer = input.rdbuf();
  int c = buffer->sbumpc();
  if (c == std::char_traits<char>::eof()) return false;
  for (; c != std::char_traits<char>::eof() && c != '\n'; c = buffer->sbumpc()) {
    if (line.size() == kSequenceLineBytesMax) {
      return InvalidArgument("line is longer than 4 MiB", "line " + std::to_string(line_number));
    }
    line.push_back(static_cast<char>(c));
  }
  return true;
}

Status ParseNumbers(std::string_view line, size_t line_number, std::vector<uint64_t>& numbers) {
  numbers.clear();
  size_t at = 0;
  while (true) {
    at = line.find_first_not_of(" \t\r", at);
    if (at == std::string_view::npos) return {};
    const size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    const std::string_view field = line.substr(at, end - at);
    uint64_t number = 0;
    const auto [stop, error] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (error != std::errc() || stop != field.data() + field.size()) {
      return InvalidArgument("not a decimal number: " + Shown(field),
                             FieldPlace(line_number, numbers.size() + 1));
    }
    if (numbers.size() > kSequenceItemsMax) {
      return InvalidArgument("more than 200000 items on one line",
                             FieldPlace(line_number, numbers.size() + 1));
    }
    numbers.push_back(number);
    at = end;
  }
}

}  // namespace attune::models
