// What a store tells about its merchandising rules: where they contradict each other, and what others would
// change.

#include <simdjson.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "base/json_writer.h"
#include "decisions/json_fields.h"
#include "decisions/limits.h"
#include "decisions/rule_conflicts.h"
#include "decisions/rule_dry_run.h"
#include "decisions/rule_json.h"
#include "decisions/rule_preview.h"
#include "search/search_record.h"
#include "server/dry_run_json.h"
#include "server/store.h"

namespace attune::server {

// The body of POST /v1/rules/dry-run.
struct RuleDryRunRequest {
  decisions::RuleDraft draft;
  uint64_t last = decisions::kDryRunDecisionsDefault;
  int64_t since_ms = 0;
  std::optional<int64_t> at_ms;
};

namespace {

// Decisions of the last days, unless the request says since when.
constexpr int64_t kDryRunDays = 7;
// Revenue per view of a product that fewer looked at is mostly chance.
constexpr uint64_t kValuedViewsMin = 20;

Result<RuleDryRunRequest> ParseDryRun(std::string_view body, int64_t now_ms) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS) {
    return InvalidArgument("the body is not JSON");
  }
  simdjson::dom::object root;
  if (document.get(root) != simdjson::SUCCESS) return InvalidArgument("the body is not a JSON object");
  RuleDryRunRequest request;
  ASSIGN_OR_RETURN(request.draft, decisions::ReadRuleDraft(root, ""));
  RETURN_IF_ERROR(
      decisions::ReadInteger(root, "last", "last", 1, decisions::kDryRunDecisionsMax, request.last));
  std::optional<int64_t> since;
  RETURN_IF_ERROR(decisions::ReadTime(root, "since", "since", since));
  RETURN_IF_ERROR(decisions::ReadTime(root, "at", "at", request.at_ms));
  request.since_ms = since.value_or(std::max<int64_t>(0, now_ms - kDryRunDays * kDayMs));
  return request;
}

// The latest records since a moment, oldest first.
Result<std::vector<decisions::DecisionRecord>> LatestRecords(const storage::StorageEngine& engine,
                                                             int64_t since_ms, uint64_t last) {
  std::deque<std::pair<std::string, std::string>> kept;
  RETURN_IF_ERROR(engine.Scan(storage::Column::kDecisions, decisions::FirstDecisionKeyAt(since_ms), "",
                              [&](std::string_view key, std::string_view value) {
                                kept.emplace_back(key, value);
                                if (kept.size() > last) kept.pop_front();
                                return true;
                              }));
  std::vector<decisions::DecisionRecord> records;
  for (const auto& [key, value] : kept) {
    ASSIGN_OR_RETURN(const DecisionId id, decisions::ParseDecisionKey(key));
    ASSIGN_OR_RETURN(decisions::DecisionRecord record, decisions::DecodeDecisionRecord(id, value));
    records.push_back(std::move(record));
  }
  return records;
}

void WriteIds(std::string_view key, const std::vector<std::string>& ids, JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const std::string& id : ids) json.String(id);
  json.EndArray();
}

}  // namespace

void Store::GetRuleConflicts(const http::Caller& /*caller*/, http::Done done) {
  Touch();
  const auto documents = state_->documents_view();
  const auto catalog = state_->catalog_view();
  const int64_t now_ms = services_.clock->NowMs();
  const decisions::ConflictReport report = decisions::FindConflicts(
      *documents->rules, *catalog, now_ms, now_ms + documents->time.OffsetMs(now_ms));
  JsonWriter json;
  json.BeginObject().Key("conflicts").BeginArray();
  for (const decisions::RuleConflict& conflict : report.conflicts) {
    json.BeginObject().Key("kind").String(decisions::ConflictName(conflict.kind));
    WriteIds("rules", conflict.rules, json);
    if (!conflict.product_ids.empty()) WriteIds("product_ids", conflict.product_ids, json);
    json.Key("sentence").String(conflict.sentence).EndObject();
  }
  json.EndArray().Key("complete").Bool(report.is_complete).EndObject();
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
}

void Store::DryRunRules(std::string body, const http::Caller& /*caller*/, http::Done done) {
  Touch();
  auto request = ParseDryRun(body, services_.clock->NowMs());
  if (!request.ok()) return done(request.status());
  const auto shared = std::make_shared<const RuleDryRunRequest>(std::move(request).value());
  dry_run_.Give([this, shared] { return RunDry(*shared); },
                "another dry run is being made; try again in a minute", std::move(done));
}

Result<http::Answer> Store::RunDry(const RuleDryRunRequest& request) const {
  ASSIGN_OR_RETURN(const auto records, LatestRecords(*engine_, request.since_ms, request.last));
  const auto view = views_->Acquire();
  const auto catalog = state_->catalog_view();
  ASSIGN_OR_RETURN(const auto draft, decisions::WithRules(*view, request.draft));
  const auto indexes = search_->indexes().Acquire();
  const auto value_of = [this, &view](ProductIndex product) -> std::optional<double> {
    const features::ProductFeatures sold = state_->product_features().Read(product);
    if (sold.view_count < kValuedViewsMin) return std::nullopt;
    return MajorFromMinor(sold.revenue_minor, view->settings.base_currency) /
           static_cast<double>(sold.view_count);
  };
  const auto remake_search = [&indexes](const decisions::DecisionRecord& record,
                                        const decisions::StoreView& with, const decisions::DryRunState& state,
                                        int64_t now_ms) -> Result<decisions::RemadeDecision> {
    const search::LocaleIndex* const texts = indexes->For(record.request.locale);
    if (texts == nullptr) return Unavailable("the search index is being made; try again soon");
    return search::RemakeSearch(record, with, *indexes->catalog, *texts,
                                record.is_personalized ? state.profile : nullptr, now_ms);
  };
  decisions::RuleDryRun run({.at_ms = request.at_ms, .value_of = value_of, .remake_search = remake_search});
  for (const decisions::DecisionRecord& record : records) {
    ASSIGN_OR_RETURN(const decisions::ProfileReading shopper,
                     profile_source_->ReadHandles(record.handles, {.now_ms = run.MomentOf(record),
                                                                   .settings = view->settings.features}));
    run.Add(record, {*view, *draft, &shopper.profile, *catalog});
  }
  return http::Answer{
      .status = 200, .body = DryRunToJson(run.report(), *catalog, view->settings.base_currency), .etag = {}};
}

}  // namespace attune::server
