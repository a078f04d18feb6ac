// The answers of a store to searches.

#include <string>
#include <utility>

#include "base/hash.h"
#include "base/json_writer.h"
#include "search/analytics_limits.h"
#include "search/answer_json.h"
#include "search/counted_search.h"
#include "search/request_json.h"
#include "search/suggest_json.h"
#include "server/store.h"

namespace attune::server {

void Store::OpenSearcher() {
  searcher_ = std::make_unique<search::Searcher>(search::Searcher::Parts{
      .views = views_.get(),
      .indexes = &search_->indexes(),
      .facts = &search_facts_->facts(),
      .profiles = profile_source_.get(),
      .meanings = &query_meanings_->asked(),
      .log = decision_log_.get(),
      .dial_default =
          [this] { return static_cast<uint32_t>(state_->documents_view()->settings.search.personalize); },
      .clock = services_.clock,
      .random = services_.random,
      .store_tag = static_cast<uint16_t>(StableHash64(store_id_))});
}

void Store::Search(std::string body, const http::Caller& caller, http::Done done) {
  Touch();
  auto requests = search::ParseSearchRequests(body);
  if (!requests.ok()) return done(requests.status());
  const search::SearchAudience audience = {
      .products = caller.is_public ? catalog::Audience::kPublic : catalog::Audience::kSecret,
      .may_explain = caller.may_explain};
  JsonWriter json;
  if (requests->is_batch) json.BeginObject().Key("results").BeginArray();
  for (size_t i = 0; i < requests->queries.size(); ++i) {
    const int64_t started_micros = services_.clock->SteadyMicros();
    search::SearchRequest& request = requests->queries[i];
    if (request.base.preview != nullptr && caller.is_public) {
      return done(PermissionDenied("a preview needs a secret key", "preview"));
    }
    if (!caller.MayName(request.base.customer_id)) request.base.customer_id.clear();
    auto searched = searcher_->Search(request);
    if (!searched.ok()) {
      const Status& status = searched.status();
      if (!requests->is_batch || status.field().empty()) return done(status);
      return done(
          Status(status.code(), status.message(), "queries[" + std::to_string(i) + "]." + status.field()));
    }
    const SearchResult made = std::move(searched).value();
    search::WriteSearchAnswer(json, *made, services_.clock->SteadyMicros() - started_micros, audience);
    if (caller.may_explain) KeepRecentSearch(made);
  }
  if (requests->is_batch) json.EndArray().EndObject();
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
}

void Store::Suggest(std::string body, const http::Caller& caller, http::Done done) {
  Touch();
  const int64_t started_micros = services_.clock->SteadyMicros();
  auto request = search::ParseSuggestRequest(body);
  if (!request.ok()) return done(request.status());
  decisions::DecisionRequest& base = request->search.base;
  if (base.preview != nullptr && caller.is_public) {
    return done(PermissionDenied("a preview needs a secret key", "preview"));
  }
  if (!caller.MayName(base.customer_id)) base.customer_id.clear();
  auto searched = searcher_->Search(request->search);
  if (!searched.ok()) return done(searched.status());
  const SearchResult made = std::move(searched).value();
  const std::string locale = base.context.locale.empty() ? settings().default_locale : base.context.locale;
  const auto set = analytics_->suggestions();
  // Of one who refuses to be known no handle was read.
  const search::SuggestAnswer answer = search::ChooseSuggestions(
      *set, *request, search::LanguageOf(locale), analytics_->recent()->Of(made->shopper.handles));
  JsonWriter json;
  search::WriteSuggestAnswer(
      json, *request, answer, *made, services_.clock->SteadyMicros() - started_micros,
      {.products = caller.is_public ? catalog::Audience::kPublic : catalog::Audience::kSecret,
       .may_explain = caller.may_explain});
  if (caller.may_explain) KeepRecentSearch(made);
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
}

void Store::GetSearchAnalytics(const http::SearchAnalyticsQuery& query, const http::Caller& /*caller*/,
                               http::Done done) {
  Touch();
  search_report_.Give([this, query] { return ReportSearches(query); },
                      "another report on searches is being made; try again soon", std::move(done));
}

Result<bool> Store::CatchUpAnalytics() {
  // First what is applied: what an event names was decided, and waits or is written, before the event came.
  const Sequence applied = state_->applied_sequence();
  RETURN_IF_ERROR(FlushDecisions());
  return analytics_->CatchUp(applied);
}

Result<http::Answer> Store::ReportSearches(const http::SearchAnalyticsQuery& query) {
  bool is_done = false;
  for (int i = 0; i < kCatchUpsPerReport && !is_done; ++i) {
    ASSIGN_OR_RETURN(is_done, CatchUpAnalytics());
  }
  if (!is_done) return Unavailable("the searches are being counted; try again soon");
  analytics_->RefreshSuggestions(true);
  const int64_t today = services_.clock->NowMs() / kDayMs;
  search::ReportRequest request;
  request.last_day = query.to_ms ? *query.to_ms / kDayMs : today;
  request.first_day =
      query.from_ms ? *query.from_ms / kDayMs : request.last_day - search::kAnalyticsDaysDefault + 1;
  if (request.first_day > request.last_day) return InvalidArgument("must not be later than to", "from");
  request.market = query.market;
  request.limit = query.limit;
  JsonWriter json;
  analytics_->WriteReport(json, request);
  return http::Answer{.status = 200, .body = json.TakeText(), .etag = {}};
}

int64_t Store::LocalDay(int64_t now_ms) const {
  const int64_t local_ms = now_ms + state_->documents_view()->time.OffsetMs(now_ms);
  return local_ms / kDayMs;
}

QueryMeaningStatus Store::query_meaning_status() const {
  return query_meanings_->status(LocalDay(services_.clock->NowMs()));
}

void Store::KeepRecentSearch(SearchResult made) {
  SearchResult oldest;  // Dies outside the lock.
  MutexLock lock(recent_mutex_);
  recent_searches_.push_back(std::move(made));
  if (recent_searches_.size() <= kExplainedSearchesMax) return;
  oldest = std::move(recent_searches_.front());
  recent_searches_.pop_front();
}

Store::SearchResult Store::FindRecentSearch(const DecisionId& id) const {
  MutexLock lock(recent_mutex_);
  for (const SearchResult& made : recent_searches_) {
    if (made->id == id) return made;
  }
  return nullptr;
}

}  // namespace attune::server
