// Fetches a feed into a file, and says whether it is the one that is already known.
//
//   Fetch({url, etag, last_modified}, "feed.download")  =>  200: the file, its validators and its time
//                                                       =>  304: nothing was written
//
// Addresses are judged as server/outgoing_transfer.h says, after a redirect too; an https address is not
// redirected to http.  Bytes are stored as sent: .gz and .xz are unpacked by the importer, with its own
// limits.
//
// Thread safety: Fetch() from one thread at a time.

#ifndef ATTUNE_SERVER_FEED_DOWNLOAD_H_
#define ATTUNE_SERVER_FEED_DOWNLOAD_H_

#include <cstdint>
#include <functional>
#include <string>

#include "base/status.h"

namespace attune::server {

// Bytes of one feed as sent.  A million products are about 500 MB, 50 MB packed.
inline constexpr int64_t kFeedStoredBytesMax = int64_t{1} << 30;
inline constexpr int64_t kFeedRedirectsMax = 5;
inline constexpr int64_t kFeedConnectMs = 15'000;
// A transfer slower than this for kFeedSlowSeconds is given up.
inline constexpr int64_t kFeedBytesPerSecondMin = 1'000;
inline constexpr int64_t kFeedSlowSeconds = 60;
// Of a whole transfer.
inline constexpr int64_t kFeedTransferSeconds = 3'600;

struct FeedRequest {
  std::string url;
  std::string etag;           // Of the feed that is known; empty: unknown.
  std::string last_modified;  // The same.
};

struct FeedDownload {
  bool is_unchanged = false;  // 304.
  uint32_t http_status = 0;
  uint64_t stored_bytes = 0;
  std::string etag;
  std::string last_modified;
  int64_t made_at_ms = 0;  // Last-Modified as a time; 0: not said.
};

class FeedFetcher {
 public:
  virtual ~FeedFetcher() = default;
  // Writes the body to the file at `path`.  Fails with kUnavailable when it cannot be had (`download` then
  // holds the HTTP status, if there was one) and with kResourceExhausted when it is too large.  Ends soon
  // after `is_stopping` says so.  Messages hold neither the address nor its secrets.
  virtual Status Fetch(const FeedRequest& request, const std::string& path,
                       const std::function<bool()>& is_stopping, FeedDownload& download) = 0;
};

struct FeedFetchOptions {
  bool allows_private = false;
  int64_t stored_bytes_max = kFeedStoredBytesMax;
};

class CurlFeedFetcher final : public FeedFetcher {
 public:
  explicit CurlFeedFetcher(const FeedFetchOptions& options);
  Status Fetch(const FeedRequest& request, const std::string& path, const std::function<bool()>& is_stopping,
               FeedDownload& download) override;

 private:
  const FeedFetchOptions options_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_FEED_DOWNLOAD_H_
