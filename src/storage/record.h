// What the log of a store holds: one record per fact, in order, for ever.
//
// All other state is a fold over these records.  The payload's bytes belong to the room that owns the kind;
// they are in Protocol Buffers wire format (written and read with protozero), so that fields can be added and
// old ones are skipped. Layouts: docs/formats.
//
// Thread safety: value types.

#ifndef ATTUNE_STORAGE_RECORD_H_
#define ATTUNE_STORAGE_RECORD_H_

#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace attune::storage {

// Numbers are on disk: never change one, never reuse one.
enum class RecordKind : uint8_t {
  kEvent = 1,       // events/event_record.h: something a shopper did.
  kProduct = 2,     // catalog/product_record.h: products put, patched or deleted.
  kIdentity = 3,    // events/identity_record.h: a handle made, linked, unlinked or erased.
  kSetting = 4,     // decisions/setting_record.h: a configuration document put or deleted.
  kGeneration = 5,  // models/generation_record.h: a trained model published.
};

struct Record {
  Sequence sequence;
  int64_t recorded_at_ms = 0;  // The writer's clock; never goes back within one log.
  RecordKind kind = RecordKind::kEvent;
  std::string_view payload;  // Lives as long as the visit that shows it.
};

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_RECORD_H_
