#include "http/error_response.h"

#include <array>
#include <cstddef>
#include <string>

#include "base/json_writer.h"
#include "http/limits.h"

namespace attune::http {
namespace {

constexpr ErrorEntry kErrors[] = {
    {ErrorCode::kInvalidArgument, "invalid_argument", 400, 0,
     "A value of the request is wrong: `field` says which, `message` says why. Nothing was changed.",
     "Correct the field. Repeating the request as it is fails again."},
    {ErrorCode::kMalformedRequest, "malformed_request", 400, 0,
     "The bytes are no HTTP/1.1 request: broken request line, header, chunk, percent-encoding or compressed "
     "body.",
     "Use an HTTP client library, and percent-encode ids in paths."},
    {ErrorCode::kMalformedJson, "malformed_json", 400, 0,
     "The body is no JSON that can be read: syntax, invalid UTF-8, a NUL character, or more than 32 levels "
     "of nesting.",
     "Serialize the body with a JSON library, in UTF-8."},
    {ErrorCode::kMissingKey, "missing_key", 401, 0,
     "The route needs an API key and the request carries none.",
     "Send `Authorization: Bearer KEY`. `attune keys create` makes a key."},
    {ErrorCode::kInvalidKey, "invalid_key", 401, 0, "The API key is unknown, or was revoked.",
     "Check for a truncated key; `attune keys list` shows which keys exist."},
    {ErrorCode::kExpiredKey, "expired_key", 401, 0, "The API key was valid until a time that has passed.",
     "Rotate it with `attune keys rotate` and deploy the new value."},
    {ErrorCode::kInvalidIdentityToken, "invalid_identity_token", 401, 0,
     "The identity token is malformed, expired, or not signed with the store's identity secret.",
     "Have the shop's server sign a fresh token for the signed-in customer, or leave the token out: the "
     "request is "
     "then anonymous."},
    {ErrorCode::kPermissionDenied, "permission_denied", 403, 0,
     "The key is valid but may not do this: it is a public key, or lacks the scope.",
     "Use a secret key with the scope that the route names, on a server and never in a browser."},
    {ErrorCode::kOriginNotAllowed, "origin_not_allowed", 403, 0,
     "The public key may not be used by pages of this origin.",
     "Add the origin (scheme, host and port) to the key's allowed origins."},
    {ErrorCode::kNotFound, "not_found", 404, 0, "The thing that the path names does not exist in this store.",
     "Check the id, and that the key belongs to the store you mean."},
    {ErrorCode::kUnknownRoute, "unknown_route", 404, 0, "The server has no such path.",
     "Compare the path with /openapi.json."},
    {ErrorCode::kMethodNotAllowed, "method_not_allowed", 405, 0,
     "The path exists, but not with this method; the `Allow` header lists the ones it has.",
     "Use one of the methods in `Allow`."},
    {ErrorCode::kRequestTimeout, "request_timeout", 408, 0,
     "The request did not arrive in time: 10 seconds for the headers, 30 seconds for each 4 MB of body.",
     "Send smaller batches, or repeat on a better connection."},
    {ErrorCode::kConflict, "conflict", 409, 0,
     "The request is well formed, but what is stored does not allow it now.",
     "Read the current state, decide again, and repeat."},
    {ErrorCode::kPreconditionFailed, "precondition_failed", 412, 0,
     "`If-Match` or `If-None-Match` does not hold: somebody changed the document since it was read.",
     "Read it again, apply the change to what is there, and send it with the new ETag."},
    {ErrorCode::kBodyTooLarge, "body_too_large", 413, 0,
     "The body, after decompression, is larger than the route takes: 4 MB, 64 MB for product batches, 256 kB "
     "for "
     "configuration.",
     "Send the events or products in several requests."},
    {ErrorCode::kUnsupportedEncoding, "unsupported_encoding", 415, 0,
     "The body is compressed in a way the server does not read.",
     "Send it plain or with `Content-Encoding: gzip`."},
    {ErrorCode::kExpectationFailed, "expectation_failed", 417, 0,
     "`Expect` asks for something else than 100-continue.", "Leave the header out."},
    {ErrorCode::kIdempotencyKeyReused, "idempotency_key_reused", 422, 0,
     "The `Idempotency-Key` was used for a different request before.",
     "Use a new key for every new request."},
    {ErrorCode::kRateLimited, "rate_limited", 429, 1,
     "The key, the address or the store sent more requests than it may.",
     "Wait for `Retry-After` seconds, then go on more slowly; batch events."},
    {ErrorCode::kResourceExhausted, "resource_exhausted", 429, 1,
     "A stated limit of the store was reached; the message names it. Nothing was changed.",
     "Wait for `Retry-After` seconds and repeat, or raise the limit."},
    {ErrorCode::kHeadersTooLarge, "headers_too_large", 431, 0,
     "Request line and headers are larger than 16 kB, or there are more than 100 headers.",
     "Send fewer cookies, or put long values into the body."},
    {ErrorCode::kInternal, "internal", 500, 0,
     "A fault of the server. The log has the details under the request id.",
     "Report it with the request id."},
    {ErrorCode::kCorruption, "corruption", 500, 0,
     "Stored data is not what the server wrote. The log has the details under the request id.",
     "Run `attune doctor`; restore a backup if it says so."},
    {ErrorCode::kOverloaded, "overloaded", 503, kOverloadRetryAfterSeconds,
     "The server has as many connections, requests or bytes in hand as it may. Nothing was changed.",
     "Wait for `Retry-After` seconds and repeat."},
    {ErrorCode::kUnavailable, "unavailable", 503, 1,
     "The server is starting, stopping, or cannot write (the disk is full). Nothing was changed.",
     "Wait for `Retry-After` seconds and repeat; look at /readyz if it lasts."},
};

struct StatusError {
  StatusCode status;
  ErrorCode error;
};

constexpr StatusError kStatusErrors[] = {
    {StatusCode::kInvalidArgument, ErrorCode::kInvalidArgument},
    {StatusCode::kNotFound, ErrorCode::kNotFound},
    {StatusCode::kConflict, ErrorCode::kConflict},
    {StatusCode::kResourceExhausted, ErrorCode::kResourceExhausted},
    {StatusCode::kUnavailable, ErrorCode::kUnavailable},
    {StatusCode::kCorruption, ErrorCode::kCorruption},
    {StatusCode::kInternal, ErrorCode::kInternal},
    {StatusCode::kPermissionDenied, ErrorCode::kPermissionDenied},
};

struct Phrase {
  int status;
  std::string_view phrase;
};

constexpr Phrase kPhrases[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {302, "Found"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

void AppendHtmlText(std::string_view text, std::string& out) {
  bool in_code = false;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '`':
        out += in_code ? "</code>" : "<code>";
        in_code = !in_code;
        break;
      default:
        out += c;
    }
  }
}

}  // namespace

std::span<const ErrorEntry> ErrorTable() { return kErrors; }

const ErrorEntry& FindError(ErrorCode code) {
  const ErrorEntry& entry = kErrors[static_cast<size_t>(code)];
  CHECK(entry.code == code);
  return entry;
}

ErrorCode ErrorOf(StatusCode code) {
  for (const StatusError& entry : kStatusErrors) {
    if (entry.status == code) return entry.error;
  }
  CHECK(code == StatusCode::kInternal);  // kOk is no error, and every other code is in the table.
  return ErrorCode::kInternal;
}

Response ErrorResponse(ErrorCode code, std::string_view message, std::string_view field,
                       std::string_view request_id, int retry_after_seconds) {
  const ErrorEntry& entry = FindError(code);
  JsonWriter json;
  json.BeginObject().Key("error").BeginObject();
  json.Key("code").String(entry.name).Key("message").String(message).Key("field");
  if (field.empty()) {
    json.Null();
  } else {
    json.String(field);
  }
  json.Key("doc").String("/docs/errors#" + std::string(entry.name));
  json.Key("request_id").String(request_id).EndObject().EndObject();
  Response response = JsonResponse(entry.status, json.TakeText());
  const int retry_after = retry_after_seconds > 0 ? retry_after_seconds : entry.retry_after_seconds;
  if (retry_after > 0) response.SetHeader("retry-after", std::to_string(retry_after));
  if (entry.status == 401) response.SetHeader("www-authenticate", "Bearer");
  response.SetHeader("cache-control", "no-store");
  return response;
}

Response ErrorResponse(const Status& status, std::string_view request_id) {
  const ErrorCode code = ErrorOf(status.code());
  const bool is_ours = FindError(code).status == 500;
  std::string_view message = status.message();
  if (is_ours) message = "a fault of the server; see its log";
  return ErrorResponse(code, message, status.field(), request_id);
}

std::string ErrorsMarkdown() {
  std::string page =
      "# Errors\n\n"
      "Every answer that is no success has this body:\n\n"
      "```json\n"
      "{\"error\": {\"code\": \"invalid_argument\", \"message\": \"price is negative: -3\",\n"
      "           \"field\": \"products[2].price\", \"doc\": \"/docs/errors#invalid_argument\", "
      "\"request_id\": \"5f0c9d3e7a1b2c48\"}}\n"
      "```\n\n"
      "`code` is stable: programs branch on it. `message` is for people and may change. `field` is the path "
      "of the\n"
      "value at fault, or null. `request_id` is also the `x-request-id` header of the answer; quote it in "
      "reports.\n"
      "A 4xx changed nothing. A 429 or 503 has a `Retry-After` header with seconds.\n\n"
      "This page is made from the table in `src/http/error_response.cc`; a test holds them together.\n";
  for (const ErrorEntry& entry : kErrors) {
    page += "\n## " + std::string(entry.name) + "\n\n";
    page += "HTTP " + std::to_string(entry.status) + ". " + std::string(entry.meaning) + "\n\n";
    page += std::string(entry.remedy) + "\n";
  }
  return page;
}

std::string ErrorsHtml() {
  std::string page =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>attune: errors</title>"
      "<style>body{font:16px/1.5 system-ui;max-width:44em;margin:2em auto;padding:0 1em}"
      "h2{font-family:monospace;margin-top:2em}:target{background:#ffc}</style><h1>Errors</h1>";
  for (const ErrorEntry& entry : kErrors) {
    const std::string name(entry.name);
    page += "<h2 id=\"" + name + "\">" + name + "</h2><p>HTTP " + std::to_string(entry.status) + ". ";
    AppendHtmlText(entry.meaning, page);
    page += "</p><p>";
    AppendHtmlText(entry.remedy, page);
    page += "</p>";
  }
  page += "</html>\n";
  return page;
}

std::string_view ReasonPhrase(int status) {
  for (const Phrase& entry : kPhrases) {
    if (entry.status == status) return entry.phrase;
  }
  return "Unknown";
}

}  // namespace attune::http
