#include "server/store_registry.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "decisions/setting_record.h"
#include "http/key_file.h"

namespace attune::server {
namespace {

// At 3 000 decisions a second a flush is of 150 records, less than a millisecond's work.
constexpr int64_t kFlushDecisionsEveryMs = 50;
constexpr int kFlushesPerMaintenance = 10;
// How often a stopping registry looks whether the last request has let go of its store.
constexpr std::chrono::milliseconds kReleasePoll{1};
// A request waits five seconds for a store that another thread opens or closes.
constexpr std::chrono::milliseconds kChangePoll{20};
constexpr int kChangePollsMax = 250;
// Those that a round takes wait for each other: few enough for a request to one of them to wait.
constexpr size_t kClosedPerRoundMax = 8;

}  // namespace

bool IsStoreName(std::string_view name) { return decisions::IsSettingName(name); }

std::string StoreFolder(const std::string& data, std::string_view store_id) {
  return data + "/" + std::string(store_id);
}

std::string KeyPath(const std::string& data, std::string_view store_id) {
  return StoreFolder(data, store_id) + "/keys";
}

StoreRegistry::StoreRegistry(std::string data, const StoreServices& services, http::KeyRegistry* keys)
    : data_(std::move(data)), services_(services), keys_(keys) {}

StoreRegistry::~StoreRegistry() { Stop(); }

Status StoreRegistry::Scan() {
  std::error_code error;
  std::filesystem::create_directories(data_, error);
  if (error) return Unavailable("cannot make the data folder " + data_ + ": " + error.message());
  MutexLock lock(mutex_);
  for (const auto& entry : std::filesystem::directory_iterator(data_, error)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory(error) || !IsStoreName(name)) continue;
    if (!std::filesystem::exists(entry.path() / "FORMAT", error)) continue;
    ReadKeys(name, slots_[name]);
  }
  if (error) return Unavailable("cannot read the data folder " + data_ + ": " + error.message());
  return Status();
}

void StoreRegistry::ReadKeys(const std::string& store_id, Slot& slot) {
  if (keys_ == nullptr) return;
  const std::string path = KeyPath(data_, store_id);
  const uint64_t stamp = http::KeyFileStamp(path);
  if (stamp == slot.key_stamp) return;
  slot.key_stamp = stamp;
  auto keys = http::ReadKeyFile(path);
  if (keys.ok()) {
    keys->store_id = store_id;
    keys_->SetStore(std::move(keys).value());
  } else if (stamp == 0) {
    keys_->RemoveStore(store_id);
  } else if (services_.log != nullptr) {
    services_.log->Write(http::LogLevel::kError, "keys unreadable",
                         {{"store", store_id}, {"reason", keys.status().message()}});
  }
}

void StoreRegistry::Start() {
  maintenance_ = std::thread([this] { RunMaintenance(); });
}

void StoreRegistry::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.NotifyAll();
  if (maintenance_.joinable()) maintenance_.join();
  MutexLock lock(mutex_);
  for (auto& [name, slot] : slots_) {
    while (slot.is_changing) changed_.Wait(lock);
    // An answered request may still be on its way out, on a thread that the store itself would wait for.
    while (slot.store.use_count() > 1) wake_.WaitFor(lock, kReleasePoll);
    slot.store.reset();  // Writes a snapshot; nothing else can open the store meanwhile.
  }
}

Result<std::shared_ptr<Store>> StoreRegistry::Open(std::string_view store_id) {
  std::shared_ptr<Store> before;
  {
    MutexLock lock(mutex_);
    const auto found = slots_.find(store_id);
    if (found == slots_.end()) return NotFound("no such store: " + std::string(store_id));
    Slot& slot = found->second;
    for (int polls = 0; slot.is_changing && polls < kChangePollsMax; ++polls) {
      changed_.WaitFor(lock, kChangePoll);
    }
    if (slot.is_changing) return Unavailable("store " + found->first + " is being opened");
    if (slot.store && !slot.store->needs_reopen()) return slot.store;
    if (is_stopping_) return Unavailable("the server is stopping");
    if (slot.store.use_count() > 1) {
      return Unavailable("store " + found->first + " is being opened again; its last requests are ending");
    }
    slot.is_changing = true;
    before = std::move(slot.store);
  }
  before.reset();
  auto opened = Store::Open(std::string(store_id), StoreFolder(data_, store_id), services_);
  MutexLock lock(mutex_);
  Slot& slot = EndChange(store_id);
  slot.failure = opened.ok() ? "" : opened.status().message();
  if (!opened.ok()) {
    if (services_.log != nullptr) {
      services_.log->Write(http::LogLevel::kError, "store not opened",
                           {{"store", std::string(store_id)}, {"reason", slot.failure}});
    }
    return opened.status();
  }
  slot.store = std::move(opened).value();
  return slot.store;
}

std::shared_ptr<http::StoreBackend> StoreRegistry::Find(std::string_view store_id) {
  auto opened = Open(store_id);
  return opened.ok() ? std::move(opened).value() : nullptr;
}

std::vector<std::string> StoreRegistry::StoreIds() const {
  MutexLock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, slot] : slots_) names.push_back(name);
  return names;
}

http::Readiness StoreRegistry::readiness() const {
  MutexLock lock(mutex_);
  http::Readiness readiness;
  readiness.is_ready = !is_stopping_;
  if (is_stopping_) readiness.reason = "stopping";
  for (const auto& [name, slot] : slots_) {
    readiness.stores.push_back({name, slot.failure.empty(), slot.failure});
    if (!slot.failure.empty() && readiness.reason.empty()) {
      readiness.is_ready = false;
      readiness.reason = "store " + name + ": " + slot.failure;
    }
  }
  return readiness;
}

bool StoreRegistry::HasFeedMarker(const std::string& store_id) const {
  std::error_code ignored;
  return std::filesystem::exists(StoreFolder(data_, store_id) + "/" + kFeedMarkerName, ignored);
}

size_t StoreRegistry::open_count() const {
  MutexLock lock(mutex_);  // Not by OpenStores: a store that is held is not idle.
  return static_cast<size_t>(std::count_if(slots_.begin(), slots_.end(),
                                           [](const auto& slot) { return slot.second.store != nullptr; }));
}

std::vector<std::shared_ptr<Store>> StoreRegistry::OpenStores() const {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<Store>> open;
  for (const auto& [name, slot] : slots_) {
    if (slot.store) open.push_back(slot.store);
  }
  return open;
}

void StoreRegistry::MaintainOnce() {
  if (services_.memory != nullptr && services_.memory->Measure() != MemoryPressure::kNone) {
    for (const auto& store : OpenStores()) store->ReleaseMemory();
  }
  for (const std::string& store_id : StoreIds()) {
    auto store = FindOpen(store_id);
    if (!store) continue;
    store->Maintain();
    store.reset();  // Held, it would not be idle.
    CloseIdle();    // Between any two: with hundreds open, a round takes seconds.
  }
  MutexLock lock(mutex_);
  for (auto& [name, slot] : slots_) ReadKeys(name, slot);
}

std::shared_ptr<Store> StoreRegistry::FindOpen(std::string_view store_id) const {
  MutexLock lock(mutex_);
  return slots_.find(store_id)->second.store;
}

std::vector<std::shared_ptr<Store>> StoreRegistry::TakeIdle() {
  struct Idle {
    int64_t idle_ms;
    Slot* slot;
  };
  std::vector<Idle> idle;
  std::vector<std::shared_ptr<Store>> taken;
  MutexLock lock(mutex_);
  size_t open = 0;
  for (auto& [name, slot] : slots_) {
    if (!slot.store) continue;
    ++open;
    // A request that holds the store keeps it open, and so does a training.
    if (slot.store.use_count() > 1 || slot.store->is_training()) continue;
    idle.push_back({services_.clock->NowMs() - slot.store->last_used_ms(), &slot});
  }
  std::sort(idle.begin(), idle.end(), [](const Idle& a, const Idle& b) { return a.idle_ms > b.idle_ms; });
  for (const Idle& one : idle) {
    if (taken.size() >= kClosedPerRoundMax) break;
    if (one.idle_ms <= (open > kOpenStoresMax ? kIdleCloseSoonMs : kIdleCloseMs)) break;
    one.slot->is_changing = true;
    taken.push_back(std::move(one.slot->store));
    --open;
  }
  return taken;
}

void StoreRegistry::CloseIdle() {
  for (std::shared_ptr<Store>& store : TakeIdle()) {
    const std::string store_id = store->store_id();
    store.reset();  // Writes its snapshot.
    MutexLock lock(mutex_);
    EndChange(store_id);
  }
}

StoreRegistry::Slot& StoreRegistry::EndChange(std::string_view store_id) {
  Slot& slot = slots_.find(store_id)->second;
  slot.is_changing = false;
  changed_.NotifyAll();
  return slot;
}

void StoreRegistry::RunMaintenance() {
  for (int flush = 1;; ++flush) {
    {
      MutexLock lock(mutex_);
      if (!is_stopping_) wake_.WaitFor(lock, std::chrono::milliseconds(kFlushDecisionsEveryMs));
      if (is_stopping_) return;
    }
    for (const auto& store : OpenStores()) (void)store->FlushDecisions();
    if (flush % kFlushesPerMaintenance == 0) MaintainOnce();
  }
}

}  // namespace attune::server
