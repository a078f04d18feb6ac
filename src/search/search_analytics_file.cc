// Search analytics as bytes: one section in the container of models (models/model_file.h), every number 64
// bits.  The same walk writes and reads.

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

#include "models/model_file.h"
#include "search/search_analytics.h"

namespace attune::search {
namespace {

constexpr std::string_view kSection = "search_analytics_1";
// Far above every limit of analytics_limits.h: what a damaged count cannot pass.
constexpr uint64_t kCountMax = uint64_t{1} << 24;

class Saver {
 public:
  static constexpr bool kLoads = false;
  explicit Saver(models::SectionWriter& out) : out_(out) {}
  template <class T>
  void Number(const T& value) {
    out_.PutU64(static_cast<uint64_t>(value));
  }
  void Real(const double& value) { out_.PutF64(value); }
  void Text(const std::string& value) { out_.PutArray(std::span(value.data(), value.size())); }
  size_t Count(size_t count) {
    out_.PutU64(count);
    return count;
  }

 private:
  models::SectionWriter& out_;
};

class Loader {
 public:
  static constexpr bool kLoads = true;
  explicit Loader(models::SectionReader& in) : in_(in) {}
  template <class T>
  void Number(T& value) {
    value = static_cast<T>(in_.TakeU64());
  }
  void Real(double& value) { value = in_.TakeF64(); }
  void Text(std::string& value) { value = in_.TakeText(); }
  size_t Count(size_t /*unknown*/) {
    const uint64_t count = in_.TakeU64();
    in_.Require(count <= kCountMax);
    return count <= kCountMax ? count : 0;
  }

 private:
  models::SectionReader& in_;
};

// Of numbers, and of strong ids.
template <class Archive, class T>
void Value(Archive& archive, T& value) {
  if constexpr (std::is_arithmetic_v<T>) {
    archive.Number(value);
  } else {
    auto number = value.value();
    archive.Number(number);
    value = T(number);
  }
}

template <class Archive, class List, class Each>
void Listed(Archive& archive, List& list, const Each& each) {
  const size_t count = archive.Count(list.size());
  if constexpr (Archive::kLoads) list.resize(count);
  for (auto& one : list) each(one);
}

template <class Archive, class Map, class Each>
void Mapping(Archive& archive, Map& map, const Each& each) {
  using Key = typename Map::key_type;
  const size_t count = archive.Count(map.size());
  if constexpr (Archive::kLoads) {
    for (size_t i = 0; i < count; ++i) {
      Key key{};
      Value(archive, key);
      each(map[key]);
    }
  } else {
    // The same bytes for the same content.
    std::vector<Key> keys;
    for (const auto& [key, unused] : map) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    for (Key& key : keys) {
      Value(archive, key);
      each(map.at(key));
    }
  }
}

template <class Archive>
void Id(Archive& archive, DecisionId& id) {
  archive.Number(id.high);
  archive.Number(id.low);
}

template <class Archive>
void Day(Archive& archive, DayMarket& day) {
  archive.Number(day.day);
  archive.Text(day.market);
}

template <class Archive>
void Money(Archive& archive, Currency& currency) {
  std::string code(currency.code());
  archive.Text(code);
  if constexpr (Archive::kLoads) currency = Currency::Parse(code).value_or(Currency());
}

template <class Archive>
void Tally(Archive& archive, SearchTally& tally) {
  for (uint64_t* number : {&tally.searches, &tally.with_result, &tally.clicked, &tally.carted,
                           &tally.converted, &tally.clicks, &tally.carts, &tally.refined}) {
    archive.Number(*number);
  }
  Listed(archive, tally.positions, [&](auto& one) {
    archive.Number(one.first);
    archive.Number(one.second);
  });
  Listed(archive, tally.revenue_minor, [&](auto& one) {
    Money(archive, one.first);
    archive.Number(one.second);
  });
  Listed(archive, tally.refined_to, [&](auto& one) {
    archive.Number(one.first);
    archive.Number(one.second);
  });
}

template <class Archive>
void Known(Archive& archive, KnownQuery& query) {
  archive.Text(query.text);
  Listed(archive, query.spellings, [&](auto& one) {
    archive.Text(one.first);
    archive.Number(one.second);
  });
  Value(archive, query.only_shopper);
  archive.Number(query.is_shared);
  archive.Number(query.searches);
  archive.Number(query.last_ms);
  archive.Number(query.last_found);
  Listed(archive, query.demand, [&](auto& one) {
    archive.Text(one.first);
    archive.Real(one.second.value);
    archive.Number(one.second.as_of_ms);
  });
}

}  // namespace

template <class Archive>
void SearchAnalytics::Exchange(Archive& archive) {
  const auto each_value = [&](auto& value) { Value(archive, value); };
  archive.Number(latest_ms_);
  archive.Number(last_number_);
  Mapping(archive, queries_, [&](KnownQuery& query) { Known(archive, query); });
  const size_t days = archive.Count(days_.size());
  auto at = days_.begin();
  for (size_t i = 0; i < days; ++i) {
    DayMarket day = Archive::kLoads ? DayMarket() : at->first;
    Day(archive, day);
    DayTally& tallies = Archive::kLoads ? days_[day] : (at++)->second;
    Tally(archive, tallies.total);
    Mapping(archive, tallies.queries, [&](SearchTally& tally) { Tally(archive, tally); });
  }
  Listed(archive, open_, [&](OpenSearch& search) {
    Id(archive, search.id);
    Day(archive, search.day);
    archive.Number(search.query);
    Listed(archive, search.shoppers, each_value);
    Listed(archive, search.shown, each_value);
    archive.Number(search.first_position);
    for (bool* flag : {&search.is_first_page, &search.is_clicked, &search.is_carted, &search.is_converted}) {
      archive.Number(*flag);
    }
    archive.Number(search.first_click_ms);
    archive.Number(search.next_ms);
    archive.Number(search.next_query);
  });
  Mapping(archive, orders_, [&](std::vector<SoldLine>& lines) {
    Listed(archive, lines, [&](SoldLine& line) {
      Day(archive, line.day);
      archive.Number(line.query);
      Value(archive, line.product);
      archive.Number(line.quantity);
      archive.Number(line.revenue_minor);
      Money(archive, line.currency);
    });
  });
  Listed(archive, order_age_, each_value);
  RecentSearches::ByShopper by_shopper = recent_->all();
  Mapping(archive, by_shopper, [&](std::vector<RecentSearch>& recent) {
    Listed(archive, recent, [&](RecentSearch& one) {
      archive.Text(one.text);
      archive.Text(one.spelling);
      archive.Number(one.at_ms);
    });
  });
  if constexpr (Archive::kLoads) recent_->Replace(std::move(by_shopper));
}

std::string SearchAnalytics::Save(Sequence applied) const {
  models::ModelFileWriter file({.generation = {}, .watermark = applied, .trained_at_ms = latest_ms_});
  Saver saver(file.Section(kSection));
  // A saver changes nothing.
  const_cast<SearchAnalytics*>(this)->Exchange(saver);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  return file.Finish();
}

Result<SearchAnalytics::Loaded> SearchAnalytics::Load(std::string bytes) {
  ASSIGN_OR_RETURN(const models::ModelFile file, models::ModelFile::Parse(std::move(bytes)));
  ASSIGN_OR_RETURN(models::SectionReader in, file.Section(kSection));
  Loaded loaded;
  Loader loader(in);
  loaded.analytics.Exchange(loader);
  RETURN_IF_ERROR(in.Finish());
  loaded.analytics.Index();
  loaded.applied = file.header().watermark;
  return loaded;
}

}  // namespace attune::search
