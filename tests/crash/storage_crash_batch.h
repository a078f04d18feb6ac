// What the crash writer writes in batch number n, so that the crash test can tell whole batches from torn
// ones.
//
//   records   1 + n % 3, payload "n/i" padded by a run of n-dependent length
//   columns   kMeta "last" = n, kOrders OrderedKey(n) = the same padded text, kFeatures n - 5 deleted
//
// Deterministic in n.  Some batches are large, so that a kill finds them half written.

#ifndef ATTUNE_TESTS_CRASH_STORAGE_CRASH_BATCH_H_
#define ATTUNE_TESTS_CRASH_STORAGE_CRASH_BATCH_H_

#include <cstdint>
#include <string>

#include "base/hash.h"
#include "storage/storage_engine.h"

namespace attune::storage {

inline constexpr uint64_t kCrashFeatureSpan = 5;

inline uint64_t CrashRecordCount(uint64_t n) { return 1 + n % 3; }

inline std::string CrashText(uint64_t n, uint64_t i) {
  const uint64_t mixed = MixHash64(n, i);
  const uint64_t length = mixed % 16 == 0 ? mixed % 200'000 : mixed % 300;
  return std::to_string(n) + "/" + std::to_string(i) +
         std::string(length, static_cast<char>('a' + mixed % 26));
}

inline WriteBatch CrashBatch(uint64_t n) {
  WriteBatch batch;
  for (uint64_t i = 0; i < CrashRecordCount(n); ++i) {
    batch.AppendRecord(RecordKind::kEvent, static_cast<int64_t>(n), CrashText(n, i));
  }
  batch.Put(Column::kMeta, "last", std::to_string(n));
  batch.Put(Column::kOrders, OrderedKey(n), CrashText(n, 0));
  batch.Put(Column::kFeatures, OrderedKey(n), "f");
  if (n > kCrashFeatureSpan) batch.Delete(Column::kFeatures, OrderedKey(n - kCrashFeatureSpan));
  return batch;
}

}  // namespace attune::storage

#endif  // ATTUNE_TESTS_CRASH_STORAGE_CRASH_BATCH_H_
