// The answers of a store to the HTTP room: reads answer at once, writes after their group commit.

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "catalog/product_json.h"
#include "decisions/decide.h"
#include "decisions/decision_record.h"
#include "decisions/replay.h"
#include "events/event_json.h"
#include "events/event_record.h"
#include "features/feature_json.h"
#include "http/error_response.h"
#include "models/live_sessions.h"
#include "recommend/answer_json.h"
#include "recommend/request_json.h"
#include "search/decision_json.h"
#include "server/forecast_json.h"
#include "server/store.h"

namespace attune::server {
namespace {

catalog::Audience AudienceOf(const http::Caller& caller) {
  return caller.is_public ? catalog::Audience::kPublic : catalog::Audience::kSecret;
}

// An event of a public key may name no other customer than the proven one, and what it says of orders is
// unverified.
void RestrictToCaller(const http::Caller& caller, events::EventBody& body) {
  if (!caller.is_public) return;
  for (events::IncomingEvent& event : body.events) {
    if (events::IsOrderType(event.type)) event.is_verified = false;
    if (event.customer_id.empty() || caller.MayName(event.customer_id)) continue;
    event.customer_id.clear();
    event.traits_json.clear();
  }
}

std::string IngestAnswer(const IngestResult& result) {
  JsonWriter json;
  json.BeginObject().Key("accepted").Uint(result.accepted).Key("duplicates").Uint(result.duplicates);
  json.Key("rejected").BeginArray();
  for (const events::RejectedEvent& rejected : result.rejected) {
    json.BeginObject().Key("index").Uint(rejected.index).Key("code").String(rejected.code);
    json.Key("field").String(rejected.field).Key("message").String(rejected.message).EndObject();
  }
  json.EndArray().EndObject();
  return json.TakeText();
}

void WriteRejection(size_t index, const Status& status, JsonWriter& json) {
  json.BeginObject().Key("index").Uint(index).Key("code");
  json.String(status.code() == StatusCode::kNotFound ? "not_found" : "invalid_field");
  json.Key("field").String(status.field()).Key("message").String(status.message()).EndObject();
}

struct Rejections {
  std::vector<std::pair<size_t, Status>> all;

  std::string Answer(size_t accepted) {
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    JsonWriter json;
    json.BeginObject().Key("accepted").Uint(accepted).Key("rejected").BeginArray();
    for (const auto& [index, status] : all) WriteRejection(index, status, json);
    json.EndArray().EndObject();
    return json.TakeText();
  }
};

}  // namespace

void Store::IngestEvents(std::string body, const http::Caller& caller, http::Done done) {
  const events::EventBodyOptions options{.received_at_ms = caller.received_at_ms,
                                         .default_currency = settings().base_currency,
                                         .may_backfill = !caller.is_public,
                                         .is_backfill = false};
  auto parsed = events::ParseEventBody(body, options);
  if (!parsed.ok()) return done(parsed.status());
  RestrictToCaller(caller, *parsed);
  auto ahead = LookAhead(*parsed);
  if (!ahead.ok()) return done(ahead.status());
  Submit(MakeIngestCommand(&writer_, std::move(parsed).value(), std::move(ahead).value(),
                           [done](const Status& status, const IngestResult& result) {
                             if (!status.ok()) return done(status);
                             done(http::Answer{.status = 200, .body = IngestAnswer(result), .etag = {}});
                           }),
         [done](const Status& status) { done(status); });
}

void Store::ChangeOne(const std::string& product_id, Result<catalog::ProductChange> change, http::Done done) {
  if (!change.ok()) return done(change.status());
  Submit(MakeProductsCommand(&writer_, {std::move(change).value()},
                             [done, product_id](const Status& status, const ProductsResult& result) {
                               if (!status.ok()) return done(status);
                               if (!result.statuses.front().ok()) return done(result.statuses.front());
                               JsonWriter json;
                               json.BeginObject().Key("product_id").String(product_id).EndObject();
                               done(http::Answer{.status = result.created.front() ? 201 : 200,
                                                 .body = json.TakeText(),
                                                 .etag = {}});
                             }),
         [done](const Status& status) { done(status); });
}

void Store::PutProduct(std::string product_id, std::string body, const http::Caller& caller,
                       http::Done done) {
  auto change = catalog::ParseProductChange(body, {.kind = catalog::ProductChange::Kind::kPut,
                                                   .product_id = product_id,
                                                   .default_currency = settings().base_currency,
                                                   .now_ms = caller.received_at_ms});
  ChangeOne(product_id, std::move(change), std::move(done));
}

void Store::PatchProduct(std::string product_id, std::string body, const http::Caller& caller,
                         http::Done done) {
  auto change = catalog::ParseProductChange(body, {.kind = catalog::ProductChange::Kind::kPatch,
                                                   .product_id = product_id,
                                                   .default_currency = settings().base_currency,
                                                   .now_ms = caller.received_at_ms});
  ChangeOne(product_id, std::move(change), std::move(done));
}

void Store::DeleteProduct(std::string product_id, const http::Caller& caller, http::Done done) {
  catalog::ProductChange change;
  change.kind = catalog::ProductChange::Kind::kDelete;
  change.product_id = product_id;
  change.updated_at_ms = caller.received_at_ms;
  ChangeOne(product_id, std::move(change), [done](Result<http::Answer> answer) {
    if (answer.ok()) answer = http::Answer{.status = 204, .body = {}, .etag = {}};
    done(std::move(answer));
  });
}

void Store::UpsertProducts(std::string body, http::BatchFormat /*format*/, http::BatchMode mode,
                           const http::Caller& caller, http::Done done) {
  using Kind = catalog::ProductChange::Kind;
  auto batch =
      catalog::ParseProductBatch(body, {.kind = mode == http::BatchMode::kPut ? Kind::kPut : Kind::kMerge,
                                        .product_id = {},
                                        .default_currency = settings().base_currency,
                                        .now_ms = caller.received_at_ms});
  if (!batch.ok()) return done(batch.status());
  if (mode == http::BatchMode::kAddVariants) {
    for (auto& change : batch->changes) change.replaces_variants = false;
  }
  auto rejections = std::make_shared<Rejections>();
  for (auto& rejection : batch->rejections) rejections->all.emplace_back(rejection.index, rejection.status);
  Submit(MakeProductsCommand(&writer_, std::move(batch->changes),
                             [done, rejections, indices = std::move(batch->indices)](
                                 const Status& status, const ProductsResult& result) {
                               if (!status.ok()) return done(status);
                               size_t accepted = 0;
                               for (size_t i = 0; i < result.statuses.size(); ++i) {
                                 if (result.statuses[i].ok()) {
                                   ++accepted;
                                 } else {
                                   rejections->all.emplace_back(indices[i], result.statuses[i]);
                                 }
                               }
                               done(http::Answer{
                                   .status = 200, .body = rejections->Answer(accepted), .etag = {}});
                             }),
         [done](const Status& status) { done(status); });
}

void Store::ReplaceProducts(std::string body, http::BatchFormat /*format*/, bool force,
                            const http::Caller& caller, http::Done done) {
  auto batch = catalog::ParseProductBatch(body, {.kind = catalog::ProductChange::Kind::kMerge,
                                                 .product_id = {},
                                                 .default_currency = settings().base_currency,
                                                 .now_ms = caller.received_at_ms});
  if (!batch.ok()) return done(batch.status());
  auto rejections = std::make_shared<Rejections>();
  for (auto& rejection : batch->rejections) rejections->all.emplace_back(rejection.index, rejection.status);
  catalog::FeedStage stage(caller.received_at_ms);
  for (auto& change : batch->changes) stage.Add(std::move(change));
  auto swap = stage.Swap(*state_->catalog_view(), force);
  if (!swap.ok()) return done(swap.status());
  const auto shared = std::make_shared<const catalog::FeedSwap>(std::move(swap).value());
  const auto answer = [done, rejections, shared](const Status& status) {
    if (!status.ok()) return done(status);
    done(http::Answer{.status = 200,
                      .body = rejections->Answer(shared->upserted_count + shared->unchanged_count),
                      .etag = {}});
  };
  Submit(MakeSwapCommand(&writer_, shared, answer), answer);
}

void Store::ListProducts(uint32_t cursor, uint32_t limit, const http::Caller& caller, http::Done done) {
  Touch();
  const auto catalog = state_->catalog_view();
  uint32_t index = cursor;
  JsonWriter json;
  json.BeginObject().Key("products").BeginArray();
  for (; index < catalog->index_count() && limit > 0; ++index) {
    const catalog::Product* product = catalog->Find(ProductIndex(index));
    if (product == nullptr) continue;  // A name without a product.
    catalog::WriteProductJson(json, *product, AudienceOf(caller));
    --limit;
  }
  json.EndArray().Key("next");
  if (index < catalog->index_count()) {
    json.String(std::to_string(index));
  } else {
    json.Null();
  }
  json.EndObject();
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
}

void Store::GetProduct(std::string product_id, const http::Caller& caller, http::Done done) {
  Touch();
  const auto catalog = state_->catalog_view();
  const auto index = catalog->Resolve(product_id);
  const catalog::Product* product = index ? catalog->Find(*index) : nullptr;
  if (product == nullptr) return done(NotFound("no such product: " + product_id));
  const int64_t now_ms = services_.clock->NowMs();
  JsonWriter json;
  json.BeginObject().Key("product");
  catalog::WriteProductJson(json, *product, AudienceOf(caller));
  json.Key("features");
  const features::FeatureJsonContext context{
      .now_ms = now_ms,
      .base_currency = settings().base_currency,
      .settings = state_->feature_settings(),
      .product_id_of = [&catalog](ProductIndex other) { return catalog->IdOf(other); }};
  features::WriteProductFeatures(state_->product_features().Read(*index),
                                 state_->product_features().ReadSignals(*index, now_ms), context, json);
  json.EndObject();
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
}

void Store::Recommend(std::string body, const http::Caller& caller, http::Done done) {
  Touch();
  const int64_t started_micros = services_.clock->SteadyMicros();
  auto request = recommend::ParseRecommendationRequest(body);
  if (!request.ok()) return done(request.status());
  if (request->preview != nullptr && caller.is_public) {
    return done(PermissionDenied("a preview needs a secret key", "preview"));
  }
  if (!request->customer_id.empty() && !caller.MayName(request->customer_id)) request->customer_id.clear();
  const bool explain = request->explain && caller.may_explain;
  auto recommended = recommender_->Recommend(*request);
  if (!recommended.ok()) return done(recommended.status());
  const Recommendation made = std::move(recommended).value();
  JsonWriter json;
  recommend::WriteRecommendation(json, *made, explain, services_.clock->SteadyMicros() - started_micros,
                                 {.products = AudienceOf(caller), .may_explain = caller.may_explain});
  if (caller.may_explain) KeepRecent(made);
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
}

void Store::KeepRecent(Recommendation made) {
  std::vector<Recommendation> oldest;  // Die outside the lock.
  MutexLock lock(recent_mutex_);
  // Decisions that follow each other were made from the same visits, most of the time.
  const auto bytes_beside = [](const models::LiveSessions* live, const models::LiveSessions* neighbour) {
    return live == nullptr || live == neighbour ? 0 : live->memory_bytes();
  };
  const auto live_of = [](const Recommendation& one) { return one->view->live.get(); };
  recent_live_bytes_ += bytes_beside(live_of(made), recent_.empty() ? nullptr : live_of(recent_.back()));
  recent_.push_back(std::move(made));
  while (recent_.size() > 1 &&
         (recent_.size() > kExplainedDecisionsMax || recent_live_bytes_ > kExplainedLiveBytesMax)) {
    recent_live_bytes_ -= bytes_beside(live_of(recent_[0]), live_of(recent_[1]));
    oldest.push_back(std::move(recent_.front()));
    recent_.pop_front();
  }
}

Store::Recommendation Store::FindRecent(const DecisionId& id) const {
  MutexLock lock(recent_mutex_);
  for (const Recommendation& made : recent_) {
    if (made->decision.id == id) return made;
  }
  return nullptr;
}

void Store::GetDecision(std::string decision_id, std::string why_not, const http::Caller& /*caller*/,
                        http::Done done) {
  Touch();
  const auto id = DecisionId::Parse(decision_id);
  if (!id) return done(InvalidArgument("must be 32 lower-case hex digits", "decision_id"));
  const auto catalog = state_->catalog_view();
  JsonWriter json;
  if (const Recommendation made = FindRecent(*id)) {
    const decisions::DecisionRecord record = decisions::MakeDecisionRecord(
        made->input(), made->decision, made->trace,
        {.handles = made->shopper.handles, .profile_sequence = made->shopper.sequence});
    const decisions::DecideInput input = made->input();
    decisions::DecisionTrace trace;
    const auto replay = decisions::ReplayDecision(
        record, {.view = input.view, .profile = input.profile, .catalog = input.catalog}, &trace);
    if (!replay.ok()) return done(replay.status());
    std::optional<decisions::WhyNot> answer;
    if (!why_not.empty()) {
      const auto index = input.catalog.Resolve(why_not);
      if (!index) return done(NotFound("no such product: " + why_not));
      const auto explained = decisions::ExplainWhyNot(input, *index);
      if (!explained.ok()) return done(explained.status());
      answer = *explained;
    }
    recommend::WriteDecision(json, {.record = record,
                                    .catalog = input.catalog,
                                    .replay = &*replay,
                                    .input = &input,
                                    .trace = &trace,
                                    .why_not = answer ? &*answer : nullptr,
                                    .why_not_product_id = why_not});
    return done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
  }
  if (const SearchResult made = FindRecentSearch(*id)) {
    const auto text = search::SearchDecisionJson(*made, why_not);
    if (!text.ok()) return done(text.status());
    return done(http::Answer{.status = 200, .body = *text, .etag = {}});
  }
  const auto record = decision_source_->Find(*id);
  if (!record.ok()) return done(record.status());
  if (!*record) return done(NotFound("no such decision, or its record is gone"));
  recommend::WriteDecision(json, {.record = **record, .catalog = *catalog, .why_not_product_id = why_not});
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
}

Result<std::optional<ShopperHandle>> Store::FindPerson(const std::string& id, http::ShopperKind kind) const {
  using events::IdentityKind;
  for (const IdentityKind identity : {IdentityKind::kCustomer, IdentityKind::kAnonymous}) {
    const bool is_asked = kind == http::ShopperKind::kEither ||
                          (kind == http::ShopperKind::kCustomer) == (identity == IdentityKind::kCustomer);
    if (!is_asked) continue;
    ASSIGN_OR_RETURN(const auto handle, state_->identities().Find(identity, id));
    if (!handle) continue;
    ASSIGN_OR_RETURN(const auto known, state_->identities().StateOf(*handle));
    if (known == nullptr) continue;
    ASSIGN_OR_RETURN(const ShopperHandle person, state_->identities().PersonOf(*handle));
    return std::optional(person);
  }
  return std::optional<ShopperHandle>();
}

void Store::GetShopper(std::string id, http::ShopperKind kind, const http::Caller& /*caller*/,
                       http::Done done) {
  Touch();
  const auto person = FindPerson(id, kind);
  if (!person.ok()) return done(person.status());
  if (!*person) return done(NotFound("no shopper is known under this id"));
  const auto handles = state_->identities().HandlesOf(**person);
  if (!handles.ok()) return done(handles.status());
  const int64_t now_ms = services_.clock->NowMs();
  const features::FeatureSettings feature_settings = state_->feature_settings();
  const auto reading =
      profile_source_->ReadHandles(*handles, {.now_ms = now_ms, .settings = feature_settings});
  if (!reading.ok()) return done(reading.status());
  JsonWriter json;
  json.BeginObject().Key("ids").BeginArray();
  for (const ShopperHandle handle : *handles) {
    const auto known = state_->identities().StateOf(handle);
    const auto external = state_->identities().ExternalIdOf(handle);
    if (!known.ok() || *known == nullptr || !external.ok() || !*external) continue;
    const bool is_customer = (*known)->kind == events::IdentityKind::kCustomer;
    json.BeginObject().Key(is_customer ? "customer_id" : "anonymous_id").String(**external).EndObject();
  }
  json.EndArray().Key("features");
  const auto catalog = state_->catalog_view();
  const features::FeatureJsonContext context{
      .now_ms = now_ms,
      .base_currency = settings().base_currency,
      .settings = feature_settings,
      .product_id_of = [&catalog](ProductIndex other) { return catalog->IdOf(other); }};
  features::WriteShopperFeatures(reading->profile, context, json);
  const auto directory = models_->published();
  json.Key("forecast");
  WriteForecast(reading->profile, directory == nullptr ? nullptr : directory->set(), now_ms,
                context.base_currency, json);
  json.EndObject();
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
}

void Store::EraseShopper(std::string id, http::ShopperKind kind, const http::Caller& /*caller*/,
                         http::Done done) {
  const auto answer = [done](const Status& status) {
    if (!status.ok()) return done(status);
    done(http::Answer{.status = 204, .body = {}, .etag = {}});
  };
  Submit(MakeEraseCommand(&writer_, std::move(id), kind, answer), answer);
}

void Store::ExportShopper(std::string id, http::ShopperKind kind, const http::Caller& /*caller*/,
                          http::Done done) {
  Touch();
  const auto person = FindPerson(id, kind);
  if (!person.ok()) return done(person.status());
  if (!*person) return done(NotFound("no shopper is known under this id"));
  // The log is read from its beginning, which takes seconds on a large one.
  export_.Give([this, person = **person] { return ExportPerson(person); },
               "another export is being made; try again in a minute", std::move(done));
}

Result<http::Answer> Store::ExportPerson(ShopperHandle person) const {
  const events::IdentityRegistry& identities = state_->identities();
  ASSIGN_OR_RETURN(const auto handles, identities.HandlesOf(person));
  const int64_t now_ms = services_.clock->NowMs();
  const features::FeatureSettings feature_settings = state_->feature_settings();
  ASSIGN_OR_RETURN(const auto reading,
                   profile_source_->ReadHandles(handles, {.now_ms = now_ms, .settings = feature_settings}));
  const auto catalog = state_->catalog_view();
  JsonWriter json;
  json.BeginObject().Key("identities").BeginArray();
  for (const ShopperHandle handle : handles) {
    ASSIGN_OR_RETURN(const auto external, identities.ExternalIdOf(handle));
    ASSIGN_OR_RETURN(const auto traits, identities.TraitsOf(handle));
    json.BeginObject()
        .Key("id")
        .String(external.value_or(""))
        .Key("traits")
        .Raw(traits.value_or("{}"))
        .EndObject();
  }
  json.EndArray().Key("features");
  features::WriteShopperFeatures(reading.profile,
                                 {.now_ms = now_ms,
                                  .base_currency = settings().base_currency,
                                  .settings = feature_settings,
                                  .product_id_of = [&](ProductIndex index) { return catalog->IdOf(index); }},
                                 json);
  json.Key("events").BeginArray();
  events::Event event;
  RETURN_IF_ERROR(engine_->ScanLog(engine_->first_sequence(), [&](const storage::Record& record) {
    if (record.kind != storage::RecordKind::kEvent || !events::DecodeEvent(record.payload, event).ok())
      return true;
    if (std::find(handles.begin(), handles.end(), event.shopper) == handles.end()) return true;
    json.BeginObject().Key("type").String(events::EventTypeName(event.type));
    json.Key("occurred_at").String(FormatTime(event.occurred_at_ms));
    if (!event.order_id.empty()) json.Key("order_id").String(event.order_id);
    if (!event.query.empty()) json.Key("query").String(event.query);
    if (!event.page_url.empty()) json.Key("page_url").String(event.page_url);
    json.Key("products").BeginArray();
    for (const events::EventLine& line : event.lines) {
      json.BeginObject().Key("product_id").String(catalog->IdOf(line.product));
      json.Key("quantity").Int(line.quantity).EndObject();
    }
    json.EndArray().EndObject();
    return true;
  }));
  json.EndArray();
  if (const auto recent = analytics_->recent()->Of(handles); !recent.empty()) {
    json.Key("recent_searches").BeginArray();
    for (const search::RecentSearch& one : recent) {
      json.BeginObject()
          .Key("query")
          .String(one.spelling)
          .Key("at")
          .String(FormatTime(one.at_ms))
          .EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
  return http::Answer{.status = 200, .body = json.TakeText(), .etag = {}};
}

}  // namespace attune::server
