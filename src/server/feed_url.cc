#include "server/feed_url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace attune::server {
namespace {

constexpr std::string_view kMask = "***";

}  // namespace

Status CheckFeedUrl(const std::string& url) {
  if (url.empty()) return Status();
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return InvalidArgument("must begin with http:// or https://");
  }
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return InvalidArgument("is not an address");
  }
  return Status();
}

std::string MaskFeedUrl(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const size_t host = scheme + 3;
  const size_t path = std::min(url.find_first_of("/?#", host), url.size());
  std::string masked(url.substr(0, host));
  std::string_view authority = url.substr(host, path - host);
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, std::min(at, authority.find(':')));
    masked.append(user);
    if (user.size() < at) masked.append(":").append(kMask);
    authority.remove_prefix(at);
  }
  masked.append(authority);
  const size_t query = std::min(url.find('?', path), url.size());
  masked.append(url.substr(path, query - path));
  // Every parameter may be a token; names stay, so that the address is still recognised.
  std::string_view rest = url.substr(query);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of("&#", 1), rest.size());
    const std::string_view parameter = rest.substr(0, end);
    const size_t equals = parameter.find('=');
    masked.append(parameter.substr(0, equals == std::string_view::npos ? 1 : equals + 1)).append(kMask);
    rest.remove_prefix(end);
  }
  return masked;
}

std::string UnmaskFeedUrl(std::string given, const std::string& stored) {
  return given == MaskFeedUrl(stored) ? stored : std::move(given);
}

}  // namespace attune::server
