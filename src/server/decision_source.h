// Decision records of a store, as decisions ask for them: those that still wait to be written, then the
// column.
//
// Thread safety: safe from any thread.  What the constructor is given must outlive it.

#ifndef ATTUNE_SERVER_DECISION_SOURCE_H_
#define ATTUNE_SERVER_DECISION_SOURCE_H_

#include <optional>

#include "decisions/decision_log.h"
#include "decisions/decision_reader.h"
#include "storage/storage_engine.h"

namespace attune::server {

class DecisionSource final : public decisions::DecisionReader {
 public:
  DecisionSource(const decisions::DecisionLog* log, const storage::StorageEngine* engine)
      : log_(log), engine_(engine) {}

  Result<std::optional<decisions::DecisionRecord>> Find(const DecisionId& id) const override;

 private:
  const decisions::DecisionLog* const log_;
  const storage::StorageEngine* const engine_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_DECISION_SOURCE_H_
