// "Similar products" by what they are: cosine of TF-IDF vectors of title, category, brand, tags, attributes
// and description.  Needs no shopper, so it answers for a product on its first day.
//
//   weight(t, p)     = mention weight (content_terms.h) * ln(1 + N / df(t)),  the terms_max largest, length 1
//   similarity(p, q) = sum over shared terms of weight(t, p) * weight(t, q)                         in [0, 1]
//
// Terms of one product only can join nothing, and terms of more than common_share of all products tell
// nothing: both are left out.  A product's neighbours are found through inverted lists, its heaviest terms
// first, until postings_max entries were read: what is not read are the commonest, lightest terms.
//
// Where there are vectors (text_vectors.h), neighbours are ranked by both:
//
//   (1 - vector_share) * similarity(p, q) + vector_share * max(0, cosine of the vectors)
//
// among the candidates_max nearest by terms and, in a catalogue of at most vector_products_max products, the
// candidates_max nearest by vector: so a product is found that shares no word with what it is like.  External
// vectors (external_vectors.h) know more than the words of one catalogue: they weigh external_vector_share,
// and find candidates in a catalogue of any size.
//
// Products that read the same are equally similar.  Which of them a row has room for is a matter of the
// hashes of both ids, so that none is left out of all rows; they stand in an answer in the order of
// ProductTies.
//
// A product that came after training has no row; it is scored when asked for, from query.catalog.
//
// Thread safety: immutable; retrieval keeps its scratch per thread.  Training gives the same bytes for any
// number of threads.

#ifndef ATTUNE_MODELS_CONTENT_H_
#define ATTUNE_MODELS_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/candidate_source.h"
#include "models/nearest_neighbours.h"
#include "models/product_ties.h"
#include "models/sparse_accumulator.h"
#include "models/sparse_rows.h"
#include "models/text_vectors.h"
#include "models/training_control.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

struct ContentOptions {
  uint32_t neighbours_max = 30;
  uint32_t terms_max = 24;  // Of one product.
  uint32_t postings_max =
      20'000;  // Read for one product.  Bounds the work: 100 000 products read 2e9 at most.
  double common_share = 0.25;
  float similarity_min = 0.05f;
  float vector_share = 0.15f;
  float external_vector_share = 0.2f;  // Chosen on validation (docs/models/content.md).
  uint32_t candidates_max = 100;
  // Every product is held against every other: n^2 * dimensions.  Of more, external vectors get an index.
  uint32_t vector_products_max = 20'000;
};

class ContentModel final : public CandidateSource {
 public:
  static constexpr std::string_view kName = "content_similar";

  // Hidden products get rows too: they may be shown again before the next training.  Null `vectors`: by terms
  // alone.
  static Result<std::shared_ptr<const ContentModel>> Train(const catalog::CatalogView& catalog,
                                                           const ProductVectors* vectors,
                                                           std::shared_ptr<const ProductTies> ties,
                                                           const ContentOptions& options,
                                                           const TrainingControl& control);

  std::string_view name() const override { return kName; }
  void Retrieve(const SourceQuery& query, size_t limit, std::vector<Candidate>& out) const override;

  const SparseRows& rows() const { return rows_; }
  size_t term_count() const { return term_hashes_.size(); }
  size_t memory_bytes() const;

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const ContentModel>> Load(SectionReader& in,
                                                          std::shared_ptr<const ProductTies> ties);

 private:
  // (term, weight) of one product, heaviest first; terms are positions in term_hashes_.
  using Vector = std::vector<std::pair<uint32_t, float>>;

  explicit ContentModel(std::shared_ptr<const ProductTies> ties) : ties_(std::move(ties)) {}
  // Chooses the terms and how rare each is.
  void ChooseTerms(const std::vector<std::vector<std::pair<uint64_t, float>>>& all);
  Vector VectorOf(const std::vector<std::pair<uint64_t, float>>& terms) const;
  void BuildPostings(const std::vector<Vector>& vectors);
  struct VectorSearch {
    const ProductVectors* vectors = nullptr;         // Null: by terms alone.
    float share = 0;                                 // Of the blend.
    std::shared_ptr<const NearestNeighbours> index;  // Null: products are held against each other, or not.
  };
  struct Scratch {
    SparseAccumulator accumulator;
    std::vector<Neighbour> row;  // Grows to all that share a term; what is kept of it is a few.
    std::vector<Neighbour> near;
    std::vector<NearRow> found;
    std::vector<uint32_t> candidates;
  };
  // Makes scratch.row the `keep` strongest neighbours of `vector` without `self`, in no order.
  void FindSimilar(const Vector& vector, uint32_t self, size_t keep, Scratch& scratch) const;
  // Makes scratch.row, which holds the neighbours of `self` by terms, those by both; the accumulator has the
  // scores of all by terms.
  void BlendVectors(const VectorSearch& search, uint32_t self, Scratch& scratch) const;
  VectorSearch MakeSearch(const ProductVectors* vectors) const;
  // Makes scratch.near the candidates_max nearest of `self` by vector, those that there are.
  void FindNear(const VectorSearch& search, uint32_t self, Scratch& scratch) const;
  void BuildDictionary();

  std::shared_ptr<const ProductTies> ties_;
  ContentOptions options_;
  SparseRows rows_;
  std::vector<uint8_t> is_trained_;  // By product: it was in the catalogue at training.
  std::vector<uint64_t> term_hashes_;
  std::vector<float> rarities_;      // By term: ln(1 + N / df).
  std::vector<uint32_t> offsets_;    // Postings of term t: [offsets_[t], offsets_[t + 1]).
  std::vector<Neighbour> postings_;  // By product within a term.
  absl::flat_hash_map<uint64_t, uint32_t> term_by_hash_;  // Derived.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_CONTENT_H_
