#!/bin/bash
# redis.sh - keys, a snapshot, the append-only file, its rewriting, the configuration rewritten, a script, a subscription.
set -eu
redis() { redis-cli "$@"; }
[ "$(redis ping)" = PONG ]
[ "$(redis set gird-test 1)" = OK ] && [ "$(redis incr gird-test)" = 2 ]
for i in $(seq 200); do echo "SET gird-$i $i"; done | redis > /dev/null
[ "$(redis eval 'return redis.call("get", KEYS[1])' 1 gird-7)" = 7 ]
before=$(redis lastsave)
[ "$(redis config set appendonly yes)" = OK ]
for _ in $(seq 40); do redis info persistence | grep -q 'aof_rewrite_in_progress:0' && break; sleep 0.1; done
sleep 1 # lastsave counts in seconds
redis bgsave > /dev/null
for _ in $(seq 40); do [ "$(redis lastsave)" -gt "$before" ] && break; sleep 0.1; done
[ "$(redis lastsave)" -gt "$before" ]
redis info persistence | grep -q 'rdb_last_bgsave_status:ok'
redis info persistence | grep -q 'aof_last_bgrewrite_status:ok'
[ "$(redis config rewrite)" = OK ]
