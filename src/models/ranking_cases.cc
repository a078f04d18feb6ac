#include "models/ranking_cases.h"

#include <algorithm>
#include <string>

#include "base/hash.h"

namespace attune::models {
namespace {

// The first row behind `begin` that belongs to another visit.
size_t VisitEnd(std::span<const Interaction> rows, size_t begin, int64_t session_idle_ms) {
  size_t end = begin + 1;
  while (end < rows.size() && rows[end].at_ms - rows[end - 1].at_ms < session_idle_ms) ++end;
  return end;
}

// A row within the visit at which another moment begins, by stable hash; nothing when there is none.
std::optional<size_t> MiddleOf(std::span<const Interaction> rows, size_t begin, size_t end) {
  std::vector<size_t> starts;
  for (size_t i = begin + 1; i < end; ++i) {
    if (rows[i].at_ms != rows[i - 1].at_ms) starts.push_back(i);
  }
  if (starts.empty()) return std::nullopt;
  const uint64_t hash = MixHash64(rows[begin].shopper.value(), static_cast<uint64_t>(rows[begin].at_ms));
  return starts[hash % starts.size()];
}

uint8_t OutcomeOf(InteractionKind kind) {
  switch (kind) {
    case InteractionKind::kView:
      return kTurned;
    case InteractionKind::kCart:
      return kTurned | kCarted;
    case InteractionKind::kPurchase:
      return kTurned | kBought;
  }
  return kNothing;
}

}  // namespace

uint64_t RankingCase::KeyOf(ShopperHandle shopper) const {
  return MixHash64(MixHash64(shopper.value(), static_cast<uint64_t>(at_ms)), page ? page->value() + 1 : 0);
}

std::vector<RankingCase> CasesOf(std::span<const Interaction> rows, int64_t from_ms, int64_t until_ms,
                                 int64_t session_idle_ms) {
  std::vector<RankingCase> cases;
  const auto is_asked = [&](size_t i) { return rows[i].at_ms >= from_ms && rows[i].at_ms < until_ms; };
  for (size_t begin = 0; begin < rows.size();) {
    const size_t end = VisitEnd(rows, begin, session_idle_ms);
    if (is_asked(begin)) cases.push_back({rows[begin].at_ms, begin, end, std::nullopt});
    const std::optional<size_t> middle = MiddleOf(rows, begin, end);
    if (middle && is_asked(*middle)) {
      cases.push_back({rows[*middle].at_ms, *middle, end, std::nullopt});
      if (rows[*middle - 1].kind != InteractionKind::kPurchase) {
        cases.push_back({rows[*middle].at_ms, *middle, end, rows[*middle - 1].product});
      }
    }
    begin = end;
  }
  return cases;
}

std::vector<RankingTarget> TargetsOf(std::span<const Interaction> rows, const RankingCase& at) {
  std::vector<RankingTarget> targets;
  for (size_t i = at.history_end; i < at.visit_end; ++i) {
    if (at.page && rows[i].product == *at.page) continue;
    targets.push_back({rows[i].product, OutcomeOf(rows[i].kind)});
  }
  std::sort(targets.begin(), targets.end(), [](const RankingTarget& a, const RankingTarget& b) {
    return a.product != b.product ? a.product < b.product : a.outcome < b.outcome;
  });
  size_t kept = 0;
  for (const RankingTarget& target : targets) {
    if (kept > 0 && targets[kept - 1].product == target.product) {
      targets[kept - 1].outcome = static_cast<uint8_t>(targets[kept - 1].outcome | target.outcome);
    } else {
      targets[kept++] = target;
    }
  }
  targets.resize(kept);
  return targets;
}

void ProfileReplay::AdvanceTo(std::span<const Interaction> rows, size_t end) {
  while (folded_ < end) {
    const Interaction& row = rows[folded_];
    if (row.kind == InteractionKind::kPurchase) {
      folded_ = FoldOrder(rows, end);
      continue;
    }
    events::Event event;
    event.type = row.kind == InteractionKind::kView ? events::EventType::kProductViewed
                                                    : events::EventType::kProductAdded;
    event.occurred_at_ms = row.at_ms;
    event.received_at_ms = row.at_ms;
    event.shopper = row.shopper;
    event.lines.emplace_back();
    event.lines.back().product = row.product;
    event.lines.back().quantity = std::max<int64_t>(1, static_cast<int64_t>(row.quantity));
    features::FoldEvent(event, Sequence(++folded_), context_, profile_);
  }
}

// One order: its rows stand together.
size_t ProfileReplay::FoldOrder(std::span<const Interaction> rows, size_t end) {
  const Interaction& first = rows[folded_];
  events::OrderChange change;
  change.order_id = std::to_string(first.order_hash == 0 ? folded_ : first.order_hash);
  change.shopper = first.shopper;
  change.ordered_at_ms = first.at_ms;
  change.order_count_delta = 1;
  events::Event event;
  event.type = events::EventType::kOrderCompleted;
  event.occurred_at_ms = first.at_ms;
  event.received_at_ms = first.at_ms;
  event.shopper = first.shopper;
  event.order_id = change.order_id;
  size_t next = folded_;
  while (next < end && rows[next].kind == InteractionKind::kPurchase &&
         rows[next].order_hash == first.order_hash && rows[next].at_ms == first.at_ms) {
    const auto quantity = std::max<int64_t>(1, static_cast<int64_t>(rows[next].quantity));
    change.lines.push_back({rows[next].product, quantity, 0, true, false});
    event.lines.emplace_back();
    event.lines.back().product = rows[next].product;
    event.lines.back().quantity = quantity;
    ++next;
    if (first.order_hash == 0) break;
  }
  features::FoldEvent(event, Sequence(next), context_, profile_);
  features::FoldOrderChange(change, Sequence(next), context_, profile_);
  return next;
}

}  // namespace attune::models
