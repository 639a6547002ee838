#include "precheck/check.hpp"
#include "schema/definition.hpp"
#include "schema/map_objects.hpp"

namespace dts {

namespace {

/// The views, routines, triggers and events that the job would create.
std::vector<ObjectId> other_objects(Context& context) {
  const Job& job = context.job;
  auto ids = list_objects(*context.source, job.objects);
  std::erase_if(ids, [&](const ObjectId& id) {
    return id.kind == "database" || id.kind == "table" ||
           (id.kind == "trigger" && job.schema.triggers == Triggers::skip);
  });
  if (!job.schema.events) return ids;
  for (ObjectId& id : list_events(*context.source, job.objects)) ids.push_back(std::move(id));
  return ids;
}

std::string joined(const std::vector<std::string>& reasons) {
  std::string text;
  for (const std::string& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

}  // namespace

const CarryReport& Context::carry_report() {
  if (carry_report_) return *carry_report_;
  std::map<TableName, MappedTable> by_name;
  for (const MappedTable& table : mapped_tables()) by_name.emplace(table.source.name, table);
  prepare_reading(*source);
  const auto ids = other_objects(*this);
  std::vector<Definition> definitions;
  for (const ObjectId& id : ids) {
    definitions.push_back(define(*source, id, job.schema));
    definitions.back().source = id.name;
  }
  const ObjectNames names =
      object_names(job.objects, mapping(), by_name, ids, folds_names(*source));
  const TargetFacts facts = target_facts(*target);
  carry_report_ = carry_objects(definitions, names, by_name, {*source, *target, facts});
  return *carry_report_;
}

Findings check_mapped_objects(Context& context) {
  if (context.mapping().is_identity()) return {pass("all objects keep their names", "source")};
  const CarryReport& report = context.carry_report();
  Findings findings;
  for (const UnmappedObject& object : report.left_out)
    findings.push_back(
        warning(name_of(object.id),
                fmt::format("the {} is left out: it {}", object.id.kind, joined(object.reasons)),
                "create it on the target by hand"));
  if (findings.empty())
    findings.push_back(
        pass("views, routines, triggers and events get the names of the target", "source"));
  return findings;
}

}  // namespace dts
