#include "server/feed_download.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "server/outgoing_transfer.h"

namespace attune::server {
namespace {

// What the callbacks of one transfer share.
struct Transfer {
  const OutgoingTransfer* outgoing = nullptr;
  std::FILE* file = nullptr;
  const FeedFetchOptions* options = nullptr;
  FeedDownload* download = nullptr;
  bool is_too_large = false;
  bool is_disk_full = false;
};

size_t OnBody(char* bytes, size_t /*one*/, size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (transfer.outgoing->status() != 200) return size;  // The page of an error or a redirect is not the feed.
  transfer.download->stored_bytes += size;
  transfer.is_too_large =
      transfer.download->stored_bytes > static_cast<uint64_t>(transfer.options->stored_bytes_max);
  if (transfer.is_too_large) return 0;
  const size_t written = std::fwrite(bytes, 1, size, transfer.file);
  transfer.is_disk_full = written < size;
  return written;
}

size_t OnHeader(char* bytes, size_t /*one*/, size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::string_view line(bytes, size);
  if (line.starts_with("HTTP/")) {  // Another answer begins: what the one before said does not count.
    transfer.download->etag.clear();
    transfer.download->last_modified.clear();
    return size;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::string_view value = line.substr(colon + 1);
  const size_t first = value.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return size;
  value = value.substr(first, value.find_last_not_of(" \t\r\n") - first + 1);
  static constexpr size_t kValidatorBytesMax = 512;
  if (value.size() > kValidatorBytesMax) return size;
  if (name == "etag") transfer.download->etag = value;
  if (name == "last-modified") transfer.download->last_modified = value;
  return size;
}

void Prepare(CURL* curl, const FeedRequest& request, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR,
                   request.url.starts_with("https://") ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, static_cast<long>(kFeedRedirectsMax));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kFeedConnectMs));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(kFeedTransferSeconds));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(kFeedBytesPerSecondMin));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(kFeedSlowSeconds));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
}

Status StatusOf(CURLcode code, const FeedRequest& request, const Transfer& transfer) {
  if (transfer.is_too_large) return ResourceExhausted("the feed is larger than the server takes");
  if (transfer.is_disk_full) return Unavailable("the feed cannot be written to the disk");
  if (transfer.outgoing->is_address_refused()) {
    return Unavailable(
        "the feed's address is not a public one; attune serve --private-feeds allows private networks");
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) return Unavailable("the server is stopping");
  if (code != CURLE_OK) {
    return Unavailable(std::string("the feed was not fetched: ") + curl_easy_strerror(code));
  }
  const uint32_t status = transfer.download->http_status;
  const bool has_validator = !request.etag.empty() || !request.last_modified.empty();
  if (status != 200 && !(status == 304 && has_validator)) {
    return Unavailable("the feed's server answered with status " + std::to_string(status));
  }
  return Status();
}

}  // namespace

CurlFeedFetcher::CurlFeedFetcher(const FeedFetchOptions& options) : options_(options) {}

Status CurlFeedFetcher::Fetch(const FeedRequest& request, const std::string& path,
                              const std::function<bool()>& is_stopping, FeedDownload& download) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"), &std::fclose);
  if (!file) return Unavailable("the feed cannot be written to the disk");
  OutgoingTransfer outgoing(request.url, options_.allows_private, is_stopping);
  Transfer transfer{.outgoing = &outgoing, .file = file.get(), .options = &options_, .download = &download};
  Prepare(outgoing.curl(), request, transfer);
  if (!request.etag.empty()) outgoing.AddHeader("If-None-Match: " + request.etag);
  if (!request.last_modified.empty()) outgoing.AddHeader("If-Modified-Since: " + request.last_modified);
  const CURLcode code = outgoing.Perform();
  download.http_status = static_cast<uint32_t>(std::max(outgoing.status(), 0L));
  RETURN_IF_ERROR(StatusOf(code, request, transfer));
  if (std::fflush(file.get()) != 0) return Unavailable("the feed cannot be written to the disk");
  download.is_unchanged = download.http_status == 304;
  if (!download.last_modified.empty()) {
    const time_t made_at = curl_getdate(download.last_modified.c_str(), nullptr);
    if (made_at > 0) download.made_at_ms = static_cast<int64_t>(made_at) * kSecondMs;
  }
  return Status();
}

}  // namespace attune::server
