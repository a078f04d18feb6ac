#include "search/counted_search.h"

#include <string_view>

#include "search/query_text.h"
#include "search/search_record.h"
#include "search/search_request.h"
#include "text/fold.h"

namespace attune::search {

std::string LanguageOf(std::string_view locale) {
  return text::FoldLetters(locale.substr(0, locale.find_first_of("-_")));
}

std::optional<CountedSearch> CountedSearchOf(const decisions::DecisionRecord& record) {
  if (record.search.empty() || record.request.query.empty()) return std::nullopt;
  const auto read = ReadSearchFields(record);
  if (!read.ok()) return std::nullopt;
  const SearchRequest& request = read->request;
  if (request.is_typing || request.base.limit == 0) return std::nullopt;
  CountedSearch search;
  search.text = NormalQuery(record.request.query);
  if (search.text.empty()) return std::nullopt;
  search.id = record.id;
  search.at_ms = record.id.time_ms();
  search.shoppers = record.handles;
  search.spelling = TidyQuery(record.request.query);
  search.market = record.request.market;
  search.language = LanguageOf(record.request.locale);
  search.is_first_page = request.page == 0;
  search.first_position = request.first_hit();
  for (const decisions::RecordedProduct& product : record.products) {
    search.shown.push_back(product.product);
    search.is_found = search.is_found || product.source == kSearchPlacement;
  }
  return search;
}

}  // namespace attune::search
