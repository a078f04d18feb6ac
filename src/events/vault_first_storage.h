// A store's storage engine that makes new identities durable before the log that names them.
//
// The writer strand commits through this one.  If the vault's commit fails, nothing is committed; if the
// log's fails after it, the vault holds entries that nobody names, which does no harm.  The other order could
// leave a log whose shoppers have no key.
//
// Thread safety: that of StorageEngine.

#ifndef ATTUNE_EVENTS_VAULT_FIRST_STORAGE_H_
#define ATTUNE_EVENTS_VAULT_FIRST_STORAGE_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/identity_registry.h"
#include "storage/storage_engine.h"

namespace attune::events {

class VaultFirstStorage final : public storage::StorageEngine {
 public:
  // Both must outlive this.
  VaultFirstStorage(storage::StorageEngine* engine, IdentityRegistry* registry)
      : engine_(engine), registry_(registry) {}

  Result<Sequence> Commit(const storage::WriteBatch& batch, storage::Durability durability) override {
    RETURN_IF_ERROR(registry_->CommitVault());
    return engine_->Commit(batch, durability);
  }
  Result<std::optional<std::string>> Get(storage::Column column, std::string_view key) const override {
    return engine_->Get(column, key);
  }
  Result<std::vector<std::optional<std::string>>> GetMany(storage::Column column,
                                                          std::span<const std::string> keys) const override {
    return engine_->GetMany(column, keys);
  }
  Status Scan(storage::Column column, std::string_view begin, std::string_view end,
              const Visit& visit) const override {
    return engine_->Scan(column, begin, end, visit);
  }
  Status ScanLog(Sequence from, const VisitRecord& visit) const override {
    return engine_->ScanLog(from, visit);
  }
  Sequence first_sequence() const override { return engine_->first_sequence(); }
  Sequence last_sequence() const override { return engine_->last_sequence(); }
  uint64_t ApproximateBytes(storage::Column column, std::string_view begin,
                            std::string_view end) const override {
    return engine_->ApproximateBytes(column, begin, end);
  }
  Status TruncateLogBefore(Sequence keep_from) override { return engine_->TruncateLogBefore(keep_from); }
  Status Checkpoint(const std::string& directory) override { return engine_->Checkpoint(directory); }
  storage::StorageStatistics statistics() const override { return engine_->statistics(); }

 private:
  storage::StorageEngine* const engine_;
  IdentityRegistry* const registry_;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_VAULT_FIRST_STORAGE_H_
