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
# Units that are to be enabled lie where systemd looks, in a folder that nobody else sees.
mount -t tmpfs -o mode=755 tmpfs /mnt && cp -a /etc/systemd/system/. /mnt/ && mount --move /mnt /etc/systemd/system || skip "cannot mount"

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
installed() { cat > "/etc/systemd/system/$1"; }
enable() { mkdir -p "/etc/systemd/system/$2.wants"; ln -s "../$1" "/etc/systemd/system/$2.wants/$1"; }
have() { [ -e "/lib/systemd/system/$1" ] || [ -e "/usr/lib/systemd/system/$1" ]; }

state() { # what of the host must not change
        find /etc/systemd /run/systemd/system -xdev 2>/dev/null | sort
        for name in nginx redis-server sshd; do pgrep --ns $$ --nslist pid -x -c $name; done
}

# ---- units of each kind, each started as it is on a machine ----

WORK='/bin/touch /var/lib/gird-kind'
# kind NAME STARTED: holds with a harmless change, breaks with a fatal one that is named
kind() {
        try "$1" --settle 300ms -p PrivateTmp=yes
        expect "$1 holds" 0 "$1.service: held" "${2:-}"
        lacks "and $1 is started as it is on a machine" "did not start it"
        try "$1" --settle 300ms -p ProtectSystem=strict -p ProtectHome=yes
        expect "$1 breaks without what it writes to" 1 "$1.service: broke" "suspect: ProtectSystem" "refused: ProtectSystem=strict" "EROFS"
        lacks "and nothing else is suspected of it" "suspect: ProtectHome"
}

installed gird-simple.service <<-END
	[Service]
	ExecStart=/bin/sh -c '$WORK && exec sleep 1000'
	END
installed gird-ready.service <<-END
	[Service]
	Type=notify
	NotifyAccess=all
	ExecStart=/bin/sh -c '$WORK && systemd-notify --ready && exec sleep 1000'
	END
installed gird-forking.service <<-END
	[Service]
	Type=forking
	PIDFile=/run/gird-forking.pid
	ExecStart=/bin/sh -c '$WORK && { sleep 1000 & echo \$\$! > /run/gird-forking.pid; }'
	END
installed gird-once.service <<-END
	[Service]
	Type=oneshot
	ExecStart=$WORK
	END
installed gird-remain.service <<-END
	[Service]
	Type=oneshot
	RemainAfterExit=yes
	ExecStart=$WORK
	ExecReload=$WORK
	END
installed gird-template@.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'touch /var/lib/gird-%i && exec sleep 1000'
	END
installed gird-knock.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'test "\$\$LISTEN_FDS" = 1 && $WORK && exec sleep 1000'
	END
installed gird-knock.socket <<-END
	[Socket]
	ListenStream=127.0.0.1:7072
	END
enable gird-knock.socket sockets.target
installed gird-timer.service <<-END
	[Service]
	Type=oneshot
	ExecStart=$WORK
	END
installed gird-timer.timer <<-END
	[Timer]
	OnCalendar=yearly
	Persistent=yes
	END
enable gird-timer.timer timers.target
installed gird-path.service <<-END
	[Service]
	Type=oneshot
	ExecStart=$WORK
	END
installed gird-path.path <<-END
	[Path]
	PathExists=/var/lib/gird-comes
	END
enable gird-path.path paths.target
BEFORE=$(state)

kind gird-simple "can be restarted"
kind gird-ready "can be restarted"
kind gird-forking "can be restarted"
kind gird-once
kind gird-remain "can be reloaded"
kind gird-template@one "can be restarted"
kind gird-knock "started by its socket gird-knock.socket, as on the machine"
kind gird-timer "started by its timer gird-timer.timer, as on the machine"
kind gird-path "started by its path unit gird-path.path, as on the machine"
if [ -e /usr/share/dbus-1/system-services/org.freedesktop.locale1.service ]; then
        try systemd-localed -p PrivateTmp=yes
        expect "a service of the bus is woken by its name" 0 "held" "started by its name on the bus org.freedesktop.locale1"
        try systemd-localed -p RestrictAddressFamilies=AF_INET -p ProtectClock=yes
        expect "and breaks without a way to the bus" 1 "broke" "suspect: RestrictAddressFamilies"
else
        echo "skipped trial-bus: org.freedesktop.locale1 is not installed"
fi

# ---- units of users: root's own, and those of one whose home this is ----

mine() { cat > "$HOUSE/.config/systemd/user/$1"; }
try_mine() { OUT=$(HOME=$HOUSE timeout 150 "$GIRD" try --user --quiet --no-color --settle 1 "$@" 2>&1); STATUS=$?; }
for HOUSE in /root /var/www; do
        [ -d "$HOUSE" ] && mount -t tmpfs tmpfs "$HOUSE" || { echo "skipped trial-user$HOUSE: no such home"; continue; }
        mkdir -p "$HOUSE/.config/systemd/user/"{timers,sockets}.target.wants
        mine gird-user.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'touch %h/gird-user && exec sleep 1000'
	ExecReload=/bin/sh -c 'test "\$\$XDG_RUNTIME_DIR" = %t'
	END
        mine gird-utimer.service <<-END
	[Service]
	Type=oneshot
	ExecStart=/bin/touch %h/gird-user
	END
        mine gird-utimer.timer <<-END
	[Timer]
	OnCalendar=yearly
	END
        mine gird-usocket.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'test "\$\$LISTEN_FDS" = 1 && exec sleep 1000'
	END
        mine gird-usocket.socket <<-END
	[Socket]
	ListenStream=%t/gird-user
	END
        ln -s ../gird-utimer.timer "$HOUSE/.config/systemd/user/timers.target.wants/"
        ln -s ../gird-usocket.socket "$HOUSE/.config/systemd/user/sockets.target.wants/"
        [ "$HOUSE" = /root ] || chown -R 33:33 "$HOUSE"
        try_mine gird-user -p RestrictRealtime=yes --probe 'systemctl --user is-active gird-user'
        expect "a user's unit holds in his systemd ($HOUSE)" 0 "gird-user.service: held" "can be reloaded and restarted" "passed  systemctl --user"
        try_mine gird-user -p SystemCallFilter=~utimensat -p RestrictRealtime=yes
        expect "and breaks without a call ($HOUSE)" 1 "broke" "suspect: SystemCallFilter" "refused: SystemCallFilter=~utimensat"
        lacks "for which nothing else is suspected ($HOUSE)" "suspect: RestrictRealtime"
        try_mine gird-utimer -p RestrictRealtime=yes
        expect "his timer starts one ($HOUSE)" 0 "held" "started by its timer gird-utimer.timer"
        try_mine gird-usocket -p RestrictRealtime=yes
        expect "his socket starts one ($HOUSE)" 0 "held" "started by its socket gird-usocket.socket" "listens again on unix /run/user/"
        try_mine gird-user -p ProtectHome=read-only
        if [ "$HOUSE" = /root ]; then
                expect "root's home is read-only for it" 1 "suspect: ProtectHome"
        else
                expect "what his systemd does not enforce was not tried" 3 "not-tried" "PrivateUsers=yes"
        fi
done

# ---- reload, restart, and probes after each ----

unit gird-reload.service <<-END
	[Service]
	ExecStartPre=/bin/rm -f /etc/gird-reloaded
	ExecStart=/bin/sleep 1000
	ExecReload=/bin/touch /etc/gird-reloaded
	END
try "$UNITS/gird-reload.service" -p ProtectSystem=full
expect "a service that cannot be reloaded any more broke" 1 "broke" "but cannot be reloaded: ExecReload=" "suspect: ProtectSystem" \
        "FAILED  can be reloaded"
try "$UNITS/gird-reload.service" -p ProtectHome=yes --probe 'test ! -e /etc/gird-reloaded'
expect "a probe that a reload ends without changes too does not count then" 0 "held" "does not count then"

unit gird-restart.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'test -e /var/tmp/gird-again && { touch /etc/gird-again || exit 1; }; touch /var/tmp/gird-again; exec sleep 1000'
	END
try "$UNITS/gird-restart.service" -p ProtectSystem=full --probe 'rm -f /etc/gird-again; true'
expect "one that only its next start breaks broke" 1 "broke" "suspect: ProtectSystem"

unit gird-cannot.service <<-END
	[Service]
	ExecStart=/bin/sleep 1000
	ExecReload=/bin/false
	END
try "$UNITS/gird-cannot.service" -p ProtectHome=yes
expect "a reload that never worked is not held against the changes" 0 "held" "cannot be reloaded without changes either"

unit gird-after.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'touch /run/gird-works; exec sleep 1000'
	ExecReload=/bin/sh -c 'rm -f /run/gird-works; touch /etc/gird-works && touch /run/gird-works; true'
	END
try "$UNITS/gird-after.service" -p ProtectSystem=full --probe file:/run/gird-works
expect "a probe that fails after the reload says so" 1 "broke" "this probe fails after a reload" "FAILED after a reload  file:/run/gird-works" \
        "suspect: ProtectSystem"

# ---- comes and goes ----

# numbered NAME WHICH: the starts (from 0 on) that fail, without a word
numbered() {
        unit "$1" <<-END
	[Service]
	ExecStart=/bin/sh -c 'n=\$\$(cat /var/tmp/n 2>/dev/null || echo 0); echo \$\$((n+1)) > /var/tmp/n; case " $2 " in *" \$\$n "*) exit 1;; esac; exec sleep 1000'
	END
}
numbered gird-third.service 2
try "$UNITS/gird-third.service" -p PrivateDevices=yes -p ProtectClock=yes
expect "one failure of many is nobody's" 3 "gird-third.service: flaky" "ran the next time"
lacks "and nobody is suspected" "suspect:"
numbered gird-often.service "2 3 5"
try "$UNITS/gird-often.service" -p PrivateDevices=yes -p ProtectClock=yes
expect "what fails without changes too, at times, is flaky in the baseline" 3 "flaky in the baseline" "at times it fails without them"
lacks "and nobody is suspected of it" "suspect:"
unit gird-silent.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'grep -q "NoNewPrivs:.*1" /proc/self/status && exit 7; exec sleep 1000'
	END
try "$UNITS/gird-silent.service" -p NoNewPrivileges=yes
expect "what always fails, and only with the changes, broke" 1 "broke"

# ---- refusals ----

unit gird-bends.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'touch /etc/gird-bends 2>/dev/null; exec sleep 1000'
	END
try "$UNITS/gird-bends.service" -p ProtectSystem=full
expect "a refusal that nobody tells of bends" 1 "bent" "/etc/gird-bends" "EROFS" "refused: ProtectSystem=full" "--accept '"
KEYS=$(timeout 150 "$GIRD" try --quiet --json --settle 1 "$UNITS/gird-bends.service" -p ProtectSystem=full | python3 -c '
import json, sys
for d in json.load(sys.stdin)["denials"]: print("--accept\n" + d["key"] + "=it copes")')
mapfile -t ACCEPT <<< "$KEYS"
try "$UNITS/gird-bends.service" -p ProtectSystem=full "${ACCEPT[@]}"
expect "one that is accepted does not" 0 "held" "accepted: it copes"
try "$UNITS/gird-bends.service"
expect "and the profile remembers it" 0 "held" "accepted: it copes"

# Without the observer: the kernel's types are hidden from it.
OUT=$(unshare --mount --propagation private bash -c 'mount --bind /dev/null /sys/kernel/btf/vmlinux && exec "$@"' - \
        timeout 150 "$GIRD" try --quiet --no-color --settle 1 "$UNITS/gird-bends.service" -p ProtectSystem=full 2>&1)
STATUS=$?
expect "without the observer the verdict says that it saw less" 0 "held" "not watched" "note: "

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
        expect "redis reads numbers that ProcSubset= hides, and its probe passes" 1 "redis-server.service: bent" \
                "refused: ProcSubset=pid" "/proc/sys/vm/overcommit_memory" "passed  redis-cli ping"
        try redis-server -p RestrictAddressFamilies=AF_UNIX
        expect "redis cannot listen without AF_INET, as its log file says" 1 "broke" \
                "suspect: RestrictAddressFamilies" "/var/log/redis/"
        try redis-server -p 'SystemCallFilter=~@file-system'
        expect "redis is killed by the filter" 1 "broke" "SIGSYS" "suspect: SystemCallFilter"
        try redis-server -p User=gird-no-such-user
        expect "an unknown user is named" 1 "broke" "217/USER" "there is no user of that name" "suspect: User"
        try redis-server -p ReadOnlyPaths=/var/lib/redis
        expect "redis that cannot save refuses to stop" 1 "broke" "cannot be restarted: it was still stopping" \
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

try "$UNITS/gird-override.service" -p PrivateDevices=yes -p CapabilityBoundingSet=~CAP_CHOWN --settle 300ms
expect "what one change takes from another was tried" 0 "held"
lacks "and counts as tried" "nothing is proved of"

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
