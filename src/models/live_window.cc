#include "models/live_window.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "events/event_record.h"
#include "models/interaction_log.h"
#include "models/limits.h"
#include "models/transition_training.h"
#include "models/visits.h"

namespace attune::models {

void AppendLiveRows(Sequence sequence, const events::Event& event, std::vector<LiveRow>& rows) {
  if (event.type != events::EventType::kProductViewed || event.is_backfill) return;
  if (event.shopper == ShopperHandle() || !event.consent.personalization) return;
  for (const events::EventLine& line : event.lines) {
    rows.push_back({sequence, event.shopper, static_cast<uint64_t>(event.occurred_at_ms), line.product,
                    LiveRow::Kind::kView});
  }
}

void AppendLiveRows(Sequence sequence, const events::IdentityChange& change, std::vector<LiveRow>& rows) {
  using Kind = events::IdentityChange::Kind;
  if (change.kind == Kind::kLinked) {
    rows.push_back({sequence, change.shopper, change.owner.value(), {}, LiveRow::Kind::kLinked});
  } else if (change.kind == Kind::kUnlinked) {
    rows.push_back({sequence, change.shopper, 0, {}, LiveRow::Kind::kUnlinked});
  } else if (change.kind == Kind::kErased) {
    rows.push_back({sequence, change.shopper, 0, {}, LiveRow::Kind::kErased});
  }
}

Status AppendLiveRows(const storage::Record& record, std::vector<LiveRow>& rows) {
  if (record.kind == storage::RecordKind::kEvent) {
    events::Event event;
    RETURN_IF_ERROR(events::DecodeEvent(record.payload, event));
    AppendLiveRows(record.sequence, event, rows);
  } else if (record.kind == storage::RecordKind::kIdentity) {
    ASSIGN_OR_RETURN(const events::IdentityChange change, events::DecodeIdentityChange(record.payload));
    AppendLiveRows(record.sequence, change, rows);
  }
  return Status();
}

Sequence LiveWindowStart(Sequence watermark, Sequence until) {
  const uint64_t oldest = until.value() - std::min(until.value(), kLiveRecordsMax);
  return Sequence(std::max(watermark.value(), oldest));
}

void LiveWindow::Append(std::span<const LiveRow> rows, Sequence until) {
  rows_.insert(rows_.end(), rows.begin(), rows.end());
  until_ = until;
  DropThrough(LiveWindowStart(Sequence(), until));
  if (rows_.size() <= kLiveRowsMax) return;
  rows_.erase(rows_.begin(), rows_.end() - static_cast<std::ptrdiff_t>(kLiveRowsMax));
}

void LiveWindow::DropThrough(Sequence watermark) {
  const auto is_covered = [watermark](const LiveRow& row) { return row.sequence <= watermark; };
  rows_.erase(rows_.begin(), std::partition_point(rows_.begin(), rows_.end(), is_covered));
}

// Of row i: whether its shopper, or the customer of a link, was erased later.
std::vector<bool> LiveWindow::FindErased() const {
  std::vector<bool> is_erased(rows_.size(), false);
  absl::flat_hash_set<uint64_t> erased;
  for (size_t i = rows_.size(); i-- > 0;) {
    const LiveRow& row = rows_[i];
    if (row.kind == LiveRow::Kind::kErased) erased.insert(row.shopper.value());
    is_erased[i] = erased.contains(row.shopper.value()) ||
                   (row.kind == LiveRow::Kind::kLinked && erased.contains(row.detail));
  }
  return is_erased;
}

Sequences LiveWindow::Visits(Sequence watermark, const ProductTies& ties) const {
  // The trainers' own way from rows to visits, so that there is one rule.
  InteractionLog log(kLiveRowsMax);
  const std::vector<bool> is_erased = FindErased();
  for (size_t i = 0; i < rows_.size(); ++i) {
    const LiveRow& row = rows_[i];
    if (row.sequence <= watermark) continue;
    if (row.kind == LiveRow::Kind::kView) {
      if (is_erased[i]) continue;
      log.Add({row.shopper, row.product, InteractionKind::kView, 1, static_cast<int64_t>(row.detail), 0});
    } else if (row.kind == LiveRow::Kind::kLinked && !is_erased[i]) {
      log.Link(row.shopper, ShopperHandle(row.detail));
    } else {
      log.Unlink(row.shopper);
    }
  }
  return VisitsByAge(log, ties, TransitionTrainingOptions().visit_idle_ms);
}

}  // namespace attune::models
