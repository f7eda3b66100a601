#!/bin/bash
# isolation.sh - two twins of the same unit do not disturb each other; what a twin does not enforce is not called proved; a unit that
# writes all over its twin leaves this machine as it was.  Usage: isolation.sh     (root; GIRD is build/gird; RUNS=100: so many trials)
. tests/lib.sh
gird=$(realpath -- "$gird")
[ "$(id -u)" -eq 0 ] || { skipped isolation "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped isolation "needs systemd-nspawn"; finish; }
command -v python3 > /dev/null || { skipped isolation "needs python3"; finish; }

# In namespaces of its own, so that all processes, mounts, sockets and shared memory there are of this test.
if [ -z "${GIRD_TEST_INSIDE:-}" ]; then
        mkdir -p /var/lib/gird
        rm -rf "$work"
        GIRD_TEST_INSIDE=1 exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc --net --ipc --uts -- "$0" "$@"
fi
. tests/needs.sh
lay_out > "$work/out" 2>&1 && ip link set lo up || { not_ok "the planted program is laid out" "$(tail -3 "$work/out")"; finish; }
said() { # PYTHON of r, the JSON in $work/out
        python3 -c "import json, sys
r = json.load(open('$work/out'))
names = [s['directive'] for s in r['suspects']]
sys.exit(0 if ($1) else '%s: %s, suspects %s, not rehearsed %s' % (r['verdict'], r['summary'], names, r['not_rehearsed']))"
}
try() { timeout 120 "$gird" try "$@" --json -q --settle 300ms > "$work/out" 2> "$work/err" || [ -s "$work/out" ] || { cat "$work/err"; return 1; }; }
answers=$there/units/gird-answers.service
printf '[Service]\nExecStart=%s --run answers\n' $there/needs > $answers

# ---- two at once ----

# Connections, a tenth of a second between them.
asks='for i in $(seq 60); do timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/7081" || exit 1; sleep 0.1; done'
undisturbed() {
        # Its kept profiles are elsewhere, or one would wait for the other.
        unshare --mount bash -c 'mount -t tmpfs tmpfs /var/lib/gird && exec "$@"' - \
                timeout 120 "$gird" try $answers --json -q --settle 300ms -p PrivateTmp=yes --probe "$asks" > "$work/first" 2>&1 &
        local first=$! cut=0
        while kill -0 $first 2> /dev/null; do
                try $answers -p IPAddressDeny=any --probe 'timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/7081"' || return 1
                said "r['verdict'] == 'broke' and names[:1] == ['IPAddressDeny']" || { echo "the one that is cut off:"; return 1; }
                kill -0 $first 2> /dev/null && cut=$((cut + 1))
        done
        wait $first
        cp "$work/first" "$work/out"
        echo "figure twins of the same unit that were cut off meanwhile: $cut"
        [ $cut -gt 0 ] || { echo "the two were never there at once"; return 1; }
        said "r['verdict'] == 'held' and r['probes'] and all(p['status'] == 'passed' for p in r['probes'])"
}
undisturbed > "$work/said" 2>&1 && ok "a unit whose double is cut off in another twin is not disturbed" ||
        not_ok "a unit whose double is cut off in another twin is not disturbed" "$(tail -2 "$work/said" | tr '\n' ' ')"
grep '^figure' "$work/said"

# ---- a twin without bpf() ----

check "with bpf(), IPAddressDeny= is tried" try $answers -p IPAddressDeny=any -p DevicePolicy=closed -p PrivateTmp=yes --probe tcp:127.0.0.1:7081
check "and breaks, and DevicePolicy= and it are rehearsed" said "r['verdict'] == 'broke' and not {'IPAddressDeny', 'DevicePolicy'} & set(r['not_rehearsed'])"
nspawn=$(command -v systemd-nspawn)
cp "$nspawn" "$work/nspawn"
printf '#!/bin/bash\nfor a; do shift; [ "$a" = --system-call-filter=bpf ] || set -- "$@" "$a"; done\nexec -a systemd-nspawn "%s" "$@"\n' "$work/nspawn" > "$work/stripped"
chmod 755 "$work/stripped"
mount --bind "$work/stripped" "$nspawn" || not_ok "bpf() can be taken away" "no bind mount here"
check "without bpf(), it is tried again" try $answers -p IPAddressDeny=any -p DevicePolicy=closed -p PrivateTmp=yes --probe tcp:127.0.0.1:7081
check "both are reported as not rehearsed" said "{'IPAddressDeny', 'DevicePolicy'} <= set(r['not_rehearsed'])"
# What the unit asked for without it is known all the same: IPAddressDeny= would take it away.
check "and the unit does not break" said "r['verdict'] in ('held', 'bent') and 'DevicePolicy' not in names"
check "and a note says what is missing" said "any('IPAddressDeny' in n or 'IP firewall' in n for n in r['notes'])"
check "alone, it is tried" try $answers -p IPAddressDeny=any
check "and nothing is proved of it" said "r['verdict'] != 'held' and 'IPAddressDeny' in r['not_rehearsed']"
umount "$nspawn"

# ---- this machine, before and after ----

cat > $there/wreck <<-'END'
	#!/bin/bash
	# Whatever root may do in a service without a sandbox, in a twin: it was made for nothing else.
	[ "$(cat /run/systemd/container)" = systemd-nspawn ] && [ -d /run/host ] || exit 1
	for d in /etc /var/lib /usr/local/bin /root /home /usr /opt /srv /var/tmp /tmp /run /dev/shm /mnt/needs /; do
	        mkdir -p $d/gird-wreck && echo wrecked > $d/gird-wreck/file
	done
	for f in /etc/passwd /etc/hosts /etc/hostname /etc/machine-id /root/gird-need /usr/bin/true /mnt/needs/data/file /etc/systemd/system.conf; do echo wrecked >> $f; done
	rm -rf /etc/fstab /var/lib/dpkg/status /usr/share/doc/bash /mnt/needs/others
	chown 1:1 /usr/bin/env && chmod 4777 /usr/bin/env
	hostname gird-wreck
	for s in net.ipv4.ip_forward kernel.core_pattern vm.swappiness; do sysctl -qw $s=1; done
	mount -t tmpfs gird /srv && mount --make-shared /srv
	ip link add gird0 type dummy; ip address add 192.0.2.9/32 dev lo
	ipcmk -M 4096 -S 1 -Q; mkdir -p /dev/mqueue/gird /sys/fs/cgroup/gird-wreck
	systemctl set-environment WRECKED=1
	setsid sleep 1000 &
	swapoff -a; dmesg -C
	exit 0
END
chmod 755 $there/wreck
printf '[Service]\nType=forking\nExecStart=/bin/bash -c "%s/wreck; sleep 1000 & :"\n' $there > $there/units/gird-wreck.service
machine() { # what of it must be as before
        local d
        echo "== files"
        for d in /etc /var/lib /usr/local /root /home /opt /srv /usr/bin /mnt /var/tmp /tmp /run /dev/shm /; do
                find $d -xdev -maxdepth 3 -name '*gird-wreck*' 2> /dev/null
        done | grep -v '/gird-wreck\.service'
        for d in /etc/passwd /etc/hosts /etc/hostname /etc/machine-id /etc/fstab /etc/systemd/*.conf /root/gird-need /usr/bin/true /usr/bin/env /var/lib/dpkg/status /usr/local/bin/*; do
                [ -d "$d" ] || { sha256sum "$d" && stat -c '%n %f %u %g %s %Y' "$d"; } 2>&1
        done
        find $there ! -path '*/units' -exec stat -c '%n %f %u %g %s %Y' {} + | sort
        find $there -type f -exec sha256sum {} + | sort
        ls -d /usr/share/doc/bash
        echo "== processes" # all there are, but those of this test
        ps -eo pid,stat,comm --no-headers | awk '$2 !~ /^Z/ && $3 !~ /^(ps|awk|bash|sort|isolation\.sh)$/ { print $3 }' | sort
        echo "== mounts"
        cut -d' ' -f5- /proc/self/mountinfo
        echo "== sockets"
        sed 1d /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 /proc/net/raw | awk '$1 ~ /:$/'
        sed 1d /proc/net/unix | awk '{ print $8 }' | sort
        ip -o link
        ip -o address
        echo "== memory"
        ipcs -a | grep -v '^$'
        ls /dev/mqueue 2> /dev/null
        echo "== kernel"
        hostname
        sysctl net.ipv4.ip_forward kernel.core_pattern vm.swappiness 2>&1
        echo "== control groups" # a twin's name begins with the number of its gird's process namespace
        find /sys/fs/cgroup \( -name "gird-$(printf '%x' "$(stat -Lc %i /proc/self/ns/pid)")-*" -o -name 'gird-wreck*' \) 2> /dev/null
}
settled() { # at most 5 s for what the kernel takes down by itself
        for _ in $(seq 50); do
                machine > "$work/after" 2>&1
                cmp -s "$work/before" "$work/after" && return 0
                sleep 0.1
        done
        diff "$work/before" "$work/after" | head -20
        return 1
}
wrecked() { # the unit does write there
        try $there/units/gird-wreck.service -p PrivateIPC=yes --probe 'grep -q wrecked /etc/passwd && grep -q wrecked /usr/local/bin/gird-wreck/file && test ! -e /etc/fstab' || return 1
        said "any(not p['command'].startswith('listens') and p['status'] == 'passed' for p in r['probes'])"
}
machine > "$work/before" 2>&1
check "a unit wrecks its twin" wrecked
[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp "$work/out" "$work/before" "$KEEP/"; }
begin=$(date +%s)
runs=${RUNS:-6} killed=0
for i in $(seq "$runs"); do
        if [ $((i % 5)) -eq 0 ]; then # some do not end by themselves
                "$gird" try $there/units/gird-wreck.service -q -p PrivateIPC=yes > /dev/null 2>&1 &
                sleep "0.$((RANDOM % 9))"
                kill -9 $! 2> /dev/null && killed=$((killed + 1))
                wait $! 2> /dev/null
        else
                try $there/units/gird-wreck.service -p PrivateIPC=yes || not_ok "trial $i" "$(tail -1 "$work/err")"
        fi
done 2> /dev/null
echo "figure isolation: $runs trials, $killed of them killed, in $(($(date +%s) - begin)) s"
check "after $runs trials, files, processes, mounts, sockets, shared memory, settings and control groups are as before" settled
[ -z "${KEEP:-}" ] || cp "$work/after" "$KEEP/"
finish
