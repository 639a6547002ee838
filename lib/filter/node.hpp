#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "filter/condition.hpp"

namespace dts::filter {

// More than any 64-bit result; parsing refuses what could leave 64 bits on the server.
using Integer = __int128;

enum class Op : std::uint8_t {
  null,
  integer,
  decimal,
  real,
  text,  ///< also bytes
  temporal,
  column,
  and_,
  or_,
  xor_,
  not_,
  is_null,
  is_true,
  is_false,
  compare,
  in_integers,  ///< one of `list`, in order
  like,
  add,
  subtract,
  multiply,
  modulo,
  divide,
  negate,
  absolute,
  bit_and,
  bit_or,
  bit_xor,
  bit_not,
  shift_left,
  shift_right,
  length,
  char_length,
  month,
  day,
};

enum class Relation : std::uint8_t {
  equal,
  unequal,
  less,
  less_equal,
  greater,
  greater_equal,
  same
};

/// How two values are compared, or one is matched.
enum class Mode : std::uint8_t { integer, decimal, real, temporal, bytes, text };

/// How a column's value is read from a row image.
enum class Form : std::uint8_t { integer, decimal, real, temporal, time, text, member, members };

/// How texts of a collation are compared.
struct TextRule {
  enum class Local : std::uint8_t {
    no,   ///< by the server
    pad,  ///< by bytes, as if the shorter one went on with spaces
    nopad,
  };
  std::string charset, collation;
  Local local = Local::no;
};

struct Node {
  Op op = Op::null;
  Relation relation = Relation::equal;
  Mode mode = Mode::integer;
  Form form = Form::integer;
  bool utf8 = false;  ///< a text in UTF-8, whatever the column's character set is
  char escape = '\\';
  std::size_t column = 0;
  Integer integer = 0;
  double real = 0;
  std::string text;
  std::vector<std::string> members;
  std::vector<Integer> list;
  bool list_has_null = false;
  std::shared_ptr<const TextRule> rule;
  std::vector<Node> kids;
};

}  // namespace dts::filter
