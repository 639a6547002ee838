#include "selection.hpp"

#include <doctest/doctest.h>

#include "catch_error.hpp"

namespace {

dts::Job job(std::vector<std::string> include, std::vector<dts::MapRule> map = {}) {
  dts::Job made;
  made.name = "test";
  made.objects.include = std::move(include);
  made.objects.map = std::move(map);
  return made;
}

dts::MapRule rule(std::string source, std::string target) {
  dts::MapRule made;
  made.source = std::move(source);
  made.target = std::move(target);
  return made;
}

/// Why a job can't go on with `now`; empty if it can.
std::string trouble(const dts::Job& before, const dts::Job& now) {
  const auto known = dts::parse_selection(dts::selection_text(before));
  try {
    dts::check_change(known, now, {{"shop", "orders"}, {"shop", "items"}});
  } catch (const dts::Error& error) {
    CHECK(error.kind() == dts::ErrorKind::state);
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a selection comes back from its text as it was") {
  dts::Job odd = job({"shop", "a b:3\nc.*", "~^x\\.(y|z)$"});
  odd.objects.exclude = {"", "shop.tmp_*"};
  odd.objects.name_case = dts::NameCase::lower;
  odd.objects.map = {rule("shop.orders", "shop.o 1:2"), rule("~(.+)", "")};
  odd.objects.map[0].columns = {{"a", "b"}, {"c\n", "d 5:x"}};
  odd.objects.map[0].exclude_columns = {"e", "f"};
  odd.objects.map[1].where = "region = 'eu\n'";
  odd.objects.map[1].update = false;
  dts::Job again = odd;
  again.objects = dts::parse_selection(dts::selection_text(odd)).objects;
  CHECK(dts::selection_text(again) == dts::selection_text(odd));
  CHECK(dts::fingerprint(again) == dts::fingerprint(odd));
  CHECK(catch_error([] { (void)dts::parse_selection("include 99:shop\n"); }).kind() ==
        dts::ErrorKind::state);
  CHECK(catch_error([] { (void)dts::parse_selection("fixed 1:x\nlater 1:x\n"); }).kind() ==
        dts::ErrorKind::state);
}

TEST_CASE("tables may join a job and leave it; what stays is as it was") {
  const dts::Job before = job({"shop.orders", "shop.items"}, {rule("shop.items", "shop.things")});
  CHECK(trouble(before, before) == "");
  CHECK(trouble(before, job({"shop.orders"}, before.objects.map)) == "");
  CHECK(trouble(before, job({"shop", "crm"},
                            {rule("crm", "customers"), rule("shop.items", "shop.things")})) == "");
  // A table that leaves may lose its map.
  CHECK(trouble(before, job({"shop.orders"})) == "");
  CHECK(trouble(before, job({"shop.orders", "shop.items"})).find("shop.items") !=
        std::string::npos);
  CHECK(trouble(before, job({"shop"}, {rule("~^shop\\.", "all.of_it")})).find("objects.map") !=
        std::string::npos);
  dts::Job filtered = before;
  filtered.objects.map[0].where = "id > 3";
  CHECK(trouble(before, filtered).find("shop.items") != std::string::npos);
  dts::Job other = before;
  other.schema.triggers = dts::Triggers::skip;
  CHECK(trouble(before, other).find("[schema]") != std::string::npos);
  other = before;
  other.objects.name_case = dts::NameCase::upper;
  CHECK(trouble(before, other) != "");
  other = before;
  other.data.workers = 9;
  other.sync.apply = dts::ApplyMode::parallel;
  CHECK(trouble(before, other) == "");
}
