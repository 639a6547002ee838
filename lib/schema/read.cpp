#include "schema/read_selected.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <array>
#include <cstdlib>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "db/server_objects.hpp"
#include "db/share_work.hpp"
#include "db/tokens.hpp"
#include "schema/ddl.hpp"
#include "schema/definition.hpp"

namespace dts {

namespace {

constexpr std::array<std::pair<std::string_view, ColumnType>, 46> types = {{
    {"tinyint", ColumnType::integer},
    {"smallint", ColumnType::integer},
    {"mediumint", ColumnType::integer},
    {"int", ColumnType::integer},
    {"bigint", ColumnType::integer},
    {"decimal", ColumnType::decimal},
    {"float", ColumnType::float_},
    {"double", ColumnType::double_},
    {"bit", ColumnType::bit},
    {"year", ColumnType::year},
    {"date", ColumnType::date},
    {"time", ColumnType::time},
    {"datetime", ColumnType::datetime},
    {"timestamp", ColumnType::timestamp},
    {"char", ColumnType::text},
    {"varchar", ColumnType::text},
    {"tinytext", ColumnType::text},
    {"text", ColumnType::text},
    {"mediumtext", ColumnType::text},
    {"longtext", ColumnType::text},
    {"binary", ColumnType::binary},
    {"varbinary", ColumnType::bytes},
    {"tinyblob", ColumnType::bytes},
    {"blob", ColumnType::bytes},
    {"mediumblob", ColumnType::bytes},
    {"longblob", ColumnType::bytes},
    {"enum", ColumnType::enum_},
    {"set", ColumnType::set},
    {"json", ColumnType::json},
    {"geometry", ColumnType::geometry},
    {"point", ColumnType::geometry},
    {"linestring", ColumnType::geometry},
    {"polygon", ColumnType::geometry},
    {"multipoint", ColumnType::geometry},
    {"multilinestring", ColumnType::geometry},
    {"multipolygon", ColumnType::geometry},
    {"geometrycollection", ColumnType::geometry},
    {"geomcollection", ColumnType::geometry},
    {"uuid", ColumnType::uuid},
    {"inet4", ColumnType::inet4},
    {"inet6", ColumnType::inet6},
    {"vector", ColumnType::vector},
    {"integer", ColumnType::integer},
    {"numeric", ColumnType::decimal},
    {"real", ColumnType::double_},
    {"character", ColumnType::text},
}};

ColumnType column_type(std::string_view data_type) {
  for (const auto& [name, type] : types)
    if (name == data_type) return type;
  return ColumnType::unknown;
}

bool is_numeric(ColumnType type) {
  return type == ColumnType::integer || type == ColumnType::decimal || type == ColumnType::float_ ||
         type == ColumnType::double_;
}

bool has_text(ColumnType type) {
  return type == ColumnType::text || type == ColumnType::enum_ || type == ColumnType::set;
}

std::uint64_t number(const std::optional<std::string>& text) {
  return text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
}

bool contains(const std::string& text, std::string_view word) {
  return text.find(word) != std::string::npos;
}

/// " AND {column} = {table}", or nothing for all tables.
Sql only(const char* column, const std::string* table) {
  return table ? sql(" AND {} = {}", Name{column}, Text{*table}) : Sql{};
}

// The server answers these queries by directory and file only if the names are constants compared
// by "=": hence a query a schema and not one for all.
using TablesByName = std::unordered_map<std::string, Table>;

TablesByName read_names(Connection& connection, const std::string& schema,
                        const std::string* table) {
  TablesByName tables;
  // What the server estimates costs as much as all the rest, and is only asked of tables to be copied.
  const Sql estimates = connection.side() == Side::source ? sql("TABLE_ROWS, DATA_LENGTH") : sql("0, 0");
  for (auto& row : connection.query(
           sql("SELECT TABLE_NAME, TABLE_TYPE, ENGINE, {} FROM "
               "information_schema.TABLES WHERE TABLE_SCHEMA = {}{} AND TABLE_TYPE NOT IN "
               "('VIEW', 'SYSTEM VIEW', 'TEMPORARY')", estimates, Text{schema}, only("TABLE_NAME", table)))) {
    Table found;
    found.name = {schema, row.at(0).value_or("")};
    found.kind = row.at(1).value_or("");
    found.engine = row.at(2).value_or("");
    found.rows_estimated = number(row.at(3));
    found.bytes_estimated = number(row.at(4));
    tables.emplace(found.name.table, std::move(found));
  }
  return tables;
}

Column column_from(const TextRow& row) {
  Column column;
  column.name = row.at(2).value_or("");
  column.definition = row.at(3).value_or("");
  column.type = column_type(row.at(4).value_or(""));
  if (has_text(column.type)) {
    column.charset = long_name(row.at(5).value_or(""));
    column.collation = long_name(row.at(6).value_or(""));
    column.text_form = text_form(column.charset);
  }
  if (column.type == ColumnType::json) {  // as text it is always this
    column.charset = "utf8mb4";
    column.text_form = TextForm::plain;
  }
  column.is_unsigned = column.type == ColumnType::year ||
                       (is_numeric(column.type) && contains(column.definition, " unsigned"));
  column.nullable = row.at(7) == "YES";
  column.has_default = column.nullable || row.at(8).has_value();
  const std::string extra = row.at(9).value_or("");
  column.row_start = row.at(14) == "ROW START";
  column.row_end = row.at(14) == "ROW END";
  column.generated = (row.at(10) == "ALWAYS" || contains(extra, " GENERATED")) &&
                     !column.row_start && !column.row_end;
  column.on_update = contains(extra, "on update");
  column.auto_increment = contains(extra, "auto_increment");
  column.invisible = contains(extra, "INVISIBLE");
  column.bytes_max = number(row.at(11));
  if (row.at(12)) column.digits = static_cast<int>(number(row.at(12)));
  if (row.at(13)) column.definition += " srid " + *row.at(13);
  return column;
}

/// Versions whose limits were not declared have them all the same, behind the other columns.
void add_hidden_limits(Table& table) {
  if (!is_versioned(table) || table.columns.empty() || row_end_column(table)) return;
  for (const char* name : {"row_start", "row_end"}) {
    Column& column = table.columns.emplace_back();
    column.name = name;
    column.definition = "timestamp(6)";
    column.type = ColumnType::timestamp;
    column.nullable = false;
    column.invisible = true;
    column.digits = 6;
  }
  table.columns[table.columns.size() - 2].row_start = true;
  table.columns.back().row_end = true;
}

/// Inside the engine unique keys of versions end with row_end; only some of them are shown so.
void add_row_end(Table& table) {
  const auto row_end = row_end_column(table);
  if (!row_end) return;
  for (Key& key : table.keys)
    if (key.unique && std::none_of(key.parts.begin(), key.parts.end(), [&](const KeyPart& part) {
          return part.column == *row_end;
        }))
      key.parts.push_back({*row_end, std::nullopt});
}

void read_columns(Connection& connection, const std::string& schema, const std::string* table,
                  TablesByName& tables) {
  connection.for_each(
      sql("SELECT TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, "
          "CHARACTER_SET_NAME, COLLATION_NAME, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, "
          "{}, CHARACTER_OCTET_LENGTH, COALESCE(DATETIME_PRECISION, NUMERIC_SCALE), {}, {} "
          "FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {}{}",
          is_generated(connection), srs_id(connection), row_period(connection), Text{schema},
          only("TABLE_NAME", table)),
      [&](TextRow&& row) {
        const auto found = tables.find(row.at(0).value_or(""));
        if (found == tables.end()) return;  // a view, or made a moment ago
        auto& columns = found->second.columns;
        const std::size_t position = number(row.at(1));
        if (columns.size() < position) columns.resize(position);
        columns.at(position - 1) = column_from(row);
      });
  for (const auto& [name, found] : tables)
    for (const Column& column : found.columns)
      if (column.name.empty())
        throw Error(connection.side() == Side::source ? ErrorKind::source : ErrorKind::target,
                    fmt::format("cannot read the columns of '{}': some are hidden from {}",
                                to_string(found.name), to_string(connection.endpoint())),
                    "grant SELECT on the whole table");
  for (auto& [name, found] : tables) add_hidden_limits(found);
}

std::size_t column_index(const Table& table, const std::string& name) {
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].name == name) return i;
  throw Error(
      ErrorKind::source,
      fmt::format("cannot read the keys of '{}': no column '{}'", to_string(table.name), name),
      "was the table altered at this moment? try again");
}

/// A key that may end with a period, which is shown as its two columns.
bool may_have_period(const Table& table, const Key& key) {
  std::vector<const Column*> columns;
  for (const KeyPart& part : key.parts)
    if (!table.columns[part.column].row_end) columns.push_back(&table.columns[part.column]);
  if (!key.unique || columns.size() < 3) return false;
  const Column &end = *columns[columns.size() - 2], &start = *columns.back();
  const bool is_time = end.type == ColumnType::date || end.type == ColumnType::datetime ||
                       end.type == ColumnType::timestamp;
  return is_time && end.definition == start.definition && !end.nullable && !start.nullable;
}

/// Only the text of the definition tells.
bool has_key_without_overlaps(Connection& connection, const Table& table) {
  if (!connection.is_mariadb() ||
      std::none_of(table.keys.begin(), table.keys.end(),
                   [&](const Key& key) { return may_have_period(table, key); }))
    return false;
  const auto rows = connection.query(sql("SHOW CREATE TABLE {}", table.name));
  const std::string text = rows.empty() ? "" : rows[0].at(1).value_or("");
  const auto tokens = tokenize(text, quote_rules(0));
  for (std::size_t i = 1; i < tokens.size(); ++i)
    if (is_word(tokens[i - 1], "WITHOUT") && is_word(tokens[i], "OVERLAPS")) return true;
  return false;
}

void read_keys(Connection& connection, const std::string& schema, const std::string* table,
               TablesByName& tables) {
  for (auto& row : connection.query(
           sql("SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, NULLABLE, COLUMN_NAME, SUB_PART, "
               "SEQ_IN_INDEX, {} FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = {}{}{}",
               key_expression(connection), Text{schema}, only("TABLE_NAME", table),
               order_of_keys(connection)))) {
    const auto found = tables.find(row.at(0).value_or(""));
    if (found == tables.end()) continue;
    Table& of = found->second;
    if (of.columns.empty()) continue;  // all hidden: the precheck tells the right that lacks
    const std::string name = row.at(1).value_or("");
    if (of.keys.empty() || of.keys.back().name != name || row.at(6) == "1")
      of.keys.push_back({name, row.at(2) == "0", false, {}});
    Key& key = of.keys.back();
    if (row.at(3) == "YES") key.nullable = true;
    if (row.at(7)) {
      key.functional = true;
      continue;
    }
    KeyPart part{column_index(of, row.at(4).value_or("")), std::nullopt};
    if (row.at(5)) part.prefix = number(row.at(5));
    key.parts.push_back(part);
  }
  for (auto& [name, found] : tables) {
    std::stable_partition(found.keys.begin(), found.keys.end(),
                          [](const Key& key) { return key.name == "PRIMARY"; });
    add_row_end(found);
    found.without_overlaps = has_key_without_overlaps(connection, found);
    found.row_key = choose_row_key(found);
  }
}

using Wanted = std::function<bool(const TableName&)>;

TablesByName read_schema(Connection& connection, const std::string& schema,
                         const std::string* table, const Wanted& wanted) {
  TablesByName tables = read_names(connection, schema, table);
  std::erase_if(tables, [&](auto& entry) { return !wanted(entry.second.name); });
  if (tables.empty()) return tables;
  read_columns(connection, schema, table, tables);
  read_keys(connection, schema, table, tables);
  return tables;
}

/// What REFERENTIAL_CONSTRAINTS hides from accounts that may only read.
void read_actions(Connection& connection, ForeignKey& key) {
  auto rows = connection.query(sql("SHOW CREATE TABLE {}", key.child));
  if (rows.empty()) return;
  for (auto& written : cut_foreign_keys(rows[0].at(1).value_or("")).foreign_keys)
    if (written.name == key.name) {
      key.on_delete = written.on_delete;
      key.on_update = written.on_update;
    }
}

void read_foreign_keys(Connection& connection, const std::string& schema, const Wanted& wanted,
                       std::vector<ForeignKey>& keys) {
  const std::size_t first = keys.size();
  for (auto& row :
       connection.query(sql("SELECT TABLE_NAME, CONSTRAINT_NAME, REFERENCED_TABLE_SCHEMA, "
                            "REFERENCED_TABLE_NAME, COLUMN_NAME, REFERENCED_COLUMN_NAME FROM "
                            "information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = {} AND "
                            "REFERENCED_TABLE_NAME IS NOT NULL "
                            "ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION",
                            Text{schema}))) {
    TableName child{schema, row.at(0).value_or("")};
    if (!wanted(child)) continue;
    const std::string name = row.at(1).value_or("");
    if (keys.size() == first || keys.back().child != child || keys.back().name != name)
      keys.push_back(
          {child, name, {row.at(2).value_or(""), row.at(3).value_or("")}, {}, {}, {}, {}});
    keys.back().child_columns.push_back(row.at(4).value_or(""));
    keys.back().parent_columns.push_back(row.at(5).value_or(""));
  }
  if (keys.size() == first) return;
  std::unordered_map<std::string, std::pair<std::string, std::string>> actions;
  for (auto& row : connection.query(
           sql("SELECT CONCAT(TABLE_NAME, '\n', CONSTRAINT_NAME), DELETE_RULE, UPDATE_RULE FROM "
               "information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = {}",
               Text{schema})))
    actions[row.at(0).value_or("")] = {row.at(1).value_or(""), row.at(2).value_or("")};
  for (std::size_t i = first; i < keys.size(); ++i) {
    const auto found = actions.find(keys[i].child.table + '\n' + keys[i].name);
    if (found == actions.end())
      read_actions(connection, keys[i]);
    else
      std::tie(keys[i].on_delete, keys[i].on_update) = found->second;
  }
}

}  // namespace

std::string long_name(std::string name) {
  if (name == "utf8" || name.starts_with("utf8_")) name.insert(4, "mb3");
  return name;
}

std::string versioning_trouble(Connection& connection, const Table& table, Connection& target) {
  if (!is_versioned(table)) return {};
  for (const Column& column : table.columns)
    if ((column.row_start || column.row_end) && column.type != ColumnType::timestamp)
      return fmt::format("system-versioned by transaction numbers ({} is {}), which mean nothing on "
                         "another server",
                         column.name, column.definition);
  if (connection.value(sql("SELECT 1 FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = {} AND "
                           "TABLE_NAME = {} AND PARTITION_METHOD = 'SYSTEM_TIME' LIMIT 1",
                           Text{table.name.schema}, Text{table.name.table})))
    return "system-versioned and partitioned BY SYSTEM_TIME: which partition a version comes into "
           "depends on when it is written";
  const std::string trouble = history_trouble(target);
  return trouble.empty() ? trouble : "system-versioned: " + trouble;
}

std::vector<std::string> selected_schemas(Connection& connection, const Objects& objects) {
  std::vector<std::string> schemas;
  for (auto& row : connection.query(
           sql("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME")))
    if (row.at(0) && touches_schema(objects, *row[0])) schemas.push_back(*row[0]);
  return schemas;
}

namespace {

template <class Schemas>
std::vector<Table> read_schemas(Connection& connection, const Schemas& schemas,
                                const Wanted& wanted) {
  std::vector<Table> tables;
  for (const std::string& schema : schemas)
    for (auto& [name, table] : read_schema(connection, schema, nullptr, wanted))
      tables.push_back(std::move(table));
  std::sort(tables.begin(), tables.end(),
            [](const Table& a, const Table& b) { return a.name < b.name; });
  return tables;
}

}  // namespace

std::vector<Table> read_tables(Connection& connection, const Objects& objects) {
  return read_schemas(connection, selected_schemas(connection, objects),
                      [&](const TableName& name) { return selects(objects, name); });
}

std::vector<Table> read_tables(Connection& connection, const std::set<TableName>& names) {
  std::set<std::string> schemas;
  for (const TableName& name : names) schemas.insert(name.schema);
  return read_schemas(connection, schemas,
                      [&](const TableName& name) { return names.contains(name); });
}

namespace {

/// Puts one behind the other what was read of each database.
template <class Item>
std::vector<Item> joined(std::vector<std::vector<Item>> parts) {
  std::vector<Item> all;
  for (std::vector<Item>& part : parts)
    all.insert(all.end(), std::move_iterator(part.begin()), std::move_iterator(part.end()));
  return all;
}

/// While the server has the tables of the database open.
bool try_foreign_keys(Connection& session, const std::string& schema, const Wanted& wanted,
                      std::vector<ForeignKey>& keys) {
  try {
    read_foreign_keys(session, schema, wanted, keys);
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::connect) throw;
    return false;
  }
}

/// So many databases are enough for all sessions; so many tables of one are more than a server keeps
/// open.
constexpr std::size_t many_databases = 64, large_database = 400, at_once = 10;

/// The tables of these databases; `also` is asked of each database, too.
std::vector<Table> read_shared(Connection& connection, const std::vector<std::string>& schemas,
                               const Wanted& wanted, const Visit& visit,
                               const std::function<void(Connection&, std::size_t)>& also) {
  std::vector<std::vector<Table>> tables(schemas.size());
  std::vector<std::span<const Table>> later;
  std::mutex mutex;
  if (visit) prepare_reading(connection);
  share_work(connection, schemas.size(), prepare_reading, [&](Connection& session, std::size_t i) {
    tables[i] = read_schemas(session, std::array{schemas[i]}, wanted);
    also(session, i);
    if (!visit) return;
    if (schemas.size() >= many_databases && tables[i].size() <= large_database)
      return visit(session, tables[i]);
    std::lock_guard lock(mutex);
    for (std::size_t first = 0; first < tables[i].size(); first += at_once)
      later.push_back(std::span(tables[i]).subspan(first, std::min(at_once, tables[i].size() - first)));
  });
  // One session would be long at a database; of these tables, all sessions take some after others.
  share_work(connection, later.size(), prepare_reading,
             [&](Connection& session, std::size_t i) { visit(session, later[i]); });
  return joined(std::move(tables));
}

}  // namespace

Selected read_selected(Connection& connection, const Objects& objects, const Visit& visit) {
  const Wanted wanted = [&](const TableName& name) { return selects(objects, name); };
  const auto schemas = selected_schemas(connection, objects);
  std::vector<std::vector<ForeignKey>> keys(schemas.size());
  std::atomic<bool> shown = true;
  Selected selected;
  selected.tables =
      read_shared(connection, schemas, wanted, visit, [&](Connection& session, std::size_t i) {
        if (!try_foreign_keys(session, schemas[i], wanted, keys[i])) shown = false;
      });
  std::sort(selected.tables.begin(), selected.tables.end(),
            [](const Table& a, const Table& b) { return a.name < b.name; });
  if (shown) selected.foreign_keys = joined(std::move(keys));
  return selected;
}

std::vector<Table> read_named(Connection& connection, const std::set<TableName>& names,
                              const Visit& visit) {
  std::vector<std::string> schemas;
  for (const TableName& name : names)
    if (schemas.empty() || schemas.back() != name.schema) schemas.push_back(name.schema);
  return read_shared(
      connection, schemas, [&](const TableName& name) { return names.contains(name); }, visit,
      [](Connection&, std::size_t) {});
}

std::optional<Table> read_table(Connection& connection, const TableName& name) {
  TablesByName tables = read_schema(connection, name.schema, &name.table,
                                    [](const TableName&) { return true; });
  if (tables.empty()) return std::nullopt;
  const auto found = tables.find(name.table);
  return std::move(found != tables.end() ? found->second : tables.begin()->second);
}

std::vector<ForeignKey> read_foreign_keys(Connection& connection, const Objects& objects) {
  std::vector<ForeignKey> keys;
  for (const std::string& schema : selected_schemas(connection, objects))
    read_foreign_keys(
        connection, schema, [&](const TableName& name) { return selects(objects, name); }, keys);
  return keys;
}

std::vector<ForeignKey> read_foreign_keys(Connection& connection,
                                          const std::set<TableName>& children) {
  std::set<std::string> schemas;
  for (const TableName& name : children) schemas.insert(name.schema);
  std::vector<ForeignKey> keys;
  for (const std::string& schema : schemas)
    read_foreign_keys(
        connection, schema, [&](const TableName& name) { return children.contains(name); }, keys);
  return keys;
}

}  // namespace dts
