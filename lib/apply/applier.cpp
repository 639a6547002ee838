#include "apply/applier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "db/bookkeeping.hpp"
#include "schema/translate.hpp"

namespace dts {

namespace {

constexpr std::size_t statement_bytes = 256 * 1024;  // far below any max_allowed_packet in use

/// A batch met a row that is not as the source found it: nobody knows yet which.
struct UnexpectedRow {};

bool is_transactional(const std::string& engine) {
  static constexpr std::array without = {"MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE"};
  return std::find(without.begin(), without.end(), engine) == without.end();
}

bool has_changes(const std::vector<Transaction>& group) {
  return std::any_of(group.begin(), group.end(),
                     [](const Transaction& t) { return !t.changes.empty(); });
}

}  // namespace

Applier::Applier(Connection& target, const Job& job, Position position,
                 std::optional<Position> copy_end)
    : target_(target), job_(job), committed_(position), seen_(std::move(position)) {
  prepare();
  if (copy_end && !contains(committed_, *copy_end)) copy_end_ = std::move(copy_end);
}

Applier::Applier(Connection& target, const Job& job, LanePosition lanes)
    : target_(target), job_(job), lanes_(std::move(lanes)), committed_(lanes_->position) {
  seen_ = committed_;
  prepare();
}

void Applier::prepare() {
  constexpr unsigned has_row_alias = 80019;
  batch_.row_alias = !target_.is_mariadb() && target_.version_number() >= has_row_alias;
  batch_.row_list = target_.is_mariadb() ? RowList::select
                    : batch_.row_alias   ? RowList::values
                                         : RowList::none;
  batch_.collations = target_facts(target_).collations;
  packet_max_ = max_packet(target_);
}

/// The server would close the session, which looks like a lost connection, for ever.
Error Applier::too_large(const std::string& what, std::size_t size) const {
  constexpr unsigned packet_too_large = 1153;
  return {ErrorKind::target,
          fmt::format("{} of {} bytes is larger than the target's max_allowed_packet of {}", what,
                      size, packet_max_),
          fmt::format("SET GLOBAL max_allowed_packet = {} on the target", size * 2),
          packet_too_large};
}

void Applier::see(const Transaction& transaction) {
  advance(seen_, transaction.id, transaction.offset);
  if (transaction.counted) timestamp_ = transaction.timestamp;
  if (!transaction.skipped_kind.empty())
    applied_.count_skipped(transaction.skipped_kind, transaction.skipped, to_string(transaction.id));
}

void Applier::add_unchecked(std::string_view statement) {
  batch_.text += statement;
  batch_.text += ';';
  batch_.statements.push_back({nullptr, 0, false, 0});
}

// The position moves first: whoever finds it moved already has nothing to do here.
void Applier::begin(const Position& end) {
  const Position& from = open_ ? open_->end : committed_;
  batch_.clear();
  add_unchecked("START TRANSACTION");
  if (lanes_) lanes_->position = from;
  batch_.text += (lanes_ ? move_lane(job_.bookkeeping, job_.name, *lanes_, end)
                         : move_position(job_.bookkeeping, job_.name, from, end))
                     .text() +
                 ";";
  batch_.statements.push_back({nullptr, 1, true, 0});
  for (const Sql& statement : included_) add_unchecked(statement.text());
}

void Applier::roll_back() {
  target_.execute(sql("ROLLBACK"));
  rest_foreign_keys();
  batch_.clear();
  history_.clear();
}

/// A statement that deletes history deletes what other changes of the transaction name, too.
void Applier::count_history(const Statement& statement, std::uint64_t affected) {
  if (statement.history)
    history_[statement.table->name] +=
        static_cast<std::int64_t>(statement.expected) - static_cast<std::int64_t>(affected);
}

/// In the end the same rows have to be gone.
void Applier::check_history(const Position& end) {
  for (const auto& [table, left] : history_) {
    if (left == 0) continue;
    if (job_.sync.on_conflict == OnConflict::stop) {
      target_.execute(sql("ROLLBACK"));
      throw Error(ErrorKind::target,
                  fmt::format("cannot delete history of {} as the source did (before {}): the "
                              "target has {} versions {} of that time",
                              to_string(table), to_string(end), std::abs(left),
                              left > 0 ? "less" : "more"),
                  "somebody else changed the target, or the source deleted history beside changes "
                  "under READ COMMITTED; copy the table again: dtsctl init-data --restart");
    }
    applied_.conflicts_of(table, "history").add("", 1);
  }
  history_.clear();
}

void Applier::check(const std::vector<Statement>& statements,
                    const std::vector<StatementResult>& results) {
  for (std::size_t i = 0; i < results.size() && i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    count_history(statement, results[i].affected);
    if (!statement.any_warnings && results[i].warnings != statement.warnings)
      throw UnexpectedRow{};
    if (!statement.checked || results[i].affected == statement.expected) continue;
    if (statement.table == nullptr)
      throw Error(ErrorKind::locked,
                  fmt::format("cannot apply: the position of job '{}' on the target is not the one "
                              "that was read, another dtsctl has moved it",
                              job_.name),
                  "make sure that only one dtsctl runs this job, then run it again");
    throw UnexpectedRow{};
  }
}

/// Sends what has been written; while the server works on it, the next batch can be written.
void Applier::flush() {
  finish();
  settle();
  if (batch_.empty()) return;
  // The server would close the session; row by row, it can be said which one is too large.
  if (batch_.text.size() >= packet_max_) throw UnexpectedRow{};
  sent_text_.swap(batch_.text);
  sent_.swap(batch_.statements);
  batch_.clear();
  target_.begin_batch(sent_text_);
}

/// Waits for what has been sent, and looks whether it did what it had to.
void Applier::settle() {
  if (sent_.empty()) return;
  const std::vector<Statement> statements = std::exchange(sent_, {});
  const auto first = std::find_if(statements.begin(), statements.end(),
                                  [](const Statement& one) { return one.table != nullptr; });
  const Waits::Wait wait(waits_, first == statements.end() ? "position" : to_string(first->table->name));
  std::vector<StatementResult> results;
  results.reserve(statements.size());
  try {
    target_.end_batch(sent_text_, results);
  } catch (const Error& error) {
    check(statements, results);
    const bool of_a_row =
        results.size() < statements.size() && statements[results.size()].table != nullptr;
    const unsigned code = error.server_errno();
    if (of_a_row && !is_connection_loss(code) && !is_transient(code)) throw UnexpectedRow{};
    throw;
  }
  check(statements, results);
}

/// For a batch without rows: nothing in it may be unexpected.
void Applier::flush_bookkeeping() {
  try {
    flush();
    settle();
  } catch (const UnexpectedRow&) {
    throw Error(ErrorKind::target, "cannot move the position on the target: unexpected warning");
  }
}

void Applier::commit(const Position& end) {
  check_history(end);
  const Waits::Wait wait(waits_, "commit");
  target_.execute(sql("COMMIT"));
  large_ = false;
  included_.clear();
  committed_ = end;
  if (copy_end_ && contains(committed_, *copy_end_)) copy_end_.reset();
}

void Applier::apply(std::vector<Transaction> group) {
  if (large_ || !group.front().first || !group.back().last) return apply_piece(group);
  Open open;
  open.timestamp = timestamp_;
  for (const Transaction& transaction : group) {
    see(transaction);
    open.transactions += transaction.counted ? 1 : 0;
  }
  if (!has_changes(group)) {
    applied_.transactions += open.transactions;
    return;
  }
  write_whole(group, seen_);
  open.group = std::move(group);
  open.end = seen_;
  open_ = std::move(open);
  // What is decided for the next group must know that this one was the last to converge.
  if (!included_.empty() || (copy_end_ && contains(open_->end, *copy_end_))) finish();
}

/// A target transaction of its own. Whatever comes next can be written while the target is at work on its end.
void Applier::write_whole(const std::vector<Transaction>& group, const Position& end) {
  begin(end);
  try {
    write(group);
    flush();
  } catch (const UnexpectedRow&) {
    roll_back();
    begin(end);
    write_serially(group);
  }
}

void Applier::settle_whole(const std::vector<Transaction>& group, const Position& end) {
  try {
    settle();
  } catch (const UnexpectedRow&) {
    roll_back();
    begin(end);
    write_serially(group);
  }
  commit(end);
  for (const Transaction& transaction : group) applied_.changes += transaction.changes.size();
}

void Applier::finish() {
  if (!open_) return;
  const Open open = std::move(*std::exchange(open_, {}));
  // Of the next group, not sent yet.
  std::string text = std::exchange(batch_.text, {});
  std::vector<Statement> statements = std::exchange(batch_.statements, {});
  settle_whole(open.group, open.end);
  applied_.transactions += open.transactions;
  batch_.text = std::move(text);
  batch_.statements = std::move(statements);
}

void Applier::apply_part(const std::vector<Transaction>& part, const Position& end,
                         const std::optional<Position>& copy_end) {
  constexpr int tries_max = 20;
  constexpr unsigned deadlock = 1213;  // who waits for a lock in vain has waited long: that is to be told
  copy_end_ = copy_end;
  seen_ = end;
  for (int tries = 1;; ++tries) {
    const Applied before = applied_;
    try {
      write_whole(part, end);
      return settle_whole(part, end);
    } catch (const Error& error) {
      if (error.server_errno() != deadlock || tries == tries_max) throw;
      roll_back();
      applied_ = before;
    }
  }
}

void Applier::passed(const Position& end, std::uint32_t timestamp, const Applied& done) {
  seen_ = end;
  if (copy_end_ && contains(seen_, *copy_end_)) copy_end_.reset();
  if (timestamp != 0) timestamp_ = timestamp;
  applied_.transactions += done.transactions;
  applied_.changes += done.changes;
  for (const Conflict& conflict : done.conflicts) applied_.conflicts_of(conflict.table, conflict.kind).add(conflict);
}

void Applier::begin_large(const Transaction& piece) {
  if (large_) return;
  finish();
  see(piece);
  begin(seen_);
  flush_bookkeeping();
  large_ = true;
}

void Applier::roll_back_large(const Transaction& piece) {
  target_.execute(sql("ROLLBACK"));
  history_.clear();
  seen_.offset = piece.offset;
  large_ = false;
  large_changes_ = 0;
}

void Applier::end_large(const Transaction& piece) {
  if (!piece.last) return;
  timestamp_ = piece.timestamp;
  if (seen_.offset != piece.offset) {  // only now it is known where the transaction ends
    const Position before = seen_;
    seen_.offset = piece.offset;
    add_unchecked(move_position(job_.bookkeeping, job_.name, before, seen_).text());
    flush_bookkeeping();
  }
  commit(seen_);
  ++applied_.transactions;
  applied_.changes += std::exchange(large_changes_, 0);
}

void Applier::apply_piece(const std::vector<Transaction>& group) {
  const Transaction& piece = group.front();
  begin_large(piece);
  if (piece.rolled_back) return roll_back_large(piece);
  target_.execute(sql("SAVEPOINT piece"));
  const auto history = history_;
  try {
    write(group);
    flush();
    settle();
  } catch (const UnexpectedRow&) {
    target_.execute(sql("ROLLBACK TO SAVEPOINT piece"));
    rest_foreign_keys();
    batch_.clear();
    history_ = history;
    write_serially(group);
  }
  large_changes_ += piece.changes.size();
  end_large(piece);
}

void Applier::apply_with(const Transaction& piece, const Sql& also) {
  begin_large(piece);
  if (piece.rolled_back) return roll_back_large(piece);
  if (const std::size_t size = also.text().size(); size >= packet_max_)
    throw too_large(fmt::format("cannot keep the rows of XA transaction {}: a statement",
                                to_string(piece.id)),
                    size);
  target_.execute(also);
  end_large(piece);
}

void Applier::save_position() {
  finish();
  if (large_ || seen_ == committed_) return;
  begin(seen_);
  flush_bookkeeping();
  commit(seen_);
}

void Applier::move_over(const Transaction& transaction, const std::vector<Sql>& also) {
  finish();
  see(transaction);
  begin(seen_);
  for (const Sql& statement : also) add_unchecked(statement.text());
  flush_bookkeeping();
  commit(seen_);
  ++applied_.transactions;
}

/// What a table without transactions has taken is not undone by a rollback: it is written once.
bool Applier::may_repeat(const std::vector<Transaction>& group) const {
  for (const Transaction& transaction : group)
    for (const RowChange& change : transaction.changes)
      if (!is_transactional(change.table->engine)) return false;
  return true;
}

void Applier::write(const std::vector<Transaction>& group) {
  if (!may_repeat(group)) return write_serially(group);
  const auto plain = [this](std::span<const Transaction> part) {
    for (const NetTable& net : net_changes(part, catching_up()))
      write_net(net, mode(*net.table), statement_bytes, batch_, [this] { flush(); });
  };
  if (!cascades_.follow_any(group)) return plain(group);
  split_at_cascades(group, cascades_, plain, [this](std::span<const RowChange> followed) {
    write_followed(followed, cascades_, statement_bytes, batch_, [this] { flush(); });
  });
}

void Applier::rest_foreign_keys() {
  if (!cascades_.empty()) target_.execute(foreign_key_checks(false));
}

}  // namespace dts
