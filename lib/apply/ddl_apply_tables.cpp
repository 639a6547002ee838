#include <fmt/format.h>

#include <algorithm>

#include "apply/cascades.hpp"
#include "apply/ddl.hpp"
#include "apply/ddl_columns.hpp"
#include "apply/ddl_evaluates.hpp"
#include "apply/ddl_objects.hpp"
#include "apply/ddl_rewrite.hpp"
#include "apply/ddl_structure.hpp"
#include "db/bookkeeping.hpp"
#include "db/tokens.hpp"
#include "schema/translate.hpp"
#include "schema/translate_text.hpp"

// Statements about tables, indexes and databases: what of them is for the target, and how one of
// several tables goes on after a crash.

namespace dts {

namespace {

/// Where the second half of the lines begins.
std::size_t half_of_lines(const std::string& text) {
  auto lines = std::count(text.begin(), text.end(), '\n') / 2;
  std::size_t at = 0;
  for (; lines > 0; --lines) at = text.find('\n', at) + 1;
  return at;
}

/// The token behind the first name.
std::size_t behind_name(const std::vector<Token>& tokens, const DdlNames& names, const Ddl& text) {
  std::size_t i = 0;
  while (i < tokens.size() && !names.places.empty() &&
         tokens[i].text.data() < text.statement.data() + names.places.front().end)
    ++i;
  return i;
}

}  // namespace

/// Takes out the tables of DROP and RENAME that are not for the target; returns those that get a
/// name which is not selected.
std::vector<TableName> DdlApplier::narrow(const Transaction& transaction, Ddl& text,
                                          DdlNames& names) const {
  if (moves_waiting(text, names)) {
    const auto [from, to] = renames(text, names).front();
    text.statement = sql("RENAME TABLE {} TO {}", from, to).text();
    names = names_in(text);
  }
  if (names.kind != "drop-table" && names.kind != "rename-table") return {};
  const bool drops = names.kind == "drop-table";
  const auto wanted = [&](const TableName& name) {
    return is_wanted(name) && !(drops && is_in_copy(name, transaction, true));
  };
  if (std::all_of(names.tables.begin(), names.tables.end(), wanted)) return {};
  std::vector<TableName> leaving;
  if (drops) {
    text.statement = cut_drop(text, names, wanted);
  } else {
    RenamePlan plan = plan_rename(text, names, wanted);
    if (!plan.trouble.empty()) stop(transaction, plan.trouble);
    text.statement = std::move(plan.statement);
    leaving = std::move(plan.leaving);
  }
  names = text.statement.empty() ? DdlNames{names.kind, {}, {}, {}} : names_in(text);
  return leaving;
}

Tenants DdlApplier::tenants_of(const DdlNames& names) {
  Tenants tenants;
  for (const TableName& name : names.tables)
    tenants[name] = identity_of(target_, mapping_.table(name));
  return tenants;
}

std::string DdlApplier::structure_of_rename(const DdlNames& names) {
  Tenants times;
  for (const TableName& name : names.tables)
    times[name] = renaming_time_of(target_, mapping_.table(name));
  return written(tenants_of(names)) + written(times);
}

/// What is left of a statement about several tables.
std::optional<std::vector<std::string>> DdlApplier::rest_of(const Transaction& transaction,
                                                            const Ddl& text, const DdlNames& names,
                                                            const std::string& before) {
  const Tenants now = tenants_of(names);
  if (names.kind == "drop-table") {
    Ddl rest = text;
    rest.statement =
        cut_drop(text, names, [&](const TableName& name) { return !now.at(name).empty(); });
    if (rest.statement.empty()) return std::vector<std::string>{};
    return std::vector<std::string>{mapped(transaction, rest, names_in(rest), true).statement};
  }
  std::vector<Renaming> all;
  for (std::size_t i = 0; i + 1 < names.tables.size(); i += 2)
    all.emplace_back(names.tables[i], names.tables[i + 1]);
  // Identities, then times.
  const std::string present = structure_of_rename(names), tenants = written(now);
  const std::size_t half = half_of_lines(before);
  const auto known = read_tenants(before.substr(0, half), now);
  if (!known) return std::nullopt;
  std::optional<bool> touched;
  if (target_.is_mariadb()) touched = before.substr(half) != present.substr(tenants.size());
  const auto rest = rest_of_rename(all, *known, now, touched);
  if (!rest) return std::nullopt;
  std::vector<std::string> statements;
  for (const auto& [from, to] : *rest)
    statements.push_back(
        sql("RENAME TABLE {} TO {}", mapping_.table(from), mapping_.table(to)).text());
  return statements;
}

/// In the words of a target of the other kind, as far as they are known; what it does not
/// understand it refuses itself. What it would understand otherwise stops the job.
void DdlApplier::translate(const Transaction& transaction, Ddl& text, DdlNames& names) {
  const bool defines = names.kind.starts_with("create-") || names.kind.starts_with("alter-");
  if (text.from_mariadb == target_.is_mariadb() || !defines) return;
  const auto tokens = tokenize(text.statement, quote_rules(text.sql_mode));
  if (text.from_mariadb)  // where it is text with a check
    for (std::size_t i : declared_columns(tokens, names.kind, behind_name(tokens, names, text)))
      if (i + 1 < tokens.size() && is_word(tokens[i + 1], "JSON"))
        stop(transaction, fmt::format("column {} is JSON, which is another type on MySQL: make it "
                                      "LONGTEXT there",
                                      name_of(tokens[i])));
  TextTranslation made = translate_text(text.statement, {quote_rules(text.sql_mode), "utf8mb4"},
                                        facts_of(text, source()), target_facts(target_));
  if (!made.refused.empty()) stop(transaction, "it " + made.refused.front());
  for (const std::string& doubt : made.doubts)
    applier_.count_skipped("doubt", fmt::format("{}: {}", doubt, shortened(text.statement)),
                           to_string(transaction.id));
  if (made.text == text.statement) return;
  text.statement = std::move(made.text);
  names = names_in(text);
}

/// By its map a table may be the first one of a database on the target. Between servers of one kind it
/// gets the defaults of the source's database, which tables without their own go by.
void DdlApplier::make_databases(const DdlNames& names) {
  const bool makes = names.kind == "create-table" || names.kind == "rename-table";
  if (!makes || mapping_.is_identity() || source().is_mariadb() != target_.is_mariadb()) return;
  for (const TableName& name : names.tables) {
    const std::string there = mapping_.table(name).schema;
    if (!is_wanted(name) ||
        target_.value(sql("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {}", Text{there})))
      continue;
    const auto found = source().query(
        sql("SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA "
            "WHERE SCHEMA_NAME = {}",
            Text{name.schema}));
    if (!found.empty())
      target_.execute(sql("CREATE DATABASE IF NOT EXISTS {} CHARACTER SET {} COLLATE {}", Name{there},
                          Name{found[0].at(0).value_or("")}, Name{found[0].at(1).value_or("")}));
  }
}

/// By its map a table may be in a database with other defaults than its own has: then the collation that
/// it gets on the source; empty where the target gives it the same. ALTER DATABASE is followed, so the
/// database's own counterpart tells, if there is one.
std::string DdlApplier::default_collation(const TableName& name) {
  const std::string there = mapping_.table(name).schema, own = mapping_.schema(name.schema);
  const bool known = selects_schema(job_.objects, name.schema);
  bool merged = false;
  for (const TableName& other : shapes_.names())
    merged = merged || (other.schema != name.schema && mapping_.schema(other.schema) == own);
  if (there == own && !merged) return {};
  std::string wanted = known && !merged ? structure_of_database(target_, own) : "absent";
  if (wanted == "absent" && source().is_mariadb() == target_.is_mariadb())
    wanted = structure_of_database(source(), name.schema);
  return wanted == "absent" || wanted == structure_of_database(target_, there) ? "" : wanted;
}

/// `text` and `names` must live as long as what is returned.
DdlApplier::Work DdlApplier::table_work(const Transaction& transaction, const Ddl& text,
                                        const DdlNames& names, bool is_cut) {
  Work work;
  work.context = mapped(transaction, text, names, is_cut);
  if (names.kind == "create-table" && !mapping_.is_identity())
    if (const std::string collation = default_collation(names.tables.front()); !collation.empty())
      work.context.statement = with_table_collation(work.context, collation);
  work.statements = {runnable_statement(work.context)};
  work.structure = [&] { return structure_of(names); };
  work.check = [&] {
    make_databases(names);
    check_place(transaction, names);
  };
  work.follow = [&] { return follow_shapes(names, transaction); };
  if (names.kind == "create-table")
    work.undone = [&](const std::string& now) {
      const TableName there = mapping_.table(names.tables.front());
      if (now != to_string(there) + ": " + half_made) return !read_table(target_, there);
      target_.execute(sql("DROP TABLE IF EXISTS {}", there));
      return true;
    };
  if (names.kind == "drop-table" || names.kind == "rename-table")
    work.rest = [&](const std::string& before) {
      return rest_of(transaction, text, names, before);
    };
  return work;
}

void DdlApplier::apply_tables(const Transaction& transaction, const Ddl& given,
                              const DdlNames& found) {
  Ddl text = given;
  DdlNames names = found;
  const std::vector<TableName> leaving = narrow(transaction, text, names);
  std::vector<Sql> forgotten;
  for (const TableName& name : leaving) {
    applier_.count_skipped("ddl",
                           fmt::format("'{}' is not selected any more and stays as it is: {}",
                                       to_string(name), shortened(given.statement)),
                           to_string(transaction.id));
    forgotten.push_back(forget_tracked(job_.bookkeeping, job_.name, name));
    if (!shapes_.reason(name).empty())
      forgotten.push_back(forget_late(job_.bookkeeping, job_.name, name));
    shapes_.forget(name);
  }
  if (text.statement.empty()) {
    if (!leaving.empty()) applier_.count_ddl();  // cascades are looked at again
    return finish(transaction, std::move(forgotten));
  }
  translate(transaction, text, names);
  if (!source_.logs_cascades)
    if (const auto trouble = cascade_trouble(text, names, job_.objects); !trouble.empty())
      stop(transaction, trouble);
  const std::string copy_again =
      moves_waiting(given, found) ? std::string() : evaluated(transaction, given, found);
  Work work = table_work(transaction, text, names, text.statement != given.statement);
  work.follow = [&] {
    std::vector<Sql> also = follow_shapes(names, transaction);
    if (!copy_again.empty())
      for (Sql& waits : wait_for_copy(job_, names, copy_again, shapes_)) also.push_back(std::move(waits));
    for (Sql& statement : follow_tools(transaction, given, found)) also.push_back(std::move(statement));
    also.insert(also.end(), forgotten.begin(), forgotten.end());
    return also;
  };
  run(transaction, std::move(work));
}

}  // namespace dts
