// Whoever adds a key to the job file shows it in the example and explains it in the manual page.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "dts/job.hpp"
#include "temp_dir.hpp"

namespace {

std::string file_text(const char* path) {
  std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "../.." / path);
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// What the expression's first group is, everywhere in the text.
std::set<std::string> all_matches(const std::string& text, const std::string& expression) {
  const std::regex regex(expression, std::regex::ECMAScript | std::regex::multiline);
  std::set<std::string> found;
  for (std::sregex_iterator i(text.begin(), text.end(), regex), end; i != end; ++i)
    found.insert((*i)[1]);
  return found;
}

/// All keys and names of tables that load_job() knows.
std::set<std::string> known_keys() {
  std::set<std::string> keys;
  for (const std::string& list : all_matches(file_text("lib/job.cpp"), R"(allow\(\{([^}]*)\})"))
    keys.merge(all_matches(list, "\"([a-z_]+)\""));
  return keys;
}

/// Keys that no job may use yet.
std::set<std::string> refused_keys() {
  return all_matches(file_text("lib/job_checks.cpp"), R"re(\{"[a-z]+\.([a-z_]+)", "[a-z_.]+",)re");
}

/// The example with every "#key = value" in force, but `without`.
std::string whole_example(const std::set<std::string>& without) {
  static const std::regex key("^#?([a-z_]+) = .*");
  std::istringstream lines(file_text("examples/dtsctl.toml"));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, key) && without.contains(match[1])) continue;
    const bool commented = line.starts_with('#') && line.size() > 1 && line[1] != ' ';
    text += (commented ? line.substr(1) : line) + '\n';
  }
  return text;
}

}  // namespace

TEST_CASE("job file: the example shows every key") {
  auto shown = all_matches(file_text("examples/dtsctl.toml"), "^#?([a-z_]+) = ");
  shown.merge(all_matches(file_text("examples/dtsctl.toml"), R"(^#?\[+(?:objects\.)?([a-z]+)\])"));
  const auto keys = known_keys(), refused = refused_keys();
  CHECK(keys.size() > 50);
  CHECK(keys.contains("max_replica_lag_seconds"));
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(shown.contains(key) != refused.contains(key));
  }
}

TEST_CASE("job file: the example is right with every key in force") {
  const TempDir dir;
  for (const std::set<std::string>& without :
       {std::set<std::string>{"hosts", "socket"}, std::set<std::string>{"host", "port", "socket"}}) {
    const auto job = dts::load_job(dir.write("job.toml", whole_example(without)));
    CHECK(job.data.replicas.size() == 1);
    CHECK(job.objects.map.size() == 1);
    CHECK(job.precheck_ignore.size() == 1);
  }
}

TEST_CASE("job file: the manual page explains every key") {
  const std::string page = file_text("man/dtsctl.toml.5");
  auto explained = all_matches(page, R"re((?:^\.IR |", ") ?([a-z_]+)(?= "))re");
  for (const char* heading : {"source", "target", "objects", "map", "schema", "data", "sync",
                              "retry", "precheck"})
    explained.insert(heading);
  for (const std::string& key : known_keys()) {
    CAPTURE(key);
    CHECK(explained.contains(key));
  }
}
