// What is kept of a decision: enough to find it, count it, pay for it and make it again.  About 200 bytes.
//
// Key: the 16 bytes of the decision id, most significant first, so that keys sort by time and retention is
// one range delete.  Value: Protocol Buffers wire format; layout and a worked example in
// docs/formats/decisions.md.
//
// Products are indices, shoppers are handles, the request is the resolved one: no external identity is in a
// record. Reasons and candidate lists are not kept; replay makes them again.
//
// Thread safety: pure functions on value types.

#ifndef ATTUNE_DECISIONS_DECISION_RECORD_H_
#define ATTUNE_DECISIONS_DECISION_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "decisions/decision.h"
#include "decisions/resolved_request.h"
#include "decisions/store_view.h"

namespace attune::decisions {

struct RecordedProduct {
  ProductIndex product;
  float score = 0;
  std::string source;
  float propensity = 1;

  friend bool operator==(const RecordedProduct&, const RecordedProduct&) = default;
};

struct DecisionRecord {
  DecisionId id;
  int64_t now_ms = 0;
  uint64_t seed = 0;
  std::vector<ShopperHandle> handles;  // Empty: nobody known.
  bool is_personalized = false;        // A profile was read (it may have been empty).
  Sequence view_sequence;
  Sequence profile_sequence;  // 0 when no profile was read.
  Sequence catalog_sequence;
  // Of the visits since the training; 0: none were read.
  Sequence live_sequence;
  // Of the catalogue whose words took compounds apart (search/learned_vocabulary.h); 0: none were.
  Sequence vocabulary_sequence;
  std::vector<SourceGeneration> generations;
  ResolvedRequest request;
  std::vector<RecordedProduct> products;  // In the order of their positions.
  std::string fallback;
  bool are_caps_relaxed = false;
  std::optional<ProductIndex> row_seed;  // The purchase that the row stands on.
  std::string search;  // What a search has beside the request, as JSON (search/search_record.h); else empty.
  std::vector<std::string> rules;  // Ids of the merchandising rules that held, in their order.

  friend bool operator==(const DecisionRecord&, const DecisionRecord&) = default;
};

std::string DecisionKey(const DecisionId& id);
// The smallest key of decisions made at or after `time_ms`.
std::string FirstDecisionKeyAt(int64_t time_ms);
// Fails with kCorruption when it is not 16 bytes.
Result<DecisionId> ParseDecisionKey(std::string_view key);

std::string EncodeDecisionRecord(const DecisionRecord& record);
// Fails with kCorruption when the bytes are no record.
Result<DecisionRecord> DecodeDecisionRecord(const DecisionId& id, std::string_view bytes);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_DECISION_RECORD_H_
