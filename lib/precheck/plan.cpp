#include "dts/plan.hpp"

#include <algorithm>
#include <set>

#include "copy/chunk.hpp"
#include "failover.hpp"
#include "precheck/check.hpp"
#include "precheck/copy_estimate.hpp"
#include "precheck/session.hpp"
#include "schema/definition.hpp"
#include "schema/list_objects.hpp"
#include "schema/map_text.hpp"
#include "schema/snapshot_groups.hpp"

namespace dts {

namespace {

using Texts = std::vector<std::string>;
using Definitions = std::map<ObjectId, const Definition*>;

std::string joined(const Texts& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

/// Why a table is not cut by its key; empty if it is.
std::string reason_for_whole(const Table& table, const std::vector<Table>& tables) {
  if (is_splittable(table)) return {};
  if (is_sequence(table)) return "a sequence";
  if (!table.row_key) return "no key";
  if (is_versioned(table)) return "versions";
  if (table.without_overlaps) return "key without overlaps";
  if (table.snapshot.empty()) return "type of the key";
  Texts others;
  for (const Table& other : tables)
    if (other.snapshot == table.snapshot && other.name != table.name)
      others.push_back(to_string(other.name));
  return others.empty() ? "a foreign key cascades" : "foreign keys cascade: with " + listed(others);
}

/// What the map of a table does to it.
void add_map(const MappedTable& table, Texts& changes) {
  const MapRule* rule = table.rule;
  if (rule == nullptr) return;
  std::set<std::size_t> kept(table.columns.begin(), table.columns.end());
  for (std::size_t i = 0; i < table.source.columns.size(); ++i)
    if (!kept.contains(i))
      changes.push_back(fmt::format("column {} is left out", table.source.columns[i].name));
  for (std::size_t i = 0; i < table.selected.columns.size(); ++i)
    if (table.selected.columns[i].name != table.target.columns[i].name)
      changes.push_back(fmt::format("column {} is called {}", table.selected.columns[i].name,
                                    table.target.columns[i].name));
  if (!rule->where.empty()) changes.push_back("only rows where " + rule->where);
  Texts kinds;
  if (!rule->insert) kinds.push_back("INSERT");
  if (!rule->update) kinds.push_back("UPDATE");
  if (!rule->remove) kinds.push_back("DELETE");
  if (!kinds.empty()) changes.push_back("without the source's " + joined(kinds));
}

void add_generated(const Table& table, Texts& changes) {
  Texts names;
  for (const Column& column : table.columns)
    if (column.generated) names.push_back(column.name);
  if (!names.empty()) changes.push_back("computed by the target: " + joined(names));
}

/// Whether what init-schema writes may be another text than the source's.
bool rewrites_tables(Context& context) {
  const ServerKind from = kind_of(*context.source), to = kind_of(*context.target);
  return are_translated(from, to) || (defaults_are_explicit(from) && !defaults_are_explicit(to)) ||
         std::any_of(context.mapped_tables().begin(), context.mapped_tables().end(),
                     [](const MappedTable& table) { return !table.all_columns(); });
}

Definitions definitions_by_id(Context& context) {
  Definitions all;
  for (const Definition& one : context.definitions()) all.emplace(one.id, &one);
  return all;
}

/// What the target gets in other words; what it can't get is left out.
void add_translation(Context& context, const MappedTable& table, const Definitions& definitions,
                     const TargetFacts& facts, TablePlan& entry, JobPlan& plan) {
  const auto found = definitions.find({"table", table.source.name});
  if (found == definitions.end()) return;
  Definition definition = *found->second;
  const auto refuse = [&](std::string why) {
    plan.left_out.push_back({"table", to_string(table.source.name), std::move(why)});
  };
  try {
    adapt(*context.source, definition, &table.source, facts, entry.changes);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::connect) throw;
    return refuse(error.what());
  }
  if (table.all_columns()) return;
  const MappedText text = mapped_create(definition.statements.back(), table, context.mapping());
  for (const std::string& what : text.left_out) entry.changes.push_back(what);
  for (const std::string& why : text.refused) refuse(why);
}

std::vector<Table> tables_as_copied(Context& context) {
  std::vector<Table> tables = context.tables();
  if (cascading_tables(context).empty()) return tables;
  const auto groups = snapshot_groups(context.foreign_keys());
  for (Table& table : tables)
    if (const auto found = groups.find(table.name); found != groups.end())
      table.snapshot = found->second;
  return tables;
}

/// Large ones first, as the copy begins them; what shares a snapshot counts as one.
void sort_as_copied(const std::vector<Table>& tables, std::vector<TablePlan>& plans) {
  std::map<TableName, std::string> groups;
  std::map<std::string, std::uint64_t> bytes;
  for (const Table& table : tables) {
    groups[table.name] = table.snapshot;
    if (!table.snapshot.empty()) bytes[table.snapshot] += table.bytes_estimated;
  }
  const auto weight = [&](const TablePlan& plan) {
    const std::string& group = groups[plan.source];
    return std::pair(group.empty() ? plan.bytes_estimated : bytes[group], group);
  };
  std::stable_sort(plans.begin(), plans.end(),
                   [&](const TablePlan& a, const TablePlan& b) { return weight(a) > weight(b); });
}

void plan_tables(Context& context, const CopySpeed& speed, JobPlan& plan) {
  const std::vector<Table> tables = tables_as_copied(context);
  const bool rewrites = plan.creates_schema && rewrites_tables(context);
  const Definitions definitions = rewrites ? definitions_by_id(context) : Definitions{};
  const TargetFacts facts = target_facts(*context.target);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const Table& table = tables[i];
    const MappedTable& mapped = context.mapped_tables()[i];
    TablePlan& entry = plan.tables.emplace_back();
    entry.source = table.name;
    entry.target = mapped.target.name;
    entry.rows_estimated = table.rows_estimated;
    entry.bytes_estimated = table.bytes_estimated;
    entry.whole = reason_for_whole(table, tables);
    if (entry.whole.empty())
      for (const KeyPart& part : table.key()->parts)
        entry.key.push_back(table.columns[part.column].name);
    add_map(mapped, entry.changes);
    if (rewrites) add_translation(context, mapped, definitions, facts, entry, plan);
    add_generated(table, entry.changes);
    plan.rows_estimated += table.rows_estimated;
    plan.bytes_estimated += table.bytes_estimated;
    if (!plan.copies_rows) continue;
    const CopyEstimate one = estimate(table, speed);
    entry.chunks = one.chunks;
    entry.seconds = one.seconds;
  }
  sort_as_copied(tables, plan.tables);
  if (!plan.copies_rows) return;
  const CopyEstimate all = estimate(tables, speed);
  plan.chunks = all.chunks;
  plan.seconds = all.seconds;
}

/// Those whose parents stay behind.
void add_lost_keys(Context& context, JobPlan& plan) {
  for (const ForeignKey& key : context.foreign_keys())
    if (!selects(context.job.objects, key.parent))
      plan.left_out.push_back(
          {"foreign key", to_string(key.child) + "." + key.name,
           fmt::format("its parent '{}' is not selected", to_string(key.parent))});
}

/// Views, routines, triggers and events.
void plan_objects(Context& context, JobPlan& plan) {
  const Job& job = context.job;
  for (const ObjectId& id : context.objects()) {
    if (id.kind == "trigger" && job.schema.triggers == Triggers::skip)
      plan.left_out.push_back({id.kind, name_of(id), "schema.triggers is \"skip\""});
    else if (id.kind != "database")
      ++plan.creates[id.kind];
  }
  plan.creates["database"] = context.target_schemas().size();
  for (const ObjectId& id : list_left_out(*context.source, job.objects))
    plan.left_out.push_back({id.kind, name_of(id), "only a whole database brings it"});
  if (!job.schema.events)
    for (const ObjectId& id : list_events(*context.source, job.objects))
      plan.left_out.push_back({id.kind, name_of(id), "schema.events is false"});
  add_lost_keys(context, plan);
  if (context.mapping().is_identity() && write_alike(*context.source, *context.target)) return;
  const CarryReport& report = context.carry_report();
  for (const auto& [id, error] : context.unreadable()) {
    plan.left_out.push_back({id.kind, name_of(id), error.what()});
    --plan.creates[id.kind];
  }
  for (const auto& [id, changes] : report.changes)
    for (const std::string& change : changes)
      plan.changes.push_back({id.kind, name_of(id), change});
  for (const auto& [id, doubts] : report.doubts)
    for (const std::string& doubt : doubts)
      plan.changes.push_back({id.kind, name_of(id), "it may give other results: it " + doubt});
  for (const UnmappedObject& object : report.left_out) {
    plan.left_out.push_back({object.id.kind, name_of(object.id), "it " + joined(object.reasons)});
    --plan.creates[object.id.kind];
  }
}

/// What lies beside the selected tables, so that nobody misses a table in the end.
void list_not_selected(Context& context, JobPlan& plan) {
  const Objects& objects = context.job.objects;
  Objects all = objects;
  all.exclude.clear();
  const auto& schemas = context.schemas();
  for (const ObjectId& id : list_objects(*context.source, {schemas.begin(), schemas.end()}))
    if (id.kind == "table" && !selects(objects, id.name))
      plan.not_selected.push_back(
          {id.kind, name_of(id),
           selects(all, id.name) ? "objects.exclude has it" : "objects.include does not have it"});
}

}  // namespace

JobPlan plan_job(const Job& given, double mb_per_second, Observer&, std::stop_token stop) {
  const Job job = with_hosts(given);
  const JobState unused;
  Context context(job, unused);
  context.source = open_session(job.source, Side::source, stop);
  context.target = open_session(job.target, Side::target, stop);
  const CopySpeed speed = copy_speed(job, mb_per_second);
  JobPlan plan;
  plan.creates_schema = job.schema_phase;
  plan.copies_rows = job.data_phase;
  plan.workers = job.data.workers;
  plan.mb_per_second = speed.bytes_per_second / 1e6;
  plan_tables(context, speed, plan);
  if (plan.creates_schema) plan_objects(context, plan);
  list_not_selected(context, plan);
  std::erase_if(plan.creates, [](const auto& kind) { return kind.second == 0; });
  return plan;
}

}  // namespace dts
