#include "apply/ddl_structure.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "db/server_objects.hpp"
#include "fnv.hpp"

namespace dts {

namespace {

/// How a table is called inside InnoDB, where that is plain; else nothing.
std::string internal_name(const TableName& name) {
  auto plain = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return (c < 0x80 && std::isalnum(c)) || c == '_'; });
  };
  return plain(name.schema) && plain(name.table) ? name.schema + "/" + name.table : "";
}

/// Of a table or its partitions: names inside InnoDB and ids; none if they can't be known.
std::vector<TextRow> innodb_ids(Connection& target, const TableName& name) {
  const std::string internal = internal_name(name);
  if (internal.empty()) return {};
  try {
    return target.query(
        sql("SELECT NAME, TABLE_ID FROM {} WHERE NAME = {} OR NAME LIKE {} ORDER BY NAME",
            innodb_tables(target), Text{internal}, Text{internal + "#P#%"}));
  } catch (const Error& error) {
    constexpr unsigned needs_process = 1227;  // then the time of creation has to do
    if (error.server_errno() != needs_process) throw;
    return {};
  }
}

}  // namespace

std::string structure_of(Connection& target, const TableName& name) {
  auto created =
      target.query(sql("SELECT TABLE_TYPE, CREATE_TIME FROM information_schema.TABLES "
                       "WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
                       Text{name.schema}, Text{name.table}));
  if (created.empty()) return "absent";
  std::string text = created[0].at(1).value_or("") + "\n";
  try {
    auto definition = target.query(sql("SHOW CREATE TABLE {}", name));
    text += definition.at(0).at(1).value_or("") + "\n";
  } catch (const Error& error) {
    // MariaDB 10.11 may even crash when it is asked a second time.
    constexpr unsigned no_record = 1032;
    if (error.server_errno() != no_record) throw;
    return half_made;
  }
  for (auto& row : innodb_ids(target, name))
    text += row.at(0).value_or("") + " " + row.at(1).value_or("") + "\n";
  return text;
}

std::string identity_of(Connection& target, const TableName& name) {
  const auto found =
      target.query(sql("SELECT CREATE_TIME FROM information_schema.TABLES WHERE "
                       "TABLE_SCHEMA = {} AND TABLE_NAME = {}",
                       Text{name.schema}, Text{name.table}));
  if (found.empty()) return {};
  std::string identity = "there";
  for (auto& row : innodb_ids(target, name)) identity += " " + row.at(1).value_or("");
  if (identity != "there") return identity;
  // Columns; constraints may be called by the table. MySQL keeps the time of a table that is
  // renamed.
  std::string columns;
  const auto definition = target.query(sql("SHOW CREATE TABLE {}", name));
  const std::string text = definition.at(0).at(1).value_or("");
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != text.npos; at = end + 1)
    if (text.compare(at, 3, "  `") == 0) columns += text.substr(at, end - at);
  identity += fmt::format(" {:016x}", fnv1a(columns));
  if (!target.is_mariadb()) identity += " " + found[0].at(0).value_or("");
  return identity;
}

std::string renaming_time_of(Connection& target, const TableName& name) {
  if (!target.is_mariadb()) return {};
  return target
      .value(sql("SELECT CREATE_TIME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND "
                 "TABLE_NAME = {}",
                 Text{name.schema}, Text{name.table}))
      .value_or("");
}

namespace {

/// The table of information_schema that lists objects of this kind, and its columns.
struct Listing {
  const char *table, *schema, *name, *times;
};

Listing listing_of(const std::string& kind) {
  if (kind == "view") return {"VIEWS", "TABLE_SCHEMA", "TABLE_NAME", "''"};
  if (kind == "trigger")
    return {"TRIGGERS", "EVENT_OBJECT_SCHEMA", "TRIGGER_NAME",
            "CONCAT_WS(' ', CREATED, ACTION_ORDER, EVENT_OBJECT_TABLE)"};
  if (kind == "event")
    return {"EVENTS", "EVENT_SCHEMA", "EVENT_NAME", "CONCAT(CREATED, ' ', LAST_ALTERED)"};
  return {"ROUTINES", "ROUTINE_SCHEMA", "ROUTINE_NAME", "CONCAT(CREATED, ' ', LAST_ALTERED)"};
}

std::string raised_ascii(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace

std::string structure_of(Connection& target, const ObjectId& object) {
  const Listing list = listing_of(object.kind);
  const std::string kind = raised_ascii(object.kind);
  Sql query = sql("SELECT {} FROM information_schema.{} WHERE {} = {} AND {} = {}",
                  Sql::verbatim(list.times), Sql::verbatim(list.table), Sql::verbatim(list.schema),
                  Text{object.name.schema}, Sql::verbatim(list.name), Text{object.name.table});
  if (list.table == std::string_view("ROUTINES"))
    query = sql("{} AND ROUTINE_TYPE = {}", query, Text{kind});
  const auto found = target.query(query);
  if (found.empty()) return "absent";
  std::string text = found[0].at(0).value_or("") + "\n";
  try {
    for (auto& row : target.query(sql("SHOW CREATE {} {}", Sql::verbatim(kind), object.name)))
      for (auto& field : row) text += field.value_or("") + "\n";
  } catch (const Error& error) {  // a view may be invalid, and a text hidden
    if (error.kind() == ErrorKind::connect) throw;
    text += "unreadable";
  }
  return text;
}

std::string structure_of_database(Connection& target, const std::string& database) {
  auto found =
      target.query(sql("SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA "
                       "WHERE SCHEMA_NAME = {}",
                       Text{database}));
  return found.empty() ? std::string("absent") : found[0].at(0).value_or("");
}

}  // namespace dts
