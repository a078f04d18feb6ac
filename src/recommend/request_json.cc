#include "recommend/request_json.h"

#include "decisions/request_fields.h"

namespace attune::recommend {

Result<decisions::DecisionRequest> ParseRecommendationRequest(std::string_view body) {
  return decisions::ParseDecisionRequest(body, {});
}

}  // namespace attune::recommend
