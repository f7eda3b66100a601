#!/bin/bash
# observe.sh - what real services are seen doing in a twin, and a unit that runs watched without a restart.
. tests/lib.sh
[ "$(id -u)" -eq 0 ] || { skipped observe "needs root"; finish; }
command -v systemd-nspawn > /dev/null || { skipped observe "needs systemd-nspawn"; finish; }

host_test=observe name=gird-test-observe-$$ unit=gird-nested.service
. tests/host.sh

# expect EXPRESSION: about the JSON in $work/out; acts(KIND) lists the acts of a kind.
expect() {
        python3 - "$1" "$work/out" << 'EOF' || { head -c 800 "$work/out"; tail -3 "$work/err"; return 1; }
import json, sys
d = json.load(open(sys.argv[2]))
def acts(kind): return [a for a in d["behaviour"]["acts"] if a["kind"] == kind]
assert eval(sys.argv[1]), sys.argv[1]
EOF
}

# A tree of its own is not needed, but a state folder is: what this machine has observed stays as it was.
own_state() { # COMMAND...: gird with an empty /var/lib/gird
        unshare -m --propagation private sh -c 'mkdir -p "$0" && mkdir -p /var/lib/gird && mount --bind "$0" /var/lib/gird && exec "$@"' "$work/state" "$@"
}
g() { own_state "$gird" "$@"; }

possible() { g observe nosuch-gird --show 2>&1 | grep -q nosuch; }
check observe-state-of-its-own possible

twin() { # UNIT PROBE
        status 0 g observe "$1" --probe "$2" --settle 500ms --json > "$work/out" 2> "$work/err" || { tail -3 "$work/err"; return 1; }
        expect 'd["stage"] == "twin" and d["coverage"]["startup"] and d["coverage"]["steady"] and d["coverage"]["lost"] == 0' || return 1
        g observe "$1" --show --json > "$work/out" 2> "$work/err"
}
if command -v nginx > /dev/null; then
        check observe-nginx-in-a-twin twin nginx.service 'curl -fs -o /dev/null http://127.0.0.1/ || exec 3<> /dev/tcp/127.0.0.1/80'
        check observe-nginx-binds-80 expect '"tcp 0.0.0.0:80" in d["gist"]["listens"]'
        check observe-nginx-writes-its-logs expect 'any(w.startswith("/var/log/nginx/") for w in d["gist"]["writes"])'
        check observe-nginx-needs-capabilities expect '{"CAP_SETUID", "CAP_SETGID", "CAP_NET_BIND_SERVICE"} <= set(d["gist"]["capabilities"])'
        check observe-nginx-reload-and-stop-are-seen expect 'd["coverage"]["reload"] and d["coverage"]["stop"]'
        check observe-nginx-set-up-is-not-its-own expect 'not any("systemd-executor" in p for p in d["gist"]["programs"])'
        check observe-nginx-has-advice expect 'd["advice"]["safe"] > 20 and d["after"] < d["before"]'
        g observe nginx.service --settle 500ms --json > "$work/out" 2> "$work/err"
        check observe-adds-up expect 'd["coverage"]["sessions"] == 2 and d["anew"] is False'
        g try nginx.service --observed --settle 500ms --json > "$work/out" 2> "$work/err"
        check observe-nginx-holds-without-what-it-does-not-need expect 'd["verdict"] == "held" and len(d["changes"]) > 10 and len(d["probes"]) > 0'
else
        skipped observe-nginx "nginx is not installed"
fi
if [ -e /lib/systemd/system/redis-server.service ]; then
        check observe-redis-in-a-twin twin redis-server.service 'redis-cli set gird 1 && redis-cli save'
        check observe-redis-binds-6379 expect 'any(p.endswith(":6379") for p in d["gist"]["listens"])'
        check observe-redis-writes-its-dump expect 'any(w.startswith("/var/lib/redis") for w in d["gist"]["writes"])'
else
        skipped observe-redis "redis is not installed"
fi

# PAM moves a login into a scope of its session (where there is a logind).
mkdir -p "$work/units"
cat > "$work/units/gird-login.service" << 'EOF'
[Service]
User=daemon
PAMName=login
ExecStart=/bin/sh -c 'while :; do cat /etc/hostname > /dev/null; sleep 0.2; done'
EOF
check observe-a-login twin "$work/units/gird-login.service" true
check observe-a-login-is-followed-into-its-session expect '"/etc/hostname" in json.dumps(acts("path")) and d["coverage"]["events"] > 100'

boot || {
        skipped observe-live "this machine's tree does not boot in a container: $(tail -1 "$work/console" | tr -dc '[:print:]')"
        finish
}
host tee /etc/systemd/system/gird-busy.service > /dev/null << 'EOF'
[Service]
ExecStart=/bin/sh -c 'while :; do date > /var/tmp/gird-busy.log; chown 1 /var/tmp/gird-busy.log; sleep 0.2; done'
ExecReload=/bin/true
EOF
host systemctl daemon-reload
host systemctl start gird-busy.service
main() { host systemctl show -P MainPID gird-busy.service; }
before=$(main)
live() { in_host observe gird-busy "$@" > "$work/out" 2> "$work/err"; }
# The kernel's numbers of the programs that a process holds, and whether one of them is still there.
held() { host sh -c "cat /proc/$1/fdinfo/* 2> /dev/null" | sed -n 's/^prog_id:[[:space:]]*//p' | sort -u; }
gone() {
        for id in $programs; do
                ! bpftool prog show id "$id" > /dev/null 2>&1 || { echo "program $id is still there"; return 1; }
        done
}

check observe-live status 0 live --live --for 3s --json
check observe-live-needs-no-restart test "$(main)" = "$before"
check observe-live-covers-the-steady-state expect 'd["stage"] == "live" and d["coverage"]["live"] and d["coverage"]["steady"] and 2.5 < d["coverage"]["seconds"] < 5'
check observe-live-tells-the-cost expect 'd["bystander"]["watched_ns"] > 0 and d["memory"] > 0'
live --show --json
check observe-live-sees-its-work expect '"/var/tmp/gird-busy.log" in d["gist"]["writes"] and "CAP_CHOWN" in d["gist"]["capabilities"] and any(p.endswith("/date") for p in d["gist"]["programs"])'

# A restart and a reload by others are followed.
host systemd-run --quiet --unit=gird-watching /usr/local/sbin/gird-nested observe gird-busy --live --settle 500ms
wait_for() { for _ in $(seq 100); do "$@" > /dev/null 2>&1 && return 0; sleep 0.1; done; return 1; }
watching() { host journalctl -q -u "$1" -o cat | grep -q '^gird: watching'; }
check observe-live-begins wait_for watching gird-watching
host systemctl restart gird-busy.service
sleep 1.5
host systemctl reload gird-busy.service
sleep 2
host systemctl kill --signal=INT gird-watching.service
check observe-live-ends-by-SIGINT wait_for sh -c "! nsenter -t $init -a -- systemctl is-active --quiet gird-watching"
check observe-live-SIGINT-is-no-failure test "$(host systemctl show -P Result gird-watching)" = success
live --show --json
check observe-live-follows-restart-and-reload expect 'd["coverage"]["sessions"] == 2 and d["coverage"]["startup"] and d["coverage"]["reload"]'

# Killed: nothing stays attached, and the next one can begin.
host systemd-run --quiet --unit=gird-killed -p KillMode=process /usr/local/sbin/gird-nested observe gird-busy --live
check observe-live-is-under-way wait_for watching gird-killed
programs=$(held "$(host systemctl show -P MainPID gird-killed)")
check observe-live-is-attached test -n "$programs"
second() { live --live --for 1s; local r=$?; grep -q 'already' "$work/err" && [ $r -eq 3 ]; }
check observe-live-second-is-refused second
kept() { live --show --json && expect 'd["underway"] is True and d["coverage"]["sessions"] == 3'; }
check observe-live-is-written-down-meanwhile wait_for kept
host sh -c 'kill -9 "$(systemctl show -P MainPID gird-killed)"'
sleep 0.5
live --show --json
check observe-live-kill-9-loses-little expect 'd["underway"] is False and d["coverage"]["sessions"] == 3'
if command -v bpftool > /dev/null; then check observe-live-kill-9-leaves-nothing-attached gone
else skipped observe-live-kill-9-leaves-nothing-attached "needs bpftool"; fi
check observe-live-begins-again status 0 live --live --for 1s
live --show --json
check observe-live-what-was-killed-counts-once expect 'd["coverage"]["sessions"] == 4'

# Long ones are a service of their own.
before=$(main)
check observe-live-detaches status 0 live --live --for 1h --json
check observe-live-says-where expect 'd["service"] == "gird-observe-gird-busy.service" and d["underway"]'
check observe-live-goes-on host systemctl is-active --quiet gird-observe-gird-busy.service
refused() { live --live --for 1h; local r=$?; grep -q 'being observed already, by gird-observe-gird-busy.service' "$work/err" && [ $r -eq 3 ]; }
check observe-live-service-is-refused-twice refused
sleep 2
live --show --json
check observe-live-show-says-under-way expect 'd["underway"] is True'
host systemctl stop gird-observe-gird-busy.service
live --show --json
check observe-live-stop-keeps-what-was-seen expect 'd["underway"] is False and d["coverage"]["sessions"] == 5'
check observe-live-left-it-alone test "$(main)" = "$before"

# A unit that does not run is waited for.
host systemctl stop gird-busy.service
check observe-live-nothing-is-not-success status 3 live --live --for 1s
host systemd-run --quiet --unit=gird-waiting /usr/local/sbin/gird-nested observe gird-busy --live --for 5s --settle 500ms --json
waiting() { host journalctl -q -u gird-waiting -o cat | grep -q '^gird: waiting for its start'; }
check observe-live-waits wait_for waiting
host systemctl start gird-busy.service
check observe-live-waited wait_for sh -c "! nsenter -t $init -a -- systemctl is-active --quiet gird-waiting"
host journalctl -q -u gird-waiting -o cat | sed -n '/^{/,$p' | sed '/^}/q' > "$work/out"
check observe-live-sees-its-start expect 'd["coverage"]["startup"]'

# A twin on such a host, with its control group seen from a namespace of its own.
live --settle 500ms
live --show --json
check observe-twin-on-a-systemd-host expect 'sum(s["events"] for s in d["behaviour"]["sessions"] if s["stage"] == "twin") > 100'
finish
