// What DdlApplier does with tables of online DDL tools; see online_ddl.hpp.

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "apply/ddl.hpp"
#include "db/bookkeeping.hpp"
#include "db/tokens.hpp"
#include "schema/ddl.hpp"
#include "schema/read.hpp"

namespace dts {

namespace {

/// The definition of a table but for its name; empty if there is no such table. MySQL keeps in mind
/// whether a column's character set was written; the collation says it all the same.
std::string definition_of(Connection& target, const TableName& name) {
  if (!read_table(target, name)) return {};
  static const std::regex charset("CHARACTER SET [0-9a-z]+ COLLATE ");
  const auto found = target.query(sql("SHOW CREATE TABLE {}", name));
  const std::string text = without_auto_increment(found.at(0).at(1).value_or(""));
  return std::regex_replace(with_name(text, {"any", "table"}), charset, "COLLATE ");
}

bool is_about_tables(const DdlNames& names) {
  return (names.kind.ends_with("-table") || names.kind.ends_with("-index")) &&
         !names.tables.empty();
}

bool replaces(const Ddl& text) {
  const auto tokens = tokenize(text.statement, quote_rules(text.sql_mode), 3);
  return tokens.size() > 1 && is_word(tokens[1], "OR");
}

}  // namespace

void DdlApplier::read_tools() {
  for (const std::string& text : read_tool_tables(target_, job_.bookkeeping, job_.name)) {
    ToolTable table = parse_tool_table(text);
    if (table.made) mapping_.follow(table.name, table.base);
    if (!table.rows) pass_over(table);
    tools_.push_back(std::move(table));
  }
}

ToolTable* DdlApplier::tool(const TableName& name) {
  const auto found = std::find_if(tools_.begin(), tools_.end(),
                                  [&](const ToolTable& table) { return table.name == name; });
  return found == tools_.end() ? nullptr : &*found;
}

/// The shadow table of `base` whose rows are not applied, if there is one.
ToolTable* DdlApplier::passed_shadow(const TableName& base) {
  const auto found = std::find_if(tools_.begin(), tools_.end(), [&](const ToolTable& table) {
    return table.base == base && table.kind == ToolTableKind::shadow && table.made && !table.rows;
  });
  return found == tools_.end() ? nullptr : &*found;
}

std::optional<TableName> DdlApplier::base_in(const std::vector<std::string>& patterns,
                                             const TableName& name) {
  return base_of(patterns, name, [&](const TableName& base) {
    return shapes_.kept(base) != nullptr && tool(base) == nullptr;
  });
}

void DdlApplier::pass_over(const ToolTable& table) {
  shapes_.pass_over(table.name, !table.rows);
  passed_.erase(table.name);
  if (!table.rows && table.fresh) passed_[table.name] = shapes_.has_passed(table.name);
}

/// That a shadow table is not fresh any more must be known before the position passes its first row.
void DdlApplier::note_passed() {
  for (auto at = passed_.begin(); at != passed_.end();) {
    if (!*at->second) {
      ++at;
      continue;
    }
    if (ToolTable* table = tool(at->first)) {
      table->fresh = false;
      target_.execute(save_tool_table(job_.bookkeeping, job_.name, table->name, tool_table_text(*table)));
    }
    at = passed_.erase(at);
  }
}

Sql DdlApplier::save_tool(ToolTable table) {
  if (!has_tool_table_) create_tool_tables(target_, job_.bookkeeping);
  has_tool_table_ = true;
  table.made ? mapping_.follow(table.name, table.base) : mapping_.leave(table.name);
  if (const ToolTable* before = tool(table.name);
      !before || before->rows != table.rows || before->fresh != table.fresh)
    pass_over(table);
  const Sql sql = save_tool_table(job_.bookkeeping, job_.name, table.name, tool_table_text(table));
  if (ToolTable* known = tool(table.name))
    *known = std::move(table);
  else
    tools_.push_back(std::move(table));
  return sql;
}

Sql DdlApplier::forget_tool(const TableName& name) {
  mapping_.leave(name);
  shapes_.pass_over(name, false);
  passed_.erase(name);
  std::erase_if(tools_, [&](const ToolTable& table) { return table.name == name; });
  return forget_tool_table(job_.bookkeeping, job_.name, name);
}

void DdlApplier::count_tool(const Transaction& transaction) {
  applier_.count_skipped("online-ddl",
                         "triggers, and statements about other tables, of online DDL tools",
                         to_string(transaction.id));
}

/// Passes over a statement about nothing but what is not made on the target: triggers, notes of the
/// tool, and tables that it has done with. Returns whether it is one.
bool DdlApplier::pass_tools(const Transaction& transaction, const DdlNames& names) {
  if (is_tool_trigger(names)) {
    const TableName& trigger = names.tables.front();
    if (!touches_schema(job_.objects, trigger.schema)) return false;
    count_tool(transaction);
    finish(transaction, {});
    return true;
  }
  if (!is_about_tables(names) || names.kind == "rename-table") return false;
  const bool creates = names.kind == "create-table";
  const TableName& first = names.tables.front();
  std::vector<Sql> also;
  if (creates && tool(first) == nullptr) {
    const auto base = shapes_.kept(first) ? std::nullopt : base_in(patterns_.log, first);
    if (!base) return false;
    also.push_back(save_tool({first, *base, ToolTableKind::log, false, false}));
  }
  for (const TableName& name : names.tables)
    if (const ToolTable* table = tool(name); (!table || table->made) && !(creates && name != first))
      return false;
  count_tool(transaction);
  if (names.kind == "drop-table")
    for (const TableName& name : names.tables) also.push_back(forget_tool(name));
  finish(transaction, std::move(also));
  return true;
}

/// Gives tables that come with the statement the rules of the tables that they belong to.
void DdlApplier::name_tools(const Ddl& text, const DdlNames& names) {
  named_.clear();
  const auto follow = [&](const TableName& name, const TableName& base) {
    if (mapping_.follows(name)) return;
    mapping_.follow(name, base);
    named_[name] = base;
  };
  if (names.kind == "create-table" && !names.tables.empty())
    if (const TableName& name = names.tables.front(); !shapes_.kept(name))
      if (const auto base = base_in(patterns_.shadow, name)) follow(name, *base);
  for (const auto& [from, to] : renames(text, names)) {
    const auto is_of = [](const TableName& base) {
      return [&base](const TableName& name) { return name == base; };
    };
    const bool is_base = shapes_.kept(from) && !tool(from);
    if (is_base &&
        (base_of(patterns_.old, to, is_of(from)) || base_of(patterns_.shadow, to, is_of(from))))
      follow(to, from);
    if (!shapes_.kept(from) && !tool(from) && selects(job_.objects, to) &&
        base_of(patterns_.shadow, from, is_of(to)))
      follow(from, to);
  }
}

/// The statement was not run.
void DdlApplier::unname_tools() {
  for (const auto& [name, base] : named_) mapping_.leave(name);
  named_.clear();
}

/// Stops at statements that would need rows that were not applied.
void DdlApplier::check_tools(const Transaction& transaction, const Ddl& text,
                             const DdlNames& names) {
  if (!is_about_tables(names)) return;
  const TableName& first = names.tables.front();
  if (names.kind == "create-table" && !named_.empty())
    if (const auto base = base_in(patterns_.shadow, first))
      for (const TableName& other : shapes_.names())
        if (other != *base && mapping_.table(other) == mapping_.table(*base))
          stop(transaction,
               fmt::format("an online DDL tool begins to alter '{}', and '{}' on the "
                           "target holds rows of '{}', too",
                           to_string(*base), to_string(mapping_.table(*base)), to_string(other)));
  const auto pairs = renames(text, names);
  const ToolTable* swapped = swapped_shadow(text, names);
  if (swapped) check_swap(transaction, pairs, *swapped);
  for (const auto& [from, to] : pairs) {
    const ToolTable* table = tool(from);
    if (table == swapped && table != nullptr) continue;
    if (table != nullptr && !table->rows)
      stop(transaction,
           fmt::format("it needs the rows of '{}', which were not applied{}", to_string(from),
                       table->trouble.empty() ? "" : ": " + table->trouble));
    if (table == nullptr && shapes_.kept(from) == nullptr && mapping_.follows(from))
      stop(transaction,
           fmt::format("'{}' is the shadow table of an online DDL tool that was at work when the "
                       "copy began, so it is not on the target (making its change by hand is the "
                       "ALTER of the tool, on '{}')",
                       to_string(from), to_string(mapping_.table(to))));
    if (!swapped && passed_shadow(from))
      stop(transaction,
           "sync.online_ddl is \"skip\", and the tool swaps its tables in two steps: that can be "
           "followed with \"copy\" only, from before the tool begins");
  }
  for (const TableName& name : names.tables)
    if (const ToolTable* table = tool(name); table && !table->made && names.kind == "drop-table")
      stop(transaction,
           fmt::format("it drops tables that are on the target, and '{}', which is not",
                       to_string(name)));
  if (names.kind == "drop-table")
    for (const TableName& name : names.tables)
      if (const ToolTable* shadow = passed_shadow(name);
          shadow &&
          std::find(names.tables.begin(), names.tables.end(), shadow->name) == names.tables.end())
        stop(transaction,
             fmt::format("an online DDL tool has made '{}' to take the table's place, whose rows "
                         "were not applied (sync.online_ddl is \"skip\")",
                         to_string(shadow->name)));
  ToolTable* table = tool(first);
  if (table && table->made && !table->rows && pairs.empty())
    check_shadow(transaction, text, names, *table);
}

/// The old table must be one that is not to be on the target.
void DdlApplier::check_swap(const Transaction& transaction,
                            const std::vector<std::pair<TableName, TableName>>& pairs,
                            const ToolTable& shadow) {
  if (!shadow.trouble.empty())
    stop(transaction,
         fmt::format("the rows of '{}' were not applied, and the statements that shaped it "
                     "would not make the same of '{}': {}",
                     to_string(shadow.name), to_string(shadow.base), shadow.trouble));
  if (pairs.size() != 2 || pairs[0].first != shadow.base)
    stop(transaction,
         "sync.online_ddl is \"skip\", and the tool does more than to swap two tables");
  const TableName& old = pairs[0].second;
  if (selects(job_.objects, old) && !mapping_.follows(old))
    stop(transaction,
         fmt::format("sync.online_ddl is \"skip\", and it keeps the old table as '{}', "
                     "which is selected",
                     to_string(old)));
}

/// What alters a shadow whose rows are not applied must be good for the real table. If it is not,
/// the rows are applied after all, as long as there were none.
void DdlApplier::check_shadow(const Transaction& transaction, const Ddl& text,
                              const DdlNames& names, ToolTable& shadow) {
  const Table* base = shapes_.kept(shadow.base);
  if (names.kind == "truncate-table" || names.kind == "create-table" || names.kind == "drop-table")
    return;
  std::string trouble = base == nullptr ? "there is no such table" : "";
  if (trouble.empty() && !on_base(*transaction.ddl, text, names, shadow.name, shadow.base))
    trouble = "another table, or a string in a character set of its own";
  if (trouble.empty()) trouble = rows_trouble(text, names, *base);
  if (trouble.empty()) return;
  const Shapes::HasPassed has_passed = shapes_.has_passed(shadow.name);
  if (!shadow.fresh || !shadow.statements.empty() || (has_passed && *has_passed))
    stop(transaction,
         fmt::format("sync.online_ddl is \"skip\", and on '{}' it would not do what it does in the "
                     "table '{}' that the tool fills: {}",
                     to_string(shadow.base), to_string(shadow.name), trouble));
  shadow.rows = true;
  pass_over(shadow);
}

/// The shadow table whose rows are not applied, and that takes its real table's place.
const ToolTable* DdlApplier::swapped_shadow(const Ddl& text, const DdlNames& names) {
  for (const auto& [from, to] : renames(text, names))
    if (const ToolTable* table = tool(from); table && table->kind == ToolTableKind::shadow &&
                                             table->made && !table->rows && to == table->base)
      return table;
  return nullptr;
}

/// Instead of the swap: the real table is altered as the shadow was, which is on the target, too,
/// but empty.
void DdlApplier::swap(const Transaction& transaction, const DdlNames& names,
                      const TableName& shadow) {
  while (!tool(shadow)->statements.empty()) alter_base(transaction, shadow);
  const TableName base = tool(shadow)->base, there = mapping_.table(shadow);
  // An earlier run may have come as far as to drop it.
  if (const std::string wanted = definition_of(target_, there);
      !wanted.empty() && wanted != definition_of(target_, mapping_.table(base)))
    stop(transaction,
         fmt::format(
             "'{}' on the target has been altered as '{}' was, and is another table than that "
             "now: make it the same by hand",
             to_string(mapping_.table(base)), to_string(there)));
  target_.execute(sql("DROP TABLE IF EXISTS {}", there));
  std::vector<Sql> also = follow_shapes({"alter-table", {base}, {}, {}}, transaction);
  also.push_back(forget_tracked(job_.bookkeeping, job_.name, shadow));
  shapes_.forget(shadow);
  also.push_back(forget_tool(shadow));
  if (const TableName& old = names.tables.at(1); mapping_.follows(old))
    also.push_back(save_tool({old, base, ToolTableKind::old, false, false}));
  named_.clear();
  applier_.count_skipped("shadow-table", "rows of shadow tables: their ALTER was applied instead",
                         to_string(transaction.id));
  applier_.count_ddl();
  finish(transaction, std::move(also));
}

/// One of the statements, which is forgotten as it is done. The position stays.
void DdlApplier::alter_base(const Transaction& transaction, const TableName& shadow) {
  ToolTable table = *tool(shadow);
  Transaction step;
  step.id = transaction.id;
  step.offset = transaction.offset;
  step.timestamp = table.statements.front().timestamp;
  step.ddl = table.statements.front().ddl;
  const Ddl given = in_utf8(*step.ddl);
  Ddl text = given;
  DdlNames names = names_in(text);
  check_merged(step, names.tables);
  translate(step, text, names);
  std::vector<Sql> also =
      run_then_follow(step, table_work(step, text, names, text.statement != given.statement));
  table.statements.erase(table.statements.begin());
  also.push_back(save_tool(std::move(table)));
  target_.execute(sql("START TRANSACTION"));
  for (const Sql& statement : also) target_.execute(statement);
  target_.execute(sql("COMMIT"));
}

/// A shadow table has been created, perhaps in the place of an earlier one.
Sql DdlApplier::follow_created(const Transaction& transaction, const TableName& name,
                               const TableName& base) {
  ToolTable table{name, base};
  table.fresh = true;
  const std::string definition = definition_of(target_, mapping_.table(name));
  const bool is_empty = transaction.last;  // else its rows follow
  if (job_.sync.online_ddl == OnlineDdl::skip && is_empty &&
      definition == definition_of(target_, mapping_.table(base)))
    table.rows = false;
  if (!table.rows)
    applier_.count_skipped("shadow-rows",
                           fmt::format("rows of '{}', as long as it is not '{}' (sync.online_ddl is \"skip\")",
                                       to_string(name), to_string(base)),
                           to_string(transaction.id));
  return save_tool(std::move(table));
}

/// After a statement has been run.
std::vector<Sql> DdlApplier::follow_tools(const Transaction& transaction, const Ddl& text,
                                          const DdlNames& names) {
  std::vector<Sql> also;
  named_.clear();
  if (names.kind == "drop-database")
    for (const ToolTable& table : std::vector<ToolTable>(tools_))
      if (table.name.schema == names.database) also.push_back(forget_tool(table.name));
  if (!is_about_tables(names)) return also;
  const TableName& first = names.tables.front();
  const auto pairs = renames(text, names);
  if (names.kind == "create-table") {
    const ToolTable* known = tool(first);
    if (mapping_.follows(first) && (!known || replaces(text)))
      if (const auto base = known ? known->base : base_in(patterns_.shadow, first))
        also.push_back(follow_created(transaction, first, *base));
  } else if (names.kind == "drop-table") {
    for (const TableName& name : names.tables)
      if (tool(name)) also.push_back(forget_tool(name));
  } else if (pairs.empty()) {
    if (const ToolTable* known = tool(first)) {
      ToolTable table = *known;
      if (table.made && !table.rows && names.kind != "truncate-table")
        table.statements.push_back({*on_base(*transaction.ddl, text, names, table.name, table.base),
                                    transaction.timestamp});
      also.push_back(save_tool(std::move(table)));
    } else if (const ToolTable* shadow = passed_shadow(first)) {
      ToolTable table = *shadow;
      table.trouble = fmt::format("another statement has changed that table at {} meanwhile",
                                  to_string(transaction.id));
      also.push_back(save_tool(std::move(table)));
    }
  }
  for (const auto& [from, to] : pairs) {
    const ToolTable* known = tool(from);
    if (known == nullptr && mapping_.follows(to))
      also.push_back(save_tool({to, from, ToolTableKind::old}));
    if (known == nullptr) continue;
    ToolTable table = *known;
    also.push_back(forget_tool(from));
    table.name = to;
    if (to != table.base && base_in(patterns_.old, to) == table.base)
      also.push_back(save_tool(std::move(table)));
  }
  return also;
}

/// The statement is passed over by the user, who may have made its change by hand.
std::vector<Sql> DdlApplier::skip_tools(const Transaction&, const Ddl& text,
                                        const DdlNames& names) {
  std::vector<Sql> also;
  const std::map<TableName, TableName> named = std::exchange(named_, {});
  const auto note = [&](const TableName& name, const TableName& base, ToolTableKind kind) {
    const bool made = read_table(target_, mapping_.table(name)).has_value();
    ToolTable table{name, base, kind, made, made};
    if (!made) table.trouble = "the statement that created it was skipped";
    also.push_back(save_tool(std::move(table)));
  };
  const auto forget = [&](const TableName& name) {
    const ToolTable* table = tool(name);
    if (table == nullptr) return;
    if (table->made && !table->rows)
      target_.execute(sql("DROP TABLE IF EXISTS {}", mapping_.table(name)));
    also.push_back(forget_tool(name));
  };
  for (const auto& [name, follows] : named)
    if (const auto base = base_in(patterns_.shadow, name); base && names.kind == "create-table")
      note(name, *base, ToolTableKind::shadow);
  if (names.kind == "drop-table")
    for (const TableName& name : names.tables) forget(name);
  for (const auto& [from, to] : renames(text, names)) {
    if (named.contains(to) && !tool(from)) note(to, from, ToolTableKind::old);
    if (named.contains(from)) mapping_.leave(from);
    forget(from);
  }
  return also;
}

}  // namespace dts
