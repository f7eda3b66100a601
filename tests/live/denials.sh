#!/bin/bash
# denials.sh - for each directive a program that needs what it takes away (denials.inc): the trial must say broke or bent, name exactly
# that directive first, and what was refused; then some of them with 25 harmless changes around the guilty one.
#   denials.sh [ROW...]     (root; GIRD is build/gird)     ALL=1: every row in every mode; MODES="bent crowd": only these;  KEEP=folder: what gird said stays there
#   ROOT=folder: in twins of that tree, of a newer systemd, say
. tests/lib.sh
gird=$(realpath -- "$gird")
[ "$(id -u)" -eq 0 ] || { skipped denials "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped denials "needs systemd-nspawn"; finish; }
command -v python3 > /dev/null || { skipped denials "needs python3"; finish; }

# The program and its files lie in folders of the test's own, laid over this machine's where nobody else sees them.
if [ -z "${GIRD_TEST_INSIDE:-}" ]; then
        mkdir -p /var/lib/gird
        rm -rf "$work"
        GIRD_TEST_INSIDE=1 exec unshare --mount --propagation private -- "$0" "$@"
fi
. tests/needs.sh
lay_out > "$work/out" 2>&1 || { not_ok "the planted program is laid out" "$(tail -3 "$work/out")"; finish; }
if [ -n "${ROOT:-}" ]; then
        mount -t tmpfs -o mode=755 tmpfs "$ROOT/mnt" && mkdir "$ROOT$there" && mount --bind $there "$ROOT$there" && mount --bind /root "$ROOT/root" ||
                { not_ok "the planted program is laid out" "cannot mount below $ROOT"; finish; }
fi

# Harmless to the rows that are tried with them; the guilty one takes the place of its namesake.
crowd='NoNewPrivileges=yes
ProtectHome=read-only
ProtectKernelModules=yes
ProtectHostname=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
SystemCallArchitectures=native
MemoryDenyWriteExecute=yes
PrivateTmp=yes
ProtectSystem=full
ProtectControlGroups=yes
ProtectKernelTunables=yes
PrivateIPC=yes
UMask=0027
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
CapabilityBoundingSet=~CAP_SYS_BOOT
SystemCallFilter=~@reboot @swap @obsolete
ProtectProc=invisible
LimitCORE=0
DevicePolicy=closed
IPAddressDeny=10.0.0.0/8
PrivateMounts=yes
ReadOnlyPaths=/opt
LimitNOFILE=4096'
in_crowd='caps system_strict inaccessible_user proc_subset families write_execute hostname namespaces tmp filter deny limit_files no_exec'

# try_row NAME CHANGE MODE LINES: the unit is of that mode; "|" between its lines
try_row() {
        local name=$1 change=$2 mode=$3 lines=${4//|/$'\n'} unit=$there/units/gird-need-$1-$3.service shrug='' settle=300ms line
        local out=$work/results/$name.$mode
        local -a more=(-p "$change")
        case $mode in bent | crowd | none) shrug=--shrug ;; esac
        case $'\n'$lines in *$'\nExecStart='*) ;; *) lines="ExecStart=$there/needs --run $name $shrug"$'\n'$lines ;; esac
        case $'\n'$lines in *$'\nType='*) ;; *) lines="Type=exec"$'\n'$lines ;; esac # the time to settle begins when the program does
        printf '[Service]\n%s\n' "${lines//@\//$there/}" > "$unit"
        while read -r line; do
                case $line in
                '#probe='*) more+=(--probe "${line#*=}") ;;
                '#settle='*) settle=${line#*=} ;;
                esac
        done <<< "$lines"
        [ "$mode" != crowd ] || while read -r line; do
                [ "${line%%=*}" = "${change%%=*}" ] || more+=(-p "$line")
        done <<< "$crowd"
        timeout 120 "$gird" try "$unit" --json -q --settle $settle "${more[@]//@\//$there/}" ${ROOT:+--root="$ROOT"} > "$out.json" 2> "$out.err"
        echo $? > "$out.status"
}

mkdir "$work/results"
"$there/needs" --list > "$work/list"
python3 tests/live/denials.py pick "$work/list" "$in_crowd" "$@" > "$work/picked" || { not_ok "rows are picked" "$(tail -1 "$work/picked")"; finish; }
begin=$(date +%s)
while IFS=$'\037' read -r name change mode lines; do
        while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-2}" ]; do wait -n; done
        try_row "$name" "$change" "$mode" "$lines" &
done < "$work/picked"
wait
echo "figure denials: $(grep -c . "$work/picked") trials in $(($(date +%s) - begin)) s"
[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp -r "$work/results/." "$work/list" "$KEEP/"; }
python3 tests/live/denials.py judge "$work/list" "$work/picked" "$work/results" "$there" || bad=1
finish
