// An index as bytes, so that a restart does not analyze every product again.
//
//   bytes = SaveIndex(index, {"en|1|...", sequence});      LoadIndex(bytes, "en|1|...") -> index and sequence
//
// What is kept is the words of the documents (document_words.h), not what is made of them: postings and
// statistics are made again, at about 3 us a product, and cannot disagree with the documents.  Words that no
// document holds any more are left out, and the rest numbered from the most frequent on.  So the bytes depend
// on the products alone, not on how the index came to be.
//
// The container is that of models (models/model_file.h; its header's generation and time are 0); sections in
// docs/formats/search.md.
//
// What changed in the log after `sequence` is indexed again by the caller.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_INDEX_FILE_H_
#define ATTUNE_SEARCH_INDEX_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"
#include "search/learned_vocabulary.h"
#include "search/search_index.h"

namespace attune::search {

struct IndexFileHeader {
  std::string made_by;  // Whatever decides which words a product has: language, version of the analyzer, ...
  Sequence sequence;    // The last record of the log that the index has seen.
  // What the words of its texts were taken apart by; null: they were not.
  const LearnedVocabulary* vocabulary = nullptr;
};

std::string SaveIndex(const SearchIndex& index, const IndexFileHeader& header);

struct LoadedIndex {
  std::shared_ptr<const SearchIndex> index;  // One segment.
  Sequence sequence;
  std::shared_ptr<const LearnedVocabulary> vocabulary;  // Null in files of builds that had none.
};
// kCorruption for bytes that SaveIndex did not write, kConflict for an index that was made by something else;
// the caller makes the index anew from the catalogue then.
Result<LoadedIndex> LoadIndex(std::string bytes, std::string_view made_by);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_INDEX_FILE_H_
