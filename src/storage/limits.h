// The bounds of storage, each with its unit and reason.

#ifndef ATTUNE_STORAGE_LIMITS_H_
#define ATTUNE_STORAGE_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace attune::storage {

// Bytes of one key.  Keys are numbers, hashes and document names; longer ones would crowd out the block
// index.
inline constexpr size_t kKeyBytesMax = 4096;

// Bytes of one record payload or value.  The largest known one is a product with its texts (well under 1 MB).
inline constexpr size_t kValueBytesMax = 64u << 20;

// Bytes of one batch.  It is held twice in memory while it is written.
inline constexpr size_t kBatchBytesMax = 256u << 20;

// Bytes of one entry of the log, which holds records that were committed together; a larger record has one of
// its own. Hundreds of events share a key, and who looks for one record reads no more than this.
inline constexpr size_t kLogEntryBytesMax = 64u << 10;

// How long a duplicate event id is recognised, in milliseconds.  Clients retry for minutes, queues for days.
inline constexpr int64_t kEventIdWindowMs = 7 * kDayMs;

// Below this many free bytes on the disk only deletions are written, so that there is room left to flush,
// compact and make space.  The writer sees kUnavailable.
inline constexpr uint64_t kFreeBytesMin = 64u << 20;

// Bytes written to the folder to find out whether a failed disk takes writes again.
inline constexpr size_t kProbeBytes = 64u << 10;

// Step in which the write-ahead log is allocated ahead of its end, so that a full disk is met before a batch
// is half written.  Small, because each of hundreds of idle stores holds one step.
inline constexpr uint64_t kWalAllocationStepBytes = 256u << 10;

// Keys visited between two looks at whether the engine wants its readers to leave.
inline constexpr uint32_t kScanCheckInterval = 256;

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_LIMITS_H_
