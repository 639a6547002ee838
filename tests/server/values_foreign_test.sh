#!/usr/bin/env bash
# values_test.sh on other servers than the host's.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
need_servers mysql-9.7 mariadb-10.5 mariadb-11.8
for pair in mysql-9.7 "mariadb-10.5 mariadb-11.8" "mariadb-11.8 mariadb-10.11" "mysql-9.7 mariadb-10.11" "mariadb-10.11 mysql-9.7"; do
  bash "$LIB_FOLDER/values_test.sh" $pair || die "values_test.sh $pair"
done
