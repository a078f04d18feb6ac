#include "base/time_text.h"

#include "base/clock.h"

namespace attune {
namespace {

// Reads exactly `digits` decimal digits at `position` and moves past them.
std::optional<int> ReadDigits(std::string_view text, size_t& position, size_t digits) {
  if (position + digits > text.size()) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    const char c = text[position + i];
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  position += digits;
  return value;
}

bool ReadChar(std::string_view text, size_t& position, char wanted) {
  if (position >= text.size() || text[position] != wanted) return false;
  ++position;
  return true;
}

int DaysInMonth(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && is_leap ? 29 : kDays[month - 1];
}

// "YYYY-MM-DD" => milliseconds of its midnight.
std::optional<int64_t> ReadDate(std::string_view text, size_t& position) {
  const auto year = ReadDigits(text, position, 4);
  if (!year || !ReadChar(text, position, '-')) return std::nullopt;
  const auto month = ReadDigits(text, position, 2);
  if (!month || !ReadChar(text, position, '-')) return std::nullopt;
  const auto day = ReadDigits(text, position, 2);
  if (!day || *year < 1970 || *month < 1 || *month > 12) return std::nullopt;
  if (*day < 1 || *day > DaysInMonth(*year, *month)) return std::nullopt;
  return DaysFromCivil(*year, *month, *day) * kDayMs;
}

// "hh:mm[:ss[.fraction]]" => milliseconds since midnight.
std::optional<int64_t> ReadTimeOfDay(std::string_view text, size_t& position) {
  const auto hour = ReadDigits(text, position, 2);
  if (!hour || !ReadChar(text, position, ':')) return std::nullopt;
  const auto minute = ReadDigits(text, position, 2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  int64_t millis = (*hour * 60 + *minute) * kMinuteMs;
  if (!ReadChar(text, position, ':')) return millis;
  const auto second = ReadDigits(text, position, 2);
  if (!second || *second > 60) return std::nullopt;  // 60: a leap second counts as the next second.
  millis += *second * kSecondMs;
  if (!ReadChar(text, position, '.')) return millis;
  int64_t unit = 100;
  size_t digits = 0;
  while (position < text.size() && text[position] >= '0' && text[position] <= '9') {
    millis += (text[position] - '0') * unit;
    unit /= 10;
    ++position;
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  return millis;
}

// "Z", "+hh:mm", "+hhmm" or nothing (UTC) => milliseconds to subtract.
std::optional<int64_t> ReadOffset(std::string_view text, size_t& position) {
  if (position == text.size()) return 0;
  if (ReadChar(text, position, 'Z') || ReadChar(text, position, 'z')) return 0;
  const char sign = text[position];
  if (sign != '+' && sign != '-') return std::nullopt;
  ++position;
  const auto hours = ReadDigits(text, position, 2);
  ReadChar(text, position, ':');
  const auto minutes = ReadDigits(text, position, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int64_t offset = (*hours * 60 + *minutes) * kMinuteMs;
  return sign == '+' ? offset : -offset;
}

// Not by printf: a slate tells twenty times.
void AppendPadded(int64_t number, size_t width, std::string& out) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

}  // namespace

int64_t DaysFromCivil(int year, int month, int day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate CivilFromDays(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  const int year = static_cast<int>(year_of_era + era * 400 + (month <= 2 ? 1 : 0));
  return {year, month, day};
}

std::optional<int64_t> ParseTime(std::string_view text) {
  size_t position = 0;
  const auto date = ReadDate(text, position);
  if (!date) return std::nullopt;
  if (position == text.size()) return date;
  const char separator = text[position];
  if (separator != 'T' && separator != 't' && separator != ' ') return std::nullopt;
  ++position;
  const auto time_of_day = ReadTimeOfDay(text, position);
  if (!time_of_day) return std::nullopt;
  const auto offset = ReadOffset(text, position);
  if (!offset || position != text.size()) return std::nullopt;
  const int64_t time_ms = *date + *time_of_day - *offset;
  if (time_ms < 0 || time_ms > kTimeMaxMs) return std::nullopt;
  return time_ms;
}

std::string FormatTime(int64_t time_ms) {
  int64_t days = time_ms / kDayMs;
  int64_t millis = time_ms % kDayMs;
  if (millis < 0) {
    millis += kDayMs;
    --days;
  }
  const CivilDate date = CivilFromDays(days);
  std::string text;
  AppendPadded(date.year, 4, text);
  AppendPadded(date.month, 2, text += '-');
  AppendPadded(date.day, 2, text += '-');
  AppendPadded(millis / kHourMs, 2, text += 'T');
  AppendPadded(millis / kMinuteMs % 60, 2, text += ':');
  AppendPadded(millis / kSecondMs % 60, 2, text += ':');
  AppendPadded(millis % 1000, 3, text += '.');
  return text += 'Z';
}

}  // namespace attune
