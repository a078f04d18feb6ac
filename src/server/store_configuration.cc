// What a store tells and takes about its configuration: placements, its own settings, its scheduled feed.

#include <utility>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "decisions/placement_json.h"
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
  if (kind != kPlacementKind) return done(NotFound("no such kind of configuration: " + kind));
  const auto documents = state_->documents_view();
  JsonWriter json;
  json.BeginObject().Key("placements").BeginArray();
  for (const decisions::Placement* placement : documents->placements->All()) {
    const Document* document = documents->Find(kind, placement->id);
    json.BeginObject().Key("id").String(placement->id).Key("title").String(placement->title);
    json.Key("built_in").Bool(document == nullptr || document->json.empty()).EndObject();
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
  Submit(MakeDocumentCommand(&writer_,
                             {.kind = std::move(kind),
                              .id = std::move(id),
                              .json = std::move(body),
                              .edit = {},
                              .author = AuthorOf(caller),
                              .precondition = std::move(precondition)},
                             [done](const Status& status, uint64_t version) {
                               if (!status.ok()) return done(status);
                               JsonWriter json;
                               json.BeginObject().Key("version").Uint(version).EndObject();
                               done(http::Answer{.status = version == 1 ? 201 : 200,
                                                 .body = json.TakeText(),
                                                 .etag = std::to_string(version)});
                             }),
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
  done(http::Answer{.status = 200, .body = TrainingStatusToJson(*training_status()), .etag = {}});
}

}  // namespace attune::server
