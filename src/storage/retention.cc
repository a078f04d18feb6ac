#include "storage/retention.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include "storage/store_folder.h"

namespace attune::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBasePrefix = "attune-base ";
constexpr size_t kSequenceDigits = 20;
// Parts in which the bytes of the decisions are measured: the cap is held to within one of them.
constexpr int64_t kDecisionBuckets = 64;
// Decisions of so many bytes are counted one by one: an estimate is off by as much as a write buffer holds,
// and a small cap would drop what it should keep.
constexpr uint64_t kCountedDecisionBytes = 64 << 20;

// Bytes of the records behind `sequence`, taken as even over the log.
uint64_t BytesBehind(const LogState& state, uint64_t sequence) {
  if (sequence < state.first.value()) return state.log_bytes;
  if (sequence >= state.last.value()) return 0;
  const double share = static_cast<double>(state.last.value() - sequence) /
                       static_cast<double>(state.last.value() - state.first.value() + 1);
  return static_cast<uint64_t>(static_cast<double>(state.log_bytes) * share);
}

std::optional<int64_t> ReadBaseTime(const std::string& folder) {
  std::ifstream file(folder + "/BASE", std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!text.starts_with(kBasePrefix) || text.back() != '\n') return std::nullopt;
  int64_t time_ms = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto [stop, error] = std::from_chars(text.data() + kBasePrefix.size(), end, time_ms);
  if (error != std::errc() || stop != end || time_ms < 0) return std::nullopt;
  return time_ms;
}

std::string DecisionKey(int64_t time_ms) { return OrderedKey(static_cast<uint64_t>(time_ms) << 16); }

// Takes from a fresh checkpoint what a base does not need.
Status Slim(const std::string& folder, Sequence watermark, RocksOptions options) {
  options.create_if_missing = false;
  options.free_bytes_min = 0;
  ASSIGN_OR_RETURN(const std::unique_ptr<RocksStorage> base, RocksStorage::Open(folder, options));
  RETURN_IF_ERROR(base->DropColumn(Column::kDecisions));
  return base->TruncateLogBefore(Sequence{watermark.value() + 1});
}

// The bytes of each bucket, record by record.  Buckets are in the order of their times.
Status CountDecisions(const RocksStorage& engine, std::vector<DecisionBucket>& buckets) {
  for (DecisionBucket& bucket : buckets) bucket.bytes = 0;
  size_t at = 0;
  return engine.Scan(Column::kDecisions, "", "", [&](std::string_view key, std::string_view value) {
    const auto time_ms = key.size() < 8 ? int64_t{0} : static_cast<int64_t>(NumberFromOrderedKey(key) >> 16);
    while (at + 1 < buckets.size() && buckets[at + 1].begin_ms <= time_ms) ++at;
    buckets[at].bytes += key.size() + value.size();
    return true;
  });
}

Result<std::vector<DecisionBucket>> MeasureDecisions(const RocksStorage& engine, int64_t now_ms) {
  std::optional<int64_t> oldest_ms;
  RETURN_IF_ERROR(engine.Scan(Column::kDecisions, "", "", [&](std::string_view key, std::string_view) {
    if (key.size() >= 8) oldest_ms = static_cast<int64_t>(NumberFromOrderedKey(key) >> 16);
    return false;
  }));
  std::vector<DecisionBucket> buckets;
  if (!oldest_ms || *oldest_ms >= now_ms) return buckets;
  uint64_t bytes = 0;
  const int64_t step_ms = (now_ms - *oldest_ms) / kDecisionBuckets + 1;
  for (int64_t begin_ms = *oldest_ms; begin_ms < now_ms; begin_ms += step_ms) {
    const bool is_last = begin_ms + step_ms >= now_ms;
    const std::string end = is_last ? std::string() : DecisionKey(begin_ms + step_ms);
    buckets.push_back({begin_ms, engine.ApproximateBytes(Column::kDecisions, DecisionKey(begin_ms), end)});
    bytes += buckets.back().bytes;
  }
  if (bytes <= kCountedDecisionBytes) RETURN_IF_ERROR(CountDecisions(engine, buckets));
  return buckets;
}

Result<LogState> LookAtLog(const RocksStorage& engine, Sequence watermark, int64_t now_ms) {
  LogState state;
  state.now_ms = now_ms;
  state.first = engine.first_sequence();
  state.last = engine.last_sequence();
  state.watermark = watermark;
  state.log_bytes = engine.statistics().log_bytes;
  ASSIGN_OR_RETURN(state.bases, ListBases(engine.store_folder()));
  return state;
}

}  // namespace

LogPlan PlanLogRetention(const LogState& state, const RetentionLimits& limits) {
  LogPlan plan;
  const std::vector<Base>& bases = state.bases;
  // How many bases are too old to keep but for the last of them.
  size_t old = 0;
  while (old < bases.size() && bases[old].made_at_ms <= state.now_ms - limits.log_age_max_ms) ++old;
  const auto bytes_kept = [&] {
    return old == 0 ? state.log_bytes : BytesBehind(state, bases[old - 1].sequence.value());
  };
  while (bytes_kept() > limits.log_bytes_max && old < bases.size()) ++old;

  const Sequence newest = bases.empty() ? Sequence{0} : bases.back().sequence;
  const bool is_due = bases.empty() || state.now_ms - bases.back().made_at_ms >= limits.base_interval_ms;
  const bool is_over = bytes_kept() > limits.log_bytes_max;
  plan.make_base = state.watermark > newest && (is_due || is_over);

  if (old > 0) {
    for (size_t i = 0; i + 1 < old; ++i) plan.delete_bases.push_back(bases[i].sequence);
    const Sequence keep_from{bases[old - 1].sequence.value() + 1};
    if (keep_from > state.first) plan.keep_from = keep_from;
  }
  return plan;
}

int64_t DecisionCutoff(int64_t now_ms, const std::vector<DecisionBucket>& buckets,
                       const RetentionLimits& limits) {
  const int64_t by_age = std::max<int64_t>(0, now_ms - limits.decision_age_max_ms);
  uint64_t kept = 0;
  int64_t end_ms = now_ms;
  for (auto bucket = buckets.rbegin(); bucket != buckets.rend(); ++bucket) {
    kept += bucket->bytes;
    if (kept > limits.decision_bytes_max) return std::max(by_age, end_ms);
    end_ms = bucket->begin_ms;
  }
  return by_age;
}

std::string BaseFolder(const std::string& store_folder, Sequence sequence) {
  char name[kSequenceDigits + 1];
  std::snprintf(name, sizeof(name), "%020llu", static_cast<unsigned long long>(sequence.value()));
  return store_folder + "/bases/" + name;
}

Result<std::vector<Base>> ListBases(const std::string& store_folder) {
  std::vector<Base> bases;
  std::error_code error;
  const std::string folder = store_folder + "/bases";
  if (!fs::exists(folder, error)) return bases;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    uint64_t sequence = 0;
    const auto [stop, bad] = std::from_chars(name.data(), name.data() + name.size(), sequence);
    if (name.size() != kSequenceDigits || bad != std::errc() || stop != name.data() + name.size()) continue;
    const std::optional<int64_t> made_at_ms = ReadBaseTime(entry->path().string());
    if (made_at_ms) bases.push_back({Sequence{sequence}, *made_at_ms});
  }
  if (error) return Unavailable("cannot list folder: " + folder + ": " + error.message());
  std::sort(bases.begin(), bases.end(), [](const Base& a, const Base& b) { return a.sequence < b.sequence; });
  return bases;
}

Status MakeBase(RocksStorage& engine, Sequence watermark, const RocksOptions& options) {
  const std::string folder = BaseFolder(engine.store_folder(), watermark);
  const std::string making = engine.store_folder() + "/bases/.making";
  std::error_code error;
  if (fs::exists(folder, error)) return Status();
  if (watermark > engine.last_sequence()) return InvalidArgument("a base cannot be past the end of the log");
  if (watermark.value() + 1 < engine.first_sequence().value()) {
    return InvalidArgument("a base cannot be before the beginning of the log");
  }
  fs::remove_all(making, error);
  RETURN_IF_ERROR(engine.Checkpoint(making));
  Status status = Slim(making, watermark, options);
  if (status.ok()) {
    status = WriteFileDurably(making + "/BASE",
                              std::string(kBasePrefix) + std::to_string(options.clock->NowMs()) + "\n");
  }
  if (status.ok()) {
    fs::rename(making, folder, error);
    if (error) status = Unavailable("cannot rename a folder: " + making + ": " + error.message());
  }
  if (!status.ok()) {
    fs::remove_all(making, error);
    return status;
  }
  return SyncFolder(engine.store_folder() + "/bases");
}

Result<RetentionReport> ApplyRetention(RocksStorage& engine, Sequence watermark, const RocksOptions& options,
                                       const RetentionLimits& limits) {
  const int64_t now_ms = options.clock->NowMs();
  RetentionReport report;
  ASSIGN_OR_RETURN(LogState state, LookAtLog(engine, watermark, now_ms));
  report.log = PlanLogRetention(state, limits);
  if (report.log.make_base) {
    RETURN_IF_ERROR(MakeBase(engine, watermark, options));
    ASSIGN_OR_RETURN(state, LookAtLog(engine, watermark, now_ms));
    report.log = PlanLogRetention(state, limits);
    report.log.make_base = true;
  }
  // The cut comes first: a crash between the two leaves a base too many, never a log without its base.
  if (report.log.keep_from) RETURN_IF_ERROR(engine.TruncateLogBefore(*report.log.keep_from));
  for (const Sequence sequence : report.log.delete_bases) {
    std::error_code error;
    const std::string folder = BaseFolder(engine.store_folder(), sequence);
    fs::remove(folder + "/BASE", error);  // First, so that a half removed base is none.
    fs::remove_all(folder, error);
    if (error) return Unavailable("cannot remove a folder: " + folder + ": " + error.message());
  }
  ASSIGN_OR_RETURN(const std::vector<DecisionBucket> buckets, MeasureDecisions(engine, now_ms));
  report.decision_cutoff_ms = DecisionCutoff(now_ms, buckets, limits);
  if (!buckets.empty() && buckets.front().begin_ms < report.decision_cutoff_ms) {
    WriteBatch batch;
    batch.DeleteRange(Column::kDecisions, "", DecisionKey(report.decision_cutoff_ms));
    RETURN_IF_ERROR(engine.Commit(batch, Durability::kBuffered).status());
  }
  return report;
}

}  // namespace attune::storage
