// Who turned to each product lately: the way back from a product to shoppers, for "who would buy this?".
//
//   of every product the latest persons who viewed, took or bought it, each once with the strongest thing
//   done: weight .5 viewed, .8 in the cart, 1 bought
//
// At most kAudienceEntriesMax entries in all: with many products each keeps fewer (at least kAudienceMin, at
// most kAudienceMax).  Persons without consent to personalisation are in nobody's audience; who withdrew it
// since is left out by whoever asks.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_PRODUCT_AUDIENCE_H_
#define ATTUNE_MODELS_PRODUCT_AUDIENCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "models/interaction_log.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

struct AudienceMember {
  ShopperHandle shopper;  // A person: a customer, or a browser of nobody.
  InteractionKind kind = InteractionKind::kView;
  int64_t at_ms = 0;  // Of the latest.

  friend bool operator==(const AudienceMember&, const AudienceMember&) = default;
};

double AudienceWeight(InteractionKind kind);

class ProductAudience {
 public:
  static constexpr std::string_view kName = "audience";

  static std::shared_ptr<const ProductAudience> Train(const InteractionLog& log);

  // Latest first, ties by handle; empty for an unknown product.
  std::span<const AudienceMember> Of(ProductIndex product) const;
  size_t memory_bytes() const { return members_.size() * sizeof(AudienceMember) + offsets_.size() * 4; }

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const ProductAudience>> Load(SectionReader& in);

 private:
  std::vector<uint32_t> offsets_{0};  // Members of product p: [offsets_[p], offsets_[p + 1]).
  std::vector<AudienceMember> members_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_PRODUCT_AUDIENCE_H_
