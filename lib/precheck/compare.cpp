#include "precheck/check.hpp"
#include "schema/list_objects.hpp"
#include "schema_compare.hpp"

namespace dts {

namespace {

std::string subject_of(const SchemaDifference& difference) {
  const TableName& name = difference.source;
  if (name.schema.empty()) return name_of(difference);
  return name.table.empty() ? name.schema : to_string(name);
}

std::string remedy_for(const Job& job, const SchemaDifference& difference) {
  const bool missing =
      difference.sort == SchemaDifference::Sort::missing && difference.what.empty();
  if (difference.kind == "trigger" && difference.sort == SchemaDifference::Sort::extra)
    return "drop it, or guard it";
  if (missing && !job.schema_phase) return "create it, or add \"schema\" to phases";
  if (missing && difference.kind == "table")
    return "restore it with its rows, or have it copied anew: exclude it, run dtsctl precheck and dtsctl "
           "init-data, and the same with it";
  if (missing) return "create it on the target";
  return "make the target's alike, or drop it";
}

SourceObjects source_objects(Context& context) {
  if (!context.job.schema_phase) return {context.tables(), {}, {}};
  SourceObjects objects{context.tables(), {}, context.definitions()};
  objects.ids = context.objects();  // behind the definitions: what went meanwhile is not among them
  std::erase_if(objects.ids, [&](const ObjectId& id) { return context.unreadable().contains(id); });
  return objects;
}

}  // namespace

bool has_schema_to_compare(const Job& job, const JobState& state) {
  return !job.schema_phase || has_started(state) || job.schema.existing_tables == ExistingTables::keep;
}

Findings check_schema_compare(Context& context) {
  const Job& job = context.job;
  const bool started = context.state.data.status != PhaseStatus::not_started ||
                       context.state.sync_phase.status != PhaseStatus::not_started;
  const bool created = started || context.state.schema.status == PhaseStatus::done;
  const bool copied = context.state.data.status == PhaseStatus::done ||
                      context.state.sync_phase.status != PhaseStatus::not_started;
  if (!has_schema_to_compare(job, context.state)) return {pass("the job creates the schema", "target")};
  Findings findings;
  if (job.schema_phase) findings = context.tell_unreadable();
  std::size_t more = 0;
  std::vector<std::string> gone;
  const auto before = context.before();
  std::set<ObjectId> had;
  if (before)
    for (ObjectId& id : list_objects(*context.source, *before)) had.insert(std::move(id));
  Unreadable uncarried;
  SourceObjects objects = source_objects(context);
  objects.uncarried = &uncarried;
  const SchemaPlan plan = plan_to_compare(job, *context.source, *context.target, std::move(objects), {});
  for (const auto& [id, error] : uncarried)
    findings.push_back(failure(name_of(id), error.what(), error.hint()));
  // While the job runs, the source may be ahead by any statement.
  for (const SchemaDifference& one : compare_schema(job, *context.source, *context.target, plan,
                                                    wants_definitions(job) && !started, {},
                                                    context.target_reading.take())) {
    const bool missing = one.what.empty() && one.sort == SchemaDifference::Sort::missing;
    if (missing && job.schema_phase && !created) continue;
    // As long as rows are still to be copied, nothing is lost with what was dropped.
    if (missing && job.schema_phase && !copied) {
      gone.push_back(fmt::format("{} '{}'", one.kind, name_of(one)));
      continue;
    }
    // What joins the job is still to be created. A table that it has gets no other keys by that.
    const bool keys = one.kind == "foreign-keys";
    const bool joins = before && !had.contains({keys ? "table" : one.kind, one.source});
    if (joins && job.schema_phase && one.sort == SchemaDifference::Sort::missing) continue;
    if (one.harmful && !(before && keys && !joins))
      findings.push_back(failure(subject_of(one), line_of(one), remedy_for(job, one)));
    else if (++more <= 20)
      findings.push_back(pass("no harm: " + line_of(one), subject_of(one)));
  }
  if (more > 20)
    findings.push_back(
        pass(fmt::format("{} more differences that do no harm: dtsctl status --schema shows all",
                         more - 20),
             "target"));
  if (!gone.empty())
    findings.push_back(pass(
        fmt::format("no longer there, and made again by dtsctl init-schema: {}", listed(gone)), "target"));
  if (findings.empty()) findings.push_back(pass("source and target have the same", "target"));
  return findings;
}

}  // namespace dts
