#include <doctest/doctest.h>

#include "binlog/json.hpp"
#include "catch_error.hpp"

namespace {

using dts::Arena;
using dts::Json;
using dts::JsonKind;

std::string typed_sql(std::string_view text, std::string_view types) {
  Arena arena;
  Json document = dts::parse_json_text(text, arena);
  dts::set_json_types(document, types, arena);
  CHECK(dts::json_text(document) == text);
  return dts::json_sql(document);
}

Json typed(std::string_view text, std::string_view types, Arena& arena) {
  Json document = dts::parse_json_text(text, arena);
  dts::set_json_types(document, types, arena);
  return document;
}

void refused(std::string_view text, std::string_view types) {
  CAPTURE(text);
  CAPTURE(types);
  Arena arena;
  CHECK(catch_error([&] { typed(text, types, arena); }).kind() == dts::ErrorKind::source);
}

}  // namespace

// Texts and types as MySQL 9.7 gave them for json_types_sql().
TEST_CASE("json types: numbers that look alike") {
  CHECK(typed_sql("[1.5, 1.5, 7, 7, 5, -0.50, 4294967296, 4294967296, 1.0, 1.0, "
                  "100000000000000000000]",
                  "adfuiddiufdd") ==
        "JSON_ARRAY(1.5,1.5e+00,CAST(7 AS UNSIGNED),7,5.,-0.50,4294967296,"
        "CAST(4294967296 AS UNSIGNED),1e+00,1.0,100000000000000000000.)");
  CHECK(typed_sql("1.50", "d") == "CAST(1.50 AS JSON)");
  CHECK(typed_sql("7", "i") == "'7'");
}

TEST_CASE("json types: members of all objects, then elements of all arrays") {
  CHECK(typed_sql(R"({"a": [{"e": null}, "-100:00:01.500000", "2024-01-02"], )"
                  R"("b": {"c": "2024-01-02", "d": [2, null, true]}, )"
                  R"("f": "0000-00-00 00:00:00.000000"})",
                  "oaoMnDaoTsunb") ==
        "JSON_OBJECT('a',JSON_ARRAY(CAST('{\"e\": null}' AS JSON),"
        "CAST('-100:00:01.500000' AS TIME(6)),'2024-01-02'),"
        "'b',JSON_OBJECT('c',CAST('2024-01-02' AS DATE),"
        "'d',JSON_ARRAY(CAST(2 AS UNSIGNED),null,true)),"
        "'f',CAST('0000-00-00 00:00:00.000000' AS DATETIME(6)))");
}

TEST_CASE("json types: bytes and times") {
  Arena arena;
  const Json document =
      typed(R"(["2024-02-29 12:34:56.789000", 2020, "base64:type16:ABU=", "base64:type249:YQ==", )"
            R"("base64:type252:Yg==", "base64:type254:YwAA", 3, "base64:type15:AP8=", )"
            R"("base64:type15:AP8=", "base64:type15:"])",
            "aPuxxxxuxsx", arena);
  REQUIRE(document.items.size() == 10);
  CHECK(document.items[0].kind == JsonKind::timestamp);
  CHECK(document.items[0].bits == ((2024ull * 13 + 2) << 46 | 29ull << 41 | 12ull << 36 |
                                   34ull << 30 | 56ull << 24 | 789000));
  const auto is_bytes = [&](std::size_t i, int type, std::string_view bytes) {
    const Json& item = document.items[i];
    return item.kind == JsonKind::opaque && item.field_type == type && item.text == bytes;
  };
  CHECK(is_bytes(2, 16, std::string_view("\0\x15", 2)));
  CHECK(is_bytes(3, 249, "a"));
  CHECK(is_bytes(4, 252, "b"));
  CHECK(is_bytes(5, 254, std::string_view("c\0\0", 3)));
  CHECK(is_bytes(7, 15, std::string_view("\0\xff", 2)));
  CHECK(document.items[8].kind == JsonKind::string);
  CHECK(is_bytes(9, 15, ""));

  const Json lines = typed(
      "\"base64:type15:eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"
      "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"
      "\\neHh4\"",
      "x", arena);
  CHECK(lines.text == std::string(60, 'x'));
  const Json time = typed("\"-838:59:59.000001\"", "T", arena);
  CHECK(time.bits == 0 - (838ull << 36 | 59ull << 30 | 59ull << 24 | 1));
  CHECK(typed("\"9999-12-31\"", "D", arena).bits == ((9999ull * 13 + 12) << 46 | 31ull << 41));
}

TEST_CASE("json types: a double that this version would print otherwise") {
  Arena arena;
  const Json value = typed("[0.10, 5]", "aff", arena);
  CHECK(value.items[0].kind == JsonKind::real);
  CHECK(value.items[0].real() == 0.1);
  CHECK(value.items[1].real() == 5);
}

TEST_CASE("json types: what does not fit is refused") {
  refused("[1, 2]", "aii i");
  refused("[1, 2]", "aiii");
  refused("[1, 2]", "ai");
  refused("[1, 2]", "");
  refused("[1, 2]", "oii");
  refused("[1]", "an");  // a type that is not known
  refused("[1]", "as");
  refused("[1]", "ax");
  refused("[1]", "ab");
  refused("null", "s");
  refused("null", "i");
  refused("\"5\"", "i");
  refused("\"5\"", "d");
  refused("\"5\"", "f");
  refused("1e20", "d");
  refused("-1", "u");
  refused("18446744073709551615", "i");
  refused("1.5", "i");
  refused("1.5", "u");
  for (const char* time :
       {"", "x", "2024-01-02", "2024-01-02 10:00:00", "2024-01-02 10:00:00.5",
        "2024-01-02T10:00:00.500000", "2024-13-02 10:00:00.000000", "2024-01-32 10:00:00.000000",
        "2024-01-02 10:60:00.000000x", "-2024-01-02 10:00:00.000000", "99999999999999999999"})
    refused("\"" + std::string(time) + "\"", "M");
  refused("\"10:00\"", "T");
  refused("\"+10:00:00.000000\"", "T");
  refused("\"20240102\"", "D");
  for (const char* bytes : {"base64:type", "base64:type15", "base64:type15:A", "base64:type15:AP8",
                            "base64:type15:AP9=", "base64:type256:AP8=", "base64:type15:A*8=",
                            "base64:type15:AP8==", "base64:type15:\\nAP8="})
    refused("\"" + std::string(bytes) + "\"", "x");
}

TEST_CASE("json types: the query for them") {
  const std::string text = dts::json_types_sql("`db`.`t`.`j`");
  CHECK(text.find("JSON_TYPE(`db`.`t`.`j`)") != text.npos);
  CHECK(text.find("JSON_TABLE(`db`.`t`.`j`, '$' COLUMNS (") != text.npos);
  CHECK(text.find("ORDER BY f, n SEPARATOR ''") != text.npos);
}
