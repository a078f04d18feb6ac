// attune serve: the server.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/local_store.h"
#include "server/server.h"

namespace attune::cli {
namespace {

struct ServeOptions {
  server::ServerOptions server;
  std::string memory_limit;
  std::string log_level = "info";
};

int Serve(ServeOptions options) {
  if (!options.memory_limit.empty()) {
    const auto bytes = server::ParseByteCount(options.memory_limit);
    if (!bytes) return Fail(InvalidArgument("must be a size like 512M or 2G", "memory-limit"));
    options.server.memory_limit_bytes = *bytes;
  }
  const auto level = http::ParseLogLevel(options.log_level);
  if (!level) return Fail(InvalidArgument("must be debug, info, warning, error or off", "log-level"));
  options.server.log_level = *level;
  server::BlockStopSignals();
  const SystemClock clock;
  SecureRandomSource random;
  auto server = server::Server::Start(options.server, &clock, &random);
  if (!server.ok()) return Fail(server.status());
  std::printf("attune serves %zu stores at http://%s:%d%s\n", (*server)->stores().StoreIds().size(),
              options.server.address.c_str(), (*server)->port(),
              options.server.is_open ? " without keys" : "");
  std::fflush(stdout);
  server::WaitForStopSignal();
  std::puts("stopping");
  (*server)->Stop();
  return 0;
}

}  // namespace

void AddServe(CLI::App& app, std::vector<Verb>& verbs) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* verb = app.add_subcommand("serve", "serve the stores of a data folder over HTTP");
  verb->add_option("--data", options->server.data, "the data folder; a folder per store")->required();
  verb->add_option("--port", options->server.port, "TCP port");
  verb->add_option("--address", options->server.address, "address to listen on");
  verb->add_flag("--open", options->server.is_open, "ask for no key; this machine only");
  verb->add_option("--memory-limit", options->memory_limit, "resident memory at most, e.g. 2G");
  verb->add_option("--threads", options->server.io_threads, "threads that serve requests")
      ->check(CLI::Range(1, 64));
  verb->add_option("--writers", options->server.writer_threads, "threads that write")
      ->check(CLI::Range(1, 64));
  verb->add_flag("--behind-proxy", options->server.trusts_forwarded_for,
                 "take addresses from X-Forwarded-For");
  verb->add_flag("--private-feeds", options->server.private_feeds,
                 "ask for feeds and embeddings also at private and loopback addresses");
  verb->add_option("--demo-folder", options->server.demo_folder, "what /demo serves");
  verb->add_option("--log-level", options->log_level, "debug, info, warning, error or off");
  verbs.push_back({verb, [options] { return Serve(*options); }});
}

}  // namespace attune::cli
