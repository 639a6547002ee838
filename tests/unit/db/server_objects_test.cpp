#include "db/server_objects.hpp"

#include <doctest/doctest.h>

using namespace dts;

namespace {

std::string show(const SqlModes& modes) {
  return modes.known + (modes.unknown.empty() ? "" : " without " + modes.unknown);
}

}  // namespace

TEST_CASE("modes that MySQL took away are left out, the others keep their names") {
  // MySQL 5.7's own default, with NO_AUTO_CREATE_USER
  CHECK(show(sql_modes(1436549152, false, false)) ==
        "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
        "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION");
  CHECK(show(sql_modes(0, false, false)).empty());
  // ORACLE of MySQL 5.7 is a name for what stands beside it.
  CHECK(show(sql_modes(1 << 1 | 1 << 2 | 1 << 9, false, false)) == "PIPES_AS_CONCAT,ANSI_QUOTES");
  CHECK(show(sql_modes(1ull << 32 | 1ull << 31, false, false)) ==
        "PAD_CHAR_TO_FULL_LENGTH,TIME_TRUNCATE_FRACTIONAL");
  CHECK(show(sql_modes(1ull << 40, false, false)) == " without unknown");
}

TEST_CASE("modes from one kind of server to the other") {
  CHECK(show(sql_modes(1 << 20, true, false)) == "NO_BACKSLASH_ESCAPES,TIME_TRUNCATE_FRACTIONAL");
  CHECK(show(sql_modes(1ull << 34, true, false)).empty());
  CHECK(show(sql_modes(1ull << 33 | 1 << 4, true, false)) == "TIME_TRUNCATE_FRACTIONAL");
  CHECK(show(sql_modes(1ull << 34 | 1ull << 32 | 1 << 9, true, false)) ==
        " without ORACLE,EMPTY_STRING_IS_NULL");
  CHECK(show(sql_modes(1 << 22, false, true)) == "STRICT_ALL_TABLES,TIME_ROUND_FRACTIONAL");
  CHECK(show(sql_modes(1ull << 32 | 1 << 9, false, true)).empty());
}
