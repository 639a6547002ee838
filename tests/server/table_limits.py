#!/usr/bin/env python3
"""Prints CREATE TABLE statements with columns and keys about as long as InnoDB takes.

usage: table_limits.py SEED TABLES

Some keys are longer than a page of 4 or 8 KiB takes, or a table that is not DYNAMIC, some are a byte
shorter or longer than that, and the same with rows. All fit in pages of 16 KiB.
"""
import random
import sys

WIDTH = {"latin1": 1, "utf8mb3": 3, "utf8mb4": 4}


def key_column(rng):
    """A column with the part of a key, of a length near one of the limits."""
    charset = rng.choice(list(WIDTH))
    width = WIDTH[charset]
    near = rng.choice([767, 768, 1536, 3072]) // width + rng.choice([-1, 0, 0, 1])
    length = max(1, min(near, 3072 // width))
    kind = rng.choice(["varchar", "prefix", "blob"])
    if kind == "varchar":
        return f"VARCHAR({length}) CHARACTER SET {charset}", "", length * width
    if kind == "prefix":
        return f"TEXT CHARACTER SET {charset}", f"({length})", length * width
    bytes_ = min(length * width, 3072)
    return "BLOB", f"({bytes_})", bytes_


def small_column(rng):
    return rng.choice([
        ("INT", 4), ("BIGINT", 8), ("DECIMAL(20,5)", 10), ("DATETIME(3)", 7), ("TIMESTAMP(6) NULL", 7), ("TIME(1)", 4),
        ("ENUM('a','b,c')", 1), ("SET('a','b','c','d','e','f','g','h','i')", 2), ("BIT(17)", 3), ("YEAR", 1),
        ("DATE", 3), ("FLOAT", 4), ("DOUBLE", 8), ("CHAR(10) CHARACTER SET latin1", 10),
        ("CHAR(10) CHARACTER SET utf8mb4", 40), ("BINARY(33)", 33), ("MEDIUMINT UNSIGNED", 3),
    ])


def keyed(rng):
    definition, part, size = key_column(rng)
    columns, parts = [f"id INT NOT NULL PRIMARY KEY", f"a {definition}"], ["a" + part]
    for i in range(rng.randrange(4)):
        other, more = small_column(rng)
        if size + more > 3072:
            break
        size += more
        columns.append(f"b{i} {other}")
        parts.append(f"b{i}")
    return columns + [f"{rng.choice(['KEY', 'KEY', 'UNIQUE KEY'])} k ({', '.join(parts)})"]


def wide(rng):
    """Rows near half a page, of columns of one size."""
    columns = ["id INT NOT NULL PRIMARY KEY"] if rng.random() < 0.7 else []
    null = rng.choice(["", " NOT NULL"])
    definition, size = rng.choice([
        ("VARCHAR(30) CHARACTER SET latin1", 31), ("VARCHAR(255) CHARACTER SET utf8mb4", 41), ("TEXT", 41),
        ("BINARY(100)", 100), ("BIGINT", 8), ("CHAR(9) CHARACTER SET utf8mb4", 37), ("VARCHAR(39) CHARACTER SET latin1", 40),
        ("VARCHAR(300) CHARACTER SET latin1", 302),
    ])
    half = rng.choice([1982, 4030, 8126])
    count = max(1, min(half // size + rng.randrange(-2, 2), 800))
    columns += [f"c{i} {definition}{null}" for i in range(count)]
    left = half - count * size - 22
    if 0 < left < 256:
        columns.append(f"rest BINARY({max(1, left + rng.randrange(-8, 6))}) NOT NULL")
    return columns


def main():
    rng = random.Random(int(sys.argv[1]))
    many = [f"c{i}" for i in range(17)]  # MariaDB's keys may have 32 columns, MySQL's 16
    print(f"CREATE TABLE many ({', '.join(c + ' TINYINT' for c in many)}, KEY k ({', '.join(many)})) ENGINE=InnoDB ROW_FORMAT=DYNAMIC;")
    texts = ", ".join(f"c{i} TEXT" for i in range(250))
    print(f"CREATE TABLE texts (id INT NOT NULL PRIMARY KEY, {texts}) ENGINE=InnoDB ROW_FORMAT=DYNAMIC;")
    for i in range(int(sys.argv[2])):
        columns = keyed(rng) if i % 2 else wide(rng)
        form = rng.choice(["", "", " ROW_FORMAT=DYNAMIC", " ROW_FORMAT=COMPACT"])
        print(f"CREATE TABLE t{i} ({', '.join(columns)}) ENGINE=InnoDB{form};")


main()
