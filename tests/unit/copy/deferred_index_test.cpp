#include "copy/deferred_index.hpp"

#include <doctest/doctest.h>

namespace {

std::string names(const std::string& items, const std::vector<std::string>& referenced = {}) {
  std::string text;
  for (const auto& index : dts::deferrable_indexes(
           "CREATE TABLE `t` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `a` int DEFAULT (1 + (2)),\n"
           "  `b` varchar(9) COMMENT 'KEY `x` (`a`)',\n" + items + "\n) ENGINE=InnoDB COMMENT='KEY `y` (`a`)'",
           referenced))
    text += (text.empty() ? "" : " | ") + index.name + ": " + index.definition;
  return text;
}

}  // namespace

TEST_CASE("deferred index: plain ones, as the server wrote them") {
  CHECK(names("  PRIMARY KEY (`id`),\n  KEY `a``1` (`a`,`b`(3)),\n  KEY `b` (`b`) USING HASH COMMENT 'x, (y'") ==
        "a`1: KEY `a``1` (`a`,`b`(3)) | b: KEY `b` (`b`) USING HASH COMMENT 'x, (y'");
  CHECK(names("  PRIMARY KEY (`id`),\n  KEY `f` ((`a` + 1)),\n  KEY `d` (`a` DESC) /*!80000 INVISIBLE */") ==
        "f: KEY `f` ((`a` + 1)) | d: KEY `d` (`a` DESC) /*!80000 INVISIBLE");
}

TEST_CASE("deferred index: what is unique, special or needed stays") {
  CHECK(names("  PRIMARY KEY (`a`),\n  UNIQUE KEY `u` (`b`),\n  KEY `id` (`id`)") == "");
  CHECK(names("  PRIMARY KEY (`id`),\n  FULLTEXT KEY `b` (`b`),\n  SPATIAL KEY `a` (`a`)") == "");
  CHECK(names("  PRIMARY KEY (`id`),\n  KEY `k` (`a`,`b`),\n  CONSTRAINT `c` FOREIGN KEY (`a`) "
              "REFERENCES `p` (`id`)") == "");
  CHECK(names("  PRIMARY KEY (`id`),\n  KEY `k` (`a`)", {"a"}) == "");
}

TEST_CASE("deferred index: none before one that stays, so that the order is kept") {
  CHECK(names("  PRIMARY KEY (`id`),\n  KEY `one` (`b`),\n  KEY `two` (`a`),\n  KEY `three` (`b`)",
              {"a"}) == "three: KEY `three` (`b`)");
}
