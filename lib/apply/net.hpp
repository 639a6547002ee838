#pragma once

#include <span>
#include <vector>

#include "binlog/event.hpp"

namespace dts {

/// What a group of transactions does to one row in the end. `before` empty: it was not there;
/// `after` empty: it is there no more. In a delete, `before` may be any image with the row's key.
struct NetRow {
  Row before, after;
};

/// The net changes of a group to one table, to be made in this order. Deletes before inserts, and
/// an update that changes the row key or another unique key split into both: so no statement ever
/// meets a value that a later one takes away, whatever was swapped or moved inside the group.
struct NetTable {
  const Table* table = nullptr;
  std::vector<NetRow> deletes, updates, inserts;
  /// Changes of a table without a row key, one by one in the order of the source.
  std::vector<const RowChange*> serial;
};

/// Folds the changes of consecutive transactions (or of a piece of one). Rows are followed by
/// byte-equal row keys. The result points into the transactions. A row that came and went inside
/// the group leaves nothing to do, except while catching up: then the copy may have seen it, and
/// with `delete_vanished` it is deleted; so it is in converging tables.
std::vector<NetTable> net_changes(std::span<const Transaction> group,
                                  bool delete_vanished = false);

}  // namespace dts
