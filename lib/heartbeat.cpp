#include "heartbeat.hpp"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "db/connection.hpp"
#include "db/sql.hpp"
#include "dts/error.hpp"

namespace dts {

namespace {

/// Asks first: a CREATE ... IF NOT EXISTS that does nothing is in the binlog all the same.
void make_table(Connection& source, const TableName& table) {
  // Nobody may have to wait for a backup's lock to end sync.
  source.execute(sql("SET SESSION lock_wait_timeout = 5, innodb_lock_wait_timeout = 5"));
  const auto there = [&](const Sql& query) { return source.value(query).has_value(); };
  if (there(sql("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
                Text{table.schema}, Text{table.table})))
    return;
  if (!there(sql("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {}",
                 Text{table.schema})))
    source.execute(sql("CREATE DATABASE IF NOT EXISTS {}", Name{table.schema}));
  source.execute(
      sql("CREATE TABLE IF NOT EXISTS {} (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT "
          "NULL PRIMARY KEY, beat DATETIME(6) NOT NULL) ENGINE = InnoDB",
          table));
}

}  // namespace

TableName heartbeat_table(const std::string& name) {
  const auto dot = name.find('.');
  return {name.substr(0, dot), name.substr(dot + 1)};
}

Heartbeat::Heartbeat(const Endpoint& source, const TableName& table, const std::string& job,
                     double every_seconds, Notes& notes)
    : thread_([this, source, table, job, every_seconds, &notes](std::stop_token stop) {
        run(source, table, job, every_seconds, notes, stop);
      }) {}

void Heartbeat::run(const Endpoint& source, const TableName& table, const std::string& job,
                    double every_seconds, Notes& notes, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_ptr<Connection> session;
  while (!stop.stop_requested()) {
    try {
      if (!session) {
        session = std::make_unique<Connection>(source, Side::source);
        session->cancel_on(stop);
        make_table(*session, table);
      }
      session->execute(sql("INSERT INTO {} (job, beat) VALUES ({}, UTC_TIMESTAMP(6)) ON DUPLICATE KEY "
                           "UPDATE beat = UTC_TIMESTAMP(6)",
                           table, Text{job}));
    } catch (const Error& error) {
      session.reset();
      if (!stop.stop_requested())
        notes.add(Severity::warning, fmt::format("cannot write the heartbeat table {}: {}; tried again",
                                                 to_string(table), error.what()));
    }
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, std::chrono::duration<double>(every_seconds), [] { return false; });
  }
}

}  // namespace dts
