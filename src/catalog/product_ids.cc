#include "catalog/product_ids.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/mutex.h"
#include "base/status.h"
#include "catalog/limits.h"

namespace attune::catalog {
namespace {

constexpr size_t kShardCount = 16;
constexpr uint32_t kChunkEntries = 1024;
constexpr uint32_t kChunkCount = kProductIndicesMax / kChunkEntries;
constexpr size_t kBlockBytesMin = 4096;
constexpr size_t kBlockBytesMax = 256 * 1024;

// `text` is published last, so that a reader who sees it sees the size too.
struct Entry {
  std::atomic<const char*> text{nullptr};
  uint32_t size = 0;
  std::atomic<bool> has_product{false};

  std::string_view name() const {
    const char* const begin = text.load(std::memory_order_acquire);
    return begin == nullptr ? std::string_view() : std::string_view(begin, size);
  }
};

// Index to name; readers need no lock.
class EntryTable {
 public:
  EntryTable() : chunks_(std::make_unique<std::atomic<Chunk*>[]>(kChunkCount)) {}
  ~EntryTable() {
    for (uint32_t i = 0; i < kChunkCount; ++i) delete chunks_[i].load(std::memory_order_relaxed);
  }
  EntryTable(const EntryTable&) = delete;
  EntryTable& operator=(const EntryTable&) = delete;

  // Null when nothing near the index was ever named.
  Entry* Find(uint32_t index) const {
    if (index >= kProductIndicesMax) return nullptr;
    Chunk* const chunk = chunks_[index / kChunkEntries].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr : &(*chunk)[index % kChunkEntries];
  }

  // Writer only.
  Entry& Make(uint32_t index) {
    CHECK(index < kProductIndicesMax);
    std::atomic<Chunk*>& chunk = chunks_[index / kChunkEntries];
    if (chunk.load(std::memory_order_relaxed) == nullptr) {
      chunk.store(new Chunk, std::memory_order_release);
      ++chunk_count_;
    }
    return *Find(index);
  }

  std::string_view NameOf(uint32_t index) const {
    const Entry* const entry = Find(index);
    return entry == nullptr ? std::string_view() : entry->name();
  }

  size_t memory_bytes() const { return kChunkCount * sizeof(void*) + chunk_count_ * sizeof(Chunk); }

 private:
  using Chunk = std::array<Entry, kChunkEntries>;
  std::unique_ptr<std::atomic<Chunk*>[]> chunks_;
  size_t chunk_count_ = 0;
};

// Names back to back; they never move.
class NameArena {
 public:
  const char* Keep(std::string_view text) {
    if (blocks_.empty() || block_size_ - used_ < text.size()) {
      block_size_ = std::clamp(block_size_ * 2, std::max(kBlockBytesMin, text.size()),
                               std::max(kBlockBytesMax, text.size()));
      blocks_.push_back(std::make_unique<char[]>(block_size_));
      bytes_ += block_size_;
      used_ = 0;
    }
    char* const begin = blocks_.back().get() + used_;
    std::memcpy(begin, text.data(), text.size());
    used_ += text.size();
    return begin;
  }
  size_t memory_bytes() const { return bytes_; }

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_size_ = 0;
  size_t used_ = 0;
  size_t bytes_ = 0;
};

// Sets of indices that are found by the name behind them.
struct HashByName {
  using is_transparent = void;
  const EntryTable* entries;
  size_t operator()(std::string_view name) const { return StableHash64(name); }
  size_t operator()(uint32_t index) const { return StableHash64(entries->NameOf(index)); }
};
struct EqualByName {
  using is_transparent = void;
  const EntryTable* entries;
  bool operator()(uint32_t a, uint32_t b) const { return a == b; }
  bool operator()(uint32_t a, std::string_view b) const { return entries->NameOf(a) == b; }
  bool operator()(std::string_view a, uint32_t b) const { return entries->NameOf(b) == a; }
};
struct HashText {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return StableHash64(text); }
};

struct Shard {
  explicit Shard(const EntryTable* entries) : names(0, HashByName{entries}, EqualByName{entries}) {}

  mutable SharedMutex mutex;
  absl::flat_hash_set<uint32_t, HashByName, EqualByName> names GUARDED_BY(mutex);
  absl::flat_hash_map<std::string, uint32_t, HashText, std::equal_to<>> aliases GUARDED_BY(mutex);
};

}  // namespace

struct ProductIds::State {
  State() {
    for (auto& shard : shards) shard = std::make_unique<Shard>(&entries);
  }
  Shard& ShardOf(std::string_view text) const {
    return *shards[(StableHash64(text) >> 48) % kShardCount];  // High bits: the tables use the low ones.
  }

  EntryTable entries;
  NameArena arena;
  std::array<std::unique_ptr<Shard>, kShardCount> shards;
  std::atomic<uint32_t> index_count{0};
};

ProductIds::ProductIds() : state_(std::make_unique<State>()) {}
ProductIds::~ProductIds() = default;

void ProductIds::AddName(ProductIndex index, std::string_view product_id) {
  CHECK(!product_id.empty());
  Entry& entry = state_->entries.Make(index.value());
  if (entry.text.load(std::memory_order_relaxed) != nullptr) {
    CHECK(entry.name() == product_id);
    return;
  }
  entry.size = static_cast<uint32_t>(product_id.size());
  entry.text.store(state_->arena.Keep(product_id), std::memory_order_release);
  {
    Shard& shard = state_->ShardOf(product_id);
    WriterLock lock(shard.mutex);
    const bool is_new = shard.names.insert(index.value()).second;
    CHECK(is_new);
  }
  if (index.value() >= index_count()) {
    state_->index_count.store(index.value() + 1, std::memory_order_release);
  }
}

void ProductIds::SetHasProduct(ProductIndex index, bool has_product) {
  Entry* const entry = state_->entries.Find(index.value());
  CHECK(entry != nullptr && !entry->name().empty());
  entry->has_product.store(has_product, std::memory_order_release);
}

void ProductIds::SetAlias(std::string_view alias, ProductIndex index) {
  Shard& shard = state_->ShardOf(alias);
  WriterLock lock(shard.mutex);
  const auto found = shard.aliases.find(alias);
  if (found != shard.aliases.end()) {
    found->second = index.value();
  } else {
    shard.aliases.emplace(std::string(alias), index.value());
  }
}

void ProductIds::RemoveAlias(std::string_view alias) {
  Shard& shard = state_->ShardOf(alias);
  WriterLock lock(shard.mutex);
  const auto found = shard.aliases.find(alias);
  if (found != shard.aliases.end()) shard.aliases.erase(found);
}

std::optional<ProductIndex> ProductIds::FindName(std::string_view product_id) const {
  const Shard& shard = state_->ShardOf(product_id);
  ReaderLock lock(shard.mutex);
  const auto found = shard.names.find(product_id);
  if (found == shard.names.end()) return std::nullopt;
  return ProductIndex(*found);
}

std::optional<ProductIndex> ProductIds::FindAlias(std::string_view alias) const {
  const Shard& shard = state_->ShardOf(alias);
  ReaderLock lock(shard.mutex);
  const auto found = shard.aliases.find(alias);
  if (found == shard.aliases.end()) return std::nullopt;
  return ProductIndex(found->second);
}

std::optional<ProductIndex> ProductIds::Resolve(std::string_view any_id) const {
  const std::optional<ProductIndex> named = FindName(any_id);
  if (named && HasProduct(*named)) return named;
  if (const std::optional<ProductIndex> alias = FindAlias(any_id)) return alias;
  return named;
}

bool ProductIds::HasProduct(ProductIndex index) const {
  const Entry* const entry = state_->entries.Find(index.value());
  return entry != nullptr && entry->has_product.load(std::memory_order_acquire);
}

std::string_view ProductIds::IdOf(ProductIndex index) const { return state_->entries.NameOf(index.value()); }

uint32_t ProductIds::index_count() const { return state_->index_count.load(std::memory_order_acquire); }

size_t ProductIds::memory_bytes() const {
  size_t bytes = state_->entries.memory_bytes() + state_->arena.memory_bytes();
  for (const auto& shard : state_->shards) {
    ReaderLock lock(shard->mutex);
    bytes += shard->names.capacity() * (sizeof(uint32_t) + 1);
    bytes += shard->aliases.capacity() * (sizeof(std::string) + 8 + 1);
  }
  return bytes;
}

}  // namespace attune::catalog
