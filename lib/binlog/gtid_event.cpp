#include "binlog/gtid_event.hpp"

#include <bit>

#include "db/sql.hpp"

namespace dts {

namespace {

/// As many bytes as the first one has ones at its lower end, and one more; the value is what is
/// left above the first zero.
std::uint64_t variable_length(Bytes& in) {
  const std::uint8_t first = in.byte();
  const auto more = static_cast<unsigned>(std::countr_one(first));
  if (more == 8) return in.number(8);
  const std::uint64_t high = in.number(more);
  const unsigned used = more + 1;
  const std::uint64_t low = first >> used;
  return used == 8 ? high : high << (8 - used) | low;
}

/// The sign is the lowest bit.
std::int64_t variable_length_signed(Bytes& in) {
  const std::uint64_t raw = variable_length(in);
  const auto magnitude = static_cast<std::int64_t>(raw >> 1);
  return (raw & 1) != 0 ? -magnitude - 1 : magnitude;
}

/// As XA statements in the binlog write it.
std::string read_xid(Bytes& body) {
  const auto format = static_cast<std::int32_t>(body.number(4));
  const std::size_t gtrid = body.byte(), bqual = body.byte();
  std::string xid;
  append_hex(xid, body.take(gtrid));
  xid += ',';
  append_hex(xid, body.take(bqual));
  for (char& c : xid)
    if (c == 'x') c = 'X';
  return xid + ',' + std::to_string(format);
}

[[noreturn]] void damaged() {
  throw Error(ErrorKind::source, "cannot read the binlog: a GTID event has an unknown form",
              "the binlog is damaged, or of a kind that this version does not know");
}

}  // namespace

MariadbGtidEvent read_mariadb_gtid(Bytes body) {
  constexpr std::uint8_t standalone = 1, group_commit = 2, prepared_xa = 0x40;
  MariadbGtidEvent event;
  event.gtid.sequence = body.number(8);
  event.gtid.domain = static_cast<std::uint32_t>(body.number(4));
  const std::uint8_t flags = body.byte();
  event.standalone = (flags & standalone) != 0;
  if ((flags & group_commit) != 0) body.skip(8);
  if ((flags & prepared_xa) != 0) event.prepared = read_xid(body);
  return event;
}

UuidGtid read_mysql_gtid(Bytes body) {
  body.skip(1);  // flags
  UuidGtid gtid;
  for (auto& byte : gtid.uuid) byte = body.byte();
  gtid.number = body.number(8);
  return gtid;
}

UuidGtid read_tagged_gtid(Bytes body) {
  constexpr std::uint64_t version = 1;
  enum Field : std::uint64_t { flags, uuid, number, tag };
  if (variable_length(body) != version) damaged();
  variable_length(body);  // size
  variable_length(body);  // the last field that may not be passed over
  UuidGtid gtid;
  for (unsigned found = 0; found < 4;) {
    const std::uint64_t field = variable_length(body);
    if (field != found++) damaged();  // all four are always there, and come first
    switch (field) {
      case flags:
        variable_length(body);
        break;
      case uuid:
        for (auto& byte : gtid.uuid) byte = static_cast<std::uint8_t>(variable_length(body));
        break;
      case number:
        gtid.number = static_cast<std::uint64_t>(variable_length_signed(body));
        break;
      default:
        gtid.tag = body.take(variable_length(body));
    }
  }
  return gtid;
}

}  // namespace dts
