#include "search/search_report.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/time_text.h"
#include "search/analytics_limits.h"

namespace attune::search {
namespace {

constexpr int kRateDecimals = 6;
constexpr size_t kDateBytes = 10;  // "2026-01-31" of a time.

struct Row {
  std::string_view query;
  const SearchTally* tally = nullptr;
};

void WriteShare(JsonWriter& json, std::string_view name, uint64_t part, uint64_t whole) {
  json.Key(name);
  if (whole == 0) {
    json.Null();
  } else {
    json.Fixed(static_cast<double>(part) / static_cast<double>(whole), kRateDecimals);
  }
}

void WritePosition(JsonWriter& json, std::string_view name, const std::optional<double>& position) {
  json.Key(name);
  if (position) {
    json.Fixed(*position, kRateDecimals);
  } else {
    json.Null();
  }
}

void WriteTally(JsonWriter& json, const SearchTally& tally) {
  json.Key("searches").Uint(tally.searches).Key("with_result").Uint(tally.with_result);
  WriteShare(json, "no_result_rate", tally.searches - tally.with_result, tally.searches);
  WriteShare(json, "click_through_rate", tally.clicked, tally.searches);
  WriteShare(json, "add_to_cart_rate", tally.carted, tally.searches);
  WriteShare(json, "conversion_rate", tally.converted, tally.searches);
  json.Key("clicks").Uint(tally.clicks);
  WritePosition(json, "mean_position", tally.MeanPosition());
  WritePosition(json, "median_position", tally.MedianPosition());
  json.Key("add_to_carts").Uint(tally.carts).Key("conversions").Uint(tally.converted);
  json.Key("revenue").BeginArray();
  auto revenue = tally.revenue_minor;
  std::sort(revenue.begin(), revenue.end(),
            [](const auto& a, const auto& b) { return a.first.code() < b.first.code(); });
  for (const auto& [currency, minor] : revenue) {
    if (currency.is_none()) continue;
    json.BeginObject().Key("currency").String(currency.code());
    json.Key("amount").String(FormatMinor(minor, currency)).EndObject();
  }
  json.EndArray();
}

// The first `limit` rows for which `weight` is not 0, the heaviest first.
std::vector<Row> First(const std::vector<Row>& rows, size_t limit,
                       const std::function<uint64_t(const SearchTally&)>& weight) {
  std::vector<std::pair<uint64_t, Row>> weighed;
  for (const Row& row : rows) {
    if (const uint64_t heavy = weight(*row.tally); heavy > 0) weighed.emplace_back(heavy, row);
  }
  const auto end = weighed.begin() + static_cast<std::ptrdiff_t>(std::min(limit, weighed.size()));
  std::partial_sort(weighed.begin(), end, weighed.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second.query < b.second.query;
  });
  std::vector<Row> first;
  for (auto one = weighed.begin(); one != end; ++one) first.push_back(one->second);
  return first;
}

void WriteRows(JsonWriter& json, std::string_view name, const std::vector<Row>& rows) {
  json.Key(name).BeginArray();
  for (const Row& row : rows) {
    json.BeginObject().Key("query").String(row.query);
    WriteTally(json, *row.tally);
    json.EndObject();
  }
  json.EndArray();
}

void WriteRefined(JsonWriter& json, const SearchAnalytics& analytics, const std::vector<Row>& rows) {
  json.Key("refined").BeginArray();
  for (const Row& row : rows) {
    json.BeginObject().Key("query").String(row.query).Key("searches").Uint(row.tally->searches);
    json.Key("refined").Uint(row.tally->refined).Key("into").BeginArray();
    std::vector<std::pair<uint64_t, std::string_view>> into;
    for (const auto& [number, count] : row.tally->refined_to) {
      const KnownQuery* const query = analytics.Find(number);
      if (query != nullptr && query->IsShown()) into.emplace_back(count, query->spelling());
    }
    std::sort(into.begin(), into.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    if (into.size() > kRefinementsShownMax) into.resize(kRefinementsShownMax);
    for (const auto& [count, query] : into) {
      json.BeginObject().Key("query").String(query).Key("count").Uint(count).EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
}

bool HaveWordInCommon(std::string_view a, std::string_view b) {
  const std::string in = " " + std::string(b) + " ";
  for (size_t at = 0; at < a.size();) {
    const size_t end = std::min(a.find(' ', at), a.size());
    if (in.find(" " + std::string(a.substr(at, end - at)) + " ") != std::string::npos) return true;
    at = end + 1;
  }
  return false;
}

struct SuggestedSynonym {
  const KnownQuery* from = nullptr;
  const KnownQuery* to = nullptr;
  uint64_t count = 0;
};

std::vector<SuggestedSynonym> SynonymsOf(const SearchAnalytics& analytics,
                                         const absl::flat_hash_map<QueryNumber, SearchTally>& tallies,
                                         size_t limit) {
  std::vector<SuggestedSynonym> synonyms;
  for (const auto& [number, tally] : tallies) {
    const KnownQuery* const from = analytics.Find(number);
    if (from == nullptr || !from->IsShown()) continue;
    if (tally.clicks > 0 && 2 * tally.with_result > tally.searches) continue;
    for (const auto& [next, count] : tally.refined_to) {
      const KnownQuery* const to = analytics.Find(next);
      const auto wanted = tallies.find(next);
      if (count < kSynonymRefinementsMin || to == nullptr || !to->IsShown()) continue;
      if (wanted == tallies.end() || wanted->second.clicks == 0) continue;
      if (!HaveWordInCommon(from->text, to->text)) synonyms.push_back({from, to, count});
    }
  }
  std::sort(synonyms.begin(), synonyms.end(), [](const SuggestedSynonym& a, const SuggestedSynonym& b) {
    return a.count != b.count ? a.count > b.count
                              : std::pair(a.from->text, a.to->text) < std::pair(b.from->text, b.to->text);
  });
  if (synonyms.size() > limit) synonyms.resize(limit);
  return synonyms;
}

void WriteSynonyms(JsonWriter& json, const std::vector<SuggestedSynonym>& synonyms) {
  json.Key("synonyms").BeginArray();
  for (const SuggestedSynonym& one : synonyms) {
    json.BeginObject().Key("from").String(one.from->spelling()).Key("to").String(one.to->spelling());
    json.Key("count").Uint(one.count).EndObject();
  }
  json.EndArray();
}

}  // namespace

void WriteReport(JsonWriter& json, const SearchAnalytics& analytics, const ReportRequest& request) {
  SearchTally total;
  absl::flat_hash_map<QueryNumber, SearchTally> tallies;
  for (auto day = analytics.days().lower_bound({request.first_day, {}});
       day != analytics.days().end() && day->first.day <= request.last_day; ++day) {
    if (!request.market.empty() && day->first.market != request.market) continue;
    total.Add(day->second.total);
    for (const auto& [number, tally] : day->second.queries) tallies[number].Add(tally);
  }
  std::vector<Row> rows;
  for (const auto& [number, tally] : tallies) {
    const KnownQuery* const query = analytics.Find(number);
    if (query != nullptr && query->IsShown()) rows.push_back({query->spelling(), &tally});
  }
  const auto top = First(rows, request.limit, [](const SearchTally& tally) { return tally.searches; });
  const auto no_result =
      First(rows, request.limit, [](const SearchTally& tally) { return tally.searches - tally.with_result; });
  const auto no_click = First(rows, request.limit, [](const SearchTally& tally) {
    return tally.clicks == 0 ? tally.with_result : 0;
  });
  const auto refined = First(rows, request.limit, [](const SearchTally& tally) { return tally.refined; });
  json.BeginObject();
  json.Key("from").String(FormatTime(request.first_day * kDayMs).substr(0, kDateBytes));
  json.Key("to").String(FormatTime(request.last_day * kDayMs).substr(0, kDateBytes)).Key("market");
  if (request.market.empty()) {
    json.Null();
  } else {
    json.String(request.market);
  }
  json.Key("totals").BeginObject();
  WriteTally(json, total);
  json.EndObject();
  WriteRows(json, "top", top);
  WriteRows(json, "no_result", no_result);
  WriteRows(json, "no_click", no_click);
  WriteRefined(json, analytics, refined);
  WriteSynonyms(json, SynonymsOf(analytics, tallies, request.limit));
  json.EndObject();
}

}  // namespace attune::search
