#include "schema/snapshot_groups.hpp"

#include <doctest/doctest.h>

using namespace dts;

namespace {

ForeignKey key(const char* child, const char* parent, const char* on_delete = "RESTRICT",
               const char* on_update = "RESTRICT") {
  return {{"s", child}, std::string(child) + parent, {"s", parent}, {"p"}, {"id"}, on_delete, on_update};
}

Table table(const char* name, const char* snapshot) {
  Table made;
  made.name = {"s", name};
  made.snapshot = snapshot;
  return made;
}

std::string group_of(const std::vector<ForeignKey>& keys, const char* name) {
  const auto groups = snapshot_groups(keys);
  const auto found = groups.find({"s", name});
  return found == groups.end() ? "" : found->second;
}

}  // namespace

TEST_CASE("keys that restrict make no group") {
  CHECK(snapshot_groups({key("b", "a"), key("c", "b", "NO ACTION", "SET DEFAULT")}).empty());
}

TEST_CASE("a group is what cascading keys connect") {
  const std::vector keys = {key("b", "a", "CASCADE"), key("c", "b", "SET NULL"),
                            key("t", "t", "CASCADE"), key("y", "x", "RESTRICT", "CASCADE")};
  for (const char* name : {"a", "b", "c"}) CHECK(group_of(keys, name) == "s.a");
  CHECK(group_of(keys, "t") == "s.t");
  CHECK(group_of(keys, "x") == group_of(keys, "y"));
}

TEST_CASE("what the server looks at while it cascades belongs to the group") {
  // A row of b may go with its a: so the children of b count.
  CHECK(group_of({key("b", "a", "CASCADE"), key("c", "b")}, "c") == "s.a");
  CHECK(group_of({key("b", "a", "CASCADE"), key("c", "a")}, "c") == "s.a");
  // A row of b that gets NULL stays, and nobody looks below.
  CHECK(group_of({key("b", "a", "SET NULL"), key("c", "b")}, "c").empty());
  // The other parents of b count where its columns are given new values.
  CHECK(group_of({key("b", "a", "CASCADE"), key("b", "q")}, "q").empty());
  CHECK(group_of({key("b", "a", "RESTRICT", "CASCADE"), key("b", "q")}, "q") == "s.a");
}

TEST_CASE("tables that were not copied together are found when a key connects them") {
  const std::vector before = {table("a", "s.a"), table("b", "s.a"), table("c", ""), table("x", "s.x")};
  CHECK(joined_groups(before, before).empty());
  CHECK(joined_groups(before, {table("a", ""), table("b", "s.b"), table("x", "s.x")}).empty());
  const auto names = joined_groups(before, {table("a", "s.a"), table("b", "s.a"), table("c", "s.a")});
  CHECK(names.size() == 3);
  CHECK(joined_groups(before, {table("a", "s.a"), table("b", "s.a"), table("x", "s.a")}).size() == 3);
  // One that is new has no rows that the others do not know.
  CHECK(joined_groups(before, {table("a", "s.a"), table("b", "s.a"), table("new", "s.a")}).empty());
}

TEST_CASE("a group is copied again as a whole, by what it was and by what it is") {
  const std::vector before = {table("a", "s.a"), table("b", "s.a"), table("c", "s.c"), table("d", "")};
  const std::vector now = {table("a", "s.a"), table("b", "s.b"), table("c", "s.b"), table("d", "")};
  std::set<TableName> names = {{"s", "c"}};
  complete_groups(names, {}, before, now);
  CHECK(names == std::set<TableName>{{"s", "a"}, {"s", "b"}, {"s", "c"}});
  names = {{"s", "d"}};
  complete_groups(names, {}, before, now);
  CHECK(names.size() == 1);
  names.clear();
  complete_groups(names, {{"s", "gone"}, {"s", "a"}}, before, {table("b", "")});
  CHECK(names == std::set<TableName>{{"s", "b"}});
}

TEST_CASE("cycles of cascading keys") {
  CHECK_FALSE(find_cycle({key("b", "a", "CASCADE"), key("c", "b", "CASCADE"), key("c", "a", "SET NULL")}));
  CHECK_FALSE(find_cycle({key("b", "a", "CASCADE"), key("a", "b")}));
  CHECK(find_cycle({key("t", "t", "SET NULL")}) == TableName{"s", "t"});
  CHECK(find_cycle({key("b", "a", "CASCADE"), key("c", "b", "CASCADE"), key("a", "c", "SET NULL"),
                    key("d", "c", "CASCADE")})
            .has_value());
}
