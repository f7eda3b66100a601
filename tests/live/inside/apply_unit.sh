#!/bin/bash
# apply_unit.sh - what the scripts of this folder that put a profile on a unit share, inside a host of
# tests/apply.sh.  Arguments: UNIT WITHIN_MS, and each script's own.
# shellcheck disable=SC2034,SC2155
unit=$1.service within=$2
gird=/usr/local/sbin/gird-nested
runtime=/run/systemd/system/$unit.d
dropin=$runtime/zz-gird-trial.conf
saved=/etc/systemd/system/$unit.d
work=/run/t/$1
mkdir -p "$work"

# old, confirmed, or what is wrong.
state() {
        local MainPID= ActiveState= NoNewPrivileges= NeedDaemonReload= real=
        eval "$(systemctl show -p MainPID -p ActiveState -p NoNewPrivileges -p NeedDaemonReload "$unit")"
        real=$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' "/proc/$MainPID/status" 2> /dev/null)
        case "$ActiveState ${real:-none} $NoNewPrivileges $([ ! -e "$dropin" ] || echo dropin) $NeedDaemonReload" in
        "active 0 no  no") echo old ;;
        "active 1 yes dropin no") echo confirmed ;;
        *) echo "$ActiveState, NoNewPrivs of its process: ${real:-none}, of the manager: $NoNewPrivileges, runtime: $(ls -A "$runtime" 2> /dev/null | tr '\n' ' '), reload needed: $NeedDaemonReload" ;;
        esac
}
# Timers and services of the guard, also such as have ended and were not collected.
guards() {
        systemctl list-units --all --no-legend --plain | grep -E 'gird-(guard|revert)' | grep -F -- "-$1" | tr -s ' '
        ls -A /run/systemd/transient | grep -E 'gird-(guard|revert)' | grep -F -- "-$1"
}
pending() { [ -e "/run/gird/guard/$unit/pending" ]; }
# What must not be there when it is over.
left() {
        guards "$unit"
        if [ "$1" = old ]; then
                ls -dA "/run/gird/guard/$unit" "/run/gird/guard/.gone-$unit" "$runtime" 2> /dev/null
        else
                ls -A "$runtime" | grep -vx zz-gird-trial.conf
                ls -A "/run/gird/guard/$unit" | grep -E 'pending|reverting|failed|reserve'
                sed '/^#/d' "$dropin" | cmp -s - "$work/complete" || echo "the drop-in is not complete"
        fi
        ls -A "$saved" 2> /dev/null | grep -vxE '50-gird.conf|\.50-gird.conf.new' # the next save clears the latter
        if [ -e "$saved/50-gird.conf" ]; then
                sed '/^#/d' "$saved/50-gird.conf" | cmp -s - "$work/complete.saved" || echo "the saved drop-in is not complete"
        fi
}
us() { echo $((${EPOCHREALTIME/./})); }
nap() { sleep "$(printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000)))"; }
# random N: 0 to N - 1, N up to 2^30
random() { echo $(((RANDOM << 15 | RANDOM) % $1)); }

phase() {
        if [ ! -e "/run/gird/guard/$unit/state.json" ]; then echo before
        elif [ ! -e "$dropin" ]; then echo armed
        elif [ "$(systemctl show -P MainPID "$unit")" = "$main" ]; then echo laid
        elif pending; then echo restarted
        else echo decided; fi
}
apply() { "$gird" apply "$unit" -p NoNewPrivileges=yes --untested --settle 150ms --confirm-within "${within}ms" > "$work/out" 2>&1 < /dev/null & }
# Waits until nothing is pending and the guard is gone, at most so long; then for the unit.
over() {
        local end=$(($(us) + $1 * 1000))
        while { pending || [ -n "$(guards "$unit")" ]; } && [ "$(us)" -lt $end ]; do sleep 0.05; done
        while :; do
                now=$(state)
                case $now in old | confirmed) [ -z "$(left "$now")" ] && return 0 ;; esac
                [ "$(us)" -lt $end ] || return 1
                sleep 0.05
        done
}
until_pending() { for _ in $(seq 2000); do "$@" && return 0; sleep 0.03; done; return 1; }
restarted() { [ "$(phase)" = restarted ]; }

# One undisturbed round: what complete files look like, and how long an apply takes here.
learn() {
        local within=60000 began=$(us)
        main=$(systemctl show -P MainPID "$unit")
        apply
        wait
        took=$(($(us) - began))
        "$gird" confirm "$unit" > /dev/null 2>&1
        # The comments say when it was written.
        sed '/^#/d' "$dropin" > "$work/complete" && [ -s "$work/complete" ] || { echo "bad 0 undisturbed before: $(tail -1 "$work/out")"; exit 1; }
        "$gird" save "$unit" -p NoNewPrivileges=yes --untested > "$work/out" 2>&1
        sed '/^#/d' "$saved/50-gird.conf" > "$work/complete.saved" || { echo "bad 0 save before: $(tail -1 "$work/out")"; exit 1; }
        "$gird" undo "$unit" > /dev/null 2>&1
        systemctl restart "$unit"
        rmdir "$saved" 2> /dev/null
        now=$(state)
        [ "$now" = old ] || { echo "bad 0 undo after: $now"; exit 1; }
}
# Judges a run when its time is over: $now is "old", "confirmed" or what is wrong.
judge() {
        over $((within + 60000)) && return # a busy machine is waited for
        local left=$(left "$([ "$now" = confirmed ] && echo confirmed || echo old)" | tr '\n' ' ')
        now="$now; left: ${left:-nothing}"
}
# Back to the beginning, by gird's own means, and by force where that fails: "bad RUN …" then.
back() {
        if [ "$now" = saved ]; then
                "$gird" revert "$unit" > /dev/null 2>&1
                "$gird" undo "$unit" > /dev/null 2>&1
        elif [ "$now" != old ]; then
                "$gird" revert "$unit" > "$work/revert.out" 2>&1
        fi
        rm -rf "$saved"
        if [ "$now" = saved ]; then systemctl daemon-reload; systemctl reset-failed "$unit"; systemctl restart "$unit"; fi
        if ! over 60000 || [ "$now" != old ]; then
                echo "bad $1 revert-after: $now; left: $(left old | tr '\n' ' ')$(tail -1 "$work/revert.out" 2> /dev/null)"
                systemctl stop "gird-guard-*" 2> /dev/null
                rm -rf "/run/gird/guard/$unit" "$runtime"
                systemctl daemon-reload
                systemctl reset-failed "$unit" 2> /dev/null
                systemctl restart "$unit"
        fi
}
