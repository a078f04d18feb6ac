#include "storage/log_value.h"

#include <limits>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

namespace attune::storage {
namespace {

constexpr protozero::pbf_tag_type kKindField = 1;
constexpr protozero::pbf_tag_type kRecordedAtField = 2;
constexpr protozero::pbf_tag_type kPayloadField = 3;

Status BadRecord(Sequence sequence) {
  return Corruption("a log record is malformed, sequence: " + std::to_string(sequence.value()));
}

Result<Record> DecodeFields(Sequence sequence, std::optional<int64_t> before_ms, std::string_view value) {
  Record record;
  record.sequence = sequence;
  record.recorded_at_ms = before_ms.value_or(0);
  uint64_t kind = 0;
  protozero::pbf_reader reader(protozero::data_view(value.data(), value.size()));
  while (reader.next()) {
    if (reader.tag_and_type() == protozero::tag_and_type(kKindField, protozero::pbf_wire_type::varint)) {
      kind = reader.get_uint64();
    } else if (reader.tag_and_type() ==
               protozero::tag_and_type(kRecordedAtField, protozero::pbf_wire_type::varint)) {
      record.recorded_at_ms = reader.get_int64();
    } else if (reader.tag_and_type() ==
               protozero::tag_and_type(kPayloadField, protozero::pbf_wire_type::length_delimited)) {
      const protozero::data_view view = reader.get_view();
      record.payload = std::string_view(view.data(), view.size());
    } else {
      reader.skip();
    }
  }
  if (kind == 0 || kind > std::numeric_limits<uint8_t>::max()) return BadRecord(sequence);
  if (record.recorded_at_ms < 0) return BadRecord(sequence);
  record.kind = static_cast<RecordKind>(kind);
  return record;
}

}  // namespace

void EncodeLogValue(RecordKind kind, int64_t recorded_at_ms, std::string_view payload, std::string& value) {
  value.clear();
  AppendLogValue(kind, recorded_at_ms, payload, value);
}

void AppendLogValue(RecordKind kind, std::optional<int64_t> recorded_at_ms, std::string_view payload,
                    std::string& bytes) {
  protozero::pbf_writer writer(bytes);
  writer.add_uint64(kKindField, static_cast<uint64_t>(kind));
  if (recorded_at_ms) writer.add_int64(kRecordedAtField, *recorded_at_ms);
  if (!payload.empty()) writer.add_bytes(kPayloadField, payload.data(), payload.size());
}

size_t LogValueBytes(RecordKind kind, std::optional<int64_t> recorded_at_ms, std::string_view payload) {
  const auto varint_bytes = [](uint64_t number) {
    return static_cast<size_t>(protozero::length_of_varint(number));
  };
  size_t bytes = 1 + varint_bytes(static_cast<uint64_t>(kind));
  if (recorded_at_ms) bytes += 1 + varint_bytes(static_cast<uint64_t>(*recorded_at_ms));
  if (!payload.empty()) bytes += 1 + varint_bytes(payload.size()) + payload.size();
  return bytes;
}

Result<Record> DecodeLogValue(Sequence sequence, std::optional<int64_t> before_ms, std::string_view value) {
  try {
    return DecodeFields(sequence, before_ms, value);
  } catch (const protozero::exception&) {
    return BadRecord(sequence);
  }
}

}  // namespace attune::storage
