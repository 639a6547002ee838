#pragma once

#include <cstdint>
#include <string_view>

#include "db/connection.hpp"
#include "dts/endpoint.hpp"
#include "dts/position.hpp"

namespace dts {

/// Whether a MariaDB position may name a transaction that the log does not have, between two that it has.
enum class GtidHoles { refused, allowed };

/// The raw binlog of the source, received as a replica does.
class BinlogStream {
 public:
  /// Registers under `server_id` and asks for everything that is not contained in `start`: by GTIDs,
  /// or on MySQL, where it has none but a file, from there (see Decoder::pass_over()).
  /// The source sends a heartbeat after `heartbeat_seconds` of silence; a source that is silent for
  /// longer than ten heartbeats (at least ten seconds) is taken for lost. Throws Error{connect} or
  /// Error{source}.
  BinlogStream(const Endpoint& source, const Position& start, std::uint32_t server_id,
               double heartbeat_seconds, GtidHoles holes = GtidHoles::refused);

  /// The next event, valid until the next call. Throws Error{connect} when the stream is lost,
  /// Error{source} when the source refuses (position purged, server id taken).
  std::string_view next();

  /// Ends a blocked next() from another thread.
  void cancel() noexcept { connection_.cancel(); }

 private:
  void shake_hands(const Position& start, std::uint32_t server_id, double heartbeat_seconds,
                   GtidHoles holes);
  void register_replica(std::uint32_t server_id);
  void request_gtid_dump(const Position& start, std::uint32_t server_id);
  void request_file_dump(const Position& start, std::uint32_t server_id);
  void send(int command, const std::string& payload);

  Connection connection_;
};

}  // namespace dts
