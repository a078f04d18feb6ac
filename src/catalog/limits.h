// Every limit of the catalogue, with its unit, its reason, and what the sender sees at it.
//
// A product beyond a limit is refused with kInvalidArgument naming the field; nothing is cut off silently.

#ifndef ATTUNE_CATALOG_LIMITS_H_
#define ATTUNE_CATALOG_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace attune::catalog {

// --- One product -----------------------------------------------------------------------------------------

// Ids travel in URLs and in every event; longer ones are mistakes (a whole row in one cell).
inline constexpr size_t kIdBytesMax = 256;
inline constexpr size_t kTitleBytesMax = 1024;
inline constexpr size_t kBrandBytesMax = 256;
// What a page shows of a product; the rest belongs in the shop.
inline constexpr size_t kDescriptionBytesMax = 32 * 1024;
// What browsers and servers carry.
inline constexpr size_t kUrlBytesMax = 2048;
// Category paths: a level is a name, a path is from broad to narrow.
inline constexpr size_t kCategoryPathsMax = 20;
inline constexpr size_t kCategoryDepthMax = 10;
inline constexpr size_t kCategoryLevelBytesMax = 256;
inline constexpr size_t kTagsMax = 100;
// Numbers of a supplied vector: what encoders of images make (512, 768, 1024), and of texts (384 to 4 096).
inline constexpr size_t kImageVectorLengthMax = 1024;
inline constexpr size_t kTextVectorLengthMax = 4096;
inline constexpr size_t kTagBytesMax = 256;
inline constexpr size_t kEansMax = 256;  // Icecat lists one per country: up to 127.
// Attributes are kept in memory for filters: as JSON without white space, and as flat leaves.
inline constexpr size_t kAttributesBytesMax = 32 * 1024;
inline constexpr size_t kAttributesDepthMax = 8;
inline constexpr size_t kVariantsMax = 200;
inline constexpr size_t kMarketsMax = 64;
inline constexpr size_t kTranslationsMax = 64;
inline constexpr size_t kPriceListsMax = 64;
inline constexpr size_t kLocationsMax = 1000;
// Names of markets, languages, locations and price lists.
inline constexpr size_t kMapKeyBytesMax = 64;
// Units on hand; more is a sensor gone wrong, not a warehouse.
inline constexpr int64_t kStockMax = 1'000'000'000;
// The JSON of one product.  All limits above together fit a few times.
inline constexpr size_t kProductJsonBytesMax = 4u << 20;
// Products in one POST /v1/products.
inline constexpr size_t kBatchProductsMax = 10'000;

// --- One store -------------------------------------------------------------------------------------------

// Indices are never reused, so this bounds products ever named.  The directory of ids is sized by it.
inline constexpr uint32_t kProductIndicesMax = 1u << 24;
// Indices that events have named and no product has filled: a browser with a public key must not be able to
// fill memory.  Beyond it an event that names one more unknown product is refused (kResourceExhausted).
inline constexpr uint32_t kPlaceholdersMax = 1'000'000;
// Attribute paths that are kept once per process; further ones are kept inside each product.
inline constexpr uint32_t kInternedPathsMax = 65'535;

// --- Importers -------------------------------------------------------------------------------------------

// One line, record or cell of a feed, after decompression.
inline constexpr size_t kFeedRecordBytesMax = 4u << 20;
inline constexpr size_t kFeedColumnsMax = 2'000;
// Distinct member names over a whole NDJSON feed; later ones are not imported.
inline constexpr size_t kFeedDistinctColumnsMax = 50'000;
// Rows of one product in a feed (its variants and images).
inline constexpr size_t kFeedGroupRowsMax = 1'000;
// A file may grow to this when decompressed, ...
inline constexpr uint64_t kFeedBytesMax = 64ull << 30;
// ... and, beyond the first kFeedRatioFreeBytes, to this many times its compressed size.  Text compresses
// 5 to 30 times; a bomb, a million times.
inline constexpr uint64_t kFeedRatioMax = 400;
inline constexpr uint64_t kFeedRatioFreeBytes = 64ull << 20;
// Memory the .xz decoder may take.  Level 9 needs 65 MB.
inline constexpr uint64_t kXzMemoryBytesMax = 256ull << 20;
// Distinct reasons in a report; later ones are counted together.
inline constexpr size_t kReportReasonsMax = 100;
inline constexpr size_t kReportExamplesMax = 3;
// Rows looked at to guess a mapping.
inline constexpr size_t kMappingSampleRows = 100;
// A replacing feed may hide this share of the visible products unless forced.
inline constexpr double kFeedDropShareMax = 0.20;

// Products on sale that a view names, the deepest discounts: what one request looks through.
inline constexpr size_t kSaleShelfMax = 1024;

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_LIMITS_H_
