#include "state_toml.hpp"

#include <charconv>
#include <limits>
#include <sstream>

#include <fmt/format.h>

#include "dts/error.hpp"
#include "fnv.hpp"
#include "state_tables.hpp"
#include "toml_reader.hpp"
#include "toml_writer.hpp"

namespace dts {

namespace {

constexpr std::string_view header =
    "written by dtsctl, not to be edited: the last line is a checksum";
constexpr std::string_view version_key = "version = ";
constexpr const char* damaged_hint =
    "restore it, or rebuild it from the target with 'dtsctl sync --recover-state'; if nothing has "
    "been copied yet, remove it";
constexpr const char* newer_hint = "use the dtsctl that wrote it, or a newer one";

// ---- writing

void write(TomlWriter& out, std::string_view key, const std::optional<Time>& time) {
  if (time) out.write_verbatim(key, to_string(*time));
}

void write(TomlWriter& out, std::string_view key, const std::optional<Position>& position) {
  if (!position) return;
  TomlWriter offset;
  offset.write("offset", position->offset);
  const auto& text = offset.text();
  out.write_verbatim(
      key, fmt::format("{{ gtid = {}, file = {}, {} }}", toml_string(gtid_text(*position)),
                       toml_string(position->file), text.substr(0, text.size() - 1)));
}

void write_phase(TomlWriter& out, const char* name, const PhaseState& phase) {
  out.table(name);
  out.write("status", to_string(phase.status));
  write(out, "started", phase.started);
  write(out, "finished", phase.finished);
  if (!phase.error.empty()) out.write("error", phase.error);
}

void write_precheck(TomlWriter& out, const PrecheckState& precheck) {
  write_phase(out, "precheck", precheck);
  out.write("passed", precheck.passed);
  for (const auto& finding : precheck.findings) {
    out.element("precheck.findings");
    out.write("check", finding.check);
    out.write("level", to_string(finding.level));
    out.write("subject", finding.subject);
    out.write("message", finding.message);
    out.write("remedy", finding.remedy);
    out.write("acknowledged", finding.acknowledged);
  }
}

void write_table(TomlWriter& out, const char* list, const TableProgress& table) {
  out.element(list);
  out.write("schema", table.table.schema);
  out.write("table", table.table.table);
  out.write("rows_estimated", table.rows_estimated);
  out.write("rows", table.rows);
  out.write("bytes", table.bytes);
  out.write("chunks", table.chunks);
  out.write("seconds", table.seconds);
  out.write("copied_through", table.copied_through);
  out.write("done", table.done);
  if (!table.indexes_waiting.empty()) out.write("indexes_waiting", table.indexes_waiting);
}

/// With three digits, and spaces between.
std::string numbers_text(const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers)
    text += fmt::format("{}{:.3g}", text.empty() ? "" : " ", number);
  return text;
}

void write_sync(TomlWriter& out, const PhaseState& phase, const SyncProgress& sync) {
  write_phase(out, "sync", phase);
  write(out, "position", sync.position);
  write(out, "source_time", sync.source_time);
  out.write("caught_up_copy", sync.caught_up_copy);
  out.write("lag_seconds", sync.lag_seconds);
  if (!sync.lag_history.empty()) out.write("lag_history", numbers_text(sync.lag_history));
  write(out, "lag_minute", sync.lag_minute);
  out.write("transactions", sync.transactions);
  out.write("row_changes", sync.row_changes);
  out.write("ddl", sync.ddl);
  out.write("row_changes_per_second", sync.row_changes_per_second);
  out.write("bottleneck", sync.bottleneck);
  out.write("bottleneck_detail", sync.bottleneck_detail);
  if (!sync.waiting.empty()) out.write("waiting", sync.waiting);
  write(out, "updated", sync.updated);
  if (!sync.mark.empty()) out.write("mark", sync.mark);
  write(out, "purge_expected", sync.purge_expected);
  if (!sync.uncopied.empty()) out.write("uncopied", sync.uncopied);
  for (const auto& skipped : sync.skipped) {
    out.element("sync.skipped");
    out.write("kind", skipped.kind);
    out.write("detail", skipped.detail);
    out.write("position", skipped.position);
    out.write("count", skipped.count);
    write(out, "when", skipped.when);
  }
  for (const auto& conflict : sync.conflicts) {
    out.element("sync.conflicts");
    out.write("schema", conflict.table.schema);
    out.write("table", conflict.table.table);
    out.write("kind", conflict.kind);
    out.write("key", conflict.key);
    out.write("count", conflict.count);
    for (const auto& key : conflict.keys) {
      out.element("sync.conflicts.keys");
      out.write("key", key.key);
      out.write("count", key.count);
    }
  }
}

std::string checksum_line(std::string_view text) {
  return fmt::format("# end fnv1a={:016x}\n", fnv1a(text));
}

// ---- reading

void read_text(const TomlReader& in, std::string_view key, std::string& out) {
  in.read(key, out);
  if (!percent_decode(out)) in.fail(key, "'{}' has a '%' that is no code");
}

void read_texts(const TomlReader& in, std::string_view key, std::vector<std::string>& out) {
  in.read(key, out);
  for (std::size_t i = 0; i < out.size(); ++i)
    if (!percent_decode(out[i])) in.fail(key, i, "'{}' has a '%' that is no code");
}

void read_count(const TomlReader& in, std::string_view key, std::uint64_t& out) {
  const auto* node = in.node(key);
  if (!node || !node->is_string()) {
    in.read_integer(key, out, 0, std::numeric_limits<std::uint64_t>::max());
    return;
  }
  const auto text = *node->value_exact<std::string>();
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc() || stopped != end) in.fail(key, "'{}' must be an integer");
}

void read_double(const TomlReader& in, std::string_view key, double& out) {
  const auto* node = in.node(key);
  if (!node) return;
  const auto value = node->value_exact<double>();
  if (!value) in.fail(key, "'{}' must be a number with a point");
  out = *value;
}

void read_time(const TomlReader& in, std::string_view key, std::optional<Time>& out) {
  const auto* node = in.node(key);
  if (!node) return;
  const auto value = node->value_exact<toml::date_time>();
  if (!value || !value->offset || value->offset->minutes != 0)
    in.fail(key, "'{}' must be a time in UTC");
  using namespace std::chrono;
  const auto& [date, time, offset] = *value;
  out = sys_days(year(date.year) / date.month / date.day) + hours(time.hour) +
        minutes(time.minute) + seconds(time.second);
}

void read_position(const TomlReader& in, std::string_view key, std::optional<Position>& out) {
  const auto table = in.table(key);
  if (!table) return;
  table->allow({"gtid", "file", "offset"});
  out.emplace();
  std::string gtid;
  read_text(*table, "gtid", gtid);
  *out = parse_gtids(gtid);
  read_text(*table, "file", out->file);
  read_count(*table, "offset", out->offset);
}

void read_phase(const TomlReader& in, PhaseState& phase) {
  in.read_enum<PhaseStatus>("status", phase.status,
                            {{"not-started", PhaseStatus::not_started},
                             {"running", PhaseStatus::running},
                             {"retrying", PhaseStatus::retrying},
                             {"done", PhaseStatus::done},
                             {"failed", PhaseStatus::failed},
                             {"interrupted", PhaseStatus::interrupted}});
  read_time(in, "started", phase.started);
  read_time(in, "finished", phase.finished);
  read_text(in, "error", phase.error);
}

void read_plain_phase(const TomlReader& root, const char* name, PhaseState& phase) {
  const auto in = root.table(name);
  if (!in) return;
  in->allow({"status", "started", "finished", "error"});
  read_phase(*in, phase);
}

void read_precheck(const TomlReader& root, PrecheckState& precheck) {
  const auto in = root.table("precheck");
  if (!in) return;
  in->allow({"status", "started", "finished", "error", "passed", "findings"});
  read_phase(*in, precheck);
  in->read("passed", precheck.passed);
  for (const auto& entry : in->tables("findings")) {
    entry.allow({"check", "level", "subject", "message", "remedy", "acknowledged"});
    Finding finding;
    read_text(entry, "check", finding.check);
    entry.read_enum<Level>(
        "level", finding.level,
        {{"pass", Level::pass}, {"warning", Level::warning}, {"failure", Level::failure}});
    read_text(entry, "subject", finding.subject);
    read_text(entry, "message", finding.message);
    read_text(entry, "remedy", finding.remedy);
    entry.read("acknowledged", finding.acknowledged);
    precheck.findings.push_back(std::move(finding));
  }
}

TableProgress read_table(const TomlReader& in) {
  in.allow({"schema", "table", "rows_estimated", "rows", "bytes", "chunks", "seconds",
            "copied_through", "done", "indexes_waiting"});
  TableProgress table;
  read_text(in, "schema", table.table.schema);
  read_text(in, "table", table.table.table);
  read_count(in, "rows_estimated", table.rows_estimated);
  read_count(in, "rows", table.rows);
  read_count(in, "bytes", table.bytes);
  read_count(in, "chunks", table.chunks);
  read_double(in, "seconds", table.seconds);
  read_texts(in, "copied_through", table.copied_through);
  in.read("done", table.done);
  read_texts(in, "indexes_waiting", table.indexes_waiting);
  return table;
}

Skipped read_skipped(const TomlReader& in) {
  in.allow({"kind", "detail", "position", "count", "when"});
  Skipped skipped;
  read_text(in, "kind", skipped.kind);
  read_text(in, "detail", skipped.detail);
  read_text(in, "position", skipped.position);
  read_count(in, "count", skipped.count);
  read_time(in, "when", skipped.when);
  return skipped;
}

Conflict read_conflict(const TomlReader& in) {
  in.allow({"schema", "table", "kind", "key", "count", "keys"});
  Conflict conflict;
  read_text(in, "schema", conflict.table.schema);
  read_text(in, "table", conflict.table.table);
  read_text(in, "kind", conflict.kind);
  read_text(in, "key", conflict.key);
  read_count(in, "count", conflict.count);
  for (const auto& entry : in.tables("keys")) {
    entry.allow({"key", "count"});
    ConflictKey& key = conflict.keys.emplace_back();
    read_text(entry, "key", key.key);
    read_count(entry, "count", key.count);
  }
  return conflict;
}

void read_numbers(const TomlReader& in, std::string_view key, std::vector<double>& out) {
  std::string text;
  read_text(in, key, text);
  std::istringstream words(text);
  for (double number = 0; words >> number;) out.push_back(number);
  if (!words.eof()) in.fail(key, "'{}' must be numbers with spaces between");
}

void read_sync(const TomlReader& root, PhaseState& phase, SyncProgress& sync) {
  const auto in = root.table("sync");
  if (!in) return;
  in->allow({"status", "started", "finished", "error", "position", "source_time", "caught_up_copy",
             "lag_seconds", "lag_history", "lag_minute", "transactions", "row_changes", "ddl", "row_changes_per_second",
             "bottleneck", "bottleneck_detail", "waiting", "updated", "mark", "purge_expected", "skipped", "conflicts",
             "uncopied"});
  read_phase(*in, phase);
  read_position(*in, "position", sync.position);
  read_time(*in, "source_time", sync.source_time);
  in->read("caught_up_copy", sync.caught_up_copy);
  read_double(*in, "lag_seconds", sync.lag_seconds);
  read_numbers(*in, "lag_history", sync.lag_history);
  read_time(*in, "lag_minute", sync.lag_minute);
  read_count(*in, "transactions", sync.transactions);
  read_count(*in, "row_changes", sync.row_changes);
  read_count(*in, "ddl", sync.ddl);
  read_double(*in, "row_changes_per_second", sync.row_changes_per_second);
  read_text(*in, "bottleneck", sync.bottleneck);
  read_text(*in, "bottleneck_detail", sync.bottleneck_detail);
  read_text(*in, "waiting", sync.waiting);
  read_time(*in, "updated", sync.updated);
  read_text(*in, "mark", sync.mark);
  read_time(*in, "purge_expected", sync.purge_expected);
  read_texts(*in, "uncopied", sync.uncopied);
  for (const auto& entry : in->tables("skipped")) sync.skipped.push_back(read_skipped(entry));
  for (const auto& entry : in->tables("conflicts")) sync.conflicts.push_back(read_conflict(entry));
}

JobState read_document(const toml::table& document) {
  const TomlReader root(document);
  root.allow({"version", "job", "fingerprint", "source_id", "target_id", "target_server", "source",
              "target", "schema_objects", "created", "selection", "copy_start", "copy_end", "precheck",
              "schema", "data", "sync", "tables", "settled"});
  JobState state;
  read_text(root, "job", state.job);
  read_text(root, "fingerprint", state.fingerprint);
  read_text(root, "source_id", state.source_id);
  read_text(root, "target_id", state.target_id);
  read_text(root, "target_server", state.target_server);
  read_text(root, "source", state.source);
  read_text(root, "target", state.target);
  read_count(root, "schema_objects", state.schema_objects);
  read_texts(root, "created", state.created);
  read_text(root, "selection", state.selection);
  read_position(root, "copy_start", state.copy_start);
  read_position(root, "copy_end", state.copy_end);
  read_precheck(root, state.precheck);
  read_plain_phase(root, "schema", state.schema);
  read_plain_phase(root, "data", state.data);
  read_sync(root, state.sync_phase, state.sync);
  for (const auto& entry : root.tables("tables")) state.tables.push_back(read_table(entry));
  for (const auto& entry : root.tables("settled")) state.settled.push_back(read_table(entry));
  return state;
}

[[noreturn]] void fail(const std::string& name, const std::string& why, const char* hint) {
  throw Error(ErrorKind::state, fmt::format("cannot use the state file '{}': {}", name, why), hint);
}

/// Throws unless the text says that it is of our version. Done before anything else is believed:
/// another version may have another form.
void check_version(std::string_view text, const std::string& name) {
  const std::string first = fmt::format("# {}\n", header);
  const auto at = text.starts_with('#') ? text.find('\n') : text.npos;
  auto line = at == text.npos ? text : text.substr(at + 1);
  const auto end = line.find('\n');
  line = line.substr(0, end);
  int version = 0;
  const char* stop = line.data() + line.size();
  const bool numbered =
      end != line.npos && line.starts_with(version_key) &&
      std::from_chars(line.data() + version_key.size(), stop, version).ptr == stop && version > 0;
  if (numbered && version > JobState::version)
    fail(name,
         fmt::format("it was written by a newer dtsctl (its version is {}, known is {})", version,
                     JobState::version),
         newer_hint);
  if (numbered) return;
  if (text.empty()) fail(name, "it is empty", damaged_hint);
  if (text.starts_with(first) || std::string_view(first).starts_with(text))
    fail(name, "it is damaged", damaged_hint);
  fail(name, "it is not a state file of dtsctl", "name another one with --state, or remove it");
}

}  // namespace

std::string write_state(const JobState& state) {
  TomlWriter out;
  out.comment(header);
  out.write("version", std::uint64_t{JobState::version});
  out.write("job", state.job);
  out.write("fingerprint", state.fingerprint);
  out.write("source_id", state.source_id);
  out.write("target_id", state.target_id);
  if (!state.target_server.empty()) out.write("target_server", state.target_server);
  out.write("source", state.source);
  out.write("target", state.target);
  out.write("schema_objects", state.schema_objects);
  out.write("created", state.created);
  if (!state.selection.empty()) out.write("selection", state.selection);
  write(out, "copy_start", state.copy_start);
  write(out, "copy_end", state.copy_end);
  write_precheck(out, state.precheck);
  write_phase(out, "schema", state.schema);
  write_phase(out, "data", state.data);
  write_sync(out, state.sync_phase, state.sync);
  for (const auto& table : state.tables) write_table(out, "tables", table);
  for (const auto& table : state.settled) write_table(out, "settled", table);
  return out.text() + checksum_line(out.text());
}

JobState parse_state(std::string_view text, const std::string& name) {
  check_version(text, name);
  const auto length = checksum_line({}).size();
  const auto body = text.substr(0, text.size() - std::min(text.size(), length));
  if (text.substr(body.size()) != checksum_line(body))
    fail(name, "it is damaged: the checksum in its last line is not that of its content",
         damaged_hint);
  try {
    auto split = split_tables(body);
    if (!split) return read_document(parse_toml(text, name));
    JobState state = read_document(parse_toml(split->head, name));
    state.tables = std::move(split->tables);
    state.settled = std::move(split->settled);
    return state;
  } catch (const Error& e) {
    // Whole, yet not understood: it has something that a later dtsctl has added.
    fail(name, fmt::format("it was written by a newer dtsctl ({})", e.what()), newer_hint);
  }
}

}  // namespace dts
