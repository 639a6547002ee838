#include <algorithm>
#include <array>
#include <utility>

#include "db/server_objects.hpp"
#include "precheck/check.hpp"
#include "schema/definition.hpp"
#include "schema/map_objects.hpp"

namespace dts {

namespace {

/// The views, routines, triggers and events that the job would create.
std::vector<Definition> other_objects(Context& context) {
  auto definitions = context.definitions();
  std::erase_if(definitions, [](const Definition& definition) {
    return definition.id.kind == "database" || definition.id.kind == "table";
  });
  return definitions;
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
  auto definitions = other_objects(*this);
  std::vector<ObjectId> ids;
  for (const Definition& definition : definitions) ids.push_back(definition.id);
  const ObjectNames names =
      object_names(job.objects, mapping(), by_name, ids, folds_names(*source));
  const TargetFacts facts = target_facts(*target);
  carry_report_ = carry_objects(definitions, names, by_name, {*source, *target, facts});
  return *carry_report_;
}

namespace {

/// What lets the account read an object, or leaves it out.
std::string let_read(Context& context, const ObjectId& id, const Error& error) {
  // Denied; or a routine whose text comes as NULL.
  static constexpr std::array denied = {1044u, 1142u, 1143u, 1227u, 1370u};
  const Grants& grants = context.grants(Side::source);
  const bool hidden = error.server_errno() == 0 && !error.hint().empty();
  const bool routine = id.kind == "function" || id.kind == "procedure" || id.kind.starts_with("package");
  if (routine && (hidden || std::ranges::find(denied, error.server_errno()) != denied.end()))
    return on(Side::source, fmt::format("GRANT {} TO {};", to_string(routine_rights(*context.source)[0]),
                                        grants.account));
  if (id.kind == "trigger")
    return fmt::format("mend the trigger, or drop it\nor {}", in_job_file("schema.triggers = \"skip\""));
  return fmt::format("{}\nor mend the {}", exclude(id.name), id.kind);
}

}  // namespace

Findings Context::tell_unreadable() {
  Findings findings;
  if (std::exchange(told_unreadable_, true)) return findings;
  for (const auto& [id, error] : unreadable())
    findings.push_back(failure(name_of(id), error.what(), let_read(*this, id, error)));
  return findings;
}

Findings check_mapped_objects(Context& context) {
  if (context.mapping().is_identity()) return {pass("all objects keep their names", "source")};
  const CarryReport& report = context.carry_report();
  Findings findings = context.tell_unreadable();
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
