#include "apply/lanes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "apply/update_run.hpp"

namespace dts {

namespace {

/// FNV-1a, 64 bits: the same everywhere and for ever.
std::uint64_t hashed(std::string_view bytes, std::uint64_t seed) {
  for (const unsigned char byte : bytes) seed = (seed ^ byte) * 0x100000001b3;
  return seed;
}

std::uint64_t hashed(const TableName& name) {
  constexpr std::uint64_t basis = 0xcbf29ce484222325;
  return hashed(name.table, hashed(".", hashed(name.schema, basis)));
}

/// The low bits of FNV are weak.
unsigned lane_of(std::uint64_t hash) {
  return static_cast<unsigned>((hash ^ hash >> 32 ^ hash >> 17) % lane_count);
}

bool is_wide(const std::string& charset) {
  return charset == "ucs2" || charset.starts_with("utf16") || charset == "utf32";
}

/// Whether values are equal for the server only if they are in bytes, spaces at the end of texts aside.
bool compares_bytes(const Column& column) {
  switch (column.type) {
    case ColumnType::integer:
    case ColumnType::decimal:
    case ColumnType::bit:
    case ColumnType::year:
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::datetime:
    case ColumnType::timestamp:
    case ColumnType::binary:
    case ColumnType::bytes:
    case ColumnType::uuid:
    case ColumnType::inet4:
    case ColumnType::inet6:
      return true;
    case ColumnType::text:
      return column.collation.ends_with("_bin") && !is_wide(column.charset);
    default:
      return false;
  }
}

bool goes_by_row(const Table& table) {
  if (!table.key() || is_never_replaced(table) || is_sequence(table)) return false;
  const auto unique = std::count_if(table.keys.begin(), table.keys.end(),
                                    [](const Key& key) { return key.unique; });
  return unique == 1 && !table.key()->functional &&
         std::all_of(table.key()->parts.begin(), table.key()->parts.end(),
                     [&](const KeyPart& part) { return compares_bytes(table.columns[part.column]); });
}

std::string_view without_spaces(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// Neighbours share a lane, so that each session updates consecutive rows. What is larger than the
/// type stays as it is written.
std::uint64_t hashed_number(std::string_view digits, std::uint64_t seed) {
  constexpr unsigned block_bits = 7;
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc{}) return hashed(digits, seed);
  const std::int64_t block = number >> block_bits;
  return hashed({reinterpret_cast<const char*>(&block), sizeof block}, seed);
}

bool has_applied(const std::vector<LanePosition>& applied, unsigned lane, const TransactionId& id) {
  return std::any_of(applied.begin(), applied.end(), [&](const LanePosition& position) {
    return (position.lanes >> lane & 1) != 0 && contains(position.position, id);
  });
}

}  // namespace

std::vector<TableLink> read_links(Connection& target, const std::vector<std::string>& schemas) {
  std::vector<TableLink> links;
  for (const std::string& schema : schemas)
    for (auto& row : target.query(sql(
             "SELECT DISTINCT TABLE_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME FROM "
             "information_schema.KEY_COLUMN_USAGE WHERE CONSTRAINT_SCHEMA = {} AND "
             "REFERENCED_TABLE_NAME IS NOT NULL",
             Text{schema})))
      links.push_back({{schema, row.at(0).value_or("")},
                       {row.at(1).value_or(""), row.at(2).value_or("")}});
  return links;
}

LaneRules::LaneRules(const std::vector<TableLink>& links) {
  const std::function<TableName(const TableName&)> root = [&](const TableName& name) {
    const auto found = roots_.find(name);
    return found == roots_.end() || found->second == name ? name : root(found->second);
  };
  for (const auto& [child, parent] : links) {
    const TableName a = root(child), b = root(parent);
    roots_[std::max(a, b)] = std::min(a, b);
    roots_[std::min(a, b)] = std::min(a, b);
    roots_.try_emplace(child, std::min(a, b));
    roots_.try_emplace(parent, std::min(a, b));
  }
  std::uint64_t hash = 0;
  for (auto& [name, to] : roots_) {
    to = root(to);
    hash = hash * 31 + hashed(name) + 7 * hashed(to);
  }
  rules_ = fmt::format("2-{:016x}", hash);
}

const LaneRules::Rule& LaneRules::rule(const Table& table) const {
  const auto [at, added] = cache_.try_emplace(&table);
  if (added) {
    const auto found = roots_.find(table.name);
    at->second.by_row = found == roots_.end() && goes_by_row(table);
    at->second.seed = hashed(found == roots_.end() ? table.name : found->second);
  }
  return at->second;
}

unsigned LaneRules::lane(const Table& table, const Row& row) const {
  const Rule& to = rule(table);
  if (!to.by_row) return lane_of(to.seed);
  if (has_numbered_rows(table))
    return lane_of(hashed_number(row[table.key()->parts[0].column].data, to.seed));
  std::uint64_t hash = to.seed;
  for (const KeyPart& part : table.key()->parts) {
    const bool text = table.columns[part.column].type == ColumnType::text;
    const std::string_view data = row[part.column].data;
    hash = hashed(std::string_view("\0", 1), hashed(text ? without_spaces(data) : data, hash));
  }
  return lane_of(hash);
}

std::pair<unsigned, unsigned> LaneRules::lanes(const RowChange& change) const {
  if (change.kind == ChangeKind::insert) {
    const unsigned only = lane(*change.table, change.after);
    return {only, only};
  }
  const unsigned before = lane(*change.table, change.before);
  return {before, change.kind == ChangeKind::remove ? before : lane(*change.table, change.after)};
}

void leave_out_applied(std::vector<Transaction>& group, const std::vector<LanePosition>& applied,
                       const LaneRules& rules) {
  for (Transaction& transaction : group) {
    std::vector<RowChange> left;
    for (RowChange& change : transaction.changes) {
      const auto [from, to] = rules.lanes(change);
      const bool has_from = has_applied(applied, from, transaction.id);
      const bool has_to = has_applied(applied, to, transaction.id);
      if (!has_from && !has_to) left.push_back(change);
      if (has_from == has_to) continue;
      if (has_from) left.push_back({ChangeKind::insert, change.table, {}, change.after});
      if (has_to) left.push_back({ChangeKind::remove, change.table, change.before, {}});
    }
    transaction.changes = std::move(left);
  }
}

}  // namespace dts
