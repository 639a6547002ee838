#include <map>

#include "precheck/check.hpp"
#include "schema/letter_case.hpp"

namespace dts {

namespace {

/// A constraint as it will be on the target.
struct Constraint {
  std::string kind, name;
  TableName source, target;  ///< its table
};

std::map<TableName, TableName> target_names(Context& context) {
  std::map<TableName, TableName> names;
  for (const MappedTable& table : context.mapped_tables())
    names.emplace(table.source.name, table.target.name);
  return names;
}

/// Those whose names a server has only once in a database: foreign keys, and on MySQL checks. What
/// becomes of MariaDB's checks on MySQL is looked at with the translations.
std::vector<Constraint> constraints(Context& context) {
  const auto targets = target_names(context);
  std::vector<Constraint> all;
  const auto add = [&](const char* kind, const std::string& name, const TableName& table) {
    if (const auto found = targets.find(table); found != targets.end())
      all.push_back({kind, name, table, found->second});
  };
  for (const ForeignKey& key : context.foreign_keys())
    if (targets.contains(key.parent)) add("foreign key", key.name, key.child);
  if (context.source->is_mariadb() || context.target->is_mariadb()) return all;
  for (const std::string& schema : context.schemas())
    for (auto& row : context.source->query(
             sql("SELECT CONSTRAINT_NAME, TABLE_NAME FROM information_schema.TABLE_CONSTRAINTS "
                 "WHERE TABLE_SCHEMA = {} AND CONSTRAINT_TYPE = 'CHECK' "
                 "ORDER BY TABLE_NAME, CONSTRAINT_NAME",
                 Text{schema})))
      add("check", row.at(0).value_or(""), {schema, row.at(1).value_or("")});
  return all;
}

}  // namespace

Findings constraint_clashes(Context& context) {
  Findings findings;
  if (!context.job.schema_phase || context.mapping().is_identity()) return findings;
  std::map<std::pair<std::string, TableName>, Constraint> taken;
  for (const Constraint& one : constraints(context)) {
    const auto [other, is_new] =
        taken.try_emplace({one.kind, {one.target.schema, lowered(one.name)}}, one);
    if (is_new || other->second.target == one.target) continue;
    findings.push_back(failure(
        to_string(one.source),
        fmt::format("its {} '{}' is called like one of '{}', and both would be in database '{}' of "
                    "the target, where such a name can be only once",
                    one.kind, one.name, to_string(other->second.source), one.target.schema),
        "drop it and add it again with another name, or map the tables to different databases"));
  }
  return findings;
}

}  // namespace dts
