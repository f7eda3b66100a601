#!/bin/bash
# claims.sh - what the help pages claim is done and seen: each experiment of a section "Tested", on booted hosts with this machine's
# systemd and with 257, side by side, as a root service with the settings and once more without.
#
#   MOVE  RESULT  SETTING [SETTING ...]  [given SETTING ...]  [from VERSION]  [to VERSION]
#
# It holds where the intruder answers RESULT with the settings, and something else without.  A RESULT of "status N" or "signal NAME" is
# the service's own end.  ONLY="PAGE ..." does the experiments of these pages; INTRUDER= is the program (build/intruder).
# UNITS=DIR keeps the unit files and the answers; HELP=DIR is where the pages lie.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
intruder=${INTRUDER:-$PWD/build/intruder}
[ "$(id -u)" -eq 0 ] || { skipped claims "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped claims "needs systemd-nspawn"; finish; }
[ -x "$intruder" ] || { not_ok claims "there is no $intruder; \`make\` makes it"; finish; }

# What a setting needs of the machine beyond systemd and root: PATTERN of the setting, what it is, how the host tells that it is there.
# Only where that fails is an experiment that did not hold skipped, and said to be.
mechanisms='^(Memory(Max|High|Low|Min|SwapMax|ZSwapMax)|ManagedOOM) ;; control group controller memory ;; grep -qw memory /sys/fs/cgroup/cgroup.controllers
^CPU(Weight|Quota) ;; control group controller cpu ;; grep -qw cpu /sys/fs/cgroup/cgroup.controllers
^IO[WRD] ;; control group controller io ;; grep -qw io /sys/fs/cgroup/cgroup.controllers
^Allowed(CPUs|MemoryNodes) ;; control group controller cpuset ;; grep -qw cpuset /sys/fs/cgroup/cgroup.controllers
^TasksMax ;; control group controller pids ;; grep -qw pids /sys/fs/cgroup/cgroup.controllers
^RestrictFileSystems ;; the BPF security module ;; grep -qw bpf /sys/kernel/security/lsm
^AppArmorProfile ;; AppArmor ;; test -d /sys/kernel/security/apparmor
^SELinuxContext ;; SELinux ;; test -d /sys/fs/selinux
^SmackProcessLabel ;; Smack ;; test -d /sys/fs/smackfs
^(RootImage|MountImages|ExtensionImages) ;; loop devices ;; test -e /dev/loop-control
^(write-sysrq|write-sysrq-trigger)$ ;; /proc/sysrq-trigger ;; test -e /proc/sysrq-trigger
^read-kcore$ ;; /proc/kcore ;; test -e /proc/kcore
^(LimitRTPRIO|LimitNICE|LimitMEMLOCK=|OOMScoreAdjust=-) ;; the right to raise limits ;; prlimit --rtprio=20 true
^write-sysfs$ ;; a place in /sys that can be written ;; test -w /sys/kernel/uevent_helper || test -w /sys/kernel/mm/transparent_hugepage/enabled
^MemoryKSM ;; KSM of the kernel ;; test -d /sys/kernel/mm/ksm
^(syslog|read-kmsg)$ ;; kernel.dmesg_restrict ;; grep -qx 1 /proc/sys/kernel/dmesg_restrict
^read-kallsyms$ ;; kernel addresses that only some may see ;; grep -qx 1 /proc/sys/kernel/kptr_restrict || { grep -qx 0 /proc/sys/kernel/kptr_restrict && grep -q "^[2-9]" /proc/sys/kernel/perf_event_paranoid; }
^perf-open$ ;; kernel.perf_event_paranoid above 0 ;; grep -q "^[1-9]" /proc/sys/kernel/perf_event_paranoid'

# Both hosts at once, each a run of this script that says what it found.
if [ -z "${claims_tree:-}" ]; then
        . tests/trees.sh
        other=$(tree trixie) || { skipped claims-257 "no tree of trixie: $other"; other=''; }
        children=
        for pair in "this:/" ${other:+"257:$other"}; do
                claims_label=${pair%%:*} claims_tree=${pair#*:} setpriv --pdeathsig TERM bash "$0" > "$work/out.${pair%%:*}" 2> "$work/err.${pair%%:*}" &
                children="$children $!"
        done
        trap 'kill $children 2> /dev/null; exit 1' INT TERM HUP
        for child in $children; do wait "$child" || bad=1; done
        cat "$work"/out.*
        cat "$work"/err.* >&2
        finish
fi

gird=$intruder # host.sh puts it into the host as gird-nested
host_test=claims-$claims_label name=gird-test-claims-$claims_label-$$ unit=gird-nested.service host_tree=$claims_tree
. tests/host.sh
boot || {
        skipped "$host_test" "$claims_tree does not boot in a container: $(tail -1 "$work/console" | tr -dc '[:print:]')"
        finish
}
# A container lacks some of what a machine has: places of the kernel that root may write, devices, a way out of the network, modules,
# somebody else's process.  Without these the sandbox would be credited with what the container does.  Moves only open and look.
# shellcheck disable=SC2016
host sh -c '
        for place in /proc/sys /sys/kernel /sys/devices; do mount -o remount,bind,rw $place; done
        mknod -m 644 /dev/kmsg c 1 11; mknod -m 666 /dev/fuse c 10 229; mknod -m 600 /dev/loop-control c 10 237
        umount /proc/kmsg
        ip route add 192.0.2.0/24 dev lo
        mkdir -p "/usr/lib/modules/$(uname -r)" && touch "/usr/lib/modules/$(uname -r)/modules.dep"
        systemd-run --quiet --unit=gird-somebody -p User=nobody sleep infinity
' > "$work/furnished" 2>&1
systemd=$(host systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')
root=/proc/$init/root

# Pages to rows, rows to unit files; each service once, however many experiments share it.
# One that holds, one that does not, and one that holds without its setting, too: the first is ok, the others have to be found out.
mkdir "$work/planted"
printf 'planted\nFor the test itself.\n\nTested\n  %s\n  %s\n  %s\n' 'write-usr  EROFS  ProtectSystem=yes' 'write-usr  ok  ProtectSystem=yes' \
        'print-umask  "ok 0022"  ProtectHome=yes' > "$work/planted/planted.txt"
pages=("$work/planted/planted.txt")
for page in ${ONLY:-"*"}; do pages+=("${HELP:-help}"/*/$page.txt); done
if ! awk -v systemd="$systemd" -v units="$work/units" -f tests/live/claims_units.awk "${pages[@]}" > "$work/rows" 2> "$work/errors"; then
        while read -r line; do not_ok "claims-$systemd-form" "$line"; done < "$work/errors"
fi
[ -s "$work/rows" ] || { ok "claims-$systemd-none"; finish; }
install -m 755 "$intruder" "$root/run/gird-intruder" && mkdir "$root/run/claims" && (cd "$work/units" && cp -- *.service "$root/run/systemd/system/") || {
        not_ok "claims-$systemd" "the units cannot be put into the host"
        finish
}
host systemctl daemon-reload
# A row of batches is the names of services that may run side by side: no move twice.
while read -r batch; do
        # shellcheck disable=SC2086
        timeout 60 nsenter -t "$init" -a -- systemctl start $batch > /dev/null 2>&1
done < "$work/units/batches"
# Those of another Type= than oneshot may run still.
running() { host systemctl list-units --no-legend --plain --state=active,activating,deactivating,reloading 'gird-claim-*'; }
for _ in $(seq 100); do
        [ -n "$(running)" ] || break
        sleep 0.1
done

# shellcheck disable=SC2046
host systemctl show -p Id -p LoadState -p ExecMainCode -p ExecMainStatus -p Result $(tr -s ' ' '\n' < "$work/units/batches") > "$work/ends"
while IFS= read -r line; do
        rest=${line#* ;; }
        host sh -c "${rest#* ;; }" > /dev/null 2>&1 || echo "${line%% ;; *};;${rest%% ;; *}"
done <<< "$mechanisms" > "$work/missing"
cp -r "$root/run/claims" "$work/answers"
[ -z "${UNITS:-}" ] || { mkdir -p "$UNITS/$systemd" && cp -r "$work/units" "$work/answers" "$work/ends" "$work/rows" "$UNITS/$systemd/"; }
awk -v systemd="$systemd" -v answers="$work/answers" -f tests/live/claims_verdicts.awk "$work/missing" "$work/ends" "$work/rows" > "$work/said"
cat "$work/furnished" >&2
grep -E '^(not )?ok claims-[0-9]*-planted-' "$work/said" | sed 's/:.*//' > "$work/planted.said"
sed -i -E '/^(not )?ok claims-[0-9]*-planted-/d' "$work/said"
check "claims-$systemd-wrong-claims-are-found" diff "$work/planted.said" - << END
ok claims-$systemd-planted-5
not ok claims-$systemd-planted-6
not ok claims-$systemd-planted-7
END
cat "$work/said"
! grep -q '^not ok ' "$work/said" || bad=1
finish
