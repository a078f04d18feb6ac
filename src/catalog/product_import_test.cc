// Feeds of every format end as the same product changes; what is wrong is counted and named; nothing breaks
// it.

#include "catalog/product_import.h"

#include <gtest/gtest.h>
#include <lzma.h>
#include <zlib.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/feed_stage.h"
#include "catalog/import_amount.h"
#include "catalog/import_csv.h"
#include "catalog/limits.h"

namespace attune::catalog {
namespace {

struct Imported {
  std::vector<ProductChange> changes;
  ImportReport report;
  std::string mapping;
  Status status;

  const Product& product(std::string_view id) const {
    static const Product kNone;
    for (const ProductChange& change : changes) {
      if (change.product_id == id) return change.values;
    }
    ADD_FAILURE() << "no product " << id;
    return kNone;
  }
};

Imported ImportFrom(Result<std::unique_ptr<ImportSource>> source, ProductImportOptions options) {
  Imported imported;
  options.feed_time_ms = 1'800'000'000'000;
  if (options.default_currency.is_none()) options.default_currency = *Currency::Parse("EUR");
  if (!source.ok()) {
    imported.status = source.status();
    return imported;
  }
  Result<std::unique_ptr<ProductImport>> import = ProductImport::Open(std::move(source).value(), options);
  imported.status = import.status();
  if (!import.ok()) return imported;
  const VirtualClock clock(0);
  imported.status = RunProductImport(
      **import, clock,
      [&](ProductChange change) {
        imported.changes.push_back(std::move(change));
        return Status();
      },
      [](const ImportProgress&) {});
  imported.report = (*import)->report();
  imported.mapping = (*import)->mapping().ToText();
  return imported;
}

Imported Import(std::string text, const ProductImportOptions& options = {}) {
  return ImportFrom(OpenImportText(std::move(text)), options);
}

std::string Gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Xz(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  size_t size = 0;
  EXPECT_EQ(
      lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const uint8_t*>(text.data()),
                              text.size(), reinterpret_cast<uint8_t*>(out.data()), &size, out.size()),
      LZMA_OK);
  out.resize(size);
  return out;
}

TEST(CsvTest, WhatIsQuotedComesBackAsItWas) {
  Random random(3);
  for (const char delimiter : {',', ';'}) {
    std::string text;
    std::vector<std::vector<std::string>> expected;
    for (int row = 0; row < 500; ++row) {
      std::vector<std::string> cells;
      for (uint64_t i = 0; i < 1 + random.NextBelow(5); ++i) {
        std::string cell = "x";
        for (uint64_t k = random.NextBelow(6); k > 0; --k) cell += ",;\"\nab \t"[random.NextBelow(8)];
        text += i == 0 ? "" : std::string(1, delimiter);
        text += '"';
        for (const char c : cell) text += c == '"' ? "\"\"" : std::string(1, c);
        text += '"';
        cells.push_back(cell);
      }
      text += row % 2 == 0 ? "\n" : "\r\n";
      expected.push_back(cells);
    }
    ImportBuffer buffer(*OpenImportText(text));
    CsvReader reader(&buffer, delimiter);
    std::vector<std::string> cells;
    for (const auto& row : expected) {
      ASSERT_EQ(*reader.Next(cells), CsvReader::Outcome::kRecord);
      ASSERT_EQ(cells, row);
    }
    EXPECT_EQ(*reader.Next(cells), CsvReader::Outcome::kEnd);
  }
}

TEST(CsvTest, OpenQuotesAndStrayQuotesAreKnownApart) {
  const auto read = [](const std::string& text, char delimiter) {
    ImportBuffer buffer(*OpenImportText(text));
    CsvReader reader(&buffer, delimiter);
    std::vector<std::string> cells;
    const CsvReader::Outcome outcome = *reader.Next(cells);
    std::string joined = outcome == CsvReader::Outcome::kRecord ? "" : "!";
    for (const std::string& cell : cells) joined += "[" + cell + "]";
    return joined;
  };
  EXPECT_EQ(read("a,b\"c,d", ','), "[a][b\"c][d]");
  EXPECT_EQ(read("a,\"b\"c,d", ','), "[a][\"b\"c][d]");
  EXPECT_EQ(read("a,,", ','), "[a][][]");
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a,b",
                 ','),
            "[a][b]");
  EXPECT_EQ(read("\n\r\n a", ','), "[ a]");
  EXPECT_EQ(read("\"x\" lamp\tb\"\t\"c", '\t'), "[\"x\" lamp][b\"][\"c]");
  EXPECT_EQ(read("\"a\tb\"\tc", '\t'), "[\"a][b\"][c]");
  EXPECT_EQ(read("a,\"b\nc", ',').front(), '!');
  EXPECT_EQ(GuessDelimiter("\"a;b\",c"), ',');
  EXPECT_EQ(GuessDelimiter("a;b;c,d"), ';');
  EXPECT_EQ(GuessDelimiter("a\tb"), '\t');
}

TEST(AmountTest, ADecimalCommaIsNeverGuessed) {
  const auto read = [](std::string_view text, bool comma = false) {
    const Result<FeedAmount> amount = ParseFeedAmount(text, comma);
    return amount.ok() ? amount->digits + std::string(amount->currency.code()) : "?";
  };
  EXPECT_EQ(read("19.90 EUR"), "19.90EUR");
  EXPECT_EQ(read("USD19.90"), "19.90USD");
  EXPECT_EQ(read("\xE2\x82\xAC 5"), "5EUR");
  EXPECT_EQ(read("1,299.00"), "1299.00");
  EXPECT_EQ(read("1,234,567.8"), "1234567.8");
  EXPECT_EQ(read("19,90"), "?");
  EXPECT_EQ(read("1,299"), "?");
  EXPECT_EQ(read("12,34.5"), "?");
  EXPECT_EQ(read("19,90", true), "19.90");
  EXPECT_EQ(read("1.299,00 EUR", true), "1299.00EUR");
  EXPECT_EQ(read("1.2.3"), "?");
  EXPECT_EQ(read(""), "?");
  EXPECT_EQ(read("free"), "?");
  EXPECT_EQ(read("-5"), "-5");
  EXPECT_EQ(read("."), "?");
}

constexpr std::string_view kCsv =
    "Id,Name,Vendor,Price,Category,Colour,Stock,Secret margin\n"
    "1,Lamp,Lumo,24.90,Home > Lighting,black,3,0.7\n"
    "2,\"Chair, red\",,\"1,299.00\",Home,red,,0.1\n"
    ",Nameless,,1,,,,\n"
    "4,Desk,,19,,,,\n"
    "5,Bed,,\"19,90\",,,,\n";

TEST(ProductImportTest, ACsvIsMappedByItsHeaderAndUnknownColumnsStayOut) {
  const Imported imported = Import(std::string(kCsv));
  ASSERT_TRUE(imported.status.ok()) << imported.status.message();
  EXPECT_EQ(imported.changes.size(), 3u);
  EXPECT_EQ(imported.report.rows_read, 5u);
  EXPECT_EQ(imported.report.rows_accepted, 3u);
  EXPECT_EQ(imported.report.rows_rejected, 2u);
  const Product& lamp = imported.product("1");
  EXPECT_EQ(lamp.title, "Lamp");
  EXPECT_EQ(lamp.brand, "Lumo");
  EXPECT_EQ(lamp.price.price_minor, 2490);
  EXPECT_EQ(lamp.categories, (std::vector<CategoryPath>{{"Home", "Lighting"}}));
  EXPECT_EQ(lamp.attributes_json, R"({"colour":"black"})");
  EXPECT_EQ(lamp.stock, 3);
  EXPECT_EQ(imported.product("2").title, "Chair, red");
  EXPECT_EQ(imported.product("2").price.price_minor, 129900);
  EXPECT_NE(imported.mapping.find("Secret margin  -"), std::string::npos) << imported.mapping;
  const std::vector<ImportReason> reasons = imported.report.reasons();
  ASSERT_EQ(reasons.size(), 2u);
  EXPECT_EQ(reasons[0].field, "price");
  EXPECT_EQ(reasons[0].examples[0].line, 6u);
  EXPECT_NE(reasons[0].message.find("--decimal-comma"), std::string::npos);
  EXPECT_EQ(reasons[1].field, "product_id");
  EXPECT_EQ(reasons[1].examples[0].line, 4u);
  // The columns own their fields: an empty cell clears, a column that is not there does not.
  EXPECT_TRUE(imported.changes[1].fields.Has(ProductField::kStock));
  EXPECT_FALSE(imported.changes[1].fields.Has(ProductField::kUrl));
}

TEST(ProductImportTest, AMappingCanBeOverridden) {
  ProductImportOptions options;
  options.overrides = {"Secret margin=attributes.margin", "Vendor=", "Colour=brand"};
  const Imported imported = Import(std::string(kCsv), options);
  EXPECT_EQ(imported.product("1").brand, "black");
  EXPECT_EQ(imported.product("1").attributes_json, R"({"margin":0.7})");
  options.overrides = {"Name=no_such_field"};
  EXPECT_EQ(Import(std::string(kCsv), options).status.field(), "map");
  options.overrides = {"nonsense"};
  EXPECT_EQ(Import(std::string(kCsv), options).status.field(), "map");
  EXPECT_EQ(Import("colour,size\nred,1\n").status.field(), "map");
}

TEST(ProductImportTest, CompressedFilesAreReadDirectlyAndDamagedOnesAreCorruption) {
  const Imported plain = Import(std::string(kCsv));
  const std::string csv(kCsv);
  for (const std::string& packed : {Gzip(csv), Xz(csv), Gzip(csv.substr(0, 60)) + Gzip(csv.substr(60)),
                                    Xz(csv.substr(0, 60)) + Xz(csv.substr(60))}) {
    const Imported imported = Import(packed);
    ASSERT_TRUE(imported.status.ok()) << imported.status.message();
    EXPECT_EQ(imported.changes, plain.changes);
    EXPECT_EQ(Import(packed.substr(0, packed.size() - 9)).status.code(), StatusCode::kCorruption);
    std::string damaged = packed;
    damaged[damaged.size() / 2] ^= 0x55;
    EXPECT_FALSE(Import(damaged).status.ok());
  }
}

TEST(ProductImportTest, ABombIsRefusedBeforeItFillsAnything) {
  std::string zeros(100u << 20, ' ');
  for (const std::string& packed : {Gzip(zeros), Xz(zeros)}) {
    Result<std::unique_ptr<ImportSource>> source = OpenImportText(packed);
    ASSERT_TRUE(source.ok());
    std::string bytes(1 << 16, '\0');
    Status status;
    uint64_t total = 0;
    while (status.ok()) {
      const Result<size_t> got = (*source)->Read(bytes.data(), bytes.size());
      status = got.status();
      if (got.ok() && *got == 0) break;
      if (got.ok()) total += *got;
    }
    EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
    EXPECT_LE(total, kFeedRatioFreeBytes);
  }
  EXPECT_EQ(Import(std::string(kFeedRecordBytesMax + 100, 'x')).status.code(),
            StatusCode::kResourceExhausted);
}

TEST(ProductImportTest, NativeNdjsonKeepsEveryFieldAndIcecatIsReadInCents) {
  const Imported native = Import(
      "{\"product_id\":7,\"title\":\"Lamp\",\"price\":1.5,\"currency\":\"USD\",\"tags\":[\"a\"],\"brand\":"
      "null,"
      "\"attributes\":{\"n\":1},\"variants\":[{\"variant_id\":\"v\",\"stock\":2}],\"markets\":{\"DE\":{"
      "\"price\":2}},\"vectors\":{\"text\":[1,0.5]}}\n"
      "not json\n[1]\n\n{\"product_id\":\"8\"}");
  ASSERT_TRUE(native.status.ok()) << native.status.message();
  ASSERT_EQ(native.changes.size(), 2u) << native.report.ToText(0);
  EXPECT_EQ(native.changes[0].product_id, "7");
  EXPECT_EQ(native.changes[0].values.price.price_minor, 150);
  EXPECT_EQ(native.changes[0].values.price.currency.code(), "USD");
  EXPECT_EQ(native.changes[0].values.variants[0].stock, 2);
  EXPECT_EQ(native.changes[0].values.markets.find("DE")->second.price.price_minor, 200);
  EXPECT_EQ(native.changes[0].values.attributes_json, R"({"n":1})");
  EXPECT_EQ(native.changes[0].values.text_vector, (std::vector<float>{1, 0.5F}));
  EXPECT_FALSE(native.changes[0].fields.Has(ProductField::kImageVector)) << "a feed owns what it fills";
  EXPECT_TRUE(native.changes[0].fields.Has(ProductField::kBrand));
  EXPECT_TRUE(native.changes[0].replaces_variants);
  EXPECT_EQ(native.report.rows_rejected, 2u);

  const Imported icecat = Import(
      R"({"id":"39","name":"006R","title":"Xerox toner","ean":["0095","77"],"img_high":"http://h","img_500x500":"http://m",)"
      R"("date_released":"2009-12-10T00:00:00Z","supplier":"Xerox","price":4995,"attr_t_type":"Original",)"
      R"("attr_n_pages":6.0,"attr_b_new":true,"short_description":"Toner"})");
  ASSERT_EQ(icecat.changes.size(), 1u) << icecat.report.ToText(0);
  const Product& toner = icecat.changes[0].values;
  EXPECT_EQ(toner.title, "Xerox toner");
  EXPECT_EQ(toner.brand, "Xerox");
  EXPECT_EQ(toner.price.price_minor, 4995);
  EXPECT_EQ(toner.eans.size(), 2u);
  EXPECT_EQ(toner.image, "http://m");
  EXPECT_EQ(toner.attributes_json, R"({"name":"006R","new":true,"pages":6.0,"type":"Original"})");
}

constexpr std::string_view kGoogleTsv =
    "id\ttitle\tlink\timage_link\tprice\tsale_price\tsale_price_effective_date\tavailability\titem_group_"
    "id\tcolor\t"
    "gtin\tcost_of_goods_sold\tproduct_type\n"
    "s-b\tShoe\thttps://s\thttps://i/b\t59.00 USD\t49.00 USD\t2026-01-01T00:00Z/2026-02-01T00:00Z\tin "
    "stock\tshoe\t"
    "black\t400\t20.00 USD\tShoes > Trainers\n"
    "s-w\tShoe\thttps://s\thttps://i/w\t59.00 USD\t\t\tout of stock\tshoe\twhite\t401\t20.00 USD\tShoes > "
    "Trainers\n"
    "hat\tHat\thttps://h\thttps://i/h\t9.00 USD\t\t\tpreorder\t\tred\t402\t\tHats\n"
    "s-r\tShoe\thttps://s\thttps://i/r\t65.00 USD\t\t\tin_stock\tshoe\tred\t403\t\tShoes\n";

TEST(ProductImportTest, AGoogleFeedBecomesProductsWithVariants) {
  const Imported imported = Import(std::string(kGoogleTsv));
  ASSERT_TRUE(imported.status.ok()) << imported.status.message();
  ASSERT_EQ(imported.changes.size(), 3u) << imported.report.ToText(0);
  const Product& shoe = imported.changes[0].values;
  EXPECT_EQ(imported.changes[0].product_id, "shoe");
  EXPECT_EQ(shoe.price.currency.code(), "USD");
  EXPECT_EQ(shoe.cost_minor, 2000);
  EXPECT_EQ(shoe.categories, (std::vector<CategoryPath>{{"Shoes", "Trainers"}}));
  ASSERT_EQ(shoe.variants.size(), 2u);
  EXPECT_EQ(shoe.variants[0].variant_id, "s-b");
  EXPECT_EQ(shoe.variants[0].price.sale_price_minor, 4900);
  EXPECT_TRUE(shoe.variants[0].price.sale_until_ms.has_value());
  EXPECT_EQ(shoe.variants[0].ean, "400");
  EXPECT_EQ(shoe.variants[0].attributes_json, R"({"color":"black"})");
  EXPECT_EQ(shoe.variants[1].in_stock, false);
  EXPECT_TRUE(shoe.attributes_json.empty());
  EXPECT_TRUE(shoe.in_stock);
  const Product& hat = imported.product("hat");
  EXPECT_TRUE(hat.variants.empty());
  EXPECT_EQ(hat.attributes_json, R"({"color":"red"})");
  EXPECT_EQ(hat.eans, std::vector<std::string>{"402"});
  EXPECT_FALSE(imported.changes[2].replaces_variants);  // The red shoe joins the others.
}

TEST(ProductImportTest, GoogleXmlSaysTheSameAsItsTsv) {
  const std::string xml =
      R"(<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
      <title>Shop</title>
      <item><g:id>hat</g:id><title><![CDATA[Hat & "cap"]]></title><g:price>9.00 USD</g:price>
        <g:availability>preorder</g:availability><g:product_type>Hats</g:product_type>
        <g:product_type>Summer &gt; Hats</g:product_type><g:gtin>402</g:gtin><g:color>red</g:color>
        <g:shipping><g:country>US</g:country><g:price>5 USD</g:price></g:shipping></item>
      <item><g:id>s-b</g:id><g:item_group_id>shoe</g:item_group_id><g:price>59.00 USD</g:price></item>
      </channel></rss>)";
  const Imported imported = Import(xml);
  ASSERT_TRUE(imported.status.ok()) << imported.status.message();
  ASSERT_EQ(imported.changes.size(), 2u) << imported.report.ToText(0);
  const Product& hat = imported.product("hat");
  EXPECT_EQ(hat.title, "Hat & \"cap\"");
  EXPECT_EQ(hat.price.price_minor, 900);
  EXPECT_EQ(hat.categories, (std::vector<CategoryPath>{{"Hats"}, {"Summer", "Hats"}}));
  EXPECT_EQ(imported.product("shoe").variants.size(), 1u);
}

TEST(ProductImportTest, XmlThatDefinesEntitiesIsRefused) {
  const Imported laughs = Import(
      "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b "
      "\"&a;&a;&a;&a;\">]><rss><item><id>1</id><title>&b;</title></item></rss>");
  EXPECT_EQ(laughs.status.code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(laughs.changes.empty());
  const Imported outside =
      Import("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><rss><item><id>1</id></item></rss>");
  EXPECT_EQ(outside.status.code(), StatusCode::kInvalidArgument);
  std::string deep = "<rss>";
  for (int i = 0; i < 1000; ++i) deep += "<a>";
  EXPECT_EQ(Import(deep).status.code(), StatusCode::kInvalidArgument);
  const Imported cut = Import("<rss><item><id>1</id></item><item><id>2");
  EXPECT_FALSE(cut.status.ok());
}

constexpr std::string_view kShopify =
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 "
    "Value,"
    "Variant SKU,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,"
    "Variant Barcode,Image Src,Variant Image,Cost per item,Status\n"
    "tee,Tee,\"<p>Soft &amp; <b>warm</b></p>\",Acme,Shirts,\"new, "
    "summer\",true,Size,S,Colour,Red,T-S,4,deny,20.00,25.00,"
    "111,https://i/1,https://i/s,8.00,active\n"
    "tee,,,,,,,,M,,Blue,T-M,0,deny,22.00,,112,,,,\n"
    "tee,,,,,,,,,,,,,,,,,https://i/2,,,\n"
    "mug,Mug,,Acme,,,true,Title,Default Title,,,MUG,7,continue,9.00,,113,https://i/3,,3.00,draft\n";

TEST(ProductImportTest, AShopifyExportGroupsItsRowsByHandle) {
  const Imported imported = Import(std::string(kShopify));
  ASSERT_TRUE(imported.status.ok()) << imported.status.message();
  ASSERT_EQ(imported.changes.size(), 2u) << imported.report.ToText(0) << imported.mapping;
  const Product& tee = imported.product("tee");
  EXPECT_EQ(tee.description, "Soft & warm");
  EXPECT_EQ(tee.tags, (std::vector<std::string>{"new", "summer"}));
  EXPECT_EQ(tee.price.price_minor, 2500);
  EXPECT_EQ(tee.price.sale_price_minor, 2000);
  EXPECT_EQ(tee.cost_minor, 800);
  EXPECT_FALSE(tee.is_hidden_by_merchant);
  ASSERT_EQ(tee.variants.size(), 2u);
  EXPECT_EQ(tee.variants[0].variant_id, "T-S");
  EXPECT_EQ(tee.variants[0].attributes_json, R"({"Colour":"Red","Size":"S"})");
  EXPECT_EQ(tee.variants[0].price.sale_price_minor, 2000);
  EXPECT_EQ(tee.variants[0].ean, "111");
  EXPECT_EQ(tee.variants[0].image, "https://i/s");
  EXPECT_EQ(tee.variants[1].stock, 0);
  EXPECT_EQ(tee.variants[1].price.price_minor, 2200);
  const Product& mug = imported.product("mug");
  EXPECT_TRUE(mug.variants.empty());
  EXPECT_EQ(mug.sku, "MUG");
  EXPECT_EQ(mug.stock, std::nullopt);  // Sold on when none is left.
  EXPECT_TRUE(mug.is_hidden_by_merchant);
}

TEST(ProductImportTest, AnImportResumesBehindTheLastDurableChange) {
  for (const std::string_view feed : {kCsv, kGoogleTsv, kShopify}) {
    const Imported whole = Import(std::string(feed));
    for (size_t stop = 1; stop <= whole.changes.size(); ++stop) {
      ProductImportOptions options;
      options.default_currency = *Currency::Parse("EUR");
      options.feed_time_ms = 1'800'000'000'000;
      auto first = ProductImport::Open(*OpenImportText(std::string(feed)), options);
      ASSERT_TRUE(first.ok());
      std::vector<ProductChange> changes(stop);
      for (ProductChange& change : changes) ASSERT_TRUE(*(*first)->Next(change));
      options.skip_rows = (*first)->rows_done();
      const Imported rest = Import(std::string(feed), options);
      changes.insert(changes.end(), rest.changes.begin(), rest.changes.end());
      EXPECT_EQ(changes, whole.changes) << "stopped after " << stop;
    }
  }
}

TEST(ProductImportTest, NoBytesBreakAnImporter) {
  const std::string xml =
      "<rss><channel><item><g:id>1</g:id><title>a &amp; b</title><g:price>1 "
      "EUR</g:price></item></channel></rss>";
  const std::string ndjson = "{\"product_id\":\"1\",\"title\":\"x\",\"price\":1}\n{\"product_id\":\"2\"}\n";
  const std::vector<std::string> seeds = {
      std::string(kCsv), std::string(kGoogleTsv), std::string(kShopify), xml, ndjson, Gzip(std::string(kCsv)),
      Xz(ndjson)};
  Random random(99);
  size_t taken = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string bytes = seeds[random.NextBelow(seeds.size())];
    for (uint64_t edits = 1 + random.NextBelow(4); edits > 0 && !bytes.empty(); --edits) {
      const size_t at = random.NextBelow(bytes.size());
      const uint64_t pick = random.NextBelow(4);
      if (pick == 0) bytes[at] = static_cast<char>(random.NextBelow(256));
      if (pick == 1) bytes.erase(at, 1 + random.NextBelow(10));
      if (pick == 2) bytes.insert(at, 1, "\",;\t\n<>&{}[]\0:"[random.NextBelow(14)]);
      if (pick == 3) bytes.resize(at);
    }
    const Imported imported = Import(bytes);
    taken += imported.changes.size();
    EXPECT_EQ(imported.report.rows_accepted + imported.report.rows_rejected <= imported.report.rows_read,
              true);
  }
  EXPECT_GT(taken, 1000u);
}

std::string FindData(const std::string& name) {
  std::filesystem::path folder = std::filesystem::current_path();
  for (int up = 0; up < 8; ++up) {
    for (const char* const root : {"data/electronics", "../shared/data/icecat", "shared/data/icecat"}) {
      if (std::filesystem::exists(folder / root / name)) return (folder / root / name).string();
    }
    folder = folder.parent_path();
  }
  return {};
}

TEST(ProductImportTest, TheRealIcecatCatalogueIsTakenWhole) {
  std::string path = FindData("products.ndjson.xz");
  if (path.empty()) path = FindData("products.jsonl.xz");
  if (path.empty()) GTEST_SKIP() << "the Icecat export is not beside the project";
  const Imported imported = ImportFrom(OpenImportFile(path), {});
  ASSERT_TRUE(imported.status.ok()) << imported.status.message();
  EXPECT_EQ(imported.changes.size(), 19406u) << imported.report.ToText(0);
  EXPECT_EQ(imported.report.rows_rejected, 0u) << imported.report.ToText(0);
  const Product& toner = imported.product("3920564");
  EXPECT_EQ(toner.price.price_minor, 4995);
  EXPECT_EQ(toner.brand, "Xerox");
}

}  // namespace
}  // namespace attune::catalog
