#!/bin/bash
# rsyslog.sh - lines by a log socket (the journal of a twin passes none on) and over the network arrive in files, also in one that was rotated.
set -eu
arrives() { for _ in $(seq 40); do grep -q "$1" "$2" 2> /dev/null && return 0; sleep 0.1; done; echo "$1 is not in $2"; return 1; }
logger -u /run/gird-log -t gird-test "by the socket $$"
arrives "by the socket $$" /var/log/syslog
logger -u /run/gird-log -p authpriv.info -t gird-test "about a login $$"
arrives "about a login $$" /var/log/auth.log
logger -n 127.0.0.1 -P 5140 -d -t gird-test "by the network $$"
arrives "by the network $$" /var/log/syslog
mv /var/log/syslog /var/log/syslog.gird
pkill -HUP -x rsyslogd
sleep 0.3
logger -u /run/gird-log -t gird-test "after the rotation $$"
arrives "after the rotation $$" /var/log/syslog
