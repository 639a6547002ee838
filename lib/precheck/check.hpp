#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.hpp"
#include "dts/job.hpp"
#include "dts/state.hpp"
#include "precheck/grants.hpp"
#include "precheck/target_reading.hpp"
#include "schema/carry_objects.hpp"
#include "schema/mapping.hpp"
#include "schema/read.hpp"
#include "schema_plan.hpp"

namespace dts {

using Findings = std::vector<Finding>;

/// What the checks of one run share; everything is read once, when first asked for.
class Context {
 public:
  Context(const Job& its_job, const JobState& its_state) : job(its_job), state(its_state) {}

  const Job& job;
  const JobState& state;
  std::unique_ptr<Connection> source, target;  ///< null until (and unless) the connection check
                                               ///< of that side has connected
  std::string source_id;
  /// Whether tables() has the target's read meanwhile, where they will be compared.
  bool reads_ahead = false;
  std::stop_token stop;  ///< has the connections cancelled
  TargetReading target_reading;
  /// What the job has worked with, if it has begun and its objects have been changed since.
  std::optional<Objects> before() const;

  /// The selected tables of the source, and foreign keys of which the child is one of them.
  const std::vector<Table>& tables();
  const std::vector<ForeignKey>& foreign_keys();
  /// What they are called on the target; it must be connected.
  const Mapping& mapping();
  /// The tables as they are to be on the target, and the databases that hold them.
  const std::vector<MappedTable>& mapped_tables();
  std::set<std::string> target_schemas();
  /// All that is selected, events too if the job brings them.
  const std::vector<ObjectId>& objects();
  /// As the source has them, without those that the job leaves out, and those that can't be read.
  const std::vector<Definition>& definitions();
  const Unreadable& unreadable();
  /// A failure for each of the latter. The first check that asks tells them, others get nothing.
  Findings tell_unreadable();
  /// What becomes of views, routines, triggers and events on their way to the target.
  const CarryReport& carry_report();
  /// Databases of the source that are selected as a whole or with some table.
  const std::vector<std::string>& schemas();
  const Grants& grants(Side side);
  /// A global variable as SHOW shows it; empty if the server doesn't have it.
  std::string variable(Side side, const std::string& name);
  std::uint64_t number(Side side, const std::string& name);
  Connection& connection(Side side) { return side == Side::source ? *source : *target; }

 private:
  std::optional<std::vector<Table>> tables_;
  std::optional<Mapping> mapping_;
  std::optional<std::vector<MappedTable>> mapped_;
  bool needs_definitions() const;
  void begin_target_reading();

  TableTexts table_texts_{job.schema};
  std::optional<std::vector<ObjectId>> objects_;
  std::optional<std::vector<Definition>> definitions_;
  Unreadable unreadable_;
  bool told_unreadable_ = false;
  std::optional<CarryReport> carry_report_;
  std::optional<std::vector<ForeignKey>> foreign_keys_;
  std::optional<std::vector<std::string>> schemas_;
  std::optional<Grants> grants_[2];
  std::optional<std::map<std::string, std::string>> variables_[2];
  bool target_reading_begun_ = false;
};

/// When the check fails or warns, and why that matters; of explanations.cpp.
std::string_view explanation(std::string_view check);

/// When a check is run; otherwise it is left out of the findings.
enum class When { always, schema, rows, sync };  // rows: data or sync

struct Check {
  const char* name;
  const char* summary;
  Findings (*run)(Context&);
  bool source, target;  ///< the connections that it needs
  When when;
};

/// Whether an initialization or the synchronization has begun.
bool has_started(const JobState& state);

// The runner writes the check's name into findings.
inline Finding pass(std::string message, std::string subject = {}) {
  return {{}, Level::pass, std::move(subject), std::move(message), {}, false};
}
inline Finding warning(std::string subject, std::string message, std::string remedy) {
  return {{}, Level::warning, std::move(subject), std::move(message), std::move(remedy), false};
}
inline Finding failure(std::string subject, std::string message, std::string remedy) {
  return {{}, Level::failure, std::move(subject), std::move(message), std::move(remedy), false};
}
inline const char* name_of(Side side) {
  return side == Side::source ? "source" : "target";
}

// Remedies. What can be pasted stands behind the place where it belongs, several lines below it. A
// line that begins with "or " is another way, one in brackets a remark.
inline std::string on(Side side, const std::string& statements) {
  const char gap = statements.find('\n') == std::string::npos ? ' ' : '\n';
  return fmt::format("on the {}:{}{}", name_of(side), gap, statements);
}
/// `assignment` is "NAME = VALUE".
inline std::string set_global(Side side, const std::string& assignment) {
  return on(side, "SET GLOBAL " + assignment + ";") + "\n(and the same in its configuration)";
}
/// `change` is "KEY = VALUE", or "add VALUE to KEY", with the section's name in KEY.
inline std::string in_job_file(const std::string& change) {
  return "in the job file: " + change;
}
inline std::string in_configuration(Side side, const std::string& lines) {
  return fmt::format("in the configuration of the {}, and restart it:\n[mysqld]\n{}", name_of(side),
                     lines);
}
/// An entry of objects.include or objects.exclude for just this one, in quotes.
std::string entry_for(const TableName& name);
inline std::string exclude(const TableName& name) {
  return in_job_file(fmt::format("add {} to objects.exclude", entry_for(name)));
}

/// Whether one is MySQL and the other MariaDB.
inline bool is_other_kind(Context& context) {
  return context.source->is_mariadb() != context.target->is_mariadb();
}

/// "a, b, c and 7 more"
std::string listed(const std::vector<std::string>& names);
/// The parts of "a,b,c", as variables hold lists.
std::vector<std::string> split(const std::string& list);

// servers.cpp
Findings check_source_connection(Context& context);
Findings check_target_connection(Context& context);
Findings check_source_version(Context& context);
Findings check_target_version(Context& context);
Findings check_same_server(Context& context);
Findings check_tls(Context& context);
Findings check_read_only(Context& context);
Findings check_primary_keys(Context& context);
Findings check_local_infile(Context& context);
Findings check_replicas(Context& context);
Findings check_function_creators(Context& context);

// privileges.cpp
Findings check_source_privileges(Context& context);
Findings check_target_privileges(Context& context);

// binlog.cpp
Findings check_binlog_enabled(Context& context);
Findings check_gtid_mode(Context& context);
Findings check_binlog_format(Context& context);
Findings check_binlog_row_image(Context& context);
Findings check_binlog_row_metadata(Context& context);
Findings check_server_id(Context& context);
Findings check_binlog_retention(Context& context);
Findings check_binlog_forms(Context& context);
Findings check_binlog_filters(Context& context);
Findings check_binlog_order_commits(Context& context);
Findings check_log_slave_updates(Context& context);
Findings check_xa_open(Context& context);

// replication.cpp
Findings check_replication(Context& context);

// activity.cpp
Findings check_long_transactions(Context& context);
Findings check_target_events(Context& context);
Findings check_time_zones(Context& context);

// packet.cpp
Findings check_max_allowed_packet(Context& context);

// limits.cpp
Findings check_table_limits(Context& context);

// settings.cpp
Findings check_sql_mode(Context& context);
Findings check_clocks(Context& context);

// capacity.cpp
Findings check_connections(Context& context);
Findings check_disk_space(Context& context);

// objects.cpp
Findings check_objects_found(Context& context);
Findings check_engines(Context& context);
Findings check_column_types(Context& context);
Findings check_keyless_tables(Context& context);
Findings check_non_transactional_tables(Context& context);
Findings check_foreign_keys(Context& context);
Findings check_views(Context& context);

// cascades.cpp
/// Tables that are copied in one snapshot with others, see snapshot_groups().
std::set<TableName> cascading_tables(Context& context);
Findings check_cascades(Context& context);

// selection.cpp
Findings check_selection(Context& context);

// target_objects.cpp
Findings check_target_objects(Context& context);
Findings check_collations(Context& context);

// compare.cpp
/// Whether the target is to have the schema already.
bool has_schema_to_compare(const Job& job, const JobState& state);
Findings check_schema_compare(Context& context);

// maps.cpp
Findings check_maps(Context& context);
Findings check_merges(Context& context);
Findings check_names(Context& context);

// constraints.cpp
/// Constraints of several databases that become one, with names that can be there only once.
Findings constraint_clashes(Context& context);

// mapped_objects.cpp
Findings check_mapped_objects(Context& context);

// definers.cpp
Findings check_definers(Context& context);

// translations.cpp
Findings check_translations(Context& context);

}  // namespace dts
