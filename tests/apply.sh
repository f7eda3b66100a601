# apply.sh - what the tests of the guard share: hosts of both trees, units to apply to, and what must be
# true of a unit afterwards.  Source it after lib.sh; say each_tree, then write functions that begin with
# group_ and call run_groups.
#
# The change that is applied is NoNewPrivileges=yes wherever nothing else is needed: the kernel tells of
# each process whether it has it, so that nobody has to be believed.  Each start of a unit leaves a line of
# that in the journal, so that a slow machine does not miss a state that lasted two seconds.
gird_in=/usr/local/sbin/gird-nested
# How long a busy machine is waited for, in seconds; nothing that goes well takes so long.
patience=${PATIENCE:-60}

# each_tree NAME: this script once per tree, side by side, as "NAME LABEL TREE"; in such a run it boots the
# tree and returns.
each_tree() {
        local children='' other code=0
        [ "$(id -u)" -eq 0 ] || { skipped "$1" "needs root"; finish; }
        command -v systemd-nspawn > /dev/null || { skipped "$1" "needs systemd-nspawn"; finish; }
        if [ -n "${apply_tree:-}" ]; then
                tree_host "$1"
                return
        fi
        . tests/trees.sh
        other=$(tree trixie) || { skipped "$1-257" "no tree of trixie: $other"; other=''; }
        for pair in "this:/" ${other:+"257:$other"}; do
                case " ${ONLY_TREE:-${pair%%:*}} " in *" ${pair%%:*} "*) ;; *) continue ;; esac
                apply_label=${pair%%:*} apply_tree=${pair#*:} setpriv --pdeathsig TERM bash "$0" > "$work/out.${pair%%:*}" 2> "$work/err.${pair%%:*}" &
                children="$children $!"
        done
        trap 'kill $children 2> /dev/null; exit 1' INT TERM HUP
        for child in $children; do wait "$child" || code=1; done
        cat "$work"/out.*
        cat "$work"/err.* >&2
        exit $code
}

# The host of one such run: label says which systemd.
tree_host() {
        host_test=$1-$apply_label name=gird-test-$1-$apply_label-$$ unit=gird-nested.service host_tree=$apply_tree
        . tests/host.sh
        boot || {
                skipped "$host_test" "$apply_tree does not boot in a container: $(tail -1 "$work/console" | tr -dc '[:print:]')"
                finish
        }
        label=$1-$(host systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')
        host mkdir -p /run/t
        # A time to confirm that an apply is well over in: it is measured alone here, and has a score of
        # others beside it later, on both trees.
        service gtime
        local began=${EPOCHREALTIME/./}
        g apply gtime -p NoNewPrivileges=yes --untested --settle 200ms --confirm-within 60s
        short=$(((${EPOCHREALTIME/./} - began) * 4 / 1000000 + 4))
        g revert gtime
        [ $short -ge 10 ] || short=10
}

# run_groups GROUP...: side by side, each with a folder of its own; those that need the host for
# themselves come after, one after the other: "run_groups a b -- c d".  ONLY=GROUP: that one.
run_groups() {
        local all=$work alone='' pids='' group
        for group in "$@"; do
                if [ "$group" = -- ]; then
                        for pid in $pids; do wait "$pid"; done
                        alone=yes
                        continue
                fi
                case " ${ONLY:-$group} " in *" $group "*) ;; *) continue ;; esac
                mkdir "$all/$group"
                ( work=$all/$group; trap - EXIT; SECONDS=0; "group_$group"; echo "# $group took $SECONDS s" ) > "$all/$group.said" 2> "$all/$group.errors" &
                if [ -n "$alone" ]; then wait "$!"; else pids="$pids $!"; fi
        done
        for pid in $pids; do wait "$pid" 2> /dev/null; done
        [ -z "${JOURNAL:-}" ] || host journalctl -q -b -o short-precise --no-pager > "$JOURNAL.$apply_label" # what the host's systemd says
        cat "$all"/*.said
        cat "$all"/*.errors >&2
        ! grep -q '^not ok ' "$all"/*.said || bad=1
        work=$all
        finish
}

# case_ NAME COMMAND...: as check, with the systemd's version in the name.
case_() {
        local name=$1
        shift
        check "$label-$name" "$@"
}

# service UNIT [LINE...]: a unit of the host, started; sleeps unless a line says otherwise.
service() {
        local unit=$1
        shift
        { printf '[Service]\n'; case " $*" in *ExecStart=*) ;; *) echo 'ExecStart=/bin/sleep infinity' ;; esac
                printf '%s\n' 'SyslogIdentifier=starts-of-%n' 'ExecStartPost=-/bin/grep NoNewPrivs /proc/self/status' "$@"; } | host sh -c 'cat > "/etc/systemd/system/$0.service"' "$unit"
        host systemctl daemon-reload
        host systemctl start "$unit"
}

# g ARGUMENT...: gird as a service of the host; out and err in $work.
g() { in_host "$@" > "$work/out" 2> "$work/err" < /dev/null; }
said() { cat "$work/out" "$work/err"; }
# apply UNIT OPTION...: in the background; when it has ended, its status is in $work/UNIT.status, and
# what it said in $work/UNIT.out and .err.  ended UNIT [SECONDS] waits for that; gird_of UNIT is its pid.
apply() {
        local unit=$1 change="-p NoNewPrivileges=yes"
        shift
        rm -f "$work/$unit.status"
        mark "$unit"
        case " $* " in *" -p "* | *" --profile "*) change= ;; esac
        # shellcheck disable=SC2086
        (
                host systemd-run --quiet --pipe --wait --collect --unit="apply-${unit//[^a-z0-9]/}" -p KillMode=process \
                        $gird_in apply "$unit" $change --untested --settle 200ms "$@" > "$work/$unit.out" 2> "$work/$unit.err" < /dev/null
                echo $? > "$work/$unit.status"
        ) &
}
# The same at a terminal of its own, where it counts down; keys UNIT TEXT types there.
at_terminal() {
        local unit=$1
        shift
        rm -f "$work/$unit.status"
        mark "$unit"
        host sh -c 'rm -f "$0"; mkfifo "$0"' "/run/t/$unit.keys"
        # shellcheck disable=SC2016
        (
                host systemd-run --quiet --pipe --wait --collect --unit="apply-${unit//[^a-z0-9]/}" -p KillMode=process \
                        bash -c 'exec 8<> "$1"; exec script -qefc "$2" /dev/null < "$1"' - "/run/t/$unit.keys" \
                        "exec $gird_in apply $unit -p NoNewPrivileges=yes --untested --settle 200ms $*" > "$work/$unit.out" 2> "$work/$unit.err" < /dev/null
                echo $? > "$work/$unit.status"
        ) &
}
keys() { timeout 3 nsenter -t "$init" -a -- sh -c 'printf "%s" "$1" > "$0"' "/run/t/$1.keys" "$2"; }
gird_of() {
        local pid
        pid=$(host systemctl show -P MainPID "apply-${1//[^a-z0-9]/}")
        host pgrep -P "$pid" -f gird-nested || echo "$pid" # below script(1)
}
applied_said() { tr '\r' '\n' < "$work/$1.out" | tail -3; tail -3 "$work/$1.err"; }
ended() { # UNIT STATUS [SECONDS]
        wait_for "${3:-$patience}" test -s "$work/$1.status" || { echo "gird apply $1 has not ended"; return 1; }
        [ "$(cat "$work/$1.status")" -eq "$2" ] || { echo "exit status $(cat "$work/$1.status"), wanted $2"; applied_said "$1"; return 1; }
}
# signal SIGNAL UNIT: to the gird that applies it, if it still runs.
signal() {
        local pid
        pid=$(gird_of "$2")
        [ "${pid:-0}" -gt 1 ] || { echo "no gird applies $2 any more"; return 1; }
        host kill "-$1" "$pid"
}
# wait_for SECONDS COMMAND...
wait_for() {
        local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
        shift
        until "$@" > /dev/null 2>&1; do
                [ ${EPOCHREALTIME/./} -lt $end ] || { "$@"; return 1; }
                sleep 0.05
        done
}

# state UNIT: "old" or "new", or in which way it is neither.
# shellcheck disable=SC2016
state() {
        host bash -c '
                unit=$1 dropin=/run/systemd/system/$1.d/zz-gird-trial.conf
                eval "$(systemctl show -p MainPID -p ActiveState -p NoNewPrivileges -p NeedDaemonReload "$unit")"
                real=$(sed -n "s/^NoNewPrivs:[[:space:]]*//p" "/proc/$MainPID/status" 2> /dev/null)
                case "$ActiveState $real $NoNewPrivileges $([ ! -e "$dropin" ] || echo dropin) $NeedDaemonReload" in
                "active 0 no  no") echo old ;;
                "active 1 yes dropin no") echo new ;;
                *) echo "$unit is $ActiveState, NoNewPrivs of its process: ${real:-none}, of the manager: $NoNewPrivileges, $(ls -A "${dropin%/*}" 2>&1 | tr "\n" " "), reload needed: $NeedDaemonReload" ;;
                esac' - "$(full "$1")"
}
full() { case $1 in *.service) echo "$1" ;; *) echo "$1.service" ;; esac; }
is() { # UNIT STATE
        local now
        now=$(state "$1")
        [ "$now" = "$2" ] || { echo "wanted $2: $now"; return 1; }
}
# starts UNIT: of each start since mark UNIT, 1 if it had the change and 0 if not.  Asked for by identifier:
# the line of a process with a user of its own that is gone too soon is not counted to its unit by journald.
starts() { host journalctl -q -b -t "starts-of-$(full "$1")" -o cat --no-pager | sed -n 's/^NoNewPrivs:[[:space:]]*//p' | tail -n "+$(($(cat "$work/$1.mark" 2> /dev/null || echo 0) + 1))" | tr -d '\n'; }
mark() { host journalctl -q -b -t "starts-of-$(full "$1")" -o cat --no-pager | grep -c '^NoNewPrivs:' > "$work/$1.mark"; }
was_on() { # UNIT: and may be off again
        case $(starts "$1") in *1*) ;; *) echo "the starts of $1: $(starts "$1")"; return 1 ;; esac
}
was_put_on() { wait_for $patience was_on "$1"; }
becomes() { wait_for "${3:-$patience}" is "$1" "$2"; } # UNIT STATE [SECONDS]
main() { host systemctl show -P MainPID "$(full "$1")"; }
shows() { # UNIT PROPERTY VALUE
        local now
        now=$(host systemctl show -P "$2" "$(full "$1")")
        [ "$now" = "$3" ] || { echo "$2 of $1 is $now, wanted $3"; return 1; }
}

# All that the guard may have of a unit; nothing after it was taken back.
# shellcheck disable=SC2016
left() {
        host bash -c '
                unit=$1 ours="gird-(guard|revert)-" stem=${1//@/\\x40}
                systemctl list-units --all --no-legend --plain | grep -E "$ours" | grep -F -- "-$stem" | tr -s " "
                ls -A "/run/gird/guard/$unit" 2> /dev/null
                ls -dA "/run/gird/guard/.gone-$unit" "/run/systemd/system/$unit.d/"* "/run/systemd/system/$unit.d/".[!.]* 2> /dev/null
                ls -A "/run/systemd/transient" | grep -E "$ours" | grep -F -- "-$stem"
                ls -d "/run/systemd/system/$unit.d" 2> /dev/null' - "$(full "$1")"
}
nothing_left() {
        local now
        now=$(left "$1")
        [ -z "$now" ] || { echo "left: $now"; return 1; }
}
no_timer() { # of what is confirmed
        ! left "$1" | grep -E 'timer|gird-(guard|revert)|pending|reverting|failed|reserve'
}
# As it was: unit in the old state and nothing left of the guard, within SECONDS.
taken_back() { # UNIT [SECONDS]
        wait_for "${2:-$patience}" is "$1" old && wait_for "${2:-$patience}" nothing_left "$1"
}

# json EXPRESSION: about the JSON that $work/out holds, as d
json() {
        python3 - "$1" "$work/out" << 'PY' || { tail -3 "$work/err"; return 1; }
import json, sys
d = json.load(open(sys.argv[2]))
if not eval(sys.argv[1]): sys.exit("not so: %s in %s" % (sys.argv[1], json.dumps(d)[:600]))
PY
}
