#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.hpp"
#include "dts/position.hpp"
#include "schema/table.hpp"

// What the target knows of a job: the truth about what has been applied. All tables are in one
// database (`bookkeeping` of the job file) and keyed by the job's name.

namespace dts {

/// Creates the bookkeeping database and tables if they are not there.
void create_bookkeeping(Connection& target, const std::string& database);
bool has_bookkeeping(Connection& target, const std::string& database);

/// The target's identity: a uuid kept in the bookkeeping, made by create_bookkeeping(); empty if
/// there is no bookkeeping.
std::string target_identity(Connection& target, const std::string& database);

/// Takes the job's named lock on this session for as long as it lives. Throws Error{locked} if
/// another session has it after a few seconds of waiting.
void lock_job(Connection& target, const std::string& database, const std::string& job);

/// The position row of a job's lane.
struct PositionRow {
  std::string fingerprint;
  std::string source_id;
  Position position;
  /// Until it is contained in `position`, sync is catching up; nothing: the copy is not finished.
  std::optional<Position> copy_end;
};
std::optional<PositionRow> read_position(Connection& target, const std::string& database,
                                         const std::string& job);
/// As read_position, but waits for a transaction that changes the row.
std::optional<PositionRow> read_position_locked(Connection& target, const std::string& database,
                                                const std::string& job);
void create_position(Connection& target, const std::string& database, const std::string& job,
                     const PositionRow& row);
void set_copy_end(Connection& target, const std::string& database, const std::string& job,
                  const Position& copy_end);
/// The compare-and-swap that every target transaction begins with: changes one row exactly if the
/// position is still `from`.
Sql move_position(const std::string& database, const std::string& job, const Position& from,
                  const Position& to);

/// How far some lanes are ahead of the job's position; see apply/lanes.hpp. They are written by the session
/// that serves `slot`.
struct LanePosition {
  unsigned slot = 0;
  std::uint64_t lanes = 0;  ///< a bit each
  std::uint64_t run = 0;    ///< of sync: what a lost session of an earlier one sends finds nothing
  std::string rules;        ///< by which rows were given to lanes
  Position position;
};
/// Takes over from an earlier run: waits for its transactions that are committing still, and gives the rows
/// the number `run`. What is contained in the job's position says nothing more.
std::vector<LanePosition> take_over_lanes(Connection& target, const std::string& database,
                                          const std::string& job, std::uint64_t run);
/// Replaces all lane positions of the job.
void create_lanes(Connection& target, const std::string& database, const std::string& job,
                  const std::vector<LanePosition>& lanes);
/// The compare-and-swap of a lane's transaction, as move_position().
Sql move_lane(const std::string& database, const std::string& job, const LanePosition& from,
              const Position& to);

/// A table as it looked at the job's position, and the position from which its events count.
struct TrackedTable {
  Table shape;
  std::optional<Position> start;  ///< its own snapshot; nothing: the job's start position
};
std::vector<TrackedTable> read_tracked(Connection& target, const std::string& database,
                                       const std::string& job);
/// Statements: for running inside a transaction of the caller.
Sql save_tracked(const std::string& database, const std::string& job, const TrackedTable& table);
Sql forget_tracked(const std::string& database, const std::string& job, const TableName& table);

/// The position at which the source's tables were listed last, if that was after the job's start
/// position: what is not tracked was not there.
std::optional<Position> read_listed(Connection& target, const std::string& database,
                                    const std::string& job);
Sql save_listed(const std::string& database, const std::string& job, const Position& position);

/// A table that is copied while the rest of the job is in step already.
struct LateTable {
  enum class Step {
    waiting,  ///< not begun: its changes are in the copy to come
    making,   ///< it has a start position; nobody knows whether the target's table is made anew
    copying,
    copied,   ///< its rows converge up to `end`
  };
  TableName name;
  Step step = Step::waiting;
  std::string reason;  ///< why it is copied (again), for people
  std::optional<Position> end;
};
std::vector<LateTable> read_late(Connection& target, const std::string& database,
                                 const std::string& job);
/// Makes what the following need, for a bookkeeping of an older version.
void create_late(Connection& target, const std::string& database);
Sql save_late(const std::string& database, const std::string& job, const LateTable& table);
Sql forget_late(const std::string& database, const std::string& job, const TableName& table);

/// The objects that the job works with, as selection_text() writes them; nothing if an older version
/// did not write them.
std::optional<std::string> read_selection(Connection& target, const std::string& database,
                                          const std::string& job);
Sql save_selection(const std::string& database, const std::string& job, const std::string& text);
/// When the job's objects were changed: what is selected now, and was not by `before`, joined it at `start`.
struct JoinedAt {
  Position start;
  std::string before;  ///< as selection_text() writes it
};
std::vector<JoinedAt> read_joined(Connection& target, const std::string& database,
                                  const std::string& job);
Sql save_joined(const std::string& database, const std::string& job, const JoinedAt& joined);
Sql forget_joined(const std::string& database, const std::string& job, const JoinedAt& joined);
Sql set_fingerprint(const std::string& database, const std::string& job,
                    const std::string& fingerprint);
/// Of the lanes that were ahead when sync was ended.
std::vector<Position> read_lane_positions(Connection& target, const std::string& database,
                                          const std::string& job);

/// A secondary index that was dropped to load rows, and is to be built again.
struct DeferredIndex {
  std::string name;
  std::string definition;  ///< "KEY `name` (...)", as the server wrote it
};
/// In the order in which they have to be built.
std::vector<DeferredIndex> read_deferred(Connection& target, const std::string& database,
                                         const std::string& job, const TableName& table);
/// Tables of the target of which some are written down.
std::vector<TableName> read_deferred_tables(Connection& target, const std::string& database,
                                            const std::string& job);
Sql save_deferred(const std::string& database, const std::string& job, const TableName& table,
                  std::size_t number, const DeferredIndex& index);
Sql forget_deferred(const std::string& database, const std::string& job, const TableName& table);

/// A DDL statement that was about to run when this was written.
struct DdlIntent {
  Position position;      ///< after the statement
  std::string statement;
  std::uint64_t session = 0;  ///< connection id that runs it
  std::string before;         ///< what the tables named in it looked like
};
std::optional<DdlIntent> read_intent(Connection& target, const std::string& database,
                                     const std::string& job);
Sql save_intent(const std::string& database, const std::string& job, const DdlIntent& intent);
Sql clear_intent(const std::string& database, const std::string& job);

// Rows of prepared XA transactions, kept in pieces until the source decides. The table is made when
// it is first needed.
void create_xa_table(Connection& target, const std::string& database);
Sql save_xa_events(const std::string& database, const std::string& job, const std::string& xid,
                   unsigned piece, std::string_view events);
unsigned count_xa_pieces(Connection& target, const std::string& database, const std::string& job,
                         const std::string& xid);
std::string read_xa_events(Connection& target, const std::string& database, const std::string& job,
                           const std::string& xid, unsigned piece);
Sql forget_xa_events(const std::string& database, const std::string& job, const std::string& xid);

// Tables of online DDL tools, each as a text of apply/online_ddl. The table is made when it is first
// needed; until then nothing is read.
void create_tool_tables(Connection& target, const std::string& database);
std::vector<std::string> read_tool_tables(Connection& target, const std::string& database,
                                          const std::string& job);
Sql save_tool_table(const std::string& database, const std::string& job, const TableName& table,
                    std::string_view text);
Sql forget_tool_table(const std::string& database, const std::string& job, const TableName& table);

/// The job has another source, of the same data.
Sql set_source(const std::string& database, const std::string& job, const std::string& source_id);

/// Removes every row of the job, but for indexes that are still to be built.
void forget_job(Connection& target, const std::string& database, const std::string& job);

}  // namespace dts
