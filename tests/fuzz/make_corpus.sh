#!/usr/bin/env bash
# Captures the committed corpus anew from live servers: tests/fuzz/make_corpus.sh
# Each file is the format event of a binlog and one or a few transactions of it.
set -euo pipefail
. "$(dirname "$0")/../server/lib.sh"
CORPUS=$DTS_SOURCE_DIR/tests/fuzz/corpus

# split NAME FILE...: transactions of at most 6,000 bytes.
split() {
  python3 - "$CORPUS/$1" "${@:2}" <<'END'
import struct, sys
prefix, paths = sys.argv[1], sys.argv[2:]
gtid_types, seen, number = {33, 34, 42, 162}, set(), 0
for path in paths:
    data = open(path, "rb").read()
    events, at = [], 4
    while at + 19 <= len(data):
        size = struct.unpack_from("<I", data, at + 9)[0]
        events.append(data[at:at + size])
        at += size
    format_event, groups = events[0], []
    for event in events[1:]:
        if event[4] in gtid_types or not groups:
            groups.append([])
        groups[-1].append(event)
    for group in groups:
        kinds = tuple(event[4] for event in group)
        body = b"".join(group)
        # One of each form, and of each table.
        form = (kinds, b"".join(event[27:60] for event in group if event[4] == 19))
        if len(body) > 6000 or form in seen:
            continue
        seen.add(form)
        open(f"{prefix}-{number:03}", "wb").write(b"E" + bytes([number % 251]) + format_event + body)
        number += 1
END
}

# Without the tables that have large values.
small() { awk -v RS=';\n' '!/(TABLE|INTO) (texts|bytes) / { print $0 ";" }' "$1"; }

rm -f "$CORPUS"/m*-[0-9]*
start_source
small "$LIB_FOLDER/types.sql" | client source
sql source "CREATE DATABASE more; USE more; CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(200), b BLOB COMPRESSED, c CHAR(5)); CREATE TABLE m (id INT) ENGINE=MyISAM;
  INSERT INTO t SELECT seq, REPEAT('x', seq), REPEAT('y', 200), 'c' FROM seq_1_to_9; UPDATE t SET a = '' WHERE id > 5; DELETE FROM t WHERE id > 7;
  BEGIN; INSERT INTO t VALUES (10, NULL, NULL, NULL); SAVEPOINT s; UPDATE t SET id = 11 WHERE id = 10; INSERT INTO m VALUES (1); ROLLBACK TO s; COMMIT;
  XA START 'a', 'b', 3; DELETE FROM t WHERE id = 1; XA END 'a', 'b', 3; XA PREPARE 'a', 'b', 3; XA COMMIT 'a', 'b', 3;
  XA START 'r'; DELETE FROM t WHERE id = 1; XA END 'r'; XA PREPARE 'r'; XA ROLLBACK 'r'; XA START 'o'; DELETE FROM t; XA END 'o'; XA COMMIT 'o' ONE PHASE;
  SET GLOBAL log_bin_compress = ON, GLOBAL log_bin_compress_min_len = 10; CREATE TABLE z (a TEXT); INSERT INTO z VALUES (REPEAT('z', 5000)); UPDATE z SET a = 'short'; DELETE FROM z;
  GRANT SELECT ON more.* TO a@b IDENTIFIED BY 'x'; ANALYZE TABLE z; SET GLOBAL mysql56_temporal_format = OFF;
  CREATE TABLE old (t TIME, d DATETIME, s TIMESTAMP NULL); INSERT INTO old VALUES ('-10:00:00', '2024-01-01', '2024-01-01'); FLUSH BINARY LOGS" >/dev/null
split mariadb "$WORK"/source/data/binlog.??????
crash_server source
rm -rf "$WORK/source"
start_source mysql-9.7
small "$LIB_FOLDER/recorded-mysql.sql" | sed -E 's/REPEAT\(.x., (70000|1000)\)/REPEAT("x", 500)/g; s/n < 3000/n < 20/' | client source
{ echo "CREATE DATABASE p; USE p; SET binlog_row_value_options = PARTIAL_JSON;"; sed 's/80000/300/' "$LIB_FOLDER/recorded-json.sql"; } | client source
sql source "FLUSH BINARY LOGS"
split mysql "$WORK"/source/data/binlog.??????
cut -f 4 "$DTS_SOURCE_DIR/tests/unit/golden/json-9.7.txt" | awk -v folder="$CORPUS" 'length($0) < 3000 && /^x:/ && n < 20 { print substr($0, 3) > folder "/" sprintf("json-%03d.hex", n++) }'
for file in "$CORPUS"/json-*.hex; do
  bytes=$(($(wc -c <"$file") / 2))
  { printf 'J\0'; printf "\\x$(printf %02x $((bytes % 256)))\\x$(printf %02x $((bytes / 256)))"; xxd -r -p "$file"; } >"${file%.hex}"
  rm "$file"
done
printf 'T\0{"a": [1, -2.5, 1e300, true, null, "\\u00e9\\n"], "": {}}' >"$CORPUS/text-000"
du -sh --apparent-size "$CORPUS"
