// What a client is told when something went wrong: one table of codes, one shape.
//
//   {"error":{"code":"invalid_argument","message":"price is negative: -3","field":"products[2].price",
//             "doc":"/docs/errors#invalid_argument","request_id":"5f0c..."}}
//
// `field` is null when no single field is at fault.  Codes are part of the API: they are never renamed.  What
// each one means and what to do about it is the table's text, served at /docs/errors and kept in
// docs/api/errors.md.
//
// Bad input is a 4xx; a 5xx says that the same request may work later (503, always with Retry-After) or that
// the fault is ours (500).
//
// Thread safety: pure functions.

#ifndef ATTUNE_HTTP_ERROR_RESPONSE_H_
#define ATTUNE_HTTP_ERROR_RESPONSE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/message.h"

namespace attune::http {

enum class ErrorCode : uint8_t {
  kInvalidArgument,
  kMalformedRequest,
  kMalformedJson,
  kMissingKey,
  kInvalidKey,
  kExpiredKey,
  kInvalidIdentityToken,
  kPermissionDenied,
  kOriginNotAllowed,
  kNotFound,
  kUnknownRoute,
  kMethodNotAllowed,
  kRequestTimeout,
  kConflict,
  kPreconditionFailed,
  kBodyTooLarge,
  kUnsupportedEncoding,
  kExpectationFailed,
  kIdempotencyKeyReused,
  kRateLimited,
  kResourceExhausted,
  kHeadersTooLarge,
  kInternal,
  kCorruption,
  kOverloaded,
  kUnavailable,
};

struct ErrorEntry {
  ErrorCode code;
  std::string_view name;    // "invalid_argument"
  int status;               // Of the HTTP answer.
  int retry_after_seconds;  // Sent as Retry-After; 0: not sent, the request is not worth repeating as it is.
  std::string_view meaning;
  std::string_view remedy;
};

// In the order of their HTTP status.
std::span<const ErrorEntry> ErrorTable();
const ErrorEntry& FindError(ErrorCode code);

// The one place where a StatusCode becomes an error of the API.  REQUIRES: code != kOk.
ErrorCode ErrorOf(StatusCode code);

// `retry_after_seconds` 0: the table's.
Response ErrorResponse(ErrorCode code, std::string_view message, std::string_view field,
                       std::string_view request_id, int retry_after_seconds = 0);
// REQUIRES: !status.ok().  The message of an internal error stays in the log: the client is given its request
// id.
Response ErrorResponse(const Status& status, std::string_view request_id);

// The table as pages: docs/api/errors.md, and what /docs/errors serves.
std::string ErrorsMarkdown();
std::string ErrorsHtml();

// "Not Found"; "Unknown" for a status we never send.
std::string_view ReasonPhrase(int status);

}  // namespace attune::http

#endif  // ATTUNE_HTTP_ERROR_RESPONSE_H_
