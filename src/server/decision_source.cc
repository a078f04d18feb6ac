#include "server/decision_source.h"

#include <string>
#include <utility>

namespace attune::server {

Result<std::optional<decisions::DecisionRecord>> DecisionSource::Find(const DecisionId& id) const {
  std::optional<std::string> bytes = log_->FindWaiting(id);
  if (!bytes) {
    ASSIGN_OR_RETURN(bytes, engine_->Get(storage::Column::kDecisions, decisions::DecisionKey(id)));
  }
  if (!bytes) return std::optional<decisions::DecisionRecord>();
  ASSIGN_OR_RETURN(decisions::DecisionRecord record, decisions::DecodeDecisionRecord(id, *bytes));
  return std::optional<decisions::DecisionRecord>(std::move(record));
}

}  // namespace attune::server
