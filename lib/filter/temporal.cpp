#include "filter/temporal.hpp"

#include <cctype>
#include <chrono>
#include <cstddef>

namespace dts::filter {

namespace {

constexpr std::int64_t day_micros = 86'400'000'000;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }
  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// A number of `least` to `most` digits; -1 if there is none.
  int number(std::size_t least, std::size_t most) {
    std::size_t size = 0;
    int value = 0;
    while (size < most && size < text_.size() &&
           std::isdigit(static_cast<unsigned char>(text_[size])) != 0)
      value = value * 10 + (text_[size++] - '0');
    if (size < least) return -1;
    text_.remove_prefix(size);
    return value;
  }
  /// The rest of a value: nothing, or a point and up to six digits; -1 if it is another thing.
  std::int64_t micros() {
    if (done()) return 0;
    if (!take('.')) return -1;
    const std::size_t size = text_.size();
    if (size > 6) return -1;
    int value = number(1, 6);
    if (value < 0 || !done()) return -1;
    for (std::size_t i = size; i < 6; ++i) value *= 10;
    return value;
  }

 private:
  std::string_view text_;
};

std::optional<std::int64_t> read_clock(Reader& reader, std::size_t hour_digits, int hours_max) {
  const int hours = reader.number(2, hour_digits);
  if (hours < 0 || hours > hours_max || !reader.take(':')) return std::nullopt;
  const int minutes = reader.number(2, 2);
  if (minutes < 0 || minutes > 59 || !reader.take(':')) return std::nullopt;
  const int seconds = reader.number(2, 2);
  if (seconds < 0 || seconds > 59) return std::nullopt;
  const std::int64_t micros = reader.micros();
  if (micros < 0) return std::nullopt;
  return (hours * 3600LL + minutes * 60LL + seconds) * 1'000'000 + micros;
}

}  // namespace

std::optional<std::int64_t> read_datetime(std::string_view text) {
  Reader reader(text);
  const int year = reader.number(4, 4);
  if (year < 0 || !reader.take('-')) return std::nullopt;
  const int month = reader.number(2, 2);
  if (month < 0 || month > 12 || !reader.take('-')) return std::nullopt;
  const int day = reader.number(2, 2);
  if (day < 0 || day > 31) return std::nullopt;
  const std::int64_t date = ((year * 16LL + month) * 32 + day) * day_micros;
  if (reader.done()) return date;
  if (!reader.take(' ')) return std::nullopt;
  const auto clock = read_clock(reader, 2, 23);
  if (!clock) return std::nullopt;
  return date + *clock;
}

std::optional<std::int64_t> read_time(std::string_view text) {
  constexpr std::int64_t most = (838LL * 3600 + 59 * 60 + 59) * 1'000'000 + 999'999;  // MariaDB's
  Reader reader(text);
  const bool negative = reader.take('-');
  const auto clock = read_clock(reader, 3, 838);
  if (!clock || *clock > most) return std::nullopt;
  return negative ? -*clock : *clock;
}

bool is_real_day(std::int64_t datetime) {
  if (datetime == 0) return true;
  using namespace std::chrono;
  return year_of(datetime) > 0 &&
         year_month_day(year(year_of(datetime)), month(static_cast<unsigned>(month_of(datetime))),
                        day(static_cast<unsigned>(day_of(datetime))))
             .ok();
}

bool has_clock(std::string_view datetime) {
  return datetime.find(':') != datetime.npos;
}

int year_of(std::int64_t datetime) {
  return static_cast<int>(datetime / day_micros / 512);
}
int month_of(std::int64_t datetime) {
  return static_cast<int>(datetime / day_micros / 32 % 16);
}
int day_of(std::int64_t datetime) {
  return static_cast<int>(datetime / day_micros % 32);
}

}  // namespace dts::filter
