#include "cascade_check.hpp"

#include <fmt/format.h>

#include <set>

#include "db/server_objects.hpp"
#include "schema/letter_case.hpp"
#include "schema/mapping.hpp"
#include "schema/snapshot_groups.hpp"

namespace dts {

namespace {

std::string list_of(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) text += (text.empty() ? "" : ", ") + column;
  return text;
}

/// What a key does, however it is called.
std::string text_of(const ForeignKey& key) {
  const auto action = [](const std::string& name) { return changes_child(name) ? name : "RESTRICT"; };
  return lowered(fmt::format("{} ({}) references {} ({})", to_string(key.child),
                             list_of(key.child_columns), to_string(key.parent),
                             list_of(key.parent_columns))) +
         fmt::format(" ON DELETE {} ON UPDATE {}", action(key.on_delete), action(key.on_update));
}

ForeignKey mapped(ForeignKey key, const Mapping& mapping) {
  const auto rename = [&](const TableName& table, std::vector<std::string>& columns) {
    for (std::string& column : columns)
      column = mapping.column(mapping.rule(table), column).value_or("");
  };
  rename(key.child, key.child_columns);
  rename(key.parent, key.parent_columns);
  key.child = mapping.table(key.child);
  key.parent = mapping.table(key.parent);
  return key;
}

}  // namespace

void check_cascades(Servers& servers, const Job& job) {
  if (!job.sync_phase || logs_cascades(*servers.source)) return;
  const Mapping mapping = mapping_for(job.objects, *servers.target);
  std::set<TableName> tables;
  for (const Table& table : read_tables(*servers.source, job.objects))
    tables.insert(mapping.table(table.name));
  std::set<std::string> wanted, there;
  for (const ForeignKey& key : read_foreign_keys(*servers.source, job.objects))
    if (is_cascading(key)) wanted.insert(text_of(mapped(key, mapping)));
  for (const ForeignKey& key : read_foreign_keys(*servers.target, tables))
    if (is_cascading(key)) there.insert(text_of(key));
  const auto refuse = [](const std::string& key, const char* where) {
    throw Error(ErrorKind::target,
                fmt::format("cannot copy: the foreign key {} is only on the {}, and the target has to do "
                            "what the source's foreign keys do",
                            key, where),
                "make the keys of both servers the same; dtsctl status --schema shows what differs");
  };
  for (const std::string& key : wanted)
    if (!there.contains(key)) refuse(key, "source");
  for (const std::string& key : there)
    if (!wanted.contains(key)) refuse(key, "target");
}

}  // namespace dts
