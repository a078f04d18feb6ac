#include "server/outgoing_transfer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "base/status.h"

namespace attune::server {
namespace {

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

CURL* MakeCurl() {
  static const CURLcode kInitialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(kInitialised == CURLE_OK);
  CURL* const curl = curl_easy_init();
  CHECK(curl != nullptr);
  return curl;
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

OutgoingTransfer::OutgoingTransfer(const std::string& url, bool allows_private,
                                   const std::function<bool()>& is_stopping)
    : allows_private_(allows_private), is_stopping_(is_stopping), curl_(MakeCurl(), &curl_easy_cleanup) {
  curl_easy_setopt(curl(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl(), CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl(), CURLOPT_USERAGENT, "attune");
  curl_easy_setopt(curl(), CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  curl_easy_setopt(curl(), CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(curl(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl(), CURLOPT_XFERINFOFUNCTION, &OnProgress);
  curl_easy_setopt(curl(), CURLOPT_XFERINFODATA, this);
}

void OutgoingTransfer::AddHeader(const std::string& line) {
  headers_.reset(curl_slist_append(headers_.release(), line.c_str()));
  CHECK(headers_ != nullptr);
}

CURLcode OutgoingTransfer::Perform() {
  curl_easy_setopt(curl(), CURLOPT_HTTPHEADER, headers_.get());
  return curl_easy_perform(curl());
}

long OutgoingTransfer::status() const {
  long status = 0;
  curl_easy_getinfo(curl(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

curl_socket_t OutgoingTransfer::OpenSocket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& transfer = *static_cast<OutgoingTransfer*>(self);
  const AddressKind kind = KindOfAddress(address->addr);
  transfer.is_address_refused_ =
      kind != AddressKind::kPublic && !(kind == AddressKind::kPrivate && transfer.allows_private_);
  if (transfer.is_address_refused_) return CURL_SOCKET_BAD;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int OutgoingTransfer::OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<OutgoingTransfer*>(self)->is_stopping_() ? 1 : 0;
}

}  // namespace attune::server
