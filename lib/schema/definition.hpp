#pragma once

#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "db/connection.hpp"
#include "dts/job.hpp"
#include "schema/ddl.hpp"
#include "schema/translate.hpp"

namespace dts {

/// An object by what it is and its name; of a database, only `name.schema` is set.
struct ObjectId {
  std::string kind;  ///< "database", "table", "foreign-keys", "function", "procedure", "package",
                     ///< "package body", "view", "trigger" or "event"
  TableName name;
  auto operator<=>(const ObjectId&) const = default;
};

/// "shop.orders", "shop"
std::string name_of(const ObjectId& id);
/// "table shop.orders": written to the state, so its form is persistent.
std::string to_string(const ObjectId& id);

/// An object of some server, as it is to be on the target.
struct Definition {
  ObjectId id;  ///< by its name on the target
  std::vector<std::string> statements;       ///< create it, with the settings they depend on
  std::string text;                          ///< equal if the objects are
  std::vector<ForeignKeyText> foreign_keys;  ///< of a table; not in its statements
  TableName source;                          ///< its name on the source
  std::string sql_mode{}, charset{};         ///< how the text of a view, routine, ... is to be read
  std::string collation{};                   ///< of the literals in such a text
  /// Whether the target has words of its own for such a text, and may refuse it.
  bool may_be_refused = false;
  /// Folded names: its own on the source, and what its text mentions, where that has been looked at.
  TableName key{};
  std::set<TableName> relations{}, routines{};
};

/// Makes SHOW CREATE quote all names and leave out directories of the server's machine.
void prepare_reading(Connection& connection);

/// Reads what the server has under this name, and makes it ready for the target.
Definition define(Connection& connection, const ObjectId& id, const SchemaOptions& options);
/// The same for tables, with few round trips; `use` gets them in their order. Throws at the first that
/// can't be read.
void define_tables(Connection& connection, const std::vector<TableName>& names,
                   const std::function<void(Definition&&)>& use);

/// Objects that can't be read: broken ones, or hidden from the account.
using Unreadable = std::map<ObjectId, Error>;

/// The same for many, in their order: where there are many, on several sessions at a time.
/// Throws Error{interrupted} if a stop is requested. With `unreadable`, those that can't be read are left
/// out and go there; else the first of them is thrown.
std::vector<Definition> define_all(Connection& connection, const std::vector<ObjectId>& ids,
                                   const SchemaOptions& options, const std::stop_token& stop,
                                   Unreadable* unreadable = nullptr);

/// Makes a database or table of `source` one for a server of another kind; adds what it changes.
/// `shape` is a table's.
void adapt(Connection& source, Definition& definition, const Table* shape,
           const TargetFacts& target, std::vector<std::string>& changes);

/// A database that is called otherwise.
Definition renamed_database(const Definition& database, const std::string& name);

/// The foreign keys of a table as an object of their own, to be made after all tables.
Definition foreign_keys_of(const TableName& table, const std::vector<ForeignKeyText>& keys);

/// The CREATE statement of a view, routine, trigger or event.
const std::string& create_text(const Definition& definition);
/// Gives such an object another name and text.
void rename(Definition& definition, const TableName& name, const std::string& text);

/// Gives it other settings to be made under.
void resettle(Definition& definition, const std::string& sql_mode, const std::string& collation);

/// Puts views behind the views that they are made of.
void sort_views(std::vector<Definition>& views);

}  // namespace dts
