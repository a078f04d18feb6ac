#include "catalog/product_record.h"

#include <protozero/pbf_message.hpp>
#include <protozero/pbf_writer.hpp>

#include <utility>

#include "base/record_wire.h"
#include "catalog/limits.h"
#include "catalog/product_codec.h"

namespace attune::catalog {
namespace {

using protozero::pbf_reader;
using protozero::pbf_writer;

// Field numbers are on disk: never change one, never reuse one.
enum RecordTag : protozero::pbf_tag_type { kName = 1, kChange = 2 };
enum NameTag : protozero::pbf_tag_type { kNameIndex = 1, kNameId = 2 };
enum ChangeTag : protozero::pbf_tag_type {
  kKind = 1,
  kIndex = 2,
  kUpdatedAt = 3,
  kFields = 4,
  kValues = 5,
  kRemoved = 6,
  kReplacesVariants = 7,
  kReplacesMaps = 8,
  kAmountsCurrency = 9,
};
enum RemovedTag : protozero::pbf_tag_type { kRemovedField = 1, kRemovedKey = 2 };
enum StoredTag : protozero::pbf_tag_type {
  kStoredId = 1,
  kStoredProduct = 2,
  kStoredBase = 3,
  kStoredUnwritten = 4,
  kStoredClock = 5,
};
enum ClockTag : protozero::pbf_tag_type { kClockField = 1, kClockTime = 2 };

// As HasKnownWire() takes them.
constexpr std::string_view kRecordWires = "bb";
constexpr std::string_view kNameWires = "vb";
constexpr std::string_view kChangeWires = "vvvvbbvvb";
constexpr std::string_view kRemovedWires = "vb";
constexpr std::string_view kStoredWires = "bbvvb";
constexpr std::string_view kClockWires = "vv";

Status OtherWire() { return Corruption("product record: a field of another type"); }

std::string TextOf(pbf_reader& reader) {
  const protozero::data_view view = reader.get_view();
  return {view.data(), view.size()};
}

Result<ProductIndex> IndexOf(uint32_t value) {
  if (value >= kProductIndicesMax) return Corruption("product record: index out of range");
  return ProductIndex(value);
}

Result<ProductField> FieldOf(uint32_t value) {
  if (value >= kProductFieldCount) return Corruption("product record: unknown field number");
  return static_cast<ProductField>(value);
}

Result<IndexName> ReadName(pbf_reader reader) {
  IndexName name;
  while (reader.next()) {
    if (!HasKnownWire(reader, kNameWires)) return OtherWire();
    switch (reader.tag()) {
      case kNameIndex: {
        ASSIGN_OR_RETURN(name.index, IndexOf(reader.get_uint32()));
        break;
      }
      case kNameId:
        name.product_id = TextOf(reader);
        break;
      default:
        reader.skip();
    }
  }
  if (name.product_id.empty()) return Corruption("product record: a name without an id");
  return name;
}

Result<ProductChange::RemovedKey> ReadRemoved(pbf_reader reader) {
  ProductChange::RemovedKey removed{ProductField::kMarkets, {}};
  while (reader.next()) {
    if (!HasKnownWire(reader, kRemovedWires)) return OtherWire();
    switch (reader.tag()) {
      case kRemovedField: {
        ASSIGN_OR_RETURN(removed.field, FieldOf(reader.get_uint32()));
        break;
      }
      case kRemovedKey:
        removed.key = TextOf(reader);
        break;
      default:
        reader.skip();
    }
  }
  return removed;
}

Result<ProductChange::Kind> ReadKind(uint32_t value) {
  if (value < 1 || value > static_cast<uint32_t>(ProductChange::Kind::kHideAbsent)) {
    return Corruption("product record: unknown kind of change");
  }
  return static_cast<ProductChange::Kind>(value);
}

Result<IndexedChange> ReadChange(pbf_reader reader) {
  IndexedChange indexed;
  ProductChange& change = indexed.change;
  while (reader.next()) {
    if (!HasKnownWire(reader, kChangeWires)) return OtherWire();
    switch (reader.tag()) {
      case kKind: {
        ASSIGN_OR_RETURN(change.kind, ReadKind(reader.get_uint32()));
        break;
      }
      case kIndex: {
        ASSIGN_OR_RETURN(indexed.index, IndexOf(reader.get_uint32()));
        break;
      }
      case kUpdatedAt:
        change.updated_at_ms = reader.get_sint64();
        break;
      case kFields:
        change.fields = ProductFields(reader.get_uint32() & kAllProductFields.bits());
        break;
      case kValues: {
        const protozero::data_view bytes = reader.get_view();
        ASSIGN_OR_RETURN(change.values, DecodeProduct({bytes.data(), bytes.size()}, &change.variant_fields));
        break;
      }
      case kRemoved: {
        ASSIGN_OR_RETURN(ProductChange::RemovedKey removed, ReadRemoved(reader.get_message()));
        change.removed.push_back(std::move(removed));
        break;
      }
      case kReplacesVariants:
        change.replaces_variants = reader.get_uint32() != 0;
        break;
      case kReplacesMaps:
        change.replaces_maps = reader.get_uint32() != 0;
        break;
      case kAmountsCurrency: {
        const std::optional<Currency> currency = Currency::Parse(TextOf(reader));
        if (!currency) return Corruption("product record: a currency of not three letters");
        change.amounts_currency = *currency;
        break;
      }
      default:
        reader.skip();
    }
  }
  return indexed;
}

Result<ProductRecord> ReadRecord(pbf_reader reader) {
  ProductRecord record;
  while (reader.next()) {
    if (!HasKnownWire(reader, kRecordWires)) return OtherWire();
    switch (reader.tag()) {
      case kName: {
        ASSIGN_OR_RETURN(IndexName name, ReadName(reader.get_message()));
        record.names.push_back(std::move(name));
        break;
      }
      case kChange: {
        ASSIGN_OR_RETURN(IndexedChange change, ReadChange(reader.get_message()));
        record.changes.push_back(std::move(change));
        break;
      }
      default:
        reader.skip();
    }
  }
  return record;
}

Status ReadClock(pbf_reader reader, FieldClocks& clocks) {
  ProductField field = ProductField::kTitle;
  int64_t time_ms = 0;
  while (reader.next()) {
    if (!HasKnownWire(reader, kClockWires)) return OtherWire();
    switch (reader.tag()) {
      case kClockField: {
        ASSIGN_OR_RETURN(field, FieldOf(reader.get_uint32()));
        break;
      }
      case kClockTime:
        time_ms = reader.get_sint64();
        break;
      default:
        reader.skip();
    }
  }
  clocks.Set(field, time_ms);
  return Status();
}

Result<StoredProduct> ReadStored(pbf_reader reader) {
  StoredProduct stored;
  int64_t base_ms = 0;
  ProductFields unwritten;
  std::vector<pbf_reader> clocks;  // Applied last: they stand against the base.
  while (reader.next()) {
    if (!HasKnownWire(reader, kStoredWires)) return OtherWire();
    switch (reader.tag()) {
      case kStoredId:
        stored.product_id = TextOf(reader);
        break;
      case kStoredProduct: {
        const protozero::data_view bytes = reader.get_view();
        ASSIGN_OR_RETURN(stored.product, DecodeProduct({bytes.data(), bytes.size()}));
        break;
      }
      case kStoredBase:
        base_ms = reader.get_sint64();
        break;
      case kStoredUnwritten:
        unwritten = ProductFields(reader.get_uint32());
        break;
      case kStoredClock:
        clocks.push_back(reader.get_message());
        break;
      default:
        reader.skip();
    }
  }
  if (stored.product_id.empty()) return Corruption("stored product: no id");
  stored.clocks.SetFirst(ProductFields(kAllProductFields.bits() & ~unwritten.bits()), base_ms);
  for (const pbf_reader& clock : clocks) RETURN_IF_ERROR(ReadClock(clock, stored.clocks));
  if (stored.product) stored.product->product_id = stored.product_id;
  return stored;
}

}  // namespace

void AppendName(const IndexName& name, std::string& payload) {
  pbf_writer writer(payload);
  pbf_writer entry(writer, kName);
  entry.add_uint32(kNameIndex, name.index.value());
  entry.add_bytes(kNameId, name.product_id);
}

void AppendChange(ProductIndex index, const ProductChange& change, std::string& payload) {
  pbf_writer writer(payload);
  pbf_writer entry(writer, kChange);
  entry.add_uint32(kKind, static_cast<uint32_t>(change.kind));
  entry.add_uint32(kIndex, index.value());
  entry.add_sint64(kUpdatedAt, change.updated_at_ms);
  if (!change.fields.empty()) {
    entry.add_uint32(kFields, change.fields.bits());
    entry.add_bytes(kValues, EncodeProduct(change.values, change.variant_fields));
  }
  for (const ProductChange::RemovedKey& removed : change.removed) {
    pbf_writer key(entry, kRemoved);
    key.add_uint32(kRemovedField, static_cast<uint32_t>(removed.field));
    key.add_bytes(kRemovedKey, removed.key);
  }
  if (change.replaces_variants) entry.add_bool(kReplacesVariants, true);
  if (change.replaces_maps) entry.add_bool(kReplacesMaps, true);
  if (!change.amounts_currency.is_none()) {
    entry.add_bytes(kAmountsCurrency, std::string(change.amounts_currency.code()));
  }
}

std::string EncodeProductRecord(const ProductRecord& record) {
  std::string payload;
  for (const IndexName& name : record.names) AppendName(name, payload);
  for (const IndexedChange& change : record.changes) AppendChange(change.index, change.change, payload);
  return payload;
}

Result<ProductRecord> DecodeProductRecord(std::string_view payload) {
  try {
    return ReadRecord(pbf_reader(payload.data(), payload.size()));
  } catch (const protozero::exception& error) {
    return Corruption(std::string("product record: ") + error.what());
  }
}

std::string EncodeStoredProduct(std::string_view product_id, const Product* product,
                                const FieldClocks& clocks) {
  std::string bytes;
  pbf_writer writer(bytes);
  writer.add_bytes(kStoredId, product_id.data(), product_id.size());
  if (product != nullptr) writer.add_bytes(kStoredProduct, EncodeProduct(*product));
  writer.add_sint64(kStoredBase, clocks.base_ms());
  writer.add_uint32(kStoredUnwritten, clocks.unwritten().bits());
  for (const auto& [field, time_ms] : clocks.exceptions()) {
    pbf_writer entry(writer, kStoredClock);
    entry.add_uint32(kClockField, static_cast<uint32_t>(field));
    entry.add_sint64(kClockTime, time_ms);
  }
  return bytes;
}

Result<StoredProduct> DecodeStoredProduct(std::string_view bytes) {
  try {
    return ReadStored(pbf_reader(bytes.data(), bytes.size()));
  } catch (const protozero::exception& error) {
    return Corruption(std::string("stored product: ") + error.what());
  }
}

}  // namespace attune::catalog
