#include "server/live_session_reader.h"

#include <vector>

namespace attune::server {
namespace {

// Decisions that overlap in time read one of a few.
constexpr size_t kMadeMax = 8;

}  // namespace

Status LiveSessionReader::ReadWindow(Sequence watermark, Sequence until) {
  const Sequence start = models::LiveWindowStart(watermark, until);
  if (start.value() + 1 < engine_->first_sequence().value()) return NotFound("the log was cut behind it");
  if (start < begin_ || until < window_.until() || window_.until() < start) {
    window_ = models::LiveWindow();
    window_.Append({}, start);
    begin_ = start;
  }
  std::vector<models::LiveRow> rows;
  Status read;
  RETURN_IF_ERROR(engine_->ScanLog(Sequence(window_.until().value() + 1), [&](const storage::Record& record) {
    if (record.sequence > until) return false;
    read = models::AppendLiveRows(record, rows);
    return read.ok();
  }));
  RETURN_IF_ERROR(read);
  window_.Append(rows, until);
  return Status();
}

Result<LiveSessionReader::Sessions> LiveSessionReader::Read(const models::ModelSet& set, Sequence until) {
  if (set.session_next() == nullptr) return Sessions();
  for (const Made& made : made_) {
    if (made.generation == set.generation() && made.until == until) return made.sessions;
  }
  RETURN_IF_ERROR(ReadWindow(set.watermark(), until));
  const models::Sequences visits = window_.Visits(set.watermark(), *set.ties());
  Sessions sessions = visits.size() == 0 ? nullptr : set.session_next()->MakeLive(visits, until);
  made_.push_back({set.generation(), until, sessions});
  if (made_.size() > kMadeMax) made_.pop_front();
  return sessions;
}

}  // namespace attune::server
