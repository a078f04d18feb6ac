// The words of one product in their order, as numbers of a lexicon: what an index keeps of its texts.
//
//   title "Desk lamp L-77", brand "Lumo"  ->  title: desk lamp l77 (l 77)   brand: lumo        () same
//   position
//
// Everything else is made of these: postings, statistics of words that leave the index with a product, which
// words stand together.  Kept as bytes: of each field that has words its number, the count of words, and per
// word a varint of (word * 2 + 1 when it shares the position of the word before); most words take two bytes.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_DOCUMENT_WORDS_H_
#define ATTUNE_SEARCH_DOCUMENT_WORDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "search/search_field.h"
#include "search/varint.h"

namespace attune::search {

struct DocumentWord {
  uint32_t word = 0;
  bool shares_position = false;
};

// Appends one field.  Fields are appended in their order, each at most once; one without words is not.
void AppendDocumentField(SearchField field, const std::vector<DocumentWord>& words, std::string& out);

// Whether the bytes are what AppendDocumentField writes, of words below `word_count`.  REQUIRED of bytes from
// a file before they are read.
bool AreSoundDocumentWords(std::string_view bytes, uint32_t word_count);

// Calls visit(field, word, position) for each; positions are from 0 in each field.  Stops when it says false.
template <class Visit>
void ForEachDocumentWord(std::string_view bytes, const Visit& visit) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at < end) {
    const auto field = static_cast<SearchField>(*at++);
    const uint32_t count = ReadVarint(at);
    uint32_t next_position = 0;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t code = ReadVarint(at);
      if ((code & 1) == 0) ++next_position;
      if (!visit(field, code >> 1, next_position - 1)) return;
    }
  }
}

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_DOCUMENT_WORDS_H_
