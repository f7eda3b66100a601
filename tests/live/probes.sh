#!/bin/bash
# probes.sh - each kind of probe against a real thing in a twin, both ways, and under a change that
# takes it away.  Usage: probes.sh [GIRD]     (root; GIRD is build/gird)
set -u
GIRD=$(realpath -- "${1:-build/gird}")
FAILED=0

skip() { echo "skipped probes: $1"; exit 0; }
[ -x "$GIRD" ] || { echo "$GIRD cannot be run"; exit 2; }
[ "$(id -u)" = 0 ] || skip "needs root"
command -v systemd-nspawn >/dev/null || skip "needs systemd-nspawn"
command -v python3 >/dev/null || skip "needs python3"

# The unit's last profile is kept below /var/lib/gird: not this machine's, here.
if [ -z "${GIRD_TEST_INSIDE:-}" ]; then
        mkdir -p /var/lib/gird
        GIRD_TEST_INSIDE=1 exec unshare --mount --propagation private -- "$0" "$GIRD"
fi
mount -t tmpfs tmpfs /var/lib/gird || skip "cannot mount"

DIR=$(mktemp -d /var/tmp/gird-test-probes.XXXX) # a twin has a /tmp of its own
trap 'rm -rf "$DIR"' EXIT
trap 'exit 1' INT TERM HUP

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1: $2"; FAILED=1; }

# One service with one of each.
cp "${0%/*}/inside/probed.py" "$DIR/service.py"
cat > "$DIR/probed.service" <<S
[Unit]
Description=words of the description
[Service]
Type=notify
WatchdogSec=2
ExecStart=/usr/bin/python3 $DIR/service.py
S
cat > "$DIR/quiet.service" <<S
[Service]
Type=simple
ExecStart=/bin/sleep 1000
S
cat > "$DIR/ready.service" <<S
[Service]
Type=notify
ExecStart=/usr/bin/python3 -c 'import os,socket,time; socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM).sendto(b"READY=1",os.environ["NOTIFY_SOCKET"]); time.sleep(1000)'
S

# probe UNIT CHANGE "WANTED PROBE"…: one trial with all of these; its lines come with `results`
TRIALS=0
probe() {
        local unit=$1 change=$2 args=() row
        local at=$DIR/$((++TRIALS))
        shift 2
        for row; do args+=(--probe "${row#* }"); done
        mkdir "$at"
        cp "$DIR/$unit.service" "$at/$unit-$TRIALS.service" # a unit's trials wait for each other
        printf '%s\n' "$@" > "$at/wanted"
        echo "$unit with $change" > "$at/what"
        timeout 300 "$GIRD" try --quiet --json --settle 1 "$at/$unit-$TRIALS.service" -p "$change" "${args[@]}" \
                > "$at/out.json" 2> "$at/errors" &
}
results() {
        wait
        while [ "${SHOWN:=0}" -lt $TRIALS ]; do judge "$DIR/$((++SHOWN))" || FAILED=1; done
}
judge() {
        python3 - "$1" <<'P'
import json, sys
where = sys.argv[1]
what = open(where + "/what").read().strip()
try:
    trial = json.load(open(where + "/out.json"))
except ValueError:
    print("not ok %s: %s" % (what, open(where + "/errors").read().strip()))
    sys.exit(1)
found = {p["command"]: p for p in trial["probes"]}
bad = 0
for row in open(where + "/wanted"):
    wanted, probe = row.rstrip("\n").split(" ", 1)
    p = found.get(probe, {"status": "not there", "said": trial["summary"]})
    if p["status"] != wanted:
        bad = 1
        print("not ok %s: %s is %s, not %s: %s" % (what, probe, p["status"], wanted, p["said"]))
    elif wanted != "passed" and not p["said"]:
        bad = 1
        print("not ok %s: %s says nothing of why" % (what, probe))
    else:
        print("ok %s: %s: %s (%s)" % (what, probe, wanted, p["said"] or "-"))
sys.exit(bad)
P
}

no=failed-in-baseline
probe probed ProtectClock=yes \
        "passed tcp:8081" "$no tcp:8082" "passed tcp:127.0.0.1:8081" "$no tcp:127.0.0.2:8081" \
        "passed tcp:[::1]:2525" "passed tcp:2525" "$no tcp:127.0.0.1:2525" "$no tcp:192.0.2.1:80" \
        "passed udp:5300" "$no udp:5301" \
        "passed http://localhost:8081/" "$no http://localhost:8081/no" "passed http://localhost:8081/no=404" \
        "passed http://127.0.0.1:8081/away" "$no http://localhost:8081/away=200" \
        "passed http://shop.example:8081/=201" "$no http://localhost:8082/" "$no http://localhost:2526/" \
        "$no http://localhost:2527/" "$no http://localhost:2528/"
probe probed ProtectHostname=yes \
        "passed unix:/run/probed/stream" "passed unix:/run/probed/datagram" "passed unix:/run/probed/packets" \
        "passed unix:/var/run/probed/link" "$no unix:/run/probed/dangling" "$no unix:/run/probed/loop" \
        "$no unix:/run/probed/dead" "$no unix:/run/probed/none" "$no unix:/run/probed/there" \
        "passed unix:@probed" "$no unix:@nobody" \
        "passed bus:org.example.Probed" "passed bus:org.freedesktop.DBus" "$no bus:org.example.Nobody" \
        "passed file:/run/probed/there" "passed file:/run/probed/late" "passed file:/var/run/probed/link" \
        "$no file:/run/probed/dangling" "$no file:/run/probed/loop" "$no file:/run/probed/none" \
        "$no file:/etc/passwd" \
        "passed log:ready to serve" "$no log:words of the description" "$no log:never said" \
        "passed watchdog:" "passed test -e /run/probed/there" "passed sh:true" "$no sh:echo no; false" \
        "$no sh:sleep 1000"
results

# A unit with a network of its own is asked as a client would ask it.
probe probed PrivateNetwork=yes \
        "failed tcp:8081" "failed tcp:[::1]:2525" "failed udp:5300" "failed unix:@probed" \
        "failed http://localhost:8081/no=404" \
        "passed unix:/run/probed/stream" "passed file:/run/probed/there" "passed log:ready to serve" \
        "passed watchdog:"
# What it makes where nobody else sees it is not there for others either; what is left of the
# baseline does not count.
probe probed TemporaryFileSystem=/run/probed "failed unix:/run/probed/stream" "failed file:/run/probed/late"
# Dropped packets are no answer, and no end of waiting.
probe probed IPAddressDeny=any "failed tcp:8081" "passed unix:/run/probed/stream"
results
probe quiet ProtectClock=yes "$no watchdog:" "$no log:anything"
probe ready ProtectClock=yes "passed watchdog:"
results

# What is no probe is said before anything is started.
for bad in tcp:0 https://localhost/ bus:one file:x log: http://localhost/a=b; do
        out=$(timeout 60 "$GIRD" try --quiet "$DIR/quiet.service" -p ProtectClock=yes --probe "$bad" 2>&1)
        status=$?
        case $status:$out in
        [23]:*"$bad"*"it is written"*) ok "$bad is refused, and how it is written" ;;
        *) not_ok "$bad is refused" "status $status: $out" ;;
        esac
done

# A cancel ends a probe that waits, at once, and leaves nothing.
before=$(pgrep -c . )
timeout -s INT 5 "$GIRD" try --quiet --settle 0.5 "$DIR/probed.service" -p ProtectClock=yes \
        --probe http://localhost:2528/ --probe http://localhost:2528/=200 > /dev/null 2>&1 &
wait $!
sleep 1
if [ "$(pgrep -fc "gird try .*$DIR")" = 0 ]; then ok "a cancelled probe leaves no process"; else
        not_ok "a cancelled probe leaves no process" "$before before, $(pgrep -c .) after"
fi
exit $FAILED
