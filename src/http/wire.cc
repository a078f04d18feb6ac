#include "http/wire.h"

#include <array>
#include <charconv>

#include "base/clock.h"
#include "base/hash.h"
#include "base/time_text.h"
#include "http/error_response.h"
#include "http/limits.h"

namespace attune::http {
namespace {

void AppendNumber(uint64_t number, std::string& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void AppendTwoDigits(int64_t number, std::string& out) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

void AppendHeader(std::string_view name, std::string_view value, std::string& out) {
  out += name;
  out += ": ";
  for (const char c : value) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  out += "\r\n";
}

}  // namespace

std::string FormatHttpDate(int64_t time_ms) {
  static constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (time_ms < 0 || time_ms > kTimeMaxMs) time_ms = 0;
  const int64_t days = time_ms / kDayMs;
  const int64_t seconds = time_ms % kDayMs / kSecondMs;
  const CivilDate date = CivilFromDays(days);
  std::string text(kDays[(days + 4) % 7]);  // 1970-01-01 was a Thursday.
  text += ", ";
  AppendTwoDigits(date.day, text);
  text += ' ';
  text += kMonths[date.month - 1];
  text += ' ';
  AppendTwoDigits(date.year / 100, text);
  AppendTwoDigits(date.year % 100, text);
  text += ' ';
  AppendTwoDigits(seconds / 3600, text);
  text += ':';
  AppendTwoDigits(seconds / 60 % 60, text);
  text += ':';
  AppendTwoDigits(seconds % 60, text);
  text += " GMT";
  return text;
}

std::string FormatHead(const Response& response, const HeadOptions& options) {
  // The date changes once a second; every thread keeps the last one it wrote.
  thread_local int64_t date_second = -1;
  thread_local std::string date;
  if (const int64_t second = options.now_ms / kSecondMs; second != date_second) {
    date = FormatHttpDate(options.now_ms);
    date_second = second;
  }
  std::string head;
  head.reserve(256);
  head += options.http_minor_version == 0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  AppendNumber(static_cast<uint64_t>(response.status), head);
  head += ' ';
  head += ReasonPhrase(response.status);
  head += "\r\n";
  AppendHeader("date", date, head);
  if (!options.request_id.empty()) AppendHeader("x-request-id", options.request_id, head);
  for (const Field& field : response.headers) AppendHeader(field.name, field.value, head);
  if (response.status != 204 && response.status != 304) {
    head += "content-length: ";
    AppendNumber(response.body.size(), head);
    head += "\r\n";
  }
  if (!options.keeps_alive) {
    head += "connection: close\r\n";
  } else if (options.http_minor_version == 0) {
    head += "connection: keep-alive\r\n";
  }
  head += "\r\n";
  return head;
}

bool IsCleanRequestId(std::string_view text) {
  if (text.empty() || text.size() > kRequestIdBytesMax) return false;
  for (const char c : text) {
    const bool is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_alphanumeric && std::string_view("-_.:/+=").find(c) == std::string_view::npos) return false;
  }
  return true;
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view TrimSpaces(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool HasToken(std::string_view value, std::string_view token) {
  while (true) {
    const size_t comma = std::min(value.find(','), value.size());
    if (LowerCase(TrimSpaces(value.substr(0, comma))) == token) return true;
    if (comma == value.size()) return false;
    value.remove_prefix(comma + 1);
  }
}

std::string RequestIds::Next() {
  static constexpr char kDigits[] = "0123456789abcdef";
  uint64_t number = MixHash64(salt_, given_.fetch_add(1, std::memory_order_relaxed));
  std::string id(16, '0');
  for (size_t i = id.size(); i-- > 0; number >>= 4) id[i] = kDigits[number & 15];
  return id;
}

}  // namespace attune::http
