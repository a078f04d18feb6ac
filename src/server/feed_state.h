// What became of a store's scheduled feed the last time, and when it is due again.
//
//   applied    read to its end and swapped in
//   unchanged  the feed's server said that it is the one already swapped in (304)
//   refused    read, but empty or without too many products; the catalogue is as it was
//   failed     could not be fetched or read; the catalogue is as it was
//
// Due: at once when the feed's settings changed since the last run; kFeedRetryMs after a failed run; else
// every_minutes after the last run began.
//
// Kept in Column::kMeta under "feed", outside the log: it is no part of what a replay must see.  It is
// committed after the swap that it tells of, so validators (ETag) never run ahead of the catalogue.  Layout:
// docs/formats/storage.md.
//
// Thread safety: value types and pure functions.

#ifndef ATTUNE_SERVER_FEED_STATE_H_
#define ATTUNE_SERVER_FEED_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "server/store_settings.h"

namespace attune::server {

inline constexpr const char* kFeedStateKey = "feed";
// After a failed run.  A shop's server that restarts is back by then; one that is down is not flooded.
inline constexpr int64_t kFeedRetryMs = 15 * kMinuteMs;
// Kinds of refused rows that are kept, most frequent first.
inline constexpr size_t kFeedReasonsMax = 10;

// Numbers are on disk: never change one, never reuse one.
enum class FeedOutcome : uint8_t { kApplied = 1, kUnchanged = 2, kRefused = 3, kFailed = 4 };
std::string_view FeedOutcomeName(FeedOutcome outcome);

struct FeedState {
  uint64_t settings_hash = 0;  // FeedSettingsHash() of the run.
  FeedOutcome outcome = FeedOutcome::kFailed;
  std::string reason;  // Why it was refused or failed; else empty.  Holds no secret.
  int64_t started_at_ms = 0;
  int64_t finished_at_ms = 0;
  int64_t applied_at_ms = 0;  // Of the last run that was applied or unchanged; 0: never.
  uint32_t http_status = 0;   // 0: no answer came.
  uint64_t stored_bytes = 0;  // As sent, before decompression.
  uint64_t rows_read = 0;
  uint64_t rows_rejected = 0;
  uint64_t products = 0;   // In the feed.
  uint64_t written = 0;    // New or different.
  uint64_t unchanged = 0;  // The same as in the catalogue.
  uint64_t hidden = 0;     // No longer in the feed.
  std::vector<std::string> rejections;
  // Validators of the feed that was swapped in; verbatim.
  std::string etag;
  std::string last_modified;

  friend bool operator==(const FeedState&, const FeedState&) = default;
};

std::string EncodeFeedState(const FeedState& state);
// Fails with kCorruption when the bytes are not ours.
Result<FeedState> DecodeFeedState(std::string_view bytes);

// Of everything that decides what a run would do (not of how often it runs).
uint64_t FeedSettingsHash(const FeedSettings& settings);

// Nothing: no feed is scheduled.
std::optional<int64_t> FeedDueAtMs(const FeedSettings& settings, const std::optional<FeedState>& last);

// The answer of GET /v1/feed.
std::string FeedStateToJson(const FeedSettings& settings, const std::optional<FeedState>& last);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_FEED_STATE_H_
