#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dts/export.hpp"
#include "dts/objects.hpp"
#include "dts/position.hpp"

namespace dts {

/// Wall-clock time, whole seconds, UTC.
using Time = std::chrono::sys_seconds;
DTS_EXPORT Time now();
/// RFC 3339, "2026-11-22T06:08:15Z".
DTS_EXPORT std::string to_string(Time time);

enum class Level { pass, warning, failure };

/// One result of a check. Expected trouble is data, not an exception.
struct Finding {
  std::string check;    ///< id of the check
  Level level = Level::pass;
  std::string subject;  ///< "source", "target", or the object it is about
  std::string message;  ///< the facts found
  std::string remedy;   ///< something to paste, or what to do; may be empty
  bool acknowledged = false;
};

// The names of enum values and of keys below are written to disk: they may be added to, never
// changed.

enum class PhaseStatus { not_started, running, retrying, done, failed, interrupted };

struct PhaseState {
  PhaseStatus status = PhaseStatus::not_started;
  std::optional<Time> started, finished;
  std::string error;
};

struct PrecheckState : PhaseState {
  bool passed = false;
  std::vector<Finding> findings;
};

/// How far the copy of one table has come.
struct TableProgress {
  TableName table;
  std::uint64_t rows_estimated = 0;
  std::uint64_t rows = 0;      ///< rows copied, re-copied ones counted again
  std::uint64_t bytes = 0;     ///< as sent to the target
  std::uint64_t chunks = 0;
  double seconds = 0;          ///< busy time, summed over workers
  /// Everything up to this key is copied: one SQL literal per key column, as the server compares
  /// it (numbers verbatim, all else as hex). Empty: nothing yet, or the table is not split.
  std::vector<std::string> copied_through;
  bool done = false;
  /// Indexes that the target's table does without until its rows are there.
  std::vector<std::string> indexes_waiting;
  /// A row that was copied early: if the target has none up to it any more, it was emptied. Not kept in
  /// the file.
  std::vector<std::string> first_row;
  bool indexing = false;  ///< they are being built; not kept in the file
  bool active = false;    ///< workers are at it; not kept in the file
};

/// Something that was not applied, and why.
struct Skipped {
  std::string kind;    ///< "account", "ddl", "transaction", ...; "waiting": a table to be copied
  std::string detail;  ///< the first one's text, shortened
  std::string position;
  std::uint64_t count = 0;
  std::optional<Time> when{};  ///< of the last one, by our clock
};

struct ConflictKey {
  std::string key;
  std::uint64_t count = 0;
};

/// Changes that met other data on the target than they should have.
struct Conflict {
  static constexpr std::size_t keys_max = 20;
  TableName table;
  std::string kind;  ///< "missing-row", "existing-row" or "history"
  std::string key;   ///< of the last one
  std::uint64_t count = 0;
  std::vector<ConflictKey> keys{};  ///< the first of them; those of all others are in `count` only

  /// Counts one row, or as many.
  void add(const std::string& key, std::uint64_t more);
  /// Counts what was counted elsewhere.
  void add(const Conflict& more);
};

/// What sync has done, mirrored from the target.
struct SyncProgress {
  std::optional<Position> position;   ///< applied and committed on the target
  std::optional<Time> source_time;    ///< when the source committed it
  bool caught_up_copy = false;        ///< past the end of the copy: ordinary mode
  double lag_seconds = -1;            ///< -1: not known
  /// The highest lag of each of the last 60 minutes, the oldest first; -1 where none is known.
  std::vector<double> lag_history;
  std::optional<Time> lag_minute;     ///< when the last of them began
  std::uint64_t transactions = 0;     ///< source transactions applied
  std::uint64_t row_changes = 0;      ///< row changes applied
  std::uint64_t ddl = 0;
  double row_changes_per_second = 0;
  std::string bottleneck;             ///< "source", "target", "limit", or "" when idle
  std::string bottleneck_detail;      ///< of the target: a table, "commit" or "DDL"; of the source: "decoding" or ""
  std::string waiting;                ///< what the target has been busy with for long; empty: nothing
  std::optional<Time> updated;
  /// A transaction that was applied, "0-1-5@1763800000" with the time in its event: by it a MariaDB
  /// source is known for one of the same data.
  std::string mark;
  std::optional<Time> purge_expected;  ///< when the source may purge what is needed next, if ever
  std::vector<Skipped> skipped;
  std::vector<Conflict> conflicts;
  /// Tables that have to be copied again, each with the reason: their changes are not applied.
  std::vector<std::string> uncopied;
};

/// A whole state file as values.
struct JobState {
  static constexpr int version = 1;
  std::string job;          ///< the job's name
  std::string fingerprint;  ///< of the job that it belongs to
  std::string source_id;    ///< identities of the servers, once known
  std::string target_id;
  std::string target_server;  ///< which of several hosts: its replicas have the target's identity, too
  std::string source, target;  ///< endpoints for people, without passwords
  PrecheckState precheck;
  PhaseState schema, data, sync_phase;
  std::uint64_t schema_objects = 0;       ///< objects created so far
  std::vector<std::string> created;       ///< "table shop.orders": what this job made on the target
  std::optional<Position> copy_start, copy_end;  ///< the hand-over positions
  std::vector<TableProgress> tables;   ///< of the copy under way, or of all that were copied
  std::vector<TableProgress> settled;  ///< tables that are in step while others are copied
  /// What the job selects and maps since its copy began, or since its objects were changed last: it
  /// may be behind the job file. Only this library reads it.
  std::string selection;
  SyncProgress sync;
};

/// "dtsctl.toml" -> "dtsctl.state.toml".
DTS_EXPORT std::filesystem::path state_path(const std::filesystem::path& job_file);

/// Reads a state file without locking it. Throws Error{state} with a hint if it is missing, torn,
/// foreign, or written by a newer version.
DTS_EXPORT JobState read_state(const std::filesystem::path& file);

/// Who holds the lock of a state file, as written into the lock file.
struct LockHolder {
  int pid = 0;
  std::string command;
  std::string since;
};

/// The running holder, or nothing. Takes no lock itself.
DTS_EXPORT std::optional<LockHolder> lock_holder(const std::filesystem::path& state_file);

/// What `status` shows as the state of the whole job: one of not-started, prechecking,
/// precheck-failed, precheck-passed, initializing, initialize-failed, catching-up, synchronizing,
/// retrying, suspended, failed, finished.
DTS_EXPORT std::string overall_state(const JobState& state, bool running);

DTS_EXPORT const char* to_string(PhaseStatus status);
DTS_EXPORT const char* to_string(Level level);

/// A state file, locked while this lives. Its directory must be writable.
class DTS_EXPORT StateFile {
 public:
  /// Takes the lock (Error{locked} if another process has it) and reads the file; a missing file is
  /// a fresh state. `command` goes into the lock file for others to see. Throws Error{state} if the
  /// file is damaged.
  StateFile(std::filesystem::path file, const std::string& command);
  ~StateFile();
  StateFile(const StateFile&) = delete;
  StateFile& operator=(const StateFile&) = delete;

  JobState state;
  bool fresh() const { return fresh_; }

  /// Writes `state` durably: temporary file, fsync, rename, fsync of the directory. Throws
  /// Error{state}; the old file then stays whole.
  void save();
  /// save(), unless the last one was less than a second ago.
  void save_soon();

 private:
  std::filesystem::path file_;
  int lock_ = -1;
  bool fresh_ = true;
  std::chrono::steady_clock::time_point saved_{};
};

}  // namespace dts
