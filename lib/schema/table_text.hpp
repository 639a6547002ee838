#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/difference.hpp"

// CREATE TABLE in its parts, and in which of them two tables differ.

namespace dts {

/// A part of a table that can differ by itself.
struct TableItem {
  enum class Sort { column, key, check, other, option, partitions };
  Sort sort = Sort::column;
  std::string name;  ///< "id", "PRIMARY", "ENGINE"
  std::string text;  ///< as it was written, on one line
};
/// "column 'id'", "the option ENGINE"
std::string title_of(const TableItem& item);

struct TableText {
  std::vector<TableItem> items;  ///< in the order of the text
  std::string rest;              ///< what is no list of columns: all of a sequence
};

/// What SHOW CREATE TABLE wrote, without foreign keys.
TableText read_table_text(std::string_view create);

struct ItemDifference {
  TableItem::Sort sort = TableItem::Sort::column;
  std::string title;
  std::string here, there;  ///< empty: it is missing there, or only there
  bool rows = false;        ///< rows may be refused there, or become others
  bool comment_only = false;
};
/// "column 'a' is missing there: ...", for people.
std::string text_of(const ItemDifference& difference);

/// All in which `there` differs from what is wanted of it. `alike`: both servers write the same
/// table by the same words; else only what can be compared all the same.
std::vector<ItemDifference> text_differences(const TableText& here, const TableText& there,
                                             bool alike);

/// Columns, the order of columns, and keys.
std::vector<ItemDifference> shape_differences(const Table& here, ServerKind from,
                                              const Table& there, ServerKind to);

/// The first thing that matters to rows: columns and unique keys. Empty if there is none.
std::string rows_difference(const Table& here, ServerKind from, const Table& there, ServerKind to);

}  // namespace dts
