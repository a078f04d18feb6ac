// Does a title name what the query says, or something that goes with it?
//
//   query "notebook"    "HP ProBook 4520s Notebook 39.6 cm"    a head: nothing narrows the word
//                       "Targus Notebook Slip Case"            no head: what is sold is a case
//   query "projector"   "Sony projector lamp 165 W"            no head
//
// In English, and in languages that build names likewise, what a thing is stands last in its name; size,
// model and what it is for follow.  So words of the query that stand beside each other are a head where a
// number, a short word or a preposition follows, or nothing.  A colour behind the name hides it.
//
// Thread safety: as a standard container.

#ifndef ATTUNE_SEARCH_TITLE_HEAD_H_
#define ATTUNE_SEARCH_TITLE_HEAD_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace attune::search {

class TitleHead {
 public:
  // The words of a title in their order; several may share a position.
  void Add(std::string_view word, uint32_t position, bool is_asked_for) {
    if (is_asked_for) {
      is_open_ = true;
      names_ = names_ || !HasDigit(word);
      last_ = position;
    } else if (is_open_ && position > last_) {
      if (EndsName(word)) End();
      is_open_ = names_ = false;
    }
  }

  // Behind the last word of the title.
  void End() { is_head_ = is_head_ || (is_open_ && names_); }

  bool is_head() const { return is_head_; }

 private:
  static bool HasDigit(std::string_view word) {
    return std::any_of(word.begin(), word.end(), [](char letter) { return letter >= '0' && letter <= '9'; });
  }

  static bool EndsName(std::string_view word) {
    constexpr std::array<std::string_view, 4> kLinks = {"and", "for", "from", "with"};
    constexpr size_t kShortBytes = 2;
    return word.size() <= kShortBytes || HasDigit(word) ||
           std::find(kLinks.begin(), kLinks.end(), word) != kLinks.end();
  }

  bool is_open_ = false;  // Words of the query end at `last_`.
  bool names_ = false;    // One of them is no number or code.
  uint32_t last_ = 0;
  bool is_head_ = false;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_TITLE_HEAD_H_
