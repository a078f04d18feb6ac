#include "http/listener.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "http/raw_client.h"
#include "http/router.h"

namespace attune::http {
namespace {

// A listener with a handler that echoes, and one that can be held back.
class ListenerTest : public testing::Test {
 protected:
  void TearDown() override { listener_.reset(); }

  void Begin() {
    auto started = Listener::Start(
        options_, [this](const Request& request, Respond respond) { Handle(request, std::move(respond)); },
        [this](std::string_view, std::string_view) { return body_bytes_max_; }, clock_, random_);
    ASSERT_TRUE(started.ok()) << started.status().message();
    listener_ = std::move(*started);
  }

  void Handle(const Request& request, Respond respond) {
    handled_.fetch_add(1);
    if (request.path == "/hold") {
      MutexLock lock(mutex_);
      held_.push_back(std::move(respond));
      changed_.NotifyAll();
      return;
    }
    if (request.path == "/drop") return;
    if (request.path == "/twice") {
      respond(JsonResponse(200, "first"));
      respond(JsonResponse(200, "second"));
      return;
    }
    if (request.path == "/large") return respond(JsonResponse(200, std::string(5'000'000, 'x')));
    Response response = JsonResponse(200, request.method + " " + request.path + " " + request.body);
    response.SetHeader("x-peer", request.peer_address);
    respond(std::move(response));
  }

  // Waits until `count` requests are held, and gives them to the caller.
  std::vector<Respond> TakeHeld(size_t count) {
    MutexLock lock(mutex_);
    while (held_.size() < count) changed_.Wait(lock);
    return std::move(held_);
  }

  RawAnswer Ask(std::string_view bytes) {
    RawClient client(listener_->port());
    client.Send(bytes);
    return client.ReadAnswer();
  }

  ListenerOptions options_;
  size_t body_bytes_max_ = kBodyBytesMax;
  SystemClock clock_;
  SeededRandomSource random_{1};
  std::atomic<int> handled_{0};
  Mutex mutex_;
  ConditionVariable changed_;
  std::vector<Respond> held_;
  std::unique_ptr<Listener> listener_;
};

std::string Post(std::string_view body, std::string_view headers = "") {
  return "POST /echo HTTP/1.1\r\nhost: x\r\n" + std::string(headers) +
         "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

TEST_F(ListenerTest, AnswersOnOneConnectionAgainAndAgain) {
  Begin();
  RawClient client(listener_->port());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client.Send(Post("n" + std::to_string(i))));
    const RawAnswer answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "POST /echo n" + std::to_string(i));
    EXPECT_EQ(answer.Header("x-peer"), "127.0.0.1");
  }
  EXPECT_EQ(listener_->statistics().connections_accepted, 1u);
}

TEST_F(ListenerTest, PipelinedRequestsAreAnsweredInOrder) {
  Begin();
  RawClient client(listener_->port());
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += Post("p" + std::to_string(i)) + "GET /g HTTP/1.1\r\nhost: x\r\n\r\n";
  ASSERT_TRUE(client.Send(bytes));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.ReadAnswer().body, "POST /echo p" + std::to_string(i));
    EXPECT_EQ(client.ReadAnswer().body, "GET /g ");
  }
}

TEST_F(ListenerTest, PipelinedRequestWaitsForTheHeldOneBeforeIt) {
  Begin();
  RawClient client(listener_->port());
  ASSERT_TRUE(client.Send("GET /hold HTTP/1.1\r\nhost: x\r\n\r\nGET /next HTTP/1.1\r\nhost: x\r\n\r\n"));
  std::vector<Respond> held = TakeHeld(1);
  EXPECT_EQ(handled_.load(), 1);
  held[0](JsonResponse(200, "held"));
  EXPECT_EQ(client.ReadAnswer().body, "held");
  EXPECT_EQ(client.ReadAnswer().body, "GET /next ");
}

TEST_F(ListenerTest, RequestIdIsEchoedWhenCleanAndMadeOtherwise) {
  Begin();
  EXPECT_EQ(Ask("GET / HTTP/1.1\r\nhost: x\r\nX-Request-Id: abc-1\r\n\r\n").Header("x-request-id"), "abc-1");
  EXPECT_EQ(Ask("GET / HTTP/1.1\r\nhost: x\r\nx-request-id: a b\r\n\r\n").Header("x-request-id").size(), 16u);
  const std::string made = Ask("GET / HTTP/1.1\r\nhost: x\r\n\r\n").Header("x-request-id");
  EXPECT_NE(made, Ask("GET / HTTP/1.1\r\nhost: x\r\n\r\n").Header("x-request-id"));
}

TEST_F(ListenerTest, HeadHasTheLengthButNoBody) {
  Begin();
  RawClient client(listener_->port());
  client.Send("HEAD /a HTTP/1.1\r\nhost: x\r\n\r\nGET /b HTTP/1.1\r\nhost: x\r\n\r\n");
  const RawAnswer head = client.ReadAnswer(false);
  EXPECT_EQ(head.Header("content-length"), std::to_string(std::string("HEAD /a ").size()));
  EXPECT_EQ(client.ReadAnswer().body, "GET /b ");
}

TEST_F(ListenerTest, ChunkedBodiesAreJoined) {
  Begin();
  const RawAnswer answer =
      Ask("POST /c HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
          "3\r\nabc\r\n5;ext=1\r\ndefgh\r\n0\r\ntrailer: t\r\n\r\n");
  EXPECT_EQ(answer.body, "POST /c abcdefgh");
}

TEST_F(ListenerTest, ContinueIsSentBeforeTheBodyAndNotForTooLargeOnes) {
  body_bytes_max_ = 100;
  Begin();
  RawClient client(listener_->port());
  client.Send("POST /e HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 100);
  client.Send("ok");
  EXPECT_EQ(client.ReadAnswer().body, "POST /e ok");
  RawClient greedy(listener_->port());
  greedy.Send("POST /e HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 101\r\n\r\n");
  EXPECT_EQ(greedy.ReadAnswer().status, 413);
  RawClient odd(listener_->port());
  odd.Send("POST /e HTTP/1.1\r\nhost: x\r\nexpect: tea\r\ncontent-length: 2\r\n\r\nok");
  EXPECT_EQ(odd.ReadAnswer().status, 417);
}

TEST_F(ListenerTest, MalformedRequestsAreRefusedByNameAndTheServerLivesOn) {
  Begin();
  const char* const kBad[] = {
      "\r\n\r\n\r\n",
      "GET\r\n\r\n",
      "GET /\r\n\r\n",
      "GET / HTTP/9.9\r\nhost: x\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nhost x\r\n\r\n",
      "GET / HTTP/1.1\r\nho st: x\r\n\r\n",
      "GET nopath HTTP/1.1\r\nhost: x\r\n\r\n",
      "GET /#f HTTP/1.1\r\nhost: x\r\n\r\n",
      "GET /?a=%zz HTTP/1.1\r\nhost: x\r\n\r\n",
      "GET /?a=%00 HTTP/1.1\r\nhost: x\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999999999\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1, 2\r\n\r\nab",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello from TLS\r\n\r\n",
  };
  for (const char* bad : kBad) {
    const RawAnswer answer = Ask(bad);
    EXPECT_EQ(answer.status, 400) << bad;
    EXPECT_NE(answer.body.find("\"code\":\"malformed_request\""), std::string::npos) << bad;
  }
  EXPECT_EQ(handled_.load(), 0);
  EXPECT_EQ(Ask(Post("fine")).status, 200);
}

TEST_F(ListenerTest, RandomBytesNeverReachAHandlerNorHurt) {
  Begin();
  Random random(99);
  for (int round = 0; round < 200; ++round) {
    std::string bytes = "GET /";
    for (int i = 0; i < 60; ++i) bytes += static_cast<char>(random.NextBelow(256));
    RawClient client(listener_->port());
    client.Send(bytes);
    client.FinishSending();
    const int status = client.ReadAnswer().status;
    EXPECT_TRUE(status == 0 || status == 400) << status;
  }
  EXPECT_EQ(Ask(Post("fine")).status, 200);
}

TEST_F(ListenerTest, TooManyHeadersOrTooLongOnesAre431) {
  Begin();
  std::string many = "GET / HTTP/1.1\r\nhost: x\r\n";
  for (int i = 0; i < 120; ++i) many += "a: b\r\n";
  EXPECT_EQ(Ask(many + "\r\n").status, 431);
  EXPECT_EQ(Ask("GET / HTTP/1.1\r\nhost: x\r\na: " + std::string(20'000, 'b') + "\r\n\r\n").status, 431);
  EXPECT_EQ(Ask("GET /" + std::string(20'000, 'b') + " HTTP/1.1\r\nhost: x\r\n\r\n").status, 431);
  EXPECT_EQ(Ask("GET / HTTP/1.1\r\nhost: x\r\na: " + std::string(200'000, 'b')).status, 431);
}

TEST_F(ListenerTest, BodyOverTheLimitIsToldWhileItIsStillBeingSent) {
  Begin();
  const std::string body(10 * 1024 * 1024, 'x');
  const RawAnswer answer = Ask(Post(body));
  EXPECT_EQ(answer.status, 413);
  EXPECT_NE(answer.body.find("body_too_large"), std::string::npos);
  EXPECT_EQ(answer.Header("connection"), "close");
  std::string chunked = "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
  for (int i = 0; i < 10; ++i) chunked += "100000\r\n" + std::string(0x100000, 'y') + "\r\n";
  EXPECT_EQ(Ask(chunked + "0\r\n\r\n").status, 413);
  EXPECT_EQ(handled_.load(), 0);
}

TEST_F(ListenerTest, BodyOfExactlyTheLimitIsTaken) {
  body_bytes_max_ = 1'000;
  Begin();
  EXPECT_EQ(Ask(Post(std::string(1'000, 'x'))).status, 200);
  EXPECT_EQ(Ask(Post(std::string(1'001, 'x'))).status, 413);
}

TEST_F(ListenerTest, GzipBodiesArriveDecompressed) {
  body_bytes_max_ = 100'000;
  Begin();
  // gzip of "hello gzip"; of 1 MB of zeros; made by zlib in GzipTest's way.
  const auto gzip = [](std::string_view plain) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, static_cast<uLong>(plain.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  };
  EXPECT_EQ(Ask(Post(gzip("hello gzip"), "content-encoding: gzip\r\n")).body, "POST /echo hello gzip");
  EXPECT_EQ(Ask(Post(gzip(std::string(1'000'000, '\0')), "content-encoding: GZIP\r\n")).status, 413);
  EXPECT_EQ(Ask(Post("plain", "content-encoding: gzip\r\n")).status, 400);
  EXPECT_EQ(Ask(Post("plain", "content-encoding: br\r\n")).status, 415);
}

TEST_F(ListenerTest, HalfClosedClientsAreStillAnswered) {
  Begin();
  RawClient client(listener_->port());
  client.Send(Post("bye"));
  client.FinishSending();
  EXPECT_EQ(client.ReadAnswer().body, "POST /echo bye");
  EXPECT_TRUE(client.ReadEnd());
}

TEST_F(ListenerTest, HalfClosedInTheMiddleIsA400) {
  Begin();
  for (const char* part : {"GET / HT", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc"}) {
    RawClient client(listener_->port());
    client.Send(part);
    client.FinishSending();
    EXPECT_EQ(client.ReadAnswer().status, 400) << part;
    EXPECT_TRUE(client.ReadEnd());
  }
  EXPECT_EQ(handled_.load(), 0);
}

TEST_F(ListenerTest, ClientThatOnlyConnectsAndLeavesCostsNothing) {
  Begin();
  for (int i = 0; i < 20; ++i) {
    RawClient client(listener_->port());
    client.FinishSending();
    EXPECT_TRUE(client.ReadEnd());
  }
  EXPECT_EQ(Ask(Post("fine")).status, 200);
}

TEST_F(ListenerTest, SlowHeadersAndSlowBodiesTimeOutWithA408) {
  options_.header_timeout_ms = 60;
  options_.body_timeout_ms = 60;
  Begin();
  RawClient slow_header(listener_->port());
  slow_header.Send("GET / HTTP/1.1\r\nhost:");
  EXPECT_EQ(slow_header.ReadAnswer().status, 408);
  EXPECT_TRUE(slow_header.ReadEnd());
  RawClient slow_body(listener_->port());
  slow_body.Send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc");
  EXPECT_EQ(slow_body.ReadAnswer().status, 408);
  EXPECT_TRUE(slow_body.ReadEnd());
  EXPECT_EQ(listener_->statistics().requests_timed_out, 2u);
}

TEST_F(ListenerTest, IdleConnectionsAreClosedSilently) {
  options_.idle_timeout_ms = 60;
  Begin();
  RawClient client(listener_->port());
  client.Send(Post("one"));
  EXPECT_EQ(client.ReadAnswer().status, 200);
  EXPECT_TRUE(client.ReadEnd());
}

TEST_F(ListenerTest, HandlerMayTakeLongerThanAnyTimeout) {
  options_.header_timeout_ms = options_.body_timeout_ms = options_.idle_timeout_ms =
      options_.write_timeout_ms = 60;
  Begin();
  RawClient client(listener_->port());
  client.Send("GET /hold HTTP/1.1\r\nhost: x\r\n\r\n");
  std::vector<Respond> held = TakeHeld(1);
  RawClient idle(listener_->port());
  EXPECT_TRUE(idle.ReadEnd());  // At least one idle timeout has passed.
  held[0](JsonResponse(200, "late"));
  EXPECT_EQ(client.ReadAnswer().body, "late");
}

TEST_F(ListenerTest, SlowReaderGetsTheWholeLargeAnswer) {
  Begin();
  RawClient client(listener_->port());
  client.Send("GET /large HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().body.size(), 5'000'000u);
}

TEST_F(ListenerTest, TooManyConnectionsAreTurnedAwayPolitely) {
  options_.connections_max = 2;
  Begin();
  RawClient first(listener_->port());
  RawClient second(listener_->port());
  for (RawClient* client : {&first, &second}) {
    client->Send(Post("in"));
    EXPECT_EQ(client->ReadAnswer().status, 200);
  }
  const RawAnswer answer = Ask(Post("out"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("retry-after"), "1");
  first.Send(Post("still in"));
  EXPECT_EQ(first.ReadAnswer().status, 200);
}

TEST_F(ListenerTest, TooManyRequestsInFlightAre503AndTheConnectionLives) {
  options_.requests_in_flight_max = 2;
  Begin();
  RawClient a(listener_->port());
  RawClient b(listener_->port());
  a.Send("GET /hold HTTP/1.1\r\nhost: x\r\n\r\n");
  b.Send("GET /hold HTTP/1.1\r\nhost: x\r\n\r\n");
  std::vector<Respond> held = TakeHeld(2);
  RawClient c(listener_->port());
  c.Send(Post("x"));
  const RawAnswer refused = c.ReadAnswer();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.Header("retry-after"), "1");
  for (Respond& respond : held) respond(JsonResponse(200, "done"));
  EXPECT_EQ(a.ReadAnswer().status, 200);
  EXPECT_EQ(b.ReadAnswer().status, 200);
  c.Send(Post("y"));
  EXPECT_EQ(c.ReadAnswer().status, 200);
}

TEST_F(ListenerTest, BodiesBeyondTheMemoryOfTheServerAre503AndAreGivenBack) {
  options_.body_bytes_in_flight_max = 100'000;
  Begin();
  RawClient big(listener_->port());
  big.Send(Post(std::string(200'000, 'x')));
  EXPECT_EQ(big.ReadAnswer().status, 503);
  EXPECT_TRUE(big.ReadEnd());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Ask(Post(std::string(90'000, 'x'))).status, 200);
}

TEST_F(ListenerTest, DroppedRequestIsA500AndASecondAnswerIsIgnored) {
  Begin();
  EXPECT_EQ(Ask("GET /drop HTTP/1.1\r\nhost: x\r\n\r\n").status, 500);
  RawClient client(listener_->port());
  client.Send("GET /twice HTTP/1.1\r\nhost: x\r\n\r\nGET /g HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().body, "first");
  EXPECT_EQ(client.ReadAnswer().body, "GET /g ");
}

TEST_F(ListenerTest, OldClientsAreClosedUnlessTheyAskOtherwise) {
  Begin();
  RawClient old(listener_->port());
  old.Send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.ReadAnswer().status, 200);
  EXPECT_TRUE(old.ReadEnd());
  RawClient keeping(listener_->port());
  keeping.Send("GET /a HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
  EXPECT_EQ(keeping.ReadAnswer().Header("connection"), "keep-alive");
  keeping.Send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(keeping.ReadAnswer().status, 200);
}

TEST_F(ListenerTest, StopWaitsForRequestsInFlightAndRefusesNewOnes) {
  Begin();
  const uint16_t port = listener_->port();
  RawClient busy(port);
  RawClient idle(port);
  idle.Send(Post("x"));
  EXPECT_EQ(idle.ReadAnswer().status, 200);
  busy.Send("GET /hold HTTP/1.1\r\nhost: x\r\n\r\n");
  std::vector<Respond> held = TakeHeld(1);
  std::thread stopper([this] { listener_->Stop(60'000); });
  EXPECT_TRUE(idle.ReadEnd());  // Stopping has begun.
  held[0](JsonResponse(200, "finished"));
  const RawAnswer answer = busy.ReadAnswer();
  EXPECT_EQ(answer.body, "finished");
  EXPECT_EQ(answer.Header("connection"), "close");
  stopper.join();
  EXPECT_FALSE(RawClient(port).is_connected());
}

TEST_F(ListenerTest, StopEndsAfterItsGraceAndLateAnswersAreDropped) {
  Begin();
  RawClient busy(listener_->port());
  busy.Send("GET /hold HTTP/1.1\r\nhost: x\r\n\r\n");
  std::vector<Respond> held = TakeHeld(1);
  listener_->Stop(20);
  EXPECT_EQ(busy.ReadAnswer().status, 0);
  held[0](JsonResponse(200, "too late"));
  listener_.reset();
  held.clear();
}

TEST_F(ListenerTest, ManyClientsAtOnceEachGetTheirOwnAnswers) {
  options_.thread_count = 4;
  Begin();
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      RawClient client(listener_->port());
      for (int i = 0; i < 200; ++i) {
        const std::string body = std::to_string(c) + ":" + std::to_string(i);
        if (!client.Send(Post(body))) return;
        if (client.ReadAnswer().body == "POST /echo " + body) good.fetch_add(1);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good.load(), 8 * 200);
  listener_->Stop(10'000);
  EXPECT_EQ(listener_->statistics().requests_in_flight, 0);
  EXPECT_EQ(listener_->statistics().body_bytes_in_flight, 0);
}

TEST_F(ListenerTest, AnswersFromOtherThreadsWhileStoppingAreSafe) {
  for (int round = 0; round < 20; ++round) {
    options_.thread_count = 2;
    Begin();
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 4; ++i) {
      clients.push_back(std::make_unique<RawClient>(listener_->port()));
      clients.back()->Send("GET /hold HTTP/1.1\r\nhost: x\r\n\r\n");
    }
    std::vector<Respond> held = TakeHeld(4);
    std::thread answering([&held] {
      for (Respond& respond : held) respond(JsonResponse(200, "x"));
    });
    listener_->Stop(0);
    answering.join();
    listener_.reset();
  }
}

// A tick that is due at the very moment of the stop must not start the next one: the listener would never
// end.
TEST_F(ListenerTest, StopEndsAlsoWhenATickIsDue) {
  options_.idle_timeout_ms = 1;  // Ticks as short as they get.
  constexpr int kMomentsPerTick = 300;
  for (int moment = 0; moment < kMomentsPerTick; ++moment) {
    Begin();
    const int64_t stop_at = clock_.SteadyMicros() + 4'800 + moment;
    while (clock_.SteadyMicros() < stop_at) std::this_thread::yield();
    listener_->Stop(0);
  }
}

TEST_F(ListenerTest, UnusableAddressesAreErrors) {
  options_.address = "not an address";
  const auto start = [this] {
    return Listener::Start(
        options_, [](const Request&, Respond) {},
        [](std::string_view, std::string_view) { return size_t{0}; }, clock_, random_);
  };
  EXPECT_EQ(start().status().field(), "address");
  options_.address = "127.0.0.1";
  Begin();
  options_.port = listener_->port();
  EXPECT_EQ(start().status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace attune::http
