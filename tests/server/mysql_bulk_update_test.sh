#!/usr/bin/env bash
# bulk_update_test.sh between two MySQL servers.
exec bash "$(dirname "$0")/bulk_update_test.sh" mysql-9.7
