// The vectors that a service made of a store's products, on disk.
//
//   Column::kMeta   "text_vectors"                   -> when one was last written or taken away
//                   "text_vectors/" + product index  -> hash of the model, hash of the text, the vector
//
// Outside the log: they are no part of what a replay must see (a generation is what it learned from them),
// and can be had again.  Backups hold them; a rebuild asks the service anew.  Layout:
// docs/formats/storage.md.
//
// Written through the store's writer strand, whole batches at a time, so a kill leaves all of a batch or
// nothing of it.
//
// Thread safety: KeptVectors is immutable, reads are of one moment; the rest are pure functions.

#ifndef ATTUNE_SERVER_FETCHED_VECTORS_H_
#define ATTUNE_SERVER_FETCHED_VECTORS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "models/external_vectors.h"
#include "storage/storage_engine.h"

namespace attune::server {

struct FetchedVector {
  uint64_t model_hash = 0;  // EmbeddingModelHash().
  uint64_t text_hash = 0;   // EmbeddingTextHash() of what was sent.
  std::vector<float> values;

  friend bool operator==(const FetchedVector&, const FetchedVector&) = default;
};

std::string EncodeFetchedVector(const FetchedVector& vector);
// Fails with kCorruption when the bytes are not ours.
Result<FetchedVector> DecodeFetchedVector(std::string_view bytes);

void PutFetchedVector(ProductIndex product, const FetchedVector& vector, storage::WriteBatch& batch);
void DeleteFetchedVector(ProductIndex product, storage::WriteBatch& batch);
void PutVectorsChanged(int64_t at_ms, storage::WriteBatch& batch);
// 0: never.
Result<int64_t> VectorsChangedAtMs(const storage::StorageEngine& engine);

// Visits all of them by product, of whatever model, until `visit` returns false.  Fails as the engine does,
// and with kCorruption.
Status ForEachFetchedVector(const storage::StorageEngine& engine,
                            const std::function<bool(ProductIndex, const FetchedVector&)>& visit);

// Those of one model, for a training.
class KeptVectors final : public models::ExternalVectors {
 public:
  // Fails as ForEachFetchedVector() does.
  static Result<KeptVectors> Open(const storage::StorageEngine* engine, uint64_t model_hash);

  size_t dimensions() const override { return dimensions_; }
  Status ForEach(const Visit& visit) const override;

 private:
  KeptVectors(const storage::StorageEngine* engine, uint64_t model_hash)
      : engine_(engine), model_hash_(model_hash) {}

  const storage::StorageEngine* engine_;
  uint64_t model_hash_;
  size_t dimensions_ = 0;  // Of the first; the runner takes no other length of one model.
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_FETCHED_VECTORS_H_
