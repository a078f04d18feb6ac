// What a filter looks at: the fields of one product (or of one shopper), read by number.
//
// A field has no value, one value, or several (tags, categories, sizes).  The evaluator asks for all of them
// and holds a comparison true when any value matches; a missing field matches nothing (expression.h says what
// follows for !=).
//
// Thread safety: a FieldSource is used by one thread at a time; values live as long as what they were read
// from.

#ifndef ATTUNE_EXPRESSIONS_FIELD_SOURCE_H_
#define ATTUNE_EXPRESSIONS_FIELD_SOURCE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::expressions {

struct FieldValue {
  enum class Kind : uint8_t { kNumber, kText, kBool, kPath };
  Kind kind = Kind::kNumber;
  double number = 0;                    // kNumber; kBool as 0 or 1; times and durations in milliseconds.
  std::string_view text;                // kText.
  std::span<const std::string> path{};  // kPath, from broad to narrow.

  static FieldValue Number(double value) { return {Kind::kNumber, value, {}, {}}; }
  static FieldValue Bool(bool value) { return {Kind::kBool, value ? 1.0 : 0.0, {}, {}}; }
  static FieldValue Text(std::string_view value) { return {Kind::kText, 0, value, {}}; }
  static FieldValue Path(std::span<const std::string> value) { return {Kind::kPath, 0, {}, value}; }
};

// The values of one field; the first few without an allocation.
class FieldValues {
 public:
  void Clear() {
    inline_count_ = 0;
    more_.clear();
  }
  void Add(const FieldValue& value) {
    if (inline_count_ < inline_.size()) {
      inline_[inline_count_++] = value;
    } else {
      more_.push_back(value);
    }
  }
  bool empty() const { return inline_count_ == 0; }

  // True when `matches(value)` is true for any value.
  template <class Predicate>
  bool Any(const Predicate& matches) const {
    for (size_t i = 0; i < inline_count_; ++i) {
      if (matches(inline_[i])) return true;
    }
    for (const FieldValue& value : more_) {
      if (matches(value)) return true;
    }
    return false;
  }

 private:
  std::array<FieldValue, 4> inline_;
  size_t inline_count_ = 0;
  std::vector<FieldValue> more_;
};

// An argument of a function call, as written.
struct Argument {
  enum class Kind : uint8_t { kWord, kText, kNumber, kDuration };
  Kind kind = Kind::kText;
  std::string text;   // kWord, kText.
  double number = 0;  // kNumber; kDuration in milliseconds.

  friend bool operator==(const Argument&, const Argument&) = default;
};

class FieldSource {
 public:
  virtual ~FieldSource() = default;
  // Adds the values of field number `field` (Schema).  `path` is what follows the dot of an open field
  // ("attributes.size.eu" => "size.eu"); empty otherwise.
  virtual void Read(uint16_t field, std::string_view path, FieldValues& out) const = 0;
  // Adds the value of a call; adds nothing when there is none.
  virtual void Call(uint16_t function, std::span<const Argument> arguments, FieldValues& out) const = 0;
  // What `now` means in this evaluation.
  virtual int64_t now_ms() const = 0;
};

}  // namespace attune::expressions

#endif  // ATTUNE_EXPRESSIONS_FIELD_SOURCE_H_
