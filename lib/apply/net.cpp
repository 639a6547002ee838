#include "apply/net.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace dts {

namespace {

/// The bytes of a row's key: a view of the value itself for a key of one column.
std::string_view key_bytes(const Row& row, const Key& key, Arena& arena) {
  if (key.parts.size() == 1) return row[key.parts[0].column].data;
  std::size_t size = 0;
  for (const KeyPart& part : key.parts) size += sizeof(std::size_t) + row[part.column].data.size();
  char* to = arena.allocate(size);
  char* at = to;
  for (const KeyPart& part : key.parts) {
    std::string_view data = row[part.column].data;
    std::size_t length = data.size();
    std::memcpy(at, &length, sizeof length);
    at += sizeof length;
    std::memcpy(at, data.data(), length);
    at += length;
  }
  return {to, size};
}

/// Whether an update changes a unique key other than the row key. The value of one with an
/// expression may depend on any column.
bool changes_unique(const Table& table, const NetRow& row) {
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    if (!table.keys[i].unique || i == table.row_key) continue;
    if (table.keys[i].functional && !std::ranges::equal(row.before, row.after)) return true;
    for (const KeyPart& part : table.keys[i].parts)
      if (row.before[part.column] != row.after[part.column]) return true;
  }
  return false;
}

/// Something that orders rows about as the first column of their key does: rows that are written in the
/// order of the index find its pages at hand. Rows of equal rank stay in the order of the source.
std::uint64_t rank_of(const Value& value) {
  constexpr std::uint64_t zero = std::uint64_t{1} << 63;
  if (value.kind == ValueKind::number) {
    std::int64_t number = 0;
    const bool negative = value.data.starts_with('-');
    const auto* begin = value.data.data();
    const auto* end = begin + value.data.size();
    if (std::from_chars(begin, end, number).ec != std::errc{}) return negative ? 0 : UINT64_MAX;
    return zero + static_cast<std::uint64_t>(number);
  }
  std::uint64_t rank = 0;
  for (std::size_t i = 0; i < sizeof rank; ++i)
    rank = rank << 8 | (i < value.data.size() ? static_cast<unsigned char>(value.data[i]) : 0);
  return rank;
}

void sort_by_key(std::vector<NetRow>& rows, std::size_t column) {
  std::vector<std::pair<std::uint64_t, NetRow>> ranked;
  ranked.reserve(rows.size());
  for (const NetRow& row : rows)
    ranked.emplace_back(rank_of((row.after.empty() ? row.before : row.after)[column]), row);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = ranked[i].second;
}

/// Collects what becomes of the rows of one table.
class Fold {
 public:
  explicit Fold(const Table& table) : table_(table), key_(*table.key()) {}

  void add(const RowChange& change) {
    if (change.kind != ChangeKind::insert) {
      std::string_view before = key_bytes(change.before, key_, arena_);
      if (change.kind == ChangeKind::update &&
          before == key_bytes(change.after, key_, arena_)) {
        entry(before, change.before, change.before).after = change.after;
        return;
      }
      entry(before, change.before, change.before).after = {};
    }
    if (change.kind != ChangeKind::remove)
      entry(key_bytes(change.after, key_, arena_), {}, change.after).after = change.after;
  }

  NetTable finish(bool delete_vanished) {
    NetTable net;
    net.table = &table_;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      NetRow& row = rows_[i];
      if (row.before.empty() && row.after.empty()) {
        // What is copied whole is at a known position.
        if ((delete_vanished && !is_exact(table_)) || table_.converging)
          net.deletes.push_back({keyed_[i], {}});
      } else if (row.after.empty()) {
        net.deletes.push_back(row);
      } else if (row.before.empty()) {
        net.inserts.push_back(row);
      } else if (changes_unique(table_, row)) {
        net.deletes.push_back({row.before, {}});
        net.inserts.push_back({{}, row.after});
      } else {
        net.updates.push_back(row);
      }
    }
    // Versions have an order of their own.
    if (!is_never_replaced(table_))
      for (auto* rows : {&net.deletes, &net.updates, &net.inserts})
        sort_by_key(*rows, key_.parts[0].column);
    return net;
  }

 private:
  /// The row of a key; `before` and `image` count when it is met for the first time.
  NetRow& entry(std::string_view key, const Row& before, const Row& image) {
    auto [at, added] = index_.try_emplace(key, rows_.size());
    if (added) {
      rows_.push_back({before, {}});
      keyed_.push_back(image);
    }
    return rows_[at->second];
  }

  const Table& table_;
  const Key& key_;
  Arena arena_;
  std::vector<NetRow> rows_;
  std::vector<Row> keyed_;  ///< an image with the key of each of `rows_`
  std::unordered_map<std::string_view, std::size_t> index_;
};

}  // namespace

std::vector<NetTable> net_changes(std::span<const Transaction> group, bool delete_vanished) {
  std::vector<NetTable> keyless;
  std::unordered_map<const Table*, std::size_t> keyless_index, fold_index;
  std::vector<Fold> folds;
  for (const Transaction& transaction : group) {
    for (const RowChange& change : transaction.changes) {
      const Table* table = change.table;
      if (table->key() == nullptr) {
        auto [at, added] = keyless_index.try_emplace(table, keyless.size());
        if (added) keyless.emplace_back().table = table;
        keyless[at->second].serial.push_back(&change);
      } else {
        auto [at, added] = fold_index.try_emplace(table, folds.size());
        if (added) folds.emplace_back(*table);
        folds[at->second].add(change);
      }
    }
  }
  std::vector<NetTable> net = std::move(keyless);
  for (Fold& fold : folds) net.push_back(fold.finish(delete_vanished));
  return net;
}

}  // namespace dts
