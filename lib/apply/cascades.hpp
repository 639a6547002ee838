#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "apply/ddl_names.hpp"
#include "apply/shapes.hpp"
#include "apply/statements.hpp"
#include "binlog/event.hpp"
#include "schema/mapping.hpp"
#include "schema/read.hpp"

// A source that does not log what CASCADE and SET NULL do leaves it to whoever applies its rows: the
// statements that make the target do the same run with foreign key checks on, alone, and in
// the order of the source; all others with checks off.

namespace dts {

/// The changes of rows for which the target has to cascade, by its foreign keys as they are now. A
/// value; its functions remember tables, so each thread needs its own copy.
class Cascades {
 public:
  Cascades() = default;
  explicit Cascades(std::span<const ForeignKey> keys);

  /// No change of any table.
  bool empty() const { return parents_.empty(); }
  /// Whether the server changes other rows with this one. `change` has the names of the target.
  bool follow(const RowChange& change) const;
  bool follow_any(std::span<const Transaction> group) const;
  /// Whether rows of a table may be changed by others of it.
  bool is_own_child(const Table& table) const;

 private:
  struct Parent {
    bool deletes = false, own_child = false;
    std::vector<std::string> updates;  ///< columns that children follow
  };
  struct Known {
    bool deletes = false, own_child = false;
    std::vector<std::size_t> updates;
  };
  const Known& find(const Table& table) const;

  std::map<TableName, Parent> parents_;
  mutable std::unordered_map<const Table*, Known> known_;
};

/// Calls `plain` for what comes before, between and behind changes that are followed, and `followed` for
/// those: consecutive deletes of one table together, updates one by one.
void split_at_cascades(std::span<const Transaction> group, const Cascades& cascades,
                       const std::function<void(std::span<const Transaction>)>& plain,
                       const std::function<void(std::span<const RowChange>)>& followed);

/// Turns the checks on or off. Sessions begin without; a rollback does not turn them back.
Sql foreign_key_checks(bool on);

/// What such a change consists of: the part that is followed, an UPDATE that stays one, and what a
/// server would take for no change (JSON), to be written without checks. Points into `arena`.
std::vector<RowChange> parts_of_followed(const RowChange& change, Arena& arena);

/// Writes changes that are followed, all of one table and kind, between statements that turn the checks
/// on and off.
void write_followed(std::span<const RowChange> changes, const Cascades& cascades,
                    std::size_t bytes_max, Batch& batch, const std::function<void()>& flush);

/// Reads the keys of the target between tables of the job. Throws Error{target} where what they would do
/// is not what they did on the source: a parent of which rows are missing, or, while the job is catching
/// up, tables that were not copied in one snapshot. `applied`: the job's position.
Cascades read_cascades(Connection& target, const Shapes& shapes, const Mapping& mapping,
                       const Position& applied, bool catching_up);

/// Whether the target has to follow foreign keys: the source does not log what they change. Throws Error{source}
/// if the source has begun to since the copy: what it did before is not logged, what it did since must
/// not be done twice, and nothing tells where the one ends.
bool follows_keys(const Shapes& shapes, bool source_logs);

/// Why a statement can't be applied: it makes a table follow one that is not selected. Else empty.
std::string cascade_trouble(const Ddl& ddl, const DdlNames& names, const Objects& objects);

/// The `snapshot` of a table that a statement leaves behind: as it was; for one that it makes, which
/// is empty, that of a table that is exact, unless it may hold rows of another that is not.
std::string snapshot_after(const DdlNames& names, const TableName& table, const Shapes& before);

}  // namespace dts
