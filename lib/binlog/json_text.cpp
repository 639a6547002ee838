#include <charconv>
#include <cmath>
#include <cstdlib>

#include "binlog/json.hpp"
#include "binlog/types.hpp"

namespace dts {

namespace detail {

ShortestDigits::ShortestDigits(double value) : negative(std::signbit(value)) {
  char text[40];
  const char* end =
      std::to_chars(text, text + sizeof text, std::fabs(value), std::chars_format::scientific).ptr;
  const char* p = text;
  for (; *p != 'e'; ++p)
    if (*p != '.') buffer[count++] = *p;
  ++p;
  if (*p == '+') ++p;
  std::from_chars(p, end, exponent);
}

/// Without an exponent from 1e-15 to below 1e15, and above that with a fraction.
void append_json_double(std::string& to, double value) {
  const ShortestDigits shortest(value);
  const std::string_view digits = shortest.digits();
  const int point = shortest.exponent + 1;  // how many digits are before it
  const bool whole_number = point >= static_cast<int>(digits.size());
  if (shortest.negative) to += '-';
  if (point < -14 || (point > 15 && whole_number)) {
    to += digits[0];
    if (digits.size() > 1) (to += '.') += digits.substr(1);
    to += 'e';
    to += std::to_string(shortest.exponent);
  } else if (point <= 0) {
    to += "0.";
    to.append(static_cast<std::size_t>(-point), '0');
    to += digits;
  } else if (whole_number) {
    to += digits;
    to.append(static_cast<std::size_t>(point) - digits.size(), '0');
    to += ".0";
  } else {
    to += digits.substr(0, static_cast<std::size_t>(point));
    to += '.';
    to += digits.substr(static_cast<std::size_t>(point));
  }
}

/// The packed form is, from the top: 13 * year + month, 5 bits of the day (or a TIME's hours, from
/// bit 36 on), 5 bits of hours, 6 of minutes, 6 of seconds, 24 of microseconds. A negative TIME is
/// the whole number negated.
void append_json_time(std::string& to, const Json& value) {
  const bool negative = value.kind == JsonKind::time && value.bits >> 63 != 0;
  const std::uint64_t packed = negative ? 0 - value.bits : value.bits;
  const auto two = [&](std::uint64_t number, char before) {
    if (before != 0) to += before;
    if (number < 10) to += '0';
    to += std::to_string(number);
  };
  if (value.kind == JsonKind::time) {
    if (negative) to += '-';
    two(packed >> 36, 0);
  } else {
    const std::uint64_t day = packed >> 41;
    const std::string year = std::to_string((day >> 5) / 13);
    if (year.size() < 4) to.append(4 - year.size(), '0');
    to += year;
    two((day >> 5) % 13, '-');
    two(day & 31, '-');
    if (value.kind == JsonKind::date) return;
    two(packed >> 36 & 31, ' ');
  }
  two(packed >> 30 & 63, ':');
  two(packed >> 24 & 63, ':');
  const std::string micros = std::to_string(packed & 0xffffff);
  to += '.';
  if (micros.size() < 6) to.append(6 - micros.size(), '0');
  to += micros;
}

void append_json_string(std::string& to, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  static constexpr std::string_view named = "\b\t\n\f\r\"\\", names = "btnfr\"\\";
  to += '"';
  const char* run = text.data();
  const char* end = run + text.size();
  for (const char* p = run; p != end; ++p) {
    const auto byte = static_cast<unsigned char>(*p);
    if (byte > 0x1f && byte != '"' && byte != '\\') continue;
    to.append(run, p);
    run = p + 1;
    to += '\\';
    if (const auto which = named.find(*p); which != named.npos) {
      to += names[which];
    } else {
      to += "u00";
      to += hex[byte >> 4];
      to += hex[byte & 15];
    }
  }
  to.append(run, end);
  to += '"';
}

}  // namespace detail

namespace {

/// In lines of 76 characters, as the server writes it.
std::string base64(std::string_view bytes) {
  static constexpr char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve(bytes.size() / 3 * 4 + bytes.size() / 57 + 5);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    if (i > 0 && i % 57 == 0) text += '\n';
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      text += j <= count ? alphabet[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

void append_opaque(std::string& to, const Json& value) {
  if (value.field_type == binlog_type::var_string)
    return detail::append_json_string(to, value.text);
  detail::append_json_string(
      to, "base64:type" + std::to_string(value.field_type) + ":" + base64(value.text));
}

}  // namespace

void detail::append_json_text(std::string& to, const Json& value) {
  switch (value.kind) {
    case JsonKind::null:
      to += "null";
      break;
    case JsonKind::boolean:
      to += value.bits != 0 ? "true" : "false";
      break;
    case JsonKind::integer:
      to += std::to_string(static_cast<std::int64_t>(value.bits));
      break;
    case JsonKind::unsigned_integer:
      to += std::to_string(value.bits);
      break;
    case JsonKind::real:
      append_json_double(to, value.real());
      break;
    case JsonKind::decimal:
      to += value.text;
      break;
    case JsonKind::string:
      append_json_string(to, value.text);
      break;
    case JsonKind::date:
    case JsonKind::time:
    case JsonKind::datetime:
    case JsonKind::timestamp:
      to += '"';
      append_json_time(to, value);
      to += '"';
      break;
    case JsonKind::opaque:
      append_opaque(to, value);
      break;
    case JsonKind::array:
    case JsonKind::object: {
      const bool object = value.kind == JsonKind::object;
      to += object ? '{' : '[';
      for (const Json& item : value.items) {
        if (&item != value.items.data()) to += ", ";
        if (object) {
          append_json_string(to, item.key);
          to += ": ";
        }
        append_json_text(to, item);
      }
      to += object ? '}' : ']';
      break;
    }
  }
}

std::string json_text(const Json& document) {
  std::string text;
  detail::append_json_text(text, document);
  return text;
}

}  // namespace dts
