#include "search/searcher.h"

#include <utility>

#include "base/utf8.h"
#include "decisions/rule_preview.h"
#include "decisions/shopper_reading.h"
#include "search/limits.h"
#include "search/search_record.h"

namespace attune::search {

void Searcher::ReadShopper(SearchResult& made) const {
  made.dial = made.request.personalize.value_or(parts_.dial_default());
  auto shopper = decisions::ReadShopper(*parts_.profiles, made.request.base, made.view->settings, made.now_ms,
                                        made.degraded);
  if (!shopper) return;
  made.shopper = std::move(*shopper);
  made.is_personalized = true;
}

Result<std::unique_ptr<const SearchResult>> Searcher::Search(const SearchRequest& request) const {
  auto made = std::make_unique<SearchResult>();
  made->request = request;
  made->view = parts_.views->Acquire();
  made->now_ms = parts_.clock->NowMs();
  RETURN_IF_ERROR(decisions::TryRules(request.base, made->view, made->now_ms));
  ReadShopper(*made);
  made->indexes = parts_.indexes->Acquire();
  made->catalog = made->indexes->catalog;
  made->texts = made->indexes->For(request.base.context.locale);
  if (made->texts == nullptr) return Unavailable("the search index is being made; try again soon");
  made->facts = parts_.facts->Acquire()->For(made->texts->locale);
  made->synonyms = synonyms_.For(made->view->synonyms, *made->texts);
  std::vector<std::string> unknown_ids;  // Of a page or a cart: search asks for neither.
  made->resolved = decisions::Resolve(request.base, *made->catalog, unknown_ids);
  // What is not read is not kept.
  made->resolved.query.resize(Utf8Prefix(made->resolved.query, kQueryBytesMax).size());
  made->id = DecisionId::Make(made->now_ms, parts_.store_tag, parts_.random->Next64());
  ASSIGN_OR_RETURN(made->outcome, RunSearch(made->input()));
  if (parts_.meanings != nullptr) made->meant = parts_.meanings->Of({made->input(), made->outcome});
  if (made->is_preview()) return std::unique_ptr<const SearchResult>(std::move(made));
  parts_.log->Add(MakeSearchRecord(made->input(), made->outcome, made->id,
                                   {made->shopper.handles, made->shopper.sequence}));
  return std::unique_ptr<const SearchResult>(std::move(made));
}

}  // namespace attune::search
