#include "http/static_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/hash.h"
#include "http/error_response.h"
#include "http/limits.h"
#include "http/wire.h"

namespace attune::http {
namespace {

// Enough for a console with its fonts and charts.
constexpr size_t kFileCountMax = 2'000;
constexpr size_t kFolderBytesMax = 64 * 1024 * 1024;

struct ContentType {
  std::string_view extension;
  std::string_view type;
};

constexpr ContentType kContentTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

std::string_view TypeOf(std::string_view name) {
  for (const ContentType& entry : kContentTypes) {
    if (name.ends_with(entry.extension)) return entry.type;
  }
  return "application/octet-stream";
}

std::string EtagOf(std::string_view content) {
  static constexpr char kDigits[] = "0123456789abcdef";
  uint64_t hash = StableHash64(content);
  std::string etag = "\"";
  for (int i = 0; i < 16; ++i, hash >>= 4) etag += kDigits[hash & 15];
  return etag + "\"";
}

}  // namespace

StaticFiles::StaticFiles(std::map<std::string, std::string> files) {
  for (auto& [name, content] : files) {
    File file;
    file.etag = EtagOf(content);
    file.content = std::move(content);
    file.content_type = TypeOf(name);
    file.is_immutable = name.starts_with("assets/");
    files_.emplace(name, std::move(file));
  }
}

Result<StaticFiles> StaticFiles::Load(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::recursive_directory_iterator entries(directory, error);
  if (error) return NotFound("no folder to serve: " + directory);
  std::map<std::string, std::string> files;
  size_t total_bytes = 0;
  for (; entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    if (error) return Unavailable("cannot list " + directory + ": " + error.message());
    if (entries->path().filename().string().starts_with('.')) {
      if (entries->is_directory(error)) entries.disable_recursion_pending();
      continue;
    }
    if (entries->is_symlink(error) || !entries->is_regular_file(error)) continue;
    std::ifstream stream(entries->path(), std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) return Unavailable("cannot read " + entries->path().string());
    total_bytes += content.size();
    if (files.size() == kFileCountMax || content.size() > kStaticFileBytesMax ||
        total_bytes > kFolderBytesMax) {
      return ResourceExhausted("the folder holds too much to be served: " + directory);
    }
    files.emplace(entries->path().lexically_relative(directory).generic_string(), std::move(content));
  }
  return StaticFiles(std::move(files));
}

Response StaticFiles::Serve(std::string_view name, const Request& request) const {
  auto found = files_.find(name);
  if (found == files_.end()) {
    std::string index(name);
    if (!index.empty() && !index.ends_with('/')) index += '/';
    found = files_.find(index + "index.html");
  }
  if (found == files_.end())
    return ErrorResponse(ErrorCode::kNotFound, "no such file", "", request.request_id);
  const File& file = found->second;
  Response response;
  response.SetHeader("content-type", std::string(file.content_type));
  response.SetHeader("etag", file.etag);
  response.SetHeader("cache-control", file.is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.SetHeader("x-content-type-options", "nosniff");
  response.SetHeader("referrer-policy", "same-origin");
  response.SetHeader("x-frame-options", "SAMEORIGIN");
  if (HasToken(request.Header("if-none-match"), file.etag)) {
    response.status = 304;
  } else {
    response.body = file.content;
  }
  return response;
}

}  // namespace attune::http
