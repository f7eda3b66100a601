#!/bin/bash
# enter.sh - gird enter and show --view: a command in a unit's sandbox, as the service itself would have it.
[ "${1:-}" = inside ] || exec unshare --mount --propagation private bash "$0" inside
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped enter "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped enter "needs systemd-nspawn"; finish; }

host_test=enter name=gird-test-enter-$$ unit=gird-enter.service
. tests/host.sh
mount -t tmpfs tmpfs /var/lib/gird
units=$work/units
mkdir "$units"
unit_file() { printf '[Service]\nExecStart=/bin/sleep infinity\n%s\n' "$2" > "$units/$1.service"; }
unit_file hard $'User=daemon\nProtectSystem=strict\nProtectHome=yes\nPrivateDevices=yes\nNoNewPrivileges=yes\nCapabilityBoundingSet=CAP_CHOWN CAP_NET_BIND_SERVICE\nAmbientCapabilities=CAP_NET_BIND_SERVICE\nSystemCallFilter=@system-service\nRestrictAddressFamilies=AF_UNIX\nUMask=0077\nSupplementaryGroups=adm'
unit_file dynamic $'DynamicUser=yes\nStateDirectory=gird-enter\nPrivateNetwork=yes'
unit_file noexec $'NoExecPaths=/\nExecPaths=/bin/sleep /usr/bin/sleep /lib /usr/lib'
unit_file nowhere 'BindPaths=/nowhere'
unit_file killed 'SystemCallFilter=~uname'
unit_file once $'Type=oneshot\nRemainAfterExit=yes\nExecStartPre=/bin/false\nConditionPathExists=/nowhere\nExecStop=/bin/false\nRestart=no'
unit_file strict $'DevicePolicy=strict\nProtectSystem=strict'

enter() { timeout 60 "$gird" enter --quiet "$@" > "$work/out" 2> "$work/err"; }
is() { [ "$(cat "$work/out")" = "$1" ] || { head -c 300 "$work/out"; tail -2 "$work/err"; return 1; }; }
says() { grep -qF -- "$1" "$work/err" || { tail -2 "$work/err"; return 1; }; }

# ---- statuses, outputs and inputs
enter "$units/hard.service" -p User=nobody -- /bin/sh -c 'id -un; id -Gn; umask; echo x > /etc/gird-x || exit 7' < /dev/null
check enter-exit-status test $? -eq 7
check enter-is-the-services-user-with-the-changes is $'nobody\nnogroup adm\n0077'
check enter-strict-refuses-writes says "Read-only file system"
check enter-touches-no-file test ! -e /etc/gird-x
enter "$units/dynamic.service" -- /bin/sh -c 'echo x > $STATE_DIRECTORY/x && cat /var/lib/gird-enter/x; ls /sys/class/net; kill -TERM $$' < /dev/null
check enter-signal-status test $? -eq 143
check enter-dynamic-user-has-its-folder is $'x\nlo'
head -c 2000000 /dev/urandom > "$work/in"
enter "$units/hard.service" -- /bin/sh -c 'cat; printf "<%s>" "$@"' sh '%n' '$HOME' '"' '\' '' ';' $'é\n' < "$work/in"
check enter-two-megabytes-there-and-back cmp -n 2000000 "$work/in" "$work/out"
tail -c +2000001 "$work/out" > "$work/words" && mv "$work/words" "$work/out"
check enter-words-arrive-as-they-are is $'<%n><$HOME><"><\\><><;><é\n>'
enter "$units/once.service" -- /bin/echo up < /dev/null
check enter-what-waits-for-its-conditions-and-fails is up
enter "$units/hard.service" -- /bin/sh -c 'exit 203' < /dev/null
check enter-own-203-is-the-commands test $? -eq 203

# ---- what the sandbox does not let start
status_of() { local want=$1; shift; enter "$@" < /dev/null; local got=$?; [ $got -eq "$want" ] || { echo "status $got"; return 1; }; }
check enter-noexec status_of 3 "$units/noexec.service" -- /usr/bin/id
check enter-noexec-names-the-directive says NoExecPaths=
check enter-no-namespace status_of 3 "$units/nowhere.service" -- /usr/bin/id
check enter-no-namespace-names-the-directive says BindPaths=
check enter-filter-kills status_of 159 "$units/killed.service" -- /usr/bin/uname
check enter-no-such-command status_of 3 "$units/hard.service" -- /usr/bin/nosuch
check enter-no-such-command-is-named says "there is no /usr/bin/nosuch"
check enter-no-such-unit status_of 3 gird-nosuch.service -- id
check enter-before-and-changes-do-not-go-together status_of 2 "$units/hard.service" --before -p UMask=0 -- id
check enter-json-is-refused status_of 2 --json "$units/hard.service" -- id

# ---- a terminal
if command -v tmux > /dev/null; then
        socket=$work/tmux
        pane() { tmux -S "$socket" capture-pane -p -t 0 2> /dev/null; }
        type_in() { tmux -S "$socket" send-keys -t 0 "$@"; }
        sees() {
                for _ in $(seq 150); do
                        ! pane | grep -qE -- "$1" || return 0
                        sleep 0.1
                done
                pane | grep . | tail -3
                return 1
        }
        eval "host_$(declare -f cleanup)"
        cleanup() { tmux -S "$socket" kill-server 2> /dev/null; host_cleanup; }
        tmux -S "$socket" -f /dev/null new-session -d -x 101 -y 31 "PS1='out> ' ENV= sh"
        type_in "SHELL=/bin/nosuch '$gird' enter '$units/strict.service' -p UMask=0077" Enter
        check enter-says-where-one-is sees 'nothing here touches the machine|touches the machine itself'
        check enter-shell-comes sees '^[#$] ?$'
        type_in "stty size; tty; umask" Enter
        check enter-window-size sees '^3[01] 101'
        check enter-terminal-of-the-twin sees '^/dev/pts/[0-9]'
        check enter-shell-has-the-changes sees '^0077'
        tmux -S "$socket" resize-window -t 0 -x 90 -y 25
        type_in "echo go''ing; sleep 100" Enter
        check enter-command-runs sees '^going'
        type_in C-c
        type_in 'echo "after=$?"; stty size' Enter
        check enter-ctrl-c-goes-inside sees '^after=130'
        check enter-window-size-follows sees '^2[45] 90'
        type_in 'exit 9' Enter
        check enter-shell-ends sees '^out> *$'
        type_in 'echo "status=$?"; stty -a | tr ";" "\n" | grep -o " icanon\| echo "' Enter
        check enter-shell-status sees '^status=9'
        check enter-terminal-is-as-before sees '^ icanon'
        type_in "'$gird' enter '$units/strict.service'; echo gone=\$?" Enter
        check enter-shell-comes-again sees '^([#$]|.*root@.*#) ?$'
        pkill -KILL -x gird -P "$(tmux -S "$socket" list-panes -F '#{pane_pid}' | head -1)"
        check enter-killed sees 'gone=137'
        type_in 'stty -a | tr ";" "\n" | grep -o " icanon" | sed s/icanon/cooked/' Enter
        check enter-killed-terminal-is-as-before sees '^ cooked'
else
        skipped enter-terminal "needs tmux"
fi

# ---- the view
timeout 60 "$gird" show --view --json "$units/hard.service" -p ProtectSystem=full < /dev/null > "$work/out" 2> "$work/err"
check view-looks-at-both test "$(grep -c '"looked":[[:space:]]*true' "$work/out")" -eq 2
check view-agrees-with-what-is-seen test "$(grep -c '"differences":[[:space:]]*\[\]' "$work/out")" -eq 2
if [ -e /lib/systemd/system/redis-server.service ]; then
        timeout 60 "$gird" show --view redis-server.service < /dev/null > "$work/out" 2> "$work/err"
        check view-redis-server grep -q 'looked at from inside, and it is so$' "$work/out"
else
        skipped view-redis-server "needs redis-server"
fi

# ---- the same as the service itself has, on a host that runs it
facts='Uid|Gid|Groups|Cap(Inh|Prm|Eff|Amb)|NoNewPrivs|Seccomp'
compare() { # UNIT; everyone in a twin has its filter, so that Seccomp: is 2, and lacks some capabilities
        local pid
        host systemctl start "$1" && pid=$(host systemctl show -P MainPID "$1") && [ "$pid" -gt 0 ] || return 1
        for _ in $(seq 100); do # it may not have come to its own program yet
                case $(host readlink "/proc/$pid/exe") in '' | */systemd*) sleep 0.05 ;; *) break ;; esac
        done
        host grep -E "^($facts):" "/proc/$pid/status" > "$work/live"
        host systemctl stop "$1"
        in_host enter --quiet "$1" -- /bin/cat /proc/self/status 2> "$work/err" | grep -E "^($facts):" > "$work/inside"
        grep -q '^NoNewPrivs:' "$work/live" && diff "$work/live" "$work/inside"
}
if boot; then
        host sh -c "cat > /etc/systemd/system/hard.service" < "$units/hard.service"
        host systemctl daemon-reload
        check enter-hard-is-as-live compare hard.service
        [ ! -e /lib/systemd/system/nginx.service ] || facts='Uid|Gid|Groups|CapAmb|NoNewPrivs' check enter-nginx-is-as-live compare nginx.service
else
        skipped enter-as-live "this machine's tree does not boot in a container"
fi

# Others may have twins at the same time: theirs name a process that lives, or another namespace.
left() {
        local twin pid
        find "$v2" -maxdepth 2 -name "gird-$(printf %x "$(stat -Lc %i /proc/self/ns/pid)")-*" | while read -r twin; do
                pid=${twin##*/gird-} && pid=${pid#*-}
                [ -e "/proc/$((16#${pid%%-*}))" ] || echo "$twin"
        done
}
nothing_left() {
        for _ in $(seq 60); do
                [ -n "$(left)" ] || return 0
                sleep 0.1
        done
        left
        return 1
}
check enter-leaves-nothing nothing_left
finish
