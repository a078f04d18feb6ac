#include "models/transition_training.h"

#include <array>
#include <bit>
#include <utility>

#include "base/hash.h"
#include "models/sequence_limits.h"

namespace attune::models {
namespace {

constexpr std::string_view kMagic = "ATTNI2I1";
constexpr std::array<std::string_view, 3> kSourceNames = {"also_viewed", "viewed_next", "bought_after"};
constexpr uint32_t kPartsMax = 8;

void Append64(uint64_t value, std::string& out) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

// Reads what Append64 wrote, never past the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  Result<uint64_t> Read64() {
    if (bytes_.size() < 8) return Corruption("item-to-item file is cut short");
    uint64_t value = 0;
    for (size_t i = 0; i < 8; ++i) value |= uint64_t{static_cast<unsigned char>(bytes_[i])} << (8 * i);
    bytes_.remove_prefix(8);
    return value;
  }
  Result<std::string_view> ReadBytes(uint64_t count) {
    if (bytes_.size() < count) return Corruption("item-to-item file is cut short");
    const std::string_view read = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return read;
  }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

void AppendSource(const TransitionSource& source, std::string& out) {
  Append64(source.parts().size(), out);
  for (const TransitionPart& part : source.parts()) {
    Append64(std::bit_cast<uint64_t>(part.tau), out);
    Append64(std::bit_cast<uint64_t>(part.factor), out);
    const std::string rows = part.rows->Serialize(source.name());
    Append64(rows.size(), out);
    out.append(rows);
  }
}

Result<std::shared_ptr<const TransitionSource>> ReadSource(std::string_view name, ByteReader& reader,
                                                           const std::shared_ptr<const ProductTies>& ties) {
  ASSIGN_OR_RETURN(const uint64_t part_count, reader.Read64());
  if (part_count == 0 || part_count > kPartsMax)
    return Corruption("item-to-item file has a wrong count of parts");
  std::vector<TransitionPart> parts;
  for (uint64_t i = 0; i < part_count; ++i) {
    ASSIGN_OR_RETURN(const uint64_t tau_bits, reader.Read64());
    ASSIGN_OR_RETURN(const uint64_t factor_bits, reader.Read64());
    ASSIGN_OR_RETURN(const uint64_t byte_count, reader.Read64());
    ASSIGN_OR_RETURN(const std::string_view bytes, reader.ReadBytes(byte_count));
    const auto tau = std::bit_cast<double>(tau_bits);
    const auto factor = std::bit_cast<double>(factor_bits);
    if (!(tau >= 0 && tau <= 1e300) || !(factor >= -1e300 && factor <= 1e300)) {
      return Corruption("item-to-item file has a wrong tau or factor");
    }
    ASSIGN_OR_RETURN(SparseRows rows, SparseRows::Parse(bytes, name));
    parts.push_back({std::make_shared<const SparseRows>(std::move(rows)), tau, factor});
  }
  return std::make_shared<const TransitionSource>(std::string(name), std::move(parts), ties);
}

Status CheckRows(std::span<const Interaction> rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string field = "rows[" + std::to_string(i) + "]";
    if (rows[i].product.value() >= kModelProductsMax) return InvalidArgument("product past the limit", field);
    if (i > 0 && rows[i].at_ms < rows[i - 1].at_ms) return InvalidArgument("time goes back", field);
    if (rows[i].shopper != rows[0].shopper) return InvalidArgument("rows of several shoppers", field);
  }
  return {};
}

}  // namespace

std::string TransitionSources::Serialize() const {
  std::string out(kMagic);
  for (const auto* source : {&also_viewed, &viewed_next, &bought_after}) {
    CHECK(*source != nullptr);
    AppendSource(**source, out);
  }
  Append64(StableHash64(out), out);
  return out;
}

Result<TransitionSources> ParseTransitionSources(std::string_view bytes,
                                                 std::shared_ptr<const ProductTies> ties) {
  if (bytes.size() < kMagic.size() + 8 || !bytes.starts_with(kMagic))
    return Corruption("not an item-to-item file");
  const std::string_view body = bytes.substr(0, bytes.size() - 8);
  ASSIGN_OR_RETURN(const uint64_t checksum, ByteReader(bytes.substr(body.size())).Read64());
  if (checksum != StableHash64(body)) return Corruption("item-to-item file has a wrong checksum");
  ByteReader reader(body.substr(kMagic.size()));
  TransitionSources sources;
  ASSIGN_OR_RETURN(sources.also_viewed, ReadSource(kSourceNames[0], reader, ties));
  ASSIGN_OR_RETURN(sources.viewed_next, ReadSource(kSourceNames[1], reader, ties));
  ASSIGN_OR_RETURN(sources.bought_after, ReadSource(kSourceNames[2], reader, ties));
  if (!reader.at_end()) return Corruption("item-to-item file has bytes past its end");
  return sources;
}

TransitionTraining::TransitionTraining(const TransitionTrainingOptions& options,
                                       TransitionTrainer also_viewed, TransitionTrainer viewed_next,
                                       TransitionTrainer bought_after)
    : options_(options),
      also_viewed_(std::move(also_viewed)),
      viewed_next_(std::move(viewed_next)),
      bought_after_(std::move(bought_after)) {}

Result<TransitionTraining> TransitionTraining::Create(const TransitionTrainingOptions& options) {
  if (options.visit_idle_ms <= 0) return InvalidArgument("idle time must be positive", "visit_idle_ms");
  if (!(options.seed_tau >= 0 && options.seed_tau <= 1e6))
    return InvalidArgument("tau must be 0 to 1e6", "seed_tau");
  TransitionTrainingOptions with_threads = options;
  with_threads.also_viewed.threads = options.threads;
  with_threads.bought_after.threads = options.threads;
  with_threads.viewed_next.transitions.threads = options.threads;
  with_threads.viewed_next.ridge.threads = options.threads;
  ASSIGN_OR_RETURN(TransitionTrainer also_viewed, TransitionTrainer::Create(with_threads.also_viewed));
  ASSIGN_OR_RETURN(TransitionTrainer viewed_next,
                   TransitionTrainer::Create(with_threads.viewed_next.transitions));
  ASSIGN_OR_RETURN(TransitionTrainer bought_after, TransitionTrainer::Create(with_threads.bought_after));
  return TransitionTraining(with_threads, std::move(also_viewed), std::move(viewed_next),
                            std::move(bought_after));
}

Status TransitionTraining::AddShopper(std::span<const Interaction> rows) {
  RETURN_IF_ERROR(CheckRows(rows));
  if (rows.empty() || rows[0].shopper == ShopperHandle()) return {};
  RETURN_IF_ERROR(AddVisits(rows));
  return AddOrders(rows);
}

Status TransitionTraining::AddVisits(std::span<const Interaction> rows) {
  const auto finish = [&]() -> Status {
    if (steps_.size() > 1) {
      RETURN_IF_ERROR(also_viewed_.Add(steps_));
      RETURN_IF_ERROR(viewed_next_.Add(steps_));
      products_.clear();
      for (const TransitionStep& step : steps_) products_.push_back(step.product.value());
      visits_.Add(products_);
    }
    steps_.clear();
    return {};
  };
  steps_.clear();
  int64_t last_view_ms = 0;  // Of any view of the visit, a repeated one too.
  for (const Interaction& row : rows) {
    if (row.kind != InteractionKind::kView) continue;
    if (!steps_.empty() && row.at_ms - last_view_ms > options_.visit_idle_ms) RETURN_IF_ERROR(finish());
    last_view_ms = row.at_ms;
    if (!steps_.empty() && steps_.back().product == row.product) continue;
    steps_.push_back({row.product, static_cast<uint32_t>(steps_.size()), row.at_ms});
  }
  return finish();
}

Status TransitionTraining::AddOrders(std::span<const Interaction> rows) {
  steps_.clear();
  uint32_t position = 0;
  uint64_t order_hash = 0;
  for (const Interaction& row : rows) {
    if (row.kind != InteractionKind::kPurchase) continue;
    // Rows of one order, or of one moment, are one purchase.
    const bool same = !steps_.empty() && ((row.order_hash != 0 && row.order_hash == order_hash) ||
                                          (row.at_ms == steps_.back().at_ms));
    if (!steps_.empty() && !same) ++position;
    order_hash = row.order_hash;
    steps_.push_back({row.product, position, row.at_ms});
  }
  Status status = bought_after_.Add(steps_);
  steps_.clear();
  return status;
}

void TransitionTraining::Fold(int64_t as_of_ms) {
  also_viewed_.Fold(as_of_ms);
  viewed_next_.Fold(as_of_ms);
  bought_after_.Fold(as_of_ms);
}

Status TransitionTraining::TrainRidge(uint32_t product_count) {
  if (options_.viewed_next.ridge_share <= 0) return {};
  Sequences known;  // Without products that came after product_count was read.
  for (size_t visit = 0; visit < visits_.size(); ++visit) {
    products_.clear();
    for (const uint32_t product : visits_.Of(visit)) {
      if (product < product_count) products_.push_back(product);
    }
    known.Add(products_);
  }
  ASSIGN_OR_RETURN(SparseRows rows, TrainSparseRidge(known, product_count, options_.viewed_next.ridge));
  ridge_ = std::make_shared<const SparseRows>(std::move(rows));
  visits_ = Sequences();
  return {};
}

TransitionSources TransitionTraining::Train(uint32_t product_count, std::shared_ptr<const ProductTies> ties) {
  const auto one_part = [&](std::string_view name, TransitionTrainer& trainer) {
    std::vector<TransitionPart> parts;
    parts.push_back({std::make_shared<const SparseRows>(trainer.Train(product_count)), options_.seed_tau, 1});
    return std::make_shared<const TransitionSource>(std::string(name), std::move(parts), ties);
  };
  TransitionSources sources;
  sources.also_viewed = one_part(kSourceNames[0], also_viewed_);
  sources.viewed_next = MixNextItemSource(
      std::string(kSourceNames[1]), std::make_shared<const SparseRows>(viewed_next_.Train(product_count)),
      ridge_, options_.viewed_next, ties);
  sources.bought_after = one_part(kSourceNames[2], bought_after_);
  return sources;
}

}  // namespace attune::models
