#include "text/language.h"

#include <cstddef>
#include <string>
#include <utility>

namespace attune::text {
namespace {

constexpr std::array<std::string_view, kLanguageCount> kCodes = {"und", "en", "de", "nl", "fr", "es", "it",
                                                                 "pt",  "sv", "da", "no", "fi", "pl", "ru",
                                                                 "hu",  "ro", "tr", "el", "ca"};

// Other codes of the same language.
constexpr std::array<std::pair<std::string_view, Language>, 2> kOtherCodes = {
    {{"nb", Language::kNorwegian}, {"nn", Language::kNorwegian}}};

constexpr size_t kCodeBytes = 2;

}  // namespace

Language LanguageOfLocale(std::string_view locale) {
  const std::string_view subtag = locale.substr(0, locale.find_first_of("-_.@"));
  if (subtag.size() != kCodeBytes) return Language::kNeutral;
  std::string code;
  for (const char c : subtag) code.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  for (size_t i = 1; i < kCodes.size(); ++i) {
    if (kCodes[i] == code) return static_cast<Language>(i);
  }
  for (const auto& [other, language] : kOtherCodes) {
    if (other == code) return language;
  }
  return Language::kNeutral;
}

std::string_view LanguageCode(Language language) { return kCodes[static_cast<size_t>(language)]; }

}  // namespace attune::text
