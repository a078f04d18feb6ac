#include "server/memory_limit.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>

// Of jemalloc, which the server is linked with and tests are not; then it is null.
extern "C" int mallctl(const char* name, void* old_value, size_t* old_size, void* new_value, size_t new_size)
    __attribute__((weak));

namespace attune::server {
namespace {

// Gives pages that the allocator keeps for later back to the system.
void ReturnFreePages() {
  if (mallctl != nullptr) {
    mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);  // 4096: MALLCTL_ARENAS_ALL.
  } else {
    malloc_trim(0);
  }
}

constexpr size_t kHighPercent = 90;
constexpr size_t kCriticalPercent = 96;
constexpr size_t kInteractionRowsMax = 20'000'000;

}  // namespace

MemoryBudget MakeMemoryBudget(size_t limit_bytes, size_t machine_bytes) {
  const size_t bytes = limit_bytes > 0 ? limit_bytes : machine_bytes / 2;
  MemoryBudget budget;
  budget.limit_bytes = limit_bytes;
  budget.profile_bytes = bytes / 4;
  budget.block_cache_bytes = bytes / 8;
  budget.write_buffer_bytes = bytes / 16;
  budget.identity_bytes = bytes / 16;
  // A row takes 40 bytes and training about as much again: a fifth of the limit.
  budget.interaction_rows_max = std::min(bytes / 5 / 80, kInteractionRowsMax);
  budget.training_bytes = bytes / 4;
  return budget;
}

size_t MachineBytes() {
  const auto pages = static_cast<size_t>(sysconf(_SC_PHYS_PAGES));
  const size_t machine = pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  std::ifstream file("/sys/fs/cgroup/memory.max");
  size_t container = 0;
  return file >> container ? std::min(machine, container) : machine;
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
    ReturnFreePages();
    const size_t after = ResidentBytes();
    if (after > limit_bytes_ / 100 * kHighPercent) pressure = MemoryPressure::kHigh;
    if (after > limit_bytes_ / 100 * kCriticalPercent) pressure = MemoryPressure::kCritical;
  }
  pressure_.store(pressure, std::memory_order_relaxed);
  return pressure;
}

}  // namespace attune::server
