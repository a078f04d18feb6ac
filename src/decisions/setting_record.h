// One change of a store's configuration, as the log keeps it: RecordKind::kSetting.
//
// A document is named by its kind ("placements") and id, and has a version that grows by one with every
// change.  The log is the history: nothing is overwritten, and each change keeps the name of the key that
// made it.
//
// Encoding: Protocol Buffers wire format, docs/formats/decisions.md.
// Thread safety: value type, pure functions.

#ifndef ATTUNE_DECISIONS_SETTING_RECORD_H_
#define ATTUNE_DECISIONS_SETTING_RECORD_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace attune::decisions {

struct SettingRecord {
  std::string kind;
  std::string id;
  uint64_t version = 1;
  bool is_deleted = false;
  std::string json;    // The whole document; empty when deleted.
  std::string author;  // Name of the key.
  int64_t changed_at_ms = 0;

  friend bool operator==(const SettingRecord&, const SettingRecord&) = default;
};

// A kind or an id of a document: 1 to kSettingIdBytesMax lower-case letters, digits, '_' and '-'.
bool IsSettingName(std::string_view name);

std::string EncodeSettingRecord(const SettingRecord& record);
// Fails with kCorruption when the bytes are no record.
Result<SettingRecord> DecodeSettingRecord(std::string_view bytes);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_SETTING_RECORD_H_
