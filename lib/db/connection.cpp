#include "db/connection.hpp"

#include <errmsg.h>
#include <mysql.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>

#include "db/login.hpp"
#include "db/no_values.hpp"
#include "db/server_objects.hpp"

namespace dts {

namespace {

void initialize_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    mysql_library_init(0, nullptr, nullptr);
    initialize_login();
  });
}

// OpenSSL writes without MSG_NOSIGNAL: a peer that goes away must not end the process.
void ignore_sigpipe() {
  static std::once_flag once;
  std::call_once(once, [] { std::signal(SIGPIPE, SIG_IGN); });
}

// A server may answer any statement by asking for a file of the client.
int refuse_file(void** state, const char*, void*) {
  *state = nullptr;
  return 1;
}

int no_data(void*, char*, unsigned) { return -1; }

void no_end(void*) {}

int say_why_refused(void*, char* message, unsigned size) {
  std::snprintf(message, size, "the server asked for a file of this machine, which was refused");
  return CR_UNKNOWN_ERROR;
}

void refuse_files(MYSQL* mysql) {
  mysql_set_local_infile_handler(mysql, refuse_file, no_data, no_end, say_why_refused, nullptr);
}

void set_keep_alive(MYSQL* mysql) {
  int fd = mysql_get_socket(mysql);
  auto set = [fd](int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);  // fails on a Unix socket, harmlessly
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace

Connection::Connection(const Endpoint& endpoint, Side side, unsigned read_timeout_seconds)
    : endpoint_(endpoint), side_(side) {
  initialize_library();
  ignore_sigpipe();
  mysql_ = mysql_init(nullptr);
  if (mysql_ == nullptr) throw std::bad_alloc();
  try {
    connect(read_timeout_seconds);
    set_up_session();
  } catch (...) {
    mysql_close(mysql_);
    throw;
  }
}

Connection::~Connection() {
  on_stop_.reset();  // waits for a cancel() under way
  mysql_close(mysql_);
}

void Connection::cancel_on(std::stop_token stop) {
  stop_ = std::move(stop);
  on_stop_.emplace(stop_, [this] { cancel(); });
}

void Connection::connect(unsigned read_timeout_seconds) {
  unsigned local_infile = side_ == Side::target;
  unsigned long packet_max = 0x50000000;  // events may be a little over 1 GiB
  mysql_options(mysql_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_options(mysql_, MYSQL_OPT_LOCAL_INFILE, &local_infile);
  mysql_options(mysql_, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet_max);
  refuse_files(mysql_);
  log_in(mysql_, endpoint_, read_timeout_seconds);
  set_keep_alive(mysql_);
  version_ = mysql_get_server_info(mysql_);
  mariadb_ = mariadb_connection(mysql_) != 0;
  version_number_ = static_cast<unsigned>(mysql_get_server_version(mysql_));
}

void Connection::set_up_session() {
  // Values as stored: no conversion of results, no local time, no mode that changes what is read.
  std::string set =
      "SET SESSION character_set_results = NULL, time_zone = '+00:00', "
      "net_read_timeout = 3600, net_write_timeout = 3600, wait_timeout = 86400, "
      "sql_notes = 0, sql_mode = '";
  set += strict_mode;
  set += "'";
  set += session_settings(*this);
  set += side_ == Side::source
             ? ", lock_wait_timeout = 60"
             : ", foreign_key_checks = 0, unique_checks = 1, innodb_lock_wait_timeout = 50";
  run(set);
  run(side_ == Side::source ? "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"
                            : "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  if (side_ == Side::source) return;
  run("SET @dtsctl_writes = 1");
  relax_session(*this);
}

void Connection::run(std::string_view statement) {
  if (mysql_real_query(mysql_, statement.data(), statement.size()) != 0)
    throw error(fmt::format("cannot run '{}'", shown_statement(statement)));
}

std::uint64_t Connection::execute(const Sql& statement) {
  run(statement.text());
  std::uint64_t affected = 0;
  for (;;) {
    if (MYSQL_RES* result = mysql_use_result(mysql_)) {
      while (mysql_fetch_row(result)) {
      }
      mysql_free_result(result);
    } else {
      affected = mysql_affected_rows(mysql_);
    }
    int more = mysql_next_result(mysql_);
    if (more > 0) throw error(fmt::format("cannot run '{}'", shown_statement(statement.text())));
    if (more < 0) return affected;
  }
}

void Connection::for_each(const Sql& statement, const std::function<void(TextRow&&)>& use) {
  Cursor cursor(*this, statement);
  while (cursor.next()) {
    TextRow row(cursor.columns());
    for (unsigned i = 0; i < cursor.columns(); ++i)
      if (cursor.data(i) != nullptr) row[i].emplace(cursor.data(i), cursor.length(i));
    use(std::move(row));
  }
}

std::vector<TextRow> Connection::query(const Sql& statement) {
  std::vector<TextRow> rows;
  for_each(statement, [&](TextRow&& row) { rows.push_back(std::move(row)); });
  return rows;
}

std::optional<std::string> Connection::value(const Sql& statement) {
  auto rows = query(statement);
  if (rows.empty() || rows[0].empty()) return std::nullopt;
  return std::move(rows[0][0]);
}

void Connection::query_batch(std::span<const Sql> statements,
                             const std::function<void(std::size_t, std::vector<TextRow>&&)>& use) {
  std::string text;
  for (const Sql& statement : statements) text += (text.empty() ? "" : "; ") + statement.text();
  if (statements.empty()) return;
  run(text);
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto fail = [&] {
      return error(fmt::format("cannot run '{}'", shown_statement(statements[i].text())));
    };
    if (i > 0 && mysql_next_result(mysql_) != 0) throw fail();
    const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_store_result(mysql_),
                                                                          mysql_free_result);
    if (!result) throw fail();
    std::vector<TextRow> rows;
    const unsigned columns = mysql_num_fields(result.get());
    while (MYSQL_ROW values = mysql_fetch_row(result.get())) {
      const unsigned long* lengths = mysql_fetch_lengths(result.get());
      TextRow& row = rows.emplace_back(columns);
      for (unsigned c = 0; c < columns; ++c)
        if (values[c] != nullptr) row[c].emplace(values[c], lengths[c]);
    }
    try {
      use(i, std::move(rows));
    } catch (...) {
      cancel();  // other results are under way
      throw;
    }
  }
}

void Connection::execute_batch(std::string_view statements, std::vector<StatementResult>& results) {
  begin_batch(statements);
  end_batch(statements, results);
}

void Connection::begin_batch(std::string_view statements) {
  if (mysql_send_query(mysql_, statements.data(), statements.size()) != 0)
    throw error(fmt::format("cannot run '{}'", shown_statement(statements)));
}

void Connection::end_batch(std::string_view statements, std::vector<StatementResult>& results) {
  auto fail = [&] { return error(fmt::format("cannot run '{}'", shown_statement(statements))); };
  if (mysql_read_query_result(mysql_) != 0) throw fail();
  for (;;) {
    if (MYSQL_RES* result = mysql_store_result(mysql_)) mysql_free_result(result);
    results.push_back({mysql_affected_rows(mysql_), mysql_warning_count(mysql_)});
    int more = mysql_next_result(mysql_);
    if (more > 0) throw fail();
    if (more < 0) return;
  }
}

namespace {

struct LoadSource {
  const std::function<std::size_t(char*, std::size_t)>& read;
  std::exception_ptr failure;
};

int load_init(void** state, const char*, void* source) {
  *state = source;
  return 0;
}

int load_read(void* state, char* buffer, unsigned size) {
  auto* source = static_cast<LoadSource*>(state);
  try {
    return static_cast<int>(source->read(buffer, size));
  } catch (...) {  // must not pass through C; rethrown by load_data()
    source->failure = std::current_exception();
    return -1;
  }
}

void load_end(void*) {}

int load_error(void*, char* message, unsigned size) {
  std::snprintf(message, size, "reading the rows failed");
  return CR_UNKNOWN_ERROR;
}

}  // namespace

LoadResult Connection::load_data(const Sql& statement,
                                 const std::function<std::size_t(char*, std::size_t)>& read) {
  LoadSource source{read, nullptr};
  mysql_set_local_infile_handler(mysql_, load_init, load_read, load_end, load_error, &source);
  int failed = mysql_real_query(mysql_, statement.text().data(), statement.text().size());
  refuse_files(mysql_);
  if (source.failure) std::rethrow_exception(source.failure);
  if (failed != 0) throw error(fmt::format("cannot run '{}'", shown_statement(statement.text())));
  LoadResult result;
  const char* info = mysql_info(mysql_);
  unsigned long records = 0, deleted = 0, skipped = 0, warnings = 0;
  if (info == nullptr ||
      std::sscanf(info, "Records: %lu Deleted: %lu Skipped: %lu Warnings: %lu", &records, &deleted,
                  &skipped, &warnings) != 4)
    throw Error(ErrorKind::target, "cannot read the result of LOAD DATA: the server did not say "
                                   "how many rows it took");
  result = {records, deleted, skipped, std::max<std::uint64_t>(warnings, mysql_warning_count(mysql_))};
  return result;
}

std::vector<Warning> Connection::warnings() {
  std::vector<Warning> list;
  for (auto& row : query(Sql::verbatim("SHOW WARNINGS")))
    list.push_back({static_cast<unsigned>(std::stoul(row[1].value_or("0"))), shown_message(row[2].value_or(""))});
  return list;
}

void Connection::cancel() noexcept {
  // When it is closed, the server is to hear of it even if it has more to send than we have taken: it would
  // try that for minutes, with its locks.
  const linger none{1, 0};
  ::setsockopt(mysql_get_socket(mysql_), SOL_SOCKET, SO_LINGER, &none, sizeof none);
  ::shutdown(mysql_get_socket(mysql_), SHUT_RDWR);
}

std::uint64_t Connection::id() const { return mysql_thread_id(mysql_); }

std::size_t Connection::buffer_bytes() const { return mysql_->net.max_packet; }

bool Connection::uses_tls() const { return mysql_get_ssl_cipher(mysql_) != nullptr; }

Error Connection::error(std::string_view what) const {
  unsigned code = mysql_errno(mysql_);
  ErrorKind kind = is_connection_loss(code)    ? ErrorKind::connect
                   : side_ == Side::source     ? ErrorKind::source
                                               : ErrorKind::target;
  const char* side = side_ == Side::source ? "source" : "target";
  return {kind, fmt::format("{} on the {} {}: {} ({})", what, side, to_string(endpoint_),
                            shown_message(mysql_error(mysql_)), code),
          {}, code};
}

bool is_connection_loss(unsigned error) {
  static constexpr std::array codes = {
      1040u, 1053u, 1077u, 1152u, 1158u, 1159u, 1160u, 1161u, 1184u, 1203u,
      1927u, 3169u, 4031u, 2002u, 2003u, 2006u, 2013u, 2026u, 2055u};
  return std::find(codes.begin(), codes.end(), error) != codes.end();
}

bool is_transient(unsigned error) {
  // 1412: a table was altered after the snapshot in which it is to be read.
  static constexpr std::array codes = {1205u, 1213u, 1412u, 1614u};
  return std::find(codes.begin(), codes.end(), error) != codes.end();
}

std::size_t max_packet(Connection& connection) {
  return std::strtoull(
      connection.value(sql("SELECT @@SESSION.max_allowed_packet")).value_or("0").c_str(), nullptr,
      10);
}

bool is_benign(unsigned warning) {
  // 6414: a table without transactions is written beside the position.
  static constexpr std::array codes = {1287u, 1618u, 1681u, 3135u, 3719u, 3778u, 6414u};
  return std::find(codes.begin(), codes.end(), warning) != codes.end();
}

Cursor::Cursor(Connection& connection, const Sql& statement)
    : connection_(connection), exceptions_(std::uncaught_exceptions()) {
  connection_.run(statement.text());
  result_ = mysql_use_result(connection_.mysql_);
  if (result_ == nullptr) {
    if (mysql_field_count(connection_.mysql_) != 0)
      throw connection_.error(fmt::format("cannot read '{}'", shown_statement(statement.text())));
    return;  // a statement without a result: no rows
  }
  columns_ = mysql_num_fields(result_);
}

Cursor::~Cursor() {
  if (result_ == nullptr) return;
  if (std::uncaught_exceptions() > exceptions_) connection_.cancel();
  mysql_free_result(result_);  // reads what is left
  while (mysql_next_result(connection_.mysql_) == 0)
    if (MYSQL_RES* more = mysql_store_result(connection_.mysql_)) mysql_free_result(more);
}

std::string Cursor::name(unsigned column) const {
  return mysql_fetch_field_direct(result_, column)->name;
}

bool Cursor::next() {
  if (result_ == nullptr) return false;
  row_ = mysql_fetch_row(result_);
  if (row_ == nullptr) {
    if (mysql_errno(connection_.mysql_) == 0) return false;
    // The error ended the result: there is nothing to be cut short, and the session can go on.
    const Error error = connection_.error("cannot read rows");
    mysql_free_result(result_);
    result_ = nullptr;
    throw error;
  }
  lengths_ = mysql_fetch_lengths(result_);
  return true;
}

}  // namespace dts
