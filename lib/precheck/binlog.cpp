#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "db/server.hpp"
#include "db/server_objects.hpp"
#include "precheck/check.hpp"
#include "precheck/copy_estimate.hpp"

namespace dts {

namespace {

constexpr auto source = Side::source;

bool is_in(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// What `ask` returns; nothing if the account lacks the right for it.
template <class Ask>
auto permitted(const Ask& ask) -> std::optional<decltype(ask())> {
  try {
    return ask();
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::connect) throw;
    return std::nullopt;
  }
}

Findings check_setting(Context& context, const std::string& name, const char* wanted,
                       const char* why) {
  const std::string value = context.variable(source, name);
  if (value == wanted) return {pass(fmt::format("{} is {}", name, value), "source")};
  return {
      failure("source", fmt::format("{} is {}: {}", name, value, why),
              fmt::format("{}\n(and the same in its configuration; sessions that are open keep the "
                          "old setting until they reconnect)",
                          on(source, fmt::format("SET GLOBAL {} = '{}';", name, wanted))))};
}

}  // namespace

Findings check_binlog_enabled(Context& context) {
  if (context.variable(source, "log_bin") == "ON") return {pass("log_bin is ON", "source")};
  return {failure("source", "log_bin is OFF: changes can't be followed",
                  in_configuration(source, "log_bin\nbinlog_format = ROW\nserver_id = 1"))};
}

namespace {

/// It goes by steps, of which each waits for nothing but the last one.
std::string switch_gtids_on(const std::string& mode) {
  std::string text = "SET GLOBAL enforce_gtid_consistency = ON;\n";
  if (mode == "OFF") text += "SET GLOBAL gtid_mode = OFF_PERMISSIVE;\n";
  if (mode != "ON_PERMISSIVE") text += "SET GLOBAL gtid_mode = ON_PERMISSIVE;\n";
  return on(source, text + "SET GLOBAL gtid_mode = ON;") +
         "\n(the last one once Ongoing_anonymous_transaction_count is 0; and the same in its "
         "configuration)";
}

}  // namespace

namespace {

/// MariaDB finds no GTID in a file with an event that is larger than a statement may be: an UPDATE of a
/// large value logs it twice. A copy has to know the GTIDs of its snapshots.
std::optional<Finding> unfindable_gtid(Context& context) {
  const bool copied = context.state.data.status == PhaseStatus::done && !context.before();
  if (!context.job.data_phase || copied || context.variable(source, "log_bin") != "ON") return std::nullopt;
  const auto status = permitted([&] { return binlog_status(*context.source); });
  if (!status) return std::nullopt;
  const std::string file = status->at(0).value_or("");
  constexpr unsigned time_is_up = 1969;
  try {
    if (context.source->value(sql("SET STATEMENT max_statement_time = 2 FOR SELECT BINLOG_GTID_POS({}, {})",
                                  Text{file}, std::strtoull(status->at(1).value_or("0").c_str(), nullptr, 10))))
      return std::nullopt;
  } catch (const Error& error) {
    if (error.server_errno() != time_is_up) throw;
    return std::nullopt;
  }
  return failure("source",
                 fmt::format("the source finds no GTID for a position in {}, where a copy would begin: the file has "
                             "an event larger than max_allowed_packet ({})",
                             file, context.number(source, "max_allowed_packet")),
                 set_global(source, "max_allowed_packet = 1073741824") + "\nor " + on(source, "FLUSH BINARY LOGS;"));
}

}  // namespace

Findings check_gtid_mode(Context& context) {
  const std::string mode = context.variable(source, "gtid_mode");
  if (context.source->is_mariadb()) {
    if (auto finding = unfindable_gtid(context)) return {*finding};
    return {pass("the source names every transaction by a GTID", "source")};
  }
  if (mode == "ON") return {pass("gtid_mode is ON", "source")};
  if (!context.job.source.hosts.empty())
    return {
        failure("source",
                fmt::format("gtid_mode is {}, and source.hosts asks for failover, which needs it "
                            "ON: positions are a file and an offset, which no other server knows",
                            mode),
                switch_gtids_on(mode) + "\nor name one host in [source] of the job file")};
  return {pass(fmt::format("gtid_mode is {}: positions are a file and an offset, which no other "
                           "server knows; ON is recommended",
                           mode),
               "source")};
}

Findings check_binlog_format(Context& context) {
  // One day MySQL will have no other, and no variable.
  if (!context.source->is_mariadb() && context.variable(source, "binlog_format").empty())
    return {pass("the source has no other format than ROW", "source")};
  return check_setting(context, "binlog_format", "ROW", "not every change is logged as rows");
}

Findings check_binlog_row_image(Context& context) {
  return check_setting(context, "binlog_row_image", "FULL", "rows are not logged with all columns");
}

Findings check_binlog_row_metadata(Context& context) {
  const std::string value = context.variable(source, "binlog_row_metadata");
  if (value == "FULL") return {pass("binlog_row_metadata is FULL", "source")};
  return {pass(fmt::format("binlog_row_metadata is {}: columns are known by the schema and its DDL "
                           "only; FULL is recommended (SET GLOBAL binlog_row_metadata = FULL)",
                           value),
               "source")};
}

namespace {

/// Who else has the job's id as a replica; our own last run is listed until the source has written to it
/// in vain.
std::optional<TextRow> find_namesake(Context& context, std::uint32_t own,
                                     std::vector<TextRow> others) {
  constexpr int tries_max = 30;
  for (int tries = 0;; ++tries) {
    const auto found = std::find_if(others.begin(), others.end(), [&](const TextRow& row) {
      return row.at(0) == std::to_string(own);
    });
    if (found == others.end()) return std::nullopt;
    if (found->at(1) != "dtsctl" || tries == tries_max) return *found;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    others = replicas(*context.source);
  }
}

/// One that neither the source nor a replica of it has.
std::string another_id(std::uint32_t own, const std::optional<std::vector<TextRow>>& others) {
  std::uint32_t id = own;
  const auto is_taken = [&](const TextRow& row) { return row.at(0) == std::to_string(id); };
  do id = id == UINT32_MAX ? 1 : id + 1;
  while (others && std::any_of(others->begin(), others->end(), is_taken));
  return in_job_file(fmt::format("source.server_id = {}", id));
}

}  // namespace

Findings check_server_id(Context& context) {
  const auto id = context.number(source, "server_id");
  if (id == 0)
    return {failure("source", "server_id is 0: the server sends no binlog",
                    set_global(source, "server_id = 1"))};
  const std::uint32_t own = context.job.server_id;
  const auto others = permitted([&] { return replicas(*context.source); });
  if (id == own)
    return {failure("source", fmt::format("the source's server_id {} is that of the job", id),
                    another_id(own, others))};
  if (!others)
    return {
        pass(fmt::format("server_id is {}; that no other replica uses the job's {} could not be "
                         "checked (SHOW SLAVE HOSTS is not permitted)",
                         id, own),
             "source")};
  if (const auto other = find_namesake(context, own, *others))
    return {failure("source",
                    fmt::format("another replica ({}:{}) uses the job's server_id {}",
                                other->at(1).value_or(""), other->at(2).value_or(""), own),
                    another_id(own, others))};
  return {pass(fmt::format("server_id is {}, the job's {}", id, own), "source")};
}

namespace {

/// How long the copy may take that is still to come.
double copy_seconds(Context& context, double mb_per_second) {
  if (!context.job.data_phase || context.state.data.status == PhaseStatus::done) return 0;
  double bytes = 0, copied = 0;
  for (const Table& table : context.tables()) bytes += static_cast<double>(table.bytes_estimated);
  for (const TableProgress& table : context.state.tables) copied += static_cast<double>(table.bytes);
  const double left = bytes > 0 ? std::max(0.0, 1 - copied / bytes) : 1;
  return left * estimate(context.tables(), copy_speed(context.job, mb_per_second)).seconds;
}

/// One digit: an estimate has no more, and a warning that was accepted stays the same.
double coarse(double value) {
  if (value <= 0) return 0;
  const double unit = std::pow(10, std::floor(std::log10(value)));
  return std::round(value / unit) * unit;
}

}  // namespace

Findings check_binlog_retention(Context& context) {
  constexpr std::uint64_t day = 86400, enough = 3 * day;
  std::string value = context.variable(source, "binlog_expire_logs_seconds");
  std::uint64_t seconds = context.number(source, "binlog_expire_logs_seconds");
  // Twice, because it is an estimate, and what has piled up has to be applied, too.
  const ExpectedSpeed speed = expected_speed(context.job, context.state, context.tables());
  const double copy = copy_seconds(context, speed.mb_per_second);
  auto days = static_cast<std::uint64_t>(2 * copy / day) + 7;
  if (days > 99) days = 0;  // MariaDB knows no more but for ever
  const char* setting = "binlog_expire_logs_seconds = 604800";
  std::string longer = fmt::format("binlog_expire_logs_seconds = {}", days * day);
  if (value.empty()) {
    seconds = context.number(source, "expire_logs_days") * day;
    setting = "expire_logs_days = 7";
    longer = fmt::format("expire_logs_days = {}", days);
  }
  if (seconds == 0) return {pass("binlogs do not expire", "source")};
  const std::string fact =
      fmt::format("binlogs are kept for {:.1f} hours", static_cast<double>(seconds) / 3600);
  // An estimate may be wrong: what is certain stops the job below.
  if (seconds >= day && copy > static_cast<double>(seconds))
    return {warning("source",
                    fmt::format("{}, and the copy may take {:g} hours, at {:g} MB/s{}: what changes "
                                "meanwhile would be gone before it is applied",
                                fact, coarse(copy / 3600), coarse(speed.mb_per_second),
                                speed.measured ? " as so far" : ""),
                    set_global(source, longer))};
  if (seconds >= enough) return {pass(fact, "source")};
  if (seconds < day)
    return {failure("source", fact + ": a pause of a day would end the job",
                    set_global(source, setting))};
  return {
      warning("source", fact + ": a longer pause would end the job", set_global(source, setting))};
}

Findings check_binlog_forms(Context& context) {
  std::vector<std::string> forms;
  const auto add = [&](const char* variable, const char* value, const char* form) {
    if (context.variable(source, variable) == value) forms.emplace_back(form);
  };
  add("log_bin_compress", "ON", "compressed events");
  add("binlog_transaction_compression", "ON", "compressed transactions");
  add("binlog_row_value_options", "PARTIAL_JSON", "changes of JSON documents by their parts");
  if (forms.empty()) return {pass("the binlog holds plain events", "source")};
  return {pass(fmt::format("the binlog holds {}, which sync reads", listed(forms)), "source")};
}

Findings check_binlog_filters(Context& context) {
  if (context.variable(source, "log_bin") != "ON")
    return {pass("there is no binlog to be filtered", "source")};
  const auto seen = permitted([&] { return binlog_status(*context.source); });
  if (!seen) {
    const Grants& grants = context.grants(source);
    return {failure("source", grants.account + " may not see whether the binlog is filtered",
                    on(source, grant_statement(grants, {status_right(*context.source)}, "")))};
  }
  const TextRow& status = *seen;
  const auto only = split(status.at(2).value_or("")), without = split(status.at(3).value_or(""));
  std::vector<std::string> lost;
  for (const std::string& schema : context.schemas())
    if ((!only.empty() && !is_in(only, schema)) || is_in(without, schema)) lost.push_back(schema);
  if (lost.empty()) return {pass("the binlog has all selected databases", "source")};
  return {
      failure("source",
              fmt::format("binlog_do_db or binlog_ignore_db keeps changes out of the binlog: {}",
                          listed(lost)),
              "remove binlog_do_db and binlog_ignore_db from the configuration of the source, and "
              "restart it")};
}

Findings check_binlog_order_commits(Context& context) {
  const std::string value = context.variable(source, "binlog_order_commits");
  if (value != "OFF") return {pass("transactions commit in the order of the binlog", "source")};
  return {warning("source",
                  "binlog_order_commits is OFF: readers of the source may see a transaction before "
                  "one that is earlier in the binlog, and the target's order is the binlog's",
                  set_global(source, "binlog_order_commits = ON"))};
}

Findings check_log_slave_updates(Context& context) {
  const std::string newer = "log_replica_updates", older = "log_slave_updates";
  const std::string& name = context.variable(source, newer).empty() ? older : newer;
  if (context.variable(source, name) == "ON") return {pass(name + " is ON", "source")};
  const auto known = permitted([&] { return is_replica(*context.source); });
  // A server that was promoted once has been one.
  const bool has_been = !context.variable(source, "gtid_slave_pos").empty();
  if (!known.value_or(has_been)) return {pass("the source is not a replica itself", "source")};
  if (!known)
    return {warning("source",
                    fmt::format("{} is OFF, and the account may not see whether the source, which has been "
                                "a replica, still is one: what it replicates would not be in its binlog",
                                name),
                    on(source, grant_statement(context.grants(source), {"SLAVE MONITOR"}, "")) + "\nor " +
                        in_configuration(source, name + " = ON"))};
  return {failure("source",
                  fmt::format("the source is a replica and {} is OFF: what it replicates is not in "
                              "its binlog",
                              name),
                  in_configuration(source, name + " = ON") + "\nor use its primary as the source")};
}

namespace {

std::string for_each(const char* verb, const std::vector<std::string>& xids) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(xids.size(), most); ++i)
    text += fmt::format("{}{} {};", i ? "\n" : "", verb, xids[i]);
  return text;
}

}  // namespace

Findings check_xa_open(Context& context) {
  const auto prepared = [&] { return prepared_xids(*context.source); };
  std::vector<std::string> open = prepared();
  // Where XA is in use, some transaction is prepared at almost any moment: only those count that
  // stay so.
  for (int i = 0; i < 6 && !open.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    const auto now = prepared();
    std::erase_if(open, [&](const std::string& xid) { return !is_in(now, xid); });
  }
  if (open.empty()) return {pass("no XA transaction stays prepared", "source")};
  return {failure("source", fmt::format("prepared XA transactions are undecided: {}", listed(open)),
                  on(source, for_each("XA COMMIT", open)) + "\nor " +
                      on(source, for_each("XA ROLLBACK", open)))};
}

}  // namespace dts
