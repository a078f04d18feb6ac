#include "search/search_index.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/hash.h"
#include "base/status.h"
#include "search/document_words.h"
#include "search/limits.h"

namespace attune::search {
namespace {

using Part = SearchIndex::Part;
using Records = ChunkedArray<WordRecord>;

// Values of different fields are different texts.
std::string ValueKey(uint16_t field, std::string_view value) {
  std::string key(1, static_cast<char>(field));
  key += value;
  return key;
}

template <class T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

std::shared_ptr<const Segment> MergeParts(const std::vector<Part>& parts, const Records& records,
                                          size_t facet_fields) {
  std::vector<IndexedDocument> documents;
  for (const Part& part : parts) {
    for (uint32_t document = 0; document < part.segment->document_count(); ++document) {
      if (part.Lives(document)) documents.push_back(part.segment->Read(document));
    }
  }
  std::sort(documents.begin(), documents.end(),
            [](const IndexedDocument& a, const IndexedDocument& b) { return a.product < b.product; });
  return Segment::Build(documents, [&](uint32_t word) { return records[word].term; }, facet_fields);
}

void DropDeadParts(std::vector<Part>& parts) {
  std::erase_if(parts, [](const Part& part) { return part.live_count == 0; });
}

}  // namespace

// One With(): the next picture while it is made.
class IndexWriting {
 public:
  explicit IndexWriting(const SearchIndex& before)
      : next_(new SearchIndex(before)),
        words_(before.words_),
        values_(before.values_),
        edit_(next_->records_) {}

  void Remove(ProductIndex product) {
    for (size_t p = 0; p < next_->parts_.size(); ++p) {
      const Part& part = next_->parts_[p];
      const auto document = part.segment->Find(product);
      if (!document || !part.Lives(*document)) continue;
      Count(part.segment->WordsOf(*document), part.segment->LengthsOf(*document), false);
      dead_.emplace_back(p, *document);
      return;
    }
  }

  void Add(const Document& document) {
    IndexedDocument& added = added_.emplace_back();
    added.product = document.product;
    added.tie = StableHash64(document.product_id);
    for (size_t field = 0; field < kSearchFieldCount; ++field) {
      added.lengths[field] = AddWords(static_cast<SearchField>(field), document.fields[field], added.words);
    }
    added.names = document.names;
    SortUnique(added.names);
    for (const auto& [field, value] : document.values) {
      added.values.emplace_back(field, values_.IdOf(ValueKey(field, value), false));
    }
    SortUnique(added.values);
    added.numbers = document.numbers;
    SortUnique(added.numbers);
    Count(added.words, added.lengths, true);
  }

  std::shared_ptr<const SearchIndex> Finish() {
    KillTheDead();
    next_->words_ = words_.Finish();
    next_->values_ = values_.Finish();
    if (!added_.empty()) {
      const auto count = static_cast<uint32_t>(added_.size());
      next_->parts_.push_back({Segment::Build(
                                   added_, [&](uint32_t word) { return next_->records_[word].term; },
                                   next_->facet_fields_->size()),
                               nullptr, count});
    }
    DropDeadParts(next_->parts_);
    MergeSmallParts();
    return next_;
  }

 private:
  uint32_t WordOf(const text::Token& token) {
    const bool is_spelled = token.kind == text::WordKind::kWord;
    const uint32_t word = words_.IdOf(token.surface, is_spelled);
    const Records& records = next_->records_;
    // What was so far only a term of others may have another term itself: stems are no words.
    if (word < records.size() && records[word].term != Lexicon::kNone) return word;
    const uint32_t term = words_.IdOf(token.term, is_spelled);
    edit_.Resize(words_.size());
    edit_.At(word).term = term;
    return word;
  }

  uint16_t AddWords(SearchField field, const std::vector<text::Token>& tokens, std::string& out) {
    std::vector<DocumentWord> kept;
    uint16_t length = 0;
    uint32_t position_before = 0;
    for (const text::Token& token : tokens) {
      if (token.surface.size() > kWordBytesMax || token.term.size() > kWordBytesMax) continue;
      if (kept.size() >= kFieldWordsMax) break;
      const bool shares_position = !kept.empty() && token.position == position_before;
      position_before = token.position;
      if (!shares_position) ++length;
      kept.push_back({WordOf(token), shares_position});
    }
    AppendDocumentField(field, kept, out);
    return length;
  }

  // Moves the statistics by one document that comes or goes.
  void Count(std::string_view words, const PerField<uint16_t>& lengths, bool comes) {
    std::vector<uint32_t> held;
    ForEachDocumentWord(words, [&](SearchField, uint32_t word, uint32_t) {
      held.push_back(word);
      return true;
    });
    SortUnique(held);
    const uint32_t step = comes ? 1 : ~uint32_t{0};  // Unsigned: adds 1, or takes 1 away.
    for (const uint32_t word : held) edit_.At(word).documents_with_word += step;
    for (uint32_t& word : held) word = next_->records_[word].term;
    SortUnique(held);
    for (const uint32_t term : held) edit_.At(term).documents_with_term += step;
    for (size_t field = 0; field < kSearchFieldCount; ++field) {
      next_->total_lengths_[field] += comes ? uint64_t{lengths[field]} : ~uint64_t{lengths[field]} + 1;
    }
    next_->document_count_ += step;
  }

  void KillTheDead() {
    std::sort(dead_.begin(), dead_.end());
    for (size_t i = 0; i < dead_.size();) {
      Part& part = next_->parts_[dead_[i].first];
      auto live = part.live == nullptr ? std::make_shared<DocumentSet>(part.segment->document_count(), true)
                                       : std::make_shared<DocumentSet>(*part.live);
      const size_t p = dead_[i].first;
      for (; i < dead_.size() && dead_[i].first == p; ++i) {
        live->Remove(dead_[i].second);
        --part.live_count;
      }
      part.live = std::move(live);
    }
  }

  void MergeSmallParts() {
    auto& parts = next_->parts_;
    std::sort(parts.begin(), parts.end(),
              [](const Part& a, const Part& b) { return a.live_count > b.live_count; });
    size_t from = parts.size();
    uint32_t products = 0;
    while (from > 0 && products + parts[from - 1].live_count <= kInlineMergeProducts) {
      products += parts[--from].live_count;
    }
    if (parts.size() - from < kSegmentsPerTier) return;
    const std::vector<Part> small(parts.begin() + static_cast<ptrdiff_t>(from), parts.end());
    parts.resize(from);
    parts.push_back({MergeParts(small, next_->records_, next_->facet_fields_->size()), nullptr, products});
  }

  const std::shared_ptr<SearchIndex> next_;
  LexiconAppender words_;
  LexiconAppender values_;
  Records::Editor edit_;
  std::vector<IndexedDocument> added_;
  std::vector<std::pair<size_t, uint32_t>> dead_;  // Part and document.
};

std::shared_ptr<const SearchIndex> SearchIndex::Empty(std::vector<std::string> facet_fields) {
  CHECK(facet_fields.size() <= kFacetFieldsMax);
  std::shared_ptr<SearchIndex> index(new SearchIndex());
  index->facet_fields_ = std::make_shared<const std::vector<std::string>>(std::move(facet_fields));
  return index;
}

std::shared_ptr<const SearchIndex> SearchIndex::With(const std::vector<DocumentChange>& changes) const {
  std::map<ProductIndex, const DocumentChange*> last;
  for (const DocumentChange& change : changes) last[change.product] = &change;
  IndexWriting writing(*this);
  for (const auto& [product, change] : last) {
    writing.Remove(product);
    if (change->document) writing.Add(*change->document);
  }
  return writing.Finish();
}

std::optional<SearchIndex::MergePlan> SearchIndex::PickMerge(std::shared_ptr<const SearchIndex> index) {
  CHECK(index != nullptr);
  MergePlan plan;
  std::map<int, std::vector<Part>> tiers;
  for (const Part& part : index->parts_) {
    int tier = 0;
    for (uint32_t size = part.live_count; size >= kSegmentsPerTier; size /= kSegmentsPerTier) ++tier;
    tiers[tier].push_back(part);
    // Half of it is dead: a merge with itself.
    if (plan.parts.empty() && part.live_count < part.segment->document_count() / 2) plan.parts = {part};
  }
  for (auto& [tier, parts] : tiers) {
    if (parts.size() < kSegmentsPerTier) continue;
    plan.parts = std::move(parts);
    break;
  }
  plan.merges_words = index->words_.WorthMergingFrom(kWordsMax) < index->words_.block_count();
  plan.merges_values = index->values_.WorthMergingFrom(kWordsMax) < index->values_.block_count();
  if (plan.parts.empty() && !plan.merges_words && !plan.merges_values) return std::nullopt;
  plan.index = std::move(index);
  return plan;
}

SearchIndex::MergePlan SearchIndex::MergeAll(std::shared_ptr<const SearchIndex> index) {
  CHECK(index != nullptr);
  MergePlan plan;
  plan.parts = index->parts_;
  plan.merges_words = index->words_.block_count() > 1;
  plan.merges_values = index->values_.block_count() > 1;
  plan.index = std::move(index);
  return plan;
}

SearchIndex::Merged SearchIndex::Merge(const MergePlan& plan) {
  const SearchIndex& index = *plan.index;
  Merged merged;
  if (!plan.parts.empty())
    merged.segment = MergeParts(plan.parts, index.records_, index.facet_fields_->size());
  const auto merge = [](const Lexicon& lexicon) {
    const size_t from = lexicon.WorthMergingFrom(kWordsMax);
    return lexicon.WithMergedBlocks(from < lexicon.block_count() ? from : 0);
  };
  if (plan.merges_words) merged.words = merge(index.words_);
  if (plan.merges_values) merged.values = merge(index.values_);
  return merged;
}

std::shared_ptr<const SearchIndex> SearchIndex::WithMerged(const MergePlan& plan,
                                                           const Merged& merged) const {
  std::shared_ptr<SearchIndex> next(new SearchIndex(*this));
  if (merged.words) next->words_ = words_.WithMerged(*merged.words);
  if (merged.values) next->values_ = values_.WithMerged(*merged.values);
  if (merged.segment == nullptr) return next;
  Part part = {merged.segment, nullptr, 0};
  auto live = std::make_shared<DocumentSet>(merged.segment->document_count());
  for (const Part& source : plan.parts) {
    // What left the source since, or moved on to another segment, is dead in the merged one, too.
    const auto now = std::find_if(next->parts_.begin(), next->parts_.end(),
                                  [&](const Part& other) { return other.segment == source.segment; });
    if (now == next->parts_.end()) continue;
    for (uint32_t document = 0; document < source.segment->document_count(); ++document) {
      if (!now->Lives(document)) continue;
      live->Add(*merged.segment->Find(source.segment->ProductOf(document)));
      ++part.live_count;
    }
    next->parts_.erase(now);
  }
  if (part.live_count < merged.segment->document_count()) part.live = std::move(live);
  if (part.live_count > 0) next->parts_.push_back(std::move(part));
  return next;
}

double SearchIndex::MeanLengthOf(SearchField field) const {
  if (document_count_ == 0) return 0;
  return static_cast<double>(total_lengths_[static_cast<size_t>(field)]) / document_count_;
}

std::optional<SearchIndex::Place> SearchIndex::PlaceOf(ProductIndex product) const {
  for (uint32_t p = 0; p < parts_.size(); ++p) {
    const auto document = parts_[p].segment->Find(product);
    if (document && parts_[p].Lives(*document)) return Place{p, *document};
  }
  return std::nullopt;
}

std::optional<IndexedDocument> SearchIndex::Find(ProductIndex product) const {
  const std::optional<Place> place = PlaceOf(product);
  if (!place) return std::nullopt;
  return parts_[place->part].segment->Read(place->document);
}

SearchIndex::Memory SearchIndex::memory() const {
  Memory memory;
  for (const Part& part : parts_) memory.segments += part.segment->memory_bytes();
  memory.words = words_.memory_bytes() + records_.memory_bytes();
  memory.values = values_.memory_bytes();
  return memory;
}

}  // namespace attune::search
