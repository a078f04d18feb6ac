// Fuzzes the head of a request as the listener meets it: bytes over a socket, then the end of them.  Whatever
// comes, the server answers or closes, and serves the next one.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "base/utf8.h"
#include "fuzz_target.h"
#include "http/listener.h"
#include "http/raw_client.h"

namespace {

using namespace attune;
using namespace attune::http;

constexpr size_t kFuzzBodyBytesMax = 4'096;

// One for all inputs; it ends with the process.
Listener& FuzzListener() {
  static const SystemClock clock;
  static SeededRandomSource random(1);
  static const std::unique_ptr<Listener> listener = [] {
    ListenerOptions options;
    options.thread_count = 1;
    options.linger_ms = 1;
    auto started = Listener::Start(
        options,
        [](const Request& request, Respond respond) {
          ++attune::fuzz::accepted_count;
          CHECK(request.path == "*" || request.path.starts_with('/'));
          for (const char c : request.path)
            CHECK(static_cast<unsigned char>(c) > ' ' && c != '?' && c != '#');
          for (const Field& field : request.query) CHECK(IsCleanText(field.name) && IsCleanText(field.value));
          CHECK(request.body.size() <= kFuzzBodyBytesMax);
          respond(JsonResponse(200, request.body));
        },
        [](std::string_view, std::string_view) { return kFuzzBodyBytesMax; }, clock, random);
    CHECK(started.ok());
    return std::move(started).value();
  }();
  return *listener;
}

}  // namespace

std::vector<std::string> attune::fuzz::Seeds() {
  return {
      "GET /v1/products/a?b=c HTTP/1.1\r\nhost: x\r\nx-request-id: r1\r\naccept-encoding: gzip\r\n\r\n",
      "POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
      "GET / HTTP/1.0\r\n\r\n",
      "POST /v1/events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n"
      "2;x=y\r\n{}\r\n0\r\ntrailer: t\r\n\r\n"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  RawClient client(FuzzListener().port());
  CHECK(client.is_connected());
  (void)client.Send({reinterpret_cast<const char*>(data), size});
  client.FinishSending();
  while (client.ReadAnswer().status != 0) {
  }
  return 0;
}
