// What every source of this folder provides: one entry point that takes any bytes, and good inputs to begin
// with.
//
// The same entry point runs twice: in `<name>_replay` of the ordinary build (replay.cc, any compiler: seeds,
// saved inputs, and seeded mutations of both), and in `<name>_fuzz` of the preset `fuzz` (libFuzzer, clang
// 19).
//
// An input that once broke something is saved as corpus/<name>/<what it broke>, and is replayed for ever.

#ifndef ATTUNE_TESTS_FUZZ_FUZZ_TARGET_H_
#define ATTUNE_TESTS_FUZZ_FUZZ_TARGET_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Runs the reader under test on `size` bytes and CHECKs what it promises.  Returns 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace attune::fuzz {

// Inputs that a reader takes as they are; the replay holds each of them to it.
std::vector<std::string> Seeds();

// How often a reader took what it was given.  The entry point adds one each time.
inline std::atomic<int> accepted_count = 0;

}  // namespace attune::fuzz

#endif  // ATTUNE_TESTS_FUZZ_FUZZ_TARGET_H_
