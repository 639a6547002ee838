#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "binlog/bytes.hpp"
#include "db/value.hpp"

namespace dts {

enum class JsonKind : std::uint8_t {
  null,
  boolean,
  integer,           ///< signed
  unsigned_integer,  ///< another type than `integer` for the server, even where the digits agree
  real,              ///< DOUBLE
  decimal,
  string,
  date,
  time,
  datetime,
  timestamp,
  opaque,  ///< bytes of a column type: BLOB, BINARY, BIT, ...
  array,
  object,
};

/// A JSON document of MySQL: a tree of typed values. Text and bytes are owned by somebody else (the
/// bytes that were parsed, or an Arena).
struct Json {
  JsonKind kind = JsonKind::null;
  std::uint8_t field_type = 0;  ///< of `opaque`: a binlog_type
  std::uint64_t bits = 0;       ///< boolean, integers, double; MySQL's packed form of a time
  std::string_view text;        ///< string: UTF-8; decimal: digits, sign, point; opaque: bytes
  std::string_view key;         ///< its name, when it is a member of an object
  std::vector<Json> items;      ///< of an array or object, in stored order

  double real() const { return std::bit_cast<double>(bits); }
};

/// Levels of arrays and objects that MySQL allows.
inline constexpr unsigned json_depth_max = 100;

/// Reads a value of a JSON column as the binlog has it. Nothing at all is the literal null. Damage
/// throws Error{source}; time and memory are linear in the size even then.
/// Format: MySQL sql-common/json_binary.h.
Json parse_json(std::string_view binary, Arena& arena);

/// Applies the diffs of a partial update (binlog_row_value_options = PARTIAL_JSON): all that
/// `diffs` holds, without the length before them. Throws Error{source} on damage and when a diff
/// does not fit the document, which is then changed by half.
/// Format: MySQL sql-common/json_diff.cc.
void apply_json_diffs(Json& document, Bytes diffs, Arena& arena);

/// What CAST(document AS CHAR) gives, byte for byte.
std::string json_text(const Json& document);

/// Which doubles the server that gets the text reads exactly. MySQL 9.7: all of them. Before some
/// version (MySQL bug 112904) those of up to 15 digits, others may be off by a bit.
enum class JsonDoubles : std::uint8_t { short_exact, all_exact };

/// Whether the server reads json_text() back as the same document. Not so: DECIMAL, times, bytes,
/// integers whose signedness the text does not tell, some doubles.
bool json_text_is_exact(const Json& document, JsonDoubles doubles = JsonDoubles::short_exact);

/// Reads text that the server printed. A number that a double would not print like that is taken
/// for a DECIMAL. Other types that look like text or numbers are not told apart, but by
/// set_json_types(): a time is a string then, and a DECIMAL such as 1.5 a double.
Json parse_json_text(std::string_view text, Arena& arena);

/// An SQL expression with the types of all values of a JSON column, one letter each: the document
/// itself; the members of all its objects; the elements of all its arrays; objects and arrays in
/// the order in which they begin. `column` is its quoted name with table and database. Needs MySQL
/// 8.0.4, and a group_concat_max_len of the length of the text.
std::string json_types_sql(std::string_view column);

/// Gives each value of a document from parse_json_text() the type that the server said it has: then
/// it is what parse_json() makes of the binary form. Throws Error{source} if `types` and text do
/// not belong together.
void set_json_types(Json& document, std::string_view types, Arena& arena);

/// An SQL expression with the document as its value, types of all scalars included, for an
/// assignment to a JSON column; elsewhere write CAST(... AS JSON) around it. It is json_text() in
/// quotes where that is exact. For sessions with utf8mb4, time_zone '+00:00', and an sql_mode that
/// has ALLOW_INVALID_DATES but none of NO_ZERO_DATE, NO_ZERO_IN_DATE, NO_BACKSLASH_ESCAPES.
/// Not kept: the precision of a DECIMAL beyond its digits, which nothing shows. Throws
/// Error{source} for bytes of a type that no expression of a current server has.
std::string json_sql(const Json& document, JsonDoubles doubles = JsonDoubles::short_exact);

namespace detail {

[[noreturn]] void json_damaged();
/// parse_json() of a value that will be `depth` levels down.
Json parse_json_at(std::string_view binary, unsigned depth, Arena& arena);
/// Takes a JSON string, which `in` must begin with, and undoes its escapes.
std::string_view take_json_string(std::string_view& in, Arena& arena);

/// A double as the shortest digits that read back as it: d.ddd * 10^exponent.
struct ShortestDigits {
  explicit ShortestDigits(double value);
  std::string_view digits() const { return {buffer, count}; }

  char buffer[24];
  std::size_t count = 0;
  int exponent = 0;
  bool negative = false;
};
void append_json_double(std::string& to, double value);
void append_json_time(std::string& to, const Json& value);
void append_json_text(std::string& to, const Json& value);
void append_json_string(std::string& to, std::string_view text);

}  // namespace detail

}  // namespace dts
