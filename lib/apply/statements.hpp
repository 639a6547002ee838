#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/net.hpp"
#include "apply/update_join.hpp"

namespace dts {

/// How a row that is not as expected is taken.
enum class WriteMode {
  exact,       ///< ordinary mode: every change must find what the source found
  converging,  ///< while catching up: whole after-images by REPLACE, missing rows are fine
};

/// One statement for the target and what it must do there.
struct Statement {
  const Table* table = nullptr;
  std::uint64_t expected = 0;  ///< rows that it has to find or insert
  bool checked = true;         ///< whether `expected` counts
  unsigned warnings = 0;       ///< that it must raise: one for each ENUM value 0 (see write_net)
  bool any_warnings = false;   ///< its warnings say nothing
  /// It deletes history up to a time: `expected` counts for all such statements of the source's
  /// transaction together.
  bool history = false;
};

/// Statements separated by ";", with what each must do.
struct Batch {
  bool row_alias = false;  ///< the target wants "VALUES (...) AS new" instead of VALUES(column)
  RowList row_list = RowList::none;  ///< the target's way to update many rows by a join
  std::set<std::string> collations;  ///< that the target knows
  std::string text;
  std::vector<Statement> statements;

  bool empty() const { return statements.empty(); }
  void clear() {
    text.clear();
    statements.clear();
  }
};

/// Writes the net changes as statements of at most about `bytes_max` bytes each, and calls `flush`
/// whenever the batch has grown to about that size; what is left stays in `batch`.
void write_net(const NetTable& net, WriteMode mode, std::size_t bytes_max, Batch& batch,
               const std::function<void()>& flush);

/// Writes one change as one statement.
void write_change(const RowChange& change, WriteMode mode, Batch& batch);

/// The row's key as people read it: "(id = 5)"; all columns where there is no key.
std::string describe_key(const Table& table, const Row& row);

}  // namespace dts
