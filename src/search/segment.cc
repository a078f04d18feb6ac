#include "search/segment.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "search/document_words.h"

namespace attune::search {
namespace {

constexpr uint32_t kCountMax = std::numeric_limits<uint8_t>::max();

// The terms of one document, ascending, with their counts: reused from document to document.
class DocumentTerms {
 public:
  struct Entry {
    uint32_t term = 0;
    uint8_t fields = 0;
    PerField<uint8_t> counts = {};
  };

  const std::vector<Entry>& Of(std::string_view words, const Segment::TermOf& term_of) {
    places_.clear();
    ForEachDocumentWord(words, [&](SearchField field, uint32_t word, uint32_t) {
      places_.emplace_back(term_of(word), static_cast<uint8_t>(field));
      return true;
    });
    std::sort(places_.begin(), places_.end());
    entries_.clear();
    for (const auto& [term, field] : places_) {
      if (entries_.empty() || entries_.back().term != term) entries_.push_back({term, 0, {}});
      Entry& entry = entries_.back();
      entry.fields |= static_cast<uint8_t>(1u << field);
      if (entry.counts[field] < kCountMax) ++entry.counts[field];
    }
    return entries_;
  }

 private:
  std::vector<std::pair<uint32_t, uint8_t>> places_;
  std::vector<Entry> entries_;
};

bool IsAllOnce(const DocumentTerms::Entry& entry) {
  for (size_t field = 0; field < kSearchFieldCount; ++field) {
    if (entry.counts[field] > 1) return false;
  }
  return true;
}

}  // namespace

// Postings from documents in two passes: how many bytes each term takes, then the bytes, each at its place.
class Segment::Inverter {
 public:
  explicit Inverter(Segment& segment) : segment_(segment) {}

  void Run(const TermOf& term_of) {
    for (uint32_t document = 0; document < segment_.document_count(); ++document) {
      for (const DocumentTerms::Entry& entry : terms_.Of(segment_.WordsOf(document), term_of)) {
        const auto [place, is_new] = places_.try_emplace(entry.term, static_cast<uint32_t>(lists_.size()));
        if (is_new) lists_.emplace_back();
        List& list = lists_[place->second];
        list.bytes += SizeOf(document - list.last, entry);
        list.last = document;
        ++list.count;
      }
    }
    LayOut();
    for (uint32_t document = 0; document < segment_.document_count(); ++document) {
      for (const DocumentTerms::Entry& entry : terms_.Of(segment_.WordsOf(document), term_of)) {
        Write(document, entry, lists_[places_.at(entry.term)]);
      }
    }
  }

 private:
  struct List {
    uint32_t count = 0;
    uint32_t bytes = 0;
    uint32_t last = 0;
    char* at = nullptr;
  };

  static uint32_t SizeOf(uint32_t step, const DocumentTerms::Entry& entry) {
    const auto counts = IsAllOnce(entry) ? 0 : static_cast<uint32_t>(__builtin_popcount(entry.fields));
    return VarintSize(step) + 1 + counts;
  }

  void LayOut() {
    segment_.terms_.reserve(places_.size());
    for (const auto& [term, place] : places_) segment_.terms_.push_back(term);
    std::sort(segment_.terms_.begin(), segment_.terms_.end());
    uint64_t size = 0;
    for (const List& list : lists_) size += list.bytes;
    CHECK(size <= std::numeric_limits<uint32_t>::max());
    segment_.postings_.resize(size);
    segment_.posting_starts_.push_back(0);
    for (const uint32_t term : segment_.terms_) {
      List& list = lists_[places_.at(term)];
      list.at = segment_.postings_.data() + segment_.posting_starts_.back();
      list.last = 0;
      segment_.term_counts_.push_back(list.count);
      segment_.posting_starts_.push_back(segment_.posting_starts_.back() + list.bytes);
    }
  }

  void Write(uint32_t document, const DocumentTerms::Entry& entry, List& list) {
    bytes_.clear();
    AppendVarint(document - list.last, bytes_);
    list.last = document;
    const bool is_all_once = IsAllOnce(entry);
    bytes_ += static_cast<char>(entry.fields | (is_all_once ? PostingReader::kAllOnce : 0));
    for (uint32_t rest = is_all_once ? 0 : entry.fields; rest != 0; rest &= rest - 1) {
      bytes_ += static_cast<char>(entry.counts[static_cast<size_t>(__builtin_ctz(rest))]);
    }
    list.at = std::copy(bytes_.begin(), bytes_.end(), list.at);
  }

  Segment& segment_;
  DocumentTerms terms_;
  absl::flat_hash_map<uint32_t, uint32_t> places_;
  std::vector<List> lists_;
  std::string bytes_;
};

std::shared_ptr<const Segment> Segment::Build(const std::vector<IndexedDocument>& documents,
                                              const TermOf& term_of, size_t facet_fields) {
  std::shared_ptr<Segment> segment(new Segment());
  segment->TakeDocuments(documents, facet_fields);
  Inverter(*segment).Run(term_of);
  return segment;
}

void Segment::TakeDocuments(const std::vector<IndexedDocument>& documents, size_t facet_fields) {
  size_t word_bytes = 0;
  size_t name_count = 0;
  for (const IndexedDocument& document : documents) {
    word_bytes += document.words.size();
    name_count += document.names.size();
  }
  CHECK(word_bytes <= std::numeric_limits<uint32_t>::max());
  words_.reserve(word_bytes);
  names_.reserve(name_count);
  word_starts_.push_back(0);
  name_starts_.push_back(0);
  for (const IndexedDocument& document : documents) {
    CHECK(products_.empty() || products_.back() < document.product);
    products_.push_back(document.product);
    ties_.push_back(document.tie);
    lengths_.push_back(document.lengths);
    words_ += document.words;
    word_starts_.push_back(static_cast<uint32_t>(words_.size()));
    names_.insert(names_.end(), document.names.begin(), document.names.end());
    name_starts_.push_back(static_cast<uint32_t>(names_.size()));
  }
  by_name_.resize(names_.size());
  std::iota(by_name_.begin(), by_name_.end(), 0u);
  std::sort(by_name_.begin(), by_name_.end(),
            [&](uint32_t a, uint32_t b) { return std::pair(names_[a], a) < std::pair(names_[b], b); });
  TakeFacets(documents, facet_fields);
}

void Segment::TakeFacets(const std::vector<IndexedDocument>& documents, size_t facet_fields) {
  std::vector<std::vector<std::vector<uint32_t>>> values(facet_fields);
  std::vector<std::vector<std::vector<double>>> numbers(facet_fields);
  for (size_t field = 0; field < facet_fields; ++field) {
    values[field].resize(documents.size());
    numbers[field].resize(documents.size());
  }
  for (size_t i = 0; i < documents.size(); ++i) {
    for (const auto& [field, value] : documents[i].values) values[field][i].push_back(value);
    for (const auto& [field, number] : documents[i].numbers) numbers[field][i].push_back(number);
  }
  for (size_t field = 0; field < facet_fields; ++field) {
    values_.emplace_back(values[field]);
    numbers_.emplace_back(numbers[field]);
  }
}

std::optional<uint32_t> Segment::Find(ProductIndex product) const {
  const auto place = std::lower_bound(products_.begin(), products_.end(), product);
  if (place == products_.end() || *place != product) return std::nullopt;
  return static_cast<uint32_t>(place - products_.begin());
}

std::pair<uint32_t, PostingReader> Segment::PostingsOf(uint32_t term) const {
  const auto found = std::lower_bound(terms_.begin(), terms_.end(), term);
  if (found == terms_.end() || *found != term) return {};
  const auto place = static_cast<size_t>(found - terms_.begin());
  const uint32_t count = term_counts_[place];
  return {count, PostingReader(Slice(postings_, posting_starts_, place), count)};
}

void Segment::ForEachNamed(uint64_t name, const std::function<void(uint32_t document)>& visit) const {
  auto place = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                [&](uint32_t at, uint64_t value) { return names_[at] < value; });
  for (; place != by_name_.end() && names_[*place] == name; ++place) {
    const auto after = std::upper_bound(name_starts_.begin(), name_starts_.end(), *place);
    visit(static_cast<uint32_t>(after - name_starts_.begin()) - 1);
  }
}

IndexedDocument Segment::Read(uint32_t document) const {
  IndexedDocument read;
  read.product = products_[document];
  read.tie = ties_[document];
  read.words = WordsOf(document);
  read.lengths = lengths_[document];
  read.names.assign(names_.begin() + name_starts_[document], names_.begin() + name_starts_[document + 1]);
  for (size_t field = 0; field < values_.size(); ++field) {
    const auto number = static_cast<uint16_t>(field);
    for (const uint32_t value : ValuesOf(field, document)) read.values.emplace_back(number, value);
    for (const double value : NumbersOf(field, document)) read.numbers.emplace_back(number, value);
  }
  return read;
}

size_t Segment::memory_bytes() const {
  size_t bytes = products_.capacity() * sizeof(ProductIndex) + ties_.capacity() * sizeof(uint64_t) +
                 lengths_.capacity() * sizeof(lengths_[0]) + words_.capacity() + postings_.capacity() +
                 names_.capacity() * sizeof(uint64_t);
  for (const auto* numbers :
       {&word_starts_, &terms_, &term_counts_, &posting_starts_, &name_starts_, &by_name_}) {
    bytes += numbers->capacity() * sizeof(uint32_t);
  }
  for (const auto& column : values_) bytes += column.memory_bytes();
  for (const auto& column : numbers_) bytes += column.memory_bytes();
  return bytes;
}

}  // namespace attune::search
