#!/bin/bash
# kill.sh - gird killed with -9 in the middle of a trial, its terminal taken away, and cancelled: nothing is left of it, and saving and
# undoing give back the exact bytes on the real machine's files.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped kill "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped kill "needs systemd-nspawn"; finish; }
unit=gird-test-kill-$$
cat > /etc/systemd/system/$unit.service <<'U'
[Service]
ExecStart=/bin/sleep 1000
U
cleanup() { rm -rf "$work" /etc/systemd/system/$unit.service /etc/systemd/system/$unit.service.d /var/lib/gird/$unit.service; }
# A twin's name carries the pid of its gird in hex; this is all that bears the name of the one with pid $1.
left_of() {
        local hex
        hex=$(printf '%x' "$1")
        pgrep -a -f -- "machine=gird-[0-9a-f]+-$hex-" | cut -c1-80
        find /sys/fs/cgroup -maxdepth 3 -name "gird-*-$hex-*" 2> /dev/null
        grep -o "gird-[0-9a-f]*-$hex-[^ ]*" /proc/mounts
        ls -d /tmp/gird-*-$hex-* /run/gird-*-$hex-* /run/systemd/nspawn/*gird-*-$hex-* 2> /dev/null
}
nothing_of() { # waits at most 5 s for what the kernel takes down by itself
        local i left
        for i in $(seq 100); do
                left=$(left_of "$1")
                [ -z "$left" ] && return 0
                sleep 0.05
        done
        echo "left: $left"
        return 1
}
seen=0
look() { [ -n "$(left_of "$1")" ] && seen=$((seen + 1)); }
for delay in 0.02 0.05 0.1 0.15 0.2 0.3 0.45 0.6 0.9 1.3 2 3; do
        "$gird" try $unit -q -p PrivateTmp=yes > /dev/null 2>&1 &
        pid=$!
        sleep $delay
        look $pid
        kill -9 $pid 2> /dev/null
        wait $pid 2> /dev/null
        check "killed after $delay s, nothing is left" nothing_of $pid
done
check "there was something to leave behind" test $seen -ge 6
for signal in TERM HUP INT; do
        "$gird" try $unit -q -p PrivateTmp=yes > /dev/null 2>&1 &
        pid=$!
        sleep 0.8
        kill -$signal $pid
        wait $pid 2> /dev/null
        check "SIG$signal undoes everything" nothing_of $pid
done
if command -v tmux > /dev/null; then
        tmux -L gird-kill-$$ -f /dev/null new-session -d "exec $gird try $unit -p PrivateTmp=yes"
        pid=$(tmux -L gird-kill-$$ list-panes -F '#{pane_pid}')
        sleep 0.8
        tmux -L gird-kill-$$ kill-server
        check "the terminal goes away, nothing is left" nothing_of $pid
fi
sums() { find /etc/systemd /var/lib/gird/$unit.service/history -type f 2> /dev/null | grep -v "$unit.service/history" | sort | xargs sha256sum; }
mkdir -p /etc/systemd/system/$unit.service.d
printf '[Service]\n# an admin wrote this\nNice=3\n' > /etc/systemd/system/$unit.service.d/10-admin.conf
sum=$(sums)
held() { "$gird" try $unit -q -p PrivateTmp=yes -p NoNewPrivileges=yes --settle 1s > "$work/out" && grep -q held "$work/out"; }
saved() { "$gird" save $unit > "$work/out" && grep -q '^PrivateTmp=yes' /etc/systemd/system/$unit.service.d/50-gird.conf; }
more() { "$gird" try $unit -q -p ProtectHome=yes --settle 1s > "$work/out" && "$gird" save $unit > "$work/out" &&
        grep -q '^PrivateTmp=yes' /etc/systemd/system/$unit.service.d/50-gird.conf && grep -q '^ProtectHome=yes' /etc/systemd/system/$unit.service.d/50-gird.conf; }
verified() { systemd-analyze verify /etc/systemd/system/$unit.service 2>&1 | grep 50-gird && return 1 || return 0; }
undone() { "$gird" undo $unit > /dev/null && ! grep -q ProtectHome /etc/systemd/system/$unit.service.d/50-gird.conf && "$gird" undo $unit > /dev/null && [ "$(sums)" = "$sum" ]; }
for t in held saved more verified undone; do check "$t" "$t"; done
finish
