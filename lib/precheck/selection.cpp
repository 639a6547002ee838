#include "selection.hpp"
#include "db/bookkeeping.hpp"
#include "precheck/check.hpp"
#include "schema/snapshot_groups.hpp"

namespace dts {

namespace {

/// Tables of one group are copied in one snapshot, and those that the job has are in step already.
void check_groups(Context& context, const Objects& before, Findings& findings) {
  const auto groups = snapshot_groups(context.foreign_keys());
  const auto grouped = cascading_tables(context);
  for (const TableName& name : grouped) {
    if (selects(before, name)) continue;
    for (const TableName& other : grouped)
      if (selects(before, other) && groups.at(other) == groups.at(name)) {
        findings.push_back(failure(
            to_string(name),
            fmt::format(
                "it can't join alone: foreign keys with CASCADE or SET NULL connect it with "
                "{}, which is in step already, and such tables are copied in one snapshot",
                to_string(other)),
            "exclude it, or copy all tables again: dtsctl init-data --restart"));
        break;
      }
  }
}

}  // namespace

Findings check_selection(Context& context) {
  const auto before = context.before();
  if (!before) return {};
  std::vector<std::string> joining, leaving;
  std::vector<TableName> known;
  for (const TrackedTable& table :
       read_tracked(*context.target, context.job.bookkeeping, context.job.name)) {
    known.push_back(table.shape.name);
    if (!selects(context.job.objects, known.back())) leaving.push_back(to_string(known.back()));
  }
  for (const Table& table : context.tables())
    if (!selects(*before, table.name)) joining.push_back(to_string(table.name));
  Findings findings;
  try {
    check_change(*changed_selection(context.job, context.state), context.job, known);
  } catch (const Error& error) {
    findings.push_back(failure("target", error.what(), error.hint()));
  }
  check_groups(context, *before, findings);
  if (!joining.empty())
    findings.push_back(
        pass(fmt::format("{} tables join the job, and are copied from a start position "
                         "of their own: {}",
                         joining.size(), listed(joining)),
             "source"));
  if (!leaving.empty())
    findings.push_back(
        pass(fmt::format("{} tables leave the job, and stay on the target as they are: {}",
                         leaving.size(), listed(leaving)),
             "target"));
  return findings;
}

}  // namespace dts
