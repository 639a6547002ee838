#include "apply/ddl.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "apply/cascades.hpp"
#include "apply/ddl_context.hpp"
#include "apply/ddl_evaluates.hpp"
#include "apply/ddl_names.hpp"
#include "apply/ddl_rewrite.hpp"
#include "db/bookkeeping.hpp"
#include "db/server_objects.hpp"
#include "db/trouble.hpp"
#include "schema/collations.hpp"
#include "schema/read.hpp"
#include "schema/translate.hpp"

namespace dts {

namespace {

std::string shortened(const std::string& statement) {
  constexpr std::size_t limit = 400;
  return statement.size() <= limit ? statement : statement.substr(0, limit) + "...";
}

/// By GTIDs, which another server with the same log has, too; else by file and offset.
bool is_same(const Position& a, const Position& b) {
  return a.has_gtids() ? a.gtids == b.gtids && a.sets == b.sets : a == b;
}

bool is_table_statement(const std::string& kind) {
  return kind == "create-table" || kind == "alter-table" || kind == "drop-table" ||
         kind == "rename-table" || kind == "truncate-table" || kind == "create-index" ||
         kind == "drop-index";
}

/// How a table is called inside InnoDB, where that is plain; else nothing.
std::string internal_name(const TableName& name) {
  auto plain = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) {
      return (c < 0x80 && std::isalnum(c)) || c == '_';
    });
  };
  return plain(name.schema) && plain(name.table) ? name.schema + "/" + name.table : "";
}

/// What tells one state of a table from another: definition, InnoDB ids (they change when it is
/// emptied, rebuilt or swapped for one of the same shape), time of creation.
std::string structure_of(Connection& target, const TableName& name) {
  auto created = target.query(sql("SELECT TABLE_TYPE, CREATE_TIME FROM information_schema.TABLES "
                                  "WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
                                  Text{name.schema}, Text{name.table}));
  if (created.empty()) return "absent";
  std::string text = created[0].at(1).value_or("") + "\n";
  auto definition = target.query(sql("SHOW CREATE TABLE {}", name));
  text += definition.at(0).at(1).value_or("") + "\n";
  std::string internal = internal_name(name);
  if (internal.empty()) return text;
  try {
    for (auto& row : target.query(
             sql("SELECT NAME, TABLE_ID FROM {} WHERE NAME = {} OR NAME LIKE {} ORDER BY NAME",
                 innodb_tables(target), Text{internal}, Text{internal + "#P#%"})))
      text += row.at(0).value_or("") + " " + row.at(1).value_or("") + "\n";
  } catch (const Error& error) {
    constexpr unsigned needs_process = 1227;  // then the time of creation has to do
    if (error.server_errno() != needs_process) throw;
  }
  return text;
}

}  // namespace

DdlApplier::DdlApplier(Connection& target, const Job& job, Applier& applier, Shapes& shapes,
                       Mapping& mapping, SourceSettings source)
    : target_(target),
      job_(job),
      applier_(applier),
      shapes_(shapes),
      mapping_(mapping),
      source_(std::move(source)),
      patterns_(tool_patterns(job.sync)) {
  read_tools();
}

bool DdlApplier::is_wanted(const TableName& name) const {
  return name.schema != job_.bookkeeping &&
         (selects(job_.objects, name) || shapes_.kept(name) != nullptr || mapping_.follows(name));
}

void DdlApplier::cancel() noexcept {
  std::lock_guard lock(mutex_);
  if (running_ != nullptr) running_->cancel();
}

std::string DdlApplier::under_way() {
  constexpr std::chrono::seconds long_enough{3};
  std::lock_guard lock(mutex_);
  if (running_ == nullptr || std::chrono::steady_clock::now() - begun_ < long_enough) return {};
  return "the target, which runs " + statement_;
}

void DdlApplier::stop(const Transaction& transaction, const std::string& why) const {
  std::string gtid = to_string(transaction.id);
  throw Error(
      ErrorKind::target,
      fmt::format("cannot apply the statement at {} ({}:{}): {}: {}", gtid, transaction.id.file,
                  transaction.offset, why, shortened(transaction.ddl->statement)),
      fmt::format("make its change on the target by hand if it is wanted there, then go on "
                  "with: dtsctl sync --skip-ddl {}; or set sync.ddl = \"skip\"; or begin a "
                  "new job that excludes its objects",
                  gtid));
}

DdlApplier::Decision DdlApplier::decide(const Transaction& transaction,
                                        const DdlNames& names) const {
  if (names.kind == "temporary") return Decision::pass_over;
  auto by_policy = [&] {
    if (job_.sync.ddl == DdlPolicy::skip) return Decision::skip;
    if (job_.sync.ddl == DdlPolicy::stop) stop(transaction, "sync.ddl is \"stop\"");
    return Decision::run;
  };
  if (is_table_statement(names.kind)) {
    auto count = std::count_if(names.tables.begin(), names.tables.end(),
                               [&](const TableName& name) { return is_wanted(name); });
    if (count == 0) return Decision::pass_over;
    if (count != static_cast<long>(names.tables.size()))
      stop(transaction, "it names tables that are selected and others that are not");
    if (is_copied(transaction, names.tables)) return Decision::pass_over;
    const Decision decision = by_policy();
    if (decision == Decision::run) check_merged(transaction, names);
    return decision;
  }
  if (names.kind.ends_with("-database")) {
    if (!selects_schema(job_.objects, names.database)) return Decision::pass_over;
    std::vector<TableName> tables = shapes_.names();
    std::erase_if(tables, [&](const TableName& name) { return name.schema != names.database; });
    if (names.kind != "alter-database" && is_copied(transaction, tables))
      return Decision::pass_over;
    const Decision decision = by_policy();
    if (decision == Decision::run && names.kind == "drop-database")
      check_database(transaction, names.database);
    return decision;
  }
  const auto elsewhere = [&](const TableName& name) {
    return !touches_schema(job_.objects, name.schema);
  };
  if (names.kind != "other" && std::all_of(names.tables.begin(), names.tables.end(), elsewhere))
    return Decision::pass_over;
  if (job_.sync.ddl == DdlPolicy::skip) return Decision::skip;
  stop(transaction, names.kind == "other"
                        ? "it is not understood"
                        : "this version does not apply changes of a " + names.kind);
}

/// Tables that were copied after the job's start position have what statements did to them before.
bool DdlApplier::is_copied(const Transaction& transaction,
                           const std::vector<TableName>& tables) const {
  const auto count = std::count_if(tables.begin(), tables.end(), [&](const TableName& name) {
    return shapes_.is_copied(name, transaction.id);
  });
  if (count != 0 && count != static_cast<long>(tables.size()))
    stop(transaction,
         "some of its tables were copied before it, others after it (init-data --restart copies "
         "them all again)");
  return count != 0;
}

/// What happens to one of several tables that are one on the target can't happen to that one.
void DdlApplier::check_merged(const Transaction& transaction, const DdlNames& names) const {
  if (mapping_.is_identity()) return;
  for (const TableName& name : names.tables)
    for (const TableName& other : shapes_.names())
      if (other != name && mapping_.table(other) == mapping_.table(name) &&
          std::find(names.tables.begin(), names.tables.end(), other) == names.tables.end())
        stop(transaction, fmt::format("'{}' on the target holds rows of '{}', too",
                                      to_string(mapping_.table(name)), to_string(other)));
}

/// A database may be dropped if the one of the target holds its tables, all of them and no others.
void DdlApplier::check_database(const Transaction& transaction, const std::string& database) const {
  for (const TableName& name : shapes_.names()) {
    const bool here = name.schema == database;
    const std::string schema = mapping_.table(name).schema;
    if (here != (schema == mapping_.schema(database)))
      stop(transaction, fmt::format("'{}' is in database '{}' of the target", to_string(name), schema));
    if (const MapRule* rule = mapping_.rule(name); here && rule && !rule->remove)
      stop(transaction, fmt::format("dml of the map of '{}' leaves deletes out", to_string(name)));
  }
  std::set<TableName> ours;
  for (const TableName& name : shapes_.names()) ours.insert(mapping_.table(name));
  const std::string there = mapping_.schema(database);
  for (auto& row : target_.query(sql("SELECT TABLE_NAME FROM information_schema.TABLES WHERE "
                                     "TABLE_SCHEMA = {} AND TABLE_TYPE NOT LIKE '%VIEW%'",
                                     Text{there})))
    if (TableName name{there, row.at(0).value_or("")}; !ours.contains(name))
      stop(transaction, fmt::format("'{}' on the target is not of this job", to_string(name)));
}

/// A statement about a table that is not known yet must not meet another one in its place: CREATE
/// TABLE IF NOT EXISTS would take it for the source's, OR REPLACE and DROP would remove it.
void DdlApplier::check_place(const Transaction& transaction, const DdlNames& names) {
  for (const TableName& name : names.tables) {
    const TableName there = mapping_.table(name);
    if (shapes_.kept(name) == nullptr &&
        target_.value(sql("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND "
                          "TABLE_NAME = {}",
                          Text{there.schema}, Text{there.table})))
      stop(transaction,
           fmt::format("'{}' on the target is another table, not of this job", to_string(there)));
  }
}

// Names would not be found in the character set of the client that wrote the statement, and it
// would be passed over as one about tables that are not selected.
Ddl DdlApplier::in_utf8(Ddl ddl) {
  auto is_ascii = [](unsigned char c) { return c < 0x80; };
  if (ddl.client_charset >= 0 &&
      !std::all_of(ddl.statement.begin(), ddl.statement.end(), is_ascii)) {
    std::string charset =
        target_
            .value(sql("SELECT CHARACTER_SET_NAME FROM information_schema.COLLATIONS WHERE ID = {}",
                       ddl.client_charset))
            .value_or("utf8mb4");
    std::string literal;
    append_literal(literal, {ValueKind::text, ddl.statement}, charset, TextForm::hex);
    if (text_form(charset) != TextForm::plain && charset != "binary")
      ddl.statement =
          target_.value(sql("SELECT CONVERT({} USING utf8mb4)", Sql::verbatim(literal)))
              .value_or(ddl.statement);
  }
  return ddl;
}

/// Names, and in `text` the default database, as they are on the source.
DdlNames DdlApplier::names_in(Ddl& text) const {
  if (source_.lowers_names) text.schema = lowered(text.schema);
  DdlNames names = ddl_names(text);
  if (source_.lowers_names) lower_names(names);
  return names;
}

/// The statement as it runs on the target.
Ddl DdlApplier::mapped(const Transaction& transaction, const Ddl& text, const DdlNames& names) const {
  Ddl ddl = *transaction.ddl;
  ddl.schema = text.schema;
  if (mapping_.is_identity() && !source_.lowers_names) return ddl;
  const RewrittenDdl rewritten = rewritten_ddl(text, names, mapping_);
  if (!rewritten.trouble.empty()) stop(transaction, rewritten.trouble);
  if (rewritten.statement == text.statement) return ddl;
  if (text.statement != ddl.statement) {
    if (has_introducer(text))
      stop(transaction, "a string in it has a character set of its own, and so has the statement");
    constexpr int utf8mb4_general_ci = 45;
    ddl.client_charset = utf8mb4_general_ci;
  }
  ddl.statement = rewritten.statement;
  return ddl;
}

void DdlApplier::apply(const Transaction& transaction) {
  Ddl text = in_utf8(*transaction.ddl);
  const DdlNames names = names_in(text);
  if (pass_tools(transaction, names)) return;
  name_tools(text, names);
  switch (decide(transaction, names)) {
    case Decision::pass_over:
      unname_tools();
      return finish(transaction, {});
    case Decision::skip:
      return pass_by(transaction, text, names);
    case Decision::run:
      check_tools(transaction, text, names);
      if (const ToolTable* shadow = swapped_shadow(text, names))
        return swap(transaction, names, TableName(shadow->name));
      if (!source_.logs_cascades)
        if (const auto trouble = cascade_trouble(text, names, job_.objects); !trouble.empty())
          stop(transaction, trouble);
      return run(transaction, text, names, evaluated(transaction, text, names));
  }
}

/// Why the statement's table has to be copied again behind it; empty if it need not.
std::string DdlApplier::evaluated(const Transaction& transaction, const Ddl& text,
                                  const DdlNames& names) const {
  const std::string why = evaluation_trouble(target_, job_, text, names, shapes_, mapping_);
  if (why.empty()) return why;
  if (job_.sync.ddl_reevaluate == DdlReevaluate::stop)
    stop(transaction, why + " (sync.ddl_reevaluate = \"recopy\" applies it, and has init-data copy "
                            "the table again)");
  if (const auto trouble = recopy_trouble(job_, names, shapes_, mapping_); !trouble.empty())
    stop(transaction, why + "; " + trouble);
  return why;
}

void DdlApplier::skip(const Transaction& transaction) {
  Ddl text = in_utf8(*transaction.ddl);
  const DdlNames names = names_in(text);
  if (pass_tools(transaction, names)) return;
  name_tools(text, names);
  pass_by(transaction, text, names);
}

/// Skipping CREATE TABLE takes the table that is there for the source's: made by hand, it is empty.
void DdlApplier::check_taken(const Transaction& transaction, const DdlNames& names) {
  if (names.tables.empty() || job_.schema.existing_tables == ExistingTables::keep) return;
  const TableName& name = names.tables.front();
  const TableName there = mapping_.table(name);
  if (!selects(job_.objects, name) || shapes_.kept(name) != nullptr) return;
  for (const TableName& other : shapes_.names())
    if (mapping_.table(other) == there) return;  // it holds their rows
  if (!read_table(target_, there) || !target_.value(sql("SELECT 1 FROM {} LIMIT 1", there))) return;
  throw Error(ErrorKind::target,
              fmt::format("cannot skip the statement at {}: '{}' on the target has rows, so it is "
                          "another table than the one that it creates: {}",
                          to_string(transaction.id), to_string(there),
                          shortened(transaction.ddl->statement)),
              fmt::format("rename '{}' on the target, and run dtsctl sync without --skip-ddl",
                          to_string(there)));
}

// Who skips a statement may have made its change by hand: then its tables look as on the source.
void DdlApplier::pass_by(const Transaction& transaction, const Ddl& text, const DdlNames& names) {
  if (names.kind == "create-table") check_taken(transaction, names);
  applier_.count_skipped("ddl", shortened(transaction.ddl->statement), to_string(transaction.id));
  const bool about_tables = is_table_statement(names.kind) || names.kind == "drop-database";
  if (!about_tables) return finish(transaction, {});
  std::vector<Sql> also = skip_tools(transaction, text, names);
  for (Sql& statement : follow_shapes(names, transaction)) also.push_back(std::move(statement));
  finish(transaction, std::move(also));
}

// CREATE TABLE ... SELECT goes on with rows: then the position moves with them.
void DdlApplier::finish(const Transaction& transaction, std::vector<Sql> also) {
  if (transaction.last)
    applier_.move_over(transaction, also);
  else
    applier_.include(std::move(also));
}

std::string DdlApplier::structure_of(const DdlNames& names) {
  std::string text;
  for (const TableName& name : names.tables) {
    const TableName target = mapping_.table(name);
    text += to_string(target) + ": " + dts::structure_of(target_, target);
  }
  if (!names.database.empty()) {
    const std::string database = mapping_.schema(names.database);
    auto found = target_.query(sql("SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA "
                                   "WHERE SCHEMA_NAME = {}",
                                   Text{database}));
    text += database + ": " +
            (found.empty() ? std::string("absent") : found[0].at(0).value_or(""));
  }
  return text;
}

bool DdlApplier::done_already(const DdlIntent& intent, const std::string& now) {
  if (intent.statement.empty()) return false;
  return intent.before != now;
}

void DdlApplier::run(const Transaction& transaction, const Ddl& text, const DdlNames& names,
                     const std::string& copy_again) {
  std::vector<Sql> also = run_then_follow(transaction, mapped(transaction, text, names), names,
                                          copy_again);
  for (Sql& statement : follow_tools(transaction, text, names)) also.push_back(std::move(statement));
  applier_.count_ddl();
  finish(transaction, std::move(also));
}

/// Runs the statement unless an earlier run has. What it returns is to be run with the position.
std::vector<Sql> DdlApplier::run_then_follow(const Transaction& transaction, const Ddl& ddl,
                                             const DdlNames& names,
                                             const std::string& copy_again) {
  const std::string& database = job_.bookkeeping;
  applier_.save_position();
  Position after = applier_.seen();
  advance(after, transaction.id, transaction.offset);

  std::optional<DdlIntent> left = read_intent(target_, database, job_.name);
  if (left && is_same(left->position, after)) {
    // The session that ran it may be at work still: its result would be half seen.
    while (has_session(target_, left->session))
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
  } else {
    left.reset();
  }
  std::string before = structure_of(names);
  if (!left || !done_already(*left, before)) {
    check_place(transaction, names);
    Connection session(job_.target, Side::target);
    try {
      set_context(session, ddl, transaction.timestamp,
                  ddl.schema.empty() ? "" : mapping_.schema(ddl.schema), source_.default_engine);
    } catch (const Error& error) {
      if (is_connection_loss(error.server_errno())) throw;
      stop(transaction, error.what());
    }
    target_.execute(save_intent(database, job_.name,
                                {after, transaction.ddl->statement, session.id(), before}));
    auto running = [&](Connection* now) {
      std::lock_guard lock(mutex_);
      running_ = now;
      statement_ = shortened(ddl.statement);
      begun_ = std::chrono::steady_clock::now();
    };
    try {
      running(&session);
      session.execute(Sql::verbatim(runnable_statement(ddl)));
      running(nullptr);
    } catch (const Error& error) {
      running(nullptr);
      const unsigned code = error.server_errno();
      if (is_connection_loss(code)) throw;
      const bool may_pass = is_transient(code) || trouble_of(error).passes;
      const bool untouched = structure_of(names) == before;
      target_.execute(clear_intent(database, job_.name));
      if (may_pass && untouched) throw;
      stop(transaction, error.what());
    }
  }
  std::vector<Sql> also = follow_shapes(names, transaction);
  if (!copy_again.empty())
    for (Sql& waits : wait_for_copy(job_, names, copy_again, shapes_)) also.push_back(std::move(waits));
  also.push_back(clear_intent(database, job_.name));
  return also;
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
    if (!is_wanted(name)) continue;
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
      shapes_.forget(name);
    }
  }
  return also;
}

}  // namespace dts
