#include "apply/statements.hpp"

#include <doctest/doctest.h>

#include "apply/changes.hpp"
#include "db/connection.hpp"

using namespace changes;
using dts::Batch;
using dts::ColumnType;
using dts::WriteMode;

namespace {

const dts::Table keyed =
    table("t", {{"id"}, {"v", ColumnType::text, "utf8mb4"}, {"n"}}, {{0}});
const dts::Table unique2 = table("u", {{"id"}, {"code"}, {"v"}}, {{0}, {1}});
const dts::Table wide =
    table("w", {{"a"}, {"b", ColumnType::text, "latin1"}, {"v"}}, {{0, 1}});
const dts::Table keyless = table("k", {{"a"}, {"b", ColumnType::text, "utf8mb4"}}, {});
const dts::Table enums =
    table("e", {{"id"}, {"e", ColumnType::enum_, "utf8mb4"}, {"f", ColumnType::enum_, "utf8mb4"},
                {"n"}}, {{0}});
const dts::Table stamped = table(
    "s", {{"id"}, {"v"}, {"at", ColumnType::timestamp, "", false, true}, {"g", ColumnType::integer,
                                                                        "", true}}, {{0}, {1}});

const std::string lenient = std::string("SET sql_mode = '") + dts::lenient_mode + "';";
const std::string strict = std::string("SET sql_mode = '") + dts::strict_mode + "';";

struct Written {
  Batch batch;
  int flushes = 0;

  Written& net(const Changes& changes, WriteMode mode, std::size_t bytes_max = 1 << 20) {
    for (const auto& one : changes.net())
      dts::write_net(one, mode, bytes_max, batch, [this] { ++flushes; });
    return *this;
  }
  Written& one(const Changes& changes, WriteMode mode) {
    for (const auto& change : changes.transaction.changes)
      dts::write_change(change, mode, batch);
    return *this;
  }
  const std::string& text() const { return batch.text; }
  /// "1 2! 3w1": what is expected of each statement; ! where it is not checked, w warnings.
  std::string expected() const {
    std::string text;
    for (const auto& statement : batch.statements) {
      if (!text.empty()) text += ' ';
      text += std::to_string(statement.expected);
      if (!statement.checked) text += '!';
      if (statement.warnings > 0) text += "w" + std::to_string(statement.warnings);
      if (statement.table == nullptr) text += "-";
    }
    return text;
  }
};

}  // namespace

TEST_CASE("statements: net deletes and inserts") {
  Changes changes;
  changes.remove(keyed, {"1", "a", "0"}).remove(keyed, {"2", "b", "0"});
  changes.insert(keyed, {"3", "it's", "NULL"}).insert(keyed, {"4", "", "7"});
  Written exact;
  exact.net(changes, WriteMode::exact);
  CHECK(exact.text() ==
        "DELETE FROM `db`.`t` WHERE `id` IN (1, 2);"
        "INSERT INTO `db`.`t` (`id`, `v`, `n`) VALUES (3, 'it\\'s', NULL), (4, '', 7);");
  CHECK(exact.expected() == "2 2");
  CHECK(exact.batch.statements[0].table == &keyed);
  Written converging;
  converging.net(changes, WriteMode::converging);
  CHECK(converging.text() ==
        "DELETE FROM `db`.`t` WHERE `id` IN (1, 2);"
        "REPLACE INTO `db`.`t` (`id`, `v`, `n`) VALUES (3, 'it\\'s', NULL), (4, '', 7);");
  CHECK(converging.expected() == "2! 2!");
}

TEST_CASE("statements: composite keys") {
  Changes changes;
  changes.remove(wide, {"1", "x\xe9", "0"}).remove(wide, {"2", "'", "0"});
  Written exact;
  CHECK(exact.net(changes, WriteMode::exact).text() ==
        "DELETE FROM `db`.`w` WHERE `a` = 1 AND `b` = _latin1'x\xe9' OR "
        "`a` = 2 AND `b` = _latin1'\\'';");
  CHECK(exact.expected() == "2");
}

TEST_CASE("statements: net updates of a table with one unique key") {
  Changes changes;
  changes.update(keyed, {"1", "a", "5"}, {"1", "b", "5"});
  changes.update(keyed, {"2", "x", "5"}, {"2", "x", "5"});  // nothing changes
  changes.update(keyed, {"3", "a", "5"}, {"3", "a", "NULL"});
  Written exact;
  CHECK(exact.net(changes, WriteMode::exact).text() ==
        "INSERT INTO `db`.`t` (`id`, `v`, `n`) VALUES (1, 'b', 5), (3, 'a', NULL) "
        "ON DUPLICATE KEY UPDATE `v` = VALUES(`v`), `n` = VALUES(`n`);");
  CHECK(exact.expected() == "4");
  Written converging;
  CHECK(converging.net(changes, WriteMode::converging).text() ==
        "REPLACE INTO `db`.`t` (`id`, `v`, `n`) VALUES (1, 'b', 5), (2, 'x', 5), (3, 'a', NULL);");
  CHECK(converging.expected() == "3!");
}

TEST_CASE("statements: net updates that change nothing write nothing") {
  Changes changes;
  changes.update(keyed, {"1", "a", "5"}, {"1", "a", "5"});
  CHECK(Written().net(changes, WriteMode::exact).batch.empty());
  Changes other;
  other.update(unique2, {"1", "2", "3"}, {"1", "2", "3"});
  CHECK(Written().net(other, WriteMode::exact).batch.empty());
  Changes generated;
  generated.update(stamped, {"1", "2", "2024-01-01 00:00:00", "8"},
                   {"1", "2", "2024-01-01 00:00:00", "9"});
  CHECK(Written().net(generated, WriteMode::exact).batch.empty());
}

TEST_CASE("statements: net updates of a table with more unique keys go row by row") {
  Changes changes;
  changes.update(unique2, {"1", "2", "3"}, {"1", "2", "4"});
  changes.update(unique2, {"5", "6", "7"}, {"5", "6", "NULL"});
  Written exact;
  CHECK(exact.net(changes, WriteMode::exact).text() ==
        "UPDATE `db`.`u` SET `v` = 4 WHERE `id` = 1;"
        "UPDATE `db`.`u` SET `v` = NULL WHERE `id` = 5;");
  CHECK(exact.expected() == "1 1");
}

TEST_CASE("statements: columns that the server would set, and those that it computes") {
  Changes changes;
  changes.update(stamped, {"1", "2", "2024-01-01 00:00:00", "8"},
                 {"1", "2", "2024-01-02 00:00:00", "8"});
  changes.insert(stamped, {"2", "3", "NULL", "9"});
  Written exact;
  CHECK(exact.net(changes, WriteMode::exact).text() ==
        "UPDATE `db`.`s` SET `at` = '2024-01-02 00:00:00' WHERE `id` = 1;"
        "INSERT INTO `db`.`s` (`id`, `v`, `at`) VALUES (2, 3, NULL);");
  // ON UPDATE columns are listed although they do not change, generated ones never
  Changes single;
  single.update(stamped, {"1", "2", "2024-01-01 00:00:00", "8"},
                {"1", "5", "2024-01-01 00:00:00", "9"});
  Written one;
  CHECK(one.one(single, WriteMode::exact).text() ==
        "UPDATE `db`.`s` SET `v` = 5, `at` = '2024-01-01 00:00:00' WHERE `id` = 1;");
}

TEST_CASE("statements: split at bytes_max, flushed when the batch is full") {
  Changes changes;
  const std::string value(100, 'x');
  for (int i = 0; i < 100; ++i) changes.insert(keyed, {std::to_string(i), value, "0"});
  for (int i = 100; i < 300; ++i) changes.remove(keyed, {std::to_string(i), value, "0"});
  for (int i = 300; i < 400; ++i)
    changes.update(keyed, {std::to_string(i), "", "0"}, {std::to_string(i), value, "0"});
  std::uint64_t inserted = 0, removed = 0, updated = 0, longest = 0, rest = 0;
  Batch batch;
  int flushes = 0;
  const auto count = [&] {
    std::size_t at = 0;
    for (const auto& statement : batch.statements) {
      const auto end = batch.text.find(';', at);
      const auto text = batch.text.substr(at, end - at);
      longest = std::max<std::uint64_t>(longest, text.size());
      if (text.starts_with("DELETE")) removed += statement.expected;
      else if (text.find("DUPLICATE") != std::string::npos) updated += statement.expected;
      else inserted += statement.expected;
      at = end + 1;
    }
    CHECK(at == batch.text.size());
    batch.clear();
  };
  for (const auto& net : changes.net())
    dts::write_net(net, WriteMode::exact, 1000, batch, [&] {
      ++flushes;
      CHECK(batch.text.size() >= 1000);
      CHECK(batch.text.size() < 2500);
      count();
    });
  rest = batch.statements.size();
  count();
  CHECK(rest <= 1);
  CHECK(flushes > 15);
  CHECK(inserted == 100);
  CHECK(removed == 200);
  CHECK(updated == 200);
  CHECK(longest < 1300);
}

TEST_CASE("statements: no more than 2000 rows each") {
  Changes changes;
  for (int i = 0; i < 4500; ++i) changes.remove(keyed, {std::to_string(i), "", "0"});
  for (int i = 5000; i < 7001; ++i) changes.insert(keyed, {std::to_string(i), "", "0"});
  for (int i = 8000; i < 10001; ++i)
    changes.update(keyed, {std::to_string(i), "", "0"}, {std::to_string(i), "", "1"});
  Written exact;
  exact.net(changes, WriteMode::exact);
  CHECK(exact.expected() == "2000 2000 500 4000 2 2000 1");
  CHECK(exact.flushes == 0);
}

TEST_CASE("statements: ENUM values 0 are written in a lenient mode, alone") {
  Changes changes;
  for (const char* id : {"1", "2", "3", "4"})
    changes.insert(enums, {id, id[0] == '2' || id[0] == '3' ? "0" : "1",
                           id[0] == '3' ? "0" : "1", "0"});
  const std::string head = "INSERT INTO `db`.`e` (`id`, `e`, `f`, `n`) VALUES ";
  Written exact;
  CHECK(exact.net(changes, WriteMode::exact).text() ==
        head + "(1, 1, 1, 0);" + lenient + head + "(2, 0, 1, 0);" + strict + lenient + head +
            "(3, 0, 0, 0);" + strict + head + "(4, 1, 1, 0);");
  CHECK(exact.expected() == "1 0!- 1w1 0!- 0!- 1w2 0!- 1");

  Changes updates;
  updates.update(enums, {"1", "1", "1", "0"}, {"1", "1", "1", "9"});
  updates.update(enums, {"2", "1", "0", "0"}, {"2", "0", "0", "0"});
  updates.update(enums, {"3", "0", "1", "0"}, {"3", "0", "1", "5"});  // is 0 already: not listed
  updates.update(enums, {"4", "0", "1", "0"}, {"4", "1", "1", "0"});
  Written updated;
  CHECK(updated.net(updates, WriteMode::exact).text() ==
        head +
            "(1, 1, 1, 9) ON DUPLICATE KEY UPDATE `e` = VALUES(`e`), `f` = VALUES(`f`), `n` = "
            "VALUES(`n`);" +
            lenient + "UPDATE `db`.`e` SET `e` = 0 WHERE `id` = 2;" + strict +
            "UPDATE `db`.`e` SET `n` = 5 WHERE `id` = 3;" + head +
            "(4, 1, 1, 0) ON DUPLICATE KEY UPDATE `e` = VALUES(`e`), `f` = VALUES(`f`), `n` = "
            "VALUES(`n`);");
  CHECK(updated.expected() == "2 0!- 1w1 0!- 1 2");

  Written converging;
  converging.net(updates, WriteMode::converging);
  CHECK(converging.expected() == "1! 0!- 1!w2 0!- 0!- 1!w1 0!- 1!");

  // a number that is 0 is no ENUM
  Changes plain;
  plain.insert(keyed, {"1", "0", "0"});
  CHECK(Written().net(plain, WriteMode::exact).text().find("SET") == std::string::npos);
}

TEST_CASE("statements: rows without a key, one by one") {
  Changes changes;
  changes.insert(keyless, {"1", "it's"});
  changes.update(keyless, {"1", "it's"}, {"NULL", "b"});
  changes.remove(keyless, {"NULL", "b"});
  const std::string expected =
      "INSERT INTO `db`.`k` (`a`, `b`) VALUES (1, 'it\\'s');"
      "UPDATE `db`.`k` SET `a` = NULL, `b` = 'b' WHERE `a` <=> 1 AND "
      "`b` <=> 'it\\'s' AND CAST(`b` AS BINARY) <=> CAST('it\\'s' AS BINARY) LIMIT 1;"
      "DELETE FROM `db`.`k` WHERE `a` <=> NULL AND `b` <=> 'b' AND "
      "CAST(`b` AS BINARY) <=> CAST('b' AS BINARY) LIMIT 1;";
  for (auto mode : {WriteMode::exact, WriteMode::converging}) {
    Written net, single;
    CHECK(net.net(changes, mode).text() == expected);
    CHECK(net.expected() == "1 1 1");
    CHECK(single.one(changes, mode).text() == expected);
    CHECK(single.expected() == "1 1 1");
  }
  Written small;
  small.net(changes, WriteMode::exact, 10);
  CHECK(small.flushes == 3);
}

TEST_CASE("statements: single changes of a table with a key") {
  Changes changes;
  changes.insert(keyed, {"1", "a", "0"});
  changes.update(keyed, {"1", "a", "0"}, {"1", "b", "0"});
  changes.update(keyed, {"1", "b", "0"}, {"2", "b", "0"});
  changes.remove(keyed, {"2", "b", "0"});
  Written exact;
  CHECK(exact.one(changes, WriteMode::exact).text() ==
        "INSERT INTO `db`.`t` (`id`, `v`, `n`) VALUES (1, 'a', 0);"
        "UPDATE `db`.`t` SET `v` = 'b' WHERE `id` = 1;"
        "UPDATE `db`.`t` SET `id` = 2 WHERE `id` = 1;"
        "DELETE FROM `db`.`t` WHERE `id` IN (2);");
  CHECK(exact.expected() == "1 1 1 1");
  Written converging;
  CHECK(converging.one(changes, WriteMode::converging).text() ==
        "REPLACE INTO `db`.`t` (`id`, `v`, `n`) VALUES (1, 'a', 0);"
        "REPLACE INTO `db`.`t` (`id`, `v`, `n`) VALUES (1, 'b', 0);"
        "DELETE FROM `db`.`t` WHERE `id` IN (1);"
        "REPLACE INTO `db`.`t` (`id`, `v`, `n`) VALUES (2, 'b', 0);"
        "DELETE FROM `db`.`t` WHERE `id` IN (2);");
  CHECK(converging.expected() == "1! 1! 1! 1! 1!");
}

TEST_CASE("statements: keys as people read them") {
  Changes changes;
  CHECK(dts::describe_key(keyed, changes.row(keyed, {"5", "a", "0"})) == "(`id` = 5)");
  CHECK(dts::describe_key(wide, changes.row(wide, {"5", "a", "0"})) ==
        "(`a` = 5 AND `b` = _latin1'a')");
  CHECK(dts::describe_key(keyless, changes.row(keyless, {"NULL", "a"})) ==
        "(`a` <=> NULL AND `b` <=> 'a' AND CAST(`b` AS BINARY) <=> CAST('a' AS BINARY))");
  const auto text = dts::describe_key(keyless, changes.row(keyless, {"1", std::string(999, 'x')}));
  CHECK(text.size() < 320);
  CHECK(text.ends_with("...)"));
}

namespace {

constexpr const char* forever = "2038-01-19 03:14:07.999999";
constexpr const char* forever_later = "2106-02-07 06:28:15.999999";  // since MariaDB 11.5

dts::Table versioned(const std::vector<std::vector<std::size_t>>& keys) {
  dts::Table result = table(
      "h", {{"id"}, {"v"}, {"rs", ColumnType::timestamp}, {"re", ColumnType::timestamp}}, keys);
  result.kind = "SYSTEM VERSIONED";
  result.columns[2].row_start = true;
  result.columns[3].row_end = true;
  return result;
}

const dts::Table history = versioned({{0, 3}});
const dts::Table keyless_history = versioned({});

}  // namespace

TEST_CASE("statements: versions are removed without leaving one, and written with their times") {
  Changes changes;
  changes.update(history, {"1", "9", "2020-01-01 00:00:00.000000", forever},
                 {"1", "8", "2021-01-01 00:00:00.000000", forever});
  changes.insert(history, {"1", "9", "2020-01-01 00:00:00.000000", "2021-01-01 00:00:00.000000"});
  changes.update(history, {"2", "6", "2020-01-01 00:00:00.000000", forever_later},
                 {"2", "6", "2020-01-01 00:00:00.000000", "2021-01-01 00:00:00.000001"});
  const std::string text =
      "SET STATEMENT timestamp = 0.000001 FOR DELETE FROM `db`.`h` WHERE `id` IN (2);"
      "SET STATEMENT timestamp = 0.000001 FOR DELETE FROM `db`.`h` WHERE `id` IN (1);"
      "INSERT INTO `db`.`h` (`id`, `v`, `rs`, `re`) VALUES "
      "(1, 8, '2021-01-01 00:00:00.000000', DEFAULT), "
      "(1, 9, '2020-01-01 00:00:00.000000', '2021-01-01 00:00:00.000000'), "
      "(2, 6, '2020-01-01 00:00:00.000000', '2021-01-01 00:00:00.000001');";
  Written exact;
  CHECK(exact.net(changes, WriteMode::exact).text() == text);
  CHECK(exact.expected() == "1 1 3");
  Written converging;  // they are copied at a known position, and never only converge
  CHECK(converging.net(changes, WriteMode::converging).text() == text);
  CHECK(converging.expected() == "1 1 3");
}

TEST_CASE("statements: history is deleted up to the last version that goes") {
  Changes changes;
  changes.remove(history, {"1", "9", "2020-01-01 00:00:00.000000", "2021-01-01 00:00:00.000000"});
  changes.remove(history, {"7", "9", "2020-01-01 00:00:00.000000", "2021-01-01 00:00:00.000002"});
  changes.remove(history, {"5", "9", "2020-01-01 00:00:00.000000", "2020-12-01 00:00:00.000000"});
  Written exact;
  CHECK(exact.net(changes, WriteMode::exact).text() ==
        "DELETE HISTORY FROM `db`.`h` BEFORE SYSTEM_TIME TIMESTAMPADD(MICROSECOND, 1, "
        "TIMESTAMP'2021-01-01 00:00:00.000002');");
  CHECK(exact.expected() == "3!");
  CHECK(exact.batch.statements[0].history);
}

TEST_CASE("statements: a version that ended when it began is made by a DELETE, before the others") {
  const char* at = "2021-01-01 00:00:00.250000";
  Changes changes;
  changes.insert(history, {"1", "8", at, forever}).insert(history, {"1", "9", at, at});
  Written exact;
  CHECK(exact.net(changes, WriteMode::exact).text() ==
        "INSERT INTO `db`.`h` (`id`, `v`, `rs`, `re`) VALUES "
        "(1, 9, '2021-01-01 00:00:00.250000', DEFAULT);"
        "SET STATEMENT timestamp = UNIX_TIMESTAMP('2021-01-01 00:00:00.250000') FOR "
        "DELETE FROM `db`.`h` WHERE `id` = 1 LIMIT 1;"
        "INSERT INTO `db`.`h` (`id`, `v`, `rs`, `re`) VALUES "
        "(1, 8, '2021-01-01 00:00:00.250000', DEFAULT);");
  CHECK(exact.expected() == "1 1 1");
}

TEST_CASE("statements: versions without a key are found by all but their end") {
  Changes changes;
  changes.update(keyless_history, {"1", "2", "2020-01-01 00:00:00.000000", forever},
                 {"1", "3", "2021-01-01 00:00:00.000000", forever});
  Written written;
  CHECK(written.net(changes, WriteMode::converging).text() ==
        "SET STATEMENT timestamp = 0.000001 FOR DELETE FROM `db`.`h` WHERE `id` <=> 1 AND "
        "`v` <=> 2 AND `rs` <=> '2020-01-01 00:00:00.000000' LIMIT 1;"
        "INSERT INTO `db`.`h` (`id`, `v`, `rs`, `re`) VALUES "
        "(1, 3, '2021-01-01 00:00:00.000000', DEFAULT);");
  CHECK(written.expected() == "1 1");
}

TEST_CASE("statements: only to overwrite, what is valid now is removed whether it is there or not") {
  Changes changes;
  changes.insert(history, {"1", "9", "2020-01-01 00:00:00.000000", forever});
  Written written;
  CHECK(written.one(changes, WriteMode::converging).text() ==
        "SET STATEMENT timestamp = 0.000001 FOR DELETE FROM `db`.`h` WHERE `id` IN (1);"
        "INSERT INTO `db`.`h` (`id`, `v`, `rs`, `re`) VALUES "
        "(1, 9, '2020-01-01 00:00:00.000000', DEFAULT);");
  CHECK(written.expected() == "1! 1");
}

TEST_CASE("statements: rows of a key without overlaps are neither replaced nor upserted") {
  dts::Table periods = table("p", {{"id"}, {"v"}}, {{0}});
  periods.without_overlaps = true;
  Changes changes;
  changes.update(periods, {"1", "2"}, {"1", "3"}).insert(periods, {"4", "5"});
  Written converging;
  CHECK(converging.net(changes, WriteMode::converging).text() ==
        "UPDATE `db`.`p` SET `v` = 3 WHERE `id` = 1;INSERT INTO `db`.`p` (`id`, `v`) VALUES (4, 5);");
  CHECK(converging.expected() == "1 1");
  Changes insert;
  insert.insert(periods, {"4", "5"});
  CHECK(Written().one(insert, WriteMode::converging).text() ==
        "DELETE FROM `db`.`p` WHERE `id` IN (4);INSERT INTO `db`.`p` (`id`, `v`) VALUES (4, 5);");
}

TEST_CASE("statements: updates through a join, by the columns that change") {
  auto joined = keyed;
  joined.columns[1].collation = "utf8mb4_bin";
  Changes changes;
  for (const char* id : {"1", "2", "3", "4", "5"}) changes.update(joined, {id, "a", "5"}, {id, "b'", "5"});
  for (const char* id : {"6", "7", "8", "9"}) changes.update(joined, {id, "a", "5"}, {id, "a", "NULL"});
  changes.update(joined, {"10", "a", "5"}, {"10", "b", "6"});  // alone
  changes.update(joined, {"11", "a", "5"}, {"11", "a", "5"});  // nothing changes
  Written mariadb, mysql;
  mariadb.batch.row_list = dts::RowList::select;
  CHECK(mariadb.net(changes, WriteMode::exact).text() ==
        "UPDATE (SELECT 1 AS k0, 'b\\'' AS c0 UNION ALL VALUES (2, 'b\\''), (3, 'b\\''), (4, 'b\\''), "
        "(5, 'b\\'')) AS v STRAIGHT_JOIN `db`.`t` AS t ON t.`id` = v.k0 SET t.`v` = v.c0;"
        "UPDATE `db`.`t` SET `v` = 'b', `n` = 6 WHERE `id` = 10;"
        "UPDATE (SELECT 6 AS k0, NULL AS c0 UNION ALL VALUES (7, NULL), (8, NULL), (9, NULL)) AS v "
        "STRAIGHT_JOIN `db`.`t` AS t ON t.`id` = v.k0 SET t.`n` = v.c0;");
  CHECK(mariadb.expected() == "5 1 4");
  mysql.batch.row_list = dts::RowList::values;
  CHECK(mysql.net(changes, WriteMode::exact).text().starts_with(
      "UPDATE (VALUES ROW(1, 'b\\''), ROW(2, 'b\\''), ROW(3, 'b\\''), ROW(4, 'b\\''), ROW(5, 'b\\'')) "
      "AS v (k0, c0) STRAIGHT_JOIN `db`.`t` AS t ON t.`id` = v.k0 SET t.`v` = v.c0;"));
}

TEST_CASE("statements: what is not updated through a join") {
  Changes changes;
  const std::string large(2000, 'x');
  for (const char* id : {"1", "2", "3", "4"}) changes.update(keyed, {id, "a", "5"}, {id, large, "5"});
  Written written;
  written.batch.row_list = dts::RowList::select;
  CHECK(written.net(changes, WriteMode::exact).expected() == "1 1 1 1");  // long values
  // text keys of a character set whose literals come in another one
  const auto utf8mb3 = table("t", {{"id", ColumnType::text, "utf8mb3"}, {"n"}}, {{0}});
  CHECK_FALSE(dts::is_joinable(utf8mb3, {""}));
  CHECK(dts::is_joinable(wide, {""}));
  CHECK_FALSE(dts::is_joinable(wide, {"utf8mb4_bin"}));  // the target has another instead
  CHECK_FALSE(dts::is_joinable(table("t", {{"id", ColumnType::datetime}, {"n"}}, {{0}}), {}));
  // a column that the server would set is always listed
  auto one_key = stamped;
  one_key.keys.pop_back();
  Changes stamps;
  for (const char* id : {"1", "2", "3", "4"})
    stamps.update(one_key, {id, "1", "2020-01-01", "0"}, {id, "2", "2020-01-01", "0"});
  Written set;
  set.batch.row_list = dts::RowList::values;
  CHECK(set.net(stamps, WriteMode::exact).text().ends_with("SET t.`v` = v.c0, t.`at` = v.c1;"));
}

TEST_CASE("statements: updates of rows with consecutive numbers as keys need no list") {
  Changes changes;
  std::string values;
  for (int id = -3; id <= 12; ++id) {
    const std::string key = std::to_string(id);
    if (id == 9) continue;  // 10, 11 and 12 are too few to go by themselves
    const bool null = id == 2;
    changes.update(keyed, {key, "a", "5"}, {key, null ? "NULL" : "b'", "-7"});
    if (id < 9) values += null ? ",NULL" : ",'b\\''";
  }
  Written written;
  written.batch.row_list = dts::RowList::select;
  std::string numbers;
  for (int i = 0; i < 12; ++i) numbers += ",'-7'";
  CHECK(written.net(changes, WriteMode::exact).text() ==
        "UPDATE `db`.`t` SET `v` = ELT(`id` - (-4)" + values + "), `n` = ELT(`id` - (-4)" + numbers +
            ") WHERE `id` BETWEEN -3 AND 8;"
            "UPDATE `db`.`t` SET `v` = 'b\\'', `n` = -7 WHERE `id` = 10;"
            "UPDATE `db`.`t` SET `v` = 'b\\'', `n` = -7 WHERE `id` = 11;"
            "UPDATE `db`.`t` SET `v` = 'b\\'', `n` = -7 WHERE `id` = 12;");
  CHECK(written.expected() == "12 1 1 1");
  // Numbers that no sum may be made of, and types that are not the same as text.
  Changes far, ordinals;
  for (int i = 0; i < 20; ++i) {
    const std::string low = std::to_string(i), high = "92233720368547758" + std::to_string(10 + i);
    far.update(keyed, {high, "a", "5"}, {high, "b", "5"});
    ordinals.update(enums, {low, "1", "1", "1"}, {low, "2", "1", "1"});
  }
  for (const Changes* listed : {&far, &ordinals}) {
    Written list;
    list.batch.row_list = dts::RowList::select;
    CHECK(list.net(*listed, WriteMode::exact).text().starts_with("UPDATE (SELECT "));
  }
}
