#!/bin/bash
# manager.sh - core/unit/manager*.c against a real systemd: a throwaway container of this machine,
# talked to over its private socket from inside its pid namespace, as a twin is.
# Usage: manager.sh DRIVER     (root; DRIVER is tests/live/manager_driver.c, built)
#        ROOT=TREE manager.sh DRIVER     the systemd of another tree (debootstrap)
set -u
DRIVER=${1:-build/live/manager_driver}
NAME=gird-test-manager-$$
ROOT=${ROOT:-/} FAILED=0 KEEPER='' INIT=''

skip() { echo "skipped manager: $1"; exit 0; }
[ -x "$DRIVER" ] || { echo "$DRIVER cannot be run"; exit 2; }
[ "$(id -u)" = 0 ] || skip "needs root"
command -v systemd-nspawn >/dev/null || skip "needs systemd-nspawn"

BOX=$(mktemp -d "/tmp/$NAME.XXXX")
finish() {
        [ -n "$KEEPER" ] && kill -9 "$KEEPER" 2>/dev/null
        wait 2>/dev/null
        for _ in 1 2 3 4 5 6 7 8 9 10; do
                find /sys/fs/cgroup/{unified,systemd}/"$NAME" -depth -type d -exec rmdir {} + 2>/dev/null
                rm -rf "$BOX/units" "$BOX".*
                rmdir "$BOX" 2>/dev/null
                [ -e "$BOX" ] || [ -e "/sys/fs/cgroup/unified/$NAME" ] || [ -e "/sys/fs/cgroup/systemd/$NAME" ] || return
                sleep 0.1
        done
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

ok() { echo "ok   $1"; }
fail() { echo "not ok $1"; FAILED=1; }
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
	StartLimitIntervalSec=0
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
	PrivateUsers=yes
	ProtectControlGroups=yes
	ProtectHostname=yes
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
	Type=oneshot
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
        export BOX NAME ROOT
        for h in unified systemd; do mkdir -p /sys/fs/cgroup/$h/$NAME; done
        setpriv --pdeathsig KILL unshare --fork --pid --mount-proc --kill-child=KILL -m --propagation private bash -ec '
                for h in unified systemd; do echo 0 > /sys/fs/cgroup/$h/$NAME/cgroup.procs; done
                units=$(mktemp -d /dev/shm/units.XXXX); cp -a "$BOX/units/." "$units"
                mount -t tmpfs -o size=256m,mode=755 tmpfs "$BOX"
                mkdir -p "$BOX/u" "$BOX/w" "$BOX/$NAME" "$BOX/stage/etc/systemd/system" "$BOX/stage/etc/systemd/journald.conf.d"
                cp -a "$units/." "$BOX/stage/etc/systemd/system"; rm -rf "$units"
                printf "[Journal]\nStorage=volatile\n" > "$BOX/stage/etc/systemd/journald.conf.d/zz-gird.conf"
                mount -t overlay overlay -o "lowerdir=$BOX/stage:$ROOT,upperdir=$BOX/u,workdir=$BOX/w" "$BOX/$NAME"
                mount -t tmpfs -o mode=755 tmpfs /run
                export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
                exec systemd-nspawn --quiet --register=no --keep-unit --private-network --link-journal=no \
                        --resolv-conf=off --timezone=off --console=pipe --system-call-filter=bpf \
                        --drop-capability=CAP_MKNOD --machine=$NAME -D "$BOX/$NAME" -b -- \
                        systemd.unit=gird-twin.target fstab=no systemd.swap=no systemd.gpt_auto=no
        ' </dev/null >"$BOX.log" 2>&1 &
        KEEPER=$!
        disown "$KEEPER" # its end is no news
        for _ in $(seq 100); do
                local p=$KEEPER
                for _ in 1 2; do p=$(cat "/proc/$p/task/$p/children" 2>/dev/null | cut -d' ' -f1); [ -n "$p" ] || break; done
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

# --- the connection ---
has "the version is the container's" "$(there systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')." "$(driver version)"

# --- listing ---
LIST=$(driver list)
has "a unit file that nobody loaded is listed" $'t-plain.service\t-\t-\t-\tstatic' "$LIST"
has "a masked unit says so" $'t-masked.service\t-\t-\t-\tmasked' "$LIST"
has "a template is listed" $'t-inst@.service\t-\t-\t-\tstatic' "$LIST"
has "a loaded unit has its state" $'dbus.service\tloaded\t' "$LIST"
[ -z "$(cut -f1 <<<"$LIST" | sort | uniq -d)" ] && ok "each name is listed once" || fail "names are listed twice"
[ "$LIST" = "$(LC_ALL=C sort <<<"$LIST")" ] && ok "the list is sorted" || fail "the list is not sorted"
MISSING=$(comm -23 <(there systemctl list-unit-files --type=service --no-legend --plain | awk '{print $1}' | sort) <(cut -f1 <<<"$LIST" | sort))
[ -z "$MISSING" ] && ok "every unit file of systemctl is listed" || fail "not listed: $MISSING"

# --- reading: values, origins, load states ---
HARD=$(driver read t-hard.service)
D=/etc/systemd/system
has "a value knows its line" $'User=daemon\tfile '$D/t-hard.service:8 "$HARD"
has "a drop-in's line wins" $'ProtectHome=yes\tfile '$D/t-hard.service.d/20-more.conf:2 "$HARD"
has "addresses are as in files" $'IPAddressDeny=0.0.0.0/0 ::/0\tfile '$D/t-hard.service:29 "$HARD"
has "paths keep their prefixes" $'ReadWritePaths=-/var/lib/t /var/log\tfile' "$HARD"
has "an amount is as written" $'MemoryMax=512M\tfile' "$HARD"
has "a default written down stays set" $'KeyringMode=private\tfile' "$HARD"
has "an unknown setting is kept" 'BogusSetting=1' "$HARD"
has "command lines come with their prefixes" 'exec ExecStartPre=-/bin/true' "$HARD"
has "conditions are listed" 'condition ConditionPathExists=/etc' "$HARD"
has "the files lead to what the manager says: capabilities" $'CapabilityBoundingSet=CAP_CHOWN CAP_KILL CAP_NET_ADMIN\tfile' "$HARD"
lacks "and nothing else is claimed to be the manager's" $'\tmanager' "$HARD"
has "implied values name their cause" $'DevicePolicy=closed\timplied PrivateDevices' "$(IMPLY=1 driver read t-hard.service)"
PLAIN=$(driver read t-plain.service)
lacks "a plain unit has nothing set" = "$(grep -v '^exec' <<<"$PLAIN")"
DYNAMIC=$(IMPLY=1 driver read t-dynamic.service)
has "DynamicUser brings ProtectSystem" $'ProtectSystem=strict\timplied DynamicUser' "$DYNAMIC"
lacks "DynamicUser leaves nothing to the manager" $'\tmanager' "$DYNAMIC"
has "a bad unit says so" 't-bad.service bad-setting' "$(driver read t-bad.service)"
has "a masked unit reads as masked" 't-masked.service masked' "$(driver read t-masked.service)"
has "no unit reads as not found" 'nope.service not-found' "$(driver read nope.service)"
has "a folder is no unit" 't-folder.service not-found' "$(driver read t-folder.service)"
has "a name that is none is told" ' error' "$(driver read 'x y/z.service')"
TEMPLATE=$(driver read t-inst@.service)
has "a template is read as an instance" '[t-inst@.service] t-inst@.service template' "$TEMPLATE"
has "an instance has its values" $'ProtectSystem=strict\tfile' "$TEMPLATE"

# --- what the files do not say ---
there systemd-run --quiet --unit=t-trans.service -p ProtectSystem=full -p UMask=0027 /bin/sleep 1000
has "a transient unit has its values" $'ProtectSystem=full\tfile /run/systemd/transient/t-trans.service' "$(driver read t-trans.service)"
driver start t-plain.service >/dev/null
there systemctl set-property --runtime t-plain.service DevicePolicy=closed
has "what set-property did counts, with its origin" $'DevicePolicy=closed\tfile /run/systemd/system.control/t-plain.service.d/50-DevicePolicy.conf' "$(driver read t-plain.service)"
DROPIN=/run/systemd/system/t-plain.service.d/50-x.conf
there mkdir -p "${DROPIN%/*}"
there sh -c "printf '[Service]\nProtectSystem=full\n' > $DROPIN"
driver daemon-reload
has "a drop-in counts after the reload" $'ProtectSystem=full\tfile '$DROPIN:2 "$(driver read t-plain.service)"
there sh -c "printf '[Service]\nProtectSystem=strict\nPrivateTmp=yes\n' > $DROPIN; touch -d '1 minute' $DROPIN"
STALE=$(driver read t-plain.service)
has "files newer than the manager are told" 'NeedDaemonReload' "$STALE"
has "what holds is the manager's" $'ProtectSystem=full\tmanager' "$STALE"
lacks "and not what the file says now" 'PrivateTmp=' "$STALE"
driver daemon-reload
has "until the reload" $'ProtectSystem=strict\tfile '$DROPIN:2 "$(driver read t-plain.service)"
there rm -r "${DROPIN%/*}"
driver daemon-reload

# --- jobs and states ---
has "start" '0 done' "$(driver start t-hard.service)"
has "restart" '0 done' "$(driver restart t-hard.service)"
has "reload" '0 done' "$(driver reload t-hard.service)"
has "a unit without ExecReload cannot reload" 'not applicable' "$(driver reload t-plain.service)"
has "its state" 'active=active sub=running result=success' "$(driver state t-hard.service)"
has "stop" '0 done' "$(driver stop t-hard.service)"
driver start t-fails.service >/dev/null
has "a service that exits has its status" 'main=1/7' "$(driver state t-fails.service)"
has "a failed ExecStartPre fails the job" '1 failed' "$(driver start t-pre.service)"
has "and is named" 'control=ExecStartPre 1/9' "$(driver state t-pre.service)"
driver reset t-pre.service
has "reset-failed resets" 'active=inactive' "$(driver state t-pre.service)"
has "a unit can be held in memory" '' "$(driver hold t-condition.service)"
has "a skipped unit's job is done" '0 done' "$(driver start t-condition.service)"
has "and the condition is named" 'condition=0 ConditionPathExists=/nowhere/at/all' "$(driver state t-condition.service)"
driver release t-condition.service
[ -z "$(there systemctl list-units --all --no-legend 'gird-*.service')" ] && ok "nothing is left of the hold" || fail "the hold is left"
has "no such unit" 'Unit nope.service not found' "$(driver start nope.service)"
has "a job that takes too long is given up" 'still under way' "$(driver start t-slow.service)"
for _ in $(seq 20); do driver restart t-plain.service; done | sort | uniq -c | grep -q '20 0 done' && ok "twenty restarts in a row" || fail "twenty restarts in a row"

# --- commands as units ---
has "a command's status comes back" 'result=exit-code code=1 status=7' "$(driver run /bin/sh -c 'exit 7')"
has "its output comes back, word for word" 'a $HOME ${X} %n' "$(driver run /bin/echo 'a $HOME ${X} %n')"
has "success" 'result=success code=1 status=0' "$(driver run /bin/true)"
has "a signal" 'result=signal code=2 status=9' "$(driver run /bin/sh -c 'kill -9 $$')"
has "no such program" 'status=203' "$(driver run /nope)"
has "a command that hangs is stopped" 'still under way' "$(driver run /bin/sleep 30)"
has "a command that is cancelled" 'cancelled' "$(timeout -s INT 1 "$DRIVER" "$INIT" run /bin/sleep 30 2>&1)"
[ -z "$(there systemctl list-units --all --no-legend 'gird-*.service')" ] && ok "no unit is left of them" || fail "units are left"
grep -lsz '^30$' "/proc/$INIT/root"/proc/[0-9]*/cmdline | grep -q . && fail "the command still runs" || ok "nor a process"
INSIDE=$(there sh -c 'sleep 500 </dev/null >/dev/null 2>&1 & echo $!')
cp "$DRIVER" "/proc/$INIT/root/run/driver"
has "a scope around a process" '' "$(there /run/driver system scope "$INSIDE" 2>&1)"
has "has its properties" 'Delegate=yes' "$(there systemctl show gird-test.scope -p Delegate,MemoryMax,DevicePolicy)"
has "and the process is in it" 'gird-test.scope' "$(there cat "/proc/$INSIDE/cgroup")"
there systemctl stop gird-test.scope

# --- other ways in ---
has "an ordinary user reads by the bus" $'dbus.service\tloaded' "$(there setpriv --reuid=1 --regid=1 --clear-groups /run/driver system list 2>&1)"
has "and is told what he may not" 'run gird as root' "$(there setpriv --reuid=1 --regid=1 --clear-groups /run/driver system start t-plain.service 2>&1)"
there mv /run/systemd/private /run/systemd/private.away
has "root goes by the bus where the socket is gone" '0 done' "$(there /run/driver system restart t-plain.service 2>&1)"
has "and runs commands" 'status=5' "$(there /run/driver system run /bin/sh -c 'exit 5' 2>&1)"
there mv /run/systemd/private.away /run/systemd/private
as_user() { there env XDG_RUNTIME_DIR=/run/user/0 /run/driver user "$@" 2>&1; }
if there systemctl start user@0.service 2>/dev/null; then
has "the user's manager is read" $'dbus.service\t' "$(as_user list)"
has "and runs commands" 'status=3' "$(as_user run /bin/sh -c 'exit 3')"
else echo "skipped manager-user: the tree has no user manager"; fi
has "no user manager is an answer" '1: there is no user manager' "$(there env -u XDG_RUNTIME_DIR /run/driver user version 2>&1)"

has "a host that is none is one sentence" 'cannot reach systemd on no.such.host.invalid' "$(timeout 60 "$DRIVER" host:no.such.host.invalid version 2>&1 | tail -1)"
has "a container that is none, too" 'cannot reach systemd in nosuchbox' "$(timeout 60 "$DRIVER" container:nosuchbox version 2>&1 | tail -1)"

# --- every unit against systemd itself ---
there systemctl daemon-reload
NAMES=$(driver list | awk -F'\t' '$2 != "not-found" && $5 != "masked" && $5 != "alias" { print $1 }' | grep -v '@\.')
# shellcheck disable=SC2086
driver score $NAMES | sort > "$BOX.ours"
for name in $NAMES; do
        # shellcheck disable=SC2016
        there systemd-analyze security --no-pager "$name" 2>/dev/null | sed -n 's/.*Overall exposure level for \(.*\): \([0-9.]*\) .*/\1 \2/p'
done | sort > "$BOX.theirs"
if diff "$BOX.ours" "$BOX.theirs" > "$BOX.diff"; then ok "all $(wc -l < "$BOX.ours") scores are systemd-analyze's"; else fail "scores differ"; head -20 "$BOX.diff"; fi
rm -f "$BOX.ours" "$BOX.theirs" "$BOX.diff"

# --- the manager goes away ---
kill -STOP "$INIT"
( sleep 1; kill -CONT "$INIT" ) &
has "a manager that hangs for a while costs only time" 'loaded' "$(driver state t-plain.service)"
driver hammer > "$BOX.log" & HAMMER=$!
sleep 1
kill -9 "$KEEPER"
wait "$HAMMER"
has "a connection that breaks off is one sentence" 'the connection to systemd broke off' "$(tail -1 "$BOX.log")"
KEEPER=
exit "$FAILED"
