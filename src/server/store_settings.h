// The settings of one store: its money, its clocks, its promises about consent.
//
// A JSON document, kept in the log as the setting of kind "store" and id "settings", so that a replay sees
// the settings that held.  Every field has a default, so `{}` is a store.
//
//   {"title":"Giftshop","base_currency":"GBP","time_zone":"Europe/London","consent_default":"granted",
//    "consent_by_market":{"DE":"denied"},"environment":"production","exchange_rates":{"USD":0.79}}
//
// Thread safety: value type; published settings are const.

#ifndef ATTUNE_SERVER_STORE_SETTINGS_H_
#define ATTUNE_SERVER_STORE_SETTINGS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/status.h"

namespace attune::server {

inline constexpr const char* kStoreSettingKind = "store";
inline constexpr const char* kStoreSettingId = "settings";

// A catalogue that the server fetches by itself (server/feed_runner.h).
struct FeedSettings {
  std::string url;     // http or https; may hold a password (server/feed_url.h); empty: no scheduled feed.
  std::string format;  // "ndjson", "csv", "google", "shopify"; empty: guessed.
  int64_t every_minutes = 1440;
  bool force = false;                          // Swap in also an empty feed, or one that hides over a fifth.
  bool decimal_comma = false;                  // 24,90 is a price.
  std::map<std::string, std::string> columns;  // Column to field, where the guess is wrong.

  friend bool operator==(const FeedSettings&, const FeedSettings&) = default;
};

// A service that turns texts of products into vectors (server/embedding_runner.h).
struct EmbeddingSettings {
  std::string url;          // Of an OpenAI-compatible /v1/embeddings, http or https; empty: none is asked.
  std::string model;        // As the service names it.  Another model: all texts are asked for anew.
  int64_t dimensions = 0;   // Asked of the service; 0: not said.
  std::string api_key_env;  // The environment variable of the server that holds the key; empty: none is sent.
  int64_t batch_size = 64;  // Texts of one request.

  friend bool operator==(const EmbeddingSettings&, const EmbeddingSettings&) = default;
};

// What api_key_env begins with: whoever may change settings must not have the server send other secrets of
// its environment to an address of their choice.
inline constexpr std::string_view kEmbeddingKeyPrefix = "ATTUNE_EMBEDDINGS_";

// An LLM that says what queries mean which the catalogue does not explain (server/query_meaning_run.h).
struct LlmSettings {
  std::string url;          // Of an OpenAI-compatible /v1/chat/completions; empty: none is asked.
  std::string model;        // As the service names it.  Another model: all queries are asked anew.
  std::string api_key_env;  // The environment variable of the server that holds the key; empty: none is sent.
  bool is_enabled = true;   // False: nothing is asked, and nothing that was answered is used.
  int64_t requests_per_day = 1'000;  // Of the store's time zone.
  int64_t timeout_seconds = 20;      // Of one request.

  friend bool operator==(const LlmSettings&, const LlmSettings&) = default;
};

// What LlmSettings::api_key_env begins with, as kEmbeddingKeyPrefix.
inline constexpr std::string_view kLlmKeyPrefix = "ATTUNE_LLM_";

// What shoppers search by (server/search_keeper.h).
struct SearchSettings {
  // Fields that are counted beside hits at once: brand, category, tags, price, attributes.<path>.  Other
  // attributes are counted from the products, which takes longer where many match.
  std::vector<std::string> facets = {"brand", "category", "tags", "price"};
  // How much the order follows the shopper's taste where a search does not say: 0 (not at all) to 100.
  int64_t personalize = 50;
  LlmSettings llm;

  friend bool operator==(const SearchSettings&, const SearchSettings&) = default;
};

struct StoreSettings {
  std::string title;
  std::string label;  // Shown wherever the store is shown, e.g. "Simulated shoppers."
  Currency base_currency = *Currency::Parse("EUR");
  std::map<std::string, double> exchange_rates;  // One unit of that currency in base currency.
  std::string time_zone = "UTC";
  std::string default_locale = "en";
  bool prices_include_tax = true;
  bool consent_default = true;                    // True: granted.
  std::map<std::string, bool> consent_by_market;  // Where it differs.
  bool is_test = false;                           // A test store never sends mail, offers or webhooks.
  // Between generations; then when the log grew by this part, and at the latest after this time.
  int64_t train_every_seconds = 60;
  int64_t train_new_percent = 1;
  int64_t train_at_latest_seconds = 3600;
  int64_t train_cpu_seconds_max = 1800;  // Of one generation; what does not fit is skipped.
  int64_t train_bytes_max = 0;           // Of one trainer; 0: as the server's memory limit says.
  int64_t train_drift_hold_seconds = 86400;
  int64_t decision_days_max = 30;
  int64_t decision_bytes_max = int64_t{2} << 30;
  int64_t log_days_max = 0;   // 0: the log is kept for ever.
  int64_t log_bytes_max = 0;  // 0: no limit.
  int64_t anonymous_days_max =
      90;  // Silence after which an anonymous shopper without orders is forgotten; 0: never.
  FeedSettings feed;
  EmbeddingSettings embeddings;
  SearchSettings search;
};

// Fails with kInvalidArgument and the field's name; unknown fields are ignored.
Result<StoreSettings> ParseStoreSettings(std::string_view json);

std::string StoreSettingsToJson(const StoreSettings& settings);

// The same with secrets masked: for people.
std::string StoreSettingsToPublicJson(const StoreSettings& settings);

// The settings after a JSON merge patch (RFC 7396): fields named replace, null returns one to its default.  A
// masked address stands for the current one.  Fails as ParseStoreSettings does.
Result<StoreSettings> PatchedStoreSettings(const StoreSettings& current, std::string_view patch);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_STORE_SETTINGS_H_
