#include "server/feed_state.h"

#include <algorithm>
#include <exception>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "base/hash.h"
#include "base/json_writer.h"
#include "base/time_text.h"
#include "server/feed_url.h"

namespace attune::server {
namespace {

enum Field : protozero::pbf_tag_type {
  kSettingsHash = 1,
  kOutcome = 2,
  kReason = 3,
  kStartedAt = 4,
  kFinishedAt = 5,
  kAppliedAt = 6,
  kHttpStatus = 7,
  kStoredBytes = 8,
  kRowsRead = 9,
  kRowsRejected = 10,
  kProducts = 11,
  kWritten = 12,
  kUnchanged = 13,
  kHidden = 14,
  kRejection = 15,
  kEtag = 16,
  kLastModified = 17,
};

// A number of the varint fields, by its tag; null: another field.
uint64_t* CountOf(FeedState& state, protozero::pbf_tag_type tag) {
  switch (tag) {
    case kStoredBytes:
      return &state.stored_bytes;
    case kRowsRead:
      return &state.rows_read;
    case kRowsRejected:
      return &state.rows_rejected;
    case kProducts:
      return &state.products;
    case kWritten:
      return &state.written;
    case kUnchanged:
      return &state.unchanged;
    case kHidden:
      return &state.hidden;
    default:
      return nullptr;
  }
}

void ReadVarint(protozero::pbf_reader& reader, FeedState& state) {
  const auto tag = reader.tag();
  if (uint64_t* count = CountOf(state, tag)) {
    *count = reader.get_uint64();
  } else if (tag == kOutcome) {
    state.outcome = static_cast<FeedOutcome>(reader.get_uint32());
  } else if (tag == kStartedAt) {
    state.started_at_ms = reader.get_sint64();
  } else if (tag == kFinishedAt) {
    state.finished_at_ms = reader.get_sint64();
  } else if (tag == kAppliedAt) {
    state.applied_at_ms = reader.get_sint64();
  } else if (tag == kHttpStatus) {
    state.http_status = reader.get_uint32();
  } else {
    reader.skip();
  }
}

void ReadText(protozero::pbf_reader& reader, FeedState& state) {
  const auto tag = reader.tag();
  if (tag == kReason) {
    state.reason = reader.get_string();
  } else if (tag == kRejection) {
    state.rejections.push_back(reader.get_string());
  } else if (tag == kEtag) {
    state.etag = reader.get_string();
  } else if (tag == kLastModified) {
    state.last_modified = reader.get_string();
  } else {
    reader.skip();
  }
}

FeedState Decode(std::string_view bytes) {
  FeedState state;
  protozero::pbf_reader reader(bytes.data(), bytes.size());
  while (reader.next()) {
    switch (reader.wire_type()) {
      case protozero::pbf_wire_type::varint:
        ReadVarint(reader, state);
        break;
      case protozero::pbf_wire_type::length_delimited:
        ReadText(reader, state);
        break;
      default:
        if (reader.tag_and_type() ==
            protozero::tag_and_type(kSettingsHash, protozero::pbf_wire_type::fixed64)) {
          state.settings_hash = reader.get_fixed64();
        } else {
          reader.skip();
        }
    }
  }
  return state;
}

void WriteTime(JsonWriter& json, const char* key, int64_t time_ms) {
  json.Key(key);
  if (time_ms == 0) {
    json.Null();
  } else {
    json.String(FormatTime(time_ms));
  }
}

void WriteRun(JsonWriter& json, const FeedState& state) {
  json.BeginObject().Key("outcome").String(FeedOutcomeName(state.outcome)).Key("reason");
  if (state.reason.empty()) {
    json.Null();
  } else {
    json.String(state.reason);
  }
  WriteTime(json, "started_at", state.started_at_ms);
  WriteTime(json, "finished_at", state.finished_at_ms);
  json.Key("http_status").Uint(state.http_status).Key("bytes").Uint(state.stored_bytes);
  json.Key("rows").Uint(state.rows_read).Key("rows_rejected").Uint(state.rows_rejected);
  json.Key("products").Uint(state.products).Key("written").Uint(state.written);
  json.Key("unchanged").Uint(state.unchanged).Key("hidden").Uint(state.hidden);
  json.Key("rejections").BeginArray();
  for (const std::string& rejection : state.rejections) json.String(rejection);
  json.EndArray().EndObject();
}

}  // namespace

std::string_view FeedOutcomeName(FeedOutcome outcome) {
  switch (outcome) {
    case FeedOutcome::kApplied:
      return "applied";
    case FeedOutcome::kUnchanged:
      return "unchanged";
    case FeedOutcome::kRefused:
      return "refused";
    case FeedOutcome::kFailed:
      return "failed";
  }
  return "";
}

std::string EncodeFeedState(const FeedState& state) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  writer.add_fixed64(kSettingsHash, state.settings_hash);
  writer.add_uint32(kOutcome, static_cast<uint32_t>(state.outcome));
  writer.add_string(kReason, state.reason);
  writer.add_sint64(kStartedAt, state.started_at_ms);
  writer.add_sint64(kFinishedAt, state.finished_at_ms);
  writer.add_sint64(kAppliedAt, state.applied_at_ms);
  writer.add_uint32(kHttpStatus, state.http_status);
  writer.add_uint64(kStoredBytes, state.stored_bytes);
  writer.add_uint64(kRowsRead, state.rows_read);
  writer.add_uint64(kRowsRejected, state.rows_rejected);
  writer.add_uint64(kProducts, state.products);
  writer.add_uint64(kWritten, state.written);
  writer.add_uint64(kUnchanged, state.unchanged);
  writer.add_uint64(kHidden, state.hidden);
  for (const std::string& rejection : state.rejections) writer.add_string(kRejection, rejection);
  writer.add_string(kEtag, state.etag);
  writer.add_string(kLastModified, state.last_modified);
  return bytes;
}

Result<FeedState> DecodeFeedState(std::string_view bytes) {
  try {
    FeedState state = Decode(bytes);
    if (FeedOutcomeName(state.outcome).empty()) return Corruption("feed state: unknown outcome");
    return state;
  } catch (const std::exception& error) {
    return Corruption(std::string("feed state: ") + error.what());
  }
}

uint64_t FeedSettingsHash(const FeedSettings& settings) {
  uint64_t hash = MixHash64(StableHash64(settings.url), StableHash64(settings.format));
  hash = MixHash64(hash, (settings.force ? 2u : 0u) + (settings.decimal_comma ? 1u : 0u));
  for (const auto& [column, field] : settings.columns) {
    hash = MixHash64(hash, MixHash64(StableHash64(column), StableHash64(field)));
  }
  return hash;
}

std::optional<int64_t> FeedDueAtMs(const FeedSettings& settings, const std::optional<FeedState>& last) {
  if (settings.url.empty()) return std::nullopt;
  if (!last || last->settings_hash != FeedSettingsHash(settings)) return 0;
  const int64_t every_ms = settings.every_minutes * kMinuteMs;
  return last->started_at_ms +
         (last->outcome == FeedOutcome::kFailed ? std::min(every_ms, kFeedRetryMs) : every_ms);
}

std::string FeedStateToJson(const FeedSettings& settings, const std::optional<FeedState>& last) {
  const std::optional<int64_t> due_at_ms = FeedDueAtMs(settings, last);
  JsonWriter json;
  json.BeginObject().Key("scheduled").Bool(due_at_ms.has_value());
  json.Key("url").String(MaskFeedUrl(settings.url)).Key("every_minutes").Int(settings.every_minutes);
  WriteTime(json, "next_at", due_at_ms.value_or(0));
  WriteTime(json, "applied_at", last ? last->applied_at_ms : 0);
  json.Key("last");
  if (last) {
    WriteRun(json, *last);
  } else {
    json.Null();
  }
  json.EndObject();
  return json.TakeText();
}

}  // namespace attune::server
