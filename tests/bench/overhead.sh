#!/bin/bash
# overhead.sh - what observing costs the service that is watched, next to strace -f, and everybody else on the machine.
# Medians of RUNS (9) turns, each of which does all of them one after the other: unobserved, gird, gird, unobserved, strace.
# Beside requests a second stands the processor time that the service takes for one, which is not disturbed by what else the machine does.
. tests/lib.sh
. tests/observing.sh
runs=${RUNS:-9}
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
spent() { awk '$1 == "usage_usec" { print $2 }' "$service/cpu.stat"; }
redis() { # WHAT COUNT: requests a second, and microseconds of the service's for each
        local before
        before=$(spent)
        (on 1 redis-benchmark -h 127.0.0.1 -p 7697 -c 50 -n "$2" -t "$1" --csv) | awk -F'"' -v what="redis-$1" '$2 ~ /^[SG]ET$/ { print what, $4 }'
        echo "redis-$1-cpu $((($(spent) - before) * 1000 / $2))"
}
web() { # SECONDS
        local before
        before=$(spent)
        (on 1 wrk -t1 -c16 -d"$1"s http://127.0.0.1:7698/page) | awk '/requests in/ { n = $1 } /^Requests\/sec/ { print "nginx", $2; print "count", n }' > "$work/web"
        grep '^nginx' "$work/web"
        echo "nginx-cpu $((($(spent) - before) * 1000 / $(awk '/^count/ { print $2 }' "$work/web")))"
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
turn() { # MODE REDIS-REQUESTS
        { redis set "$2"; redis get "$2"; web 1; } | sed "s/^/$1 /" >> "$work/figures"
}
watched() { # COMMAND...
        observe_begin "$(basename "$1")" "$1" "$work/gird.json" || { not_ok overhead "the observer does not begin"; finish; }
        shift
        "$@"
        observe_end
        if [ "$1" = turn ]; then cp "$work/gird.json" "$work/last.json"; cp "$work/gird.json.err" "$work/last.said"; fi
}
bystanding() { bystander | sed "s/^/$1 /" >> "$work/figures"; }
redis set 20000 > /dev/null; web 1 > /dev/null # warm up
for _ in $(seq "$runs"); do
        turn unobserved 50000
        watched "$service" turn gird 50000
        watched "$service" turn gird 50000
        turn unobserved 50000
        trace_begin
        turn strace 10000
        trace_end
        echo END >> "$work/figures"
        bystanding unobserved
        watched "$other" bystanding gird
        bystanding unobserved
done
kill $idle
python3 - "$work/figures" "$work/last.said" "$work/last.json" <<'END'
import json, re, statistics, sys
rows, turns = {}, [{}]
for line in open(sys.argv[1]):
    if line == "END\n":
        turns.append({})
        continue
    mode, what, value = line.split()
    rows.setdefault(what, {}).setdefault(mode, []).append(float(value))
    turns[-1].setdefault(what, {}).setdefault(mode, []).append(float(value))
def median(what, mode):
    return statistics.median(rows[what][mode])
def ratio(what, mode):
    """Of each turn by itself, so that what changes from turn to turn cancels out."""
    return statistics.median(statistics.mean(t[what][mode]) / statistics.mean(t[what]["unobserved"]) for t in turns if mode in t.get(what, {}))
runs = len(turns) - 1
for what in ("redis-set", "redis-get", "nginx"):
    print("figure %-9s a second: unobserved %6.0f, gird %6.0f (%.1f %%), strace -f %6.0f (%.1f %%); medians of %d turns" % (
        what, median(what, "unobserved"), median(what, "gird"), 100 * ratio(what, "gird"), median(what, "strace"), 100 * ratio(what, "strace"), runs))
    cpu = what + "-cpu"
    print("figure %-9s processor time of one: unobserved %.2f us, gird %.2f us (%.1f %% of the throughput when it is what limits)" % (
        what, median(cpu, "unobserved") / 1000, median(cpu, "gird") / 1000, 100 / ratio(cpu, "gird")))
bare, watched = (min(rows["CALL"][m]) / 1000 for m in ("unobserved", "gird"))
print("figure bystander: one call of a process that is not observed: median %.0f ns, while gird observes another unit %.0f ns; at best %.0f and %.0f ns (%+.0f ns)" % (
    median("CALL", "unobserved") / 1000, median("CALL", "gird") / 1000, bare, watched, watched - bare))
said = open(sys.argv[2]).read()
memory = re.search(r"memory (\d+)", said)
session = json.load(open(sys.argv[3]))["sessions"][0]
print("figure observer's memory in the kernel: %d KiB; %d events, %d lost in the last turn" % (
    int(memory.group(1)) // 1024, session["events"], session["lost"]))
END
finish
