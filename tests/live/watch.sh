#!/bin/bash
# watch.sh - gird watch on a booted host: what running units are refused is told as it comes, with its directive, and nothing of theirs is touched.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped watch "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped watch "needs systemd-nspawn"; finish; }
host_test=watch name=gird-test-watch-$$ unit=gird-nested.service
. tests/host.sh
refused() { status 3 "$gird" watch "$1" > "$work/out" 2>&1 && has "$2"; }
check watch-below-root-nothing-runs status 3 sh -c "'$gird' watch --root=/ cron.service 2>&1 | grep -q 'below --root'; test \$? -eq 0 && exit 3"
[ -d /run/systemd/system ] || check watch-needs-a-manager refused "$(systemctl list-unit-files --root=/ --type=service 2> /dev/null | awk '/\.service/ { print $1; exit }')" 'no systemd runs here|is a template'
boot || {
        skipped watch "this machine's tree does not boot in a container: $(tail -1 "$work/console" | tr -dc '[:print:]')"
        finish
}
if ! in_host watch "$unit" --for 100ms > "$work/out" 2>&1 && grep -qE 'BTF|not built in|kernel' "$work/out"; then
        skipped watch "$(head -1 "$work/out")"
        finish
fi

# plant NAME DIRECTIVES COMMAND: a service that does the same every half second.
plant() {
        host tee "/etc/systemd/system/$1.service" > /dev/null << EOF
[Service]
$2
ExecStart=/bin/sh -c 'while :; do $3; sleep 0.5; done'
EOF
}
plant gw-strict 'ProtectSystem=strict' 'mkdir /usr/share/gird-watched 2> /dev/null'
plant gw-caps 'CapabilityBoundingSet=~CAP_CHOWN' 'chown 1 /var/tmp/gird-watched 2> /dev/null'
plant gw-calls $'SystemCallFilter=~mkdir mkdirat\nSystemCallErrorNumber=EPERM' 'mkdir /var/tmp/gird-watched.d 2> /dev/null'
plant gw-modes '' 'mkdir /sys/gird-watched 2> /dev/null'
plant gw-content '' 'date > /var/tmp/gird-content'
plant gw-later '' 'mkdir /usr/share/gird-later 2> /dev/null && rmdir /usr/share/gird-later'
host touch /var/tmp/gird-watched
host systemctl daemon-reload
host systemctl start gw-strict gw-caps gw-calls gw-modes gw-content gw-later
main() { host systemctl show -P MainPID "$1"; }
before=$(main gw-strict)

# begin UNIT [OPTION...]: a watch that goes on, with what it says in files of the host.
begin() { host systemd-run --quiet --unit="watch-$1" -p StandardOutput=append:/watch-out -p StandardError=append:/watch-err /usr/local/sbin/gird-nested watch "$@"; }
end() { # UNIT: stops it as Ctrl-C does; what it said comes to $work
        host systemctl kill --signal=INT "watch-$1" 2> /dev/null
        for _ in $(seq 100); do host systemctl is-active --quiet "watch-$1" || break; sleep 0.1; done
        host cat /watch-out > "$work/out"
        host cat /watch-err > "$work/err"
        result=$(host systemctl show -P ExecMainStatus "watch-$1")
        host systemctl reset-failed "watch-$1" 2> /dev/null
        host rm -f /watch-out /watch-err
}
within() { # SECONDS REGEX
        for _ in $(seq $(($1 * 10))); do
                host grep -qE -- "$2" /watch-out 2> /dev/null && return 0
                sleep 0.1
        done
        host cat /watch-out /watch-err
        return 1
}

begin gw-strict
check watch-names-it-within-5-seconds within 5 '^[0-9:]{8} +ProtectSystem=strict: mkdir.*/usr/share/gird-watched.*by mkdir.*EROFS'
sleep 3
end gw-strict
once() { [ "$(grep -c 'gird-watched' "$work/out")" -eq 1 ] || { cat "$work/out"; return 1; }; }
check watch-tells-it-once once
check watch-ends-with-a-summary grep -qE '^gird: watched for [0-9]+ s, [0-9]+ calls: 1 thing refused' "$work/err"
check watch-says-no test "$result" = 1
check watch-touches-nothing test "$(main gw-strict)" = "$before"

begin gw-caps
check watch-names-a-capability within 5 'CapabilityBoundingSet=.*: .*chown.*gird-watched.*EPERM'
end gw-caps
begin gw-calls
check watch-names-a-filter within 5 'SystemCallFilter=.*: mkdir'
end gw-calls

# What file permissions refuse is no directive's work.
begin gw-modes
check watch-tells-of-file-permissions within 5 '/sys/gird-watched.*(EROFS|EPERM).*\(by no directive\)'
end gw-modes
check watch-says-so-in-the-summary grep -q 'no directive refused anything; 1 more by no directive' "$work/err"
watched() { in_host watch "$@" > "$work/out" 2> "$work/err"; }
check watch-quiet-leaves-it-out status 0 watched gw-modes --for 3s --quiet
check watch-quiet-says-nothing test ! -s "$work/out" -a ! -s "$work/err"

check watch-content status 0 watched gw-content --for 3s
check watch-content-prints-nothing test ! -s "$work/out"
check watch-content-sums-up grep -q 'no directive refused anything' "$work/err"

# A line of JSON each.
json() {
        watched gw-strict --for 3s --json
        [ $? -eq 1 ] || return 1
        python3 - "$work/out" << 'P'
import json, sys
lines = [json.loads(l) for l in open(sys.argv[1])]
assert len(lines) == 1, lines
d = lines[0]
assert d["directive"] == "ProtectSystem" and d["value"] == "strict" and d["errno"] == "EROFS"
assert d["path"].startswith("/usr/share/gird-watched") and d["unit"] == "gw-strict.service" and d["process"] == "mkdir"
assert d["key"] and d["accepted"] is None and d["time"].endswith("Z")
P
}
check watch-json json
python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["key"])' < "$work/out" > "$work/key"

# What the unit's profile accepts is told, and counts for nothing.
accept() {
        host mkdir -p /var/lib/gird/gw-strict.service
        python3 - "$(cat "$work/key")" << 'P' | host tee /var/lib/gird/gw-strict.service/profile.json > /dev/null
import json, sys
print(json.dumps({"gird": 1, "unit": "gw-strict.service", "scope": "system", "systemd": "252.0", "verdict": "bent", "tried": None,
                  "probes": [], "accepted": [{"what": sys.argv[1], "reason": "it does without"}], "changes": []}))
P
        watched gw-strict --for 3s
        [ $? -eq 0 ] && has '\(accepted: it does without\)' && grep -q 'no directive refused anything; 1 accepted' "$work/err"
}
check watch-accepted accept

# Applied while it is watched: the sandbox is what the manager has, its runtime drop-in included.
begin gw-later
sleep 2
host mkdir -p /run/systemd/system/gw-later.service.d
echo $'[Service]\nProtectSystem=full' | host tee /run/systemd/system/gw-later.service.d/zz-gird-trial.conf > /dev/null
host systemctl daemon-reload
host systemctl restart gw-later
check watch-knows-what-was-applied-meanwhile within 6 'ProtectSystem=full: mkdir.*/usr/share/gird-later'
end gw-later

# What cannot be watched.
check watch-no-such-unit status 3 watched gird-none.service
host systemctl stop gw-content
check watch-needs-it-to-run status 3 watched gw-content --for 1s
check watch-says-that-it-did-not-run grep -q 'did not run while it was watched' "$work/err"
check watch-templates-need-an-instance status 3 watched getty@.service
check watch-services-only status 3 watched basic.target

# Killed: nothing stays attached.
begin gw-strict
within 5 ProtectSystem > /dev/null
programs=$(host sh -c 'cat /proc/$(systemctl show -P MainPID watch-gw-strict)/fdinfo/*' 2> /dev/null | sed -n 's/^prog_id:[[:space:]]*//p' | sort -u)
host systemctl kill --signal=KILL watch-gw-strict
sleep 0.5
gone() { [ -n "$programs" ] && for id in $programs; do ! bpftool prog show id "$id" > /dev/null 2>&1 || return 1; done; }
if command -v bpftool > /dev/null; then check watch-kill-9-leaves-nothing-attached gone
else skipped watch-kill-9-leaves-nothing-attached "needs bpftool"; fi
finish
