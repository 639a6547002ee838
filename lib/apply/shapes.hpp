#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "db/bookkeeping.hpp"
#include "dts/job.hpp"

namespace dts {

/// What the selected tables look like at the position that is being applied. Not thread-safe: it
/// changes only while nothing is read ahead (DDL is a barrier).
class Shapes {
 public:
  /// A selected table that is not among `tables` was not there at `listed`.
  /// Tables that are late wait for their copy, or their rows converge after it.
  Shapes(const Job& job, std::vector<TrackedTable> tables,
         std::optional<Position> listed = std::nullopt, const std::vector<LateTable>& late = {});

  /// The table's shape; null if its rows are not wanted: not selected, or part of its own snapshot
  /// already, or of a copy that is to come. Throws Error{state} for a selected table whose shape is not known.
  const Table* find(const TableName& name, const TransactionId& transaction) const;

  /// Whether what this transaction did to a table is in the table's copy, DDL included. It is, too,
  /// for a table that the source no longer had when its tables were listed.
  bool is_copied(const TableName& name, const TransactionId& transaction) const;
  /// The same, but for tables that wait to be copied again: what the target has of them is old, and can
  /// be dropped and renamed.
  bool is_in_copy(const TableName& name, const TransactionId& transaction) const;

  /// The shape that is kept of a table; null if there is none.
  const Table* kept(const TableName& name) const;

  /// The position from which a table's events count, if it has one of its own.
  std::optional<Position> start(const TableName& name) const;
  /// Whether the source's tables were listed again after the job's start.
  bool listed() const { return listed_.has_value(); }

  /// Tables that are selected now, and were not by `before`, joined the job at `start`: those that the
  /// source no longer had then, too.
  void join(Position start, Objects before);
  /// Whether the object, or without a name the database, joined the job later: the target has it as it
  /// was then.
  bool joins_later(const TableName& name, const TransactionId& transaction) const;
  /// Whether rows of the table are passed over, whatever else is known of it.
  void pass_over(const TableName& name, bool passed);
  /// Becomes true with the first such row since pass_over(); null if none are passed over. Of all here this
  /// alone may be looked at while something is read ahead.
  using HasPassed = std::shared_ptr<const std::atomic<bool>>;
  HasPassed has_passed(const TableName& name) const;

  void set(TrackedTable table);
  /// From now on the table is to be copied again.
  void wait(const TableName& name, const std::string& reason);
  /// Why it is to be copied again; empty if it is not.
  std::string reason(const TableName& name) const;
  /// "shop.orders: why" of all that wait.
  std::vector<std::string> waiting() const;
  void forget(const TableName& name);
  std::vector<TableName> names() const;

 private:
  const Job& job_;
  std::optional<Position> listed_;
  struct Joined {
    Position start;
    Objects before;
  };
  std::vector<Joined> joined_;
  struct Entry {
    bool selected = false;
    std::string waiting;  ///< why it is to be copied again; empty: it is not
    std::shared_ptr<std::atomic<bool>> has_passed = {};  ///< if rows are passed over
    std::shared_ptr<const TrackedTable> table;
  };
  static std::string key(const TableName& name) { return name.schema + '\0' + name.table; }

  mutable std::unordered_map<std::string, Entry> entries_;
  std::vector<std::shared_ptr<const TrackedTable>> retired_;  ///< changes may still point to them
};

}  // namespace dts
