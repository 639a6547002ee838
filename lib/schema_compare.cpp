#include "schema_compare.hpp"

#include <algorithm>
#include <mutex>
#include <set>

#include "db/bookkeeping.hpp"
#include "db/server_objects.hpp"
#include "failover.hpp"
#include "schema/list_objects.hpp"
#include "schema/map_objects.hpp"
#include "schema/pieces.hpp"
#include "schema/read_selected.hpp"
#include "schema/table_text.hpp"

namespace dts {

namespace {

using Sort = SchemaDifference::Sort;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

/// The first line in which two texts differ.
std::string first_difference(std::string_view here, std::string_view there) {
  const auto left = lines_of(here), right = lines_of(there);
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const std::string a(i < left.size() ? left[i] : ""), b(i < right.size() ? right[i] : "");
    if (a != b) return text_of({TableItem::Sort::other, fmt::format("line {}", i + 1), a, b});
  }
  return "only the line ends differ";
}

/// A foreign key as servers agree about it: NO ACTION and RESTRICT are the same, and the default.
std::string normal_key(std::string_view clause) {
  std::string text;
  const auto tokens = tokenize(clause);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool action = is_word(tokens[i], "ON") && i + 2 < tokens.size();
    if (action && is_word(tokens[i + 2], "RESTRICT")) {
      i += 2;
    } else if (action && is_word(tokens[i + 2], "NO")) {
      i += 3;
    } else {
      text += name_of(tokens[i]) + " ";
    }
  }
  return text;
}

std::map<std::string, std::string> keys_by_name(const std::string& text) {
  std::map<std::string, std::string> keys;
  for (const std::string_view clause : lines_of(text)) {
    const auto tokens = tokenize(clause, {}, 2);
    keys.emplace(tokens.size() > 1 ? name_of(tokens[1]) : std::string(clause), clause);
  }
  return keys;
}

/// The text between BEGIN and END, which servers keep as it is; empty if there is none to be had.
std::string body_of(Connection& connection, const ObjectId& id) {
  const auto ask = [&](const char* column, const char* table, const char* schema,
                       const char* name) {
    return connection
        .value(sql("SELECT {} FROM information_schema.{} WHERE {} = {} AND {} = {}", Name{column},
                   Name{table}, Name{schema}, Text{id.name.schema}, Name{name},
                   Text{id.name.table}))
        .value_or("");
  };
  if (id.kind == "trigger")
    return ask("ACTION_STATEMENT", "TRIGGERS", "EVENT_OBJECT_SCHEMA", "TRIGGER_NAME");
  if (id.kind == "event") return ask("EVENT_DEFINITION", "EVENTS", "EVENT_SCHEMA", "EVENT_NAME");
  if (id.kind != "function" && id.kind != "procedure") return {};
  return connection
      .value(sql("SELECT ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE "
                 "ROUTINE_SCHEMA = {} AND ROUTINE_NAME = {} AND ROUTINE_TYPE = {}",
                 Text{id.name.schema}, Text{id.name.table}, Text{id.kind}))
      .value_or("");
}

/// Whether the words of `body` are the last ones of `create`.
bool ends_with(std::string_view create, std::string_view body, const Dialect& dialect) {
  const Pieces all = pieces_of(create, dialect), last = pieces_of(body, dialect);
  return last.size() <= all.size() &&
         std::equal(last.rbegin(), last.rend(), all.rbegin(),
                    [](const Piece& a, const Piece& b) { return a.text == b.text; });
}

void throw_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested())
    throw Error(ErrorKind::interrupted, "stopped while comparing the schemas", "run it again");
}

/// One run of compare_schema().
struct Comparison {
  const Job& job;
  Connection& source;
  Connection& target;
  const SchemaPlan& plan;
  const bool definitions;
  const std::stop_token& stop;
  TargetTables there;
  const ServerKind from = kind_of(source), to = kind_of(target);
  const bool alike = write_alike(source, target);

  std::set<ObjectId> ids = {};              ///< what is on the target
  std::map<TableName, Table> tracked = {};  ///< as they were at the job's position
  std::set<TableName> deferred = {};        ///< tables of the target
  std::vector<SchemaDifference> found = {};

  void add(const ObjectId& id, const TableName& from_table, Sort sort, std::string what,
           bool harmful) {
    found.push_back({id.kind, from_table, id.name, sort, std::move(what), harmful});
  }

  std::set<std::string> schemas() {
    std::set<std::string> names;
    for (const Definition& want : plan.objects) names.insert(want.id.name.schema);
    for (const auto& [name, table] : plan.tables) names.insert(table.target.name.schema);
    return names;
  }

  void read() {
    prepare_reading(target);
    read_ids(list_objects(target, schemas()));
    read_ids(list_events(target, schemas()));
    std::set<TableName> names, with_text;
    for (const auto& [name, table] : plan.tables) names.insert(table.target.name);
    for (const Definition& want : plan.objects)
      if (want.id.kind == "table") with_text.insert(want.id.name);
    std::erase_if(names, [&](const TableName& name) { return there.asked.contains(name); });
    TargetTables more = read_target_tables(target, names, with_text, stop);
    there.shapes.merge(more.shapes);
    there.texts.merge(more.texts);
    if (!has_bookkeeping(target, job.bookkeeping)) return;
    for (TrackedTable& table : read_tracked(target, job.bookkeeping, job.name))
      tracked.emplace(table.shape.name, std::move(table.shape));
    for (TableName& name : read_deferred_tables(target, job.bookkeeping, job.name))
      deferred.insert(std::move(name));
  }

  void read_ids(std::vector<ObjectId> list) {
    for (ObjectId& id : list) ids.insert(std::move(id));
  }

  void compare_database(const Definition& want, const Definition& have) {
    if (long_name(want.text) != long_name(have.text)) {
      // Tables name their own; routines and later tables take it from the database.
      const bool whole = selects_schema(job.objects, want.source.schema);
      add(want.id, want.source, Sort::differs,
          fmt::format("its collation should be '{}', and is '{}'", want.text, have.text), whole);
    }
    const auto comment = [](const Definition& database) {
      const std::string& text = database.statements.at(0);
      const auto at = text.find(" COMMENT '");
      return at == text.npos ? std::string() : text.substr(at);
    };
    if (alike && comment(want) != comment(have))
      add(want.id, want.source, Sort::differs, "its comment is another one", false);
  }

  /// Whether the source was altered, and what the target has is the table at the job's position.
  bool is_on_its_way(const MappedTable& want, const Table& have) {
    const auto then = tracked.find(want.source.name);
    if (then == tracked.end() || same_shape(then->second, want.source)) return false;
    const MappedTable mapped = map_table(then->second, mapping_for(job.objects, target));
    return rows_difference(mapped.target, from, have, to).empty();
  }

  void compare_table(const MappedTable& want, const Definition* wanted, const Definition* have) {
    const Table& table = there.shapes.at(want.target.name);
    auto all = shape_differences(want.target, from, table, to);
    if (wanted != nullptr && have != nullptr) add_texts(all, *wanted, *have);
    const ObjectId id{"table", want.target.name};
    bool told = false;
    for (const ItemDifference& one : all) told = tell_item(id, want, one) || told;
    const std::string rows = rows_difference(want.target, from, table, to);
    if (!rows.empty() && !told) add(id, want.source.name, Sort::differs, rows, true);
    const bool any = std::any_of(found.begin(), found.end(), [&](const SchemaDifference& one) {
      return one.kind == id.kind && one.target == id.name && one.harmful;
    });
    if (!any || !is_on_its_way(want, table)) return;
    std::erase_if(found, [&](const SchemaDifference& one) {
      return one.kind == id.kind && one.target == id.name;
    });
    add(id, want.source.name, Sort::waiting,
        "the source was altered, and the statement is still to be applied", false);
  }

  /// Differences of the texts: they say more than those of the shapes.
  void add_texts(std::vector<ItemDifference>& all, const Definition& want, const Definition& have) {
    if (alike && want.text == have.text) return;  // as nearly all are: saves reading both
    const auto text = [&](const Definition& definition) {
      return read_table_text(alike ? definition.text : definition.statements.back());
    };
    for (ItemDifference& one : text_differences(text(want), text(have), alike)) {
      const auto same = std::find_if(all.begin(), all.end(), [&](const ItemDifference& other) {
        return other.sort == one.sort && other.title == one.title;
      });
      if (same == all.end()) {
        all.push_back(std::move(one));
      } else {
        one.rows = one.rows || same->rows;
        one.comment_only = false;
        *same = std::move(one);
      }
    }
  }

  /// Whether it is harmful.
  bool tell_item(const ObjectId& id, const MappedTable& want, const ItemDifference& one) {
    const bool is_key = one.sort == TableItem::Sort::key;
    if (is_key && one.there.empty() && deferred.contains(id.name))
      for (const DeferredIndex& index : read_deferred(target, job.bookkeeping, job.name, id.name))
        if (one.title == fmt::format("key '{}'", index.name)) {
          add(id, want.source.name, Sort::waiting, one.title + " will be built after the rows",
              false);
          return false;
        }
    const bool extra_key = is_key && one.here.empty();
    const bool harmful = one.rows || (definitions && !one.comment_only && !extra_key);
    const Sort sort = one.there.empty()  ? Sort::missing
                      : one.here.empty() ? Sort::extra
                                         : Sort::differs;
    add(id, want.source.name, sort, text_of(one), harmful);
    return harmful;
  }

  void compare_keys(const ObjectId& id, const TableName& child, const std::string& want,
                    const std::string& have) {
    if (have.empty() && !want.empty()) return add(id, child, Sort::missing, {}, definitions);
    auto there = keys_by_name(have);
    for (const auto& [name, clause] : keys_by_name(want)) {
      const std::string other = there[name];
      there.erase(name);
      if (alike ? clause == other : normal_key(clause) == normal_key(other)) continue;
      add(id, child, other.empty() ? Sort::missing : Sort::differs,
          text_of({TableItem::Sort::other, fmt::format("foreign key '{}'", name), clause, other}),
          definitions);
    }
    for (const auto& [name, clause] : there)
      add(id, child, Sort::extra,
          text_of({TableItem::Sort::other, fmt::format("foreign key '{}'", name), {}, clause}),
          definitions);
  }

  void compare_other(const Definition& want, const Definition& have) {
    if (want.text == have.text) return;
    if (alike)
      return add(want.id, want.source, Sort::differs, first_difference(want.text, have.text),
                 definitions);
    // Views are written anew by every server, and what doesn't speak UTF-8 is shown converted.
    if (!want.charset.starts_with("utf8") || want.sql_mode.find("ORACLE") != std::string::npos)
      return;
    const std::string body = body_of(target, want.id);
    if (body.empty() || ends_with(create_text(want), body, dialect(want.sql_mode, want.charset)))
      return;
    add(want.id, want.source, Sort::differs, first_difference(create_text(want), create_text(have)),
        definitions && !want.may_be_refused);
  }

  void compare_tables() {
    std::map<TableName, const Definition*> wanted, keys;
    for (const Definition& want : plan.objects) {
      if (want.id.kind == "table") wanted[want.id.name] = &want;
      if (want.id.kind == "foreign-keys") keys[want.id.name] = &want;
    }
    std::set<TableName> done;
    for (const auto& [name, table] : plan.tables) {
      throw_if_stopped();
      const ObjectId id{"table", table.target.name}, id_of_keys{"foreign-keys", id.name};
      if (!done.insert(id.name).second) continue;
      const auto want = wanted.find(id.name), key = keys.find(id.name);
      if (!there.shapes.contains(id.name)) {
        const bool to_come = !tracked.empty() && !tracked.contains(name);
        add(id, name, to_come ? Sort::waiting : Sort::missing,
            to_come ? "the statement that creates it is still to be applied" : "", !to_come);
        if (key != keys.end() && !to_come) add(id_of_keys, name, Sort::missing, {}, definitions);
        continue;
      }
      if (want == wanted.end()) {
        compare_table(table, nullptr, nullptr);
        continue;
      }
      const Definition& have = there.texts.at(id.name);
      compare_table(table, want->second, &have);
      compare_keys(id_of_keys, name, key == keys.end() ? "" : key->second->text,
                   foreign_keys_of(id.name, have.foreign_keys).text);
    }
  }

  /// What the target has; nothing if its text is hidden from the account, which is told.
  std::optional<Definition> try_define(const Definition& want) {
    try {
      return define(target, want.id, job.schema);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::target) throw;
      add(want.id, want.source, Sort::differs, fmt::format("{}; {}", error.what(), error.hint()),
          definitions);
      return std::nullopt;
    }
  }

  void compare_objects() {
    for (const Definition& want : plan.objects) {
      throw_if_stopped();
      if (want.id.kind == "table" || want.id.kind == "foreign-keys") continue;
      if (!ids.contains(want.id)) {
        // What comes from a server of another kind or version the target may have refused.
        const bool due = definitions && !want.may_be_refused;
        add(want.id, want.source, Sort::missing, {}, due || want.id.kind == "database");
        continue;
      }
      if (const auto have = try_define(want))
        want.id.kind == "database" ? compare_database(want, *have) : compare_other(want, *have);
    }
  }

  /// Databases of the target that are there for whole databases of the source.
  std::set<std::string> whole_schemas() {
    const Mapping mapping = mapping_for(job.objects, target);
    std::set<std::string> names;
    for (const std::string& schema : selected_schemas(source, job.objects))
      if (selects_schema(job.objects, schema)) names.insert(mapping.schema(schema));
    return names;
  }

  void find_extra() {
    std::set<ObjectId> wanted;
    for (const Definition& want : plan.objects) wanted.insert(want.id);
    for (const auto& [name, table] : plan.tables) wanted.insert({"table", table.target.name});
    const auto whole = whole_schemas();
    bool has_triggers = false;
    for (const ObjectId& id : ids) {
      if (wanted.contains(id) || id.kind == "database") continue;
      if (id.kind == "trigger")
        has_triggers = true;
      else if (!plan.objects.empty() && whole.contains(id.name.schema))
        add(id, {}, Sort::extra, {}, false);
    }
    if (has_triggers) find_extra_triggers(wanted, whole);
  }

  /// One that nobody wants runs for each row that the job writes, unless it is guarded.
  void find_extra_triggers(const std::set<ObjectId>& wanted, const std::set<std::string>& whole) {
    for (const std::string& schema : schemas())
      for (auto& row : target.query(
               sql("SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_STATEMENT FROM "
                   "information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = {} ORDER BY TRIGGER_NAME",
                   Text{schema}))) {
        const ObjectId id{"trigger", {schema, row.at(0).value_or("")}};
        const std::string table = row.at(1).value_or("");
        if (wanted.contains(id)) continue;
        const bool guarded = row.at(2).value_or("").starts_with("IF @dtsctl_writes IS NULL THEN");
        if (wanted.contains({"table", {schema, table}}) && !guarded)
          add(id, {}, Sort::extra,
              fmt::format("it is only there, and would run for rows of '{}' that the job writes; "
                          "drop it, or put its body in IF @dtsctl_writes IS NULL THEN ... END IF",
                          table),
              true);
        else if (whole.contains(schema))
          add(id, {}, Sort::extra, {}, false);
      }
  }

  void throw_if_stopped() { dts::throw_if_stopped(stop); }
};

}  // namespace

std::string to_string(SchemaDifference::Sort sort) {
  switch (sort) {
    case Sort::missing:
      return "missing";
    case Sort::differs:
      return "differs";
    case Sort::extra:
      return "extra";
    case Sort::waiting:
      return "waiting";
  }
  return {};
}

std::string name_of(const SchemaDifference& difference) {
  return name_of(ObjectId{difference.kind, difference.target});
}

bool any_harmful(std::span<const SchemaDifference> differences) {
  return std::any_of(differences.begin(), differences.end(),
                     [](const SchemaDifference& one) { return one.harmful; });
}

std::string line_of(const SchemaDifference& difference) {
  const bool whole = difference.what.empty();
  return fmt::format("{} '{}'{}", difference.kind, name_of(difference),
                     !whole                             ? ": " + difference.what
                     : difference.sort == Sort::missing ? " is missing on the target"
                                                        : " is only on the target");
}

bool wants_definitions(const Job& job) {
  return job.schema_phase && job.schema.existing_tables != ExistingTables::keep;
}

TargetTables read_target_tables(Connection& target, const std::set<TableName>& names,
                                const std::set<TableName>& with_text, const std::stop_token& stop) {
  TargetTables there{names, {}, {}};
  std::mutex mutex;
  const auto define_wanted = [&](Connection& session, std::span<const Table> tables) {
    throw_if_stopped(stop);
    std::vector<TableName> wanted;
    for (const Table& table : tables)
      if (with_text.contains(table.name)) wanted.push_back(table.name);
    define_tables(session, wanted, [&](Definition&& definition) {
      std::lock_guard lock(mutex);
      TableName name = definition.id.name;
      there.texts.emplace(std::move(name), std::move(definition));
    });
  };
  for (Table& table : read_named(target, names, define_wanted)) {
    TableName name = table.name;
    there.shapes.emplace(std::move(name), std::move(table));
  }
  return there;
}

SchemaPlan plan_to_compare(const Job& job, Connection& source, Connection& target,
                           const std::stop_token& stop, Unreadable* uncarried) {
  SourceObjects objects;
  if (job.schema_phase)
    objects = read_source(job, source, stop);
  else
    objects.tables = read_selected(source, job.objects).tables;
  objects.uncarried = uncarried;
  return plan_to_compare(job, source, target, std::move(objects), stop);
}

SchemaPlan plan_to_compare(const Job& job, Connection& source, Connection& target,
                           SourceObjects objects, const std::stop_token& stop) {
  const Mapping mapping = mapping_for(job.objects, target);
  if (job.schema_phase) {
    Observer silent;
    return plan_objects(job, source, target, std::move(objects), mapping, silent, stop);
  }
  SchemaPlan plan;
  for (Table& table : objects.tables) {
    TableName name = table.name;
    plan.tables.emplace(std::move(name), map_table(std::move(table), mapping));
  }
  return plan;
}

std::vector<SchemaDifference> compare_schema(const Job& job, Connection& source, Connection& target,
                                             const SchemaPlan& plan, bool definitions,
                                             const std::stop_token& stop,
                                             TargetTables there) {
  Comparison comparison{job, source, target, plan, definitions, stop, std::move(there)};
  comparison.read();
  comparison.compare_tables();
  comparison.compare_objects();
  comparison.find_extra();
  std::stable_sort(
      comparison.found.begin(), comparison.found.end(),
      [](const SchemaDifference& a, const SchemaDifference& b) { return a.harmful > b.harmful; });
  return std::move(comparison.found);
}

std::vector<SchemaDifference> compare_schema(const Job& given, std::stop_token stop) {
  const Job job = with_hosts(given);
  Connection source(job.source, Side::source), target(job.target, Side::target);
  source.cancel_on(stop);
  target.cancel_on(stop);
  Unreadable uncarried;
  const SchemaPlan plan = plan_to_compare(job, source, target, stop, &uncarried);
  auto found = compare_schema(job, source, target, plan, wants_definitions(job), stop);
  for (const auto& [id, error] : uncarried)
    found.insert(found.begin(), {id.kind, id.name, mapping_for(job.objects, target).table(id.name),
                                 Sort::differs, error.what(), true});
  return found;
}

}  // namespace dts
