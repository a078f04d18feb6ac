#include "search/document_words.h"

#include "search/limits.h"

namespace attune::search {

void AppendDocumentField(SearchField field, const std::vector<DocumentWord>& words, std::string& out) {
  if (words.empty()) return;
  out += static_cast<char>(field);
  AppendVarint(static_cast<uint32_t>(words.size()), out);
  for (const DocumentWord& word : words) AppendVarint(word.word << 1 | (word.shares_position ? 1 : 0), out);
}

bool AreSoundDocumentWords(std::string_view bytes, uint32_t word_count) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  int field_before = -1;
  while (at < end) {
    const int field = static_cast<uint8_t>(*at++);
    if (field <= field_before || field >= static_cast<int>(kSearchFieldCount)) return false;
    field_before = field;
    uint32_t count = 0;
    if (!ReadVarintWithin(at, end, count) || count == 0) return false;
    for (uint32_t i = 0; i < count; ++i) {
      uint32_t code = 0;
      if (!ReadVarintWithin(at, end, code) || code >> 1 >= word_count) return false;
      if (i == 0 && (code & 1) != 0) return false;
    }
  }
  return true;
}

}  // namespace attune::search
