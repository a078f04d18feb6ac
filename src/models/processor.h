// What the processor that runs can do beyond what every x86-64 can.  A loop with a variant for it gives the
// same bits either way, so which one runs shows in time only.
//
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_PROCESSOR_H_
#define ATTUNE_MODELS_PROCESSOR_H_

namespace attune::models {

inline bool HasAvx2() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
#else
  return false;
#endif
}

}  // namespace attune::models

#endif  // ATTUNE_MODELS_PROCESSOR_H_
