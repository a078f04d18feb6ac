#include "http/access_log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <mutex>

#include "base/json_writer.h"
#include "base/time_text.h"

namespace attune::http {
namespace {

struct LevelName {
  LogLevel level;
  std::string_view name;
  spdlog::level::level_enum spdlog_level;
};

constexpr LevelName kLevels[] = {
    {LogLevel::kDebug, "debug", spdlog::level::debug},    {LogLevel::kInfo, "info", spdlog::level::info},
    {LogLevel::kWarning, "warning", spdlog::level::warn}, {LogLevel::kError, "error", spdlog::level::err},
    {LogLevel::kOff, "off", spdlog::level::off},
};

const LevelName& Describe(LogLevel level) { return kLevels[static_cast<size_t>(level)]; }

// Collects lines in a string.
class StringSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit StringSink(std::string* out) : out_(out) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    out_->append(message.payload.data(), message.payload.size());
    *out_ += '\n';
  }
  void flush_() override {}

 private:
  std::string* const out_;
};

LogLevel LevelOf(int status) {
  if (status >= 500) return LogLevel::kError;
  return status >= 400 ? LogLevel::kInfo : LogLevel::kDebug;
}

}  // namespace

std::optional<LogLevel> ParseLogLevel(std::string_view text) {
  for (const LevelName& entry : kLevels) {
    if (entry.name == text) return entry.level;
  }
  return std::nullopt;
}

struct AccessLog::State {
  State(LogLevel level, const Clock& system_clock, spdlog::sink_ptr sink)
      : clock(system_clock), logger("attune", std::move(sink)) {
    logger.set_pattern("%v");
    logger.set_level(Describe(level).spdlog_level);
    logger.flush_on(spdlog::level::warn);
  }

  bool IsOn(LogLevel level) const { return logger.should_log(Describe(level).spdlog_level); }

  void Begin(LogLevel level, std::string_view event, JsonWriter& json) const {
    json.BeginObject().Key("time").String(FormatTime(clock.NowMs()));
    json.Key("level").String(Describe(level).name).Key("event").String(event);
  }
  void End(LogLevel level, JsonWriter& json) {
    json.EndObject();
    logger.log(Describe(level).spdlog_level, spdlog::string_view_t(json.text().data(), json.text().size()));
  }

  const Clock& clock;
  spdlog::logger logger;
};

AccessLog::AccessLog(LogLevel level, const Clock& clock)
    : state_(std::make_unique<State>(level, clock, std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}

AccessLog::AccessLog(LogLevel level, const Clock& clock, std::string* sink)
    : state_(std::make_unique<State>(level, clock, std::make_shared<StringSink>(sink))) {}

AccessLog::~AccessLog() { state_->logger.flush(); }

void AccessLog::Request(const AccessEntry& entry) {
  const LogLevel level = LevelOf(entry.status);
  if (!state_->IsOn(level)) return;
  JsonWriter json;
  state_->Begin(level, "request", json);
  json.Key("request_id").String(entry.request_id).Key("method").String(entry.method);
  json.Key("route")
      .String(entry.route)
      .Key("status")
      .Int(entry.status)
      .Key("duration_us")
      .Int(entry.duration_us);
  json.Key("bytes_in").Uint(entry.bytes_in).Key("bytes_out").Uint(entry.bytes_out);
  if (!entry.key_id.empty()) json.Key("key").String(entry.key_id);
  if (!entry.store_id.empty()) json.Key("store").String(entry.store_id);
  if (!entry.fault.empty()) json.Key("fault").String(entry.fault);
  state_->End(level, json);
}

void AccessLog::Write(LogLevel level, std::string_view event, const Fields& fields) {
  if (level == LogLevel::kOff || !state_->IsOn(level)) return;
  JsonWriter json;
  state_->Begin(level, event, json);
  for (const auto& [name, value] : fields) json.Key(name).String(value);
  state_->End(level, json);
}

}  // namespace attune::http
