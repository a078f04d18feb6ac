#include "events/event_id_runs.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "events/limits.h"
#include "storage/limits.h"

namespace attune::events {
namespace {

using storage::Column;
using storage::kEventIdWindowMs;
using storage::NumberFromOrderedKey;
using storage::OrderedKey;

// Keys of Column::kEventIds begin with one of these; those of format 1 are the 16 bytes of a hash.
constexpr char kFilterPrefix = 'f';
constexpr char kChunkPrefix = 'r';
constexpr std::string_view kStateKey = "s";
constexpr size_t kFilterKeyBytes = 9;
constexpr size_t kChunkKeyBytes = 13;

// Values.  All begin with a time, eight bytes, after which the engine drops them.
constexpr size_t kTimeBytes = 8;
constexpr size_t kFilterHeadBytes = kTimeBytes + 8 + 1;
constexpr size_t kStateBytes = kTimeBytes + 8 + 8;
// One id of a chunk: the hash, and by how many milliseconds it is older than the latest of the run.
constexpr size_t kIdBytes = sizeof(Hash128) + 4;

// Two pages: enough to find the chunk by the first bits of a hash.
constexpr size_t kIdsPerChunk = 256;

std::string FilterKey(uint64_t run) { return kFilterPrefix + OrderedKey(run); }

std::string ChunksBegin(uint64_t run) { return kChunkPrefix + OrderedKey(run); }

std::string ChunkKey(uint64_t run, uint32_t chunk) {
  std::string key = ChunksBegin(run);
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(chunk >> shift));
  return key;
}

uint32_t ChunkOf(const Hash128& id, int chunk_bits) {
  if (chunk_bits == 0) return 0;
  uint32_t head = 0;
  for (size_t i = 0; i < 4; ++i) head = head << 8 | id[i];
  return head >> (32 - chunk_bits);
}

int ChunkBitsFor(size_t id_count) {
  return std::min(24, static_cast<int>(std::bit_width(id_count / kIdsPerChunk)));
}

bool IsWithinWindow(int64_t seen_ms, int64_t now_ms) { return seen_ms > now_ms - kEventIdWindowMs; }

void AppendId(const SeenEventId& seen, int64_t latest_ms, std::string& bytes) {
  bytes.append(reinterpret_cast<const char*>(seen.id.data()), seen.id.size());
  const auto age_ms = static_cast<uint32_t>(latest_ms - seen.received_at_ms);
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(age_ms >> shift));
}

// The ids of a chunk, in the order of their hashes.
class ChunkView {
 public:
  static Result<ChunkView> Of(std::string_view value) {
    if (value.size() < kTimeBytes || (value.size() - kTimeBytes) % kIdBytes != 0) {
      return Corruption("event ids: a chunk has a wrong size");
    }
    return ChunkView(static_cast<int64_t>(NumberFromOrderedKey(value)), value.substr(kTimeBytes));
  }

  size_t size() const { return ids_.size() / kIdBytes; }
  SeenEventId operator[](size_t place) const {
    const char* const at = ids_.data() + place * kIdBytes;
    SeenEventId seen;
    std::memcpy(seen.id.data(), at, seen.id.size());
    uint32_t age_ms = 0;
    for (size_t i = 0; i < 4; ++i) age_ms = age_ms << 8 | static_cast<uint8_t>(at[sizeof(Hash128) + i]);
    seen.received_at_ms = latest_ms_ - age_ms;
    return seen;
  }
  // When the id was received; nothing when it is not here.
  std::optional<int64_t> Find(const Hash128& id) const {
    size_t begin = 0;
    size_t end = size();
    while (begin < end) {
      const size_t middle = begin + (end - begin) / 2;
      const SeenEventId seen = (*this)[middle];
      if (seen.id == id) return seen.received_at_ms;
      if (seen.id < id) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    return std::nullopt;
  }

 private:
  ChunkView(int64_t latest_ms, std::string_view ids) : latest_ms_(latest_ms), ids_(ids) {}
  int64_t latest_ms_;
  std::string_view ids_;
};

}  // namespace

EventIdRuns::EventIdRuns(storage::StorageEngine* engine)
    : engine_(engine), runs_(std::make_shared<const Runs>()) {}

Result<std::unique_ptr<EventIdRuns>> EventIdRuns::Open(storage::StorageEngine* engine) {
  std::unique_ptr<EventIdRuns> runs(new EventIdRuns(engine));
  RETURN_IF_ERROR(runs->LoadRuns());
  RETURN_IF_ERROR(runs->LoadState());
  return runs;
}

Status EventIdRuns::LoadRuns() {
  Runs runs;
  Status fault;
  RETURN_IF_ERROR(
      engine_->Scan(Column::kEventIds, std::string(1, kFilterPrefix), std::string(1, kFilterPrefix + 1),
                    [&](std::string_view key, std::string_view value) {
                      if (key.size() != kFilterKeyBytes) return true;  // A hash of format 1.
                      auto filter = value.size() < kFilterHeadBytes
                                        ? std::nullopt
                                        : EventIdFilter::FromBytes(value.substr(kFilterHeadBytes));
                      if (!filter) {
                        fault = Corruption("event ids: a filter is malformed");
                        return false;
                      }
                      Run run;
                      run.number = NumberFromOrderedKey(key.substr(1));
                      run.latest_ms = static_cast<int64_t>(NumberFromOrderedKey(value));
                      run.id_count = NumberFromOrderedKey(value.substr(kTimeBytes));
                      run.chunk_bits = static_cast<uint8_t>(value[kFilterHeadBytes - 1]) % 32;
                      run.filter = std::move(*filter);
                      runs.push_back(std::make_shared<const Run>(std::move(run)));
                      return true;
                    }));
  RETURN_IF_ERROR(fault);
  runs_.Publish(std::make_shared<const Runs>(std::move(runs)));
  return {};
}

Status EventIdRuns::LoadState() {
  ASSIGN_OR_RETURN(const auto value, engine_->Get(Column::kEventIds, kStateKey));
  if (value) {
    if (value->size() != kStateBytes) return Corruption("event ids: the state has a wrong size");
    const std::string_view bytes(*value);
    saved_sequence_ = Sequence(NumberFromOrderedKey(bytes.substr(kTimeBytes)));
    single_ids_until_ms_ = static_cast<int64_t>(NumberFromOrderedKey(bytes.substr(kTimeBytes + 8)));
    return {};
  }
  // A new store, or one of format 1: every id that it has seen has a key of its own.
  saved_sequence_ = engine_->last_sequence();
  if (saved_sequence_ > Sequence(0)) {
    RETURN_IF_ERROR(engine_->ScanLog(saved_sequence_, [this](const storage::Record& record) {
      single_ids_until_ms_ = record.recorded_at_ms + kEventIdWindowMs;
      return true;
    }));
  }
  storage::WriteBatch batch;
  PutState(saved_sequence_, batch);
  return engine_->Commit(batch, storage::Durability::kBuffered).status();
}

Result<std::vector<bool>> EventIdRuns::FindAny(std::span<const SeenEventId> ids) const {
  std::vector<bool> found(ids.size(), false);
  RETURN_IF_ERROR(FindInRuns(ids, found));
  RETURN_IF_ERROR(FindSingle(ids, found));
  return found;
}

Status EventIdRuns::FindInRuns(std::span<const SeenEventId> ids, std::vector<bool>& found) const {
  const std::shared_ptr<const Runs> runs = runs_.Acquire();
  std::vector<Suspect> suspects;
  std::vector<std::string> keys;
  for (const RunPointer& run : *runs) {
    for (const SeenEventId& asked : ids) run->filter.Prefetch(asked.id);
    for (size_t i = 0; i < ids.size(); ++i) {
      if (!run->filter.MayContain(ids[i].id)) continue;
      suspects.push_back({i, run.get()});
      keys.push_back(ChunkKey(run->number, ChunkOf(ids[i].id, run->chunk_bits)));
    }
  }
  if (suspects.empty()) return {};
  ASSIGN_OR_RETURN(const auto chunks, engine_->GetMany(Column::kEventIds, keys));
  for (size_t i = 0; i < suspects.size(); ++i) {
    if (!chunks[i]) continue;
    const SeenEventId& asked = ids[suspects[i].place];
    ASSIGN_OR_RETURN(const ChunkView chunk, ChunkView::Of(*chunks[i]));
    const std::optional<int64_t> seen_ms = chunk.Find(asked.id);
    if (seen_ms && IsWithinWindow(*seen_ms, asked.received_at_ms)) found[suspects[i].place] = true;
  }
  return {};
}

Status EventIdRuns::FindSingle(std::span<const SeenEventId> ids, std::vector<bool>& found) const {
  std::vector<size_t> places;
  std::vector<std::string> keys;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i].received_at_ms >= single_ids_until_ms_) continue;
    places.push_back(i);
    keys.emplace_back(reinterpret_cast<const char*>(ids[i].id.data()), ids[i].id.size());
  }
  if (keys.empty()) return {};
  ASSIGN_OR_RETURN(const auto values, engine_->GetMany(Column::kEventIds, keys));
  for (size_t i = 0; i < places.size(); ++i) {
    if (!values[i] || values[i]->size() < kTimeBytes) continue;
    const auto seen_ms = static_cast<int64_t>(NumberFromOrderedKey(*values[i]));
    if (IsWithinWindow(seen_ms, ids[places[i]].received_at_ms)) found[places[i]] = true;
  }
  return {};
}

Status EventIdRuns::AddIdsOf(const Run& run, std::vector<SeenEventId>& ids) const {
  Status fault;
  RETURN_IF_ERROR(engine_->Scan(Column::kEventIds, ChunksBegin(run.number), ChunksBegin(run.number + 1),
                                [&](std::string_view key, std::string_view value) {
                                  if (key.size() != kChunkKeyBytes) return true;
                                  const auto chunk = ChunkView::Of(value);
                                  if (!chunk.ok()) {
                                    fault = chunk.status();
                                    return false;
                                  }
                                  for (size_t i = 0; i < chunk->size(); ++i) ids.push_back((*chunk)[i]);
                                  return true;
                                }));
  return fault;
}

EventIdRuns::Run EventIdRuns::MakeRun(uint64_t number, std::vector<SeenEventId> ids,
                                      storage::WriteBatch& batch) {
  Run run;
  run.number = number;
  for (const SeenEventId& seen : ids) run.latest_ms = std::max(run.latest_ms, seen.received_at_ms);
  std::erase_if(
      ids, [&run](const SeenEventId& seen) { return !IsWithinWindow(seen.received_at_ms, run.latest_ms); });
  run.id_count = ids.size();
  run.chunk_bits = ChunkBitsFor(ids.size());
  run.filter = EventIdFilter(ids.size());
  for (const SeenEventId& seen : ids) run.filter.Add(seen.id);

  // To their chunks first, then each by itself: a fraction of the work of sorting all at once.
  std::vector<uint32_t> ends((size_t{1} << run.chunk_bits) + 1, 0);
  for (const SeenEventId& seen : ids) ++ends[ChunkOf(seen.id, run.chunk_bits) + 1];
  for (size_t chunk = 1; chunk < ends.size(); ++chunk) ends[chunk] += ends[chunk - 1];
  std::vector<SeenEventId> placed(ids.size());
  std::vector<uint32_t> next(ends.begin(), ends.end() - 1);
  for (const SeenEventId& seen : ids) placed[next[ChunkOf(seen.id, run.chunk_bits)]++] = seen;
  const std::string latest = OrderedKey(static_cast<uint64_t>(run.latest_ms));
  for (size_t chunk = 0; chunk + 1 < ends.size(); ++chunk) {
    const std::span<SeenEventId> part(placed.data() + ends[chunk], ends[chunk + 1] - ends[chunk]);
    if (part.empty()) continue;
    std::sort(part.begin(), part.end(),
              [](const SeenEventId& a, const SeenEventId& b) { return a.id < b.id; });
    std::string value = latest;
    value.reserve(kTimeBytes + part.size() * kIdBytes);
    for (const SeenEventId& seen : part) AppendId(seen, run.latest_ms, value);
    batch.Put(Column::kEventIds, ChunkKey(number, static_cast<uint32_t>(chunk)), std::move(value));
  }
  batch.Put(Column::kEventIds, FilterKey(number),
            latest + OrderedKey(run.id_count) + static_cast<char>(run.chunk_bits) + run.filter.ToBytes());
  return run;
}

void EventIdRuns::PutState(Sequence sequence, storage::WriteBatch& batch) const {
  constexpr auto kNever = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  batch.Put(Column::kEventIds, std::string(kStateKey),
            OrderedKey(kNever) + OrderedKey(sequence.value()) +
                OrderedKey(static_cast<uint64_t>(single_ids_until_ms_)));
}

Status EventIdRuns::Save(std::vector<SeenEventId> ids, Sequence sequence) {
  const std::shared_ptr<const Runs> before = runs_.Acquire();
  Runs after = *before;
  storage::WriteBatch batch;
  uint64_t replaced = 0;
  if (replaced_run_ != 0) {
    batch.DeleteRange(Column::kEventIds, ChunksBegin(replaced_run_), ChunksBegin(replaced_run_ + 1));
  }
  if (!ids.empty()) {
    const uint64_t number = after.empty() ? 1 : after.back()->number + 1;
    if (!after.empty() && after.back()->id_count + ids.size() <= kEventIdsPerRun) {
      // Small runs would be many filters to ask: the last one grows until it is full.
      const Run& last = *after.back();
      RETURN_IF_ERROR(AddIdsOf(last, ids));
      batch.Delete(Column::kEventIds, FilterKey(last.number));
      replaced = last.number;
      after.pop_back();
    }
    const auto run = std::make_shared<const Run>(MakeRun(number, std::move(ids), batch));
    std::erase_if(after, [&run](const RunPointer& old) {
      return !IsWithinWindow(old->latest_ms, run->latest_ms);  // The engine drops its keys.
    });
    after.push_back(run);
  }
  PutState(sequence, batch);
  RETURN_IF_ERROR(engine_->Commit(batch, storage::Durability::kBuffered).status());
  saved_sequence_ = sequence;
  replaced_run_ = replaced;
  runs_.Publish(std::make_shared<const Runs>(std::move(after)));
  save_count_.fetch_add(1, std::memory_order_release);
  return {};
}

}  // namespace attune::events
