# Databases in the style of well-known applications (schemas/*.sql), rows for them, and what their
# objects look like. To be sourced after lib.sh.

SCHEMAS=(wiki store blog monitor erp)

# rows_for NAME FIRST LAST: INSERT statements for every table, one row for each number: the number is
# in every value, so that foreign keys find their parents. The third row is NULL where it may be; the
# last one is made of defaults, where there are some and no key is concerned.
rows_for() {
  local n values srid="'0'"
  ! is_mysql "$1" || srid="IFNULL(SRS_ID, 0)"
  echo "SET SESSION sql_mode = '', foreign_key_checks = 0;"
  for ((n = $2; n <= $3; n++)); do
    values="IF($n = 3 AND may_be_null, 'NULL', v)"
    ((n < $3)) || values="IF(has_default, 'DEFAULT', v)"
    client "$1" --raw <<SQL
SET group_concat_max_len = 16777216;
SELECT REPLACE(CONCAT('INSERT INTO ', t, ' (', GROUP_CONCAT(q ORDER BY p), ') VALUES (', GROUP_CONCAT($values ORDER BY p), ');'), '@n', '$n')
FROM (SELECT CONVERT(CONCAT('\`', REPLACE(c.TABLE_SCHEMA, '\`', '\`\`'), '\`.\`', REPLACE(c.TABLE_NAME, '\`', '\`\`'), '\`') USING utf8mb4) COLLATE utf8mb4_bin t,
    CONVERT(CONCAT('\`', REPLACE(COLUMN_NAME, '\`', '\`\`'), '\`') USING utf8mb4) q, ORDINAL_POSITION p,
    COLUMN_KEY = '' AND COLUMN_DEFAULT IS NOT NULL has_default, COLUMN_KEY = '' AND IS_NULLABLE = 'YES' may_be_null,
    CASE
      WHEN DATA_TYPE IN ('enum', 'set') THEN '1 + @n % 2'
      WHEN DATA_TYPE IN ('decimal', 'float', 'double') THEN '@n.5'
      WHEN DATA_TYPE = 'year' THEN '2000 + @n'
      WHEN DATA_TYPE = 'time' THEN 'SEC_TO_TIME(3600 + @n)'
      WHEN DATA_TYPE IN ('date', 'datetime', 'timestamp') THEN CONCAT('DATE_ADD(''2000-01-01'', INTERVAL ', ORDINAL_POSITION, ' * 400 + @n DAY)')
      WHEN DATA_TYPE = 'json' OR (COLUMN_TYPE = 'longtext' AND COLUMN_NAME REGEXP '^(j|data|tags|options)\$') THEN '''[@n, "é", {"x": 1.5}]'''
      WHEN DATA_TYPE IN ('point', 'geometry') THEN CONCAT('ST_GeomFromText(''POINT(@n 1)'', ', $srid, ')')
      WHEN DATA_TYPE = 'inet6' THEN '''::@n'''
      WHEN DATA_TYPE = 'inet4' THEN '''1.2.3.@n'''
      WHEN DATA_TYPE = 'uuid' THEN '''01234567-0123-4123-8123-01234567890@n'''
      WHEN DATA_TYPE LIKE '%binary' OR DATA_TYPE LIKE '%blob' THEN CONCAT('LEFT(CONCAT(@n, x''00ff275c0d0a''), ', CHARACTER_MAXIMUM_LENGTH, ')')
      WHEN DATA_TYPE LIKE '%char' OR DATA_TYPE LIKE '%text' THEN CONCAT('LEFT(''@n',
        CASE WHEN CHARACTER_SET_NAME = 'utf8mb4' AND CHARACTER_MAXIMUM_LENGTH > 3 THEN 'é😀'
             WHEN CHARACTER_SET_NAME REGEXP 'utf|ucs2|latin1' THEN 'é' ELSE 'a' END, ''', ', CHARACTER_MAXIMUM_LENGTH, ')')
      ELSE '@n' END v
  FROM information_schema.COLUMNS c JOIN information_schema.TABLES t ON BINARY t.TABLE_SCHEMA = c.TABLE_SCHEMA AND BINARY t.TABLE_NAME = c.TABLE_NAME
  WHERE c.TABLE_SCHEMA IN ($(quoted_list "${SCHEMAS[@]}")) AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND IFNULL(GENERATION_EXPRESSION, '') = '' AND COLUMN_NAME <> 'my_row_id') c
GROUP BY t ORDER BY t;
SQL
  done
}

# next_values NAME: what AUTO_INCREMENT gives next.
next_values() {
  local name=$1
  ! is_mysql "$name" || echo "SET SESSION information_schema_stats_expiry = 0;" >"$WORK/next.sql"
  is_mysql "$name" || echo >"$WORK/next.sql"
  echo "SELECT TABLE_SCHEMA, TABLE_NAME, AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ($(quoted_list "${SCHEMAS[@]}"))
    AND AUTO_INCREMENT IS NOT NULL AND (TABLE_SCHEMA, TABLE_NAME) IN (SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.COLUMNS WHERE EXTRA LIKE '%auto_increment%')" |
    cat "$WORK/next.sql" - | client "$name" | sort
}

# texts NAME: views, routines and triggers with all that they depend on; the guard of triggers and
# what schema.definer changes are taken away.
texts() {
  local name=$1 list
  list=$(quoted_list "${SCHEMAS[@]}")
  client "$name" <<SQL | sed -E 's/(\\n)?IF @dtsctl_writes IS NULL THEN ?//; s/\\n; END IF\t/\t/; s/\t(\\n)+/\t/g; s/\butf8(_[a-z_]+)?\b/utf8mb3\1/g; /^view/s/[()]//g'
SELECT 'view', TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION, CHECK_OPTION, IS_UPDATABLE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION
  FROM information_schema.VIEWS WHERE TABLE_SCHEMA IN ($list) ORDER BY 2, 3;
SELECT ROUTINE_TYPE, ROUTINE_SCHEMA, ROUTINE_NAME, DTD_IDENTIFIER, ROUTINE_DEFINITION, IS_DETERMINISTIC, SQL_DATA_ACCESS, SQL_MODE, ROUTINE_COMMENT,
  CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN ($list) ORDER BY 1, 2, 3;
SELECT 'parameter', SPECIFIC_SCHEMA, SPECIFIC_NAME, ORDINAL_POSITION, PARAMETER_MODE, PARAMETER_NAME, DTD_IDENTIFIER, CHARACTER_SET_NAME, COLLATION_NAME
  FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA IN ($list) ORDER BY 2, 3, 4;
SELECT 'trigger', TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER, TRIM(BOTH '\n' FROM TRIM(ACTION_STATEMENT)), SQL_MODE,
  CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN ($list) ORDER BY 2, 3;
SQL
}
