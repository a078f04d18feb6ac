#include "search/asked_meanings.h"

#include <string>
#include <utility>

#include "base/hash.h"
#include "search/personal_text.h"

namespace attune::search {
namespace {

bool IsTypedToTheEnd(const SearchRequest& request) {
  return !request.is_typing && request.page == 0 && request.base.preview == nullptr;
}

bool IsExplained(const SearchOutcome& outcome) {
  return (outcome.words.required() & ~outcome.understanding.explained()) == 0;
}

bool IsNamedExactly(const SearchOutcome& outcome) {
  return outcome.understanding.intent == SearchIntent::kProduct ||
         (!outcome.products.empty() && outcome.products.front().ranked.hit.exact != ExactMatch::kNone);
}

bool MayBeAsked(const AnsweredSearch& search, std::string_view words) {
  const SearchRequest& request = search.input.request;
  return IsTypedToTheEnd(request) && request.base.personalization_consent.value_or(true) &&
         words.size() <= kAskedQueryBytesMax && !IsExplained(search.outcome) &&
         !IsNamedExactly(search.outcome) && !LooksPersonal(search.input.resolved.query);
}

uint64_t ShopperHash(const decisions::DecisionRequest& request) {
  if (request.anonymous_id.empty() && request.customer_id.empty()) return 0;
  return StableHash64(request.customer_id.empty() ? "a" + request.anonymous_id : "c" + request.customer_id);
}

}  // namespace

AskedMeanings::AskedMeanings() : meanings_(std::make_shared<const QueryMeanings>()) {}

AddedMeaning AskedMeanings::Of(const AnsweredSearch& search) {
  const SearchInput& input = search.input;
  // A query that a rule put in the shopper's place has a meaning that the shop gave it.
  if (!is_on() || input.facts == nullptr || !search.outcome.rules.replaced_query.empty()) return {};
  std::string key = MeaningKey(input.texts.locale, input.resolved.query);
  if (key.empty()) return {};
  const auto known = meanings_.Acquire();
  const QueryMeaning* const meaning = known->Find(key);
  AddedMeaning added;
  if (meaning != nullptr) added = AddedTo(search.outcome.understanding, *meaning, *input.facts);
  if (meaning == nullptr || meaning->ask_again_at_ms <= input.now_ms) {
    if (MayBeAsked(search, PartsOf(key).words)) {
      waiting_.Note(std::move(key), ShopperHash(input.request.base));
    }
  }
  return added;
}

}  // namespace attune::search
