#include "recommend/recommender.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "decisions/continuation.h"
#include "decisions/decide.h"
#include "decisions/replay.h"
#include "decisions/rule_preview.h"
#include "decisions/shopper_reading.h"

namespace attune::recommend {
namespace {

// Which ids of the page the catalogue does not know: the shop's engineer wants to hear of it.
std::string UnknownNotice(const std::vector<std::string>& unknown_ids) {
  std::string notice = "not in the catalogue: ";
  for (size_t i = 0; i < unknown_ids.size() && i < 3; ++i) notice += (i == 0 ? "" : ", ") + unknown_ids[i];
  if (unknown_ids.size() > 3) notice += " and " + std::to_string(unknown_ids.size() - 3) + " more";
  return notice;
}

// What was shown to a shopper is continued by that shopper.  Who has just refused personalisation is not
// looked up, and is told no more than the page already showed.
bool MayContinue(const decisions::DecisionRecord& earlier, const decisions::DecisionRequest& request,
                 const Recommendation& made) {
  if (earlier.handles.empty()) return true;
  if (!made.is_personalized) return request.personalization_consent == std::optional<bool>(false);
  return std::any_of(earlier.handles.begin(), earlier.handles.end(), [&made](ShopperHandle handle) {
    const auto& own = made.shopper.handles;
    return std::find(own.begin(), own.end(), handle) != own.end();
  });
}

}  // namespace

Status Recommender::TakeOver(const decisions::DecisionRequest& request, Recommendation& out) const {
  ASSIGN_OR_RETURN(const auto earlier, parts_.decisions->Find(request.continues));
  if (!earlier || !MayContinue(*earlier, request, out)) {
    return InvalidArgument("no such decision of this shopper, or its record is not kept", "continue");
  }
  return decisions::Continue(*earlier, out.request);
}

Result<std::unique_ptr<const Recommendation>> Recommender::Recommend(
    const decisions::DecisionRequest& request) const {
  auto made = std::make_unique<Recommendation>();
  std::vector<std::string> degraded;
  std::vector<std::string> unknown_ids;
  made->view = parts_.views->Acquire();
  made->now_ms = parts_.clock->NowMs();
  made->is_preview = request.preview != nullptr;
  RETURN_IF_ERROR(decisions::TryRules(request, made->view, made->now_ms));
  ASSIGN_OR_RETURN(made->placement, decisions::FindPlacement(*made->view, request.placement));
  auto shopper =
      decisions::ReadShopper(*parts_.profiles, request, made->view->settings, made->now_ms, degraded);
  if (shopper) {
    made->shopper = std::move(*shopper);
    made->is_personalized = true;
  }
  made->catalog = parts_.catalogs->Acquire();
  made->request = decisions::Resolve(request, *made->catalog, unknown_ids);
  if (!request.continues.is_none()) RETURN_IF_ERROR(TakeOver(request, *made));
  const DecisionId id = DecisionId::Make(made->now_ms, parts_.store_tag, parts_.random->Next64());
  made->seed = MixHash64(id.low, StableHash64(request.placement));
  ASSIGN_OR_RETURN(made->decision, decisions::Decide(made->input(), id, &made->trace));
  if (!degraded.empty()) made->decision.degraded = std::move(degraded);
  if (!unknown_ids.empty()) {
    std::string& notice = made->decision.notice;
    notice += (notice.empty() ? "" : "; ") + UnknownNotice(unknown_ids);
  }
  if (!made->is_preview && decisions::IsRecorded(*made->placement, id)) {
    parts_.log->Add(decisions::MakeDecisionRecord(made->input(), made->decision, made->trace,
                                                  {made->shopper.handles, made->shopper.sequence}));
  }
  return std::unique_ptr<const Recommendation>(std::move(made));
}

}  // namespace attune::recommend
