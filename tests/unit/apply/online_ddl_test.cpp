#include "apply/online_ddl.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using dts::TableName;

namespace {

dts::Ddl ddl_of(const std::string& statement) {
  dts::Ddl ddl;
  ddl.schema = "shop";
  ddl.statement = statement;
  return ddl;
}

std::string base(const std::vector<std::string>& patterns, const std::string& name) {
  const std::set<std::string> known = {"t", "_t", "order_new", "t_old"};
  const auto found = dts::base_of(patterns, {"shop", name}, [&](const TableName& table) {
    return table.schema == "shop" && known.contains(table.table);
  });
  return found ? found->table : "";
}

std::string trouble(const std::string& statement) {
  dts::Table table;
  table.columns.resize(2);
  table.columns[0].name = "id";
  table.columns[0].auto_increment = true;
  table.columns[1].name = "v";
  const dts::Ddl ddl = ddl_of(statement);
  return dts::rows_trouble(ddl, dts::ddl_names(ddl), table);
}

}  // namespace

TEST_CASE("tables of online DDL tools are known by their names and their real tables") {
  const dts::ToolPatterns patterns = dts::tool_patterns({});
  CHECK(base(patterns.shadow, "_t_gho") == "t");
  CHECK(base(patterns.shadow, "_t_new") == "t");
  CHECK(base(patterns.shadow, "__t_new") == "_t");
  CHECK(base(patterns.shadow, "___t_new") == "_t");
  CHECK(base(patterns.shadow, "_order_new_gho") == "order_new");
  CHECK(base(patterns.shadow, "tp_12_ogt_t") == "t");
  CHECK(base(patterns.shadow, "_x_gho").empty());
  CHECK(base(patterns.shadow, "order_new").empty());
  CHECK(base(patterns.shadow, "_gho").empty());
  CHECK(base(patterns.old, "_t_del") == "t");
  CHECK(base(patterns.old, "__t_old") == "_t");
  CHECK(base(patterns.old, "_t_20260101120000_del") == "t");
  CHECK(base(patterns.old, "tp_12_del_t") == "t");
  CHECK(base(patterns.old, "t_old").empty());
  CHECK(base(patterns.log, "_t_ghc") == "t");
  CHECK(base(patterns.log, "tp_12_ogl_t") == "t");
  dts::SyncOptions options;
  options.shadow_tables = {"^(.+)__shadow$"};
  CHECK(base(dts::tool_patterns(options).shadow, "t__shadow") == "t");
  CHECK(base(dts::tool_patterns(options).shadow, "_t_gho").empty());
  CHECK(base(dts::tool_patterns(options).old, "_t_del") == "t");
}

TEST_CASE("pairs of names that change") {
  const auto pairs = [](const std::string& statement) {
    const dts::Ddl ddl = ddl_of(statement);
    std::string text;
    for (const auto& [from, to] : dts::renames(ddl, dts::ddl_names(ddl)))
      text += from.table + ">" + to.table + " ";
    return text;
  };
  CHECK(pairs("RENAME TABLE t TO _t_del, shop._t_gho TO t") == "t>_t_del _t_gho>t ");
  CHECK(pairs("ALTER TABLE `shop`.`t` RENAME `_t_del`") == "t>_t_del ");
  CHECK(pairs("ALTER TABLE t ADD a INT, RENAME AS u") == "t>u ");
  CHECK(pairs("ALTER TABLE t RENAME = u") == "t>u ");
  CHECK(pairs("ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u").empty());
  CHECK(pairs("ALTER TABLE t RENAME COLUMN a TO b").empty());
}

TEST_CASE("a statement on the shadow table becomes one on the real table") {
  const auto written = [](const std::string& statement) -> std::string {
    const dts::Ddl ddl = ddl_of(statement);
    const auto found =
        dts::on_base(ddl, ddl, dts::ddl_names(ddl), {"shop", "_t_gho"}, {"shop", "t"});
    return found ? found->statement : "";
  };
  CHECK(written("alter /* gh-ost */ table `shop`.`_t_gho` add x int") ==
        "alter /* gh-ost */ table `shop`.`t` add x int");
  CHECK(written("CREATE INDEX a ON _t_gho (a)") == "CREATE INDEX a ON `shop`.`t` (a)");
  CHECK(written("ALTER TABLE _t_gho EXCHANGE PARTITION p WITH TABLE u").empty());
}

TEST_CASE("an ALTER that may leave other rows than the tool copies") {
  for (const char* clause :
       {"ADD x INT NOT NULL DEFAULT 5", "ADD x VARCHAR(9) DEFAULT 'now()'", "MODIFY v BIGINT",
        "MODIFY id BIGINT AUTO_INCREMENT", "ADD KEY (v)", "DROP COLUMN v", "ENGINE=InnoDB",
        "CHANGE v v TEXT", "AUTO_INCREMENT=500", "ALTER v SET DEFAULT -1",
        "DROP KEY v, ADD KEY v (v)", "ADD x BIT DEFAULT b'1'", "CONVERT TO CHARACTER SET utf8mb4",
        "DEFAULT CHARSET=utf8mb4"})
    CHECK_MESSAGE(trouble(std::string("ALTER TABLE shop._t_gho ") + clause).empty(), clause);
  for (const char* clause :
       {"ADD x DATETIME DEFAULT NOW()", "ADD x CHAR(36) DEFAULT (uuid())", "ADD x TIMESTAMP",
        "ADD x DATETIME DEFAULT CURRENT_TIMESTAMP", "ADD x INT AUTO_INCREMENT, ADD KEY (x)",
        "CHANGE v w INT", "RENAME COLUMN v TO w", "DROP v, ADD v INT",
        "DROP COLUMN v, ADD COLUMN (V INT)", "ADD CHECK (v > 0)",
        "ADD FOREIGN KEY (v) REFERENCES x (y)", "DROP PARTITION p", "ADD SYSTEM VERSIONING",
        "ADD x INT DEFAULT nextval(s)"})
    CHECK_MESSAGE(!trouble(std::string("ALTER TABLE shop._t_gho ") + clause).empty(), clause);
}

TEST_CASE("a table of a tool comes back from the bookkeeping as it was") {
  dts::ToolTable table{{"shop", "_t:gho"}, {"shop", "3:t"}};
  table.rows = false;
  table.fresh = true;
  table.trouble = std::string("a\0b", 3);
  dts::Ddl ddl = ddl_of("ALTER TABLE `3:t` ADD x INT");
  ddl.sql_mode = 1LL << 32;
  ddl.time_zone = "+01:00";
  ddl.microseconds = 77;
  ddl.from_mariadb = false;
  ddl.auto_increment_increment = 7;
  ddl.auto_increment_offset = 3;
  table.statements = {{ddl, 4'000'000'000}, {ddl_of(""), 0}};
  const std::string text = dts::tool_table_text(table);
  const dts::ToolTable back = dts::parse_tool_table(text);
  CHECK(back.name == table.name);
  CHECK(back.base == table.base);
  CHECK(back.trouble == table.trouble);
  CHECK(back.made);
  CHECK_FALSE(back.rows);
  CHECK(back.fresh);
  REQUIRE(back.statements.size() == 2);
  CHECK(back.statements[0].timestamp == 4'000'000'000);
  CHECK(back.statements[0].ddl.statement == ddl.statement);
  CHECK(back.statements[0].ddl.sql_mode == ddl.sql_mode);
  CHECK(back.statements[0].ddl.time_zone == ddl.time_zone);
  CHECK(back.statements[0].ddl.microseconds == 77);
  CHECK_FALSE(back.statements[0].ddl.from_mariadb);
  CHECK(back.statements[0].ddl.auto_increment_increment == 7);
  CHECK(back.statements[0].ddl.auto_increment_offset == 3);
  CHECK(dts::tool_table_text(back) == text);
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK_THROWS((void)dts::parse_tool_table(text.substr(0, size)));
}

TEST_CASE("a table of a tool as an older version wrote it is not fresh") {
  const dts::ToolTable back = dts::parse_tool_table("1:14:shop6:_t_gho4:shop1:t0:1:01:11:01:0");
  CHECK(back.name == dts::TableName{"shop", "_t_gho"});
  CHECK(back.base == dts::TableName{"shop", "t"});
  CHECK_FALSE(back.rows);
  CHECK_FALSE(back.fresh);
}
