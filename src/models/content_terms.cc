#include "models/content_terms.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/utf8.h"
#include "models/limits.h"

namespace attune::models {
namespace {

constexpr float kTitleWeight = 2.0f;
constexpr float kCategoryWeight = 1.5f;
constexpr float kBrandWeight = 1.0f;
constexpr float kTagWeight = 1.0f;
constexpr float kAttributeWeight = 0.7f;
constexpr float kDescriptionWeight = 0.5f;

// Kinds of terms that must not meet by chance.
constexpr uint64_t kCategoryKind = 1;
constexpr uint64_t kBrandKind = 2;
constexpr uint64_t kTagKind = 3;
constexpr uint64_t kAttributeKind = 4;
constexpr uint64_t kPartKind = 5;

constexpr size_t kPartBytes = 4;

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}

// Every mention of a term; a weight is that of the place where it stands.
using Mentions = std::vector<std::pair<uint64_t, float>>;

template <class Visit>
void ForEachWord(std::string_view text, const Visit& visit) {
  text = Utf8Prefix(text, kContentTextBytesMax);
  std::string word;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && IsWordByte(text[i])) {
      const char c = text[i];
      word.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    } else if (!word.empty()) {
      visit(word);
      word.clear();
    }
  }
}

void AddWords(std::string_view text, float weight, Mentions& mentions) {
  ForEachWord(text, [&](const std::string& word) { mentions.emplace_back(StableHash64(word), weight); });
}

void AddParts(std::string_view text, float weight, Mentions& mentions) {
  ForEachWord(text, [&](const std::string& word) {
    if (word.size() < kPartBytes) return;  // It is its own part.
    const std::string marked = "<" + word + ">";
    const size_t count = marked.size() - kPartBytes + 1;
    const float share = weight / std::sqrt(static_cast<float>(count));
    for (size_t i = 0; i < count; ++i) {
      const std::string_view part = std::string_view(marked).substr(i, kPartBytes);
      mentions.emplace_back(MixHash64(kPartKind, StableHash64(part)), share);
    }
  });
}

void AddFact(uint64_t kind, std::string_view value, float weight, Mentions& mentions) {
  if (!value.empty()) mentions.emplace_back(MixHash64(kind, StableHash64(value)), weight);
}

Mentions MentionsOf(const catalog::Product& product) {
  Mentions mentions;
  AddWords(product.title, kTitleWeight, mentions);
  AddWords(product.description, kDescriptionWeight, mentions);
  for (const catalog::CategoryPath& path : product.categories) {
    uint64_t level_hash = kCategoryKind;
    for (size_t level = 0; level < std::min<size_t>(path.size(), kCategoryLevelsMax); ++level) {
      level_hash = MixHash64(level_hash, StableHash64(path[level]));
      mentions.emplace_back(level_hash, kCategoryWeight);
    }
  }
  AddFact(kBrandKind, product.brand, kBrandWeight, mentions);
  for (const std::string& tag : product.tags) AddFact(kTagKind, tag, kTagWeight, mentions);
  for (const catalog::Attribute& attribute : product.attributes) {
    // Numbers are compared, not matched: two lamps of 40 W are alike, but 40.0 and 40.1 would share nothing.
    if (attribute.type == catalog::Attribute::Type::kNumber) continue;
    const std::string value = attribute.type == catalog::Attribute::Type::kBool
                                  ? std::string(attribute.number != 0 ? "true" : "false")
                                  : attribute.text;
    AddFact(kAttributeKind, attribute.path + "=" + value, kAttributeWeight, mentions);
  }
  return mentions;
}

ContentTerms Collected(Mentions mentions) {
  std::sort(mentions.begin(), mentions.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second > b.second;
  });
  ContentTerms terms;
  for (size_t i = 0; i < mentions.size();) {
    const size_t begin = i;
    while (i < mentions.size() && mentions[i].first == mentions[begin].first) ++i;
    // The best place counts, more often counts a little more.
    const auto count = static_cast<float>(i - begin);
    terms.emplace_back(mentions[begin].first, mentions[begin].second * (1 + std::log(count)));
  }
  return terms;
}

}  // namespace

ContentTerms ContentTermsOf(const catalog::Product& product) { return Collected(MentionsOf(product)); }

ContentTerms ContentTermsWithParts(const catalog::Product& product, float part_weight) {
  Mentions mentions = MentionsOf(product);
  if (part_weight > 0) AddParts(product.title, kTitleWeight * part_weight, mentions);
  return Collected(std::move(mentions));
}

}  // namespace attune::models
