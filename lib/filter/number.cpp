#include "filter/number.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace dts::filter {

namespace {

/// A number without its sign, without zeros that mean nothing.
struct Digits {
  bool negative = false;
  std::string_view whole, fraction;
};

Digits digits_of(std::string_view number) {
  Digits digits;
  if (number.starts_with('-')) {
    digits.negative = true;
    number.remove_prefix(1);
  }
  const std::size_t point = number.find('.');
  digits.whole = number.substr(0, point);
  if (point != number.npos) digits.fraction = number.substr(point + 1);
  const std::size_t first = digits.whole.find_first_not_of('0');
  digits.whole.remove_prefix(std::min(first, digits.whole.size()));
  const std::size_t last = digits.fraction.find_last_not_of('0');
  digits.fraction = digits.fraction.substr(0, last == digits.fraction.npos ? 0 : last + 1);
  if (digits.whole.empty() && digits.fraction.empty()) digits.negative = false;
  return digits;
}

int sign(int value) {
  return value < 0 ? -1 : value > 0 ? 1 : 0;
}

}  // namespace

Integer to_integer(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  Integer value = 0;
  for (char c : digits) value = value * 10 + (c - '0');
  return negative ? -value : value;
}

std::string to_text(Integer value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  std::string text;
  for (Integer rest = negative ? -value : value; rest > 0; rest /= 10)
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
  if (negative) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

std::optional<double> to_double(std::string_view number) {
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  if (read.ec != std::errc{} || read.ptr != number.data() + number.size()) return std::nullopt;
  return value;
}

int compare_decimals(std::string_view a, std::string_view b) {
  const Digits x = digits_of(a), y = digits_of(b);
  if (x.negative != y.negative) return x.negative ? -1 : 1;
  int order = 0;
  if (x.whole.size() != y.whole.size())
    order = x.whole.size() < y.whole.size() ? -1 : 1;
  else
    order = sign(x.whole.compare(y.whole));
  if (order == 0) order = sign(x.fraction.compare(y.fraction));
  return x.negative ? -order : order;
}

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace dts::filter
