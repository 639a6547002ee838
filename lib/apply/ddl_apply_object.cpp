#include <fmt/format.h>

#include <algorithm>

#include "apply/ddl.hpp"
#include "apply/ddl_objects.hpp"
#include "apply/ddl_structure.hpp"
#include "db/server_objects.hpp"

// Statements about views, routines, triggers and events: what is selected of them, and what the job
// says of it.

namespace dts {

namespace {

void lower_names(ObjectStatement& statement) {
  const auto lower = [](TableName& name, bool both) {
    name.schema = lowered(name.schema);
    if (both) name.table = lowered(name.table);
  };
  const bool folds = statement.kind == "view" || statement.kind == "trigger";
  for (NamedPart& part : statement.names) lower(part.name, folds);
  if (statement.table) lower(statement.table->name, true);
  if (statement.renamed) lower(statement.renamed->name, false);
}

/// "create-view", "drop-routine"
std::string class_of(const ObjectStatement& statement) {
  const bool own =
      statement.kind == "view" || statement.kind == "trigger" || statement.kind == "event";
  return statement.verb + "-" + (own ? statement.kind : "routine");
}

}  // namespace

Connection& DdlApplier::source() {
  if (!source_session_) source_session_ = std::make_unique<Connection>(job_.source, Side::source);
  return *source_session_;
}

/// Whether the job has to do with it; takes out the names that it has nothing to do with. As with
/// init-schema, such objects come with whole databases only.
bool DdlApplier::select_objects(const Transaction& transaction, ObjectStatement& statement) {
  const auto pass_over = [&](const std::string& why) {
    applier_.count_skipped(statement.kind, why, to_string(transaction.id));
    finish(transaction, {});
    return false;
  };
  if (statement.loadable) return pass_over("functions of libraries belong to the server");
  const auto wanted = [&](const TableName& name) {
    return name.schema != job_.bookkeeping && selects_schema(job_.objects, name.schema) &&
           (statement.kind == "trigger" || selects(job_.objects, name));
  };
  const bool touched = std::any_of(statement.names.begin(), statement.names.end(), [&](auto& part) {
    return touches_schema(job_.objects, part.name.schema);
  });
  std::erase_if(statement.names, [&](const NamedPart& part) { return !wanted(part.name); });
  const bool other_table = statement.table && !selects(job_.objects, statement.table->name);
  if (statement.names.empty() || other_table) {
    if (touched)
      return pass_over("only a whole database brings its views, routines, triggers and events");
    finish(transaction, {});
    return false;
  }
  if (statement.renamed && !wanted(statement.renamed->name))
    stop(transaction, "the event leaves the selected databases");
  if (statement.kind == "event" && !job_.schema.events) return pass_over("schema.events is false");
  if (statement.kind == "trigger" && job_.schema.triggers == Triggers::skip)
    return pass_over("schema.triggers is \"skip\"");
  if (statement.table && is_copied(transaction, {statement.table->name})) {
    finish(transaction, {});
    return false;
  }
  return true;
}

void DdlApplier::apply_object(const Transaction& transaction, const Ddl& text,
                              const DdlNames& found) {
  const Ddl& ddl = *transaction.ddl;
  auto statement =
      read_object_statement(text.statement, {quote_rules(ddl.sql_mode), "utf8mb4"}, text.schema);
  if (!statement) {
    const auto elsewhere = [&](const auto& name) {
      return !touches_schema(job_.objects, name.schema);
    };
    if (std::all_of(found.tables.begin(), found.tables.end(), elsewhere))
      return finish(transaction, {});
    if (job_.sync.ddl == DdlPolicy::skip) return pass_by(transaction, text, found);
    stop(transaction, "it is not understood");
  }
  if (source_.lowers_names) lower_names(*statement);
  if (!select_objects(transaction, *statement)) return;
  std::vector<TableName> names;
  for (const NamedPart& part : statement->names) names.push_back(part.name);
  if (statement->table) names = {statement->table->name};
  if (by_policy(transaction, class_of(*statement), names) == Decision::skip)
    return pass_by(transaction, text, found);
  const std::string charset =
      ddl.client_charset < 0 ? "utf8mb4" : collation_of(target_, ddl.client_charset).charset;
  // What the target has of it may be later, as while the job catches up.
  const bool joins_later = shapes_.joins_later(
      statement->table ? statement->table->name : statement->names.front().name, transaction.id);
  ObjectWork made =
      object_work(ddl, charset.empty() ? "utf8mb4" : charset, *statement,
                  {target_, job_, shapes_, mapping_, transaction.id, source_.lowers_names,
                   applier_.catching_up() || joins_later, [this]() -> Connection& { return source(); }});
  if (!made.trouble.empty() && joins_later) return pass_by(transaction, text, found);
  if (!made.trouble.empty()) stop(transaction, made.trouble);
  for (const std::string& doubt : made.doubts)
    applier_.count_skipped("doubt",
                           fmt::format("the {} '{}' of the target {}", statement->kind,
                                       to_string(names.front()), doubt),
                           to_string(transaction.id));
  if (made.statements.empty()) return finish(transaction, {});
  Work work;
  work.context = ddl;
  work.context.schema = text.schema;
  work.statements = std::move(made.statements);
  work.sql_mode = std::move(made.sql_mode);
  work.undo = std::move(made.undo);
  work.repeatable = made.repeatable;
  work.timed = statement->kind == "event";
  work.joins_later = joins_later;
  work.structure = [&] {
    std::string all;
    for (const ObjectId& object : made.objects)
      all += to_string(object) + ": " + dts::structure_of(target_, object);
    return all;
  };
  work.check = [] {};
  work.follow = [] { return std::vector<Sql>{}; };
  run(transaction, work);
}

}  // namespace dts
