// A request over HTTP to an address that a store's settings name: feeds and embeddings are fetched with it.
//
//   OutgoingTransfer transfer(url, allows_private, is_stopping);
//   curl_easy_setopt(transfer.curl(), CURLOPT_WRITEFUNCTION, ..);     what is the caller's own: time, size,
//   body const CURLcode code = transfer.Perform();
//
// http and https only.  Proxies and passwords of the environment are not used, certificates are checked.
//
// Addresses.  Whoever may change a store's settings must not reach, through the server, what only the server
// can reach.  So connections go to public addresses, judged after the name was resolved and again for each
// redirect.  `allows_private` lifts this for private and loopback addresses (10/8, 172.16/12, 192.168/16,
// 100.64/10, 127/8, fc00::/7, ::1): the operator's decision (`attune serve --private-feeds`).  Link-local
// addresses (169.254/16, fe80::/10), where clouds keep their credentials, and addresses of no single machine
// are never connected to.
//
// Thread safety: one thread at a time; KindOfAddress is pure.

#ifndef ATTUNE_SERVER_OUTGOING_TRANSFER_H_
#define ATTUNE_SERVER_OUTGOING_TRANSFER_H_

#include <curl/curl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace attune::server {

enum class AddressKind : uint8_t { kPublic, kPrivate, kForbidden };
// Of an IPv4 or IPv6 address; other families are forbidden.  An IPv6 address that carries an IPv4 one
// (::ffff:0:0/96, 64:ff9b::/96, 2002::/16) is judged as the latter.
AddressKind KindOfAddress(const sockaddr& address);

class OutgoingTransfer {
 public:
  // `is_stopping` must outlive the transfer, which ends soon after it says so (CURLE_ABORTED_BY_CALLBACK).
  OutgoingTransfer(const std::string& url, bool allows_private, const std::function<bool()>& is_stopping);

  OutgoingTransfer(const OutgoingTransfer&) = delete;
  OutgoingTransfer& operator=(const OutgoingTransfer&) = delete;

  CURL* curl() const { return curl_.get(); }
  void AddHeader(const std::string& line);
  CURLcode Perform();
  // Of the answer that came last; 0: none has.
  long status() const;
  // It failed because the address is not one to connect to.
  bool is_address_refused() const { return is_address_refused_; }

 private:
  static curl_socket_t OpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  const bool allows_private_;
  const std::function<bool()>& is_stopping_;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr, &curl_slist_free_all};
  bool is_address_refused_ = false;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_OUTGOING_TRANSFER_H_
