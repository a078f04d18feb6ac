#include "search/spelling.h"

#include <algorithm>
#include <tuple>

#include "base/utf8.h"
#include "search/limits.h"

namespace attune::search {
namespace {

constexpr uint32_t kSignatureLetters = 32;

char32_t DecodeSequence(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(bytes[i])); };
  switch (bytes.size()) {
    case 2:
      return (byte(0) & 0x1f) << 6 | (byte(1) & 0x3f);
    case 3:
      return (byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
    case 4:
      return (byte(0) & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
    default:
      return byte(0);
  }
}

void AppendCharacter(char32_t character, std::string& out) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xc0 | character >> 6);
    put(0x80 | (character & 0x3f));
  } else if (character < 0x10000) {
    put(0xe0 | character >> 12);
    put(0x80 | (character >> 6 & 0x3f));
    put(0x80 | (character & 0x3f));
  } else {
    put(0xf0 | character >> 18);
    put(0x80 | (character >> 12 & 0x3f));
    put(0x80 | (character >> 6 & 0x3f));
    put(0x80 | (character & 0x3f));
  }
}

}  // namespace

std::u32string CharactersOf(std::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  while (!text.empty()) {
    const size_t length = std::max<size_t>(1, Utf8SequenceLength(text));
    characters += DecodeSequence(text.substr(0, length));
    text.remove_prefix(length);
  }
  return characters;
}

std::string TextOfCharacters(std::u32string_view characters) {
  std::string text;
  for (const char32_t character : characters) AppendCharacter(character, text);
  return text;
}

SpellingTable::SpellingTable(const std::vector<Word>& words) {
  struct Placed {
    std::u32string characters;
    uint32_t id = 0;
  };
  std::vector<Placed> placed;
  placed.reserve(words.size());
  for (const Word& word : words) {
    if (word.text.empty() || word.text.size() > kWordBytesMax) continue;
    placed.push_back({CharactersOf(word.text), word.id});
  }
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
    return std::tuple(a.characters.size(), a.characters.front(), a.id) <
           std::tuple(b.characters.size(), b.characters.front(), b.id);
  });
  ids_.reserve(placed.size());
  signatures_.reserve(placed.size());
  for (const Placed& word : placed) {
    const auto length = static_cast<uint32_t>(word.characters.size());
    const char32_t first = word.characters.front();
    if (buckets_.empty() || buckets_.back().length != length || buckets_.back().first_letter != first) {
      buckets_.push_back({length, first, static_cast<uint32_t>(ids_.size())});
      first_letters_ += first;
    }
    ids_.push_back(word.id);
    signatures_.push_back(SignatureOf(word.characters));
  }
  std::sort(first_letters_.begin(), first_letters_.end());
  first_letters_.erase(std::unique(first_letters_.begin(), first_letters_.end()), first_letters_.end());
}

uint64_t SpellingTable::SignatureOf(std::u32string_view text) {
  uint64_t once = 0;
  uint64_t twice = 0;
  for (const char32_t character : text) {
    const uint64_t letter = uint64_t{1} << (character % kSignatureLetters);
    twice |= once & letter;
    once |= letter;
  }
  return once | twice << kSignatureLetters;
}

size_t SpellingTable::FirstBucket(std::u32string_view text, int edits) const {
  const size_t shortest = text.size() - std::min<size_t>(text.size(), static_cast<size_t>(edits));
  const auto place =
      std::lower_bound(buckets_.begin(), buckets_.end(), shortest,
                       [](const Bucket& bucket, size_t length) { return bucket.length < length; });
  return static_cast<size_t>(place - buckets_.begin());
}

size_t SpellingTable::memory_bytes() const {
  return buckets_.capacity() * sizeof(Bucket) + ids_.capacity() * sizeof(uint32_t) +
         signatures_.capacity() * sizeof(uint64_t) + first_letters_.capacity() * sizeof(char32_t);
}

}  // namespace attune::search
