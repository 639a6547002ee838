#!/usr/bin/env bash
# types_test.sh on other servers than the host's.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
need_servers mysql-9.7 mariadb-10.5 mariadb-11.8
for pair in mysql-9.7 mariadb-11.8 "mariadb-10.5 mariadb-11.8"; do
  bash "$LIB_FOLDER/types_test.sh" $pair || die "types_test.sh $pair"
done
