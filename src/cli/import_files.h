// Imports into an open store: progress while they run, and a report of what was refused and why.
//
// Thread safety: one thread.

#ifndef ATTUNE_CLI_IMPORT_FILES_H_
#define ATTUNE_CLI_IMPORT_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/local_store.h"

namespace attune::cli {

struct ImportOptions {
  std::string data;
  std::string store;
  std::string file;
  std::string currency;
  std::vector<std::string> overrides;
  std::vector<std::string> service_codes;
  std::string shift_latest_to;
  uint64_t skip = 0;
  bool decimal_comma = false;
  bool replaces = false;
  bool force = false;
  bool only_mapping = false;
  bool day_first = false;
  bool no_products = false;
};

Status ImportProducts(const ImportOptions& options, LocalStore& store);
Status ImportEvents(const ImportOptions& options, LocalStore& store);
Status ImportOrders(const ImportOptions& options, LocalStore& store);
Status ImportCustomers(const ImportOptions& options, LocalStore& store);

}  // namespace attune::cli

#endif  // ATTUNE_CLI_IMPORT_FILES_H_
