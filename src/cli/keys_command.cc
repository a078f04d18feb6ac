// attune keys: makes, lists, rotates and revokes the API keys of a store, also while a server runs.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/time_text.h"
#include "cli/commands.h"
#include "cli/local_store.h"
#include "http/api_keys.h"
#include "http/key_file.h"
#include "server/store_registry.h"

namespace attune::cli {
namespace {

struct KeysOptions {
  std::string data;
  std::string store;
  std::string label;
  std::vector<std::string> scopes;
  std::vector<std::string> origins;
  bool is_public = false;
  std::string key_id;
  std::string expires;
  int64_t overlap_hours = 24;
};

Result<http::StoreKeys> Read(const KeysOptions& options) {
  auto keys = http::ReadKeyFile(server::KeyPath(options.data, options.store));
  if (keys.ok() || keys.status().code() != StatusCode::kNotFound) return keys;
  http::StoreKeys none;
  none.store_id = options.store;
  return none;
}

Status Write(const KeysOptions& options, const http::StoreKeys& keys) {
  return http::WriteKeyFile(server::KeyPath(options.data, options.store), keys);
}

Status Create(const KeysOptions& options) {
  ASSIGN_OR_RETURN(http::StoreKeys keys, Read(options));
  http::KeyRequest request;
  request.label = options.label;
  request.kind = options.is_public ? http::KeyKind::kPublic : http::KeyKind::kSecret;
  request.origins = options.origins;
  for (const std::string& name : options.scopes) {
    for (const http::Scope scope : {http::Scope::kRead, http::Scope::kWrite, http::Scope::kAdmin}) {
      if (http::ScopeName(scope) == name) request.scopes |= http::ScopeBit(scope);
    }
  }
  if (!options.expires.empty()) {
    const auto time = ParseTime(options.expires);
    if (!time) return InvalidArgument("must be a date like 2027-01-31", "expires");
    request.expires_at_ms = *time;
  }
  SecureRandomSource random;
  ASSIGN_OR_RETURN(const http::NewKey made, http::CreateKey(request, SystemClock().NowMs(), random, keys));
  RETURN_IF_ERROR(Write(options, keys));
  std::printf("%s  %s\nThis is the only time that the key is shown.\n", made.id.c_str(), made.text.c_str());
  return Status();
}

Status List(const KeysOptions& options) {
  ASSIGN_OR_RETURN(const http::StoreKeys keys, Read(options));
  for (const http::ApiKey& key : keys.keys) {
    std::puts(http::DescribeKey(key, SystemClock().NowMs()).c_str());
  }
  if (keys.keys.empty()) std::puts("no keys");
  return Status();
}

Status Revoke(const KeysOptions& options) {
  ASSIGN_OR_RETURN(http::StoreKeys keys, Read(options));
  RETURN_IF_ERROR(http::RevokeKey(options.key_id, SystemClock().NowMs(), keys));
  return Write(options, keys);
}

Status Rotate(const KeysOptions& options) {
  ASSIGN_OR_RETURN(http::StoreKeys keys, Read(options));
  const int64_t now_ms = SystemClock().NowMs();
  SecureRandomSource random;
  ASSIGN_OR_RETURN(
      const http::NewKey made,
      http::RotateKey(options.key_id, now_ms + options.overlap_hours * kHourMs, now_ms, random, keys));
  RETURN_IF_ERROR(Write(options, keys));
  std::printf("%s  %s\nThe present value works for %lld more hours.\n", made.id.c_str(), made.text.c_str(),
              static_cast<long long>(options.overlap_hours));
  return Status();
}

Status IdentitySecret(const KeysOptions& options) {
  ASSIGN_OR_RETURN(http::StoreKeys keys, Read(options));
  SecureRandomSource random;
  const std::string text = http::RotateIdentitySecret(random, keys);
  RETURN_IF_ERROR(Write(options, keys));
  std::printf("%s\nSign identity tokens with it on your server; it is shown only now.\n", text.c_str());
  return Status();
}

}  // namespace

void AddKeys(CLI::App& app, std::vector<Verb>& verbs) {
  auto options = std::make_shared<KeysOptions>();
  CLI::App* keys =
      app.add_subcommand("keys", "API keys of a store; takes effect in a running server within a second");
  keys->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, Status (*run)(const KeysOptions&)) {
    CLI::App* verb = keys->add_subcommand(name, help);
    verb->add_option("--data", options->data, "the data folder")->required();
    verb->add_option("--store", options->store, "the store")->required();
    verbs.push_back({verb, [options, run] {
                       const Status done = run(*options);
                       return done.ok() ? 0 : Fail(done);
                     }});
    return verb;
  };
  CLI::App* create = add("create", "make a key and show it once", &Create);
  create->add_option("--label", options->label, "what the key is for")->required();
  create->add_option("--scope", options->scopes, "read, write, admin; of a secret key")
      ->check(CLI::IsMember({"read", "write", "admin"}));
  create->add_flag("--public", options->is_public, "for browsers: events and decisions only");
  create->add_option("--origin", options->origins, "where a public key may be used: https://shop.example");
  create->add_option("--expires", options->expires, "a date");
  add("list", "list the keys", &List);
  add("revoke", "end a key at once", &Revoke)
      ->add_option("--id", options->key_id, "the key's id")
      ->required();
  CLI::App* rotate = add("rotate", "give a key a new value", &Rotate);
  rotate->add_option("--id", options->key_id, "the key's id")->required();
  rotate->add_option("--overlap-hours", options->overlap_hours, "how long the present value goes on working");
  add("identity-secret", "make the secret that signs identity tokens", &IdentitySecret);
}

}  // namespace attune::cli
