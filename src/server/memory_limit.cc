#include "server/memory_limit.h"

#include <malloc.h>
#include <unistd.h>

#include <charconv>
#include <fstream>

namespace attune::server {
namespace {

constexpr size_t kHighPercent = 90;
constexpr size_t kCriticalPercent = 96;

}  // namespace

MemoryBudget MakeMemoryBudget(size_t limit_bytes) {
  MemoryBudget budget;
  budget.limit_bytes = limit_bytes;
  if (limit_bytes == 0) return budget;
  budget.profile_bytes = limit_bytes / 4;
  budget.block_cache_bytes = limit_bytes / 8;
  budget.write_buffer_bytes = limit_bytes / 16;
  // A row takes 40 bytes and training about as much again: a fifth of the limit.
  budget.interaction_rows_max = limit_bytes / 5 / 80;
  return budget;
}

std::optional<size_t> ParseByteCount(std::string_view text) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  int shift = 0;
  if (unit == "k" || unit == "K") {
    shift = 10;
  } else if (unit == "m" || unit == "M") {
    shift = 20;
  } else if (unit == "g" || unit == "G") {
    shift = 30;
  } else if (!unit.empty()) {
    return std::nullopt;
  }
  if (number > (SIZE_MAX >> shift)) return std::nullopt;
  return number << shift;
}

size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  size_t total_pages = 0;
  size_t resident_pages = 0;
  if (!(file >> total_pages >> resident_pages)) return 0;
  return resident_pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

MemoryPressure MemoryGauge::Measure() {
  const size_t resident = ResidentBytes();
  resident_bytes_.store(resident, std::memory_order_relaxed);
  MemoryPressure pressure = MemoryPressure::kNone;
  if (limit_bytes_ > 0 && resident > limit_bytes_ / 100 * kHighPercent) {
    malloc_trim(0);
    const size_t after = ResidentBytes();
    if (after > limit_bytes_ / 100 * kHighPercent) pressure = MemoryPressure::kHigh;
    if (after > limit_bytes_ / 100 * kCriticalPercent) pressure = MemoryPressure::kCritical;
  }
  pressure_.store(pressure, std::memory_order_relaxed);
  return pressure;
}

}  // namespace attune::server
