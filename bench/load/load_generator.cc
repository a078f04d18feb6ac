// attune-load: a constant rate of requests against a running server, and what they took.
//
//   attune-load --kind recommendations --rate 3000 --seconds 30 --connections 16 --port 8080
//   attune-load --kind search --rate 1000 --seconds 30 --connections 16
//   attune-load --kind events --rate 0 --batch 500 --connections 8 --seconds 20
//
// Open loop: a request is due at its place in the schedule, and its latency counts from there, so that a
// server that stalls cannot hide the requests that piled up behind it.  With --rate 0 the loop is closed:
// each connection sends its next request when the last was answered.
//
// One thread, one poll loop; prints one JSON object.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "load/latency_histogram.h"
#include "load/request_maker.h"

namespace attune::bench {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr int64_t kDrainMicros = 5'000'000;  // Waits so long for the last answers.

struct Connection {
  int socket = -1;
  bool is_busy = false;
  int64_t due_micros = 0;
  std::string unsent;
  std::string received;
};

struct Outcome {
  LatencyHistogram latencies;
  std::map<int, uint64_t> statuses;
  uint64_t errors = 0;
  uint64_t received_bytes = 0;
};

int Connect(const LoadOptions& options) {
  const int handle = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  if (inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1) return -1;
  if (connect(handle, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close(handle);
    return -1;
  }
  const int on = 1;
  setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(handle, F_SETFL, O_NONBLOCK);
  return handle;
}

// The length of the first whole response in `bytes`, and its status; 0 when it is not whole yet.
size_t WholeResponse(const std::string& bytes, int& status) {
  const size_t header_end = bytes.find("\r\n\r\n");
  if (header_end == std::string::npos) return 0;
  status = bytes.size() > 12 ? std::atoi(bytes.c_str() + 9) : 0;
  size_t length = 0;
  for (const char* name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
    const size_t at = bytes.find(name);
    if (at != std::string::npos && at < header_end)
      length = std::strtoull(bytes.c_str() + at + 18, nullptr, 10);
  }
  const size_t whole = header_end + 4 + length;
  return bytes.size() >= whole ? whole : 0;
}

class Load {
 public:
  Load(const LoadOptions& options, const Clock& clock)
      : options_(options), clock_(clock), maker_(options, clock.NowMs()), connections_(options.connections) {}

  bool Run() {
    for (Connection& connection : connections_) {
      connection.socket = Connect(options_);
      if (connection.socket < 0) return false;
    }
    started_micros_ = clock_.SteadyMicros();
    const auto end_micros = started_micros_ + static_cast<int64_t>(options_.seconds * 1e6);
    bool is_sending = true;
    while (is_sending || (busy_ > 0 && clock_.SteadyMicros() < end_micros + kDrainMicros)) {
      const int64_t now = clock_.SteadyMicros();
      is_sending = now < end_micros;
      if (is_sending) MakeDue(now);
      Assign();
      Poll(now);
    }
    elapsed_micros_ = clock_.SteadyMicros() - started_micros_;
    for (const Connection& connection : connections_) close(connection.socket);
    return true;
  }

  void Print() const {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double seconds = static_cast<double>(elapsed_micros_) / 1e6;
    const auto& latencies = outcome_.latencies;
    JsonWriter json;
    json.BeginObject().Key("kind").String(options_.kind).Key("requests").Uint(latencies.count());
    json.Key("requests_per_second").Fixed(static_cast<double>(latencies.count()) / seconds, 1);
    if (options_.kind != "recommendations" && options_.kind != "search") {
      json.Key("events_per_second")
          .Fixed(static_cast<double>(latencies.count() * options_.batch) / seconds, 0);
    }
    for (const auto& [name, share] :
         {std::pair{"p50_ms", 0.5}, {"p90_ms", 0.9}, {"p99_ms", 0.99}, {"p999_ms", 0.999}}) {
      json.Key(name).Fixed(static_cast<double>(latencies.Percentile(share)) / 1000, 3);
    }
    json.Key("max_ms").Fixed(static_cast<double>(latencies.max_micros()) / 1000, 3);
    json.Key("errors").Uint(outcome_.errors).Key("statuses").BeginObject();
    for (const auto& [status, count] : outcome_.statuses) json.Key(std::to_string(status)).Uint(count);
    json.EndObject().Key("unsent").Uint(due_.size()).Key("received_mb");
    json.Fixed(static_cast<double>(outcome_.received_bytes) / 1e6, 1).Key("load_generator_cpu_seconds");
    json.Fixed(static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                   static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
               2);
    json.EndObject();
    std::puts(json.text().c_str());
  }

 private:
  void MakeDue(int64_t now) {
    if (options_.rate <= 0) {
      while (busy_ + due_.size() < connections_.size()) due_.push_back(now);
      return;
    }
    for (; NextDueMicros() <= now; ++scheduled_) due_.push_back(NextDueMicros());
  }

  int64_t NextDueMicros() const {
    return started_micros_ + static_cast<int64_t>(static_cast<double>(scheduled_) / options_.rate * 1e6);
  }

  void Assign() {
    for (Connection& connection : connections_) {
      if (due_.empty()) return;
      if (connection.is_busy || connection.socket < 0) continue;
      connection.is_busy = true;
      connection.due_micros = due_.front();
      due_.pop_front();
      connection.unsent = maker_.Next();
      ++busy_;
      Send(connection);
    }
  }

  void Send(Connection& connection) {
    while (!connection.unsent.empty()) {
      const ssize_t sent =
          send(connection.socket, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno != EAGAIN) Reconnect(connection);
        return;
      }
      connection.unsent.erase(0, static_cast<size_t>(sent));
    }
  }

  void Receive(Connection& connection) {
    char buffer[kReadBytes];
    const ssize_t got = recv(connection.socket, buffer, sizeof(buffer), 0);
    if (got <= 0) {
      if (got == 0 || errno != EAGAIN) Reconnect(connection);
      return;
    }
    connection.received.append(buffer, static_cast<size_t>(got));
    outcome_.received_bytes += static_cast<uint64_t>(got);
    int status = 0;
    const size_t whole = WholeResponse(connection.received, status);
    if (whole == 0) return;
    connection.received.erase(0, whole);
    ++outcome_.statuses[status];
    outcome_.latencies.Add(clock_.SteadyMicros() - connection.due_micros);
    connection.is_busy = false;
    --busy_;
  }

  void Reconnect(Connection& connection) {
    ++outcome_.errors;
    close(connection.socket);
    if (connection.is_busy) --busy_;
    connection = Connection{};
    connection.socket = Connect(options_);
  }

  void Poll(int64_t now) {
    std::vector<pollfd> polls;
    for (const Connection& connection : connections_) {
      const auto wanted = static_cast<short>(POLLIN | (connection.unsent.empty() ? 0 : POLLOUT));
      polls.push_back({connection.socket, wanted, 0});
    }
    const int64_t wait_micros =
        options_.rate > 0 ? std::clamp<int64_t>(NextDueMicros() - now, 0, 1000) : 1000;
    const timespec wait{.tv_sec = 0, .tv_nsec = wait_micros * 1000};
    if (ppoll(polls.data(), polls.size(), &wait, nullptr) <= 0) return;
    for (size_t i = 0; i < polls.size(); ++i) {
      if ((polls[i].revents & POLLOUT) != 0) Send(connections_[i]);
      if ((polls[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0) Receive(connections_[i]);
    }
  }

  const LoadOptions& options_;
  const Clock& clock_;
  RequestMaker maker_;
  std::vector<Connection> connections_;
  std::deque<int64_t> due_;
  size_t busy_ = 0;
  uint64_t scheduled_ = 0;
  int64_t started_micros_ = 0;
  int64_t elapsed_micros_ = 1;
  Outcome outcome_;
};

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) {
  attune::bench::LoadOptions options;
  CLI::App app("A constant rate of requests against a running attune server on this machine.");
  app.add_option("--port", options.port, "the server's port");
  app.add_option("--key", options.key, "API key");
  app.add_option("--kind", options.kind, "recommendations, search, events or new-shoppers")
      ->check(CLI::IsMember({"recommendations", "events", "new-shoppers"}));
  app.add_option("--shoppers", options.shoppers, "shoppers in the store");
  app.add_option("--products", options.products, "products in the store");
  app.add_option("--batch", options.batch, "events a request")->check(CLI::Range(1, 1000));
  app.add_option("--visits", options.visits, "visits under way at once")->check(CLI::Range(1, 10000000));
  app.add_option("--rate", options.rate, "requests a second; 0: closed loop");
  app.add_option("--connections", options.connections, "connections")->check(CLI::Range(1, 1000));
  app.add_option("--seconds", options.seconds, "how long")->check(CLI::Range(0.1, 3600.0));
  app.add_option("--seed", options.seed, "same seed, same requests");
  CLI11_PARSE(app, argc, argv);
  const attune::SystemClock clock;
  attune::bench::Load load(options, clock);
  if (!load.Run()) {
    std::fprintf(stderr, "cannot connect to %s:%d\n", options.host.c_str(), options.port);
    return 1;
  }
  load.Print();
  return 0;
}
