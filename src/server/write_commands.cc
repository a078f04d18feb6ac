#include "server/write_commands.h"

#include <algorithm>
#include <utility>

#include "decisions/setting_record.h"
#include "server/shopper_expiry.h"

namespace attune::server {
namespace {

// How far ahead of the fold the memory of an event is asked for.
constexpr size_t kPrefetchedEvents = 4;

class IngestCommand final : public storage::WriteCommand {
 public:
  IngestCommand(WriterContext* context, events::EventBody body, events::IntakeLookAhead ahead,
                IngestDone done)
      : context_(context), body_(std::move(body)), ahead_(std::move(ahead)), done_(std::move(done)) {}

  Status Prepare(storage::WriteBatch& batch) override {
    const int64_t recorded_at_ms = context_->NextRecordedMs();
    NameProducts();
    names_ = context_->state->TakeNamePayload();
    if (!names_.empty()) batch.AppendRecord(storage::RecordKind::kProduct, recorded_at_ms, names_);
    context_->intake->Prepare(body_.events, ahead_, recorded_at_ms, batch, prepared_);
    return Status();
  }

  void Apply(Sequence first) override {
    if (!names_.empty()) {
      const storage::Record names{first, 0, storage::RecordKind::kProduct, names_};
      context_->Note(context_->state->Apply(names));
    }
    const uint64_t first_of_events = first.value() + (names_.empty() ? 0 : 1);
    // Whether a queued event is a customer's is asked when it is folded.
    const auto& changes = prepared_.identity_changes;
    if (std::any_of(changes.begin(), changes.end(), events::ChangesPerson)) {
      context_->Note(context_->state->FoldQueued(context_->companion));
    }
    context_->Note(context_->intake->Apply(prepared_));
    const auto& records = prepared_.records;
    size_t change = 0;
    for (size_t i = 0; i < records.size(); ++i) {
      if (i + kPrefetchedEvents < records.size()) {
        context_->state->Prefetch(records[i + kPrefetchedEvents].event);
      }
      const auto& record = records[i];
      // Every record that is no event is an identity change: i events and `change` changes stand before.
      for (; i + change < record.offset; ++change) {
        context_->state->NoteIdentity(Sequence(first_of_events + i + change), changes[change]);
      }
      context_->Note(context_->state->QueueEvent(Sequence(first_of_events + record.offset), record.event,
                                                 record.is_customer));
    }
    for (; change < changes.size(); ++change) {
      context_->state->NoteIdentity(Sequence(first_of_events + records.size() + change), changes[change]);
    }
  }

  void Done(const Status& status) override {
    IngestResult result;
    result.rejected = std::move(body_.rejected);
    for (size_t i = 0; i < prepared_.outcomes.size(); ++i) {
      if (prepared_.outcomes[i] == events::IntakeOutcome::kAccepted) ++result.accepted;
      if (prepared_.outcomes[i] == events::IntakeOutcome::kDuplicate) ++result.duplicates;
    }
    for (const auto& failure : prepared_.failures) {
      result.rejected.push_back(
          {body_.indices[failure.index], events::kUnavailable, "", failure.status.message()});
    }
    std::sort(result.rejected.begin(), result.rejected.end(),
              [](const auto& a, const auto& b) { return a.index < b.index; });
    done_(status, std::move(result));
  }

 private:
  // Gives every product named an index.  Events that name one too many are rejected before anything is
  // written.
  void NameProducts() {
    size_t kept = 0;
    for (size_t i = 0; i < body_.events.size(); ++i) {
      Status named;
      for (events::IncomingLine& line : body_.events[i].lines) {
        const Result<ProductIndex> product = context_->state->EnsureProduct(line.product_id);
        named = product.status();
        if (!named.ok()) break;
        line.product = *product;
      }
      if (!named.ok()) {
        body_.rejected.push_back({body_.indices[i], events::kLimitExceeded, "products", named.message()});
        continue;
      }
      if (kept != i) {
        body_.events[kept] = std::move(body_.events[i]);
        body_.indices[kept] = body_.indices[i];
        ahead_.entries[kept] = ahead_.entries[i];
      }
      ++kept;
    }
    body_.events.resize(kept);
    body_.indices.resize(kept);
    ahead_.entries.resize(kept);
  }

  WriterContext* const context_;
  events::EventBody body_;
  events::IntakeLookAhead ahead_;
  const IngestDone done_;
  events::PreparedEvents prepared_;
  std::string names_;
};

class ProductsCommand final : public storage::WriteCommand {
 public:
  ProductsCommand(WriterContext* context, std::vector<catalog::ProductChange> changes, ProductsDone done)
      : context_(context), changes_(std::move(changes)), done_(std::move(done)) {}

  Status Prepare(storage::WriteBatch& batch) override {
    catalog::CatalogState& catalog = context_->state->catalog();
    for (const auto& change : changes_) result_.created.push_back(!catalog.WillExist(change.product_id));
    payload_ = catalog.PrepareChanges(changes_, result_.statuses);
    if (!payload_.empty()) {
      batch.AppendRecord(storage::RecordKind::kProduct, recorded_at_ms_ = context_->NextRecordedMs(),
                         payload_);
    }
    return Status();
  }

  void Apply(Sequence first) override {
    if (payload_.empty()) return;
    context_->Note(context_->state->Apply({first, recorded_at_ms_, storage::RecordKind::kProduct, payload_}));
  }

  void Done(const Status& status) override { done_(status, std::move(result_)); }

 private:
  WriterContext* const context_;
  const std::vector<catalog::ProductChange> changes_;
  const ProductsDone done_;
  ProductsResult result_;
  std::string payload_;
  int64_t recorded_at_ms_ = 0;
};

// Records that were appended by another room: remembered, to be folded after the commit.
class RecordsCommand : public storage::WriteCommand {
 public:
  RecordsCommand(WriterContext* context, StatusDone done) : context_(context), done_(std::move(done)) {}

  Status Prepare(storage::WriteBatch& batch) final {
    storage::WriteBatch own;
    RETURN_IF_ERROR(PrepareRecords(own));
    for (const auto& record : own.records()) {
      batch.AppendRecord(record.kind, record.recorded_at_ms, record.payload);
      records_.push_back(record);
    }
    return Status();
  }

  void Apply(Sequence first) final {
    for (size_t i = 0; i < records_.size(); ++i) {
      const auto& record = records_[i];
      context_->Note(context_->state->Apply(
          {Sequence(first.value() + i), record.recorded_at_ms, record.kind, record.payload}));
    }
    OnApplied(Sequence(first.value() + records_.size() - 1));
  }

  void Done(const Status& status) override { done_(status); }

 protected:
  virtual Status PrepareRecords(storage::WriteBatch& batch) = 0;
  virtual void OnApplied(Sequence /*last*/) {}

  WriterContext* const context_;

 private:
  const StatusDone done_;
  std::vector<storage::WriteBatch::PendingRecord> records_;
};

class SwapCommand final : public RecordsCommand {
 public:
  SwapCommand(WriterContext* context, std::shared_ptr<const catalog::FeedSwap> swap, StatusDone done)
      : RecordsCommand(context, std::move(done)), swap_(std::move(swap)) {}

 private:
  Status PrepareRecords(storage::WriteBatch& batch) override {
    return context_->state->catalog().PrepareSwap(*swap_, context_->NextRecordedMs(), batch);
  }

  const std::shared_ptr<const catalog::FeedSwap> swap_;
};

class DocumentCommand final : public RecordsCommand {
 public:
  DocumentCommand(WriterContext* context, DocumentChange change, DocumentDone done)
      : RecordsCommand(context, [this](const Status& status) { document_done_(status, version_); }),
        change_(std::move(change)),
        document_done_(std::move(done)) {}

 private:
  Status PrepareRecords(storage::WriteBatch& batch) override {
    const std::pair<std::string, std::string> key(change_.kind, change_.id);
    const auto view = context_->state->documents().view();
    const auto prepared = context_->prepared_documents.find(key);
    const bool is_prepared = prepared != context_->prepared_documents.end();
    const Document* current = is_prepared ? &prepared->second : view->Find(change_.kind, change_.id);
    const bool exists = current != nullptr && !current->json.empty();
    RETURN_IF_ERROR(CheckPrecondition(exists ? current : nullptr));
    std::string json = change_.json;
    if (change_.edit) {
      ASSIGN_OR_RETURN(json, change_.edit(exists ? current->json : ""));
    }
    if (json.empty() && !exists) return NotFound("no such document: " + change_.kind + "/" + change_.id);
    if (!exists) RETURN_IF_ERROR(StoreDocuments::CheckRoom(*view, context_->prepared_documents, key));
    version_ = (current == nullptr ? 0 : current->version) + 1;
    const int64_t now_ms = context_->NextRecordedMs();
    batch.AppendRecord(storage::RecordKind::kSetting, now_ms,
                       decisions::EncodeSettingRecord({.kind = change_.kind,
                                                       .id = change_.id,
                                                       .version = version_,
                                                       .is_deleted = json.empty(),
                                                       .json = json,
                                                       .author = change_.author,
                                                       .changed_at_ms = now_ms}));
    Document next{.kind = change_.kind,
                  .id = change_.id,
                  .version = version_,
                  .json = std::move(json),
                  .author = change_.author,
                  .changed_at_ms = now_ms};
    context_->prepared_documents[key] = std::move(next);
    return Status();
  }

  // `current` is null when there is no document: its version is then "0", as GET says of a built-in one.
  Status CheckPrecondition(const Document* current) const {
    using Kind = http::Precondition::Kind;
    const auto& condition = change_.precondition;
    bool holds = true;
    if (condition.kind == Kind::kExists) holds = current != nullptr;
    if (condition.kind == Kind::kAbsent) holds = current == nullptr;
    if (condition.kind == Kind::kMatches) {
      const std::string etag = std::to_string(current == nullptr ? 0 : current->version);
      holds = std::find(condition.etags.begin(), condition.etags.end(), etag) != condition.etags.end();
    }
    return holds ? Status() : Conflict("the document has changed since it was read");
  }

  const DocumentChange change_;
  const DocumentDone document_done_;
  uint64_t version_ = 0;
};

class GenerationCommand final : public RecordsCommand {
 public:
  GenerationCommand(WriterContext* context, models::GenerationRecord record,
                    std::function<void(Sequence)> applied, StatusDone done)
      : RecordsCommand(context, std::move(done)), record_(std::move(record)), applied_(std::move(applied)) {}

 private:
  Status PrepareRecords(storage::WriteBatch& batch) override {
    batch.AppendRecord(storage::RecordKind::kGeneration, context_->NextRecordedMs(),
                       models::EncodeGenerationRecord(record_));
    return Status();
  }
  void OnApplied(Sequence last) override { applied_(last); }

  const models::GenerationRecord record_;
  const std::function<void(Sequence)> applied_;
};

class EraseCommand final : public RecordsCommand {
 public:
  EraseCommand(WriterContext* context, std::string external_id, http::ShopperKind kind, StatusDone done)
      : RecordsCommand(context, std::move(done)), external_id_(std::move(external_id)), kind_(kind) {}

 private:
  Status PrepareRecords(storage::WriteBatch& batch) override {
    events::IdentityRegistry& identities = context_->state->identities();
    using events::IdentityKind;
    std::optional<ShopperHandle> found;
    for (const IdentityKind kind : {IdentityKind::kCustomer, IdentityKind::kAnonymous}) {
      const bool is_asked = kind_ == http::ShopperKind::kEither ||
                            (kind_ == http::ShopperKind::kCustomer) == (kind == IdentityKind::kCustomer);
      if (found || !is_asked) continue;
      ASSIGN_OR_RETURN(const auto known,
                       identities.Lookup(kind, identities.vault().HashOf(kind, external_id_), {}));
      if (known.state) found = known.shopper;
    }
    if (!found) return NotFound("no shopper is known under this id");
    const int64_t now_ms = context_->NextRecordedMs();
    ASSIGN_OR_RETURN(const ShopperHandle person, identities.PersonOf(*found));
    ASSIGN_OR_RETURN(const auto handles, identities.HandlesOf(person));
    std::vector<events::IdentityChange> changes;
    events::IdentitySink sink{batch, now_ms, changes};
    for (const ShopperHandle handle : handles) RETURN_IF_ERROR(identities.Erase(handle, now_ms, sink));
    return Status();
  }

  const std::string external_id_;
  const http::ShopperKind kind_;
};

class ExpireCommand final : public RecordsCommand {
 public:
  ExpireCommand(WriterContext* context, std::vector<ShopperHandle> shoppers, StatusDone done)
      : RecordsCommand(context, std::move(done)), shoppers_(std::move(shoppers)) {}

 private:
  Status PrepareRecords(storage::WriteBatch& batch) override {
    events::IdentityRegistry& identities = context_->state->identities();
    const features::FeatureSettings settings = context_->state->feature_settings();
    const int64_t now_ms = context_->NextRecordedMs();
    std::vector<events::IdentityChange> changes;
    events::IdentitySink sink{batch, now_ms, changes};
    for (const ShopperHandle shopper : shoppers_) {
      ASSIGN_OR_RETURN(const auto identity, identities.StateOf(shopper));
      if (identity == nullptr) continue;
      ASSIGN_OR_RETURN(const features::ShopperProfile profile, context_->state->profiles().Read(shopper));
      if (!IsIdleShopper(*identity, profile, now_ms, settings)) continue;
      RETURN_IF_ERROR(identities.Expire(shopper, now_ms, sink));
    }
    return Status();
  }

  const std::vector<ShopperHandle> shoppers_;
};

class ColumnsCommand final : public storage::WriteCommand {
 public:
  ColumnsCommand(std::shared_ptr<const storage::WriteBatch> own, StatusDone done)
      : own_(std::move(own)), done_(std::move(done)) {}

  Status Prepare(storage::WriteBatch& batch) override {
    using Kind = storage::WriteBatch::Operation::Kind;
    for (const auto& operation : own_->operations()) {
      if (operation.kind == Kind::kPut) batch.Put(operation.column, operation.key, operation.value);
      if (operation.kind == Kind::kDelete) batch.Delete(operation.column, operation.key);
      if (operation.kind == Kind::kDeleteRange)
        batch.DeleteRange(operation.column, operation.key, operation.value);
    }
    return Status();
  }
  void Apply(Sequence /*first*/) override {}
  void Done(const Status& status) override { done_(status); }

 private:
  const std::shared_ptr<const storage::WriteBatch> own_;
  const StatusDone done_;
};

class StrandCommand final : public storage::WriteCommand {
 public:
  StrandCommand(std::function<void()> work, StatusDone done)
      : work_(std::move(work)), done_(std::move(done)) {}
  Status Prepare(storage::WriteBatch& /*batch*/) override { return Status(); }
  void Apply(Sequence /*first*/) override { work_(); }
  void Done(const Status& status) override { done_(status); }

 private:
  const std::function<void()> work_;
  const StatusDone done_;
};

}  // namespace

std::unique_ptr<storage::WriteCommand> MakeIngestCommand(WriterContext* context, events::EventBody body,
                                                         events::IntakeLookAhead ahead, IngestDone done) {
  return std::make_unique<IngestCommand>(context, std::move(body), std::move(ahead), std::move(done));
}

std::unique_ptr<storage::WriteCommand> MakeProductsCommand(WriterContext* context,
                                                           std::vector<catalog::ProductChange> changes,
                                                           ProductsDone done) {
  return std::make_unique<ProductsCommand>(context, std::move(changes), std::move(done));
}

std::unique_ptr<storage::WriteCommand> MakeSwapCommand(WriterContext* context,
                                                       std::shared_ptr<const catalog::FeedSwap> swap,
                                                       StatusDone done) {
  return std::make_unique<SwapCommand>(context, std::move(swap), std::move(done));
}

std::unique_ptr<storage::WriteCommand> MakeDocumentCommand(WriterContext* context, DocumentChange change,
                                                           DocumentDone done) {
  return std::make_unique<DocumentCommand>(context, std::move(change), std::move(done));
}

std::unique_ptr<storage::WriteCommand> MakeGenerationCommand(WriterContext* context,
                                                             models::GenerationRecord record,
                                                             std::function<void(Sequence)> applied,
                                                             StatusDone done) {
  return std::make_unique<GenerationCommand>(context, std::move(record), std::move(applied), std::move(done));
}

std::unique_ptr<storage::WriteCommand> MakeEraseCommand(WriterContext* context, std::string external_id,
                                                        http::ShopperKind kind, StatusDone done) {
  return std::make_unique<EraseCommand>(context, std::move(external_id), kind, std::move(done));
}

std::unique_ptr<storage::WriteCommand> MakeExpireCommand(WriterContext* context,
                                                         std::vector<ShopperHandle> shoppers,
                                                         StatusDone done) {
  return std::make_unique<ExpireCommand>(context, std::move(shoppers), std::move(done));
}

std::unique_ptr<storage::WriteCommand> MakeColumnsCommand(std::shared_ptr<const storage::WriteBatch> batch,
                                                          StatusDone done) {
  return std::make_unique<ColumnsCommand>(std::move(batch), std::move(done));
}

std::unique_ptr<storage::WriteCommand> MakeStrandCommand(std::function<void()> work, StatusDone done) {
  return std::make_unique<StrandCommand>(std::move(work), std::move(done));
}

}  // namespace attune::server
