#include "db/bookkeeping_values.hpp"

// Rows about the source's tables: their shapes, where their copy is, what waits for them.

namespace dts {

std::vector<TrackedTable> read_tracked(Connection& target, const std::string& database,
                                       const std::string& job) {
  std::vector<TrackedTable> tables;
  for (auto& row :
       target.query(sql("SELECT shape, start_gtid, start_file, start_offset FROM {}.tracked_table "
                        "WHERE job = {} ORDER BY schema_name, table_name",
                        Name{database}, Text{job})))
    tables.push_back({parse_shape(row.at(0).value_or("")), optional_position(row, 1)});
  return tables;
}

Sql save_tracked(const std::string& database, const std::string& job, const TrackedTable& table) {
  return sql(
      "REPLACE INTO {}.tracked_table (job, schema_name, table_name, shape, start_gtid, start_file, "
      "start_offset) VALUES ({}, {}, {}, {}, {})",
      Name{database}, Text{job}, Text{table.shape.name.schema}, Text{table.shape.name.table},
      hex(shape_text(table.shape)), values_of(table.start));
}

Sql forget_tracked(const std::string& database, const std::string& job, const TableName& table) {
  return sql("DELETE FROM {}.tracked_table WHERE job = {} AND schema_name = {} AND table_name = {}",
             Name{database}, Text{job}, Text{table.schema}, Text{table.table});
}

std::optional<Position> read_listed(Connection& target, const std::string& database,
                                    const std::string& job) {
  try {
    auto rows = target.query(sql("SELECT gtid, log_file, log_offset FROM {}.listed WHERE job = {}",
                                 Name{database}, Text{job}));
    if (!rows.empty()) return position_from(rows[0], 0);
  } catch (const Error& error) {
    if (error.server_errno() != no_such_table) throw;
  }
  return std::nullopt;
}

Sql save_listed(const std::string& database, const std::string& job, const Position& position) {
  return sql("REPLACE INTO {}.listed (job, gtid, log_file, log_offset) VALUES ({}, {})",
             Name{database}, Text{job}, values_of(position));
}

std::vector<LateTable> read_late(Connection& target, const std::string& database,
                                 const std::string& job) {
  std::vector<LateTable> tables;
  try {
    for (auto& row : target.query(sql("SELECT schema_name, table_name, step, reason, end_gtid, "
                                      "end_file, end_offset FROM {}.late_table WHERE job = {} "
                                      "ORDER BY schema_name, table_name",
                                      Name{database}, Text{job})))
      tables.push_back({{row.at(0).value_or(""), row.at(1).value_or("")},
                        static_cast<LateTable::Step>(number(row.at(2))),
                        row.at(3).value_or(""),
                        optional_position(row, 4)});
  } catch (const Error& error) {
    if (error.server_errno() != no_such_table) throw;
  }
  return tables;
}

Sql save_late(const std::string& database, const std::string& job, const LateTable& table) {
  return sql("REPLACE INTO {}.late_table (job, schema_name, table_name, step, reason, end_gtid, "
             "end_file, end_offset) VALUES ({}, {}, {}, {}, {}, {})",
             Name{database}, Text{job}, Text{table.name.schema}, Text{table.name.table},
             static_cast<unsigned>(table.step), hex(table.reason), values_of(table.end));
}

Sql forget_late(const std::string& database, const std::string& job, const TableName& table) {
  return sql("DELETE FROM {}.late_table WHERE job = {} AND schema_name = {} AND table_name = {}",
             Name{database}, Text{job}, Text{table.schema}, Text{table.table});
}

std::optional<std::string> read_selection(Connection& target, const std::string& database,
                                          const std::string& job) {
  try {
    return target.value(
        sql("SELECT objects FROM {}.selection WHERE job = {}", Name{database}, Text{job}));
  } catch (const Error& error) {
    if (error.server_errno() != no_such_table) throw;
  }
  return std::nullopt;
}

Sql save_selection(const std::string& database, const std::string& job, const std::string& text) {
  return sql("REPLACE INTO {}.selection (job, objects) VALUES ({}, {})", Name{database}, Text{job},
             hex(text));
}

std::vector<JoinedAt> read_joined(Connection& target, const std::string& database,
                                  const std::string& job) {
  std::vector<JoinedAt> all;
  try {
    for (auto& row : target.query(sql("SELECT gtid, log_file, log_offset, objects FROM {}.joined "
                                      "WHERE job = {}",
                                      Name{database}, Text{job})))
      all.push_back({position_from(row, 0), row.at(3).value_or("")});
  } catch (const Error& error) {
    if (error.server_errno() != no_such_table) throw;
  }
  return all;
}

Sql save_joined(const std::string& database, const std::string& job, const JoinedAt& joined) {
  return sql("INSERT INTO {}.joined (job, gtid, log_file, log_offset, objects) VALUES ({}, {}, {})",
             Name{database}, Text{job}, values_of(joined.start), hex(joined.before));
}

Sql forget_joined(const std::string& database, const std::string& job, const JoinedAt& joined) {
  const std::string gtids = gtid_text(joined.start);
  return sql("DELETE FROM {}.joined WHERE job = {} AND gtid = {} AND log_file = {} AND "
             "log_offset = {}",
             Name{database}, Text{job}, Text{gtids}, Text{joined.start.file}, joined.start.offset);
}

std::vector<DeferredIndex> read_deferred(Connection& target, const std::string& database,
                                         const std::string& job, const TableName& table) {
  std::vector<DeferredIndex> indexes;
  for (auto& row : target.query(sql("SELECT index_name, definition FROM {}.deferred_index WHERE "
                                    "job = {} AND schema_name = {} AND table_name = {} ORDER BY number",
                                    Name{database}, Text{job}, Text{table.schema},
                                    Text{table.table})))
    indexes.push_back({row.at(0).value_or(""), row.at(1).value_or("")});
  return indexes;
}

std::vector<TableName> read_deferred_tables(Connection& target, const std::string& database,
                                            const std::string& job) {
  std::vector<TableName> tables;
  for (auto& row : target.query(sql("SELECT DISTINCT schema_name, table_name FROM "
                                    "{}.deferred_index WHERE job = {}",
                                    Name{database}, Text{job})))
    tables.push_back({row.at(0).value_or(""), row.at(1).value_or("")});
  return tables;
}

Sql save_deferred(const std::string& database, const std::string& job, const TableName& table,
                  std::size_t number, const DeferredIndex& index) {
  return sql("REPLACE INTO {}.deferred_index VALUES ({}, {}, {}, {}, {}, {})", Name{database},
             Text{job}, Text{table.schema}, Text{table.table}, number, Text{index.name},
             hex(index.definition));
}

Sql forget_deferred(const std::string& database, const std::string& job, const TableName& table) {
  return sql("DELETE FROM {}.deferred_index WHERE job = {} AND schema_name = {} AND table_name = {}",
             Name{database}, Text{job}, Text{table.schema}, Text{table.table});
}

}  // namespace dts
