// What a store tells and takes about its configuration: placements, rules, lists, its own settings, its
// scheduled feed.

#include <utility>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "decisions/placement_json.h"
#include "decisions/rule_json.h"
#include "server/store.h"

namespace attune::server {
namespace {

std::string AuthorOf(const http::Caller& caller) {
  return caller.key_label.empty() ? caller.key_id : caller.key_label;
}

void WriteDocument(const Document& document, JsonWriter& json) {
  json.BeginObject().Key("id").String(document.id).Key("version").Uint(document.version);
  json.Key("changed_at").String(FormatTime(document.changed_at_ms)).Key("changed_by").String(document.author);
  json.Key("document").Raw(document.json).EndObject();
}

void WritePlacements(const DocumentsView& documents, JsonWriter& json) {
  for (const decisions::Placement* placement : documents.placements->All()) {
    const Document* document = documents.Find(kPlacementKind, placement->id);
    json.BeginObject().Key("id").String(placement->id).Key("title").String(placement->title);
    json.Key("built_in").Bool(document == nullptr || document->json.empty()).EndObject();
  }
}

std::string QueryMeaningStatusJson(const QueryMeaningStatus& status, const LlmSettings& settings) {
  JsonWriter json;
  json.BeginObject().Key("on").Bool(status.is_on).Key("model").String(settings.model);
  json.Key("known").Uint(status.known).Key("waiting").Uint(status.waiting);
  json.Key("asked_today").Uint(status.asked_today);
  json.Key("requests_per_day").Int(settings.requests_per_day);
  json.Key("requests").Uint(status.requests).Key("failures").Uint(status.failures);
  if (!status.failure.empty()) json.Key("failure").String(status.failure);
  json.EndObject();
  return json.TakeText();
}

// REQUIRES: there is such a document.
void WriteVersion(const DocumentsView& documents, const std::string& kind, const std::string& id,
                  JsonWriter& json) {
  const Document& document = *documents.Find(kind, id);
  json.Key("version").Uint(document.version);
  json.Key("changed_at").String(FormatTime(document.changed_at_ms));
  json.Key("changed_by").String(document.author);
}

void WriteRules(const DocumentsView& documents, JsonWriter& json) {
  for (const decisions::Rule* rule : documents.rules->Rules()) {
    json.BeginObject().Key("id").String(rule->id).Key("title").String(rule->title);
    json.Key("enabled").Bool(rule->is_enabled).Key("priority").Int(rule->priority).Key("does").BeginArray();
    for (const decisions::RuleAction& action : rule->actions) json.String(decisions::ActionName(action.kind));
    json.EndArray();
    WriteVersion(documents, kRuleKind, rule->id, json);
    json.EndObject();
  }
}

void WriteLists(const DocumentsView& documents, JsonWriter& json) {
  for (const decisions::CuratedList* list : documents.rules->Lists()) {
    json.BeginObject().Key("id").String(list->id).Key("title").String(list->title);
    json.Key("product_count").Uint(list->product_ids.size());
    WriteVersion(documents, kListKind, list->id, json);
    json.EndObject();
  }
}

void WriteSynonyms(const DocumentsView& documents, JsonWriter& json) {
  const auto write = [&](std::string_view key, const std::vector<std::string>& words) {
    json.Key(key).BeginArray();
    for (const std::string& word : words) json.String(word);
    json.EndArray();
  };
  for (const decisions::Synonym* synonym : documents.synonyms->All()) {
    json.BeginObject().Key("id").String(synonym->id).Key("locale").String(synonym->locale);
    const bool is_two_way = synonym->rule.to.empty();
    write(is_two_way ? "words" : "from", synonym->rule.from);
    if (!is_two_way) write("to", synonym->rule.to);
    WriteVersion(documents, kSynonymKind, synonym->id, json);
    json.EndObject();
  }
}

// What of a document that is stored now is allowed, and perhaps not meant.
std::vector<decisions::RuleWarning> WarningsOf(const std::string& kind, const std::string& id,
                                               const DocumentsView& documents,
                                               const catalog::CatalogView& catalog) {
  if (kind == kRuleKind) {
    const decisions::Rule* const rule = documents.rules->FindRule(id);
    if (rule != nullptr) return decisions::WarningsOf(*rule, *documents.rules, catalog);
  }
  if (kind == kListKind) {
    const decisions::CuratedList* const list = documents.rules->FindList(id);
    if (list != nullptr) return decisions::WarningsOf(*list, catalog);
  }
  return {};
}

std::string WrittenAnswer(uint64_t version, const std::vector<decisions::RuleWarning>& warnings) {
  JsonWriter json;
  json.BeginObject().Key("version").Uint(version);
  if (!warnings.empty()) {
    json.Key("warnings").BeginArray();
    for (const decisions::RuleWarning& warning : warnings) {
      json.BeginObject().Key("field").String(warning.field);
      json.Key("message").String(warning.message).EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
  return json.TakeText();
}

// The answer of GET and PATCH /v1/settings.
http::Answer SettingsAnswer(const DocumentsView& documents) {
  const Document* document = documents.Find(kStoreSettingKind, kStoreSettingId);
  const uint64_t version = document == nullptr ? 0 : document->version;
  JsonWriter json;
  json.BeginObject().Key("version").Uint(version);
  if (document != nullptr) {
    json.Key("changed_at").String(FormatTime(document->changed_at_ms));
    json.Key("changed_by").String(document->author);
  }
  json.Key("settings").Raw(StoreSettingsToPublicJson(documents.settings)).EndObject();
  return {.status = 200, .body = json.TakeText(), .etag = std::to_string(version)};
}

}  // namespace

void Store::ListSettings(std::string kind, const http::Caller& /*caller*/, http::Done done) {
  const auto documents = state_->documents_view();
  JsonWriter json;
  json.BeginObject().Key(kind).BeginArray();
  if (kind == kPlacementKind) {
    WritePlacements(*documents, json);
  } else if (kind == kRuleKind) {
    WriteRules(*documents, json);
  } else if (kind == kListKind) {
    WriteLists(*documents, json);
  } else if (kind == kSynonymKind) {
    WriteSynonyms(*documents, json);
  } else {
    return done(NotFound("no such kind of configuration: " + kind));
  }
  json.EndArray().EndObject();
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = {}});
}

void Store::ReadSetting(std::string kind, std::string id, const http::Caller& /*caller*/, http::Done done) {
  const auto documents = state_->documents_view();
  const Document* document = documents->Find(kind, id);
  JsonWriter json;
  if (document != nullptr && !document->json.empty()) {
    WriteDocument(*document, json);
    return done(
        http::Answer{.status = 200, .body = json.TakeText(), .etag = std::to_string(document->version)});
  }
  const decisions::Placement* built_in = kind == kPlacementKind ? documents->placements->Find(id) : nullptr;
  if (built_in == nullptr) return done(NotFound("no such document: " + kind + "/" + id));
  json.BeginObject().Key("id").String(id).Key("version").Uint(0).Key("document");
  decisions::WritePlacement(json, *built_in);
  json.EndObject();
  done(http::Answer{.status = 200, .body = json.TakeText(), .etag = "0"});
}

void Store::WriteSetting(std::string kind, std::string id, std::string body, http::Precondition precondition,
                         const http::Caller& caller, http::Done done) {
  if (const Status checked = StoreDocuments::Check(kind, id, body); !checked.ok()) return done(checked);
  const auto answer = [this, kind, id, done](const Status& status, uint64_t version) {
    if (!status.ok()) return done(status);
    const auto warnings = WarningsOf(kind, id, *state_->documents_view(), *state_->catalog_view());
    done(http::Answer{.status = version == 1 ? 201 : 200,
                      .body = WrittenAnswer(version, warnings),
                      .etag = std::to_string(version)});
  };
  Submit(MakeDocumentCommand(&writer_,
                             {.kind = std::move(kind),
                              .id = std::move(id),
                              .json = std::move(body),
                              .edit = {},
                              .author = AuthorOf(caller),
                              .precondition = std::move(precondition)},
                             answer),
         [done](const Status& status) { done(status); });
}

void Store::DeleteSetting(std::string kind, std::string id, http::Precondition precondition,
                          const http::Caller& caller, http::Done done) {
  Submit(MakeDocumentCommand(&writer_,
                             {.kind = std::move(kind),
                              .id = std::move(id),
                              .json = {},
                              .edit = {},
                              .author = AuthorOf(caller),
                              .precondition = std::move(precondition)},
                             [done](const Status& status, uint64_t /*version*/) {
                               if (!status.ok()) return done(status);
                               done(http::Answer{.status = 204, .body = {}, .etag = {}});
                             }),
         [done](const Status& status) { done(status); });
}

void Store::ReadStoreSettings(const http::Caller& /*caller*/, http::Done done) {
  Touch();
  done(SettingsAnswer(*state_->documents_view()));
}

void Store::PatchStoreSettings(std::string body, http::Precondition precondition, const http::Caller& caller,
                               http::Done done) {
  Submit(MakeDocumentCommand(&writer_,
                             {.kind = kStoreSettingKind,
                              .id = kStoreSettingId,
                              .json = {},
                              .edit =
                                  [body = std::move(body)](const std::string& current) {
                                    return StoreDocuments::PatchSettings(current, body);
                                  },
                              .author = AuthorOf(caller),
                              .precondition = std::move(precondition)},
                             [this, done](const Status& status, uint64_t /*version*/) {
                               if (!status.ok()) return done(status);
                               done(SettingsAnswer(*state_->documents_view()));
                             }),
         [done](const Status& status) { done(status); });
}

void Store::GetFeed(const http::Caller& /*caller*/, http::Done done) {
  Touch();
  done(http::Answer{.status = 200, .body = FeedStateToJson(settings().feed, feed_state()), .etag = {}});
}

void Store::GetModels(const http::Caller& /*caller*/, http::Done done) {
  Touch();
  std::string body = TrainingStatusToJson(*training_status());
  const StoreSettings now = settings();
  if (!now.search.llm.url.empty()) {
    body.pop_back();  // One member more of the same object.
    body +=
        ",\"query_understanding\":" + QueryMeaningStatusJson(query_meaning_status(), now.search.llm) + "}";
  }
  done(http::Answer{.status = 200, .body = std::move(body), .etag = {}});
}

}  // namespace attune::server
