#!/bin/bash
# apply_faults.sh - what may go wrong while a profile is on a running unit: gird killed at any time, the
# session gone, the unit being sshd, full file systems, a manager that does not reload, reboots.  After each
# the unit runs as before or as confirmed, and nothing else is left.
#   RUNS=200 RACES=40 bash tests/live/apply_faults.sh        the numbers of the fault table (10 and 6 otherwise)
#   ONLY=kills ONLY_TREE=257 bash tests/live/apply_faults.sh one group, on one of the trees
. tests/lib.sh
. tests/apply.sh
each_tree guard
runs=${RUNS:-10} races=${RACES:-6} seed=${SEED:-$((RANDOM % 30000))}

# lanes SCRIPT PREFIX LANES COUNT WITHIN_MS: the script of tests/live/inside, COUNT runs shared among so many units.
lanes() {
        local lane
        rm -f "$work/lane".*
        for lane in $(seq "$3"); do
                service "$2$lane" 2> /dev/null
                in_host_sh "$1" "$2$lane" "$5" $((($4 + $3 - lane) / $3)) $((seed + lane)) > "$work/lane.$lane" 2> "$work/lane.$lane.err" &
        done
        wait
        cat "$work/lane".? > "$work/lanes"
}
# A script of tests/live/inside as a service of the host.
in_host_sh() { cat tests/live/inside/apply_unit.sh "tests/live/inside/$1" | host timeout -k 5 1200 systemd-run --quiet --pipe --wait --collect bash -s - "${@:2}"; }

group_kills() {
        lanes apply_kill.sh gkill 4 "$runs" 2000
        every_run() {
                grep '^bad ' "$work/lanes" | head -5
                [ -z "$(grep -m1 '^bad ' "$work/lanes")" ] && [ "$(grep -c '^run ' "$work/lanes")" -eq "$runs" ] && return 0
                echo "$(grep -c '^run ' "$work/lanes") of $runs runs, seed $seed: $(grep -m3 '^bad ' "$work/lanes" | cut -c1-300) $(cat "$work"/lane.*.err | tail -2)"
                return 1
        }
        case_ kill-9-at-random-times every_run
        echo "figure $label-kill-runs: $(grep -c '^run ' "$work/lanes") good, $(grep '^bad ' "$work/lanes" | cut -d' ' -f2,3 | sort -u | wc -l) bad; ended $(grep '^run ' "$work/lanes" | awk '{ s[$5]++ } END { for (k in s) printf "%s %d ", k, s[k] }'); killed $(grep '^run ' "$work/lanes" | awk '{ s[$3 "-" $4]++ } END { for (k in s) printf "%s %d ", k, s[k] }')"
}

group_races() {
        lanes apply_race.sh grace 4 "$races" 2000
        every_race() {
                [ -z "$(grep -m1 '^bad ' "$work/lanes")" ] && [ "$(grep -c '^race ' "$work/lanes")" -eq "$races" ] && return 0
                echo "$(grep -c '^race ' "$work/lanes") of $races, seed $seed: $(grep -m3 '^bad ' "$work/lanes" | cut -c1-300) $(cat "$work"/lane.*.err | tail -2)"
                return 1
        }
        case_ confirm-at-the-deadline-one-wins every_race
        echo "figure $label-confirm-races: confirm won $(grep -c '^race .* confirm$' "$work/lanes"), the guard $(grep -c '^race .* guard$' "$work/lanes"), bad $(grep -c '^bad ' "$work/lanes")"
}

# At each call by which something is changed, instead of at a random time.
calls() { # COMMAND FAULT LANES PREFIX
        local lane
        for lane in $(seq "$3"); do
                service "$4$lane"
                in_host_sh apply_calls.sh "$4$lane" 2000 "$1" "$2" "$lane" "$3" > "$work/lane.$1.$lane" 2> "$work/lane.$1.$lane.err" &
        done
        wait
        cat "$work/lane.$1".? > "$work/lanes"
        every_call() {
                [ -z "$(grep -m1 '^bad ' "$work/lanes")" ] && [ "$(grep -c '^run ' "$work/lanes")" -gt 3 ] && return 0
                echo "$(grep -c '^run ' "$work/lanes") good: $(grep -m3 '^bad ' "$work/lanes" | cut -c1-300) $(cat "$work/lane.$1".*.err | tail -2)"
                return 1
        }
        case_ "$1-${2#*=}-at-each-call" every_call
        echo "figure $label-$1-${2#*=}: $(grep -c '^run ' "$work/lanes") calls good, $(grep -c '^bad ' "$work/lanes") bad; ended $(grep '^run ' "$work/lanes" | awk '{ s[$3]++ } END { for (k in s) printf "%s %d ", k, s[k] }')"
}
has_strace() { host sh -c 'command -v strace' > /dev/null || { skipped "$label-$1" "needs strace"; return 1; }; }
group_calls_kill() { has_strace calls-kill && calls apply signal=KILL 4 gcall; }
group_calls_full() { has_strace calls-full && calls apply error=ENOSPC 2 gspace; }
group_calls_confirm() { has_strace calls-confirm && calls confirm signal=KILL 2 gconf; }
group_calls_revert() { has_strace calls-revert && calls revert signal=KILL 2 grev; }
group_calls_save() { has_strace calls-save && calls save signal=KILL 2 gsave; }

group_reloads() {
        service hn
        apply hn --confirm-within $((short * 2))s
        becomes hn new > /dev/null
        host bash -c 'for i in $(seq 30); do systemctl daemon-reload; sleep 0.3; done' &
        case_ reloads-do-not-put-it-off taken_back hn
        wait
        becomes hn old > /dev/null
}

group_killed() {
        # The moment the drop-in is there: it is not reloaded yet, or not restarted.
        service hb 'ExecStop=/bin/sleep 0.5'
        apply hb --confirm-within ${short}s
        # shellcheck disable=SC2016
        host bash -c 'until [ -e /run/systemd/system/hb.service.d/zz-gird-trial.conf ]; do :; done; systemctl kill --signal=KILL apply-hb'
        case_ killed-with-the-drop-in-just-there taken_back hb
}

group_signals() {
        service ha
        for signal in TERM HUP INT; do
                at_terminal ha --confirm-within $((short * 2))s
                was_put_on ha > /dev/null
                sleep 0.3
                signal $signal ha
                case_ "SIG$signal-in-the-countdown" taken_back ha
                wait_for $patience test -s "$work/ha.status"
        done
}

group_frozen() {
        service he
        # Frozen before it has laid anything down, and going on when the guard has been there already.
        for nap in 0.01 0.05 0.2; do
                apply he --confirm-within ${short}s
                wait_for $patience host test -e /run/gird/guard/he.service
                sleep $nap
                signal STOP he
                wait_for $patience sh -c "! nsenter -t $init -a -- test -e /run/gird/guard/he.service/pending" > /dev/null
                sleep 1
                signal CONT he > /dev/null
                case_ "frozen-for-the-whole-time-$nap" wait_for $patience test -s "$work/he.status"
                case_ "frozen-is-taken-back-$nap" taken_back he
        done
}

group_terminal() {
        service hc
        at_terminal hc --confirm-within $((short * 2))s
        was_put_on hc > /dev/null
        sleep 0.5
        host systemctl kill --signal=KILL --kill-whom=main apply-hc 2> /dev/null || host systemctl kill --signal=KILL --kill-who=main apply-hc
        case_ terminal-closed taken_back hc
        at_terminal hc --confirm-within $((short * 2))s
        was_put_on hc > /dev/null
        sleep 0.5
        signal KILL hc
        case_ killed-while-it-counts-down taken_back hc
}

# sshd as the unit, from sessions of its own.
login() { host ssh -q -i /run/t/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=3 "${@:2}" root@127.0.0.1 "$1"; }
group_ssh() {
        local ask="--untested --settle 200ms --now" before
        host sh -c 'ssh-keygen -q -t ed25519 -N "" -f /run/t/key && mkdir -p -m 700 /root/.ssh && cat /run/t/key.pub >> /root/.ssh/authorized_keys
                ls /etc/ssh/ssh_host_* > /dev/null 2>&1 || ssh-keygen -A; rm -f /run/nologin; systemctl start ssh.service'
        case_ ssh-login wait_for $patience login true
        host systemctl show -P MainPID ssh > "$work/before"

        # A session that is older than the change.
        mkfifo "$work/ask"
        login 'while read -r line; do eval "$line"; echo "status $?"; done' < "$work/ask" > "$work/old" 2>&1 &
        exec 9> "$work/ask"
        old() { # COMMAND: there; its status
                local n
                n=$(grep -c '^status' "$work/old")
                echo "$1" >&9
                for _ in $(seq 150); do [ "$(grep -c '^status' "$work/old")" -le "$n" ] || break; sleep 0.1; done
                grep '^status' "$work/old" | tail -1 | cut -d' ' -f2
        }
        old true > /dev/null

        no_now() { # units with connections open are not restarted unless it is said
                login "$gird_in apply ssh -p NoNewPrivileges=yes --untested --settle 200ms --confirm-within ${short}s --force" > "$work/out" 2> "$work/err" < /dev/null
                [ "$(main ssh)" = "$(cat "$work/before")" ] || { echo "it was restarted"; said; return 1; }
        }
        case_ ssh-is-not-restarted-by-default no_now
        g revert ssh
        wait_for $patience nothing_left ssh > /dev/null

        login "$gird_in apply ssh -p NoNewPrivileges=yes $ask --confirm-within 30s" > "$work/ssh.out" 2>&1 < /dev/null &
        if ! becomes ssh new > /dev/null; then # it may want to be told twice
                case_ ssh-is-warned-of grep -q -- --force "$work/ssh.out"
                login "$gird_in apply ssh -p NoNewPrivileges=yes $ask --confirm-within 30s --force" > "$work/ssh.out" 2>&1 < /dev/null &
        fi
        case_ ssh-apply becomes ssh new
        sleep 0.3
        case_ ssh-confirm-from-the-old-session-is-refused test "$(old "$gird_in confirm ssh")" = 1
        case_ ssh-confirm-says-what-to-do grep -qiE 'new (login|session|connection)|log in' "$work/old"
        case_ ssh-refused-confirm-changes-nothing is ssh new
        case_ ssh-confirm-from-a-new-login status 0 login "$gird_in confirm ssh"
        case_ ssh-confirmed is ssh new
        case_ ssh-confirmed-nothing-else-left no_timer ssh
        case_ ssh-revert status 0 g revert ssh
        case_ ssh-reverted taken_back ssh

        # The old one may, when it insists.
        login "$gird_in apply ssh -p NoNewPrivileges=yes $ask --force --confirm-within 30s" > "$work/ssh.out" 2>&1 < /dev/null &
        becomes ssh new > /dev/null
        case_ ssh-confirm-by-force test "$(old "$gird_in confirm ssh --force")" = 0
        g revert ssh
        taken_back ssh > /dev/null

        # The session that applies it dies.
        login "$gird_in apply ssh -p NoNewPrivileges=yes $ask --force --confirm-within $((short * 2))s" -tt > "$work/ssh.out" 2>&1 < /dev/null &
        client=$!
        becomes ssh new > /dev/null
        kill -9 $client
        case_ ssh-session-dies taken_back ssh

        # Nobody can log in any more: the very thing that it is for.
        login "$gird_in apply ssh -p NoNewPrivileges=yes -p InaccessiblePaths=/root $ask --force --confirm-within $((short * 2))s" > "$work/ssh.out" 2>&1 < /dev/null &
        becomes ssh new > /dev/null
        case_ ssh-locked-out bash -c "! nsenter -t $init -a -- ssh -q -i /run/t/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@127.0.0.1 true"
        case_ ssh-locked-out-is-taken-back taken_back ssh
        case_ ssh-login-again wait_for $patience login true
        exec 9>&-

        # Sessions die with it: no scope of their own, everything in the control group is killed.
        host sh -c 'mkdir -p /etc/systemd/system/ssh.service.d; printf "[Service]\nKillMode=control-group\n" > /etc/systemd/system/ssh.service.d/10-kill.conf
                printf "UsePAM no\n" > /etc/ssh/sshd_config.d/00-pam.conf; systemctl daemon-reload; systemctl restart ssh'
        wait_for $patience login true > /dev/null
        login "$gird_in apply ssh -p NoNewPrivileges=yes $ask --force --confirm-within ${short}s" > "$work/ssh.out" 2>&1 < /dev/null
        case_ ssh-dies-with-its-sessions taken_back ssh
        case_ ssh-login-after-that wait_for $patience login true
}

# Without gird, then without the bus, then systemd itself out of reach.
group_bus() {
        service hd
        apply hd --confirm-within $((short * 2))s
        becomes hd new > /dev/null
        host mv $gird_in $gird_in.away
        case_ without-gird-itself taken_back hd
        host mv $gird_in.away $gird_in
        wait_for $patience test -s "$work/hd.status"
        service hk
        apply hk --confirm-within $((short * 2))s
        becomes hk new > /dev/null
        host systemctl stop dbus.socket dbus.service
        case_ without-the-bus taken_back hk
        case_ without-the-bus-apply status 0 host $gird_in apply hk -p NoNewPrivileges=yes --untested --settle 200ms --confirm-within 60s
        case_ without-the-bus-applied is hk new
        case_ without-the-bus-confirm status 0 host $gird_in confirm hk
        case_ without-the-bus-revert status 0 host $gird_in revert hk
        case_ without-the-bus-reverted taken_back hk
        host systemctl start dbus.socket
        apply hk --confirm-within $((short * 2))s
        becomes hk new > /dev/null
        host systemctl stop dbus.socket dbus.service
        host mv /run/systemd/private /run/systemd/private.away
        tried() { host $gird_in status --json > "$work/out" 2> "$work/err"; json "any(u['unit'] == 'hk.service' and u['state'] == 'failed' for u in d['applied'])"; }
        case_ systemd-out-of-reach-is-in-status wait_for $patience tried
        case_ systemd-out-of-reach-says-why json "[u['said'] for u in d['applied'] if u['unit'] == 'hk.service'][0]"
        host sh -c 'mv /run/systemd/private.away /run/systemd/private; systemctl start dbus.socket'
        case_ systemd-out-of-reach-keeps-it-running host systemctl is-active -q hk
        case_ systemd-in-reach-again-is-taken-back taken_back hk
}

# /run is made so small that N KiB are free.
small_run() { host sh -c 'u=$(df -k --output=used /run | tail -1); mount -o remount,size=$((u + $0))k /run' "$1"; }
large_run() { host mount -o remount,size=256M /run; }
group_full() {
        local before
        service hl
        before=$(main hl)
        small_run 0
        direct apply hl --confirm-within ${short}s
        case_ run-full-is-a-no test "$code" != 0
        case_ run-full-says-so bash -c "cat '$work/out' '$work/err' | grep -qiE 'space|full'"
        large_run
        case_ run-full-changes-nothing taken_back hl
        case_ run-full-restarts-nothing test "$(main hl)" = "$before"
        # Room for files, but systemd refuses to reload (it wants 16 MiB).
        small_run 2000
        refuses() { ! host systemctl daemon-reload; }
        case_ reload-is-refused refuses
        direct apply hl --confirm-within ${short}s
        case_ reload-refused-is-a-no test "$code" != 0
        large_run
        case_ reload-refused-changes-nothing taken_back hl
        case_ reload-refused-restarts-nothing test "$(main hl)" = "$before"
        # The same while it is pending: the guard must be able to reload all the same.
        apply hl --confirm-within $((short * 2))s
        becomes hl new > /dev/null
        small_run 2000
        case_ reload-refused-since-does-not-stop-the-guard taken_back hl
        large_run

        # /etc full when it is saved: it stays confirmed, and there is no half file.
        apply hl --confirm-within 30s
        ended hl 0 > /dev/null
        g confirm hl
        host sh -c 'cp -a /etc/systemd/system /run/t/etc; mount -t tmpfs -o size=400k tmpfs /etc/systemd/system; cp -a /run/t/etc/. /etc/systemd/system/; mkdir -p /etc/systemd/system/hl.service.d
                cat /dev/zero > /etc/systemd/system/.fill 2> /dev/null'
        g save hl -p NoNewPrivileges=yes --untested
        code=$?
        case_ etc-full-save-fails test $code != 0
        case_ etc-full-save-says-so bash -c "cat '$work/out' '$work/err' | grep -qiE 'space|full'"
        case_ etc-full-leaves-no-half-file test -z "$(host ls -A /etc/systemd/system/hl.service.d)"
        case_ etc-full-stays-confirmed is hl new
        host rm /etc/systemd/system/.fill
        case_ etc-with-room-saves status 0 g save hl -p NoNewPrivileges=yes --untested
        case_ etc-with-room-nothing-left wait_for $patience nothing_left hl
        host sh -c 'umount /etc/systemd/system; systemctl daemon-reload; systemctl restart hl; rm -rf /var/lib/gird/hl.service'
}
# Without a unit of its own, for which there may be no room.
direct() { host $gird_in "$1" "$2" -p NoNewPrivileges=yes --untested --settle 200ms "${@:3}" > "$work/out" 2> "$work/err" < /dev/null; code=$?; }

group_reboot() {
        local way
        for way in '' -ff; do
                service hm
                host systemctl enable hm 2> /dev/null
                host sh -c 'mkdir -p /etc/systemd/system/basic.target.wants; ln -sf ../hm.service /etc/systemd/system/basic.target.wants/'
                apply hm --confirm-within 30s
                case_ "reboot${way:+$way}-pending" becomes hm new
                # shellcheck disable=SC2086
                case_ "reboot${way:+$way}-boots" reboot_host $way
                case_ "reboot${way:+$way}-nothing-left" taken_back hm
                apply hm --confirm-within 30s
                ended hm 0 > /dev/null
                g confirm hm
                # shellcheck disable=SC2086
                reboot_host $way
                case_ "reboot${way:+$way}-confirmed-is-gone-too" taken_back hm
                g status --json
                case_ "reboot${way:+$way}-status-is-empty" json "d['applied'] == []"
        done
}

# The calls one by one take minutes: with the numbers of the fault table only.
calls=
[ "$runs" -lt 100 ] || calls='calls_kill calls_full calls_confirm calls_revert calls_save'
# shellcheck disable=SC2086
run_groups kills races killed signals frozen terminal ssh -- $calls reloads bus full reboot
