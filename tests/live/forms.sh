#!/bin/bash
# forms.sh - what `gird export` writes, taken by a systemd that runs: the systemd-run line makes the sandbox that the drop-in makes,
# set-property changes a running unit, and portablectl attaches the profile.  On booted hosts with this machine's systemd and with 257.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped forms "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped forms "needs systemd-nspawn"; finish; }
if [ -z "${forms_label:-}" ]; then
        . tests/trees.sh
        other=$(tree trixie) || { skipped forms-257 "no tree of trixie: $other"; other=''; }
        code=0
        for pair in "this:/" ${other:+"257:$other"}; do
                case " ${ONLY_TREE:-${pair%%:*}} " in *" ${pair%%:*} "*) ;; *) continue ;; esac
                forms_label=${pair%%:*} host_tree=${pair#*:} setpriv --pdeathsig TERM bash "$0" || code=1
        done
        exit $code
fi
host_test=forms-$forms_label name=gird-test-forms-$forms_label-$$ unit=gird-nested.service
. tests/host.sh
boot || {
        skipped "$host_test" "$host_tree does not boot in a container: $(tail -1 "$work/console" | tr -dc '[:print:]')"
        finish
}
label=forms-$(host systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')
host sh -c 'mkdir -p "/srv/a b" "/srv/ü\$x%" /opt/x /srv/w; printf "[Service]\nExecStart=/bin/sleep infinity\n" > /etc/systemd/system/forms.service; systemctl daemon-reload'

# Directives whose spelling differs between a file and the bus, or that have quotes, blanks or '%' in them.
values='NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=tmpfs
ReadWritePaths="/srv/a b" -/srv/none
ReadOnlyPaths="/srv/ü$x%%" /opt
InaccessiblePaths="-/srv/it'"'"'s"
BindReadOnlyPaths=/opt:/srv/w
TemporaryFileSystem=/var:ro
CapabilityBoundingSet=CAP_CHOWN CAP_KILL
AmbientCapabilities=
RestrictAddressFamilies=none
RestrictNamespaces=~user net
SystemCallFilter=@system-service
SystemCallFilter=~@resources @swap:EPERM
SystemCallErrorNumber=EACCES
SystemCallArchitectures=native
ProtectProc=invisible
UMask=0027
LimitNOFILE=512:1024
DevicePolicy=closed
DeviceAllow=/dev/null rw
IPAddressDeny=any
IPAddressAllow=localhost 192.0.2.0/24
MemoryMax=512M
TasksMax=64
CPUQuota=50%
KeyringMode=private
SecureBits=noroot
UnsetEnvironment=A B
StateDirectory=forms/a
PrivateTmp=yes
ProtectClock=yes
SetCredential=id:a b$c"d'
[ "$forms_label" != 257 ] || values="${values/PrivateTmp=yes/PrivateTmp=disconnected}
PrivateUsers=identity
ProtectControlGroups=private"
arguments=()
while read -r line; do arguments+=(-p "$line"); done <<< "$values"
g() { in_host "$@" > "$work/out" 2> "$work/err"; }
properties=$(cut -d= -f1 <<< "$values" | sort -u | sed 's/CPUQuota/CPUQuotaPerSecUSec/')
# Addresses come in the order of a hash.
look() { for one in $properties; do host systemctl show -p "$one" "$1" | tr ' =' '\n\n' | sort | tr '\n' ' '; echo; done; }

g export forms -f run "${arguments[@]}"
cp "$work/out" "$work/run.sh"
written() { [ -s "$work/run.sh" ] || { cat "$work/err"; return 1; }; }
check "$label-run-is-written" written
g export forms "${arguments[@]}"
host sh -c 'mkdir -p /etc/systemd/system/forms.service.d; cat > /etc/systemd/system/forms.service.d/50-gird.conf; systemctl daemon-reload; systemctl start forms' < "$work/out"
check "$label-the-drop-in-starts" host systemctl is-active forms
host sh -s < "$work/run.sh" > "$work/said" 2>&1
check "$label-the-line-starts" host systemctl is-active gird-forms
look forms > "$work/file"
look gird-forms > "$work/transient"
same() { [ "$(wc -l < "$work/file")" -ge 25 ] && diff "$work/file" "$work/transient" || { diff "$work/file" "$work/transient"; tail -2 "$work/said"; return 1; }; }
check "$label-the-line-makes-the-same-sandbox" same

# What stands behind the comment sign takes effect at once.
host sh -c 'rm -r /etc/systemd/system/forms.service.d; systemctl daemon-reload; systemctl restart forms'
sed -n 's/^# \(systemctl .*\)/\1/p' "$work/run.sh" > "$work/live.sh"
host sh -s < "$work/live.sh" > "$work/said" 2>&1
has_property() { [ "$(host systemctl show -P "$1" forms)" = "$2" ] || { host systemctl show -p "$1" forms; cat "$work/said"; return 1; }; }
check "$label-set-property-limits-memory" has_property MemoryMax 536870912
check "$label-set-property-closes-devices" has_property DevicePolicy closed
denies() { [ "$(host systemctl show -P IPAddressDeny forms | tr ' ' '\n' | sort | tr '\n' ' ')" = '0.0.0.0/0 ::/0 ' ]; }
check "$label-set-property-denies-addresses" denies

# A folder as an image: the profile becomes the drop-in of its service.
portable() {
        g export forms -f portable -o /etc/systemd/portable/profile -p NoNewPrivileges=yes -p ProtectHome=yes -p 'BindPaths=/srv/w' || { cat "$work/err"; return 1; }
        host sh -ec 'tree=/var/lib/portables/forms; mkdir -p $tree/usr/lib/systemd/system $tree/etc $tree/proc $tree/sys $tree/dev $tree/run $tree/tmp $tree/var/tmp $tree/bin $tree/srv/w
                printf "ID=forms\nVERSION_ID=1\n" > $tree/usr/lib/os-release; ln -sf ../usr/lib/os-release $tree/etc/os-release
                : > $tree/etc/machine-id; : > $tree/etc/resolv.conf; mkdir -p $tree/root $tree/home
                printf "[Service]\nExecStart=/bin/sleep infinity\n" > $tree/usr/lib/systemd/system/forms-image.service
                mkdir -p $tree/usr/bin; cp /usr/bin/sleep $tree/bin/sleep
                for lib in $(ldd /usr/bin/sleep | grep -o "/[^ ]*"); do mkdir -p $tree${lib%/*}; cp -L $lib $tree$lib; done
                portablectl attach --runtime --copy=symlink --profile=gird-forms $tree forms-image && systemctl start forms-image' > "$work/said" 2>&1 || { tail -3 "$work/said"; host journalctl -n 5 --no-pager -u forms-image; return 1; }
        [ "$(host systemctl show -P NoNewPrivileges forms-image)" = yes ] && [ "$(host systemctl show -P MountAPIVFS forms-image)" = yes ] &&
                host systemctl is-active forms-image
}
# The small tree has none; it comes with systemd-nspawn.
if host sh -c 'command -v portablectl' > /dev/null; then check "$label-portablectl-attaches-the-profile" portable
elif [ "$forms_label" = this ]; then skipped "$label-portable" "portablectl is not installed"; fi
finish
