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
  bool unchecked = false;  ///< under foreign_key_checks = 0: no foreign key has changed other rows
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
  int microseconds = -1;       ///< of the time at which it ran, if it depends on them
  unsigned auto_increment_increment = 1, auto_increment_offset = 1;
  int utf8mb4_collation = -1;  ///< MySQL 8: what utf8mb4 means without COLLATE
  bool from_mariadb = true;    ///< whose numbers these are
  bool foreign_key_checks = true;
};

/// Where a two-phase (XA) transaction stands with this piece of the stream.
enum class XaStep : std::uint8_t {
  none,
  prepare,   ///< `events` are to be kept under `xid`: a later transaction decides
  commit,    ///< what was kept under `xid`, and `events`, is to be applied
  rollback,  ///< what was kept is to be forgotten
};

/// A transaction of the source, or a piece of a large one.
struct Transaction {
  TransactionId id;
  std::uint64_t offset = 0;     ///< where it ends in its file
  std::uint32_t timestamp = 0;  ///< of its last event, seconds since 1970 by the source's clock
  bool first = true, last = true;  ///< pieces of one transaction follow each other
  bool counted = true;             ///< false: no transaction, the position alone moves
  bool rolled_back = false;        ///< in the last piece: the earlier ones must be undone
  std::vector<RowChange> changes;
  std::optional<Ddl> ddl;          ///< then there are no changes in this piece
  std::string skipped_kind;        ///< "account" or "maintenance": a statement that is not applied
  std::string skipped;             ///< its text, shortened
  XaStep xa = XaStep::none;
  std::string xid;                 ///< as XA statements write it: X'67',X'62',1
  std::string events;              ///< row events as decode_events() takes them
  std::shared_ptr<Arena> arena = std::make_shared<Arena>();  ///< parts of a transaction share it

  /// Memory held, about.
  std::size_t bytes() const { return arena->size() + changes.capacity() * sizeof(RowChange) + events.size(); }
};

}  // namespace dts
