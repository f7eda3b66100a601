# host.sh - a host that runs systemd: this machine's own tree, or another one (host_tree=DIR, see trees.sh),
# booted in a container of the test's own, with gird in it.  Set host_test, name and unit and source it
# after lib.sh; then boot, host, in_host; reboot_host.  The tree itself is not written to.
keeper='' init='' host_tree=${host_tree:-/}
v2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
named=$(awk '$3 == "cgroup" && $4 ~ /name=systemd/ { print $2; exit }' /proc/mounts)
[ -n "$v2" ] || { skipped "$host_test" "needs control groups of version 2"; finish; }

cleanup() {
        [ -z "$keeper" ] || kill -9 "$keeper" 2> /dev/null
        wait 2> /dev/null
        for _ in $(seq 30); do
                for folder in $v2 $named; do find "$folder/${name:?}" -depth -type d -exec rmdir {} + 2> /dev/null; done
                [ -e "$v2/$name" ] || [ -e "${named:-/nowhere}/$name" ] || break
                sleep 0.1
        done
        rm -rf "$work"
}
trap 'exit 1' INT TERM HUP

# The host: an overlay over this tree with its writes in memory, gird, and a small service in it.
# Every link dies with the one before, so that a killed test leaves no machine running.
boot() {
        mkdir -p "$v2/$name" ${named:+"$named/$name"} || return 1
        export name unit v2 named gird host_tree
        # shellcheck disable=SC2016
        setpriv --pdeathsig KILL unshare --fork --pid --mount-proc --kill-child=KILL -m --propagation private bash -ec '
                for folder in $v2 $named; do echo 0 > "$folder/$name/cgroup.procs"; done
                mount -t tmpfs -o mode=755 tmpfs /run
                mkdir -p /run/x/u /run/x/w /run/x/root
                mount -t overlay overlay -o lowerdir="$host_tree",upperdir=/run/x/u,workdir=/run/x/w /run/x/root
                install -D "$gird" /run/x/root/usr/local/sbin/gird-nested
                printf "[Service]\nExecStart=/bin/sleep infinity\n" > "/run/x/root/etc/systemd/system/$unit"
                export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_SECCOMP=0
                status=133 # of nspawn: it was rebooted
                while [ $status -eq 133 ]; do
                        status=0
                        systemd-nspawn --quiet --register=no --keep-unit --private-network --link-journal=no \
                                --resolv-conf=off --timezone=off --console=pipe --capability=all --machine="$name" -D /run/x/root -b -- \
                                systemd.unit=basic.target fstab=no systemd.swap=no systemd.gpt_auto=no || status=$?
                done
        ' < /dev/null > "$work/console" 2>&1 &
        keeper=$!
        disown "$keeper" # its end is no news
        host_up
}
# Waits until its systemd has come up, and finds it.
host_up() {
        for _ in $(seq 200); do
                kill -0 "$keeper" 2> /dev/null || return 1
                init=$keeper
                for _ in 1 2 3; do init=$(cut -d' ' -f1 "/proc/$init/task/$init/children" 2> /dev/null); done
                [ -z "$init" ] || ! host systemctl is-active --quiet basic.target 2> /dev/null || return 0
                sleep 0.1
        done
        return 1
}
# reboot_host [-ff]: as one does it, or with -ff as a power cut does; what is on its disk stays.
reboot_host() {
        local before=$init
        host systemctl reboot "$@" > /dev/null 2>&1
        for _ in $(seq 200); do
                [ -e "/proc/$before" ] || break
                sleep 0.1
        done
        [ ! -e "/proc/$before" ] && host_up
}
host() { nsenter -t "$init" -a -- "$@"; }
# gird as a service of that host: it is in a control group there, not in this test's.
in_host() { host systemd-run --quiet --pipe --wait --collect /usr/local/sbin/gird-nested "$@"; }
has() { grep -qE -- "$1" "$work/out" || { head -c 500 "$work/out"; tail -2 "$work/err"; return 1; }; }
