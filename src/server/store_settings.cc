#include "server/store_settings.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

#include "base/json_writer.h"
#include "base/utf8.h"
#include "catalog/import_mapping.h"
#include "search/limits.h"
#include "server/embedding_answer.h"
#include "server/feed_url.h"

namespace attune::server {
namespace {

namespace json = boost::json;

constexpr size_t kTextBytesMax = 1024;
constexpr size_t kMarketsMax = 200;
constexpr int64_t kDaysMax = 36500;
constexpr size_t kVariableBytesMax = 128;

// Reads fields of one object; the first mistake is kept and the rest is skipped.
class FieldReader {
 public:
  FieldReader(const json::object& object, std::string path) : object_(object), path_(std::move(path)) {}

  void Text(const char* name, std::string& out) {
    const json::value* value = Find(name);
    if (value == nullptr) return;
    const json::string* text = value->if_string();
    if (text == nullptr || text->size() > kTextBytesMax || !IsCleanText({text->data(), text->size()})) {
      return Fail(name, "must be text of at most 1024 bytes");
    }
    out.assign(text->data(), text->size());
  }

  void Whole(const char* name, int64_t least, int64_t most, int64_t& out) {
    const json::value* value = Find(name);
    if (value == nullptr) return;
    const int64_t* number = value->if_int64();
    if (number == nullptr || *number < least || *number > most) {
      return Fail(name,
                  "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    out = *number;
  }

  void Flag(const char* name, bool& out) {
    const json::value* value = Find(name);
    if (value == nullptr) return;
    if (!value->is_bool()) return Fail(name, "must be true or false");
    out = value->get_bool();
  }

  // One of two words.
  void Choice(const char* name, const char* if_true, const char* if_false, bool& out) {
    std::string word = out ? if_true : if_false;
    Text(name, word);
    if (word != if_true && word != if_false) {
      return Fail(name, std::string("must be \"") + if_true + "\" or \"" + if_false + "\"");
    }
    out = word == if_true;
  }

  const json::object* Object(const char* name) {
    const json::value* value = Find(name);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) Fail(name, "must be an object");
    if (value->is_object() && value->get_object().size() > kMarketsMax)
      Fail(name, "has more than 200 entries");
    return status_.ok() ? value->if_object() : nullptr;
  }

  void Fail(const std::string& name, const std::string& message) {
    if (status_.ok()) status_ = InvalidArgument(message, path_ + name);
  }
  const Status& status() const { return status_; }

 private:
  const json::value* Find(const char* name) const {
    const json::value* value = status_.ok() ? object_.if_contains(name) : nullptr;
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  const json::object& object_;
  const std::string path_;
  Status status_;
};

// Boost.JSON reads a decimal up to a unit in the last place wrong, so that settings would not read back as
// written. Twelve digits are more than any rate is quoted with.
double WithTwelveDigits(double value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.begin(), text.end(), value, std::chars_format::general, 12).ptr;
  std::from_chars(text.begin(), end, value);
  return value;
}

void ReadRates(const json::object& object, FieldReader& reader, StoreSettings& settings) {
  for (const auto& [code, rate] : object) {
    const std::string name(code);
    const bool is_number = rate.is_number();
    const double value = is_number ? rate.to_number<double>() : 0;
    if (!Currency::Parse(name) || !(value > 0) || !std::isfinite(value)) {
      return reader.Fail("exchange_rates." + name, "must be a currency code with a positive rate");
    }
    settings.exchange_rates[name] = WithTwelveDigits(value);
  }
}

void ReadConsentByMarket(const json::object& object, FieldReader& reader, StoreSettings& settings) {
  for (const auto& [market, choice] : object) {
    const std::string name(market);
    if (!choice.is_string() || (choice.get_string() != "granted" && choice.get_string() != "denied")) {
      return reader.Fail("consent_by_market." + name, "must be \"granted\" or \"denied\"");
    }
    settings.consent_by_market[name] = choice.get_string() == "granted";
  }
}

void ReadColumns(const json::object& object, FieldReader& reader, FeedSettings& feed) {
  for (const auto& [column, field] : object) {
    const std::string name(column);
    const json::string* text = field.if_string();
    if (text == nullptr || text->size() > kTextBytesMax || !IsCleanText({text->data(), text->size()})) {
      return reader.Fail("columns." + name, "must be the name of a field, or empty: leave it out");
    }
    if (!text->empty() && !catalog::IsImportTarget({text->data(), text->size()})) {
      return reader.Fail("columns." + name, "there is no such field");
    }
    feed.columns[name] = std::string(*text);
  }
}

void ReadTraining(FieldReader& reader, StoreSettings& settings) {
  constexpr int64_t kWeekSeconds = 7 * 86400;
  reader.Whole("train_every_seconds", 1, kWeekSeconds, settings.train_every_seconds);
  reader.Whole("train_new_percent", 0, 1000, settings.train_new_percent);
  reader.Whole("train_at_latest_seconds", 1, kWeekSeconds, settings.train_at_latest_seconds);
  reader.Whole("train_cpu_seconds_max", 0, kWeekSeconds, settings.train_cpu_seconds_max);
  reader.Whole("train_bytes_max", 0, std::numeric_limits<int64_t>::max(), settings.train_bytes_max);
  reader.Whole("train_drift_hold_seconds", 0, 4 * kWeekSeconds, settings.train_drift_hold_seconds);
}

Status ReadFeed(const json::object& object, FeedSettings& feed) {
  FieldReader reader(object, "feed.");
  reader.Text("url", feed.url);
  reader.Text("format", feed.format);
  reader.Whole("every_minutes", 5, 7 * 1440, feed.every_minutes);
  reader.Flag("force", feed.force);
  reader.Flag("decimal_comma", feed.decimal_comma);
  if (const json::object* columns = reader.Object("columns")) ReadColumns(*columns, reader, feed);
  RETURN_IF_ERROR(reader.status());
  if (const Status url = CheckFeedUrl(feed.url); !url.ok()) reader.Fail("url", url.message());
  static constexpr std::string_view kFormats[] = {"", "ndjson", "csv", "google", "shopify"};
  if (std::find(std::begin(kFormats), std::end(kFormats), feed.format) == std::end(kFormats)) {
    reader.Fail("format", "must be ndjson, csv, google or shopify; empty: it is guessed");
  }
  return reader.status();
}

// A name in upper case: letters, digits and '_' behind the prefix.
bool IsKeyVariable(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || name.size() > kVariableBytesMax) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

// What is asked of every service: an address, a model, and a key that may be sent there.
void CheckService(const std::string& url, const std::string& model, const std::string& api_key_env,
                  std::string_view key_prefix, FieldReader& reader) {
  if (const Status checked = CheckFeedUrl(url); !checked.ok()) reader.Fail("url", checked.message());
  if (!url.empty() && model.empty())
    reader.Fail("model", "must name the model that the service is asked for");
  if (!api_key_env.empty() && !IsKeyVariable(api_key_env, key_prefix)) {
    reader.Fail("api_key_env",
                "must be the name of an environment variable that begins with " + std::string(key_prefix));
  }
}

Status ReadEmbeddings(const json::object& object, EmbeddingSettings& embeddings) {
  FieldReader reader(object, "embeddings.");
  reader.Text("url", embeddings.url);
  reader.Text("model", embeddings.model);
  reader.Whole("dimensions", 0, int64_t{kEmbeddingDimensionsMax}, embeddings.dimensions);
  reader.Text("api_key_env", embeddings.api_key_env);
  reader.Whole("batch_size", 1, int64_t{kEmbeddingBatchMax}, embeddings.batch_size);
  RETURN_IF_ERROR(reader.status());
  CheckService(embeddings.url, embeddings.model, embeddings.api_key_env, kEmbeddingKeyPrefix, reader);
  return reader.status();
}

Status ReadLlm(const json::object& object, LlmSettings& llm) {
  constexpr int64_t kRequestsPerDayMax = 1'000'000;
  constexpr int64_t kTimeoutSecondsMax = 120;
  FieldReader reader(object, "search.llm.");
  reader.Text("url", llm.url);
  reader.Text("model", llm.model);
  reader.Text("api_key_env", llm.api_key_env);
  reader.Flag("enabled", llm.is_enabled);
  reader.Whole("requests_per_day", 0, kRequestsPerDayMax, llm.requests_per_day);
  reader.Whole("timeout_seconds", 1, kTimeoutSecondsMax, llm.timeout_seconds);
  RETURN_IF_ERROR(reader.status());
  CheckService(llm.url, llm.model, llm.api_key_env, kLlmKeyPrefix, reader);
  return reader.status();
}

bool IsFacetName(std::string_view name) {
  constexpr std::string_view kPrefix = "attributes.";
  return name == "brand" || name == "category" || name == "tags" || name == "price" ||
         (name.starts_with(kPrefix) && name.size() > kPrefix.size());
}

Status ReadSearch(const json::object& object, SearchSettings& search) {
  FieldReader reader(object, "search.");
  reader.Whole("personalize", 0, 100, search.personalize);
  const json::object* const llm = reader.Object("llm");
  RETURN_IF_ERROR(reader.status());
  if (llm != nullptr) RETURN_IF_ERROR(ReadLlm(*llm, search.llm));
  const json::value* const facets = object.if_contains("facets");
  if (facets == nullptr || facets->is_null()) return {};
  if (!facets->is_array() || facets->get_array().size() > search::kFacetFieldsMax) {
    return InvalidArgument(
        "must be an array of at most " + std::to_string(search::kFacetFieldsMax) + " fields",
        "search.facets");
  }
  search.facets.clear();
  for (const json::value& entry : facets->get_array()) {
    const std::string place = "search.facets[" + std::to_string(search.facets.size()) + "]";
    const json::string* const text = entry.if_string();
    if (text == nullptr || text->size() > kTextBytesMax || !IsCleanText({text->data(), text->size()}) ||
        !IsFacetName({text->data(), text->size()})) {
      return InvalidArgument("must be brand, category, tags, price or attributes.<name>", place);
    }
    if (std::find(search.facets.begin(), search.facets.end(), std::string_view(*text)) !=
        search.facets.end()) {
      return InvalidArgument("is there twice", place);
    }
    search.facets.emplace_back(text->data(), text->size());
  }
  return {};
}

// RFC 7396.  The depth of `change` is bounded by the guard of request bodies.
void MergePatch(json::value& target, const json::value& change) {
  if (!change.is_object()) {
    target = change;
    return;
  }
  if (!target.is_object()) target = json::object();
  json::object& members = target.get_object();
  for (const auto& [name, value] : change.get_object()) {
    if (value.is_null()) {
      members.erase(name);
    } else {
      MergePatch(members[name], value);
    }
  }
}

}  // namespace

Result<StoreSettings> ParseStoreSettings(std::string_view text) {
  boost::system::error_code error;
  const json::value document = json::parse({text.data(), text.size()}, error);
  if (error || !document.is_object()) return InvalidArgument("store settings must be one JSON object");
  const json::object& object = document.get_object();
  StoreSettings settings;
  FieldReader reader(object, "");
  reader.Text("title", settings.title);
  reader.Text("label", settings.label);
  std::string currency(settings.base_currency.code());
  reader.Text("base_currency", currency);
  const auto parsed = Currency::Parse(currency);
  if (!parsed) reader.Fail("base_currency", "must be a currency code of three letters");
  settings.base_currency = parsed.value_or(settings.base_currency);
  if (const json::object* rates = reader.Object("exchange_rates")) ReadRates(*rates, reader, settings);
  reader.Text("time_zone", settings.time_zone);
  reader.Text("default_locale", settings.default_locale);
  reader.Flag("prices_include_tax", settings.prices_include_tax);
  reader.Choice("consent_default", "granted", "denied", settings.consent_default);
  if (const json::object* markets = reader.Object("consent_by_market")) {
    ReadConsentByMarket(*markets, reader, settings);
  }
  reader.Choice("environment", "test", "production", settings.is_test);
  ReadTraining(reader, settings);
  reader.Whole("decision_days_max", 1, kDaysMax, settings.decision_days_max);
  reader.Whole("decision_bytes_max", 1 << 20, std::numeric_limits<int64_t>::max(),
               settings.decision_bytes_max);
  reader.Whole("log_days_max", 0, kDaysMax, settings.log_days_max);
  reader.Whole("log_bytes_max", 0, std::numeric_limits<int64_t>::max(), settings.log_bytes_max);
  reader.Whole("anonymous_days_max", 0, kDaysMax, settings.anonymous_days_max);
  const json::object* feed = reader.Object("feed");
  const json::object* embeddings = reader.Object("embeddings");
  const json::object* search = reader.Object("search");
  RETURN_IF_ERROR(reader.status());
  if (feed != nullptr) RETURN_IF_ERROR(ReadFeed(*feed, settings.feed));
  if (embeddings != nullptr) RETURN_IF_ERROR(ReadEmbeddings(*embeddings, settings.embeddings));
  if (search != nullptr) RETURN_IF_ERROR(ReadSearch(*search, settings.search));
  return settings;
}

std::string StoreSettingsToPublicJson(const StoreSettings& settings) {
  StoreSettings masked = settings;
  masked.feed.url = MaskFeedUrl(settings.feed.url);
  masked.embeddings.url = MaskFeedUrl(settings.embeddings.url);
  masked.search.llm.url = MaskFeedUrl(settings.search.llm.url);
  return StoreSettingsToJson(masked);
}

Result<StoreSettings> PatchedStoreSettings(const StoreSettings& current, std::string_view patch) {
  boost::system::error_code error;
  const json::value change = json::parse({patch.data(), patch.size()}, error);
  if (error || !change.is_object()) return InvalidArgument("a change of settings must be one JSON object");
  json::value document = json::parse(StoreSettingsToJson(current));
  MergePatch(document, change);
  ASSIGN_OR_RETURN(StoreSettings settings, ParseStoreSettings(json::serialize(document)));
  settings.feed.url = UnmaskFeedUrl(std::move(settings.feed.url), current.feed.url);
  settings.embeddings.url = UnmaskFeedUrl(std::move(settings.embeddings.url), current.embeddings.url);
  settings.search.llm.url = UnmaskFeedUrl(std::move(settings.search.llm.url), current.search.llm.url);
  return settings;
}

std::string StoreSettingsToJson(const StoreSettings& settings) {
  JsonWriter writer;
  writer.BeginObject().Key("title").String(settings.title).Key("label").String(settings.label);
  writer.Key("base_currency").String(settings.base_currency.code()).Key("exchange_rates").BeginObject();
  for (const auto& [code, rate] : settings.exchange_rates) writer.Key(code).Double(rate);
  writer.EndObject().Key("time_zone").String(settings.time_zone);
  writer.Key("default_locale").String(settings.default_locale);
  writer.Key("prices_include_tax").Bool(settings.prices_include_tax);
  writer.Key("consent_default").String(settings.consent_default ? "granted" : "denied");
  writer.Key("consent_by_market").BeginObject();
  for (const auto& [market, is_granted] : settings.consent_by_market) {
    writer.Key(market).String(is_granted ? "granted" : "denied");
  }
  writer.EndObject().Key("environment").String(settings.is_test ? "test" : "production");
  writer.Key("train_every_seconds").Int(settings.train_every_seconds);
  writer.Key("train_new_percent").Int(settings.train_new_percent);
  writer.Key("train_at_latest_seconds").Int(settings.train_at_latest_seconds);
  writer.Key("train_cpu_seconds_max").Int(settings.train_cpu_seconds_max);
  writer.Key("train_bytes_max").Int(settings.train_bytes_max);
  writer.Key("train_drift_hold_seconds").Int(settings.train_drift_hold_seconds);
  writer.Key("decision_days_max").Int(settings.decision_days_max);
  writer.Key("decision_bytes_max").Int(settings.decision_bytes_max);
  writer.Key("log_days_max").Int(settings.log_days_max).Key("log_bytes_max").Int(settings.log_bytes_max);
  writer.Key("anonymous_days_max").Int(settings.anonymous_days_max);
  writer.Key("feed").BeginObject().Key("url").String(settings.feed.url);
  writer.Key("format").String(settings.feed.format).Key("every_minutes").Int(settings.feed.every_minutes);
  writer.Key("force").Bool(settings.feed.force).Key("decimal_comma").Bool(settings.feed.decimal_comma);
  writer.Key("columns").BeginObject();
  for (const auto& [column, field] : settings.feed.columns) writer.Key(column).String(field);
  writer.EndObject().EndObject();
  const EmbeddingSettings& embeddings = settings.embeddings;
  writer.Key("embeddings").BeginObject().Key("url").String(embeddings.url);
  writer.Key("model").String(embeddings.model).Key("dimensions").Int(embeddings.dimensions);
  writer.Key("api_key_env").String(embeddings.api_key_env);
  writer.Key("batch_size").Int(embeddings.batch_size).EndObject();
  writer.Key("search").BeginObject().Key("facets").BeginArray();
  for (const std::string& facet : settings.search.facets) writer.String(facet);
  writer.EndArray().Key("personalize").Int(settings.search.personalize);
  const LlmSettings& llm = settings.search.llm;
  writer.Key("llm").BeginObject().Key("url").String(llm.url).Key("model").String(llm.model);
  writer.Key("api_key_env").String(llm.api_key_env).Key("enabled").Bool(llm.is_enabled);
  writer.Key("requests_per_day").Int(llm.requests_per_day);
  writer.Key("timeout_seconds").Int(llm.timeout_seconds).EndObject().EndObject().EndObject();
  return writer.TakeText();
}

}  // namespace attune::server
