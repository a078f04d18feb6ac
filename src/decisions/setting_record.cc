#include "decisions/setting_record.h"

#include <algorithm>
#include <exception>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "decisions/limits.h"

namespace attune::decisions {
namespace {

// Numbers are on disk: never change one, never reuse one (docs/formats/decisions.md).
enum Field : uint32_t {
  kKind = 1,
  kId = 2,
  kVersion = 3,    // uint64
  kIsDeleted = 4,  // bool
  kJson = 5,
  kAuthor = 6,
  kChangedAtMs = 7,  // uint64
};

constexpr uint32_t Varint(uint32_t field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
constexpr uint32_t Bytes(uint32_t field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}

void Read(protozero::pbf_reader in, SettingRecord& record) {
  while (in.next()) {
    switch (in.tag_and_type()) {
      case Bytes(kKind):
        record.kind = in.get_string();
        break;
      case Bytes(kId):
        record.id = in.get_string();
        break;
      case Varint(kVersion):
        record.version = in.get_uint64();
        break;
      case Varint(kIsDeleted):
        record.is_deleted = in.get_uint32() != 0;
        break;
      case Bytes(kJson):
        record.json = in.get_string();
        break;
      case Bytes(kAuthor):
        record.author = in.get_string();
        break;
      case Varint(kChangedAtMs):
        record.changed_at_ms = static_cast<int64_t>(in.get_uint64());
        break;
      default:
        in.skip();
    }
  }
}

}  // namespace

bool IsSettingName(std::string_view name) {
  return !name.empty() && name.size() <= kSettingIdBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

std::string EncodeSettingRecord(const SettingRecord& record) {
  std::string bytes;
  protozero::pbf_writer out(bytes);
  out.add_string(kKind, record.kind);
  out.add_string(kId, record.id);
  out.add_uint64(kVersion, record.version);
  if (record.is_deleted) out.add_bool(kIsDeleted, true);
  if (!record.json.empty()) out.add_string(kJson, record.json);
  if (!record.author.empty()) out.add_string(kAuthor, record.author);
  out.add_uint64(kChangedAtMs, static_cast<uint64_t>(record.changed_at_ms));
  return bytes;
}

Result<SettingRecord> DecodeSettingRecord(std::string_view bytes) {
  SettingRecord record;
  record.version = 0;
  try {
    Read(protozero::pbf_reader(bytes.data(), bytes.size()), record);
  } catch (const std::exception& error) {
    return Corruption(std::string("a setting record cannot be read: ") + error.what());
  }
  if (!IsSettingName(record.kind) || !IsSettingName(record.id) || record.version == 0) {
    return Corruption("a setting record has no kind, id or version");
  }
  return record;
}

}  // namespace attune::decisions
