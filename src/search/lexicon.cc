#include "search/lexicon.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/status.h"
#include "search/limits.h"
#include "text/edit_distance.h"

namespace attune::search {
namespace {

using Blocks = std::vector<std::shared_ptr<const LexiconBlock>>;

void AppendTexts(const LexiconBlock& block, uint32_t from, std::vector<LexiconBlock::Text>& texts) {
  for (uint32_t id = from; id < block.first() + block.size(); ++id) {
    texts.push_back({block.TextOf(id), block.is_spelled(id)});
  }
}

std::shared_ptr<const LexiconBlock> MergeBlocks(const Blocks& blocks, size_t from) {
  std::vector<LexiconBlock::Text> texts;
  for (size_t b = from; b < blocks.size(); ++b) AppendTexts(*blocks[b], blocks[b]->first(), texts);
  return std::make_shared<const LexiconBlock>(blocks[from]->first(), texts);
}

}  // namespace

uint32_t Lexicon::Find(std::string_view text) const {
  const uint64_t hash = StableHash64(text);
  for (const auto& block : blocks_) {
    const uint32_t id = block->Find(text, hash);
    if (id != kNone) return id;
  }
  return kNone;
}

std::string_view Lexicon::TextOf(uint32_t id) const { return BlockOf(id).TextOf(id); }

const LexiconBlock& Lexicon::BlockOf(uint32_t id) const {
  CHECK(id < size_);
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), id,
                       [](uint32_t value, const auto& block) { return value < block->first(); });
  return **std::prev(after);
}

void Lexicon::ForEachWithPrefix(std::string_view prefix,
                                const std::function<bool(uint32_t id)>& visit) const {
  for (const auto& block : blocks_) {
    if (!block->ForEachWithPrefix(prefix, visit)) return;
  }
}

std::vector<Lexicon::NearText> Lexicon::FindNear(std::string_view text, int edits_max) const {
  std::vector<NearText> near;
  const std::u32string characters = CharactersOf(text);
  if (characters.empty() || text.size() > kWordBytesMax) return near;
  for (const auto& block : blocks_) {
    block->spelling().ForEachLikely(characters, edits_max, [&](uint32_t id) {
      const int edits = text::EditDistance(text, block->TextOf(id), edits_max);
      if (edits > 0 && edits <= edits_max) near.push_back({id, edits});
    });
  }
  // One edit that gives another first letter: there are few such texts, so each is looked up.
  const auto try_text = [&](const std::u32string& other) {
    if (other.empty() || other.front() == characters.front()) return;
    const std::string bytes = TextOfCharacters(other);
    const uint64_t hash = StableHash64(bytes);
    for (const auto& block : blocks_) {
      const uint32_t id = block->Find(bytes, hash);
      if (id != kNone && block->is_spelled(id)) near.push_back({id, 1});
    }
  };
  const std::u32string rest = characters.substr(1);
  try_text(rest);
  if (characters.size() > 1)
    try_text(characters.substr(1, 1) + characters.substr(0, 1) + characters.substr(2));
  std::u32string letters;
  for (const auto& block : blocks_) letters += block->spelling().first_letters();
  std::sort(letters.begin(), letters.end());
  letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
  for (const char32_t letter : letters) {
    try_text(letter + rest);
    try_text(letter + characters);
  }
  std::sort(near.begin(), near.end(), [](const NearText& a, const NearText& b) { return a.id < b.id; });
  near.erase(std::unique(near.begin(), near.end(),
                         [](const NearText& a, const NearText& b) { return a.id == b.id; }),
             near.end());
  return near;
}

Lexicon Lexicon::WithMergedBlocks(size_t from) const {
  CHECK(from < blocks_.size());
  Lexicon merged;
  merged.blocks_.assign(blocks_.begin(), blocks_.begin() + static_cast<ptrdiff_t>(from));
  merged.blocks_.push_back(MergeBlocks(blocks_, from));
  merged.size_ = size_;
  return merged;
}

size_t Lexicon::WorthMergingFrom(uint32_t texts_max) const {
  if (blocks_.empty()) return 0;
  // From the end, as long as the next block is not much larger than all after it: each text is then merged
  // about log2(texts) times.
  size_t from = blocks_.size() - 1;
  uint64_t texts = blocks_[from]->size();
  while (from > 0 && blocks_[from - 1]->size() <= 2 * texts &&
         texts + blocks_[from - 1]->size() <= texts_max) {
    --from;
    texts += blocks_[from]->size();
  }
  return from + 1 < blocks_.size() ? from : blocks_.size();
}

Lexicon Lexicon::WithMerged(const Lexicon& merged) const {
  CHECK(merged.size_ <= size_);
  Lexicon next = merged;
  for (const auto& block : blocks_) {
    if (block->first() >= merged.size_) {
      next.blocks_.push_back(block);
    } else if (block->first() + block->size() > merged.size_) {
      // Texts that were added meanwhile were merged with earlier ones.
      std::vector<LexiconBlock::Text> texts;
      AppendTexts(*block, merged.size_, texts);
      next.blocks_.push_back(std::make_shared<const LexiconBlock>(merged.size_, texts));
    }
  }
  next.size_ = size_;
  return next;
}

size_t Lexicon::memory_bytes() const {
  size_t bytes = 0;
  for (const auto& block : blocks_) bytes += block->memory_bytes();
  return bytes;
}

uint32_t LexiconAppender::IdOf(std::string_view text, bool is_spelled) {
  const uint32_t known = base_.Find(text);
  if (known != Lexicon::kNone) return known;
  const auto found = ids_.find(text);
  if (found != ids_.end()) return found->second;
  const uint32_t id = size();
  CHECK(id < kWordsMax);
  added_.push_back({std::string(text), is_spelled});
  ids_.emplace(added_.back().text, id);
  return id;
}

std::string_view LexiconAppender::TextOf(uint32_t id) const {
  return id < base_.size() ? base_.TextOf(id) : std::string_view(added_[id - base_.size()].text);
}

Lexicon LexiconAppender::Finish() const {
  Lexicon next = base_;
  if (added_.empty()) return next;
  std::vector<LexiconBlock::Text> texts;
  texts.reserve(added_.size());
  for (const Added& added : added_) texts.push_back({added.text, added.is_spelled});
  next.blocks_.push_back(std::make_shared<const LexiconBlock>(base_.size(), texts));
  next.size_ = size();
  const size_t from = next.WorthMergingFrom(kInlineMergeWords);
  return from < next.block_count() ? next.WithMergedBlocks(from) : next;
}

}  // namespace attune::search
