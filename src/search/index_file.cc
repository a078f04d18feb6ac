#include "search/index_file.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "models/model_file.h"
#include "search/document_words.h"
#include "search/limits.h"

namespace attune::search {
namespace {

using models::SectionReader;
using models::SectionWriter;

constexpr std::string_view kIndexSection = "search_index";
constexpr std::string_view kWordsSection = "search_words";
constexpr std::string_view kValuesSection = "search_values";
constexpr std::string_view kDocumentsSection = "search_documents";
constexpr std::string_view kVocabularySection = "search_vocabulary";

void PutText(std::string_view text, SectionWriter& out) { out.PutArray(std::span(text.data(), text.size())); }

// Texts back to back, and where each ends.
class TextsWriter {
 public:
  void Add(std::string_view text) {
    bytes_ += text;
    ends_.push_back(bytes_.size());
  }
  void Put(SectionWriter& out) const {
    out.PutArray(ends_);
    PutText(bytes_, out);
  }

 private:
  std::string bytes_;
  std::vector<uint64_t> ends_;
};

std::vector<std::string_view> TakeTexts(SectionReader& in) {
  const auto ends = in.TakeArray<uint64_t>();
  const std::string_view bytes = in.TakeText();
  std::vector<std::string_view> texts;
  uint64_t begin = 0;
  for (const uint64_t end : ends) {
    if (end < begin || end > bytes.size()) {
      in.Require(false);
      return {};
    }
    texts.push_back(bytes.substr(begin, end - begin));
    begin = end;
  }
  in.Require(begin == bytes.size());
  return texts;
}

// Lists of numbers back to back.
template <class T>
class ListsWriter {
 public:
  void Add(T value) { values_.push_back(value); }
  void EndList() { ends_.push_back(values_.size()); }
  void Put(SectionWriter& out) const {
    out.PutArray(ends_);
    out.PutArray(values_);
  }

 private:
  std::vector<T> values_;
  std::vector<uint64_t> ends_;
};

template <class T>
struct Lists {
  std::vector<uint64_t> ends;
  std::vector<T> values;

  std::span<const T> Of(size_t list) const {
    const uint64_t begin = list == 0 ? 0 : ends[list - 1];
    return std::span(values).subspan(begin, ends[list] - begin);
  }
};

template <class T>
Lists<T> TakeLists(size_t count, SectionReader& in) {
  Lists<T> lists;
  lists.ends = in.TakeArray<uint64_t>();
  lists.values = in.TakeArray<T>();
  in.Require(lists.ends.size() == count && std::is_sorted(lists.ends.begin(), lists.ends.end()) &&
             (lists.ends.empty() ? 0 : lists.ends.back()) == lists.values.size());
  if (lists.ends.size() != count || (count > 0 && lists.ends.back() > lists.values.size()))
    lists.ends.assign(count, 0);
  return lists;
}

// Old numbers to new ones.
std::vector<uint32_t> NumbersOf(const std::vector<uint32_t>& order, uint32_t size) {
  std::vector<uint32_t> numbers(size, Lexicon::kNone);
  for (uint32_t i = 0; i < order.size(); ++i) numbers[order[i]] = i;
  return numbers;
}

std::vector<uint32_t> WordsInUse(const SearchIndex& index) {
  std::vector<uint32_t> words;
  for (uint32_t word = 0; word < index.words().size(); ++word) {
    const WordRecord& record = index.RecordOf(word);
    if (record.documents_with_word > 0 || record.documents_with_term > 0) words.push_back(word);
  }
  std::sort(words.begin(), words.end(), [&](uint32_t a, uint32_t b) {
    const WordRecord& of_a = index.RecordOf(a);
    const WordRecord& of_b = index.RecordOf(b);
    return std::tuple(of_b.documents_with_word, index.words().TextOf(a)) <
           std::tuple(of_a.documents_with_word, index.words().TextOf(b));
  });
  return words;
}

std::vector<IndexedDocument> LivingDocuments(const SearchIndex& index) {
  std::vector<IndexedDocument> documents;
  for (const SearchIndex::Part& part : index.parts()) {
    for (uint32_t document = 0; document < part.segment->document_count(); ++document) {
      if (part.Lives(document)) documents.push_back(part.segment->Read(document));
    }
  }
  std::sort(documents.begin(), documents.end(),
            [](const IndexedDocument& a, const IndexedDocument& b) { return a.product < b.product; });
  return documents;
}

std::string Renumbered(std::string_view words, const std::vector<uint32_t>& numbers) {
  PerField<std::vector<DocumentWord>> fields;
  PerField<uint32_t> position_before = {};
  ForEachDocumentWord(words, [&](SearchField of, uint32_t word, uint32_t position) {
    const auto field = static_cast<size_t>(of);
    const bool shares_position = !fields[field].empty() && position == position_before[field];
    position_before[field] = position;
    fields[field].push_back({numbers[word], shares_position});
    return true;
  });
  std::string out;
  for (size_t field = 0; field < kSearchFieldCount; ++field) {
    AppendDocumentField(static_cast<SearchField>(field), fields[field], out);
  }
  return out;
}

void PutDocuments(const std::vector<IndexedDocument>& documents, const std::vector<uint32_t>& word_numbers,
                  const std::vector<uint32_t>& value_numbers, SectionWriter& out) {
  std::vector<uint32_t> products;
  std::vector<uint64_t> ties;
  std::vector<uint16_t> lengths;
  TextsWriter words;
  ListsWriter<uint64_t> names;
  ListsWriter<uint16_t> value_fields;
  ListsWriter<uint32_t> values;
  ListsWriter<uint16_t> number_fields;
  ListsWriter<double> numbers;
  for (const IndexedDocument& document : documents) {
    products.push_back(document.product.value());
    ties.push_back(document.tie);
    lengths.insert(lengths.end(), document.lengths.begin(), document.lengths.end());
    words.Add(Renumbered(document.words, word_numbers));
    for (const uint64_t name : document.names) names.Add(name);
    auto renumbered = document.values;
    for (auto& [field, value] : renumbered) value = value_numbers[value];
    std::sort(renumbered.begin(), renumbered.end());
    for (const auto& [field, value] : renumbered) {
      value_fields.Add(field);
      values.Add(value);
    }
    for (const auto& [field, number] : document.numbers) {
      number_fields.Add(field);
      numbers.Add(number);
    }
    names.EndList();
    value_fields.EndList();
    values.EndList();
    number_fields.EndList();
    numbers.EndList();
  }
  out.PutArray(products);
  out.PutArray(ties);
  out.PutArray(lengths);
  words.Put(out);
  names.Put(out);
  value_fields.Put(out);
  values.Put(out);
  number_fields.Put(out);
  numbers.Put(out);
}

void PutVocabulary(const LearnedVocabulary& vocabulary, SectionWriter& out) {
  TextsWriter texts;
  std::vector<uint32_t> products;
  for (const LearnedVocabulary::Word& word : vocabulary.words()) {
    texts.Add(word.text);
    products.push_back(word.products);
  }
  out.PutU64(vocabulary.learned_from().value());
  out.PutU32(vocabulary.product_count());
  texts.Put(out);
  out.PutArray(products);
}

template <class T>
bool IsAscending(const T& values) {
  for (size_t i = 1; i < values.size(); ++i) {
    if (!(values[i - 1] < values[i])) return false;
  }
  return true;
}

Result<std::shared_ptr<const LearnedVocabulary>> TakeVocabulary(const models::ModelFile& file) {
  if (!file.HasSection(kVocabularySection)) return std::shared_ptr<const LearnedVocabulary>();
  ASSIGN_OR_RETURN(SectionReader in, file.Section(kVocabularySection));
  const Sequence learned_from(in.TakeU64());
  const uint32_t product_count = in.TakeU32();
  const auto texts = TakeTexts(in);
  const auto products = in.TakeArray<uint32_t>();
  in.Require(texts.size() == products.size() && IsAscending(texts));
  RETURN_IF_ERROR(in.Finish());
  std::vector<LearnedVocabulary::Word> words;
  for (size_t i = 0; i < texts.size(); ++i) words.push_back({std::string(texts[i]), products[i]});
  return std::make_shared<const LearnedVocabulary>(learned_from, product_count, std::move(words));
}

}  // namespace

// A SearchIndex of the sections of a file, in this order: each checks itself by the ones before.
class IndexLoading {
 public:
  IndexLoading() : index_(new SearchIndex()) {}

  // The field names are those that SaveIndex wrote.
  void TakeFacetFields(SectionReader& in) {
    std::vector<std::string> names;
    for (const std::string_view name : TakeTexts(in)) names.emplace_back(name);
    in.Require(names.size() <= kFacetFieldsMax);
    index_->facet_fields_ = std::make_shared<const std::vector<std::string>>(std::move(names));
  }

  void TakeWords(SectionReader& in) {
    const auto texts = TakeTexts(in);
    const auto spelled = in.TakeArray<uint8_t>();
    terms_ = in.TakeArray<uint32_t>();
    in.Require(texts.size() == spelled.size() && texts.size() == terms_.size() && texts.size() < kWordsMax);
    if (texts.size() != spelled.size() || texts.size() != terms_.size()) terms_.clear();
    for (const uint32_t term : terms_) in.Require(term == Lexicon::kNone || term < terms_.size());
    LexiconAppender add(index_->words_);
    for (size_t i = 0; i < terms_.size(); ++i) add.IdOf(texts[i], spelled[i] != 0);
    in.Require(add.size() == texts.size());  // Two are the same otherwise.
    index_->words_ = add.Finish();
  }

  void TakeValues(SectionReader& in) {
    const auto texts = TakeTexts(in);
    LexiconAppender add(index_->values_);
    for (const std::string_view text : texts) {
      in.Require(!text.empty());
      add.IdOf(text, false);
    }
    in.Require(add.size() == texts.size());
    index_->values_ = add.Finish();
  }

  void TakeDocuments(SectionReader& in) {
    const auto products = in.TakeArray<uint32_t>();
    const size_t count = products.size();
    const auto ties = in.TakeArray<uint64_t>();
    const auto lengths = in.TakeArray<uint16_t>();
    const auto words = TakeTexts(in);
    const auto names = TakeLists<uint64_t>(count, in);
    const auto value_fields = TakeLists<uint16_t>(count, in);
    const auto values = TakeLists<uint32_t>(count, in);
    const auto number_fields = TakeLists<uint16_t>(count, in);
    const auto numbers = TakeLists<double>(count, in);
    const bool is_sound = ties.size() == count && lengths.size() == count * kSearchFieldCount &&
                          words.size() == count && IsAscending(products) &&
                          value_fields.ends == values.ends && number_fields.ends == numbers.ends;
    in.Require(is_sound);
    if (!is_sound) return;
    for (size_t i = 0; i < count; ++i) {
      IndexedDocument& document = documents_.emplace_back();
      document.product = ProductIndex(products[i]);
      document.tie = ties[i];
      document.words = words[i];
      std::copy_n(lengths.begin() + static_cast<ptrdiff_t>(i * kSearchFieldCount), kSearchFieldCount,
                  document.lengths.begin());
      document.names.assign(names.Of(i).begin(), names.Of(i).end());
      for (size_t v = 0; v < values.Of(i).size(); ++v) {
        document.values.emplace_back(value_fields.Of(i)[v], values.Of(i)[v]);
      }
      for (size_t v = 0; v < numbers.Of(i).size(); ++v) {
        document.numbers.emplace_back(number_fields.Of(i)[v], numbers.Of(i)[v]);
      }
      in.Require(IsSound(document));
    }
  }

  // REQUIRES: all sections were sound.
  std::shared_ptr<const SearchIndex> Finish() {
    CountWords();
    if (!documents_.empty()) {
      const auto count = static_cast<uint32_t>(documents_.size());
      index_->parts_.push_back(
          {Segment::Build(
               documents_, [&](uint32_t word) { return terms_[word]; }, index_->facet_fields_->size()),
           nullptr, count});
    }
    return index_;
  }

 private:
  bool IsSound(const IndexedDocument& document) const {
    const size_t fields = index_->facet_fields_->size();
    for (const auto& [field, value] : document.values) {
      if (field >= fields || value >= index_->values_.size()) return false;
    }
    for (const auto& [field, number] : document.numbers) {
      if (field >= fields || std::isnan(number)) return false;
    }
    for (const uint16_t length : document.lengths) {
      if (length > kFieldWordsMax) return false;
    }
    if (!AreSoundDocumentWords(document.words, index_->words_.size())) return false;
    bool are_words = true;
    ForEachDocumentWord(document.words, [&](SearchField, uint32_t word, uint32_t) {
      return are_words = terms_[word] != Lexicon::kNone;
    });
    return are_words && IsAscending(document.names) && IsAscending(document.values) &&
           IsAscending(document.numbers);
  }

  void CountWords() {
    ChunkedArray<WordRecord>::Editor edit(index_->records_);
    edit.Resize(index_->words_.size());
    for (uint32_t word = 0; word < terms_.size(); ++word) edit.At(word).term = terms_[word];
    std::vector<uint32_t> held;
    const auto keep_each_once = [&] {
      std::sort(held.begin(), held.end());
      held.erase(std::unique(held.begin(), held.end()), held.end());
    };
    for (const IndexedDocument& document : documents_) {
      held.clear();
      ForEachDocumentWord(document.words, [&](SearchField, uint32_t word, uint32_t) {
        held.push_back(word);
        return true;
      });
      keep_each_once();
      for (const uint32_t word : held) ++edit.At(word).documents_with_word;
      for (uint32_t& word : held) word = terms_[word];
      keep_each_once();
      for (const uint32_t term : held) ++edit.At(term).documents_with_term;
      for (size_t field = 0; field < kSearchFieldCount; ++field) {
        index_->total_lengths_[field] += document.lengths[field];
      }
    }
    index_->document_count_ = static_cast<uint32_t>(documents_.size());
  }

  const std::shared_ptr<SearchIndex> index_;
  std::vector<uint32_t> terms_;
  std::vector<IndexedDocument> documents_;
};

std::string SaveIndex(const SearchIndex& index, const IndexFileHeader& header) {
  models::ModelFileWriter file(
      {.generation = Generation(), .watermark = header.sequence, .trained_at_ms = 0});
  SectionWriter& settings = file.Section(kIndexSection);
  PutText(header.made_by, settings);
  TextsWriter fields;
  for (const std::string& field : index.facet_fields()) fields.Add(field);
  fields.Put(settings);

  const std::vector<uint32_t> words = WordsInUse(index);
  const std::vector<uint32_t> word_numbers = NumbersOf(words, index.words().size());
  TextsWriter texts;
  std::vector<uint8_t> spelled;
  std::vector<uint32_t> terms;
  for (const uint32_t word : words) {
    texts.Add(index.words().TextOf(word));
    spelled.push_back(index.words().IsSpelled(word) ? 1 : 0);
    const WordRecord& record = index.RecordOf(word);
    terms.push_back(record.documents_with_word > 0 ? word_numbers[record.term] : Lexicon::kNone);
  }
  SectionWriter& words_out = file.Section(kWordsSection);
  texts.Put(words_out);
  words_out.PutArray(spelled);
  words_out.PutArray(terms);

  const std::vector<IndexedDocument> documents = LivingDocuments(index);
  std::vector<uint32_t> values;
  for (const IndexedDocument& document : documents) {
    for (const auto& [field, value] : document.values) values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  std::sort(values.begin(), values.end(),
            [&](uint32_t a, uint32_t b) { return index.values().TextOf(a) < index.values().TextOf(b); });
  TextsWriter value_texts;
  for (const uint32_t value : values) value_texts.Add(index.values().TextOf(value));
  value_texts.Put(file.Section(kValuesSection));

  PutDocuments(documents, word_numbers, NumbersOf(values, index.values().size()),
               file.Section(kDocumentsSection));
  if (header.vocabulary != nullptr) PutVocabulary(*header.vocabulary, file.Section(kVocabularySection));
  return file.Finish();
}

Result<LoadedIndex> LoadIndex(std::string bytes, std::string_view made_by) {
  ASSIGN_OR_RETURN(const models::ModelFile file, models::ModelFile::Parse(std::move(bytes)));
  IndexLoading loading;
  ASSIGN_OR_RETURN(SectionReader settings, file.Section(kIndexSection));
  const bool is_ours = settings.TakeText() == made_by;
  loading.TakeFacetFields(settings);
  RETURN_IF_ERROR(settings.Finish());
  if (!is_ours) return Conflict("search index was made with other settings");
  ASSIGN_OR_RETURN(SectionReader words, file.Section(kWordsSection));
  loading.TakeWords(words);
  RETURN_IF_ERROR(words.Finish());
  ASSIGN_OR_RETURN(SectionReader values, file.Section(kValuesSection));
  loading.TakeValues(values);
  RETURN_IF_ERROR(values.Finish());
  ASSIGN_OR_RETURN(SectionReader documents, file.Section(kDocumentsSection));
  loading.TakeDocuments(documents);
  RETURN_IF_ERROR(documents.Finish());
  ASSIGN_OR_RETURN(auto vocabulary, TakeVocabulary(file));
  return LoadedIndex{loading.Finish(), file.header().watermark, std::move(vocabulary)};
}

}  // namespace attune::search
