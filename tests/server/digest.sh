# Comparing two servers by what they compute themselves; shares no code with dtsctl. Part of lib.sh.
#
# One query per table: the number of rows, the sum of CRC32 and the exclusive or of a part of SHA-2
# of each row's text. The sum tells pairs of equal rows apart, in which an exclusive or is blind. The
# text of a row begins with a mask of its NULLs, so NULL and '' differ; everything of variable
# content is in hexadecimal digits, so no separator can be imitated. All of it is written alike by
# MariaDB and MySQL (which has no MD5 any more):
#   FLOAT and DOUBLE print differently on the two, so their bits are taken out of a POINT's bytes
#   ENUM and SET count by number and by text; long values, also spatial, by length and SHA-2
#   JSON of MySQL counts as it prints: a date in it as a string, a decimal as a number
# Between servers of different kinds two things are equal that differ within one:
#   -0 and 0 as FLOAT or DOUBLE, because MariaDB 10.11 stores 0 for both
#   JSON that means the same, where one of the two is MySQL: MariaDB keeps its text as it came, MySQL
#   doesn't; normal_json.py puts both into one form

# NAME DATABASE...: its columns of MySQL's type JSON, as a list of hexadecimal names for IN ().
json_columns() {
  local name=$1
  shift
  sql "$name" "SELECT IFNULL(GROUP_CONCAT('\'', HEX(CONCAT_WS('.', TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME)), '\''), '\'\'')
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN ($(quoted_list "$@")) AND DATA_TYPE = 'json'"
}

quoted_list() {
  local list
  list=$(printf "'%s'," "$@")
  echo "${list%,}"
}

# digest_queries NAME ZERO JSON DATABASE...: prints the queries for all base tables. ZERO is added to
# floating-point columns. The columns in JSON come beside the digest of the others, row by row.
digest_queries() {
  local name=$1 zero=$2 json=$3
  shift 3
  client "$name" --raw <<END
SET group_concat_max_len = 16777216;
SELECT CONCAT('SELECT ', IF(SUM(apart), '''json'', ', ''), '''', REPLACE(CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), '''', ''''''), ''', ',
    IF(SUM(apart),
      CONCAT('IFNULL(SHA2(r, 256), ''too long''), CONCAT_WS(''#''', GROUP_CONCAT(IF(apart, CONCAT(', IFNULL(HEX(CAST(', q, ' AS CHAR)), '''')'), '')
        ORDER BY ORDINAL_POSITION SEPARATOR ''), ')'),
      'COUNT(*), IFNULL(SUM(CRC32(r)), 0), BIT_XOR(CAST(CONV(LEFT(SHA2(r, 256), 16), 16, 10) AS UNSIGNED)), IFNULL(SUM(r IS NULL), 0)'),
    ' FROM (SELECT ', GROUP_CONCAT(IF(apart, CONCAT(q, ', '), '') ORDER BY ORDINAL_POSITION SEPARATOR ''),
    'CONCAT_WS(''#'', CONCAT(', GROUP_CONCAT(CONCAT('ISNULL(', q, ')') ORDER BY ORDINAL_POSITION), ')',
    GROUP_CONCAT(CASE
      WHEN apart THEN ''
      WHEN DATA_TYPE IN ('float', 'double') THEN CONCAT(', MID(HEX(POINT(', q, '$zero, 0)), 19, 16)')
      WHEN DATA_TYPE = 'bit' THEN CONCAT(', HEX(', q, ' + 0)')
      WHEN DATA_TYPE IN ('enum', 'set') THEN CONCAT(', CAST(', q, ' AS UNSIGNED), HEX(', q, ')')
      WHEN DATA_TYPE IN ('char', 'varchar', 'binary', 'varbinary') THEN CONCAT(', HEX(', q, ')')
      WHEN DATA_TYPE = 'json' THEN CONCAT(', LENGTH(CAST(', q, ' AS CHAR)), SHA2(CAST(', q, ' AS CHAR), 256)')
      WHEN DATA_TYPE REGEXP 'text|blob|geom|point|linestring|polygon|vector' THEN CONCAT(', LENGTH(', q, '), SHA2(', q, ', 256)')
      ELSE CONCAT(', CAST(', q, ' AS CHAR)')
    END ORDER BY ORDINAL_POSITION SEPARATOR ''), ') r FROM ',
    '\`', REPLACE(TABLE_SCHEMA, '\`', '\`\`'), '\`.\`', REPLACE(TABLE_NAME, '\`', '\`\`'), '\`) t;')
FROM (SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.DATA_TYPE, c.ORDINAL_POSITION, CONCAT('\`', REPLACE(c.COLUMN_NAME, '\`', '\`\`'), '\`') q,
        HEX(CONCAT_WS('.', c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME)) IN ($json) apart
      FROM information_schema.COLUMNS c JOIN information_schema.TABLES t ON BINARY t.TABLE_SCHEMA = c.TABLE_SCHEMA AND BINARY t.TABLE_NAME = c.TABLE_NAME
      WHERE c.TABLE_SCHEMA IN ($(quoted_list "$@")) AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')) c
GROUP BY TABLE_SCHEMA, TABLE_NAME, BINARY TABLE_NAME ORDER BY TABLE_SCHEMA, TABLE_NAME;
END
}

# digests NAME ZERO JSON DATABASE...: "table rows crc-sum sha2-xor" a line, tab-separated.
digests() {
  local name=$1
  {
    echo "SET time_zone = '+00:00';"
    digest_queries "$@"
  } | client "$name" --raw >"$WORK/$name.digests" || die "the tables on $name can't be digested"
  if grep -q $'^json\t' "$WORK/$name.digests"; then
    python3 "$LIB_FOLDER/normal_json.py" <"$WORK/$name.digests" >"$WORK/$name.digests.json" || die "the JSON on $name can't be digested"
    mv "$WORK/$name.digests.json" "$WORK/$name.digests"
  fi
  # A row text larger than max_allowed_packet would be NULL and compare equal to anything.
  if awk -F'\t' '$5 != 0' "$WORK/$name.digests" | grep .; then die "rows too long to be digested"; fi
  cut -f1-4 "$WORK/$name.digests" | sort
}

# definitions NAME DATABASE...: what the objects are, comparable between servers of one kind. The
# definer of a routine, view or trigger and a trigger's guard may differ by intent, so those count by
# name.
definitions() {
  local name=$1 list
  shift
  list=$(quoted_list "$@")
  client "$name" --raw <<END | sed "1iSET time_zone = '+00:00';" | client "$name" | sed -E 's/ AUTO_INCREMENT=[0-9]+//; s/ CHARACTER SET [a-z0-9]+ COLLATE/ COLLATE/g' || die "no definitions from $name"
SELECT CONCAT('SHOW CREATE ', IF(TABLE_TYPE = 'SEQUENCE', TABLE_TYPE, 'TABLE'), ' \`', REPLACE(TABLE_SCHEMA, '\`', '\`\`'), '\`.\`',
  REPLACE(TABLE_NAME, '\`', '\`\`'), '\`;')
FROM information_schema.TABLES
WHERE TABLE_SCHEMA IN ($list) AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')
ORDER BY TABLE_SCHEMA, BINARY TABLE_NAME;
END
  other_definitions "$name" "$list"
}

other_definitions() {
  local name=$1 list=$2
  sql "$name" "SELECT 'database', SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA
      WHERE SCHEMA_NAME IN ($list) ORDER BY 2;
    SELECT 'view', TABLE_SCHEMA, TABLE_NAME FROM information_schema.VIEWS
      WHERE TABLE_SCHEMA IN ($list) ORDER BY 2, 3;
    SELECT ROUTINE_TYPE, ROUTINE_SCHEMA, ROUTINE_NAME, SHA2(ROUTINE_DEFINITION, 224)
      FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN ($list) ORDER BY 1, 2, 3;
    SELECT 'trigger', TRIGGER_SCHEMA, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, EVENT_OBJECT_TABLE
      FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN ($list) ORDER BY 2, 3" || die "no definitions from $name"
}

# shapes_of NAME JSON DATABASE...: the same for servers of different kinds, whose texts differ:
# columns, keys and foreign keys out of information_schema, in the words of both. Of a default that is
# an expression, or of a type whose defaults print differently, it says only that there is one.
shapes_of() {
  local name=$1 json=$2 list expression
  shift 2
  list=$(quoted_list "$@")
  expression="COLUMN_DEFAULT NOT LIKE '''%''' AND COLUMN_DEFAULT NOT REGEXP '^[-+0-9.e]*\$|^b''|^current_timestamp'"
  ! is_mysql "$name" || expression="EXTRA LIKE '%DEFAULT_GENERATED%' AND LOWER(COLUMN_DEFAULT) NOT LIKE 'current_timestamp%'"
  sql "$name" "SET time_zone = '+00:00';
    SELECT 'column', TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, IF(is_json, 'json', COLUMN_TYPE),
      IF(is_json, '', IFNULL(COLLATION_NAME, '')), IF(IS_NULLABLE = 'YES', 'NULL', 'NOT NULL'), CONCAT('DEFAULT ', CASE
        WHEN COLUMN_DEFAULT IS NULL OR COLUMN_DEFAULT = 'NULL' THEN 'NULL'
        WHEN DATA_TYPE REGEXP 'text|blob|json|binary' OR $expression THEN 'something'
        WHEN COLUMN_DEFAULT LIKE '''%''' THEN REPLACE(SUBSTRING(COLUMN_DEFAULT, 2, CHAR_LENGTH(COLUMN_DEFAULT) - 2), '''''', '''')
        WHEN LOWER(COLUMN_DEFAULT) LIKE 'current_timestamp%' THEN LOWER(REPLACE(COLUMN_DEFAULT, '()', ''))
        ELSE COLUMN_DEFAULT END),
      CONCAT_WS(',', IF(EXTRA LIKE '%auto_increment%', 'auto_increment', NULL), IF(EXTRA LIKE '%on update current_timestamp%', 'on update', NULL),
        IF(EXTRA LIKE '%VIRTUAL GENERATED%', 'virtual', NULL), IF(EXTRA LIKE '%STORED GENERATED%', 'stored', NULL),
        IF(EXTRA LIKE '%INVISIBLE%', 'invisible', NULL))
    FROM (SELECT *, HEX(CONCAT_WS('.', TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME)) IN ($json) is_json FROM information_schema.COLUMNS
          WHERE TABLE_SCHEMA IN ($list)) c
    WHERE (TABLE_SCHEMA, TABLE_NAME) NOT IN (SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.VIEWS) ORDER BY 2, 3, 4;
    SELECT 'key', TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, SEQ_IN_INDEX, COLUMN_NAME,
      IF(INDEX_TYPE IN ('FULLTEXT', 'SPATIAL'), INDEX_TYPE, SUB_PART)
    FROM information_schema.STATISTICS WHERE TABLE_SCHEMA IN ($list) ORDER BY 2, 3, 4, 6;
    SELECT 'foreign key', k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION, k.COLUMN_NAME,
      k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME,
      REPLACE(r.UPDATE_RULE, 'NO ACTION', 'RESTRICT'), REPLACE(r.DELETE_RULE, 'NO ACTION', 'RESTRICT')
    FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r
      ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
    WHERE k.TABLE_SCHEMA IN ($list) AND k.REFERENCED_TABLE_NAME IS NOT NULL ORDER BY 2, 3, 4, 5" | common_names || die "no definitions from $name"
  other_definitions "$name" "$list" | common_names || exit 1
}

# One name for what has several: display widths, utf8, and the default collations of UCA, which
# neither MariaDB 10.5 nor MySQL has under the other's name. Sorted, for they sort names differently.
common_names() {
  sed -E 's/\t((tiny|small|medium|big)?int)\([0-9]+\)/\t\1/; s/\tyear\(4\)/\tyear/; s/\tgeomcollection/\tgeometrycollection/
    s: /\*M?![0-9]* COMPRESSED\*/::; s/\tutf8_/\tutf8mb3_/g
    s/_(0900|uca1400_nopad|uca1400|unicode_520_nopad|unicode_520)_(ai_)?ci\b/_uca_ci/' | sort
}

# digest_pair A B DATABASE...: what there is to compare, in $WORK/NAME.compare and NAME.definitions.
# Behind "||" and "if" bash goes on after errors, so whatever may fail here says "die" itself: what one
# server can't read would otherwise be equal to what the other can't.
digest_pair() {
  local a=$1 b=$2 name zero="" json="''"
  shift 2
  if [[ ${SERVER_KIND[$a]} != "${SERVER_KIND[$b]}" ]]; then
    zero=" + 0e0"
    for name in "$a" "$b"; do
      if is_mysql "$name"; then json=$(json_columns "$name" "$@") || die "$name does not say which columns are JSON"; fi
    done
  fi
  for name in "$a" "$b"; do
    digests "$name" "$zero" "$json" "$@" >"$WORK/$name.compare"
    if [[ -z $zero ]]; then definitions "$name" "$@"; else shapes_of "$name" "$json" "$@"; fi >"$WORK/$name.definitions"
  done
  [[ -s $WORK/$a.compare ]] || die "no tables to compare"
}

# compare_pair A B DATABASE...: what differs goes to stderr.
compare_pair() {
  local a=$1 b=$2
  digest_pair "$@"
  diff --label "$a" --label "$b" -U0 "$WORK/$a.compare" "$WORK/$b.compare" >&2 &&
    diff --label "$a" --label "$b" -U2 "$WORK/$a.definitions" "$WORK/$b.definitions" >&2
}

# same_output COMMAND... -- COMMAND...: both succeed and print the same, which is not nothing; what
# differs goes to stderr.
same_output() {
  local first=()
  while [[ $1 != -- ]]; do
    first+=("$1")
    shift
  done
  shift
  "${first[@]}" >"$WORK/first.output" || die "failed: ${first[*]}"
  "$@" >"$WORK/second.output" || die "failed: $*"
  [[ -s $WORK/first.output ]] || die "nothing to compare: ${first[*]}"
  diff "$WORK/first.output" "$WORK/second.output" >&2
}

# same_result QUERY [QUERY_ON_TARGET]
same_result() { same_output sql source "$1" -- sql target "${2:-$1}"; }

compare_servers() { compare_pair source target "$@"; }

# The same for a test: ends it if they differ.
must_be_equal() {
  compare_servers "$@" || die "source and target differ"
}
