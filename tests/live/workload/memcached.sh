#!/bin/bash
# memcached.sh - set, get, increment and statistics, over a hundred connections.
set -eu
ask() { # what to say, what must come back
        exec 3<> /dev/tcp/127.0.0.1/11211
        printf '%b' "$1\r\nquit\r\n" >&3
        cat <&3 | grep -q "$2"
        exec 3<&-
}
ask 'set gird 0 0 2\r\n41' STORED
ask 'incr gird 1' 42
for _ in $(seq 100); do ask 'get gird' 42; done
ask 'stats' 'STAT get_hits'
