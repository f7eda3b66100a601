#!/bin/bash
# trial.sh - gird try in twins of this machine: real nginx, redis and sshd, and small units that
# do one thing wrong.  Usage: trial.sh [GIRD]     (root; GIRD is build/gird)
set -u
GIRD=$(realpath -- "${1:-build/gird}")
FAILED=0

skip() { echo "skipped trial: $1"; exit 0; }
[ -x "$GIRD" ] || { echo "$GIRD cannot be run"; exit 2; }
[ "$(id -u)" = 0 ] || skip "needs root"
command -v systemd-nspawn >/dev/null || skip "needs systemd-nspawn"

# The unit's last profile is kept below /var/lib/gird: not this machine's, here.
if [ -z "${GIRD_TEST_INSIDE:-}" ]; then
        mkdir -p /var/lib/gird
        GIRD_TEST_INSIDE=1 exec unshare --mount --propagation private -- "$0" "$GIRD"
fi
mount -t tmpfs tmpfs /var/lib/gird || skip "cannot mount"

UNITS=$(mktemp -d /tmp/gird-test-trial.XXXX)
trap 'rm -rf "$UNITS"' EXIT
trap 'exit 1' INT TERM HUP

OUT= STATUS=
# One second to settle is enough here, but where a test says otherwise.
try() { OUT=$(timeout 150 "$GIRD" try --quiet --no-color --settle 1 "$@" 2>&1); STATUS=$?; }
ok() { echo "ok   $1"; }
fail() { echo "not ok $1"; printf '%s\n' "$OUT" | head -40 | sed 's/^/     | /'; FAILED=1; }
# expect WHAT STATUS TEXT…: that exit status, and all of these in the output
expect() {
        local what=$1 status=$2 text
        shift 2
        [ "$STATUS" = "$status" ] || { fail "$what: exit status $STATUS, not $status"; return; }
        for text; do
                case $OUT in *"$text"*) ;; *) fail "$what: no '$text' in"; return ;; esac
        done
        ok "$what"
}
lacks() { case $OUT in *"$2"*) fail "$1: '$2' is in" ;; *) ok "$1" ;; esac; }
unit() { cat > "$UNITS/$1"; }
have() { [ -e "/lib/systemd/system/$1" ] || [ -e "/usr/lib/systemd/system/$1" ]; }

state() { # what of the host must not change
        find /etc/systemd /run/systemd/system -xdev 2>/dev/null | sort
        for name in nginx redis-server sshd; do pgrep -x -c $name; done
}
BEFORE=$(state)

if have nginx.service; then
        try nginx --settle 3 -p PrivateTmp=yes -p ProtectHome=yes -p ProtectKernelTunables=yes -p ProtectClock=yes
        expect "nginx holds with what it does not need" 0 "nginx.service: held" "listens again on"
        try nginx -p ProtectSystem=strict -p PrivateTmp=yes
        expect "nginx cannot write its PID file on a strict system" 1 "nginx.service: broke" \
                "suspect: ProtectSystem" "ExecStartPre=" "Read-only file system"
        lacks "and PrivateTmp= is not suspected of it" "suspect: PrivateTmp"
        try nginx -p PrivateNetwork=yes
        expect "nginx in a network of its own is out of reach" 1 "broke" "suspect: PrivateNetwork" \
                "FAILED  listens again on tcp 0.0.0.0:80"
        try nginx -p CapabilityBoundingSet=CAP_DAC_OVERRIDE -p ProtectHome=yes
        expect "nginx without its capabilities names the one it lacks" 1 "broke" \
                "suspect: CapabilityBoundingSet" "CAP_"
        try nginx -p DevicePolicy=strict
        expect "a strict device policy takes /dev/null away" 1 "broke" "208/STDIN" "suspect: DevicePolicy"
        try nginx -p ReadWritePaths=/no/such/path -p ProtectHome=yes
        expect "an absent path is named before and after the start" 1 "broke" "226/NAMESPACE" \
                "check: ReadWritePaths=/no/such/path" "suspect: ReadWritePaths"
        lacks "and ProtectHome= is not suspected of it" "suspect: ProtectHome"
else
        echo "skipped trial-nginx: nginx is not installed"
fi

if have redis-server.service; then
        try redis-server -p PrivateIPC=yes -p ProcSubset=pid --probe 'redis-cli ping | grep -q PONG'
        expect "redis holds, and its probe passes" 0 "redis-server.service: held" \
                "passed  redis-cli ping"
        try redis-server -p RestrictAddressFamilies=AF_UNIX
        expect "redis cannot listen without AF_INET, as its log file says" 1 "broke" \
                "suspect: RestrictAddressFamilies" "/var/log/redis/"
        try redis-server -p 'SystemCallFilter=~@file-system'
        expect "redis is killed by the filter" 1 "broke" "SIGSYS" "suspect: SystemCallFilter"
        try redis-server -p User=gird-no-such-user
        expect "an unknown user is named" 1 "broke" "217/USER" "there is no user of that name" "suspect: User"
        try redis-server -p ReadOnlyPaths=/var/lib/redis
        expect "redis that cannot save refuses to stop" 1 "broke" "does not stop cleanly" \
                "suspect: ReadOnlyPaths"
else
        echo "skipped trial-redis: redis-server is not installed"
fi

if have ssh.service; then
        try ssh -p PrivateTmp=yes
        expect "sshd holds, with a word about those who log in" 0 "ssh.service: held" "starts programs for others"
else
        echo "skipped trial-sshd: sshd is not installed"
fi

unit gird-bent.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'touch /etc/gird-bent; exec sleep 1000'
	END
try "$UNITS/gird-bent.service" -p ProtectSystem=full
expect "a refusal that it survives bends" 1 "gird-bent.service: bent" "/etc/gird-bent" "suspect: ProtectSystem"
try "$UNITS/gird-bent.service" -p ProtectSystem=yes
expect "a weaker value holds" 0 "held"

unit gird-broken.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'echo I am broken anyway; exit 3'
	END
try "$UNITS/gird-broken.service" -p PrivateTmp=yes
expect "a unit that fails anyway blames no directive" 3 "baseline-failed" "I am broken anyway"
lacks "not one" "suspect:"

unit gird-flaky.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'test -e /var/tmp/seen && exec sleep 1000; touch /var/tmp/seen; exit 1'
	Restart=always
	RestartSec=10
	END
try "$UNITS/gird-flaky.service" -p PrivateDevices=yes
expect "a unit that comes and goes proves nothing" 3 "flaky"

unit gird-condition.service <<-END
	[Unit]
	ConditionPathExists=/no/such/file
	[Service]
	ExecStart=/bin/sleep 1000
	END
try "$UNITS/gird-condition.service" -p PrivateTmp=yes
expect "a condition that says no is named" 3 "not-tried" "ConditionPathExists=/no/such/file"
try "$UNITS/gird-condition.service" -p PrivateTmp=yes --ignore-conditions
expect "and can be ignored" 0 "held"

unit gird-oneshot.service <<-END
	[Service]
	Type=oneshot
	ExecStart=/bin/touch /var/lib/gird-oneshot
	END
try "$UNITS/gird-oneshot.service" -p PrivateTmp=yes
expect "a oneshot holds when it ends well" 0 "held"
try "$UNITS/gird-oneshot.service" -p ProtectSystem=strict
expect "a oneshot breaks when it does not" 1 "broke" "suspect: ProtectSystem"

unit gird-notify.service <<-END
	[Service]
	Type=notify
	NotifyAccess=all
	TimeoutStartSec=3
	ExecStart=/bin/sh -c 'systemd-notify --ready; exec sleep 1000'
	END
try "$UNITS/gird-notify.service" -p RestrictAddressFamilies=AF_INET
expect "readiness that cannot be told times out" 1 "broke" "Type=notify" "suspect: RestrictAddressFamilies"

unit gird-socket.socket <<-END
	[Socket]
	ListenStream=127.0.0.1:7071
	END
unit gird-socket.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'test "\$LISTEN_FDS" = 1 && exec sleep 1000'
	END
try "$UNITS/gird-socket.service" -p PrivateTmp=yes
expect "a service gets its socket first" 0 "held" "listens again on tcp 127.0.0.1:7071"

unit gird-hostile.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'printf "\\\\033[2J\\\\033]0;owned\\\\007 Permission denied\\\\n"; exec sleep 1000'
	END
try "$UNITS/gird-hostile.service" -p PrivateTmp=yes --probe 'printf "\033[31mred"; exit 1'
case $OUT in *$'\033'*) fail "escape sequences pass" ;; *) ok "escape sequences of a service do not pass" ;; esac

mkdir "$UNITS/gird-override.service.d"
unit gird-override.service <<-END
	[Service]
	ExecStart=/bin/sleep 1000
	END
unit gird-override.service.d/60-later.conf <<-END
	[Service]
	PrivateTmp=no
	END
try "$UNITS/gird-override.service" -p PrivateTmp=yes -p ProtectHome=yes
expect "a later drop-in that wins is named by file and line" 0 "60-later.conf:2 sets PrivateTmp=no" \
        "nothing is proved of: PrivateTmp"

try systemd-journald@.service -p PrivateTmp=yes
expect "a template needs an instance" 3 "template"

START=$(date +%s)
timeout --signal=INT 3 "$GIRD" try --quiet "$UNITS/gird-condition.service" --ignore-conditions \
        -p PrivateTmp=yes >/dev/null 2>&1
OUT=
[ $(($(date +%s) - START)) -le 5 ] && ok "cancelling is immediate" || fail "cancelling takes too long"

sleep 0.5
[ "$(state)" = "$BEFORE" ] && ok "nothing of this machine changed" || fail "something of this machine changed"
exit $FAILED
