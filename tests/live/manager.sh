#!/bin/bash
# manager.sh - core/unit/manager*.c against a real systemd: a throwaway container of this machine,
# talked to over its private socket from inside its pid namespace, as a twin is.
# Usage: manager.sh DRIVER     (root; DRIVER is tests/live/manager_driver.c, built)
set -u
DRIVER=${1:?usage: manager.sh DRIVER}
NAME=gird-test-manager-$$
BOX=$(mktemp -d "/tmp/$NAME.XXXX")
FAILED=0 KEEPER= INIT=

skip() { echo "skipped: $1"; rmdir "$BOX"; exit 77; }
[ "$(id -u)" = 0 ] || skip "needs root"
command -v systemd-nspawn >/dev/null || skip "needs systemd-nspawn"

finish() {
        [ -n "$KEEPER" ] && kill -9 "$KEEPER" 2>/dev/null
        wait 2>/dev/null
        for i in 1 2 3 4 5 6 7 8 9 10; do
                find /sys/fs/cgroup/{unified,systemd}/"$NAME" -depth -type d -exec rmdir {} + 2>/dev/null
                rm -rf "$BOX/units" "$BOX/log"
                rmdir "$BOX" 2>/dev/null && return
                sleep 0.1
        done
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

ok() { echo "ok   $1"; }
fail() { echo "FAIL $1"; FAILED=1; }
has() { # has WHAT NEEDLE TEXT
        case $3 in *"$2"*) ok "$1" ;; *) fail "$1: no '$2' in"; printf '%s\n' "$3" | head -40 | sed 's/^/     | /' ;; esac
}
lacks() { case $3 in *"$2"*) fail "$1: '$2' is in it" ;; *) ok "$1" ;; esac; }
unit() { mkdir -p "$BOX/units/$(dirname "$1")"; cat > "$BOX/units/$1"; }
there() { nsenter -t "$INIT" -a -- "$@"; }
driver() { timeout 60 "$DRIVER" "$INIT" "$@" 2>&1; }

unit gird-twin.target <<-END
	[Unit]
	Requires=sysinit.target dbus.socket
	After=sysinit.target dbus.socket
	END
unit t-plain.service <<-END
	[Unit]
	Description=plain
	[Service]
	ExecStart=/bin/sleep 1000
	END
unit t-hard.service <<-END
	[Unit]
	Description=hard
	ConditionPathExists=/etc
	[Service]
	ExecStartPre=-/bin/true
	ExecStart=/bin/sh -c "exec sleep 1000"
	ExecReload=/bin/true
	User=daemon
	UMask=0077
	KeyringMode=private
	CapabilityBoundingSet=CAP_CHOWN CAP_KILL
	AmbientCapabilities=CAP_CHOWN
	NoNewPrivileges=yes
	ProtectSystem=full
	ProtectHome=read-only
	PrivateTmp=yes
	PrivateDevices=yes
	ProtectClock=yes
	ProtectKernelModules=yes
	ProtectProc=invisible
	RestrictNamespaces=~user net
	RestrictAddressFamilies=AF_UNIX AF_INET
	SystemCallFilter=@system-service
	SystemCallFilter=~@privileged
	SystemCallErrorNumber=EPERM
	SystemCallArchitectures=native
	DeviceAllow=/dev/null rw
	DeviceAllow=char-pts r
	IPAddressDeny=any
	IPAddressAllow=localhost 10.0.0.0/8
	ReadWritePaths=-/var/lib/t /var/log
	InaccessiblePaths=-/srv
	BindPaths=/tmp:/mnt
	TemporaryFileSystem=/opt:ro
	StateDirectory=t-hard
	LimitNOFILE=1000:2000
	MemoryMax=512M
	TasksMax=10%
	SupplementaryGroups=audio video
	BogusSetting=1
	END
unit t-hard.service.d/20-more.conf <<-END
	[Service]
	ProtectHome=yes
	RestrictRealtime=yes
	CapabilityBoundingSet=CAP_NET_ADMIN
	END
unit t-dynamic.service <<-END
	[Service]
	ExecStart=/bin/sleep 1000
	DynamicUser=yes
	END
unit t-fails.service <<-END
	[Service]
	ExecStart=/bin/sh -c 'exit 7'
	END
unit t-pre.service <<-END
	[Service]
	Type=oneshot
	ExecStartPre=/bin/sh -c 'exit 9'
	ExecStart=/bin/true
	END
unit t-condition.service <<-END
	[Unit]
	ConditionPathExists=/nowhere/at/all
	[Service]
	ExecStart=/bin/sleep 1000
	END
unit t-slow.service <<-END
	[Service]
	Type=oneshot
	ExecStart=/bin/sleep 1000
	END
unit t-bad.service <<-END
	[Service]
	Type=oneshot
	END
unit t-inst@.service <<-END
	[Service]
	ExecStart=/bin/echo %i
	StateDirectory=inst-%i
	ProtectSystem=strict
	END
ln -s /dev/null "$BOX/units/t-masked.service"
mkdir "$BOX/units/t-folder.service"

boot() {
        local h
        export BOX NAME
        for h in unified systemd; do mkdir -p /sys/fs/cgroup/$h/$NAME; done
        setpriv --pdeathsig KILL unshare --fork --pid --mount-proc --kill-child=KILL -m --propagation private bash -ec '
                for h in unified systemd; do echo 0 > /sys/fs/cgroup/$h/$NAME/cgroup.procs; done
                units=$(mktemp -d /dev/shm/units.XXXX); cp -a "$BOX/units/." "$units"
                mount -t tmpfs -o size=256m,mode=755 tmpfs "$BOX"
                mkdir -p "$BOX/u" "$BOX/w" "$BOX/$NAME" "$BOX/stage/etc/systemd/system" "$BOX/stage/etc/systemd/journald.conf.d"
                cp -a "$units/." "$BOX/stage/etc/systemd/system"; rm -rf "$units"
                printf "[Journal]\nStorage=volatile\n" > "$BOX/stage/etc/systemd/journald.conf.d/zz-gird.conf"
                mount -t overlay overlay -o "lowerdir=$BOX/stage:/,upperdir=$BOX/u,workdir=$BOX/w" "$BOX/$NAME"
                mount -t tmpfs -o mode=755 tmpfs /run
                export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
                exec systemd-nspawn --quiet --register=no --keep-unit --private-network --link-journal=no \
                        --resolv-conf=off --timezone=off --console=pipe --system-call-filter=bpf \
                        --drop-capability=CAP_MKNOD --machine=$NAME -D "$BOX/$NAME" -b -- \
                        systemd.unit=gird-twin.target fstab=no systemd.swap=no systemd.gpt_auto=no
        ' </dev/null >"$BOX.log" 2>&1 &
        KEEPER=$!
        for i in $(seq 100); do
                local p=$KEEPER n
                for n in 1 2; do p=$(cat "/proc/$p/task/$p/children" 2>/dev/null | cut -d' ' -f1); [ -n "$p" ] || break; done
                INIT=$p
                if [ -n "$INIT" ] && [ -S "/proc/$INIT/root/run/systemd/private" ]; then
                        case $(there systemctl is-system-running 2>/dev/null) in running | degraded) return 0 ;; esac
                fi
                sleep 0.1
        done
        cat "$BOX.log"
        return 1
}
boot || { fail "the container does not boot"; exit 1; }
rm -f "$BOX.log"
if [ "${2:-}" = shell ]; then echo "$INIT"; read -r _; exit 0; fi
