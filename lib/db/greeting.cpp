#include "db/greeting.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace dts {

namespace {

constexpr int timeout_ms = 10'000;

/// Closes on destruction.
struct Socket {
  int fd = -1;
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
};

int open_socket(const Endpoint& endpoint) {
  addrinfo hints{}, *list = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &list) != 0)
    return -1;
  int fd = -1;
  for (addrinfo* at = list; at != nullptr && fd < 0; at = at->ai_next) {
    fd = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    timeval limit{timeout_ms / 1000, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (fd >= 0 && ::connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
      ::close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(list);
  return fd;
}

/// The initial handshake packet of protocol 10: after the version's zero byte come thread id (4),
/// salt (8), filler (1) and the lower two bytes of the capabilities.
std::optional<unsigned> capabilities(int fd) {
  char packet[512];
  std::size_t size = 0;
  while (size < sizeof packet) {
    ssize_t got = ::recv(fd, packet + size, sizeof packet - size, 0);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
    std::size_t length = static_cast<unsigned char>(packet[0]) |
                         static_cast<unsigned char>(packet[1]) << 8;
    if (size >= 4 + length) break;
  }
  if (size < 6 || packet[4] != 10) return std::nullopt;
  const char* end = static_cast<const char*>(std::memchr(packet + 5, 0, size - 5));
  if (end == nullptr || end + 1 + 13 + 2 > packet + size) return std::nullopt;
  const auto* at = reinterpret_cast<const unsigned char*>(end) + 1 + 13;
  return at[0] | at[1] << 8;
}

}  // namespace

bool offers_tls(const Endpoint& endpoint) {
  constexpr unsigned client_ssl = 0x0800;
  if (!endpoint.socket.empty()) return false;
  static std::mutex mutex;
  static std::map<std::string, bool> known;
  std::lock_guard guard(mutex);
  std::string key = endpoint.host + ":" + std::to_string(endpoint.port);
  if (auto found = known.find(key); found != known.end()) return found->second;
  Socket socket{open_socket(endpoint)};
  if (socket.fd < 0) return false;
  auto bits = capabilities(socket.fd);
  if (!bits) return false;
  return known[key] = (*bits & client_ssl) != 0;
}

}  // namespace dts
