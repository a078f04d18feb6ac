#include "server/store_documents.h"

#include <algorithm>
#include <set>

#include "decisions/limits.h"
#include "decisions/placement_json.h"
#include "decisions/rule_json.h"

namespace attune::server {
namespace {

// "doc/<kind>/<id>/<version, ordered>": the versions of one document lie together, oldest first.
constexpr std::string_view kDocumentPrefix = "doc/";

std::string DocumentKeyPrefix(const Document& document) {
  return std::string(kDocumentPrefix) + document.kind + "/" + document.id + "/";
}

std::string EncodeDocument(const Document& document) {
  return decisions::EncodeSettingRecord({.kind = document.kind,
                                         .id = document.id,
                                         .version = document.version,
                                         .is_deleted = document.json.empty(),
                                         .json = document.json,
                                         .author = document.author,
                                         .changed_at_ms = document.changed_at_ms});
}

std::shared_ptr<const Document> ToDocument(decisions::SettingRecord record) {
  return std::make_shared<const Document>(Document{.kind = std::move(record.kind),
                                                   .id = std::move(record.id),
                                                   .version = record.version,
                                                   .json = std::move(record.json),
                                                   .author = std::move(record.author),
                                                   .changed_at_ms = record.changed_at_ms});
}

// Documents that a store may have of a kind, beyond what is built in.
size_t DocumentsMax(std::string_view kind) {
  if (kind == kPlacementKind) return decisions::kPlacementsMax - decisions::BuiltInPlacements().size();
  if (kind == kRuleKind) return decisions::kRulesMax;
  if (kind == kListKind) return decisions::kListsMax;
  if (kind == kSynonymKind) return decisions::kSynonymsMax;
  return 1;
}

bool IsBuiltIn(const DocumentKey& key) {
  if (key.first != kPlacementKind) return false;
  const auto& built_in = decisions::BuiltInPlacements();
  return std::any_of(built_in.begin(), built_in.end(),
                     [&](const decisions::Placement& placement) { return placement.id == key.second; });
}

}  // namespace

StoreDocuments::StoreDocuments() {
  auto view = std::make_shared<DocumentsView>();
  view->placements = std::make_shared<const decisions::PlacementSet>();
  view->rules = std::make_shared<const decisions::RuleSet>();
  view->synonyms = std::make_shared<const decisions::SynonymSet>();
  view_ = std::move(view);
}

Status StoreDocuments::Check(std::string_view kind, std::string_view id, std::string_view json) {
  if (!decisions::IsSettingName(id)) {
    return InvalidArgument("must be 1 to 64 lower-case letters, digits, '_' and '-'", "id");
  }
  if (kind == kPlacementKind) return decisions::ParsePlacement(id, json).status();
  if (kind == kRuleKind) return decisions::ParseRule(id, json).status();
  if (kind == kListKind) return decisions::ParseCuratedList(id, json).status();
  if (kind == kSynonymKind) return decisions::ParseSynonym(id, json).status();
  if (kind != kStoreSettingKind || id != kStoreSettingId) {
    return NotFound("no such configuration: " + std::string(kind) + "/" + std::string(id));
  }
  ASSIGN_OR_RETURN(const StoreSettings settings, ParseStoreSettings(json));
  return features::StoreTime::Load(settings.time_zone).status();
}

Status StoreDocuments::CheckRoom(const DocumentsView& view, const std::map<DocumentKey, Document>& prepared,
                                 const DocumentKey& key) {
  std::set<DocumentKey> there;
  for (const auto& [own, document] : view.documents) {
    if (own.first == key.first && !document->json.empty() && !IsBuiltIn(own)) there.insert(own);
  }
  for (const auto& [own, document] : prepared) {
    if (own.first != key.first || IsBuiltIn(own)) continue;
    if (document.json.empty()) {
      there.erase(own);
    } else {
      there.insert(own);
    }
  }
  if (IsBuiltIn(key) || there.contains(key) || there.size() < DocumentsMax(key.first)) return {};
  return ResourceExhausted("a store has at most " + std::to_string(DocumentsMax(key.first)) + " " +
                           key.first + " of its own");
}

Result<std::string> StoreDocuments::PatchSettings(std::string_view current, std::string_view patch) {
  ASSIGN_OR_RETURN(const StoreSettings before, ParseStoreSettings(current.empty() ? "{}" : current));
  ASSIGN_OR_RETURN(const StoreSettings after, PatchedStoreSettings(before, patch));
  std::string json = StoreSettingsToJson(after);
  RETURN_IF_ERROR(Check(kStoreSettingKind, kStoreSettingId, json));
  return json;
}

Status StoreDocuments::PutContent(const Document& document, DocumentsView& next) {
  const std::string& kind = document.kind;
  const std::string& id = document.id;
  const std::string& json = document.json;
  const bool is_deleted = json.empty();
  if (kind == kPlacementKind && is_deleted) {
    next.placements = next.placements->Delete(id);
  } else if (kind == kPlacementKind) {
    ASSIGN_OR_RETURN(decisions::Placement placement, decisions::ParsePlacement(id, json));
    ASSIGN_OR_RETURN(next.placements, next.placements->Put(std::move(placement)));
  } else if (kind == kRuleKind && is_deleted) {
    next.rules = next.rules->DeleteRule(id);
  } else if (kind == kRuleKind) {
    ASSIGN_OR_RETURN(decisions::Rule rule, decisions::ParseRule(id, json));
    ASSIGN_OR_RETURN(next.rules, next.rules->PutRule(std::move(rule)));
  } else if (kind == kListKind && is_deleted) {
    next.rules = next.rules->DeleteList(id);
  } else if (kind == kListKind) {
    ASSIGN_OR_RETURN(decisions::CuratedList list, decisions::ParseCuratedList(id, json));
    ASSIGN_OR_RETURN(next.rules, next.rules->PutList(std::move(list)));
  } else if (kind == kSynonymKind && is_deleted) {
    next.synonyms = next.synonyms->Delete(id);
  } else if (kind == kSynonymKind) {
    ASSIGN_OR_RETURN(decisions::Synonym synonym, decisions::ParseSynonym(id, json));
    ASSIGN_OR_RETURN(next.synonyms, next.synonyms->Put(std::move(synonym)));
  } else if (kind == kStoreSettingKind) {
    ASSIGN_OR_RETURN(next.settings, ParseStoreSettings(is_deleted ? "{}" : json));
    // An unknown zone was refused when the document was written; a database that lost it since means UTC.
    const auto zone = features::StoreTime::Load(next.settings.time_zone);
    next.time = zone.ok() ? *zone : features::StoreTime();
  }
  return {};
}

Status StoreDocuments::Put(std::shared_ptr<const Document> document, Sequence sequence) {
  auto next = std::make_shared<DocumentsView>(*view_);
  next->sequence = sequence;
  RETURN_IF_ERROR(PutContent(*document, *next));
  // A deleted document stays as a tombstone, so that its versions count on.
  next->documents[{document->kind, document->id}] = std::move(document);
  view_ = std::move(next);
  return Status();
}

Status StoreDocuments::Apply(const storage::Record& record) {
  ASSIGN_OR_RETURN(decisions::SettingRecord setting, decisions::DecodeSettingRecord(record.payload));
  auto document = ToDocument(std::move(setting));
  RETURN_IF_ERROR(Put(document, record.sequence));
  unsaved_.push_back(std::move(document));
  return Status();
}

void StoreDocuments::SaveChanged(storage::WriteBatch& batch) const {
  for (const auto& document : unsaved_) {
    const std::string prefix = DocumentKeyPrefix(*document);
    batch.Put(storage::Column::kSettings, prefix + storage::OrderedKey(document->version),
              EncodeDocument(*document));
    if (document->version > kDocumentVersionsMax) {
      batch.DeleteRange(storage::Column::kSettings, prefix + storage::OrderedKey(0),
                        prefix + storage::OrderedKey(document->version - kDocumentVersionsMax + 1));
    }
  }
}

Status StoreDocuments::Load(const storage::StorageEngine& engine) {
  Status loaded;
  std::string end(kDocumentPrefix);
  ++end.back();
  RETURN_IF_ERROR(
      engine.Scan(storage::Column::kSettings, kDocumentPrefix, end, [&](auto, std::string_view value) {
        auto setting = decisions::DecodeSettingRecord(value);
        loaded = setting.ok() ? Put(ToDocument(std::move(setting).value()), Sequence(0)) : setting.status();
        return loaded.ok();
      }));
  return loaded;
}

}  // namespace attune::server
