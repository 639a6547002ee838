#include "binlog/column_value.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <chrono>

#include "binlog/types.hpp"

namespace dts {

namespace {

Value number(Arena& arena, std::uint64_t value) {
  char text[24];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {ValueKind::number, arena.copy({text, static_cast<std::size_t>(end - text)})};
}

Value signed_number(Arena& arena, std::int64_t value) {
  char text[24];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {ValueKind::number, arena.copy({text, static_cast<std::size_t>(end - text)})};
}

Value integer(Bytes& body, std::size_t size, const Column& column, Arena& arena) {
  std::uint64_t raw = body.number(size);
  if (column.is_unsigned) return number(arena, raw);
  unsigned shift = 64 - 8 * static_cast<unsigned>(size);
  return signed_number(arena, static_cast<std::int64_t>(raw << shift) >> shift);
}

/// The shortest text that reads back as the same double, always with an exponent: without one the
/// server would take it for a DECIMAL, and lose the sign of -0.
Value real(Arena& arena, double value) {
  char text[40];
  auto end = std::to_chars(text, text + sizeof text - 2, value).ptr;
  if (std::string_view(text, end - text).find('e') == std::string_view::npos) {
    *end++ = 'e';
    *end++ = '0';
  }
  return {ValueKind::number, arena.copy({text, static_cast<std::size_t>(end - text)})};
}

/// Nine decimal digits in four bytes, big-endian; the digits left over at both ends in as few
/// bytes as hold them. The first bit is flipped, and all bits of a negative number are.
Value decimal(Bytes& body, unsigned precision, unsigned scale, Arena& arena) {
  static constexpr std::array<std::uint8_t, 10> bytes_for = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
  if (scale > precision) throw Error(ErrorKind::source, "cannot decode a DECIMAL: bad metadata");
  unsigned whole = precision - scale;
  std::size_t size = whole / 9 * 4 + bytes_for[whole % 9] + scale / 9 * 4 + bytes_for[scale % 9];
  std::string raw(body.take(size));
  if (raw.empty()) throw Error(ErrorKind::source, "cannot decode a DECIMAL: no digits");
  bool negative = (static_cast<unsigned char>(raw[0]) & 0x80) == 0;
  raw[0] = static_cast<char>(raw[0] ^ 0x80);
  if (negative)
    for (char& c : raw) c = static_cast<char>(~c);

  std::string text = negative ? "-" : "";
  std::size_t digits_from = text.size();
  Bytes in(raw);
  auto group = [&](unsigned digits) {
    if (digits > 0) fmt::format_to(std::back_inserter(text), "{:0{}}", in.big_endian(bytes_for[digits]), digits);
  };
  group(whole % 9);
  for (unsigned i = 0; i < whole / 9; ++i) group(9);
  std::size_t first = text.find_first_not_of('0', digits_from);
  text.erase(digits_from, (first == std::string::npos ? text.size() : first) - digits_from);
  if (text.size() == digits_from) text += '0';
  if (scale > 0) {
    text += '.';
    for (unsigned i = 0; i < scale / 9; ++i) group(9);
    group(scale % 9);
  }
  return {ValueKind::number, arena.copy(text)};
}

template <class... A>
Value temporal(Arena& arena, fmt::format_string<A...> format, A&&... parts) {
  char text[64];
  auto end = fmt::format_to_n(text, sizeof text, format, std::forward<A>(parts)...);
  return {ValueKind::temporal, arena.copy({text, end.size})};
}

/// Microseconds as the fraction of a temporal value with `digits` digits, with its point.
std::string fraction(std::uint64_t micros, unsigned digits) {
  if (digits == 0) return {};
  return "." + fmt::format("{:06}", micros).substr(0, digits);
}

/// The fraction of a temporal value: ceil(digits / 2) bytes, in units of 100^-bytes seconds.
std::uint64_t micros_of(std::uint64_t raw, unsigned digits) {
  static constexpr std::array<std::uint64_t, 4> unit = {0, 10000, 100, 1};
  return raw * unit[(digits + 1) / 2];
}

unsigned checked_digits(std::uint16_t metadata) {
  if (metadata > 6) throw Error(ErrorKind::source, "cannot decode a time: bad metadata");
  return metadata;
}

Value date(Bytes& body, Arena& arena) {
  std::uint64_t raw = body.number(3);
  return temporal(arena, "{:04}-{:02}-{:02}", raw >> 9, raw >> 5 & 15, raw & 31);
}

Value datetime2(Bytes& body, unsigned digits, Arena& arena) {
  std::uint64_t raw = body.big_endian(5) - 0x8000000000;
  std::uint64_t micros = micros_of(body.big_endian((digits + 1) / 2), digits);
  std::uint64_t year_month = raw >> 22 & 0x1ffff;
  return temporal(arena, "{:04}-{:02}-{:02} {:02}:{:02}:{:02}{}", year_month / 13, year_month % 13,
                  raw >> 17 & 31, raw >> 12 & 31, raw >> 6 & 63, raw & 63,
                  fraction(micros, digits));
}

/// Sign, 10 bits of hours, 6 of minutes, 6 of seconds and the fraction are one number, biased so
/// that it sorts: a negative time borrows from the fraction.
Value time2(Bytes& body, unsigned digits, Arena& arena) {
  unsigned fraction_bytes = (digits + 1) / 2;
  auto raw = static_cast<std::int64_t>(body.big_endian(3 + fraction_bytes));
  std::int64_t value = raw - (std::int64_t{0x800000} << (8 * fraction_bytes));
  bool negative = value < 0;
  auto absolute = static_cast<std::uint64_t>(negative ? -value : value);
  std::uint64_t whole = absolute >> (8 * fraction_bytes);
  std::uint64_t micros =
      micros_of(absolute & ((std::uint64_t{1} << (8 * fraction_bytes)) - 1), digits);
  return temporal(arena, "{}{:02}:{:02}:{:02}{}", negative ? "-" : "", whole >> 12 & 0x3ff,
                  whole >> 6 & 63, whole & 63, fraction(micros, digits));
}

Value timestamp(std::uint64_t seconds, std::uint64_t micros, unsigned digits, Arena& arena) {
  if (seconds == 0 && micros == 0)
    return temporal(arena, "0000-00-00 00:00:00{}", fraction(0, digits));
  using namespace std::chrono;
  sys_seconds at{std::chrono::seconds(seconds)};
  auto day = floor<days>(at);
  year_month_day ymd{day};
  hh_mm_ss clock{at - day};
  return temporal(arena, "{:04}-{:02}-{:02} {:02}:{:02}:{:02}{}", static_cast<int>(ymd.year()),
                  static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                  fraction(micros, digits));
}

/// Formats from before MySQL 5.6, still written for old MariaDB columns; without a fraction only.
Value old_temporal(Bytes& body, std::uint8_t type, const Column& column, Arena& arena) {
  if (column.digits > 0)
    throw Error(ErrorKind::source,
                fmt::format("cannot decode column '{}' ({}): it has MariaDB 5.3's storage format",
                            column.name, column.definition),
                "rebuild the table with mysql56_temporal_format = ON");
  if (type == binlog_type::timestamp) return timestamp(body.number(4), 0, 0, arena);
  if (type == binlog_type::time) {
    auto raw = static_cast<std::int32_t>(body.number(3) << 8) >> 8;
    auto value = static_cast<unsigned>(raw < 0 ? -raw : raw);
    return temporal(arena, "{}{:02}:{:02}:{:02}", raw < 0 ? "-" : "", value / 10000,
                    value / 100 % 100, value % 100);
  }
  std::uint64_t raw = body.number(8);
  std::uint64_t day = raw / 1000000, clock = raw % 1000000;
  return temporal(arena, "{:04}-{:02}-{:02} {:02}:{:02}:{:02}", day / 10000, day / 100 % 100,
                  day % 100, clock / 10000, clock / 100 % 100, clock % 100);
}

Value uuid(std::string_view raw, Arena& arena) {
  static constexpr char digits[] = "0123456789abcdef";
  char text[36];
  char* to = text;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
    *to++ = digits[static_cast<unsigned char>(raw[i]) >> 4];
    *to++ = digits[raw[i] & 15];
  }
  return {ValueKind::temporal, arena.copy({text, sizeof text})};
}

Value address(int family, std::string_view raw, Arena& arena) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(family, raw.data(), text, sizeof text);
  return {ValueKind::temporal, arena.copy(text)};
}

/// The server strips trailing zero bytes from fixed-size binary values.
std::string_view padded(std::string_view raw, std::size_t size, Arena& arena) {
  if (raw.size() >= size) return raw;
  char* to = arena.allocate(size);
  std::memcpy(to, raw.data(), raw.size());
  std::memset(to + raw.size(), 0, size - raw.size());
  return {to, size};
}

Value of_column(std::string_view raw, const Column& column) {
  return {column.type == ColumnType::text ? ValueKind::text : ValueKind::bytes, raw};
}

Value string(Bytes& body, std::uint16_t metadata, const Column& column, Arena& arena) {
  unsigned first = metadata & 0xff, second = metadata >> 8;
  std::size_t bytes_max = (((first & 0x30) ^ 0x30) << 4) | second;
  std::string_view raw = body.take(body.number(bytes_max > 255 ? 2 : 1));
  switch (column.type) {
    case ColumnType::binary:
      return {ValueKind::bytes, padded(raw, bytes_max, arena)};
    case ColumnType::uuid:
      return uuid(padded(raw, 16, arena), arena);
    case ColumnType::inet6:
      return address(AF_INET6, padded(raw, 16, arena), arena);
    case ColumnType::inet4:
      return address(AF_INET, padded(raw, 4, arena), arena);
    default:
      return of_column(raw, column);
  }
}

[[noreturn]] void unknown_type(std::uint8_t type, const Column& column) {
  throw Error(ErrorKind::source, fmt::format("cannot decode column '{}' ({}): unknown binlog type {}",
                                             column.name, column.definition, type),
              "begin a new job that excludes the table");
}

}  // namespace

Value read_column(Bytes& body, std::uint8_t type, std::uint16_t metadata, const Column& column,
                  Arena& arena) {
  switch (type) {
    case binlog_type::tiny:
      return integer(body, 1, column, arena);
    case binlog_type::short_:
      return integer(body, 2, column, arena);
    case binlog_type::int24:
      return integer(body, 3, column, arena);
    case binlog_type::long_:
      return integer(body, 4, column, arena);
    case binlog_type::longlong:
      return integer(body, 8, column, arena);
    case binlog_type::float_:
      return real(arena, std::bit_cast<float>(static_cast<std::uint32_t>(body.number(4))));
    case binlog_type::double_:
      return real(arena, std::bit_cast<double>(body.number(8)));
    case binlog_type::new_decimal:
      return decimal(body, metadata & 0xff, metadata >> 8, arena);
    case binlog_type::year: {
      std::uint64_t raw = body.number(1);
      return number(arena, raw == 0 ? 0 : raw + 1900);
    }
    case binlog_type::bit:
      return number(arena, body.big_endian((metadata >> 8) + ((metadata & 0xff) > 0 ? 1 : 0)));
    case binlog_type::enum_:
    case binlog_type::set:
      return number(arena, body.number(metadata >> 8));
    case binlog_type::date:
      return date(body, arena);
    case binlog_type::time2:
      return time2(body, checked_digits(metadata), arena);
    case binlog_type::datetime2:
      return datetime2(body, checked_digits(metadata), arena);
    case binlog_type::timestamp2: {
      unsigned digits = checked_digits(metadata);
      std::uint64_t seconds = body.big_endian(4);
      std::uint64_t micros = micros_of(body.big_endian((digits + 1) / 2), digits);
      return timestamp(seconds, micros, digits, arena);
    }
    case binlog_type::time:
    case binlog_type::datetime:
    case binlog_type::timestamp:
      return old_temporal(body, type, column, arena);
    case binlog_type::varchar:
    case binlog_type::var_string:
      return of_column(body.take(body.number(metadata > 255 ? 2 : 1)), column);
    case binlog_type::varchar_compressed:
      return of_column(inflate_column(body.take(body.number(metadata > 255 ? 2 : 1)), arena),
                       column);
    case binlog_type::string:
      return string(body, metadata, column, arena);
    case binlog_type::blob:
    case binlog_type::geometry:
    case binlog_type::vector:
      return of_column(body.take(body.number(metadata)), column);
    case binlog_type::blob_compressed:
      return of_column(inflate_column(body.take(body.number(metadata)), arena), column);
    default:
      unknown_type(type, column);
  }
}

}  // namespace dts
