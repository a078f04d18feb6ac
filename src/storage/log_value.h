// The bytes of one log record, in Protocol Buffers wire format so that fields can be added and old ones are
// skipped:
//
//   1  varint  kind            RecordKind
//   2  varint  recorded_at_ms  milliseconds since 1970
//   3  bytes   payload         left out when empty
//
// The sequence is the key, or follows from the place in an entry (storage/log_entry.h).  No checksum of our
// own: RocksDB keeps a CRC32C with every write-ahead log block and a checksum with every table block, and
// checks both on every read; a third one inside the value would cover nothing more than memory.
// docs/formats/storage.md has a worked example.
//
// Thread safety: pure functions.

#ifndef ATTUNE_STORAGE_LOG_VALUE_H_
#define ATTUNE_STORAGE_LOG_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "storage/record.h"

namespace attune::storage {

// Replaces `value`.
void EncodeLogValue(RecordKind kind, int64_t recorded_at_ms, std::string_view payload, std::string& value);

// Adds to `bytes`.  Without a time: the record is of the same moment as the one before it.
void AppendLogValue(RecordKind kind, std::optional<int64_t> recorded_at_ms, std::string_view payload,
                    std::string& bytes);
// How many bytes AppendLogValue() adds.
size_t LogValueBytes(RecordKind kind, std::optional<int64_t> recorded_at_ms, std::string_view payload);

// The payload points into `value`.  `before_ms`: the time of a record that names none, that of the record
// before; nothing when there is none before, which is 1970.  kCorruption when the bytes are not a record.
Result<Record> DecodeLogValue(Sequence sequence, std::optional<int64_t> before_ms, std::string_view value);

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_LOG_VALUE_H_
