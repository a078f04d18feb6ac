#include "server/query_meaning_keeper.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "models/model_file.h"
#include "server/meaning_question.h"
#include "text/analyzer.h"

namespace attune::server {
namespace {

// What decides on the answers: terms of another analyzer would find no values.
std::string MadeBy(const LlmSettings& settings) {
  return std::to_string(kMeaningQuestionVersion) + "|" + std::to_string(text::kAnalyzerVersion) + "|" +
         settings.model;
}

bool IsOn(const LlmSettings& settings) { return settings.is_enabled && !settings.url.empty(); }

}  // namespace

void QueryMeaningKeeper::Configure(const LlmSettings& settings) {
  MutexLock lock(mutex_);
  if (settings_ == settings) return;
  settings_ = settings;
  requests_ = 0;
  failures_ = 0;
  failure_.clear();
  if (!IsOn(settings)) {
    asked_.SwitchTo(false);
    asked_.waiting().Clear();
    return;
  }
  const std::string made_by = MadeBy(settings);
  if (made_by != made_by_) Load(made_by);
  asked_.SwitchTo(true);
}

void QueryMeaningKeeper::Load(const std::string& made_by) {
  search::MeaningsFile loaded;
  auto bytes = models::ReadModelFileBytes(path());
  auto file = bytes.ok() ? search::MeaningsFile::Decode(std::move(bytes).value())
                         : Result<search::MeaningsFile>(bytes.status());
  if (file.ok()) {
    loaded = std::move(file).value();
  } else if (file.status().code() != StatusCode::kNotFound) {
    Warn("meanings of queries not read; they are asked anew", file.status().message());
  }
  // What was asked today was paid for, whatever the model.
  if (made_by_.empty()) {
    day_ = loaded.day;
    asked_today_ = loaded.asked_today;
  }
  const bool is_ours = loaded.made_by == made_by;
  asked_.Publish(is_ours ? loaded.meanings : std::make_shared<const search::QueryMeanings>());
  made_by_ = made_by;
}

void QueryMeaningKeeper::Warn(const std::string& what, const std::string& reason) const {
  if (parts_.log == nullptr) return;
  parts_.log->Write(http::LogLevel::kWarning, what, {{"store", parts_.store_id}, {"reason", reason}});
}

std::optional<std::string> QueryMeaningKeeper::Next(int64_t day) {
  MutexLock lock(mutex_);
  if (!asked_.is_on()) return std::nullopt;
  if (day != day_) {
    day_ = day;
    asked_today_ = 0;
  }
  if (asked_today_ >= static_cast<uint64_t>(settings_.requests_per_day)) return std::nullopt;
  auto key = asked_.waiting().Take();
  if (!key) return std::nullopt;
  ++asked_today_;
  ++requests_;
  return key;
}

void QueryMeaningKeeper::Keep(const LlmSettings& settings, const std::string& key,
                              search::QueryMeaning meaning) {
  MutexLock lock(mutex_);
  if (settings_ != settings) return;
  asked_.Publish(asked_.meanings()->With(key, std::move(meaning)));
}

void QueryMeaningKeeper::Note(const std::string& failure) {
  MutexLock lock(mutex_);
  failures_ += failure.empty() ? 0 : 1;
  failure_ = failure;
}

void QueryMeaningKeeper::Save() {
  search::MeaningsFile file;
  {
    MutexLock lock(mutex_);
    file = {made_by_, day_, asked_today_, asked_.meanings()};
  }
  std::error_code error;
  std::filesystem::create_directories(parts_.folder, error);
  const Status written = models::WriteFileAtomically(path(), file.Encode());
  if (!written.ok()) Warn("meanings of queries not saved", written.message());
}

QueryMeaningStatus QueryMeaningKeeper::status(int64_t day) const {
  MutexLock lock(mutex_);
  QueryMeaningStatus status;
  status.is_on = asked_.is_on();
  status.known = asked_.meanings()->size();
  status.waiting = asked_.waiting().ready_count();
  status.asked_today = day == day_ ? asked_today_ : 0;
  status.requests = requests_;
  status.failures = failures_;
  status.failure = failure_;
  return status;
}

}  // namespace attune::server
