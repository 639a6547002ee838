#include "db/greeting.hpp"

#include <cstddef>

namespace dts {

Greeting read_greeting(std::string_view bytes) {
  constexpr std::size_t header = 4;
  constexpr unsigned char protocol = 10, error = 0xff;
  auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < header) return Greeting::incomplete;
  const std::size_t end = header + (at(0) | at(1) << 8 | at(2) << 16);
  if (bytes.size() < end) return Greeting::incomplete;
  if (end > header && at(header) == error) return Greeting::refusal;
  if (end == header || at(header) != protocol) return Greeting::unknown;
  // Version up to a zero byte, thread id (4), salt (8), filler (1), lower half of the capabilities.
  constexpr unsigned client_ssl = 0x0800;
  const std::size_t version_end = bytes.find('\0', header + 1);
  if (version_end == bytes.npos || version_end + 16 > end) return Greeting::unknown;
  const unsigned capabilities = at(version_end + 14) | at(version_end + 15) << 8;
  if ((capabilities & client_ssl) == 0) return Greeting::plain;
  return bytes.size() > end ? Greeting::excess : Greeting::tls;
}

}  // namespace dts
