#include "copy/insert.hpp"

#include <doctest/doctest.h>

#include "apply/changes.hpp"
#include "binlog/json.hpp"
#include "catch_error.hpp"
#include "copy/load.hpp"

using changes::table;
using dts::ColumnType;
using dts::JsonCopy;

TEST_CASE("insert: the types of JSON columns are selected behind the columns, if wanted") {
  const auto documents = table(
      "t`x",
      {{"id"}, {"j", ColumnType::json}, {"g", ColumnType::json, "", true}, {"k", ColumnType::json}},
      {{0}});
  CHECK(dts::select_rows(documents, {}).text() == "SELECT `id`, `j`, `k` FROM `db`.`t``x`");
  CHECK(dts::select_rows(documents, {}, true).text() ==
        "SELECT /*+ SET_VAR(group_concat_max_len = 4294967295) */ `id`, `j`, `k`, " +
            dts::json_types_sql("`db`.`t``x`.`j`") + ", " + dts::json_types_sql("`db`.`t``x`.`k`") +
            " FROM `db`.`t``x`");
  const auto plain = table("t", {{"id"}}, {{0}});
  CHECK(dts::select_rows(plain, {}, true).text() == "SELECT `id` FROM `db`.`t`");
}

TEST_CASE("insert: JSON in its three forms") {
  const auto column = table("t", {{"j", ColumnType::json}}, {}).columns[0];
  const std::string text = "[1.5, 2]";
  dts::Arena arena;
  const auto value = [&](JsonCopy form, std::string_view types) {
    return dts::selected_value(column, text.data(), text.size(), form, types, arena);
  };
  CHECK(value(JsonCopy::text, "").kind == dts::ValueKind::text);
  CHECK(value(JsonCopy::text, "").data == text);
  CHECK(value(JsonCopy::plain, "").kind == dts::ValueKind::expression);
  CHECK(value(JsonCopy::plain, "").data == "'[1.5, 2]'");
  CHECK(value(JsonCopy::typed, "afi").data == "'[1.5, 2]'");
  CHECK(value(JsonCopy::typed, "adu").data == "JSON_ARRAY(1.5,CAST(2 AS UNSIGNED))");
  CHECK(catch_error([&] { value(JsonCopy::typed, ""); }).kind() == dts::ErrorKind::source);
  CHECK(dts::selected_value(column, nullptr, 0, JsonCopy::typed, "n", arena).kind ==
        dts::ValueKind::null);
}
