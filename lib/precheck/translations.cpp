#include <algorithm>
#include <map>

#include "precheck/check.hpp"
#include "schema/definition.hpp"

namespace dts {

namespace {

/// What becomes of the tables that the job creates.
struct Outcome {
  std::vector<std::string> changed, clashes;
  Findings refused;
  std::map<TableName, TableName>
      checks;  ///< database and name of a CHECK, and its table; on the target
};

/// MySQL has each name once in a database, in any case; MariaDB once in a table.
void take_checks(const Table& table, const TableName& target, const std::vector<std::string>& names,
                 Outcome& outcome) {
  for (std::string name : names) {
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const auto [other, is_new] = outcome.checks.try_emplace({target.schema, name}, target);
    if (is_new || other->second == target) continue;
    outcome.refused.push_back(failure(
        to_string(table.name),
        fmt::format("its check '{}' is called like one of '{}' on the target, which has such a "
                    "name only once in a database",
                    name, to_string(other->second)),
        "drop it and add it again with another name, or exclude the table from the job"));
  }
}

void translate(Context& context, const Table& table, const Definition& definition,
               const TargetFacts& target, Outcome& outcome) {
  const TableTranslation result =
      translate_table(definition.statements.back(), table, kind_of(*context.source), target);
  if (!target.kind.mariadb)
    take_checks(table, context.mapping().table(table.name), result.checks, outcome);
  const std::string name = to_string(table.name);
  if (!result.changes.empty()) outcome.changed.push_back(name);
  for (const std::string& clash : result.clashes) outcome.clashes.push_back(name + "." + clash);
  for (const std::string& what : result.refused)
    outcome.refused.push_back(failure(name, "the target has nothing for " + what,
                                      exclude(table.name) + "\nor change it"));
}

std::string joined(const std::vector<std::string>& reasons) {
  std::string text;
  for (const std::string& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

/// Views, routines, triggers and events: what is left out, and what may mean something else.
void check_others(Context& context, Findings& findings) {
  const CarryReport& report = context.carry_report();
  for (Finding& finding : context.tell_unreadable()) findings.push_back(std::move(finding));
  // With maps, another check tells them.
  if (context.mapping().is_identity())
    for (const UnmappedObject& object : report.left_out)
      findings.push_back(
          warning(name_of(object.id),
                  fmt::format("the {} is left out: it {}", object.id.kind, joined(object.reasons)),
                  "create it on the target by hand"));
  for (const auto& [id, doubts] : report.doubts)
    findings.push_back(warning(
        name_of(id), fmt::format("the {} may give other results: it {}", id.kind, joined(doubts)),
        "look at it, and at what it gives on the target"));
}

}  // namespace

Findings check_translations(Context& context) {
  const bool alike = write_alike(*context.source, *context.target);
  if (!are_translated(kind_of(*context.source), kind_of(*context.target))) {
    Findings findings;
    if (!alike) check_others(context, findings);
    if (findings.empty())
      findings.push_back(pass("the servers are of one kind: all is carried as it is"));
    return findings;
  }
  const TargetFacts target = target_facts(*context.target);
  std::map<TableName, const Definition*> definitions;
  for (const Definition& definition : context.definitions())
    if (definition.id.kind == "table") definitions.emplace(definition.id.name, &definition);
  Outcome outcome;
  for (const Table& table : context.tables())
    if (const auto found = definitions.find(table.name); found != definitions.end())
      translate(context, table, *found->second, target, outcome);
  Findings findings = std::move(outcome.refused);
  if (!outcome.clashes.empty())
    findings.push_back(
        warning("target",
                fmt::format("collations of unique keys have other rules on the target: values that "
                            "differ here may be equal there, and a row would be refused, or lost "
                            "to another one while the copy catches up: {}",
                            listed(outcome.clashes)),
                "look whether such values are there, or change the columns to a collation that "
                "both servers have"));
  check_others(context, findings);
  if (findings.empty())
    findings.push_back(pass(
        outcome.changed.empty()
            ? std::string("all tables can be carried without a change")
            : fmt::format("tables can be carried with small changes, which init-schema tells: {}",
                          listed(outcome.changed))));
  return findings;
}

}  // namespace dts
