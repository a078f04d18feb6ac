// The searchable text of a store's products in one language: an immutable picture that all request threads
// share.
//
//   before --With(changed products)--> after           on the writer's strand, before the change is
//   acknowledged plan = after->PickMerge(); merged = Merge(plan);   on a background thread after
//   --WithMerged(plan, merged)--> later          on the writer's strand
//
// A picture is a list of segments (segment.h), each with the set of its documents that still live, a lexicon
// of words, and statistics.  A change makes a small segment of the changed products and takes their old
// documents out of the living; merging keeps the segments few.
//
// Invariants
//   (1) A product lives in at most one segment.
//   (2) Statistics are those of the living documents, exactly: they are moved by the words of each document
//   that
//       comes or goes, never estimated.  So what a query answers depends on the products that were put, and
//       not on segments, merges, order of changes, or what was deleted since.  (Numbers of words do depend on
//       the order, and no answer depends on them.)
//   (3) A word's term is a function of the word: the analyzer's promise.
//
// Cost of With: about 10 us and the analysis, per product; merges of up to kInlineMergeProducts documents.
//
// Thread safety: immutable; static and const functions from any thread.

#ifndef ATTUNE_SEARCH_SEARCH_INDEX_H_
#define ATTUNE_SEARCH_SEARCH_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "search/chunked_array.h"
#include "search/document.h"
#include "search/document_set.h"
#include "search/lexicon.h"
#include "search/search_field.h"
#include "search/segment.h"

namespace attune::search {

// A product that was put, or, without a document, deleted.
struct DocumentChange {
  ProductIndex product;
  std::optional<Document> document;
};

struct WordRecord {
  uint32_t term = Lexicon::kNone;    // Of a word: the lexicon's number of its term.
  uint32_t documents_with_word = 0;  // Living documents that hold this very word.
  uint32_t documents_with_term = 0;  // Of a term: those that hold any of its words.
};

class SearchIndex {
 public:
  struct Part {
    std::shared_ptr<const Segment> segment;
    std::shared_ptr<const DocumentSet> live;  // Null: all of them.
    uint32_t live_count = 0;

    bool Lives(uint32_t document) const { return live == nullptr || live->Has(document); }
  };

  // Without a product.  `facet_fields`: document.h; at most kFacetFieldsMax.
  static std::shared_ptr<const SearchIndex> Empty(std::vector<std::string> facet_fields);

  // Of several changes to one product the last counts.
  std::shared_ptr<const SearchIndex> With(const std::vector<DocumentChange>& changes) const;

  struct MergePlan {
    std::shared_ptr<const SearchIndex> index;  // The picture that it was made of.
    std::vector<Part> parts;                   // Segments to become one; may be none.
    bool merges_words = false;
    bool merges_values = false;
  };
  struct Merged {
    std::shared_ptr<const Segment> segment;  // Null: none of the plan.
    std::optional<Lexicon> words;
    std::optional<Lexicon> values;
  };
  // Nothing when no merge is worth its work.  REQUIRES: `index` is not null.
  static std::optional<MergePlan> PickMerge(std::shared_ptr<const SearchIndex> index);
  // The plan that makes one segment of all.
  static MergePlan MergeAll(std::shared_ptr<const SearchIndex> index);
  static Merged Merge(const MergePlan& plan);
  // REQUIRES: this picture came from the plan's by With and WithMerged.
  std::shared_ptr<const SearchIndex> WithMerged(const MergePlan& plan, const Merged& merged) const;

  // --- Looking. ---

  const std::vector<Part>& parts() const { return parts_; }
  const Lexicon& words() const { return words_; }
  // REQUIRES: word < words().size().
  const WordRecord& RecordOf(uint32_t word) const { return records_[word]; }
  const Lexicon& values() const { return values_; }
  const std::vector<std::string>& facet_fields() const { return *facet_fields_; }
  uint32_t document_count() const { return document_count_; }
  // Mean over the living; 0 when no document lives.
  double MeanLengthOf(SearchField field) const;
  // Of a living document.
  struct Place {
    uint32_t part = 0;
    uint32_t document = 0;
  };
  std::optional<Place> PlaceOf(ProductIndex product) const;
  std::optional<IndexedDocument> Find(ProductIndex product) const;

  struct Memory {
    size_t segments = 0;
    size_t words = 0;  // Lexicon and statistics.
    size_t values = 0;
    size_t total() const { return segments + words + values; }
  };
  Memory memory() const;

 private:
  friend class IndexWriting;  // search_index.cc
  friend class IndexLoading;  // index_file.cc
  SearchIndex() = default;

  std::shared_ptr<const std::vector<std::string>> facet_fields_;
  std::vector<Part> parts_;
  Lexicon words_;
  ChunkedArray<WordRecord> records_;  // One per word.
  Lexicon values_;
  uint32_t document_count_ = 0;
  PerField<uint64_t> total_lengths_ = {};
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCH_INDEX_H_
