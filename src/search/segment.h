// Some products of an index, immutable: their words in order, and from each term the products that hold it.
//
//   documents   0 .. n-1, by product index; a number that never leaves the segment
//   words       document_words.h
//   postings    of each term, per document: difference to the document before, and which fields hold the term
//               how often
//   names       what a product is called as a whole (exact_name.h), sorted by hash
//   facets      facet_column.h, one per field of the index
//
// A segment is made of IndexedDocuments, and gives them back: merging segments is reading their living
// documents and building one segment of them, so a merged segment has the same bytes as one that was never
// apart.
//
// Thread safety: immutable.

#ifndef ATTUNE_SEARCH_SEGMENT_H_
#define ATTUNE_SEARCH_SEGMENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "search/facet_column.h"
#include "search/search_field.h"
#include "search/varint.h"

namespace attune::search {

struct IndexedDocument {
  ProductIndex product;
  uint64_t tie = 0;                                   // Hash of the product id: the order of equals.
  std::string words;                                  // document_words.h
  PerField<uint16_t> lengths = {};                    // Positions of each field.
  std::vector<uint64_t> names;                        // Ascending, each once.
  std::vector<std::pair<uint16_t, uint32_t>> values;  // Facet field and value, ascending, each once.
  std::vector<std::pair<uint16_t, double>> numbers;   // Likewise.

  friend bool operator==(const IndexedDocument&, const IndexedDocument&) = default;
};

// A document that holds a term.
struct Posting {
  uint32_t document = 0;
  uint8_t fields = 0;             // Bit of each field that holds it.
  PerField<uint8_t> counts = {};  // Of those fields, at most 255; the others are not set.
};

// Walks the documents of one term, ascending.
class PostingReader {
 public:
  PostingReader() = default;
  PostingReader(std::string_view bytes, uint32_t count) : at_(bytes.data()), left_(count) {}

  bool Next(Posting& posting) {
    if (left_ == 0) return false;
    --left_;
    posting.document += ReadVarint(at_);
    const auto head = static_cast<uint8_t>(*at_++);
    posting.fields = head & kFieldsMask;
    if ((head & kAllOnce) != 0) {
      posting.counts.fill(1);
      return true;
    }
    for (uint32_t rest = posting.fields; rest != 0; rest &= rest - 1) {
      posting.counts[static_cast<size_t>(__builtin_ctz(rest))] = static_cast<uint8_t>(*at_++);
    }
    return true;
  }

  static constexpr uint8_t kFieldsMask = 0x3f;
  static constexpr uint8_t kAllOnce = 0x40;  // Each field that holds the term holds it once.

 private:
  const char* at_ = nullptr;
  uint32_t left_ = 0;
};

class Segment {
 public:
  // The term of a word.
  using TermOf = std::function<uint32_t(uint32_t word)>;

  // REQUIRES: products ascending, each once; facet fields are below `facet_fields`.
  static std::shared_ptr<const Segment> Build(const std::vector<IndexedDocument>& documents,
                                              const TermOf& term_of, size_t facet_fields);

  uint32_t document_count() const { return static_cast<uint32_t>(products_.size()); }
  ProductIndex ProductOf(uint32_t document) const { return products_[document]; }
  uint64_t TieOf(uint32_t document) const { return ties_[document]; }
  const PerField<uint16_t>& LengthsOf(uint32_t document) const { return lengths_[document]; }
  std::string_view WordsOf(uint32_t document) const { return Slice(words_, word_starts_, document); }
  std::optional<uint32_t> Find(ProductIndex product) const;

  // How many documents hold the term, and which.  (0 and none for an unknown term.)
  std::pair<uint32_t, PostingReader> PostingsOf(uint32_t term) const;
  // Calls visit(document) for each that has the name.
  void ForEachNamed(uint64_t name, const std::function<void(uint32_t document)>& visit) const;

  std::span<const uint32_t> ValuesOf(size_t facet_field, uint32_t document) const {
    return values_[facet_field].Of(document);
  }
  std::span<const double> NumbersOf(size_t facet_field, uint32_t document) const {
    return numbers_[facet_field].Of(document);
  }

  IndexedDocument Read(uint32_t document) const;

  size_t memory_bytes() const;

 private:
  class Inverter;
  Segment() = default;
  void TakeDocuments(const std::vector<IndexedDocument>& documents, size_t facet_fields);
  void TakeFacets(const std::vector<IndexedDocument>& documents, size_t facet_fields);
  static std::string_view Slice(const std::string& bytes, const std::vector<uint32_t>& starts, size_t place) {
    return std::string_view(bytes).substr(starts[place], starts[place + 1] - starts[place]);
  }

  std::vector<ProductIndex> products_;
  std::vector<uint64_t> ties_;
  std::vector<PerField<uint16_t>> lengths_;
  std::string words_;
  std::vector<uint32_t> word_starts_;  // One more than documents; likewise below.
  std::vector<uint32_t> terms_;        // Ascending.
  std::vector<uint32_t> term_counts_;
  std::vector<uint32_t> posting_starts_;
  std::string postings_;
  std::vector<uint64_t> names_;  // Document by document.
  std::vector<uint32_t> name_starts_;
  std::vector<uint32_t> by_name_;  // Places in names_, by hash, then document.
  std::vector<FacetColumn<uint32_t>> values_;
  std::vector<FacetColumn<double>> numbers_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEGMENT_H_
