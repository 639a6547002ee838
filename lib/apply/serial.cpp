#include <fmt/format.h>

#include <algorithm>

#include "apply/applier.hpp"

// Changes one by one: when a batch has met a row that is not as the source found it, and where rows that have
// been written could not be taken back.

namespace dts {

namespace {

constexpr unsigned duplicate_key = 1062;

}  // namespace

void Applier::write_serially(const std::vector<Transaction>& group) {
  flush_bookkeeping();
  for (const Transaction& transaction : group)
    for (const RowChange& change : transaction.changes) write_one(change, transaction.id);
}

bool Applier::found_as_expected(const RowChange& change, WriteMode how) {
  batch_.clear();
  write_change(change, how, batch_);
  if (const std::size_t size = batch_.text.size(); size >= packet_max_) {
    batch_.clear();
    throw too_large("its statement", size);
  }
  // Of a change that takes several statements, all or nothing: what to do about a row that is not as
  // expected is decided from the row as it was.
  const bool several =
      std::count_if(batch_.statements.begin(), batch_.statements.end(),
                    [](const Statement& statement) { return statement.table != nullptr; }) > 1;
  if (several) target_.execute(sql("SAVEPOINT one_change"));
  auto undo = [&] {
    if (several) target_.execute(sql("ROLLBACK TO SAVEPOINT one_change"));
  };
  const Waits::Wait wait(waits_, to_string(change.table->name));
  std::vector<StatementResult> results;
  try {
    if (!batch_.empty()) target_.execute_batch(batch_.text, results);
  } catch (const Error& error) {
    batch_.clear();
    if (error.server_errno() != duplicate_key || how != WriteMode::exact) throw;
    undo();
    return false;
  }
  bool expected = true;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Statement& statement = batch_.statements[i];
    if (!statement.any_warnings && results[i].warnings != statement.warnings) refuse_warnings();
    if (statement.checked && results[i].affected != statement.expected) expected = false;
  }
  for (std::size_t i = 0; expected && i < results.size(); ++i)
    count_history(batch_.statements[i], results[i].affected);
  batch_.clear();
  if (!expected) undo();
  return expected;
}

bool Applier::cascaded_as_expected(const RowChange& change) {
  Arena arena;
  bool expected = true;
  for (const RowChange& part : parts_of_followed(change, arena)) {
    if (!expected) break;
    const bool followed = cascades_.follow(part);
    if (followed) target_.execute(foreign_key_checks(true));
    expected = found_as_expected(part, WriteMode::exact);  // if it throws, the session is given up
    if (followed) rest_foreign_keys();
  }
  return expected;
}

void Applier::refuse_warnings() {
  for (const Warning& warning : target_.warnings())
    if (!is_benign(warning.code))
      throw Error(ErrorKind::target,
                  fmt::format("cannot write a row as it is on the source: {} ({})", warning.message,
                              warning.code),
                  "the target's table differs from the source's, or the value is not valid in its "
                  "character set",
                  warning.code);
}

void Applier::write_one(const RowChange& change, const TransactionId& transaction) {
  bool expected = false;
  try {
    const WriteMode how = is_never_replaced(*change.table) ? WriteMode::exact : mode(*change.table);
    expected = cascades_.follow(change) ? cascaded_as_expected(change) : found_as_expected(change, how);
  } catch (const Error& error) {
    const unsigned code = error.server_errno();
    if (is_connection_loss(code) || is_transient(code)) throw;
    const bool insert = change.kind == ChangeKind::insert;
    throw Error(error.kind(),
                fmt::format("cannot apply a change to {} (transaction {}): row {}: {}",
                            to_string(change.table->name), to_string(transaction),
                            describe_key(*change.table, insert ? change.after : change.before),
                            error.what()),
                error.hint().empty() ? fmt::format("mend what is in the way, or make the change by "
                                                   "hand and go on with --skip-transaction {}",
                                                   to_string(transaction))
                                     : error.hint(),
                code);
  }
  if (!expected) resolve(change);
}

void Applier::resolve(const RowChange& change) {
  bool insert = change.kind == ChangeKind::insert;
  const char* kind = insert ? "existing-row" : "missing-row";
  const Table& table = *change.table;
  std::string key = describe_key(table, insert ? change.after : change.before);
  if (job_.sync.on_conflict == OnConflict::stop)
    throw Error(ErrorKind::target,
                fmt::format("cannot apply a change to {}: the row {} {} on the target",
                            to_string(table.name), key,
                            insert ? "or one with the same unique value exists already"
                                   : "is not there"),
                "somebody else changed the target; repair the row, or set sync.on_conflict to "
                "'overwrite' or 'ignore'");
  applied_.conflicts_of(table.name, kind).add(key, 1);
  if (job_.sync.on_conflict == OnConflict::ignore) return;
  if (cascades_.follow(change)) return put_back(change);
  if (change.kind == ChangeKind::remove) return;
  RowChange whole = change;
  if (table.key() == nullptr) whole = {ChangeKind::insert, &table, {}, change.after};
  found_as_expected(whole, WriteMode::converging);
}

/// Rows that follow one which is missing are found by putting it there again.
void Applier::put_back(const RowChange& change) {
  found_as_expected({ChangeKind::insert, change.table, {}, change.before, true},
                    WriteMode::converging);
  if (!cascaded_as_expected(change))
    throw Error(ErrorKind::target,
                fmt::format("cannot overwrite the row {} of {}: another has its new value, and foreign "
                            "keys follow it",
                            describe_key(*change.table, change.before), to_string(change.table->name)),
                "somebody else changed the target; repair the row, and run this again");
}

}  // namespace dts
