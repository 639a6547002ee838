#include <algorithm>

#include "db/server.hpp"
#include "db/server_objects.hpp"
#include "heartbeat.hpp"
#include "precheck/check.hpp"

namespace dts {

namespace {

using Names = std::vector<std::string>;

std::string joined(const Names& names, const char* separator) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : separator) + name;
  return text;
}

/// A database of one side, and what is selected of it.
struct Part {
  std::string schema;
  bool whole = false;
  std::vector<std::string> tables;
};

Part source_part(Context& context, const std::string& schema) {
  Part part{schema, selects_schema(context.job.objects, schema), {}};
  for (const Table& table : context.tables())
    if (table.name.schema == schema) part.tables.push_back(table.name.table);
  return part;
}

Part target_part(Context& context, const std::string& schema) {
  Part part{schema, false, {}};
  for (const std::string& source : context.schemas())
    if (selects_schema(context.job.objects, source) && context.mapping().schema(source) == schema)
      part.whole = true;
  for (const MappedTable& table : context.mapped_tables())
    if (table.target.name.schema == schema) part.tables.push_back(table.target.name.table);
  return part;
}

/// Those of `wanted` that are held neither on the database nor, if only tables are selected, on
/// each of them.
Names missing(Context& context, Side side, const Part& part, const Names& wanted) {
  const Grants& grants = context.grants(side);
  const std::string& schema = part.schema;
  const bool whole = part.whole;
  const auto on_all_tables = [&](const std::string& privilege) {
    return std::all_of(part.tables.begin(), part.tables.end(), [&](const std::string& table) {
      return grants.allow(privilege, schema, table);
    });
  };
  Names found;
  for (const std::string& privilege : wanted)
    if (!grants.allow(privilege, schema) && (whole || !on_all_tables(privilege)))
      found.push_back(privilege);
  return found;
}

/// What an account lacks, and how to give it.
struct Lacks {
  Names facts, remedies;

  void add(const Grants& grants, const Names& privileges, const std::string& schema) {
    if (privileges.empty()) return;
    facts.push_back(joined(privileges, ", ") + " on " + (schema.empty() ? "*.*" : schema + ".*"));
    remedies.push_back(grant_statement(grants, privileges, schema));
  }
  Findings findings(Context& context, Side side) const {
    const Grants& grants = context.grants(side);
    if (facts.empty())
      return {pass(fmt::format("{} has what the job needs", grants.account), name_of(side))};
    return {failure(name_of(side), fmt::format("{} lacks {}", grants.account, joined(facts, "; ")),
                    on(side, joined(remedies, "\n")))};
  }
};

/// SHOW GRANTS may be misread; what a statement says is the truth.
void try_status(Context& context, Lacks& lacks) {
  try {
    binlog_status(*context.source);
  } catch (const Error& e) {
    // Without a number it is not the server's refusal: another check says that the binlog is off.
    if (e.kind() == ErrorKind::connect) throw;
    if (!lacks.facts.empty() || e.server_errno() == 0) return;
    lacks.facts.push_back(fmt::format("the right to see the position of the binlog: {}", e.what()));
    lacks.remedies.push_back(grant_statement(context.grants(Side::source),
                                             {status_right(*context.source)}, ""));
  }
}

bool allows_any(const Grants& grants, const Names& rights) {
  return std::any_of(rights.begin(), rights.end(),
                     [&](const std::string& right) { return grants.allow(right); });
}

/// What the binlog and the start of a copy need, on all databases.
Names missing_global(Context& context) {
  const Job& job = context.job;
  const Grants& grants = context.grants(Side::source);
  Names lacking;
  const auto need_one = [&](const Names& rights) {
    if (!rights.empty() && !rights[0].empty() && !allows_any(grants, rights))
      lacking.push_back(rights[0]);
  };
  if (job.sync_phase) need_one({"REPLICATION SLAVE"});
  need_one({status_right(*context.source), "BINLOG MONITOR", "REPLICATION CLIENT", "SUPER"});
  need_one({xa_right(*context.source)});
  if (job.data_phase) need_one(start_rights(*context.source));
  return lacking;
}

/// Databases with tables that are locked for an instant.
std::set<std::string> locked_schemas(Context& context) {
  std::set<std::string> schemas;
  if (!context.job.data_phase || !locks_for_snapshot(*context.source)) return schemas;
  const std::set<TableName> cascading = cascading_tables(context);
  for (const Table& table : context.tables())
    if (is_copied_whole(table) || cascading.contains(table.name)) schemas.insert(table.name.schema);
  return schemas;
}

bool brings_events(Context& context) {
  return context.job.schema_phase && context.job.schema.events;
}

bool has_versions(Context& context, const std::string& schema) {
  return context.target->is_mariadb() &&
         std::any_of(context.mapped_tables().begin(), context.mapped_tables().end(),
                     [&](const MappedTable& table) {
                       return is_versioned(table.source) && table.target.name.schema == schema;
                     });
}

bool sees_routines(Context& context, Side side) {
  const Grants& grants = context.grants(side);
  const auto rights = routine_rights(context.connection(side));
  return std::any_of(rights.begin(), rights.end(), [&](const Right& right) {
    return right.schema.empty() ? grants.allow(right.privilege)
                                : grants.allow(right.privilege, right.schema, right.table);
  });
}

/// Besides what an account lacks; it then has not what the job needs.
void add(Findings& findings, Finding more) {
  std::erase_if(findings, [](const Finding& finding) { return finding.level == Level::pass; });
  findings.push_back(std::move(more));
}

/// Who may call a routine of somebody else sees that it is there, but not its text.
std::vector<std::string> hidden_routines(Context& context) {
  std::vector<std::string> names;
  for (const std::string& schema : context.schemas()) {
    if (!selects_schema(context.job.objects, schema)) continue;
    for (auto& row : context.source->query(
             sql("SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {} AND "
                 "ROUTINE_DEFINITION IS NULL ORDER BY ROUTINE_NAME",
                 Text{schema})))
      if (const TableName name{schema, row.at(0).value_or("")}; selects(context.job.objects, name))
        names.push_back(to_string(name));
  }
  return names;
}

/// Routines that the account does not see would be missed by nobody; at others init-schema would stop.
Finding unseen_routines(Context& context) {
  const std::string& account = context.grants(Side::source).account;
  const std::string remedy = on(
      Side::source, fmt::format("GRANT {} TO {};", to_string(routine_rights(*context.source)[0]), account));
  if (const auto hidden = hidden_routines(context); !hidden.empty())
    return failure("source",
                   fmt::format("{} may not see the text of functions and procedures: {}", account,
                               listed(hidden)),
                   remedy);
  return warning("source",
                 fmt::format("{} may not see the functions and procedures of others: they would be "
                             "left out",
                             account),
                 remedy);
}

}  // namespace

Findings check_source_privileges(Context& context) {
  const Job& job = context.job;
  const Grants& grants = context.grants(Side::source);
  const std::set<std::string> locked = locked_schemas(context);
  Lacks lacks;
  bool whole = false;
  for (const std::string& schema : context.schemas()) {
    Names wanted = {"SELECT"};
    if (job.schema_phase && selects_schema(job.objects, schema)) {
      whole = true;
      wanted.push_back("SHOW VIEW");
      if (job.schema.triggers != Triggers::skip) wanted.push_back("TRIGGER");
      if (brings_events(context)) wanted.push_back("EVENT");
    }
    if (locked.contains(schema)) wanted.push_back("LOCK TABLES");
    lacks.add(grants, missing(context, Side::source, source_part(context, schema), wanted),
              schema);
  }
  if (job.sync_phase && !job.sync.heartbeat_table.empty()) {
    const TableName beat = heartbeat_table(job.sync.heartbeat_table);
    Names lacking, wanted = {"SELECT", "CREATE", "INSERT", "UPDATE"};
    const bool is_there = context.source->value(
        sql("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
            Text{beat.schema}, Text{beat.table})).has_value();
    if (is_there) wanted.erase(wanted.begin() + 1);
    for (const std::string& privilege : wanted)
      if (!grants.allow(privilege, beat.schema, beat.table)) lacking.push_back(privilege);
    lacks.add(grants, lacking, beat.schema);
  }
  if (job.data_phase || job.sync_phase) {
    lacks.add(grants, missing_global(context), "");
    try_status(context, lacks);
  }
  Findings findings = lacks.findings(context, Side::source);
  if (whole && !sees_routines(context, Side::source)) add(findings, unseen_routines(context));
  return findings;
}

Findings check_target_privileges(Context& context) {
  const Names rows = {"SELECT", "INSERT", "UPDATE",     "DELETE", "CREATE",
                      "DROP",   "ALTER",  "REFERENCES", "INDEX",  "LOCK TABLES"};
  const Names whole = {"CREATE VIEW",   "SHOW VIEW", "CREATE ROUTINE",
                       "ALTER ROUTINE", "EXECUTE",   "TRIGGER"};
  const Grants& grants = context.grants(Side::target);
  Lacks lacks;
  for (const std::string& schema : context.target_schemas()) {
    const Part part = target_part(context, schema);
    Names wanted = rows;
    if (part.whole) wanted.insert(wanted.end(), whole.begin(), whole.end());
    if (part.whole && brings_events(context)) wanted.push_back("EVENT");
    if (has_versions(context, schema)) wanted.push_back("DELETE HISTORY");
    lacks.add(grants, missing(context, Side::target, part, wanted), schema);
  }
  Names own;
  for (const std::string& privilege : rows)
    if (!grants.allow(privilege, context.job.bookkeeping)) own.push_back(privilege);
  lacks.add(grants, own, context.job.bookkeeping);
  const bool keeps = context.job.schema_phase && context.job.schema.definer == Definer::keep;
  const Names definers = definer_rights(*context.target);
  if (keeps && !allows_any(grants, definers)) lacks.add(grants, {definers[0]}, "");
  Findings findings = lacks.findings(context, Side::target);
  // Routines of others are there after the first run, and compared in the next.
  if (keeps && !sees_routines(context, Side::target))
    add(findings, failure("target",
                          fmt::format("{} may not see the functions and procedures that will belong to "
                                      "others",
                                      grants.account),
                          on(Side::target,
                             fmt::format("GRANT {} TO {};", to_string(routine_rights(*context.target)[0]),
                                         grants.account))));
  return findings;
}

}  // namespace dts
