#include "schema/list_objects.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

#include "db/share_work.hpp"
#include "schema/read.hpp"

namespace dts {

namespace {

/// The objects of one kind in all databases, in one order.
struct Lists {
  std::vector<ObjectId> databases, tables, routines, views, triggers;
};

bool is_view(const TextRow& row) {
  return row.at(1) == "VIEW";
}

/// What is listed of a database.
struct Choice {
  std::string schema;
  bool whole = true;  ///< views, routines and triggers, too
  std::function<bool(const TableName&)> wanted = [](const TableName&) { return true; };
};

void list_relations(Connection& connection, const Choice& choice, Lists& lists) {
  for (auto& row : connection.query(
           sql("SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = "
               "{} AND TABLE_TYPE <> 'TEMPORARY' ORDER BY TABLE_NAME",
               Text{choice.schema}))) {
    TableName name{choice.schema, row.at(0).value_or("")};
    if (!choice.wanted(name)) continue;
    if (!is_view(row))
      lists.tables.push_back({"table", std::move(name)});
    else if (choice.whole)
      lists.views.push_back({"view", std::move(name)});
  }
}

void list_routines(Connection& connection, const Choice& choice, Lists& lists) {
  for (auto& row : connection.query(
           sql("SELECT ROUTINE_NAME, LOWER(ROUTINE_TYPE) FROM information_schema.ROUTINES WHERE "
               "ROUTINE_SCHEMA = {} ORDER BY ROUTINE_TYPE, ROUTINE_NAME",
               Text{choice.schema}))) {
    TableName name{choice.schema, row.at(0).value_or("")};
    if (choice.wanted(name)) lists.routines.push_back({row.at(1).value_or(""), std::move(name)});
  }
}

/// Those of pt-online-schema-change come and go with the tool, and their effects are in the binlog.
void list_triggers(Connection& connection, const Choice& choice, Lists& lists) {
  for (auto& row : connection.query(
           sql("SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE "
               "EVENT_OBJECT_SCHEMA = {} AND TRIGGER_NAME NOT LIKE {} ORDER BY EVENT_OBJECT_TABLE, "
               "EVENT_MANIPULATION, ACTION_TIMING, ACTION_ORDER",
               Text{choice.schema}, Text{"pt\\_osc\\_%"})))
    if (choice.wanted({choice.schema, row.at(1).value_or("")}))
      lists.triggers.push_back({"trigger", {choice.schema, row.at(0).value_or("")}});
}

Choice choose(const Objects& objects, const std::string& schema) {
  return {schema, selects_schema(objects, schema),
          [&objects](const TableName& name) { return selects(objects, name); }};
}

void add(Lists& lists, Lists&& more) {
  for (auto kind : {&Lists::databases, &Lists::tables, &Lists::routines, &Lists::views, &Lists::triggers})
    std::move((more.*kind).begin(), (more.*kind).end(), std::back_inserter(lists.*kind));
}

std::vector<ObjectId> list_objects(Connection& connection, const std::vector<Choice>& choices) {
  std::vector<Lists> found(choices.size());
  share_work(connection, choices.size(), [](Connection&) {}, [&](Connection& session, std::size_t i) {
    const Choice& choice = choices[i];
    Lists& lists = found[i];
    list_relations(session, choice, lists);
    if (choice.whole || !lists.tables.empty()) lists.databases.push_back({"database", {choice.schema, {}}});
    if (!choice.whole) return;
    list_routines(session, choice, lists);
    list_triggers(session, choice, lists);
  });
  Lists lists;
  for (Lists& more : found) add(lists, std::move(more));
  std::vector<ObjectId> all = std::move(lists.databases);
  for (auto* more : {&lists.tables, &lists.routines, &lists.views, &lists.triggers})
    all.insert(all.end(), std::move_iterator(more->begin()), std::move_iterator(more->end()));
  return all;
}

}  // namespace

std::vector<ObjectId> list_objects(Connection& connection, const Objects& objects) {
  std::vector<Choice> choices;
  for (const std::string& schema : selected_schemas(connection, objects))
    choices.push_back(choose(objects, schema));
  return list_objects(connection, choices);
}

std::vector<TableName> list_tables(Connection& connection, const Objects& objects) {
  const auto schemas = selected_schemas(connection, objects);
  std::vector<Lists> found(schemas.size());
  share_work(connection, schemas.size(), [](Connection&) {}, [&](Connection& session, std::size_t i) {
    list_relations(session, choose(objects, schemas[i]), found[i]);
  });
  std::vector<TableName> names;
  for (const Lists& lists : found)
    for (const ObjectId& id : lists.tables) names.push_back(id.name);
  return names;
}

std::vector<ObjectId> list_objects(Connection& connection, const std::set<std::string>& schemas) {
  std::vector<Choice> choices;
  for (auto& row : connection.query(
           sql("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME")))
    if (row.at(0) && schemas.contains(*row[0])) choices.push_back({*row[0]});
  return list_objects(connection, choices);
}

std::vector<ObjectId> list_left_out(Connection& connection, const Objects& objects) {
  Lists lists;
  for (const std::string& schema : selected_schemas(connection, objects)) {
    if (selects_schema(objects, schema)) continue;
    list_triggers(connection, choose(objects, schema), lists);
    for (auto& row : connection.query(
             sql("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND "
                 "TABLE_TYPE = 'VIEW'",
                 Text{schema}))) {
      TableName name{schema, row.at(0).value_or("")};
      if (selects(objects, name)) lists.views.push_back({"view", std::move(name)});
    }
  }
  lists.triggers.insert(lists.triggers.end(), lists.views.begin(), lists.views.end());
  return std::move(lists.triggers);
}

std::vector<ObjectId> list_events(Connection& connection, const std::set<std::string>& schemas) {
  std::vector<ObjectId> events;
  for (const std::string& schema : schemas)
    for (auto& row : connection.query(sql("SELECT EVENT_NAME FROM information_schema.EVENTS WHERE "
                                          "EVENT_SCHEMA = {} ORDER BY EVENT_NAME",
                                          Text{schema})))
      events.push_back({"event", {schema, row.at(0).value_or("")}});
  return events;
}

std::vector<ObjectId> list_events(Connection& connection, const Objects& objects) {
  std::set<std::string> schemas;
  for (const std::string& schema : selected_schemas(connection, objects))
    if (selects_schema(objects, schema)) schemas.insert(schema);
  auto events = list_events(connection, schemas);
  std::erase_if(events, [&](const ObjectId& id) { return !selects(objects, id.name); });
  return events;
}

}  // namespace dts
