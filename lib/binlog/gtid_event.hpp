#pragma once

#include <string>

#include "binlog/bytes.hpp"
#include "dts/position.hpp"

namespace dts {

/// MariaDB's GTID event; the server id stands in the event's header. Source: MariaDB
/// sql/log_event.h, Gtid_log_event.
struct MariadbGtidEvent {
  DomainGtid gtid;
  bool standalone = false;  ///< one statement follows, no BEGIN and no COMMIT
  std::string prepared;     ///< the xid of a two-phase transaction, whose XA START this event is
};
MariadbGtidEvent read_mariadb_gtid(Bytes body);

/// MySQL's GTID event: the source's uuid and a number. Source: MySQL
/// libs/mysql/binlog/event/control_events.h.
UuidGtid read_mysql_gtid(Bytes body);

/// The GTID event of transactions with a tag (since 8.3), in MySQL's serialization format: fields
/// that name themselves, numbers of variable length. Source: MySQL libs/mysql/serialization.
UuidGtid read_tagged_gtid(Bytes body);

}  // namespace dts
