#include <algorithm>
#include <bit>
#include <chrono>

#include "filter/condition.hpp"
#include "precheck/check.hpp"

namespace dts {

namespace {

using Clock = std::chrono::steady_clock;

// Measuring reads whole tables: what it takes together, one of them at most, and those that seem small.
constexpr std::chrono::milliseconds all_tables{1500}, one_table{500}, small_tables{200};

bool is_long(const Column& column) {
  switch (column.type) {
    case ColumnType::text:
    case ColumnType::binary:
    case ColumnType::bytes:
    case ColumnType::json:
    case ColumnType::geometry:
    case ColumnType::vector:
      return !column.generated;
    default:
      return false;
  }
}

/// How many characters a statement has for a byte of a value: others than UTF-8 are written as hex digits.
unsigned written(const Column& column) {
  const bool plain = column.type == ColumnType::json ||
                     (column.type == ColumnType::text && column.text_form != TextForm::hex);
  return plain ? 1 : 2;
}

/// Whether some row of it may make a statement of `packet` bytes, by the types of its columns.
bool may_exceed(const Table& table, std::uint64_t packet) {
  double bytes = 0;
  for (const Column& column : table.columns)
    if (is_long(column))
      bytes += written(column) * (column.bytes_max > 0 ? static_cast<double>(column.bytes_max) : 4e9);
  return bytes * (table.row_key ? 1 : 2) >= static_cast<double>(packet);
}

/// Whether all of it takes less on disk, as the server remembers it: values may be compressed, by much.
bool seems_small(const Table& table, std::uint64_t packet) {
  constexpr std::uint64_t squeezed = 8;
  return table.bytes_estimated > 0 && table.bytes_estimated * squeezed < packet;
}

double row_bytes(const Table& table) {
  return static_cast<double>(table.bytes_estimated) /
         static_cast<double>(std::max<std::uint64_t>(table.rows_estimated, 1));
}

/// What the statement that writes the table's largest row takes, about; nothing if the server has not
/// found it in that time, or at all: the copy will say what is the matter.
std::optional<std::uint64_t> largest_statement(Connection& source, const MappedTable& mapped,
                                               std::chrono::milliseconds limit) {
  const Table& table = mapped.selected;
  Sql size = sql("64");
  for (const Column& column : table.columns)
    if (is_long(column))
      size = sql("{} + {} * COALESCE(OCTET_LENGTH({}), 0)", size, written(column), Name{column.name});
  const bool filtered = mapped.rule && !mapped.rule->where.empty();
  const Sql most =
      sql("MAX({}) FROM {}{}", size, table.name,
          Sql::verbatim(filtered ? " WHERE " + pushed_down(mapped.rule->where) : ""));
  try {
    const auto bytes = source.value(
        source.is_mariadb()
            ? sql("SET STATEMENT max_statement_time = 0.{:03} FOR SELECT {}", limit.count(), most)
            : sql("SELECT /*+ MAX_EXECUTION_TIME({}) */ {}", limit.count(), most));
    // Who has no key is found by all its columns.
    return std::strtoull(bytes.value_or("0").c_str(), nullptr, 10) * (table.row_key ? 1 : 2);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::connect) throw;
    return std::nullopt;
  }
}

struct Measured {
  std::uint64_t statement = 0;  ///< the longest one
  std::string table;            ///< whose row it writes
  std::vector<std::string> unknown;
};

Measured measure(Context& context, std::uint64_t packet) {
  std::vector<const MappedTable*> suspects;
  for (const MappedTable& table : context.mapped_tables())
    if (!is_sequence(table.source) && may_exceed(table.selected, packet)) suspects.push_back(&table);
  const auto small = [packet](const MappedTable* table) { return seems_small(table->source, packet); };
  std::stable_sort(suspects.begin(), suspects.end(), [&](const MappedTable* a, const MappedTable* b) {
    if (small(a) != small(b)) return small(b);
    return row_bytes(a->source) > row_bytes(b->source);
  });
  Measured result;
  auto end = Clock::now() + all_tables;
  for (auto at = suspects.begin(); at != suspects.end(); ++at) {
    const MappedTable* table = *at;
    // There may be ten thousands of them.
    if (small(table) && (at == suspects.begin() || !small(at[-1]))) end = std::min(end, Clock::now() + small_tables);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    std::optional<std::uint64_t> bytes;
    if (left.count() > 0) bytes = largest_statement(*context.source, *table, std::min(left, one_table));
    if (!bytes) {
      if (small(table)) continue;
      result.unknown.push_back(to_string(table->source.name));
    } else if (*bytes > result.statement) {
      result.statement = *bytes;
      result.table = to_string(table->source.name);
    }
  }
  return result;
}

}  // namespace

Findings check_max_allowed_packet(Context& context) {
  constexpr std::uint64_t packet_max = std::uint64_t{1} << 30;
  const std::string name = "max_allowed_packet";
  const auto here = context.number(Side::source, name), there = context.number(Side::target, name);
  const Measured measured = measure(context, there);
  // In powers of two, so that a warning that was accepted stays the same for a while.
  const std::uint64_t needed = std::bit_ceil(measured.statement + 1);
  std::string fact = fmt::format("{} bytes on the target", there);
  if (measured.statement > 0)
    fact += fmt::format("; the largest row, of {}, makes a statement of up to {}", measured.table, needed);
  // LOAD DATA takes rows of any length.
  const bool by_statement = context.job.sync_phase || context.variable(Side::target, "local_infile") != "ON";
  Findings findings;
  if (by_statement && measured.statement >= there)
    findings.push_back(
        warning("target",
                fact + (context.job.sync_phase ? ": a change of it could not be applied" : ": it could not be copied"),
                needed > packet_max
                    ? "no server takes more than 1 GiB: leave out its long columns (objects.map)"
                    : set_global(Side::target, fmt::format("{} = {}", name, std::max(here, needed)))));
  else if (there < here)
    findings.push_back(warning(
        "target", fmt::format("{} is {} on the source, but {}: a large value may be refused", name, here, fact),
        set_global(Side::target, fmt::format("{} = {}", name, here))));
  else
    findings.push_back(pass(fact, "target"));
  if (!measured.unknown.empty())
    findings.push_back(pass(
        fmt::format("the largest rows of these were not measured, because it takes long or fails: {}", listed(measured.unknown)),
        "source"));
  return findings;
}

}  // namespace dts
