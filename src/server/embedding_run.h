// What one open store still has to ask of its service of embeddings, and asking for it, a batch at a time.
//
//   CatalogView -> texts that changed -> EmbeddingClient -> Store::SaveVectors
//
// A product is asked for when it is visible and what would be sent differs from what its kept vector was made
// of; none is while the shop supplies enough vectors of its own (models/supplied_vectors.h).  Vectors of
// products that are gone are taken away.  A batch is kept as one, or nothing of it.
//
//   refused (400, 413, 422)   each text of the batch alone; one that is refused alone waits for a change
//   any other fault           again later (service_backoff.h)
//
// Other settings, or opening the store anew, begin at once.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_SERVER_EMBEDDING_RUN_H_
#define ATTUNE_SERVER_EMBEDDING_RUN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "server/embedding_client.h"
#include "server/service_backoff.h"
#include "server/store.h"

namespace attune::server {

// Between two looks at a catalogue that changes: every text of it is hashed.
inline constexpr int64_t kEmbeddingLookEveryMs = 10 * kSecondMs;
// Requests of one store before the next store has its turn.
inline constexpr int kEmbeddingRequestsPerTurn = 8;

struct EmbeddingCounts {
  uint64_t requests = 0;  // Since the store was opened, or its settings changed; likewise the next two.
  uint64_t failures = 0;
  uint64_t fetched = 0;  // Vectors.
  uint64_t kept = 0;     // Visible products whose vector is of the model and the text of now.
  uint64_t waiting = 0;  // Products whose text waits to be sent.
  uint64_t refused = 0;  // Products whose text the service does not take.
};

class EmbeddingRun {
 public:
  // Reads which vectors of the store are kept.  Fails as ForEachFetchedVector() does.
  static Result<EmbeddingRun> Open(Store& store, const EmbeddingSettings& settings);

  // Asks for what is due.  True: more is due now.  `store` is the one that it was opened for.
  bool Turn(Store& store, EmbeddingClient& client, const Clock& clock,
            const std::function<bool()>& is_stopping);

  EmbeddingCounts counts() const;
  // Why the last request failed; empty: it did not.
  const std::string& failure() const { return failure_; }

 private:
  struct Item {
    ProductIndex product;
    std::string text;
    uint64_t hash = 0;
  };

  explicit EmbeddingRun(const EmbeddingSettings& settings);
  // Makes room for what is known of `count` products.
  void GrowTo(size_t count);
  // Finds what waits.  Fails when what is gone cannot be taken away.
  Status Look(Store& store, int64_t now_ms);
  // The next batch, with the texts of now; products with nothing to ask leave waiting_.
  std::vector<Item> NextBatch(const catalog::CatalogView& catalog);
  bool IsWanted(const catalog::CatalogView& catalog, ProductIndex product, Item& item) const;
  EmbeddingReply Ask(const std::vector<Item>& batch, EmbeddingClient& client,
                     const std::function<bool()>& is_stopping) const;
  Status Keep(Store& store, const std::vector<Item>& batch, const EmbeddingReply& reply, int64_t now_ms);
  // False: no more this turn.
  bool Settle(Store& store, const std::vector<Item>& batch, const EmbeddingReply& reply, int64_t now_ms);
  void Fail(const EmbeddingReply& reply, int64_t now_ms);

  EmbeddingSettings settings_;
  uint64_t model_hash_ = 0;
  size_t dimensions_ = 0;        // Of this model's vectors; 0: none are kept yet.
  std::vector<bool> is_stored_;  // By product: a vector, of whatever model.
  std::vector<uint64_t> kept_;   // By product: of which text there is a vector of this model; 0: of none.
  std::unordered_map<uint32_t, uint64_t> refused_;  // Product -> its text that the service does not take.
  std::vector<ProductIndex> waiting_;               // The next one last.
  size_t alone_ = 0;                                // So many of the next products are asked for one by one.
  Sequence looked_at_;
  int64_t look_at_ms_ = 0;
  ServiceBackoff backoff_;
  EmbeddingCounts counts_;
  std::string failure_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_EMBEDDING_RUN_H_
