#!/bin/bash
# show_observed.sh - what `gird show` tells of a behaviour that is kept: below a root, without privileges and without a manager.
. tests/lib.sh
root=$work/root
mkdir -p "$root/etc/systemd/system" "$root/usr/lib/systemd/system" "$root/var/lib/gird/web.service"
printf '[Service]\nExecStart=/usr/sbin/web\nPrivateTmp=yes\n' > "$root/etc/systemd/system/web.service"
cat > "$root/var/lib/gird/web.service/behaviour.json" <<'J'
{"gird":1,"unit":"web.service","sessions":[{"stage":"live","when":"2026-11-23T09:30:00Z","probes":["true"],"milliseconds":86400000,"events":1200000,
"lost":3,"seen":["live","startup","steady"],"capabilities":true}],"acts":[
{"kind":"call","call":"read","count":9,"seen":["live"]},
{"kind":"exec","path":"/usr/sbin/web","gains":["command"],"count":1,"first":1795426200100000,"process":"web","seen":["live"]},
{"kind":"path","path":"/home/u/site/index.html","access":["read"],"resolved":true,"count":40,"first":1795426200400000,"process":"web","seen":["live"]},
{"kind":"socket","family":"AF_INET","type":"SOCK_STREAM","count":1,"seen":["live"]},
{"kind":"bind","call":"bind","family":"AF_INET","type":"SOCK_STREAM","address":"0.0.0.0","port":8080,"count":1,"process":"web\u001b[2J","seen":["live"]}]}
J
g() { "$gird" --root="$root" --systemd=252 "$@"; }
json() { python3 -c 'import json, sys
d = json.load(sys.stdin)
by = {a["directive"]: a for a in d.get("advice", [])}
assert '"$1"; }
advice() { g show web --json | json 'len(by) > 80 and {a["verdict"] for a in by.values()} <= {"safe", "breaks", "unknown"}'; }
breaks() { g show web --json | json 'by["PrivateNetwork"]["verdict"] == "breaks" and "8080" in by["PrivateNetwork"]["evidence"]'; }
home() { g show web --json | json '"/home/u/site" in by["ProtectHome"]["evidence"]'; }
coverage() { g show web --json | json 'd["coverage"]["seconds"] == 86400 and d["coverage"]["lost"] == 3 and d["coverage"]["startup"] and d["coverage"]["steady"]'; }
words() { g show web > "$work/out" && grep -q '^Observed: watched 24 h live' "$work/out" && grep -q 'would break  *PrivateNetwork=yes' "$work/out"; }
no_escape() { g show web > "$work/out"; g show web --json >> "$work/out"; ! grep -q $'\033' "$work/out"; }
damaged() { echo '{' > "$root/var/lib/gird/web.service/behaviour.json" && g show web > "$work/out" && grep -q '^Observed: .*behaviour.json' "$work/out" && g show web --json | json '"advice" not in d'; }
none() { rm -r "$root/var/lib/gird" && g show web > "$work/out" && grep -q 'not observed yet' "$work/out" && g show web --json | json '"coverage" not in d'; }
for t in advice breaks home coverage words no_escape damaged none; do check "$t" "$t"; done
finish
