// The documents of one segment that hold words of a query, with their scores: the inner loop of match.h.
//
// Word by word, the rarest first: the postings of each alternative are walked once, the best alternative of a
// document counts, and is added to the document's score.  The order of words is that of the whole index, so
// sums are the same in whichever segment a document lies.
//
// Where only documents with every word are asked for, those that miss a rarer word are passed over unscored:
// about a third of the work, since frequent words have most of the postings.
//
// Thread safety: belongs to one thread; meant to be kept, since its memory is as large as the largest
// segment.

#ifndef ATTUNE_SEARCH_SEGMENT_MATCH_H_
#define ATTUNE_SEARCH_SEGMENT_MATCH_H_

#include <cstdint>
#include <vector>

#include "search/query_words.h"
#include "search/scoring.h"
#include "search/segment.h"

namespace attune::search {

class SegmentMatch {
 public:
  enum class Wanted : uint8_t { kAnyWord, kAllWords };

  // Replaces what was found before.  kAllWords: documents with every word that is not optional are found, and
  // some others.  REQUIRES: for kAllWords, CanFindAll(query).
  void Run(const QueryWords& query, const Segment& segment, const Scoring& scoring, Wanted wanted);

  // Whether each alternative stands for one word.
  static bool CanFindAll(const QueryWords& query);

  // In no order; dead documents are among them.
  const std::vector<uint32_t>& documents() const { return documents_; }
  float ScoreOf(uint32_t document) const { return scores_[document]; }
  uint32_t WordsOf(uint32_t document) const { return words_[document]; }

 private:
  void Clear(uint32_t document_count);
  void WalkTerm(const Alternative& alternative, const Segment& segment, const Scoring& scoring);
  void WalkTogether(const Alternative& alternative, const Segment& segment, const Scoring& scoring);
  // One document holds the word at hand.
  void Take(uint32_t document, float value, uint32_t covers) {
    if ((words_[document] & needed_) != needed_) return;
    if (words_[document] == 0) documents_.push_back(document);
    words_[document] |= covers;
    if (best_[document] == 0) of_word_.push_back(document);
    if (value > best_[document]) best_[document] = value;
  }

  uint32_t needed_ = 0;  // Bits that a document must have for the word at hand to matter.
  std::vector<uint32_t> documents_;
  std::vector<float> scores_;  // 0 but for documents_.
  std::vector<uint32_t> words_;
  std::vector<uint32_t> of_word_;  // That hold the word at hand.
  std::vector<float> best_;        // 0 but for of_word_.
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEGMENT_MATCH_H_
