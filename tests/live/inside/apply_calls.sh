#!/bin/bash
# apply_calls.sh - inside a host of tests/apply.sh, after apply_unit.sh: gird killed, or told that there is no
# room, at each system call by which it changes something, from the first one on.
# Arguments: UNIT WITHIN_MS COMMAND FAULT LANE LANES; FAULT as strace has it: signal=KILL or error=ENOSPC.
# A line for each call: "run CALL-NUMBER STATE" or "bad CALL-NUMBER why".
# shellcheck disable=SC2154
what=$3 fault=$4 lane=$5 lanes=$6
calls=mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,fsync,fdatasync,utimensat,fchmod,fallocate,flock,sendmsg,linkat,symlinkat

learn
# What is done before the first call that names the guard changes nothing.
options='--settle 150ms --untested -p NoNewPrivileges=yes'
begin() { # for those that come after an apply
        [ "$what" = apply ] && return
        apply
        until_pending restarted
        sleep 0.4
        if [ "$what" = save ]; then
                "$gird" confirm "$unit" > /dev/null 2>&1
                wait
        fi
}
traced() { # OPTION...: the command under strace
        local mine=
        case $what in
        apply) mine="$options --confirm-within ${within}ms" ;;
        save) mine='--untested -p NoNewPrivileges=yes' ;;
        esac
        # shellcheck disable=SC2086
        strace -qq "$@" "$gird" "$what" "$unit" $mine > "$work/traced.out" 2>&1 < /dev/null
}
begin
if [ "$what" = apply ]; then
        traced -o "$work/calls" -e trace=$calls &
        until_pending restarted
        sleep 0.5
        "$gird" revert "$unit" > /dev/null 2>&1
else
        traced -o "$work/calls" -e trace=$calls
fi
wait
now=$(state)
back "0 $what" > /dev/null
# "CALL NUMBER" of each from the guard's first on; those of waiting are left out.
awk -F '(' '!/^[a-z0-9_]+\(/ { next } { n[$1]++ } /guard|\.d"|50-gird|lock/ { on = 1 } on && n[$1] <= seen[$1] + 12 { print $1, n[$1] } !on { seen[$1] = n[$1] }' "$work/calls" |
        awk -v lane="$lane" -v lanes="$lanes" 'NR % lanes == lane % lanes' > "$work/points"
while read -r call number; do
        main=$(systemctl show -P MainPID "$unit")
        begin
        traced -o /dev/null -e trace="$call" -e inject="$call:$fault:when=$number" &
        tracer=$!
        if [ "$what" = apply ] && [ "$fault" != signal=KILL ]; then
                # It may have been of no account: then it stands, and is confirmed or not as it likes.
                for _ in $(seq 40); do kill -0 $tracer 2> /dev/null || break; sleep 0.1; done
        fi
        wait $tracer
        if [ "$what" = save ]; then # what it was about to write lies beside it; the next one clears that
                again=$(ls -A "$saved" 2> /dev/null | grep -vx 50-gird.conf)
                if [ -n "$again" ]; then
                        "$gird" save "$unit" -p NoNewPrivileges=yes --untested > "$work/again.out" 2>&1
                        again=$(ls -A "$saved" | grep -vx 50-gird.conf)
                fi
                [ -z "$again" ] || echo "bad $call-$number the next save leaves $again: $(tail -1 "$work/again.out")"
        fi
        if [ "$what" = save ] && [ -e "$saved/50-gird.conf" ]; then
                now=saved
                sed '/^#/d' "$saved/50-gird.conf" | cmp -s - "$work/complete.saved" || now="the saved drop-in is not complete"
                systemctl is-active -q "$unit" || now="saved, and not active"
                systemctl daemon-reload
                [ "$(systemctl show -P NoNewPrivileges "$unit")" = yes ] || now="saved, and not in force"
        else
                judge
        fi
        case $now in
        old | confirmed | saved) echo "run $call-$number $now" ;;
        *) echo "bad $call-$number $now $(tail -1 "$work/traced.out")" ;;
        esac
        wait
        back "$call-$number"
done < "$work/points"
