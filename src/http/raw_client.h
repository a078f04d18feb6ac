// A client for tests that sends exactly the bytes it is told to and reads what comes back, over a blocking
// socket.
//
//   RawClient client(listener.port());
//   client.Send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
//   RawAnswer answer = client.ReadAnswer();
//
// Every wait ends after kWaitSeconds, so that a test fails instead of hanging.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_HTTP_RAW_CLIENT_H_
#define ATTUNE_HTTP_RAW_CLIENT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace attune::http {

struct RawAnswer {
  int status = 0;    // 0: the connection ended before a whole answer came.
  std::string head;  // Status line and headers, header names as sent.
  std::string body;

  // The value of a header, by its lower-case name; empty when absent.
  std::string Header(std::string_view name) const;
};

class RawClient {
 public:
  static constexpr int kWaitSeconds = 20;

  explicit RawClient(uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool is_connected() const { return socket_ >= 0; }
  // False when the server closed the connection.
  bool Send(std::string_view bytes);
  // No more will be sent; answers can still be read.
  void FinishSending();
  // `has_body` false: the answer to a HEAD.
  RawAnswer ReadAnswer(bool has_body = true);
  // True when the server closes without sending more.
  bool ReadEnd();
  void Close();

 private:
  bool ReadMore();

  int socket_ = -1;
  std::string received_;
};

}  // namespace attune::http

#endif  // ATTUNE_HTTP_RAW_CLIENT_H_
