#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/value.hpp"
#include "dts/position.hpp"
#include "schema/table.hpp"

namespace dts {

enum class ChangeKind : std::uint8_t { insert, update, remove };

/// One changed row. `before` is empty for an insert, `after` for a remove; otherwise both have one
/// value for each column of `table`. The values live in the arena of the transaction.
struct RowChange {
  ChangeKind kind = ChangeKind::insert;
  const Table* table = nullptr;
  Row before, after;
};

/// A statement that changes structure, with the session state that it depends on. Numbers are as in
/// the status variables of the query event; -1 means that the event did not carry the variable.
struct Ddl {
  std::string schema;     ///< default database
  std::string statement;  ///< as written, in the character set `client_charset`
  std::int64_t sql_mode = -1;
  int client_charset = -1, connection_collation = -1, server_collation = -1;
  int database_collation = -1;
  std::string time_zone;
  int explicit_defaults_for_timestamp = -1;
  bool foreign_key_checks = true;
};

/// A transaction of the source, or a piece of a large one.
struct Transaction {
  DomainGtid gtid;
  std::string file;           ///< where it ends in the source's binlog
  std::uint64_t offset = 0;
  std::uint32_t timestamp = 0;  ///< of its last event, seconds since 1970 by the source's clock
  bool first = true, last = true;  ///< pieces of one transaction follow each other
  bool rolled_back = false;        ///< in the last piece: the earlier ones must be undone
  std::vector<RowChange> changes;
  std::optional<Ddl> ddl;          ///< then there are no changes in this piece
  std::string skipped_kind;        ///< "account" or "maintenance": a statement that is not applied
  std::string skipped;             ///< its text, shortened
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();

  /// Memory held, about.
  std::size_t bytes() const { return arena->size() + changes.capacity() * sizeof(RowChange); }
};

}  // namespace dts
