// Imports of files into a store: progress while they run, and a report of what was refused and why.
//
// Each returns how many rows, products or events were not taken; a failure says with which --skip-rows the
// next run goes on.
//
// Thread safety: one thread.

#ifndef ATTUNE_CLI_IMPORT_FILES_H_
#define ATTUNE_CLI_IMPORT_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/import_target.h"

namespace attune::cli {

struct ImportOptions {
  std::string data;
  std::string url;  // Of a running server; empty: the store's folder is opened.
  std::string key;
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

Result<uint64_t> ImportProducts(const ImportOptions& options, ImportTarget& target);
Result<uint64_t> ImportEvents(const ImportOptions& options, ImportTarget& target);
Result<uint64_t> ImportOrders(const ImportOptions& options, ImportTarget& target);
Result<uint64_t> ImportCustomers(const ImportOptions& options, ImportTarget& target);

}  // namespace attune::cli

#endif  // ATTUNE_CLI_IMPORT_FILES_H_
