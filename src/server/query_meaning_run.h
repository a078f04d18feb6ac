// Asks an LLM what the queries of one open store mean, a few at a time.
//
//   waiting query -> question with the catalogue's own values -> LlmClient -> answer, validated -> kept
//
//   any fault                    the query is let go, and waits again when shoppers ask it again; the service
//                                is asked again later (service_backoff.h)
//   an answer that is no answer  the same, and the query is not asked again for a day
//
// A request that is under way is broken off when the store switches the LLM off.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_SERVER_QUERY_MEANING_RUN_H_
#define ATTUNE_SERVER_QUERY_MEANING_RUN_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "server/llm_client.h"
#include "server/service_backoff.h"
#include "server/store.h"

namespace attune::server {

// Requests of one store before the next store has its turn.
inline constexpr int kMeaningRequestsPerTurn = 8;

class QueryMeaningRun {
 public:
  explicit QueryMeaningRun(const LlmSettings& settings) : settings_(settings) {}

  // Asks for what waits.  True: more is due now.
  bool Turn(Store& store, LlmClient& client, const Clock& clock, const std::function<bool()>& is_stopping);

  // Why the last request failed; empty: it did not.
  const std::string& failure() const { return failure_; }

 private:
  struct Offered {
    std::string locale;
    std::shared_ptr<const search::SearchFacts> facts;
    std::string json;
  };

  // Who is asked in a turn.
  struct Asking {
    QueryMeaningKeeper& keeper;
    LlmClient& client;
    const Clock& clock;
    std::string api_key;
    const std::function<bool()>& is_stopping;
  };

  // False: no more this turn.
  bool AskOne(const std::string& key, const Asking& asking);
  // Keeps what was answered.  False: no more this turn.
  bool Settle(const std::string& key, ServiceReply reply, const search::SearchFacts& facts,
              const text::Analyzer& analyzer, const Asking& asking);
  const std::string& OfferedOf(const std::string& locale,
                               const std::shared_ptr<const search::SearchFacts>& facts);
  void Fail(QueryMeaningKeeper& keeper, const ServiceReply& reply, int64_t now_ms);

  const LlmSettings settings_;
  ServiceBackoff backoff_;
  std::string failure_;
  std::vector<Offered> offered_;  // One per language.
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_QUERY_MEANING_RUN_H_
