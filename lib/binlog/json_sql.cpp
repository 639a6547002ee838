#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "binlog/json.hpp"
#include "binlog/types.hpp"
#include "db/sql.hpp"

namespace dts {

namespace {

/// Types that the binlog has for values inside JSON only.
enum : std::uint8_t { tiny_blob = 249, medium_blob = 250, long_blob = 251 };

/// A parser that is not exact takes the digits as one integer and multiplies it by a power of ten.
/// Both are exact up to 2^53 and 10^22, and then so is the result.
bool is_short(double value) {
  const detail::ShortestDigits shortest(value);
  std::uint64_t digits = 0;
  std::from_chars(shortest.buffer, shortest.buffer + shortest.count, digits);
  const int power = shortest.exponent - static_cast<int>(shortest.count) + 1;
  return digits <= std::uint64_t{1} << 53 && std::abs(power) <= 22;
}

/// Runs of fewer easy items than this are not worth a literal of their own.
constexpr std::ptrdiff_t run_min = 8;

void append_value(std::string& to, const Json& value, JsonDoubles doubles);

void append_text_literal(std::string& to, const Json& value) {
  std::string text;
  detail::append_json_text(text, value);
  append_quoted(to, text);
}

/// Always with an exponent, which makes it a DOUBLE for the server.
void append_double(std::string& to, double value) {
  char text[40];
  const char* end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  to.append(text, static_cast<std::size_t>(end - text));
}

void append_time(std::string& to, const Json& value) {
  std::string text;
  detail::append_json_time(text, value);
  if (value.kind == JsonKind::timestamp) {
    to += "(SELECT CAST(v AS JSON) FROM JSON_TABLE('\"" + text +
          "\"', '$' COLUMNS (v TIMESTAMP(6) PATH '$' ERROR ON ERROR)) AS t)";
    return;
  }
  to += "CAST('" + text + "' AS ";
  to += value.kind == JsonKind::date   ? "DATE"
        : value.kind == JsonKind::time ? "TIME(6)"
                                       : "DATETIME(6)";
  to += ')';
}

/// The column definition that gives bytes the type that they have in the document.
std::string column_of(const Json& value) {
  const std::size_t size = value.text.size();
  switch (value.field_type) {
    case binlog_type::bit:
      if (size < 1 || size > 8) break;
      return fmt::format("BIT({})", 8 * size);
    case tiny_blob:
      return "TINYBLOB";
    case medium_blob:
      return "MEDIUMBLOB";
    case long_blob:
      return "LONGBLOB";
    case binlog_type::blob:
      return "BLOB";
    case binlog_type::string:
      if (size > 255) break;
      return fmt::format("BINARY({})", size);
    default:
      break;
  }
  throw Error(ErrorKind::source,
              fmt::format("cannot write a JSON document: it has a value of type {}, which no SQL "
                          "expression gives",
                          value.field_type),
              "change the document on the source, or begin a new job that excludes the table");
}

/// A bare literal of bytes has the type of a VARBINARY. For other types it goes through a column
/// of JSON_TABLE, a BIT as the number that it is.
void append_opaque(std::string& to, const Json& value) {
  if (value.field_type == binlog_type::varchar) return append_hex(to, value.text);
  if (value.field_type == binlog_type::var_string) return append_quoted(to, value.text);
  const std::string column = column_of(value);
  to += "(SELECT CAST(v AS JSON) FROM JSON_TABLE(";
  if (value.field_type == binlog_type::bit) {
    fmt::format_to(std::back_inserter(to), "'{}'", Bytes(value.text).big_endian(value.text.size()));
  } else {
    to += "CAST(";
    append_hex(to, value.text);
    to += " AS JSON)";
  }
  to += ", '$' COLUMNS (v " + column + " PATH '$' ERROR ON ERROR)) AS t)";
}

/// The items [from, to) as arguments of JSON_ARRAY or JSON_OBJECT.
template <class Iterator>
void append_arguments(std::string& to, bool object, Iterator from, Iterator end,
                      JsonDoubles doubles) {
  to += object ? "JSON_OBJECT(" : "JSON_ARRAY(";
  for (Iterator item = from; item != end; ++item) {
    if (item != from) to += ',';
    if (object) {
      append_quoted(to, (*item)->key);
      to += ',';
    }
    append_value(to, **item, doubles);
  }
  to += ')';
}

/// The items [from, to) as one literal.
template <class Iterator>
void append_literal_of(std::string& to, bool object, Iterator from, Iterator end) {
  std::string text(1, object ? '{' : '[');
  for (Iterator item = from; item != end; ++item) {
    if (item != from) text += ", ";
    if (object) {
      detail::append_json_string(text, (*item)->key);
      text += ": ";
    }
    detail::append_json_text(text, **item);
  }
  text += object ? '}' : ']';
  to += "CAST(";
  append_quoted(to, text);
  to += " AS JSON)";
}

/// A container that has no exact text. Long runs of items that have one stay text; the parts are
/// put together again by JSON_MERGE_PRESERVE, which appends arrays and unites objects. The order
/// of members does not matter, so all the easy ones of an object are one run.
void append_container(std::string& to, const Json& value, JsonDoubles doubles) {
  const bool object = value.kind == JsonKind::object;
  std::vector<std::pair<const Json*, bool>> items;  // with whether it is easy
  items.reserve(value.items.size());
  for (const Json& item : value.items) items.emplace_back(&item, json_text_is_exact(item, doubles));
  const auto easy = [](const auto& item) { return item.second; };
  if (object) std::stable_partition(items.begin(), items.end(), easy);

  std::vector<const Json*> order;
  order.reserve(items.size());
  for (const auto& item : items) order.push_back(item.first);
  const auto at = [&](auto item) { return order.begin() + (item - items.begin()); };

  std::string parts;
  std::size_t count = 0;
  for (auto from = items.begin(); from != items.end(); ++count) {
    if (count > 0) parts += ',';
    auto end = std::find_if_not(from, items.end(), easy);
    if (end - from >= run_min) {
      append_literal_of(parts, object, at(from), at(end));
    } else {
      // Up to where the next long run begins.
      std::ptrdiff_t run = 0;
      for (; end != items.end() && run < run_min; ++end) run = end->second ? run + 1 : 0;
      if (run == run_min) end -= run;
      append_arguments(parts, object, at(from), at(end), doubles);
    }
    from = end;
  }
  to += count > 1 ? "JSON_MERGE_PRESERVE(" + parts + ")" : parts;
}

/// As an argument of JSON_ARRAY or JSON_OBJECT.
void append_value(std::string& to, const Json& value, JsonDoubles doubles) {
  switch (value.kind) {
    case JsonKind::null:
    case JsonKind::boolean:
    case JsonKind::integer:
      return detail::append_json_text(to, value);
    case JsonKind::unsigned_integer:
      if (value.bits > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
        to += std::to_string(value.bits);
      else
        to += "CAST(" + std::to_string(value.bits) + " AS UNSIGNED)";
      return;
    case JsonKind::real:
      return append_double(to, value.real());
    case JsonKind::decimal:
      // The point makes it a DECIMAL.
      to += value.text;
      if (value.text.find('.') == value.text.npos) to += '.';
      return;
    case JsonKind::string:
      return append_quoted(to, value.text);
    case JsonKind::date:
    case JsonKind::time:
    case JsonKind::datetime:
    case JsonKind::timestamp:
      return append_time(to, value);
    case JsonKind::opaque:
      return append_opaque(to, value);
    case JsonKind::array:
    case JsonKind::object:
      if (!json_text_is_exact(value, doubles)) return append_container(to, value, doubles);
      to += "CAST(";
      append_text_literal(to, value);
      to += " AS JSON)";
      return;
  }
}

}  // namespace

bool json_text_is_exact(const Json& document, JsonDoubles doubles) {
  constexpr std::uint64_t uint32_max = std::numeric_limits<std::uint32_t>::max();
  switch (document.kind) {
    case JsonKind::null:
    case JsonKind::boolean:
    case JsonKind::string:
      return true;
    // The server's parser takes what fits 32 bits or is negative for signed, all else for unsigned.
    case JsonKind::integer:
      return static_cast<std::int64_t>(document.bits) <= static_cast<std::int64_t>(uint32_max);
    case JsonKind::unsigned_integer:
      return document.bits > uint32_max;
    case JsonKind::real:
      return doubles == JsonDoubles::all_exact || is_short(document.real());
    case JsonKind::decimal:
    case JsonKind::date:
    case JsonKind::time:
    case JsonKind::datetime:
    case JsonKind::timestamp:
    case JsonKind::opaque:
      return false;
    case JsonKind::array:
    case JsonKind::object:
      return std::all_of(document.items.begin(), document.items.end(),
                         [doubles](const Json& item) { return json_text_is_exact(item, doubles); });
  }
  return false;
}

std::string json_sql(const Json& document, JsonDoubles doubles) {
  std::string to;
  if (json_text_is_exact(document, doubles)) {
    append_text_literal(to, document);
  } else if (document.kind == JsonKind::array || document.kind == JsonKind::object) {
    append_container(to, document, doubles);
  } else {
    to += "CAST(";
    append_value(to, document, doubles);
    to += " AS JSON)";
  }
  return to;
}

}  // namespace dts
