// Which of many words are within one or two edits of a mistyped one?
//
//   "hedphones" -> "headphones" (1)      "labtop" -> "laptop" (1)      "teh" -> "the" (1: two letters
//   swapped)
//
// Edits are those of text/edit_distance.h.
//
// Words lie sorted by length and first letter, with a signature of 64 bits: which letters a word has, and
// which of them twice.  An edit changes at most two of these bits, so nearly all words of a bucket are passed
// over at a nanosecond each, and only the rest is compared.  8 bytes a word for it, and 4 for the order; a
// map of deleted letters, as SymSpell has, is as fast and takes 200.
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_SPELLING_H_
#define ATTUNE_SEARCH_SPELLING_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace attune::search {

// UTF-8 to characters; bytes that are no UTF-8 stand for themselves.
std::u32string CharactersOf(std::string_view text);
std::string TextOfCharacters(std::u32string_view characters);

class SpellingTable {
 public:
  struct Word {
    std::string_view text;
    uint32_t id = 0;
  };
  SpellingTable() = default;
  explicit SpellingTable(const std::vector<Word>& words);

  // Calls visit(id) for every word that has the first letter of `text`, differs by at most `edits` in length,
  // and has letters that `edits` edits can explain.  The caller compares.
  template <class Visit>
  void ForEachLikely(std::u32string_view text, int edits, const Visit& visit) const {
    const uint64_t signature = SignatureOf(text);
    for (size_t b = FirstBucket(text, edits); b < buckets_.size(); ++b) {
      const Bucket& bucket = buckets_[b];
      if (bucket.length > text.size() + static_cast<size_t>(edits)) return;
      if (bucket.first_letter != text.front()) continue;
      const uint32_t end =
          b + 1 < buckets_.size() ? buckets_[b + 1].begin : static_cast<uint32_t>(ids_.size());
      // Each letter by which the lengths differ is an edit that changes one bit only.
      const auto length = static_cast<int>(bucket.length);
      const int bits_max = 2 * edits - std::abs(length - static_cast<int>(text.size()));
      for (uint32_t i = bucket.begin; i < end; ++i) {
        if (__builtin_popcountll(signatures_[i] ^ signature) <= bits_max) visit(ids_[i]);
      }
    }
  }
  // Ascending, each once.
  const std::u32string& first_letters() const { return first_letters_; }
  size_t memory_bytes() const;

 private:
  struct Bucket {
    uint32_t length = 0;  // In characters.
    char32_t first_letter = 0;
    uint32_t begin = 0;
  };
  static uint64_t SignatureOf(std::u32string_view text);
  size_t FirstBucket(std::u32string_view text, int edits) const;

  std::vector<Bucket> buckets_;  // By length, then first letter.
  std::vector<uint32_t> ids_;
  std::vector<uint64_t> signatures_;
  std::u32string first_letters_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SPELLING_H_
