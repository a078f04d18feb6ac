#include "golden/golden_shop.h"

#include <filesystem>
#include <future>
#include <utility>

#include "http/identity_token.h"
#include "http/key_file.h"

namespace attune::golden {
namespace {

constexpr const char* kStore = "shop";

}  // namespace

GoldenShop::GoldenShop(std::string data) : data_(std::move(data)) {
  std::filesystem::create_directories(server::StoreFolder(data_, kStore));
  MakeKeys();
  {  // The first opening of a folder makes the store that a server then finds.
    storage::WriterPool writers(1);
    server::StoreServices services;
    services.clock = &clock_;
    services.random = &random_;
    services.writers = &writers;
    services.storage = storage::StorageResources::Create({});
    services.trains = false;
    const auto made = server::Store::Open(kStore, server::StoreFolder(data_, kStore), services);
    CHECK(made.ok());
  }
  Open();
}

GoldenShop::~GoldenShop() { Close(); }

void GoldenShop::MakeKeys() {
  using http::KeyKind;
  using http::Scope;
  http::StoreKeys keys;
  keys.store_id = kStore;
  const auto make = [&](const std::string& name, const http::KeyRequest& request) {
    auto made = http::CreateKey(request, clock_.NowMs(), random_, keys);
    CHECK(made.ok());
    keys_[name] = made->text;
  };
  http::KeyRequest request;
  request.label = "the shop's server";
  request.scopes = http::kAllScopes;
  make("server", request);
  request.label = "reports";
  request.scopes = http::ScopeBit(Scope::kRead);
  make("reader", request);
  request = {};
  request.label = "shop pages";
  request.kind = KeyKind::kPublic;
  request.origins = {"https://shop.example"};
  make("browser", request);
  request.label = "playground";
  request.is_demo = true;
  make("demo", request);
  identity_secret_ = http::RotateIdentitySecret(random_, keys);
  CHECK(http::WriteKeyFile(server::KeyPath(data_, kStore), keys).ok());
}

void GoldenShop::Open() {
  registry_of_keys_ = std::make_unique<http::KeyRegistry>();
  metrics_ = std::make_unique<http::Metrics>();
  writers_ = std::make_unique<storage::WriterPool>(1);
  server::StoreServices services;
  services.clock = &clock_;
  services.random = &random_;
  services.writers = writers_.get();
  services.storage = storage::StorageResources::Create({});
  services.trains = false;
  stores_ = std::make_unique<server::StoreRegistry>(data_, services, registry_of_keys_.get());
  CHECK(stores_->Scan().ok());
  api_ = std::make_unique<http::Api>(http::ApiOptions{}, stores_.get(), registry_of_keys_.get(),
                                     metrics_.get(), &log_, &clock_);
}

void GoldenShop::Close() {
  stores_->Stop();
  api_.reset();
  stores_.reset();
  writers_.reset();
}

void GoldenShop::Reopen() {
  Close();
  Open();
}

Status GoldenShop::Train() {
  ASSIGN_OR_RETURN(const auto store, stores_->Open(kStore));
  return store->TrainNow({});
}

http::Response GoldenShop::Send(http::Request request) {
  request.peer_address = "192.0.2.1";
  request.received_at_ms = clock_.NowMs();
  request.request_id = "request";
  std::promise<http::Response> answer;
  api_->Handle(request, [&answer](http::Response response) { answer.set_value(std::move(response)); });
  return answer.get_future().get();
}

std::string GoldenShop::Key(std::string_view name) const {
  const auto found = keys_.find(name);
  return found == keys_.end() ? "" : found->second;
}

std::string GoldenShop::IdentityToken(std::string_view customer_id) const {
  return http::SignIdentityToken(identity_secret_, customer_id, clock_.NowMs() + kHourMs);
}

}  // namespace attune::golden
