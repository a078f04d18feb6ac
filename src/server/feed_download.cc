#include "server/feed_download.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/clock.h"

namespace attune::server {
namespace {

// What the callbacks of one transfer share.
struct Transfer {
  CURL* curl = nullptr;
  std::FILE* file = nullptr;
  const FeedFetchOptions* options = nullptr;
  const std::function<bool()>* is_stopping = nullptr;
  FeedDownload* download = nullptr;
  bool is_too_large = false;
  bool is_address_refused = false;
  bool is_disk_full = false;
};

AddressKind KindOfV4(uint32_t address) {
  const auto is_in = [address](uint32_t network, int bits) {
    return (address >> (32 - bits)) == (network >> (32 - bits));
  };
  if (is_in(0x00000000, 8) || is_in(0xA9FE0000, 16) || is_in(0xE0000000, 3)) return AddressKind::kForbidden;
  if (is_in(0x0A000000, 8) || is_in(0xAC100000, 12) || is_in(0xC0A80000, 16) || is_in(0x64400000, 10) ||
      is_in(0x7F000000, 8)) {
    return AddressKind::kPrivate;
  }
  return AddressKind::kPublic;
}

uint32_t BigEndian32(const uint8_t* bytes) {
  return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
         static_cast<uint32_t>(bytes[2]) << 8 | static_cast<uint32_t>(bytes[3]);
}

AddressKind KindOfV6(const uint8_t (&bytes)[16]) {
  static constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  static constexpr uint8_t kNat64[12] = {0, 0x64, 0xFF, 0x9B};
  static constexpr uint8_t kZeros[15] = {};
  if (std::memcmp(bytes, kMapped, 12) == 0 || std::memcmp(bytes, kNat64, 12) == 0) {
    return KindOfV4(BigEndian32(bytes + 12));
  }
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return KindOfV4(BigEndian32(bytes + 2));  // 6to4.
  if (std::memcmp(bytes, kZeros, 15) == 0) {
    return bytes[15] == 1 ? AddressKind::kPrivate : AddressKind::kForbidden;
  }
  const bool is_link_local = bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80;
  if (is_link_local || bytes[0] == 0xFF) return AddressKind::kForbidden;
  if ((bytes[0] & 0xFE) == 0xFC) return AddressKind::kPrivate;
  // Site-local addresses are no longer given, and still routed in old networks.
  if (bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0xC0) return AddressKind::kPrivate;
  return AddressKind::kPublic;
}

curl_socket_t OpenSocket(void* context, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(context);
  const AddressKind kind = KindOfAddress(address->addr);
  const bool is_allowed =
      kind == AddressKind::kPublic || (kind == AddressKind::kPrivate && transfer.options->allows_private);
  if (!is_allowed) {
    transfer.is_address_refused = true;
    return CURL_SOCKET_BAD;
  }
  transfer.is_address_refused = false;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

size_t OnBody(char* bytes, size_t /*one*/, size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  long status = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return size;  // The page of an error or a redirect is not the feed.
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

int OnProgress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<Transfer*>(context)->is_stopping)() ? 1 : 0;
}

void Prepare(CURL* curl, const FeedRequest& request, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR,
                   request.url.starts_with("https://") ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, static_cast<long>(kFeedRedirectsMax));
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "attune");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kFeedConnectMs));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(kFeedTransferSeconds));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(kFeedBytesPerSecondMin));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(kFeedSlowSeconds));
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
}

Status StatusOf(CURLcode code, const FeedRequest& request, const Transfer& transfer) {
  if (transfer.is_too_large) return ResourceExhausted("the feed is larger than the server takes");
  if (transfer.is_disk_full) return Unavailable("the feed cannot be written to the disk");
  if (transfer.is_address_refused) {
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

AddressKind KindOfAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof(v4));
    return KindOfV4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof(v6));
    return KindOfV6(v6.sin6_addr.s6_addr);
  }
  return AddressKind::kForbidden;
}

CurlFeedFetcher::CurlFeedFetcher(const FeedFetchOptions& options) : options_(options) {
  static const CURLcode kInitialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(kInitialised == CURLE_OK);
}

Status CurlFeedFetcher::Fetch(const FeedRequest& request, const std::string& path,
                              const std::function<bool()>& is_stopping, FeedDownload& download) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"), &std::fclose);
  if (!file) return Unavailable("the feed cannot be written to the disk");
  Transfer transfer{.curl = curl.get(),
                    .file = file.get(),
                    .options = &options_,
                    .is_stopping = &is_stopping,
                    .download = &download};
  Prepare(curl.get(), request, transfer);
  curl_slist* headers = nullptr;
  if (!request.etag.empty()) headers = curl_slist_append(headers, ("If-None-Match: " + request.etag).c_str());
  if (!request.last_modified.empty()) {
    headers = curl_slist_append(headers, ("If-Modified-Since: " + request.last_modified).c_str());
  }
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> owned(headers, &curl_slist_free_all);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers);
  const CURLcode code = curl_easy_perform(curl.get());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  download.http_status = static_cast<uint32_t>(std::max(status, 0L));
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
