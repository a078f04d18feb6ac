// The requests of a load: recommendations for random shoppers on random products, searches of theirs with
// three facets, or batches of events.
//
// Shoppers are numbered like those of the simulator ("sim-a17", "p42"), so that a store filled by it is hit
// where it has data.  A shopper is on a visit: `visits` of them are under way, each request or event is of
// one of them, and a visit ends after eight on average.  Who comes next follows a square law: some come
// often.
//
// Searches are two or three words of the simulator's titles, brands and colours, every fourth with a typing
// error.
//
// Events are three quarters product views, the rest list views, cart additions and one order in 66, as the
// simulator makes them.  Kind "new-shoppers" has only first visits.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_BENCH_LOAD_REQUEST_MAKER_H_
#define ATTUNE_BENCH_LOAD_REQUEST_MAKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"

namespace attune::bench {

struct LoadOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 8080;
  std::string key;
  std::string kind = "recommendations";  // recommendations | search | events | new-shoppers
  uint64_t shoppers = 1'000'000;
  uint64_t products = 100'000;
  uint32_t visits = 5000;  // Under way at once.
  uint32_t batch = 500;    // Events a request.
  double rate = 3000;      // Requests a second; 0: as fast as the connections allow.
  uint32_t connections = 16;
  double seconds = 10;
  uint64_t seed = 1;
};

class RequestMaker {
 public:
  RequestMaker(const LoadOptions& options, int64_t now_ms);
  // One whole HTTP request.
  std::string Next();

 private:
  std::string RecommendationBody();
  std::string SearchBody();
  std::string EventsBody();
  void AppendEvent(std::string& body);
  // The id of the shopper whose turn it is.
  const std::string& NextShopper();
  std::string ComingShopper();
  std::string Product() { return "\"p" + std::to_string(random_.NextBelow(options_.products)) + "\""; }

  const LoadOptions& options_;
  const int64_t now_ms_;
  Random random_;
  std::vector<std::string> visits_;
  uint64_t made_ = 0;
  uint64_t came_ = 0;
};

}  // namespace attune::bench

#endif  // ATTUNE_BENCH_LOAD_REQUEST_MAKER_H_
