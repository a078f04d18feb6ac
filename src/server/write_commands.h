// What a store's writer does: one command per request that changes something.
//
//   Prepare  checks against the newest state and appends records     (storage/writer_strand.h)
//   Apply    folds them
//   Done     answers the client
//
// Thread safety: each command lives on the writer strand once it is submitted.

#ifndef ATTUNE_SERVER_WRITE_COMMANDS_H_
#define ATTUNE_SERVER_WRITE_COMMANDS_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/companion_thread.h"
#include "base/ids.h"
#include "catalog/feed_stage.h"
#include "catalog/product_change.h"
#include "events/event_intake.h"
#include "events/event_json.h"
#include "http/backend.h"
#include "models/generation_record.h"
#include "server/store_state.h"
#include "storage/writer_strand.h"

namespace attune::server {

// What commands work on.  All pointers outlive the commands.
struct WriterContext {
  StoreState* state = nullptr;
  events::EventIntake* intake = nullptr;
  const Clock* clock = nullptr;
  CompanionThread* companion = nullptr;  // Null: the strand folds alone.
  // The first record that could not be folded: the disk could not be read.  The log is right and the state is
  // not, so the store must be opened again.  Written on the strand.
  Status failure;
  // Documents of the group that is being prepared, by (kind, id): what the next command must build upon.
  std::map<std::pair<std::string, std::string>, Document> prepared_documents;
  int64_t last_recorded_ms = 0;  // recorded_at never goes back, whatever the clock does.

  void Note(const Status& applied) {
    if (failure.ok() && !applied.ok()) failure = applied;
  }
  int64_t NextRecordedMs() {
    last_recorded_ms = std::max(last_recorded_ms, clock->NowMs());
    return last_recorded_ms;
  }
};

// What one POST of events came to.
struct IngestResult {
  uint32_t accepted = 0;
  uint32_t duplicates = 0;
  std::vector<events::RejectedEvent> rejected;  // By index.
};
using IngestDone = std::function<void(const Status& status, IngestResult result)>;
// `ahead` is about body.events.
std::unique_ptr<storage::WriteCommand> MakeIngestCommand(WriterContext* context, events::EventBody body,
                                                         events::IntakeLookAhead ahead, IngestDone done);

// One outcome per change; `created` says which made a product.
struct ProductsResult {
  std::vector<Status> statuses;
  std::vector<bool> created;
};
using ProductsDone = std::function<void(const Status& status, ProductsResult result)>;
std::unique_ptr<storage::WriteCommand> MakeProductsCommand(WriterContext* context,
                                                           std::vector<catalog::ProductChange> changes,
                                                           ProductsDone done);

using StatusDone = std::function<void(const Status& status)>;

// A whole catalogue, swapped as one.
std::unique_ptr<storage::WriteCommand> MakeSwapCommand(WriterContext* context,
                                                       std::shared_ptr<const catalog::FeedSwap> swap,
                                                       StatusDone done);

// A configuration document; empty `json` deletes it, unless `edit` makes it.
struct DocumentChange {
  std::string kind;
  std::string id;
  std::string json;
  // Makes the new document from the newest one (empty: there is none), on the strand; null: `json` is it.
  std::function<Result<std::string>(const std::string& current)> edit;
  std::string author;
  http::Precondition precondition;
};
using DocumentDone = std::function<void(const Status& status, uint64_t version)>;
std::unique_ptr<storage::WriteCommand> MakeDocumentCommand(WriterContext* context, DocumentChange change,
                                                           DocumentDone done);

// A trained generation becomes the published one; `applied` runs on the strand as it does.
std::unique_ptr<storage::WriteCommand> MakeGenerationCommand(WriterContext* context,
                                                             models::GenerationRecord record,
                                                             std::function<void(Sequence)> applied,
                                                             StatusDone done);

// Erases a person: every handle of it.
std::unique_ptr<storage::WriteCommand> MakeEraseCommand(WriterContext* context, std::string external_id,
                                                        http::ShopperKind kind, StatusDone done);

// Forgets those of `shoppers` that are still idle (server/shopper_expiry.h).
std::unique_ptr<storage::WriteCommand> MakeExpireCommand(WriterContext* context,
                                                         std::vector<ShopperHandle> shoppers,
                                                         StatusDone done);

// Puts and deletes that are no records: decision records, retention.
std::unique_ptr<storage::WriteCommand> MakeColumnsCommand(std::shared_ptr<const storage::WriteBatch> batch,
                                                          StatusDone done);

// Runs `work` on the strand, between groups: for what needs a quiet writer (backup, snapshots, truncation).
std::unique_ptr<storage::WriteCommand> MakeStrandCommand(std::function<void()> work, StatusDone done);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_WRITE_COMMANDS_H_
