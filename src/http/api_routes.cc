// The routes: what each one needs, and the call of the backend that serves it.

#include <charconv>
#include <utility>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "http/api.h"
#include "http/limits.h"
#include "http/openapi.h"
#include "http/wire.h"

namespace attune::http {
namespace {

// Kinds of configuration documents; each has the routes /v1/config/<kind> and /v1/config/<kind>/{id}.
constexpr std::string_view kSettingKinds[] = {"placements", "rules", "lists", "synonyms"};

Response PlainResponse(std::string_view content_type, std::string body) {
  Response response;
  response.SetHeader("content-type", std::string(content_type));
  response.body = std::move(body);
  return response;
}

// Nothing, after the exchange was finished, when ?kind= is neither of the two.
std::optional<ShopperKind> ReadShopperKind(Exchange& exchange) {
  const std::string_view kind = exchange.request.Parameter("kind");
  if (!exchange.request.HasParameter("kind")) return ShopperKind::kEither;
  if (kind == "customer") return ShopperKind::kCustomer;
  if (kind == "anonymous") return ShopperKind::kAnonymous;
  exchange.Fail(ErrorCode::kInvalidArgument, "kind is customer or anonymous", "kind");
  return std::nullopt;
}

// Absent: false.  Nothing, after the exchange was finished, when the parameter is no truth value.
std::optional<bool> ReadFlag(Exchange& exchange, std::string_view name) {
  const std::string_view value = exchange.request.Parameter(name);
  if (!exchange.request.HasParameter(name) || value == "false") return false;
  if (value == "true") return true;
  exchange.Fail(ErrorCode::kInvalidArgument, "the parameter is true or false", name);
  return std::nullopt;
}

// Absent: `otherwise`.  Nothing, after the exchange was finished, when the parameter is no such number.
std::optional<uint32_t> ReadNumber(Exchange& exchange, std::string_view name, uint32_t least, uint32_t most,
                                   uint32_t otherwise) {
  if (!exchange.request.HasParameter(name)) return otherwise;
  const std::string_view text = exchange.request.Parameter(name);
  uint32_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && number >= least &&
      number <= most) {
    return number;
  }
  exchange.Fail(ErrorCode::kInvalidArgument,
                "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most), name);
  return std::nullopt;
}

// RFC 3339, or milliseconds; absent: nothing.  False, after the exchange was finished, when it is neither.
bool ReadTime(Exchange& exchange, std::string_view name, std::optional<int64_t>& time_ms) {
  if (!exchange.request.HasParameter(name)) return true;
  const std::string_view text = exchange.request.Parameter(name);
  int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  time_ms = is_number ? std::optional(number) : attune::ParseTime(text);
  if (time_ms && *time_ms >= 0 && *time_ms <= kTimeMaxMs) return true;
  exchange.Fail(ErrorCode::kInvalidArgument, "expected a time: 2026-01-31, RFC 3339, or milliseconds", name);
  return false;
}

BatchFormat FormatOf(const Request& request) {
  const std::string type = LowerCase(request.Header("content-type"));
  if (type.find("ndjson") != std::string::npos || type.find("jsonl") != std::string::npos ||
      type.find("json-lines") != std::string::npos) {
    return BatchFormat::kNdjson;
  }
  if (type.starts_with("application/json")) return BatchFormat::kJson;
  const size_t first = request.body.find_first_not_of(" \t\r\n");
  return first != std::string::npos && request.body[first] == '{' ? BatchFormat::kNdjson : BatchFormat::kJson;
}

// Nothing, after the exchange was finished, when If-Match or If-None-Match is not what we know.
std::optional<Precondition> ReadPrecondition(Exchange& exchange) {
  const Request& request = exchange.request;
  Precondition precondition;
  if (request.HasHeader("if-none-match")) {
    if (TrimSpaces(request.Header("if-none-match")) != "*") {
      exchange.Fail(ErrorCode::kInvalidArgument, "If-None-Match of a write is *", "if-none-match");
      return std::nullopt;
    }
    precondition.kind = Precondition::Kind::kAbsent;
  } else if (request.HasHeader("if-match")) {
    std::string_view list = TrimSpaces(request.Header("if-match"));
    precondition.kind = list == "*" ? Precondition::Kind::kExists : Precondition::Kind::kMatches;
    while (precondition.kind == Precondition::Kind::kMatches && !list.empty()) {
      const size_t comma = list.find(',');
      const std::string_view tag = TrimSpaces(list.substr(0, comma));
      if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') {
        exchange.Fail(ErrorCode::kInvalidArgument, "If-Match is a list of quoted ETags", "if-match");
        return std::nullopt;
      }
      precondition.etags.emplace_back(tag.substr(1, tag.size() - 2));
      list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    }
    if (list.empty() && precondition.kind == Precondition::Kind::kMatches && precondition.etags.empty()) {
      exchange.Fail(ErrorCode::kInvalidArgument, "If-Match is empty", "if-match");
      return std::nullopt;
    }
  }
  exchange.has_precondition = precondition.kind != Precondition::Kind::kNone;
  return precondition;
}

// "placements" of "/v1/config/placements/{id}".
std::string SettingKindOf(const Exchange& exchange) {
  static constexpr std::string_view kPrefix = "/v1/config/";
  const std::string_view rest = std::string_view(exchange.route->pattern).substr(kPrefix.size());
  return std::string(rest.substr(0, rest.find('/')));
}

Route Read(std::string pattern) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  return route;
}

Route Write(std::string method, std::string pattern, Scope scope, BodyKind body) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.scope = scope;
  route.body = body;
  route.is_write = true;
  return route;
}

}  // namespace

void Api::AddRoutes() {
  Route events = Write("POST", "/v1/events", Scope::kWrite, BodyKind::kJson);
  events.public_keys = PublicKeys::kAllowed;
  Add(std::move(events), &Api::PostEvents);
  Route recommendations = Write("POST", "/v1/recommendations", Scope::kRead, BodyKind::kJson);
  recommendations.public_keys = PublicKeys::kAllowed;
  recommendations.is_write = false;
  Add(std::move(recommendations), &Api::PostRecommendations);
  Route search = Write("POST", "/v1/search", Scope::kRead, BodyKind::kJson);
  search.public_keys = PublicKeys::kAllowed;
  search.is_write = false;
  Add(std::move(search), &Api::PostSearch);
  Route suggest = Write("POST", "/v1/search/suggest", Scope::kRead, BodyKind::kJson);
  suggest.public_keys = PublicKeys::kAllowed;
  suggest.is_write = false;
  Add(std::move(suggest), &Api::PostSuggest);
  Add(Read("/v1/search/analytics"), &Api::GetSearchAnalytics);
  Add(Read("/v1/trending"), &Api::GetTrending);
  Route decision = Read("/v1/decisions/{id}");
  decision.public_keys = PublicKeys::kDemoOnly;
  Add(std::move(decision), &Api::GetDecision);

  Route products = Write("POST", "/v1/products", Scope::kWrite, BodyKind::kJsonOrNdjson);
  products.body_bytes_max = kProductBatchBytesMax;
  Add(std::move(products), &Api::PostProducts);
  Add(Read("/v1/products"), &Api::ListProducts);
  Add(Read("/v1/products/{id}"), &Api::GetProduct);
  Add(Read("/v1/products/{id}/shoppers"), &Api::ListProspects);
  Add(Write("PUT", "/v1/products/{id}", Scope::kWrite, BodyKind::kJson), &Api::PutProduct);
  Add(Write("PATCH", "/v1/products/{id}", Scope::kWrite, BodyKind::kJson), &Api::PatchProduct);
  Add(Write("DELETE", "/v1/products/{id}", Scope::kWrite, BodyKind::kNone), &Api::DeleteProduct);

  Add(Read("/v1/shoppers/{id}"), &Api::GetShopper);
  Add(Write("DELETE", "/v1/shoppers/{id}", Scope::kAdmin, BodyKind::kNone), &Api::DeleteShopper);
  Route person = Read("/v1/shoppers/{id}/export");
  person.scope = Scope::kAdmin;
  Add(std::move(person), &Api::ExportShopper);

  AddConfigurationRoutes();
  Add(Read("/v1/feed"), &Api::GetFeed);
  Add(Read("/v1/models"), &Api::GetModels);

  Route scrape = Read("/metrics");
  scrape.access = Access::kOperator;
  Add(std::move(scrape), &Api::GetMetrics);
  const auto open = [&](std::string pattern, Serve serve) {
    Route route = Read(std::move(pattern));
    route.access = Access::kAnyone;
    Add(std::move(route), serve);
  };
  open("/healthz", &Api::GetHealth);
  open("/readyz", &Api::GetReadiness);
  open("/openapi.json", &Api::GetOpenApi);
  open("/docs/errors", &Api::GetErrors);
  open("/demo", &Api::RedirectToDemo);
  open("/demo/{file...}", &Api::GetDemo);
}

void Api::AddConfigurationRoutes() {
  for (const std::string_view kind : kSettingKinds) {
    const std::string base = "/v1/config/" + std::string(kind);
    Add(Read(base), &Api::ListSettings);
    Add(Read(base + "/{id}"), &Api::GetSetting);
    Route put = Write("PUT", base + "/{id}", Scope::kAdmin, BodyKind::kJson);
    put.body_bytes_max = kSettingBytesMax;
    Add(std::move(put), &Api::PutSetting);
    Add(Write("DELETE", base + "/{id}", Scope::kAdmin, BodyKind::kNone), &Api::DeleteSetting);
  }

  Add(Read("/v1/rules/conflicts"), &Api::GetRuleConflicts);
  Route dry_run = Write("POST", "/v1/rules/dry-run", Scope::kRead, BodyKind::kJson);
  dry_run.is_write = false;
  dry_run.body_bytes_max = kSettingBytesMax;
  Add(std::move(dry_run), &Api::DryRunRules);

  Add(Read("/v1/settings"), &Api::GetStoreSettings);
  Route patch = Write("PATCH", "/v1/settings", Scope::kAdmin, BodyKind::kJson);
  patch.body_bytes_max = kSettingBytesMax;
  Add(std::move(patch), &Api::PatchStoreSettings);
}

void Api::PostEvents(const ExchangePointer& exchange) {
  exchange->store->IngestEvents(exchange->request.body, exchange->caller, exchange->MakeDone());
}

void Api::PostRecommendations(const ExchangePointer& exchange) {
  exchange->store->Recommend(exchange->request.body, exchange->caller, exchange->MakeDone());
}

void Api::PostSearch(const ExchangePointer& exchange) {
  exchange->store->Search(exchange->request.body, exchange->caller, exchange->MakeDone());
}

void Api::PostSuggest(const ExchangePointer& exchange) {
  exchange->store->Suggest(exchange->request.body, exchange->caller, exchange->MakeDone());
}

void Api::GetSearchAnalytics(const ExchangePointer& exchange) {
  SearchAnalyticsQuery query;
  if (!ReadTime(*exchange, "from", query.from_ms) || !ReadTime(*exchange, "to", query.to_ms)) return;
  if (query.from_ms && query.to_ms && *query.from_ms > *query.to_ms) {
    return exchange->Fail(ErrorCode::kInvalidArgument, "must not be later than to", "from");
  }
  const std::optional<uint32_t> limit =
      ReadNumber(*exchange, "limit", 1, kAnalyticsListMax, kAnalyticsListDefault);
  if (!limit) return;
  query.limit = *limit;
  query.market = exchange->request.Parameter("market");
  exchange->store->GetSearchAnalytics(query, exchange->caller, exchange->MakeDone());
}

void Api::GetDecision(const ExchangePointer& exchange) {
  exchange->store->GetDecision(exchange->captures[0], std::string(exchange->request.Parameter("why_not")),
                               exchange->caller, exchange->MakeDone());
}

void Api::PostProducts(const ExchangePointer& exchange) {
  const std::optional<bool> replace = ReadFlag(*exchange, "replace");
  if (!replace) return;
  const std::optional<bool> force = ReadFlag(*exchange, "force");
  if (!force) return;
  const std::optional<bool> merge = ReadFlag(*exchange, "merge");
  if (!merge) return;
  const std::optional<bool> keep_variants = ReadFlag(*exchange, "keep_variants");
  if (!keep_variants) return;
  const Request& request = exchange->request;
  if (*keep_variants && !*merge) {
    return exchange->Fail(ErrorCode::kInvalidArgument, "goes with merge=true", "keep_variants");
  }
  if (*merge && *replace) {
    return exchange->Fail(ErrorCode::kInvalidArgument, "a batch merges or replaces, not both", "merge");
  }
  if (!*replace) {
    const BatchMode mode = *keep_variants ? BatchMode::kAddVariants
                           : *merge       ? BatchMode::kMerge
                                          : BatchMode::kPut;
    return exchange->store->UpsertProducts(request.body, FormatOf(request), mode, exchange->caller,
                                           exchange->MakeDone());
  }
  exchange->store->ReplaceProducts(request.body, FormatOf(request), *force, exchange->caller,
                                   exchange->MakeDone());
}

void Api::ListProducts(const ExchangePointer& exchange) {
  const std::optional<uint32_t> cursor = ReadNumber(*exchange, "cursor", 0, UINT32_MAX, 0);
  if (!cursor) return;
  const std::optional<uint32_t> limit =
      ReadNumber(*exchange, "limit", 1, kListProductsMax, kListProductsDefault);
  if (!limit) return;
  exchange->store->ListProducts(*cursor, *limit, exchange->caller, exchange->MakeDone());
}

void Api::GetProduct(const ExchangePointer& exchange) {
  exchange->store->GetProduct(exchange->captures[0], exchange->caller, exchange->MakeDone());
}

void Api::PutProduct(const ExchangePointer& exchange) {
  exchange->store->PutProduct(exchange->captures[0], exchange->request.body, exchange->caller,
                              exchange->MakeDone());
}

void Api::PatchProduct(const ExchangePointer& exchange) {
  exchange->store->PatchProduct(exchange->captures[0], exchange->request.body, exchange->caller,
                                exchange->MakeDone());
}

void Api::DeleteProduct(const ExchangePointer& exchange) {
  exchange->store->DeleteProduct(exchange->captures[0], exchange->caller, exchange->MakeDone());
}

void Api::GetShopper(const ExchangePointer& exchange) {
  const std::optional<ShopperKind> kind = ReadShopperKind(*exchange);
  if (kind) exchange->store->GetShopper(exchange->captures[0], *kind, exchange->caller, exchange->MakeDone());
}

void Api::DeleteShopper(const ExchangePointer& exchange) {
  const std::optional<ShopperKind> kind = ReadShopperKind(*exchange);
  if (kind)
    exchange->store->EraseShopper(exchange->captures[0], *kind, exchange->caller, exchange->MakeDone());
}

void Api::ExportShopper(const ExchangePointer& exchange) {
  const std::optional<ShopperKind> kind = ReadShopperKind(*exchange);
  if (kind)
    exchange->store->ExportShopper(exchange->captures[0], *kind, exchange->caller, exchange->MakeDone());
}

void Api::ListSettings(const ExchangePointer& exchange) {
  exchange->store->ListSettings(SettingKindOf(*exchange), exchange->caller, exchange->MakeDone());
}

void Api::GetSetting(const ExchangePointer& exchange) {
  exchange->store->ReadSetting(SettingKindOf(*exchange), exchange->captures[0], exchange->caller,
                               exchange->MakeDone());
}

void Api::PutSetting(const ExchangePointer& exchange) {
  std::optional<Precondition> precondition = ReadPrecondition(*exchange);
  if (!precondition) return;
  exchange->store->WriteSetting(SettingKindOf(*exchange), exchange->captures[0], exchange->request.body,
                                std::move(*precondition), exchange->caller, exchange->MakeDone());
}

void Api::DeleteSetting(const ExchangePointer& exchange) {
  std::optional<Precondition> precondition = ReadPrecondition(*exchange);
  if (!precondition) return;
  exchange->store->DeleteSetting(SettingKindOf(*exchange), exchange->captures[0], std::move(*precondition),
                                 exchange->caller, exchange->MakeDone());
}

void Api::GetRuleConflicts(const ExchangePointer& exchange) {
  exchange->store->GetRuleConflicts(exchange->caller, exchange->MakeDone());
}

void Api::DryRunRules(const ExchangePointer& exchange) {
  exchange->store->DryRunRules(exchange->request.body, exchange->caller, exchange->MakeDone());
}

void Api::GetStoreSettings(const ExchangePointer& exchange) {
  exchange->store->ReadStoreSettings(exchange->caller, exchange->MakeDone());
}

void Api::PatchStoreSettings(const ExchangePointer& exchange) {
  std::optional<Precondition> precondition = ReadPrecondition(*exchange);
  if (!precondition) return;
  exchange->store->PatchStoreSettings(exchange->request.body, std::move(*precondition), exchange->caller,
                                      exchange->MakeDone());
}

void Api::ListProspects(const ExchangePointer& exchange) {
  const std::optional<uint32_t> limit =
      ReadNumber(*exchange, "limit", 1, kListProspectsMax, kListProspectsDefault);
  if (!limit) return;
  exchange->store->ListProspects(exchange->captures[0], *limit, exchange->caller, exchange->MakeDone());
}

void Api::GetTrending(const ExchangePointer& exchange) {
  const std::string_view kind = exchange->request.Parameter("kind");
  if (exchange->request.HasParameter("kind") && kind != "category" && kind != "brand") {
    return exchange->Fail(ErrorCode::kInvalidArgument, "kind is category or brand", "kind");
  }
  const std::optional<uint32_t> limit = ReadNumber(*exchange, "limit", 1, kTrendingMax, kTrendingDefault);
  if (!limit) return;
  exchange->store->GetTrending(kind == "brand" ? TrendKind::kBrand : TrendKind::kCategory, *limit,
                               exchange->caller, exchange->MakeDone());
}

void Api::GetFeed(const ExchangePointer& exchange) {
  exchange->store->GetFeed(exchange->caller, exchange->MakeDone());
}

void Api::GetModels(const ExchangePointer& exchange) {
  exchange->store->GetModels(exchange->caller, exchange->MakeDone());
}

void Api::GetMetrics(const ExchangePointer& exchange) {
  exchange->Finish(PlainResponse("text/plain; version=0.0.4; charset=utf-8", metrics_->Scrape()));
}

void Api::GetHealth(const ExchangePointer& exchange) {
  exchange->Finish(JsonResponse(200, "{\"status\":\"ok\"}"));
}

void Api::GetReadiness(const ExchangePointer& exchange) {
  const Readiness readiness = stores_->readiness();
  JsonWriter json;
  json.BeginObject().Key("ready").Bool(readiness.is_ready).Key("reason").String(readiness.reason);
  if (IsLocal(exchange->request)) {  // The names of the stores are nobody else's business.
    json.Key("stores").BeginArray();
    for (const Readiness::Store& store : readiness.stores) {
      json.BeginObject().Key("store").String(store.store_id).Key("ready").Bool(store.is_ready);
      json.Key("reason").String(store.reason).EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
  Response response = JsonResponse(readiness.is_ready ? 200 : 503, json.TakeText());
  if (!readiness.is_ready) response.SetHeader("retry-after", std::to_string(kOverloadRetryAfterSeconds));
  exchange->Finish(std::move(response));
}

void Api::GetOpenApi(const ExchangePointer& exchange) {
  exchange->Finish(JsonResponse(200, std::string(OpenApiDocument())));
}

void Api::GetErrors(const ExchangePointer& exchange) {
  exchange->Finish(PlainResponse("text/html; charset=utf-8", ErrorsHtml()));
}

void Api::RedirectToDemo(const ExchangePointer& exchange) {
  Response response;
  response.status = 302;  // Relative addresses of the page need the slash.
  response.SetHeader("location", "/demo/");
  exchange->Finish(std::move(response));
}

void Api::GetDemo(const ExchangePointer& exchange) {
  exchange->Finish(options_.demo.Serve(exchange->captures[0], exchange->request));
}

}  // namespace attune::http
