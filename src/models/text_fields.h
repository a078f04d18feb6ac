// Lines of benchmark files, cut into fields and numbers.
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_TEXT_FIELDS_H_
#define ATTUNE_MODELS_TEXT_FIELDS_H_

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

namespace attune::models {

// At least one field, perhaps empty; they live as long as the line.
inline std::vector<std::string_view> SplitTabs(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

// Nothing unless all of the text is a number of this type.
template <class T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TEXT_FIELDS_H_
