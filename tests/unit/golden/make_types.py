#!/usr/bin/env python3
"""Writes types-10.11.bin (a binlog with every column type) and types-10.11.txt (the shapes and the
values as SELECT returns them) on a scratch MariaDB server started with --log-bin
--binlog-format=ROW; database `he` on it is dropped.

usage: make_types.py SOCKET DATADIR"""

import pathlib
import subprocess
import sys

socket, datadir = sys.argv[1:]
here = pathlib.Path(__file__).parent


def run(sql):
    command = ["mariadb", "--no-defaults", "-S", socket, "-uroot", "-N", "-B", "--raw",
               "--default-character-set=utf8mb4"]
    return subprocess.run(command, input=sql.encode(), check=True,
                          stdout=subprocess.PIPE).stdout.decode()


INTEGERS = [(name, bits) for name, bits in
            [("tinyint", 8), ("smallint", 16), ("mediumint", 24), ("int", 32), ("bigint", 64)]]
ENUM300 = ",".join(f"'m{i}'" for i in range(1, 301))
SET64 = ",".join(f"'s{i}'" for i in range(1, 65))
NULL = "NULL"

# table: list of (column definition, shape type, values)
tables = {
    "ints": [(name, "integer", [0, 1, -1, -2**(bits - 1), 2**(bits - 1) - 1, NULL])
             for name, bits in INTEGERS] +
            [(name + " unsigned", "integer",
              [0, 1, 2, 2**(bits - 1), 2**bits - 1, NULL]) for name, bits in INTEGERS] +
            [("int(10) unsigned zerofill", "integer", [0, 7, 42, 1, 4294967295, NULL]),
             ("boolean", "integer", [0, 1, 1, 0, -128, NULL])],
    "decimals": [
        ("decimal(65,30)", "decimal",
         ["9" * 35 + "." + "9" * 30, "-" + "9" * 35 + "." + "9" * 30, "0", "-0." + "0" * 29 + "1",
          "123456789012345678901.000000001", NULL]),
        ("decimal(1,0)", "decimal", ["9", "-9", "0", "1", "-1", NULL]),
        ("decimal(10,2)", "decimal",
         ["99999999.99", "-99999999.99", "0.01", "-0.01", "1.10", NULL]),
        ("decimal(9,9)", "decimal",
         ["0.999999999", "-0.999999999", "0", "0.000000001", "0.1", NULL]),
        ("decimal(38,0) unsigned", "decimal", ["9" * 38, "0", "1", "1000000000", "10", NULL]),
        ("decimal(19,8)", "decimal",
         ["12345678901.00000001", "-12345678901.10000000", "0", "-1", "100000000", NULL])],
    "reals": [
        ("float", "float", ["1.1", "-0e0", "3.4028234e38", "-1.17549435e-38", "16777217", NULL]),
        ("double", "double",
         ["1.1", "-0e0", "1.7976931348623157e308", "-2.2250738585072014e-308", "0.1e0+0.2e0",
          NULL]),
        ("float unsigned", "float", ["0", "0.1", "1e10", "123456.789", "1e-20", NULL]),
        ("double(10,3)", "double", ["0", "-1.125", "9999999.999", "1", "0.001", NULL]),
        ("bit(1)", "bit", ["0", "1", "1", "0", "1", NULL]),
        ("bit(8)", "bit", ["0", "255", "128", "1", "127", NULL]),
        ("bit(33)", "bit", ["0", "8589934591", "4294967296", "1", "256", NULL]),
        ("bit(64)", "bit", ["0", str(2**64 - 1), str(2**63), "1", "72623859790382856", NULL]),
        ("year", "year", ["0", "1901", "2155", "2000", "1999", NULL])],
    "times": [("date", "date", ["'0000-00-00'", "'1000-01-01'", "'9999-12-31'", "'2024-02-29'",
                                "'2024-00-00'", NULL])],
    "old_times": [
        ("time", "time", ["'-838:59:59'", "'838:59:59'", "'00:00:00'", "'-00:00:01'",
                          "'12:34:56'", NULL]),
        ("datetime", "datetime",
         ["'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'", "'1000-01-01 00:00:00'",
          "'2024-02-29 12:34:56'", "'2024-00-00 01:02:03'", NULL]),
        ("timestamp null", "timestamp",
         ["'0000-00-00 00:00:00'", "'2038-01-19 03:14:07'", "'1970-01-01 00:00:01'",
          "'2024-02-29 12:34:56'", "'2000-01-01 00:00:00'", NULL])],
    "strings": [
        ("char(10) character set latin1", "text", ["''", "'a'", "'\u00e4\u00f6'", "'a  b'",
                                                   "'0123456789'", NULL]),
        ("char(255)", "text", ["''", "repeat('\U0001f600', 255)", "'x'", "repeat('y', 255)",
                               "'\\0'", NULL]),
        ("char(0)", "text", ["''", "''", "''", "''", "''", NULL]),
        ("varchar(10)", "text", ["''", "'\u20ac '", "'\\''", "'\\\\'", "'`\"'", NULL]),
        ("varchar(300)", "text", ["''", "repeat('v', 300)", "'a '", "'\\n'", "'\\t'", NULL]),
        ("varchar(5) character set sjis", "text", ["''", "'\u8868'", "'\u30bd'", "'a'", "' '",
                                                   NULL]),
        ("char(5) character set ucs2", "text", ["''", "'\u8868'", "'a'", "'ab'", "'abcde'", NULL]),
        ("tinytext", "text", ["''", "'t'", "'\u00e9'", "' '", "'tt'", NULL]),
        ("text", "text", ["''", "'t'", "'\u00e9'", "' '", "'tt'", NULL]),
        ("mediumtext", "text", ["''", "'t'", "repeat('m', 300)", "' '", "'tt'", NULL]),
        ("longtext", "text", ["''", "'t'", "'\u00e9'", "' '", "repeat('l', 300)", NULL]),
        ("json", "text", ["'{}'", "'[1, 2]'", "'\"\u00e9\"'", "'null'", "'{\"a\": 1}'", NULL]),
        ("binary(4)", "binary", ["''", "'a'", "x'00000000'", "x'61000000'", "x'ff00ff20'", NULL]),
        ("binary(255)", "binary", ["''", "repeat(x'ff', 255)", "'a'", "x'00'", "' '", NULL]),
        ("varbinary(10)", "bytes", ["''", "x'00'", "x'ff'", "'a '", "x'6100'", NULL]),
        ("varbinary(300)", "bytes", ["''", "repeat('b', 300)", "x'ff'", "'a '", "x'6100'", NULL]),
        ("tinyblob", "bytes", ["''", "x'00'", "x'ff'", "'a '", "x'6100'", NULL]),
        ("blob", "bytes", ["''", "x'00'", "x'ff'", "'a '", "x'6100'", NULL]),
        ("mediumblob", "bytes", ["''", "x'00'", "repeat(x'01', 300)", "'a '", "x'6100'", NULL]),
        ("longblob", "bytes", ["''", "x'00'", "x'ff'", "repeat('b', 300)", "x'6100'", NULL])],
    "sets": [
        ("enum('a','b','')", "enum", ["1", "2", "3", "'b'", "0", NULL]),
        (f"enum({ENUM300})", "enum", ["1", "255", "256", "300", "2", NULL]),
        ("set('a','b','c')", "set", ["0", "1", "7", "'a,c'", "2", NULL]),
        (f"set({SET64})", "set", ["0", "1", str(2**64 - 1), str(2**63), "2", NULL])],
    "others": [
        ("uuid", "uuid",
         ["'123e4567-e89b-12d3-a456-426655440000'", "'00000000-0000-0000-0000-000000000000'",
          "'ffffffff-ffff-ffff-ffff-ffffffffffff'", "'8c1d3b5e-6f70-4182-93a4-b5c6d7e8f900'",
          "'018f3c2a-7b1c-7def-8123-456789ab0000'", NULL]),
        ("inet4", "inet4", ["'0.0.0.0'", "'255.255.255.255'", "'10.0.0.0'", "'1.2.3.4'",
                            "'0.0.0.1'", NULL]),
        ("inet6", "inet6", ["'::'", "'::ffff:1.2.3.4'", "'fe80::1'", "'2001:db8:0:1::'",
                            "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'", NULL]),
        ("geometry", "geometry",
         ["point(0,0)", "point(1.5,-2)", "st_geomfromtext('LINESTRING(0 0,1 1)')",
          "st_geomfromtext('POINT(1 2)', 4326)", "st_geomfromtext('GEOMETRYCOLLECTION EMPTY')",
          NULL]),
        ("point", "geometry", ["point(0,0)", "point(1,2)", "point(-1,1e300)", "point(3,4)",
                               "point(5,6)", NULL])],
    "compressed": [
        ("varchar(100) compressed", "text", ["''", "'short'", "repeat('a', 100)", "'\u20ac'",
                                             "'x'", NULL]),
        ("varchar(1000) compressed", "text", ["''", "'short'", "repeat('a', 1000)", "'\u20ac'",
                                              "repeat('\U0001f600', 120)", NULL]),
        ("varbinary(300) compressed", "bytes", ["''", "x'00'", "repeat('z', 300)", "x'ff'", "'y'",
                                                NULL]),
        ("tinytext compressed", "text", ["''", "'t'", "repeat('a', 200)", "'x'", "'y'", NULL]),
        ("longtext compressed", "text", ["''", "'t'", "repeat('a', 400)", "repeat('b', 300)",
                                         "'y'", NULL]),
        ("blob compressed", "bytes", ["''", "x'00'", "repeat('a', 400)", "repeat('b', 300)",
                                      "'y'", NULL])],
    "computed": [("int", "integer", [1, 2, 3, -4, 0, NULL])],
}
for digits in range(7):
    micro = "123456"
    def cut(text, width=digits):
        return f"'{text}{'.' + micro[:width] if width else ''}'"
    def last(text, width=digits):
        return f"'{text}{'.' + '0' * (width - 1) + '1' if width else ''}'"
    suffix = f"({digits})" if digits else ""
    tables["times"] += [
        ("time" + suffix, "time",
         [cut("-838:59:58"), cut("838:59:58"), "'00:00:00'", last("-00:00:00") if digits else
          "'-00:00:01'", cut("-12:34:56"), NULL]),
        ("datetime" + suffix, "datetime",
         ["'0000-00-00 00:00:00'", cut("9999-12-31 23:59:59"), cut("1000-01-01 00:00:00"),
          last("2024-02-29 12:34:56"), cut("2024-00-00 01:02:03"), NULL]),
        ("timestamp" + suffix + " null", "timestamp",
         ["'0000-00-00 00:00:00'", cut("2038-01-19 03:14:07"), cut("1970-01-01 00:00:01"),
          last("2024-02-29 12:34:56"), cut("2000-01-01 00:00:00"), NULL])]

MODE = "SET time_zone='+00:00', sql_mode='ALLOW_INVALID_DATES';"


def expression(name, kind):
    """The value as text; bytes and what has no plain text as hex."""
    if kind in ("text", "binary", "bytes", "geometry"):
        return f"hex({name})"
    if kind in ("float", "double"):
        return f"cast({name} * 1e0 as char)"
    if kind in ("enum", "set", "bit"):
        return f"cast({name} as unsigned)"
    if kind in ("integer", "year"):
        return f"cast({name} + 0 as char)"
    return f"cast({name} as char)"


def create(name, columns):
    parts = ["id int not null primary key"]
    parts += [f"c{i} {definition}" for i, (definition, _, _) in enumerate(columns)]
    if name == "computed":
        parts += ["v bigint as (c0 * 2) virtual", "p bigint as (c0 * 3) persistent"]
    old = name == "old_times"
    run(f"{MODE} SET GLOBAL mysql56_temporal_format={'OFF' if old else 'ON'};"
        f"CREATE TABLE he.{name} ({','.join(parts)}) DEFAULT CHARSET=utf8mb4;"
        "SET GLOBAL mysql56_temporal_format=ON;")


def insert(name, columns):
    rows = [",".join([str(r)] + [str(values[r]) for _, _, values in columns])
            for r in range(6)]
    names = ",".join(["id"] + [f"c{i}" for i in range(len(columns))])
    # One half of the compressed columns with zlib's wrapper, the other without.
    return "".join(f"SET column_compression_zlib_wrap={half};INSERT INTO he.{name} ({names}) "
                   f"VALUES ({'),('.join(part)});" for half, part in ((0, rows[:4]), (1, rows[4:])))


def shape(name, columns):
    kinds = ["integer"] + [kind for _, kind, _ in columns] + ["integer"] * 2
    text = f"table\the\t{name}\tInnoDB\tBASE TABLE\n"
    query = ("SELECT column_name, column_type, character_set_name, collation_name, is_nullable,"
             "is_generated, ifnull(character_octet_length, 0), ifnull(datetime_precision, -1) FROM "
             f"information_schema.columns WHERE table_schema='he' AND table_name='{name}' "
             "ORDER BY ordinal_position")
    for line, kind in zip(run(query).splitlines(), kinds):
        column, kept, charset, collation, nullable, generated, octets, digits = line.split("\t")
        if kind in ("enum", "set"):
            kept = kind
        flags = ("u" if "unsigned" in kept else "") + ("n" if nullable == "YES" else "") + \
                ("g" if generated != "NEVER" else "")
        fields = [column, kept, kind, charset, collation, flags, octets, digits]
        text += "column\t" + "\t".join("" if f == "NULL" else f for f in fields) + "\n"
    return text + "key\tPRIMARY\tu\t0\nrow-key\t0\n"


def expected(name, columns):
    kinds = [("id", "integer")] + [(f"c{i}", kind) for i, (_, kind, _) in enumerate(columns)]
    if name == "computed":
        kinds += [("v", "integer"), ("p", "integer")]
    select = ",".join(expression(column, kind) for column, kind in kinds)
    return run(f"{MODE} SELECT 'row', {select} FROM he.{name} ORDER BY id")


run("SET GLOBAL binlog_row_metadata=NO_LOG, GLOBAL log_bin_compress=OFF;"
    "DROP DATABASE IF EXISTS he; CREATE DATABASE he;")
for name, columns in tables.items():
    create(name, columns)
run("RESET MASTER")
first = "SET binlog_annotate_row_events=OFF, log_bin_compress_min_len=10;"
run(MODE.replace("SET ", "SET binlog_annotate_row_events=OFF, ") +
    "".join(insert(name, columns) for name, columns in tables.items()))
text = "".join(shape(name, columns) + expected(name, columns) for name, columns in tables.items())
# The same rows once more: before-images, compressed events, all optional metadata.
run("SET GLOBAL binlog_row_metadata=FULL; SET GLOBAL log_bin_compress=ON;"
    "SET GLOBAL log_bin_compress_min_len=10;"
    "UPDATE he.computed SET c0 = c0 + 1 WHERE id < 2; UPDATE he.computed SET c0 = c0 - 1 WHERE "
    "id < 2;" + "".join(f"DELETE FROM he.{name};" for name in tables) +
    "ALTER TABLE he.ints COMMENT 'a statement that is long enough to be compressed';"
    "SET GLOBAL log_bin_compress=OFF, GLOBAL binlog_row_metadata=NO_LOG; FLUSH BINARY LOGS;")
binlog = pathlib.Path(datadir, "bin.000001").read_bytes()
(here / "types-10.11.bin").write_bytes(binlog)
(here / "types-10.11.txt").write_text(text)
print(len(binlog), len(text))
