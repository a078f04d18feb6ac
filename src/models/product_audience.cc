#include "models/product_audience.h"

#include <algorithm>
#include <map>
#include <utility>

#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

// Later ones first; the last of this order is the first to leave.
bool IsLater(const AudienceMember& a, const AudienceMember& b) {
  return a.at_ms != b.at_ms ? a.at_ms > b.at_ms : a.shopper < b.shopper;
}

void Keep(const AudienceMember& member, size_t count_max, std::vector<AudienceMember>& audience) {
  if (audience.size() == count_max) {
    if (!IsLater(member, audience.front())) return;
    std::pop_heap(audience.begin(), audience.end(), IsLater);
    audience.pop_back();
  }
  audience.push_back(member);
  std::push_heap(audience.begin(), audience.end(), IsLater);
}

}  // namespace

double AudienceWeight(InteractionKind kind) {
  switch (kind) {
    case InteractionKind::kView:
      return 0.5;
    case InteractionKind::kCart:
      return 0.8;
    case InteractionKind::kPurchase:
      return 1;
  }
  return 0;
}

std::shared_ptr<const ProductAudience> ProductAudience::Train(const InteractionLog& log) {
  const uint32_t product_count = log.product_index_count();
  const size_t count_max = std::clamp<size_t>(kAudienceEntriesMax / std::max<uint32_t>(product_count, 1),
                                              kAudienceMin, kAudienceMax);
  std::vector<std::vector<AudienceMember>> audiences(product_count);
  std::map<uint32_t, AudienceMember> own;  // Of one person, by product.
  log.ForEachShopper([&](std::span<const Interaction> rows) {
    own.clear();
    for (const Interaction& row : rows) {
      const auto [known, is_new] =
          own.try_emplace(row.product.value(), AudienceMember{row.shopper, row.kind, row.at_ms});
      if (is_new) continue;
      AudienceMember& member = known->second;
      member.kind = std::max(member.kind, row.kind);
      member.at_ms = std::max(member.at_ms, row.at_ms);
    }
    for (const auto& [product, member] : own) Keep(member, count_max, audiences[product]);
  });
  auto made = std::make_shared<ProductAudience>();
  for (std::vector<AudienceMember>& audience : audiences) {
    std::sort(audience.begin(), audience.end(), IsLater);
    made->members_.insert(made->members_.end(), audience.begin(), audience.end());
    made->offsets_.push_back(static_cast<uint32_t>(made->members_.size()));
    audience = {};
  }
  return made;
}

std::span<const AudienceMember> ProductAudience::Of(ProductIndex product) const {
  if (size_t{product.value()} + 1 >= offsets_.size()) return {};
  const uint32_t begin = offsets_[product.value()];
  return std::span(members_).subspan(begin, offsets_[product.value() + 1] - begin);
}

void ProductAudience::Save(SectionWriter& out) const {
  std::vector<uint64_t> shoppers;
  std::vector<uint8_t> kinds;
  std::vector<int64_t> times;
  for (const AudienceMember& member : members_) {
    shoppers.push_back(member.shopper.value());
    kinds.push_back(static_cast<uint8_t>(member.kind));
    times.push_back(member.at_ms);
  }
  out.PutArray(offsets_);
  out.PutArray(shoppers);
  out.PutArray(kinds);
  out.PutArray(times);
}

Result<std::shared_ptr<const ProductAudience>> ProductAudience::Load(SectionReader& in) {
  auto loaded = std::make_shared<ProductAudience>();
  loaded->offsets_ = in.TakeArray<uint32_t>();
  const std::vector<uint64_t> shoppers = in.TakeArray<uint64_t>();
  const std::vector<uint8_t> kinds = in.TakeArray<uint8_t>();
  const std::vector<int64_t> times = in.TakeArray<int64_t>();
  in.Require(!loaded->offsets_.empty() && loaded->offsets_.front() == 0 &&
             std::is_sorted(loaded->offsets_.begin(), loaded->offsets_.end()) &&
             loaded->offsets_.back() == shoppers.size() && kinds.size() == shoppers.size() &&
             times.size() == shoppers.size() &&
             std::all_of(kinds.begin(), kinds.end(), [](uint8_t kind) { return kind >= 1 && kind <= 3; }));
  RETURN_IF_ERROR(in.Finish());
  for (size_t i = 0; i < shoppers.size(); ++i) {
    loaded->members_.push_back(
        {ShopperHandle(shoppers[i]), static_cast<InteractionKind>(kinds[i]), times[i]});
  }
  return std::shared_ptr<const ProductAudience>(std::move(loaded));
}

}  // namespace attune::models
