// A place where candidates come from: one trained model, asked for the products it would show.
//
// Every source has a name a merchant could say ("also_viewed"), is bounded by `limit`, and is a pure function
// of the model and the query: same query, same answer, in the same order.
//
// Thread safety: const; any number of threads.

#ifndef ATTUNE_MODELS_CANDIDATE_SOURCE_H_
#define ATTUNE_MODELS_CANDIDATE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace attune::catalog {
class CatalogView;
}

namespace attune::models {

class LiveSessions;

struct Candidate {
  ProductIndex product;
  float score = 0;       // Unit of the source; only the order within one source means anything.
  ProductIndex because;  // The seed that contributed most; meaningful only when has_because.
  bool has_because = false;
};

// A product that speaks for the shopper or the page.
struct Seed {
  ProductIndex product;
  float weight = 1;  // By kind of event and decay; newer and stronger is larger.
  int64_t at_ms = 0;
  // Of a purchase: when it was first bought, at_ms being the last time; 0: the same as at_ms.
  int64_t first_at_ms = 0;
};

struct SourceQuery {
  // Latest first: the page's product, the session, the recent history, the cart.
  std::span<const Seed> seeds;
  // Latest first, one per product, weight = orders that hold it: for buy-again and fold-in.
  std::span<const Seed> purchases;
  // When the shopper ordered, latest first, at most kOrderTimesMax: tells how many orders ago a purchase was.
  std::span<const int64_t> order_times;
  std::span<const std::string> category;  // A path; empty: whole store.
  std::string_view brand;                 // Empty: any.
  int64_t now_ms = 0;
  // Seeds may be answered too.  False where the page shows them; true where a shopper may want again what
  // speaks for it (home_for_you), so that every source has its say on repeats and on new products alike.
  bool may_repeat = false;
  // For sources that can score a product they were not trained on, from its text; null: they give nothing for
  // it.
  const catalog::CatalogView* catalog = nullptr;
  // Visits since the training of the models that are asked, for session_next; null: none.
  const LiveSessions* live = nullptr;
};

class CandidateSource {
 public:
  virtual ~CandidateSource() = default;
  virtual std::string_view name() const = 0;
  // Appends at most `limit` candidates, best first; ties by smaller stable hash of the index's order in the
  // model. Never returns a seed of the query, except for sources about repeats (buy_again, recently_viewed).
  virtual void Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const = 0;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_CANDIDATE_SOURCE_H_
