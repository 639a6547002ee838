#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/value.hpp"
#include "schema/table.hpp"

// Row filters: one SQL condition on one table's columns, decided on row images as the source server
// decides it in SELECT ... WHERE ((condition) IS TRUE). What can't be decided exactly is refused by
// parse_condition().

namespace dts {

namespace filter {
struct Node;
}

/// A parsed condition. Copies share what it consists of.
struct Condition {
  std::shared_ptr<const filter::Node> root;
};

/// Two texts to be compared by the rules of a collation, which only a server knows.
struct TextQuestion {
  enum class Kind : std::uint8_t {
    compare,  ///< -1, 0 or 1
    like,     ///< 1 if `left` is LIKE `right`, else 0
  };
  Kind kind = Kind::compare;
  std::string charset, collation;
  std::string left, right;
  bool left_utf8 = false, right_utf8 = false;  ///< in UTF-8 instead of `charset`
  char escape = '\\';                          ///< of LIKE

  bool operator==(const TextQuestion&) const = default;
};

/// Answers questions, one number each.
using Collator = std::function<std::vector<int>(std::span<const TextQuestion>)>;

/// Reads a condition, as it stands behind WHERE, for rows of `shape`. Throws Error{usage} with the
/// place and the reason if it is none, or can't be decided exactly on a row image.
Condition parse_condition(std::string_view where, const Table& shape);

/// The condition as a server has to be asked it. As it stands, a server may find rows by an index,
/// and those are not always the rows for which it is true: LIKE with a _bin collation, an ENUM and
/// what is no member, a number with more digits than the column.
std::string pushed_down(std::string_view where);

/// Which rows, as the binlog gives them, the condition holds for: a result that is NULL does not
/// hold. What the collator has to be asked about all rows is asked together.
std::vector<bool> select_rows(const Condition& condition, std::span<const Row> rows,
                              const Collator& collator);
bool holds(const Condition& condition, Row row, const Collator& collator);

/// The columns that the condition reads, in their order.
std::vector<std::size_t> columns_of(const Condition& condition);

}  // namespace dts
