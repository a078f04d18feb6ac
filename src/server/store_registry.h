// All stores of a process: found by name, opened when first asked for, closed when idle.
//
//   <data>/giftshop/   <data>/electronics/   ...   one folder per store
//
// 300 stores of which ten are busy hold ten stores' memory: one that nobody asked for a while is closed (its
// snapshot written), and opens again with the next request.  With many open, a while is short.  One whose
// models are being trained is not idle: a training of ten minutes would never end in a store that is asked
// once an hour.
//
//   closed --(Open: first request)--> changing --> open --(maintenance: idle)--> changing --> closed
//
// Opening a large store takes seconds.  No lock is held meanwhile, so requests to other stores go on; those
// to the same store wait for five seconds, and then hear that it is unavailable.
//
// A maintenance thread looks after the open ones every second: decision records, snapshots, retention, idle
// stores, the memory limit, and key files that `attune keys` changed.
//
// Thread safety: all methods from any thread; Start and Stop once.

#ifndef ATTUNE_SERVER_STORE_REGISTRY_H_
#define ATTUNE_SERVER_STORE_REGISTRY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "http/backend.h"
#include "http/key_table.h"
#include "server/store.h"

namespace attune::server {

inline constexpr int64_t kIdleCloseMs = 5 * kMinuteMs;
// Beyond this many open stores, those idle longest are closed once they were idle for kIdleCloseSoonMs.  A
// store of a thousand products takes about 12 MB.
inline constexpr size_t kOpenStoresMax = 64;
inline constexpr int64_t kIdleCloseSoonMs = 10 * kSecondMs;

// A name that can be a folder and part of a URL: 1 to 64 lower-case letters, digits, '_' and '-'.
bool IsStoreName(std::string_view name);

std::string StoreFolder(const std::string& data, std::string_view store_id);
// "<data>/<store>/keys".
std::string KeyPath(const std::string& data, std::string_view store_id);

class StoreRegistry final : public http::StoreDirectory {
 public:
  // `keys` may be null (no keys are used).  All must outlive the registry.
  StoreRegistry(std::string data, const StoreServices& services, http::KeyRegistry* keys);
  ~StoreRegistry() override;

  // Looks at the data folder and reads the keys of every store in it.  Fails with kUnavailable when it cannot
  // be read.
  Status Scan();
  // Starts the maintenance thread.
  void Start();
  // What that thread does every second; by itself only where the thread does not run.
  void MaintainOnce();
  // Waits until nobody else holds a store, and closes them all: one that ended on its own writer thread, or
  // on the thread of its own export, would wait for itself.  No store is handed out any more.
  void Stop();

  std::shared_ptr<http::StoreBackend> Find(std::string_view store_id) override;
  std::vector<std::string> StoreIds() const override;
  http::Readiness readiness() const override;

  // The same as Find, with the reason when there is none.
  Result<std::shared_ptr<Store>> Open(std::string_view store_id);
  // Whether the store, open or not, has a scheduled feed.
  bool HasFeedMarker(const std::string& store_id) const;
  size_t open_count() const;
  // Of the stores that are open now.
  std::vector<std::shared_ptr<Store>> OpenStores() const;

 private:
  struct Slot {
    std::shared_ptr<Store> store;  // Null: closed, or changing.
    bool is_changing = false;      // A thread opens or closes it; only that one may touch its folder.
    std::string failure;           // Why it could not be opened the last time; empty: it could.
    uint64_t key_stamp = 0;
  };

  void RunMaintenance();
  // Null when it is not open.  `store_id` must be one of StoreIds().
  std::shared_ptr<Store> FindOpen(std::string_view store_id) const;
  void CloseIdle();
  // Stores that have been idle for too long, out of their slots; these are changing until they are closed.
  std::vector<std::shared_ptr<Store>> TakeIdle();
  // The slot of a store that this thread has opened or closed: others may have it now.
  Slot& EndChange(std::string_view store_id) REQUIRES(mutex_);
  void ReadKeys(const std::string& store_id, Slot& slot) REQUIRES(mutex_);

  const std::string data_;
  const StoreServices services_;
  http::KeyRegistry* const keys_;
  mutable Mutex mutex_;
  std::map<std::string, Slot, std::less<>> slots_ GUARDED_BY(mutex_);
  ConditionVariable wake_;     // The maintenance thread.
  ConditionVariable changed_;  // A slot that was changing.
  bool is_stopping_ GUARDED_BY(mutex_) = false;
  std::thread maintenance_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_STORE_REGISTRY_H_
