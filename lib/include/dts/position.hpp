#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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

/// How far a binlog has been read or applied. GTIDs decide; `file` and `offset` are what the server
/// that wrote the log calls the same place, and decide only where no GTIDs are known.
struct Position {
  std::vector<DomainGtid> gtids;  ///< sorted by domain, one a domain
  std::string file;
  std::uint64_t offset = 0;

  bool empty() const { return gtids.empty() && file.empty(); }
  bool operator==(const Position&) const = default;
};

/// Reads "0-1-5,7-2-9" or "FILE:OFFSET". Throws Error{usage} if it is neither.
DTS_EXPORT Position parse_position(std::string_view text);

/// Reads "0-1-5,7-2-9"; the empty text is the empty list.
DTS_EXPORT std::vector<DomainGtid> parse_gtids(std::string_view text);

/// "0-1-5,7-2-9", empty if there are none.
DTS_EXPORT std::string gtid_text(const Position& position);

/// The GTIDs if there are some, else "FILE:OFFSET", else "(none)".
DTS_EXPORT std::string to_string(const Position& position);

/// Whether the transaction `gtid` is contained in `applied`.
DTS_EXPORT bool contains(const Position& applied, const DomainGtid& gtid);

/// Whether everything up to `other` is contained in `applied`. Where one side has no GTIDs, files
/// are compared by base name, number and offset, which is meaningful within one server only.
DTS_EXPORT bool contains(const Position& applied, const Position& other);

/// Moves the position over one transaction.
DTS_EXPORT void advance(Position& position, const DomainGtid& gtid);

}  // namespace dts
