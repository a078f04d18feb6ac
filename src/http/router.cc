#include "http/router.h"

#include <algorithm>
#include <utility>

#include "http/uri.h"

namespace attune::http {

std::string_view ScopeName(Scope scope) {
  switch (scope) {
    case Scope::kRead:
      return "read";
    case Scope::kWrite:
      return "write";
    case Scope::kAdmin:
      return "admin";
  }
  return "";
}

std::vector<Router::Piece> Router::ParsePattern(std::string_view text) {
  CHECK(!text.empty() && text.front() == '/');
  std::vector<Piece> pieces;
  size_t begin = 1;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find('/', begin), text.size());
    std::string_view segment = text.substr(begin, end - begin);
    begin = end + 1;
    if (!segment.starts_with('{')) {
      pieces.push_back({PieceKind::kLiteral, std::string(segment)});
      continue;
    }
    CHECK(segment.size() > 2 && segment.ends_with('}'));
    segment = segment.substr(1, segment.size() - 2);
    const bool is_rest = segment.ends_with("...");
    if (is_rest) segment.remove_suffix(3);
    CHECK(!is_rest || end == text.size());
    pieces.push_back({is_rest ? PieceKind::kRest : PieceKind::kCapture, std::string(segment)});
  }
  CHECK(pieces.size() <= kPathSegmentCountMax);
  return pieces;
}

bool Router::Precedes(const Pattern& a, const Pattern& b) {
  const size_t count = std::min(a.pieces.size(), b.pieces.size());
  for (size_t i = 0; i < count; ++i) {
    if (a.pieces[i].kind != b.pieces[i].kind) return a.pieces[i].kind < b.pieces[i].kind;
    if (a.pieces[i].text != b.pieces[i].text) return a.pieces[i].text < b.pieces[i].text;
  }
  return a.pieces.size() < b.pieces.size();
}

size_t Router::Add(Route route) {
  const size_t index = routes_.size();
  const auto same = std::find_if(patterns_.begin(), patterns_.end(),
                                 [&](const Pattern& p) { return p.text == route.pattern; });
  if (same != patterns_.end()) {
    for (const size_t other : same->route_indices) CHECK(routes_[other].method != route.method);
    same->route_indices.push_back(index);
  } else {
    patterns_.push_back({route.pattern, ParsePattern(route.pattern), {index}});
    std::sort(patterns_.begin(), patterns_.end(), Precedes);
  }
  routes_.push_back(std::move(route));
  return index;
}

bool Router::Fits(const Pattern& pattern, const std::vector<std::string>& segments,
                  std::vector<std::string>& captures) {
  captures.clear();
  for (size_t i = 0; i < pattern.pieces.size(); ++i) {
    const Piece& piece = pattern.pieces[i];
    if (piece.kind == PieceKind::kRest) {
      std::string rest;
      for (size_t j = i; j < segments.size(); ++j) {
        if (j > i) rest += '/';
        rest += segments[j];
      }
      captures.push_back(std::move(rest));
      return true;
    }
    if (i >= segments.size()) return false;
    if (piece.kind == PieceKind::kLiteral) {
      if (segments[i] != piece.text) return false;
    } else {
      if (segments[i].empty()) return false;
      captures.push_back(segments[i]);
    }
  }
  return segments.size() == pattern.pieces.size();
}

Result<RouteMatch> Router::Match(std::string_view method, std::string_view path) const {
  ASSIGN_OR_RETURN(const std::vector<std::string> segments, SplitPath(path));
  RouteMatch match;
  const std::string_view wanted = method == "HEAD" ? std::string_view("GET") : method;
  std::vector<std::string> captures;
  for (const Pattern& pattern : patterns_) {
    if (!Fits(pattern, segments, captures)) continue;
    for (const size_t index : pattern.route_indices) {
      if (routes_[index].method == wanted) {
        match.route = &routes_[index];
        match.route_index = index;
        match.captures = std::move(captures);
        return match;
      }
    }
    for (const size_t index : pattern.route_indices) {
      match.allowed.push_back(routes_[index].method);
      if (routes_[index].method == "GET") match.allowed.push_back("HEAD");
    }
    match.allowed.push_back("OPTIONS");
    std::sort(match.allowed.begin(), match.allowed.end());
    return match;
  }
  return match;
}

}  // namespace attune::http
