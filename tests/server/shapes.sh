# A small database with every shape of table, and a writer for it. Part of lib.sh.
#
#   load_shapes SERVER [N]        database "shop", some 10 * N rows
#   start_shapes_writers [RATE]   two writers; RATE row changes a second each
#   stop_shapes_writers
# The writers need N to be the same; it stays in $SHAPES.

load_shapes() {
  SHAPES=${2:-2000}
  { echo "SET @n = $SHAPES;" && cat "$LIB_FOLDER/shapes.sql"; } | client "$1"
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
