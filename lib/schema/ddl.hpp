#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/tokens.hpp"
#include "dts/objects.hpp"

// Work on the text of SHOW CREATE statements. Text that is not concerned passes through unchanged.

namespace dts {

/// How a text is to be read: the quotes and the character set of the session that wrote it.
struct Dialect {
  QuoteRules rules;
  std::string_view charset = "utf8mb4";
};
/// From the values that the server keeps with a routine or trigger.
Dialect dialect(std::string_view sql_mode, std::string_view charset);

struct ForeignKeyText {
  std::string name;
  std::string clause;  ///< CONSTRAINT `name` FOREIGN KEY ...
  TableName parent;    ///< its schema is empty where the child's is meant
  std::string on_delete, on_update;
};

/// A CREATE TABLE statement without its foreign keys, and these.
struct CreateTable {
  std::string text;
  std::vector<ForeignKeyText> foreign_keys;
};
CreateTable cut_foreign_keys(std::string_view create);

/// With the name of the table or view replaced by `schema`.`name`.
std::string with_name(std::string_view create, const TableName& name);

/// Without the table option AUTO_INCREMENT.
std::string without_auto_increment(std::string_view create);

/// Without DEFINER = ...
std::string without_definer(std::string_view create, const Dialect& dialect = {});

/// CREATE VIEW, PROCEDURE, FUNCTION or PACKAGE with SQL SECURITY INVOKER.
std::string with_invoker(std::string_view create, const Dialect& dialect = {});

/// CREATE TRIGGER with a body that does nothing in sessions of dtsctl, and without FOLLOWS or
/// PRECEDES, unless the order is to be kept. A body that is guarded already stays as it is.
std::string guarded_trigger(std::string_view create, const Dialect& dialect = {},
                            bool keeps_order = false);

/// CREATE EVENT that is not to be run, whatever its state is.
std::string disabled_event(std::string_view create, const Dialect& dialect = {});

/// What stands as `a`.`b` in the text: the tables and views that a view may be made of.
std::vector<TableName> qualified_names(std::string_view create);

}  // namespace dts
