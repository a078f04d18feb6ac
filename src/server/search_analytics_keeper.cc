#include "server/search_analytics_keeper.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "decisions/decision_record.h"
#include "events/event_record.h"
#include "events/identity_record.h"
#include "models/model_file.h"
#include "search/suggestions.h"

namespace attune::server {
namespace {

// Decisions that are read of the column at a time.
constexpr size_t kDecisionsPerRead = 4'096;
// Decisions are written up to so long after they were made; those that were folded already are told by their
// ids.
constexpr int64_t kDecisionLagMs = kMinuteMs;

std::optional<search::CountedSearch> SearchOf(std::string_view key, std::string_view value) {
  const auto id = decisions::ParseDecisionKey(key);
  if (!id.ok()) return std::nullopt;
  const auto record = decisions::DecodeDecisionRecord(*id, value);
  return record.ok() ? search::CountedSearchOf(*record) : std::nullopt;
}

bool IsEarlier(const search::CountedSearch& a, const search::CountedSearch& b) { return a.id < b.id; }

}  // namespace

SearchAnalyticsKeeper::SearchAnalyticsKeeper(Parts parts)
    : parts_(std::move(parts)),
      suggestions_(std::make_shared<const search::SuggestionSet>()),
      recent_(std::make_shared<const search::RecentSearches>()) {}

void SearchAnalyticsKeeper::Open() {
  MutexLock lock(mutex_);
  applied_ = Sequence(parts_.engine->first_sequence().value() - 1);
  Result<search::SearchAnalytics::Loaded> loaded = [&]() -> Result<search::SearchAnalytics::Loaded> {
    ASSIGN_OR_RETURN(std::string bytes, models::ReadModelFileBytes(parts_.path));
    return search::SearchAnalytics::Load(std::move(bytes));
  }();
  if (loaded.ok() && loaded->applied > parts_.engine->last_sequence()) {
    loaded = Conflict("it is ahead of the log");
  }
  if (loaded.ok()) {
    analytics_ = std::move(loaded->analytics);
    applied_ = std::max(applied_, loaded->applied);  // What retention cut since is not counted.
    next_key_ = decisions::FirstDecisionKeyAt(std::max<int64_t>(0, analytics_.latest_ms() - kDecisionLagMs));
    is_suggested_ = false;
  } else if (loaded.status().code() != StatusCode::kNotFound) {
    Log("search analytics not read; searches are counted again", loaded.status().message());
  }
  saved_at_ms_ = parts_.clock->NowMs();
  recent_.Publish(analytics_.recent());
}

void SearchAnalyticsKeeper::TakeDecisions(const storage::WriteBatch& written) {
  MutexLock lock(waiting_mutex_);
  if (!takes_decisions_) return;
  for (const auto& operation : written.operations()) waiting_.emplace_back(operation.key, operation.value);
}

void SearchAnalyticsKeeper::TakeWaiting() {
  std::vector<std::pair<std::string, std::string>> taken;
  {
    MutexLock lock(waiting_mutex_);
    taken.swap(waiting_);
  }
  for (const auto& [key, value] : taken) {
    if (auto search = SearchOf(key, value)) pending_.push_back(std::move(*search));
  }
  std::sort(pending_.begin(), pending_.end(), IsEarlier);
}

bool SearchAnalyticsKeeper::ReadMoreDecisions() {
  {
    // What is written from here on waits; what was written before is in the column.  Some may be in both.
    MutexLock lock(waiting_mutex_);
    takes_decisions_ = true;
  }
  size_t read = 0;
  std::string last_key;
  const Status scanned =
      parts_.engine->Scan(storage::Column::kDecisions, next_key_, "",
                          [&](std::string_view key, std::string_view value) REQUIRES(mutex_) {
                            if (auto search = SearchOf(key, value)) pending_.push_back(std::move(*search));
                            last_key = key;
                            return ++read < kDecisionsPerRead;
                          });
  budget_ -= static_cast<int64_t>(read);
  if (!scanned.ok()) return false;
  if (read > 0) next_key_ = last_key + '\0';
  reads_column_ = read == kDecisionsPerRead;
  if (!reads_column_) return true;
  // Not at the end: those that would wait are read in their turn.
  MutexLock lock(waiting_mutex_);
  takes_decisions_ = false;
  waiting_.clear();
  return true;
}

// False: the budget ended before.
bool SearchAnalyticsKeeper::FoldDecisionsUntil(int64_t time_ms) {
  for (;;) {
    if (budget_ <= 0) return false;
    if (pending_.empty() && reads_column_) {
      if (!ReadMoreDecisions()) return false;
      continue;
    }
    if (pending_.empty() || pending_.front().at_ms > time_ms) return true;
    analytics_.Fold(pending_.front());
    pending_.pop_front();
    --budget_;
    is_changed_ = true;
    is_suggested_ = false;
  }
}

Status SearchAnalyticsKeeper::FoldRecord(const storage::Record& record) {
  if (record.kind == storage::RecordKind::kEvent) {
    RETURN_IF_ERROR(events::DecodeEvent(record.payload, event_));
    analytics_.Fold(event_);
    is_changed_ = true;
  } else if (record.kind == storage::RecordKind::kIdentity) {
    using Kind = events::IdentityChange::Kind;
    ASSIGN_OR_RETURN(const events::IdentityChange change, events::DecodeIdentityChange(record.payload));
    if (change.kind == Kind::kConsent && !change.consent.personalization) {
      analytics_.ForgetRecent(change.shopper);
      is_changed_ = true;
    }
    if (change.kind != Kind::kErased && change.kind != Kind::kExpired) return Status();
    analytics_.Forget(change.shopper);
    is_changed_ = true;
    is_suggested_ = false;
    has_forgotten_ = true;
  }
  return Status();
}

Result<bool> SearchAnalyticsKeeper::CatchUp(Sequence until) {
  MutexLock lock(mutex_);
  budget_ = kAnalyticsPerCatchUp;
  if (!reads_column_) TakeWaiting();
  Status folded;
  const Sequence from(std::max(applied_.value() + 1, parts_.engine->first_sequence().value()));
  if (from <= until) {
    RETURN_IF_ERROR(parts_.engine->ScanLog(from, [&](const storage::Record& record) REQUIRES(mutex_) {
      if (record.sequence > until || !FoldDecisionsUntil(record.recorded_at_ms)) return false;
      folded = FoldRecord(record);
      if (!folded.ok()) return false;
      applied_ = record.sequence;
      return --budget_ > 0;
    }));
  }
  RETURN_IF_ERROR(folded);
  if (applied_ < until && from <= until) return false;
  return FoldDecisionsUntil(INT64_MAX);
}

void SearchAnalyticsKeeper::RefreshTexts(bool now) {
  MutexLock lock(texts_mutex_);
  const auto catalog = parts_.catalogs->Acquire();
  const int64_t now_ms = parts_.clock->NowMs();
  if (texts_of_.lock() == catalog) return;
  if (!now && has_texts_ && now_ms - texts_at_ms_ < kSuggestTextsEveryMs) return;
  auto next = std::make_shared<search::SuggestionSet>();
  next->texts = std::make_shared<const search::Suggestions>(
      search::SuggestedTexts(*catalog, search::LanguageOf(parts_.locale())));
  next->queries = suggestions_.Acquire()->queries;
  suggestions_.Publish(std::move(next));
  texts_of_ = catalog;
  has_texts_ = true;
  texts_at_ms_ = now_ms;
}

void SearchAnalyticsKeeper::RefreshSuggestions(bool now) {
  RefreshTexts(false);
  MutexLock lock(mutex_);
  const int64_t now_ms = parts_.clock->NowMs();
  if (is_suggested_ || (!now && now_ms - suggested_at_ms_ < kSuggestQueriesEveryMs)) return;
  auto queries = std::make_shared<const search::Suggestions>(
      search::SuggestedQueries(analytics_, search::LanguageOf(parts_.locale()), now_ms));
  is_suggested_ = true;
  suggested_at_ms_ = now_ms;
  MutexLock texts_lock(texts_mutex_);
  auto next = std::make_shared<search::SuggestionSet>();
  next->texts = suggestions_.Acquire()->texts;
  next->queries = std::move(queries);
  suggestions_.Publish(std::move(next));
}

std::shared_ptr<const search::SuggestionSet> SearchAnalyticsKeeper::suggestions() {
  if (parts_.catalogs->Acquire()->product_count() <= kInlineTextsProductsMax) RefreshTexts(true);
  return suggestions_.Acquire();
}

void SearchAnalyticsKeeper::SaveIfDue() {
  {
    MutexLock lock(mutex_);
    const int64_t now_ms = parts_.clock->NowMs();
    if (!is_changed_ || (!has_forgotten_ && now_ms - saved_at_ms_ < kSaveAnalyticsEveryMs)) return;
  }
  Save();
}

void SearchAnalyticsKeeper::Save() {
  MutexLock lock(mutex_);
  if (!is_changed_) return;
  std::error_code ignored;  // Writing says it.
  std::filesystem::create_directories(std::filesystem::path(parts_.path).parent_path(), ignored);
  const Status written = models::WriteFileAtomically(parts_.path, analytics_.Save(applied_));
  saved_at_ms_ = parts_.clock->NowMs();
  if (!written.ok()) return Log("search analytics not saved", written.message());
  is_changed_ = false;
  has_forgotten_ = false;
}

void SearchAnalyticsKeeper::WriteReport(JsonWriter& json, const search::ReportRequest& request) const {
  MutexLock lock(mutex_);
  search::WriteReport(json, analytics_, request);
}

SearchAnalyticsStatistics SearchAnalyticsKeeper::statistics() const {
  SearchAnalyticsStatistics statistics;
  const auto set = suggestions_.Acquire();
  statistics.suggestions = set->queries->size() + set->texts->size();
  MutexLock lock(mutex_);
  statistics.queries = analytics_.queries().size();
  statistics.open_searches = analytics_.open_count();
  return statistics;
}

void SearchAnalyticsKeeper::Log(std::string_view what, std::string_view reason) const {
  if (parts_.log == nullptr) return;
  parts_.log->Write(http::LogLevel::kWarning, what,
                    {{"store", parts_.store_id}, {"reason", std::string(reason)}});
}

}  // namespace attune::server
