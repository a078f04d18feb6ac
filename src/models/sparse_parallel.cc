#include "models/sparse_parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "base/status.h"
#include "models/sequence_limits.h"

namespace attune::models {

uint32_t WorkerCount(uint32_t threads) { return std::clamp<uint32_t>(threads, 1, kModelThreadsMax); }

void ForEachBlock(size_t count, size_t block, uint32_t threads,
                  const std::function<void(uint32_t worker, size_t begin, size_t end)>& work) {
  CHECK(block > 0);
  std::atomic<size_t> next{0};
  const auto run = [&](uint32_t worker) {
    for (size_t begin = next.fetch_add(block); begin < count; begin = next.fetch_add(block)) {
      work(worker, begin, std::min(begin + block, count));
    }
  };
  std::vector<std::thread> others;
  for (uint32_t worker = 1; worker < WorkerCount(threads) && worker * block < count; ++worker) {
    others.emplace_back(run, worker);
  }
  run(0);
  for (std::thread& other : others) other.join();
}

}  // namespace attune::models
