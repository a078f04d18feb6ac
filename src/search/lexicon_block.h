// Some texts with consecutive numbers, sorted and hashed: what a lexicon is made of (lexicon.h).
//
// Takes about 30 bytes a text besides its own.
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_LEXICON_BLOCK_H_
#define ATTUNE_SEARCH_LEXICON_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "search/spelling.h"

namespace attune::search {

class LexiconBlock {
 public:
  struct Text {
    std::string_view text;
    bool is_spelled = false;
  };
  // The texts get the numbers first, first + 1, ...  REQUIRES: they differ.
  LexiconBlock(uint32_t first, const std::vector<Text>& texts);

  uint32_t first() const { return first_; }
  uint32_t size() const { return static_cast<uint32_t>(ends_.size()); }
  std::string_view TextOf(uint32_t id) const;
  bool is_spelled(uint32_t id) const { return is_spelled_[id - first_]; }

  // Lexicon::kNone when it is not here.  `hash` is StableHash64(text).
  uint32_t Find(std::string_view text, uint64_t hash) const;
  // False when `visit` was.
  bool ForEachWithPrefix(std::string_view prefix, const std::function<bool(uint32_t id)>& visit) const;
  const SpellingTable& spelling() const { return spelling_; }

  size_t memory_bytes() const;

 private:
  void Hash();

  const uint32_t first_;
  std::string bytes_;           // Texts back to back.
  std::vector<uint32_t> ends_;  // Of each text in bytes_.
  std::vector<bool> is_spelled_;
  std::vector<uint32_t> by_text_;  // Places, in the order of the texts' bytes.
  std::vector<uint64_t> slots_;    // High half: of the hash; low half: place + 1, 0 for an empty slot.
  SpellingTable spelling_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_LEXICON_BLOCK_H_
