#!/bin/bash
# postgresql.sh - tables, an index, a checkpoint, a query that is compiled, parallel workers, a client over TCP, a dump.
set -eu
cd /
sql() { runuser -u postgres -- psql -qtAX -v ON_ERROR_STOP=1 -d gird_test "$@"; }
runuser -u postgres -- psql -qtAX -d postgres -c "DROP DATABASE IF EXISTS gird_test" -c "CREATE DATABASE gird_test"
sql -c "CREATE TABLE t AS SELECT i, md5(i::text) AS m FROM generate_series(1, 20000) AS i" -c "CREATE INDEX ON t (m)" -c "ANALYZE t"
[ "$(sql -c "SELECT count(*) FROM t WHERE m = md5('7')")" = 1 ]
sql -c "CHECKPOINT" -c "VACUUM t"
[ "$(sql -c "SET jit = on" -c "SET jit_above_cost = 0" -c "SET jit_optimize_above_cost = 0" -c "SELECT sum(i + 1) FROM t" | tail -1)" = 200030000 ]
[ "$(sql -c "SET parallel_setup_cost = 0" -c "SET parallel_tuple_cost = 0" -c "SET min_parallel_table_scan_size = 0" -c "SELECT count(*) FROM t" | tail -1)" = 20000 ]
sql -c "SET work_mem = '64kB'" -c "SELECT count(*) FROM (SELECT m FROM t ORDER BY m DESC OFFSET 0) AS s" > /dev/null
sql -c "ALTER ROLE postgres PASSWORD 'gird'"
[ "$(PGPASSWORD=gird psql -qtAX -h 127.0.0.1 -U postgres -d gird_test -c 'SELECT 1')" = 1 ]
runuser -u postgres -- pg_dump gird_test | grep -q 'CREATE TABLE public.t'
