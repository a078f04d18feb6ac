// Where an import goes: a store that the command line opened itself, or a running server.
//
//   MakeLocalTarget(store)        into the folder; the folder is ours as long as we run
//   MakeRemoteTarget(url, key)    through POST /v1/products and POST /v1/events, like any client
//
// Both take the same batches and give the same report.  A batch may still be on its way when Add*() returns,
// so that the file is read while the store writes; the next call, or Flush(), waits for it.
//
// Thread safety: one thread.

#ifndef ATTUNE_CLI_IMPORT_TARGET_H_
#define ATTUNE_CLI_IMPORT_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/status.h"
#include "catalog/product_change.h"
#include "cli/local_store.h"
#include "events/incoming_event.h"

namespace attune::cli {

// Changes and events of one batch: large enough for the disk, small enough for the strand and for a request.
inline constexpr size_t kImportBatchMax = 1000;

struct ImportedProduct {
  catalog::ProductChange change;
  std::string json;  // The same, as POST /v1/products takes it.
};

class ImportTarget {
 public:
  virtual ~ImportTarget() = default;

  virtual const Clock& clock() const = 0;
  // Of amounts that name none.
  virtual Result<Currency> BaseCurrency() = 0;

  // `done`: what the next run may skip once the batch is taken.  Fails when this batch, or the one before,
  // could not be written; what the store refuses of it is counted and shown instead.
  virtual Status AddProducts(std::vector<ImportedProduct> batch, uint64_t done) = 0;
  virtual Status AddEvents(std::vector<events::IncomingEvent> batch, uint64_t done) = 0;
  // Waits until everything is durable.
  virtual Status Flush() = 0;
  // Makes the catalogue be these products, as one.  Prints what that means.
  virtual Status Replace(std::vector<ImportedProduct> products, int64_t feed_time_ms, bool force) = 0;

  // Of the last batch that is durable.
  uint64_t durable() const { return durable_; }
  // Products and events that the store would not take.
  uint64_t refused() const { return refused_; }

 protected:
  // Counts, and shows the first few.
  void Refuse(const std::string& field, const std::string& message);

  uint64_t durable_ = 0;

 private:
  uint64_t refused_ = 0;
};

std::unique_ptr<ImportTarget> MakeLocalTarget(LocalStore* store);
std::unique_ptr<ImportTarget> MakeRemoteTarget(const std::string& url, const std::string& key,
                                               const std::string& store_id);

// The JSON text of one GET ("/v1/models"), with the same waiting and the same errors.
Result<std::string> GetFromServer(const std::string& url, const std::string& key, const std::string& store_id,
                                  const std::string& path);

}  // namespace attune::cli

#endif  // ATTUNE_CLI_IMPORT_TARGET_H_
