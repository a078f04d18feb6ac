// The configuration of a store: its settings, its placements, its merchandising rules, curated lists and
// synonyms, each a JSON document with a version and a history.
//
// A document is changed by a kSetting record.  Every version is kept (Column::kSettings, bounded), with the
// name of the key that wrote it.
//
//   documents  "store"/"settings" v3, "placements"/"home_hero" v1, "rules"/"christmas" v2, ...
//
// Thread safety: StoreDocuments belongs to the writer strand; DocumentsView is immutable.

#ifndef ATTUNE_SERVER_STORE_DOCUMENTS_H_
#define ATTUNE_SERVER_STORE_DOCUMENTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "decisions/placement_set.h"
#include "decisions/rule_set.h"
#include "decisions/setting_record.h"
#include "decisions/synonym_set.h"
#include "features/store_time.h"
#include "server/store_settings.h"
#include "storage/storage_engine.h"

namespace attune::server {

inline constexpr const char* kPlacementKind = "placements";
inline constexpr const char* kRuleKind = "rules";
inline constexpr const char* kListKind = "lists";
inline constexpr const char* kSynonymKind = "synonyms";
// Versions kept of one document.
inline constexpr uint64_t kDocumentVersionsMax = 50;

struct Document {
  std::string kind;
  std::string id;
  uint64_t version = 0;  // From 1; counts on over a deletion.
  std::string json;      // Empty: deleted.
  std::string author;    // The key's name.
  int64_t changed_at_ms = 0;
};

using DocumentKey = std::pair<std::string, std::string>;  // Kind, id.

// What requests see.
struct DocumentsView {
  Sequence sequence;  // Of the last record that changed a document.
  StoreSettings settings;
  features::StoreTime time;  // Of the settings' time zone.
  std::shared_ptr<const decisions::PlacementSet> placements;
  std::shared_ptr<const decisions::RuleSet> rules;
  std::shared_ptr<const decisions::SynonymSet> synonyms;
  // Configured documents by (kind, id).  Built-in placements have none.
  std::map<DocumentKey, std::shared_ptr<const Document>> documents;

  const Document* Find(const std::string& kind, const std::string& id) const {
    const auto found = documents.find({kind, id});
    return found == documents.end() ? nullptr : found->second.get();
  }
};

class StoreDocuments {
 public:
  StoreDocuments();

  // Whether this store takes such a document.  Fails with kNotFound for an unknown kind, and with
  // kInvalidArgument and the field at fault.
  static Status Check(std::string_view kind, std::string_view id, std::string_view json);

  // Whether one more document of the kind may come, after those of `prepared` (which may not be in `view`
  // yet). A document that is there already may always change.  Fails with kResourceExhausted: what is in the
  // log is folded for ever, so the limits are held before.
  static Status CheckRoom(const DocumentsView& view, const std::map<DocumentKey, Document>& prepared,
                          const DocumentKey& key);

  // The store's settings after a merge patch; `current` empty: there is no document yet.  Fails as Check().
  static Result<std::string> PatchSettings(std::string_view current, std::string_view patch);

  Status Apply(const storage::Record& record);
  std::shared_ptr<const DocumentsView> view() const { return view_; }

  // Adds documents changed since Saved() to `batch`.
  void SaveChanged(storage::WriteBatch& batch) const;
  void Saved() { unsaved_.clear(); }
  Status Load(const storage::StorageEngine& engine);

 private:
  Status Put(std::shared_ptr<const Document> document, Sequence sequence);
  static Status PutContent(const Document& document, DocumentsView& next);

  std::shared_ptr<const DocumentsView> view_;
  std::vector<std::shared_ptr<const Document>> unsaved_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_STORE_DOCUMENTS_H_
