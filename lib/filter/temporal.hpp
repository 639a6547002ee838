#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dts::filter {

/// "YYYY-MM-DD", alone or with " HH:MM:SS" and a fraction, as a number that sorts as it does;
/// nothing if the text is not of this form. Any day of any month is taken, as in row images.
std::optional<std::int64_t> read_datetime(std::string_view text);
/// "HH:MM:SS" with an optional '-', a third digit of hours and a fraction: microseconds.
std::optional<std::int64_t> read_time(std::string_view text);
/// Whether such a number of read_datetime() is a day of the calendar, or all zero.
bool is_real_day(std::int64_t datetime);
bool has_clock(std::string_view datetime);

int year_of(std::int64_t datetime);
int month_of(std::int64_t datetime);
int day_of(std::int64_t datetime);

}  // namespace dts::filter
