#include "db/no_values.hpp"

#include <doctest/doctest.h>

using dts::shown_message;
using dts::shown_statement;

TEST_CASE("messages: statements are shown without what rows hold") {
  CHECK(shown_statement("INSERT INTO `a` (`id`, `s`) VALUES (9, 'it''s')") == "INSERT INTO `a` (`id`, `s`) VALUES (?, ?)");
  CHECK(shown_statement("UPDATE `a` SET `v` = X'00ff' WHERE `id` = -1.5e3") == "UPDATE `a` SET `v` = X? WHERE `id` = -?");
  CHECK(shown_statement("REPLACE INTO a VALUES (0xdead, 1e5,.5)") == "REPLACE INTO a VALUES (?, ?,.?)");
  CHECK(shown_statement("SET STATEMENT timestamp = 5 FOR DELETE FROM `a` WHERE `s` = 'x'") ==
        "SET STATEMENT timestamp = ? FOR DELETE FROM `a` WHERE `s` = ?");
  CHECK(shown_statement("INSERT INTO a VALUES ('" + std::string(10'000, 'x') + "')") == "INSERT INTO a VALUES (?...");
  CHECK(shown_statement("SELECT 1 FROM information_schema.TABLES WHERE TABLE_NAME = 'a'") ==
        "SELECT 1 FROM information_schema.TABLES WHERE TABLE_NAME = 'a'");
  CHECK(shown_statement("ALTER TABLE a ADD b INT DEFAULT '5'") == "ALTER TABLE a ADD b INT DEFAULT '5'");
  CHECK(shown_statement("DROP TABLE " + std::string(200, 'a')) == "DROP TABLE " + std::string(109, 'a') + "...");
  CHECK(shown_statement("") == "");
}

TEST_CASE("messages: of servers, without the value that they quote") {
  CHECK(shown_message("Incorrect datetime value: '2020-99-99' for column `a`.`b`.`c` at row 1") ==
        "Incorrect datetime value for column `a`.`b`.`c` at row 1");
  CHECK(shown_message("Incorrect string value: '\\xF0' for ' for column 'v' at row 2") ==
        "Incorrect string value for column 'v' at row 2");
  CHECK(shown_message("Truncated incorrect INTEGER value: 'secret'") == "Truncated incorrect INTEGER value");
  CHECK(shown_message("Table has no partition for value 7654321") == "Table has no partition for value");
  CHECK(shown_message("Invalid utf8mb4 character string: 'x'") == "Invalid utf8mb4 character string");
  CHECK(shown_message("BIGINT value is out of range in '(9 * `a`.`b`)'") == "BIGINT value is out of range in");
  CHECK(shown_message("Data too long for column 'v' at row 1") == "Data too long for column 'v' at row 1");
  CHECK(shown_message("Duplicate entry '5' for key 'PRIMARY'") == "Duplicate entry '5' for key 'PRIMARY'");
}
