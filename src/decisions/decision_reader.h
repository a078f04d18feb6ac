// Where a decision finds the one it continues: the records of the store, written or still waiting.
//
// Thread safety: safe from any thread.

#ifndef ATTUNE_DECISIONS_DECISION_READER_H_
#define ATTUNE_DECISIONS_DECISION_READER_H_

#include <optional>

#include "base/ids.h"
#include "base/status.h"
#include "decisions/decision_record.h"

namespace attune::decisions {

class DecisionReader {
 public:
  virtual ~DecisionReader() = default;
  // Nothing when there is no such decision, or its record was not kept.
  virtual Result<std::optional<DecisionRecord>> Find(const DecisionId& id) const = 0;
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_DECISION_READER_H_
