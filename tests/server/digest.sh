# Comparing two servers by what they compute themselves; shares no code with dtsctl. Part of lib.sh.
#
# One query per table: the number of rows, the sum of CRC32 and the exclusive or of half an MD5 of
# each row's text. The sum tells pairs of equal rows apart, in which an exclusive or is blind. The
# text of a row begins with a mask of its NULLs, so NULL and '' differ; everything of variable
# content is in hexadecimal digits, so no separator can be imitated.
#   FLOAT * 1e0 is the same number as DOUBLE, which prints exactly; FLOAT itself prints 6 digits
#   ENUM and SET count by number and by text; long values by length and MD5

# Prints the digest queries for all base tables of some databases.
digest_queries() {
  local name=$1 list
  shift
  list=$(printf "'%s'," "$@")
  client "$name" <<END
SET group_concat_max_len = 16777216;
SELECT CONCAT('SELECT ''', REPLACE(CONCAT(c.TABLE_SCHEMA, '.', c.TABLE_NAME), '''', ''''''),
    ''', COUNT(*), IFNULL(SUM(CRC32(r)), 0), ',
    'BIT_XOR(CAST(CONV(LEFT(MD5(r), 16), 16, 10) AS UNSIGNED)), ',
    'IFNULL(SUM(r IS NULL), 0) FROM (SELECT CONCAT_WS(''#'', CONCAT(',
    GROUP_CONCAT(CONCAT('ISNULL(', q, ')') ORDER BY c.ORDINAL_POSITION), '), ',
    GROUP_CONCAT(CASE
      WHEN c.DATA_TYPE = 'float' THEN CONCAT('CAST(', q, ' * 1e0 AS CHAR)')
      WHEN c.DATA_TYPE = 'bit' THEN CONCAT('HEX(', q, ' + 0)')
      WHEN c.DATA_TYPE IN ('enum', 'set') THEN CONCAT(q, ' + 0, HEX(', q, ')')
      WHEN c.DATA_TYPE IN ('char', 'varchar', 'binary', 'varbinary') THEN CONCAT('HEX(', q, ')')
      WHEN c.DATA_TYPE REGEXP 'text|blob|geometry|point|linestring|polygon'
        THEN CONCAT('LENGTH(', q, '), MD5(', q, ')')
      ELSE CONCAT('CAST(', q, ' AS CHAR)')
    END ORDER BY c.ORDINAL_POSITION), ') r FROM ',
    '\`', REPLACE(c.TABLE_SCHEMA, '\`', '\`\`'), '\`.\`', REPLACE(c.TABLE_NAME, '\`', '\`\`'), '\`) t;')
FROM (SELECT *, CONCAT('\`', REPLACE(COLUMN_NAME, '\`', '\`\`'), '\`') q
      FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (${list%,})) c
JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)
WHERE t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
GROUP BY c.TABLE_SCHEMA, c.TABLE_NAME ORDER BY c.TABLE_SCHEMA, c.TABLE_NAME;
END
}

# digests NAME DATABASE...: "table rows crc-sum md5-xor" a line, tab-separated.
digests() {
  local name=$1
  {
    echo "SET time_zone = '+00:00';"
    digest_queries "$@"
  } | client "$name" --raw >"$WORK/$name.digests"
  # A row text larger than max_allowed_packet would be NULL and compare equal to anything.
  if awk -F'\t' '$5 != 0' "$WORK/$name.digests" | grep .; then die "rows too long to be digested"; fi
  cut -f1-4 "$WORK/$name.digests" | sort
}

# definitions NAME DATABASE...: what the objects are, comparable between servers. The definer of a
# routine, view or trigger and a trigger's guard may differ by intent, so those count by name.
definitions() {
  local name=$1 list
  shift
  list=$(printf "'%s'," "$@")
  client "$name" --raw <<END | client "$name" | sed -E 's/ AUTO_INCREMENT=[0-9]+//'
SELECT CONCAT('SHOW CREATE ', IF(TABLE_TYPE = 'SEQUENCE', TABLE_TYPE, 'TABLE'), ' \`', REPLACE(TABLE_SCHEMA, '\`', '\`\`'), '\`.\`',
  REPLACE(TABLE_NAME, '\`', '\`\`'), '\`;')
FROM information_schema.TABLES
WHERE TABLE_SCHEMA IN (${list%,}) AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')
ORDER BY TABLE_SCHEMA, TABLE_NAME;
END
  sql "$name" "SELECT 'database', SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA
      WHERE SCHEMA_NAME IN (${list%,}) ORDER BY 2;
    SELECT 'view', TABLE_SCHEMA, TABLE_NAME FROM information_schema.VIEWS
      WHERE TABLE_SCHEMA IN (${list%,}) ORDER BY 2, 3;
    SELECT ROUTINE_TYPE, ROUTINE_SCHEMA, ROUTINE_NAME, MD5(ROUTINE_DEFINITION)
      FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN (${list%,}) ORDER BY 1, 2, 3;
    SELECT 'trigger', TRIGGER_SCHEMA, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, EVENT_OBJECT_TABLE
      FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (${list%,}) ORDER BY 2, 3"
}

# compare_servers DATABASE...: what differs goes to stderr.
compare_servers() {
  local server
  for server in source target; do
    digests "$server" "$@" >"$WORK/$server.compare"
    definitions "$server" "$@" >"$WORK/$server.definitions"
  done
  [[ -s $WORK/source.compare ]] || die "no tables to compare"
  diff --label source --label target -U0 "$WORK/source.compare" "$WORK/target.compare" >&2 &&
    diff --label source --label target -U2 "$WORK/source.definitions" "$WORK/target.definitions" >&2
}

# The same for a test: ends it if they differ.
must_be_equal() {
  compare_servers "$@" || die "source and target differ"
}
