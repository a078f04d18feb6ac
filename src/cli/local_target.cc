// Imports into a store that the command line opened itself (declared in import_target.h).

#include <cstdio>
#include <functional>
#include <future>
#include <utility>

#include "catalog/feed_stage.h"
#include "cli/import_target.h"

namespace attune::cli {
namespace {

class LocalTarget final : public ImportTarget {
 public:
  explicit LocalTarget(LocalStore* store) : store_(*store) {}
  ~LocalTarget() override {
    if (pending_.valid()) pending_.wait();
  }

  const Clock& clock() const override { return store_.clock(); }
  Result<Currency> BaseCurrency() override { return store_->settings().base_currency; }

  Status AddProducts(std::vector<ImportedProduct> batch, uint64_t done) override {
    RETURN_IF_ERROR(Flush());
    std::vector<catalog::ProductChange> changes;
    changes.reserve(batch.size());
    for (ImportedProduct& product : batch) changes.push_back(std::move(product.change));
    Begin(done, [this, changes = std::move(changes)]() mutable { return WriteProducts(std::move(changes)); });
    return Status();
  }

  Status AddEvents(std::vector<events::IncomingEvent> batch, uint64_t done) override {
    RETURN_IF_ERROR(Flush());
    Begin(done, [this, batch = std::move(batch)]() mutable { return WriteEvents(std::move(batch)); });
    return Status();
  }

  Status Flush() override {
    if (!pending_.valid()) return Status();
    RETURN_IF_ERROR(pending_.get());
    durable_ = pending_done_;
    return Status();
  }

  Status Replace(std::vector<ImportedProduct> products, int64_t feed_time_ms, bool force) override {
    catalog::FeedStage stage(feed_time_ms);
    for (ImportedProduct& product : products) stage.Add(std::move(product.change));
    ASSIGN_OR_RETURN(catalog::FeedSwap swap, stage.Swap(*store_->state().catalog_view(), force));
    std::fprintf(stderr, "%zu products written, %zu unchanged, %zu hidden\n", swap.upserted_count,
                 swap.unchanged_count, swap.hidden_count);
    return store_->Swap(std::move(swap));
  }

 private:
  // The batch is written while the next one is read.
  template <class Work>
  void Begin(uint64_t done, Work work) {
    pending_done_ = done;
    pending_ = std::async(std::launch::async, std::move(work));
  }

  // Refuse() is called here and by nobody else meanwhile: Flush() comes before the next batch.
  Status WriteProducts(std::vector<catalog::ProductChange> changes) {
    ASSIGN_OR_RETURN(const server::ProductsResult result, store_->Change(std::move(changes)));
    for (const Status& status : result.statuses) {
      if (!status.ok()) Refuse(status.field(), status.message());
    }
    return Status();
  }

  Status WriteEvents(std::vector<events::IncomingEvent> batch) {
    events::EventBody body;
    for (uint32_t i = 0; i < batch.size(); ++i) body.indices.push_back(i);
    body.events = std::move(batch);
    ASSIGN_OR_RETURN(const server::IngestResult result, store_->Ingest(std::move(body)));
    for (const events::RejectedEvent& rejected : result.rejected) {
      if (rejected.code == events::kUnavailable) return Unavailable(rejected.message);
      Refuse(rejected.field, rejected.message);
    }
    return Status();
  }

  LocalStore& store_;
  std::future<Status> pending_;
  uint64_t pending_done_ = 0;
};

}  // namespace

void ImportTarget::Refuse(const std::string& field, const std::string& message) {
  constexpr uint64_t kShownMax = 5;
  if (++refused_ > kShownMax) return;
  std::fprintf(stderr, "\n  refused: %s%s%s\n", field.c_str(), field.empty() ? "" : ": ", message.c_str());
}

std::unique_ptr<ImportTarget> MakeLocalTarget(LocalStore* store) {
  return std::make_unique<LocalTarget>(store);
}

}  // namespace attune::cli
