#pragma once

// Values and conditions, made up at random.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <string>
#include <vector>

#include "schema/table.hpp"

namespace filter_writer {

using dts::Column;
using dts::ColumnType;
using Words = std::vector<std::string>;

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return engine_() % limit; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class List>
  const auto& of(const List& list) {
    return list[below(list.size())];
  }

 private:
  std::mt19937 engine_;
};

// --- values --------------------------------------------------------------------------------------

inline const Words integers = {"0",   "1",   "-1",         "2",          "5",
                               "10",  "127", "-128",       "128",        "255",
                               "256", "-5",  "2147483647", "2147483648", "-2147483648",
                               "4",   "7",   "4294967295", "16777215",   "8589934591",
                               "3",   "100", "2024",       "1000000",    "9007199254740992"};
inline const Words large = {"9007199254740993",      "9223372036854775807",  "-9223372036854775808",
                            "9223372036854775808",   "18446744073709551615", "18446744073709551614",
                            "9223372036854775806",   "-9007199254740993",    "99999999999999999999",
                            "-99999999999999999999", "9007199254740992"};
inline const Words decimals = {"0.0",
                               "1.0",
                               "-1.5",
                               "0.1",
                               "1.10",
                               "2.5",
                               "99.99",
                               "-0.01",
                               "12345.67",
                               ".5",
                               "5.",
                               "1.005",
                               "0.10000000149011612",
                               "1.5",
                               "99999999999999999999999999999999999.999999999999999999999999999999",
                               "0.000000000000000000000000000001",
                               "9007199254740993.5"};
inline const Words reals = {"0e0",
                            "1e0",
                            "1.5e0",
                            "-1.5e0",
                            "0.1e0",
                            "1e10",
                            "3.4028234663852886e38",
                            "1e-40",
                            "-0e0",
                            "2.5e0",
                            "1e300",
                            "5e0",
                            "9007199254740992e0",
                            "1E+2"};
inline const Words years = {"0", "1901", "1970", "2024", "2155", "2000", "1999"};
inline const Words dates = {"0000-00-00", "1000-01-01", "1969-12-31", "1970-01-01", "2000-02-29",
                            "2024-02-29", "2024-12-31", "9999-12-31", "2038-01-19", "2106-02-07"};
inline const Words stamps = {"0000-00-00", "1970-01-02", "1999-12-31",
                             "2000-02-29", "2024-02-29", "2024-12-31"};
inline const Words clocks = {"00:00:00",     "00:00:01",        "12:34:56",
                             "23:59:59",     "03:14:07",        "12:34:56.5",
                             "12:34:56.789", "12:34:56.000001", "23:59:59.999999"};
inline const Words times = {"00:00:00",   "00:00:01",  "-00:00:01", "12:34:56", "838:59:59",
                            "-838:59:59", "100:00:00", "23:59:59",  "12:34:56"};
inline const Words texts = {
    "",    "a",   "A",    "a ",   " a", "ab",     "aB",  "b",   "ä",    "Ä",
    "é",   "e",   "E",    "ß",    "ss", "a\\tb",  "a%b", "a_b", "\\\\", "it\\'s",
    "10",  "9",   "1abc", "a\\0", "B",  "Straße", "ÿ",   "z",   "😀",    "中文",
    "жук", "ЖУК", "c d",  "a,B",  "x",  "Y",      "å",   "\\n", "a  b", "Z",
    "ǆ",   "ﬁ",   "fi",   "I",    "ı",  "i",      "😁",   "\\t", "AB",   "é "};
inline const Words patterns = {"a%",    "%b",  "_",  "__",   "%",  "",           "a_b",   "a\\\\%b",
                               "%a%b%", "A%",  "ä%", "%ß%",  "_b", "%\\%%",      "a\\_b", "%é",
                               "😀",     "_文", "ж%", "%  %", "a ", "%\\\\\\\\%", "x|%%",  "%_%"};
inline const Words byte_values = {"x''",     "x'00'",       "x'61'", "x'6100'",   "x'20'",
                                  "x'FF'",   "x'61000000'", "'a'",   "'a '",      "'A'",
                                  "x'C3A4'", "'ä'",         "'ab'",  "b'1100001'"};
inline const Words bit_values = {"b'0'", "b'1'", "b'101'", "0xFF", "0x01", "b'111111111'"};

inline std::string quoted(const std::string& escaped) {
  std::string text = "'";
  for (char c : escaped) {
    text += c;
  }
  return text + "'";
}

/// A date, or a moment with as many digits behind the point as the column has.
inline std::string moment(const Column& column, Dice& dice) {
  const bool stamp = column.type == ColumnType::timestamp;
  std::string text = dice.of(stamp && dice.chance(95) ? stamps : dates);
  if (text.starts_with("0000") || dice.chance(50)) return text;
  std::string clock = dice.of(clocks);
  if (const auto point = clock.find('.'); point != clock.npos)
    clock.resize(column.digits > 0 ? std::min(clock.size(), point + 1 + column.digits) : point);
  return text + " " + clock;
}

/// Whether the column's character set surely has these characters.
inline bool holds(const Column& column, const std::string& text) {
  if (column.charset == "utf8mb4" || column.charset.starts_with("utf16")) return true;
  const auto most = *std::max_element(text.begin(), text.end(), [](char a, char b) {
    return static_cast<unsigned char>(a) < static_cast<unsigned char>(b);
  });
  const auto limit = column.charset == "utf8mb3" || column.charset == "ucs2" ? 0xf0 : 0x80;
  return text.empty() || static_cast<unsigned char>(most) < limit;
}

/// A literal of the column's own kind.
inline std::string literal_for(const Column& column, Dice& dice, bool for_row) {
  switch (column.type) {
    case ColumnType::integer:
      return dice.chance(column.definition.starts_with("big") ? 40 : 5) ? dice.of(large)
                                                                        : dice.of(integers);
    case ColumnType::decimal:
      return dice.chance(60) ? dice.of(decimals) : dice.of(dice.chance(70) ? integers : large);
    case ColumnType::float_:
    case ColumnType::double_:
      return dice.of(dice.chance(50) ? reals : dice.chance(50) ? decimals : integers);
    case ColumnType::bit:
      return for_row && dice.chance(50) ? dice.of(bit_values)
                                        : dice.of(dice.chance(80) ? integers : large);
    case ColumnType::year:
      return dice.of(years);
    case ColumnType::date:
      return quoted(for_row || dice.chance(80) ? dice.of(dates) : moment(column, dice));
    case ColumnType::datetime:
    case ColumnType::timestamp:
      return quoted(moment(column, dice));
    case ColumnType::time:
      return quoted(dice.of(times) + (column.digits == 6 && dice.chance(50)
                                          ? dice.of(Words{".5", ".789", ".000001"})
                                          : ""));
    case ColumnType::enum_:
    case ColumnType::set:
    case ColumnType::text:
      for (;;)
        if (const std::string& text = dice.of(texts); holds(column, text) || dice.chance(2))
          return quoted(text);
    case ColumnType::binary:
    case ColumnType::bytes:
      return dice.of(byte_values);
    default:
      return "NULL";
  }
}

// --- conditions ----------------------------------------------------------------------------------

inline std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return text;
}

inline bool is_number(const Column& column) {
  return column.type == ColumnType::integer || column.type == ColumnType::decimal ||
         column.type == ColumnType::float_ || column.type == ColumnType::double_ ||
         column.type == ColumnType::bit || column.type == ColumnType::year;
}
inline bool is_integer(const Column& column) {
  return column.type == ColumnType::integer;
}
inline bool is_text(const Column& column) {
  return column.type == ColumnType::text || column.type == ColumnType::enum_ ||
         column.type == ColumnType::set;
}
inline bool is_calendar(const Column& column) {
  return column.type == ColumnType::date || column.type == ColumnType::datetime ||
         column.type == ColumnType::timestamp;
}
inline bool is_binary(const Column& column) {
  return column.type == ColumnType::binary || column.type == ColumnType::bytes;
}

/// Writes conditions. Most are such as lib/filter says it takes; `wild` ones pair anything.
class Writer {
 public:
  Writer(const dts::Table& table, Dice& dice) : table_(table), dice_(dice) {}

  std::string next() {
    focus();
    return condition(3);
  }

  std::string condition(int depth) {
    if (depth == 0 || dice_.chance(45)) return predicate();
    switch (dice_.below(8)) {
      case 0:
        return "NOT " + condition(depth - 1);
      case 1:
        return "(" + condition(depth - 1) + ") IS " + (dice_.chance(40) ? "NOT " : "") +
               dice_.of(Words{"TRUE", "FALSE", "UNKNOWN", "NULL"});
      case 2:
        return "! (" + condition(depth - 1) + ")";
      case 3:
        return "(" + condition(depth - 1) + ")";
      default:
        return condition(depth - 1) + " " + dice_.of(Words{"AND", "OR", "XOR", "and", "&&", "OR"}) +
               " " + condition(depth - 1);
    }
  }

  /// A condition with words left out, doubled or moved: mostly none any more.
  std::string damaged() {
    const std::string whole = next();
    Words words(1);
    for (char c : whole) {
      const bool alone = std::string_view("()!,").find(c) != std::string_view::npos;
      if (c == ' ' || alone) words.emplace_back();
      if (c != ' ') words.back() += c;
      if (alone) words.emplace_back();
    }
    for (std::size_t i = 0, count = 1 + dice_.below(2); i < count; ++i) {
      const std::size_t at = dice_.below(words.size()), other = dice_.below(words.size());
      const std::string word = words[other];
      if (dice_.chance(40))
        words[at].clear();
      else if (dice_.chance(50))
        words.insert(words.begin() + static_cast<std::ptrdiff_t>(at), word);
      else
        std::swap(words[at], words[other]);
    }
    std::string text;
    for (const std::string& word : words) text += word + " ";
    return text;
  }

  std::string wild() {
    if (dice_.chance(50)) return damaged();
    const std::string left = name(any()), right = dice_.chance(40) ? name(any()) : any_literal();
    switch (dice_.below(5)) {
      case 0:
        return left + " IN (" + right + ", " + any_literal() + ")";
      case 1:
        return left + " BETWEEN " + right + " AND " + any_literal();
      case 2:
        return integer_expression() + relation() + right;
      default:
        return left + relation() + right;
    }
  }

 private:
  /// Some conditions are about a column or two only, as optimizers infer most from those.
  void focus() {
    focus_.clear();
    if (!dice_.chance(35)) return;
    const Column& column = any();
    focus_ = {&column, &partner(column)};
  }
  const Column& any() {
    if (!focus_.empty() && dice_.chance(80)) return *dice_.of(focus_);
    return dice_.of(table_.columns);
  }
  template <class Is>
  const Column& some(Is is) {
    for (;;)
      if (const Column& column = any(); is(column)) return column;
  }
  std::string name(const Column& column) {
    if (column.name == "odd name" || column.name == "select") return "`" + column.name + "`";
    return dice_.of(Words{column.name, column.name, upper(column.name), "`" + column.name + "`",
                          "t." + column.name});
  }
  std::string relation() {
    return dice_.of(Words{" = ", "=", " <> ", " != ", " < ", " <= ", " > ", " >= ", " <=> "});
  }
  std::string any_literal() {
    switch (dice_.below(8)) {
      case 0:
        return dice_.of(Words{"NULL", "TRUE", "FALSE", "DATE '2024-02-29'", "TIME '12:34:56'"});
      case 1:
        return dice_.of(bit_values);
      case 2:
        return dice_.of(Words{"'5'", "'1abc'", "'1.5'", "' 1'", "'2024'", "'2024-02-29'", "'-1'"});
      default:
        return literal_for(any(), dice_, false);
    }
  }

  /// For a list or range: of one kind.
  std::string plain_literal(const Column& column) {
    if (dice_.chance(10)) return name(partner(column));
    if (column.type == ColumnType::decimal) return dice_.of(decimals);
    if (!is_integer(column) && is_number(column) && column.type != ColumnType::bit)
      return dice_.of(column.type == ColumnType::year ? years : reals);
    return literal_for(column, dice_, false);
  }
  std::string literal(const Column& column) {
    if (column.type == ColumnType::bit && dice_.chance(30)) return dice_.of(bit_values);
    if (dice_.chance(3)) return "NULL";
    if (is_calendar(column) && dice_.chance(15))
      return dice_.chance(50) ? "DATE '2024-02-29'" : "TIMESTAMP '2024-12-31 12:34:56'";
    if (is_integer(column) && dice_.chance(8))
      return dice_.of(Words{"'5'", "'0'", "'-1'", "'0127'", "'255'"});
    if (is_integer(column) && dice_.chance(15))
      return dice_.of(dice_.chance(50) ? decimals : reals);
    return literal_for(column, dice_, false);
  }

  /// Operators side by side: which binds tighter?
  std::string chain() {
    static const Words operands = {"i8",
                                   "u8",
                                   "flag",
                                   "2",
                                   "3",
                                   "i16",
                                   "-i8",
                                   "!flag",
                                   "(i8 > u8)",
                                   "b8",
                                   "5",
                                   "- 1",
                                   "(u8 = 5 OR flag)",
                                   "0",
                                   "~1",
                                   "NULL",
                                   "(i16 IN (5, 10))"};
    static const Words operators = {" + ", " - ", " * ", " DIV ", " % ", " MOD ", " & ",
                                    " | ", " ^ ", "<<",  ">>",    "+",   "*"};
    std::string text = dice_.of(operands);
    for (std::size_t i = 0, count = 1 + dice_.below(3); i < count; ++i)
      text += dice_.of(operators) + dice_.of(operands);
    return text;
  }

  /// In ranges of 64 bits, mostly.
  std::string integer_expression() {
    if (dice_.chance(30)) return chain();
    const std::string column = name(
        some([](const Column& c) { return is_integer(c) && !c.definition.starts_with("big"); }));
    const std::string number = dice_.of(Words{"2", "3", "4", "7", "10", "1", "0", "255", "-3"});
    switch (dice_.below(14)) {
      case 0:
        return "MOD(" + column + ", " + number + ")";
      case 1:
        return column + " % " + number;
      case 2:
        return name(some(is_integer)) + " MOD " + number;
      case 3:
        return column + " DIV " + number;
      case 4:
        return column + " * " + number + " + i8";
      case 5:
        return "i32 - " + number + " * i16";
      case 6:
        return "-" + column;
      case 7:
        return "ABS(" + column + ")";
      case 8:
        return name(some(is_integer)) + " & " + number;
      case 9:
        return dice_.of(Words{"u32 << 3", "i64 >> 2", "~u8", "i8 | 5", "i32 ^ 3", "u64 & 4 | 1"});
      case 10:
        return dice_.of(Words{"LENGTH(", "CHAR_LENGTH("}) + name(some([](const Column& c) {
                 return is_binary(c) ||
                        (c.type == ColumnType::text && c.charset != "gbk" && c.charset != "sjis" &&
                         (c.charset[0] != 'u' || c.charset.starts_with("utf8")));
               })) +
               ")";
      case 11:
        return dice_.of(Words{"MONTH(", "DAY("}) + name(some(is_calendar)) + ")";
      case 12:
        return "i16 + flag * (i8 > 1)";
      default:
        return dice_.of(Words{"y % 4", "b8 & 3", "b33 + 1", "u64 % 7", "i64 % 1000", "-(-i32)"});
    }
  }

  std::string list(const Column& column) {
    std::string text = " IN (";
    for (std::size_t i = 0, count = 1 + dice_.below(4); i < count; ++i)
      text += (i > 0 ? ", " : "") + (dice_.chance(4) ? "NULL" : plain_literal(column));
    return text + ")";
  }

  std::string predicate() {
    if (dice_.chance(12)) return integer_expression() + relation() + dice_.of(integers);
    if (dice_.chance(6)) return name(some(is_integer));
    if (dice_.chance(8)) return name(any()) + (dice_.chance(50) ? " IS NULL" : " IS NOT NULL");
    const Column& column = some([](const Column& c) {
      return c.name != "fx" && (is_number(c) || is_text(c) || is_calendar(c) || is_binary(c) ||
                                c.type == ColumnType::time);
    });
    const std::string negation = dice_.chance(25) ? " NOT" : "";
    if ((is_text(column) || is_binary(column)) && dice_.chance(25))
      return name(column) + negation + " LIKE " + quoted(dice_.of(patterns)) +
             (dice_.chance(15) ? " ESCAPE '|'" : "");
    if (dice_.chance(20)) return name(column) + negation + list(column);
    if (dice_.chance(20))
      return name(column) + negation + " BETWEEN " + plain_literal(column) + " AND " +
             plain_literal(column);
    if (dice_.chance(20)) return name(column) + relation() + name(partner(column));
    if (dice_.chance(15)) return literal(column) + relation() + name(column);
    return name(column) + relation() + literal(column);
  }

  const Column& partner(const Column& column) {
    for (int tries = 0; tries < 50; ++tries) {
      const Column& other = any();
      if (other.name == "fx") continue;
      if (is_number(column) && is_number(other)) return other;
      if (is_text(column) && is_text(other) && column.collation == other.collation) return other;
      if (is_calendar(column) && is_calendar(other)) return other;
      if (is_binary(column) && is_binary(other)) return other;
    }
    return column;
  }

  const dts::Table& table_;
  Dice& dice_;
  std::vector<const Column*> focus_;
};

}  // namespace filter_writer
