#include "server/live_session_keeper.h"

#include <algorithm>
#include <utility>

#include "models/limits.h"

namespace attune::server {

void LiveSessionKeeper::Note(Sequence sequence, const events::Event& event) {
  models::AppendLiveRows(sequence, event, noted_);
}

void LiveSessionKeeper::Note(Sequence sequence, const events::IdentityChange& change) {
  models::AppendLiveRows(sequence, change, noted_);
}

void LiveSessionKeeper::HandOver(Sequence applied) {
  // What an event that was refused said of its shopper may stand behind the last record that was applied.
  const auto end = std::partition_point(noted_.begin(), noted_.end(), [applied](const models::LiveRow& row) {
    return row.sequence <= applied;
  });
  MutexLock lock(hand_mutex_);
  handed_until_ = applied;
  handed_.insert(handed_.end(), noted_.begin(), end);
  noted_.erase(noted_.begin(), end);
  if (handed_.size() <= models::kLiveRowsMax) return;
  handed_.erase(handed_.begin(), handed_.end() - static_cast<std::ptrdiff_t>(models::kLiveRowsMax));
}

Status LiveSessionKeeper::ReadLog(Sequence watermark) {
  const Sequence start = std::max(window_.until(), models::LiveWindowStart(watermark, opened_at_));
  const Sequence end(std::min(opened_at_.value(), start.value() + kLiveRecordsPerBuild));
  if (start < end) {
    std::vector<models::LiveRow> rows;
    Status read;
    RETURN_IF_ERROR(engine_->ScanLog(Sequence(start.value() + 1), [&](const storage::Record& record) {
      if (record.sequence > end) return false;
      read = models::AppendLiveRows(record, rows);
      return read.ok();
    }));
    RETURN_IF_ERROR(read);
    window_.Append(rows, end);
  }
  has_read_log_ = end >= opened_at_;
  return Status();
}

bool LiveSessionKeeper::TakeOver() {
  std::deque<models::LiveRow> handed;
  Sequence until;
  {
    MutexLock lock(hand_mutex_);
    handed.swap(handed_);
    until = handed_until_;
  }
  const std::vector<models::LiveRow> rows(handed.begin(), handed.end());
  window_.Append(rows, until);
  return !rows.empty();
}

Result<LiveSessionKeeper::Sessions> LiveSessionKeeper::Build(const models::ModelSet& set) {
  const models::SessionNextModel* const model = set.session_next();
  if (model == nullptr) return Sessions();
  MutexLock lock(build_mutex_);
  if (!has_read_log_) RETURN_IF_ERROR(ReadLog(set.watermark()));
  if (!has_read_log_) return Sessions();
  if (!TakeOver() && built_for_ == set.generation()) return built_;
  const models::Sequences visits = window_.Visits(set.watermark(), *set.ties());
  built_ = visits.size() == 0 ? nullptr : model->MakeLive(visits, window_.until());
  built_for_ = set.generation();
  return built_;
}

void LiveSessionKeeper::DropThrough(Sequence watermark) {
  MutexLock lock(build_mutex_);
  window_.DropThrough(watermark);
}

}  // namespace attune::server
