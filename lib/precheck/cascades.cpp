#include "db/server_objects.hpp"
#include "precheck/check.hpp"
#include "schema/snapshot_groups.hpp"

namespace dts {

namespace {

/// What the job does to a table that is more than to carry it as it is, and could make the target's
/// foreign keys do something else than the source's; empty if nothing.
std::string trouble_of(const Table& table, const Mapping& mapping,
                       const std::vector<Table>& tables) {
  if (is_versioned(table)) return "it is system-versioned";
  for (const Table& other : tables)
    if (other.name != table.name && mapping.table(other.name) == mapping.table(table.name))
      return fmt::format("it is merged with '{}'", to_string(other.name));
  const MapRule* rule = mapping.rule(table.name);
  if (rule == nullptr) return {};
  if (!rule->where.empty()) return "a map has where for it";
  if (!rule->insert || !rule->update || !rule->remove) return "dml of a map leaves changes of it out";
  return {};
}

/// A column of the key that the map of its table leaves out.
std::string lost_column(const ForeignKey& key, const Mapping& mapping) {
  const auto lost = [&](const TableName& table, const std::vector<std::string>& columns) {
    for (const std::string& column : columns)
      if (!mapping.column(mapping.rule(table), column))
        return fmt::format("'{}' of '{}'", column, to_string(table));
    return std::string();
  };
  const std::string found = lost(key.child, key.child_columns);
  return found.empty() ? lost(key.parent, key.parent_columns) : found;
}

}  // namespace

std::set<TableName> cascading_tables(Context& context) {
  std::set<TableName> names;
  if (!context.job.sync_phase || logs_cascades(*context.source)) return names;
  const auto groups = snapshot_groups(context.foreign_keys());
  for (const Table& table : context.tables())
    if (groups.contains(table.name)) names.insert(table.name);
  return names;
}

Findings check_cascades(Context& context) {
  Findings findings;
  const std::set<TableName> group = cascading_tables(context);
  if (group.empty()) return findings;
  const std::string because =
      "foreign keys with CASCADE or SET NULL change rows of which the binlog does not tell, and the "
      "target can do the same only if it has the same rows: ";
  if (context.job.schema.existing_tables == ExistingTables::keep)
    findings.push_back(failure(to_string(*group.begin()),
                               because + "schema.existing_tables is \"keep\"",
                               "let the job create the tables, or exclude them from it"));
  const Mapping mapping(context.job.objects, 0);
  for (const Table& table : context.tables())
    if (group.contains(table.name))
      if (const auto trouble = trouble_of(table, mapping, context.tables()); !trouble.empty())
        findings.push_back(failure(to_string(table.name), because + trouble,
                                   "change that, drop the foreign keys, or exclude the tables"));
  for (const ForeignKey& key : context.foreign_keys())
    if (group.contains(key.child))
      if (const auto column = lost_column(key, mapping); !column.empty())
        findings.push_back(
            failure(to_string(key.child),
                    fmt::format("{}exclude_columns leaves out {}, which its foreign key '{}' needs",
                                because, column, key.name),
                    "change exclude_columns, or drop the foreign key"));
  if (context.target)
    if (const auto trouble = cycle_trouble(*context.target, context.foreign_keys()); !trouble.empty())
      findings.push_back(failure(
          "target", trouble, in_configuration(Side::target, "innodb_native_foreign_keys = ON")));
  if (findings.empty())
    findings.push_back(pass(fmt::format("{} tables are copied in one snapshot, by one worker, because "
                                        "foreign keys with CASCADE or SET NULL connect them; the "
                                        "target does what these do",
                                        group.size()),
                            "source"));
  return findings;
}

}  // namespace dts
