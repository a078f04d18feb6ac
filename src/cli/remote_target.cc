// Imports through the API of a running server (declared in import_target.h).
//
// Each request carries an Idempotency-Key, so one whose answer was lost is sent again without harm.  429 and
// 503 are waited out as Retry-After says; so are connections that fail, for a while.

#include <curl/curl.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <utility>

#include "base/mutex.h"
#include "base/random.h"
#include "catalog/limits.h"
#include "cli/import_target.h"
#include "events/event_json.h"

namespace attune::cli {
namespace {

namespace json = boost::json;

// Tries of one request, and what is waited between them when the server does not say: 1, 2, 4 ... 60 s.
constexpr int kTriesMax = 10;
constexpr int64_t kWaitSecondsMax = 60;
constexpr long kRequestSeconds = 300;
// A body stays below what the server takes (http/limits.h).
constexpr size_t kEventBodyBytesMax = 3u << 20;
constexpr size_t kProductBodyBytesMax = 32u << 20;

struct HttpAnswer {
  long status = 0;  // 0: none came.
  int64_t retry_after_seconds = 0;
  std::string body;
};

size_t OnBody(char* bytes, size_t /*one*/, size_t size, void* into) {
  static_cast<std::string*>(into)->append(bytes, size);
  return size;
}

// {"error":{"code","message","field"}} as a status that says the same.
Status ErrorOf(const HttpAnswer& answer) {
  boost::system::error_code failed;
  const json::value document = json::parse(answer.body, failed);
  const json::value* error =
      failed || !document.is_object() ? nullptr : document.get_object().if_contains("error");
  const auto text = [error](const char* name) {
    const json::value* value =
        error == nullptr || !error->is_object() ? nullptr : error->get_object().if_contains(name);
    return value == nullptr || !value->is_string() ? std::string() : std::string(value->get_string());
  };
  const std::string message = text("message");
  if (message.empty()) return Unavailable("the server answered with status " + std::to_string(answer.status));
  return InvalidArgument("the server says: " + message, text("field"));
}

class RemoteTarget final : public ImportTarget {
 public:
  RemoteTarget(const std::string& url, const std::string& key, std::string store_id)
      : url_(url.substr(0, url.find_last_not_of('/') + 1)), curl_(curl_easy_init(), &curl_easy_cleanup) {
    SecureRandomSource random;
    run_ = std::to_string(random.Next64());
    if (!key.empty()) headers_.push_back("Authorization: Bearer " + key);
    if (!store_id.empty()) headers_.push_back("x-attune-store: " + std::move(store_id));
  }

  const Clock& clock() const override { return clock_; }

  Result<Currency> BaseCurrency() override {
    ASSIGN_OR_RETURN(const json::value document, Call("GET", "/v1/settings", "", ""));
    boost::system::error_code failed;
    const json::value* code = document.find_pointer("/settings/base_currency", failed);
    const auto currency = code == nullptr || !code->is_string()
                              ? std::nullopt
                              : Currency::Parse(std::string_view(code->get_string()));
    if (!currency) return Unavailable("the server did not say the store's currency; give --currency");
    return *currency;
  }

  Status AddProducts(std::vector<ImportedProduct> batch, uint64_t done) override {
    // Rows of a variant each add to what is there; whole products replace their variants.
    size_t begin = 0;
    while (begin < batch.size()) {
      const bool replaces = batch[begin].change.replaces_variants;
      std::string body;
      size_t end = begin;
      while (end < batch.size() && batch[end].change.replaces_variants == replaces &&
             (end == begin || body.size() + batch[end].json.size() < kProductBodyBytesMax)) {
        body += batch[end++].json + "\n";
      }
      const char* path = replaces ? "/v1/products?merge=true" : "/v1/products?merge=true&keep_variants=true";
      RETURN_IF_ERROR(Send(path, body, "application/x-ndjson"));
      begin = end;
    }
    durable_ = done;
    return Status();
  }

  Status AddEvents(std::vector<events::IncomingEvent> batch, uint64_t done) override {
    JsonWriter body;
    bool is_open = false;
    for (size_t i = 0; i < batch.size(); ++i) {
      if (!is_open) body.BeginArray();
      is_open = true;
      events::WriteEventJson(body, batch[i]);
      if (body.text().size() < kEventBodyBytesMax && i + 1 < batch.size()) continue;
      RETURN_IF_ERROR(Send("/v1/events", body.EndArray().TakeText(), "application/json"));
      body = JsonWriter();
      is_open = false;
    }
    durable_ = done;
    return Status();
  }

  Status Flush() override { return Status(); }

  Result<std::string> Get(const std::string& path) {
    ASSIGN_OR_RETURN(const json::value document, Call("GET", path, "", ""));
    return json::serialize(document);
  }

  Status Replace(std::vector<ImportedProduct> products, int64_t /*feed_time_ms*/, bool force) override {
    if (products.size() > catalog::kBatchProductsMax) {
      return InvalidArgument(
          "a running server takes whole catalogues of at most 10 000 products in one request; give it the "
          "file's address as a scheduled feed, or stop it and import into its folder");
    }
    std::string body;
    for (const ImportedProduct& product : products) body += product.json + "\n";
    const std::string path = std::string("/v1/products?replace=true") + (force ? "&force=true" : "");
    return Send(path, body, "application/x-ndjson");
  }

 private:
  // Sends a batch and notes what was refused of it.
  Status Send(const std::string& path, const std::string& body, const char* content_type) {
    ASSIGN_OR_RETURN(const json::value document, Call("POST", path, body, content_type));
    boost::system::error_code failed;
    const json::value* rejected = document.find_pointer("/rejected", failed);
    if (rejected == nullptr || !rejected->is_array())
      return Unavailable("the server's answer is not understood");
    for (const json::value& one : rejected->get_array()) {
      const auto text = [&one](const char* name) {
        const json::value* value = one.is_object() ? one.get_object().if_contains(name) : nullptr;
        return value == nullptr || !value->is_string() ? std::string() : std::string(value->get_string());
      };
      if (text("code") == events::kUnavailable) return Unavailable(text("message"));
      Refuse(text("field"), text("message"));
    }
    return Status();
  }

  Result<json::value> Call(const char* method, const std::string& path, const std::string& body,
                           const char* content_type) {
    const std::string idempotency_key = "import-" + run_ + "-" + std::to_string(++request_count_);
    int64_t wait_seconds = 1;
    for (int attempt = 1;; ++attempt) {
      const HttpAnswer answer = Once(method, path, body, content_type, idempotency_key);
      if (answer.status == 200) {
        boost::system::error_code failed;
        json::value document = json::parse(answer.body, failed);
        if (failed) return Unavailable("the server's answer is not understood");
        return document;
      }
      const bool may_pass = answer.status == 0 || answer.status == 429 || answer.status == 503;
      if (answer.status == 0 && (attempt == kTriesMax || request_count_ == 1)) {
        return Unavailable("no answer from " + url_);  // The first one tells a wrong address at once.
      }
      if (!may_pass || attempt == kTriesMax) return ErrorOf(answer);
      const int64_t seconds =
          std::clamp<int64_t>(std::max(answer.retry_after_seconds, wait_seconds), 1, kWaitSecondsMax);
      std::fprintf(stderr, "\n  the server asks to wait (status %ld); next try in %lld s\n", answer.status,
                   static_cast<long long>(seconds));
      Wait(seconds);
      wait_seconds = std::min(wait_seconds * 2, kWaitSecondsMax);
    }
  }

  HttpAnswer Once(const char* method, const std::string& path, const std::string& body,
                  const char* content_type, const std::string& idempotency_key) {
    HttpAnswer answer;
    const std::string url = url_ + path;
    curl_slist* list = nullptr;
    for (const std::string& header : headers_) list = curl_slist_append(list, header.c_str());
    const bool is_post = std::string_view(method) == "POST";
    if (is_post) {
      list = curl_slist_append(list, ("Content-Type: " + std::string(content_type)).c_str());
      list = curl_slist_append(list, ("Idempotency-Key: " + idempotency_key).c_str());
    }
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> owned(list, &curl_slist_free_all);
    CURL* curl = curl_.get();
    curl_easy_reset(curl);  // Keeps the connection.
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, kRequestSeconds);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    if (is_post) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
    }
    if (curl_easy_perform(curl) != CURLE_OK) return {};
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_off_t retry_after = 0;
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
    answer.retry_after_seconds = retry_after;
    return answer;
  }

  static void Wait(int64_t seconds) {
    Mutex mutex;
    ConditionVariable never;
    MutexLock lock(mutex);
    never.WaitFor(lock, std::chrono::seconds(seconds));
  }

  const std::string url_;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
  SystemClock clock_;
  std::vector<std::string> headers_;
  std::string run_;
  uint64_t request_count_ = 0;
};

}  // namespace

std::unique_ptr<ImportTarget> MakeRemoteTarget(const std::string& url, const std::string& key,
                                               const std::string& store_id) {
  return std::make_unique<RemoteTarget>(url, key, store_id);
}

Result<std::string> GetFromServer(const std::string& url, const std::string& key, const std::string& store_id,
                                  const std::string& path) {
  return RemoteTarget(url, key, store_id).Get(path);
}

}  // namespace attune::cli
