#include "schema/table.hpp"

#include <doctest/doctest.h>

#include "dts/error.hpp"
#include "schema/difference.hpp"

using namespace dts;

namespace {

Column column(std::string name, std::string definition, ColumnType type, bool nullable = false) {
  Column c;
  c.name = std::move(name);
  c.definition = std::move(definition);
  c.type = type;
  c.nullable = nullable;
  return c;
}

Key key(std::string name, bool unique, std::vector<KeyPart> parts, bool nullable = false) {
  return {std::move(name), unique, nullable, std::move(parts)};
}

/// Columns: id, code, note (nullable), twice (generated); no keys.
Table orders() {
  Table table;
  table.name = {"shop", "orders"};
  table.engine = "InnoDB";
  table.kind = "BASE TABLE";
  table.columns = {column("id", "bigint(20) unsigned", ColumnType::integer),
                   column("code", "varchar(20)", ColumnType::text),
                   column("note", "text", ColumnType::text, true),
                   column("twice", "int(11)", ColumnType::integer)};
  table.columns[0].is_unsigned = table.columns[0].auto_increment = true;
  table.columns[1].charset = "utf8mb4";
  table.columns[1].collation = "utf8mb4_bin";
  table.columns[1].bytes_max = 80;
  table.columns[3].generated = true;
  return table;
}

void check_round_trip(const Table& table) {
  const std::string text = shape_text(table);
  const Table again = parse_shape(text);
  CHECK(shape_text(again) == text);
  CHECK(again.name == table.name);
  CHECK(same_shape(again, table));
  CHECK(again.row_key == table.row_key);
}

}  // namespace

TEST_CASE("the primary key names a row, wherever it stands") {
  Table table = orders();
  table.keys = {key("code", true, {{1, {}}}), key("PRIMARY", true, {{0, {}}})};
  CHECK(choose_row_key(table) == 1);
}

TEST_CASE("without a primary key, the first unique key that can't be NULL names a row") {
  Table table = orders();
  table.keys = {key("note", true, {{2, {}}}, true),    key("id", false, {{0, {}}}),
                key("prefix", true, {{1, 5}}),         key("twice", true, {{3, {}}}),
                key("both", true, {{0, {}}, {1, {}}}), key("code", true, {{1, {}}})};
  CHECK(choose_row_key(table) == 4);
  table.keys.resize(4);
  CHECK_FALSE(choose_row_key(table));
}

TEST_CASE("a unique key that is only a hash is the last choice") {
  Table table = orders();
  table.columns[1].bytes_max = 65535;
  table.keys = {key("code", true, {{1, {}}})};
  CHECK(choose_row_key(table) == 0);
  table.keys.push_back(key("id", true, {{0, {}}}));
  CHECK(choose_row_key(table) == 1);
}

TEST_CASE("a shape survives being text") {
  Table table = orders();
  table.keys = {key("PRIMARY", true, {{0, {}}}), key("c", false, {{1, 7}, {2, {}}}, true)};
  table.row_key = 0;
  check_round_trip(table);
  const Table again = parse_shape(shape_text(table));
  CHECK(again.engine == "InnoDB");
  CHECK(again.columns[0].is_unsigned);
  CHECK(again.columns[0].auto_increment);
  CHECK(again.columns[1].bytes_max == 80);
  CHECK(again.columns[1].text_form == TextForm::plain);
  CHECK(again.columns[2].nullable);
  CHECK(again.columns[3].generated);
  CHECK(again.columns[3].digits == -1);
  CHECK(again.keys[1].parts[0].prefix == 7);
  CHECK_FALSE(again.keys[1].parts[1].prefix);
  CHECK(again.keys[1].nullable);
}

TEST_CASE("any byte may be in a name or an enum") {
  Table table = orders();
  table.name = {"we`ird\t\"\\", "new\nline\\x41"};
  table.columns[0].name = std::string("\0\x01\x7f\xff", 4);
  table.columns[1].name = "\xf0\x9f\x98\x80 naïve";
  table.columns[1].definition = "enum('a\t','\xe9','it''s','\\\\','\n')";
  table.keys = {key("k\t1", true, {{0, {}}})};
  table.row_key = 0;
  check_round_trip(table);
  for (const char c : shape_text(table)) CHECK(static_cast<unsigned char>(c) < 0x80);
}

TEST_CASE("every type has a name that is its own") {
  for (int i = 0; i <= static_cast<int>(ColumnType::unknown); ++i) {
    Table table = orders();
    table.columns[0].type = static_cast<ColumnType>(i);
    CHECK(parse_shape(shape_text(table)).columns[0].type == static_cast<ColumnType>(i));
  }
}

TEST_CASE("a damaged or newer shape is refused") {
  const std::string good = shape_text(orders());
  for (const std::string& bad :
       {std::string(), std::string("dtsctl shape 2\n"), good + "nonsense\n",
        good + "key\tk\tu\t99\n", good + "row-key\t0\n", good + "column\tx\n",
        good + "column\tx\tint\tno such type\t\t\t\t0\t-1\n", good + "table\ta\\x4\tb\tc\td\n"})
    CHECK_THROWS_AS(parse_shape(bad), Error);
}

TEST_CASE("shapes are compared by columns and keys, not by names of tables or order of keys") {
  Table a = orders(), b = orders();
  a.keys = {key("PRIMARY", true, {{0, {}}}), key("x", false, {{1, {}}})};
  b.keys = {a.keys[1], a.keys[0]};
  b.name = {"other", "name"};
  b.engine = "Aria";
  CHECK(same_shape(a, b));
  b.keys[0].parts[0].prefix = 3;
  CHECK(shape_difference(a, b) == "key 'x' has other columns there");
  b.keys.erase(b.keys.begin());
  CHECK(shape_difference(a, b) == "key 'x' is missing there");
  CHECK(shape_difference(b, a) == "key 'x' is only there");
  b.columns[1].collation = "utf8mb4_general_ci";
  CHECK(shape_difference(a, b).starts_with("column 'code' is 'varchar(20) collate utf8mb4_bin"));
  b.columns.pop_back();
  b.columns[1] = a.columns[1];
  CHECK(shape_difference(a, b) == "column 'twice' is missing there");
  std::swap(b.columns[0], b.columns[1]);
  CHECK(shape_difference(a, b) == "column 1 is 'id' here and 'code' there");
}

TEST_CASE("what only some servers show of a number's width makes no other type") {
  CHECK(normal_type("int(11)") == "int");
  CHECK(normal_type("tinyint(1)") == "tinyint");
  CHECK(normal_type("bigint(20) unsigned") == "bigint unsigned");
  CHECK(normal_type("int(5) unsigned zerofill") == "int unsigned");
  CHECK(normal_type("year(4)") == "year");
  CHECK(normal_type("time /* mariadb-5.3 */") == "time");
  CHECK(normal_type("varchar(9) /*M!100301 COMPRESSED*/") == "varchar(9) /*!100301 COMPRESSED*/");
  CHECK(normal_type("geomcollection") == "geometrycollection");
  for (const char* as_it_is :
       {"decimal(5,2) unsigned zerofill", "varchar(11)", "bit(1)", "point", "double(10,2)", "vector(3)",
        "enum('int(11)')", "varchar(9) /*!100301 COMPRESSED*/"})
    CHECK(normal_type(as_it_is) == as_it_is);
  Table a = orders(), b = orders();
  b.columns[0].definition = "bigint unsigned";
  b.columns[3].definition = "int";
  CHECK(same_shape(a, b));
  b.columns[3].definition = "int unsigned";
  CHECK_FALSE(same_shape(a, b));
}

TEST_CASE("a key with an expression is kept, told apart, and names no row") {
  Table table = orders();
  Key expression = key("e", true, {});
  expression.functional = true;
  Key mixed = key("m", true, {{0, {}}});
  mixed.functional = true;
  table.keys = {expression, mixed};
  CHECK_FALSE(choose_row_key(table));
  check_round_trip(table);
  const Table again = parse_shape(shape_text(table));
  REQUIRE(again.keys.size() == 2);
  CHECK(again.keys[0].functional);
  CHECK(again.keys[0].parts.empty());
  CHECK(again.keys[1].functional);
  CHECK(again.keys[1].parts.size() == 1);
  Table other = table;
  other.keys[1].functional = false;
  CHECK(shape_difference(table, other) == "key 'm' has other columns there");
}

TEST_CASE("the limits of versions survive being text, and are part of a row's name") {
  Table table = orders();
  table.kind = "SYSTEM VERSIONED";
  for (const char* name : {"row_start", "row_end"})
    table.columns.push_back(column(name, "timestamp(6)", ColumnType::timestamp));
  table.columns[4].row_start = true;
  table.columns[5].row_end = true;
  table.keys = {key("PRIMARY", true, {{0, {}}, {5, {}}})};
  table.row_key = choose_row_key(table);
  CHECK(table.row_key == 0);
  CHECK(row_end_column(table) == 5);
  CHECK(is_copied_whole(table));
  check_round_trip(table);
  table.without_overlaps = true;
  const Table again = parse_shape(shape_text(table));
  CHECK(is_versioned(again));
  CHECK(again.without_overlaps);
  CHECK(again.columns[4].row_start);
  CHECK(row_end_column(again) == 5);
  CHECK_FALSE(row_end_column(orders()).has_value());
}
