// Times as people and protocols write them: RFC 3339 text to milliseconds and back.
//
//   ParseTime("2026-01-31T09:30:00Z")        => 1769851800000
//   ParseTime("2026-01-31T10:30:00.5+01:00") => 1769851800500
//   ParseTime("2026-01-31")                  => midnight UTC; "2026-01-31 09:30:00" is read as UTC
//
// Units: milliseconds since the Unix epoch.  Accepted range: years 1970 to 9999.

#ifndef ATTUNE_BASE_TIME_TEXT_H_
#define ATTUNE_BASE_TIME_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attune {

inline constexpr int64_t kTimeMaxMs = 253402300799999;  // 9999-12-31T23:59:59.999Z

std::optional<int64_t> ParseTime(std::string_view text);

// "2026-01-31T09:30:00.000Z": always UTC, always three decimals.
std::string FormatTime(int64_t time_ms);

// Days since the epoch of a UTC civil date, and back (Howard Hinnant's algorithm).
int64_t DaysFromCivil(int year, int month, int day);
struct CivilDate {
  int year;
  int month;  // 1..12
  int day;    // 1..31
};
CivilDate CivilFromDays(int64_t days);

}  // namespace attune

#endif  // ATTUNE_BASE_TIME_TEXT_H_
