#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apply/ddl_names.hpp"
#include "binlog/event.hpp"
#include "dts/job.hpp"
#include "schema/table.hpp"

// gh-ost, pt-online-schema-change and Alibaba's DMS alter a table by filling another one of the new
// shape, its shadow, and swapping the names. What their tables are called, and what their
// statements say about the real one.

namespace dts {

enum class ToolTableKind : std::uint8_t {
  shadow,  ///< becomes the real table
  old,     ///< was the real table
  log,     ///< the tool's own notes
};

/// A statement on a shadow table, as one on its real table.
struct ToolStatement {
  Ddl ddl;
  std::uint32_t timestamp = 0;
};

/// A table that a tool has made on the source.
struct ToolTable {
  TableName name, base;
  ToolTableKind kind = ToolTableKind::shadow;
  bool made = true;  ///< on the target, too
  bool rows = true;  ///< which are applied
  /// If not: what is to be done to the real table when the shadow takes its place, in this order.
  std::vector<ToolStatement> statements = {};
  std::string trouble = {};  ///< why that would not do
  bool fresh = false;        ///< there have been no rows in it that were passed over
};

/// As kept in the bookkeeping.
std::string tool_table_text(const ToolTable& table);
ToolTable parse_tool_table(std::string_view text);

/// Regular expressions whose first group is the name of the real table.
struct ToolPatterns {
  std::vector<std::string> shadow, old, log;
};
/// The job's, else those of the three tools.
ToolPatterns tool_patterns(const SyncOptions& options);

/// The real table that a table with such a name belongs to, if `is_known` knows it. Tools write
/// more underscores in front of a name that is taken.
std::optional<TableName> base_of(const std::vector<std::string>& patterns, const TableName& name,
                                 const std::function<bool(const TableName&)>& is_known);

/// A trigger by which pt-online-schema-change fills its shadow table: what it does is in the
/// binlog.
bool is_tool_trigger(const DdlNames& names);

/// The pairs of tables whose names a statement changes, in its order. `text` is what `names` were
/// found in.
std::vector<std::pair<TableName, TableName>> renames(const Ddl& text, const DdlNames& names);

/// The statement with `base` in the place of `shadow`; nothing if it can't be written so.
std::optional<Ddl> on_base(const Ddl& original, const Ddl& text, const DdlNames& names,
                           const TableName& shadow, const TableName& base);

/// Why an ALTER of the real table could leave other rows in it than the tool, which copies them,
/// leaves in the shadow; empty if it can't.
std::string rows_trouble(const Ddl& text, const DdlNames& names, const Table& base);

}  // namespace dts
