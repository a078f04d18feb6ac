#include "search/query_meanings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "models/model_file.h"

namespace attune::search {
namespace {

using models::SectionReader;
using models::SectionWriter;

constexpr std::string_view kSection = "query_meanings";
constexpr uint32_t kNoIntent = 255;

void PutText(std::string_view text, SectionWriter& out) { out.PutArray(std::span(text.data(), text.size())); }

double PriceOrNan(const std::optional<double>& price) {
  return price.value_or(std::numeric_limits<double>::quiet_NaN());
}

void PutMeaning(const QueryMeaning& meaning, SectionWriter& out) {
  out.PutU64(static_cast<uint64_t>(meaning.ask_again_at_ms));
  out.PutU32(meaning.intent ? static_cast<uint32_t>(*meaning.intent) : kNoIntent);
  out.PutF64(PriceOrNan(meaning.price_min));
  out.PutF64(PriceOrNan(meaning.price_max));
  out.PutU32(static_cast<uint32_t>(meaning.values.size()));
  for (const MeantValue& value : meaning.values) {
    PutText(value.field, out);
    PutText(value.terms, out);
  }
}

std::optional<double> TakePrice(SectionReader& in) {
  const double price = in.TakeF64();
  if (std::isnan(price)) return std::nullopt;
  in.Require(std::isfinite(price));
  return price;
}

QueryMeaning TakeMeaning(SectionReader& in) {
  QueryMeaning meaning;
  meaning.ask_again_at_ms = static_cast<int64_t>(in.TakeU64());
  const uint32_t intent = in.TakeU32();
  in.Require(intent <= static_cast<uint32_t>(SearchIntent::kHelp) || intent == kNoIntent);
  if (intent != kNoIntent) meaning.intent = static_cast<SearchIntent>(intent);
  meaning.price_min = TakePrice(in);
  meaning.price_max = TakePrice(in);
  const uint32_t count = in.TakeU32();
  in.Require(count <= kMeantValuesMax);
  for (uint32_t i = 0; i < std::min<uint32_t>(count, kMeantValuesMax); ++i) {
    MeantValue& value = meaning.values.emplace_back();
    value.field = in.TakeText();
    value.terms = in.TakeText();
  }
  return meaning;
}

}  // namespace

const QueryMeaning* QueryMeanings::Find(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second.get();
}

std::shared_ptr<const QueryMeanings> QueryMeanings::With(const std::string& key, QueryMeaning meaning,
                                                         size_t size_max) const {
  auto next = std::make_shared<QueryMeanings>(*this);
  next->by_key_[key] = std::make_shared<const QueryMeaning>(std::move(meaning));
  if (next->by_key_.size() > size_max) {
    next->by_key_.erase(
        std::min_element(next->by_key_.begin(), next->by_key_.end(), [](const auto& a, const auto& b) {
          return std::pair<int64_t, std::string_view>(a.second->ask_again_at_ms, a.first) <
                 std::pair<int64_t, std::string_view>(b.second->ask_again_at_ms, b.first);
        }));
  }
  return next;
}

std::string MeaningsFile::Encode() const {
  std::vector<std::pair<std::string_view, const QueryMeaning*>> sorted;
  for (const auto& [key, meaning] : meanings->by_key_) sorted.emplace_back(key, meaning.get());
  std::sort(sorted.begin(), sorted.end());
  models::ModelFileWriter file{models::ModelFileHeader()};
  SectionWriter& out = file.Section(kSection);
  PutText(made_by, out);
  out.PutU64(static_cast<uint64_t>(day));
  out.PutU64(asked_today);
  out.PutU32(static_cast<uint32_t>(sorted.size()));
  for (const auto& [key, meaning] : sorted) {
    PutText(key, out);
    PutMeaning(*meaning, out);
  }
  return file.Finish();
}

Result<MeaningsFile> MeaningsFile::Decode(std::string bytes) {
  ASSIGN_OR_RETURN(const models::ModelFile file, models::ModelFile::Parse(std::move(bytes)));
  ASSIGN_OR_RETURN(SectionReader in, file.Section(kSection));
  MeaningsFile read;
  read.made_by = in.TakeText();
  read.day = static_cast<int64_t>(in.TakeU64());
  read.asked_today = in.TakeU64();
  const uint32_t count = in.TakeU32();
  in.Require(count <= kQueryMeaningsMax);
  auto meanings = std::make_shared<QueryMeanings>();
  for (uint32_t i = 0; i < std::min<uint32_t>(count, kQueryMeaningsMax); ++i) {
    std::string key(in.TakeText());
    meanings->by_key_[std::move(key)] = std::make_shared<const QueryMeaning>(TakeMeaning(in));
  }
  RETURN_IF_ERROR(in.Finish());
  read.meanings = std::move(meanings);
  return read;
}

}  // namespace attune::search
