#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "dts/error.hpp"

namespace dts {

/// Reads little-endian fields from bytes that nobody has checked: running over the end throws
/// Error{source}, never reads outside.
class Bytes {
 public:
  explicit Bytes(std::string_view data) : at_(data.data()), end_(data.data() + data.size()) {}

  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  bool done() const { return at_ == end_; }

  std::string_view take(std::size_t size) {
    if (size > left()) overrun();
    std::string_view part(at_, size);
    at_ += size;
    return part;
  }
  std::string_view rest() { return take(left()); }
  void skip(std::size_t size) { take(size); }

  /// Little-endian unsigned integer of at most 8 bytes; more is taken for damage.
  std::uint64_t number(std::size_t size) {
    if (size > sizeof(std::uint64_t)) overrun();
    std::string_view part = take(size);
    std::uint64_t value = 0;
    std::memcpy(&value, part.data(), size);  // the hosts that we build for are little-endian
    return value;
  }
  std::uint64_t big_endian(std::size_t size) {
    if (size > sizeof(std::uint64_t)) overrun();
    std::uint64_t value = 0;
    for (char c : take(size)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
  /// Length-encoded integer of the client/server protocol.
  std::uint64_t length() {
    std::uint8_t first = byte();
    if (first < 251) return first;
    if (first == 252) return number(2);
    if (first == 253) return number(3);
    if (first == 254) return number(8);
    overrun();
  }
  /// A string that ends with a zero byte, which is taken too.
  std::string_view c_string() {
    const void* zero = std::memchr(at_, 0, left());
    if (zero == nullptr) overrun();
    std::string_view text = take(static_cast<std::size_t>(static_cast<const char*>(zero) - at_));
    skip(1);
    return text;
  }

 private:
  [[noreturn]] static void overrun() {
    throw Error(ErrorKind::source, "cannot decode a binlog event: it is shorter than its contents",
                "the binlog is damaged, or of a kind that this version does not know");
  }

  const char* at_;
  const char* end_;
};

}  // namespace dts
