#include "server/store_registry.h"

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
    // An answered request may still be on its way out, on a thread that the store itself would wait for.
    while (slot.store.use_count() > 1) wake_.WaitFor(lock, kReleasePoll);
    slot.store.reset();  // Writes a snapshot; nothing else can open the store meanwhile.
  }
}

Result<std::shared_ptr<Store>> StoreRegistry::Open(std::string_view store_id) {
  MutexLock lock(mutex_);
  const auto found = slots_.find(store_id);
  if (found == slots_.end()) return NotFound("no such store: " + std::string(store_id));
  Slot& slot = found->second;
  if (slot.store && !slot.store->needs_reopen()) return slot.store;
  if (is_stopping_) return Unavailable("the server is stopping");
  if (slot.store.use_count() > 1) {
    return Unavailable("store " + found->first + " is being opened again; its last requests are ending");
  }
  slot.store.reset();
  auto opened = Store::Open(found->first, StoreFolder(data_, store_id), services_);
  slot.failure = opened.ok() ? "" : opened.status().message();
  if (!opened.ok()) {
    if (services_.log != nullptr) {
      services_.log->Write(http::LogLevel::kError, "store not opened",
                           {{"store", found->first}, {"reason", slot.failure}});
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

size_t StoreRegistry::open_count() const { return OpenStores().size(); }

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
  for (const auto& store : OpenStores()) store->Maintain();
  std::vector<std::shared_ptr<Store>> closing;
  MutexLock lock(mutex_);
  for (auto& [name, slot] : slots_) {
    ReadKeys(name, slot);
    const bool is_idle = slot.store && services_.clock->NowMs() - slot.store->last_used_ms() > kIdleCloseMs;
    // A request that holds the store keeps it open.
    if (is_idle && slot.store.use_count() == 1) closing.push_back(std::move(slot.store));
  }
  closing.clear();  // Under the lock: the folder must be free before it can be opened again.
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
