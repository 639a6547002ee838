#include "binlog/json.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <limits>
#include <map>
#include <random>
#include <sstream>

#include "binlog/golden.hpp"
#include "catch_error.hpp"

namespace {

using dts::Arena;
using dts::Bytes;
using dts::Json;
using dts::JsonDoubles;
using dts::JsonKind;

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string from_base64(const std::string& text) {
  static const std::string alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned group = 0, bits = 0;
  for (char c : text) {
    if (c == '=') break;
    group = group << 6 | static_cast<unsigned>(alphabet.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits & 0xff);
  }
  return bytes;
}

/// A field of the golden file: as it is, in hex, or compressed.
std::string field(const std::string& text) {
  if (text.starts_with("x:")) return from_hex(text.substr(2));
  if (!text.starts_with("z:")) return text;
  const std::string packed = from_base64(text.substr(2));
  std::string bytes(1 << 20, '\0');
  uLongf size = bytes.size();
  REQUIRE(uncompress(reinterpret_cast<Bytef*>(bytes.data()), &size,
                     reinterpret_cast<const Bytef*>(packed.data()), packed.size()) == Z_OK);
  bytes.resize(size);
  return bytes;
}

/// What make_json.py captured from MySQL 9.7.
struct Golden {
  struct Document {
    std::string name, types, binary, text, exact, sql;
  };
  struct Diff {
    std::string name, types, before, diffs, after;
  };
  std::vector<Document> documents;
  std::vector<Diff> diffs;

  Golden() {
    std::istringstream lines(golden::read_file("json-9.7.txt"));
    for (std::string line; std::getline(lines, line);) {
      std::vector<std::string> f;
      std::istringstream in(line);
      for (std::string part; std::getline(in, part, '\t');) f.push_back(part);
      if (f.at(0) == "document")
        documents.push_back(
            {f.at(1), f.at(2), field(f.at(3)), field(f.at(4)), f.at(5), field(f.at(6))});
      else
        diffs.push_back({f.at(1), f.at(2), field(f.at(3)), field(f.at(4)), field(f.at(5))});
    }
    REQUIRE(documents.size() > 70);
    REQUIRE(diffs.size() > 20);
  }
};

/// As JSON_TYPE() calls it.
std::string type_name(const Json& value) {
  static const std::map<JsonKind, std::string> names = {
      {JsonKind::null, "NULL"},           {JsonKind::boolean, "BOOLEAN"},
      {JsonKind::integer, "INTEGER"},     {JsonKind::unsigned_integer, "UNSIGNED INTEGER"},
      {JsonKind::real, "DOUBLE"},         {JsonKind::decimal, "DECIMAL"},
      {JsonKind::string, "STRING"},       {JsonKind::date, "DATE"},
      {JsonKind::time, "TIME"},           {JsonKind::datetime, "DATETIME"},
      {JsonKind::timestamp, "TIMESTAMP"}, {JsonKind::array, "ARRAY"},
      {JsonKind::object, "OBJECT"}};
  if (value.kind == JsonKind::opaque) return value.field_type == 16 ? "BIT" : "BLOB";
  return names.at(value.kind);
}

std::string type_names(const Json& value) {
  std::string text = type_name(value);
  if (value.kind != JsonKind::array || value.items.empty() || value.items.size() > 100) return text;
  for (const Json& item : value.items)
    text += (&item == value.items.data() ? ":" : ",") + type_name(item);
  return text;
}

bool same(const Json& a, const Json& b) {
  if (a.kind != b.kind || a.field_type != b.field_type || a.bits != b.bits || a.text != b.text ||
      a.key != b.key || a.items.size() != b.items.size())
    return false;
  for (std::size_t i = 0; i < a.items.size(); ++i)
    if (!same(a.items[i], b.items[i])) return false;
  return true;
}

std::string text_of(const std::string& binary) {
  Arena arena;
  return dts::json_text(dts::parse_json(binary, arena));
}

std::string sql_of(std::string_view text, JsonDoubles doubles = JsonDoubles::short_exact) {
  Arena arena;
  return dts::json_sql(dts::parse_json_text(text, arena), doubles);
}

/// Makes a small array (type 2) or object (type 0) of offsets that the caller chooses.
std::string small_array(const std::vector<std::pair<int, int>>& entries, const std::string& data) {
  std::string body;
  const auto two = [&](std::size_t n) {
    body += static_cast<char>(n & 0xff);
    body += static_cast<char>(n >> 8);
  };
  two(entries.size());
  two(4 + 3 * entries.size() + data.size());
  for (auto [type, offset] : entries) {
    body += static_cast<char>(type);
    two(static_cast<std::size_t>(offset));
  }
  return body + data;
}

/// Uses everything that a document has; whether it could be parsed.
bool survives(const std::string& binary, const std::string& diffs = {}) {
  Arena arena;
  try {
    Json document = dts::parse_json(binary, arena);
    dts::apply_json_diffs(document, Bytes(diffs), arena);
    const std::string text = dts::json_text(document);
    dts::json_text_is_exact(document);
    dts::json_sql(document);
    CHECK(text.size() < 400 * (binary.size() + diffs.size()) + 400);
    return true;
  } catch (const dts::Error& e) {
    CHECK(e.kind() == dts::ErrorKind::source);
    return false;
  }
}

void mutate(std::string& bytes, std::mt19937_64& random) {
  static constexpr unsigned char edges[] = {0,    1,    2,    3,    4,    0x0c,
                                            0x0f, 0x7f, 0x80, 0xf6, 0xfc, 0xff};
  for (std::size_t count = 1 + random() % 4; count > 0; --count)
    bytes[random() % bytes.size()] =
        static_cast<char>(random() % 2 == 0 ? edges[random() % sizeof edges] : random() % 256);
}

}  // namespace

TEST_CASE("json: documents of MySQL 9.7") {
  for (const auto& golden : Golden().documents) {
    CAPTURE(golden.name);
    Arena arena;
    const Json document = dts::parse_json(golden.binary, arena);
    CHECK(dts::json_text(document) == golden.text);
    CHECK(type_names(document) == golden.types);
    CHECK(dts::json_text_is_exact(document) == (golden.exact == "1"));
    CHECK(dts::json_sql(document) == golden.sql);  // make_json.py has run it

    const Json read = dts::parse_json_text(golden.text, arena);
    CHECK(dts::json_text(read) == golden.text);
    if (golden.exact == "1") CHECK(same(read, document));
  }
}

namespace {

char type_letter(const Json& value) {
  static const std::map<JsonKind, char> letters = {
      {JsonKind::null, 'n'},     {JsonKind::boolean, 'b'},   {JsonKind::integer, 'i'},
      {JsonKind::real, 'f'},     {JsonKind::decimal, 'd'},   {JsonKind::unsigned_integer, 'u'},
      {JsonKind::string, 's'},   {JsonKind::date, 'D'},      {JsonKind::time, 'T'},
      {JsonKind::datetime, 'M'}, {JsonKind::timestamp, 'P'}, {JsonKind::opaque, 'x'},
      {JsonKind::array, 'a'},    {JsonKind::object, 'o'}};
  return letters.at(value.kind);
}

void add_item_letters(const Json& value, JsonKind kind, std::string& to) {
  if (value.kind == kind)
    for (const Json& item : value.items) to += type_letter(item);
  for (const Json& item : value.items) add_item_letters(item, kind, to);
}

}  // namespace

TEST_CASE("json: text and types make the document that the binary form has") {
  for (const auto& golden : Golden().documents) {
    CAPTURE(golden.name);
    Arena arena;
    const Json document = dts::parse_json(golden.binary, arena);
    std::string types(1, type_letter(document));
    add_item_letters(document, JsonKind::object, types);
    add_item_letters(document, JsonKind::array, types);
    Json read = dts::parse_json_text(golden.text, arena);
    dts::set_json_types(read, types, arena);
    CHECK(same(read, document));
  }
}

TEST_CASE("json: partial updates of MySQL 9.7") {
  for (const auto& golden : Golden().diffs) {
    CAPTURE(golden.name);
    Arena arena;
    Json document = dts::parse_json(golden.before, arena);
    dts::apply_json_diffs(document, Bytes(golden.diffs), arena);
    CHECK(dts::json_text(document) == golden.after);
    CHECK(type_names(document) == golden.types);
  }
}

TEST_CASE("json: every truncation of a small document is refused") {
  const Golden golden;
  std::size_t taken = 0;
  for (const auto& document : golden.documents) {
    CAPTURE(document.name);
    const std::size_t step = document.binary.size() / 3000 + 1;
    for (std::size_t size = 1; size < document.binary.size(); size += step)
      taken += survives(document.binary.substr(0, size));
  }
  CHECK(taken == 0);
  for (const auto& diff : golden.diffs) {
    CAPTURE(diff.name);
    CHECK(survives(diff.before, diff.diffs));
    const std::size_t step = diff.diffs.size() / 1000 + 1;
    for (std::size_t size = 1; size < diff.diffs.size(); size += step)
      taken += survives(diff.before, diff.diffs.substr(0, size));
  }
  CHECK(taken == 21);  // at the ends of diffs that others follow
}

TEST_CASE("json: damaged documents are refused or read, nothing else") {
  const Golden golden;
  std::mt19937_64 random(20260102);
  std::size_t refused = 0, taken = 0;
  for (int round = 0; round < 300; ++round) {
    for (const auto& document : golden.documents) {
      if (document.binary.size() > 3000 && round > 3) continue;
      std::string binary = document.binary;
      mutate(binary, random);
      ++(survives(binary) ? taken : refused);
    }
    for (const auto& diff : golden.diffs) {
      if (diff.diffs.size() > 3000 && round > 3) continue;
      std::string diffs = diff.diffs;
      mutate(diffs, random);
      ++(survives(diff.before, diffs) ? taken : refused);
    }
  }
  CHECK(refused > 3000);
  CHECK(taken > 3000);
}

TEST_CASE("json: a value may not be there twice") {
  // Levels of arrays whose two items are the same array: 2^90 values if one followed them.
  std::string body = small_array({{4, 0}, {4, 0}}, "");
  for (int level = 0; level < 90; ++level) body = small_array({{2, 10}, {2, 10}}, body);
  CHECK_FALSE(survives('\2' + body));
  // One long string that a thousand items share.
  const std::string text = "\xe8\x07" + std::string(1000, 's');
  std::vector<std::pair<int, int>> entries(1000, {12, 4 + 3 * 1000});
  CHECK_FALSE(survives('\2' + small_array(entries, text)));
  entries.assign(1, {12, 4 + 3});
  CHECK(survives('\2' + small_array(entries, text)));
  // An array that is its own item.
  CHECK_FALSE(survives('\2' + small_array({{2, 0}}, "")));
}

TEST_CASE("json: no more than 100 levels") {
  Arena arena;
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  CHECK(dts::json_text(dts::parse_json_text(nested(100), arena)) == nested(100));
  CHECK(catch_error([&] { dts::parse_json_text(nested(101), arena); }).kind() ==
        dts::ErrorKind::source);
  CHECK(catch_error([&] { dts::parse_json_text(nested(100000), arena); }).kind() ==
        dts::ErrorKind::source);

  std::string body = small_array({}, "");
  for (int level = 1; level < 100; ++level) body = small_array({{2, 7}}, body);
  CHECK(text_of('\2' + body) == nested(100));
  CHECK_FALSE(survives('\2' + small_array({{2, 7}}, body)));

  // A diff must not go deeper either.
  const std::string empty = '\2' + small_array({}, "");
  const auto put = [](const std::string& path, const std::string& value) {
    return std::string("\1") + static_cast<char>(path.size()) + path + std::string("\xfd") +
           static_cast<char>(value.size() & 0xff) + static_cast<char>(value.size() >> 8 & 0xff) +
           '\0' + value;
  };
  std::string deep = small_array({}, "");
  for (int level = 1; level < 99; ++level) deep = small_array({{2, 7}}, deep);
  CHECK(survives(empty, put("$[0]", '\2' + deep)));
  CHECK_FALSE(survives(empty, put("$[0]", '\2' + body)));
}

TEST_CASE("json: diffs that do not fit the document") {
  const auto apply = [](const std::string& diffs) {
    Arena arena;
    Json document = dts::parse_json_text(R"({"a": [1, 2], "b": {"c": 3}})", arena);
    dts::apply_json_diffs(document, Bytes(diffs), arena);
    return dts::json_text(document);
  };
  const auto diff = [](int operation, const std::string& path, const std::string& value = {}) {
    std::string text(1, static_cast<char>(operation));
    text += static_cast<char>(path.size());
    text += path;
    if (operation != 2) (text += static_cast<char>(value.size())) += value;
    return text;
  };
  const std::string nine("\x05\x09\x00", 3);
  CHECK(apply(diff(0, "$.b.c", nine)) == R"({"a": [1, 2], "b": {"c": 9}})");
  CHECK(apply(diff(0, "$", nine)) == "9");
  CHECK(apply(diff(1, "$.a[0]", nine)) == R"({"a": [9, 1, 2], "b": {"c": 3}})");
  CHECK(apply(diff(1, "$.a[last]", nine)) == R"({"a": [1, 9, 2], "b": {"c": 3}})");
  CHECK(apply(diff(1, "$.a[last-7]", nine)) == R"({"a": [9, 1, 2], "b": {"c": 3}})");
  CHECK(apply(diff(1, "$.a[7]", nine)) == R"({"a": [1, 2, 9], "b": {"c": 3}})");
  CHECK(apply(diff(1, "$.\"\\u0061a\"", nine)) == R"({"a": [1, 2], "b": {"c": 3}, "aa": 9})");
  CHECK(apply(diff(1, "$.B", nine) + diff(2, "$.b")) == R"({"B": 9, "a": [1, 2]})");
  for (const auto& wrong :
       {diff(0, "$.c", nine), diff(0, "$.a.c", nine), diff(0, "$.b[0]", nine),
        diff(0, "$.a[2]", nine), diff(0, "$.a[last-2]", nine), diff(1, "$.b", nine),
        diff(1, "$.b[0]", nine), diff(1, "$.a.x", nine), diff(1, "$", nine), diff(1, "$.x.y", nine),
        diff(2, "$"), diff(2, "$.c"), diff(2, "$.a[2]"), diff(2, "$.b.c.d")}) {
    CAPTURE(wrong);
    CHECK(catch_error([&] { apply(wrong); }).what() ==
          std::string("cannot apply a partial update of a JSON document: the document differs"));
  }
  for (const auto& damaged :
       {diff(3, "$.a", nine), diff(2, ""), diff(2, "a"), diff(2, "$a"), diff(2, "$.*"),
        diff(2, "$."), diff(2, "$.a["), diff(2, "$.a[]"), diff(2, "$.a[*]"), diff(2, "$.a[0"),
        diff(2, "$.a[99999999999]"), diff(2, "$.a[0 to 1]"), diff(2, "$.\"a"), diff(2, "$**.a")}) {
    CAPTURE(damaged);
    CHECK(catch_error([&] { apply(damaged); }).kind() == dts::ErrorKind::source);
  }
}

TEST_CASE("json: binary values that no golden document has") {
  CHECK(text_of("") == "null");
  CHECK(text_of(std::string("\x0f\xfd\x02hi", 5)) == "\"hi\"");       // VAR_STRING prints as text
  CHECK_FALSE(survives(std::string("\x04\x03", 2)));                  // no such literal
  CHECK_FALSE(survives(std::string("\x0d\x00", 2)));                  // no such type
  CHECK_FALSE(survives(std::string("\x0b\0\0\0\0\0\0\xf0\x7f", 9)));  // infinity
  CHECK_FALSE(survives(std::string("\x0c\xff\xff\xff\xff\xff\xff\xff\xff", 9)));  // length
  CHECK_FALSE(survives(std::string("\x0f\x0a\x02\0\0", 5)));                      // DATE of 2 bytes
  CHECK_FALSE(survives(std::string("\x0f\xf6\x02\x00\x00", 5)));                  // DECIMAL(0,0)

  Arena arena;
  const std::string year(
      "\x0f\x0d\x04"
      "2024",
      7);  // MySQL 5.7 had these
  const Json document = dts::parse_json(year, arena);
  CHECK(dts::json_text(document) == "\"base64:type13:MjAyNA==\"");
  CHECK(std::string(catch_error([&] { dts::json_sql(document); }).what()).find("type 13") !=
        std::string::npos);
}

TEST_CASE("json: text that the server printed") {
  Arena arena;
  const auto kind = [&](std::string_view text) { return dts::parse_json_text(text, arena).kind; };
  CHECK(kind("0") == JsonKind::integer);
  CHECK(kind("-9223372036854775808") == JsonKind::integer);
  CHECK(kind("-9223372036854775809") == JsonKind::decimal);
  CHECK(kind("4294967295") == JsonKind::integer);
  CHECK(kind("4294967296") == JsonKind::unsigned_integer);
  CHECK(kind("18446744073709551615") == JsonKind::unsigned_integer);
  CHECK(kind("18446744073709551616") == JsonKind::decimal);
  CHECK(kind("1.5") == JsonKind::real);
  CHECK(kind("1.50") == JsonKind::decimal);
  CHECK(kind("-0.0") == JsonKind::real);
  CHECK(kind("0.00") == JsonKind::decimal);
  CHECK(kind("1e25") == JsonKind::real);
  CHECK(kind("100000000000000000.5") == JsonKind::decimal);
  CHECK(kind("0.1234567890123456789") == JsonKind::decimal);
  CHECK(sql_of("1.50") == "CAST(1.50 AS JSON)");
  CHECK(sql_of("18446744073709551616") == "CAST(18446744073709551616. AS JSON)");
  CHECK(sql_of("[1, {\"a\": 1.50}]") == "JSON_ARRAY(1,JSON_OBJECT('a',1.50))");

  CHECK(dts::parse_json_text(R"("\u20ac\ud83d\ude00\/\u00e9")", arena).text == "€😀/é");
  CHECK(dts::json_text(dts::parse_json_text(" { \"a\\n\" : [ 1 , 2 ] } ", arena)) ==
        R"({"a\n": [1, 2]})");
  for (std::string_view wrong : {"",
                                 " ",
                                 "nul",
                                 "truex",
                                 "[1",
                                 "[1,",
                                 "[1,]",
                                 "[1 2]",
                                 "{",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\":1,}",
                                 "{a:1}",
                                 "\"",
                                 "\"\\",
                                 "\"\\\"",
                                 "\"\\x\"",
                                 "\"\\u12\"",
                                 "\"\\u12g4\"",
                                 "\"\\ud800\"",
                                 "\"\\ud800\\u0041\"",
                                 "\"\\udc00\"",
                                 "-",
                                 "+1",
                                 ".5",
                                 "1.",
                                 "1e",
                                 "1.5e400",
                                 "--1",
                                 "1-2",
                                 "1 2",
                                 "]",
                                 "1e5"}) {
    CAPTURE(wrong);
    CHECK(catch_error([&] { dts::parse_json_text(wrong, arena); }).kind() ==
          dts::ErrorKind::source);
  }
}

TEST_CASE("json: doubles") {
  const std::string text = "[0.1, 0.30000000000000004, 123456789012345.0, 1e22, 1e23, 5e-324]";
  CHECK(sql_of(text) ==
        "JSON_ARRAY(1e-01,3.0000000000000004e-01,1.23456789012345e+14,1e+22,"
        "1e+23,5e-324)");
  CHECK(sql_of(text, JsonDoubles::all_exact) == "'" + text + "'");
  std::mt19937_64 random(20260103);
  Arena arena;
  for (int i = 0; i < 20000; ++i) {
    Json value;
    value.kind = JsonKind::real;
    value.bits = random();
    if (!(value.real() - value.real() == 0)) continue;
    CHECK(same(dts::parse_json_text(dts::json_text(value), arena), value));
  }
}
