// Integers that cannot be mixed up.  ProductIndex{3} and Generation{3} are different types, and neither
// converts to or from a bare integer without saying so.
//
// Thread safety: value type.

#ifndef ATTUNE_BASE_STRONG_ID_H_
#define ATTUNE_BASE_STRONG_ID_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace attune {

template <class Tag, class Rep>
class StrongId {
 public:
  constexpr StrongId() noexcept = default;
  constexpr explicit StrongId(Rep value) noexcept : value_(value) {}
  constexpr Rep value() const noexcept { return value_; }
  friend constexpr auto operator<=>(StrongId, StrongId) noexcept = default;

  template <typename H>
  friend H AbslHashValue(H state, StrongId id) {
    return H::combine(std::move(state), id.value_);
  }

 private:
  Rep value_{};
};

}  // namespace attune

template <class Tag, class Rep>
struct std::hash<attune::StrongId<Tag, Rep>> {
  size_t operator()(attune::StrongId<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value()); }
};

#endif  // ATTUNE_BASE_STRONG_ID_H_
