#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catch_error.hpp"
#include "db/sql.hpp"
#include "filter/condition.hpp"
#include "schema/table.hpp"

/// A table with a column of each type, and its rows by name of column.
namespace filtered {

using dts::Column;
using dts::ColumnType;

inline Column column(const std::string& name, const std::string& definition, ColumnType type) {
  Column made;
  made.name = name;
  made.definition = definition;
  made.type = type;
  made.is_unsigned = definition.find("unsigned") != std::string::npos || type == ColumnType::year;
  return made;
}

inline Column text(const std::string& name, const std::string& charset,
                   const std::string& collation, ColumnType type = ColumnType::text,
                   const std::string& definition = "varchar(40)") {
  Column made = column(name, definition, type);
  made.charset = charset;
  made.collation = collation;
  made.text_form = dts::text_form(charset);
  return made;
}

inline Column with_digits(Column column, int digits) {
  column.digits = digits;
  return column;
}

inline dts::Table make_table() {
  dts::Table table;
  table.name = {"db", "t"};
  table.columns = {
      column("i", "int(11)", ColumnType::integer),
      column("u", "bigint(20) unsigned", ColumnType::integer),
      column("b", "bigint(20)", ColumnType::integer),
      column("dec", "decimal(65,30)", ColumnType::decimal),
      column("f", "float", ColumnType::float_),
      column("d", "double", ColumnType::double_),
      column("fixed", "float(7,3)", ColumnType::float_),
      column("bits", "bit(8)", ColumnType::bit),
      column("y", "year(4)", ColumnType::year),
      column("da", "date", ColumnType::date),
      with_digits(column("dt", "datetime(3)", ColumnType::datetime), 3),
      with_digits(column("ts", "timestamp", ColumnType::timestamp), 0),
      with_digits(column("ti", "time(6)", ColumnType::time), 6),
      text("ci", "utf8mb4", "utf8mb4_general_ci"),
      text("bin", "utf8mb4", "utf8mb4_bin"),
      text("nopad", "utf8mb4", "utf8mb4_0900_bin"),
      text("latin", "latin1", "latin1_swedish_ci"),
      text("lbin", "latin1", "latin1_bin"),
      column("bytes", "varbinary(40)", ColumnType::bytes),
      text("e", "utf8mb4", "utf8mb4_bin", ColumnType::enum_, "enum('a','it''s','')"),
      text("s", "utf8mb4", "utf8mb4_bin", ColumnType::set, "set('a','b','c')"),
      text("lost", "utf8mb4", "utf8mb4_bin", ColumnType::enum_, "enum('?','b')"),
      column("j", "json", ColumnType::json),
      column("select", "int(11)", ColumnType::integer),
      column("gen", "int(11)", ColumnType::integer),
      column("never", "date", ColumnType::date),
  };
  table.columns[24].generated = true;
  table.columns[25].nullable = false;
  return table;
}
inline const dts::Table table = make_table();

using Values = std::map<std::string, std::string>;

/// Columns that are not named are NULL. What it returns points into `values`.
inline std::vector<dts::Value> row(const Values& values) {
  std::vector<dts::Value> result(table.columns.size());
  for (const auto& [name, value] : values)
    for (std::size_t i = 0; i < result.size(); ++i)
      if (table.columns[i].name == name) result[i] = {dts::ValueKind::text, value};
  return result;
}

inline std::vector<int> no_answers(std::span<const dts::TextQuestion>) {
  FAIL("the collator was asked");
  return {};
}

/// "T", "F" or "N" for NULL.
inline std::string truth(const std::string& where, const Values& values,
                         const dts::Collator& collator = no_answers) {
  const std::vector<dts::Value> image = row(values);
  if (dts::holds(dts::parse_condition(where, table), image, collator)) return "T";
  const auto opposite = dts::parse_condition("NOT (" + where + ")", table);
  return dts::holds(opposite, image, collator) ? "F" : "N";
}

/// The error that parsing ends with, and its hint.
inline std::string refusal(const std::string& where) {
  const dts::Error error = catch_error([&] { dts::parse_condition(where, table); });
  CHECK(error.kind() == dts::ErrorKind::usage);
  return std::string(error.what()) + " | " + error.hint();
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace filtered
