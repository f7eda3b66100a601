#!/bin/bash
# twin.sh - twins of this machine, for real: root, systemd-nspawn and some minutes.
# Prints a line per check as tests/run.sh wants it, exits 1 if one failed.
#   B=build tests/live/twin.sh [PART...]      PART: a function below without "part_"
set -u
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
WORK=$(mktemp -d /var/tmp/gird-twin-test.XXXXXX)
DRIVER=$WORK/twin_driver
failed=0

cleanup() {
        mountpoint -q "$WORK/tree" && umount "$WORK/tree"
        rm -rf "$WORK"
}
trap cleanup EXIT

ok() { echo "ok $1"; }
skip() { echo "skipped $1: $2"; }
not_ok() { echo "not ok $1${2:+: $2}"; failed=1; }
check() { # NAME CONDITION...
        local name=$1
        shift
        if "$@"; then ok "$name"; else not_ok "$name" "$(tail -3 "$WORK/out" 2>/dev/null | tr '\n' '|')"; fi
}
has() { grep -qE -- "$1" "$WORK/out"; }
has_not() { ! has "$1"; }
twin() { "$DRIVER" "$@" > "$WORK/out" 2>&1; }

[ "$(id -u)" = 0 ] || { skip "twin" "needs root"; exit 0; }
command -v systemd-nspawn > /dev/null || { skip "twin" "needs systemd-nspawn (package systemd-container)"; exit 0; }
# shellcheck disable=SC2046
if [ -z "${SAN:-}" ] && [ -x "$B/live/twin_driver" ]; then cp "$B/live/twin_driver" "$DRIVER"; else ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -I. -O1 -g ${SAN:+-fsanitize=$SAN} -o "$DRIVER" tests/live/twin_driver.c \
        "$B/libgird.a" $(pkg-config --cflags --libs libsystemd libcjson) || exit 1; fi

# A holding twin in the background: its process in $holder, its PID 1 in $init.
hold() {
        "$DRIVER" up hold > "$WORK/hold" 2>&1 &
        holder=$!
        for _ in $(seq 500); do
                init=$(sed -n 's/.* init //p' "$WORK/hold")
                [ -n "$init" ] && return 0
                kill -0 $holder 2> /dev/null || return 1
                sleep 0.02
        done
        return 1
}

# What is left of the twins of the driver that was process $1; $2: its children.
left_of() {
        local hex child
        hex=$(printf %x "$1")
        for child in $2; do
                case $(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$child/status" 2> /dev/null) in
                '' | Z | X) ;;
                *) echo "process $child $(tr '\0' ' ' < "/proc/$child/cmdline")" ;;
                esac
        done
        find /sys/fs/cgroup -maxdepth 3 -name "gird-*-$hex-*" 2> /dev/null
        grep -l "gird-[0-9a-f]*-$hex-" /proc/[0-9]*/cgroup 2> /dev/null |
                while read -r file; do
                        grep -q '^State:.[ZX]' "${file%cgroup}status" 2> /dev/null || echo "$file"
                done
        ls -d /run/systemd/nspawn/*/*"-$hex-"* 2> /dev/null
        grep "gird-[0-9a-f]*-$hex-" /proc/self/mountinfo
}

gone() { # PROCESS CHILDREN: within two seconds
        local i
        for i in $(seq 100); do
                [ -z "$(left_of "$1" "$2")" ] && { took=$((i * 20)); return 0; }
                sleep 0.02
        done
        left_of "$1" "$2" > "$WORK/out"
        return 1
}

part_start() {
        local times=
        for _ in 1 2 3 4 5; do
                twin up && times="$times $(sed -n 's/^up \([0-9]*\).*/\1/p' "$WORK/out")"
        done
        check "a twin starts" test -n "$times"
        # shellcheck disable=SC2086
        echo "figure start to bus, five times, in ms:$(printf '%s\n' $times | sort -n | tr '\n' ' ')"
        twin where limits
        check "it says where it runs" has '^where (own control group|transient scope) gird-'
        check "it enforces call filters" has_not '^limit seccomp'
        check "it enforces mount namespaces" has_not '^limit mount namespaces'
        check "it enforces the IP firewall" has_not '^limit IP firewall'
        check "it enforces the device policy" has_not '^limit device policy'
        twin --no-bpf limits
        check "without bpf() it says that the IP firewall is not enforced" has '^limit IP firewall.*IPAddressDeny'
        check "without bpf() it says that the device policy is not enforced" has '^limit device policy.*DevicePolicy'
}

part_inside() {
        twin run 'echo out; echo bad >&2; exit 7' run 'kill -9 $$' run 'seq 200000'
        check "output and status of a command come back" has 'run code 1 status 7 result exit-code bytes 4 4'
        check "a killed command is told" has 'run code 2 status 9 result signal'
        check "output is cut at 64 KiB" has 'run code 1 status 0 result success bytes 65536 0'
        twin run 'cat /proc/sys/net/ipv4/ip_nonlocal_bind; cat /sys/class/net/lo/operstate; ls /sys/class/net; echo $GIRD_SECRET;
                mknod /var/tmp/disk b 7 0 && echo MADE; dd if=/dev/vda count=1 2>&1; ls /dev/vda /dev/loop0 /dev/sda'
        check "addresses of the machine can be bound" has '^1$'
        check "loopback is the only interface" has_not 'eth|ens|dummy'
        check "no device node can be made" has_not MADE
        check "the machine's own setting is as before" grep -q 0 /proc/sys/net/ipv4/ip_nonlocal_bind
        twin put /etc/systemd/system/gird-test.service $'[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo said-this; echo also >&2; exit 3"' \
                start gird-test.service journal gird-test.service
        check "the journal has what the unit says" has 'journal 6 sh \[gird-test.service\]: said-this'
        check "the journal has what systemd says about it" has 'journal 4 systemd \[gird-test.service\]: .*exit-code'
        check "the cursor stands at the end" has '^journal again 0$'
        twin put /var/tmp/link-test/x hello run 'cat /var/tmp/link-test/x; ln -s /../../../../var/tmp/gird-escape /var/tmp/esc; mkdir -p /var/tmp/gird-escape' \
                put /var/tmp/esc/file bad run 'cat /var/tmp/gird-escape/file' remove /var/tmp/link-test/x run 'ls /var/tmp/link-test | wc -l'
        check "put writes inside" has '^hello'
        check "put follows links inside the twin only" has '^bad'
        check "put removes" has '^0$'
        check "nothing was written outside" test ! -e /var/tmp/gird-escape -a ! -e /var/tmp/link-test
        twin put /var/../../etc/gird-test x
        check "put refuses .." has 'cannot write /var/../../etc/gird-test'
        if command -v redis-server > /dev/null; then
                twin start redis-server.service listeners redis-server.service
                check "listeners tells a port" has '^listens tcp 127.0.0.1:6379$'
        else
                skip "twin-redis" "redis-server is not installed"
        fi
        twin put /etc/systemd/system/gt.socket $'[Socket]\nListenStream=/run/gt.sock\nListenDatagram=127.0.0.1:5353\nListenStream=@gt\nListenStream=[::1]:77' \
                put /etc/systemd/system/gt.service $'[Service]\nExecStart=/bin/sleep 100' start gt.socket start gt.service listeners gt.service
        check "listeners tells inherited sockets" test "$(grep -c '^listens \(unix /run/gt.sock\|udp 127.0.0.1:5353\|unix @gt\|tcp6 \[::1\]:77\)$' "$WORK/out")" = 4
}

part_two_at_once() {
        local unit=$'[Service]\nType=oneshot\nExecStart=/bin/bash -c "echo x > /dev/udp/127.0.0.1/9"'
        hold || { not_ok "the first twin starts"; return; }
        local first=$holder
        "$DRIVER" put /etc/systemd/system/same.service "$unit"$'\nIPAddressDeny=any' start same.service \
                put /etc/systemd/system/same.service "$unit" start same.service hold > "$WORK/out" 2>&1 &
        local second=$!
        for _ in $(seq 200); do grep -q 'start same.service done' "$WORK/out" && break; sleep 0.02; done
        check "a unit with IPAddressDeny=any fails in one twin" has 'start same.service failed'
        check "and without it, it works" has 'start same.service done'
        nsenter -t "$init" -a systemd-run --quiet --wait --unit=same.service bash -c 'echo x > /dev/udp/127.0.0.1/9'
        check "the same unit in the other twin is not disturbed" test $? = 0
        local kids="$(pgrep -P $first | tr '\n' ' ') $(pgrep -P $second | tr '\n' ' ')"
        kill $first $second
        wait $first $second
        check "the first is gone" gone $first "$kids"
        check "the second is gone" gone $second "$kids"
}

part_kill() {
        local signal delay kids worst=0
        for signal in KILL TERM HUP; do
                for delay in 0.002 0.005 0.01 0.015 0.02 0.03 0.04 0.06 0.08 0.1 0.13 0.16 0.2 0.25 0.3 0.5; do
                        "$DRIVER" up hold > /dev/null 2>&1 &
                        holder=$!
                        sleep $delay
                        kids=$(pgrep -P $holder | tr '\n' ' ')
                        kill -$signal $holder
                        wait $holder 2> /dev/null
                        gone $holder "$kids" || { not_ok "SIG$signal after $delay s leaves nothing" "$(tr '\n' '|' < "$WORK/out")"; continue; }
                        [ $took -gt $worst ] && worst=$took
                done
                ok "SIG$signal at 16 moments leaves nothing (at most after $worst ms)"
        done
        # the sweeper killed as well: the next twin sweeps
        hold || { not_ok "a twin to kill starts"; return; }
        kids=$(pgrep -P $holder | tr '\n' ' ')
        # shellcheck disable=SC2046
        kill -KILL $holder $(pgrep -P $holder gird-sweeper)
        wait $holder 2> /dev/null
        sleep 0.3
        twin up
        check "what a killed sweeper left is swept by the next twin" gone $holder "$kids"
}

# A box with everything that would start by itself, as an overlay over this machine.
make_box() {
        mkdir -p "$WORK/u" "$WORK/w" "$WORK/tree"
        mount -t overlay overlay -o "lowerdir=/,upperdir=$WORK/u,workdir=$WORK/w" "$WORK/tree" || return 1
        local units=$WORK/tree/etc/systemd/system
        printf '[Timer]\nOnBootSec=0\nOnCalendar=daily\nPersistent=yes\n[Install]\nWantedBy=timers.target\n' > "$units/gt.timer"
        printf '[Service]\nExecStart=/bin/touch /var/tmp/gt-ran\n' > "$units/gt.service"
        printf '[Path]\nPathExists=/etc\nUnit=gt.service\n' > "$units/gt.path"
        printf '[Socket]\nListenStream=8081\nAccept=yes\n' > "$units/gt.socket"
        printf '[Service]\nExecStart=/bin/cat\n' > "$units/gt@.service"
        printf '[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=/bin/sleep 20\n' > "$units/gt-slow.service"
        printf '[Mount]\nWhat=tmpfs\nWhere=/srv\nType=tmpfs\n' > "$units/srv.mount"
        for target in timers sockets paths sysinit basic local-fs network-online; do
                mkdir -p "$units/$target.target.wants"
                for unit in gt.timer gt.path gt.socket gt-slow.service srv.mount; do
                        ln -sf ../$unit "$units/$target.target.wants/$unit"
                done
        done
        printf 'tmpfs /opt tmpfs defaults 0 0\n/dev/disk/by-uuid/none /mnt ext4 defaults 0 2\n' >> "$WORK/tree/etc/fstab"
}

part_nothing_starts() {
        make_box || { skip "twin-box" "no overlay over / here"; return; }
        twin --root "$WORK/tree" up run 'systemctl list-units --no-legend --no-pager --plain --type=timer,path,socket,automount,swap,mount,service;
                ls /var/tmp/gt-ran; systemctl is-system-running'
        check "a box full of timers boots" has '^up '
        echo "figure up in $(sed -n 's/^up \([0-9]*\).*/\1/p' "$WORK/out") ms"
        check "no timer is active" has_not '\.timer'
        check "no path unit is active" has_not '\.path'
        check "no socket but the bus and the journal is" test -z "$(grep '\.socket' "$WORK/out" | grep -v '^dbus\|^systemd-journald')"
        check "no mount unit of the box is" has_not '^(srv|opt|mnt)\.mount'
        check "no service of the box ran" has_not '^gt|^/var/tmp/gt-ran'
        umount "$WORK/tree"
}

part_host_unchanged() {
        local before after
        # what the twin attacks, and nothing that an apt-get beside this test would change
        sums() { find /etc/*.conf /etc/passwd /etc/systemd /usr/lib/systemd -xdev -type f -print0 2> /dev/null | sort -z |
                xargs -0 sha256sum 2> /dev/null; hostname; sysctl vm.swappiness 2> /dev/null; }
        before=$(sums)
        twin run 'rm -rf /etc/systemd /var/lib/dpkg; echo 1 > /etc/passwd; hostname changed; for f in /etc/*.conf /usr/lib/systemd/system/*; do echo x >> $f; done;
                sysctl -w vm.swappiness=1; echo done'
        after=$(sums)
        check "a twin that wrecks itself says so" has '^done'
        diff <(echo "$before") <(echo "$after") > "$WORK/out"
        check "nothing of the machine has changed" test ! -s "$WORK/out"
}

# Mounts of every kind, in a mount namespace of the test's own.
part_mounts() {
        local d=$WORK/mnt
        mkdir -p "$d"
        cat > "$WORK/mounts.sh" << END
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /srv
cd /srv
mkdir ram ro bind orig fat hidden nest lost
mount -t tmpfs -o nosuid,nodev,noexec,mode=1777 tmpfs ram; echo ram > ram/file
mount -t tmpfs tmpfs nest; mkdir nest/deep; mount -t tmpfs tmpfs nest/deep; echo deep > nest/deep/file
mount -t tmpfs tmpfs ro; echo ro > ro/file; mount -o remount,ro ro
echo orig > orig/file; mount --bind orig bind
mkdir 'odd name,with:colon\\'; mount -t tmpfs tmpfs 'odd name,with:colon\\'; echo odd > 'odd name,with:colon\\/file'
mount -t tmpfs tmpfs hidden; echo below > hidden/file; mount -t tmpfs tmpfs hidden; echo above > hidden/file
echo replaced > /tmp/gird-hosts; touch /srv/one; mount --bind /tmp/gird-hosts /srv/one; rm -f /tmp/gird-hosts
if mkfs.vfat -C $WORK/fat.img 1024 > /dev/null 2>&1 && mount -o loop $WORK/fat.img fat; then echo fat > fat/file; fi
mkdir layers; mount -t tmpfs tmpfs layers; mkdir layers/{a,b,c,d,e,f,g,stacked}; echo stacked > layers/a/file
mount -t overlay overlay -o lowerdir=layers/a,upperdir=layers/b,workdir=layers/c layers/d
mkdir stacked; mount -t overlay overlay -o lowerdir=layers/d,upperdir=layers/e,workdir=layers/f stacked
exec "$DRIVER" up where run "grep srv /proc/self/mountinfo" run 'cd /srv; for f in ram nest/deep ro orig bind "odd name,with:colon\\\\" hidden fat; do echo "\$f: \$(cat "\$f/file" 2>&1)"; done
cat one; echo changed > one && echo one-writable; cat one
echo new > bind/file; echo "through: \$(cat orig/file)"; echo x > ro/new || echo ro-kept; echo x > fat/new || echo fat-kept
echo "stacked: \$(cat stacked/file)"; echo x > stacked/new || echo stacked-kept
echo x > ram/new; chmod +x ram/new; ./ram/new || echo noexec-kept; stat -c "mode %a" ram; grep " /srv/ram " /proc/mounts'
END
        unshare -m bash "$WORK/mounts.sh" > "$WORK/out" 2>&1

        check "a twin over many mounts boots" has '^up '
        check "tmpfs, nested and hidden ones show" test "$(grep -cE '^(ram: ram|nest/deep: deep|ro: ro|orig: orig|bind: orig|hidden: above)$' "$WORK/out")" = 6
        check "odd names are no matter" has '^odd name.*: odd$'
        check "a file that is a mount is copied" has '^replaced'
        check "and can be written" has '^one-writable'
        check "a bind mount shares with its source" has '^through: new'
        check "read-only stays so" has '^ro-kept'
        check "noexec stays so" has '^noexec-kept'
        check "owner and mode of a mount's root stay" has '^mode 1777'
        check "nosuid and nodev stay" has '/srv/ram overlay .*nosuid,nodev,noexec'
        check "what cannot be a lower layer is bound read-only" has '^stacked-kept'
        check "and shows" has '^stacked: stacked'
        check "and is named" has '^where .*/srv/stacked \(overlay\) is shown read-only'
        if has '^fat: fat'; then
                check "vfat is bound read-only" has '^fat-kept'
                check "and named" has '^where .*/srv/fat \(vfat\) is shown read-only'
        else
                skip "twin-vfat" "no loop device or mkfs.vfat here"
        fi
}

part_space() {
        twin --memory 64 run 'dd if=/dev/zero of=/var/tmp/big bs=1M count=200' limits
        check "a full twin is told" has '^limit space: the twin ran out of the 64 MiB'
        twin --memory 64 put /etc/systemd/system/gt.service $'[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo x >> /var/tmp/gird-big/log"' limits
        mkdir -p "$WORK/tree2" && truncate -s 0 "$WORK/log" && dd if=/dev/zero of="$WORK/log" bs=1M count=100 status=none
        twin --memory 64 put /etc/systemd/system/gt.service "[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo x >> $WORK/log; sleep 0.1'" start gt.service limits
        check "a file too big to be copied up is told" has '^limit space'
        check "the file is as before" test "$(stat -c %s "$WORK/log")" = $((100 << 20))
        if [ -e /dev/loop-control ] && [ -w /var/log ]; then
                local big=/var/log/gird-twin-test.log size
                size=$(awk '/MemAvailable/ { m = int($2 / 4); if (m > 2097152) m = 2097152; print int(m / 4 / 1024) + 64 }' /proc/meminfo)
                if [ "$(df -BM --output=avail /var/log | tail -1 | tr -dc 0-9)" -gt $((size * 4)) ]; then
                        fallocate -l "${size}M" $big
                        twin up where run "echo x >> $big && echo appended; stat -c %s $big"
                        check "big files make it write to disk" has '^where .*an unlinked file'
                        check "and can be appended to there" has '^appended'
                        echo "figure up in $(sed -n 's/^up \([0-9]*\).*/\1/p' "$WORK/out") ms with a disk"
                        rm -f $big
                        # another twin on this machine may have one as well, for a while
                        for _ in $(seq 50); do losetup -l -n | grep -q 'var/tmp.*deleted' || break; sleep 0.1; done
                        check "no loop device stays" test -z "$(losetup -l -n | grep 'var/tmp.*deleted')"
                fi
        fi
}

part_refusals() {
        local t=$WORK/r
        mkdir -p $t/empty $t/foreign/usr/lib/systemd $t/shell/usr/lib/systemd
        twin --root $t/empty
        check "a tree without systemd is refused" has 'twin_driver: 1: there is no systemd in'
        cp /usr/lib/systemd/systemd $t/foreign/usr/lib/systemd/
        printf '\xb7\x00' | dd of=$t/foreign/usr/lib/systemd/systemd bs=1 seek=18 conv=notrunc status=none
        [ "$(uname -m)" = aarch64 ] && printf '\x3e\x00' | dd of=$t/foreign/usr/lib/systemd/systemd bs=1 seek=18 conv=notrunc status=none
        twin --root $t/foreign
        check "another architecture is refused" has 'twin_driver: 1: .* is made for (arm64|x86-64), which this machine'
        printf '#!/bin/sh\n' > $t/shell/usr/lib/systemd/systemd
        twin --root $t/shell
        check "a systemd that is none is refused" has 'twin_driver: 1: the systemd in .* is no program'
        twin --root /nonexistent
        check "a tree that is not there is refused" has 'twin_driver: 1: cannot boot /nonexistent'
        chmod 755 "$WORK" "$DRIVER"
        setpriv --reuid=65534 --clear-groups "$DRIVER" up > "$WORK/out" 2>&1
        check "without root it is refused" has 'twin_driver: 1: .*needs root'
        unshare -m sh -c "mount --make-rprivate /; mkdir -p $t/u $t/w; mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=$t/u,workdir=$t/w /usr/bin &&
                rm /usr/bin/systemd-nspawn && exec $DRIVER up" > "$WORK/out" 2>&1
        check "without nspawn the package is named" has 'twin_driver: 1: systemd-nspawn is not installed; install the package systemd-container'
        unshare -m sh -c "mount --make-rprivate /; for i in 1 2; do mkdir -p $t/n\$i; mount -t tmpfs tmpfs $t/n\$i; mkdir $t/n\$i/u $t/n\$i/w $t/n\$i/m; done
                mount -t overlay overlay -o lowerdir=/,upperdir=$t/n1/u,workdir=$t/n1/w $t/n1/m
                mount -t overlay overlay -o lowerdir=$t/n1/m,upperdir=$t/n2/u,workdir=$t/n2/w $t/n2/m
                exec $DRIVER --root $t/n2/m up" > "$WORK/out" 2>&1
        check "nested too deep is told" has 'twin_driver: 1: nested too deep'
        unshare -m sh -c "mount --make-rprivate /; mkdir -p $t/o/u $t/o/w $t/o/m; mount -t tmpfs tmpfs $t/o; mkdir $t/o/u $t/o/w $t/o/m
                mount -t overlay overlay -o lowerdir=/,upperdir=$t/o/u,workdir=$t/o/w $t/o/m
                rm -f $t/o/m/etc/os-release $t/o/m/usr/lib/os-release
                printf '[Unit]\nDefaultDependencies=no\nBefore=sysinit.target\n[Service]\nType=oneshot\nExecStart=/bin/sleep 100\n' > $t/o/m/usr/lib/systemd/system/systemd-gt.service
                $DRIVER --root $t/o/m up
                mkdir -p $t/o/m/usr/lib/systemd/system/sysinit.target.wants
                ln -s ../systemd-gt.service $t/o/m/usr/lib/systemd/system/sysinit.target.wants/
                $DRIVER --timeout 2 --root $t/o/m up" > "$WORK/out" 2>&1
        check "a tree without os-release boots all the same" has '^up '
        check "a boot that hangs ends, and says where" has 'the twin was not up after 2 s; it was at: .*'
        echo "figure $(grep 'not up after' "$WORK/out")"
}

# This machine again, with systemd as PID 1, in a box of the test's own; twins are made in it.
part_systemd_host() {
        local name=gird-test-host-$$ h box
        for h in unified systemd; do [ -d /sys/fs/cgroup/$h ] && mkdir -p /sys/fs/cgroup/$h/$name; done
        cp "$DRIVER" /usr/local/sbin/gird-twin-driver
        mkfifo "$WORK/ready"
        NAME=$name setpriv --pdeathsig KILL unshare --fork --pid --mount-proc --kill-child=KILL -m --propagation private bash -ec '
                for h in unified systemd; do [ ! -d /sys/fs/cgroup/$h ] || echo 0 > /sys/fs/cgroup/$h/$NAME/cgroup.procs; done
                mount -t tmpfs -o mode=755 tmpfs /run
                mkdir -p /run/x/u /run/x/w /run/x/root
                mount -t overlay overlay -o lowerdir=/,upperdir=/run/x/u,workdir=/run/x/w /run/x/root
                export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_SECCOMP=0
                exec systemd-nspawn --quiet --register=no --keep-unit --private-network --link-journal=no --resolv-conf=off --timezone=off \
                        --console=pipe --capability=all --machine=$NAME -D /run/x/root -b -- systemd.unit=basic.target fstab=no' > "$WORK/host" 2>&1 < /dev/null &
        box=$!
        local pid1=
        for _ in $(seq 300); do
                pid1=$(pgrep -x systemd | while read -r p; do grep -q "$name" "/proc/$p/cgroup" 2> /dev/null && echo "$p"; done | head -1)
                [ -n "$pid1" ] && nsenter -t "$pid1" -a systemctl is-active basic.target > /dev/null 2>&1 && break
                sleep 0.1
        done
        in_host() { nsenter -t "$pid1" -a "$@"; }
        if [ -n "$pid1" ] && in_host systemctl is-active basic.target > /dev/null 2>&1; then
                in_host systemd-run --quiet --pipe --wait /usr/local/sbin/gird-twin-driver up where limits \
                        run 'cat /proc/1/cgroup; mknod /var/tmp/disk b 7 0 && echo MADE' > "$WORK/out" 2>&1
                check "on a host with systemd, a twin starts" has '^up '
                echo "figure up in $(sed -n 's/^up \([0-9]*\).*/\1/p' "$WORK/out") ms in a nested host"
                check "in a transient scope" has '^where transient scope gird-'
                check "which leaves no device node" has_not MADE
                in_host systemd-run --quiet --unit=gt-hold.service /usr/local/sbin/gird-twin-driver up hold
                for _ in $(seq 200); do in_host systemctl list-units --no-legend 'gird-*.scope' | grep -q running && break; sleep 0.05; done
                sleep 0.5
                in_host systemctl show -p DevicePolicy -p Delegate -p MemoryMax -p TasksMax "$(in_host systemctl list-units --plain --no-legend 'gird-*.scope' | awk '{ print $1 }')" > "$WORK/out"
                check "the scope has a device policy and limits" test "$(grep -cE '^(DevicePolicy=closed|Delegate=yes|MemoryMax=[0-9]+|TasksMax=8192)$' "$WORK/out")" = 4
                in_host systemctl kill -s KILL gt-hold.service
                for delay in 0.005 0.01 0.015 0.02 0.025 0.03 0.035 0.04 0.05 0.06 0.08 0.1 0.15 0.2 0.3; do
                        in_host sh -c "/usr/local/sbin/gird-twin-driver up hold > /dev/null 2>&1 & sleep $delay; kill -9 \$!"
                done
                sleep 2
                in_host sh -c 'systemctl list-units --all --no-legend "gird-*.scope"; find /sys/fs/cgroup -name "gird-*"; ls -A /run/systemd/nspawn 2>/dev/null; ps -eo stat,comm | grep "^[^Z].*\(nspawn\|gird-\)"; grep /run/gird /proc/mounts' > "$WORK/out" 2>&1
                check "kill -9 at 16 moments leaves no scope, cgroup, mount or process" test ! -s "$WORK/out"
                in_host systemd-run --quiet --unit=gt-hold2.service /usr/local/sbin/gird-twin-driver up hold
                for _ in $(seq 200); do in_host journalctl -u gt-hold2 --no-pager | grep -q 'up [0-9]' && break; sleep 0.05; done
                in_host systemctl stop 'gird-*.scope'
                sleep 0.5
                in_host sh -c 'ps -eo stat,comm | grep "^[^Z].*systemd-nspawn"; systemctl list-units --all --no-legend "gird-*.scope"' > "$WORK/out" 2>&1
                check "one stop of the scope ends all of the twin" test ! -s "$WORK/out"
        else
                skip "twin-systemd-host" "the outer machine did not come up: $(tail -1 "$WORK/host")"
        fi
        kill -9 $box 2> /dev/null
        wait $box 2> /dev/null
        sleep 0.3
        rm -f /usr/local/sbin/gird-twin-driver
        for h in unified systemd; do find /sys/fs/cgroup/$h/$name -depth -type d -exec rmdir {} + 2> /dev/null; done
}

# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(sed -n 's/^part_\([a-z_]*\)() {$/\1/p' "$0")
for part; do part_"$part"; done
exit $failed
