#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>

#include "filter/number.hpp"
#include "filter/operand.hpp"
#include "filter/temporal.hpp"
#include "filter/text.hpp"

// What can be compared with what, and how the servers do it.

namespace dts::filter {

namespace {

bool is_number(const Operand& operand) {
  return operand.kind == Class::integer || operand.kind == Class::decimal ||
         operand.kind == Class::real;
}
bool is_temporal(const Operand& operand) {
  return operand.kind == Class::date || operand.kind == Class::datetime ||
         operand.kind == Class::time;
}
bool is_column(const Operand& operand, ColumnType type) {
  return operand.column != nullptr && operand.column->type == type;
}
bool is_year(const Operand& operand) {
  return is_column(operand, ColumnType::year);
}
/// FLOAT(7,3): the servers compare its values about, not exactly.
bool is_rounded(const Operand& operand) {
  return operand.kind == Class::real && operand.column != nullptr &&
         operand.column->definition.find('(') != std::string::npos;
}

[[noreturn]] void refuse_pair(const Source& source, const Operand& a, const Operand& b,
                              std::size_t at) {
  std::string hint = "write the literal in the column's type";
  if (a.kind == Class::other || b.kind == Class::other)
    hint = "only IS NULL and IS NOT NULL can be asked of this column";
  else if (is_temporal(a) || is_temporal(b))
    hint = "write dates as '2024-02-29', with a time as '2024-02-29 12:00:00', times as '12:00:00'";
  else if (a.column != nullptr && b.column != nullptr)
    hint = "only columns of one type and collation can be compared";
  source.refuse(at, fmt::format("{} can't be compared exactly with {}", describe(a), describe(b)),
                hint);
}

void string_as_number(const Source& source, Operand& literal, const Operand& other,
                      std::size_t at) {
  // Up to here every way to compare a number with a string comes to the same.
  constexpr std::size_t digits_most = 15;
  const std::string& text = literal.node.text;
  const bool small = is_integer(text) && text.size() <= digits_most;
  if (!small || other.constant || other.kind == Class::decimal || other.is_predicate ||
      is_column(other, ColumnType::bit) || (is_year(other) && text.size() != 4))
    refuse_pair(source, other, literal, at);
  literal = integer_literal(to_integer(text), literal.at);
}

void string_as_text(const Source& source, Operand& literal, const Operand& other) {
  const TextRule& rule = *other.node.rule;
  const bool ascii = is_ascii(literal.node.text);
  const bool holds = ascii || (rule.charset != "ascii" &&
                               !((rule.charset == "utf8mb3" || rule.charset == "ucs2") &&
                                 has_supplementary(literal.node.text)));
  if (!holds)
    source.refuse(literal.at, fmt::format("the character set of {} ({}) has not all of these "
                                          "characters",
                                          describe(other), rule.charset));
  literal.kind = Class::text;
  literal.node.utf8 = !(ascii && is_single_byte(rule.charset));
}

/// Whether a column of type TIMESTAMP can't hold this: servers then compare by rules of their own.
bool is_out_of_range(std::int64_t datetime, const Operand& of) {
  static const auto first = read_datetime("1970-01-01 00:00:01"),
                    last = read_datetime("2038-01-19 03:14:07");
  return is_column(of, ColumnType::timestamp) && datetime != 0 &&
         (datetime < *first || datetime > *last);
}

/// Whether there are more digits behind the point than the column has.
bool has_finer_fraction(const std::string& text, const Operand& of) {
  const std::size_t point = text.find('.');
  if (point == text.npos || of.column == nullptr) return false;
  return text.size() - point - 1 > static_cast<std::size_t>(std::max(of.column->digits, 0));
}

void string_as_temporal(const Source& source, Operand& literal, const Operand& other,
                        std::size_t at) {
  const std::string& text = literal.node.text;
  const auto value = other.kind == Class::time ? read_time(text) : read_datetime(text);
  if (!value || other.constant || (other.kind != Class::time && !is_real_day(*value)))
    refuse_pair(source, other, literal, at);
  if (other.kind != Class::date && has_finer_fraction(text, other))
    source.refuse(literal.at,
                  fmt::format("{} has fewer digits behind the point: the server rounds this",
                              describe(other)),
                  "write no more digits than the column has");
  if (other.kind == Class::time && std::abs(*value) > *read_time("838:59:59"))
    source.refuse(literal.at, "out of the range of TIME: the server cuts this",
                  "write a time from '-838:59:59' to '838:59:59'");
  literal.kind = other.kind;
  literal.node.op = Op::temporal;
  literal.node.integer = *value;
}

/// A string or bits become what they are compared with.
void adapt(const Source& source, Operand& literal, const Operand& other, std::size_t at) {
  if (literal.kind == Class::bits) {
    const std::string& bytes = literal.node.text;
    if (other.kind == Class::bytes) {
      literal.kind = Class::bytes;
    } else if (is_column(other, ColumnType::bit) && !bytes.empty() && bytes.size() <= 8) {
      Integer value = 0;
      for (unsigned char byte : bytes) value = value * 256 + byte;
      literal = integer_literal(value, literal.at);
    } else {
      refuse_pair(source, other, literal, at);
    }
  } else if (literal.kind == Class::string) {
    if (is_number(other))
      string_as_number(source, literal, other, at);
    else if (other.kind == Class::text)
      string_as_text(source, literal, other);
    else if (other.kind == Class::bytes)
      literal.kind = Class::bytes;
    else if (is_temporal(other))
      string_as_temporal(source, literal, other, at);
    else if (other.kind != Class::null)
      refuse_pair(source, other, literal, at);
  }
}

// Above it, a DOUBLE is not exact.
constexpr std::int64_t exact_most = std::int64_t{1} << 53;

/// Numbers that servers do not always take for what they are when another type is made of them.
void refuse_inexact(const Source& source, const Operand& number, const Operand& other,
                    std::size_t at) {
  // MySQL makes the literal a DECIMAL, MariaDB the column a DOUBLE.
  if (number.kind == Class::decimal && !number.constant && other.node.op == Op::real)
    refuse_pair(source, number, other, at);
  if (number.kind != Class::integer || number.constant) return;
  const bool large = number.most >= exact_most || number.least <= -exact_most;
  const bool bits = is_column(number, ColumnType::bit) && number.most > INT64_MAX;
  const bool literal = other.node.op == Op::real && std::abs(other.node.real) >= exact_most;
  if (bits || (large && literal)) refuse_pair(source, number, other, at);
}

Mode number_mode(const Source& source, const Operand& a, const Operand& b, std::size_t at,
                 bool as_real) {
  if (is_rounded(a) || is_rounded(b))
    source.refuse(at,
                  fmt::format("{}: the server compares it rounded to its digits",
                              describe(is_rounded(a) ? a : b)),
                  "use a column of type DECIMAL, FLOAT or DOUBLE without digits");
  for (const auto& [year, other] : {std::pair{&a, &b}, std::pair{&b, &a}}) {
    if (!is_year(*year)) continue;
    if (!other->constant && !is_year(*other)) refuse_pair(source, *year, *other, at);
    if (!other->constant) continue;
    const bool plain =
        other->kind == Class::integer && (other->node.integer <= 0 || other->node.integer >= 100);
    if (!plain) source.refuse(other->at, "a year must have four digits here");
  }
  if (!as_real && a.kind == Class::integer && b.kind == Class::integer) return Mode::integer;
  refuse_inexact(source, a, b, at);
  refuse_inexact(source, b, a, at);
  const bool real = as_real || a.kind == Class::real || b.kind == Class::real;
  return real ? Mode::real : Mode::decimal;
}

std::shared_ptr<const TextRule> common_rule(const Source& source, const Operand& a,
                                            const Operand& b, std::size_t at) {
  const auto rule = a.node.rule ? a.node.rule : b.node.rule;
  if (a.node.rule && b.node.rule && a.node.rule->collation != b.node.rule->collation)
    refuse_pair(source, a, b, at);
  const bool bytes_tell = is_utf8(rule->charset) || (!a.node.utf8 && !b.node.utf8);
  if (bytes_tell || rule->local == TextRule::Local::no) return rule;
  TextRule asked = *rule;
  asked.local = TextRule::Local::no;
  return std::make_shared<const TextRule>(std::move(asked));
}

void set_mode(const Source& source, Node& node, const Operand& a, const Operand& b, std::size_t at,
              bool as_real) {
  if (is_number(a) && is_number(b)) {
    node.mode = number_mode(source, a, b, at, as_real);
  } else if (a.kind == Class::text && b.kind == Class::text) {
    node.mode = Mode::text;
    node.rule = common_rule(source, a, b, at);
  } else if (a.kind == Class::bytes && b.kind == Class::bytes) {
    node.mode = Mode::bytes;
  } else if (is_temporal(a) && is_temporal(b) &&
             (a.kind == Class::time) == (b.kind == Class::time)) {
    node.mode = Mode::temporal;
  } else {
    refuse_pair(source, a, b, at);
  }
}

/// What makes lists of values one kind: the servers compare a mixed one by other rules.
enum class Group { number, string, other, null };
Group group_of(const Operand& operand, const Operand& value) {
  const bool has_text = value.kind == Class::text || value.kind == Class::bytes;
  if (operand.kind == Class::null) return Group::null;
  if (has_text && !is_number(operand)) return Group::other;
  if (is_number(operand)) return Group::number;
  return operand.kind == Class::string ? Group::string : Group::other;
}

void want_one_group(const Source& source, const Operand& value, std::span<const Operand> list) {
  Group group = Group::null;
  for (const Operand& one : list) {
    if (one.kind == Class::bits && value.kind != Class::bytes)
      source.refuse(one.at, "a literal of bits in a list or range", "write it as a number");
    const Group its = group_of(one, value);
    if (its == Group::null) continue;
    if (group != Group::null && its != group)
      source.refuse(one.at, "values of different kinds in one list or range",
                    "write all of them in the column's type");
    group = its;
  }
  if (value.constant && group != Group::number && group != Group::null)
    source.refuse(value.at, "a literal before IN or BETWEEN",
                  "write comparisons, joined by AND or OR");
}

/// Servers find numbers of different types in a list by rules of their own, and may take a negative
/// one for a large one without a sign.
void refuse_in(const Source& source, const Operand& value, std::span<const Operand> list,
               const Operand& one) {
  if (!is_number(one)) return;
  const bool mixed = std::any_of(list.begin(), list.end(), [&](const Operand& other) {
    return is_number(other) && other.kind != one.kind;
  });
  const bool signs =
      value.kind == Class::integer && one.kind == Class::integer &&
      ((value.least < 0 && one.most > INT64_MAX) || (one.least < 0 && value.most > INT64_MAX));
  if (mixed || signs)
    source.refuse(one.at,
                  mixed ? "numbers of different types in one list"
                        : "a list with negative numbers and ones that need no sign",
                  "write comparisons, joined by OR");
}

/// MariaDB before 10.6 says of some of these that they are NULL.
bool is_never_null(const Node& node) {
  if (node.op == Op::not_) return is_never_null(node.kids[0]);
  return node.op == Op::is_null || node.op == Op::is_true || node.op == Op::is_false ||
         (node.op == Op::compare && node.relation == Relation::same);
}

Node in_integers(Operand value, std::span<const Operand> list) {
  Node node;
  node.op = Op::in_integers;
  for (const Operand& one : list)
    if (one.kind == Class::null)
      node.list_has_null = true;
    else
      node.list.push_back(one.node.integer);
  std::sort(node.list.begin(), node.list.end());
  node.kids.push_back(std::move(value.node));
  return node;
}

Node same_as_null(Operand operand) {
  Node node;
  node.op = Op::is_null;
  node.kids.push_back(std::move(operand.node));
  return node;
}

}  // namespace

Operand compare(const Source& source, Relation relation, Operand left, Operand right,
                std::size_t at, bool as_real) {
  const std::size_t begin = left.at;
  if (left.kind == Class::other || right.kind == Class::other) refuse_pair(source, left, right, at);
  if (left.kind == Class::null || right.kind == Class::null) {
    if (relation != Relation::same) return null_literal(begin);
    return predicate(same_as_null(left.kind == Class::null ? std::move(right) : std::move(left)),
                     begin);
  }
  adapt(source, left, right, at);
  adapt(source, right, left, at);
  for (const auto& [moment, other] : {std::pair{&left, &right}, std::pair{&right, &left}})
    if (moment->node.op == Op::temporal &&
        is_out_of_range(static_cast<std::int64_t>(moment->node.integer), *other))
      source.refuse(moment->at, fmt::format("out of the range of {}", describe(*other)),
                    "write a moment from '1970-01-01 00:00:01' to '2038-01-19 03:14:07' (UTC)");
  if (left.constant && right.constant && !(is_number(left) && is_number(right)))
    refuse_pair(source, left, right, at);
  Node node;
  node.op = Op::compare;
  node.relation = relation;
  set_mode(source, node, left, right, at, as_real);
  node.kids.push_back(std::move(left.node));
  node.kids.push_back(std::move(right.node));
  return predicate(std::move(node), begin);
}

Operand between(const Source& source, Operand value, Operand low, Operand high, std::size_t at) {
  const std::size_t begin = value.at;
  want_one_group(source, value, std::vector<Operand>{low, high});
  for (const Operand* bound : {&low, &high})
    if (bound->kind == Class::null)
      source.refuse(bound->at, "NULL as the end of a range",
                    "write a comparison with the other end");
  for (Operand* bound : {&low, &high}) adapt(source, *bound, value, at);
  const bool as_real =
      value.kind == Class::real || low.kind == Class::real || high.kind == Class::real;
  Node node;
  node.op = Op::and_;
  node.kids.push_back(
      compare(source, Relation::greater_equal, value, std::move(low), at, as_real).node);
  node.kids.push_back(
      compare(source, Relation::less_equal, std::move(value), std::move(high), at, as_real).node);
  return predicate(std::move(node), begin);
}

Operand in_list(const Source& source, Operand value, std::vector<Operand> list, std::size_t at) {
  const std::size_t begin = value.at;
  want_one_group(source, value, list);
  for (const Operand& one : list) refuse_in(source, value, list, one);
  const bool plain = std::all_of(list.begin(), list.end(), [](const Operand& one) {
    return one.kind == Class::null || (one.kind == Class::integer && one.constant);
  });
  if (plain && value.kind == Class::integer && !is_year(value))
    return predicate(in_integers(std::move(value), list), begin);
  Node node;
  node.op = Op::or_;
  for (Operand& one : list)
    node.kids.push_back(compare(source, Relation::equal, value, std::move(one), at).node);
  return predicate(std::move(node), begin);
}

Operand like(const Source& source, Operand value, Operand pattern, char escape, std::size_t at) {
  if (value.kind == Class::null || pattern.kind == Class::null) return null_literal(value.at);
  if ((value.kind != Class::text && value.kind != Class::bytes) || value.constant)
    source.refuse(at, fmt::format("LIKE is not supported for {}", describe(value)),
                  "it takes columns with text or bytes; compare others with =, <, > or BETWEEN");
  if (pattern.kind != Class::string)
    source.refuse(pattern.at, "LIKE takes a string as its pattern here");
  std::size_t escapes = 0;
  for (auto c = pattern.node.text.rbegin(); c != pattern.node.text.rend() && *c == escape; ++c)
    ++escapes;
  if (escapes % 2 != 0)
    source.refuse(pattern.at, "the pattern ends with its escape character", "write it twice");
  adapt(source, pattern, value, at);
  Node node;
  node.op = Op::like;
  node.escape = escape;
  node.mode = value.kind == Class::bytes ? Mode::bytes : Mode::text;
  if (node.mode == Mode::text) node.rule = common_rule(source, value, pattern, at);
  const std::size_t begin = value.at;
  node.kids.push_back(std::move(value.node));
  node.kids.push_back(std::move(pattern.node));
  return predicate(std::move(node), begin);
}

Operand is_unknown(const Source& source, Operand value, std::size_t at) {
  if (is_never_null(value.node))
    source.refuse(at, "this is never NULL", "leave this comparison out");
  Node node;
  node.op = Op::is_null;
  node.kids.push_back(truth(source, std::move(value)));
  return predicate(std::move(node), at);
}

Operand is_null(const Source& source, Operand value, std::size_t at) {
  // For a NOT NULL column the servers take '0000-00-00' for NULL here, and auto_increment columns
  // may mean the last inserted row.
  const Column* column = value.column;
  if (column != nullptr && !column->nullable &&
      (column->type == ColumnType::date || column->type == ColumnType::datetime ||
       column->auto_increment))
    source.refuse(
        at,
        fmt::format("column '{}' is never NULL, but the server may say that it is", column->name),
        "leave this comparison out");
  const bool literal = value.constant && value.kind != Class::null;
  if (literal || is_never_null(value.node))
    source.refuse(at, "this is never NULL", "leave this comparison out");
  Node node;
  node.op = Op::is_null;
  const std::size_t begin = value.at;
  node.kids.push_back(std::move(value.node));
  return predicate(std::move(node), begin);
}

Node truth(const Source& source, Operand operand) {
  if (operand.kind != Class::integer && operand.kind != Class::null)
    source.refuse(operand.at, fmt::format("{} where TRUE or FALSE is wanted", describe(operand)),
                  "compare it with a value");
  return std::move(operand.node);
}

}  // namespace dts::filter
