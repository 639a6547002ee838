#include "apply/cascades.hpp"

#include <doctest/doctest.h>

#include "apply/changes.hpp"

using namespace changes;
using namespace dts;

namespace {

const Table parent = table("parent", {{"id"}, {"code"}, {"v"}}, {{0}});
const Table child = table("child", {{"id"}, {"parent"}}, {{0}});
const Table tree = table("tree", {{"id"}, {"parent"}}, {{0}});
const Table documents = table("documents", {{"id"}, {"doc", ColumnType::json}}, {{0}});

ForeignKey key(const char* from, const char* to, const char* column, const char* on_delete,
               const char* on_update = "RESTRICT") {
  return {{"db", from}, "k", {"db", to}, {"parent"}, {column}, on_delete, on_update};
}

const Cascades cascades(std::vector{key("child", "parent", "id", "CASCADE"),
                                    key("child", "parent", "CODE", "RESTRICT", "SET NULL"),
                                    key("tree", "tree", "id", "CASCADE"),
                                    key("parent", "child", "id", "RESTRICT", "NO ACTION")});

/// What is written in which order; what is followed is in angle brackets.
std::string show_split(const Changes& changes) {
  std::string text;
  split_at_cascades(
      {&changes.transaction, 1}, cascades,
      [&](std::span<const Transaction> part) { text += "{" + show(net_changes(part)) + "}"; },
      [&](std::span<const RowChange> followed) {
        text += "<";
        for (const RowChange& change : followed)
          text += " " + show(change.before) + ">" + show(change.after);
        text += ">";
      });
  return text;
}

}  // namespace

TEST_CASE("cascades: which changes are followed") {
  const auto follows = [](Changes&& changes) { return cascades.follow(changes.transaction.changes[0]); };
  CHECK(follows(std::move(Changes().remove(parent, {"1", "2", "3"}))));
  CHECK(follows(std::move(Changes().update(parent, {"1", "2", "3"}, {"1", "9", "3"}))));
  CHECK(follows(std::move(Changes().update(parent, {"1", "2", "3"}, {"1", "NULL", "3"}))));
  CHECK_FALSE(follows(std::move(Changes().update(parent, {"1", "2", "3"}, {"9", "2", "9"}))));
  CHECK_FALSE(follows(std::move(Changes().insert(parent, {"1", "2", "3"}))));
  CHECK_FALSE(follows(std::move(Changes().remove(child, {"1", "2"}))));
  CHECK_FALSE(follows(std::move(Changes().update(child, {"1", "2"}, {"2", "2"}))));
  Changes unchecked;
  unchecked.remove(parent, {"1", "2", "3"});
  unchecked.transaction.changes[0].unchecked = true;
  CHECK_FALSE(cascades.follow(unchecked.transaction.changes[0]));
  CHECK_FALSE(cascades.follow_any({&unchecked.transaction, 1}));
  CHECK_FALSE(Cascades().follow(Changes().remove(parent, {"1", "2", "3"}).transaction.changes[0]));
}

TEST_CASE("cascades: what is followed stands alone and in its place") {
  CHECK(show_split(Changes()
                       .insert(child, {"1", "1"})
                       .remove(parent, {"1", "1", "0"})
                       .insert(parent, {"1", "1", "1"})
                       .update(parent, {"1", "1", "1"}, {"1", "5", "1"})
                       .update(parent, {"1", "5", "1"}, {"1", "1", "1"})
                       .insert(child, {"1", "1"})) ==
        "{child: +1,1}< 1,1,0>>{parent: +1,1,1}< 1,1,1>1,5,1>< 1,5,1>1,1,1>{child: +1,1}");
}

TEST_CASE("cascades: deletes of one table go together") {
  CHECK(show_split(Changes()
                       .remove(parent, {"1", "1", "0"})
                       .remove(parent, {"2", "2", "0"})
                       .remove(tree, {"1", "0"})
                       .remove(tree, {"2", "0"})
                       .insert(child, {"1", "1"})) ==
        "< 1,1,0> 2,2,0>>< 1,0> 2,0>>{child: +1,1}");
}

TEST_CASE("cascades: statements with checks on, of a tree row by row") {
  const auto text_of = [](const Changes& changes) {
    Batch batch;
    write_followed(changes.transaction.changes, cascades, 1 << 20, batch, [] {});
    return batch.text;
  };
  CHECK(text_of(Changes().remove(parent, {"1", "1", "0"}).remove(parent, {"2", "2", "0"})) ==
        "SET foreign_key_checks = 1;DELETE FROM `db`.`parent` WHERE `id` IN (1, 2);"
        "SET foreign_key_checks = 0;");
  CHECK(text_of(Changes().remove(tree, {"1", "1"}).remove(tree, {"2", "2"})) ==
        "SET foreign_key_checks = 1;DELETE FROM `db`.`tree` WHERE `id` IN (1);"
        "DELETE FROM `db`.`tree` WHERE `id` IN (2);SET foreign_key_checks = 0;");
  CHECK(text_of(Changes().update(parent, {"1", "1", "0"}, {"1", "9", "0"})) ==
        "SET foreign_key_checks = 1;UPDATE `db`.`parent` SET `code` = 9 WHERE `id` = 1;"
        "SET foreign_key_checks = 0;");
}

TEST_CASE("cascades: an update that changes JSON, too, stays an update of the key") {
  Changes changes;
  changes.update(documents, {"1", "10"}, {"2", "20"});
  Arena arena;
  const auto parts = parts_of_followed(changes.transaction.changes[0], arena);
  REQUIRE(parts.size() == 2);
  CHECK(show(parts[0].before) + ">" + show(parts[0].after) == "1,10>2,10");
  CHECK(show(parts[1].before) + ">" + show(parts[1].after) == "2,10>2,20");
  CHECK(parts[1].unchecked);
}
