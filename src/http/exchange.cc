#include "http/exchange.h"

#include "http/wire.h"

namespace attune::http {
namespace {

constexpr char kExposedHeaders[] = "x-request-id, retry-after, etag";

// Whether a repeat of the request should be carried out again rather than be told the same: it was refused
// for a reason that passes, or failed.
bool IsWorthRepeating(int status) {
  return status >= 500 || status == 429 || status == 401 || status == 403 || status == 408;
}

}  // namespace

void Exchange::Finish(Response response) {
  if (is_finished_.exchange(true, std::memory_order_acq_rel)) return;
  if (!idempotency_key.empty()) {
    if (IsWorthRepeating(response.status)) {
      services_.idempotency->Abandon(idempotency_key);
    } else {
      services_.idempotency->Finish(idempotency_key, response);
    }
  }
  if (!allowed_origin.empty()) {
    response.SetHeader("access-control-allow-origin", allowed_origin);
    response.SetHeader("access-control-expose-headers", kExposedHeaders);
    response.SetHeader("vary", "Origin");
  }
  const int64_t duration_us = services_.clock->SteadyMicros() - started_us_;
  services_.metrics->CountRequest(route_index, response.status, duration_us);
  services_.log->Request({.request_id = request.request_id,
                          .method = request.method,
                          .route = route == nullptr ? std::string_view() : std::string_view(route->pattern),
                          .status = response.status,
                          .duration_us = duration_us,
                          .bytes_in = request.body.size(),
                          .bytes_out = response.body.size(),
                          .key_id = caller.key_id,
                          .store_id = store_id,
                          .fault = fault_});
  respond_(std::move(response));
}

void Exchange::Fail(ErrorCode code, std::string_view message, std::string_view field,
                    int retry_after_seconds) {
  Finish(ErrorResponse(code, message, field, request.request_id, retry_after_seconds));
}

void Exchange::Fail(const Status& status) {
  if (FindError(ErrorOf(status.code())).status >= 500) fault_ = status.message();
  if (status.code() == StatusCode::kConflict && has_precondition) {
    return Fail(ErrorCode::kPreconditionFailed, status.message(), status.field());
  }
  Finish(ErrorResponse(status, request.request_id));
}

Done Exchange::MakeDone() {
  return [self = shared_from_this()](Result<Answer> result) { self->FinishAnswer(std::move(result)); };
}

void Exchange::FinishAnswer(Result<Answer> result) {
  if (!result.ok()) return Fail(result.status());
  Answer& answer = *result;
  Response response;
  response.status = answer.status;
  if (!answer.etag.empty()) response.SetHeader("etag", '"' + answer.etag + '"');
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  if (is_read && !answer.etag.empty() &&
      HasToken(request.Header("if-none-match"), LowerCase('"' + answer.etag + '"'))) {
    response.status = 304;
  } else if (answer.status != 204) {
    response.SetHeader("content-type", "application/json");
    response.body = std::move(answer.body);
  }
  response.SetHeader("cache-control", answer.etag.empty() ? "no-store" : "no-cache");
  Finish(std::move(response));
}

}  // namespace attune::http
