#pragma once

#include <string>
#include <utility>
#include <vector>

#include "binlog/event.hpp"
#include "dts/objects.hpp"

namespace dts {

/// Where the name of a table or database stands in the statement.
struct NamePlace {
  TableName name;  ///< of a database, the table is empty
  std::size_t begin, end;
  bool references = false;  ///< behind REFERENCES
  bool lowered = false;     ///< the statement has it in another case
};

/// What a DDL statement is about, read from its tokens.
struct DdlNames {
  /// "create-table", "alter-table", "drop-table", "rename-table", "truncate-table",
  /// "create-index", "drop-index", "create-database", "alter-database", "drop-database",
  /// "temporary", "view", "routine", "trigger", "event", "library", "other"
  std::string kind = "other";
  /// Every table named by it, new names included; or the view, routine, trigger or event.
  std::vector<TableName> tables;
  std::string database;           ///< of the database statements
  std::vector<NamePlace> places;  ///< of all names of tables and databases
};

/// Finds the names; the statement must be in UTF-8. Statements that are not understood have kind
/// "other".
DdlNames ddl_names(const Ddl& ddl);

/// Names of tables and databases as they are for a server with lower_case_table_names = 1, however
/// the statement writes them.
void lower_names(DdlNames& names);

/// The statement as it is to be run: MySQL logs CREATE TABLE ... SELECT as a table with the words
/// START TRANSACTION at the end, which only its own replication may send.
std::string runnable_statement(const Ddl& ddl);

}  // namespace dts
