// A long array of which each version shares what it did not change with the version before.
//
//   ChunkedArray<Count> next = before;              the chunks are shared
//   ChunkedArray<Count>::Editor edit(next);         copies a chunk when it is first written to
//   edit.Resize(n);  ++edit.At(i).documents;
//
// Copying costs a pointer per chunk of 256; what an edit touches costs a chunk.  `before` never changes.
//
// Thread safety: immutable but for an Editor, which belongs to one thread; while it lives, its array is its
// own.

#ifndef ATTUNE_SEARCH_CHUNKED_ARRAY_H_
#define ATTUNE_SEARCH_CHUNKED_ARRAY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace attune::search {

template <class T>
class ChunkedArray {
 public:
  static constexpr uint32_t kChunkSize = 256;
  using Chunk = std::array<T, kChunkSize>;

  uint32_t size() const { return size_; }
  // REQUIRES: i < size().
  const T& operator[](uint32_t i) const { return (*chunks_[i / kChunkSize])[i % kChunkSize]; }

  size_t memory_bytes() const { return chunks_.size() * (sizeof(Chunk) + sizeof(chunks_[0])); }

  class Editor {
   public:
    explicit Editor(ChunkedArray& array) : array_(array), is_own_(array.chunks_.size(), false) {}

    // New places hold T().  REQUIRES: size is not smaller than before.
    void Resize(uint32_t size) {
      const size_t chunk_count = (size + kChunkSize - 1) / kChunkSize;
      while (array_.chunks_.size() < chunk_count) {
        array_.chunks_.push_back(std::make_shared<Chunk>());
        is_own_.push_back(true);
      }
      array_.size_ = size;
    }

    // REQUIRES: i < size().
    T& At(uint32_t i) {
      std::shared_ptr<Chunk>& chunk = array_.chunks_[i / kChunkSize];
      if (!is_own_[i / kChunkSize]) {
        chunk = std::make_shared<Chunk>(*chunk);
        is_own_[i / kChunkSize] = true;
      }
      return (*chunk)[i % kChunkSize];
    }

   private:
    ChunkedArray& array_;
    std::vector<bool> is_own_;
  };

 private:
  std::vector<std::shared_ptr<Chunk>> chunks_;
  uint32_t size_ = 0;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_CHUNKED_ARRAY_H_
