#!/bin/bash
# overhead.sh - what observing costs the service that is watched, next to strace -f, and everybody else on the machine.
# Medians of RUNS (7) turns, each of which does all of them one after the other.
. tests/lib.sh
. tests/observing.sh
runs=${RUNS:-7}
why=$(can_observe) || { skipped overhead "$why"; finish; }
for program in redis-server redis-benchmark nginx wrk strace python3; do
        command -v $program > /dev/null || { skipped overhead "$program is not installed"; finish; }
done
id=$$
service=$groups/gird-bench-$id.service other=$groups/gird-bench-other-$id.service
cleanup() {
        for g in "$service" "$other"; do [ ! -d "$g" ] || leave_group "$g"; done
        rm -rf "$work"
}
chmod 755 "$work"
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 -pthread -o "$work/planted" tests/live/planted*.c || { skipped overhead "planted does not compile"; finish; }

# ---- who is watched ----

mkdir -p "$service" "$other"
# One core serves, the other asks: they are not to fight for it.
on() { local core=$1; shift; if [ "$(nproc)" -gt 1 ]; then exec taskset -c "$core" "$@"; else exec "$@"; fi; }
on 0 bash -c "echo \$\$ > $service/cgroup.procs && exec \"\$@\"" - redis-server --port 7697 --bind 127.0.0.1 --save '' --appendonly no --dir "$work" > /dev/null 2>&1 & disown
mkdir "$work/www"
head -c 4096 /dev/urandom > "$work/www/page"
cat > "$work/nginx.conf" <<-END
	daemon off; worker_processes 1; pid $work/nginx.pid; error_log $work/error.log; user root;
	events { worker_connections 512; }
	http { access_log $work/access.log; client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work; uwsgi_temp_path $work; scgi_temp_path $work;
	server { listen 127.0.0.1:7698; root $work/www; } }
	END
on 0 bash -c "echo \$\$ > $service/cgroup.procs && exec \"\$@\"" - nginx -c "$work/nginx.conf" > /dev/null 2>&1 & disown
for _ in $(seq 100); do redis-cli -p 7697 ping > /dev/null 2>&1 && curl -sf -o /dev/null http://127.0.0.1:7698/page && break; sleep 0.05; done
sleep 1000 &
idle=$!
echo $idle > "$other/cgroup.procs"
redis() { # COUNT: requests a second, of SET and of GET
        (on 1 redis-benchmark -h 127.0.0.1 -p 7697 -c 50 -n "$1" -t set,get --csv) | awk -F'"' '$2 == "SET" || $2 == "GET" { print $2, $4 }'
}
web() { # SECONDS: requests a second
        (on 1 wrk -t1 -c16 -d"$1"s http://127.0.0.1:7698/page) | awk '/^Requests\/sec/ { print "WEB", $2 }'
}
bystander() { # nanoseconds a call, of a process that nobody watches
        local begin
        begin=$(date +%s%N)
        (on 1 "$work/planted" --storm calls 2000000)
        echo "CALL $((($(date +%s%N) - begin) / 2000)) "
}
traced=
trace_begin() {
        local pids
        pids=$(sed 's/^/-p /' "$service/cgroup.procs")
        # shellcheck disable=SC2086
        strace -f -qq -o /dev/null $pids 2> "$work/strace.err" &
        traced=$!
        sleep 0.5
}
trace_end() { kill -INT $traced; wait $traced; } 2> /dev/null
turn() { # MODE REDIS-REQUESTS WEB-SECONDS
        { redis "$2"; web "$3"; } | sed "s/^/$1 /" >> "$work/figures"
}
redis 20000 > /dev/null; web 1 > /dev/null # warm up
for _ in $(seq "$runs"); do
        turn unobserved 100000 2
        observe_begin gird-bench-$id.service "$service" "$work/gird.json" || { not_ok overhead "the observer does not begin"; finish; }
        turn gird 100000 2
        observe_end
        cat "$work/gird.json.err" > "$work/gird.said"
        trace_begin
        turn strace 20000 2
        trace_end
        bystander | sed 's/^/unobserved /' >> "$work/figures"
        observe_begin gird-bench-other-$id.service "$other" "$work/other.json" || { not_ok overhead "the observer does not begin"; finish; }
        bystander | sed 's/^/gird /' >> "$work/figures"
        observe_end
done
kill $idle
python3 - "$work/figures" "$work/gird.said" "$work/gird.json" <<'END'
import json, re, statistics, sys
rows = {}
for line in open(sys.argv[1]):
    mode, what, value = line.split()
    rows.setdefault(what, {}).setdefault(mode, []).append(float(value))
title = {"SET": "redis SET", "GET": "redis GET", "WEB": "nginx"}
for what in ("SET", "GET", "WEB"):
    median = {mode: statistics.median(v) for mode, v in rows[what].items()}
    # a turn's own ratio, so that what the machine does besides in a turn cancels out
    ratio = {mode: statistics.median(v / u for v, u in zip(rows[what][mode], rows[what]["unobserved"])) for mode in median}
    print("figure %s a second: unobserved %.0f, gird %.0f (%.1f %%), strace -f %.0f (%.1f %%); medians of %d" % (
        title[what], median["unobserved"], median["gird"], 100 * ratio["gird"], median["strace"], 100 * ratio["strace"], len(rows[what]["gird"])))
call = {mode: statistics.median(v) for mode, v in rows["CALL"].items()}
print("figure bystander, one call of a process that is not observed: %.0f ns, while gird observes another %.0f ns (%+.0f ns)" % (
    call["unobserved"] / 1000, call["gird"] / 1000, (call["gird"] - call["unobserved"]) / 1000))
said = open(sys.argv[2]).read()
memory = re.search(r"memory[ =:]+(\d+)", said)
session = json.load(open(sys.argv[3]))["sessions"][0]
print("figure observer's memory in the kernel: %s KiB; %d events, %d lost in the last turn" % (
    int(memory.group(1)) // 1024 if memory else "?", session["events"], session["lost"]))
END
finish
