#include "catalog/catalog_state.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "catalog/feed_stage.h"
#include "catalog/limits.h"
#include "catalog/product_aliases.h"
#include "catalog/product_record.h"
#include "catalog/sale_shelf.h"

namespace attune::catalog {
namespace {

using Chunk = CatalogView::Chunk;
using Kind = ProductChange::Kind;
constexpr uint32_t kChunkSize = CatalogView::kChunkSize;

// A swap is cut into records of about this size, so that folding one needs little memory.
constexpr size_t kSwapRecordBytes = 1u << 20;

Status CheckId(std::string_view id) {
  if (id.empty()) return InvalidArgument("product id is empty", "product_id");
  if (id.size() > kIdBytesMax) return InvalidArgument("product id is longer than 256 bytes", "product_id");
  if (!IsCleanText(id)) return InvalidArgument("product id is not UTF-8 without NUL", "product_id");
  return Status();
}

// How long the supplied vectors of one kind are: those of different length cannot be compared.  (A log of an
// older build may hold several; the models then take the length that most products have.)
class VectorLengths {
 public:
  VectorLengths(std::vector<float> Product::* vector, ProductField field, const char* name)
      : vector_(vector), field_(field), name_(name) {}

  void Replace(const Product* before, const Product* after) {
    const size_t length_before = LengthOf(before);
    const size_t length_after = LengthOf(after);
    if (length_before == length_after) return;
    if (length_after > 0) ++products_by_length_[length_after];
    if (length_before == 0) return;
    const auto counted = products_by_length_.find(length_before);
    if (--counted->second == 0) products_by_length_.erase(counted);
  }

  Status Check(const ProductChange& change) const {
    const size_t length = LengthOf(&change.values);
    if (length == 0 || !change.fields.Has(field_)) return Status();
    if (products_by_length_.contains(length)) return Status();
    const size_t known = products_by_length_.empty() ? prepared_ : products_by_length_.begin()->first;
    if (known == 0 || known == length) return Status();
    return InvalidArgument(
        "has " + std::to_string(length) + " numbers, those of the store have " + std::to_string(known),
        name_);
  }

  // A change that passed Check() is not applied yet: the next ones of its group have to agree with it.
  void Prepare(const ProductChange& change) {
    const size_t length = LengthOf(&change.values);
    if (length > 0 && change.fields.Has(field_)) prepared_ = length;
  }
  void ClearPrepared() { prepared_ = 0; }

 private:
  size_t LengthOf(const Product* product) const {
    return product == nullptr ? 0 : (product->*vector_).size();
  }

  std::vector<float> Product::* vector_;
  ProductField field_;
  const char* name_;
  size_t prepared_ = 0;  // 0: none.
  std::map<size_t, uint32_t> products_by_length_;
};

}  // namespace

struct CatalogState::State {
  State() : ids(std::make_shared<ProductIds>()), aliases(ids.get()) {}

  std::shared_ptr<ProductIds> ids;
  ProductAliases aliases;
  SaleShelf sales;
  VectorLengths image_lengths{&Product::image_vector, ProductField::kImageVector, "vectors.image"};
  VectorLengths text_lengths{&Product::text_vector, ProductField::kTextVector, "vectors.text"};

  // Chunks are shared with published views until one of their products changes.
  std::vector<std::shared_ptr<Chunk>> chunks;
  std::vector<bool> is_own;          // Not in any view: may be written.
  std::vector<uint32_t> own_chunks;  // Those with is_own.
  bool is_changed = true;            // So that the first Publish counts.
  std::vector<FieldClocks> clocks;   // By index.
  std::vector<bool> is_unsaved;      // By index.
  std::vector<uint32_t> unsaved;
  uint32_t product_count = 0;
  uint32_t placeholder_count = 0;

  // Prepared and not applied.
  absl::flat_hash_map<std::string, uint32_t> pending_names;
  absl::flat_hash_map<uint32_t, bool> pending_exists;

  void ClearPending() {
    if (!pending_names.empty()) pending_names.clear();
    if (!pending_exists.empty()) pending_exists.clear();
    image_lengths.ClearPrepared();
    text_lengths.ClearPrepared();
  }

  const Product* Find(uint32_t index) const {
    const uint32_t chunk = index / kChunkSize;
    if (chunk >= chunks.size() || chunks[chunk] == nullptr) return nullptr;
    return chunks[chunk]->Find(index % kChunkSize);
  }

  void Put(uint32_t index, std::shared_ptr<const Product> product) {
    const uint32_t number = index / kChunkSize;
    if (number >= chunks.size()) {
      chunks.resize(number + 1);
      is_own.resize(number + 1, false);
    }
    if (!is_own[number]) {
      chunks[number] = chunks[number] ? std::make_shared<Chunk>(*chunks[number]) : std::make_shared<Chunk>();
      is_own[number] = true;
      own_chunks.push_back(number);
    }
    chunks[number]->Put(index % kChunkSize, std::move(product));
    is_changed = true;
  }

  FieldClocks& Clocks(uint32_t index) {
    if (index >= clocks.size()) clocks.resize(index + 1);
    return clocks[index];
  }

  void MarkUnsaved(uint32_t index) {
    if (index >= is_unsaved.size()) is_unsaved.resize(index + 1, false);
    if (is_unsaved[index]) return;
    is_unsaved[index] = true;
    unsaved.push_back(index);
  }

  uint32_t next_index() const { return ids->index_count() + static_cast<uint32_t>(pending_names.size()); }

  // The index of a product id, given now when it has none; `payload` gets the name unless the log has it.
  Result<ProductIndex> IndexOfName(std::string_view product_id, std::string& payload) {
    if (const std::optional<ProductIndex> known = ids->FindName(product_id)) return *known;
    const auto pending = pending_names.find(std::string(product_id));
    uint32_t index = 0;
    if (pending != pending_names.end()) {
      index = pending->second;
    } else {
      index = next_index();
      if (index >= kProductIndicesMax) return ResourceExhausted("the store has named too many products");
      pending_names.emplace(std::string(product_id), index);
    }
    AppendName({ProductIndex(index), std::string(product_id)}, payload);
    return ProductIndex(index);
  }

  bool WillExist(ProductIndex index) const {
    const auto pending = pending_exists.find(index.value());
    return pending != pending_exists.end() ? pending->second : Find(index.value()) != nullptr;
  }

  std::optional<ProductIndex> KnownIndex(std::string_view product_id) const {
    if (const std::optional<ProductIndex> known = ids->FindName(product_id)) return known;
    const auto pending = pending_names.find(std::string(product_id));
    if (pending == pending_names.end()) return std::nullopt;
    return ProductIndex(pending->second);
  }

  void CountVectors(const Product* before, const Product* after) {
    image_lengths.Replace(before, after);
    text_lengths.Replace(before, after);
  }

  Status Prepare(const ProductChange& change, std::string& payload) {
    RETURN_IF_ERROR(CheckId(change.product_id));
    RETURN_IF_ERROR(image_lengths.Check(change));
    RETURN_IF_ERROR(text_lengths.Check(change));
    if (change.kind != Kind::kPut && change.kind != Kind::kMerge) {
      const std::optional<ProductIndex> known = KnownIndex(change.product_id);
      if (!known || !WillExist(*known)) return NotFound("no such product: " + change.product_id);
    }
    ASSIGN_OR_RETURN(const ProductIndex index, IndexOfName(change.product_id, payload));
    AppendChange(index, change, payload);
    image_lengths.Prepare(change);
    text_lengths.Prepare(change);
    if (change.kind != Kind::kHideAbsent && change.kind != Kind::kPatch) {
      pending_exists[index.value()] = change.kind != Kind::kDelete;
    }
    return Status();
  }

  Status ApplyName(const IndexName& name) {
    const std::string_view known = ids->IdOf(name.index);
    const std::optional<ProductIndex> other = ids->FindName(name.product_id);
    const bool is_known = !known.empty() || other.has_value();
    if (is_known && (known != name.product_id || other != name.index)) {
      return Corruption("product record: two names for one index, or two indices for one name");
    }
    if (is_known) return Status();
    ids->AddName(name.index, name.product_id);
    ++placeholder_count;
    MarkUnsaved(name.index.value());
    is_changed = true;
    return Status();
  }

  Status ApplyChange(const IndexedChange& indexed, int64_t recorded_at_ms) {
    const uint32_t index = indexed.index.value();
    const std::string_view product_id = ids->IdOf(indexed.index);
    if (product_id.empty()) return Corruption("product record: a change of an index without a name");
    ProductChange change = indexed.change;
    change.product_id = std::string(product_id);
    FieldClocks& of_product = Clocks(index);
    const bool is_placeholder = of_product.base_ms() == 0;
    const Product* const before = Find(index);
    MergeResult merged = MergeProduct(before, change, recorded_at_ms, of_product);
    MarkUnsaved(index);  // The clocks moved.
    if (!merged.is_changed) return Status();
    if (before == nullptr) ++product_count;
    if (!merged.exists) --product_count;
    if (before == nullptr && is_placeholder) --placeholder_count;
    std::shared_ptr<const Product> after;
    if (merged.exists) after = std::make_shared<const Product>(std::move(merged.product));
    aliases.Replace(indexed.index, before, after.get());
    sales.Replace(indexed.index, before, after.get());
    CountVectors(before, after.get());
    ids->SetHasProduct(indexed.index, merged.exists);
    Put(index, std::move(after));
    return Status();
  }

  Status LoadOne(uint32_t index, std::string_view bytes) {
    ASSIGN_OR_RETURN(StoredProduct stored, DecodeStoredProduct(bytes));
    if (index >= kProductIndicesMax || ids->FindName(stored.product_id)) {
      return Corruption("products column: index out of range, or a name twice");
    }
    ids->AddName(ProductIndex(index), stored.product_id);
    const bool is_placeholder = !stored.product && stored.clocks.base_ms() == 0;
    Clocks(index) = std::move(stored.clocks);
    if (is_placeholder) ++placeholder_count;
    if (!stored.product) return Status();
    auto product = std::make_shared<const Product>(std::move(*stored.product));
    ids->SetHasProduct(ProductIndex(index), true);
    aliases.Replace(ProductIndex(index), nullptr, product.get());
    sales.Replace(ProductIndex(index), nullptr, product.get());
    CountVectors(nullptr, product.get());
    Put(index, std::move(product));
    ++product_count;
    return Status();
  }
};

CatalogState::CatalogState() : state_(std::make_unique<State>()) {}
CatalogState::~CatalogState() = default;

Result<std::string> CatalogState::PrepareChange(const ProductChange& change) {
  std::string payload;
  RETURN_IF_ERROR(state_->Prepare(change, payload));
  return payload;
}

std::string CatalogState::PrepareChanges(std::span<const ProductChange> changes,
                                         std::vector<Status>& statuses) {
  std::string payload;
  statuses.clear();
  for (const ProductChange& change : changes) statuses.push_back(state_->Prepare(change, payload));
  return payload;
}

Status CatalogState::PrepareSwap(const FeedSwap& swap, int64_t recorded_at_ms, storage::WriteBatch& batch) {
  std::vector<std::string> payloads;
  std::string payload;
  for (const ProductChange& change : swap.changes) {
    const Status status = state_->Prepare(change, payload);
    // A product that was deleted since the swap was computed needs no hiding.
    if (status.code() == StatusCode::kNotFound) continue;
    RETURN_IF_ERROR(status);
    if (payload.size() >= kSwapRecordBytes) payloads.push_back(std::exchange(payload, {}));
  }
  if (!payload.empty()) payloads.push_back(std::move(payload));
  for (std::string& ready : payloads) {
    batch.AppendRecord(storage::RecordKind::kProduct, recorded_at_ms, std::move(ready));
  }
  return Status();
}

Result<ProductIndex> CatalogState::EnsureIndex(std::string_view any_id, std::string& name_payload) {
  if (const std::optional<ProductIndex> known = state_->ids->Resolve(any_id)) return *known;
  RETURN_IF_ERROR(CheckId(any_id));
  const size_t unknown = state_->placeholder_count + state_->pending_names.size();
  if (unknown >= kPlaceholdersMax) {
    return ResourceExhausted("too many products were named that the catalogue does not hold");
  }
  return state_->IndexOfName(any_id, name_payload);
}

void CatalogState::DropPrepared() { state_->ClearPending(); }

Status CatalogState::Apply(const storage::Record& record) {
  if (record.kind != storage::RecordKind::kProduct) {
    state_->ClearPending();
    return Status();
  }
  ASSIGN_OR_RETURN(const ProductRecord decoded, DecodeProductRecord(record.payload));
  return ApplyDecoded(decoded, record.recorded_at_ms);
}

Status CatalogState::ApplyDecoded(const ProductRecord& decoded, int64_t recorded_at_ms) {
  // A whole group is prepared before its first record is applied, so nothing prepared is needed any more.
  state_->ClearPending();
  for (const IndexName& name : decoded.names) RETURN_IF_ERROR(state_->ApplyName(name));
  for (const IndexedChange& change : decoded.changes) {
    RETURN_IF_ERROR(state_->ApplyChange(change, recorded_at_ms));
  }
  return Status();
}

std::shared_ptr<const CatalogView> CatalogState::Publish(Sequence sequence) {
  for (const uint32_t chunk : state_->own_chunks) state_->is_own[chunk] = false;
  state_->own_chunks.clear();
  state_->is_changed = false;
  std::vector<std::shared_ptr<const Chunk>> chunks(state_->chunks.begin(), state_->chunks.end());
  return std::make_shared<const CatalogView>(sequence, state_->ids->index_count(), state_->product_count,
                                             std::move(chunks), state_->ids, state_->sales.Top());
}

bool CatalogState::has_unpublished_changes() const { return state_->is_changed; }

void CatalogState::SaveChanged(storage::WriteBatch& batch) const {
  std::vector<uint32_t> indices = state_->unsaved;
  std::sort(indices.begin(), indices.end());
  static const FieldClocks kNeverWritten;
  for (const uint32_t index : indices) {
    const FieldClocks& clocks = index < state_->clocks.size() ? state_->clocks[index] : kNeverWritten;
    batch.Put(storage::Column::kProducts, storage::OrderedKey(index),
              EncodeStoredProduct(state_->ids->IdOf(ProductIndex(index)), state_->Find(index), clocks));
  }
}

void CatalogState::ChangesSaved() {
  for (const uint32_t index : state_->unsaved) state_->is_unsaved[index] = false;
  state_->unsaved.clear();
}

size_t CatalogState::unsaved_count() const { return state_->unsaved.size(); }

Status CatalogState::Load(const storage::StorageEngine& engine) {
  CHECK(state_->ids->index_count() == 0);
  Status failed;
  RETURN_IF_ERROR(
      engine.Scan(storage::Column::kProducts, {}, {}, [&](std::string_view key, std::string_view value) {
        if (key.size() != 8) {
          failed = Corruption("products column: a key of not eight bytes");
          return false;
        }
        const uint64_t index = storage::NumberFromOrderedKey(key);
        failed = index >= kProductIndicesMax ? Corruption("products column: index out of range")
                                             : state_->LoadOne(static_cast<uint32_t>(index), value);
        return failed.ok();
      }));
  return failed;
}

const Product* CatalogState::Find(ProductIndex index) const { return state_->Find(index.value()); }

bool CatalogState::WillExist(std::string_view product_id) const {
  const std::optional<ProductIndex> known = state_->KnownIndex(product_id);
  return known && state_->WillExist(*known);
}

const FieldClocks* CatalogState::ClocksOf(ProductIndex index) const {
  return index.value() < state_->clocks.size() ? &state_->clocks[index.value()] : nullptr;
}

std::shared_ptr<const ProductIds> CatalogState::ids() const { return state_->ids; }
uint32_t CatalogState::product_count() const { return state_->product_count; }
uint32_t CatalogState::placeholder_count() const { return state_->placeholder_count; }

}  // namespace attune::catalog
