#include "server/rebuild.h"

#include <utility>

#include "base/random.h"
#include "server/store_state.h"
#include "storage/retention.h"
#include "storage/rocks_storage.h"

namespace attune::server {
namespace {

using storage::Column;

constexpr Column kFoldedColumns[] = {Column::kMeta,   Column::kProducts, Column::kProfiles, Column::kIdentity,
                                     Column::kOrders, Column::kFeatures, Column::kSettings};
// Behind every key that a room writes.
const std::string kEndOfKeys(64, '\xff');
// Bytes of one batch of the copy: far below storage's kBatchBytesMax.
constexpr size_t kCopyBatchBytes = size_t{8} << 20;

Status CommitAndClear(storage::WriteBatch& batch, storage::Durability durability,
                      storage::StorageEngine& engine) {
  const Status committed = engine.Commit(batch, durability).status();
  batch.Clear();
  return committed;
}

// Puts the state of a base into `engine`, the watermark last.
Status CopyState(const storage::StorageEngine& base, storage::StorageEngine& engine) {
  storage::WriteBatch batch;
  for (const Column column : kFoldedColumns) {
    Status copied;
    RETURN_IF_ERROR(base.Scan(column, "", "", [&](std::string_view key, std::string_view value) {
      if (column == Column::kMeta && key == kWatermarkKey) return true;
      batch.Put(column, std::string(key), std::string(value));
      if (batch.bytes() >= kCopyBatchBytes) {
        copied = CommitAndClear(batch, storage::Durability::kBuffered, engine);
      }
      return copied.ok();
    }));
    RETURN_IF_ERROR(copied);
  }
  ASSIGN_OR_RETURN(const auto watermark, base.Get(Column::kMeta, kWatermarkKey));
  if (!watermark) return Corruption("the base holds no state");
  batch.Put(Column::kMeta, std::string(kWatermarkKey), *watermark);
  return CommitAndClear(batch, storage::Durability::kSynced, engine);
}

}  // namespace

Result<std::vector<Sequence>> FoldStarts(const std::string& folder, const storage::StorageEngine& engine) {
  std::vector<Sequence> starts;
  const Sequence first = engine.first_sequence();
  if (first <= Sequence(1)) starts.push_back(Sequence(0));
  ASSIGN_OR_RETURN(const std::vector<storage::Base> bases, storage::ListBases(folder));
  for (const storage::Base& base : bases) {
    if (base.sequence.value() + 1 < first.value() || base.sequence > engine.last_sequence()) continue;
    starts.push_back(base.sequence);
  }
  if (starts.empty()) {
    return Conflict(std::string(kNoBase) + ": the log begins at " + std::to_string(first.value()) +
                    ", and no base is left that it goes on from");
  }
  return starts;
}

Result<uint64_t> RebuildStore(const std::string& folder, const Clock& clock) {
  storage::RocksOptions options;
  options.clock = &clock;
  options.resources = storage::StorageResources::Create({});
  options.create_if_missing = false;
  ASSIGN_OR_RETURN(auto engine, storage::RocksStorage::Open(folder, options));
  ASSIGN_OR_RETURN(auto vault, storage::RocksStorage::Open(folder + "/vault", options));
  ASSIGN_OR_RETURN(const std::vector<Sequence> starts, FoldStarts(folder, *engine));
  const Sequence start = starts.front();
  // Opened before anything is emptied: a base that cannot be read costs nothing.
  std::unique_ptr<storage::RocksStorage> base;
  if (start > Sequence(0)) {
    ASSIGN_OR_RETURN(base, storage::RocksStorage::Open(storage::BaseFolder(folder, start), options));
  }
  storage::WriteBatch empty;
  for (const Column column : kFoldedColumns) empty.DeleteRange(column, "", kEndOfKeys);
  RETURN_IF_ERROR(engine->Commit(empty, storage::Durability::kSynced).status());
  if (base != nullptr) RETURN_IF_ERROR(CopyState(*base, *engine));
  SecureRandomSource random;
  ASSIGN_OR_RETURN(auto state, StoreState::Open(engine.get(), vault.get(), &random, {}));
  RETURN_IF_ERROR(state->Save());
  return state->replayed_on_open();
}

}  // namespace attune::server
