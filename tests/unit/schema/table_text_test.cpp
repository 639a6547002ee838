#include "schema/table_text.hpp"

#include <doctest/doctest.h>

using namespace dts;

namespace {

constexpr std::string_view wanted =
    "CREATE TABLE `t` (\n"
    "  `id` int NOT NULL AUTO_INCREMENT,\n"
    "  `a` varchar(9) DEFAULT 'x,)(' COMMENT 'it''s',\n"
    "  `b` int /*!80023 INVISIBLE */ DEFAULT '5',\n"
    "  PRIMARY KEY (`id`),\n"
    "  KEY `k` (`a`(3),`b`),\n"
    "  CONSTRAINT `c` CHECK ((`b` > 0))\n"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='told'\n"
    "/*!50100 PARTITION BY HASH (`id`)\nPARTITIONS 4 */";

std::vector<std::string> told(const std::string& there, bool alike = true) {
  std::vector<std::string> texts;
  for (const ItemDifference& one :
       text_differences(read_table_text(wanted), read_table_text(there), alike))
    texts.push_back(text_of(one) + (one.rows ? " !" : "") + (one.comment_only ? " -" : ""));
  return texts;
}

std::string with(const std::string& from, const std::string& to) {
  std::string text(wanted);
  return text.replace(text.find(from), from.size(), to);
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a table in its parts") {
  const TableText table = read_table_text(wanted);
  std::vector<std::string> titles;
  for (const TableItem& item : table.items) titles.push_back(title_of(item));
  CHECK(titles == Texts{"column 'id'", "column 'a'", "column 'b'", "key 'PRIMARY'", "key 'k'",
                        "check 'c'", "the option ENGINE", "the option CHARSET",
                        "the option COMMENT", "partitioning"});
  CHECK(table.rest.empty());
  CHECK(read_table_text("CREATE SEQUENCE `s` start with 1").rest ==
        "CREATE SEQUENCE `s` start with 1");
}

TEST_CASE("each difference of two texts") {
  CHECK(told(std::string(wanted)).empty());
  CHECK(told(with("'5'", "'6'")) ==
        Texts{"column 'b' should be '`b` int INVISIBLE DEFAULT '5'', and is '`b` int INVISIBLE "
              "DEFAULT '6''"});
  CHECK(told(with("'it''s'", "'was'")).at(0).ends_with("'was'' -"));
  CHECK(told(with("COMMENT='told'", "")) == Texts{"the option COMMENT is missing there: 'told' -"});
  CHECK(told(with("  KEY `k` (`a`(3),`b`),\n", "")) ==
        Texts{"key 'k' is missing there: KEY `k` (`a`(3),`b`)"});
  CHECK(told(with("KEY `k`", "UNIQUE KEY `k`")).at(0).ends_with(" !"));
  CHECK(told(with("  CONSTRAINT `c`", "  CONSTRAINT `d` CHECK (1),\n  CONSTRAINT `c`")) ==
        Texts{"check 'd' is only there: CONSTRAINT `d` CHECK (1) !"});
  CHECK(told(with("PARTITIONS 4", "PARTITIONS 5")).size() == 1);
}

TEST_CASE("servers that write the same in other words") {
  CHECK(told(with("'5'", "5"), false).empty());
  CHECK(told(with("'x,)('", "('x,)(')"), false).empty());
  CHECK(told(with("`b` int", "`b` int(11)"), false).empty());
  CHECK(told(with("DEFAULT CHARSET=utf8mb4", "COLLATE=utf8mb4_general_ci"), false).empty());
  CHECK(told(with("CONSTRAINT `c` CHECK ((`b` > 0))", "CONSTRAINT `c` CHECK (`b` > 0)"), false)
            .empty());
  CHECK(told(with("'5'", "6"), false).size() == 1);
  CHECK(told(with("(`a`(3),`b`)", "(`b`,`a`(3))"), false).size() == 1);
  CHECK(told(with("ENGINE=InnoDB", "ENGINE=MyISAM"), false).size() == 1);
  CHECK(told(with("PARTITIONS 4", "PARTITIONS 5"), false).size() == 1);
  CHECK(told(with(",\n  CONSTRAINT `c` CHECK ((`b` > 0))", ""), false).size() == 1);
}
