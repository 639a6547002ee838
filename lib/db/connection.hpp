#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "db/sql.hpp"
#include "dts/endpoint.hpp"
#include "dts/error.hpp"

struct st_mysql;
struct st_mysql_res;

namespace dts {

/// The sql_mode of all sessions: strict, but with every date and key value that some other mode let
/// in.
inline constexpr const char* strict_mode =
    "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";
/// The mode in which an ENUM may take the value 0, '' for what once was an invalid string: a strict
/// session refuses it. Values that do not fit raise warnings only, so these have to be counted.
inline constexpr const char* lenient_mode = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES";

/// Which server a connection leads to: decides the kind of errors and the session's settings.
enum class Side { source, target };

/// A row of a buffered result: nothing for NULL, else the bytes as the server sent them.
using TextRow = std::vector<std::optional<std::string>>;

/// What one statement of a batch did.
struct StatementResult {
  std::uint64_t affected = 0;
  unsigned warnings = 0;
};

/// What LOAD DATA said.
struct LoadResult {
  std::uint64_t records = 0, deleted = 0, skipped = 0, warnings = 0;
};

struct Warning {
  unsigned code = 0;
  std::string message;
};

class Connection;

/// A result that is read row by row while the server sends it. Nothing else may run on the
/// connection until it is read to its end or destroyed; destroyed by an exception it ends the
/// connection instead of reading what is left.
class Cursor {
 public:
  Cursor(Connection& connection, const Sql& statement);
  ~Cursor();
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  /// The next row's values (null pointer: NULL) and lengths, valid until the next call; false at
  /// the end. Throws Error if the server or the connection fails.
  bool next();
  unsigned columns() const { return columns_; }
  std::string name(unsigned column) const;
  const char* data(unsigned column) const { return row_[column]; }
  std::size_t length(unsigned column) const { return lengths_[column]; }

 private:
  Connection& connection_;
  st_mysql_res* result_ = nullptr;
  char** row_ = nullptr;
  unsigned long* lengths_ = nullptr;
  unsigned columns_ = 0;
  int exceptions_;
};

/// One session on a server. Sessions do not depend on the server's configuration: UTC, utf8mb4 for
/// statements, results in the bytes as stored, a fixed sql_mode; on the target without foreign key
/// checks and with the mark that guarded triggers look for. Not thread-safe but for cancel().
class Connection {
 public:
  /// Connects and sets up the session. Throws Error{connect} if that is impossible. A call that
  /// hears nothing from the server for `read_timeout_seconds` fails as a lost connection; 0 waits
  /// for ever (a dead peer is then found by TCP keep-alive).
  Connection(const Endpoint& endpoint, Side side, unsigned read_timeout_seconds = 0);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a statement without a result; returns the rows it changed (found rows for UPDATE).
  std::uint64_t execute(const Sql& statement);
  /// Runs a statement and reads its whole result.
  std::vector<TextRow> query(const Sql& statement);
  /// The same row by row, without keeping them; `use` may not ask the connection.
  void for_each(const Sql& statement, const std::function<void(TextRow&&)>& use);
  /// The first column of the first row; nothing if there is no row or it is NULL.
  std::optional<std::string> value(const Sql& statement);
  /// The same of many statements in one round trip; `use` gets the number of the statement and its
  /// rows. The first that fails throws, the later ones are not run. If `use` throws, the session is lost.
  void query_batch(std::span<const Sql> statements,
                   const std::function<void(std::size_t, std::vector<TextRow>&&)>& use);
  /// Runs statements separated by ";" in one round trip and adds one result for each to `results`.
  /// The first that fails throws, the later ones are not run.
  void execute_batch(std::string_view statements, std::vector<StatementResult>& results);
  /// The same in two steps, so that the caller can go on while the server works; in between, nothing
  /// else may be asked of the connection. `statements` must stay until the end.
  void begin_batch(std::string_view statements);
  void end_batch(std::string_view statements, std::vector<StatementResult>& results);
  /// Runs LOAD DATA LOCAL; `read` fills a buffer and returns the bytes written, 0 at the end. If
  /// `read` throws, the server completes the statement with what it has got, and the exception
  /// passes through: roll back.
  LoadResult load_data(const Sql& statement,
                       const std::function<std::size_t(char*, std::size_t)>& read);
  /// Warnings of the last statement.
  std::vector<Warning> warnings();

  /// Makes a blocked call on this connection fail. May be called from any thread.
  void cancel() noexcept;
  /// Has cancel() called once `stop` is requested, also while a call is blocked.
  void cancel_on(std::stop_token stop);
  /// The token of the last cancel_on(), for sessions that do a part of this one's work.
  const std::stop_token& stop() const { return stop_; }
  /// The server's id of this session.
  std::uint64_t id() const;
  bool uses_tls() const;
  /// Memory for the largest packet so far, which is kept as long as the session.
  std::size_t buffer_bytes() const;
  const std::string& server_version() const { return version_; }
  bool is_mariadb() const { return mariadb_; }
  /// e.g. 101119 for 10.11.19
  unsigned version_number() const { return version_number_; }
  Side side() const { return side_; }
  const Endpoint& endpoint() const { return endpoint_; }

  /// The error that the last call ended with, as an exception: lost connections and refused logins
  /// are Error{connect}, all else is of the side.
  Error error(std::string_view what) const;
  st_mysql* handle() const { return mysql_; }

 private:
  friend class Cursor;
  void connect(unsigned read_timeout_seconds);
  void set_up_session();
  void run(std::string_view statement);

  Endpoint endpoint_;
  Side side_;
  st_mysql* mysql_ = nullptr;
  std::string version_;
  bool mariadb_ = false;
  unsigned version_number_ = 0;
  std::stop_token stop_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

/// Whether an error number means that the session is gone, or could not be opened for now, and may
/// be opened again later. Refused logins are not of this kind.
bool is_connection_loss(unsigned error);
/// Whether an error number means that the transaction was a victim and may be run again
/// (deadlock, lock wait, snapshot older than the table).
bool is_transient(unsigned error);
/// The server's max_allowed_packet: a statement of that size makes it close the session.
std::size_t max_packet(Connection& connection);
/// Whether a warning's number says nothing about the data: deprecations and the like.
bool is_benign(unsigned warning);

}  // namespace dts
