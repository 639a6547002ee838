#include "filter/operand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "filter/number.hpp"
#include "filter/temporal.hpp"
#include "filter/text.hpp"

namespace dts::filter {

namespace {

constexpr Integer signed_most = INT64_MAX, signed_least = INT64_MIN, unsigned_most = UINT64_MAX;

Operand number_literal(const Source& source, const Piece& piece) {
  constexpr std::size_t digits_most = 65, fraction_most = 30;
  Operand operand;
  operand.at = piece.at;
  operand.constant = true;
  if (piece.kind == Lexeme::real) {
    const auto value = to_double(piece.text);
    if (!value) source.refuse(piece.at, "this number is out of the range of DOUBLE");
    operand.kind = Class::real;
    operand.node.op = Op::real;
    operand.node.real = *value;
    return operand;
  }
  std::string text = piece.text;
  text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
  if (text.empty() || text[0] == '.') text.insert(0, "0");
  const std::size_t point = text.find('.');
  const std::size_t fraction = point == text.npos ? 0 : text.size() - point - 1;
  const std::size_t digits = text.size() - (point == text.npos ? 0 : 1);
  if (digits > digits_most || fraction > fraction_most)
    source.refuse(piece.at, "this number has more digits than DECIMAL");
  constexpr std::size_t most_of_64_bits = 20;
  if (point == text.npos && digits <= most_of_64_bits && to_integer(text) <= unsigned_most)
    return integer_literal(to_integer(text), piece.at);
  operand.kind = Class::decimal;
  operand.node.op = Op::decimal;
  operand.node.text = text;
  return operand;
}

/// The number in parentheses behind a type's name: "bit(7)".
int size_of(const std::string& definition) {
  const std::size_t at = definition.find('(');
  return at == definition.npos ? 1 : std::atoi(definition.c_str() + at + 1);
}

unsigned bits_of_integer(const std::string& definition) {
  if (definition.starts_with("tiny")) return 8;
  if (definition.starts_with("small")) return 16;
  if (definition.starts_with("medium")) return 24;
  if (definition.starts_with("big")) return 64;
  return 32;
}

void set_integer(Operand& operand, const Column& column) {
  operand.kind = Class::integer;
  operand.is_unsigned = column.is_unsigned || column.type == ColumnType::bit;
  unsigned bits = bits_of_integer(column.definition);
  if (column.type == ColumnType::bit) bits = static_cast<unsigned>(size_of(column.definition));
  if (column.type == ColumnType::year) bits = 12;
  const Integer one = 1;
  operand.least = operand.is_unsigned ? 0 : -(one << (bits - 1));
  operand.most = operand.is_unsigned ? (one << bits) - 1 : (one << (bits - 1)) - 1;
}

void set_text(Operand& operand, const Column& column) {
  operand.kind = Class::text;
  operand.node.form = Form::text;
  operand.node.rule = std::make_shared<const TextRule>(text_rule(column.charset, column.collation));
  if (column.type == ColumnType::text) return;
  operand.node.form = column.type == ColumnType::enum_ ? Form::member : Form::members;
  operand.node.utf8 = true;
  operand.node.members = members_of(column.definition);
  if (operand.node.members.empty()) operand.kind = Class::other;
}

void set_type(Operand& operand, const Column& column) {
  switch (column.type) {
    case ColumnType::integer:
    case ColumnType::bit:
    case ColumnType::year:
      set_integer(operand, column);
      break;
    case ColumnType::decimal:
      operand.kind = Class::decimal;
      operand.node.form = Form::decimal;
      break;
    case ColumnType::float_:
    case ColumnType::double_:
      operand.kind = Class::real;
      operand.node.form = Form::real;
      break;
    case ColumnType::date:
    case ColumnType::datetime:
    case ColumnType::timestamp:
      operand.kind = column.type == ColumnType::date ? Class::date : Class::datetime;
      operand.node.form = Form::temporal;
      break;
    case ColumnType::time:
      operand.kind = Class::time;
      operand.node.form = Form::time;
      break;
    case ColumnType::text:
    case ColumnType::enum_:
    case ColumnType::set:
      set_text(operand, column);
      break;
    case ColumnType::binary:
    case ColumnType::bytes:
      operand.kind = Class::bytes;
      operand.node.form = Form::text;
      break;
    default:
      operand.kind = Class::other;
      operand.node.form = Form::text;
  }
}

[[noreturn]] void refuse_range(const Source& source, std::size_t at) {
  source.refuse(at, "this could leave the range of BIGINT, which is an error for the server",
                "write the condition without it");
}

Operand bounded(const Source& source, Operand result) {
  const Integer least = result.is_unsigned ? 0 : signed_least;
  const Integer most = result.is_unsigned ? unsigned_most : signed_most;
  if (result.least < least || result.most > most) refuse_range(source, result.at);
  return result;
}

Integer largest(const Operand& operand) {
  return std::max(operand.most, -operand.least);
}

void set_product(const Source& source, const Operand& a, const Operand& b, Operand& result) {
  bool first = true;
  for (Integer x : {a.least, a.most})
    for (Integer y : {b.least, b.most}) {
      Integer product = 0;
      if (__builtin_mul_overflow(x, y, &product)) refuse_range(source, result.at);
      result.least = first ? product : std::min(result.least, product);
      result.most = first ? product : std::max(result.most, product);
      first = false;
    }
}

void set_range(const Source& source, Op op, const Operand& a, const Operand& b, Operand& result) {
  result.is_unsigned = a.is_unsigned || b.is_unsigned;
  switch (op) {
    case Op::add:
      result.least = a.least + b.least;
      result.most = a.most + b.most;
      break;
    case Op::subtract:
      result.least = a.least - b.most;
      result.most = a.most - b.least;
      break;
    case Op::multiply:
      set_product(source, a, b, result);
      break;
    case Op::modulo: {
      const Integer most = std::min(largest(a), std::max<Integer>(largest(b) - 1, 0));
      result.is_unsigned = a.is_unsigned;
      result.least = a.least < 0 ? -most : 0;
      result.most = a.most > 0 ? most : 0;
      break;
    }
    case Op::divide:
      result.least = a.least < 0 || b.least < 0 ? -largest(a) : 0;
      result.most = largest(a);
      if (b.least >= 0) {
        result.least = std::min<Integer>(a.least, 0);
        result.most = std::max<Integer>(a.most, 0);
      }
      break;
    default:
      result.is_unsigned = true;
      result.least = 0;
      result.most = unsigned_most;
      if ((op == Op::bit_or || op == Op::bit_xor) && a.least >= 0 && b.least >= 0)
        for (result.most = 1; result.most < std::max(a.most, b.most);)
          result.most = result.most * 2 + 1;
      if (op == Op::bit_and && b.least >= 0) result.most = b.most;
      if (op == Op::bit_and && a.least >= 0) result.most = std::min(result.most, a.most);
  }
}

void want_integer(const Source& source, const Operand& operand, const std::string& what) {
  if (operand.kind != Class::integer)
    source.refuse(operand.at,
                  fmt::format("{} with {}: supported are integers only", what, describe(operand)));
}

/// A literal with the other sign.
Operand opposite(const Source& source, Operand operand) {
  Node& node = operand.node;
  if (operand.kind == Class::real) {
    node.real = -node.real;
  } else if (operand.kind == Class::decimal) {
    node.text = node.text.starts_with('-') ? node.text.substr(1) : "-" + node.text;
  } else {
    const Integer value = -node.integer;
    if (value > signed_most) refuse_range(source, operand.at);
    operand = integer_literal(value, operand.at);
    if (value < signed_least) {
      operand.kind = Class::decimal;
      operand.node.op = Op::decimal;
      operand.node.text = to_text(value);
    }
  }
  return operand;
}

}  // namespace

Operand null_literal(std::size_t at) {
  Operand operand;
  operand.at = at;
  operand.constant = true;
  return operand;
}

Operand integer_literal(Integer value, std::size_t at) {
  Operand operand;
  operand.kind = Class::integer;
  operand.at = at;
  operand.constant = true;
  operand.is_unsigned = value > signed_most;
  operand.least = operand.most = operand.node.integer = value;
  operand.node.op = Op::integer;
  return operand;
}

Operand literal(const Source& source, const Piece& piece) {
  Operand operand;
  switch (piece.kind) {
    case Lexeme::string:
      operand.kind = Class::string;
      break;
    case Lexeme::bytes:
      operand.kind = Class::bytes;
      break;
    case Lexeme::bits:
      operand.kind = Class::bits;
      break;
    default:
      return number_literal(source, piece);
  }
  operand.at = piece.at;
  operand.constant = true;
  operand.node.op = Op::text;
  operand.node.text = piece.text;
  return operand;
}

Operand temporal_literal(const Source& source, const std::string& word, const Piece& string) {
  const bool is_time = word == "TIME";
  const auto value = is_time ? read_time(string.text) : read_datetime(string.text);
  const bool fits = value && (is_time || (is_real_day(*value) && *value != 0 &&
                                          has_clock(string.text) == (word == "TIMESTAMP")));
  if (!fits)
    source.refuse(string.at, fmt::format("this is no complete {}", word),
                  "write DATE '2024-02-29', TIMESTAMP '2024-02-29 12:00:00' or TIME '12:00:00'");
  Operand operand;
  operand.kind = is_time ? Class::time : word == "DATE" ? Class::date : Class::datetime;
  operand.at = string.at;
  operand.constant = true;
  operand.node.op = Op::temporal;
  operand.node.integer = *value;
  return operand;
}

Operand column_operand(const Source& source, const Table& table, std::size_t index,
                       std::size_t at) {
  const Column& column = table.columns[index];
  if (column.generated)
    source.refuse(at,
                  fmt::format("column '{}' is generated: row images need not have it", column.name),
                  "write what it is computed from");
  Operand operand;
  operand.at = at;
  operand.column = &column;
  operand.node.op = Op::column;
  operand.node.column = index;
  set_type(operand, column);
  return operand;
}

Operand predicate(Node node, std::size_t at) {
  Operand operand;
  operand.kind = Class::integer;
  operand.at = at;
  operand.most = 1;
  operand.is_predicate = true;
  operand.node = std::move(node);
  return operand;
}

std::string describe(const Operand& operand) {
  if (operand.column != nullptr)
    return fmt::format("column '{}' ({})", operand.column->name, operand.column->definition);
  const bool literal = operand.constant;
  switch (operand.kind) {
    case Class::null:
      return "NULL";
    case Class::integer:
      return operand.is_predicate ? "a truth value" : literal ? "a number" : "an integer";
    case Class::decimal:
    case Class::real:
      return "a number";
    case Class::string:
      return "a string";
    case Class::bits:
      return "a literal of bits";
    case Class::bytes:
      return "a string of bytes";
    case Class::date:
    case Class::datetime:
      return "a date";
    case Class::time:
      return "a time";
    default:
      return "an expression";
  }
}

Operand arithmetic(const Source& source, Op op, Operand left, Operand right, std::size_t at) {
  for (const Operand* operand : {&left, &right})
    if (operand->kind != Class::null) want_integer(source, *operand, "arithmetic");
  if (left.kind == Class::null || right.kind == Class::null) {
    Operand result = null_literal(left.at);
    result.constant = false;
    return result;
  }
  Operand result;
  result.kind = Class::integer;
  result.at = at;
  set_range(source, op, left, right, result);
  result = bounded(source, std::move(result));
  result.at = left.at;
  result.node.op = op;
  result.node.kids.push_back(std::move(left.node));
  result.node.kids.push_back(std::move(right.node));
  return result;
}

Operand unary(const Source& source, Op op, Operand operand, std::size_t at) {
  operand.at = at;
  if (operand.kind == Class::null) return operand;
  const bool number = operand.kind == Class::integer || operand.kind == Class::decimal ||
                      operand.kind == Class::real;
  if (op == Op::negate && operand.constant && number && !operand.is_predicate)
    return opposite(source, std::move(operand));
  want_integer(source, operand, "arithmetic");
  Operand result;
  result.kind = Class::integer;
  result.at = at;
  result.node.op = op;
  if (op == Op::negate) {
    result.least = -operand.most;
    result.most = -operand.least;
  } else if (op == Op::absolute) {
    result.is_unsigned = operand.is_unsigned;
    result.most = largest(operand);
  } else {
    result.is_unsigned = true;
    result.most = unsigned_most;
  }
  result.node.kids.push_back(std::move(operand.node));
  return bounded(source, std::move(result));
}

namespace {

Operand length(const Source& source, const std::string& name, Operand of) {
  const bool characters = name.starts_with("CHAR");
  const bool text = of.kind == Class::text && of.node.form == Form::text;
  const bool countable =
      !characters || of.kind == Class::bytes ||
      (text && (is_utf8(of.node.rule->charset) || is_single_byte(of.node.rule->charset)));
  if ((!text && of.kind != Class::bytes) || !countable)
    source.refuse(of.at, fmt::format("{}() of {} is not supported", name, describe(of)));
  Operand result;
  result.kind = Class::integer;
  result.most = UINT32_MAX;
  result.node.op =
      characters && text && is_utf8(of.node.rule->charset) ? Op::char_length : Op::length;
  result.node.kids.push_back(std::move(of.node));
  return result;
}

Operand calendar_part(const Source& source, const std::string& name, Operand of) {
  if ((of.kind != Class::date && of.kind != Class::datetime) || of.constant)
    source.refuse(of.at, fmt::format("{}() of {} is not supported", name, describe(of)),
                  "it takes a column of type DATE, DATETIME or TIMESTAMP");
  Operand result;
  result.kind = Class::integer;
  result.most = 31;
  result.node.op = name == "MONTH" ? Op::month : Op::day;
  result.node.kids.push_back(std::move(of.node));
  return result;
}

}  // namespace

Operand function(const Source& source, const std::string& name, std::vector<Operand> arguments,
                 std::size_t at) {
  const std::size_t wanted = name == "MOD" ? 2 : 1;
  if (arguments.size() != wanted)
    source.refuse(at,
                  fmt::format("{}() takes {} argument{}", name, wanted, wanted == 1 ? "" : "s"));
  Operand result;
  if (name == "MOD")
    result = arithmetic(source, Op::modulo, std::move(arguments[0]), std::move(arguments[1]), at);
  else if (name == "ABS")
    result = unary(source, Op::absolute, std::move(arguments[0]), at);
  else if (name == "MONTH" || name.starts_with("DAY"))
    result = calendar_part(source, name, std::move(arguments[0]));
  else
    result = length(source, name, std::move(arguments[0]));
  result.at = at;
  return result;
}

}  // namespace dts::filter
