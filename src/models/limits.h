// Every limit of this room, with its unit and its reason.  A limit that is reached never fails a request:
// lists are cut at their end, orders are sampled, old rows leave.

#ifndef ATTUNE_MODELS_LIMITS_H_
#define ATTUNE_MODELS_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace attune::models {

// Rows of an InteractionLog.  29 bytes a row and an index of orders: about 0.5 GB when full.
inline constexpr uint64_t kInteractionRowsMax = 12'000'000;

// Slates that an ImpressionLog holds, the latest, and products of one.  At ten products a slate, 40 MB.
inline constexpr size_t kImpressionSlatesMax = 200'000;
inline constexpr size_t kImpressionProductsMax = 50;

// Product indices of a store: 64 million.  A model file that names a larger one is not ours.
inline constexpr uint32_t kProductIndexMax = 1u << 26;

// Bytes of one generation file.  A larger one is refused before it is read: it cannot be ours.
inline constexpr uint64_t kModelFileBytesMax = 8ULL << 30;

// Bytes of a generation file's name in a log record.
inline constexpr size_t kModelFileNameBytesMax = 128;

// Sections of one generation file, and bytes of a section's name.
inline constexpr uint32_t kModelSectionsMax = 64;
inline constexpr uint32_t kModelSectionNameBytesMax = 64;

// Products of one order that make pairs in bought_together.  Pairs grow with the square: 128 products are 8
// 128 pairs. Of a larger order a sample is taken by stable hash (docs/models/bought-together.md).
inline constexpr uint32_t kOrderProductsMax = 128;

// Products of one visit that make co-view pairs, the latest.
inline constexpr uint32_t kVisitProductsMax = 50;

// Distinct lists (category levels, brands) of one popularity model.  Further ones have no list: those of the
// least popular products, since lists are made in the order of the ranking.
inline constexpr uint32_t kPopularityListsMax = 200'000;

// Rising categories, and brands, that a generation names.
inline constexpr uint32_t kTrendingShelvesMax = 200;

// Products whose supplied vectors are scanned for one request: 25 MB of codes at 512 dimensions, 3 ms.
inline constexpr size_t kLooksAlikeProductsMax = 50'000;
// Seeds that are asked for, each a scan.
inline constexpr size_t kLooksAlikeSeedsMax = 2;

// Audiences (models/product_audience.h): members of one product, and of all: 48 MB.
inline constexpr size_t kAudienceMin = 20;
inline constexpr size_t kAudienceMax = 200;
inline constexpr size_t kAudienceEntriesMax = 2'000'000;
// Neighbours of a product whose audiences are asked who would buy it.
inline constexpr size_t kProspectNeighbours = 30;

// Levels of a category path that get lists.
inline constexpr uint32_t kCategoryLevelsMax = 8;

// Seeds that one retrieval reads, the latest.  Bounds the work of a request.
inline constexpr size_t kSeedsMax = 200;

// Records of the log, the latest, that visits since a training are taken from (live_window.h): what a restart
// reads beside its work, in about a second, and what a replay reads before its first decision.
inline constexpr uint64_t kLiveRecordsMax = 500'000;
// Rows of them, the latest: views, and what is said of who a shopper is.  32 bytes each, and about as much
// again in the index that is made of them.
inline constexpr size_t kLiveRowsMax = 100'000;

// Purchased products that one retrieval reads, the latest.
inline constexpr size_t kPurchasesMax = 1000;

// Order times that one retrieval reads, the latest: how many orders ago something was bought stops mattering.
inline constexpr size_t kOrderTimesMax = 24;

// Shoppers whose purchases next_order compares with: those who ordered last.  With 200 products each, 200 MB.
inline constexpr size_t kNeighbourShoppersMax = 50'000;
// Products of one shopper's vector, the latest: as many as a profile keeps.
inline constexpr size_t kVectorProductsMax = 200;
// Buyers of its products that one request is compared with, the rarest products' first.
inline constexpr size_t kComparedBuyersMax = 50'000;

// Purchase rows that next_order learns from, the latest: 32 bytes each while it trains.
inline constexpr size_t kNextOrderRowsMax = 4'000'000;
// Orders that its weights are learned on, the latest.  Each is about 350 rows of 72 bytes: 100 MB while it
// trains.
inline constexpr size_t kNextOrderCasesMax = 4'000;
// With fewer orders a store's weights are the prior: 160 weights from less are noise.
inline constexpr size_t kNextOrderCasesMin = 100;

// What its patterns (order_patterns.h) are learned from and of: the latest orders, of at most 200 products
// each, 40 MB; two square matrices of the products sold most, 18 MB while it trains; neighbours of a product.
inline constexpr size_t kOrderPatternOrdersMax = 20'000;
inline constexpr size_t kOrderPatternProductsMax = 1'500;
inline constexpr size_t kOrderPatternNeighboursMax = 100;

// Sources of one recipe, and candidates asked of one source.
inline constexpr size_t kFusionSourcesMax = 16;
inline constexpr uint32_t kFusionCandidatesMax = 2'000;

// Order lines, and products of them, that evaluation reads.  The item-kNN baseline holds a full matrix of
// products: 10 000 are 400 MB.
inline constexpr uint64_t kEvaluationLinesMax = 50'000'000;
inline constexpr uint32_t kEvaluationProductsMax = 10'000;

// Products whose external vectors give the axes that all are turned to: 8 192 tell 128 axes of a catalogue of
// any size.  100 MB of 3 072 numbers.
inline constexpr size_t kAxesProductsMax = 8'192;
// Of the visible products, those that must have an external vector before any is used.
inline constexpr double kExternalShareMin = 0.9;

// Vectors that are scanned at a request: 200 000 of 64 are 13 MB of codes.  Of more a graph is made.
inline constexpr size_t kExactVectorsMax = 200'000;

// Shoppers, and those of them with a repeat purchase, that lifetime value is fitted to.  With fewer its four
// parameters are noise: the standard error of an expectation passes half of it.
inline constexpr uint32_t kLifetimeShoppersMin = 100;
inline constexpr uint32_t kLifetimeRepeatersMin = 30;
// Customers that a store's own fit takes, the same ones every time: more do not make it surer.
inline constexpr size_t kLifetimeFitCustomersMax = 200'000;

// Bytes of one product's text that content similarity reads; long descriptions repeat themselves.
inline constexpr size_t kContentTextBytesMax = 8'192;

// Cells of a CsvTable: 32 bytes each where they are short, 1.6 GB when full.
inline constexpr size_t kTableCellsMax = 50'000'000;

}  // namespace attune::models

#endif  // ATTUNE_MODELS_LIMITS_H_
