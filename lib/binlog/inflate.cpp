#include <zlib.h>

#include "binlog/column_value.hpp"

namespace dts {

namespace {

constexpr std::size_t inflated_max = std::size_t{1} << 30;  // the server's max_allowed_packet
constexpr std::size_t deflate_ratio_max = 1032;  // more than that a byte of zlib data never gives

[[noreturn]] void damaged() {
  throw Error(ErrorKind::source, "cannot decompress binlog data: it is damaged",
              "check the source's binlog files");
}

/// `window_bits` as zlib's inflateInit2: 15 with, -15 without the zlib wrapper.
std::string_view inflate_to(std::string_view data, std::size_t size, int window_bits, Arena& arena) {
  if (size > inflated_max || size / deflate_ratio_max > data.size()) damaged();
  char* to = arena.allocate(size);
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) throw std::bad_alloc();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(to);
  stream.avail_out = static_cast<uInt>(size);
  int result = inflate(&stream, Z_FINISH);
  std::size_t written = stream.total_out;
  inflateEnd(&stream);
  if (result != Z_STREAM_END || written != size) damaged();
  return {to, size};
}

}  // namespace

// MariaDB sql/log_event.cc, binlog_buf_uncompress(): one byte 0x80 | algorithm << 4 | n, then the
// length in n bytes, big-endian, then a zlib stream.
std::string_view inflate_event(std::string_view data, Arena& arena) {
  Bytes in(data);
  std::uint8_t head = in.byte();
  if ((head & 0x80) == 0 || (head & 0x70) != 0 || (head & 7) > 4) damaged();
  std::size_t size = in.big_endian(head & 7);
  return inflate_to(in.rest(), size, 15, arena);
}

// MariaDB sql/field.cc, Field_longstr::uncompress(): the high four bits of the first byte are the
// method (0 stored, 8 zlib), bit 3 says "raw deflate", the low three are the length's size.
std::string_view inflate_column(std::string_view data, Arena& arena) {
  if (data.empty()) return {};
  Bytes in(data);
  std::uint8_t head = in.byte();
  if (head >> 4 == 0) return in.rest();
  if (head >> 4 != 8 || (head & 7) > 4) damaged();
  std::size_t size = in.big_endian(head & 7);
  return inflate_to(in.rest(), size, (head & 8) != 0 ? -15 : 15, arena);
}

}  // namespace dts
