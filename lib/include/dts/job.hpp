#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "dts/endpoint.hpp"
#include "dts/export.hpp"
#include "dts/objects.hpp"

namespace dts {

enum class ExistingTables { fail, keep };
enum class Triggers { guarded, skip };
enum class Definer { current, keep };
enum class ApplyMode { transactional, parallel };
enum class OnConflict { stop, overwrite, ignore };
enum class DdlPolicy { apply, skip, stop };
enum class DdlReevaluate { stop, recopy };
enum class OnlineDdl { copy, skip };

/// `[schema]`
struct SchemaOptions {
  ExistingTables existing_tables = ExistingTables::fail;
  bool events = false;
  Triggers triggers = Triggers::guarded;
  Definer definer = Definer::current;
};

/// `[data]`; a limit of 0 is no limit.
struct DataOptions {
  unsigned workers = 4;
  std::uint64_t rows_per_second = 0;
  std::uint64_t mb_per_second = 0;
  unsigned max_replica_lag_seconds = 0;
  std::vector<HostPort> replicas;  ///< whose lag counts; none: those that the source lists
  unsigned max_threads_running = 0;
};

/// `[sync]`
struct SyncOptions {
  ApplyMode apply = ApplyMode::transactional;
  unsigned workers = 4;
  OnConflict on_conflict = OnConflict::stop;
  std::uint64_t rows_per_second = 0;  ///< 0: no limit
  std::uint64_t mb_per_second = 0;    ///< of row images; 0: no limit
  DdlPolicy ddl = DdlPolicy::apply;
  std::map<std::string, DdlPolicy> ddl_by_class;
  DdlReevaluate ddl_reevaluate = DdlReevaluate::stop;
  OnlineDdl online_ddl = OnlineDdl::copy;
  std::vector<std::string> shadow_tables, trash_tables;
  double heartbeat_seconds = 1;
  std::string heartbeat_table;
};

/// `[retry]`, in minutes.
struct RetryOptions {
  unsigned connection_minutes = 720;
  unsigned statement_minutes = 10;
};

/// A whole job file as values.
struct Job {
  std::filesystem::path file;
  std::string name;
  bool schema_phase = true, data_phase = true, sync_phase = true;
  Endpoint source, target;
  std::uint32_t server_id = 0;          ///< our id as a replica of the source; never 0 once loaded
  std::string bookkeeping = "dtsctl";   ///< database on the target for position rows
  Objects objects;
  SchemaOptions schema;
  DataOptions data;
  SyncOptions sync;
  RetryOptions retry;
  std::vector<std::string> precheck_ignore;
};

/// Reads and checks a job file. `overrides` are "section.key=value" as given to -c; the value is
/// TOML, or a bare word taken as a string. Throws Error{usage} with "file:line:column: ..." for
/// unknown keys, wrong types and impossible values.
DTS_EXPORT Job load_job(const std::filesystem::path& file,
                        std::span<const std::string> overrides = {});

/// A hash (16 hex digits) of what makes it the same job: its name, objects, maps and `[schema]`.
/// Hosts, credentials, workers, limits and policies may change at any time.
DTS_EXPORT std::string fingerprint(const Job& job);

}  // namespace dts
