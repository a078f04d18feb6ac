#include "server/embedding_text.h"

#include <array>
#include <charconv>
#include <string_view>

#include "base/hash.h"
#include "base/utf8.h"

namespace attune::server {
namespace {

void AddLine(std::string_view line, std::string& text) {
  if (line.empty()) return;
  if (!text.empty()) text += '\n';
  text += line;
}

template <class Parts>
std::string Joined(const Parts& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::string ValueOf(const catalog::Attribute& attribute) {
  switch (attribute.type) {
    case catalog::Attribute::Type::kText:
      return attribute.text;
    case catalog::Attribute::Type::kBool:
      return attribute.number != 0 ? "yes" : "no";
    case catalog::Attribute::Type::kNumber:
      break;
  }
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), attribute.number).ptr;
  return {digits.begin(), end};
}

}  // namespace

std::string EmbeddingTextOf(const catalog::Product& product) {
  std::string text;
  AddLine(product.title, text);
  AddLine(product.brand, text);
  for (const catalog::CategoryPath& path : product.categories) AddLine(Joined(path, " > "), text);
  for (const catalog::Attribute& attribute : product.attributes) {
    AddLine(attribute.path + ": " + ValueOf(attribute), text);
  }
  AddLine(Joined(product.tags, ", "), text);
  return std::string(Utf8Prefix(text, kEmbeddingTextBytesMax));
}

uint64_t EmbeddingTextHash(const std::string& text) {
  const uint64_t hash = StableHash64(text);
  return hash == 0 ? 1 : hash;
}

uint64_t EmbeddingModelHash(const EmbeddingSettings& settings) {
  return MixHash64(StableHash64(settings.model), static_cast<uint64_t>(settings.dimensions));
}

}  // namespace attune::server
