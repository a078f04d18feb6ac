// The limits of the HTTP room, each with its unit, its reason and what a client sees when it meets it.
//
// Everything a stranger can make the server hold is bounded here: connections, headers, bodies, nesting,
// waiting requests, remembered keys and addresses.

#ifndef ATTUNE_HTTP_LIMITS_H_
#define ATTUNE_HTTP_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace attune::http {

// Request line and headers together, bytes: browsers send 1-2 kB, a page address in a referrer may be long.
// 431.
inline constexpr size_t kHeaderBytesMax = 16 * 1024;
// Headers of one request.  Far above any client; bounds the work of looking one up.  431.
inline constexpr size_t kHeaderCountMax = 100;
// Body of a request, bytes, after decompression, unless its route says otherwise: 500 events are 150 kB. 413.
inline constexpr size_t kBodyBytesMax = 4 * 1024 * 1024;
// Body of POST /v1/products, bytes: a batch of 10 000 products with texts; with ?replace=true a whole
// catalogue.  413.
inline constexpr size_t kProductBatchBytesMax = 64 * 1024 * 1024;
// Products of one page of GET /v1/products: 1 000 with texts and attributes are about 5 MB.  400.
inline constexpr uint32_t kListProductsMax = 1'000;
inline constexpr uint32_t kListProductsDefault = 100;
// Shoppers of GET /v1/products/{id}/shoppers: the audience of one mail, not an export.  400.
inline constexpr uint32_t kListProspectsMax = 1'000;
inline constexpr uint32_t kListProspectsDefault = 100;
// Rising categories or brands of one answer: a page shows a handful.  400.
inline constexpr uint32_t kTrendingMax = 50;
inline constexpr uint32_t kTrendingDefault = 10;
// Queries of each list of GET /v1/search/analytics.  400.
inline constexpr uint32_t kAnalyticsListMax = 1'000;
inline constexpr uint32_t kAnalyticsListDefault = 20;
// Body of one configuration document, bytes.  413.
inline constexpr size_t kSettingBytesMax = 256 * 1024;
// Received bodies held by all unfinished requests together, bytes: beyond it new bodies are refused.  503.
inline constexpr size_t kBodyBytesInFlightMax = 256 * 1024 * 1024;

// Nesting of arrays and objects in a JSON body: the deepest document of the API needs 8.  400.
inline constexpr int kJsonDepthMax = 32;

// Parameters of one query string.  400.
inline constexpr size_t kQueryParameterCountMax = 32;
// One decoded segment of a path, bytes: ids are at most this long.  400.
inline constexpr size_t kPathSegmentBytesMax = 512;
// Segments of a path: the longest route has 5, a static file a few more.  404.
inline constexpr size_t kPathSegmentCountMax = 16;

// A client's x-request-id is echoed up to this many bytes; longer or unclean ones are replaced.
inline constexpr size_t kRequestIdBytesMax = 64;

// From the first byte of a request to the end of its headers: a phone on a bad line needs 2 s.  408, then
// closed.
inline constexpr int64_t kHeaderTimeoutMs = 10'000;
// For the body, per kBodyBytesMax of announced length (at least once).  408, then closed.
inline constexpr int64_t kBodyTimeoutMs = 30'000;
// Between requests of one connection: longer than the 60 s of common proxies, so that they close first.
inline constexpr int64_t kIdleTimeoutMs = 75'000;
// For writing an answer to a client that reads slowly.
inline constexpr int64_t kWriteTimeoutMs = 30'000;
// A connection that is closed early is still read (and what is read dropped) for this long, so that a client
// in the middle of sending sees the answer and not a reset.
inline constexpr int64_t kLingerMs = 5'000;
// Most bytes dropped while lingering.
inline constexpr size_t kLingerBytesMax = 256 * 1024 * 1024;

// Open connections.  503 with Retry-After, then closed.
inline constexpr int kConnectionsMax = 10'000;
// Connections beyond kConnectionsMax that are told so politely at any one time; others are just closed.
inline constexpr int kRefusedConnectionsMax = 64;
// Requests handed to a handler and not yet answered.  503 with Retry-After.
inline constexpr int kRequestsInFlightMax = 4'096;
// Seconds a client is told to wait when the server is full.
inline constexpr int kOverloadRetryAfterSeconds = 1;

// Keys of one store: a handful per shop front, and as many again while they are rotated.
inline constexpr size_t kKeysPerStoreMax = 256;
// Origins of one public key.
inline constexpr size_t kOriginsPerKeyMax = 64;
// Label of a key, bytes.
inline constexpr size_t kKeyLabelBytesMax = 128;
// How exactly the last use of a key is known, milliseconds: enough to see which keys are dead, without a
// write a call.
inline constexpr int64_t kLastUseResolutionMs = 60'000;
// An identity token may not promise an identity for longer than this, milliseconds.  401.
inline constexpr int64_t kIdentityTokenLifetimeMaxMs = int64_t{31} * 24 * 3'600'000;
// Bytes of an identity token: a customer id of kPathSegmentBytesMax in base64, a time and a signature.
inline constexpr size_t kIdentityTokenBytesMax = 1'024;

// Sources (keys, addresses, stores) whose rate is remembered.  When full, the ones idle longest are forgotten
// first.
inline constexpr size_t kRateLimitSourcesMax = 65'536;

// Answers remembered for Idempotency-Key: how many, how many bytes, how long (milliseconds).  A repeat after
// that is carried out again; events are still counted once, by their ids.
inline constexpr size_t kIdempotencyEntriesMax = 10'000;
inline constexpr size_t kIdempotencyBytesMax = 16 * 1024 * 1024;
inline constexpr int64_t kIdempotencyLifetimeMs = int64_t{24} * 3'600'000;
// Length of an Idempotency-Key, bytes.  400.
inline constexpr size_t kIdempotencyKeyBytesMax = 128;

// One static file, bytes: larger ones are not served.
inline constexpr size_t kStaticFileBytesMax = 8 * 1024 * 1024;

}  // namespace attune::http

#endif  // ATTUNE_HTTP_LIMITS_H_
