// The folder of a store without anything in it, as importers make one, for tests that start a server on it.
//
// Thread safety: one thread.

#ifndef ATTUNE_SERVER_EMPTY_STORE_FOR_TESTS_H_
#define ATTUNE_SERVER_EMPTY_STORE_FOR_TESTS_H_

#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "server/store.h"

namespace attune::server {

// A store is made by the first opening of its folder.
inline Status MakeEmptyStore(const std::string& store_id, const std::string& folder, const Clock* clock,
                             RandomSource* random) {
  storage::WriterPool writers(1);
  StoreServices services;
  services.clock = clock;
  services.random = random;
  services.writers = &writers;
  services.storage = storage::StorageResources::Create({});
  services.trains = false;
  return Store::Open(store_id, folder, services).status();
}

}  // namespace attune::server

#endif  // ATTUNE_SERVER_EMPTY_STORE_FOR_TESTS_H_
