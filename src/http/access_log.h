// The log of the process: one JSON object per line on standard error.
//
//   {"time":"2026-01-31T09:30:00.000Z","level":"info","event":"request","request_id":"5f0c...",
//    "method":"GET","route":"/v1/shoppers/{id}","status":404,"duration_us":412,"bytes_in":0,
//    "bytes_out":213,"key":"k7f3a91c","store":"giftshop"}
//
// A request is logged by its route, never by its path: no ids of shoppers or products, no query strings, no
// addresses, no keys (only their ids).  Successes are logged at debug, refusals (4xx) at info, faults (5xx)
// at error, so that the default level stays quiet under load.
//
// Thread safety: all methods from any thread.

#ifndef ATTUNE_HTTP_ACCESS_LOG_H_
#define ATTUNE_HTTP_ACCESS_LOG_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace attune::http {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError, kOff };

// "debug", "info", "warning", "error", "off".
std::optional<LogLevel> ParseLogLevel(std::string_view text);

struct AccessEntry {
  std::string_view request_id = {};
  std::string_view method = {};
  std::string_view route = {};  // Empty: none took it.
  int status = 0;
  int64_t duration_us = 0;
  size_t bytes_in = 0;
  size_t bytes_out = 0;
  std::string_view key_id = {};
  std::string_view store_id = {};
  std::string_view fault = {};  // For a 5xx: what happened, which the client is not told.
};

class AccessLog {
 public:
  // Writes to standard error.  `clock` must outlive the log.
  AccessLog(LogLevel level, const Clock& clock);
  // Writes whole lines to `sink` instead: for tests.  It must outlive the log, and is called by one thread at
  // a time.
  AccessLog(LogLevel level, const Clock& clock, std::string* sink);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  void Request(const AccessEntry& entry);

  // Anything else that an operator should know: "store opened", "training failed".
  using Fields = std::vector<std::pair<std::string_view, std::string>>;
  void Write(LogLevel level, std::string_view event, const Fields& fields = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attune::http

#endif  // ATTUNE_HTTP_ACCESS_LOG_H_
