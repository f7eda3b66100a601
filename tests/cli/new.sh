#!/bin/bash
# new.sh - gird new: unit files that systemd takes, with the needs that were said and nothing more; and in a twin.
. tests/lib.sh
g() { "$gird" new "$@"; }
text() { g "$@" -n -q; }
has() { # LINE ARGUMENT...: the unit file holds the line
        local line=$1
        shift
        text "$@" > "$work/unit" || return 1
        grep -qxF -- "$line" "$work/unit" || { echo "no line $line"; return 1; }
}
lacks() {
        local line=$1
        shift
        text "$@" > "$work/unit" && ! grep -qF -- "$line" "$work/unit"
}
app=(app --exec '/bin/sleep 1000')
check no-network-unless-asked has PrivateNetwork=yes "${app[@]}"
check no-capabilities has CapabilityBoundingSet= "${app[@]}"
check dynamic-user has DynamicUser=yes "${app[@]}"
check a-port has SocketBindAllow=tcp:8080 "${app[@]}" --needs net:listen:8080
check a-port-needs-the-network lacks PrivateNetwork "${app[@]}" --needs net:listen:8080
check a-low-port-needs-a-capability has AmbientCapabilities=CAP_NET_BIND_SERVICE "${app[@]}" --needs net:listen:80
check a-low-port-forbids-a-user-namespace lacks PrivateUsers "${app[@]}" --needs net:listen:80
check a-folder-of-state has StateDirectory=app "${app[@]}" --needs write:/var/lib/app
check another-folder has 'ReadWritePaths="/srv/a b"' "${app[@]}" --needs 'write:/srv/a b'
check a-percent-sign-is-plain has 'ReadWritePaths=/srv/100%%' "${app[@]}" --needs 'write:/srv/100%'
check addresses has 'IPAddressDeny=0.0.0.0/0 ::/0' "${app[@]}" --needs net:connect:10.0.0.0/8
check a-user has User=app "${app[@]}" --needs user:app
check a-device has 'DeviceAllow=/dev/ttyS0 rw' "${app[@]}" --needs dev:/dev/ttyS0
check a-lift lacks MemoryDenyWriteExecute "${app[@]}" --needs jit
check p-comes-on-top has ProtectHome=read-only "${app[@]}" -p ProtectHome=read-only
refused() { # WORDS ARGUMENT...
        local words=$1
        shift
        status 2 g "$@" -n > "$work/out" 2> "$work/err" && [ ! -s "$work/out" ] && grep -qF -- "$words" "$work/err" || { cat "$work/err"; return 1; }
}
check unknown-need refused 'net:listne:1' "${app[@]}" --needs net:listne:1
check bad-port refused '70000' "${app[@]}" --needs net:listen:70000
check nobody refused nobody "${app[@]}" --needs user:nobody
check relative-program refused 'whole path' app --exec 'sleep 1000'
check privileged-prefix refused 'sign in front' app --exec '+/bin/sleep 1000'
check newline refused 'one line' app --exec $'/bin/sleep 1\nUser=root'
check no-command refused --exec app
check dry-run-writes-nothing refused '--dry-run writes nothing' "${app[@]}" -o "$work/nowhere"
check template refused 'NAME.service' 'app@' --exec /bin/true

# Each need gives a file that systemd takes without a word.
verified() {
        local n=0 need
        for need in '' net:listen:8080 net:listen:53/udp net:connect net:connect:10.0.0.0/8 net:local unix netlink write:/var/lib/app write:/srv/x read:/home/x dev:/dev/null \
                cap:net_raw secret:token:/etc/hostname user:app root calls:@mount jit realtime proc fork-namespaces net:listen:80,write:/var/log/app,unix; do
                n=$((n + 1))
                text "need$n" --exec '/bin/sleep 1000' --needs "$need" > "$work/need$n.service" || { echo "--needs $need"; return 1; }
        done
        systemd-analyze verify --man=no --recursive-errors=no "$work"/need*.service > "$work/out" 2>&1
        grep -F "$work" "$work/out" && return 1
        [ $n -eq 22 ]
}
check systemd-takes-every-need verified
low() { text "${app[@]}" > "$work/app.service" && systemd-analyze security --offline=yes --threshold=15 "$work/app.service"; }
check least-privilege-scores-low low

# In a twin, with a real server.
if [ "$(id -u)" -ne 0 ] || ! command -v systemd-nspawn > /dev/null; then
        skipped new-twin "needs root and systemd-nspawn"
        finish
fi
private() { unshare --mount --propagation private bash -c 'mkdir -p /var/lib/gird; mount -t tmpfs tmpfs /var/lib/gird; mkdir -p /etc/sysusers.d; mount -t tmpfs tmpfs /etc/sysusers.d
        mkdir "$0/up" "$0/wk" 2> /dev/null; mount -t tmpfs tmpfs "$0/up"; mkdir "$0/up/u" "$0/up/w"; mount -t overlay -o lowerdir=/etc/systemd/system,upperdir="$0/up/u",workdir="$0/up/w" overlay /etc/systemd/system; "$@"' "$work" "$@"; }
server='/usr/bin/perl -MIO::Socket::INET -e "my $$s = IO::Socket::INET->new(Listen => 5, LocalPort => 8099, ReuseAddr => 1) or exit 3; close $$c while $$c = $$s->accept"'
held() { private bash -c '"$1" new app --exec "$2" --needs net:listen:8099 --save -q && [ -s /etc/systemd/system/app.service ]' - "$gird" "$server" > "$work/out" 2>&1 || { tail -5 "$work/out"; return 1; }; }
check a-server-that-listens-holds-and-is-saved held
missing() { private bash -c '"$1" new app --exec "$2" --needs net:local --save -q; [ $? -eq 3 ] && [ ! -e /etc/systemd/system/app.service ]' - "$gird" '/usr/bin/touch /home/x' > "$work/out" 2>&1 || { tail -5 "$work/out"; return 1; }; }
check what-did-not-hold-is-not-saved missing
hidden() { private bash -c '"$1" new cron --exec "/bin/sleep 1000" --save --untested -q; [ $? -eq 3 ] && [ ! -e /etc/systemd/system/cron.service ]' - "$gird" > "$work/out" 2>&1 && grep -q "cron.service is not tried: there is one already" "$work/out" || { tail -5 "$work/out"; return 1; }; }
if [ -e /usr/lib/systemd/system/cron.service ]; then check a-unit-that-is-there-is-not-hidden hidden; else skipped new-hidden "needs a cron.service"; fi
finish
