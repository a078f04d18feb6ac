#include "decisions/query_words.h"

#include <cstdint>

#include "base/utf8.h"
#include "decisions/limits.h"

namespace attune::decisions {
namespace {

struct CaseRange {
  uint32_t first;
  uint32_t last;
  uint32_t distance;  // 0: upper and lower case take turns, upper first on even places from `first`.
};

// Capital letters of two bytes in UTF-8 (U+0080 to U+07FF), whose small ones have two bytes as well.
constexpr CaseRange kCapitals[] = {
    {0x00c0, 0x00d6, 32}, {0x00d8, 0x00de, 32}, {0x0100, 0x012f, 0},  {0x0132, 0x0137, 0},
    {0x0139, 0x0148, 0},  {0x014a, 0x0177, 0},  {0x0179, 0x017e, 0},  {0x0386, 0x0386, 38},
    {0x0388, 0x038a, 37}, {0x038c, 0x038c, 64}, {0x0391, 0x03a1, 32}, {0x03a3, 0x03ab, 32},
    {0x0400, 0x040f, 80}, {0x0410, 0x042f, 32}, {0x0460, 0x0481, 0},  {0x048a, 0x04bf, 0}};

uint32_t LowerOf(uint32_t code) {
  for (const CaseRange& range : kCapitals) {
    if (code < range.first || code > range.last) continue;
    if (range.distance > 0) return code + range.distance;
    return (code - range.first) % 2 == 0 ? code + 1 : code;
  }
  return code;
}

// Of two bytes: U+0080 to U+07FF.
void AppendLower(std::string_view sequence, std::string& word) {
  constexpr unsigned kPayloadBits = 6;
  const auto lead = static_cast<unsigned char>(sequence[0]);
  const auto trail = static_cast<unsigned char>(sequence[1]);
  const uint32_t code = LowerOf(((lead & 0x1fU) << kPayloadBits) | (trail & 0x3fU));
  word += static_cast<char>(0xc0U | (code >> kPayloadBits));
  word += static_cast<char>(0x80U | (code & 0x3fU));
}

bool IsWordByte(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// No-break space, general punctuation (dashes, quotes, spaces) and the ideographic space.
bool IsSpace(std::string_view sequence) {
  return sequence == "\xc2\xa0" || sequence.starts_with("\xe2\x80") || sequence.starts_with("\xe3\x80\x80");
}

}  // namespace

std::vector<std::string> QueryWords(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  while (!text.empty() && words.size() < kQueryWordsMax) {
    const size_t length = Utf8SequenceLength(text);
    const std::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(sequence.size());
    if (length == 0 || (length == 1 && !IsWordByte(sequence[0])) || IsSpace(sequence)) {
      end_word();
    } else if (length == 1) {
      const char c = sequence[0];
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (length == 2) {
      AppendLower(sequence, word);
    } else {
      word += sequence;
    }
  }
  if (words.size() < kQueryWordsMax) end_word();
  return words;
}

}  // namespace attune::decisions
