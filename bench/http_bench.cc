// An echo server on the listener, for measuring what HTTP itself costs: point wrk at it and divide the CPU
// that it prints by the requests.
//
//   attune_http_bench 8090 2 &            port, I/O threads
//   wrk -t1 -c32 -d5s -s post.lua http://127.0.0.1:8090/
//   kill -INT %1                          prints requests, CPU seconds, CPU microseconds per request

#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/clock.h"
#include "base/random.h"
#include "http/listener.h"

namespace {

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argument_count, char** arguments) {
  using namespace attune;
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGINT);
  sigaddset(&stop_signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  http::ListenerOptions options;
  options.port = static_cast<uint16_t>(argument_count > 1 ? std::atoi(arguments[1]) : 8090);
  options.thread_count = argument_count > 2 ? std::atoi(arguments[2]) : 1;
  SystemClock clock;
  SecureRandomSource random;
  std::atomic<uint64_t> requests{0};
  auto listener = http::Listener::Start(
      options,
      [&requests](const http::Request& request, http::Respond respond) {
        requests.fetch_add(1, std::memory_order_relaxed);
        respond(http::JsonResponse(200, request.body));
      },
      [](std::string_view, std::string_view) { return http::kBodyBytesMax; }, clock, random);
  if (!listener.ok()) {
    std::fprintf(stderr, "%s\n", listener.status().message().c_str());
    return 1;
  }
  std::printf("listening on port %u\n", static_cast<unsigned>((*listener)->port()));
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stop_signals, &signal);
  (*listener)->Stop(1'000);
  const double cpu_seconds = CpuSeconds();
  const auto count = static_cast<double>(requests.load());
  std::printf("requests %.0f  cpu_seconds %.3f  cpu_us_per_request %.2f\n", count, cpu_seconds,
              count > 0 ? cpu_seconds * 1e6 / count : 0.0);
  return 0;
}
