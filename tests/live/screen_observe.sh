#!/bin/bash
# screen_observe.sh - an observation from the unit's screen, in a real terminal with a real twin: watched, taken over, undone, stopped early, shown.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped screen-observe "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped screen-observe "needs systemd-nspawn"; finish; }
command -v tmux > /dev/null || { skipped screen-observe "needs tmux"; finish; }
unit=gird-test-observe-$$
n=0
tm() { tmux -L gird-observe-$$-$n -f /dev/null "$@"; }
cleanup() {
        tm kill-server 2> /dev/null
        rm -rf "$work" /etc/systemd/system/$unit.service /var/lib/gird/$unit.service /var/lib/gird/observing-*/$unit.service
}
cat > /etc/systemd/system/$unit.service <<'U'
[Unit]
Description=A service for gird's own tests
[Service]
ExecStart=/bin/sh -c 'echo started > /var/tmp/gird-test-observe.log && exec sleep 1000'
U
start() {
        tm kill-server 2> /dev/null
        n=$((n + 1))
        tm new-session -d -x 80 -y 24 "env LC_ALL=C.UTF-8 $gird --settle 1s; echo \"left with \$?\"; sleep 1000"
}
see() { # waits at most 60 s
        local i
        for i in $(seq 600); do
                tm capture-pane -p | grep -qE -- "$1" && return 0
                sleep 0.1
        done
        echo "never saw: $1"
        tm capture-pane -p
        return 1
}
keys() { tm send-keys "$@"; }
open_unit() { start && see 'EXPOSURE' && keys / && keys $unit && see "search: $unit" && keys Enter && keys Enter && see "A service for"; }
not_yet() { open_unit && keys a && see 'not observed yet'; }
watched() { keys o && see 'Watching' && see 'safe to take, [0-9]+ would break' && see 'watched [0-9.]+ s in a twin'; }
open_unit > /dev/null && keys o && see 'Watching|was not observed' > /dev/null
if tm capture-pane -p | grep -q 'was not observed'; then
        skipped screen-observe "$(tm capture-pane -p | sed -n 3p)"
        finish
fi
see 'safe to take|was not observed' > /dev/null
rm -rf /var/lib/gird/$unit.service
taken() { keys a && see 'taken over' && see '9\.[0-9] UNSAFE → [0-9]\.[0-9]' && see '\*NoNewPrivileges +yes'; }
undone() { keys u && see '9\.[0-9] UNSAFE +gird-test' && see 'a take all that is safe'; }
evidence() { keys / && keys NoNewPriv && keys Enter && see 'safe: NoNewPrivileges=yes' && see 'confidence'; }
left() { keys q && see 'EXPOSURE'; }
kept() { open_unit && see 'safe to take'; }
stopped() { keys o && see 'starting it' && keys c && see 'safe to take, [0-9]+ would break|was not observed'; }
shown() { "$gird" show $unit > "$work/out" && grep -q '^Observed: watched' "$work/out" && grep -q 'safe  *NoNewPrivileges=yes' "$work/out"; }
json() {
        "$gird" show --json $unit > "$work/out" && python3 - "$work/out" <<'P'
import json, sys
o = json.load(open(sys.argv[1]))
by = {a["directive"]: a for a in o["advice"]}
assert len(by) == len(o["advice"]) > 80
assert by["NoNewPrivileges"]["verdict"] == "safe" and by["NoNewPrivileges"]["value"] == "yes"
assert {a["verdict"] for a in o["advice"]} <= {"safe", "breaks", "unknown"}
assert all(set(a) >= {"directive", "value", "verdict", "evidence", "confidence"} for a in o["advice"])
assert o["coverage"]["seconds"] > 0 and o["coverage"]["startup"] is True
P
}
for t in not_yet watched taken undone evidence left kept stopped shown json; do check "$t" "$t"; done
finish
