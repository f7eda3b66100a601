#!/bin/bash
# screen.sh - the trial and save screens in a real terminal, with a real twin and the real nginx: held, broke, cancelled, saved, undone.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped live-screen "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped live-screen "needs systemd-nspawn"; finish; }
command -v tmux > /dev/null || { skipped live-screen "needs tmux"; finish; }
unit=gird-test-screen-$$
n=0
tm() { tmux -L gird-live-$$-$n -f /dev/null "$@"; }
cleanup() { tm kill-server 2> /dev/null; rm -rf "$work" /etc/systemd/system/$unit.service /etc/systemd/system/$unit.service.d /var/lib/gird/$unit.service; }
cat > /etc/systemd/system/$unit.service <<'U'
[Unit]
Description=A service for gird's own tests
[Service]
ExecStart=/bin/sh -c 'echo started > /var/tmp/gird-test-screen.log && exec sleep 1000'
U
start() {
        tm kill-server 2> /dev/null
        n=$((n + 1))
        tm new-session -d -x 80 -y 24 "env LC_ALL=C.UTF-8 $gird --settle 1s; echo \"left with \$?\"; sleep 1000"
}
see() { # waits at most 60 s
        local i
        for i in $(seq 600); do
                tm capture-pane -p | grep -qF -- "$1" && return 0
                sleep 0.1
        done
        echo "never saw: $1"
        tm capture-pane -p
        return 1
}
keys() { tm send-keys "$@"; }
open_unit() { start && see 'EXPOSURE' && keys / && keys $unit && see "search: $unit" && keys Enter && keys Enter && see "A service for"; }
set_yes() { keys / && keys "$1" && keys Enter && keys Space && see "$1=yes"; }
held() { open_unit && set_yes NoNewPrivileges && keys t && see 'Trying' && see 'held' && see 'Where' && see 'overlay over /'; }
saved() { keys s && see '50-gird.conf' && see 'It held' && keys y && see 'Saved' && grep -q '^NoNewPrivileges=yes' /etc/systemd/system/$unit.service.d/50-gird.conf; }
back_then() { keys q && see 'held' && keys q && see 'what the score looks at' && keys q && see 'EXPOSURE'; }
undone() { "$gird" undo $unit > /dev/null && [ ! -e /etc/systemd/system/$unit.service.d ]; }
broke() { open_unit && keys / && keys ProtectSystem && keys Enter && keys + && keys + && keys + && see 'ProtectSystem=strict' && keys t && see 'broke' && see 'Suspects' && see 'ProtectSystem'; }
cancelled() { open_unit && set_yes PrivateTmp && keys t && see 'starting' && keys c && see 'Cancelled' && keys q && see 'what the score'; }
quit_in_trial() { open_unit && set_yes PrivateTmp && keys t && see 'starting' && keys F10 && see 'y/N' && keys y && see 'left with 0' && sleep 0.3 && ! pgrep -f "machine=gird-.*$unit" > /dev/null; }
for t in held saved back_then undone broke cancelled quit_in_trial; do check "$t" "$t"; done
finish
