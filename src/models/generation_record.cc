#include "models/generation_record.h"

#include <exception>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "models/limits.h"

namespace attune::models {
namespace {

enum Field : protozero::pbf_tag_type {
  kGeneration = 1,
  kWatermark = 2,
  kTrainedAtMs = 3,
  kFileName = 4,
  kFileChecksum = 5,
  kFileBytes = 6,
};

bool IsPlainFileName(std::string_view name) {
  return !name.empty() && name.size() <= kModelFileNameBytesMax && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

GenerationRecord Decode(std::string_view bytes) {
  GenerationRecord record;
  protozero::pbf_reader reader(bytes.data(), bytes.size());
  while (reader.next()) {
    switch (reader.tag_and_type()) {
      case protozero::tag_and_type(kGeneration, protozero::pbf_wire_type::varint):
        record.generation = Generation(reader.get_uint64());
        break;
      case protozero::tag_and_type(kWatermark, protozero::pbf_wire_type::varint):
        record.watermark = Sequence(reader.get_uint64());
        break;
      case protozero::tag_and_type(kTrainedAtMs, protozero::pbf_wire_type::varint):
        record.trained_at_ms = reader.get_sint64();
        break;
      case protozero::tag_and_type(kFileName, protozero::pbf_wire_type::length_delimited):
        record.file_name = reader.get_string();
        break;
      case protozero::tag_and_type(kFileChecksum, protozero::pbf_wire_type::fixed64):
        record.file_checksum = reader.get_fixed64();
        break;
      case protozero::tag_and_type(kFileBytes, protozero::pbf_wire_type::varint):
        record.file_bytes = reader.get_uint64();
        break;
      default:
        reader.skip();
    }
  }
  return record;
}

}  // namespace

std::string GenerationFileName(Generation generation) {
  std::string digits = std::to_string(generation.value());
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return "generation-" + digits + ".models";
}

std::string EncodeGenerationRecord(const GenerationRecord& record) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  writer.add_uint64(kGeneration, record.generation.value());
  writer.add_uint64(kWatermark, record.watermark.value());
  writer.add_sint64(kTrainedAtMs, record.trained_at_ms);
  writer.add_string(kFileName, record.file_name);
  writer.add_fixed64(kFileChecksum, record.file_checksum);
  writer.add_uint64(kFileBytes, record.file_bytes);
  return bytes;
}

Result<GenerationRecord> DecodeGenerationRecord(std::string_view bytes) {
  try {
    GenerationRecord record = Decode(bytes);
    if (record.generation.value() == 0 || !IsPlainFileName(record.file_name)) {
      return Corruption("generation record: fields are missing or not sound");
    }
    return record;
  } catch (const std::exception&) {
    return Corruption("generation record: damaged bytes");
  }
}

}  // namespace attune::models
