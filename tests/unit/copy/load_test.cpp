#include "copy/load.hpp"

#include <doctest/doctest.h>

#include "apply/changes.hpp"
#include "copy/chunk.hpp"

using changes::table;
using dts::ColumnType;

namespace {

const std::string tail =
    " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ";

dts::Table enum_table(const std::string& members) {
  auto result = table("t", {{"id"}, {"e", ColumnType::enum_, "utf8mb4"}}, {{0}});
  result.columns[1].definition = "enum(" + members + ")";
  return result;
}

/// The part of LOAD DATA behind the fixed text.
std::string columns_of(const dts::Table& table) {
  const auto text = dts::load_rows(table, dts::Clash::refuse).text();
  return text.substr(text.rfind("'\\n' ") + 5);
}

}  // namespace

TEST_CASE("load: statements") {
  const auto plain = table("t`x", {{"id"}, {"a b", ColumnType::text, "sjis"},
                                   {"g", ColumnType::integer, "", true}}, {{0}});
  CHECK(dts::load_rows(plain, dts::Clash::refuse).text() ==
        "LOAD DATA LOCAL INFILE 'dtsctl' INTO TABLE `db`.`t``x`" + tail + "(`id`, `a b`)");
  CHECK(dts::load_rows(plain, dts::Clash::replace).text() ==
        "LOAD DATA LOCAL INFILE 'dtsctl' REPLACE INTO TABLE `db`.`t``x`" + tail + "(`id`, `a b`)");
  CHECK(dts::select_rows(plain, {}).text() == "SELECT `id`, `a b` FROM `db`.`t``x`");
  CHECK(dts::select_rows(plain, {dts::Sql::verbatim("`id` > 5"), ""}).text() ==
        "SELECT `id`, `a b` FROM `db`.`t``x` FORCE INDEX (`PRIMARY`) WHERE `id` > 5");
  CHECK(dts::select_rows(plain, {dts::Sql::verbatim("`id` > 5"), "((a) IS TRUE)"}).text() ==
        "SELECT `id`, `a b` FROM `db`.`t``x` FORCE INDEX (`PRIMARY`) WHERE `id` > 5 AND "
        "((a) IS TRUE)");
  CHECK(dts::select_rows(plain, {{}, "a"}).text() ==
        "SELECT `id`, `a b` FROM `db`.`t``x` WHERE a");
  CHECK(dts::load_rows(plain, dts::Clash::keep).text().find(" IGNORE INTO TABLE ") !=
        std::string::npos);
}

TEST_CASE("load: an ENUM is loaded by its ordinals, through a variable") {
  for (const char* members : {"'a','b'", "''", "'1','2'", "'it''s'", "' 3'", "'a','\xc3\xa9'"})
    CHECK(columns_of(enum_table(members)) == "(`id`, @v6) SET `e` = @v6 + 0");
}

TEST_CASE("load: a SET is loaded by its bits") {
  CHECK(columns_of(table("t", {{"id"}, {"s", ColumnType::set}}, {{0}})) ==
        "(`id`, @v6) SET `s` = CAST(@v6 AS UNSIGNED)");
}

TEST_CASE("load: several such columns have variables of their own") {
  auto many = table("t", {{"e1", ColumnType::enum_}, {"v"}, {"e2", ColumnType::enum_}}, {});
  many.columns[0].definition = many.columns[2].definition = "enum('1')";
  CHECK(columns_of(many) == "(@v0, `v`, @v10) SET `e1` = @v0 + 0, `e2` = @v10 + 0");
}

TEST_CASE("load: where an ENUM or SET is assigned, AUTO_INCREMENT is, too: MariaDB would renumber 0") {
  auto counted = table("t", {{"id"}, {"s", ColumnType::set}}, {{0}});
  counted.columns[0].auto_increment = true;
  CHECK(columns_of(counted) == "(@v0, @v5) SET `id` = @v0, `s` = CAST(@v5 AS UNSIGNED)");
  counted.columns.pop_back();
  CHECK(columns_of(counted) == "(`id`)");
}
