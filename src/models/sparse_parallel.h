// Spreads independent pieces of work over threads, so that the result does not depend on how many there are.
//
// Blocks of [0, count) are handed out in order; every piece writes only to its own place, and whoever sums
// does it afterwards in index order.  The threads are joined before the call returns.
//
// Thread safety: pure function; `work` is called from several threads at once.

#ifndef ATTUNE_MODELS_SPARSE_PARALLEL_H_
#define ATTUNE_MODELS_SPARSE_PARALLEL_H_

#include <cstddef>
#include <cstdint>
#include <functional>

namespace attune::models {

// Calls work(worker, begin, end) for blocks that cover [0, count) once each.  `worker` is in [0, threads) and
// belongs to one thread at a time, for scratch space.  threads 0 counts as 1, and too many are cut to
// kModelThreadsMax. REQUIRES: block > 0.
void ForEachBlock(size_t count, size_t block, uint32_t threads,
                  const std::function<void(uint32_t worker, size_t begin, size_t end)>& work);

// What ForEachBlock makes of `threads`: the number of scratch spaces to have ready.
uint32_t WorkerCount(uint32_t threads);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SPARSE_PARALLEL_H_
