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

# One service with one of each, without a shell and without anything from outside.
cat > "$DIR/service.py" <<'P'
import ctypes, http.server, os, socket, subprocess, threading, time

class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        code = {"/": 200, "/no": 404, "/away": 302}.get(self.path.split("?")[0], 500)
        if self.headers["Host"].startswith("shop.example"):
            code = 201
        self.send_response(code)
        self.send_header("Location", "http://127.0.0.1:1/nowhere")
        self.end_headers()
    def log_message(self, *a): pass

kept = []
def listen(family, kind, address):
    if family == socket.AF_UNIX and address[0] == "/" and os.path.exists(address):
        os.unlink(address)
    s = socket.socket(family, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(address)
    if kind != socket.SOCK_DGRAM:
        s.listen(5)
    kept.append(s)
    return s

def greet(s, words):
    while True:
        c, _ = s.accept()
        if words: c.sendall(words)
        c.close()

def thread(f, *a): threading.Thread(target=f, args=a, daemon=True).start()

thread(http.server.ThreadingHTTPServer(("127.0.0.1", 8081), Web).serve_forever)
listen(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 2525))
thread(greet, listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 2526)), b"220 hello\r\n")
thread(greet, listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 2527)), b"")
listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 2528))     # takes, and never answers
listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 5300))
os.makedirs("/run/probed", exist_ok=True)
listen(socket.AF_UNIX, socket.SOCK_STREAM, "/run/probed/stream")
listen(socket.AF_UNIX, socket.SOCK_DGRAM, "/run/probed/datagram")
listen(socket.AF_UNIX, socket.SOCK_SEQPACKET, "/run/probed/packets")
listen(socket.AF_UNIX, socket.SOCK_STREAM, "\0probed")
listen(socket.AF_UNIX, socket.SOCK_STREAM, "/run/probed/dead").close()
for link, to in (("link", "/run/probed/stream"), ("dangling", "nowhere"), ("loop", "loop")):
    if not os.path.islink("/run/probed/" + link):
        os.symlink(to, "/run/probed/" + link)
open("/run/probed/there", "w").close()

policy = "/etc/dbus-1/system.d/probed.conf"
with open(policy, "w") as f:
    f.write('<busconfig><policy user="root"><allow own="org.example.Probed"/></policy></busconfig>\n')
subprocess.run(["busctl", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                "ReloadConfig"])
lib, bus = ctypes.CDLL("libsystemd.so.0"), ctypes.c_void_p()
lib.sd_bus_request_name.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64]
if lib.sd_bus_open_system(ctypes.byref(bus)) >= 0:
    print("name", lib.sd_bus_request_name(bus, b"org.example.Probed", 0), flush=True)

def notify(text):
    to = os.environ["NOTIFY_SOCKET"]
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(text.encode(), "\0" + to[1:] if to[0] == "@" else to)

print("ready to serve", flush=True)
notify("READY=1")
time.sleep(0.3)
open("/run/probed/late", "w").close()
while True:
    time.sleep(0.4)
    notify("WATCHDOG=1")
P
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
