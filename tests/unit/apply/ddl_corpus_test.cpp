#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "apply/ddl_names.hpp"
#include "apply/ddl_rewrite.hpp"
#include "schema/object_statement.hpp"

// data/ddl_corpus.sql: where names stand in a statement is known by construction, so that what
// dtsctl finds and writes is compared with what was put there, and not with another reader's
// opinion.

namespace {

using dts::TableName;

struct Line {
  std::string kind, text;
};

std::vector<Line> corpus() {
  const auto path =
      std::filesystem::path(__FILE__).parent_path().parent_path() / "data" / "ddl_corpus.sql";
  std::ifstream in(path);
  REQUIRE_MESSAGE(in, "cannot read ", path.string());
  std::vector<Line> lines;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto colon = line.find(": ");
    REQUIRE_MESSAGE(colon != line.npos, line);
    lines.push_back({line.substr(0, colon), line.substr(colon + 2)});
  }
  return lines;
}

std::string in_quotes(const std::string& name, char quote) {
  std::string text(1, quote);
  for (char c : name) text.append(c == quote ? 2 : 1, c);
  return text + quote;
}

/// A name as it was written, what it means, and what is to stand there instead.
struct Put {
  TableName name;
  std::string written, expected;
  std::size_t begin = 0;  ///< in the statement
};

class Names {
 public:
  Names(unsigned seed, bool ansi) : random_(seed), quote_(ansi ? '"' : '`') {
    schema = pick({"shop", "other", "arch"});
  }

  std::string schema;  ///< the default database

  Put table() {
    Put put;
    const bool plain = chance(4);
    std::string table = plain ? pick({"t", "Orders", "t$1", "1st", "größe", "a_b"})
                              : pick({"a`b",      "x.y",
                                      "order",    "sp ace",
                                      "per%cent", "😀",
                                      "select",   "if",
                                      "exists",   "temporary",
                                      "TO",       "table",
                                      "@at",      "it's",
                                      "\"d\"",    "--",
                                      "/*",       ";",
                                      "like",     "references",
                                      "名前",     "\\",
                                      "(",        ",",
                                      "*/",       std::string(64, 'n')});
    const std::string text = plain && chance(2) ? table : in_quotes(table, quote_);
    put.name = {schema, table};
    put.written = text;
    if (chance(2)) {
      put.name.schema = pick({"shop", "other", "arch"});
      const std::string dot = pick({".", ".", " . ", "./* . */", "\n.\t"});
      put.written = (chance(2) ? put.name.schema : in_quotes(put.name.schema, quote_)) + dot + text;
      if (put.name.schema == "arch") put.expected = "`attic`." + in_quotes(table, '`');
    }
    if (put.name.schema == "shop") put.expected = "`dr`." + in_quotes("x_" + table, '`');
    if (put.expected.empty()) put.expected = put.written;
    return put;
  }

  Put database() {
    Put put;
    put.name = {pick({"shop", "arch", "data`base", "sp ace", "x.y", "default", "if"}), {}};
    put.written = in_quotes(put.name.schema, quote_);
    put.expected = put.name.schema == "arch" ? "`attic`" : put.written;
    return put;
  }

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  std::string pick(const std::vector<std::string>& from) { return from[random_() % from.size()]; }

  std::mt19937 random_;
  char quote_;
};

/// A line with names in the place of its marks.
struct Made {
  dts::Ddl ddl;
  std::string expected;
  std::vector<Put> puts;  ///< those to be found
};

Made make(const Line& line, unsigned seed) {
  const bool ansi = seed % 3 == 0 && line.text.find('"') == line.text.npos;
  Names names(seed, ansi);
  std::vector<Put> known(10);
  Made made;
  made.ddl.schema = names.schema;
  made.ddl.sql_mode = ansi ? 4 : 0;
  for (std::size_t i = 0; i < line.text.size(); ++i) {
    const bool kept = line.text.compare(i, 2, "@=") == 0;
    const char mark = line.text[i] == '@' ? line.text[i + (kept ? 2 : 1)] : ' ';
    const bool database = mark == 'd';
    if (!database && (mark < '1' || mark > '9')) {
      made.ddl.statement += line.text[i];
      made.expected += line.text[i];
      continue;
    }
    Put& put = known[database ? 0 : static_cast<std::size_t>(mark - '0')];
    if (put.written.empty()) put = database ? names.database() : names.table();
    put.begin = made.ddl.statement.size();
    made.ddl.statement += put.written;
    made.expected += kept ? put.written : put.expected;
    if (!kept) made.puts.push_back(put);
    i += kept ? 2 : 1;
  }
  return made;
}

bool is_object(const std::string& kind) {
  return kind == "view" || kind == "routine" || kind == "trigger" || kind == "event";
}

void check_names(const Made& made, const dts::DdlNames& names) {
  REQUIRE(names.places.size() == made.puts.size());
  std::vector<bool> met(made.puts.size());
  for (const dts::NamePlace& place : names.places) {
    bool found = false;
    for (std::size_t i = 0; i < made.puts.size(); ++i) {
      const Put& put = made.puts[i];
      if (met[i] || place.begin != put.begin) continue;
      met[i] = found = true;
      CHECK(place.name == put.name);
      CHECK(made.ddl.statement.substr(place.begin, place.end - place.begin) == put.written);
    }
    CHECK(found);
  }
}

dts::Objects objects() {
  dts::Objects made;
  dts::MapRule tables, database;
  tables.source = "~^shop\\.((?:.|\\n)+)$";
  tables.target = "dr.x_{1}";
  database.source = "arch";
  database.target = "attic";
  made.map = {tables, database};
  return made;
}

}  // namespace

TEST_CASE("ddl corpus: names are found and mapped, and nothing else is touched") {
  const auto lines = corpus();
  CHECK(lines.size() >= 300);
  const dts::Objects all = objects();
  const dts::Mapping mapping(all, 0);
  const dts::Objects plain;
  const dts::Mapping identity(plain, 0);
  constexpr unsigned rounds = 12;
  for (std::size_t i = 0; i < lines.size(); ++i)
    for (unsigned round = 0; round < rounds; ++round) {
      const Made made = make(lines[i], static_cast<unsigned>(i) * rounds + round);
      CAPTURE(made.ddl.statement);
      CAPTURE(made.ddl.schema);
      const dts::DdlNames names = dts::ddl_names(made.ddl);
      REQUIRE(names.kind == lines[i].kind);
      if (names.kind == "other") continue;
      check_names(made, names);
      if (names.kind == "temporary") continue;
      if (is_object(names.kind)) {
        const auto object = dts::read_object_statement(
            made.ddl.statement, {dts::quote_rules(made.ddl.sql_mode), "utf8mb4"}, made.ddl.schema);
        REQUIRE(object);
        REQUIRE(object->names.size() == made.puts.size());
        for (std::size_t k = 0; k < made.puts.size(); ++k)
          CHECK(object->names[k].name == made.puts[k].name);
        continue;
      }
      const auto rewritten = dts::rewritten_ddl(made.ddl, names, mapping);
      CHECK(rewritten.trouble == "");
      CHECK(rewritten.statement == made.expected);
      CHECK(dts::rewritten_ddl(made.ddl, names, identity).statement == made.ddl.statement);
    }
}
