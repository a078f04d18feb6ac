// attune demo: makes the two demo stores if they are not there, and serves them with the playground.

#include <curl/curl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/demo_stores.h"
#include "cli/local_store.h"
#include "cli/simulator_program.h"
#include "server/server.h"

namespace attune::cli {
namespace {

struct DemoOptions {
  DemoFiles files;
  uint16_t port = 8080;
  bool check = false;
};

constexpr const char* kShoppers = "3000";
constexpr const char* kDays = "30";

// Sends the simulated shoppers of electronics through the running server's API.
Status Simulate(const DemoOptions& options, const std::string& url) {
  const std::string unpacked = options.files.data + "/electronics.ndjson";
  // The simulator reads plain NDJSON; it is a program of its own and shares no reader with the server.
  const std::string unpack =
      "xz -dc '" + options.files.files + "/data/electronics/products.ndjson.xz' > '" + unpacked + "'";
  if (std::system(unpack.c_str()) != 0) return Unavailable("cannot unpack the electronics products with xz");
  std::vector<std::string> words = {SimulatorPath(), "--catalog",  unpacked,  "--price-divisor",
                                    "100",           "--shoppers", kShoppers, "--days",
                                    kDays,           "--url",      url,       "--store",
                                    kElectronics,    "--backfill"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::remove(unpacked.c_str());
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return Unavailable("the simulator failed");
  return NoteSimulatedShoppers(options.files);
}

size_t Append(char* bytes, size_t size, size_t count, void* to) {
  static_cast<std::string*>(to)->append(bytes, size * count);
  return size * count;
}

// One recommendation over HTTP, as a shop's server would ask for it.
Status ShowAnswer(const std::string& url, const std::string& store, const std::string& body) {
  CURL* curl = curl_easy_init();
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  headers = curl_slist_append(headers, ("x-attune-store: " + store).c_str());
  std::string answer;
  curl_easy_setopt(curl, CURLOPT_URL, (url + "/v1/recommendations").c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  const CURLcode code = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  if (code != CURLE_OK || status != 200) {
    return Unavailable(store + " answered " + std::to_string(status) + ": " + answer);
  }
  std::printf("\n%s, asked %s:\n%s\n", store.c_str(), body.c_str(), answer.c_str());
  return Status();
}

const char* kGiftshopQuestion =
    R"({"placement":"product_bought_together","context":{"product_ids":["85123A"]},"limit":3})";
const char* kElectronicsQuestion =
    R"({"placement":"home_for_you","shopper":{"anonymous_id":"sim-a1"},"limit":3})";

Status Check(const std::string& url) {
  RETURN_IF_ERROR(ShowAnswer(url, kGiftshop, kGiftshopQuestion));
  return ShowAnswer(url, kElectronics, kElectronicsQuestion);
}

void PrintNext(const std::string& url) {
  std::printf(
      "\nattune is ready.\n\n"
      "  Playground   %s/demo/\n"
      "  API          %s/openapi.json\n"
      "  Metrics      %s/metrics\n\n"
      "A first request (giftshop, what is bought together with the white hanging heart):\n\n"
      "  curl -s %s/v1/recommendations -H 'x-attune-store: giftshop' -H 'Content-Type: application/json' \\\n"
      "    -d '%s'\n\n"
      "Next: docs/guide/import-products.md loads your own shop.  Stop with Ctrl+C.\n",
      url.c_str(), url.c_str(), url.c_str(), url.c_str(), kGiftshopQuestion);
  std::fflush(stdout);
}

Status Demo(const DemoOptions& options) {
  RETURN_IF_ERROR(MakeGiftshop(options.files));
  RETURN_IF_ERROR(MakeElectronics(options.files));
  ASSIGN_OR_RETURN(const std::string playground, WritePlayground(options.files));
  server::ServerOptions serve;
  serve.data = options.files.data;
  serve.port = options.port;
  serve.is_open = true;
  serve.demo_folder = playground;
  serve.log_level = http::LogLevel::kWarning;
  server::BlockStopSignals();
  const SystemClock clock;
  SecureRandomSource random;
  ASSIGN_OR_RETURN(auto server, server::Server::Start(serve, &clock, &random));
  const std::string url = "http://127.0.0.1:" + std::to_string(server->port());
  if (!HasSimulatedShoppers(options.files)) {
    std::fprintf(stderr, "electronics: simulated shoppers, through the public API\n");
    RETURN_IF_ERROR(Simulate(options, url));
    ASSIGN_OR_RETURN(const auto electronics, server->stores().Open(kElectronics));
    RETURN_IF_ERROR(electronics->TrainNow({.is_cancelled = nullptr, .progress = {}, .thread_count = 2}));
  }
  if (options.check) return Check(url);
  PrintNext(url);
  server::WaitForStopSignal();
  std::puts("stopping");
  server->Stop();
  return Status();
}

}  // namespace

void AddDemo(CLI::App& app, std::vector<Verb>& verbs) {
  auto options = std::make_shared<DemoOptions>();
  options->files = {.data = "var/demo", .files = "."};
  CLI::App* verb = app.add_subcommand("demo", "make the two demo stores and serve them with a playground");
  verb->add_option("--data", options->files.data, "where the stores are kept");
  verb->add_option("--files", options->files.files, "the project's root folder");
  verb->add_option("--port", options->port, "TCP port");
  verb->add_flag("--check", options->check, "show one answer from each store, and stop");
  verbs.push_back({verb, [options] {
                     const Status done = Demo(*options);
                     return done.ok() ? 0 : Fail(done);
                   }});
}

}  // namespace attune::cli
