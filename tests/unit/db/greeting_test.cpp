#include "db/greeting.hpp"

#include <doctest/doctest.h>

#include <string>

using dts::Greeting;
using dts::read_greeting;

namespace {

std::string packet(const std::string& payload) {
  return {std::string{static_cast<char>(payload.size()), 0, 0, 0} + payload};
}

/// A greeting up to its flags, which is all that counts.
std::string greeting(unsigned flags) {
  std::string payload = "\n10.11.19-MariaDB";
  payload += '\0';
  payload += std::string("\1\0\0\0", 4) + "12345678" + '\0';
  payload += static_cast<char>(flags & 0xff);
  payload += static_cast<char>(flags >> 8);
  return packet(payload + "the rest");
}

}  // namespace

TEST_CASE("a greeting tells whether TLS is offered") {
  CHECK(read_greeting(greeting(0xffff)) == Greeting::tls);
  CHECK(read_greeting(greeting(0x0800)) == Greeting::tls);
  CHECK(read_greeting(greeting(0xf7ff)) == Greeting::plain);
  CHECK(read_greeting(greeting(0)) == Greeting::plain);
}

TEST_CASE("a greeting is read once all of it is there") {
  const std::string whole = greeting(0x0800);
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(read_greeting(std::string_view(whole).substr(0, size)) == Greeting::incomplete);
  CHECK(read_greeting(whole + "x") == Greeting::excess);
  CHECK(read_greeting(greeting(0) + "x") == Greeting::plain);
}

TEST_CASE("what is no greeting is not taken for one") {
  CHECK(read_greeting(packet("\xff\x10\x04Too many connections")) == Greeting::refusal);
  CHECK(read_greeting(packet("")) == Greeting::unknown);
  CHECK(read_greeting(packet("\x09"
                             "3.20")) == Greeting::unknown);
  CHECK(read_greeting(packet("\n10.11.19-MariaDB without an end")) == Greeting::unknown);
  const std::string cut = greeting(0x0800).substr(4, 1 + 16 + 1 + 13 + 1);  // one byte of the flags
  CHECK(read_greeting(packet(cut)) == Greeting::unknown);
}
