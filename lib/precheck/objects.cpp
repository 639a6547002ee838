#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "db/server_objects.hpp"
#include "precheck/check.hpp"
#include "schema/ddl.hpp"
#include "schema/read.hpp"

namespace dts {

namespace {

/// A sequence has one row, which is written whole.
bool is_keyless(const Table& table) {
  return !table.row_key && !is_sequence(table);
}

/// Whether an include pattern alone selects something that there is.
bool finds(Context& context, const std::string& pattern, const std::vector<std::string>& schemas) {
  const Objects alone{{pattern}, {}, {}, {}};
  return std::any_of(schemas.begin(), schemas.end(),
                     [&](const std::string& schema) { return selects_schema(alone, schema); }) ||
         std::any_of(context.tables().begin(), context.tables().end(),
                     [&](const Table& table) { return selects(alone, table.name); });
}

std::set<std::string> transactional_engines(Connection& connection) {
  std::set<std::string> engines;
  for (auto& row : connection.query(
           sql("SELECT ENGINE FROM information_schema.ENGINES WHERE TRANSACTIONS = 'YES'")))
    engines.insert(row.at(0).value_or(""));
  return engines;
}

/// Servers don't agree on the case of engines' names.
bool is_same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

/// Why a table's engine or kind can't serve; empty if it can.
std::string engine_trouble(const Table& table, const std::set<std::string>& on_target) {
  // Their rows are somewhere else, or can't be written, or never come into the binlog.
  static constexpr std::array refused = {"FEDERATED", "MRG_MyISAM", "CONNECT", "SPIDER",
                                         "SPHINX",    "OQGRAPH",    "S3",      "BLACKHOLE",
                                         "SEQUENCE",  "Columnstore"};
  if (table.engine.empty()) return "the source can't open it";
  for (const char* engine : refused)
    if (is_same(table.engine, engine))
      return fmt::format("engine {} can't be synchronized", engine);
  const auto is_there = [&](const std::string& engine) { return is_same(engine, table.engine); };
  if (std::none_of(on_target.begin(), on_target.end(), is_there))
    return fmt::format("the target has no engine {}", table.engine);
  return {};
}

std::string table_trouble(Context& context, const Table& table,
                          const std::set<std::string>& on_target) {
  std::string trouble = engine_trouble(table, on_target);
  if (trouble.empty()) trouble = versioning_trouble(*context.source, table, *context.target);
  return trouble;
}

/// DATA_TYPE of a column: "vector" of "vector(3)"
std::string_view type_name(const Column& column) {
  const std::string_view text = column.definition;
  return text.substr(0, std::min({text.find('('), text.find(' '), text.size()}));
}

bool has_relation(Connection& connection, const TableName& name) {
  return connection
      .value(sql("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME = "
                 "{}",
                 Text{name.schema}, Text{name.table}))
      .has_value();
}

/// Where a server can't open a view, it says so here; nothing if it was dropped since it was listed.
std::optional<std::string> view_comment(Context& context, const TableName& view) {
  // Only reading TABLE_ROWS makes it try, and only names as constants keep it from opening the rest.
  const auto rows = context.source->query(
      sql("SELECT TABLE_COMMENT, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} "
          "AND TABLE_NAME = {}",
          Text{view.schema}, Text{view.table}));
  if (rows.empty()) return std::nullopt;
  return rows[0].at(0).value_or("");
}

/// Why a view can't be created on the target; empty if nothing is known.
std::string view_trouble(Context& context, const TableName& view, const std::string& comment) {
  // A right that only this account lacks here does not matter there.
  if (comment.find("references invalid") != std::string::npos)
    return fmt::format("the view is broken: {}", comment);
  const auto rows = context.source->query(sql("SHOW CREATE VIEW {}", view));
  for (const TableName& name : qualified_names(rows.at(0).at(1).value_or("")))
    if (!is_system_schema(name.schema) && !selects(context.job.objects, name) &&
        has_relation(*context.source, name) && !has_relation(*context.target, name))
      return fmt::format("the view is made of '{}', which is not selected", to_string(name));
  return {};
}

/// Who has no right in a database does not see that it is there.
std::string let_find(Context& context, const std::string& pattern) {
  const std::string remove = fmt::format("remove \"{}\" from objects.include", pattern);
  const Grants& grants = context.grants(Side::source);
  const std::string schema = pattern.substr(0, pattern.find('.'));
  if (pattern.starts_with('~') || schema.find_first_of("*?") != std::string::npos ||
      grants.allow("SELECT", schema))
    return in_job_file(remove) + "\nor correct it; names are case-sensitive";
  const std::string table = pattern.substr(std::min(schema.size() + 1, pattern.size()));
  const bool one = !table.empty() && table.find_first_of("*?") == std::string::npos;
  return on(Side::source,
            one ? fmt::format("GRANT SELECT ON {} TO {};",
                              sql("{}", TableName{schema, table}).text(), grants.account)
                : grant_statement(grants, {"SELECT"}, schema)) +
         "\nor correct it, if it is called otherwise; names are case-sensitive\nor " +
         in_job_file(remove);
}

/// objects.exclude wins over objects.include.
std::string let_select(const Objects& objects, const TableName& name) {
  Objects all = objects;
  all.exclude.clear();
  if (!selects(all, name))
    return in_job_file(fmt::format("add {} to objects.include", entry_for(name)));
  const bool exactly = std::ranges::find(objects.exclude, to_string(name)) != objects.exclude.end();
  return exactly ? in_job_file(fmt::format("remove {} from objects.exclude", entry_for(name)))
                 : fmt::format("change objects.exclude, which has a pattern that matches '{}'", to_string(name));
}

}  // namespace

Findings check_objects_found(Context& context) {
  Findings findings;
  std::vector<std::string> schemas;
  for (auto& row :
       context.source->query(sql("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA")))
    schemas.push_back(row.at(0).value_or(""));
  for (const std::string& pattern : context.job.objects.include)
    if (!finds(context, pattern, schemas))
      findings.push_back(failure("source",
                                 fmt::format("\"{}\" of objects.include matches nothing that the "
                                             "account can see",
                                             pattern),
                                 let_find(context, pattern)));
  if (findings.empty() && context.tables().empty())
    findings.push_back(failure("source", "no table is selected", "see [objects] of the job file"));
  if (findings.empty())
    findings.push_back(pass(
        fmt::format("{} tables in {} databases", context.tables().size(), context.schemas().size()),
        "source"));
  return findings;
}

Findings check_engines(Context& context) {
  std::set<std::string> on_target;
  for (auto& row : context.target->query(sql("SELECT ENGINE FROM information_schema.ENGINES WHERE "
                                             "SUPPORT IN ('YES', 'DEFAULT')")))
    on_target.insert(row.at(0).value_or(""));
  Findings findings;
  for (const Table& table : context.tables())
    if (is_sequence(table) && !context.target->is_mariadb())
      findings.push_back(failure(to_string(table.name), "the target has no sequences",
                                 exclude(table.name) + "\nor use a target of MariaDB"));
    else if (auto trouble = table_trouble(context, table, on_target); !trouble.empty())
      findings.push_back(failure(to_string(table.name), std::move(trouble),
                                 exclude(table.name) + "\nor convert the table"));
  if (findings.empty()) findings.push_back(pass("all engines are supported"));
  return findings;
}

Findings check_column_types(Context& context) {
  Findings findings;
  for (const Table& table : context.tables())
    for (const Column& column : table.columns) {
      const std::string name = to_string(table.name) + "." + column.name;
      if (!has_type(kind_of(*context.target), type_name(column)))
        findings.push_back(
            failure(name, fmt::format("the target does not know the type '{}'", column.definition),
                    exclude(table.name) + "\nor use a target that has it"));
      else if (column.type == ColumnType::unknown)
        findings.push_back(failure(
            name, fmt::format("type '{}' is not supported by this version", column.definition),
            exclude(table.name)));
      else if (column.definition.find("mariadb-5.3") != std::string::npos && column.digits > 0)
        findings.push_back(failure(
            name,
            fmt::format("'{}' is a temporal type in the format of MariaDB 5.3", column.definition),
            on(Side::source, sql("ALTER TABLE {} FORCE;", table.name).text())));
    }
  if (findings.empty()) findings.push_back(pass("all column types are supported"));
  return findings;
}

namespace {

/// A key that applications don't see; nothing where the server has no such columns, or the table
/// has a counter.
std::string add_key(const Connection& source, const Table& table) {
  if (!source.is_mariadb() && source.version_number() < 80023) return {};
  std::string name = "row_id";
  for (const Column& column : table.columns) {
    if (column.auto_increment) return {};
    if (column.name == name) name += '_';
  }
  return sql("ALTER TABLE {} ADD COLUMN {} BIGINT UNSIGNED NOT NULL AUTO_INCREMENT INVISIBLE "
             "PRIMARY KEY;\n",
             table.name, Name{name})
      .text();
}

/// "ALTER TABLE ... ENGINE = InnoDB;" for each
std::string convert(const std::vector<TableName>& tables) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(tables.size(), most); ++i)
    text += (i ? "\n" : "") + sql("ALTER TABLE {} ENGINE = InnoDB;", tables[i]).text();
  return on(Side::source, text);
}

std::string listed(const std::vector<TableName>& tables) {
  std::vector<std::string> names;
  for (const TableName& table : tables) names.push_back(to_string(table));
  return dts::listed(names);
}

}  // namespace

Findings check_keyless_tables(Context& context) {
  constexpr std::uint64_t large = 100'000;
  std::vector<std::string> all, hurting;
  std::string statements;
  for (const Table& table : context.tables()) {
    if (!is_keyless(table)) continue;
    all.push_back(to_string(table.name));
    if (table.rows_estimated <= large) continue;
    hurting.push_back(to_string(table.name));
    if (hurting.size() <= 20) statements += add_key(*context.source, table);
  }
  if (!hurting.empty())
    return {warning("source",
                    fmt::format("large tables without a primary key or a unique key over NOT NULL "
                                "columns: {}; each is copied in one transaction that can't be "
                                "resumed, and each change of a row reads the whole table",
                                listed(hurting)),
                    statements.empty()
                        ? "add a primary key to them"
                        : "add a primary key to them; where the rows have none of their own, " +
                              on(Side::source, statements.substr(0, statements.size() - 1)))};
  if (!all.empty())
    return {pass(fmt::format("small tables without a key, copied whole and applied row by row: {}",
                             listed(all)),
                 "source")};
  return {pass("all tables have a key", "source")};
}

Findings check_non_transactional_tables(Context& context) {
  const auto engines = transactional_engines(*context.source);
  std::vector<TableName> keyed, keyless;
  for (const Table& table : context.tables())
    if (!engines.contains(table.engine) && engine_trouble(table, {table.engine}).empty())
      (is_copied_whole(table) && !is_sequence(table) ? keyless : keyed).push_back(table.name);
  Findings findings;
  if (!keyless.empty())
    findings.push_back(
        failure("source",
                fmt::format("tables of an engine without transactions and without a "
                            "key, or with rows that can't be "
                            "overwritten, can't be copied exactly while they change: {}",
                            listed(keyless)),
                convert(keyless) + "\nor add a primary key"));
  if (!keyed.empty())
    findings.push_back(warning("source",
                               fmt::format("tables of an engine without transactions: {}; what a "
                                           "statement that fails half-way has done is not undone, "
                                           "and the target may be a moment behind within it",
                                           listed(keyed)),
                               convert(keyed)));
  if (findings.empty()) findings.push_back(pass("all tables are transactional", "source"));
  return findings;
}

Findings check_foreign_keys(Context& context) {
  Findings findings;
  for (const ForeignKey& key : context.foreign_keys()) {
    const std::string drop =
        sql("ALTER TABLE {} DROP FOREIGN KEY {};", key.child, Name{key.name}).text();
    if (!selects(context.job.objects, key.parent))
      findings.push_back(failure(
          to_string(key.child),
          fmt::format("the parent '{}' of its foreign key '{}' is not "
                      "selected",
                      to_string(key.parent), key.name),
          fmt::format("{}\nor {}", let_select(context.job.objects, key.parent), on(Side::source, drop))));
  }
  const Findings cascades = check_cascades(context);
  findings.insert(findings.end(), cascades.begin(), cascades.end());
  if (findings.empty())
    findings.push_back(
        pass(fmt::format("{} foreign keys", context.foreign_keys().size()), "source"));
  return findings;
}

Findings check_views(Context& context) {
  Findings findings;
  for (const auto& [kind, name] : context.objects()) {
    if (kind != "view") continue;
    const auto comment = view_comment(context, name);
    if (!comment) continue;
    std::string trouble = view_trouble(context, name, *comment);
    if (!trouble.empty())
      findings.push_back(
          failure(to_string(name), std::move(trouble), exclude(name) + "\nor mend the view"));
  }
  if (findings.empty()) findings.push_back(pass("all views can be created", "source"));
  return findings;
}

}  // namespace dts
