#include "http/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "http/wire.h"

namespace attune::http {

std::string RawAnswer::Header(std::string_view name) const {
  size_t begin = head.find("\r\n");
  while (begin != std::string::npos && begin + 2 < head.size()) {
    begin += 2;
    const size_t end = std::min(head.find("\r\n", begin), head.size());
    const std::string_view line = std::string_view(head).substr(begin, end - begin);
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos && LowerCase(line.substr(0, colon)) == name) {
      return std::string(TrimSpaces(line.substr(colon + 1)));
    }
    begin = end;
  }
  return {};
}

RawClient::RawClient(uint16_t port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  if (socket_ < 0) return;
  const timeval wait{kWaitSeconds, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) Close();
}

RawClient::~RawClient() { Close(); }

void RawClient::Close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void RawClient::FinishSending() { ::shutdown(socket_, SHUT_WR); }

bool RawClient::ReadMore() {
  std::array<char, 16 * 1024> chunk;
  const ssize_t count = ::recv(socket_, chunk.data(), chunk.size(), 0);
  if (count <= 0) return false;
  received_.append(chunk.data(), static_cast<size_t>(count));
  return true;
}

RawAnswer RawClient::ReadAnswer(bool has_body) {
  RawAnswer answer;
  size_t head_end = 0;
  while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadMore()) return answer;
  }
  answer.head = received_.substr(0, head_end + 2);
  received_.erase(0, head_end + 4);
  size_t body_bytes = 0;
  const std::string length = answer.Header("content-length");
  std::from_chars(length.data(), length.data() + length.size(), body_bytes);
  if (!has_body) body_bytes = 0;
  while (received_.size() < body_bytes) {
    if (!ReadMore()) return answer;
  }
  answer.body = received_.substr(0, body_bytes);
  received_.erase(0, body_bytes);
  const size_t space = answer.head.find(' ');
  if (space != std::string::npos && space + 4 <= answer.head.size()) {
    std::from_chars(answer.head.data() + space + 1, answer.head.data() + space + 4, answer.status);
  }
  return answer;
}

bool RawClient::ReadEnd() {
  if (!received_.empty()) return false;
  std::array<char, 1> byte;
  return ::recv(socket_, byte.data(), byte.size(), 0) == 0;
}

}  // namespace attune::http
