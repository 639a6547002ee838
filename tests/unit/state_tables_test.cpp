#include "state_tables.hpp"

#include <doctest/doctest.h>

#include <cstdio>

#include "fnv.hpp"
#include "state_toml.hpp"

namespace {

dts::JobState with_tables() {
  dts::JobState state;
  state.job = "[[tables]]\nschema = \"x\"";
  for (int byte = 0; byte < 256; ++byte) {
    dts::TableProgress table;
    table.table = {std::string("s\n[[tables]]\n") + static_cast<char>(byte), "t\\\"%41 = é"};
    table.rows = byte == 7 ? 18446744073709551615u : static_cast<std::uint64_t>(byte);
    table.rows_estimated = 5;
    table.seconds = byte == 8 ? 1e300 : byte * 0.1;
    table.done = byte % 2 == 0;
    if (byte % 3 == 0)
      table.copied_through = {"X'00'", "]", std::string(1, static_cast<char>(byte))};
    if (byte % 5 == 0) table.indexes_waiting = {"a = [", ""};
    (byte % 7 == 0 ? state.settled : state.tables).push_back(table);
  }
  return state;
}

/// Of a state, with something put behind the first of `mark`.
std::string text_with(const dts::JobState& state, const std::string& mark,
                      const std::string& more) {
  std::string text = dts::write_state(state);
  text = text.substr(0, text.rfind("# end"));
  text.insert(text.find(mark) + mark.size(), more);
  return text;
}

}  // namespace

TEST_CASE("tables of a state are read by lines as they are by a parser") {
  const dts::JobState state = with_tables();
  const std::string text = dts::write_state(state);
  auto split = dts::split_tables(text.substr(0, text.rfind("# end")));
  REQUIRE(split);
  dts::JobState quick = state;
  quick.tables = split->tables;
  quick.settled = split->settled;
  CHECK(dts::write_state(quick) == text);
  // A remark between them is more than is written.
  std::string other = text_with(state, "[[settled]]\n", "# a remark\n");
  CHECK_FALSE(dts::split_tables(other));
  char line[40];
  std::snprintf(line, sizeof line, "# end fnv1a=%016llx\n",
                static_cast<unsigned long long>(dts::fnv1a(other)));
  CHECK(dts::write_state(dts::parse_state(other + line, "x")) == text);
}

TEST_CASE("what is not as it is written is left to the parser") {
  const dts::JobState state = with_tables();
  for (const char* more :
       {"later = 1\n", "rows = -1\n", "rows = \"x\"\n", "done = 1\n", "seconds = 1\n",
        "schema = x\n", "schema = \"a\"b\"\n", "schema = \"a\\q\"\n", "schema = \"%4\"\n",
        "copied_through = 1\n", "copied_through = [ ]\n", "copied_through = [\n\"x\",\n]\n",
        "[other]\n", "[[other]]\n"}) {
    CAPTURE(more);
    CHECK_FALSE(dts::split_tables(text_with(state, "[[settled]]\n", more)));
  }
  CHECK_FALSE(dts::split_tables(dts::write_state(dts::JobState{})));
}
