#include "search/query_text.h"

#include <algorithm>
#include <cctype>

#include "base/utf8.h"
#include "search/analytics_limits.h"
#include "text/fold.h"

namespace attune::search {
namespace {

bool IsSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string TidyQuery(std::string_view text) {
  std::string tidy;
  for (const char c : text) {
    if (!IsSpace(c)) {
      tidy += c;
    } else if (!tidy.empty() && tidy.back() != ' ') {
      tidy += ' ';
    }
  }
  tidy.resize(Utf8Prefix(tidy, kCountedQueryBytesMax).size());
  while (!tidy.empty() && tidy.back() == ' ') tidy.pop_back();
  return tidy;
}

std::string NormalQuery(std::string_view text) { return TidyQuery(text::FoldLetters(TidyQuery(text))); }

}  // namespace attune::search
