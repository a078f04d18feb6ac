// Texts with numbers, append-only: the words of an index, and the values of its facets.
//
//   Lexicon next = before; LexiconAppender add(before); id = add.IdOf("lamp", true); next = add.Finish();
//
// Numbers are given from 0 in the order of first use and never change; a later lexicon holds all of an
// earlier one. Finding a text is a hash lookup; those that begin with a prefix are a range; those within one
// or two edits are found among the texts of about the same length and the same first letter (spelling.h).
//
// A lexicon is a list of blocks, each immutable and sorted: adding texts makes a small block, and small
// blocks are merged, so that there are few.  Merging keeps every number.  What it answers does not depend on
// its blocks.
//
// Thread safety: immutable; a LexiconAppender belongs to one thread.

#ifndef ATTUNE_SEARCH_LEXICON_H_
#define ATTUNE_SEARCH_LEXICON_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "search/lexicon_block.h"

namespace attune::search {

class Lexicon {
 public:
  static constexpr uint32_t kNone = ~uint32_t{0};

  uint32_t size() const { return size_; }
  // kNone when there is no such text.
  uint32_t Find(std::string_view text) const;
  // REQUIRES: id < size().
  std::string_view TextOf(uint32_t id) const;
  // Whether FindNear may answer it.  REQUIRES: id < size().
  bool IsSpelled(uint32_t id) const { return BlockOf(id).is_spelled(id); }

  // Every text that begins with `prefix`; in no promised order.  Stops when `visit` says false.
  void ForEachWithPrefix(std::string_view prefix, const std::function<bool(uint32_t id)>& visit) const;

  struct NearText {
    uint32_t id = 0;
    int edits = 0;
  };
  // Every spelled text within `edits_max` (1 or 2) edits (text/edit_distance.h), but not the text itself; two
  // edits only where the first character is the same.  Ordered by id.
  std::vector<NearText> FindNear(std::string_view text, int edits_max) const;

  // The same texts and numbers in fewer blocks: `from` to the end, as one.  REQUIRES: from < block_count().
  Lexicon WithMergedBlocks(size_t from) const;
  // The first block of a run that is worth merging, when the run has at least two blocks; block_count() when
  // there is none.  Runs of more than `texts_max` texts are not named.
  size_t WorthMergingFrom(uint32_t texts_max) const;
  size_t block_count() const { return blocks_.size(); }
  // Of an earlier lexicon that was merged meanwhile: its blocks, and those that this one has added since.
  // REQUIRES: `merged` has a prefix of this lexicon's texts.
  Lexicon WithMerged(const Lexicon& merged) const;

  size_t memory_bytes() const;

 private:
  friend class LexiconAppender;
  const LexiconBlock& BlockOf(uint32_t id) const;

  std::vector<std::shared_ptr<const LexiconBlock>> blocks_;  // Numbers ascending, without gaps.
  uint32_t size_ = 0;
};

class LexiconAppender {
 public:
  // `base` must outlive it.
  explicit LexiconAppender(const Lexicon& base) : base_(base) {}

  // The text's number, new if need be.  `is_spelled`: whether FindNear may answer it; the first use decides.
  uint32_t IdOf(std::string_view text, bool is_spelled);
  uint32_t size() const { return base_.size() + static_cast<uint32_t>(added_.size()); }
  // Of a new or an old text.
  std::string_view TextOf(uint32_t id) const;

  Lexicon Finish() const;

 private:
  struct Added {
    std::string text;
    bool is_spelled = false;
  };
  const Lexicon& base_;
  std::deque<Added> added_;  // Stays where it is: the map's keys look into it.
  absl::flat_hash_map<std::string_view, uint32_t> ids_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_LEXICON_H_
