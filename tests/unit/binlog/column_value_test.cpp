#include "binlog/column_value.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdlib>

#include "binlog/event_builder.hpp"
#include "catch_error.hpp"

using namespace events;
using dts::ColumnType;
namespace type = dts::binlog_type;

namespace {

dts::Column column(ColumnType column_type, bool is_unsigned = false) {
  dts::Column result;
  result.name = "c";
  result.type = column_type;
  result.is_unsigned = is_unsigned;
  return result;
}

/// Reads one value that must take all the bytes.
std::string read(std::uint8_t binlog_type, std::uint16_t metadata, const std::string& bytes,
                 const dts::Column& as) {
  dts::Arena arena;
  dts::Bytes body(bytes);
  const auto text = show(dts::read_column(body, binlog_type, metadata, as, arena));
  CHECK(body.left() == 0);
  return text;
}

std::string integer(std::uint8_t binlog_type, const char* bytes, bool is_unsigned) {
  return read(binlog_type, 0, hex(bytes), column(ColumnType::integer, is_unsigned));
}

std::string decimal(unsigned precision, unsigned scale, const char* bytes) {
  return read(type::new_decimal, static_cast<std::uint16_t>(scale << 8 | precision), hex(bytes),
              column(ColumnType::decimal));
}

/// Metadata of a CHAR or BINARY of that many bytes, as the server packs it.
std::uint16_t string_metadata(unsigned bytes) {
  return static_cast<std::uint16_t>((bytes & 0xff) << 8 | (0xfe ^ ((bytes & 0x300) >> 4)));
}

std::string real(double value) {
  const auto text = read(type::double_, 8, le(std::bit_cast<std::uint64_t>(value), 8),
                         column(ColumnType::double_));
  return text.substr(2);
}

std::string real(float value) {
  const auto text = read(type::float_, 4, le(std::bit_cast<std::uint32_t>(value), 4),
                         column(ColumnType::float_));
  return text.substr(2);
}

template <class Real>
void check_exact(Real value) {
  const auto text = real(value);
  CAPTURE(text);
  CHECK(text.find('e') != std::string::npos);
  CHECK(std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)) ==
        std::bit_cast<std::uint64_t>(static_cast<double>(value)));
}

}  // namespace

TEST_CASE("column values: integers of all sizes") {
  const struct {
    std::uint8_t binlog_type;
    const char *least, *most, *minus_one;
    const char *least_text, *most_text, *unsigned_most;
  } sizes[] = {
      {type::tiny, "80", "7f", "ff", "n:-128", "n:127", "n:255"},
      {type::short_, "0080", "ff7f", "ffff", "n:-32768", "n:32767", "n:65535"},
      {type::int24, "000080", "ffff7f", "ffffff", "n:-8388608", "n:8388607", "n:16777215"},
      {type::long_, "00000080", "ffffff7f", "ffffffff", "n:-2147483648", "n:2147483647",
       "n:4294967295"},
      {type::longlong, "0000000000000080", "ffffffffffffff7f", "ffffffffffffffff",
       "n:-9223372036854775808", "n:9223372036854775807", "n:18446744073709551615"},
  };
  for (const auto& size : sizes) {
    CHECK(integer(size.binlog_type, size.least, false) == size.least_text);
    CHECK(integer(size.binlog_type, size.most, false) == size.most_text);
    CHECK(integer(size.binlog_type, size.most, true) == size.most_text);
    CHECK(integer(size.binlog_type, size.minus_one, false) == "n:-1");
    CHECK(integer(size.binlog_type, size.minus_one, true) == size.unsigned_most);
  }
  CHECK(integer(type::int24, "000000", false) == "n:0");
  CHECK(integer(type::long_, "39300000", false) == "n:12345");
}

TEST_CASE("column values: DECIMAL") {
  CHECK(decimal(10, 2, "80bc614e 5a") == "n:12345678.90");
  CHECK(decimal(10, 2, "7f439eb1 a5") == "n:-12345678.90");
  CHECK(decimal(10, 2, "80000000 00") == "n:0.00");
  CHECK(decimal(10, 2, "80000000 01") == "n:0.01");
  CHECK(decimal(10, 2, "7fffffff fe") == "n:-0.01");
  CHECK(decimal(1, 0, "89") == "n:9");
  CHECK(decimal(1, 0, "76") == "n:-9");
  CHECK(decimal(1, 1, "85") == "n:0.5");
  CHECK(decimal(9, 9, "80000001") == "n:0.000000001");
  CHECK(decimal(18, 9, "80000001 00000001") == "n:1.000000001");
  CHECK(decimal(18, 0, "80000001 00000001") == "n:1000000001");
  const std::string nines = std::string(35, '9') + "." + std::string(30, '9');
  CHECK(decimal(65, 30, "85f5e0ff 3b9ac9ff 3b9ac9ff 3b9ac9ff 3b9ac9ff 3b9ac9ff 3b9ac9ff 03e7") ==
        "n:" + nines);
  CHECK(decimal(65, 30, "7a0a1f00 c4653600 c4653600 c4653600 c4653600 c4653600 c4653600 fc18") ==
        "n:-" + nines);
  CHECK(decimal(65, 0, "80 3b9ac9ff 00000000 00000000 00000000 00000000 00000000 00000001") ==
        "n:999999999" + std::string(53, '0') + "1");
  CHECK_THROWS_AS(decimal(5, 6, "80000000"), dts::Error);
  CHECK_THROWS_AS(decimal(0, 0, ""), dts::Error);
  CHECK_THROWS_AS(decimal(10, 2, "80000000"), dts::Error);
}

TEST_CASE("column values: FLOAT and DOUBLE are exact and have an exponent") {
  for (float value : {0.0f, -0.0f, 1.1f, -1.1f, 16777217.0f, 3.4028234e38f, 1.17549435e-38f, 1e-45f,
                      0.1f, 123456.789f})
    check_exact(value);
  for (double value : {0.0, -0.0, 0.1 + 0.2, 1.7976931348623157e308, 2.2250738585072014e-308,
                       5e-324, 1e22, 123456789.0, -1.5})
    check_exact(value);
  CHECK(real(-0.0) == "-0e0");
  CHECK(real(1.5) == "1.5e0");
  CHECK(real(1.1f) == "1.100000023841858e0");
}

TEST_CASE("column values: dates and years") {
  const auto date = [](const char* bytes) {
    return read(type::date, 0, hex(bytes), column(ColumnType::date));
  };
  CHECK(date("000000") == "d:0000-00-00");
  CHECK(date("5dd00f") == "d:2024-02-29");
  CHECK(date("9f1f4e") == "d:9999-12-31");
  CHECK(date("00d00f") == "d:2024-00-00");
  const auto year = [](const char* bytes) {
    return read(type::year, 0, hex(bytes), column(ColumnType::year));
  };
  CHECK(year("00") == "n:0");
  CHECK(year("01") == "n:1901");
  CHECK(year("ff") == "n:2155");
}

TEST_CASE("column values: DATETIME") {
  const auto datetime = [](std::uint16_t digits, const char* bytes) {
    return read(type::datetime2, digits, hex(bytes), column(ColumnType::datetime));
  };
  CHECK(datetime(0, "8000000000") == "d:0000-00-00 00:00:00");
  CHECK(datetime(6, "8000000000 000000") == "d:0000-00-00 00:00:00.000000");
  CHECK(datetime(0, "99b2bac8b8") == "d:2024-02-29 12:34:56");
  CHECK(datetime(1, "99b2bac8b8 0a") == "d:2024-02-29 12:34:56.1");
  CHECK(datetime(2, "99b2bac8b8 0c") == "d:2024-02-29 12:34:56.12");
  CHECK(datetime(3, "99b2bac8b8 04ce") == "d:2024-02-29 12:34:56.123");
  CHECK(datetime(4, "99b2bac8b8 04d2") == "d:2024-02-29 12:34:56.1234");
  CHECK(datetime(5, "99b2bac8b8 01e23a") == "d:2024-02-29 12:34:56.12345");
  CHECK(datetime(6, "99b2bac8b8 01e240") == "d:2024-02-29 12:34:56.123456");
  CHECK(datetime(6, "99b2bac8b8 000001") == "d:2024-02-29 12:34:56.000001");
  CHECK(datetime(0, "fef3ff7efb") == "d:9999-12-31 23:59:59");
  CHECK(datetime(0, "99b2001083") == "d:2024-00-00 01:02:03");
  CHECK_THROWS_AS(datetime(7, "99b2bac8b8 00000000"), dts::Error);
}

TEST_CASE("column values: TIME") {
  const auto time = [](std::uint16_t digits, const char* bytes) {
    return read(type::time2, digits, hex(bytes), column(ColumnType::time));
  };
  CHECK(time(0, "800000") == "d:00:00:00");
  CHECK(time(6, "800000 000000") == "d:00:00:00.000000");
  CHECK(time(0, "4b9105") == "d:-838:59:59");
  CHECK(time(0, "b46efb") == "d:838:59:59");
  CHECK(time(1, "7fffff f6") == "d:-00:00:00.1");
  CHECK(time(2, "7ffffe 9d") == "d:-00:00:01.99");
  CHECK(time(3, "7f3747 fb32") == "d:-12:34:56.123");
  CHECK(time(4, "7f3747 fb2e") == "d:-12:34:56.1234");
  CHECK(time(5, "7f3747 fe1dc6") == "d:-12:34:56.12345");
  CHECK(time(6, "7f3747 fe1dc0") == "d:-12:34:56.123456");
  CHECK(time(6, "7fffff ffffff") == "d:-00:00:00.000001");
  CHECK(time(6, "80c8b8 01e240") == "d:12:34:56.123456");
  CHECK_THROWS_AS(time(9, "800000 0000000000"), dts::Error);
}

TEST_CASE("column values: TIMESTAMP in UTC") {
  const auto timestamp = [](std::uint16_t digits, const char* bytes) {
    return read(type::timestamp2, digits, hex(bytes), column(ColumnType::timestamp));
  };
  CHECK(timestamp(0, "00000000") == "d:0000-00-00 00:00:00");
  CHECK(timestamp(3, "00000000 0000") == "d:0000-00-00 00:00:00.000");
  CHECK(timestamp(6, "00000000 000001") == "d:1970-01-01 00:00:00.000001");
  CHECK(timestamp(0, "00000001") == "d:1970-01-01 00:00:01");
  CHECK(timestamp(0, "7fffffff") == "d:2038-01-19 03:14:07");
  CHECK(timestamp(0, "ffffffff") == "d:2106-02-07 06:28:15");  // MariaDB 11.5
  CHECK(timestamp(1, "65e07a50 0a") == "d:2024-02-29 12:36:32.1");
  CHECK(timestamp(2, "65e07a50 0c") == "d:2024-02-29 12:36:32.12");
  CHECK(timestamp(4, "65e07a50 04d2") == "d:2024-02-29 12:36:32.1234");
  CHECK(timestamp(5, "65e07a50 01e23a") == "d:2024-02-29 12:36:32.12345");
  CHECK(timestamp(6, "7fffffff 0f423f") == "d:2038-01-19 03:14:07.999999");
}

TEST_CASE("column values: times in the format of MariaDB 5.3") {
  const auto old = [](std::uint8_t binlog_type, const std::string& bytes, ColumnType as) {
    return read(binlog_type, 0, bytes, column(as));
  };
  CHECK(old(type::timestamp, le(2147483647, 4), ColumnType::timestamp) == "d:2038-01-19 03:14:07");
  CHECK(old(type::timestamp, le(0, 4), ColumnType::timestamp) == "d:0000-00-00 00:00:00");
  CHECK(old(type::time, le(8385959, 3), ColumnType::time) == "d:838:59:59");
  CHECK(old(type::time, le(static_cast<std::uint64_t>(-8385959), 3), ColumnType::time) ==
        "d:-838:59:59");
  CHECK(old(type::time, le(static_cast<std::uint64_t>(-1), 3), ColumnType::time) == "d:-00:00:01");
  CHECK(old(type::datetime, le(20240229123456, 8), ColumnType::datetime) ==
        "d:2024-02-29 12:34:56");
  CHECK(old(type::datetime, le(0, 8), ColumnType::datetime) == "d:0000-00-00 00:00:00");
  auto with_fraction = column(ColumnType::time);
  with_fraction.digits = 3;
  CHECK_THROWS_AS(read(type::time, 0, le(0, 3), with_fraction), dts::Error);
}

TEST_CASE("column values: BIT, ENUM and SET") {
  const auto bit = [](std::uint16_t metadata, const char* bytes) {
    return read(type::bit, metadata, hex(bytes), column(ColumnType::bit));
  };
  CHECK(bit(0x0001, "01") == "n:1");
  CHECK(bit(0x0100, "ff") == "n:255");
  CHECK(bit(0x0401, "01ffffffff") == "n:8589934591");  // BIT(33): four bytes and a bit
  CHECK(bit(0x0401, "0100000000") == "n:4294967296");
  CHECK(bit(0x0800, "ffffffffffffffff") == "n:18446744073709551615");
  CHECK(read(type::enum_, 0x01f7, hex("00"), column(ColumnType::enum_)) == "n:0");
  CHECK(read(type::enum_, 0x01f7, hex("ff"), column(ColumnType::enum_)) == "n:255");
  CHECK(read(type::enum_, 0x02f7, hex("2c01"), column(ColumnType::enum_)) == "n:300");
  CHECK(read(type::set, 0x01f8, hex("05"), column(ColumnType::set)) == "n:5");
  CHECK(read(type::set, 0x08f8, hex("ffffffffffffffff"), column(ColumnType::set)) ==
        "n:18446744073709551615");
}

TEST_CASE("column values: strings") {
  const auto text = column(ColumnType::text), bytes = column(ColumnType::bytes),
             binary = column(ColumnType::binary);
  CHECK(read(type::varchar, 40, hex("03 616263"), text) == "t:abc");
  CHECK(read(type::varchar, 255, hex("03 616263"), text) == "t:abc");
  CHECK(read(type::varchar, 256, hex("0300 616263"), text) == "t:abc");
  CHECK(read(type::varchar, 40, hex("00"), text) == "t:");
  CHECK(read(type::varchar, 40, hex("02 0027"), bytes) == std::string("b:\0'", 4));
  CHECK(read(type::var_string, 40, hex("01 61"), text) == "t:a");
  const std::string long_text(1020, 'x');
  CHECK(read(type::string, string_metadata(10), hex("03 616263"), text) == "t:abc");
  CHECK(read(type::string, string_metadata(255), hex("03 616263"), text) == "t:abc");
  CHECK(read(type::string, string_metadata(256), hex("0300 616263"), text) == "t:abc");
  CHECK(read(type::string, string_metadata(1020), hex("fc03") + long_text, text) ==
        "t:" + long_text);
  CHECK(read(type::string, string_metadata(4), hex("01 61"), binary) ==
        std::string("b:a\0\0\0", 6));
  CHECK(read(type::string, string_metadata(4), hex("00"), binary) ==
        std::string("b:\0\0\0\0", 6));
  CHECK(read(type::string, string_metadata(4), hex("04 ff00ff20"), binary) ==
        "b:" + hex("ff00ff20"));
  for (std::uint16_t size : {1, 2, 3, 4}) {
    CHECK(read(type::blob, size, le(3, size) + "abc", text) == "t:abc");
    CHECK(read(type::blob, size, le(3, size) + "abc", bytes) == "b:abc");
  }
  CHECK(read(type::geometry, 4, le(5, 4) + "12345", column(ColumnType::geometry)) == "b:12345");
  CHECK_THROWS_AS(read(type::varchar, 40, hex("04 616263"), text), dts::Error);
  CHECK_THROWS_AS(read(type::blob, 4, hex("ffffffff 61"), text), dts::Error);
}

TEST_CASE("column values: UUID, INET4 and INET6") {
  const auto meta = string_metadata(16);
  const auto uuid = column(ColumnType::uuid), inet4 = column(ColumnType::inet4),
             inet6 = column(ColumnType::inet6);
  CHECK(read(type::string, meta, hex("10 00112233445566778899aabbccddeeff"), uuid) ==
        "d:00112233-4455-6677-8899-aabbccddeeff");
  CHECK(read(type::string, meta, hex("00"), uuid) == "d:00000000-0000-0000-0000-000000000000");
  CHECK(read(type::string, meta, hex("0f 00112233445566778899aabbccddee"), uuid) ==
        "d:00112233-4455-6677-8899-aabbccddee00");
  CHECK(read(type::string, string_metadata(4), hex("04 01020304"), inet4) == "d:1.2.3.4");
  CHECK(read(type::string, string_metadata(4), hex("01 0a"), inet4) == "d:10.0.0.0");
  CHECK(read(type::string, meta, hex("00"), inet6) == "d:::");
  CHECK(read(type::string, meta, hex("10 00000000000000000000ffff01020304"), inet6) ==
        "d:::ffff:1.2.3.4");
  CHECK(read(type::string, meta, hex("04 20010db8"), inet6) == "d:2001:db8::");
}

TEST_CASE("column values: compressed columns") {
  const auto text = column(ColumnType::text), bytes = column(ColumnType::bytes);
  const std::string plain(300, 'a');
  const auto stored = hex("00") + plain;
  const auto zlib = hex("82 012c") + deflate(plain, 15);
  const auto raw = hex("8a 012c") + deflate(plain, -15);
  for (const auto& data : {stored, zlib, raw}) {
    CHECK(read(type::varchar_compressed, 1000, le(data.size(), 2) + data, text) == "t:" + plain);
    CHECK(read(type::blob_compressed, 2, le(data.size(), 2) + data, bytes) == "b:" + plain);
    CHECK(read(type::blob_compressed, 4, le(data.size(), 4) + data, text) == "t:" + plain);
  }
  CHECK(read(type::varchar_compressed, 100, hex("00"), text) == "t:");
  CHECK(read(type::varchar_compressed, 100, hex("03 00 6162"), bytes) == "b:ab");
  for (const auto& bad : {hex("92 012c") + deflate(plain, 15), hex("87 012c"), hex("82 01"),
                          hex("82 012d") + deflate(plain, 15), hex("82 012b") + deflate(plain, 15),
                          hex("82 012c") + deflate(plain, -15), hex("84 ffffffff 00")})
    CHECK_THROWS_AS(read(type::blob_compressed, 2, le(bad.size(), 2) + bad, bytes), dts::Error);
}

TEST_CASE("column values: VECTOR keeps its bytes") {
  CHECK(read(type::vector, 4, le(8, 4) + hex("0000803f 000020c0"), column(ColumnType::vector)) ==
        "b:" + hex("0000803f 000020c0"));
}

TEST_CASE("column values: a compressed column cannot claim more than zlib gives") {
  // 1 GiB out of 8 bytes: stops before memory is taken for it.
  dts::Arena arena;
  CHECK_THROWS_AS(dts::inflate_column(hex("84 40000000 789c0300"), arena), dts::Error);
  CHECK(arena.size() == 0);
}

TEST_CASE("column values: unknown types stop") {
  for (std::uint8_t binlog_type : {0, 6, 14, 20, 139, 142, 245, 249, 250, 251}) {
    dts::Arena arena;
    const std::string data(100, '\1');
    dts::Bytes body(data);
    CHECK_THROWS_AS(dts::read_column(body, binlog_type, 1, column(ColumnType::json), arena),
                    dts::Error);
  }
}

TEST_CASE("column values: nothing is read behind the end") {
  const std::string nothing;
  for (unsigned binlog_type = 0; binlog_type < 256; ++binlog_type) {
    dts::Arena arena;
    dts::Bytes body(nothing);
    CHECK_THROWS_AS(dts::read_column(body, static_cast<std::uint8_t>(binlog_type), 0x0101,
                                     column(ColumnType::bytes), arena),
                    dts::Error);
  }
}

// Metadata of damaged events asks for integers of more than eight bytes.
TEST_CASE("column values: absurd metadata stops") {
  const std::string data(300, '\1');
  for (std::uint8_t binlog_type : {type::enum_, type::set}) {
    dts::Arena arena;
    dts::Bytes body(data);
    CHECK_THROWS_AS(dts::read_column(body, binlog_type, 0xff00, column(ColumnType::set), arena),
                    dts::Error);
  }
  for (std::uint8_t binlog_type : {type::blob, type::geometry, type::blob_compressed}) {
    dts::Arena arena;
    dts::Bytes body(data);
    CHECK_THROWS_AS(dts::read_column(body, binlog_type, 200, column(ColumnType::bytes), arena),
                    dts::Error);
  }
}
