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

Findings check_mapped_objects(Context& context) {
  if (is_other_kind(context)) return {pass("only tables are carried", "source")};
  if (context.mapping().is_identity()) return {pass("all objects keep their names", "source")};
  std::map<TableName, MappedTable> tables;
  for (const MappedTable& table : context.mapped_tables()) tables.emplace(table.source.name, table);
  prepare_reading(*context.source);
  const auto ids = other_objects(context);
  std::vector<Definition> definitions;
  for (const ObjectId& id : ids)
    definitions.push_back(define(*context.source, id, context.job.schema));
  const ObjectNames names = object_names(context.job.objects, context.mapping(), tables, ids,
                                         folds_names(*context.source));
  Findings findings;
  for (const UnmappedObject& object : map_objects(definitions, names))
    findings.push_back(
        warning(name_of(object.id),
                fmt::format("the {} is left out: it {}", object.id.kind, joined(object.reasons)),
                "create it on the target by hand"));
  if (findings.empty())
    findings.push_back(
        pass(fmt::format("{} views, routines, triggers and events get the names of the target",
                         definitions.size()),
             "source"));
  return findings;
}

}  // namespace dts
