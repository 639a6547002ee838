#include <algorithm>

#include "apply/cascades.hpp"
#include "apply/ddl.hpp"
#include "db/bookkeeping.hpp"
#include "schema/collations.hpp"
#include "schema/read.hpp"
#include "schema/translate.hpp"

// What is known of tables, after a statement about them has been run.

namespace dts {

bool moves_tables(const DdlNames& names) {
  return names.kind == "drop-table" || names.kind == "rename-table" || names.kind == "drop-database";
}

/// Between kinds of servers a collation may have another name: row filters need the source's. A
/// statement that could change one of a filter's columns has been refused.
void DdlApplier::keep_collations(const std::vector<TableName>& names, Table& table) const {
  const Table* before = shapes_.kept(table.name);
  for (const TableName& name : names)  // or it has another name now
    if (before == nullptr) before = shapes_.kept(name);
  if (before == nullptr) return;
  for (Column& column : table.columns)
    for (const Column& old : before->columns)
      if (same_column(old.name, column.name) && is_counterpart(old.collation, column.collation))
        column.collation = old.collation;
}

// The target now has the structure that the source had at this position, and is there to be read.
std::vector<Sql> DdlApplier::follow_shapes(const DdlNames& names, const Transaction& transaction) {
  std::vector<TableName> tables = names.tables;
  if (names.kind == "drop-database")
    for (const TableName& name : shapes_.names())
      if (name.schema == names.database) tables.push_back(name);
  std::vector<Sql> also;
  const Shapes before = shapes_;
  for (const TableName& name : tables) {
    // Of one that was copied later, the copy has what the statement did.
    if (!is_wanted(name) || is_in_copy(name, transaction, moves_tables(names))) continue;
    if (auto there = read_table(target_, mapping_.table(name))) {
      if (!transaction.ddl->from_mariadb) restore_json(target_, *there);
      if (std::string trouble = versioning_trouble(target_, *there, target_); !trouble.empty())
        stop(transaction, trouble);
      auto table = unmapped(*there, name, mapping_);
      if (!table) continue;  // emptied: columns that are left out here stay as they were
      if (transaction.ddl->from_mariadb != target_.is_mariadb()) keep_collations(tables, *table);
      if (!source_.logs_cascades) table->snapshot = snapshot_after(names, name, before);
      TrackedTable tracked{std::move(*table), {}};
      also.push_back(save_tracked(job_.bookkeeping, job_.name, tracked));
      shapes_.set(std::move(tracked));
    } else {
      also.push_back(forget_tracked(job_.bookkeeping, job_.name, name));
      if (!shapes_.reason(name).empty())
        also.push_back(forget_late(job_.bookkeeping, job_.name, name));
      shapes_.forget(name);
    }
  }
  for (Sql& statement : follow_waiting(names, before)) also.push_back(std::move(statement));
  return also;
}

/// Tables that wait for their copy do so under their new names.
std::vector<Sql> DdlApplier::follow_waiting(const DdlNames& names, const Shapes& before) {
  std::vector<Sql> also;
  if (names.kind != "rename-table") return also;
  std::map<TableName, std::string> reasons;
  for (const TableName& name : names.tables) reasons.try_emplace(name, before.reason(name));
  for (std::size_t i = 0; i + 1 < names.tables.size(); i += 2)
    reasons[names.tables[i + 1]] = std::exchange(reasons[names.tables[i]], std::string());
  // Where the statement was passed over, the target's tables may have their old names.
  const auto is_there = [&](const std::string& reason) {
    return std::any_of(reasons.begin(), reasons.end(), [&](const auto& other) {
      return other.second == reason && shapes_.kept(other.first);
    });
  };
  for (const auto& [name, reason] : reasons) {
    const std::string old = before.reason(name);
    if (!shapes_.kept(name) || reason == old || (!old.empty() && !is_there(old))) continue;
    shapes_.wait(name, reason);
    also.push_back(reason.empty()
                       ? forget_late(job_.bookkeeping, job_.name, name)
                       : save_late(job_.bookkeeping, job_.name,
                                   {name, LateTable::Step::waiting, reason, {}}));
  }
  return also;
}

}  // namespace dts
