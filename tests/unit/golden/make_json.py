#!/usr/bin/env python3
"""Writes json-9.7.txt: documents and partial updates of a JSON column out of the binlog of a
scratch MySQL server, with what it says of them and with what json_sql() writes for them. Checks
first that the server makes the same documents of that SQL, for these and for thousands of random
ones, and reads back text that json_text_is_exact() calls exact. Databases on the server are left
alone but for `he`; its binlogs are purged.

usage: make_json.py BUILD DATADIR CLIENT [ARGUMENT]...
  BUILD    build folder of this tree whose target dts_objects is up to date
  CLIENT   the mysql client with all it needs to connect as root"""

import base64
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import zlib

build, datadir = map(pathlib.Path, sys.argv[1:3])
client = sys.argv[3:] + ["-N", "-B", "--raw", "--binary-mode", "--default-character-set=utf8mb4"]
here = pathlib.Path(__file__).parent
SESSION = ("SET time_zone='+00:00', sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,"
           "NO_ENGINE_SUBSTITUTION', binlog_row_value_options='', max_error_count=100;")


def run(sql, raw=False):
    done = subprocess.run(client, input=(SESSION + sql).encode("utf-8", "surrogateescape"),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        print(sql[:2000], file=sys.stderr)
        sys.exit(done.stderr.decode()[:2000])
    return done.stdout if raw else done.stdout.decode()


# --- the binlog ----------------------------------------------------------------------------------

def lenenc(body, at):
    first = body[at]
    if first < 251:
        return first, at + 1
    size = {252: 2, 253: 3, 254: 8}[first]
    return int.from_bytes(body[at + 1:at + 1 + size], "little"), at + 1 + size


def image(body, at, partial):
    """A row of (id INT NOT NULL, j JSON): (id, bytes of j or None, whether they are diffs), end."""
    is_diff = False
    if partial:
        options, at = lenenc(body, at)
        if options & 1:
            is_diff, at = bool(body[at] & 1), at + 1
    null, row, at = body[at] & 2, struct.unpack_from("<i", body, at + 1)[0], at + 5
    if null:
        return (row, None, is_diff), at
    size = struct.unpack_from("<I", body, at)[0]
    return (row, body[at + 4:at + 4 + size], is_diff), at + 4 + size


def row_changes(table):
    """(before, after) of the table's rows; before is None for an insert."""
    names = {}
    for path in sorted(p for p in datadir.glob("binlog.[0-9]*")):
        data, at = path.read_bytes(), 4
        while at + 19 <= len(data):
            kind, size = data[at + 4], struct.unpack_from("<I", data, at + 9)[0]
            body, at = data[at + 19:at + size - 4], at + size
            if kind == 19:
                schema_size = body[8]
                name_at = 8 + 1 + schema_size + 1
                names[body[:6]] = body[name_at + 1:name_at + 1 + body[name_at]].decode()
            elif kind in (30, 31, 39) and names[body[:6]] == table:
                update = kind != 30
                p = 8 + struct.unpack_from("<H", body, 8)[0] + 1 + (2 if update else 1)
                while p < len(body):
                    before, p = image(body, p, False)
                    after = before
                    if update:
                        after, p = image(body, p, kind == 39)
                    yield (before if update else None), after


def new_log():
    run("RESET BINARY LOGS AND GTIDS; DROP DATABASE IF EXISTS he; CREATE DATABASE he;"
        "CREATE TABLE he.t (id INT NOT NULL PRIMARY KEY, j JSON);")


def insert(expressions):
    """The binary documents that the server makes of the expressions."""
    new_log()
    for start in range(0, len(expressions), 500):
        run("START TRANSACTION;" + "".join(
            f"INSERT INTO he.t VALUES ({start + i}, {e});"
            for i, e in enumerate(expressions[start:start + 500])) + "COMMIT;")
    rows = {after[0]: after[1] for _, after in row_changes("t")}
    return [rows[i] for i in range(len(expressions))]


# --- our code ------------------------------------------------------------------------------------

TOOL = r"""
#include <iostream>
#include "binlog/json.hpp"
using namespace dts;
std::string bytes(const std::string& hex) {
  std::string to;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    to += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return to;
}
std::string hex(const std::string& from) {
  std::string to;
  for (unsigned char c : from) (to += "0123456789abcdef"[c >> 4]) += "0123456789abcdef"[c & 15];
  return to;
}
void dump(const Json& j, std::string& to) {
  to += std::to_string(int(j.kind)) + "." + std::to_string(j.field_type) + "." +
        std::to_string(j.bits) + "." + std::to_string(j.text.size()) + ":" + std::string(j.text) +
        std::to_string(j.key.size()) + ":" + std::string(j.key) + "(";
  for (const auto& item : j.items) dump(item, to);
  to += ")";
}
int main() {
  // in: binary or text, diffs, all in hex; out: text, dump; exact and SQL for both JsonDoubles
  std::string binary, text, diffs;
  while (std::getline(std::cin, binary, '\t') && std::getline(std::cin, text, '\t') &&
         std::getline(std::cin, diffs)) {
    Arena arena;
    binary = bytes(binary), text = bytes(text), diffs = bytes(diffs);
    Json j = text.empty() ? parse_json(binary, arena) : parse_json_text(text, arena);
    apply_json_diffs(j, Bytes(diffs), arena);
    std::string d;
    dump(j, d);
    std::cout << hex(json_text(j)) << '\t' << hex(d);
    for (auto doubles : {JsonDoubles::short_exact, JsonDoubles::all_exact})
      std::cout << '\t' << json_text_is_exact(j, doubles) << '\t' << hex(json_sql(j, doubles));
    std::cout << '\n';
  }
}
"""


class Answer:
    def __init__(self, fields):
        self.text, self.dump = map(bytes.fromhex, fields[:2])
        self.exact = [f == "1" for f in fields[2::2]]
        self.sql = [bytes.fromhex(f).decode("utf-8", "surrogateescape") for f in fields[3::2]]


class Tool:
    def __init__(self, folder):
        source = pathlib.Path(folder, "tool.cpp")
        self.program = pathlib.Path(folder, "tool")
        source.write_text(TOOL)
        root = here.parents[2]
        objects = build / "lib/CMakeFiles/dts_objects.dir"
        needed = [*objects.glob("binlog/json*.o"), objects / "binlog/column_value.cpp.o",
                  objects / "binlog/inflate.cpp.o", objects / "db/sql.cpp.o",
                  objects / "error.cpp.o"]
        subprocess.run(["g++", "-std=c++20", "-O1", f"-I{root}/lib", f"-I{root}/lib/include",
                        f"-I{build}/lib/include", str(source), *map(str, needed), "-lfmt",
                        "-lz", "-o", str(self.program)], check=True)

    def __call__(self, binaries, texts=None, diffs=None):
        """[Answer]"""
        count = len(texts or binaries)
        lines = "".join(f"{b.hex()}\t{t.hex()}\t{d.hex()}\n" for b, t, d in
                        zip(binaries or [b""] * count, texts or [b""] * count,
                            diffs or [b""] * count))
        done = subprocess.run([self.program], input=lines.encode(), check=True,
                              stdout=subprocess.PIPE).stdout.decode().splitlines()
        if len(done) != count:
            sys.exit(f"the tool read {len(done)} of {count} lines")
        return [Answer(line.split("\t")) for line in done]


def server_texts():
    lines = run("SELECT id, CAST(j AS CHAR) FROM he.t ORDER BY id", raw=True).split(b"\n")
    return {int(line.split(b"\t", 1)[0]): line.split(b"\t", 1)[1] for line in lines[:-1]}


def check(tool, expressions, what):
    """Text, SQL and exactness of the documents that the server makes of `expressions`."""
    binaries = insert(expressions)
    texts = server_texts()
    ours = tool(binaries)
    for i, our in enumerate(ours):
        if our.text != texts[i]:
            sys.exit(f"{what}: text of {expressions[i][:300]}\nserver {texts[i][:300]}\n"
                     f"ours   {our.text[:300]}")
    for mode in (0, 1):
        again = insert([our.sql[mode] for our in ours])
        for i, made in enumerate(tool(again)):
            if made.dump != ours[i].dump:
                sys.exit(f"{what}: SQL of {expressions[i][:300]}\n{ours[i].sql[mode][:500]}\n"
                         f"was     {ours[i].dump[:300]}\nbecomes {made.dump[:300]}")
        same = sum(a == b for a, b in zip(again, binaries))
        exact = sum(our.exact[mode] for our in ours)
        print(f"{what}, JsonDoubles {mode}: {len(ours)} documents, {exact} with an exact text, "
              f"{same} become the same bytes")
    # Text that comes by SELECT
    for i, read in enumerate(tool(None, [texts[i] for i in range(len(ours))])):
        if read.text != texts[i]:
            sys.exit(f"{what}: text {texts[i][:300]} becomes {read.text[:300]}")
        if ours[i].exact[1] and (read.dump != ours[i].dump or read.sql != ours[i].sql):
            sys.exit(f"{what}: text {texts[i][:300]} is not read back")
    return binaries, texts, ours


# --- documents -----------------------------------------------------------------------------------

def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "''").replace("\0", "\\0") + "'"


def typed(value, column):
    return (f"(SELECT CAST(v AS JSON) FROM JSON_TABLE(CAST({value} AS JSON), '$' COLUMNS "
            f"(v {column} PATH '$')) AS t)")


INTS = sorted({s * (2**b + d) for b in (0, 7, 8, 15, 16, 31, 32, 53, 63) for d in (-1, 0, 1)
               for s in (1, -1) if -2**63 <= s * (2**b + d) < 2**64} | {0, 2**64 - 1})
DOUBLES = ["0", "-0", "1", "-1", "0.1", "100", "1e14", "123456789012345", "999999999999999", "1e15",
           "1e16", "1234567890123456", "12345678901234.5", "1234567890123456.5", "1e22", "1e23",
           "1e25", "1e-1", "1e-5", "1e-14", "1e-15", "1e-16", "1.2345678901234567e-15",
           "-1.2345678901234567e-14", "5e-324", "2.2250738585072014e-308", "1e100", "1e-100",
           "1.7976931348623157e308", "9007199254740993", "0.30000000000000004",
           "0.1234567890123456789", "9.5367431640625e-7", "1.7976931348623157e-308", "-1.5e300"]
DECIMALS = ["1.50", "-1.50", "0.00", "0.5", "-0.001", "7.", "-7.", "123456789.123456789",
            "1234567890.", "12345678901234567890123456789012345.123456789012345678901234567890",
            "0.000000000000000000000000000001", "9" * 65 + ".", "100.0", "18446744073709551616."]
STRINGS = ["", "a", "'", '"', "\\", "\\n", "\n\r\b\f", "\0", "\x01\x1f\x7f", "é€😀", "/", "%_`;--",
           "\u2028", "base64:type252:AA==", "2024-01-01", "x" * 127, "x" * 128, "\\u0041"]


def named_documents():
    yield "null", "'null'"
    yield "true", "'true'"
    yield "false", "'false'"
    yield "integers", f"JSON_ARRAY({','.join(map(str, INTS))})"
    yield "integers from text", f"'[{','.join(map(str, INTS))}]'"
    yield "unsigned", f"JSON_ARRAY({','.join(f'CAST({i} AS UNSIGNED)' for i in INTS if i >= 0)})"
    for i in (0, -32768, 32768, 2**31, 2**63 - 1, -2**63, 2**64 - 1):
        yield f"integer {i}", f"CAST({i} AS JSON)"
    yield "doubles", "JSON_ARRAY(" + ",".join(d if "e" in d else d + "e0" for d in DOUBLES) + ")"
    yield "double", "CAST(0.1234567890123456789e0 AS JSON)"
    yield "double from text", "'1.0'"
    yield "decimals", f"JSON_ARRAY({','.join(DECIMALS)})"
    yield "decimal", "CAST(CAST(1.5 AS DECIMAL(10,2)) AS JSON)"
    yield "decimal of a wide column", "CAST(CAST('-0.5' AS DECIMAL(65,30)) AS JSON)"
    for i, text in enumerate(STRINGS):
        yield f"string {i}", f"CAST(JSON_QUOTE({quoted(text)}) AS JSON)"
    yield "strings", f"JSON_ARRAY({','.join(map(quoted, STRINGS))})"
    yield "strings and a decimal", f"JSON_ARRAY({','.join(map(quoted, STRINGS[:7]))},1.0)"
    yield "dates", ("JSON_ARRAY(CAST('2024-02-29' AS DATE),CAST('0000-00-00' AS DATE),"
                    "CAST('9999-12-31' AS DATE),CAST('2024-00-00' AS DATE),"
                    "CAST('2023-02-31' AS DATE),CAST('0001-01-01' AS DATE))")
    yield "times", ("JSON_ARRAY(CAST('00:00:00' AS TIME),CAST('-838:59:59' AS TIME),"
                    "CAST('838:59:59' AS TIME),CAST('-00:00:00.000001' AS TIME(6)),"
                    "CAST('12:34:56.78' AS TIME(2)),CAST('-12:34:56.999999' AS TIME(6)))")
    yield "datetimes", ("JSON_ARRAY(CAST('2024-02-29 23:59:59.999999' AS DATETIME(6)),"
                        "CAST('0000-00-00 00:00:00' AS DATETIME),"
                        "CAST('9999-12-31 23:59:59' AS DATETIME),"
                        "CAST('2024-00-01 01:02:03.5' AS DATETIME(1)))")
    stamps = ["1970-01-01 00:00:01", "2038-01-19 03:14:07.999999", "2024-03-31 02:30:00.5",
              "0000-00-00 00:00:00"]
    yield "timestamps", "JSON_ARRAY(" + ",".join(typed(f"'\"{s}\"'", "TIMESTAMP(6)")
                                                 for s in stamps) + ")"
    yield "date", "CAST(CAST('2024-02-29' AS DATE) AS JSON)"
    yield "time", "CAST(CAST('-01:02:03' AS TIME) AS JSON)"
    yield "datetime", "CAST(CAST('2024-02-29 01:02:03' AS DATETIME) AS JSON)"
    yield "timestamp", typed("'\"2024-02-29 01:02:03.004\"'", "TIMESTAMP(6)")
    for column in ("VARBINARY(300)", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB"):
        sizes = (0, 1, 2, 3, 56, 57, 58, 114, 200)
        yield column, "JSON_ARRAY(" + ",".join(typed(f"x'{'00ff' * (s // 2) + '41' * (s % 2)}'",
                                                     column) for s in sizes) + ")"
    yield "BINARY", f"JSON_ARRAY({typed(chr(120) + chr(39) + '00ff' + chr(39), 'BINARY(2)')})"
    yield "BINARY(0)", typed("x''", "BINARY(0)")
    yield "BIT", "JSON_ARRAY(" + ",".join(typed(n, f"BIT({b})") for n, b in
                                          ((0, 1), (1, 1), (2730, 12), (2**64 - 1, 64))) + ")"
    yield "literal of bytes", "CAST(x'27005c' AS JSON)"
    yield "empty object", "'{}'"
    yield "empty array", "'[]'"
    yield "nested", ("""'{"a": [1, {"b": [true, null, "c"], "": {"x": -1}}, [], {}], "ab": 1.5,"""
                     """ "Ä": "ö", "a\\\\"b": 2, "c.d": {"[0]": 3}, "$": 4, "\\\\u0000": 5}'""")
    yield "mixed", ("""JSON_OBJECT('p', 1.50, 'n', JSON_ARRAY(1, JSON_OBJECT('t', """
                    """CAST('2024-01-02' AS DATE), 'e', CAST('{"x": [1, 2]}' AS JSON)), 0.1e0), """
                    """'b', x'00', 'z', NULL, 'y', true, 'u', CAST(1 AS UNSIGNED))""")
    yield "long runs", ("JSON_ARRAY(" + ",".join(map(str, range(20))) + ",1.0," +
                        ",".join(map(str, range(5))) + ",2.0," + ",".join(map(str, range(9))) +
                        ",3.0,JSON_ARRAY(),JSON_OBJECT('a',4.0," +
                        ",".join(f"'k{i}',{i}" for i in range(12)) + "))")
    keys = ",".join(f"'k{i}',{i}" for i in range(1000))
    yield "1000 keys", f"JSON_OBJECT({keys})"
    yield "many keys and a decimal", ("JSON_OBJECT(" + ",".join(f"'k{i}',{i}" for i in range(100)) +
                                      ",'d',1.0)")
    yield "long key", f"JSON_OBJECT(REPEAT('k', 65535), 1, REPEAT('k', 300), 2)"
    yield "depth 90", "'" + '{"a": [' * 45 + "1" + "]}" * 45 + "'"
    yield "depth 100", "'" + "[" * 100 + "]" * 100 + "'"
    deep = "1.0"
    for i in range(50):
        deep = f"JSON_ARRAY({i},JSON_OBJECT('a',{deep}))"
    yield "depth 100 and a decimal", deep
    yield "long string", "CAST(JSON_QUOTE(REPEAT('long', 20000)) AS JSON)"
    # Repetitive, so that the file stays small
    yield "large array", "'[" + ",".join(str(i % 10 - 5) for i in range(30000)) + "]'"
    yield "large array of 32 bits", ("'[" + ",".join(str(65536 + i % 10) for i in range(20000)) +
                                     "]'")
    yield "large object", ("'{" + ",".join(f'"{"key" * 1000}{i}":{i * 5000}' for i in range(30)) +
                           "}'")
    yield "large mixed", ("JSON_ARRAY(REPEAT('s', 66000),70000,-70000,CAST(70000 AS UNSIGNED),"
                          "5000000000,0.1e0,1.25,true,null,JSON_ARRAY(1,'x'),x'ff')")
    yield "large opaque", typed("x'" + "00ff27" * 30000 + "'", "LONGBLOB")


def types_of(binaries):
    """JSON_TYPE of each document, and of the items of an array."""
    lines = run("SELECT id, JSON_TYPE(j), IF(JSON_TYPE(j) = 'ARRAY' AND JSON_LENGTH(j) <= 100, "
                "(SELECT GROUP_CONCAT(IFNULL(JSON_TYPE(v), 'NULL') ORDER BY n) "
                "FROM JSON_TABLE(j, '$[*]' COLUMNS (n FOR ORDINALITY, v JSON PATH '$')) AS x), '') "
                "FROM he.t ORDER BY id")
    types = {}
    for line in lines.splitlines():
        row, kind, items = line.split("\t")
        types[int(row)] = kind + (":" + items if items not in ("", "NULL") else "")
    return [types[i] for i in range(len(binaries))]


# --- partial updates -----------------------------------------------------------------------------

BASE = ('{"a": 1, "b": [1, 2, 3], "c": {"d": "text", "e f": [{"x": 1}]}, "": 0, "long": "' +
        "x" * 250 + '"}')
LIST = '["' + "y" * 300 + '", 1, [2, [3]]]'
UPDATES = [
    (BASE, "JSON_SET(j, '$.a', 2)"),
    (BASE, "JSON_SET(j, '$.n', 'new')"),
    (BASE, "JSON_SET(j, '$.aa', 1.50, '$.z', CAST('2024-01-02' AS DATE), '$.\"x y\"', x'00')"),
    (BASE, "JSON_REPLACE(j, '$.c.d', 'longer text', '$.b[1]', JSON_OBJECT('k', 0.1e0))"),
    (BASE, "JSON_REMOVE(j, '$.b[0]', '$.c.d', '$.\"\"')"),
    (BASE, "JSON_SET(j, '$.b[3]', 4)"),
    (BASE, "JSON_SET(j, '$.b[10]', 4)"),
    (BASE, "JSON_SET(j, '$.b[last]', 9)"),
    (BASE, "JSON_SET(j, '$.b[last-1]', 9, '$.b[last-2]', 8)"),
    (BASE, "JSON_REMOVE(j, '$.b[last]')"),
    (BASE, "JSON_REMOVE(j, '$.b[last-2]', '$.b[0]')"),
    (BASE, "JSON_SET(j, '$.a[1]', 2)"),
    (BASE, "JSON_SET(j, '$.c.\"e f\"[0].x', NULL)"),
    (BASE, "JSON_SET(j, '$.c.\"e f\"[0].y', true, '$.c.\"e f\"[1]', '[]')"),
    (BASE, "JSON_SET(j, '$.\"a\\\\\"b\"', 1, '$.\"c.d\"', 2, '$.\"e[0]\"', 3)"),
    (BASE, "JSON_SET(j, '$.\"\\\\u0001\"', 1, '$.\"\\\\n\"', 2, '$.\"\\\\\\\\\"', 3)"),
    (BASE, "JSON_SET(j, '$.\"ключ\"', 1, '$.\"😀\"', 2, '$.\"last\"', 3, '$.\"1\"', 4)"),
    (BASE, "JSON_SET(j, CONCAT('$.', REPEAT('k', 300)), REPEAT('v', 300))"),
    (BASE, "JSON_SET(j, '$.big', CAST(CONCAT('[', REPEAT('70000, ', 20000), '1]') AS JSON))"),
    (BASE, "JSON_SET(JSON_REMOVE(JSON_REPLACE(j, '$.a', 5), '$.b[0]'), '$.q', 1, '$.q', 2)"),
    (BASE, "JSON_REMOVE(j, '$.long')"),
    (BASE, "JSON_SET(j, '$', 1)"),
    (BASE, "JSON_SET(j, '$.a', 1)"),
    (BASE, "JSON_SET(j, '$.nothing.here', 1)"),
    (LIST, "JSON_SET(j, '$[2][1][0]', 4, '$[2][1][1]', 5, '$[3]', 6)"),
    (LIST, "JSON_REMOVE(j, '$[2][1][0]', '$[1]')"),
    (LIST, "JSON_REPLACE(j, '$[0]', -0e0)"),
]


def partial_updates(tool):
    new_log()
    run("".join(f"INSERT INTO he.t VALUES ({i}, {quoted(base)});"
                for i, (base, _) in enumerate(UPDATES)))
    run("SET binlog_row_value_options='PARTIAL_JSON';" +
        "".join(f"UPDATE he.t SET j = {change} WHERE id = {i};"
                for i, (_, change) in enumerate(UPDATES)))
    texts, types = server_texts(), types_of(UPDATES)
    found = [(before, after) for before, after in row_changes("t")
             if before is not None and after[2]]
    rows = [before[0] for before, _ in found]
    ours = tool([before[1] for before, _ in found], diffs=[after[1] for _, after in found])
    for row, our in zip(rows, ours):
        if our.text != texts[row]:
            sys.exit(f"diff {UPDATES[row][1]}\nserver {texts[row]}\nours   {our.text}")
    print(f"partial updates: {len(rows)} of {len(UPDATES)} are diffs")
    return [(UPDATES[row][1], types[row], before[1], after[1], texts[row])
            for row, (before, after) in zip(rows, found)]


# --- random documents ----------------------------------------------------------------------------

def random_double(pick):
    while True:
        how = pick.randrange(4)
        if how == 0:
            value = struct.unpack("<d", pick.randbytes(8))[0]
        elif how == 1:
            value = float(f"{pick.randrange(10**pick.randrange(1, 18))}e{pick.randrange(-25, 25)}")
        elif how == 2:
            value = pick.uniform(-1000, 1000)
        else:
            value = round(pick.uniform(-10**6, 10**6), pick.randrange(6))
        if value == value and abs(value) != float("inf"):
            text = repr(value)
            return text if "e" in text else text + "e0"


def random_scalar(pick):
    return pick.choice([
        lambda: pick.choice(["NULL", "true", "false"]),
        lambda: str(pick.choice(INTS)),
        lambda: f"CAST({abs(pick.choice(INTS))} AS UNSIGNED)",
        lambda: f"CAST('{pick.choice(INTS)}' AS JSON)",
        lambda: str(pick.randrange(1000)),
        lambda: random_double(pick),
        lambda: random_double(pick),
        lambda: f"{pick.randrange(10**12)}.{pick.randrange(10**6)}",
        lambda: quoted("".join(pick.choice(STRINGS) for _ in range(pick.randrange(3)))),
        lambda: f"CAST('{pick.randrange(10000):04}-{pick.randrange(1, 13)}-"
                f"{pick.randrange(1, 29)} {pick.randrange(24)}:{pick.randrange(60)}:"
                f"{pick.randrange(60)}.{pick.randrange(10**6):06}' AS DATETIME(6))",
        lambda: f"CAST('{pick.choice(['', '-'])}{pick.randrange(838)}:{pick.randrange(60)}:"
                f"{pick.randrange(60)}.{pick.randrange(10**6):06}' AS TIME(6))",
        lambda: f"x'{pick.randbytes(pick.randrange(5)).hex()}'",
        lambda: typed(f"x'{pick.randbytes(pick.randrange(5)).hex()}'", "BLOB"),
    ])()


def random_document(pick, depth=0):
    if depth == 5 or pick.randrange(3) == 0 and depth > 0:
        return random_scalar(pick)
    plain = pick.randrange(2)
    count = pick.choice([0, 1, 2, 3, 5, 12, 20]) if depth < 2 else pick.randrange(4)
    items = [str(i) if plain and pick.randrange(10) else random_document(pick, depth + 1)
             for i in range(count)]
    if pick.randrange(2):
        return f"JSON_ARRAY({','.join(items)})"
    keys = [quoted(pick.choice(STRINGS) + str(i)) for i in range(count)]
    return f"JSON_OBJECT({','.join(k + ',' + v for k, v in zip(keys, items))})"


# --- the file ------------------------------------------------------------------------------------

def field(data):
    """Plain where that is readable, else hex, large ones compressed."""
    if len(data) > 2000:
        return "z:" + base64.b64encode(zlib.compress(data, 9)).decode()
    try:
        text = data.decode("ascii")
        if text.isprintable() and not text.startswith(("x:", "z:")):
            return text
    except UnicodeDecodeError:
        pass
    return "x:" + data.hex()


with tempfile.TemporaryDirectory() as folder:
    tool = Tool(folder)
    names, expressions = zip(*named_documents())
    binaries, texts, ours = check(tool, list(expressions), "named documents")
    insert(list(expressions))
    lines = []
    for i, (name, kind) in enumerate(zip(names, types_of(binaries))):
        lines.append("\t".join(["document", name, kind, field(binaries[i]), field(texts[i]),
                                str(int(ours[i].exact[0])), field(ours[i].sql[0].encode())]))
    for name, kind, before, diffs, after in partial_updates(tool):
        lines.append("\t".join(["diff", name, kind, field(before), field(diffs), field(after)]))
    pick = random.Random(20260101)
    for part in range(10):
        check(tool, [f"CAST({random_double(pick)} AS JSON)"
                     for _ in range(3000)], "random doubles")
    for part in range(5):
        check(tool, [random_document(pick) for _ in range(1000)], "random documents")
(here / "json-9.7.txt").write_text("\n".join(lines) + "\n")
print(sum(map(len, lines)), "bytes")
