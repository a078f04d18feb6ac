#include "cli/local_store.h"

#include <cstdio>
#include <filesystem>

#include "server/store_registry.h"

namespace attune::cli {

LocalStore::LocalStore()
    : companion_(std::make_unique<CompanionThread>()), writers_(std::make_unique<storage::WriterPool>(1)) {}

LocalStore::~LocalStore() = default;

Result<std::unique_ptr<LocalStore>> LocalStore::Open(const std::string& data, const std::string& store_id,
                                                     bool creates) {
  if (!server::IsStoreName(store_id)) {
    return InvalidArgument("must be 1 to 64 lower-case letters, digits, '_' and '-'", "store");
  }
  const std::string folder = server::StoreFolder(data, store_id);
  if (!creates && !std::filesystem::exists(folder + "/FORMAT")) return NotFound("no such store: " + folder);
  std::unique_ptr<LocalStore> local(new LocalStore());
  server::StoreServices services;
  services.clock = &local->clock_;
  services.random = &local->random_;
  services.writers = local->writers_.get();
  services.companion = local->companion_.get();
  services.storage = storage::StorageResources::Create({});
  services.trains = false;
  ASSIGN_OR_RETURN(local->store_, server::Store::Open(store_id, folder, services));
  return local;
}

int Fail(const Status& status) {
  const std::string field = status.field().empty() ? "" : status.field() + ": ";
  std::fprintf(stderr, "error: %s%s\n", field.c_str(), status.message().c_str());
  return 1;
}

}  // namespace attune::cli
