#include "schema/definition.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>

#include "db/server_objects.hpp"
#include "db/share_work.hpp"
#include "schema/collations.hpp"
#include "schema/lost_text.hpp"
#include "schema/read.hpp"

namespace dts {

namespace {

// What CREATE TABLE depends on beside its text. Executable comments keep settings from servers that
// don't have them yet. "utf8" is the name of the three-byte set in texts of older servers.
constexpr std::string_view table_settings =
    "SET SESSION sql_mode = 'ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION,NO_DIR_IN_CREATE', "
    "foreign_key_checks = 0 "
    "/*M!100500 , innodb_strict_mode = 0 */ "
    "/*M!100601 , old_mode = 'UTF8_IS_UTF8MB3' */ "
    "/*M!101001 , explicit_defaults_for_timestamp = 1 */ "
    "/*M!110200 , character_set_collations = '' */ "
    "/*!80000 , explicit_defaults_for_timestamp = 1 */ "
    "/*!80400 , restrict_fk_on_non_standard_key = 0 */";

constexpr std::string_view own_settings =
    "SET SESSION sql_mode = '', character_set_client = utf8mb4, "
    "collation_connection = utf8mb4_general_ci";

Error unreadable(Connection& connection, const ObjectId& id, std::string_view why,
                 const std::string& hint) {
  return {connection.side() == Side::source ? ErrorKind::source : ErrorKind::target,
          fmt::format("cannot read the {} '{}' of {}: {}", id.kind, name_of(id),
                      to_string(connection.endpoint()), why),
          hint};
}

/// The row of a SHOW CREATE statement.
TextRow show_create(Connection& connection, const ObjectId& id, const Sql& statement,
                    std::size_t column) {
  auto rows = connection.query(statement);
  if (rows.empty()) throw unreadable(connection, id, "it is not there", "try again");
  if (rows[0].size() <= column || !rows[0][column])
    throw unreadable(connection, id, "its text is hidden from this account",
                     "grant " + to_string(routine_rights(connection)[0]));
  return std::move(rows[0]);
}

std::string settings(std::string_view sql_mode, std::string_view charset,
                     std::string_view collation) {
  return sql("SET SESSION sql_mode = {}, character_set_client = {}, collation_connection = {} "
             "/*M!100601 , old_mode = 'UTF8_IS_UTF8MB3' */",
             Text{sql_mode}, Text{charset}, Text{collation})
      .text();
}

std::string joined(const std::vector<std::string>& statements) {
  std::string text;
  for (const std::string& statement : statements) text += statement + '\n';
  return text;
}

std::string use(const ObjectId& id) {
  return sql("USE {}", Name{id.name.schema}).text();
}

Definition define_database(Connection& connection, const ObjectId& id) {
  auto rows = connection.query(
      sql("SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME, {} FROM "
          "information_schema.SCHEMATA WHERE SCHEMA_NAME = {}",
          schema_comment(connection), Text{id.name.schema}));
  if (rows.empty()) throw unreadable(connection, id, "it is not there", "try again");
  const TextRow& row = rows[0];
  const std::string comment = row.at(2).value_or("");
  std::string statement =
      sql("CREATE DATABASE IF NOT EXISTS {} CHARACTER SET {} COLLATE {}", Name{id.name.schema},
          Name{row.at(0).value_or("")}, Name{row.at(1).value_or("")})
          .text();
  if (!comment.empty()) statement += sql(" COMMENT {}", Text{comment}).text();
  return {id, {statement}, row.at(1).value_or(""), {}, {}};
}

/// MariaDB shows by a comment that a time is stored as before 5.6; no statement can ask for that.
std::string without_old_format(std::string create) {
  constexpr std::string_view comment = " /* mariadb-5.3 */";
  for (auto at = create.find(comment); at != create.npos; at = create.find(comment, at))
    create.erase(at, comment.size());
  return create;
}

/// MySQL tells the character set of a column beside its collation, which implies it, only if the
/// statement that made the column did.
std::string without_implied_charsets(std::string_view create) {
  if (create.find("CHARACTER SET") == create.npos) return std::string(create);
  std::string result;
  const char* at = create.data();
  const auto tokens = tokenize(create);
  for (std::size_t i = 0; i + 3 < tokens.size(); ++i) {
    if (!is_word(tokens[i], "CHARACTER") || !is_word(tokens[i + 1], "SET") ||
        !is_word(tokens[i + 3], "COLLATE"))
      continue;
    result.append(at, tokens[i].text.data());
    at = tokens[i + 3].text.data();
  }
  return result.append(at, create.data() + create.size());
}

/// As a table it would have no row.
Definition define_sequence(Connection& connection, const ObjectId& id) {
  const TextRow row = show_create(connection, id, sql("SHOW CREATE SEQUENCE {}", id.name), 1);
  const std::string create = with_name(*row[1], id.name);
  return {id, {std::string(table_settings), create}, create, {}, {}};
}

/// A database has no names in its definition's text but its collation's.
void translate_database(Connection& source, Definition& definition, const TargetFacts& target,
                        std::vector<std::string>& changes) {
  const auto found = closest_collation(definition.text, target.collations,
                                       source.is_mariadb() != target.kind.mariadb);
  if (!found)
    throw unreadable(source, definition.id,
                     "the target has nothing like its collation " + definition.text,
                     "change it with ALTER DATABASE");
  if (long_name(found->name) != long_name(definition.text))
    changes.push_back(fmt::format("collation {} becomes {}", definition.text, found->name));
  definition.statements = {sql("CREATE DATABASE IF NOT EXISTS {} COLLATE {}",
                               Name{definition.id.name.schema}, Name{found->name})
                               .text()};
  definition.text = found->name;
}

Definition table_from(Connection& connection, const ObjectId& id, const std::string& shown) {
  if (shown.find("SEQUENCE=1") != std::string::npos) return define_sequence(connection, id);
  const std::string text = without_old_format(with_lost_text(connection, id.name, shown));
  CreateTable create = cut_foreign_keys(with_name(text, id.name));
  return {id,
          {std::string(table_settings), create.text},
          without_implied_charsets(without_auto_increment(create.text)),
          std::move(create.foreign_keys),
          {}};
}

Sql show_table(const TableName& name) {
  return sql("SHOW CREATE TABLE {}", name);
}

Definition define_table(Connection& connection, const ObjectId& id) {
  return table_from(connection, id, *show_create(connection, id, show_table(id.name), 1)[1]);
}

/// As far as they can be read.
std::vector<std::string> show_tables(Connection& connection, std::span<const TableName> names) {
  std::vector<Sql> statements;
  for (const TableName& name : names) statements.push_back(show_table(name));
  std::vector<std::string> texts;
  try {
    connection.query_batch(statements, [&](std::size_t i, std::vector<TextRow>&& rows) {
      if (i == texts.size() && rows.size() == 1 && rows[0].size() > 1 && rows[0][1])
        texts.push_back(std::move(*rows[0][1]));
    });
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::connect) throw;
  }
  return texts;
}

Definition define_view(Connection& connection, const ObjectId& id, Definer definer) {
  const TextRow row = show_create(connection, id, sql("SHOW CREATE VIEW {}", id.name), 3);
  // Fully qualified already, because this session has no database.
  const Dialect rules = dialect("", *row[2]);
  std::string text = *row[1];
  if (definer == Definer::current) text = with_invoker(without_definer(text, rules), rules);
  // Functions stand in the text without their database.
  Definition view{
      id, {use(id), settings("", *row[2], *row[3]), text, std::string(own_settings)}, {}, {}, {}};
  view.charset = *row[2];
  view.collation = *row[3];
  view.text = joined(view.statements);
  return view;
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

Definition define_routine(Connection& connection, const ObjectId& id, Definer definer) {
  const TextRow row = show_create(
      connection, id, sql("SHOW CREATE {} {}", Sql::verbatim(upper(id.kind)), id.name), 2);
  const std::string charset = row.at(3).value_or("utf8mb4");
  const std::string mode = routine_sql_mode(connection, row.at(1).value_or(""));
  const Dialect rules = dialect(mode, charset);
  std::string text = *row[2];
  if (definer == Definer::current) text = with_invoker(without_definer(text, rules), rules);
  Definition routine{id,
                     {use(id), settings(mode, charset, row.at(4).value_or("")),
                      text, std::string(own_settings)},
                     {},
                     {},
                     {}};
  routine.sql_mode = mode;
  routine.charset = charset;
  routine.collation = row.at(4).value_or("");
  routine.text = joined(routine.statements);
  return routine;
}

Definition define_trigger(Connection& connection, const ObjectId& id, Definer definer) {
  const TextRow row = show_create(connection, id, sql("SHOW CREATE TRIGGER {}", id.name), 2);
  const std::string charset = row.at(3).value_or("utf8mb4");
  const std::string mode = routine_sql_mode(connection, row.at(1).value_or(""));
  const Dialect rules = dialect(mode, charset);
  std::string text = guarded_trigger(*row[2], rules);
  if (definer == Definer::current) text = without_definer(text, rules);
  Definition trigger{id,
                     {use(id), settings(mode, charset, row.at(4).value_or("")),
                      text, std::string(own_settings)},
                     {},
                     {},
                     {}};
  trigger.sql_mode = mode;
  trigger.charset = charset;
  trigger.collation = row.at(4).value_or("");
  trigger.text = joined(trigger.statements);
  return trigger;
}

/// Its times are those of a time zone of its own.
Definition define_event(Connection& connection, const ObjectId& id, Definer definer) {
  const TextRow row = show_create(connection, id, sql("SHOW CREATE EVENT {}", id.name), 3);
  const std::string charset = row.at(4).value_or("utf8mb4");
  const std::string mode = routine_sql_mode(connection, row.at(1).value_or(""));
  const Dialect rules = dialect(mode, charset);
  std::string text = disabled_event(*row[3], rules);
  if (definer == Definer::current) text = without_definer(text, rules);
  const std::string zone =
      sql("SET SESSION time_zone = {}", Text{row.at(2).value_or("SYSTEM")}).text();
  Definition event{id,
                   {use(id), settings(mode, charset, row.at(5).value_or("")), zone, text,
                    std::string(own_settings) + ", time_zone = '+00:00'"},
                   {},
                   {},
                   {}};
  event.sql_mode = mode;
  event.charset = charset;
  event.collation = row.at(5).value_or("");
  event.text = joined(event.statements);
  return event;
}

}  // namespace

std::string name_of(const ObjectId& id) {
  return id.kind == "database" ? id.name.schema : to_string(id.name);
}

std::string to_string(const ObjectId& id) {
  return id.kind + " " + name_of(id);
}

void prepare_reading(Connection& connection) {
  connection.execute(
      sql("SET SESSION sql_quote_show_create = 1, "
          "sql_mode = CONCAT(@@sql_mode, ',NO_DIR_IN_CREATE') "
          "/*!80018 , show_create_table_skip_secondary_engine = 1 */"));
}

Definition define(Connection& connection, const ObjectId& id, const SchemaOptions& options) {
  if (id.kind == "database") return define_database(connection, id);
  if (id.kind == "table") return define_table(connection, id);
  if (id.kind == "view") return define_view(connection, id, options.definer);
  if (id.kind == "trigger") return define_trigger(connection, id, options.definer);
  if (id.kind == "event") return define_event(connection, id, options.definer);
  return define_routine(connection, id, options.definer);
}

void define_tables(Connection& connection, const std::vector<TableName>& names,
                   const std::function<void(Definition&&)>& use) {
  constexpr std::size_t at_once = 100;
  for (std::size_t first = 0; first < names.size(); first += at_once) {
    const auto part = std::span(names).subspan(first, std::min(at_once, names.size() - first));
    const std::vector<std::string> texts = show_tables(connection, part);
    for (std::size_t i = 0; i < part.size(); ++i) {
      const ObjectId id{"table", part[i]};
      use(i < texts.size() ? table_from(connection, id, texts[i]) : define_table(connection, id));
    }
  }
}

std::vector<Definition> define_all(Connection& connection, const std::vector<ObjectId>& ids,
                                   const SchemaOptions& options, const std::stop_token& stop,
                                   Unreadable* unreadable) {
  std::vector<std::optional<Definition>> read(ids.size());
  std::mutex mutex;
  share_work(connection, ids.size(), prepare_reading, [&](Connection& session, std::size_t i) {
    if (stop.stop_requested())
      throw Error(ErrorKind::interrupted, "stopped while reading the schema", "run it again");
    try {
      read[i] = define(session, ids[i], options);
    } catch (const Error& error) {
      if (unreadable == nullptr || error.kind() == ErrorKind::connect) throw;
      std::lock_guard lock(mutex);
      unreadable->emplace(ids[i], error);
    }
  });
  std::vector<Definition> definitions;
  for (auto& definition : read)
    if (definition) definitions.push_back(std::move(*definition));
  return definitions;
}

namespace {

void translate_columns(Connection& source, Definition& definition, const Table* shape,
                       const TargetFacts& target, std::vector<std::string>& changes) {
  if (shape == nullptr) throw unreadable(source, definition.id, "it is not there", "try again");
  TableTranslation table =
      translate_table(definition.statements.back(), *shape, kind_of(source), target);
  if (!table.refused.empty())
    throw unreadable(source, definition.id,
                     "it can't be carried to the target: " + table.refused.front(),
                     "exclude it, in a new job if this one has begun");
  definition.statements.back() = std::move(table.text);
  changes.insert(changes.end(), table.changes.begin(), table.changes.end());
}

}  // namespace

void adapt(Connection& source, Definition& definition, const Table* shape,
           const TargetFacts& target, std::vector<std::string>& changes) {
  const ServerKind from = kind_of(source);
  const bool translated = are_translated(from, target.kind);
  if (definition.id.kind == "database" && translated)
    translate_database(source, definition, target, changes);
  if (definition.id.kind != "table") return;
  if (translated) translate_columns(source, definition, shape, target, changes);
  if (defaults_are_explicit(from) && !defaults_are_explicit(target.kind))
    definition.statements.back() = with_timestamp_defaults(definition.statements.back(), changes);
}

Definition renamed_database(const Definition& database, const std::string& name) {
  Definition renamed = database;
  renamed.id.name.schema = name;
  for (std::string& statement : renamed.statements) {
    const auto tokens = tokenize(statement);
    // CREATE DATABASE IF NOT EXISTS name
    const auto at = static_cast<std::size_t>(tokens.at(5).text.data() - statement.data());
    statement.replace(at, tokens[5].text.size(), sql("{}", Name{name}).text());
  }
  return renamed;
}

Definition foreign_keys_of(const TableName& table, const std::vector<ForeignKeyText>& keys) {
  Definition definition{{"foreign-keys", table}, {}, {}, {}, {}};
  if (keys.empty()) return definition;
  std::string statement = sql("ALTER TABLE {}", table).text();
  std::vector<std::string> clauses;
  for (const ForeignKeyText& key : keys) {
    statement += (clauses.empty() ? "\n  ADD " : ",\n  ADD ") + key.clause;
    clauses.push_back(key.clause);
  }
  std::sort(clauses.begin(), clauses.end());
  definition.text = joined(clauses);
  definition.statements = {std::string(table_settings), std::move(statement)};
  return definition;
}

const std::string& create_text(const Definition& definition) {
  return definition.statements.at(definition.statements.size() - 2);  // own settings behind it
}

void rename(Definition& definition, const TableName& name, const std::string& text) {
  definition.id.name = name;
  definition.statements.front() = use(definition.id);
  definition.statements.at(definition.statements.size() - 2) = text;
  definition.text = joined(definition.statements);
}

void resettle(Definition& definition, const std::string& sql_mode, const std::string& collation) {
  definition.sql_mode = sql_mode;
  definition.collation = collation;
  definition.statements.at(1) = settings(sql_mode, definition.charset, collation);
  definition.text = joined(definition.statements);
}

void sort_views(std::vector<Definition>& views) {
  std::map<TableName, std::size_t> index;
  for (std::size_t i = 0; i < views.size(); ++i) index[views[i].id.name] = i;
  std::vector<Definition> sorted;
  std::vector<bool> visited(views.size());
  const std::function<void(std::size_t)> visit = [&](std::size_t i) {
    if (visited[i]) return;
    visited[i] = true;
    for (const TableName& name : qualified_names(views[i].text))
      if (const auto found = index.find(name); found != index.end()) visit(found->second);
    sorted.push_back(views[i]);
  };
  for (std::size_t i = 0; i < views.size(); ++i) visit(i);
  views = std::move(sorted);
}

}  // namespace dts
