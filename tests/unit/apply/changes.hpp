#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apply/net.hpp"
#include "binlog/event.hpp"
#include "schema/table.hpp"

/// Tables and changes made by hand.
namespace changes {

struct Col {
  std::string name;
  dts::ColumnType type = dts::ColumnType::integer;
  std::string charset = "";
  bool generated = false;
  bool on_update = false;
};

/// Keys are lists of columns, all unique; the first one is the row key.
inline dts::Table table(const std::string& name, const std::vector<Col>& columns,
                        const std::vector<std::vector<std::size_t>>& keys) {
  dts::Table result;
  result.name = {"db", name};
  for (const Col& col : columns) {
    dts::Column column;
    column.name = col.name;
    column.type = col.type;
    column.charset = col.charset;
    column.text_form = dts::text_form(col.charset);
    column.generated = col.generated;
    column.on_update = col.on_update;
    result.columns.push_back(column);
  }
  for (const auto& parts : keys) {
    dts::Key key{result.keys.empty() ? "PRIMARY" : "u" + std::to_string(result.keys.size()), true,
                 !result.keys.empty(), {}};
    for (std::size_t part : parts) key.parts.push_back({part, {}});
    result.keys.push_back(key);
  }
  if (!keys.empty()) result.row_key = 0;
  return result;
}

inline dts::ValueKind kind_of(const dts::Column& column) {
  switch (column.type) {
    case dts::ColumnType::text:
      return dts::ValueKind::text;
    case dts::ColumnType::bytes:
      return dts::ValueKind::bytes;
    case dts::ColumnType::datetime:
    case dts::ColumnType::timestamp:
      return dts::ValueKind::temporal;
    default:
      return dts::ValueKind::number;
  }
}

using Texts = std::vector<std::string>;

/// A transaction under construction. Values are given as text, "NULL" is NULL.
struct Changes {
  dts::Transaction transaction;

  dts::Row row(const dts::Table& of, const Texts& texts) {
    dts::Value* values = transaction.arena->values(of.columns.size());
    for (std::size_t i = 0; i < texts.size(); ++i)
      if (texts[i] != "NULL")
        values[i] = {kind_of(of.columns[i]), transaction.arena->copy(texts[i])};
    return {values, of.columns.size()};
  }
  Changes& insert(const dts::Table& into, const Texts& after) {
    transaction.changes.push_back({dts::ChangeKind::insert, &into, {}, row(into, after)});
    return *this;
  }
  Changes& update(const dts::Table& of, const Texts& before, const Texts& after) {
    transaction.changes.push_back(
        {dts::ChangeKind::update, &of, row(of, before), row(of, after)});
    return *this;
  }
  Changes& remove(const dts::Table& from, const Texts& before) {
    transaction.changes.push_back({dts::ChangeKind::remove, &from, row(from, before), {}});
    return *this;
  }
  std::vector<dts::NetTable> net() const { return dts::net_changes({&transaction, 1}); }
};

inline std::string show(const dts::Row& row) {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += ',';
    text += row[i].is_null() ? "NULL" : std::string(row[i].data);
  }
  return text;
}

/// "t: -1,a | 2,b>2,c | +3,d": deletes, updates and inserts of each table.
inline std::string show(const std::vector<dts::NetTable>& net) {
  std::string text;
  for (const dts::NetTable& one : net) {
    if (!text.empty()) text += "; ";
    text += one.table->name.table + ":";
    for (const auto& row : one.deletes) text += " -" + show(row.before);
    for (const auto& row : one.updates) text += " " + show(row.before) + ">" + show(row.after);
    for (const auto& row : one.inserts) text += " +" + show(row.after);
    for (const auto* change : one.serial)
      text += " [" + show(change->before) + ">" + show(change->after) + "]";
  }
  return text;
}

}  // namespace changes
