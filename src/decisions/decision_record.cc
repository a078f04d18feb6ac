#include "decisions/decision_record.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "decisions/source_names.h"

namespace attune::decisions {
namespace {

// Numbers are on disk: never change one, never reuse one (docs/formats/decisions.md).
enum Field : uint32_t {
  kNowMs = 1,                // uint64
  kSeed = 2,                 // fixed64
  kHandles = 3,              // packed fixed64
  kIsPersonalized = 4,       // bool
  kViewSequence = 5,         // uint64
  kProfileSequence = 6,      // uint64
  kCatalogSequence = 7,      // uint64
  kModels = 8,               // packed uint32: source codes
  kGenerations = 9,          // packed uint64, beside kModels
  kNames = 10,               // string, repeated: names without a number; code = kFirstOwnCode + place
  kProducts = 11,            // packed uint32
  kScores = 12,              // packed float as fixed32
  kSources = 13,             // packed uint32: source codes
  kPropensities = 14,        // packed float as fixed32; absent: all 1
  kFallback = 15,            // uint32: source code of "fallback/<rung>"; absent: none
  kAreCapsRelaxed = 16,      // bool
  kRequest = 17,             // message, below
  kRowSeed = 18,             // uint32: product index + 1; absent: none
  kLiveSequence = 19,        // uint64; absent: 0
  kSearch = 20,              // string: JSON; absent: no search
  kRules = 21,               // packed uint32: source codes; absent: none held
  kVocabularySequence = 22,  // uint64; absent: 0
};

enum RequestField : uint32_t {
  kPlacement = 1,
  kPageProducts = 2,  // packed uint32
  kCart = 3,          // packed uint32
  kExcluded = 4,      // packed uint32
  kCategory = 5,      // string, repeated
  kBrand = 6,
  kQuery = 7,
  kMarket = 8,
  kLocale = 9,
  kLocation = 10,
  kPriceList = 11,
  kCountry = 12,
  kDevice = 13,
  kCampaign = 14,
  kLimit = 15,  // uint32
  kFilter = 16,
  kConsent = 17,       // bool; absent: the request said nothing
  kContinues = 18,     // 16 bytes: decision id
  kAlreadyShown = 19,  // packed uint32
  kUsedRowSeeds = 20,  // packed uint32
};

constexpr uint32_t kFirstOwnCode = 256;

// A field is read only when its wire type is the one it was written with; anything else is skipped as
// unknown.
constexpr uint32_t Varint(uint32_t field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
constexpr uint32_t Fixed64(uint32_t field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed64);
}
constexpr uint32_t Bytes(uint32_t field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}

// Codes for names: the known numbers, and places in the record's own list for the others.
class NameCoder {
 public:
  uint32_t Code(const std::string& name) {
    if (const uint8_t number = SourceNumber(name); number != 0) return number;
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) {
      names_.push_back(name);
      return kFirstOwnCode + static_cast<uint32_t>(names_.size() - 1);
    }
    return kFirstOwnCode + static_cast<uint32_t>(found - names_.begin());
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

std::string NameOf(uint32_t code, const std::vector<std::string>& names) {
  if (code >= kFirstOwnCode && code - kFirstOwnCode < names.size()) return names[code - kFirstOwnCode];
  return code < kFirstOwnCode ? std::string(SourceName(static_cast<uint8_t>(code))) : std::string();
}

void AddIndices(protozero::pbf_writer& out, uint32_t field, const std::vector<ProductIndex>& indices) {
  if (indices.empty()) return;
  std::vector<uint32_t> values;
  for (const ProductIndex index : indices) values.push_back(index.value());
  out.add_packed_uint32(field, values.begin(), values.end());
}

void AddText(protozero::pbf_writer& out, uint32_t field, const std::string& text) {
  if (!text.empty()) out.add_string(field, text);
}

std::string EncodeRequest(const ResolvedRequest& request) {
  std::string bytes;
  protozero::pbf_writer out(bytes);
  AddText(out, kPlacement, request.placement);
  AddIndices(out, kPageProducts, request.page_products);
  AddIndices(out, kCart, request.cart);
  AddIndices(out, kExcluded, request.excluded);
  for (const std::string& level : request.category) out.add_string(kCategory, level);
  AddText(out, kBrand, request.brand);
  AddText(out, kQuery, request.query);
  AddText(out, kMarket, request.market);
  AddText(out, kLocale, request.locale);
  AddText(out, kLocation, request.location);
  AddText(out, kPriceList, request.price_list);
  AddText(out, kCountry, request.country);
  AddText(out, kDevice, request.device);
  AddText(out, kCampaign, request.campaign);
  if (request.limit != 0) out.add_uint32(kLimit, request.limit);
  AddText(out, kFilter, request.filter);
  if (request.personalization_consent) out.add_bool(kConsent, *request.personalization_consent);
  if (!request.continues.is_none()) out.add_bytes(kContinues, DecisionKey(request.continues));
  AddIndices(out, kAlreadyShown, request.already_shown);
  AddIndices(out, kUsedRowSeeds, request.used_row_seeds);
  return bytes;
}

template <class Range, class Value>
void Append(const Range& range, std::vector<Value>& out) {
  for (const auto value : range) out.push_back(Value(value));
}

// Of a slate that continues another.
void DecodeContinuation(protozero::pbf_reader& in, ResolvedRequest& request) {
  switch (in.tag_and_type()) {
    case Bytes(kContinues): {
      const Result<DecisionId> id = ParseDecisionKey(in.get_string());
      if (id.ok()) request.continues = *id;
      return;
    }
    case Bytes(kAlreadyShown):
      return Append(in.get_packed_uint32(), request.already_shown);
    case Bytes(kUsedRowSeeds):
      return Append(in.get_packed_uint32(), request.used_row_seeds);
    default:
      in.skip();
  }
}

ResolvedRequest DecodeRequest(protozero::pbf_reader in) {
  ResolvedRequest request;
  while (in.next()) {
    switch (in.tag_and_type()) {
      case Bytes(kPlacement):
        request.placement = in.get_string();
        break;
      case Bytes(kPageProducts):
        Append(in.get_packed_uint32(), request.page_products);
        break;
      case Bytes(kCart):
        Append(in.get_packed_uint32(), request.cart);
        break;
      case Bytes(kExcluded):
        Append(in.get_packed_uint32(), request.excluded);
        break;
      case Bytes(kCategory):
        request.category.push_back(in.get_string());
        break;
      case Bytes(kBrand):
        request.brand = in.get_string();
        break;
      case Bytes(kQuery):
        request.query = in.get_string();
        break;
      case Bytes(kMarket):
        request.market = in.get_string();
        break;
      case Bytes(kLocale):
        request.locale = in.get_string();
        break;
      case Bytes(kLocation):
        request.location = in.get_string();
        break;
      case Bytes(kPriceList):
        request.price_list = in.get_string();
        break;
      case Bytes(kCountry):
        request.country = in.get_string();
        break;
      case Bytes(kDevice):
        request.device = in.get_string();
        break;
      case Bytes(kCampaign):
        request.campaign = in.get_string();
        break;
      case Varint(kLimit):
        request.limit = in.get_uint32();
        break;
      case Bytes(kFilter):
        request.filter = in.get_string();
        break;
      case Varint(kConsent):
        request.personalization_consent = in.get_uint32() != 0;
        break;
      default:
        DecodeContinuation(in, request);
    }
  }
  return request;
}

std::optional<ProductIndex> RowSeedOf(uint32_t number) {
  if (number == 0) return std::nullopt;
  return ProductIndex(number - 1);
}

// The sequences of what was read.
void DecodeSequence(protozero::pbf_reader& in, DecisionRecord& record) {
  switch (in.tag_and_type()) {
    case Varint(kViewSequence):
      record.view_sequence = Sequence(in.get_uint64());
      return;
    case Varint(kProfileSequence):
      record.profile_sequence = Sequence(in.get_uint64());
      return;
    case Varint(kCatalogSequence):
      record.catalog_sequence = Sequence(in.get_uint64());
      return;
    case Varint(kLiveSequence):
      record.live_sequence = Sequence(in.get_uint64());
      return;
    case Varint(kVocabularySequence):
      record.vocabulary_sequence = Sequence(in.get_uint64());
      return;
    default:
      in.skip();
  }
}

// Packed fields as they come; joined to values when all have been read.
struct Columns {
  std::vector<uint32_t> models;
  std::vector<uint64_t> generations;
  std::vector<std::string> names;
  std::vector<uint32_t> products;
  std::vector<float> scores;
  std::vector<uint32_t> sources;
  std::vector<float> propensities;
  std::vector<uint32_t> rules;
  uint32_t fallback = 0;
};

Status Join(const Columns& columns, DecisionRecord& record) {
  if (columns.models.size() != columns.generations.size())
    return Corruption("a decision record lacks a generation");
  for (size_t i = 0; i < columns.models.size(); ++i) {
    record.generations.push_back(
        {NameOf(columns.models[i], columns.names), Generation(columns.generations[i])});
  }
  const size_t count = columns.products.size();
  if (columns.scores.size() != count || columns.sources.size() != count ||
      (!columns.propensities.empty() && columns.propensities.size() != count)) {
    return Corruption("a decision record has products without scores or sources");
  }
  for (size_t i = 0; i < count; ++i) {
    record.products.push_back({ProductIndex(columns.products[i]), columns.scores[i],
                               NameOf(columns.sources[i], columns.names),
                               columns.propensities.empty() ? 1.0F : columns.propensities[i]});
  }
  for (const uint32_t rule : columns.rules) record.rules.push_back(NameOf(rule, columns.names));
  const std::string fallback = NameOf(columns.fallback, columns.names);
  record.fallback =
      fallback.starts_with(kFallbackPrefix) ? fallback.substr(kFallbackPrefix.size()) : fallback;
  return {};
}

Status Read(protozero::pbf_reader in, DecisionRecord& record) {
  Columns columns;
  while (in.next()) {
    switch (in.tag_and_type()) {
      case Varint(kNowMs):
        record.now_ms = static_cast<int64_t>(in.get_uint64());
        break;
      case Fixed64(kSeed):
        record.seed = in.get_fixed64();
        break;
      case Bytes(kHandles):
        Append(in.get_packed_fixed64(), record.handles);
        break;
      case Varint(kIsPersonalized):
        record.is_personalized = in.get_uint32() != 0;
        break;
      case Bytes(kModels):
        Append(in.get_packed_uint32(), columns.models);
        break;
      case Bytes(kGenerations):
        Append(in.get_packed_uint64(), columns.generations);
        break;
      case Bytes(kNames):
        columns.names.push_back(in.get_string());
        break;
      case Bytes(kProducts):
        Append(in.get_packed_uint32(), columns.products);
        break;
      case Bytes(kScores):
        Append(in.get_packed_float(), columns.scores);
        break;
      case Bytes(kSources):
        Append(in.get_packed_uint32(), columns.sources);
        break;
      case Bytes(kPropensities):
        Append(in.get_packed_float(), columns.propensities);
        break;
      case Bytes(kRules):
        Append(in.get_packed_uint32(), columns.rules);
        break;
      case Varint(kFallback):
        columns.fallback = in.get_uint32();
        break;
      case Varint(kAreCapsRelaxed):
        record.are_caps_relaxed = in.get_uint32() != 0;
        break;
      case Bytes(kRequest):
        record.request = DecodeRequest(in.get_message());
        break;
      case Bytes(kSearch):
        record.search = in.get_string();
        break;
      case Varint(kRowSeed):
        record.row_seed = RowSeedOf(in.get_uint32());
        break;
      default:
        DecodeSequence(in, record);
    }
  }
  return Join(columns, record);
}

void AppendBigEndian(uint64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

uint64_t BigEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) number = (number << 8) | static_cast<unsigned char>(bytes[i]);
  return number;
}

void WriteProducts(const DecisionRecord& record, NameCoder& names, protozero::pbf_writer& out) {
  std::vector<uint32_t> products;
  std::vector<float> scores;
  std::vector<uint32_t> sources;
  std::vector<float> propensities;
  bool is_certain = true;
  for (const RecordedProduct& product : record.products) {
    products.push_back(product.product.value());
    scores.push_back(product.score);
    sources.push_back(names.Code(product.source));
    propensities.push_back(product.propensity);
    is_certain = is_certain && product.propensity == 1.0F;
  }
  if (products.empty()) return;
  out.add_packed_uint32(kProducts, products.begin(), products.end());
  out.add_packed_float(kScores, scores.begin(), scores.end());
  out.add_packed_uint32(kSources, sources.begin(), sources.end());
  if (!is_certain) out.add_packed_float(kPropensities, propensities.begin(), propensities.end());
}

void WriteRules(const DecisionRecord& record, NameCoder& names, protozero::pbf_writer& out) {
  std::vector<uint32_t> rules;
  for (const std::string& rule : record.rules) rules.push_back(names.Code(rule));
  if (!rules.empty()) out.add_packed_uint32(kRules, rules.begin(), rules.end());
}

}  // namespace

std::string DecisionKey(const DecisionId& id) {
  std::string key;
  AppendBigEndian(id.high, key);
  AppendBigEndian(id.low, key);
  return key;
}

std::string FirstDecisionKeyAt(int64_t time_ms) {
  return DecisionKey(DecisionId::Make(std::max<int64_t>(0, time_ms), 0, 0));
}

Result<DecisionId> ParseDecisionKey(std::string_view key) {
  if (key.size() != 16) return Corruption("a decision key is not 16 bytes");
  return DecisionId{BigEndian(key), BigEndian(key.substr(8))};
}

std::string EncodeDecisionRecord(const DecisionRecord& record) {
  std::string bytes;
  protozero::pbf_writer out(bytes);
  NameCoder names;
  out.add_uint64(kNowMs, static_cast<uint64_t>(record.now_ms));
  if (record.seed != 0) out.add_fixed64(kSeed, record.seed);
  if (!record.handles.empty()) {
    std::vector<uint64_t> handles;
    for (const ShopperHandle handle : record.handles) handles.push_back(handle.value());
    out.add_packed_fixed64(kHandles, handles.begin(), handles.end());
  }
  if (record.is_personalized) out.add_bool(kIsPersonalized, true);
  out.add_uint64(kViewSequence, record.view_sequence.value());
  if (record.profile_sequence.value() != 0) out.add_uint64(kProfileSequence, record.profile_sequence.value());
  out.add_uint64(kCatalogSequence, record.catalog_sequence.value());
  if (!record.generations.empty()) {
    std::vector<uint32_t> models;
    std::vector<uint64_t> generations;
    for (const SourceGeneration& generation : record.generations) {
      models.push_back(names.Code(generation.model));
      generations.push_back(generation.generation.value());
    }
    out.add_packed_uint32(kModels, models.begin(), models.end());
    out.add_packed_uint64(kGenerations, generations.begin(), generations.end());
  }
  WriteProducts(record, names, out);
  if (!record.fallback.empty()) {
    out.add_uint32(kFallback, names.Code(std::string(kFallbackPrefix) + record.fallback));
  }
  if (record.are_caps_relaxed) out.add_bool(kAreCapsRelaxed, true);
  AddText(out, kSearch, record.search);
  if (record.row_seed) out.add_uint32(kRowSeed, record.row_seed->value() + 1);
  if (record.live_sequence.value() != 0) out.add_uint64(kLiveSequence, record.live_sequence.value());
  if (record.vocabulary_sequence.value() != 0) {
    out.add_uint64(kVocabularySequence, record.vocabulary_sequence.value());
  }
  WriteRules(record, names, out);
  out.add_message(kRequest, EncodeRequest(record.request));
  for (const std::string& name : names.names()) out.add_string(kNames, name);
  return bytes;
}

Result<DecisionRecord> DecodeDecisionRecord(const DecisionId& id, std::string_view bytes) {
  DecisionRecord record;
  record.id = id;
  try {
    RETURN_IF_ERROR(Read(protozero::pbf_reader(bytes.data(), bytes.size()), record));
  } catch (const std::exception& error) {
    return Corruption(std::string("a decision record cannot be read: ") + error.what());
  }
  return record;
}

}  // namespace attune::decisions
