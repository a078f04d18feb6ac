// A request and its answer, as plain values: no room needs to know which library carries them.
//
// Names of headers are lower case in both.  A Request that a Handler sees is whole and checked: its body has
// been read and decompressed within its limit, its query string is decoded, its request_id is set.
//
// Thread safety: value types.

#ifndef ATTUNE_HTTP_MESSAGE_H_
#define ATTUNE_HTTP_MESSAGE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attune::http {

struct Field {
  std::string name;
  std::string value;

  friend bool operator==(const Field&, const Field&) = default;
};

struct Request {
  std::string method;  // "GET"; as sent, methods are case-sensitive.
  std::string
      path;  // "/v1/products/a%2Fb": begins with '/', still percent-encoded, without the query string.
  std::vector<Field> query;  // Decoded, in the order sent.
  std::vector<Field> headers;
  std::string body;
  std::string peer_address;  // "127.0.0.1", "::1"; of the connection, whatever headers claim.
  int64_t received_at_ms = 0;
  std::string request_id;

  // The first header or parameter of that name; empty when there is none.  REQUIRES: header names in lower
  // case.
  std::string_view Header(std::string_view name) const { return Find(headers, name); }
  std::string_view Parameter(std::string_view name) const { return Find(query, name); }
  bool HasHeader(std::string_view name) const { return Has(headers, name); }
  bool HasParameter(std::string_view name) const { return Has(query, name); }

 private:
  static std::string_view Find(const std::vector<Field>& fields, std::string_view name) {
    for (const Field& field : fields) {
      if (field.name == name) return field.value;
    }
    return {};
  }
  static bool Has(const std::vector<Field>& fields, std::string_view name) {
    for (const Field& field : fields) {
      if (field.name == name) return true;
    }
    return false;
  }
};

struct Response {
  int status = 200;
  // Not: content-length, connection, date, x-request-id; those are the listener's.
  std::vector<Field> headers;
  std::string body;
  bool close_connection = false;

  void SetHeader(std::string name, std::string value) {
    for (Field& field : headers) {
      if (field.name == name) {
        field.value = std::move(value);
        return;
      }
    }
    headers.push_back({std::move(name), std::move(value)});
  }
  std::string_view Header(std::string_view name) const {
    for (const Field& field : headers) {
      if (field.name == name) return field.value;
    }
    return {};
  }
};

inline Response JsonResponse(int status, std::string body) {
  return {status, {{"content-type", "application/json"}}, std::move(body), false};
}

// Answers a request by calling `respond` once, from any thread, before or after the handler returns.
// `request` lives until `respond` was called.  A second call is ignored; a `respond` that is dropped without
// a call answers 500, so a forgotten request never hangs its client.
using Respond = std::function<void(Response)>;
using Handler = std::function<void(const Request& request, Respond respond)>;

}  // namespace attune::http

#endif  // ATTUNE_HTTP_MESSAGE_H_
