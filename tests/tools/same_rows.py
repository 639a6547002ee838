#!/usr/bin/env python3
"""Compares the rows of binlog_rows with those of the server's own tool, called with -vv.

   same_rows.py [--partial FILE] [--unknown FILE] OURS THEIRS

Exit code 0: the same transactions with the same rows, number by number and byte by byte. Where the
decoder has refused to go on, what it gave before is compared, and its reason must be true.

The tools print some things in ways of their own. FLOAT is compared as printed with six digits,
DOUBLE as a number; columns that MariaDB has compressed are inflated here. What mysqlbinlog does not
evaluate is left to the caller:
  --partial FILE   changes of JSON documents: "SELECT expression" and, behind a tab, our result
  --unknown FILE   GEOMETRY: the first column of the row and our value in hex
"""

import argparse
import json
import re
import sys
import zlib


class Transaction:
    def __init__(self, gtid):
        self.gtid = gtid
        self.rows = []  # of (verb and table, before, after); images are lists of (value, type)
        self.savepoints = []
        self.ended = False
        self.incomplete = False  # some row has not all columns


def add_line(transaction, line):
    """A line that begins with ###, of either side."""
    text = line[4:]
    if text.startswith((b"INSERT INTO", b"UPDATE", b"DELETE FROM")):
        transaction.rows.append((text, [], []))
    elif text.startswith((b"WHERE", b"SET")):
        transaction.image = transaction.rows[-1][1 if text.startswith(b"WHERE") else 2]
    else:
        if text.startswith(b"     "):  # an expression that goes on
            number = len(transaction.image)
            value = transaction.image.pop()[0] + b" " + text.strip()
        else:
            number, value = re.fullmatch(rb"  @(\d+)=(.*)", text).groups()
        comment = re.fullmatch(rb"(.*?) +/\* (\S.*) meta=\d+ nullable=\d is_null=\d \*/", value)
        value, kind = comment.groups() if comment else (value, b"")
        transaction.image.append((value, kind))
        if int(number) != len(transaction.image):
            transaction.incomplete = True


def read_ours(path):
    transactions, refused = [], None
    for line in open(path, "rb").read().split(b"\n"):
        if line.startswith(b"# GTID "):
            transactions.append(Transaction(line[7:]))
        elif line.startswith(b"# REFUSED: "):
            refused = line[11:]
        elif line.startswith(b"###"):
            add_line(transactions[-1], line)
    return transactions, refused


def read_theirs(path):
    transactions = []
    for line in open(path, "rb").read().split(b"\n"):
        gtid = re.search(rb"^#\d{6} .*\tGTID (\d+-\d+-\d+)", line) or re.match(
            rb"SET @@SESSION.GTID_NEXT= '(?!AUTOMATIC)(.*)'/\*!\*/;", line)
        if gtid:
            transactions.append(Transaction(gtid.group(1)))
            continue
        if not transactions:
            continue
        current = transactions[-1]
        if line.startswith(b"###") and not line.startswith(b"### Extra row info"):
            try:
                add_line(current, line)
            except AttributeError:
                sys.exit(f"cannot read {line[:200]!r}")
        elif line.startswith(b"SAVEPOINT "):
            current.savepoints.append((line[10:].lower(), len(current.rows)))
        elif line.startswith(b"ROLLBACK TO "):
            while current.savepoints[-1][0] != line[12:].lower():
                current.savepoints.pop()
            del current.rows[current.savepoints[-1][1]:]
        elif line == b"ROLLBACK":
            current.rows.clear()
        elif line in (b"COMMIT", b"COMMIT/*!*/;") or line.startswith((b"XA PREPARE", b"XA COMMIT")):
            current.ended = True
    # What the file ends in the middle of.
    if transactions and transactions[-1].rows and not transactions[-1].ended:
        transactions.pop()
    return transactions


def inflated(value):
    """The value of a COMPRESSED column as the tool of MariaDB prints it."""
    raw = re.sub(rb"\\x([01][0-9a-f])", lambda m: bytes([int(m[1], 16)]), value[1:-1])
    if not raw:
        return value
    if raw[0] >> 4:
        raw = zlib.decompress(raw[1 + (raw[0] & 7):], -15 if raw[0] & 8 else 15)
    else:
        raw = raw[1:]
    return b"'" + re.sub(rb"[\x00-\x1f]", lambda m: b"\\x%02x" % m[0][0], raw) + b"'"


def unescaped(value):
    return re.sub(rb"\\(['\\])", rb"\1", value[1:-1])


def same_value(ours, theirs, kind):
    if ours == theirs:
        return True
    if b"NULL" in (ours, theirs):
        return False
    if kind == b"FLOAT":
        return b"%g" % float(ours) == theirs
    if kind == b"DOUBLE":
        return float(ours) == float(theirs)
    if kind == b"JSON" and ours.startswith(b"'\""):  # a document that is a string: not as JSON
        return json.loads(unescaped(ours)) == unescaped(theirs).decode()
    if kind.endswith(b"COMPRESSED"):
        return ours == inflated(theirs)
    return False


class Comparison:
    def __init__(self, partial, unknown):
        self.partial, self.unknown = partial, unknown
        self.rows = self.values = self.left_to_caller = 0

    def left(self, file, text):
        if file is None:
            sys.exit("this needs --partial or --unknown")
        file.write(text + b"\n")
        self.left_to_caller += 1

    def image(self, ours, theirs, before, place):
        for i, (value, kind) in enumerate(theirs):
            self.values += 1
            if value.startswith(b"!!"):
                self.left(self.unknown, ours[0][0] + b"\t" + ours[i][0][2:-1])
                return
            if value == b"@%d" % (i + 1):  # not changed
                value = before[i][0]
            if re.match(rb"JSON_(REPLACE|SET|INSERT|ARRAY_INSERT|REMOVE)\(", value):
                document = b"CAST(" + before[i][0] + b" AS JSON)"
                expression = value.replace(b"@%d" % (i + 1), document)
                self.left(self.partial, b"SELECT " + expression + b"\t" + unescaped(ours[i][0]))
            elif i >= len(ours) or not same_value(ours[i][0], value, kind):
                mine = ours[i][0] if i < len(ours) else b"(missing)"
                sys.exit(f"{place}, @{i + 1} ({kind.decode()}):\n  {mine[:300]!r}\nagainst\n"
                         f"  {value[:300]!r}")
        if len(ours) != len(theirs):
            sys.exit(f"{place}: {len(ours)} columns against {len(theirs)}")

    def transaction(self, ours, theirs):
        place = f"transaction {theirs.gtid.decode()}"
        if ours.gtid != theirs.gtid:
            sys.exit(f"{place}: ours is {ours.gtid.decode()}")
        if theirs.incomplete:
            sys.exit(f"{place}: a row has not all columns, and was not refused")
        if len(ours.rows) != len(theirs.rows):
            sys.exit(f"{place}: {len(ours.rows)} rows against {len(theirs.rows)}")
        for i, (mine, other) in enumerate(zip(ours.rows, theirs.rows)):
            where = f"{place}, row {i + 1}, {other[0].decode()}"
            if mine[0] != other[0]:
                sys.exit(f"{where}: ours is {mine[0]!r}")
            for n in (1, 2):
                # Behind what it does not know, mysqlbinlog leaves the row.
                if n == 2 and other[1] and other[1][-1][0].startswith(b"!!"):
                    continue
                self.image(mine[n], other[n], other[1], where)
            self.rows += 1


def is_true(reason, next_transaction, text):
    """Whether what the server's tool shows is what the decoder says."""
    if b"the row image is not complete" in reason:
        return next_transaction is not None and next_transaction.incomplete
    statement = re.match(rb"cannot apply '(.*)': it was logged as a statement", reason, re.S)
    if statement:
        return statement.group(1).removesuffix(b"...") in text
    if b"before 5.6" in reason:
        return re.search(rb"server v (4|5\.[0-5])\.", text) is not None
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--partial", type=argparse.FileType("wb"))
    parser.add_argument("--unknown", type=argparse.FileType("wb"))
    parser.add_argument("ours")
    parser.add_argument("theirs")
    arguments = parser.parse_args()
    ours, refused = read_ours(arguments.ours)
    theirs = read_theirs(arguments.theirs)
    comparison = Comparison(arguments.partial, arguments.unknown)
    for mine, other in zip(ours, theirs):
        comparison.transaction(mine, other)
    if len(ours) > len(theirs) or (len(ours) < len(theirs) and refused is None):
        sys.exit(f"{len(ours)} transactions against {len(theirs)}")
    if refused is not None:
        following = theirs[len(ours)] if len(theirs) > len(ours) else None
        if not is_true(refused, following, open(arguments.theirs, "rb").read()):
            sys.exit(f"refused without a good reason: {refused.decode()}")
    print(f"{len(ours)} transactions, {comparison.rows} rows, {comparison.values} values"
          + (f", {comparison.left_to_caller} by the server" if comparison.left_to_caller else "")
          + (f"; refused: {refused.decode()}" if refused is not None else ""))


main()
