// The bytes of one entry of the log: records that were committed together, one after the other.
//
//   key    OrderedKey(sequence of the first)
//   value  one record       its LogValue (storage/log_value.h): all that format 1 wrote
//          several records  field 4, repeated: each the LogValue of one record.  Sequences count up from the
//                           key's.  A record leaves recorded_at_ms out when it is that of the record before.
//
// An entry per record would make each of them a place in a sorted memtable and a key of every table that it
// is merged into: most of what a commit takes of the processor.
//
// Thread safety: value types.

#ifndef ATTUNE_STORAGE_LOG_ENTRY_H_
#define ATTUNE_STORAGE_LOG_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <string_view>

#include "base/status.h"
#include "storage/record.h"

namespace attune::storage {

// Gathers records into the value of one entry.
class LogEntryWriter {
 public:
  void Add(RecordKind kind, int64_t recorded_at_ms, std::string_view payload);

  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }
  size_t bytes() const { return bytes_.size(); }
  // Of all that was added since Clear(); good until the next call.  REQUIRES: !empty().
  std::string_view value() const;
  void Clear();

 private:
  std::string bytes_;           // Field 4, repeated.
  size_t first_record_at_ = 0;  // Where the first record begins: it stands alone when it is the only one.
  size_t count_ = 0;
  int64_t recorded_at_ms_ = 0;  // Of the last one.
};

// Reads the records of one entry in their order.
class LogEntryReader {
 public:
  // `value` must outlive the reader and the records that it gave.
  LogEntryReader(Sequence first, std::string_view value);

  // The next record, or false behind the last one.  kCorruption when the bytes are no entry.
  Result<bool> Next(Record& record);

 private:
  Result<bool> NextOfSeveral(Record& record);

  const Sequence first_;
  const std::string_view value_;
  protozero::pbf_reader reader_;
  uint64_t count_ = 0;  // Of the records given.
  bool is_single_ = false;
  int64_t recorded_at_ms_ = 0;
};

// How many records an entry holds: at least one.
Result<uint64_t> CountLogRecords(Sequence first, std::string_view value);

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_LOG_ENTRY_H_
