#!/bin/bash
# nested.sh - gird on a host that runs systemd: this machine's own tree, booted with systemd as PID 1
# in a container of the test's own; a twin there is in a transient scope, and nothing of it stays.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped nested "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped nested "needs systemd-nspawn"; finish; }

host_test=nested name=gird-test-nested-$$ unit=gird-nested.service
. tests/host.sh

# All that a twin could leave on the host, within three seconds.
left() {
        host sh -c 'systemctl list-units --all --no-legend "gird-*.scope"
                find /sys/fs/cgroup -name "gird-*.scope" -o -name "gird-[0-9a-f]*-*"
                ls -A /run/systemd/nspawn 2> /dev/null
                grep "/run/gird\|gird-[0-9a-f]*-" /proc/mounts
                grep -l "gird-[0-9a-f]*-[0-9a-f]*-[0-9a-f]*-" /proc/[0-9]*/cgroup' 2> /dev/null
}
nothing_left() {
        for _ in $(seq 60); do
                [ -n "$(left)" ] || return 0
                sleep 0.05
        done
        left
        return 1
}

boot || {
        skipped nested "this machine's tree does not boot in a container: $(tail -1 "$work/console" | tr -dc '[:print:]')"
        finish
}

in_host list > "$work/out" 2> "$work/err"
check nested-list has "^$unit"
check nested-list-asks-the-manager test ! -s "$work/err"

in_host try "$unit" -p ProtectSystem=strict -p PrivateTmp=yes --settle 500ms --json > "$work/out" 2> "$work/err"
check nested-try-holds has '"verdict":[[:space:]]*"held"'
check nested-try-runs-in-a-transient-scope has '"where":[[:space:]]*"transient scope gird-'
check nested-try-leaves-nothing nothing_left

in_host save "$unit" > "$work/out" 2> "$work/err"
check nested-save-is-what-the-manager-says test "$(host systemctl show -P ProtectSystem "$unit")" = strict
in_host undo "$unit" > "$work/out" 2> "$work/err"
check nested-undo-is-what-the-manager-says test "$(host systemctl show -P ProtectSystem "$unit")" = no
check nested-undo-leaves-no-drop-in host test ! -e "/etc/systemd/system/$unit.d/50-gird.conf"

# Killed alone, in the middle: what it started has to end by itself, for nobody else ends it.
host systemd-run --quiet --unit=gird-killed -p KillMode=process /usr/local/sbin/gird-nested try "$unit" -p ProtectSystem=strict --settle 60s
for _ in $(seq 100); do
        host systemctl list-units --no-legend 'gird-*.scope' | grep -q running && break
        sleep 0.1
done
for _ in $(seq 100); do # in the trial proper: the twin's PID 1 has started the service
        host sh -c 'grep -lz "^infinity" /proc/[0-9]*/cmdline' > "$work/out" 2> /dev/null && break
        sleep 0.1
done
check nested-trial-is-under-way test -s "$work/out"
check nested-trial-is-seen test -n "$(left)"
host sh -c 'kill -9 "$(systemctl show -P MainPID gird-killed)"'
check nested-kill-9-leaves-nothing nothing_left
check nested-kill-9-leaves-no-process host sh -c '! ps -eo stat=,args= | grep -v "^Z" | grep -E "systemd-nspaw[n]|gird-neste[d]|sleep infinit[y]"'
finish
