// How much of the past a store keeps: of its log, and of its decision records.  By age and by bytes.
//
//   log        |--- dropped ---|========= kept =========|
//   bases              B1      ^B2          B3              <store>/bases/<sequence>/
//
// Rebuild and replay fold the log from a **base**: a checkpoint of the state at a sequence.  So the log can
// be cut only right behind a base, and the oldest base kept is where a rebuild starts.  Bases are hard links
// of table files; the log below their sequence and the decisions are dropped from them, or they would hold on
// to the bytes that retention wants back.
//
//   PlanLogRetention   pure: from what there is to what to do (make a base, delete bases, cut the log)
//   ApplyRetention     does it, on the committing thread
//
// The log before the oldest base is never needed: the first plan makes a base before it cuts anything.
// Decision ids begin with their time (base/ids.h), so old decisions are one range of keys.
//
// Thread safety: pure functions; those that take an engine, on its committing thread.

#ifndef ATTUNE_STORAGE_RETENTION_H_
#define ATTUNE_STORAGE_RETENTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "storage/rocks_storage.h"

namespace attune::storage {

struct RetentionLimits {
  // Replay is exact within this time.
  int64_t log_age_max_ms = 14 * kDayMs;
  uint64_t log_bytes_max = 20ull << 30;
  // A base at least this often while the log grows: the grain of cutting by age.
  int64_t base_interval_ms = kDayMs;
  int64_t decision_age_max_ms = 14 * kDayMs;
  uint64_t decision_bytes_max = 5ull << 30;
};

struct Base {
  Sequence sequence;  // The state is that after this record.
  int64_t made_at_ms = 0;

  friend bool operator==(const Base&, const Base&) = default;
};

// What a plan is made from.
struct LogState {
  int64_t now_ms = 0;
  Sequence first;
  Sequence last;
  // The last sequence that the state in the columns includes (the snapshot's watermark): where a base made
  // now stands.
  Sequence watermark;
  uint64_t log_bytes = 0;
  std::vector<Base> bases;  // By sequence.
};

struct LogPlan {
  bool make_base = false;
  std::vector<Sequence> delete_bases;
  std::optional<Sequence> keep_from;  // Cut the log before this record.

  friend bool operator==(const LogPlan&, const LogPlan&) = default;
};

// The newest base that is old enough (all that is younger than log_age_max_ms lies behind it) becomes the
// oldest one kept.  While the log behind it is larger than log_bytes_max, a newer base takes its place. Bytes
// are taken as even over the records.  A base is made when the newest is older than base_interval_ms, or when
// the bytes ask for a newer one, and something was written since.  Plans settle: after doing one, the same
// time and state ask for nothing more.
LogPlan PlanLogRetention(const LogState& state, const RetentionLimits& limits);

// Decision records made in [begin_ms, next bucket's begin_ms) and their bytes.
struct DecisionBucket {
  int64_t begin_ms = 0;
  uint64_t bytes = 0;
};

// Decisions made before the time returned are to be dropped: those past the age, and whole buckets from the
// oldest on while the rest passes the bytes.
int64_t DecisionCutoff(int64_t now_ms, const std::vector<DecisionBucket>& buckets,
                       const RetentionLimits& limits);

// "<store>/bases/<sequence>", twenty digits so that names sort.  A base is opened like a store; its file BASE
// holds when it was made ("attune-base 1767225600000\n").
std::string BaseFolder(const std::string& store_folder, Sequence sequence);

// Sorted by sequence; what is not a base is passed over.
Result<std::vector<Base>> ListBases(const std::string& store_folder);

// Makes a base of the state in the columns, which includes the records up to `watermark` (the caller has just
// written its snapshot).  Does nothing when there is one of that sequence.  `options` are those that the
// store was opened with.
Status MakeBase(RocksStorage& engine, Sequence watermark, const RocksOptions& options);

struct RetentionReport {
  LogPlan log;
  int64_t decision_cutoff_ms = 0;
};

// One round of retention.  `options` are those that the store was opened with.
Result<RetentionReport> ApplyRetention(RocksStorage& engine, Sequence watermark, const RocksOptions& options,
                                       const RetentionLimits& limits);

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_RETENTION_H_
