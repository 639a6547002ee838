#include "apply/ddl.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <thread>

#include "apply/cascades.hpp"
#include "apply/ddl_context.hpp"
#include "apply/ddl_evaluates.hpp"
#include "apply/ddl_names.hpp"
#include "apply/ddl_rewrite.hpp"
#include "apply/ddl_structure.hpp"
#include "db/bookkeeping.hpp"
#include "db/server_objects.hpp"
#include "db/trouble.hpp"
#include "dts/ddl_classes.hpp"
#include "schema/collations.hpp"
#include "schema/read.hpp"
#include "schema/translate.hpp"

namespace dts {

std::string shortened(const std::string& statement) {
  constexpr std::size_t limit = 400;
  return statement.size() <= limit ? statement : statement.substr(0, limit) + "...";
}

namespace {

/// By GTIDs, which another server with the same log has, too; else by file and offset.
bool is_same(const Position& a, const Position& b) {
  return a.has_gtids() ? a.gtids == b.gtids && a.sets == b.sets : a == b;
}

bool is_object(const std::string& kind) {
  return kind == "view" || kind == "routine" || kind == "trigger" || kind == "event" ||
         kind == "library";
}

bool is_table_statement(const std::string& kind) {
  return kind == "create-table" || kind == "alter-table" || kind == "drop-table" ||
         kind == "rename-table" || kind == "truncate-table" || kind == "create-index" ||
         kind == "drop-index";
}

/// Of a server that lacks what a statement names.
bool is_missing(unsigned code) {
  constexpr unsigned codes[] = {1049, 1054, 1109, 1146, 1305, 1356, 1360, 1449, 1539};
  return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

/// Why a statement can't be followed that names a table which is not selected.
std::string outside_trouble(const DdlNames& names, const TableName& outside) {
  if (names.kind == "create-table")
    return fmt::format("its columns are those of '{}', which is not selected, so that they are not known",
                       to_string(outside));
  if (outside == names.tables.front())
    return fmt::format("'{}' is not selected: its rows would come to a table that is",
                       to_string(outside));
  return fmt::format("it names '{}', which is not selected, beside a table that is",
                     to_string(outside));
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

/// ALTER TABLE ... RENAME of a table that waits for its copy: the name is all that matters of it.
bool DdlApplier::moves_waiting(const Ddl& text, const DdlNames& names) const {
  return names.kind == "alter-table" && !names.tables.empty() &&
         !shapes_.reason(names.tables.front()).empty() && !renames(text, names).empty();
}

DdlApplier::Decision DdlApplier::decide(const Transaction& transaction, const Ddl& text,
                                        const DdlNames& names) const {
  if (names.kind == "temporary") return Decision::pass_over;
  if (is_table_statement(names.kind)) {
    const auto wanted = [&](const TableName& name) { return is_wanted(name); };
    std::vector<TableName> tables;
    std::copy_if(names.tables.begin(), names.tables.end(), std::back_inserter(tables), wanted);
    // A table that is made by the shape of another one is no change of that one.
    if (tables.empty() || (names.kind == "create-table" && !wanted(names.tables.front())))
      return Decision::pass_over;
    const bool by_table = moves_tables(names);
    const bool moves = by_table || moves_waiting(text, names);
    if (tables.size() != names.tables.size() && !by_table)
      stop(transaction, outside_trouble(names, *std::find_if_not(names.tables.begin(),
                                                                 names.tables.end(), wanted)));
    if (names.kind == "drop-table")
      std::erase_if(tables, [&](const auto& name) { return is_in_copy(name, transaction, true); });
    if (tables.empty() || is_copied(transaction, tables, moves)) return Decision::pass_over;
    const Decision decision = by_policy(transaction, names.kind, tables);
    if (decision == Decision::run) check_merged(transaction, tables);
    return decision;
  }
  if (names.kind.ends_with("-database")) {
    if (!selects_schema(job_.objects, names.database)) return Decision::pass_over;
    std::vector<TableName> tables = shapes_.names();
    std::erase_if(tables, [&](const TableName& name) { return name.schema != names.database; });
    if (names.kind == "drop-database" && is_copied(transaction, tables, true))
      return Decision::pass_over;
    // What does nothing is logged, too, and may be older than some of its tables.
    const auto is_later = [&](const TableName& name) { return is_in_copy(name, transaction, false); };
    if (names.kind == "create-database" &&
        (shapes_.joins_later({names.database, ""}, transaction.id) ||
         std::any_of(tables.begin(), tables.end(), is_later)) &&
        structure_of_database(target_, mapping_.schema(names.database)) != "absent")
      return Decision::pass_over;
    const Decision decision = by_policy(transaction, names.kind, {});
    if (decision == Decision::run && names.kind == "drop-database")
      check_database(transaction, names.database);
    return decision;
  }
  if (names.kind != "other") return Decision::run;  // what more there is to say is in its own text
  if (job_.sync.ddl == DdlPolicy::skip) return Decision::skip;
  stop(transaction, "it is not understood");
}

/// What the job says of a statement, as far as it may be applied at all. The settings of several tables
/// may differ: then nobody has said what is to become of it.
DdlApplier::Decision DdlApplier::by_policy(const Transaction& transaction, std::string_view kind,
                                           const std::vector<TableName>& tables) const {
  std::optional<DdlPolicy> common;
  for (const TableName& table : tables) {
    const MapRule* rule = mapping_.rule(table);
    const DdlPolicy own = rule && rule->ddl ? *rule->ddl : ddl_policy(job_.sync, kind);
    if (common && *common != own) stop(transaction, "the maps of its tables differ about ddl");
    common = own;
  }
  const DdlPolicy policy = common.value_or(ddl_policy(job_.sync, kind));
  if (policy == DdlPolicy::stop)
    stop(transaction, fmt::format("the job says \"stop\" for {}", kind));
  return policy == DdlPolicy::skip ? Decision::skip : Decision::run;
}

/// A table that comes with the statement, and is one of a tool's, goes by its real table. `moves`: what
/// waits to be copied again is dropped or renamed.
bool DdlApplier::is_in_copy(const TableName& name, const Transaction& transaction,
                            bool moves) const {
  const auto named = shapes_.kept(name) ? named_.end() : named_.find(name);
  const TableName& own = named == named_.end() ? name : named->second;
  return moves ? shapes_.is_in_copy(own, transaction.id) : shapes_.is_copied(own, transaction.id);
}

/// Tables that were copied after the job's start position have what statements did to them before.
bool DdlApplier::is_copied(const Transaction& transaction, const std::vector<TableName>& tables,
                           bool moves) const {
  const auto count = std::count_if(tables.begin(), tables.end(), [&](const TableName& name) {
    return is_in_copy(name, transaction, moves);
  });
  if (count != 0 && count != static_cast<long>(tables.size()))
    stop(transaction,
         "some of its tables were copied before it, others after it (init-data --restart copies "
         "them all again)");
  return count != 0;
}

/// What happens to one of several tables that are one on the target can't happen to that one.
void DdlApplier::check_merged(const Transaction& transaction,
                              const std::vector<TableName>& tables) const {
  if (mapping_.is_identity()) return;
  for (const TableName& name : tables)
    for (const TableName& other : shapes_.names())
      if (other != name && mapping_.table(other) == mapping_.table(name) &&
          std::find(tables.begin(), tables.end(), other) == tables.end())
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
/// TABLE IF NOT EXISTS would take it for the source's, OR REPLACE and DROP would remove it. A view stays
/// where DROP TABLE names it, and MariaDB logs that itself for a DROP DATABASE that failed.
void DdlApplier::check_place(const Transaction& transaction, const DdlNames& names) {
  for (const TableName& name : names.tables) {
    const TableName there = mapping_.table(name);
    if (shapes_.kept(name) == nullptr &&
        target_.value(sql("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND "
                          "TABLE_NAME = {}{}",
                          Text{there.schema}, Text{there.table},
                          Sql::verbatim(moves_tables(names) ? " AND TABLE_TYPE NOT LIKE '%VIEW%'" : ""))))
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
Ddl DdlApplier::mapped(const Transaction& transaction, const Ddl& text, const DdlNames& names,
                       bool is_cut) const {
  Ddl ddl = *transaction.ddl;
  ddl.schema = text.schema;
  RewrittenDdl rewritten{text.statement, {}};
  if (!mapping_.is_identity() || source_.lowers_names)
    rewritten = rewritten_ddl(text, names, mapping_);
  if (!rewritten.trouble.empty()) stop(transaction, rewritten.trouble);
  if (rewritten.statement == text.statement && !is_cut) return ddl;
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
  switch (decide(transaction, text, names)) {
    case Decision::pass_over:
      unname_tools();
      return finish(transaction, {});
    case Decision::skip:
      return pass_by(transaction, text, names);
    case Decision::run:
      check_tools(transaction, text, names);
      if (const ToolTable* shadow = swapped_shadow(text, names))
        return swap(transaction, names, TableName(shadow->name));
      return is_object(names.kind) ? apply_object(transaction, text, names)
                                   : apply_tables(transaction, text, names);
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
  if (names.kind == "rename-table") return structure_of_rename(names);
  std::string text;
  for (const TableName& name : names.tables) {
    const TableName target = mapping_.table(name);
    text += to_string(target) + ": " + dts::structure_of(target_, target);
  }
  if (!names.database.empty()) {
    const std::string database = mapping_.schema(names.database);
    text += database + ": " + structure_of_database(target_, database);
  }
  return text;
}

bool DdlApplier::done_already(const DdlIntent& intent, const std::string& now) {
  if (intent.statement.empty()) return false;
  return intent.before != now;
}

void DdlApplier::run(const Transaction& transaction, Work work) {
  std::vector<Sql> also = run_then_follow(transaction, std::move(work));
  applier_.count_ddl();
  finish(transaction, std::move(also));
}

/// Runs the statement unless an earlier run has. What it returns is to be run with the position.
std::vector<Sql> DdlApplier::run_then_follow(const Transaction& transaction, Work work) {
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
  std::string before = work.structure();
  bool needed = !left || work.repeatable || !done_already(*left, before);
  // A server that crashed may have removed the old table, and not made the new one.
  needed = needed || (work.undone && work.undone(before));
  if (left && work.rest) {
    auto rest = work.rest(left->before);
    if (!rest) stop(transaction, "it was interrupted, and cannot be told how far it had come");
    needed = !rest->empty();
    work.statements = std::move(*rest);
    constexpr int utf8mb4_general_ci = 45;
    if (work.context.client_charset >= 0) work.context.client_charset = utf8mb4_general_ci;
    work.check = [] {};  // what is half done looks like somebody else's
    before = left->before;
  }
  if (needed) execute(transaction, work, after, before);
  std::vector<Sql> also = work.follow();
  also.push_back(clear_intent(database, job_.name));
  return also;
}

void DdlApplier::execute(const Transaction& transaction, const Work& work, const Position& after,
                         const std::string& before) {
  const std::string& database = job_.bookkeeping;
  work.check();
  const Ddl& ddl = work.context;
  Connection session(job_.target, Side::target);
  try {
    set_context(session, ddl, transaction.timestamp,
                ddl.schema.empty() ? "" : mapping_.schema(ddl.schema), source_.default_engine);
    if (work.sql_mode) session.execute(sql("SET sql_mode = {}", Text{*work.sql_mode}));
    if (work.timed) session.execute(sql("SET timestamp = {}", transaction.timestamp));
  } catch (const Error& error) {
    if (is_connection_loss(error.server_errno())) throw;
    stop(transaction, error.what());
  }
  target_.execute(save_intent(database, job_.name,
                              {after, transaction.ddl->statement, session.id(), before}));
  auto running = [this](Connection* now, const std::string& statement) {
    std::lock_guard lock(mutex_);
    running_ = now;
    statement_ = shortened(statement);
    begun_ = std::chrono::steady_clock::now();
  };
  const std::string* last = nullptr;
  try {
    for (const std::string& statement : work.statements) {
      last = &statement;
      running(&session, statement);
      session.execute(Sql::verbatim(statement));
    }
    running(nullptr, "");
  } catch (const Error& error) {
    running(nullptr, "");
    const unsigned code = error.server_errno();
    if (is_connection_loss(code)) throw;
    if (!work.undo.empty() && last == &work.statements.back())
      session.execute(Sql::verbatim(work.undo));
    if (work.joins_later && is_missing(code)) {
      applier_.count_skipped("ddl",
                             fmt::format("what it names was gone when its database joined the job: {}",
                                         shortened(ddl.statement)),
                             to_string(transaction.id));
      return;
    }
    const bool may_pass = is_transient(code) || trouble_of(error).passes;
    const bool untouched = work.repeatable || work.structure() == before;
    target_.execute(clear_intent(database, job_.name));
    if (may_pass && untouched) throw;
    stop(transaction, error.what());
  }
}

}  // namespace dts
