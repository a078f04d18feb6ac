// What is stored about products under damage: every field is read with the one wire type it is written with,
// and no changed or missing byte ends in anything but a value or kCorruption.

#include "catalog/product_record.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <protozero/pbf_writer.hpp>
#include <string>

#include "catalog/product_codec.h"
#include "catalog/product_json.h"

namespace attune::catalog {
namespace {

constexpr char kWholeProduct[] = R"({"product_id":"p","title":"Lamp","description":"Tall","brand":"Lumo",
  "sku":"s","ean":"4006381333931","categories":[["Home","Light"]],"price":"24.90","cost":"9.10",
  "in_stock":false,"stock":3,"image":"https://shop.example/p.jpg","url":"https://shop.example/p",
  "tags":["new"],"attributes":{"color":"red","watts":5},"hidden":true,
  "variants":[{"variant_id":"v","sku":"vs","stock":1,"attributes":{"size":"L"},"stock_at":{"berlin":1}}],
  "stock_at":{"berlin":3},"vectors":{"image":[1,-2],"text":[0.5]}})";

ProductRecord WholeRecord() {
  ProductParseOptions options;
  options.kind = ProductChange::Kind::kPut;
  options.default_currency = *Currency::Parse("EUR");
  options.now_ms = 1000;
  Result<ProductChange> change = ParseProductChange(kWholeProduct, options);
  CHECK(change.ok());
  change->removed.push_back({ProductField::kMarkets, "de"});
  change->product_id.clear();
  ProductRecord record;
  record.names.push_back({ProductIndex(0), "p"});
  record.changes.push_back({ProductIndex(0), std::move(change).value()});
  return record;
}

using Decoder = std::function<Status(std::string_view)>;

Status DecodeRecord(std::string_view bytes) { return DecodeProductRecord(bytes).status(); }
Status DecodeStored(std::string_view bytes) { return DecodeStoredProduct(bytes).status(); }
Status DecodePlain(std::string_view bytes) { return DecodeProduct(bytes).status(); }

// A message of one field, in a buffer that ends where the message ends.
struct OneField {
  OneField(uint32_t field, protozero::pbf_wire_type wire, const std::string& prefix) {
    std::string text = prefix;
    protozero::pbf_writer writer(text);
    switch (wire) {
      case protozero::pbf_wire_type::varint:
        writer.add_uint64(field, 1);
        break;
      case protozero::pbf_wire_type::fixed64:
        writer.add_fixed64(field, 0);
        break;
      case protozero::pbf_wire_type::fixed32:
        writer.add_fixed32(field, 0);
        break;
      default:
        writer.add_bytes(field, "", 0);
    }
    bytes = text;
  }
  std::string bytes;
};

// How many wire types the decoder takes `field` with.
int TakenWires(const Decoder& decode, uint32_t field, const std::string& prefix) {
  using protozero::pbf_wire_type;
  int taken = 0;
  for (const auto wire : {pbf_wire_type::varint, pbf_wire_type::fixed64, pbf_wire_type::length_delimited,
                          pbf_wire_type::fixed32}) {
    const Status status = decode(OneField(field, wire, prefix).bytes);
    EXPECT_TRUE(status.ok() || status.code() == StatusCode::kCorruption) << status.message();
    if (status.ok()) ++taken;
  }
  return taken;
}

TEST(ProductRecordTest, AFieldOfAnotherTypeIsCorruptionAndALaterFieldIsSkipped) {
  const std::string stored_id("\x0a\x01p", 3);
  struct Case {
    const char* name;
    Decoder decode;
    uint32_t field_count;
    std::string prefix;
  };
  for (const Case& one : {Case{"product", DecodePlain, 26, ""}, Case{"record", DecodeRecord, 2, ""},
                          Case{"stored product", DecodeStored, 5, stored_id}}) {
    SCOPED_TRACE(one.name);
    for (uint32_t field = 1; field <= one.field_count; ++field) {
      EXPECT_LE(TakenWires(one.decode, field, one.prefix), 1) << field;
    }
    EXPECT_EQ(TakenWires(one.decode, one.field_count + 1, one.prefix), 4);
  }
}

TEST(ProductRecordTest, FieldsInsideFieldsKeepTheirTypesToo) {
  const auto within = [](const Decoder& decode, uint32_t outer) {
    return [decode, outer](std::string_view inner) {
      std::string bytes;
      protozero::pbf_writer(bytes).add_bytes(outer, inner.data(), inner.size());
      return decode(bytes);
    };
  };
  struct Case {
    const char* name;
    Decoder decode;
    uint32_t field_count;
  };
  const Decoder change = within(DecodeRecord, 2);
  for (const Case& one :
       {Case{"category", within(DecodePlain, 7), 1}, Case{"price", within(DecodePlain, 8), 5},
        Case{"variant", within(DecodePlain, 20), 10}, Case{"market", within(DecodePlain, 21), 4},
        Case{"translation", within(DecodePlain, 22), 6}, Case{"stock_at", within(DecodePlain, 23), 2},
        Case{"price list", within(DecodePlain, 24), 2}, Case{"name", within(DecodeRecord, 1), 2},
        Case{"change", change, 9}, Case{"removed", within(change, 6), 2}}) {
    SCOPED_TRACE(one.name);
    for (uint32_t field = 1; field <= one.field_count; ++field) {
      EXPECT_LE(TakenWires(one.decode, field, ""), 1) << field;
    }
  }
}

void ExpectSafe(const Decoder& decode, const std::string& bytes) {
  const auto check = [&decode](std::string_view damaged) {
    // An exact copy: a sanitizer sees a read past its end.
    const auto copy = std::make_unique<char[]>(damaged.size());
    std::copy(damaged.begin(), damaged.end(), copy.get());
    const Status status = decode({copy.get(), damaged.size()});
    EXPECT_TRUE(status.ok() || status.code() == StatusCode::kCorruption) << status.message();
  };
  ASSERT_TRUE(decode(bytes).ok());
  for (size_t i = 0; i < bytes.size(); ++i) {
    check(std::string_view(bytes).substr(0, i));
    std::string damaged = bytes;
    for (int value = 0; value < 256; ++value) {
      damaged[i] = static_cast<char>(value);
      check(damaged);
    }
  }
}

// A put as builds wrote it that knew 25 fields of a product, the last of them vectors.image.
TEST(ProductRecordTest, ARecordFromBeforeTextVectorsNamesNone) {
  constexpr uint32_t kFieldsOfThen = (1u << 25) - 1;
  std::string values;
  protozero::pbf_writer product(values);
  product.add_bytes(2, std::string("Lamp"));
  const std::vector<float> image = {1, 2};
  product.add_packed_float(25, image.begin(), image.end());
  std::string bytes("\x0a\x05\x08\x00\x12\x01p", 7);  // A name: index 0 is "p".
  {
    protozero::pbf_writer record(bytes);
    protozero::pbf_writer change(record, 2);
    change.add_uint32(1, 1);
    change.add_uint32(2, 0);
    change.add_sint64(3, 1000);
    change.add_uint32(4, kFieldsOfThen);
    change.add_bytes(5, values);
  }
  const auto record = DecodeProductRecord(bytes);
  ASSERT_TRUE(record.ok()) << record.status().message();
  const ProductChange& change = record->changes.front().change;
  EXPECT_TRUE(change.fields.Has(ProductField::kImageVector));
  EXPECT_FALSE(change.fields.Has(ProductField::kTextVector));
  EXPECT_EQ(change.values.image_vector, image);
  EXPECT_TRUE(change.values.text_vector.empty());
}

TEST(ProductRecordTest, VectorsAreReadAsTheyWereWritten) {
  const ProductRecord record = WholeRecord();
  const auto read = DecodeProductRecord(EncodeProductRecord(record));
  ASSERT_TRUE(read.ok());
  const Product& product = read->changes.front().change.values;
  EXPECT_EQ(product.image_vector, (std::vector<float>{1, -2}));
  EXPECT_EQ(product.text_vector, std::vector<float>{0.5F});
}

TEST(ProductRecordTest, EveryChangedAndEveryMissingByteIsAValueOrCorruption) {
  const ProductRecord record = WholeRecord();
  ExpectSafe(DecodeRecord, EncodeProductRecord(record));
  FieldClocks clocks;
  clocks.SetFirst(kAllProductFields, 5);
  clocks.Set(ProductField::kPrice, 9);
  ExpectSafe(DecodeStored, EncodeStoredProduct("p", &record.changes[0].change.values, clocks));
}

}  // namespace
}  // namespace attune::catalog
