#include "server/rebuild.h"

#include "base/random.h"
#include "server/store_state.h"
#include "storage/rocks_storage.h"

namespace attune::server {
namespace {

using storage::Column;

constexpr Column kFoldedColumns[] = {Column::kMeta,   Column::kProducts, Column::kProfiles, Column::kIdentity,
                                     Column::kOrders, Column::kFeatures, Column::kSettings};
// Behind every key that a room writes.
const std::string kEndOfKeys(64, '\xff');

}  // namespace

Result<uint64_t> RebuildStore(const std::string& folder, const Clock& clock) {
  storage::RocksOptions options;
  options.clock = &clock;
  options.resources = storage::StorageResources::Create({});
  options.create_if_missing = false;
  ASSIGN_OR_RETURN(auto engine, storage::RocksStorage::Open(folder, options));
  ASSIGN_OR_RETURN(auto vault, storage::RocksStorage::Open(folder + "/vault", options));
  if (engine->first_sequence() > Sequence(1)) {
    return Conflict("the log was cut; its oldest record is " +
                    std::to_string(engine->first_sequence().value()));
  }
  storage::WriteBatch empty;
  for (const Column column : kFoldedColumns) empty.DeleteRange(column, "", kEndOfKeys);
  RETURN_IF_ERROR(engine->Commit(empty, storage::Durability::kSynced).status());
  SecureRandomSource random;
  ASSIGN_OR_RETURN(auto state, StoreState::Open(engine.get(), vault.get(), &random, {}));
  RETURN_IF_ERROR(state->Save());
  return state->replayed_on_open();
}

}  // namespace attune::server
