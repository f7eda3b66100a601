#!/bin/bash
# screen_harden.sh - hardening from the unit's screen, in a real terminal with real twins: the steps, the result, what it amounts to, saved; and stopped early.  All in a mount namespace of its own.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped screen-harden "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped screen-harden "needs systemd-nspawn"; finish; }
command -v tmux > /dev/null || { skipped screen-harden "needs tmux"; finish; }
if [ -z "${GIRD_OWN_MOUNTS:-}" ]; then
        rm -rf "$work"
        GIRD_OWN_MOUNTS=1 exec unshare --mount --propagation private bash "$0"
fi
# What this machine keeps, and its own units, stay as they are.
mkdir -p /var/lib/gird && mount -t tmpfs tmpfs /var/lib/gird
cp -a /etc/systemd/system "$work/units" && mount -t tmpfs tmpfs /etc/systemd/system && cp -a "$work/units/." /etc/systemd/system/
unit=gird-test-harden bent=gird-test-goes-on
n=0
tm() { tmux -L gird-harden-$$-$n -f /dev/null "$@"; }
cleanup() { tm kill-server 2> /dev/null; rm -rf "$work" /var/tmp/gird-test-harden.log; }
cat > /etc/systemd/system/$unit.service <<'U'
[Unit]
Description=A service for gird's own tests
[Service]
ExecStart=/bin/sh -c 'echo started > /var/tmp/gird-test-harden.log && exec sleep 1000'
U
# Refused something, it goes on without.
cat > /etc/systemd/system/$bent.service <<'U'
[Unit]
Description=A service that goes on without
[Service]
ExecStart=/bin/sh -c 'echo > /usr/share/gird-test-bent; exec sleep 1000'
U
start() { # [COLUMNS ROWS]
        tm kill-server 2> /dev/null
        n=$((n + 1))
        tm new-session -d -x "${1:-80}" -y "${2:-24}" "env LC_ALL=C.UTF-8 $gird --settle 500ms; echo \"left with \$?\"; sleep 1000"
}
see() { # REGEX [SECONDS]
        local i
        for i in $(seq $((${2:-60} * 10))); do
                tm capture-pane -p | grep -qE -- "$1" && return 0
                sleep 0.1
        done
        echo "never saw: $1"
        tm capture-pane -p
        return 1
}
keys() { tm send-keys "$@"; }
open_unit() { start "$@" && see 'UNIT +EXP' && keys / && keys $unit && see "search: .*${unit: -8}" && keys Enter && sleep 0.3 && keys Enter && see 'A service for|SupplementaryGroups|Supplement'; }
offered() { open_unit && see 'H harden'; }
begins() { keys H && see "Hardening $unit.service +[0-9.]+ s"; }
steps() { see '(trying [0-9]+ change|starting|observ|watch)' && see '[0-9.]+ → [0-9.]+ +[0-9]+ trial' 120; }
alive() { keys '?' && see 'On this screen: hardening' && keys q && see 'Hardening|held'; }
found() { see "held +$unit.service" 300 && see '^9\.[0-9] → [0-9.]+ +[0-9]+ change'; }
told() { see 'What (held|it needs)'; }
much() { tm capture-pane -p | sed -nE 's/^9\.[0-9] → ([0-9]+)\.[0-9] .*/\1/p' | { read -r after && [ "$after" -lt 4 ]; }; }
amounts() { keys d && see 'why: ' && keys q && see 'held'; }
saved() { keys s && see '50-gird.conf' && see 'It held' && keys y && see 'Saved' && grep -q '^NoNewPrivileges=yes' /etc/systemd/system/$unit.service.d/50-gird.conf; }
left() { keys q && see 'held' && keys q && see 'what the score looks at' && keys q && see 'EXPOSURE'; }
harmless() { [ ! -e /var/tmp/gird-test-harden.log ]; }
undone() { "$gird" undo $unit > /dev/null 2>&1 && [ ! -e /etc/systemd/system/$unit.service.d/50-gird.conf ]; }
stopped() { open_unit && keys H && see 'Hardening' && sleep 1 && keys q && see 'stopping|Cancelled|not hardened' && see 'Cancelled before anything held|held' 60 && keys q && see 'what the score|applied'; }
narrow() { open_unit 20 8 && keys H && see '^Hardening' && tm resize-window -x 60 -y 12 && see 'Hardening gird-test-harden' && tm resize-window -x 20 -y 8 && keys c && see '^not hardened|^held' 60; }
quit_in_search() { open_unit && keys H && see 'Hardening' && sleep 1 && keys F10 && see 'left with 0|y/N' && { keys y; see 'left with 0'; } && sleep 0.5 && ! pgrep -f "machine=gird-.*$unit" > /dev/null; }
bent() { start && see 'UNIT +EXP' && keys / && keys -l "$bent" && see 'search: .*goes-on' && keys Enter && sleep 0.3 && keys Enter && see 'goes on without' && keys / && keys ProtectSystem && keys Enter && keys + && keys + && see 'ProtectSystem=full' && keys t && see '^bent' && see '> ProtectSystem=full: openat of /usr/share/gird-test-bent'; }
accepted() { keys a && see 'reason:' && keys -l 'it is only a cache' && keys Enter && see 'accepted: it is only a cache' && see 't tries again with that'; }
then_held() { keys t && see 'Trying' && see '^held' && "$gird" show --json $bent > /dev/null 2>&1 && grep -q 'it is only a cache' /var/lib/gird/$bent.service/profile.json; }
for t in offered begins steps alive found told much amounts saved left harmless undone stopped narrow quit_in_search bent accepted then_held; do check "screen-harden-$t" "$t"; done
finish
