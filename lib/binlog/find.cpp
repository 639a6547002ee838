#include "binlog/find.hpp"

#include <algorithm>

#include "binlog/bytes.hpp"
#include "binlog/gtid_event.hpp"
#include "binlog/stream.hpp"
#include "binlog/types.hpp"
#include "dts/error.hpp"

namespace dts {

namespace {

struct Header {
  std::uint32_t time, server;
  std::uint8_t type;
};

constexpr std::size_t header_bytes = 19;

Header read_header(std::string_view event) {
  Bytes in(event);
  Header header{};
  header.time = static_cast<std::uint32_t>(in.number(4));
  header.type = in.byte();
  header.server = static_cast<std::uint32_t>(in.number(4));
  return header;
}

/// Everything before the transaction.
Position before(Position position, const DomainGtid& gtid) {
  std::erase_if(position.gtids, [&](const DomainGtid& g) { return g.domain == gtid.domain; });
  if (gtid.sequence > 1) {
    position.gtids.push_back({gtid.domain, gtid.server, gtid.sequence - 1});
    std::sort(position.gtids.begin(), position.gtids.end(),
              [](const DomainGtid& a, const DomainGtid& b) { return a.domain < b.domain; });
  }
  return position;
}

std::vector<std::uint32_t> read_times(BinlogStream& stream, const DomainGtid& gtid) {
  constexpr std::size_t enough = 1000;      // of the transaction's events
  constexpr unsigned events_max = 100'000;  // of others before it
  std::vector<std::uint32_t> times;
  for (unsigned i = 0; i < events_max && times.size() < enough; ++i) {
    const std::string_view event = stream.next();
    if (event.size() < header_bytes) break;
    const Header header = read_header(event);
    if (header.type == event_type::heartbeat) break;  // there is nothing more
    if (header.type != event_type::gtid) {
      if (!times.empty()) times.push_back(header.time);
      continue;
    }
    if (!times.empty()) break;
    MariadbGtidEvent found = read_mariadb_gtid(Bytes(event.substr(header_bytes)));
    found.gtid.server = header.server;
    if (found.gtid.domain != gtid.domain) continue;
    if (found.gtid != gtid) break;
    times.push_back(header.time);
  }
  return times;
}

}  // namespace

std::vector<std::uint32_t> transaction_times(const Endpoint& source, const Position& position,
                                             const DomainGtid& gtid, std::uint32_t server_id) {
  constexpr double heartbeat_seconds = 1;
  try {
    BinlogStream stream(source, before(position, gtid), server_id, heartbeat_seconds,
                        GtidHoles::allowed);
    return read_times(stream, gtid);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::source) return {};  // refused: it was purged, or never there
    throw;
  }
}

}  // namespace dts
