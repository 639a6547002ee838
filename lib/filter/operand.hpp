#pragma once

#include <string>
#include <vector>

#include "filter/lexer.hpp"
#include "filter/node.hpp"
#include "schema/table.hpp"

namespace dts::filter {

/// What kind of value an expression has, as far as comparing it depends on it.
enum class Class : std::uint8_t {
  null,
  integer,
  decimal,
  real,
  string,  ///< '...': becomes what it is compared with
  bits,    ///< b'..', 0x..: becomes what it is compared with
  text,    ///< columns with a collation
  bytes,
  date,
  datetime,
  time,
  other,  ///< can only be asked whether it is NULL
};

/// A part of a condition while it is parsed.
struct Operand {
  Node node;
  Class kind = Class::null;
  std::size_t at = 0;              ///< where it begins
  const Column* column = nullptr;  ///< if it is a column and nothing else
  bool constant = false;           ///< a literal
  Integer least = 0, most = 0;     ///< of an integer: the range it stays in
  bool is_unsigned = false;
  bool is_predicate = false;  ///< true, false or NULL
};

Operand null_literal(std::size_t at);
Operand integer_literal(Integer value, std::size_t at);
/// A number, string or bits as written.
Operand literal(const Source& source, const Piece& piece);
/// DATE '...', TIME '...', TIMESTAMP '...'
Operand temporal_literal(const Source& source, const std::string& word, const Piece& string);
Operand column_operand(const Source& source, const Table& table, std::size_t index, std::size_t at);
Operand predicate(Node node, std::size_t at);

/// "column 'a' (int(11))", "a string"
std::string describe(const Operand& operand);

// Arithmetic, on integers only; refused if the result could leave the 64 bits that the server has.
Operand arithmetic(const Source& source, Op op, Operand left, Operand right, std::size_t at);
Operand unary(const Source& source, Op op, Operand operand, std::size_t at);
Operand function(const Source& source, const std::string& name, std::vector<Operand> arguments,
                 std::size_t at);

// Predicates.
Operand compare(const Source& source, Relation relation, Operand left, Operand right,
                std::size_t at, bool as_real = false);
Operand between(const Source& source, Operand value, Operand low, Operand high, std::size_t at);
Operand in_list(const Source& source, Operand value, std::vector<Operand> list, std::size_t at);
Operand like(const Source& source, Operand value, Operand pattern, char escape, std::size_t at);
Operand is_null(const Source& source, Operand value, std::size_t at);
Operand is_unknown(const Source& source, Operand value, std::size_t at);
/// The operand where TRUE or FALSE is wanted.
Node truth(const Source& source, Operand operand);

}  // namespace dts::filter
