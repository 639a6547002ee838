#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apply/applied.hpp"
#include "apply/cascades.hpp"
#include "apply/statements.hpp"
#include "apply/waits.hpp"
#include "binlog/event.hpp"
#include "db/bookkeeping.hpp"
#include "db/connection.hpp"
#include "dts/job.hpp"
#include "dts/state.hpp"

namespace dts {

/// Writes transactions to the target, each group in one target transaction that begins by moving
/// the job's position: rows and position commit together or not at all.
class Applier {
 public:
  /// `position` is the job's position row as read; `copy_end` as long as it is not contained in
  /// the position, rows are written so that they converge.
  Applier(Connection& target, const Job& job, Position position, std::optional<Position> copy_end);
  /// One that moves the position of some lanes instead of the job's; for apply_part() only.
  Applier(Connection& target, const Job& job, LanePosition lanes);

  /// Applies whole transactions, or the next piece of a large one. Whole ones may not be committed yet when it
  /// returns: the next call sees to that, behind its own work, or finish(). After Error{connect} they may or may
  /// not be committed: read the position row again.
  void apply(std::vector<Transaction> group);
  /// Commits what is not committed yet. To be called before anything else uses the target's session, or waits.
  void finish();
  bool is_finished() const { return !open_; }
  /// Applies a transaction, or the next piece of a large one, and runs `also` with it.
  void apply_with(const Transaction& piece, const Sql& also);
  /// Applies what of a group belongs to the lanes, and moves their position to the end of the group. Tries again
  /// by itself if the server made its transaction the victim of a deadlock.
  void apply_part(const std::vector<Transaction>& part, const Position& end,
                  const std::optional<Position>& copy_end);
  /// Moves the position over a group that lanes have applied, and counts what they have done.
  void passed(const Position& end, std::uint32_t timestamp, const Applied& done);
  /// Commits a position that has moved over transactions without changes. Those are not committed
  /// one by one, because most of a filtered stream may be such.
  void save_position();

  /// Moves the position over a transaction that has been applied by other means, together with
  /// `also`, in one target transaction.
  void move_over(const Transaction& transaction, const std::vector<Sql>& also);
  /// Has `also` run inside the next target transaction.
  void include(std::vector<Sql> also) { included_ = std::move(also); }

  /// Committed on the target.
  const Position& position() const { return committed_; }
  /// Seen, perhaps not committed yet.
  const Position& seen() const { return seen_; }
  /// Source's time of the last transaction seen, of those that do not wait for finish().
  std::uint32_t timestamp() const { return open_ ? open_->timestamp : timestamp_; }
  bool catching_up() const { return copy_end_.has_value(); }
  const std::optional<Position>& copy_end() const { return copy_end_; }
  const Applied& applied() const { return applied_; }
  /// What has been done since the last call.
  Applied take_applied() { return std::exchange(applied_, {}); }
  void count_skipped(const std::string& kind, const std::string& detail, const std::string& position) {
    applied_.count_skipped(kind, detail, position);
  }
  void count_ddl() { ++applied_.ddl; }
  /// Where to tell what the target is at work on; `waits` must live as long.
  void watch(Waits* waits) { waits_ = waits; }
  /// What the target has to cascade from now on.
  void set_cascades(Cascades cascades) { cascades_ = std::move(cascades); }

 private:
  /// A group that has been written in a target transaction which is not committed.
  struct Open {
    std::vector<Transaction> group;
    Position end;
    std::uint64_t transactions = 0;  ///< that count
    std::uint32_t timestamp = 0;     ///< of the transaction before the group
  };
  void prepare();
  void write_whole(const std::vector<Transaction>& group, const Position& end);
  void settle_whole(const std::vector<Transaction>& group, const Position& end);
  void apply_piece(const std::vector<Transaction>& group);
  void begin_large(const Transaction& piece);
  void end_large(const Transaction& piece);
  void roll_back_large(const Transaction& piece);
  void begin(const Position& end);
  void roll_back();
  void add_unchecked(std::string_view statement);
  void flush();
  void settle();
  void flush_bookkeeping();
  void check(const std::vector<Statement>& statements, const std::vector<StatementResult>& results);
  void count_history(const Statement& statement, std::uint64_t affected);
  void check_history(const Position& end);
  void commit(const Position& end);
  bool may_repeat(const std::vector<Transaction>& group) const;
  void write(const std::vector<Transaction>& group);
  void write_serially(const std::vector<Transaction>& group);
  void write_one(const RowChange& change, const TransactionId& transaction);
  bool found_as_expected(const RowChange& change, WriteMode mode);
  bool cascaded_as_expected(const RowChange& change);
  void put_back(const RowChange& change);
  void rest_foreign_keys();  ///< after a batch that may have ended between the two statements
  Error too_large(const std::string& what, std::size_t size) const;
  void refuse_warnings();
  void resolve(const RowChange& change);
  void see(const Transaction& transaction);
  WriteMode mode(const Table& table) const {
    const bool exact = !catching_up() || !table.snapshot.empty();
    return exact && !table.converging ? WriteMode::exact : WriteMode::converging;
  }

  Connection& target_;
  const Job& job_;
  std::optional<LanePosition> lanes_;  ///< whose position is moved, if not the job's
  Position committed_, seen_;
  std::optional<Position> copy_end_;
  std::uint32_t timestamp_ = 0;
  std::size_t packet_max_ = 0;  ///< statements must be smaller
  std::uint64_t large_changes_ = 0;  ///< of the large transaction under way
  bool large_ = false;      ///< it belongs to a transaction that comes in pieces
  Batch batch_;
  std::optional<Open> open_;
  std::string sent_text_;        ///< what the target is at work on
  std::vector<Statement> sent_;  ///< the same; empty if nothing
  /// Versions that the transaction under way has to delete and did not yet; see Statement::history.
  std::map<TableName, std::int64_t> history_;
  std::vector<Sql> included_;
  Cascades cascades_;
  Applied applied_;
  Waits* waits_ = nullptr;
};

}  // namespace dts
