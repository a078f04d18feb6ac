// A whole server without its sockets, in which everything is decided by the requests: the store, the keys and
// the API of server/server.h over a virtual clock and seeded randomness, and nothing that runs by itself.
//
//   GoldenShop shop(folder);
//   shop.Send({.method = "GET", .path = "/healthz"})  =>  the Response that the listener would write
//
// The store has one key of each sort; `Key()` gives their texts:
//
//   server    secret, all scopes        reader    secret, may only read
//   browser   public, https://shop.example        demo    the same, may see reasons
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_TESTS_GOLDEN_GOLDEN_SHOP_H_
#define ATTUNE_TESTS_GOLDEN_GOLDEN_SHOP_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "http/api.h"
#include "server/store_registry.h"

namespace attune::golden {

// 2026-01-05T09:00:00Z, a Monday.
inline constexpr int64_t kOpeningMs = 1'767'603'600'000;

class GoldenShop {
 public:
  // Makes the store "shop" in `data`, which must not exist.
  explicit GoldenShop(std::string data);
  ~GoldenShop();
  GoldenShop(const GoldenShop&) = delete;
  GoldenShop& operator=(const GoldenShop&) = delete;

  // Waits for the answer.  The time, the peer and the id of the request are filled in.
  http::Response Send(http::Request request);

  void Advance(int64_t by_ms) { clock_.Advance(by_ms); }
  // Stops the server and starts another on the same folder.
  void Reopen();
  // Trains and publishes a generation.
  Status Train();

  // Empty for a name that is none of the above.
  std::string Key(std::string_view name) const;
  // Proves `customer_id` for an hour.
  std::string IdentityToken(std::string_view customer_id) const;

 private:
  void Open();
  void Close();
  void MakeKeys();

  const std::string data_;
  VirtualClock clock_{kOpeningMs};
  SeededRandomSource random_{1};
  http::AccessLog log_{http::LogLevel::kOff, clock_};
  std::map<std::string, std::string, std::less<>> keys_;
  std::string identity_secret_;
  std::unique_ptr<http::KeyRegistry> registry_of_keys_;
  std::unique_ptr<http::Metrics> metrics_;
  std::unique_ptr<storage::WriterPool> writers_;
  std::unique_ptr<server::StoreRegistry> stores_;
  std::unique_ptr<http::Api> api_;
};

}  // namespace attune::golden

#endif  // ATTUNE_TESTS_GOLDEN_GOLDEN_SHOP_H_
