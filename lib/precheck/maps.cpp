#include <algorithm>
#include <array>
#include <map>

#include "filter/collator.hpp"
#include "precheck/check.hpp"
#include "schema/definition.hpp"
#include "schema/difference.hpp"
#include "schema/map_text.hpp"

namespace dts {

namespace {

std::string subject_of(const MapRule& rule) {
  return fmt::format("objects.map with source \"{}\"", rule.source);
}

/// Whether the name of a database or table can be one.
std::string name_trouble(const Context& context, const TableName& name) {
  constexpr std::size_t characters_max = 64;
  const auto length = [](const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  };
  if (name.schema.empty() || name.table.empty()) return "it would have no name there";
  if (length(name.schema) > characters_max || length(name.table) > characters_max)
    return fmt::format("'{}' is longer than a name can be", to_string(name));
  if (is_system_schema(name.schema) || name.schema == context.job.bookkeeping)
    return fmt::format("'{}' is no place for it on the target", name.schema);
  return {};
}

/// What leaving columns out does to the rest of a table that the job creates.
void check_text(Context& context, const MappedTable& table, Findings& findings) {
  if (!context.job.schema_phase || table.all_columns()) return;
  const Definition definition =
      define(*context.source, {"table", table.source.name}, context.job.schema);
  for (const std::string& what :
       mapped_create(definition.statements.back(), table, context.mapping()).refused)
    findings.push_back(failure(to_string(table.source.name), what, "change its exclude_columns"));
}

/// The condition as we read it, and as the server does.
void check_where(Context& context, const MappedTable& table, Findings& findings) {
  if (table.rule == nullptr || table.rule->where.empty()) return;
  try {
    parse_condition(table.rule->where, table.source);
    check_condition(*context.source, table.source, pushed_down(table.rule->where));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    findings.push_back(failure(
        to_string(table.source.name),
        fmt::format("its where \"{}\" can't be used: {}", table.rule->where, error.what()),
        error.hint().empty() ? "correct the condition" : error.hint()));
  }
}

bool serves_all_rows(const MapRule& rule) {
  return rule.where.empty() && rule.insert && rule.update && rule.remove;
}

/// A database that is selected as a whole: its map is for tables that are created later, too.
bool serves_later_tables(const Objects& objects, const MapRule& rule) {
  return rule.source.find_first_of("~.") == std::string::npos &&
         selects_schema(objects, rule.source);
}

using Merges = std::map<TableName, std::vector<const MappedTable*>>;

/// Tables of the source by what they are on the target, where there are several.
Merges merges(Context& context) {
  Merges groups;
  for (const MappedTable& table : context.mapped_tables())
    groups[table.target.name].push_back(&table);
  std::erase_if(groups, [](const auto& group) { return group.second.size() < 2; });
  return groups;
}

bool is_given(const MappedTable& table) {
  return table.rule != nullptr && !table.rule->target.empty();
}

/// The kinds of changes that are applied.
std::array<bool, 3> changes_of(const MappedTable& table) {
  if (table.rule == nullptr) return {true, true, true};
  return {table.rule->insert, table.rule->update, table.rule->remove};
}

std::string names_of(const std::vector<const MappedTable*>& tables) {
  std::vector<std::string> names;
  for (const MappedTable* table : tables) names.push_back(to_string(table->source.name));
  return listed(names);
}

/// The rows of the source that a table's map chooses.
Sql chosen_rows(const MappedTable& table) {
  if (table.rule == nullptr || table.rule->where.empty()) return sql("{}", table.source.name);
  return sql("(SELECT * FROM {} WHERE {})", table.source.name,
             Sql::verbatim(pushed_down(table.rule->where)));
}

/// A value of a unique key that both tables have; nothing if none was found in a few seconds.
std::optional<std::string> shared_key(Context& context, const MappedTable& a, const MappedTable& b) {
  for (const Key& key : a.selected.keys) {
    if (!key.unique || key.functional) continue;
    Sql on = sql("1"), shown = sql("''");
    for (const KeyPart& part : key.parts) {
      const Name column{a.selected.columns[part.column].name};
      on = sql("{} AND a.{} = b.{}", on, column, Name{b.selected.columns[part.column].name});
      shown = sql("{}, ' ', a.{}", shown, column);
    }
    try {
      const auto rows = context.source->query(
          sql("{} CONCAT({}) FROM {} a JOIN {} b ON {} LIMIT 1",
              Sql::verbatim(context.source->is_mariadb()
                                ? "SET STATEMENT max_statement_time = 5 FOR SELECT"
                                : "SELECT /*+ MAX_EXECUTION_TIME(5000) */"),
              shown, chosen_rows(a), chosen_rows(b), on));
      if (!rows.empty()) return fmt::format("{}{}", key.name, rows[0].at(0).value_or(""));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::connect) throw;
    }
  }
  return std::nullopt;
}

Findings check_merge(Context& context, const TableName& target,
                     const std::vector<const MappedTable*>& tables) {
  const MappedTable& first = *tables.front();
  const auto refuse = [&](const std::string& what, const std::string& remedy) {
    return Findings{failure(to_string(target), what, remedy)};
  };
  for (const MappedTable* table : tables) {
    if (is_copied_whole(table->target))
      return refuse(fmt::format("'{}' has no key, or versions: it can't be merged with others",
                                to_string(table->source.name)),
                    "add a primary key, or map it to a table of its own");
    if (changes_of(*table) != changes_of(first))
      return refuse(fmt::format("'{}' and '{}' can't be merged, dml of their maps differs",
                                to_string(first.source.name), to_string(table->source.name)),
                    "give them the same dml, or map them to different tables");
    if (!same_shape(first.target, table->target))
      return refuse(fmt::format("'{}' and '{}' can't be merged, they are not alike: {}",
                                to_string(first.source.name), to_string(table->source.name),
                                shape_difference(first.target, table->target)),
                    "map them to different tables, or make them alike");
  }
  for (std::size_t i = 0; i < tables.size(); ++i)
    for (std::size_t j = i + 1; j < tables.size(); ++j)
      if (const auto shared = shared_key(context, *tables[i], *tables[j]))
        return refuse(fmt::format("'{}' and '{}' have rows with the same key: {}",
                                  to_string(tables[i]->source.name),
                                  to_string(tables[j]->source.name), *shared),
                      "add a column to the key that tells them apart, or map them to different "
                      "tables");
  return {warning(to_string(target),
                  fmt::format("rows of {} come together in one table: if two of them ever have the "
                              "same value of a unique key, one replaces the other",
                              names_of(tables)),
                  "make sure that their keys differ, for instance by ranges")};
}

}  // namespace

Findings check_maps(Context& context) {
  Findings findings;
  if (context.job.schema_phase) prepare_reading(*context.source);
  std::map<const MapRule*, std::size_t> used;
  for (const MappedTable& table : context.mapped_tables()) {
    if (table.rule == nullptr) continue;
    ++used[table.rule];
    for (const std::string& what : mapping_troubles(table.source, context.mapping()))
      findings.push_back(failure(to_string(table.source.name), what,
                                 "correct " + subject_of(*table.rule)));
    if (auto trouble = name_trouble(context, table.target.name); !trouble.empty())
      findings.push_back(failure(to_string(table.source.name), trouble,
                                 "correct " + subject_of(*table.rule)));
    if (is_versioned(table.source) && !serves_all_rows(*table.rule))
      findings.push_back(failure(to_string(table.source.name),
                                 "versions of rows can't be chosen by where or dml",
                                 "correct " + subject_of(*table.rule)));
    check_where(context, table, findings);
    check_text(context, table, findings);
  }
  for (const ObjectId& id : context.objects())
    if (const MapRule* rule = id.kind == "view" ? context.mapping().rule(id.name) : nullptr)
      ++used[rule];
  for (const MapRule& rule : context.job.objects.map)
    if (!used.contains(&rule) && !serves_later_tables(context.job.objects, rule))
      findings.push_back(
          failure(subject_of(rule),
                  "it serves no selected table or view: none has this name, or an earlier map serves them",
                  "correct or remove it, or put it before the other one"));
  if (findings.empty())
    findings.push_back(pass(used.empty() ? "there are none"
                                         : fmt::format("{} maps serve their tables", used.size())));
  return findings;
}

Findings check_merges(Context& context) {
  Findings findings;
  for (const auto& [target, tables] : merges(context)) {
    const bool meant = std::all_of(tables.begin(), tables.end(),
                                   [](const MappedTable* table) { return is_given(*table); });
    if (!meant) continue;
    Findings found = check_merge(context, target, tables);
    findings.insert(findings.end(), std::make_move_iterator(found.begin()),
                    std::make_move_iterator(found.end()));
  }
  if (findings.empty()) findings.push_back(pass("each table has its own on the target"));
  return findings;
}

Findings check_names(Context& context) {
  Findings findings = constraint_clashes(context);
  for (const auto& [target, tables] : merges(context)) {
    const bool meant = std::all_of(tables.begin(), tables.end(),
                                   [](const MappedTable* table) { return is_given(*table); });
    if (!meant)
      findings.push_back(failure(
          "target", fmt::format("{} would all be called '{}'", names_of(tables), to_string(target)),
          "give each a name by objects.map, exclude some, or map all of them there to merge them"));
  }
  const auto there = context.number(Side::target, "lower_case_table_names");
  if (there == 1 && context.job.objects.name_case == NameCase::upper)
    findings.push_back(failure("target",
                               "objects.name_case is \"upper\", but the target writes all names of "
                               "databases and tables in lower case",
                               in_job_file("objects.name_case = \"default\"")));
  if (findings.empty())
    findings.push_back(pass(
        fmt::format("lower_case_table_names is {} on the source, {} on the target",
                    context.number(Side::source, "lower_case_table_names"), there)));
  return findings;
}

}  // namespace dts
