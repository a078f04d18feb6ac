// A set of the documents of one segment: a bit each.
//
// Thread safety: as a standard container.

#ifndef ATTUNE_SEARCH_DOCUMENT_SET_H_
#define ATTUNE_SEARCH_DOCUMENT_SET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace attune::search {

class DocumentSet {
 public:
  static constexpr uint32_t kWordBits = 64;

  DocumentSet() = default;
  explicit DocumentSet(uint32_t size, bool has_all = false)
      : words_((size + kWordBits - 1) / kWordBits, has_all ? ~uint64_t{0} : 0) {
    if (has_all && size % kWordBits != 0) words_.back() >>= kWordBits - size % kWordBits;
  }

  bool Has(uint32_t document) const {
    return (words_[document / kWordBits] >> (document % kWordBits) & 1) != 0;
  }
  void Add(uint32_t document) { words_[document / kWordBits] |= uint64_t{1} << (document % kWordBits); }
  void Remove(uint32_t document) { words_[document / kWordBits] &= ~(uint64_t{1} << (document % kWordBits)); }

  uint32_t Count() const {
    uint32_t count = 0;
    for (const uint64_t word : words_) count += static_cast<uint32_t>(__builtin_popcountll(word));
    return count;
  }

  // Ascending.
  template <class Visit>
  void ForEach(const Visit& visit) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t rest = words_[i]; rest != 0; rest &= rest - 1) {
        visit(static_cast<uint32_t>(i * kWordBits) + static_cast<uint32_t>(__builtin_ctzll(rest)));
      }
    }
  }

 private:
  std::vector<uint64_t> words_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_DOCUMENT_SET_H_
