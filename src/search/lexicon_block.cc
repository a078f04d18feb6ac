#include "search/lexicon_block.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/hash.h"
#include "search/lexicon.h"

namespace attune::search {
namespace {

constexpr uint64_t kHighHalf = 0xffffffff00000000;

}  // namespace

LexiconBlock::LexiconBlock(uint32_t first, const std::vector<Text>& texts) : first_(first) {
  size_t byte_count = 0;
  for (const Text& text : texts) byte_count += text.text.size();
  bytes_.reserve(byte_count);
  ends_.reserve(texts.size());
  std::vector<SpellingTable::Word> spelled;
  for (const Text& text : texts) {
    if (text.is_spelled) spelled.push_back({text.text, first + size()});
    bytes_ += text.text;
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
    is_spelled_.push_back(text.is_spelled);
  }
  spelling_ = SpellingTable(spelled);
  by_text_.resize(texts.size());
  std::iota(by_text_.begin(), by_text_.end(), 0u);
  std::sort(by_text_.begin(), by_text_.end(),
            [&](uint32_t a, uint32_t b) { return texts[a].text < texts[b].text; });
  Hash();
}

void LexiconBlock::Hash() {
  slots_.assign(std::bit_ceil(size_t{size()} + size() / 2 + 1), 0);
  const size_t mask = slots_.size() - 1;
  for (uint32_t place = 0; place < size(); ++place) {
    const uint64_t hash = StableHash64(TextOf(first_ + place));
    size_t at = hash & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = (hash & kHighHalf) | (place + 1);
  }
}

std::string_view LexiconBlock::TextOf(uint32_t id) const {
  const uint32_t place = id - first_;
  const uint32_t begin = place == 0 ? 0 : ends_[place - 1];
  return std::string_view(bytes_).substr(begin, ends_[place] - begin);
}

uint32_t LexiconBlock::Find(std::string_view text, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
    if ((slots_[at] & kHighHalf) != (hash & kHighHalf)) continue;
    const uint32_t id = first_ + static_cast<uint32_t>(slots_[at]) - 1;
    if (TextOf(id) == text) return id;
  }
  return Lexicon::kNone;
}

bool LexiconBlock::ForEachWithPrefix(std::string_view prefix,
                                     const std::function<bool(uint32_t id)>& visit) const {
  auto place =
      std::lower_bound(by_text_.begin(), by_text_.end(), prefix,
                       [&](uint32_t at, std::string_view text) { return TextOf(first_ + at) < text; });
  for (; place != by_text_.end() && TextOf(first_ + *place).starts_with(prefix); ++place) {
    if (!visit(first_ + *place)) return false;
  }
  return true;
}

size_t LexiconBlock::memory_bytes() const {
  return sizeof(*this) + bytes_.capacity() + (ends_.capacity() + by_text_.capacity()) * sizeof(uint32_t) +
         slots_.capacity() * sizeof(uint64_t) + is_spelled_.capacity() / 8 + spelling_.memory_bytes();
}

}  // namespace attune::search
