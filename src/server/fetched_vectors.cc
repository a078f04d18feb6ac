#include "server/fetched_vectors.h"

#include <cmath>
#include <exception>
#include <optional>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <utility>

#include "server/embedding_answer.h"

namespace attune::server {
namespace {

enum Field : protozero::pbf_tag_type { kModelHash = 1, kTextHash = 2, kValues = 3 };

constexpr std::string_view kChangedKey = "text_vectors";
constexpr std::string_view kPrefix = "text_vectors/";
constexpr std::string_view kEnd = "text_vectors0";  // '0' follows '/'.

std::string KeyOf(ProductIndex product) {
  return std::string(kPrefix) + storage::OrderedKey(product.value());
}

FetchedVector Decode(std::string_view bytes) {
  FetchedVector vector;
  protozero::pbf_reader reader(bytes.data(), bytes.size());
  while (reader.next()) {
    using protozero::pbf_wire_type;
    const auto tag = reader.tag_and_type();
    if (tag == protozero::tag_and_type(kModelHash, pbf_wire_type::fixed64)) {
      vector.model_hash = reader.get_fixed64();
    } else if (tag == protozero::tag_and_type(kTextHash, pbf_wire_type::fixed64)) {
      vector.text_hash = reader.get_fixed64();
    } else if (tag == protozero::tag_and_type(kValues, pbf_wire_type::length_delimited)) {
      const auto numbers = reader.get_packed_float();
      vector.values.assign(numbers.begin(), numbers.end());
    } else {
      reader.skip();
    }
  }
  return vector;
}

}  // namespace

std::string EncodeFetchedVector(const FetchedVector& vector) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  writer.add_fixed64(kModelHash, vector.model_hash);
  writer.add_fixed64(kTextHash, vector.text_hash);
  writer.add_packed_float(kValues, vector.values.begin(), vector.values.end());
  return bytes;
}

Result<FetchedVector> DecodeFetchedVector(std::string_view bytes) {
  try {
    FetchedVector vector = Decode(bytes);
    if (vector.values.empty() || vector.values.size() > kEmbeddingDimensionsMax) {
      return Corruption("fetched vector: not a length that is written");
    }
    for (const float value : vector.values) {
      if (!std::isfinite(value)) return Corruption("fetched vector: a number that is not finite");
    }
    return vector;
  } catch (const std::exception& error) {
    return Corruption(std::string("fetched vector: ") + error.what());
  }
}

void PutFetchedVector(ProductIndex product, const FetchedVector& vector, storage::WriteBatch& batch) {
  batch.Put(storage::Column::kMeta, KeyOf(product), EncodeFetchedVector(vector));
}

void DeleteFetchedVector(ProductIndex product, storage::WriteBatch& batch) {
  batch.Delete(storage::Column::kMeta, KeyOf(product));
}

void PutVectorsChanged(int64_t at_ms, storage::WriteBatch& batch) {
  batch.Put(storage::Column::kMeta, std::string(kChangedKey),
            storage::OrderedKey(static_cast<uint64_t>(at_ms)));
}

Result<int64_t> VectorsChangedAtMs(const storage::StorageEngine& engine) {
  ASSIGN_OR_RETURN(const auto saved, engine.Get(storage::Column::kMeta, kChangedKey));
  if (!saved) return int64_t{0};
  if (saved->size() != sizeof(int64_t)) return Corruption("fetched vectors: not a time");
  return static_cast<int64_t>(storage::NumberFromOrderedKey(*saved));
}

Status ForEachFetchedVector(const storage::StorageEngine& engine,
                            const std::function<bool(ProductIndex, const FetchedVector&)>& visit) {
  Status read;
  RETURN_IF_ERROR(
      engine.Scan(storage::Column::kMeta, kPrefix, kEnd, [&](std::string_view key, std::string_view value) {
        key.remove_prefix(kPrefix.size());
        const auto vector = DecodeFetchedVector(value);
        read = vector.status();
        if (read.ok() && key.size() != sizeof(uint64_t)) {
          read = Corruption("fetched vector: not a product index");
        }
        if (!read.ok()) return false;
        const uint64_t index = storage::NumberFromOrderedKey(key);
        return visit(ProductIndex(static_cast<uint32_t>(index)), *vector);
      }));
  return read;
}

Result<KeptVectors> KeptVectors::Open(const storage::StorageEngine* engine, uint64_t model_hash) {
  KeptVectors kept(engine, model_hash);
  RETURN_IF_ERROR(ForEachFetchedVector(*engine, [&](ProductIndex, const FetchedVector& vector) {
    if (vector.model_hash == model_hash) kept.dimensions_ = vector.values.size();
    return kept.dimensions_ == 0;
  }));
  return kept;
}

Status KeptVectors::ForEach(const Visit& visit) const {
  return ForEachFetchedVector(*engine_, [&](ProductIndex product, const FetchedVector& vector) {
    if (vector.model_hash != model_hash_ || vector.values.size() != dimensions_) return true;
    return visit(product.value(), vector.values);
  });
}

}  // namespace attune::server
