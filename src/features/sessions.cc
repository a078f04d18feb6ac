#include "features/sessions.h"

#include <algorithm>
#include <vector>

#include "features/limits.h"

namespace attune::features {
namespace {

// Joins the span at `index` with its neighbours as long as no idle pause lies between.  `spans` is latest
// first.
void JoinNeighbours(size_t index, int64_t session_idle_ms, std::vector<SessionSpan>& spans) {
  const auto joins = [&](size_t later, size_t earlier) {
    return spans[later].started_at_ms - spans[earlier].last_event_at_ms <= session_idle_ms;
  };
  const auto join = [&](size_t later, size_t earlier) {
    spans[earlier].last_event_at_ms =
        std::max(spans[later].last_event_at_ms, spans[earlier].last_event_at_ms);
    spans[earlier].started_at_ms = std::min(spans[later].started_at_ms, spans[earlier].started_at_ms);
    spans.erase(spans.begin() + static_cast<ptrdiff_t>(later));
  };
  if (index + 1 < spans.size() && joins(index, index + 1)) join(index, index + 1);
  if (index > 0 && joins(index - 1, index)) join(index - 1, index);
}

}  // namespace

void AddToSessions(int64_t at_ms, int64_t session_idle_ms, SessionState& session) {
  if (session.session_number == 0) {
    session.session_number = 1;
    session.started_at_ms = session.last_event_at_ms = at_ms;
    return;
  }
  // The usual case: the current visit goes on.
  if (at_ms >= session.started_at_ms && at_ms <= session.last_event_at_ms + session_idle_ms) {
    session.last_event_at_ms = std::max(session.last_event_at_ms, at_ms);
    return;
  }
  std::vector<SessionSpan> spans;
  spans.reserve(session.earlier.size() + 2);
  spans.push_back({session.started_at_ms, session.last_event_at_ms});
  spans.insert(spans.end(), session.earlier.begin(), session.earlier.end());
  const size_t count_before = spans.size();
  const auto place = std::find_if(spans.begin(), spans.end(),
                                  [at_ms](const SessionSpan& span) { return span.started_at_ms <= at_ms; });
  const auto index = static_cast<size_t>(place - spans.begin());
  spans.insert(place, {at_ms, at_ms});
  JoinNeighbours(index, session_idle_ms, spans);

  const bool was_full = count_before == kEarlierSessionsMax + 1;
  const bool is_too_old = was_full && spans.size() > count_before && index == count_before;
  if (is_too_old) return;
  // Unsigned wrap-around is meant: joining two sessions takes one away.
  session.session_number += static_cast<uint64_t>(spans.size()) - static_cast<uint64_t>(count_before);
  if (spans.size() > kEarlierSessionsMax + 1) spans.pop_back();
  session.started_at_ms = spans.front().started_at_ms;
  session.last_event_at_ms = spans.front().last_event_at_ms;
  session.earlier.assign(spans.begin() + 1, spans.end());
}

void RebuildSessionProducts(ShopperProfile& profile) {
  std::vector<ProductIndex>& products = profile.session.products;
  products.clear();
  for (const RecentProduct& recent : profile.recent) {
    if (recent.last_at_ms < profile.session.started_at_ms || products.size() == kSessionProductsMax) break;
    products.push_back(recent.product);
  }
  std::reverse(products.begin(), products.end());
}

}  // namespace attune::features
