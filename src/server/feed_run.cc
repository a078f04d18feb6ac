#include "server/feed_run.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "catalog/feed_stage.h"
#include "catalog/product_import.h"

namespace attune::server {
namespace {

// Deletes the fetched file, however the run ends.
class FetchedFile {
 public:
  explicit FetchedFile(std::string path) : path_(std::move(path)) {}
  ~FetchedFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  FetchedFile(const FetchedFile&) = delete;
  FetchedFile& operator=(const FetchedFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

catalog::FeedFormat FormatOf(const FeedSettings& feed) {
  if (feed.format == "ndjson") return catalog::FeedFormat::kNdjson;
  if (feed.format == "csv" || feed.format == "shopify") return catalog::FeedFormat::kDelimited;
  return catalog::FeedFormat::kAuto;  // A Google feed is TSV or XML.
}

// Counts, and the reasons of refused rows.
void Describe(const catalog::ImportReport& report, FeedState& state) {
  state.rows_read = report.rows_read;
  state.rows_rejected = report.rows_rejected;
  for (const catalog::ImportReason& reason : report.reasons()) {
    if (state.rejections.size() == kFeedReasonsMax) break;
    std::string text = std::to_string(reason.count) + " rows: " + reason.field + " " + reason.message;
    if (!reason.examples.empty()) text += ", first in line " + std::to_string(reason.examples.front().line);
    state.rejections.push_back(std::move(text));
  }
}

Status ReadFeed(Store& store, const FeedSettings& feed, const std::string& path, const Clock& clock,
                const std::function<bool()>& is_stopping, catalog::FeedStage& stage, int64_t feed_time_ms,
                FeedState& state) {
  ASSIGN_OR_RETURN(auto source, catalog::OpenImportFile(path));
  catalog::ProductImportOptions options;
  options.format = FormatOf(feed);
  options.default_currency = store.settings().base_currency;
  options.decimal_comma = feed.decimal_comma;
  options.feed_time_ms = feed_time_ms;
  for (const auto& [column, field] : feed.columns) options.overrides.push_back(column + "=" + field);
  ASSIGN_OR_RETURN(auto import, catalog::ProductImport::Open(std::move(source), options));
  const Status read = catalog::RunProductImport(
      *import, clock,
      [&](catalog::ProductChange change) -> Status {
        if (is_stopping()) return Unavailable("the server is stopping");
        if (import->report().rows_read > kFeedRowsMax) {
          return ResourceExhausted("the feed has more than 5 million rows");
        }
        RETURN_IF_ERROR(store.MayWrite());
        stage.Add(std::move(change));
        return Status();
      },
      [](const catalog::ImportProgress&) {});
  Describe(import->report(), state);
  state.products = stage.product_count();
  return read;
}

// The run itself; the status says why nothing was changed.
Status Run(Store& store, const FeedSettings& feed, FeedFetcher& fetcher, const Clock& clock,
           const std::function<bool()>& is_stopping, FeedState& state) {
  const FetchedFile file(store.folder() + "/feed.download");
  const FeedRequest request{.url = feed.url, .etag = state.etag, .last_modified = state.last_modified};
  FeedDownload download;
  const Status fetched = fetcher.Fetch(request, file.path(), is_stopping, download);
  state.http_status = download.http_status;
  state.stored_bytes = download.stored_bytes;
  RETURN_IF_ERROR(fetched);
  if (download.is_unchanged) {
    state.outcome = FeedOutcome::kUnchanged;
    return Status();
  }
  const bool is_time_known = download.made_at_ms > 0 && download.made_at_ms <= state.started_at_ms;
  const int64_t feed_time_ms = is_time_known ? download.made_at_ms : state.started_at_ms;
  catalog::FeedStage stage(feed_time_ms);
  RETURN_IF_ERROR(ReadFeed(store, feed, file.path(), clock, is_stopping, stage, feed_time_ms, state));
  auto swap = stage.Swap(*store.state().catalog_view(), feed.force);
  if (!swap.ok()) {
    state.outcome = FeedOutcome::kRefused;
    return swap.status();
  }
  state.written = swap->upserted_count;
  state.unchanged = swap->unchanged_count;
  state.hidden = swap->hidden_count;
  if (!swap->changes.empty()) RETURN_IF_ERROR(store.Swap(std::move(swap).value()));
  state.outcome = FeedOutcome::kApplied;
  state.etag = download.etag;
  state.last_modified = download.last_modified;
  return Status();
}

}  // namespace

Result<FeedState> RunFeed(Store& store, FeedFetcher& fetcher, const Clock& clock,
                          const std::function<bool()>& is_stopping) {
  const FeedSettings feed = store.settings().feed;
  CHECK(!feed.url.empty());
  const std::optional<FeedState> last = store.feed_state();
  FeedState state;
  state.settings_hash = FeedSettingsHash(feed);
  state.started_at_ms = clock.NowMs();
  state.outcome = FeedOutcome::kFailed;
  if (last) state.applied_at_ms = last->applied_at_ms;
  if (last && last->settings_hash == state.settings_hash) {
    state.etag = last->etag;
    state.last_modified = last->last_modified;
  }
  const Status done = Run(store, feed, fetcher, clock, is_stopping, state);
  state.reason = done.message();
  state.finished_at_ms = clock.NowMs();
  if (done.ok()) state.applied_at_ms = state.finished_at_ms;
  RETURN_IF_ERROR(store.SaveFeedState(state));
  return state;
}

}  // namespace attune::server
