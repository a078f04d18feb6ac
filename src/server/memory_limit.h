// How memory is shared out, and how `--memory-limit` is kept: caches are sized from it, and close to it the
// server sheds load and says so.
//
//   2 GB limit  =>  512 MB profiles, 256 MB blocks, 128 MB identities, 128 MB write buffers, the rest for
//   catalogues, models and work.  Without a limit the caches are sized from half of the machine's memory;
//   they take it only as shoppers come.
//
//   resident < 90 %   normal
//   90 % .. 96 %      memory is given back: write buffers are flushed, free heap pages returned, training
//   waits over 96 %         new events and products are refused with 503 and Retry-After until there is room;
//                     decisions go on
//
// Thread safety: MemoryBudget is a value; MemoryGauge from any thread.

#ifndef ATTUNE_SERVER_MEMORY_LIMIT_H_
#define ATTUNE_SERVER_MEMORY_LIMIT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace attune::server {

struct MemoryBudget {
  size_t limit_bytes = 0;  // 0: no limit was given, nothing is ever refused.
  size_t block_cache_bytes = size_t{128} << 20;
  size_t write_buffer_bytes = size_t{64} << 20;
  size_t profile_bytes = size_t{128} << 20;  // Of one store.
  size_t identity_bytes = size_t{64} << 20;  // Of one store.
  size_t interaction_rows_max = 20'000'000;  // What a trainer keeps of the log.
  size_t training_bytes = size_t{1} << 30;   // What one trainer may take beside that.
};

// Limits below this are refused: the process itself needs that much.
inline constexpr size_t kMemoryLimitBytesMin = size_t{256} << 20;

// Parts of `limit_bytes`; of half of `machine_bytes` when it is 0.
MemoryBudget MakeMemoryBudget(size_t limit_bytes, size_t machine_bytes);

// The memory of this machine, or of the container that we run in when that is less.
size_t MachineBytes();

// "2G", "512M", "800000k", "1073741824" => bytes; nothing when it is none of these.
std::optional<size_t> ParseByteCount(std::string_view text);

// Resident bytes of this process now; 0 where the system does not tell.
size_t ResidentBytes();

enum class MemoryPressure : uint8_t { kNone, kHigh, kCritical };

class MemoryGauge {
 public:
  explicit MemoryGauge(size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  // Looks at the process; called every second or so by one thread.
  MemoryPressure Measure();
  MemoryPressure pressure() const { return pressure_.load(std::memory_order_relaxed); }
  size_t resident_bytes() const { return resident_bytes_.load(std::memory_order_relaxed); }

 private:
  const size_t limit_bytes_;
  std::atomic<size_t> resident_bytes_{0};
  std::atomic<MemoryPressure> pressure_{MemoryPressure::kNone};
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_MEMORY_LIMIT_H_
