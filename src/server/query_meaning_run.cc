#include "server/query_meaning_run.h"

#include <algorithm>
#include <utility>

#include "server/meaning_answer.h"
#include "server/meaning_question.h"

namespace attune::server {

bool QueryMeaningRun::Turn(Store& store, LlmClient& client, const Clock& clock,
                           const std::function<bool()>& is_stopping) {
  if (!backoff_.MayAsk(clock.NowMs())) return false;
  QueryMeaningKeeper& keeper = store.query_meanings();
  auto api_key = ServiceKey(settings_.api_key_env);
  if (!api_key.ok()) {
    Fail(keeper, {.reason = api_key.status().message()}, clock.NowMs());
    return false;
  }
  const std::function<bool()> is_over = [&] { return is_stopping() || !keeper.asked().is_on(); };
  const Asking asking{keeper, client, clock, std::move(api_key).value(), is_over};
  bool is_more_due = true;
  int asked = 0;
  while (is_more_due && asked < kMeaningRequestsPerTurn && !is_over()) {
    const auto key = keeper.Next(store.LocalDay(clock.NowMs()));
    if (!key) is_more_due = false;
    if (!key) break;
    ++asked;
    is_more_due = AskOne(*key, asking);
  }
  if (asked > 0) keeper.Save();
  return is_more_due;
}

bool QueryMeaningRun::AskOne(const std::string& key, const Asking& asking) {
  const std::string locale(search::PartsOf(key).locale);
  const auto indexes = asking.keeper.indexes().Acquire();
  const search::LocaleIndex* const texts = indexes->For(locale);
  const auto facts = asking.keeper.facts().Acquire()->For(locale);
  if (texts == nullptr || texts->locale != locale || facts == nullptr) return true;  // Not here any more.
  LlmRequest request;
  request.url = settings_.url;
  request.model = settings_.model;
  request.key = asking.api_key;
  request.instructions = MeaningInstructions();
  request.question = MeaningQuestion(search::PartsOf(key).words, locale, OfferedOf(locale, facts));
  request.timeout_ms = settings_.timeout_seconds * kSecondMs;
  ServiceReply reply = asking.client.Ask(request, asking.is_stopping);
  if (asking.is_stopping()) return false;
  return Settle(key, std::move(reply), *facts, *texts->analyzer, asking);
}

bool QueryMeaningRun::Settle(const std::string& key, ServiceReply reply, const search::SearchFacts& facts,
                             const text::Analyzer& analyzer, const Asking& asking) {
  const int64_t now_ms = asking.clock.NowMs();
  if (reply.fault != ServiceFault::kNone) {
    Fail(asking.keeper, reply, now_ms);
    return false;
  }
  auto meaning = ReadMeaningAnswer(reply.body, facts, analyzer);
  search::QueryMeaning kept = meaning.ok() ? std::move(meaning).value() : search::QueryMeaning();
  kept.ask_again_at_ms = now_ms + (meaning.ok() ? kMeaningHoldsMs : kWrongMeaningHoldsMs);
  asking.keeper.Keep(settings_, key, std::move(kept));
  if (!meaning.ok()) {
    reply.fault = ServiceFault::kBusy;  // The next query may be answered better.
    reply.reason = meaning.status().message();
    Fail(asking.keeper, reply, now_ms);
    return false;
  }
  backoff_.NoteAnswer();
  failure_.clear();
  asking.keeper.Note(failure_);
  return true;
}

const std::string& QueryMeaningRun::OfferedOf(const std::string& locale,
                                              const std::shared_ptr<const search::SearchFacts>& facts) {
  auto known = std::find_if(offered_.begin(), offered_.end(),
                            [&](const Offered& one) { return one.locale == locale; });
  if (known == offered_.end()) known = offered_.insert(known, {locale, nullptr, {}});
  if (known->facts != facts) *known = {locale, facts, OfferedValuesJson(*facts)};
  return known->json;
}

void QueryMeaningRun::Fail(QueryMeaningKeeper& keeper, const ServiceReply& reply, int64_t now_ms) {
  failure_ = reply.reason;
  keeper.Note(failure_);
  backoff_.NoteFailure(reply.fault, reply.retry_after_ms, now_ms);
}

}  // namespace attune::server
