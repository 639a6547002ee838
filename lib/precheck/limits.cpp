#include <algorithm>
#include <array>
#include <map>

#include "db/server_objects.hpp"
#include "precheck/check.hpp"
#include "precheck/limits.hpp"

namespace dts {

namespace {

/// What decides how much a server's InnoDB takes.
struct Room {
  std::uint64_t page = 0;
  bool dynamic = true;  ///< the row format of tables that name none
};

Room room_of(Context& context, Side side) {
  const std::string format = context.variable(side, "innodb_default_row_format");
  return {context.number(side, "innodb_page_size"), format != "compact" && format != "redundant"};
}

/// "COMPACT" of tables that were created so; nothing of those that leave it to the server.
std::map<TableName, std::string> named_formats(Context& context) {
  std::map<TableName, std::string> formats;
  for (const std::string& schema : context.schemas())
    for (auto& row : context.source->query(
             sql("SELECT TABLE_NAME, UPPER(ROW_FORMAT) FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} "
                 "AND CREATE_OPTIONS LIKE '%row_format=%'",
                 Text{schema})))
      formats[{schema, row.at(0).value_or("")}] = row.at(1).value_or("");
  return formats;
}

/// Keys that are no B-trees have other limits; MariaDB's unique ones of any length are hashes there, too.
std::set<std::string> other_keys(Context& context, const TableName& table) {
  std::set<std::string> names;
  for (auto& row : context.source->query(
           sql("SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} "
               "AND INDEX_TYPE <> 'BTREE'",
               Text{table.schema}, Text{table.table})))
    names.insert(row.at(0).value_or(""));
  return names;
}

std::string key_trouble(const Table& table, const Key& key, const InnodbLimits& limits) {
  std::uint64_t all = 0, longest = 0;
  for (const KeyPart& part : key.parts) {
    const std::uint64_t bytes = indexed_bytes(table.columns[part.column], part.prefix);
    all += bytes;
    longest = std::max(longest, bytes);
  }
  if (longest > limits.key_part)
    return fmt::format("a column of its key '{}' has {} bytes, of {} that it may have there", key.name,
                       longest, limits.key_part);
  if (all > limits.key)
    return fmt::format("its key '{}' has {} bytes, of {} that it may have there", key.name, all, limits.key);
  return {};
}

bool is_innodb(const Table& table) {
  return table.engine == "InnoDB";
}

/// Whether the account may switch such settings off for its sessions, as it does.
bool relaxes(Context& context) {
  for (const std::string& right : setting_rights(*context.target))
    if (context.grants(Side::target).allow(right)) return true;
  return false;
}

/// Tables that the source's InnoDB holds and the target's does not.
void check_narrower(Context& context, const Room& there, Findings& findings) {
  const auto formats = named_formats(context);
  const bool mariadb = context.target->is_mariadb();
  const bool strict = !mariadb && context.variable(Side::target, "innodb_strict_mode") == "ON" && !relaxes(context);
  const std::string why = fmt::format("(pages of {} bytes{})", there.page,
                                      there.dynamic ? "" : ", rows that are not DYNAMIC");
  for (const MappedTable& mapped : context.mapped_tables()) {
    const Table& table = mapped.selected;
    if (!is_innodb(table)) continue;
    const auto named = formats.find(table.name);
    const bool dynamic = named == formats.end()
                             ? there.dynamic
                             : named->second == "DYNAMIC" || named->second == "COMPRESSED";
    const InnodbLimits limits = innodb_limits(there.page, dynamic, mariadb);
    const std::string name = to_string(table.name), remedy = exclude(table.name);
    std::optional<std::set<std::string>> others;
    for (const Key& key : table.keys) {
      const std::string trouble = key_trouble(table, key, limits);
      if (trouble.empty()) continue;
      if (!others) others = other_keys(context, table.name);
      if (others->contains(key.name)) continue;
      const bool hash = key.unique && key.name != "PRIMARY" && mariadb;
      findings.push_back(hash ? warning(name, fmt::format("{} {}: it would be a hash", trouble, why), remedy)
                              : failure(name, fmt::format("{} {}", trouble, why), remedy));
    }
    const std::uint64_t bytes = full_row_bytes(table, dynamic, mariadb);
    if (bytes <= limits.row) continue;
    const std::string fact = fmt::format("a full row of it has {} bytes in its page, of {} that it may have there {}",
                                         bytes, limits.row, why);
    findings.push_back(strict ? failure(name, fact, remedy)
                              : warning(name, fact + ": the target would refuse such a row", remedy));
  }
}

/// Many parts are MariaDB's own.
void check_parts(Context& context, Findings& findings) {
  constexpr std::size_t parts_max = 16;
  if (context.target->is_mariadb()) return;
  for (const Table& table : context.tables())
    for (const Key& key : table.keys)
      if (key.parts.size() > parts_max)
        findings.push_back(failure(to_string(table.name),
                                   fmt::format("its key '{}' has {} columns, and the target's keys have {} at most",
                                               key.name, key.parts.size(), parts_max),
                                   exclude(table.name)));
}

}  // namespace

Findings check_table_limits(Context& context) {
  if (context.state.schema.status == PhaseStatus::done && !context.before())
    return {pass("the job has created its tables", "target")};
  const Room here = room_of(context, Side::source), there = room_of(context, Side::target);
  Findings findings;
  check_parts(context, findings);
  // MySQL counts more of a long value as lying in the page.
  const bool counts_more = context.source->is_mariadb() && !context.target->is_mariadb();
  if (there.page < here.page || (here.dynamic && !there.dynamic) || counts_more)
    check_narrower(context, there, findings);
  // Tables that are kept may be there with shorter keys: then nothing is created.
  if (context.job.schema.existing_tables == ExistingTables::keep)
    for (Finding& finding : findings) finding.level = Level::warning;
  if (findings.empty())
    findings.push_back(pass(fmt::format("keys and rows fit in the target's pages, which have {} bytes, and the source's {}",
                                        there.page, here.page),
                            "target"));
  return findings;
}

}  // namespace dts
