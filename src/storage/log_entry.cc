#include "storage/log_entry.h"

#include <optional>
#include <protozero/buffer_string.hpp>
#include <protozero/varint.hpp>
#include <string>

#include "storage/log_value.h"

namespace attune::storage {
namespace {

constexpr protozero::pbf_tag_type kRecordField = 4;
constexpr uint64_t kRecordTag =
    (kRecordField << 3) | static_cast<uint64_t>(protozero::pbf_wire_type::length_delimited);

Status BadEntry(Sequence first) {
  return Corruption("a log entry is malformed, sequence: " + std::to_string(first.value()));
}

bool IsRecordField(const protozero::pbf_reader& reader) {
  return reader.tag_and_type() ==
         protozero::tag_and_type(kRecordField, protozero::pbf_wire_type::length_delimited);
}

// An entry of one record begins with a field of a record.
bool IsSingleRecord(std::string_view value) {
  return value.empty() || (static_cast<uint8_t>(value.front()) >> 3) < kRecordField;
}

}  // namespace

void LogEntryWriter::Add(RecordKind kind, int64_t recorded_at_ms, std::string_view payload) {
  std::optional<int64_t> told_at_ms;
  if (count_ == 0 || recorded_at_ms != recorded_at_ms_) told_at_ms = recorded_at_ms;
  protozero::add_varint_to_buffer(&bytes_, kRecordTag);
  protozero::add_varint_to_buffer(&bytes_, LogValueBytes(kind, told_at_ms, payload));
  if (count_ == 0) first_record_at_ = bytes_.size();
  AppendLogValue(kind, told_at_ms, payload, bytes_);
  recorded_at_ms_ = recorded_at_ms;
  ++count_;
}

std::string_view LogEntryWriter::value() const {
  CHECK(count_ > 0);
  const std::string_view bytes(bytes_);
  return count_ == 1 ? bytes.substr(first_record_at_) : bytes;
}

void LogEntryWriter::Clear() {
  bytes_.clear();
  count_ = 0;
}

LogEntryReader::LogEntryReader(Sequence first, std::string_view value)
    : first_(first), value_(value), reader_(value.data(), value.size()), is_single_(IsSingleRecord(value)) {}

Result<bool> LogEntryReader::Next(Record& record) {
  if (is_single_) {
    if (count_++ > 0) return false;
    ASSIGN_OR_RETURN(record, DecodeLogValue(first_, std::nullopt, value_));
    return true;
  }
  try {
    return NextOfSeveral(record);
  } catch (const protozero::exception&) {
    return BadEntry(first_);
  }
}

Result<bool> LogEntryReader::NextOfSeveral(Record& record) {
  while (reader_.next()) {
    if (!IsRecordField(reader_)) {
      reader_.skip();
      continue;
    }
    const protozero::data_view bytes = reader_.get_view();
    const std::optional<int64_t> before_ms =
        count_ == 0 ? std::nullopt : std::optional<int64_t>(recorded_at_ms_);
    ASSIGN_OR_RETURN(record, DecodeLogValue(Sequence(first_.value() + count_), before_ms,
                                            std::string_view(bytes.data(), bytes.size())));
    recorded_at_ms_ = record.recorded_at_ms;
    ++count_;
    return true;
  }
  if (count_ == 0) return BadEntry(first_);
  return false;
}

Result<uint64_t> CountLogRecords(Sequence first, std::string_view value) {
  if (IsSingleRecord(value)) return 1;
  uint64_t count = 0;
  try {
    protozero::pbf_reader reader(value.data(), value.size());
    while (reader.next()) {
      if (IsRecordField(reader)) ++count;
      reader.skip();
    }
  } catch (const protozero::exception&) {
    return BadEntry(first);
  }
  if (count == 0) return BadEntry(first);
  return count;
}

}  // namespace attune::storage
