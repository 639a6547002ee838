# A small database with every shape of table, and a writer for it. Part of lib.sh.
#
#   load_shapes SERVER [N]        database "shop", some 10 * N rows
#   start_shapes_writers [RATE]   two writers; RATE row changes a second each
#   stop_shapes_writers
# The writers need N to be the same; it stays in $SHAPES.

load_shapes() {
  SHAPES=${2:-2000}
  if is_mysql "$1"; then
    { echo "SET @n = $SHAPES;" && mysql_shapes; } | client "$1"
  else
    { echo "SET @n = $SHAPES;" && cat "$LIB_FOLDER/shapes.sql"; } | client "$1"
  fi
}

# The same for MySQL, which has neither tables of numbers, made first and dropped in the end, nor MD5().
mysql_shapes() {
  sed '/^USE shop;/q' "$LIB_FOLDER/shapes.sql"
  echo "SET SESSION cte_max_recursion_depth = 1000000; CREATE TABLE seq_1_to_1000000 (seq INT PRIMARY KEY);
    INSERT INTO seq_1_to_1000000 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < GREATEST(@n, 1000)) SELECT i FROM n;"
  local most
  for most in 3 100 1000; do echo "CREATE VIEW seq_1_to_$most AS SELECT seq FROM seq_1_to_1000000 WHERE seq <= $most;"; done
  sed '1,/^USE shop;/d; s/ AS INT)/ AS SIGNED)/; s/MD5(\([^)]*\))/LEFT(SHA2(\1, 256), 32)/g' "$LIB_FOLDER/shapes.sql"
  for most in 3 100 1000; do echo "DROP VIEW seq_1_to_$most;"; done
  echo "DROP TABLE seq_1_to_1000000;"
}

start_shapes_writers() {
  local who
  for who in 1 2; do start_writer "writer$who" shapes_writer "$who" "${1:-500}"; done
}

stop_shapes_writers() {
  local who
  for who in 1 2; do stop_writer "writer$who"; done
}

# Rows that a writer adds are numbered by the time of its start, so a second one adds others.
shapes_writer() {
  LC_ALL=C exec awk -v who="$1" -v rate="$2" -v stop_file="$3" -v n="$SHAPES" -v seed="$SEED" \
    -v round="${EPOCHSECONDS}" -f "$LIB_FOLDER/shapes_writer.awk"
}
