#include "apply/ddl_objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "apply/ddl_structure.hpp"
#include "db/server_objects.hpp"
#include "schema/ask_target.hpp"
#include "schema/carry_objects.hpp"
#include "schema/map_statement.hpp"

namespace dts {

namespace {

std::string keyword(std::string kind) {
  for (char& c : kind)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return kind;
}

Dialect dialect_of(const Ddl& ddl, const std::string& charset) {
  return {quote_rules(ddl.sql_mode), charset};
}

/// One statement on its way.
struct Carriage {
  const Ddl& ddl;
  const std::string& charset;
  const ObjectStatement& statement;
  const ObjectScene& scene;
  std::string text = ddl.statement;
  ObjectWork work = {};
  bool tries_view = false;

  Dialect dialect() const { return dialect_of(ddl, charset); }
  bool keeps_definer() const { return scene.job.schema.definer == Definer::keep; }
  bool maps() const { return !scene.mapping.is_identity() || scene.source_folds; }

  void refuse(std::string why) {
    if (work.trouble.empty()) work.trouble = std::move(why);
  }

  /// The statement as `text` has it by now; names in it may be in other bytes than UTF-8.
  ObjectStatement read_again() {
    auto now = read_object_statement(text, dialect(), ddl.schema);
    if (now) return *now;
    refuse("it is not understood");
    return statement;
  }

  /// What several databases of the source have made of one of the target is not known.
  void check_merged(const TableName& name) {
    for (const TableName& other : scene.shapes.names())
      if (other.schema != name.schema &&
          scene.mapping.schema(other.schema) == scene.mapping.schema(name.schema))
        refuse(fmt::format("database '{}' of the target holds objects of '{}', too",
                           scene.mapping.schema(name.schema), other.schema));
  }

  TableName target_of(const TableName& name) const {
    return statement.kind == "view" ? scene.mapping.table(name)
                                    : TableName{scene.mapping.schema(name.schema), name.table};
  }

  /// A trigger goes where its table goes; DROP TRIGGER does not say which that is.
  std::vector<TableName> triggers_of(const TableName& name) {
    std::set<TableName> tables;  // those that were copied later have the triggers of that time
    for (const TableName& table : scene.shapes.names())
      if (table.schema == name.schema && !scene.shapes.is_copied(table, scene.transaction))
        tables.insert(scene.mapping.table(table));
    std::vector<TableName> found;
    for (auto& row : scene.target.query(sql(
             "SELECT TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE FROM "
             "information_schema.TRIGGERS WHERE TRIGGER_NAME = {}",
             Text{name.table})))
      if (tables.contains({row.at(2).value_or(""), row.at(3).value_or("")}))
        found.push_back({row.at(0).value_or(""), row.at(1).value_or("")});
    if (found.size() > 1)
      refuse(fmt::format("the target has several triggers '{}' of tables of '{}'", name.table,
                         name.schema));
    return found;
  }

  void drop(const TableName& name) {
    work.objects.push_back({statement.kind, name});
    work.statements.push_back(
        sql("DROP {} IF EXISTS {}", Sql::verbatim(keyword(statement.kind)), name).text());
  }

  void drop_all() {
    work.repeatable = true;
    for (const NamedPart& part : statement.names) {
      check_merged(part.name);
      if (statement.kind == "trigger")
        for (const TableName& name : triggers_of(part.name)) drop(name);
      else
        drop(target_of(part.name));
    }
  }

  void set_definer() {
    if (keeps_definer()) {
      if (statement.verb == "alter" && statement.kind == "event" && !statement.has_definer)
        refuse("it gives the event another definer, and does not say which");
      return;
    }
    const bool routine =
        statement.kind != "view" && statement.kind != "trigger" && statement.kind != "event";
    if (routine && statement.verb == "alter") {
      text = altered_with_invoker(text, dialect());
      return;
    }
    text = without_definer(text, dialect());
    if (statement.kind == "view" || routine) text = with_invoker(text, dialect());
  }

  /// A view, routine, trigger or event as init-schema knows them.
  Definition definition() const {
    const std::string modes = ddl.sql_mode < 0 ? ""
                                               : sql_modes(static_cast<std::uint64_t>(ddl.sql_mode),
                                                           ddl.from_mariadb, ddl.from_mariadb)
                                                     .known;
    Definition made{{statement.kind, statement.names.front().name}, {}, {}, {}, {}};
    made.source = made.id.name;
    made.sql_mode = modes;
    made.charset = charset;
    made.collation = ddl.connection_collation < 0
                         ? "utf8mb4_general_ci"
                         : collation_of(scene.source(), ddl.connection_collation).name;
    made.statements = {"", "DO 0", text, "SET SESSION sql_mode = ''"};
    return made;
  }

  void translate(const ObjectNames& names) {
    Connection& source = scene.source();
    if (write_alike(source, scene.target)) return;
    Definition made = definition();
    if (source.is_mariadb() != scene.target.is_mariadb()) {
      SourceFacts from = facts_of(ddl, source);
      if (scene.target.is_mariadb())
        for (const TableName& name : scene.shapes.names())
          for (const Column& column : scene.shapes.kept(name)->columns)
            if (column.type == ColumnType::json) from.json_columns.insert(lowered(column.name));
      ObjectTranslation done = translate_object(made, from, target_facts(scene.target));
      if (!done.refused.empty()) return refuse("it " + done.refused.front());
      work.doubts = std::move(done.doubts);
      work.sql_mode = made.sql_mode;
      tries_view = !keeps_definer();  // else it may lack rights here as there
      if (statement.kind == "view")
        if (std::string why = renamed_result(text, create_text(made), dialect()); !why.empty())
          refuse("it " + why);
      text = create_text(made);
    } else {
      made.statements[1] = sql("SET SESSION sql_mode = {}", Text{made.sql_mode}).text();
    }
    Questions questions{source, scene.target};
    if (std::string why = refusal_of(questions, made, names); !why.empty()) refuse("it " + why);
  }

  /// What the job has on the target, by the names of the source.
  ObjectNames names() {
    std::map<TableName, MappedTable> tables;
    for (const TableName& name : scene.shapes.names())
      tables.emplace(name, map_table(*scene.shapes.kept(name), scene.mapping));
    std::set<std::string> schemas{statement.names.front().name.schema};
    for (const auto& [name, table] : tables) schemas.insert(name.schema);
    std::vector<ObjectId> others{{statement.kind, statement.names.front().name}};
    for (const std::string& schema : schemas)
      for (auto& row : scene.target.query(sql(
               "SELECT ROUTINE_NAME, LOWER(ROUTINE_TYPE) FROM information_schema.ROUTINES WHERE "
               "ROUTINE_SCHEMA = {}",
               Text{scene.mapping.schema(schema)})))
        others.push_back({row.at(1).value_or(""), {schema, row.at(0).value_or("")}});
    ObjectNames made =
        object_names(scene.job.objects, scene.mapping, tables, others, scene.source_folds);
    add_views(made);
    return made;
  }

  /// Which of the names in the text are views of the job.
  void add_views(ObjectNames& names) {
    for (const TableName& name : names_in_body(read_again(), ddl.schema, text, dialect())) {
      const auto schema = names.schemas.find(names.folded(name.schema));
      const TableName key{names.folded(name.schema), names.folded(name.table)};
      if (schema == names.schemas.end() || names.relations.contains(key)) continue;
      const TableName source{schema->second, scene.source_folds ? key.table : name.table};
      const TableName there = scene.mapping.table(source);
      if (scene.target.value(sql("SELECT 1 FROM information_schema.VIEWS WHERE TABLE_SCHEMA = {} "
                                 "AND TABLE_NAME = {}",
                                 Text{there.schema}, Text{there.table})))
        names.relations.emplace(key, ObjectNames::Relation{source, there, {}, true});
    }
  }

  TableName map_names(const ObjectNames& names) {
    MappedObject mapped = mapped_statement(read_again(), ddl.schema, text, dialect(), names);
    if (!mapped.unsafe.empty()) refuse("it " + mapped.unsafe.front());
    text = std::move(mapped.text);
    return mapped.name;
  }

  void make() {
    const bool alter = statement.verb == "alter";
    const TableName own = statement.names.front().name;
    if (alter && statement.kind == "view") text = as_create(text, dialect());
    set_definer();
    if (statement.kind == "trigger") text = guarded_trigger(text, dialect(), true);
    if (statement.kind == "event") {
      const auto disabled = with_own_state(text, dialect(), read_again());
      if (!disabled) return;
      text = *disabled;
    }
    TableName target = own;
    if (maps() || needs_words()) {
      const ObjectNames known = names();
      if (needs_words()) translate(known);
      if (maps() && work.trouble.empty()) target = map_names(known);
    }
    work.objects.push_back({statement.kind, target});
    if (statement.renamed)
      work.objects.push_back({statement.kind, target_of(statement.renamed->name)});
    replace_older(target);
    work.statements.push_back(text);
    if (statement.kind == "view" && tries_view) try_view(target);
  }

  /// What a view of another kind of server means is found out only when it is read.
  void try_view(const TableName& view) {
    work.statements.push_back(
        sql("DO (SELECT COUNT(*) FROM (SELECT * FROM {} LIMIT 0) AS dtsctl_try)", view).text());
    work.undo = sql("DROP VIEW IF EXISTS {}", view).text();
  }

  bool needs_words() const {
    return statement.verb == "create" || statement.kind == "view" || statement.kind == "event";
  }

  /// While the job catches up, what was copied once more may have brought a later state.
  void replace_older(const TableName& target) {
    const bool alter = statement.verb == "alter" && statement.kind != "view";
    if (alter || statement.or_replace) check_merged(statement.names.front().name);
    work.repeatable =
        statement.or_replace || (statement.kind == "view" && statement.verb == "alter");
    if (!scene.catching_up || work.repeatable || alter || statement.if_not_exists) return;
    if (structure_of(scene.target, ObjectId{statement.kind, target}) == "absent") return;
    drop(target);
    work.objects.pop_back();
    work.repeatable = true;
  }
};

}  // namespace

SourceFacts facts_of(const Ddl& ddl, Connection& source) {
  SourceFacts facts = source_facts(source);
  if (ddl.utf8mb4_collation >= 0)
    facts.default_collations["utf8mb4"] = collation_of(source, ddl.utf8mb4_collation).name;
  return facts;
}

ObjectWork object_work(const Ddl& ddl, const std::string& charset, const ObjectStatement& statement,
                       const ObjectScene& scene) {
  Carriage carriage{ddl, charset, statement, scene};
  if (statement.verb == "drop")
    carriage.drop_all();
  else
    carriage.make();
  return std::move(carriage.work);
}

}  // namespace dts
