// The mutable side of a store's catalogue: turns changes into log records, folds records, publishes views.
//
//   PrepareChange --payload--> [one synced commit] --record--> Apply --> Publish --> shared_ptr<const
//   CatalogView>
//
// Indices.  An index is chosen while a command is prepared and is written down in the record, beside the id
// that it names.  Nothing is remembered as given until the record is applied: an id that is not yet applied
// is written again by every record that mentions it, with the same index within one group.  So when a commit
// fails after Prepare, the next group may give the index to another id, and the log, which alone is replayed,
// never knows.
//
// Events that name an unknown product id do the same: EnsureIndex appends the name to a payload, which the
// caller adds to its batch as one kProduct record before the record that uses the index.
//
// Products are shared with the views, never copied; a view costs one pointer per 256 products, and each chunk
// that changed since the last view is copied once.
//
// Thread safety: the writer strand only.  Views, and ids(), may be used from any thread.

#ifndef ATTUNE_CATALOG_CATALOG_STATE_H_
#define ATTUNE_CATALOG_CATALOG_STATE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "catalog/product_change.h"
#include "catalog/product_ids.h"
#include "catalog/product_merge.h"
#include "storage/record.h"
#include "storage/storage_engine.h"

namespace attune::catalog {

struct FeedSwap;       // catalog/feed_stage.h
struct ProductRecord;  // catalog/product_record.h

class CatalogState {
 public:
  CatalogState();
  ~CatalogState();
  CatalogState(const CatalogState&) = delete;
  CatalogState& operator=(const CatalogState&) = delete;

  // --- Preparing: changes nothing that a reader or the log can see. ---

  // The payload of a kProduct record.  Fails with kNotFound when a patch, a deletion or a hide names a
  // product that does not exist (earlier changes of the same group count), and with kResourceExhausted when
  // indices are used up.
  Result<std::string> PrepareChange(const ProductChange& change);

  // Those that can be prepared, as one payload (empty when none can); `statuses` gets one entry per change.
  std::string PrepareChanges(std::span<const ProductChange> changes, std::vector<Status>& statuses);

  // A whole feed as records of one batch: all of it or nothing.
  Status PrepareSwap(const FeedSwap& swap, int64_t recorded_at_ms, storage::WriteBatch& batch);

  // The index of a product id, variant id, sku or ean that an event names; an unknown id becomes a
  // placeholder, and its name is appended to `name_payload`.  Fails with kInvalidArgument when the id is
  // empty, too long or not clean text, and with kResourceExhausted when too many unknown ids were named.
  Result<ProductIndex> EnsureIndex(std::string_view any_id, std::string& name_payload);

  // Forgets what was prepared and not applied: call when a commit failed.  (Not needed for correctness.)
  void DropPrepared();

  // --- Folding. ---

  // Records of other kinds change nothing.  Fails with kCorruption when the payload is not ours.
  Status Apply(const storage::Record& record);
  // The same for a kProduct record that its caller has decoded.
  Status ApplyDecoded(const ProductRecord& decoded, int64_t recorded_at_ms);

  // The view after `sequence`.  REQUIRES: sequence is not before an earlier one.
  std::shared_ptr<const CatalogView> Publish(Sequence sequence);
  // Whether a product or a name changed since the last Publish.
  bool has_unpublished_changes() const;

  // --- Snapshots. ---

  // Adds every index that changed since ChangesSaved() to `batch` (Column::kProducts, key OrderedKey(index)).
  void SaveChanged(storage::WriteBatch& batch) const;
  // The batch of SaveChanged is committed, and nothing was applied in between.
  void ChangesSaved();
  size_t unsaved_count() const;

  // Reads the products column into an empty state.  The log is then replayed from the watermark by Apply.
  Status Load(const storage::StorageEngine& engine);

  // --- Looking. ---

  const Product* Find(ProductIndex index) const;
  // The newest state, of prepared changes too: for "201 or 200".
  bool WillExist(std::string_view product_id) const;
  const FieldClocks* ClocksOf(ProductIndex index) const;
  std::shared_ptr<const ProductIds> ids() const;
  uint32_t product_count() const;
  uint32_t placeholder_count() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_CATALOG_STATE_H_
