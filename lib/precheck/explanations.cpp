#include <array>
#include <utility>

#include "precheck/check.hpp"

namespace dts {

namespace {

// When each check fails or warns, and what would happen without it.
constexpr std::array explanations = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"source-connection",
     "Fails if no session can be opened, with the server's own error, or if a job that has begun meets "
     "another server than before. Passing, it tells the account and host that the server sees: accounts and "
     "firewalls go by these. Checks that need the source are left out until it passes."},
    {"target-connection",
     "Fails if no session can be opened, with the server's own error, or if a job that has begun meets "
     "another server than before. Checks that need the target are left out until it passes."},
    {"source-version", "Fails for servers older than those that dtsctl knows how to read. A series that dtsctl's own "
                       "tests have not run with passes, and the finding says so."},
    {"target-version", "Fails for servers older than those that dtsctl knows how to write to. A series that dtsctl's "
                       "own tests have not run with passes, and the finding says so."},
    {"same-server", "Fails if both endpoints lead to one server: a job from a server to itself would apply its own "
                    "changes."},
    {"tls", "Never fails: an endpoint that must be encrypted says so by its key 'tls', and is refused a connection "
            "otherwise."},
    {"objects-found", "Fails for each pattern of objects.include that matches nothing: a name may be misspelt, or the "
                      "account may have no right there, and servers hide what an account has no right in."},
    {"selection",
     "Looks only at jobs whose [objects] have been changed since they began. Fails if a change can't be made to a "
     "running job, or if a table would join alone that foreign keys with CASCADE or SET NULL connect with tables "
     "that are in step already."},
    {"source-privileges",
     "Fails with exactly what is missing, as GRANT statements for the account as the server knows it. What is needed "
     "depends on the phases: reading and showing for the schema, SELECT for the rows, replication for the binlog. "
     "Warns if functions and procedures of others can't be seen: they would be left out."},
    {"target-privileges", "Fails with exactly what is missing, as GRANT statements: for the databases that the job "
                          "fills, and for dtsctl's own, which holds the position."},
    {"binlog-enabled", "Fails if log_bin is OFF. Also a copy alone needs a position to begin at."},
    {"gtid-mode",
     "With GTIDs a job can follow a failover to another host. Fails if source.hosts asks for that and there are "
     "none, and if a MariaDB source can't tell the GTID of its present position, because its binlog has an event "
     "larger than max_allowed_packet."},
    {"binlog-format", "Fails unless it is ROW: statements that are run again may do something else on the target."},
    {"binlog-row-image", "Fails unless it is FULL: without the whole rows, before and after, no row can be found or "
                         "compared for certain."},
    {"binlog-row-metadata", "With FULL, the binlog says how columns are called and what their types are. Without, "
                            "dtsctl follows the statements that alter tables, and stops where it can't be sure."},
    {"binlog-forms", "Never fails: dtsctl reads all these forms. Other readers of the same binlog may not."},
    {"server-id", "Fails if the source has no server_id, or if the job's is that of the source or of another replica: "
                  "a server cuts off one of two replicas with the same id."},
    {"binlog-retention",
     "What is purged before it is applied is lost to the job, which then has to copy again. Fails below a day, warns "
     "below three days, and warns if the copy may take longer than binlogs are kept, going by the estimated size and "
     "the speed so far."},
    {"binlog-filters", "Fails if binlog_do_db or binlog_ignore_db keeps a selected database out of the binlog, where "
                       "its changes would never arrive, and if the account may not see whether they do."},
    {"binlog-order-commits",
     "Warns if it is OFF: the source may then show a transaction before one that is earlier in the binlog, and the "
     "target goes from state to state in the order of the binlog."},
    {"log-slave-updates", "Fails if the source is a replica and does not log what it replicates: these changes would "
                          "be missing. Warns if the account may not see whether it is one."},
    {"xa-open", "Fails for transactions that stay prepared while it looks, for up to three seconds: the copy would not "
                "see their rows, and sync would begin behind them."},
    {"long-transactions",
     "Warns only where the copy has to lock tables for an instant: such a lock waits for transactions that use them, "
     "and all later writers wait behind it."},
    {"replication", "Warns if one of the servers has a replica with the other one's server_id: changes would arrive "
                    "twice, or come back. Says so if an account may not ask."},
    {"connections", "Warns if max_connections or the account's own limit leaves less room than the job's workers and "
                    "watching sessions may take."},
    {"engines",
     "Fails for tables whose rows are elsewhere or never come into the binlog (FEDERATED, SPIDER, BLACKHOLE, ...), "
     "for engines that the target does not have, sequences on MySQL, and system versions that can't be carried."},
    {"column-types", "Fails for types that the target does not have, that dtsctl does not know, or that are stored in "
                     "the format of MariaDB 5.3."},
    {"collations", "Fails for a collation that the target neither knows nor has something like."},
    {"translations",
     "Between MySQL and MariaDB, and between versions that write differently. Fails for what the target has nothing "
     "for; warns where a unique key's collation has other rules, for what is left out, and for views and routines "
     "that may give other results there."},
    {"keyless-tables",
     "Warns for tables of more than 100,000 rows: each is copied in one transaction that can't be resumed, and each "
     "change of a row reads the whole table. Small ones pass; no row of them is lost or doubled either."},
    {"non-transactional-tables",
     "Warns for those with a key: what a statement that fails half-way has done stays on the source, and the target "
     "may be a moment behind within it. Fails for those without a key, which can't be copied exactly while they "
     "change."},
    {"foreign-keys",
     "Fails for parents that are not selected, and for tables connected by CASCADE or SET NULL, where the binlog does "
     "not tell what these do, that are filtered, merged or kept: the target could not do the same."},
    {"views", "Fails for views that are broken on the source, and for those made of tables that are neither selected "
              "nor on the target."},
    {"mapped-objects", "Warns for each view, routine, trigger or event that is left out, because its text mentions a "
                       "name that changes where that can't be rewritten for certain."},
    {"definers", "With schema.definer = \"keep\": warns for accounts that the target does not have or that can't be "
                 "seen, and fails where the target would refuse to create objects of them."},
    {"target-objects",
     "Fails for objects that are there already and are not this job's, for tables with rows where the job does not "
     "create them, and, with existing_tables = \"keep\", for tables in which rows can't be written over others. Also "
     "for a database whose collation is another one than on the source."},
    {"schema-compare",
     "Once the schema is there, or is to be kept. Fails for differences that could refuse or change rows, or in what "
     "the job has created itself; others are shown and pass. dtsctl status --schema shows them at any time."},
    {"names", "Fails if tables or constraints would have one name on the target, for instance because the target "
              "knows no upper case."},
    {"maps", "Fails for a map that serves no table, names columns that are not there, or has a condition that does "
             "not read or does not suit the table's columns."},
    {"merges", "Fails if tables that are merged are not alike, have no key, or have rows with the same key now. Else "
               "warns: if two of them ever have the same value of a unique key, one row replaces the other."},
    {"function-creators", "Fails if the target writes a binlog and would refuse to create a function or trigger "
                          "without log_bin_trust_function_creators."},
    {"read-only", "Fails if the target is read_only and the account is not exempt from it, or super_read_only."},
    {"primary-keys", "Fails if the target refuses tables without a primary key, or would add one to them by itself, "
                     "and the account may not switch that off for its sessions."},
    {"table-limits",
     "Fails for keys that are too long for the pages and row formats of the target's InnoDB, or have too many columns "
     "for it, and for rows that it would refuse to create; warns where only full rows would not fit, where "
     "MariaDB would make a hash of a unique key, and in place of all failures with existing_tables = \"keep\"."},
    {"max-allowed-packet",
     "Measures the largest rows for up to one and a half seconds. Warns if the statement that writes one is larger "
     "than what the target takes, or if the target takes less than the source; names tables that it could not measure, "
     "but for those that are far too small by the server's estimate."},
    {"disk-space", "Warns if less is free on the target than the rows take on the source. Only MariaDB with its plugin "
                   "'disks' tells; otherwise the finding says how much is needed."},
    {"target-events", "Warns for enabled events in the databases that the job fills: they may change the same rows. "
                      "Events that the job creates are disabled."},
    {"time-zones", "Fails if an event's time zone is unknown to the target; warns if the source's own is, because DDL "
                   "of sessions in it would be refused."},
    {"sql-mode", "Never fails: the job's sessions have a mode of their own. Programs that move to the target will "
                 "meet the difference."},
    {"clocks", "Warns from a minute on. The lag is measured by the source's clock, and events and defaults by the "
               "target's."},
    {"local-infile", "Never fails. With local_infile = ON on the target rows are copied by LOAD DATA, which is faster "
                     "than INSERT; dtsctl then checks counts and warnings each time."},
    {"replicas", "Only with data.max_replica_lag_seconds. Fails if a replica can't be asked, warns if one lags more "
                 "than that now or does not replicate: the copy would wait."},
});

}  // namespace

std::string_view explanation(std::string_view check) {
  for (const auto& [name, text] : explanations)
    if (name == check) return text;
  return {};
}

}  // namespace dts
