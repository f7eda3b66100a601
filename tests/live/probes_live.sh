#!/bin/bash
# probes_live.sh - each kind of probe against a service of a running machine: this machine's own tree,
# booted with systemd as PID 1 in a container of the test's own.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped probes-live "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped probes-live "needs systemd-nspawn"; finish; }

host_test=probes-live name=gird-test-probes-$$ unit=gird-idle.service
. tests/host.sh
boot || {
        skipped probes-live "this machine's tree does not boot in a container: $(tail -1 "$work/console" | tr -dc '[:print:]')"
        finish
}
host sh -c 'cat > /usr/local/bin/probed.py' < tests/live/inside/probed.py
host sh -c 'cat > /etc/systemd/system/probed.service; systemctl daemon-reload; systemctl start dbus.socket; systemctl start probed' <<'S'
[Unit]
Description=words of the description
[Service]
Type=notify
WatchdogSec=2
ExecStart=/usr/bin/python3 /usr/local/bin/probed.py
S
check probes-live-service host systemctl is-active probed

good=(tcp:8081 'tcp:[::1]:2525' tcp:2525 udp:5300 unix:/run/probed/stream unix:/run/probed/datagram unix:/var/run/probed/link
        unix:@probed http://localhost:8081/ http://localhost:8081/no=404 http://shop.example:8081/=201 bus:org.example.Probed
        file:/run/probed/late 'log:ready to serve' watchdog: 'test -e /run/probed/there')
wrong=(tcp:8082 udp:5301 unix:/run/probed/dead unix:@nobody http://localhost:8081/no bus:org.example.Nobody file:/etc/passwd
        'log:words of the description' 'sh:echo no; false')
args=()
for probe in "${good[@]}" "${wrong[@]}"; do args+=(--probe "$probe"); done
in_host observe probed --live --for 5s --settle 500ms "${args[@]}" --json > "$work/out" 2> "$work/err"
grep -q '"coverage"' "$work/out" || {
        skipped probes-live-kinds "it cannot be observed here: $(tail -1 "$work/err" | tr -dc '[:print:]')"
        finish
}
printf '%s\n' "${good[@]}" > "$work/good"
printf "%s\n" "${wrong[@]}" > "$work/bad"
python3 - "$work" <<'P' || bad=1
import json, sys
seen = json.load(open(sys.argv[1] + "/out"))
notes = [n for n in seen["notes"] if n.startswith('the probe "')]
wrong = 0
for wanted in ("good", "bad"):
    for probe in open(sys.argv[1] + "/" + wanted).read().splitlines():
        note = [n for n in notes if n.startswith('the probe "%s" failed: ' % probe)]
        if bool(note) == (wanted == "bad"):
            print("ok probes-live %s: %s" % (probe, note[0].split(" failed: ")[1] if note else "passes"))
        else:
            wrong = 1
            print("not ok probes-live %s: %s" % (probe, note or "passes"))
if seen["coverage"]["probes"] != len(open(sys.argv[1] + "/good").read().splitlines()):
    wrong = 1
    print("not ok probes-live-count: %s are kept" % seen["coverage"]["probes"])
sys.exit(wrong)
P

# A service in a network of its own is asked as its clients would ask it.
host sh -c 'mkdir -p /run/systemd/system/probed.service.d; printf "[Service]\nPrivateNetwork=yes\n" > /run/systemd/system/probed.service.d/own.conf
        systemctl daemon-reload; systemctl restart probed'
in_host observe probed --live --for 5s --settle 500ms --probe tcp:8081 --probe unix:@probed --probe unix:/run/probed/stream --json \
        > "$work/out" 2> "$work/err"
out_of_reach() {
        has 'the probe ."tcp:8081." failed: nobody is there' && has 'the probe ."unix:@probed." failed: nobody' &&
                ! grep -q 'unix:/run/probed/stream." failed' "$work/out"
}
check probes-live-own-network-is-out-of-reach out_of_reach
left() { host sh -c 'systemctl list-units --all --no-legend "gird-*"; pgrep -x gird-nested'; }
check probes-live-leave-nothing test -z "$(left)"
finish
