// What the HTTP room asks of a store.  Routes stay thin:
//
//   authenticate -> limits -> read path and query -> StoreBackend -> Response
//
// Bodies go in as the bytes of the request and come out as JSON text, because the rooms that own a document
// (events, catalog, decisions) own its codec too.  Before a body arrives here it has been checked: at most
// the route's size, valid UTF-8, no NUL byte (also none escaped), nesting within kJsonDepthMax; that it is
// well-formed JSON of the right shape is for its codec to say, with a Status that names the field.
//
// Every call ends in exactly one call of its `done`: from any thread, and possibly before the call returns.
// So reads answer at once, writes answer after their group commit, and no I/O thread ever waits.  A `done`
// that comes while the server stops is still welcome; one that outlives its connection is dropped harmlessly.
//
// Statuses become answers in http/error_response.h: kInvalidArgument 400, kNotFound 404, kConflict 409 (412
// when the call carried an If-Match), kPermissionDenied 403, kResourceExhausted 429, kUnavailable 503, the
// rest 500.
//
// Thread safety: all methods are called from any thread, many at once.

#ifndef ATTUNE_HTTP_BACKEND_H_
#define ATTUNE_HTTP_BACKEND_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::http {

// Who asks, as far as the key and the identity token prove it.
struct Caller {
  std::string
      key_id;  // Short public name of the key ("k7f3a91c"); "open" with --open.  Kept with every change.
  std::string key_label;  // What the operator called it.
  // A public key sits in a browser, where anybody may read and use it.  Its orders and refunds are
  // unverified; its answers hold no cost, margin or exact stock.
  bool is_public = false;
  // Reasons may be shown: every secret key, and public keys that are marked as the demo's.
  bool may_explain = false;
  // With a public key: the customer that a valid identity token proved; empty when there was none.  Such a
  // caller may name this customer_id and no other: any other customer_id, identify or link is ignored and the
  // rest of the request treated as anonymous.  A secret key may name anyone (see MayName()).
  std::string proven_customer_id;
  int64_t received_at_ms = 0;
  std::string request_id;

  bool MayName(std::string_view customer_id) const {
    return !is_public || (!proven_customer_id.empty() && customer_id == proven_customer_id);
  }
};

struct Answer {
  int status = 200;  // 200, 201 (created) or 204 (body empty).
  std::string body;  // JSON, or NDJSON where the method says so.
  std::string etag;  // Without quotes; empty: none.
};

using Done = std::function<void(Result<Answer>)>;

// Under which name a path like /v1/shoppers/{id} looks for a shopper.
enum class ShopperKind : uint8_t {
  kEither,     // customer_id first, then anonymous_id.
  kCustomer,   // ?kind=customer
  kAnonymous,  // ?kind=anonymous
};

// What of the shop is asked for its trend.
enum class TrendKind : uint8_t { kCategory, kBrand };

// What of the searches of a store is reported.
struct SearchAnalyticsQuery {
  // Any time of the first and the last day (UTC); nothing: the last thirty days.
  std::optional<int64_t> from_ms;
  std::optional<int64_t> to_ms;
  std::string market;  // Empty: all.
  uint32_t limit = 0;  // Of each list.
};

enum class BatchFormat : uint8_t {
  kJson,    // One JSON array (or one object).
  kNdjson,  // One object per line.
};

// What a batch of products does to a product that exists.
enum class BatchMode : uint8_t {
  kPut,          // Replaces it.
  kMerge,        // Changes the fields named.
  kAddVariants,  // The same, and variants that are not named stay.
};

// What must hold of the stored document for a change of configuration to happen.
struct Precondition {
  enum class Kind : uint8_t {
    kNone,
    kMatches,  // If-Match: one of `etags`.
    kExists,   // If-Match: *
    kAbsent,   // If-None-Match: *
  };
  Kind kind = Kind::kNone;
  std::vector<std::string> etags;  // Without quotes.
};

class StoreBackend {
 public:
  virtual ~StoreBackend() = default;

  // `body`: one event or an array.  Answers {"accepted","duplicates","rejected":[{index,code,field,message}]}
  // after the accepted ones are durable and applied.
  virtual void IngestEvents(std::string body, const Caller& caller, Done done) = 0;

  // 201 when the product is new, else 200.  Fails when the body's product_id is not the path's.
  virtual void PutProduct(std::string product_id, std::string body, const Caller& caller, Done done) = 0;
  // Changes the named fields.
  virtual void PatchProduct(std::string product_id, std::string body, const Caller& caller, Done done) = 0;
  virtual void DeleteProduct(std::string product_id, const Caller& caller, Done done) = 0;
  // Answers {"accepted","rejected":[...]}.
  virtual void UpsertProducts(std::string body, BatchFormat format, BatchMode mode, const Caller& caller,
                              Done done) = 0;
  // The body is the whole catalogue: swapped in as one, what it does not name is hidden.  Refused with
  // kConflict when it is empty or would drop too much, unless `force`.
  virtual void ReplaceProducts(std::string body, BatchFormat format, bool force, const Caller& caller,
                               Done done) = 0;
  // Products in the order in which the store came to know them, from `cursor` (0: the first) on.  Answers
  // {"products":[...],"next":cursor or null}.
  virtual void ListProducts(uint32_t cursor, uint32_t limit, const Caller& caller, Done done) = 0;
  // The product with its features.
  virtual void GetProduct(std::string product_id, const Caller& caller, Done done) = 0;

  // Shoppers who would buy the product, best first.  Names persons: secret keys only.
  virtual void ListProspects(std::string product_id, uint32_t limit, const Caller& caller, Done done) = 0;
  virtual void Recommend(std::string body, const Caller& caller, Done done) = 0;
  // One query, or several as {"queries":[...]}, answered as {"results":[...]}.
  virtual void Search(std::string body, const Caller& caller, Done done) = 0;
  // What may be meant by what was typed so far.
  virtual void Suggest(std::string body, const Caller& caller, Done done) = 0;
  virtual void GetSearchAnalytics(const SearchAnalyticsQuery& query, const Caller& caller, Done done) = 0;
  // Rising categories or brands, strongest first, each with products that rise in it.
  virtual void GetTrending(TrendKind kind, uint32_t limit, const Caller& caller, Done done) = 0;
  // `why_not`: explain also why this product was not shown; empty: none asked.
  virtual void GetDecision(std::string decision_id, std::string why_not, const Caller& caller, Done done) = 0;

  virtual void GetShopper(std::string id, ShopperKind kind, const Caller& caller, Done done) = 0;
  virtual void EraseShopper(std::string id, ShopperKind kind, const Caller& caller, Done done) = 0;
  // Everything held about one person.
  virtual void ExportShopper(std::string id, ShopperKind kind, const Caller& caller, Done done) = 0;

  // Configuration documents of one kind ("placements", "rules", "lists", "synonyms").  A kind that the store
  // does not know is kNotFound.
  virtual void ListSettings(std::string kind, const Caller& caller, Done done) = 0;
  virtual void ReadSetting(std::string kind, std::string id, const Caller& caller, Done done) = 0;
  // Fails with kConflict, and changes nothing, when `precondition` does not hold at the moment of the write.
  virtual void WriteSetting(std::string kind, std::string id, std::string body, Precondition precondition,
                            const Caller& caller, Done done) = 0;
  virtual void DeleteSetting(std::string kind, std::string id, Precondition precondition,
                             const Caller& caller, Done done) = 0;

  // Rules that contradict each other, or that can do nothing.
  virtual void GetRuleConflicts(const Caller& caller, Done done) = 0;
  // What the rules of `body` would have made of past decisions.  Takes seconds; one at a time.
  virtual void DryRunRules(std::string body, const Caller& caller, Done done) = 0;

  // The store's own settings (money, time zone, consent, feed); secrets in them are masked.
  virtual void ReadStoreSettings(const Caller& caller, Done done) = 0;
  // `body` names the fields to change (a JSON merge patch, RFC 7396): null returns one to its default.
  // Answers like ReadStoreSettings.  Fails like WriteSetting.
  virtual void PatchStoreSettings(std::string body, Precondition precondition, const Caller& caller,
                                  Done done) = 0;
  // The scheduled feed: when it is due, and what became of it the last time.
  virtual void GetFeed(const Caller& caller, Done done) = 0;
  // The generation of models that serves, and how the last training went.
  virtual void GetModels(const Caller& caller, Done done) = 0;
};

// Whether the process can do its work, for /readyz.
struct Readiness {
  bool is_ready = false;
  std::string reason;  // Why not: "opening store giftshop", "stopping", "disk full".
  struct Store {
    std::string store_id;
    bool is_ready = false;
    std::string reason;
  };
  std::vector<Store> stores;
};

// All stores of the process.
class StoreDirectory {
 public:
  virtual ~StoreDirectory() = default;

  // Null when there is no such store (its key outlived it) or it cannot be opened.  May open an idle store.
  virtual std::shared_ptr<StoreBackend> Find(std::string_view store_id) = 0;

  // In the order in which they should be offered; with --open, the first one serves requests that name none.
  virtual std::vector<std::string> StoreIds() const = 0;

  // Cheap: called by load balancers every second or so.
  virtual Readiness readiness() const = 0;
};

}  // namespace attune::http

#endif  // ATTUNE_HTTP_BACKEND_H_
