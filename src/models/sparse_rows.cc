#include "models/sparse_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/hash.h"
#include "models/sequence_limits.h"

namespace attune::models {
namespace {

constexpr std::string_view kMagic = "ATTNROWS";
constexpr uint32_t kVersion = 1;
constexpr size_t kNameBytesMax = 64;
constexpr size_t kChecksumBytes = 8;

template <class T>
void AppendLittleEndian(T value, std::string& out) {
  for (size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

template <class T>
T ReadLittleEndian(const char* bytes) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | (static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i)));
  }
  return value;
}

}  // namespace

void KeepStrongest(std::vector<Neighbour>& row, size_t keep) {
  if (row.size() > keep) {
    std::nth_element(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(keep), row.end(),
                     StrongerNeighbour);
    row.resize(keep);
  }
  std::sort(row.begin(), row.end(), StrongerNeighbour);
}

SparseRows::SparseRows(std::vector<std::vector<Neighbour>> rows) {
  CHECK(rows.size() <= kModelProductsMax);
  size_t total = 0;
  for (const auto& row : rows) total += row.size();
  offsets_.reserve(rows.size() + 1);
  neighbours_.reserve(total);
  for (auto& row : rows) {
    std::sort(row.begin(), row.end(), StrongerNeighbour);
    neighbours_.insert(neighbours_.end(), row.begin(), row.end());
    offsets_.push_back(neighbours_.size());
    std::vector<Neighbour>().swap(row);  // Rows and their copy need not live side by side.
  }
}

size_t SparseRows::memory_bytes() const {
  return offsets_.capacity() * sizeof(uint64_t) + neighbours_.capacity() * sizeof(Neighbour);
}

double SparseRows::Norm() const {
  double sum = 0;
  for (const Neighbour& neighbour : neighbours_) {
    sum += static_cast<double>(neighbour.weight) * static_cast<double>(neighbour.weight);
  }
  return std::sqrt(sum);
}

std::string SparseRows::Serialize(std::string_view name) const {
  CHECK(name.size() <= kNameBytesMax);
  std::string out;
  out.reserve(32 + name.size() + product_count() * 4 + neighbours_.size() * 8 + kChecksumBytes);
  out.append(kMagic);
  AppendLittleEndian<uint32_t>(kVersion, out);
  AppendLittleEndian<uint32_t>(static_cast<uint32_t>(name.size()), out);
  out.append(name);
  AppendLittleEndian<uint32_t>(product_count(), out);
  AppendLittleEndian<uint64_t>(neighbours_.size(), out);
  for (uint32_t product = 0; product < product_count(); ++product) {
    AppendLittleEndian<uint32_t>(static_cast<uint32_t>(Of(product).size()), out);
  }
  for (const Neighbour& neighbour : neighbours_) AppendLittleEndian<uint32_t>(neighbour.product, out);
  for (const Neighbour& neighbour : neighbours_) {
    AppendLittleEndian<uint32_t>(std::bit_cast<uint32_t>(neighbour.weight), out);
  }
  AppendLittleEndian<uint64_t>(StableHash64(out), out);
  return out;
}

Result<SparseRows> SparseRows::Parse(std::string_view bytes, std::string_view name) {
  const size_t head = kMagic.size() + 4 + 4 + name.size() + 4 + 8;
  if (bytes.size() < kMagic.size() + 8 || !bytes.starts_with(kMagic))
    return Corruption("not an item-to-item model");
  if (const auto version = ReadLittleEndian<uint32_t>(&bytes[kMagic.size()]); version != kVersion) {
    return Corruption("item-to-item model of an unknown version: " + std::to_string(version));
  }
  if (bytes.size() < head + kChecksumBytes) return Corruption("item-to-item model is cut short");
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (ReadLittleEndian<uint64_t>(bytes.data() + body.size()) != StableHash64(body)) {
    return Corruption("item-to-item model has a wrong checksum");
  }
  const auto name_bytes = ReadLittleEndian<uint32_t>(&bytes[kMagic.size() + 4]);
  if (name_bytes != name.size() || body.substr(kMagic.size() + 8, name_bytes) != name) {
    return Corruption("item-to-item model has another name");
  }
  const auto product_count = ReadLittleEndian<uint32_t>(&bytes[head - 12]);
  const auto neighbour_count = ReadLittleEndian<uint64_t>(&bytes[head - 8]);
  // The size is checked before anything is allocated, and in a way that cannot overflow.
  if (product_count > kModelProductsMax || neighbour_count > body.size() / 8 ||
      body.size() != head + size_t{product_count} * 4 + neighbour_count * 8) {
    return Corruption("item-to-item model has a wrong size");
  }
  SparseRows rows;
  rows.offsets_.resize(size_t{product_count} + 1);
  const char* at = bytes.data() + head;
  for (uint32_t product = 0; product < product_count; ++product, at += 4) {
    rows.offsets_[product + 1] = rows.offsets_[product] + ReadLittleEndian<uint32_t>(at);
  }
  rows.neighbours_.resize(neighbour_count);
  for (Neighbour& neighbour : rows.neighbours_) {
    neighbour = {ReadLittleEndian<uint32_t>(at),
                 std::bit_cast<float>(ReadLittleEndian<uint32_t>(at + neighbour_count * 4))};
    at += 4;
  }
  RETURN_IF_ERROR(rows.Check());
  return rows;
}

Status SparseRows::Check() const {
  if (offsets_.back() != neighbours_.size()) return Corruption("rows of an item-to-item model do not add up");
  std::vector<uint32_t> last_row(product_count(), product_count());  // In which each product stood last.
  for (uint32_t product = 0; product < product_count(); ++product) {
    const auto row = Of(product);
    for (size_t i = 0; i < row.size(); ++i) {
      if (row[i].product >= product_count() || row[i].product == product || !std::isfinite(row[i].weight) ||
          (i > 0 && !StrongerNeighbour(row[i - 1], row[i]))) {
        return Corruption("wrong row in an item-to-item model: " + std::to_string(product));
      }
      if (last_row[row[i].product] == product) {
        return Corruption("a neighbour stands twice in a row of an item-to-item model: " +
                          std::to_string(product));
      }
      last_row[row[i].product] = product;
    }
  }
  return {};
}

}  // namespace attune::models
