#include "schema/map_statement.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "db/sql.hpp"
#include "schema/rewrite.hpp"

namespace dts {

namespace {

/// Names in a view are looked up where the session is that makes it, others where the object is.
const std::string& home_of_names(const ObjectStatement& statement, const std::string& schema) {
  return statement.kind == "view" ? schema : statement.names.front().name.schema;
}

void replace_name(Rewrite& rewrite, const NamedPart& part, const TableName& target) {
  const bool qualified = part.first != part.last;
  const TableName as_read{
      qualified ? part.name.schema : rewrite.names.mapping.schema(part.name.schema),
      name_of(rewrite.pieces[part.last])};
  if (target == as_read) return;
  std::string text;
  append_name(text, target);
  rewrite.replace(part.first, part.last, text);
}

/// SELECT * would give the columns the names that they have on the target.
void check_star(Rewrite& rewrite, std::size_t from) {
  if (!selects_all_columns(rewrite.pieces, from)) return;
  for (const TableName& key : rewrite.result.relations) {
    const auto& relation = rewrite.names.relations.at(key);
    if (!relation.columns.empty())
      rewrite.refuse(
          fmt::format("takes all columns, and those of '{}' are not the same on the target",
                      to_string(relation.source)));
  }
}

}  // namespace

MappedObject mapped_statement(const ObjectStatement& statement, const std::string& schema,
                              std::string_view text, const Dialect& dialect,
                              const ObjectNames& names) {
  const NamedPart& own = statement.names.front();
  const ObjectId id{statement.kind, {home_of_names(statement, schema), own.name.table}};
  Rewrite rewrite{names, id, text, dialect, pieces_of(text, dialect)};
  rewrite.home = names.mapping.schema(id.name.schema);
  if (statement.table) {
    const TableName& table = statement.table->name;
    rewrite.trigger_table = rewrite.relation(table.schema, table.table);
    const TableName target =
        rewrite.target_of(table.schema, table.table).value_or(names.mapping.table(table));
    rewrite.home = target.schema;
    replace_name(rewrite, *statement.table, target);
  }
  TableName target{statement.table ? rewrite.home : names.mapping.schema(own.name.schema),
                   own.name.table};
  if (statement.kind == "view")
    target =
        rewrite.target_of(own.name.schema, own.name.table).value_or(names.mapping.table(own.name));
  replace_name(rewrite, own, target);
  if (statement.renamed)
    replace_name(
        rewrite, *statement.renamed,
        {names.mapping.schema(statement.renamed->name.schema), statement.renamed->name.table});
  rewrite.result.relations.clear();  // its own table goes in any case
  check_charset(rewrite, statement.body);
  map_body(rewrite, statement.body);
  if (statement.kind == "view") check_star(rewrite, statement.body);
  rewrite.result.name = target;
  rewrite.result.text = edited(text, std::move(rewrite.edits));
  if (statement.kind == "view")
    if (std::string why = renamed_result(text, rewrite.result.text, dialect); !why.empty())
      rewrite.refuse(std::move(why));
  return std::move(rewrite.result);
}

std::vector<TableName> names_in_body(const ObjectStatement& statement, const std::string& schema,
                                     std::string_view text, const Dialect& dialect) {
  std::vector<TableName> found;
  for (const Mention& mention : find_mentions(pieces_of(text, dialect), statement.body)) {
    found.push_back({home_of_names(statement, schema), mention.parts.front()});
    if (mention.parts.size() > 1) found.push_back({mention.parts[0], mention.parts[1]});
  }
  return found;
}

}  // namespace dts
