// Which route serves a request: methods and path patterns, with captures.
//
//   router.Add({.method = "GET", .pattern = "/v1/products/{id}", ...});
//   router.Match("GET", "/v1/products/a%2Fb")  =>  that route, captures {"a/b"}
//
// A pattern's segment is a literal, a capture "{name}" (exactly one segment, not empty) or, at its end,
// "{name...}" (the rest of the path, decoded segments joined by '/', possibly empty).  Where two patterns
// match, the one with the literal at the first difference wins, whatever the order of Add().  GET routes
// serve HEAD too.
//
// A route also says what must hold before its handler runs; http/api.h keeps to it.
//
// Thread safety: Add() from one thread before the first Match(); then immutable.

#ifndef ATTUNE_HTTP_ROUTER_H_
#define ATTUNE_HTTP_ROUTER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "http/limits.h"

namespace attune::http {

// What a secret key may do.  A key holds a set of them; no scope includes another.
enum class Scope : uint8_t {
  kRead = 1,   // Products, shoppers, decisions, configuration; ask for decisions.
  kWrite = 2,  // Send events, change products.
  kAdmin = 4,  // Change configuration, erase and export shoppers.
};

std::string_view ScopeName(Scope scope);

enum class Access : uint8_t {
  kAnyone,    // No key.
  kOperator,  // No key from the loopback address, else a secret key with the route's scope.
  kKey,       // A key with the route's scope.
};

enum class PublicKeys : uint8_t {
  kRefused,
  kDemoOnly,  // Those that are marked as the demo's.
  kAllowed,
};

enum class BodyKind : uint8_t {
  kNone,  // A body is read and ignored.
  kJson,
  kJsonOrNdjson,
};

struct Route {
  std::string method;   // "GET"
  std::string pattern;  // "/v1/products/{id}"
  Access access = Access::kKey;
  Scope scope = Scope::kRead;
  PublicKeys public_keys = PublicKeys::kRefused;
  BodyKind body = BodyKind::kNone;
  size_t body_bytes_max = kBodyBytesMax;
  // A repeat with the same Idempotency-Key gets the first answer instead of being carried out again.
  bool is_write = false;
};

struct RouteMatch {
  const Route* route = nullptr;       // Null: none.
  size_t route_index = 0;             // Of `route`, in the order of Add().
  std::vector<std::string> captures;  // Decoded, in the order of the pattern.
  std::vector<std::string>
      allowed;  // When the path is known but not this method: the methods it has, sorted.
};

class Router {
 public:
  // REQUIRES: a well-formed pattern; no route with this method and pattern yet.  Returns its index.
  size_t Add(Route route);

  // Fails with kInvalidArgument for a path that cannot be decoded.  REQUIRES: path begins with '/'.
  Result<RouteMatch> Match(std::string_view method, std::string_view path) const;

  // In the order of Add().
  const std::vector<Route>& routes() const { return routes_; }

 private:
  enum class PieceKind : uint8_t { kLiteral, kCapture, kRest };  // In the order of precedence.
  struct Piece {
    PieceKind kind;
    std::string text;  // The literal, or the name of the capture.
  };
  struct Pattern {
    std::string text;
    std::vector<Piece> pieces;
    std::vector<size_t> route_indices;
  };

  static std::vector<Piece> ParsePattern(std::string_view text);
  static bool Precedes(const Pattern& a, const Pattern& b);
  static bool Fits(const Pattern& pattern, const std::vector<std::string>& segments,
                   std::vector<std::string>& captures);

  std::vector<Route> routes_;
  std::vector<Pattern> patterns_;  // By precedence.
};

}  // namespace attune::http

#endif  // ATTUNE_HTTP_ROUTER_H_
