// The outcome of an operation that can fail for a reason outside the program.
//
// Operating errors (bad input, missing file, full disk) are values: Status, or Result<T> when there is
// something to return.  Programmer errors are not: they are CHECKs, and they end the process.  A Status about
// input names the field at fault ("products[2].price"), so that an answer can point at it.
//
// Thread safety: value types; const methods may be called from any thread.

#ifndef ATTUNE_BASE_STATUS_H_
#define ATTUNE_BASE_STATUS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace attune {

// Kept small on purpose: a code says how the caller must react, the message says what happened.
// Every code maps to exactly one HTTP status in http/error_response.cc.
enum class StatusCode : uint8_t {
  kOk = 0,
  kInvalidArgument = 1,    // The request is wrong and will stay wrong.
  kNotFound = 2,           // The named thing does not exist.
  kConflict = 3,           // The request is right but the state has moved on.
  kResourceExhausted = 4,  // A stated limit was reached; retry later or raise the limit.
  kUnavailable = 5,        // Starting, draining, or no space to write; retry.
  kCorruption = 6,         // Stored bytes are not what we wrote.
  kInternal = 7,           // A bug we chose to survive.
  kPermissionDenied = 8,   // The key does not allow it.
};

class [[nodiscard]] Status {
 public:
  Status() noexcept = default;
  Status(StatusCode code, std::string message, std::string field = {})
      : code_(code), message_(std::move(message)), field_(std::move(field)) {}

  bool ok() const noexcept { return code_ == StatusCode::kOk; }
  StatusCode code() const noexcept { return code_; }
  // Static description first, run-time values last: "unknown placement: home_hero".
  const std::string& message() const noexcept { return message_; }
  // The input field at fault, as a path ("products[2].price"); empty when no single field is.
  const std::string& field() const noexcept { return field_; }

  friend bool operator==(const Status&, const Status&) = default;

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
  std::string field_;
};

inline Status InvalidArgument(std::string message, std::string field = {}) {
  return {StatusCode::kInvalidArgument, std::move(message), std::move(field)};
}
inline Status NotFound(std::string message) { return {StatusCode::kNotFound, std::move(message)}; }
inline Status Conflict(std::string message) { return {StatusCode::kConflict, std::move(message)}; }
inline Status ResourceExhausted(std::string message) {
  return {StatusCode::kResourceExhausted, std::move(message)};
}
inline Status Unavailable(std::string message) { return {StatusCode::kUnavailable, std::move(message)}; }
inline Status Corruption(std::string message) { return {StatusCode::kCorruption, std::move(message)}; }
inline Status Internal(std::string message) { return {StatusCode::kInternal, std::move(message)}; }
inline Status PermissionDenied(std::string message, std::string field = {}) {
  return {StatusCode::kPermissionDenied, std::move(message), std::move(field)};
}

// Prints the place and the condition and ends the process.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

// Ends the process.  For conditions that only a bug can make false; stays on in release builds.
#define CHECK(condition)                                     \
  do {                                                       \
    if (!(condition)) [[unlikely]]                           \
      ::attune::CheckFailed(__FILE__, __LINE__, #condition); \
  } while (0)

// Either a T or the reason there is none.  REQUIRES: ok() before value().
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}  // NOLINT: implicit, so "return model;" works
  Result(Status status)
      : state_(std::move(status)) {  // NOLINT: implicit, so "return InvalidArgument(..);" works
    CHECK(!std::get<Status>(state_).ok());
  }

  bool ok() const noexcept { return std::holds_alternative<T>(state_); }
  Status status() const { return ok() ? Status() : std::get<Status>(state_); }
  const T& value() const& {
    CHECK(ok());
    return std::get<T>(state_);
  }
  T& value() & {
    CHECK(ok());
    return std::get<T>(state_);
  }
  T&& value() && {
    CHECK(ok());
    return std::get<T>(std::move(state_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  std::variant<T, Status> state_;
};

#define ATTUNE_CONCAT_INNER(a, b) a##b
#define ATTUNE_CONCAT(a, b) ATTUNE_CONCAT_INNER(a, b)

// Leaves the function with the Status of `expression` unless it is ok.
#define RETURN_IF_ERROR(expression)                                                                  \
  do {                                                                                               \
    if (::attune::Status attune_status_ = (expression); !attune_status_.ok()) return attune_status_; \
  } while (0)

// ASSIGN_OR_RETURN(const Product product, ParseProduct(text));
#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_INNER(ATTUNE_CONCAT(attune_result_, __LINE__), declaration, expression)
#define ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                   \
  if (!result.ok()) return result.status();                     \
  declaration = std::move(result).value()

}  // namespace attune

#endif  // ATTUNE_BASE_STATUS_H_
