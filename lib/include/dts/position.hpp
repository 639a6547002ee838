#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dts/export.hpp"

namespace dts {

/// One MariaDB GTID `domain-server-sequence`. In a position it stands for everything of its domain
/// up to that sequence number.
struct DomainGtid {
  std::uint32_t domain = 0;
  std::uint32_t server = 0;
  std::uint64_t sequence = 0;
  bool operator==(const DomainGtid&) const = default;
};

using Uuid = std::array<std::uint8_t, 16>;

/// One MySQL GTID `uuid:number` or `uuid:tag:number`.
struct UuidGtid {
  Uuid uuid{};
  std::string tag;  ///< empty before MySQL 8.3, and by default
  std::uint64_t number = 0;
  bool operator==(const UuidGtid&) const = default;
};

/// The transactions of one uuid and tag in a MySQL GTID set.
struct UuidGtids {
  struct Interval {
    std::uint64_t first = 0, last = 0;  ///< both included
    bool operator==(const Interval&) const = default;
  };
  Uuid uuid{};
  std::string tag;
  std::vector<Interval> intervals;  ///< sorted, neither overlapping nor touching
  bool operator==(const UuidGtids&) const = default;
};

/// How far a binlog has been read or applied. GTIDs decide; `file` and `offset` are what the server
/// that wrote the log calls the same place, and decide only where no GTIDs are known.
struct Position {
  std::vector<DomainGtid> gtids;  ///< MariaDB: sorted by domain, one a domain
  std::vector<UuidGtids> sets{};  ///< MySQL: sorted by uuid and tag
  std::string file{};
  std::uint64_t offset = 0;

  bool has_gtids() const { return !gtids.empty() || !sets.empty(); }
  bool empty() const { return !has_gtids() && file.empty(); }
  bool operator==(const Position&) const = default;
};

/// Names a transaction: its GTID, where it has one, and where it begins in the source's files.
struct TransactionId {
  std::variant<std::monostate, DomainGtid, UuidGtid> gtid;
  std::string file{};
  std::uint64_t begin = 0;
  bool operator==(const TransactionId&) const = default;
};

/// Reads "0-1-5,7-2-9", "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7" or "FILE:OFFSET". Throws
/// Error{usage} if it is none of them.
DTS_EXPORT Position parse_position(std::string_view text);

/// Reads GTIDs of either kind; the empty text is the empty position.
DTS_EXPORT Position parse_gtids(std::string_view text);

/// "0-1-5,7-2-9" or "uuid:1-5:7,uuid:tag:1-3"; empty if there are none.
DTS_EXPORT std::string gtid_text(const Position& position);

/// The GTIDs if there are some, else "FILE:OFFSET", else "(none)".
DTS_EXPORT std::string to_string(const Position& position);

/// The GTID, or "FILE:OFFSET" of where the transaction begins: what --skip-ddl and
/// --skip-transaction take.
DTS_EXPORT std::string to_string(const TransactionId& transaction);

/// Whether the position is a place in a file and nothing else: on a source without GTIDs.
inline bool is_by_file(const Position& position) {
  return !position.has_gtids() && !position.file.empty();
}

/// Whether the transaction is contained in `applied`.
DTS_EXPORT bool contains(const Position& applied, const TransactionId& transaction);

/// Whether everything up to `other` is contained in `applied`. Where one side has no GTIDs, files
/// are compared by base name, number and offset, which is meaningful within one server only.
DTS_EXPORT bool contains(const Position& applied, const Position& other);

/// Whether the position is this very transaction: a MariaDB GTID in its list, a MySQL GTID in its
/// set, or the place where it begins.
DTS_EXPORT bool names(const Position& position, const TransactionId& transaction);

/// Moves the position over one transaction that ends at `offset` of its file.
DTS_EXPORT void advance(Position& position, const TransactionId& transaction, std::uint64_t offset);

}  // namespace dts
