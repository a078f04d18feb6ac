#include "server/embedding_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "models/supplied_vectors.h"
#include "server/embedding_text.h"
#include "server/fetched_vectors.h"

namespace attune::server {

EmbeddingRun::EmbeddingRun(const EmbeddingSettings& settings)
    : settings_(settings),
      model_hash_(EmbeddingModelHash(settings)),
      dimensions_(static_cast<size_t>(settings.dimensions)) {}

Result<EmbeddingRun> EmbeddingRun::Open(Store& store, const EmbeddingSettings& settings) {
  EmbeddingRun run(settings);
  RETURN_IF_ERROR(
      ForEachFetchedVector(store.engine(), [&](ProductIndex product, const FetchedVector& vector) {
        const size_t index = product.value();
        run.GrowTo(index + 1);
        run.is_stored_[index] = true;
        if (vector.model_hash != run.model_hash_) return true;
        run.kept_[index] = vector.text_hash;
        run.dimensions_ = vector.values.size();
        return true;
      }));
  return run;
}

void EmbeddingRun::GrowTo(size_t count) {
  if (kept_.size() >= count) return;
  kept_.resize(count, 0);
  is_stored_.resize(count, false);
}

bool EmbeddingRun::Turn(Store& store, EmbeddingClient& client, const Clock& clock,
                        const std::function<bool()>& is_stopping) {
  // What could not be kept is not asked for.
  if (!backoff_.MayAsk(clock.NowMs()) || !store.MayWrite().ok()) return false;
  if (const Status looked = Look(store, clock.NowMs()); !looked.ok()) {
    Fail({.fault = ServiceFault::kBusy, .reason = looked.message()}, clock.NowMs());
    return false;
  }
  for (int i = 0; i < kEmbeddingRequestsPerTurn && !is_stopping(); ++i) {
    const std::vector<Item> batch = NextBatch(*store.state().catalog_view());
    if (batch.empty()) return false;
    ++counts_.requests;
    const EmbeddingReply reply = Ask(batch, client, is_stopping);
    if (is_stopping() || !Settle(store, batch, reply, clock.NowMs())) return false;
  }
  return !waiting_.empty();
}

Status EmbeddingRun::Look(Store& store, int64_t now_ms) {
  const auto catalog = store.state().catalog_view();
  if (catalog->sequence() == looked_at_ || (now_ms < look_at_ms_ && looked_at_ != Sequence())) return {};
  const size_t count = catalog->index_count();
  GrowTo(count);
  auto batch = std::make_shared<storage::WriteBatch>();
  std::vector<uint32_t> gone;
  waiting_.clear();
  alone_ = 0;
  // Supplied ones come first and are not mixed with others, so what was fetched now would lie idle.
  const bool is_supplied = models::UsesSuppliedVectors(*catalog);
  counts_.kept = 0;
  Item item;
  for (uint32_t i = static_cast<uint32_t>(count); i-- > 0;) {
    const ProductIndex product(i);
    if (is_stored_[i] && catalog->Find(product) == nullptr) {
      DeleteFetchedVector(product, *batch);
      gone.push_back(i);
    } else if (IsWanted(*catalog, product, item)) {
      if (!is_supplied) waiting_.push_back(product);
    } else if (item.hash != 0 && item.hash == kept_[i]) {
      ++counts_.kept;
    }
  }
  if (!gone.empty()) RETURN_IF_ERROR(store.SaveVectors(std::move(batch), now_ms));
  for (const uint32_t product : gone) {
    is_stored_[product] = false;
    kept_[product] = 0;
    refused_.erase(product);
  }
  looked_at_ = catalog->sequence();
  look_at_ms_ = now_ms + kEmbeddingLookEveryMs;
  return {};
}

// item.hash: of the product's text, 0 when it is not to be asked for whatever it says.
bool EmbeddingRun::IsWanted(const catalog::CatalogView& catalog, ProductIndex product, Item& item) const {
  item = {product, {}, 0};
  const catalog::Product* const known = catalog.Find(product);
  if (known == nullptr || known->is_hidden) return false;
  item.text = EmbeddingTextOf(*known);
  if (item.text.empty()) return false;
  item.hash = EmbeddingTextHash(item.text);
  const size_t index = product.value();
  if (index < kept_.size() && kept_[index] == item.hash) return false;
  const auto refused = refused_.find(product.value());
  return refused == refused_.end() || refused->second != item.hash;
}

std::vector<EmbeddingRun::Item> EmbeddingRun::NextBatch(const catalog::CatalogView& catalog) {
  const size_t size = alone_ > 0 ? 1 : static_cast<size_t>(settings_.batch_size);
  std::vector<Item> batch;
  while (batch.size() < size && batch.size() < waiting_.size()) {
    const auto next = waiting_.end() - 1 - static_cast<std::ptrdiff_t>(batch.size());
    Item item;
    if (IsWanted(catalog, *next, item)) {
      batch.push_back(std::move(item));
    } else {
      waiting_.erase(next);
    }
  }
  return batch;
}

EmbeddingReply EmbeddingRun::Ask(const std::vector<Item>& batch, EmbeddingClient& client,
                                 const std::function<bool()>& is_stopping) const {
  EmbeddingRequest request;
  request.url = settings_.url;
  request.model = settings_.model;
  request.dimensions = static_cast<uint32_t>(settings_.dimensions);
  request.dimensions_expected = dimensions_;
  auto key = ServiceKey(settings_.api_key_env);
  if (!key.ok()) return {.fault = ServiceFault::kBroken, .reason = key.status().message()};
  request.key = std::move(key).value();
  for (const Item& item : batch) request.texts.push_back(item.text);
  return client.Ask(request, is_stopping);
}

Status EmbeddingRun::Keep(Store& store, const std::vector<Item>& batch, const EmbeddingReply& reply,
                          int64_t now_ms) {
  CHECK(reply.vectors.size() == batch.size());
  const size_t dimensions = reply.vectors.front().size();
  auto writes = std::make_shared<storage::WriteBatch>();
  for (size_t i = 0; i < batch.size(); ++i) {
    PutFetchedVector(batch[i].product, {model_hash_, batch[i].hash, reply.vectors[i]}, *writes);
  }
  RETURN_IF_ERROR(store.SaveVectors(std::move(writes), now_ms));
  for (const Item& item : batch) {
    const size_t index = item.product.value();
    GrowTo(index + 1);
    kept_[index] = item.hash;
    is_stored_[index] = true;
    refused_.erase(item.product.value());
  }
  dimensions_ = dimensions;
  counts_.kept += batch.size();
  counts_.fetched += batch.size();
  return {};
}

bool EmbeddingRun::Settle(Store& store, const std::vector<Item>& batch, const EmbeddingReply& reply,
                          int64_t now_ms) {
  if (reply.fault == ServiceFault::kRefused && batch.size() > 1) {
    ++counts_.failures;
    failure_ = reply.reason;
    alone_ = batch.size();
    return true;
  }
  if (reply.fault == ServiceFault::kRefused) {
    ++counts_.failures;
    failure_ = reply.reason + " to the text of one product";
    refused_[batch.front().product.value()] = batch.front().hash;
  } else if (reply.fault != ServiceFault::kNone) {
    Fail(reply, now_ms);
    return false;
  } else {
    if (const Status kept = Keep(store, batch, reply, now_ms); !kept.ok()) {
      Fail({.fault = ServiceFault::kBusy, .reason = kept.message()}, now_ms);
      return false;
    }
    failure_.clear();
    backoff_.NoteAnswer();
  }
  waiting_.resize(waiting_.size() - batch.size());
  alone_ -= std::min<size_t>(alone_, 1);
  return true;
}

void EmbeddingRun::Fail(const EmbeddingReply& reply, int64_t now_ms) {
  ++counts_.failures;
  failure_ = reply.reason;
  backoff_.NoteFailure(reply.fault, reply.retry_after_ms, now_ms);
}

EmbeddingCounts EmbeddingRun::counts() const {
  EmbeddingCounts counts = counts_;
  counts.waiting = waiting_.size();
  counts.refused = refused_.size();
  return counts;
}

}  // namespace attune::server
